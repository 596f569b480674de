"""Ask, as a `Workspace` answers: a question in somebody's words, from what is on the screen, every sentence with its evidence.

How an answer comes about is told in `answering`. Where neither facts nor passages say anything, "I can't tell from what I
have" is the answer, with what comes closest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from galaxy_desktop.domain.asking import Answer
from galaxy_desktop.domain.code_found import CodeFound, CodeQuestion
from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.since import Since
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services import answering
from galaxy_desktop.services.answering import CANNOT_TELL, EMPTY, MOST_FOUND, Worked, speaks_of, told
from galaxy_desktop.services.questions import Questions

if TYPE_CHECKING:
    from galaxy_desktop.assess.what_if import Question, WhatIf
    from galaxy_desktop.domain.evidence import Evidence
    from galaxy_desktop.domain.noticed import Noticed, Opinion
    from galaxy_desktop.domain.recorded import PassedOver
    from galaxy_desktop.domain.sprints import Snapshot
    from galaxy_desktop.domain.stopping import StopFlag
    from galaxy_desktop.explain.lookup_scene import Scene
    from galaxy_desktop.services.background import Background

__all__ = ["CANNOT_TELL", "EMPTY", "MOST_FOUND", "NOW_ALONE", "Asking", "Worked", "speaks_of", "told"]

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
NOW_ALONE = "What a change would do is simulated for now alone: go back to now to ask it."


class Asking(Questions):
    """The asking of a `Workspace`; all methods are called on the event loop's thread."""

    _background: Background | None = None
    _asked_of: tuple[Analysis, Snapshot] | None = None
    _last_asked: tuple[Answer, Worked, datetime | None] | None = None

    async def ask(self, question: str, moment: datetime | None = None) -> Answer:
        """The answer to a question, as of now or as of a moment of the past.

        Raises:
            WrongUseError: nothing was asked, nothing was evaluated yet, or the moment lies in the future.
        """
        if not question.strip():
            raise WrongUseError(EMPTY)
        scene = await self._scene_of(moment)
        worked = await answering.work_out(question, scene, _Desk(self, moment))
        answer = told(worked, self._now())
        self._last_asked = (answer, worked, moment)
        return answer

    async def ask_further(self, answer: Answer, stop: StopFlag) -> Answer:
        """The same answer with what the language model adds to it, checked; the same when it has nothing to add.

        Only the newest answer is worked on. Where the model is switched off, is not there or fails, the answer is
        complete as it is.

        Raises:
            CancelledByUserError: `stop` was set, or the program is ending.
        """
        kept, writer = self._last_asked, self._background
        if kept is None or kept[0] is not answer or writer is None or not self.settings.flag("prose"):
            return answer
        from galaxy_desktop.services.answer_cache import AnswerCache  # noqa: PLC0415 - when a model is asked

        if kept[1].understood.refused:
            return answer
        cache = AnswerCache(self.store, self._now)
        how = answering.Wording(writer, self.settings, _Desk(self, kept[2]), cache, stop)
        worked = await answering.chosen(kept[1], how)
        found = await answering.worded(worked, how)
        if found is None:
            found = answer if worked is kept[1] else told(worked, self._now())
        if self._last_asked is not kept:
            return answer
        self._last_asked = (found, worked, kept[2])
        return found

    async def passed_over(self) -> tuple[PassedOver, ...]:
        """The last runs in which a model or provider could not answer, the newest first."""
        from galaxy_desktop.services.recordings import passed_over  # noqa: PLC0415 - when first asked

        store = self.store
        return await asyncio.to_thread(passed_over, store)

    async def noticed(self, sprint_id: str) -> tuple[Noticed, ...]:
        """What the language model noticed in a sprint, the newest first, with what people said of it."""
        store = self.store
        return await self._think(lambda: store.noticed([sprint_id]))

    async def say_of_noticed(self, noticed_id: str, opinion: Opinion | None) -> None:
        """Keep what a person says of something that the model noticed; it changes no number.

        Raises:
            WrongUseError: there is no such thing any more.
        """
        if not await asyncio.wrap_future(self.store.say_of_noticed(noticed_id, opinion, self._now())):
            raise WrongUseError("This is not there any more: its repository was forgotten.")

    async def _scene_of(self, moment: datetime | None) -> Scene:
        """The evaluation on the screen with its records; those of now are kept until there is a newer evaluation."""
        from galaxy_desktop.explain.lookup_scene import Scene  # noqa: PLC0415 - when first asked

        store = self.store
        if moment is not None:
            from galaxy_desktop.features.past import as_of  # noqa: PLC0415 - when the past is asked

            then = await self._think(self._look(moment))
            local = then.as_of
            snapshot = await self._think(lambda: as_of(store.snapshot(), local, store.versions_of_changed(local)))
            return Scene(then, snapshot)
        latest = self._shown()
        kept = self._asked_of
        if kept is None or kept[0] is not latest:
            kept = self._asked_of = (latest, await self._think(store.snapshot))
        return Scene(*kept)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the parts of an answer come from in a workspace that runs; `moment` is `None` for now."""

    asked: Asking
    moment: datetime | None

    async def compared(self, since: datetime, until: datetime | None) -> Since:
        return await self.asked.since(since, until or self.moment)

    async def suppose(self, sprint_id: str, question: Question) -> WhatIf:
        if self.moment is not None:
            raise WrongUseError(NOW_ALONE)
        return await self.asked.what_if(sprint_id, question)

    async def passages(self, topic: str) -> tuple[Evidence, ...]:
        background = self.asked._background  # noqa: SLF001 - this is a part of it
        return await background.search(topic, MOST_FOUND * 2, self.moment) if background is not None else ()

    async def code(self, question: CodeQuestion) -> tuple[tuple[CodeFound, ...], tuple[str, ...]]:
        background, settings = self.asked._background, self.asked.settings  # noqa: SLF001 - this is a part of it
        if self.moment is not None:
            from galaxy_desktop.services.code_then import code_then  # noqa: PLC0415 - where a clone is asked

            store, moment = self.asked.store, self.moment
            return await asyncio.to_thread(lambda: code_then(question, settings, store.repositories(), moment))
        return (await background.code(question) if background is not None else ()), ()

    async def think(self, work: Callable[[], Result]) -> Result:
        return await self.asked._think(work)  # noqa: SLF001 - this is a part of it
