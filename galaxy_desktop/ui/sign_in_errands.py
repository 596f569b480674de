"""What is done about signing in: the code is shown while GitHub is asked, and either ends the other."""

from __future__ import annotations

import threading
from collections.abc import Coroutine
from typing import Any

from galaxy_desktop.errors import CancelledByUserError, GalaxyError
from galaxy_desktop.ui.code_dialog import CodeDialog
from galaxy_desktop.ui.desks import SignInDesk, SignsIn
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.sign_in_wishes import AskHowToSignIn, CheckPermissions, SignInWish, SignInWithCode, SignOut, Told
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone

NO_DESK = "Only your own workspace signs in to GitHub."
SIGNED_OUT = "The token was removed from the keyring. Public repositories can still be read."


class SignInErrands:
    """Runs the wishes about signing in."""

    def __init__(self, window: MainWindow, tasks: TaskOwner) -> None:
        self._window = window
        self._tasks = tasks

    def run(self, workspace: Facade, wish: SignInWish) -> None:
        """Begin what was asked for."""
        desk = workspace.sign_in if isinstance(workspace, SignsIn) else None
        match wish:
            case AskHowToSignIn(answered=answered):
                answered(desk is not None and desk.device_flow_ready())
            case _ if desk is None:
                self._window.message.say(NO_DESK, Tone.WATCH)
            case SignInWithCode():
                self._start("sign in", self._sign_in(desk, wish), wish.answered)
            case SignOut(answered=answered):
                self._start("sign out", self._sign_out(desk, answered), answered)
            case CheckPermissions():
                self._start("check permissions", self._check(desk, wish), wish.answered)

    def _start(self, name: str, work: Coroutine[Any, Any, None], answered: Told) -> None:
        self._tasks.start(name, self._told(work, answered))

    async def _told(self, work: Coroutine[Any, Any, None], answered: Told) -> None:
        try:
            await work
        except CancelledByUserError:
            answered("")
        except GalaxyError as error:
            answered(str(error))

    async def _sign_in(self, desk: SignInDesk, wish: SignInWithCode) -> None:
        code = await desk.begin()
        stop = threading.Event()
        dialog = CodeDialog(self._window, code)
        dialog.rejected.connect(stop.set)
        dialog.open()
        try:
            answer = await desk.finish(code, stop)
        finally:
            stop.set()
            dialog.close()
            dialog.deleteLater()
        wish.signed_in(answer.sentence)

    async def _sign_out(self, desk: SignInDesk, answered: Told) -> None:
        await desk.sign_out()
        self._window.message.say(SIGNED_OUT, Tone.GOOD)
        answered("")

    async def _check(self, desk: SignInDesk, wish: CheckPermissions) -> None:
        wish.found(await desk.permissions())
        wish.answered("")
