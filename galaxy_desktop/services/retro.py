"""The course of one sprint, from its forecast ledger: for the retrospective, with facts and without persons.

What was said is never computed anew. Where nothing was said while the sprint ran, the entries of the replay are shown
and named so. The largest jump is explained from the inputs that are kept with both entries, so that its parts add up
to exactly the numbers that were shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from galaxy_desktop.assess import inputs_json
from galaxy_desktop.domain.findings import Analysis, FollowUp, ForecastInputs, SprintAnalysis
from galaxy_desktop.domain.ledger import LedgerEntry, Origin, Outcome
from galaxy_desktop.domain.retro import Retro, RetroPoint, RetroStep, StepKind
from galaxy_desktop.domain.since import Moved
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.explain.since import WORTH_EXPLAINING
from galaxy_desktop.explain.words import counted, day_in_words, days_in_words, percent
from galaxy_desktop.services import ledger, time_machine
from galaxy_desktop.store.database import Store

Pair = tuple[ForecastInputs, ForecastInputs]


@dataclass(frozen=True, slots=True)
class _Course:
    """The entries of a sprint of one origin, oldest first."""

    entries: tuple[LedgerEntry, ...]

    @classmethod
    def of(cls, entries: Sequence[LedgerEntry]) -> _Course:
        """Those said live where there are two numbers among them, else those replayed by the newest engine."""
        live = tuple(e for e in entries if e.origin is Origin.LIVE)
        if sum(e.probability is not None for e in live) > 1:
            return cls(live)
        replayed = [e for e in entries if e.origin is Origin.REPLAY]
        newest = max((e.engine for e in replayed), default="")
        told = tuple(e for e in replayed if e.engine == newest)
        return cls(told if any(e.probability is not None for e in told) else live)

    @property
    def numbered(self) -> tuple[LedgerEntry, ...]:
        return tuple(e for e in self.entries if e.probability is not None)

    def points(self) -> Iterator[RetroPoint]:
        for e in self.numbered:
            yield RetroPoint(
                at=e.said_at,
                probability=e.probability or 0.0,
                origin=e.origin,
                elapsed=e.elapsed,
                open=e.open,
                done=e.done,
            )

    def steps(self) -> Iterator[RetroStep]:
        for one, other in pairwise(self.entries):
            change = _change(one, other)
            if one.due_on != other.due_on:
                yield RetroStep(kind=StepKind.END, at=other.said_at, words=_end(one, other), change=change)
            grown = other.open + other.done - one.open - one.done
            if grown:
                said = f"{counted(abs(grown), 'item')} {'came in' if grown > 0 else 'went out'}"
                yield RetroStep(kind=StepKind.SCOPE, at=other.said_at, words=said, change=change)
        for one, other in pairwise(self.numbered):
            change = _change(one, other)
            if change is not None and abs(change) >= WORTH_EXPLAINING - 1e-9:
                said = f"from {percent(one.probability or 0.0)} to {percent(other.probability or 0.0)}"
                yield RetroStep(kind=StepKind.JUMP, at=other.said_at, words=said, change=change)

    def largest(self) -> tuple[LedgerEntry, LedgerEntry] | None:
        """The two entries next to each other between which the probability moved most; `None` where it never moved."""
        pairs = [(abs(_change(a, b) or 0.0), a, b) for a, b in pairwise(self.numbered)]
        most = max(pairs, key=lambda pair: pair[0], default=None)
        return (most[1], most[2]) if most is not None and most[0] > 0 else None


def retro_of(store: Store, shown: Analysis, sprint_id: str, at: datetime | None = None) -> tuple[Retro, Pair | None]:
    """The course of a sprint, and the inputs on both sides of its largest jump where both are kept; blocking.

    With `at`, a moment of the past that `shown` is of: what was said by then, and the outcome only where it had ended.

    Raises:
        WrongUseError: the sprint is neither on the screen nor in the ledger.
    """
    entries = ledger.said_by(store.ledger(sprint_id), at)
    one = next((s for s in shown.sprints if s.sprint.id == sprint_id), None)
    if one is None and not entries:
        raise WrongUseError("There is no such sprint.")
    course, outcome = _Course.of(entries), ledger.ended_by(store.ledger_outcomes(), at).get(sprint_id)
    largest = course.largest()
    found = Retro(
        sprint_id=sprint_id,
        title=one.sprint.title if one else entries[-1].sprint_title,
        due_on=one.sprint.due_on if one else entries[-1].due_on,
        outcome=outcome,
        points=tuple(course.points()),
        steps=tuple(sorted(course.steps(), key=lambda step: step.at)),
        biggest=Moved(before=largest[0].probability, after=largest[1].probability) if largest else None,
        biggest_from=largest[0].said_at if largest else None,
        biggest_to=largest[1].said_at if largest else None,
        actions=follow_ups(store, sprint_id, at),
        facts=tuple(_facts(course, outcome, one, shown)),
    )
    return found, _kept(store, largest) if largest else None


def follow_ups(store: Store, sprint_id: str, at: datetime | None = None) -> tuple[FollowUp, ...]:
    """What was accepted in a sprint, with what came of it (by a moment), in the order in which it was accepted."""
    every = store.interventions() if at is None else time_machine.accepted_by(store, at)
    found = [one for one in every if one.intervention.sprint_id == sprint_id]
    return tuple(sorted(found, key=lambda one: one.intervention.accepted_at))


def with_biggest(retro: Retro, moved: Moved) -> Retro:
    """The same with the causes of its largest jump, where they are of the numbers that were shown."""
    if retro.biggest is None or (moved.before, moved.after) != (retro.biggest.before, retro.biggest.after):
        return retro
    return replace(retro, biggest=moved)


def _kept(store: Store, pair: tuple[LedgerEntry, LedgerEntry]) -> Pair | None:
    texts = [store.ledger_inputs(entry.inputs_digest) for entry in pair]
    if not texts[0] or not texts[1]:
        return None
    return inputs_json.from_json(texts[0]), inputs_json.from_json(texts[1])


def _change(one: LedgerEntry, other: LedgerEntry) -> float | None:
    if one.probability is None or other.probability is None:
        return None
    return round(other.probability - one.probability, 4)


def _end(one: LedgerEntry, other: LedgerEntry) -> str:
    today = other.said_at.date()
    if other.due_on is None:
        return "the end was removed"
    moved = f"the end is {day_in_words(other.due_on, today)}"
    return moved if one.due_on is None else f"{moved}, before it was {day_in_words(one.due_on, today)}"


def _facts(course: _Course, outcome: Outcome | None, one: SprintAnalysis | None, shown: Analysis) -> Iterator[str]:
    """What the retrospective ends with: numbers, no advice."""
    today = shown.as_of.date()
    if outcome is not None:
        yield f"{'It landed' if outcome.landed else 'It did not land'}: {days_in_words(outcome.why, today)}."
        yield f"{outcome.delivered} of {counted(outcome.committed, 'item')} were delivered."
    if one is not None:
        added, removed = len(one.features.added_since_start), len(one.features.removed_since_start)
        yield f"{counted(added, 'item')} came in after planning, {removed} went out."
        ends = [day_in_words(day, today) for day in one.sprint.due_history]
        if len(ends) > 1:
            yield f"The end was moved {counted(len(ends) - 1, 'time')}: {', then '.join(ends)}."
    if course.numbered:
        first, last = course.numbered[0], course.numbered[-1]
        low = min(e.probability or 0.0 for e in course.numbered)
        high = max(e.probability or 0.0 for e in course.numbered)
        yield (
            f"The first number was {percent(first.probability or 0.0)}, the last {percent(last.probability or 0.0)}; "
            f"it stayed between {percent(low)} and {percent(high)}."
        )
