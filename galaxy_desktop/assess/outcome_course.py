"""The course of a sprint: what changed since the look before, as columns that are added to the curve of this moment.

A look says how a sprint stands; two looks say how fast it moves. The course is read from the latest earlier look that
lies between `LEAST_GAP` and `LARGEST_GAP` of the planned time back, because looks are that far apart in the sprints
that taught it, and from the look before that one, where there is one. A sprint without such a look has no course:
all its columns are zero, and only the curve speaks.

Nothing here looks at what is done: as in the free terms, finished is what is committed less what is left, so counting
more as done changes nothing in these columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from galaxy_desktop.assess.outcome_curve import FAR, MOMENTS, hats
from galaxy_desktop.assess.outcome_moment import SprintMoment
from galaxy_desktop.assess.outcome_terms import LEAST_TIME_LEFT, UNITS, amounts_of, terms

Floats = NDArray[np.float64]

LEAST_GAP = 0.15
LARGEST_GAP = 0.4
_TOUCH = 1e-9
"""Shares of time are written in decimals: this much is not a difference."""
SLOWEST = 0.2
_OF_A_UNIT = ("finished_lately", "added_lately", "added_before", "pace_over_needed", "speeding_up")
COURSE: tuple[str, ...] = (*(f"{unit}_{name}" for unit in UNITS for name in _OF_A_UNIT), "less_is_left")
COURSE_BLOCKS = ("weight", "with_time", "untouched")
COURSE_SCALES = (1.0, 0.7, 0.7)
LEVEL_SCALE = 0.5
COURSE_LEVELS = len(MOMENTS) - 1
"""A level at each moment but the start, where nothing lies behind."""
COURSE_WIDTH = COURSE_LEVELS + len(COURSE_BLOCKS) * len(COURSE)

Looks = Sequence[SprintMoment]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What the course adds: `center` and `spread` of its terms, and `COURSE_WIDTH` weights for each outcome."""

    center: Floats
    spread: Floats
    missed: Floats
    ratio: Floats


def no_course() -> Course:
    """A course that adds nothing, for when no sprint with an earlier look could teach one."""
    size, width = len(COURSE), COURSE_WIDTH
    return Course(center=np.zeros(size), spread=np.ones(size), missed=np.zeros(width), ratio=np.zeros(width))


def look_before(moment: SprintMoment, earlier: Looks) -> SprintMoment | None:
    """The latest look that is far enough back, and not too far; None where there is none."""
    now = min(moment.elapsed, 1.0)
    fit = [one for one in earlier if LEAST_GAP - _TOUCH <= now - one.elapsed <= LARGEST_GAP + _TOUCH]
    return max(fit, key=lambda one: one.elapsed) if fit else None


def has_course(moment: SprintMoment, earlier: Looks) -> bool:
    """Whether an earlier look lies at the right distance before this moment."""
    return look_before(moment, earlier) is not None


def course_columns(moments: Sequence[SprintMoment], earlier: Sequence[Looks], center: Floats, spread: Floats) -> Floats:
    """(rows, COURSE_WIDTH): zero in rows without a course.

    Args:
        moments: at least one sprint at a moment.
        earlier: for each of them the looks at the same sprint before it, in any order.
        center: what is taken from each term of `COURSE`.
        spread: what each is then divided by.
    """
    known = np.array([has_course(one, looks) for one, looks in zip(moments, earlier, strict=True)])
    _, _, elapsed, untouched = terms(moments)
    scaled = np.clip((course_terms(moments, earlier) - center) / spread, -FAR, FAR)
    blocks = (scaled, scaled * (2.5 * (elapsed - 0.4))[:, None], scaled * untouched[:, None])
    columns = np.column_stack(
        [
            hats(elapsed)[:, 1:] * LEVEL_SCALE,
            *(block * scale for block, scale in zip(blocks, COURSE_SCALES, strict=True)),
        ]
    )
    return np.where(known[:, None], columns, 0.0)


def course_terms(moments: Sequence[SprintMoment], earlier: Sequence[Looks]) -> Floats:
    """(rows, len(COURSE)): the terms of each sprint's course, zero where it has none."""
    before = [look_before(one, looks) or one for one, looks in zip(moments, earlier, strict=True)]
    long_before = [look_before(one, looks) or one for one, looks in zip(before, earlier, strict=True)]
    now, last, first = (amounts_of(those) for those in (moments, before, long_before))
    columns: dict[str, Floats] = {}
    for unit in UNITS:
        found = _unit(now.units[unit], last.units[unit], first.units[unit], (now.elapsed, last.elapsed, first.elapsed))
        columns |= {f"{unit}_{name}": column for name, column in found.items()}
    columns["less_is_left"] = np.where(_left(now.units["items"]) < _left(last.units["items"]), 1.0, 0.0)
    table = np.column_stack([columns[name] for name in COURSE])
    alone = np.array([was is one for was, one in zip(before, moments, strict=True)])
    return np.asarray(np.where(alone[:, None], 0.0, table), dtype=np.float64)


def measure_course(moments: Sequence[SprintMoment], earlier: Sequence[Looks]) -> tuple[Floats, Floats]:
    """(center, spread) of every term of `COURSE` over these sprints, all of which have a course."""
    table = course_terms(moments, earlier)
    spread = table.std(axis=0)
    return table.mean(axis=0), np.where(spread > 1e-6, spread, 1.0)


def _unit(now: Floats, last: Floats, first: Floats, elapsed: tuple[Floats, Floats, Floats]) -> dict[str, Floats]:
    left, whole = _left(now), np.maximum(np.maximum(_committed(now), _left(now)), 1e-9)
    gained, gained_before = _gained(now, last), _gained(last, first)
    passed, passed_before = elapsed[0] - elapsed[1], elapsed[1] - elapsed[2]
    pace = gained / whole / np.maximum(passed, LEAST_GAP)
    needed = left / whole / np.maximum(1.0 - elapsed[0], LEAST_TIME_LEFT)
    pace_before = gained_before / whole / np.maximum(passed_before, LEAST_GAP)
    return {
        "finished_lately": np.log1p(gained),
        "added_lately": np.log1p(np.maximum(now[:, 1] - last[:, 1], 0.0)),
        "added_before": np.log1p(last[:, 1]),
        "pace_over_needed": np.log(pace + SLOWEST) - np.log(needed + SLOWEST),
        "speeding_up": np.where(passed_before > 0, pace - pace_before, 0.0),
    }


def _gained(now: Floats, last: Floats) -> Floats:
    finished, finished_before = (np.maximum(_committed(table) - _left(table), 0.0) for table in (now, last))
    return np.asarray(np.maximum(finished - finished_before, 0.0), dtype=np.float64)


def _committed(table: Floats) -> Floats:
    return np.maximum(table[:, 0] + table[:, 1] - table[:, 2], 0.0)


def _left(table: Floats) -> Floats:
    return np.asarray(table[:, 3] + table[:, 4], dtype=np.float64)
