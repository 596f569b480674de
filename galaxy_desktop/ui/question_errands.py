"""Questions of pages to the workspace: one at a time of each kind, the newest wins, and late answers are dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from galaxy_desktop.errors import CancelledByUserError, GalaxyError
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.time_wishes import (
    AskWhatIf,
    Failed,
    OpenWhatIf,
    QuestionWish,
    ReadMoved,
    ReadRetro,
    ReadSince,
    ReadTrust,
)
from galaxy_desktop.ui.view import View

if TYPE_CHECKING:
    from galaxy_desktop.assess.what_if import Question, WhatIf
    from galaxy_desktop.domain.ledger import TrustReport
    from galaxy_desktop.domain.retro import Retro
    from galaxy_desktop.domain.since import Moved, Since
    from galaxy_desktop.ui.wishes import Wish

Answer = TypeVar("Answer")
NOT_YET = "This workspace cannot answer that yet. Try again in a moment."
NO_SPRINT = "“What if” needs a running sprint with open work. There is none for this item."
BUG = "The answer could not be computed; the details are in the log."


@runtime_checkable
class Answers(Protocol):
    """A workspace that answers questions: `services.workspace.Workspace`."""

    async def trust(self, moment: datetime | None = None) -> TrustReport:
        """How far the forecasts can be believed, or could be at a moment."""
        ...

    async def since(self, moment: datetime, until: datetime | None = None) -> Since:
        """What changed since a moment, up to now or to another moment."""
        ...

    async def what_moved(self, sprint_id: str, since: datetime, until: datetime | None = None) -> Moved:
        """Why a probability is, or was at a moment, not what it had been."""
        ...

    async def retro(self, sprint_id: str, moment: datetime | None = None) -> Retro:
        """How a sprint went, as known at a moment."""
        ...

    async def what_if(self, sprint_id: str, question: Question) -> WhatIf:
        """The forecast before and after one change."""
        ...


class QuestionErrands:
    """Runs the wishes that ask."""

    def __init__(self, window: MainWindow, tasks: TaskOwner, carry_out: Callable[[Wish], None]) -> None:
        self._window = window
        self._tasks = tasks
        self._carry_out = carry_out
        self._last: dict[str, object] = {}

    def run(self, workspace: Facade, wish: QuestionWish, view: View) -> None:
        """Begin what was asked for; `view` is that of now."""
        if isinstance(wish, OpenWhatIf):
            self._open_what_if(wish, view)
            return
        if not isinstance(workspace, Answers):
            wish.failed(NOT_YET)
            return
        match wish:
            case ReadTrust():
                record = partial(workspace.trust, wish.past)
                self._begin("read the record", wish, record, wish.answered, wish.failed)
            case ReadSince():
                since = partial(workspace.since, wish.moment, wish.past)
                self._begin("compare", wish, since, wish.answered, wish.failed)
            case ReadRetro():
                retro = partial(workspace.retro, wish.sprint_id, wish.past)
                self._begin("read a sprint's course", wish, retro, wish.answered, wish.failed)
            case ReadMoved():
                work = partial(workspace.what_moved, wish.sprint_id, wish.moment, wish.past)
                self._begin("explain a change", wish, work, wish.answered, wish.failed)
            case AskWhatIf():
                asked = partial(workspace.what_if, wish.sprint_id, wish.question)
                self._begin("what if", wish, asked, wish.answered, wish.failed)

    def let_go(self) -> None:
        """The workspace is about to stop: no answer of it will be shown."""
        for name in self._last:
            self._tasks.cancel(name)
        self._last.clear()

    def _begin(
        self,
        name: str,
        wish: object,
        work: Callable[[], Coroutine[Any, Any, Answer]],
        answered: Callable[[Answer], None],
        failed: Failed,
    ) -> None:
        self._last[name] = wish
        self._tasks.start(name, self._answer(name, wish, work, answered, failed), replace=True)

    async def _answer(
        self,
        name: str,
        wish: object,
        work: Callable[[], Coroutine[Any, Any, Answer]],
        answered: Callable[[Answer], None],
        failed: Failed,
    ) -> None:
        def wanted() -> bool:
            return self._last.get(name) is wish

        try:
            found = await work()
        except (CancelledByUserError, asyncio.CancelledError):
            raise
        except GalaxyError as error:
            if wanted():
                failed(str(error))
        except Exception:
            if wanted():
                failed(BUG)
            raise
        else:
            if wanted():
                answered(found)

    def _open_what_if(self, wish: OpenWhatIf, view: View) -> None:
        from galaxy_desktop.ui.what_if import WhatIfDialog, sprint_for  # noqa: PLC0415 - when first asked

        one = sprint_for(view, wish.sprint_id, wish.item_id)
        if one is None:
            self._window.message.say(NO_SPRINT, Tone.WATCH)
            return
        dialog = WhatIfDialog(self._window, self._window.look, one, view, wish.item_id)
        dialog.wished.connect(self._carry_out)
        dialog.open()
