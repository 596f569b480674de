"""Fits the outcome model to public sprints: ridge regressions whose shape says what more done means.

Two curves are learned, each from its own rows: sprints at their start, and sprints under way. Then, from the rows under
way whose sprint was also seen earlier, what its course adds to the second curve; that one is not touched, so a sprint
without earlier looks is judged as if there were no course.

One fit learns the general part and every project's deviation together, so what belongs to a project alone does not
leak into what is said of a new team. `P(missed)` is a logistic curve; delivered/committed is fitted to the median (a
smoothed absolute error), because that is what its mean absolute error rewards.

Two things keep the curve logical. Weights of what is done are held at or below zero. And for every training row on a
board that was touched, one more item is moved to done in thought; a fit that would call that worse pays for it. The
second is a strong pull, not a guarantee; the card says how often it fails.

Only sprints with something committed teach: nothing committed cannot be missed. Everything is deterministic, and the
parameters are rounded, so the same rows give the same file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, minimize

from galaxy_desktop.assess.outcome import OutcomeModel
from galaxy_desktop.assess.outcome_course import Course, Looks, course_columns, has_course, measure_course, no_course
from galaxy_desktop.assess.outcome_curve import STARTED, TEAM_WIDTH, WIDTH, Curve, columns, measure
from galaxy_desktop.assess.outcome_moment import SprintMoment
from galaxy_desktop.assess.outcome_rows import SprintRow, looks_before
from galaxy_desktop.assess.outcome_terms import FINISHED, terms

Floats = NDArray[np.float64]
_Line = np.ndarray[tuple[int], np.dtype[np.float64]]
Loss = Callable[[Floats], tuple[float, Floats, Floats]]
"""From scores: the loss, and by score its slope and curvature."""

RIDGE = 100.0
RATIO_RIDGE = 150.0
COURSE_RIDGE = 30.0
COURSE_RATIO_RIDGE = 30.0
LOGIC = 10.0
"""How much a fit pays for calling it worse when one more item is done."""
PROJECT_POWER = 0.25
"""Rows of a project with n rows weigh n to the power of minus this: large projects count more, but not in full."""
RATIO_LIMIT = 1.5
SMOOTH = 0.05
DIGITS = 5
NEWTON_STEPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    """Columns, targets and weights of a fit; `moves` are the changes of the columns when one more item is done.

    `free` is the column that no ridge draws, the level. `said` is what was learned before, to which the fit adds, and `moves_said` its changes; both by outcome.
    """

    design: Floats
    moves: Floats
    missed: Floats
    ratio: Floats
    weights: Floats
    falling: NDArray[np.bool_]
    free: int | None
    ridges: tuple[float, float]
    said: tuple[Floats, Floats]
    moves_said: tuple[Floats, Floats]


def fit(rows: Sequence[SprintRow]) -> OutcomeModel:
    """The model of these rows, with a deviation for every project.

    Raises:
        ValueError: an outcome is not known, or no row has anything committed.
    """
    used = [row for row in rows if row.committed > 0]
    if not used:
        raise ValueError("no sprint has anything committed, so there is nothing to learn from")
    center, spread = _standard(measure([row.moment for row in used]))
    begun = [row for row in used if row.moment.elapsed >= STARTED / 2]
    fresh = [row for row in used if row.moment.elapsed < STARTED / 2]
    under_way = _fit_curve(begun or used, center, spread)
    last = _last_looks(used)
    return OutcomeModel(
        center=center,
        spread=spread,
        start=_fit_curve(fresh or used, center, spread),
        under_way=under_way,
        course=_fit_course(begun, looks_before(rows, begun), under_way, (center, spread)),
        base_rate=round(min(max(float(np.mean([row.missed for row in last])), 0.01), 0.99), DIGITS),
        median_ratio=round(float(np.median([row.ratio for row in last])), DIGITS),
    )


def _fit_curve(rows: Sequence[SprintRow], center: Floats, spread: Floats) -> Curve:
    projects = sorted({row.project for row in rows})
    design = _with_teams(rows, projects, center, spread)
    before, after = _moved(rows)
    falling = np.zeros(design.shape[1], dtype=np.bool_)
    falling[WIDTH - 2 * len(FINISHED) : WIDTH] = True
    for first in range(WIDTH, design.shape[1], TEAM_WIDTH):
        falling[first + TEAM_WIDTH - len(FINISHED) : first + TEAM_WIDTH] = True
    moves = _with_teams(after, projects, center, spread) - design[before] if after else design[:0]
    nothing, still = np.zeros(len(rows)), np.zeros(len(moves))
    problem = _Problem(
        design=design, moves=moves, missed=_missed(rows), ratio=_ratios(rows), weights=_weights(rows), falling=falling,
        free=0, ridges=(RIDGE, RATIO_RIDGE), said=(nothing, nothing), moves_said=(still, still),
    )  # fmt: skip
    missed, ratio = _rounded(_fit_missed(problem)), _rounded(_fit_ratio(problem))
    return Curve(
        missed=missed[:WIDTH],
        ratio=ratio[:WIDTH],
        team_missed=_by_project(missed, projects),
        team_ratio=_by_project(ratio, projects),
    )


def _fit_course(
    rows: Sequence[SprintRow], earlier: Sequence[Looks], curve: Curve, standard: tuple[Floats, Floats]
) -> Course:
    """What the course adds to a curve, the same for every project."""
    seen = [(row, looks) for row, looks in zip(rows, earlier, strict=True) if has_course(row.moment, looks)]
    if not seen:
        return no_course()
    rows, earlier = [row for row, _ in seen], [looks for _, looks in seen]
    moments = [row.moment for row in rows]
    center, spread = _standard(measure_course(moments, earlier))
    design = course_columns(moments, earlier, center, spread)
    before, after = _moved(rows)
    said = _said(rows, curve, standard)
    moves, moves_said = design[:0], (np.zeros(0), np.zeros(0))
    if after:
        looks = [earlier[i] for i in before]
        moves = course_columns([row.moment for row in after], looks, center, spread) - design[before]
        later = _said(after, curve, standard)
        moves_said = (later[0] - said[0][before], later[1] - said[1][before])
    problem = _Problem(
        design=design, moves=moves, missed=_missed(rows), ratio=_ratios(rows), weights=_weights(rows),
        falling=np.zeros(design.shape[1], dtype=np.bool_), free=None, ridges=(COURSE_RIDGE, COURSE_RATIO_RIDGE),
        said=said, moves_said=moves_said,
    )  # fmt: skip
    return Course(
        center=center, spread=spread, missed=_rounded(_fit_missed(problem)), ratio=_rounded(_fit_ratio(problem))
    )


def _said(rows: Sequence[SprintRow], curve: Curve, standard: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """What a curve with its teams' deviations says of these rows: log-odds of being missed, delivered/committed."""
    general, own = columns([row.moment for row in rows], *standard)
    teams = ([curve.team_missed[row.project] for row in rows], [curve.team_ratio[row.project] for row in rows])
    missed = np.asarray(general @ curve.missed + (own * np.array(teams[0])).sum(axis=1), dtype=np.float64)
    return missed, np.asarray(general @ curve.ratio + (own * np.array(teams[1])).sum(axis=1), dtype=np.float64)


def _moved(rows: Sequence[SprintRow]) -> tuple[list[int], list[SprintRow]]:
    """(numbers of rows, those rows after one more item is done), on boards that were touched."""
    before: list[int] = []
    after: list[SprintRow] = []
    for kind in ("todo", "in_progress"):
        able = [i for i, row in enumerate(rows) if getattr(row.moment, f"items_{kind}") >= 1]
        kept = [i for i, still in zip(able, _untouched(rows, able), strict=True) if not still]
        before += kept
        after += [replace(rows[i], moment=one_more_done(rows[i].moment, kind)) for i in kept]
    return before, after


def _missed(rows: Sequence[SprintRow]) -> Floats:
    return np.array([row.missed for row in rows], dtype=np.float64)


def _ratios(rows: Sequence[SprintRow]) -> Floats:
    return np.array([min(row.ratio, RATIO_LIMIT) for row in rows])


def _weights(rows: Sequence[SprintRow]) -> Floats:
    counts = Counter(row.project for row in rows)
    weights = np.array([counts[row.project] ** -PROJECT_POWER for row in rows])
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def _standard(measured: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    center, spread = measured
    return _rounded(center), np.maximum(_rounded(spread), 10.0**-DIGITS)


def one_more_done(moment: SprintMoment, kind: str) -> SprintMoment:
    """The same sprint after one of its items went from `kind` (todo or in_progress) to done, with its share of points."""
    items = getattr(moment, f"items_{kind}")
    amount = max(0.0, getattr(moment, kind)) / items
    fields = {
        f"items_{kind}": items - 1,
        kind: max(0.0, getattr(moment, kind)) - amount,
        "items_done": moment.items_done + 1,
        "done": max(0.0, moment.done) + amount,
    }
    return replace(moment, **fields)


def _untouched(rows: Sequence[SprintRow], chosen: Sequence[int]) -> list[bool]:
    if not chosen:
        return []
    return [bool(flag) for flag in terms([rows[i].moment for i in chosen])[3]]


def _with_teams(rows: Sequence[SprintRow], projects: Sequence[str], center: Floats, spread: Floats) -> Floats:
    general, own = columns([row.moment for row in rows], center, spread)
    of = np.array([projects.index(row.project) for row in rows])
    return np.column_stack([general, *(own * (of == i)[:, None] for i in range(len(projects)))])


def _fit_missed(problem: _Problem) -> Floats:
    target, weights = problem.missed, problem.weights

    def loss(score: Floats) -> tuple[float, Floats, Floats]:
        chance = 1.0 / (1.0 + np.exp(-np.clip(score, -30, 30)))
        value = float(weights @ (np.logaddexp(0.0, score) - target * score))
        return value, weights * (chance - target), weights * chance * (1.0 - chance)

    return _minimize(_Task(problem=problem, loss=loss, outcome=0, sign=1.0))


def _fit_ratio(problem: _Problem) -> Floats:
    target, weights = problem.ratio, problem.weights

    def loss(score: Floats) -> tuple[float, Floats, Floats]:
        away = score - target
        size = np.sqrt(away**2 + SMOOTH**2)
        return float(weights @ size), weights * away / size, weights * SMOOTH**2 / size**3

    return _minimize(_Task(problem=problem, loss=loss, outcome=1, sign=-1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A penalized loss to make small; with `sign` 1 more done may only lower the score, with -1 only raise it."""

    problem: _Problem
    loss: Loss
    outcome: int
    sign: float

    def value(self, weights: _Line) -> tuple[float, Floats]:
        """What the weights cost, and in which direction that rises."""
        cost, slope, _ = self.loss(self._scores(weights))
        wrong = np.maximum(self._wrong(weights), 0.0)
        ridges = self._ridges()
        cost += 0.5 * float(ridges @ weights**2) + 0.5 * LOGIC * float(wrong @ wrong)
        design, moves = self.problem.design, self.problem.moves
        return cost, design.T @ slope + ridges * weights + LOGIC * self.sign * (moves.T @ wrong)

    def limits(self) -> tuple[Floats, Floats]:
        """(lowest, highest) of every weight."""
        falling, sign = self.problem.falling, self.sign
        return np.where(falling & (sign < 0), 0.0, -np.inf), np.where(falling & (sign > 0), 0.0, np.inf)

    def step(self, weights: Floats, slope: Floats) -> Floats:
        """The way to the bottom of the parabola here, in the weights that are free to move."""
        free = ~(self.problem.falling & (weights == 0) & (self.sign * slope < 0))
        design = self.problem.design
        wrong = self.problem.moves[self._wrong(weights) > 0][:, free]
        curvature = self.loss(self._scores(weights))[2]
        bend = (design[:, free].T * curvature) @ design[:, free]
        bend += np.diag(self._ridges()[free]) + LOGIC * (wrong.T @ wrong)
        step = np.zeros(len(weights))
        step[free] = -np.linalg.solve(bend, slope[free])
        return step

    def _scores(self, weights: _Line) -> Floats:
        return np.asarray(self.problem.said[self.outcome] + self.problem.design @ weights, dtype=np.float64)

    def _wrong(self, weights: _Line) -> Floats:
        """By how much each item done more changes the score, above zero where that is the wrong way."""
        moved = self.problem.moves_said[self.outcome] + self.problem.moves @ weights
        return np.asarray(self.sign * moved, dtype=np.float64)

    def _ridges(self) -> Floats:
        ridges = np.full(self.problem.design.shape[1], self.problem.ridges[self.outcome])
        if self.problem.free is not None:
            ridges[self.problem.free] = 0.0
        return ridges


def _minimize(task: _Task) -> Floats:
    """The weights that cost least.

    The last digits of a quasi-Newton search depend on how a machine adds up; a few Newton steps settle them, so the
    rounded parameters are the same everywhere.
    """
    lowest, highest = task.limits()
    start: _Line = np.zeros(len(lowest))
    found = minimize(
        task.value,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(lowest, highest),
        options={"maxiter": 3000, "maxfun": 6000, "ftol": 1e-11, "gtol": 1e-6, "maxcor": 30},
    )
    weights: _Line = np.asarray(found.x, dtype=np.float64)
    for _ in range(NEWTON_STEPS):
        cost, slope = task.value(weights)
        nearer: _Line = np.clip(weights + task.step(weights, slope), lowest, highest)
        if task.value(nearer)[0] > cost:
            break
        weights = nearer
    return weights


def _by_project(weights: Floats, projects: Sequence[str]) -> dict[str, Floats]:
    own = weights[WIDTH:].reshape(len(projects), TEAM_WIDTH)
    return dict(zip(projects, own, strict=True))


def _last_looks(rows: Sequence[SprintRow]) -> list[SprintRow]:
    last: dict[tuple[str, str], SprintRow] = {}
    for row in rows:
        key = (row.project, row.sprint)
        if key not in last or row.percent_elapsed >= last[key].percent_elapsed:
            last[key] = row
    return list(last.values())


def _rounded(values: Floats) -> Floats:
    return np.round(values, DIGITS) + 0.0
