"""The part of the store behind the language model: recorded runs, kept answers, and patterns that it noticed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime

from galaxy_desktop.domain.noticed import Noticed, Opinion
from galaxy_desktop.domain.recorded import KeptAnswer, RecordedRun, RunBrief
from galaxy_desktop.store import model_runs, noticed
from galaxy_desktop.store.advice_desk import AdviceDesk


class ModelDesk(AdviceDesk):
    """What `Store` offers for the work of the language model."""

    def keep_run(self, run: RecordedRun) -> Future[bool]:
        """Record a run in the place of an earlier one of the same id; whether it was small enough to keep."""
        return self.write(lambda c: model_runs.keep_run(c, run))

    def recorded_run(self, run_id: str) -> RecordedRun | None:
        """A recorded run, to replay it."""
        return self.read(lambda c: model_runs.run(c, run_id))

    def recorded_runs(self, limit: int = 60) -> tuple[RunBrief, ...]:
        """The recorded runs without their content, newest first."""
        return self.read(lambda c: model_runs.runs(c, limit))

    def keep_answer(self, answer: KeptAnswer) -> Future[bool]:
        """Keep an answer for equal questions; whether it was small enough."""
        return self.write(lambda c: model_runs.keep_answer(c, answer))

    def kept_answer(self, key: str) -> KeptAnswer | None:
        """The answer that is kept under a key."""
        return self.read(lambda c: model_runs.answer(c, key))

    def forget_answers(self) -> Future[int]:
        """Drop all kept answers; how many there were."""
        return self.write(model_runs.forget_answers)

    def keep_noticed(self, found: Sequence[Noticed]) -> Future[int]:
        """Keep patterns that are not known yet; how many were new."""
        return self.write(lambda c: noticed.keep(c, found))

    def noticed(self, sprint_ids: Sequence[str]) -> tuple[Noticed, ...]:
        """The patterns of some sprints, the newest first, with what people said of them."""
        return self.read(lambda c: noticed.of_sprints(c, sprint_ids))

    def say_of_noticed(self, noticed_id: str, opinion: Opinion | None, at: datetime) -> Future[bool]:
        """Keep what a person says of a pattern; whether there is such a pattern."""
        return self.write(lambda c: noticed.say(c, noticed_id, opinion, at))
