"""The outcome model as a voice of the forecast, made to keep the forecast's promises.

The model was learned from sprints, not told that less work is better: one item less in work sometimes makes it say a
little less. So the voice does not say what the model says of this sprint alone, but the middle between two: the least of what
it says of this sprint and of all that are better off (no more to do, no more in work, no less done), and the most of what it
says of this sprint and of all that are worse off. Neither is ever lower for a sprint that has less left or more done, so the
middle is not. On public sprints the middle is nearer to the truth than either. Sprints with numbers that lie between those of
a coarse grid are judged by their neighbors on it, weighted by nearness.

Where it is known how the sprint stood before (`ForecastInputs.earlier`), the model hears its course too. Those looks are the
past: they are the same for this sprint and for all that are better or worse off now, so the promise holds with them too.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import product

import numpy as np

from galaxy_desktop.assess.course import Voice, elapsed_share
from galaxy_desktop.assess.draws import Floats
from galaxy_desktop.assess.outcome import OutcomeModel, SprintMoment
from galaxy_desktop.assess.outcome_course import look_before
from galaxy_desktop.assess.prior import PUBLIC_SPRINTS, UNKNOWN_ELAPSED
from galaxy_desktop.domain.findings import ForecastInputs

Situation = tuple[float, float, int, int]
"""Elapsed share, planned days, items added after planning, people: what is the same for all that it is compared with."""
LEVELS = (0, 1, 2, 3, 5, 8, 13, 22, 36, 60, 110, 200)
"""Counts at which the model is asked; a sprint with more of anything is judged as one with the most."""
MILLION = 1_000_000
USUAL_DAYS = 14.0
"""Planned length that is taken where a sprint has no start."""


def outcome_voice(model: OutcomeModel, blend_completions: float = PUBLIC_SPRINTS.blend_completions) -> Voice:
    """What the model says of a sprint, by its items."""

    @lru_cache(maxsize=64)
    def table(course: Situation, record: tuple[int, int], earlier: tuple[SprintMoment, ...]) -> Floats:
        return _in_order(model, course, record, earlier)

    def says(inputs: ForecastInputs) -> float:
        started = sum(work.age_days is not None for work in inputs.open)
        counts = (len(inputs.open) - started, started, inputs.done)
        elapsed = elapsed_share(inputs)
        course = (
            UNKNOWN_ELAPSED if elapsed is None else round(elapsed, 6),
            inputs.planned_days or USUAL_DAYS,
            inputs.added,
            len(inputs.rhythm.team),
        )
        found = table(course, (inputs.past_sprints_on_time, inputs.past_sprints), _looks(inputs, course))
        return _between(found, counts)

    return Voice(says, "outcome model of public sprints", blend_completions)


def _below(count: int) -> int:
    return bisect_right(LEVELS, count) - 1


def _looks(inputs: ForecastInputs, course: Situation) -> tuple[SprintMoment, ...]:
    """The look that the course is read from and the one before that, where there are any; others change nothing."""
    elapsed, planned_days, _, people = course
    if elapsed_share(inputs) is None:
        return ()
    every = [
        _moment(
            one.todo,
            one.started,
            one.done,
            (round(elapsed - (inputs.today - one.day).days / planned_days, 6), planned_days, one.added, people),
        )
        for one in inputs.earlier
    ]
    last = look_before(_moment(0, 0, 0, course), every)
    first = look_before(last, every) if last is not None else None
    return tuple(one for one in (first, last) if one is not None)


def _in_order(
    model: OutcomeModel, course: Situation, record: tuple[int, int], earlier: tuple[SprintMoment, ...]
) -> Floats:
    """P(landed) by levels to do, in work and done: the middle of the least of the better off and the most of the worse."""
    size = len(LEVELS)
    moments = [_moment(todo, started, done, course) for todo, started, done in product(LEVELS, repeat=3)]
    on_time, past = record
    history = [False] * on_time + [True] * (past - on_time)
    missed = model.p_missed(moments, history, [earlier] * len(moments) if earlier else None)
    # From here on better off means a higher index along every axis.
    landed = (1.0 - missed).reshape(size, size, size)[::-1, ::-1, :]
    most, least = landed, landed[::-1, ::-1, ::-1]
    for axis in range(3):
        most, least = np.maximum.accumulate(most, axis=axis), np.minimum.accumulate(least, axis=axis)
    middle: Floats = np.round((most + least[::-1, ::-1, ::-1]) / 2.0, 6)[::-1, ::-1, :]
    return middle


def _moment(todo: int, started: int, done: int, course: Situation) -> SprintMoment:
    elapsed, planned_days, added, people = course
    whole = todo + started + done
    late = min(added, whole)
    return SprintMoment(
        planned_days=planned_days, elapsed=elapsed, people=people, committed_at_start=whole - late, added=late, removed=0,
        todo=todo, in_progress=started, done=done, items_at_start=whole - late, items_added=late, items_removed=0,
        items_todo=todo, items_in_progress=started, items_done=done,
    )  # fmt: skip


def _between(table: Floats, counts: tuple[int, int, int]) -> float:
    """The value at counts between levels, by nearness along each of the three.

    In whole millionths: with fractions two equal values could come out a millionth apart, and the promise would break.
    """
    ends, spans = [], 1
    for axis, count in enumerate(counts):
        top = table.shape[axis] - 1
        low = min(_below(min(count, LEVELS[-1])), top)
        high = min(low + 1, top)
        span = max(LEVELS[high] - LEVELS[low], 1)
        part = min(count, LEVELS[high]) - LEVELS[low]
        ends.append(((low, span - part), (high, part)))
        spans *= span
    total = sum(round(table[a, b, c] * MILLION) * x * y * z for (a, x), (b, y), (c, z) in product(*ends))
    return float((2 * total + spans) // (2 * spans) / MILLION)
