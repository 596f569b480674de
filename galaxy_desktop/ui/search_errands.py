"""What the card of search models asks of its desk: named tasks on worker threads, each outcome told in words.

Another model is chosen only after the cost was told and, for a provider, after a person agreed to what it is sent. Taking
back needs no question, unless what was indexed so far would be lost.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from galaxy_desktop.domain.search_models import SearchCost, SearchModel, SearchModelKind
from galaxy_desktop.errors import CancelledByUserError, GalaxyError
from galaxy_desktop.ui.dialogs import answer_of
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.models_dialogs import Question
from galaxy_desktop.ui.search_desk import HasSearchModels, SearchModelsDesk
from galaxy_desktop.ui.search_wishes import (
    CancelIndexing,
    ReadSearchModels,
    RemoveSearchModel,
    SearchWish,
    StopMeasuring,
    Told,
    UseSearchModel,
    WithdrawSearchModel,
)
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone

READING, CHOOSING = "read the search models", "choose a search model"
NO_DESK = "This workspace cannot show its search models yet. Try again in a moment."
BUG = "This did not work; the details are in the log."
SETTING = "search_model"
MANY = 200
"""So many texts that were indexed are not given up without asking."""


class SearchErrands:
    """Runs the wishes about search models."""

    def __init__(self, window: MainWindow, tasks: TaskOwner, settled: Callable[[], None]) -> None:
        """`settled` is called when a setting changed."""
        self._window = window
        self._tasks = tasks
        self._settled = settled
        self._stop = threading.Event()

    def run(self, workspace: Facade, wish: SearchWish) -> None:
        """Begin what was asked for."""
        desk = workspace.search_models if isinstance(workspace, HasSearchModels) else None
        if desk is None:
            (wish.failed if isinstance(wish, ReadSearchModels) else wish.answered)(NO_DESK)
            return
        match wish:
            case ReadSearchModels():
                self._tasks.start(READING, self._read(desk, wish))
            case StopMeasuring():
                self.let_go()
            case UseSearchModel(model=model):
                self._start(CHOOSING, self._use(workspace, desk, model), wish.answered)
            case CancelIndexing():
                self._start("stop indexing", self._cancel(workspace, desk), wish.answered)
            case RemoveSearchModel(model=model):
                self._start(f"remove {model.name}", self._remove(desk, model), wish.answered)
            case WithdrawSearchModel(model=model):
                self._start(f"withdraw from {model.name}", self._withdraw(workspace, desk, model), wish.answered)

    def let_go(self) -> None:
        """End a trial that is under way."""
        self._stop.set()

    def _start(self, name: str, work: Coroutine[Any, Any, None], answered: Told) -> None:
        if not self._tasks.start(name, self._told(work, answered)):
            work.close()

    async def _told(self, work: Coroutine[Any, Any, None], answered: Told) -> None:
        try:
            await work
        except CancelledByUserError:
            answered("")
        except GalaxyError as error:
            answered(str(error))
        except Exception:
            answered(BUG)
            raise
        else:
            answered("")

    async def _read(self, desk: SearchModelsDesk, wish: ReadSearchModels) -> None:
        try:
            wish.answered(await asyncio.to_thread(desk.overview))
        except GalaxyError as error:
            wish.failed(str(error))

    async def _use(self, workspace: Facade, desk: SearchModelsDesk, model: SearchModel) -> None:
        if model.kind is SearchModelKind.USUAL:
            if await self._may_go_back(desk):
                await self._set(workspace, model.name)
            return
        stop = self._stop = threading.Event()
        try:
            cost = await asyncio.to_thread(desk.cost, model.name, stop)
        finally:
            stop.set()
        line = await asyncio.to_thread(desk.consent_line, model.name)
        if not await answer_of(cost_question(self._window, model, cost, line)):
            return
        if line:
            await asyncio.to_thread(desk.agree, model.name)
        await self._set(workspace, await asyncio.to_thread(desk.setting, model.name))
        self._window.message.say(
            f"{model.title} is being prepared in the background. The old index answers until it is done.", Tone.GOOD
        )

    async def _may_go_back(self, desk: SearchModelsDesk) -> bool:
        """Whether an index that took long may be given up for the usual one."""
        state = (await asyncio.to_thread(desk.overview)).state
        if not state.ready and state.done < MANY:
            return True
        said = f"The index of {state.model} is deleted. To use it again, everything has to be indexed again."
        return await answer_of(
            Question(self._window, "Use the usual search model?", (said,), "Use it", no="Keep it", danger=True)
        )

    async def _cancel(self, workspace: Facade, desk: SearchModelsDesk) -> None:
        state = (await asyncio.to_thread(desk.overview)).state
        if state.done >= MANY:
            said = f"{state.done:,} texts that were indexed are given up. {state.old[:1].upper()}{state.old[1:]} goes on answering."
            title = f"Stop preparing {state.model}?"
            if not await answer_of(Question(self._window, title, (said,), "Stop and delete", no="Go on", danger=True)):
                return
        await self._set(workspace, await asyncio.to_thread(desk.old_setting))

    async def _remove(self, desk: SearchModelsDesk, model: SearchModel) -> None:
        said = f"Its files are deleted from this computer, which frees {model.megabytes:,.0f} MB."
        asked = Question(self._window, f"Remove {model.title}?", (said,), "Remove it", no="Keep it", danger=True)
        if await answer_of(asked):
            self._window.message.say(await asyncio.to_thread(desk.remove, model.name), Tone.GOOD)

    async def _withdraw(self, workspace: Facade, desk: SearchModelsDesk, model: SearchModel) -> None:
        await asyncio.to_thread(desk.withdraw, model.name)
        if model.used:
            await self._set(workspace, await asyncio.to_thread(_usual, desk))

    async def _set(self, workspace: Facade, setting: str) -> None:
        await workspace.change_setting(SETTING, setting)
        self._settled()


def cost_question(window: MainWindow, model: SearchModel, cost: SearchCost, line: str) -> Question:
    """The dialog that says what a model costs and what it is sent, before anything begins."""
    lines = ["\n".join(f"•  {one}" for one in cost.lines)]
    if line:
        lines.append(line)
        lines.append("You can take this back at any time, here on the Models page.")
    risky = not cost.fits or bool(cost.problem)
    yes = "Agree and index" if line else "Index anyway" if risky else "Index"
    return Question(
        window, f"Find texts with {model.title}?", tuple(lines), yes, no="Not now", danger=risky or bool(line)
    )


def _usual(desk: SearchModelsDesk) -> str:
    return next(one.name for one in desk.overview().models if one.kind is SearchModelKind.USUAL)
