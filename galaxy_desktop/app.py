"""The composition root: what starts in which order, and what stops in which order.

Start:
 1. `QApplication`; the profile's folder is locked. When another copy of the program has it, that one is asked to
    come forward, and this one ends.
 2. The appearance that was in force last time, the main window (or only the tray): first the frame with its
    sidebar, which is painted before anything else is imported, then what is in it.
 3. The event loop: asyncio over Qt through qasync, which nothing else imports. SIGINT and SIGTERM set the
    stop event.
 4. Once the furnished window was painted: the workspace is opened on a worker thread (SQLAlchemy is imported
    there) and its last state is shown. Without any repository the demo is opened instead, and setting up is offered.
 5. Services start: polling, or the demo's evaluation. What they need is imported on threads of their own.

Stop, whoever asked for it (menu, window, signal, end of the session), is the stop event and nothing else:
 1. Window and tray disappear, the bridge falls silent: nobody sees things fall apart.
 2. The tasks that the window started are cancelled and awaited.
 3. The workspace stops: polling, index, model, store, each joined.
 4. The main coroutine returns; only that ends the loop. `QApplication.quit` is never called: under qasync it
    would skip every `finally` that is still waiting.
 5. The lock is released.
"""

from __future__ import annotations

import argparse
import base64
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEventLoop
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from galaxy_desktop.errors import CancelledByUserError, GalaxyError, WrongUseError
from galaxy_desktop.paths import MAIN, DataFolder, data_folder, demo_folder
from galaxy_desktop.services import interpreter
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.memory import WindowMemory
from galaxy_desktop.ui.single import ProfileLock
from galaxy_desktop.ui.theme import Look

if TYPE_CHECKING:
    import asyncio

    from galaxy_desktop.ui.facade import Facade
    from galaxy_desktop.ui.tray import TrayFace
    from galaxy_desktop.ui.view import ModelChoice

logger = logging.getLogger(__name__)

DEMO = "demo: "
FIRST_DEMO = f"{DEMO}slipping"
FRAME_PATIENCE_S = 0.1
PAINT_PATIENCE_S = 3.0
BUG = (
    "Galaxy Desktop has met a fault of its own. Nothing stored was lost, and you can go on; the details are in the log."
)
Opener = Callable[[str, DataFolder], "Facade"]


def run_app(arguments: Sequence[str] = (), *, opener: Opener | None = None) -> int:
    """Open the window and stay until the user quits; returns the exit code. `opener` makes workspaces, for tests."""
    options = _options(arguments)
    if options.demo:
        from galaxy_desktop.services.demo import scenario_named  # noqa: PLC0415 - the usual start needs no demo

        scenario_named(options.demo)
    places = Places(options.data_dir, options.demo)
    folder = places.of(places.first)
    interpreter.favor_the_window()
    app = _application()
    lock = ProfileLock(folder.make().root)
    if not lock.taken:
        if lock.ask_to_come_forward():
            return 0
        raise WrongUseError(f"Another Galaxy Desktop has {folder.root} open and does not answer. Quit it first.")
    try:
        return _run(app, places, lock, hidden=options.hidden, opener=opener or open_workspace)
    finally:
        lock.release()


@dataclass(frozen=True, slots=True)
class Places:
    """Which folder each profile has: the one named on the command line belongs to what was asked to be opened."""

    data_dir: str | None = None
    demo: str | None = None

    @property
    def first(self) -> str:
        """The profile to open at the start."""
        return f"demo: {self.demo}" if self.demo else MAIN

    def of(self, profile: str) -> DataFolder:
        """The folder of a profile."""
        if profile == self.first and self.data_dir:
            return data_folder(self.data_dir)
        return data_folder() if profile == MAIN else demo_folder(profile.removeprefix(DEMO))


def open_workspace(profile: str, folder: DataFolder) -> Facade:
    """The workspace of a profile in its folder: "main", or a demo."""
    from galaxy_desktop.services.workspace import Workspace  # noqa: PLC0415 - after the first paint

    return Workspace(folder, demo_name=None if profile == MAIN else profile.removeprefix(DEMO))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="galaxy-desktop")
    parser.add_argument("--demo", metavar="NAME")
    parser.add_argument("--data-dir", metavar="DIR")
    parser.add_argument("--hidden", action="store_true")
    return parser.parse_args(list(arguments))


def _application() -> QApplication:
    """Made before the lock is taken: without it Qt cannot hear a second copy knock."""
    app = QApplication.instance() or QApplication(["galaxy-desktop"])
    assert isinstance(app, QApplication)  # noqa: S101 - a program has one, and it is this kind
    app.setApplicationName("Galaxy Desktop")
    app.setDesktopFileName("galaxy-desktop")
    app.setQuitOnLastWindowClosed(False)
    return app


def _run(app: QApplication, places: Places, lock: ProfileLock, *, hidden: bool, opener: Opener) -> int:
    memory = WindowMemory(places.of(places.first).root)
    look = Look(app, memory.values.theme)
    window = MainWindow(look, furnished=False)
    window.restoreGeometry(QByteArray(base64.b64decode(memory.values.geometry)))
    window.fit(window.screen().availableGeometry())
    hidden = hidden and QSystemTrayIcon.isSystemTrayAvailable()
    if not hidden:
        window.show()
        _let_stand(app, window)

    import asyncio  # noqa: PLC0415 - the window stands first

    import qasync  # noqa: PLC0415 - same

    from galaxy_desktop.services import logs  # noqa: PLC0415 - same

    with logs.logging_to(places.of(places.first)):
        lock.listen()
        window.furnish()
        loop = qasync.QEventLoop(app)
        asyncio.set_event_loop(loop)
        with loop:
            program = Program(app, window, memory, places, opener)
            with _crashes_told(window):
                loop.run_until_complete(program.live(places.first, lock, hidden=hidden))
    return 0


def _let_stand(app: QApplication, window: MainWindow) -> None:
    """Wait a moment for the first paint; there is no event loop yet in which this could disturb a coroutine."""
    until = time.monotonic() + FRAME_PATIENCE_S
    while not window.standing and time.monotonic() < until:
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
    app.processEvents()  # once more, so that the picture is handed to the window system


class Program:
    """The running program: opens workspaces one after the other, until the stop event is set."""

    def __init__(
        self, app: QApplication, window: MainWindow, memory: WindowMemory, places: Places, opener: Opener
    ) -> None:
        import asyncio  # noqa: PLC0415 - the window stands first

        from galaxy_desktop.services import clock  # noqa: PLC0415 - same
        from galaxy_desktop.ui.conductor import Conductor  # noqa: PLC0415 - same
        from galaxy_desktop.ui.tray import NoTray  # noqa: PLC0415 - same

        self._app = app
        self._window = window
        self._now = clock.now
        self._memory = memory
        self._places = places
        self._opener = opener
        self._stop = asyncio.Event()
        self._switching = asyncio.Lock()
        self._workspace: Facade | None = None
        self._tray: TrayFace = NoTray()
        self._conductor = Conductor(window, memory, self._now)
        self._conductor.profile_wanted.connect(self._switch)
        self._conductor.quit_wanted.connect(self.stop)
        window.closing.connect(self._closing)
        app.commitDataRequest.connect(lambda _manager: self.stop())

    def stop(self) -> None:
        """Begin to stop; may be called more than once."""
        self._stop.set()

    async def live(self, profile: str, lock: ProfileLock, *, hidden: bool) -> None:
        """From the first paint to the last thread."""
        import asyncio  # noqa: PLC0415 - the window stands first

        self._hear_signals()
        asyncio.get_running_loop().set_exception_handler(self._loop_failed)
        try:
            if not hidden:
                await self._painted()
            lock.called.connect(self._window.come_forward)
            self._enter_tray()
            self._conductor.offer_models(_models())
            self._conductor.tasks.start("open the workspace", self._open(profile, first=True))
            await self._stop.wait()
        finally:
            await self._shut_down()

    async def _painted(self) -> None:
        """Wait for the first paint; a window that is started minimized gets none, so not for ever."""
        import asyncio  # noqa: PLC0415 - the window stands first

        done = asyncio.Event()
        self._window.painted.connect(done.set)
        if not self._window.ready:
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), PAINT_PATIENCE_S)
        logger.info("The window stands")

    def _enter_tray(self) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            logger.info("There is no tray; alerts are shown in the window")
            return
        from galaxy_desktop.ui.tray import Tray  # noqa: PLC0415 - the window stands first

        tray = Tray(self._window.look.icons, self._now, self._window)
        tray.opened.connect(self._toggle)
        tray.wished.connect(self._conductor.carry_out)
        self._tray = self._conductor.tray = tray

    # --- workspaces

    def _switch(self, profile: str) -> None:
        self._conductor.tasks.start(f"open {profile}", self._open(profile))

    async def _open(self, profile: str, *, first: bool = False) -> None:
        """Close the workspace that is open, open this one, show its last state, start its services.

        On the `first` opening of a start, a profile that was never set up gives way to the demo.
        """
        async with self._switching:
            if self._workspace is not None and self._workspace.profile == profile:
                return
            await self._close()
            try:
                workspace = await self._opened(profile)
                if first and profile == MAIN and _is_new(workspace):
                    await workspace.stop()
                    workspace = await self._opened(FIRST_DEMO)
            except GalaxyError as error:
                logger.info("%s cannot be opened: %s", profile, error)
                self._conductor.say_failure(str(error))
                return
            self._conductor.conduct(workspace)
            self._memory.change(profile=workspace.profile)
            logger.info("Showing %s", workspace.profile)
            await workspace.start()
            logger.info("Started %s", workspace.profile)

    async def _opened(self, profile: str) -> Facade:
        workspace = self._opener(profile, self._places.of(profile))
        self._workspace = workspace
        await workspace.open()
        return workspace

    async def _close(self) -> None:
        workspace, self._workspace = self._workspace, None
        if workspace is not None:
            self._conductor.let_go()
            await workspace.stop()

    # --- the window and the end

    def _toggle(self) -> None:
        if self._window.isVisible() and self._window.isActiveWindow():
            self._window.hide()
        else:
            self._window.come_forward()

    def _closing(self, event: QCloseEvent) -> None:
        self._memory.change(geometry=base64.b64encode(self._window.saveGeometry().data()).decode())
        workspace = self._workspace
        if self._tray.available and workspace is not None and workspace.settings.flag("close_to_tray"):
            self._window.hide()
        else:
            self.stop()
        event.ignore()

    def _hear_signals(self) -> None:
        import asyncio  # noqa: PLC0415 - the window stands first

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self.stop)
            except (NotImplementedError, RuntimeError):
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self.stop))

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, CancelledByUserError):
            return
        logger.error("The event loop met an error: %s", context.get("message"), exc_info=error)
        self._conductor.complain(str(error) if isinstance(error, GalaxyError) else BUG)

    async def _shut_down(self) -> None:
        logger.info("Stopping")
        self._window.hide()
        self._tray.remove()
        await self._conductor.stop()
        workspace, self._workspace = self._workspace, None
        if workspace is not None:
            await workspace.stop()
        logger.info("Stopped")


def _is_new(workspace: Facade) -> bool:
    return not workspace.has_repositories() and not workspace.settings.flag("first_run_done")


def _models() -> tuple[ModelChoice, ...]:
    """The models of the catalog that can write prose; none when the catalog cannot be read."""
    from galaxy_desktop.reason.catalog import Catalog  # noqa: PLC0415 - after the first paint
    from galaxy_desktop.ui.view import ModelChoice  # noqa: PLC0415 - same

    try:
        catalog = Catalog.read()
    except GalaxyError as error:
        logger.warning("%s", error)
        return ()
    return tuple(
        ModelChoice(
            name=one.name,
            title=one.title,
            note=one.note,
            size=f"{one.bytes / 1e9:.1f} GB on disk, {one.memory_bytes / 1e9:.1f} GB of memory",
            present=catalog.is_present(one.name),
        )
        for one in catalog.prose
    )


class _crashes_told:  # noqa: N801 - reads as a phrase in the with statement
    """While entered, errors that nobody caught go to the log and, in a sentence, to the user."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._told = False

    def __enter__(self) -> None:
        self._hook, self._thread_hook = sys.excepthook, threading.excepthook
        sys.excepthook = self._crashed
        threading.excepthook = self._thread_crashed

    def __exit__(self, *_: object) -> None:
        sys.excepthook, threading.excepthook = self._hook, self._thread_hook

    def _crashed(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logger.critical("An error that nobody caught", exc_info=(kind, error, trace))
        if not self._told and self._window.isVisible():
            from galaxy_desktop.ui.dialogs import tell  # noqa: PLC0415 - hopefully never

            self._told = True
            tell(self._window, "A fault", BUG).finished.connect(self._read)

    def _thread_crashed(self, args: threading.ExceptHookArgs) -> None:
        error = args.exc_value or RuntimeError("an error without a value")
        logger.critical("An error that nobody caught, in a thread", exc_info=(args.exc_type, error, args.exc_traceback))

    def _read(self) -> None:
        self._told = False
