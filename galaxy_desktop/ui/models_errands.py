"""What the Models page asks of the desk: named tasks on worker threads, each outcome told in words.

A download is begun only after a person agreed to host and amount; one that was agreed to before goes on without being
asked again. After each reading Settings and the welcome steps hear which models can be chosen now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from galaxy_desktop.domain.events import Event, SearchFellBack, TransferMoved
from galaxy_desktop.domain.models import Fit, ModelFacts, ModelsOverview, Presence, TransferState
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.ui import models_words
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.models_desk import HasModels, ModelsDesk
from galaxy_desktop.ui.models_wishes import (
    AddAddress,
    Cancel,
    CancelImport,
    Download,
    ImportFile,
    ModelsWish,
    Pause,
    ReadModels,
    RemoveModel,
    StopLoading,
    Told,
    UseModel,
    Verify,
)
from galaxy_desktop.ui.search_errands import SearchErrands
from galaxy_desktop.ui.search_wishes import SearchWish
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.view import ModelChoice

READING = "read the models"
NO_DESK = "This workspace cannot show its models yet. Try again in a moment."
BUG = "This did not work; the details are in the log."


class ModelsErrands:
    """Runs the wishes of the Models page."""

    def __init__(
        self,
        window: MainWindow,
        tasks: TaskOwner,
        settled: Callable[[], None],
        offer: Callable[[tuple[ModelChoice, ...]], None],
    ) -> None:
        """`settled` is called when a setting changed, `offer` with the models that can be chosen when those changed."""
        self._window = window
        self._tasks = tasks
        self._settled = settled
        self._offer = offer
        self._overview: ModelsOverview | None = None
        self._offered: tuple[ModelChoice, ...] = ()
        self._wanted: ReadModels | None = None
        self.search = SearchErrands(window, tasks, settled)

    def run(self, workspace: Facade, wish: ModelsWish) -> None:
        """Begin what was asked for."""
        if isinstance(wish, SearchWish):
            self.search.run(workspace, wish)
            return
        desk = workspace.models if isinstance(workspace, HasModels) else None
        if desk is None:
            if isinstance(wish, ReadModels):
                wish.failed(NO_DESK)
            else:
                self._window.message.say(NO_DESK, Tone.WATCH)
        elif isinstance(wish, ReadModels):
            self._wanted = wish
            self._tasks.start(READING, self._read(desk))
        else:
            what = getattr(wish, "facts", None)
            name = what.name if isinstance(what, ModelFacts) else "a model"
            self._tasks.start(
                f"{type(wish).__name__} {name}", self._told(self._do(workspace, desk, wish), wish.answered)
            )

    def recall(self, workspace: Facade) -> None:
        """A workspace was opened: go on with downloads that were running when the program ended."""
        desk = workspace.models if isinstance(workspace, HasModels) else None
        if desk is not None:
            self._tasks.start("go on with downloads", self._recall(desk))

    def hear(self, event: Event) -> None:
        """Let the page follow, if it was ever opened; tell of a download that ended while another page is shown."""
        page = self._window.pages.get("models")
        if page is not None:
            from galaxy_desktop.ui.pages.models import ModelsPage  # noqa: PLC0415 - it was made, so it is loaded

            if isinstance(page, ModelsPage):
                page.hear(event)
        if isinstance(event, SearchFellBack):
            self._window.message.say(event.sentence, Tone.WATCH)
        if not isinstance(event, TransferMoved):
            return
        transfer = event.transfer
        if self._window.current != "models" and transfer.sentence:
            tone = {TransferState.DONE: Tone.GOOD, TransferState.FAILED: Tone.WATCH}.get(transfer.state)
            if tone is not None:
                self._window.message.say(transfer.sentence, tone)

    def let_go(self) -> None:
        """The workspace is about to stop: what is read of it now will not be shown."""
        self._wanted = None
        self._tasks.cancel(READING)
        self.search.let_go()

    async def _recall(self, desk: ModelsDesk) -> None:
        """Go on, and let Settings and the welcome steps know which models fit."""
        await asyncio.to_thread(desk.recall)
        self._take(await asyncio.to_thread(desk.overview))

    def _take(self, overview: ModelsOverview) -> None:
        self._overview = overview
        offered = tuple(models_words.choice(one) for one in overview.models if one.purpose == models_words.PROSE)
        if offered != self._offered:
            self._offered = offered
            self._offer(offered)

    async def _read(self, desk: ModelsDesk) -> None:
        while self._wanted is not None:
            wish, self._wanted = self._wanted, None
            try:
                overview = await asyncio.to_thread(desk.overview)
            except GalaxyError as error:
                wish.failed(str(error))
            else:
                wish.answered(overview)
                self._take(overview)

    async def _told(self, work: Awaitable[None], answered: Told) -> None:
        try:
            await work
        except GalaxyError as error:
            answered(str(error))
        except Exception:
            answered(BUG)
            raise
        else:
            answered("")

    async def _do(self, workspace: Facade, desk: ModelsDesk, wish: ModelsWish) -> None:
        match wish:
            case Download(facts=facts):
                await self._download(desk, facts)
            case Pause(facts=facts):
                await asyncio.to_thread(desk.pause, facts.name)
            case Cancel(facts=facts):
                await self._cancel(desk, facts)
            case CancelImport(name=name):
                await asyncio.to_thread(desk.cancel, name)
            case Verify(facts=facts):
                await asyncio.to_thread(desk.verify, facts.name)
            case UseModel(facts=facts):
                await self._use(workspace, desk, facts)
            case StopLoading():
                desk.stop_loading()
            case RemoveModel(facts=facts):
                await self._remove(desk, facts)
            case ImportFile():
                await self._import(desk)
            case AddAddress(added=added):
                await self._add(desk, added)

    async def _download(self, desk: ModelsDesk, facts: ModelFacts) -> None:
        from galaxy_desktop.ui.models_dialogs import ask_to_download  # noqa: PLC0415 - made when first needed

        agreed = facts.presence is Presence.PART and facts.transfer is not None
        if agreed or await ask_to_download(self._window, facts, self._overview):
            await asyncio.to_thread(desk.download, facts.name)

    async def _cancel(self, desk: ModelsDesk, facts: ModelFacts) -> None:
        from galaxy_desktop.ui.models_dialogs import MUCH, ask_to_cancel  # noqa: PLC0415 - made when first needed

        loses = facts.presence is not Presence.HERE and facts.bytes_here >= MUCH
        if not loses or await ask_to_cancel(self._window, facts):
            await asyncio.to_thread(desk.cancel, facts.name)

    async def _use(self, workspace: Facade, desk: ModelsDesk, facts: ModelFacts) -> None:
        from galaxy_desktop.ui.models_dialogs import ask_to_use_anyway  # noqa: PLC0415 - made when first needed

        too_large = facts.fit is not None and facts.fit.fit is Fit.TOO_LARGE
        if too_large and not await ask_to_use_anyway(self._window, facts):
            return
        await asyncio.to_thread(lambda: desk.check_use(facts.name, anyway=too_large))
        await workspace.change_setting("model", facts.name)
        self._settled()
        self._window.message.say(f"{facts.title} is being loaded, and words the explanations from now on.", Tone.GOOD)

    async def _remove(self, desk: ModelsDesk, facts: ModelFacts) -> None:
        from galaxy_desktop.ui.models_dialogs import ask_to_remove  # noqa: PLC0415 - made when first needed

        if await ask_to_remove(self._window, facts):
            said = await asyncio.to_thread(lambda: desk.remove(facts.name, confirmed=True))
            self._window.message.say(said, Tone.GOOD)

    async def _import(self, desk: ModelsDesk) -> None:
        from galaxy_desktop.ui.models_dialogs import ask_which_file  # noqa: PLC0415 - made when first needed

        path = await ask_which_file(self._window)
        if path is not None:
            await asyncio.to_thread(desk.take_in, path)

    async def _add(self, desk: ModelsDesk, added: Told) -> None:
        from galaxy_desktop.ui.models_dialogs import ask_for_address  # noqa: PLC0415 - made when first needed

        given = await ask_for_address(self._window)
        if given is not None:
            added(await asyncio.to_thread(desk.add_address, *given))
