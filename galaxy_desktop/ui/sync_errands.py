"""What the Sync page asks of the desk: named tasks, one reading at a time, each outcome told in words.

The desk reads the database, so it is read on a worker thread; while one reading is under way the next one waits
and the newest wish wins, so that a burst of news costs two readings and the last state always lands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from galaxy_desktop.domain.events import Event
from galaxy_desktop.errors import CancelledByUserError, GalaxyError
from galaxy_desktop.ui.desks import ShowsSyncing, SyncDesk
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.sync_dialogs import ask_to_forget, ask_where_to_save, hosts_file
from galaxy_desktop.ui.sync_wishes import (
    CancelSync,
    ExportHosts,
    Forget,
    ReadInFull,
    ReadSync,
    SetNetwork,
    StopWaiting,
    SyncReading,
    SyncRepository,
    SyncWish,
    Told,
)
from galaxy_desktop.ui.sync_words import CANCELLED, UNDER_WAY
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.words import count

READING = "read the sync desk"
NO_DESK = "This workspace cannot show its syncing yet. Try again in a moment."
BUG = "This did not work; the details are in the log."
SYNC = "sync"
"""The task in which everything is synced, started by `errands`."""
Work = Callable[[], Coroutine[Any, Any, None]]


class SyncErrands:
    """Runs the wishes of the Sync page."""

    def __init__(
        self,
        window: MainWindow,
        tasks: TaskOwner,
        clock: Callable[[], datetime],
        settled: Callable[[], None],
        forgotten: Callable[[str], None],
    ) -> None:
        """`settled` is called when settings changed, `forgotten` with the name of a repository that is gone."""
        self._window = window
        self._tasks = tasks
        self._clock = clock
        self._settled = settled
        self._forgotten = forgotten
        self._wanted: ReadSync | None = None

    def run(self, workspace: Facade, wish: SyncWish) -> None:
        """Begin what was asked for."""
        desk = workspace.sync_desk if isinstance(workspace, ShowsSyncing) else None
        if desk is None:
            self._no_desk(wish)
            return
        match wish:
            case ReadSync():
                self._wanted = wish
                self._tasks.start(READING, self._read(desk))
            case SyncRepository(full_name=name, answered=answered):
                self._start_sync(name, lambda: desk.sync_now(name), answered)
            case ReadInFull(full_name=name, answered=answered):
                self._start_sync(name, lambda: self._read_in_full(desk, wish), answered)
            case CancelSync():
                self._tasks.start("cancel the sync", desk.cancel_sync())
            case Forget(sync=sync):
                name = sync.freshness.repository.full_name
                self._tasks.start(f"forget {name}", self._told(lambda: self._forget(desk, wish), wish.answered))
            case StopWaiting(full_name=name, answered=answered):
                self._tasks.start(f"forget {name}", self._told(lambda: self._stop_waiting(desk, name), answered))
            case SetNetwork(on=on, answered=answered):
                self._tasks.start("switch the network", self._told(lambda: self._set_network(desk, on=on), answered))
            case ExportHosts():
                self._tasks.start("export the hosts", self._export(desk))

    def hear(self, event: Event) -> None:
        """Let the page follow, if it was ever opened."""
        page = self._window.pages.get("sync")
        if page is None:
            return
        from galaxy_desktop.ui.pages.sync import SyncPage  # noqa: PLC0415 - it was made, so it is loaded

        if isinstance(page, SyncPage):
            page.hear(event)

    def let_go(self) -> None:
        """The workspace is about to stop: what is read of it now will not be shown."""
        self._wanted = None
        self._tasks.cancel(READING)

    def _no_desk(self, wish: SyncWish) -> None:
        if isinstance(wish, ReadSync):
            wish.failed(NO_DESK)
        else:
            self._window.message.say(NO_DESK, Tone.WATCH)

    async def _read(self, desk: SyncDesk) -> None:
        while self._wanted is not None:
            wish, self._wanted = self._wanted, None
            try:
                reading = await asyncio.to_thread(_reading, desk, log=wish.log)
            except GalaxyError as error:
                wish.failed(str(error))
            else:
                wish.answered(reading)

    def _start_sync(self, name: str, work: Work, answered: Told) -> None:
        """One sync of a repository at a time, and none while everything is synced."""
        if SYNC in self._tasks.names or not self._tasks.start(f"sync {name}", self._told(work, answered)):
            answered(UNDER_WAY)

    async def _told(self, work: Work, answered: Told | None) -> None:
        """Do it, and tell whoever asked how it went; without anybody to tell, the message bar says it."""
        try:
            await work()
        except GalaxyError as error:
            if answered is None:
                raise
            answered(CANCELLED if isinstance(error, CancelledByUserError) else str(error))
        except Exception:
            if answered is not None:
                answered(BUG)
            raise
        else:
            if answered is not None:
                answered("")

    async def _read_in_full(self, desk: SyncDesk, wish: ReadInFull) -> None:
        wish.found(await desk.reconcile(wish.full_name))

    async def _forget(self, desk: SyncDesk, wish: Forget) -> None:
        if not await ask_to_forget(self._window, wish.sync):
            return
        wish.begun()
        name = wish.sync.freshness.repository.full_name
        said = await desk.forget(name)
        self._forgotten(name)
        self._window.message.say(said, Tone.GOOD)

    async def _stop_waiting(self, desk: SyncDesk, name: str) -> None:
        self._window.message.say(await desk.forget(name), Tone.GOOD)
        self._settled()

    async def _set_network(self, desk: SyncDesk, *, on: bool) -> None:
        await desk.set_network(on)
        self._settled()

    async def _export(self, desk: SyncDesk) -> None:
        name = hosts_file(self._clock().date())
        path = await ask_where_to_save(self._window, "Export the ledger of hosts", name, "CSV (*.csv)")
        if path is not None:
            lines = await desk.export_hosts(path)
            self._window.message.say(f"Wrote {count(lines, 'line')} to {path}.", Tone.GOOD)


def _reading(desk: SyncDesk, *, log: bool) -> SyncReading:
    return SyncReading(overview=desk.overview(), requests=desk.requests() if log else None)
