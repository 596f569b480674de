"""Looking back: every page shows a moment of the past until one returns to now.

The view of now goes on living behind: news changes it, and returning shows it at once. What is asked for later wins, and
an answer that comes too late is dropped. Nothing can be changed in the past, and whoever tries is told so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.errors import CancelledByUserError, GalaxyError
from galaxy_desktop.ui import words
from galaxy_desktop.ui.advice_wishes import ForgetLearning, UndoVerdict
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.outbox_wishes import OutboxWish, ReadOutbox
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.time_wishes import AskWhatIf, BackToNow, LookBack, OpenTimeBar, OpenWhatIf, TimeWish
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import ConfirmSprint, Decide, Wish

logger = logging.getLogger(__name__)

LOOKING = "look back"
NOT_YET = "This workspace cannot look back yet. Try again in a moment."
BUG = "The past could not be read; the details are in the log."


@runtime_checkable
class LooksBack(Protocol):
    """A workspace that knows its past: `services.workspace.Workspace`."""

    async def look_back(self, moment: datetime) -> Analysis:
        """The workspace as it was at a moment."""
        ...

    async def earliest(self) -> datetime | None:
        """The earliest moment worth looking back to."""
        ...

    async def blind_spots(self, moment: datetime) -> tuple[str, ...]:
        """What a look back has to take from the present, in sentences."""
        ...


class TimeTravel:
    """Holds the moment that is looked at, and what was known then."""

    def __init__(
        self, window: MainWindow, tasks: TaskOwner, clock: Callable[[], datetime], repaint: Callable[[], None]
    ) -> None:
        """`repaint` shows the view again, through `seen`."""
        self._window = window
        self._tasks = tasks
        self._clock = clock
        self._repaint = repaint
        self._wanted: datetime | None = None
        self._then: Analysis | None = None

    @property
    def moment(self) -> datetime | None:
        """The moment that is on the screen, `None` for now."""
        return self._then.as_of if self._then is not None else None

    def run(self, workspace: Facade, wish: TimeWish) -> None:
        """Begin what was asked for."""
        match wish:
            case BackToNow():
                self.leave()
            case _ if not isinstance(workspace, LooksBack):
                self._window.message.say(NOT_YET, Tone.WATCH)
            case OpenTimeBar(answered=answered):
                self._tasks.start("find the earliest moment", self._earliest(workspace, answered))
            case LookBack(moment=moment):
                self._wanted = moment
                self._window.time.say_reading(moment)
                self._tasks.start(LOOKING, self._look(workspace, moment), replace=True)

    def seen(self, view: View) -> View:
        """What is shown of a view: itself, or the moment that is looked at."""
        if self._then is None:
            return view
        moment = self._then.as_of.astimezone(view.now.tzinfo)
        return replace(view, analysis=self._then, now=moment, past=moment, loading=False)

    def leave(self) -> None:
        """Show now again, at once; what is still being read of the past will not be shown."""
        self._wanted = None
        self._tasks.cancel(LOOKING)
        self._window.time.say_now()
        if self._then is not None:
            self._then = None
            self._window.close_panel()
            self._repaint()

    def let_go(self) -> None:
        """The workspace is about to stop."""
        self.leave()
        self._window.time.forget()

    def refusal(self, wish: Wish) -> str:
        """Why a wish cannot be carried out while the past is shown, "" when it can."""
        if self._then is None:
            return ""
        writes = isinstance(
            wish, Decide | ConfirmSprint | OutboxWish | UndoVerdict | ForgetLearning
        ) and not isinstance(wish, ReadOutbox)
        if writes:
            return f"You look at {words.clock(self._then.as_of, self._clock())}. Nothing can be changed there."
        if isinstance(wish, AskWhatIf | OpenWhatIf):
            return "“What if” asks about the future of now. Go back to now to ask."
        return ""

    async def _earliest(self, workspace: LooksBack, answered: Callable[[datetime | None], None]) -> None:
        answered(await workspace.earliest())

    async def _look(self, workspace: LooksBack, moment: datetime) -> None:
        try:
            found = await workspace.look_back(moment)
            blind = await workspace.blind_spots(moment)
        except (CancelledByUserError, asyncio.CancelledError):
            raise
        except GalaxyError as error:
            self._give_up(moment, str(error))
        except Exception:
            self._give_up(moment, BUG)
            raise
        else:
            if self._wanted == moment:
                logger.info("Looking at %s", moment)
                self._then = found
                self._window.close_panel()
                self._window.message.hide()  # it speaks of now
                self._window.time.say_past(moment, blind)
                self._repaint()

    def _give_up(self, moment: datetime, sentence: str) -> None:
        if self._wanted == moment:
            self.leave()
            self._window.message.say(sentence, Tone.WATCH)
