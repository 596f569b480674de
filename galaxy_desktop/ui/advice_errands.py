"""Carries out what was asked about advice and alerts, and shows what the workspace says by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable

from galaxy_desktop.domain.attention import DigestReport
from galaxy_desktop.ui import words
from galaxy_desktop.ui.advice_wishes import AdviceWish, ForgetLearning, MuteSubject, UndoVerdict, Unmute
from galaxy_desktop.ui.alert_desk import worded
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.tray import TrayFace
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import OpenAlert, OpenDigest, Wish

logger = logging.getLogger(__name__)


class AdviceErrands:
    """Runs wishes about advice; asks the workspace what is to be shown, and shows it."""

    def __init__(
        self,
        window: MainWindow,
        tasks: TaskOwner,
        carry_out: Callable[[Wish], None],
        settled: Callable[[], None],
    ) -> None:
        """`settled` is called after something in the workspace was changed, to show it."""
        self._window, self._tasks = window, tasks
        self._carry_out, self._settled = carry_out, settled

    def run(self, workspace: Facade, wish: AdviceWish) -> None:
        """Begin what was asked for."""
        match wish:
            case UndoVerdict(recommendation_id=key, summary=summary):
                self._tasks.start(f"undo the verdict on {key}", self._undo(workspace, key, summary))
            case ForgetLearning(kind=kind):
                self._tasks.start(f"forget verdicts on {kind}", self._forget(workspace, kind))
            case MuteSubject():
                self._tasks.start(f"mute {wish.subject}", self._mute(workspace, wish))
            case Unmute(subject=subject):
                self._tasks.start(f"unmute {subject}", self._unmute(workspace, subject))

    def present(self, workspace: Facade, view: View, tray: TrayFace) -> None:
        """Show what is to be shown now, if anything."""
        self._tasks.start("show alerts", self._present(workspace, view, tray))

    async def _present(self, workspace: Facade, view: View, tray: TrayFace) -> None:
        notice = await workspace.next_notice()
        if notice is None:
            logger.info("No alert is due")
            return
        title, text = worded(notice, {s.sprint.id: s.sprint.title for s in view.all_sprints}, view.now)
        wish: Wish = OpenDigest() if isinstance(notice, DigestReport) else OpenAlert(notice.covers[0])
        logger.info(
            "Balloon for %s", "the digest" if isinstance(notice, DigestReport) else f"alert {notice.covers[0].id}"
        )
        if tray.available:
            tray.balloon(title, text, lambda: self._carry_out(wish))
        else:
            self._window.message.say(title, Tone.WATCH, "Open", lambda: self._carry_out(wish))

    async def _undo(self, workspace: Facade, key: str, summary: str) -> None:
        await workspace.undo_verdict(key)
        self._window.message.say(f"Taken back: {summary}", Tone.GOOD)

    async def _forget(self, workspace: Facade, kind: str) -> None:
        await workspace.forget_learning(kind)
        said = f"Forgotten. What you said of “{words.rule(kind)}” so far no longer changes the order."
        self._window.message.say(said, Tone.GOOD)

    async def _mute(self, workspace: Facade, wish: MuteSubject) -> None:
        await workspace.mute(wish.subject, wish.until)
        self._window.message.say(
            f"{wish.words}: no alert about it.", Tone.GOOD, "Undo", lambda: self._carry_out(Unmute(wish.subject))
        )
        self._settled()

    async def _unmute(self, workspace: Facade, subject: str) -> None:
        await workspace.unmute(subject)
        self._window.message.say("Alerts about it are shown again.", Tone.GOOD)
        self._settled()


def open_digest(window: MainWindow) -> None:
    """The Activity page with the digest on top."""
    from galaxy_desktop.ui.pages.activity import ActivityPage  # noqa: PLC0415 - made when it is first opened

    window.come_forward()
    window.open_page("activity")
    page = window.page("activity")
    if isinstance(page, ActivityPage):
        page.open_digest()
