"""What Settings asks of the desk for providers: named tasks on worker threads, each outcome told in words.

Nothing is agreed to here without the dialog that says what is sent; taking back needs no question.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from galaxy_desktop.domain.providers import Provider, Purpose
from galaxy_desktop.errors import CancelledByUserError, GalaxyError
from galaxy_desktop.ui.dialogs import answer_of
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.providers_desk import HasProviders, ProvidersDesk
from galaxy_desktop.ui.providers_dialogs import ConsentDialog, ProviderDialog, RemoveDialog
from galaxy_desktop.ui.providers_wishes import (
    EditProvider,
    OrderProviders,
    ProvidersWish,
    ReadProviders,
    RemoveProvider,
    Told,
    TryProvider,
    UseProvider,
    WithdrawProvider,
)
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone

NO_DESK = "This workspace cannot show its providers yet. Try again in a moment."
ASKING_THE_KEYRING = "Putting the key into this computer's keyring, which may ask you for a password …"
SETTING = {Purpose.PROSE: "prose_providers", Purpose.QUESTIONS: "question_providers"}


class ProvidersErrands:
    """Runs the wishes about providers."""

    def __init__(self, window: MainWindow, tasks: TaskOwner, settled: Callable[[], None]) -> None:
        """`settled` is called when a setting changed."""
        self._window = window
        self._tasks = tasks
        self._settled = settled

    def run(self, workspace: Facade, wish: ProvidersWish) -> None:
        """Begin what was asked for."""
        desk = workspace.providers if isinstance(workspace, HasProviders) else None
        if desk is None:
            if isinstance(wish, ReadProviders):
                wish.failed(NO_DESK)
            else:
                self._window.message.say(NO_DESK, Tone.WATCH)
            return
        match wish:
            case ReadProviders():
                self._tasks.start("read the providers", self._read(desk, wish), replace=True)
            case TryProvider():
                self._tasks.start(f"try {wish.provider.name}", self._try(desk, wish.provider, wish.key, wish.tried))
            case EditProvider():
                self._start("enter a provider", self._edit(desk, wish), wish.answered)
            case UseProvider():
                self._start(f"use {wish.name}", self._use(workspace, desk, wish), wish.answered)
            case WithdrawProvider():
                self._start(f"withdraw from {wish.name}", self._withdraw(workspace, desk, wish), wish.answered)
            case OrderProviders():
                self._start("order the models", self._order(workspace, wish.purpose, wish.names), wish.answered)
            case RemoveProvider():
                self._start(f"remove {wish.provider.name}", self._remove(workspace, desk, wish), wish.answered)

    def _start(self, name: str, work: Coroutine[Any, Any, None], answered: Told) -> None:
        self._tasks.start(name, self._told(work, answered))

    async def _told(self, work: Coroutine[Any, Any, None], answered: Told) -> None:
        try:
            await work
        except GalaxyError as error:
            answered(str(error))
        else:
            answered("")

    async def _read(self, desk: ProvidersDesk, wish: ReadProviders) -> None:
        try:
            wish.answered(await asyncio.to_thread(desk.overview))
        except GalaxyError as error:
            wish.failed(str(error))

    async def _try(self, desk: ProvidersDesk, provider: Provider, key: str, tried: Callable[[bool, str], None]) -> None:
        stop = threading.Event()
        try:
            report = await asyncio.to_thread(desk.try_out, provider, key, stop)
        except CancelledByUserError:
            return
        except GalaxyError as error:
            tried(False, str(error))
        else:
            tried(report.ok, report.sentence)
        finally:
            stop.set()

    async def _edit(self, desk: ProvidersDesk, wish: EditProvider) -> None:
        """Ask until what was entered can be kept, or the person changed their mind."""
        dialog = ProviderDialog(self._window, wish.provider, has_key=wish.has_key)
        closed = threading.Event()
        dialog.wants_test.connect(
            lambda provider, key: self._tasks.start(
                "try a provider", self._try(desk, provider, key, partial(_if_open, closed, dialog)), replace=True
            )
        )
        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        dialog.wants_keep.connect(lambda: self._tasks.start("keep a provider", self._keep(desk, dialog), replace=True))
        dialog.finished.connect(lambda _result: None if answered.done() else answered.set_result(True))
        dialog.open()
        try:
            await answered
        finally:
            closed.set()
            dialog.close()
            dialog.deleteLater()

    async def _keep(self, desk: ProvidersDesk, dialog: ProviderDialog) -> None:
        provider = dialog.provider()
        if provider is None:
            return
        dialog.say(ASKING_THE_KEYRING if dialog.entered_key else "")
        try:
            await asyncio.to_thread(desk.add, provider, dialog.entered_key)
        except GalaxyError as error:
            dialog.say(str(error), Tone.BAD)
        else:
            dialog.accept()

    async def _use(self, workspace: Facade, desk: ProvidersDesk, wish: UseProvider) -> None:
        name, purpose = wish.name, wish.purpose
        overview = await asyncio.to_thread(desk.overview)
        facts = next((one for one in overview.providers if one.provider.name == name), None)
        if facts is None:
            return
        if facts.agreed(purpose) is None:
            line = await asyncio.to_thread(desk.consent_line, name, purpose)
            last = await asyncio.to_thread(desk.last_prompt, purpose)
            if not await answer_of(ConsentDialog(self._window, purpose, name, line, last)):
                return
            await asyncio.to_thread(desk.agree, name, purpose)
        order = [one for one in overview.order(purpose) if one != name]
        await self._order(workspace, purpose, (name, *order))

    async def _withdraw(self, workspace: Facade, desk: ProvidersDesk, wish: WithdrawProvider) -> None:
        await asyncio.to_thread(desk.withdraw, wish.name, wish.purpose)
        overview = await asyncio.to_thread(desk.overview)
        await self._order(
            workspace, wish.purpose, tuple(one for one in overview.order(wish.purpose) if one != wish.name)
        )

    async def _remove(self, workspace: Facade, desk: ProvidersDesk, wish: RemoveProvider) -> None:
        name = wish.provider.name
        if not await answer_of(RemoveDialog(self._window, name)):
            return
        overview = await asyncio.to_thread(desk.overview)
        await asyncio.to_thread(desk.remove, name)
        for purpose, order in overview.orders:
            if name in order:
                await self._order(workspace, purpose, tuple(one for one in order if one != name))

    async def _order(self, workspace: Facade, purpose: Purpose, names: tuple[str, ...]) -> None:
        await workspace.change_setting(SETTING[purpose], ", ".join(names) or "local")
        self._settled()


def _if_open(closed: threading.Event, dialog: ProviderDialog, works: bool, sentence: str) -> None:
    """Tell a dialog how a test went, unless it is gone."""
    if not closed.is_set():
        dialog.tested(works, sentence)
