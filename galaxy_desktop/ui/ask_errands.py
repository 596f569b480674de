"""Questions in words, from the page and from the palette: one at a time, the newest wins."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from galaxy_desktop.errors import CancelledByUserError, GalaxyError
from galaxy_desktop.ui.ask_wishes import (
    AskQuestion,
    AskWish,
    OpenAsk,
    OpenPalette,
    ReadNoticed,
    ReadPassedOver,
    SayOfNoticed,
    StopAsking,
)
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.view import View

if TYPE_CHECKING:
    from galaxy_desktop.domain.asking import Answer
    from galaxy_desktop.domain.noticed import Noticed, Opinion
    from galaxy_desktop.domain.recorded import PassedOver
    from galaxy_desktop.domain.stopping import StopFlag
    from galaxy_desktop.ui.wishes import Wish

logger = logging.getLogger(__name__)

ASKING = "answer a question"
READING = "The language model reads what was found; each of its sentences is checked before it is shown."
NOT_YET = "This workspace cannot answer questions yet. Try again in a moment."
BUG = "The question could not be answered; the details are in the log."


@runtime_checkable
class TakesQuestions(Protocol):
    """A workspace that answers questions in words: `services.workspace.Workspace`."""

    async def ask(self, question: str, moment: datetime | None = None) -> Answer:
        """The answer, as of now or of a moment."""
        ...


@runtime_checkable
class WordsAnswers(Protocol):
    """A workspace whose language model may add to an answer."""

    async def ask_further(self, answer: Answer, stop: StopFlag) -> Answer:
        """The same answer with what the model adds to it, checked."""
        ...


@runtime_checkable
class NoticesPatterns(Protocol):
    """A workspace whose language model looks for patterns."""

    async def noticed(self, sprint_id: str) -> tuple[Noticed, ...]:
        """What it noticed in a sprint, the newest first."""
        ...

    async def say_of_noticed(self, noticed_id: str, opinion: Opinion | None) -> None:
        """Keep what a person says of it."""
        ...


@runtime_checkable
class KnowsPassedOver(Protocol):
    """A workspace that remembers who could not answer."""

    async def passed_over(self) -> tuple[PassedOver, ...]:
        """The last runs in which somebody could not answer, the newest first."""
        ...


@runtime_checkable
class AskPageFace(Protocol):
    """The face of the page for questions."""

    def ask(self, question: str) -> None:
        """Ask, as if somebody had typed it."""
        ...


class AskErrands:
    """Runs the wishes that ask in words."""

    def __init__(self, window: MainWindow, tasks: TaskOwner, carry_out: Callable[[Wish], None]) -> None:
        self._window = window
        self._tasks = tasks
        self._carry_out = carry_out
        self._wanted: AskQuestion | None = None
        self._stop = threading.Event()

    def run(self, workspace: Facade, wish: AskWish, view: View) -> None:
        """Begin what was asked for."""
        match wish:
            case OpenAsk(question=question):
                self._open(question)
            case OpenPalette():
                self._open_palette(view)
            case StopAsking():
                self.let_go()
            case ReadNoticed() if isinstance(workspace, NoticesPatterns):
                self._tasks.start(
                    f"read patterns of {wish.sprint_id}", self._read_noticed(workspace, wish), replace=True
                )
            case SayOfNoticed() if isinstance(workspace, NoticesPatterns):
                self._tasks.start(f"say of {wish.noticed_id}", self._say_of_noticed(workspace, wish))
            case ReadNoticed() | SayOfNoticed():
                logger.debug("this workspace notices no patterns")
            case ReadPassedOver() if isinstance(workspace, KnowsPassedOver):
                self._tasks.start("read who could not answer", self._read_passed_over(workspace, wish), replace=True)
            case ReadPassedOver():
                logger.debug("this workspace remembers nobody")
            case AskQuestion() if isinstance(workspace, TakesQuestions):
                self.let_go()
                self._wanted = wish
                self._tasks.start(ASKING, self._answer(workspace, wish), replace=True)
            case AskQuestion():
                wish.failed(NOT_YET)

    def let_go(self) -> None:
        """The answer to what was asked will not be shown."""
        self._wanted = None
        self._stop.set()
        self._tasks.cancel(ASKING)

    async def _read_noticed(self, workspace: NoticesPatterns, wish: ReadNoticed) -> None:
        wish.answered(await workspace.noticed(wish.sprint_id))

    async def _read_passed_over(self, workspace: KnowsPassedOver, wish: ReadPassedOver) -> None:
        wish.answered(await workspace.passed_over())

    async def _say_of_noticed(self, workspace: NoticesPatterns, wish: SayOfNoticed) -> None:
        await workspace.say_of_noticed(wish.noticed_id, wish.opinion)
        wish.done()

    async def _further(self, workspace: WordsAnswers, found: Answer, stop: threading.Event) -> Answer:
        """The answer with the model's part; whoever stops waiting for it has the answer of the facts."""
        try:
            return await workspace.ask_further(found, stop)
        finally:
            stop.set()

    def _open(self, question: str) -> None:
        self._window.open_page("ask")
        page = self._window.pages["ask"]
        if question and isinstance(page, AskPageFace):
            page.ask(question)

    def _open_palette(self, view: View) -> None:
        from galaxy_desktop.ui.palette import Palette  # noqa: PLC0415 - when first opened

        palette = Palette(self._window, self._window.look, view)
        palette.wished.connect(self._carry_out)
        palette.open()

    async def _answer(self, workspace: TakesQuestions, wish: AskQuestion) -> None:
        stop = self._stop = threading.Event()
        try:
            found = await workspace.ask(wish.question, wish.past)
            if self._wanted is wish and isinstance(workspace, WordsAnswers):
                wish.answered(found)
                wish.working(READING)
                found = await self._further(workspace, found, stop)
                wish.working("")
        except (CancelledByUserError, asyncio.CancelledError):
            raise
        except GalaxyError as error:
            if self._wanted is wish:
                wish.failed(str(error))
        except Exception:
            if self._wanted is wish:
                wish.failed(BUG)
            raise
        else:
            if self._wanted is wish:
                wish.answered(found)
