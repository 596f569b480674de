"""Fits the outcome model to public sprints: ridge regressions whose shape says what more done means.

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
from galaxy_desktop.assess.outcome_curve import TEAM_WIDTH, WIDTH, columns, measure
from galaxy_desktop.assess.outcome_moment import SprintMoment
from galaxy_desktop.assess.outcome_rows import SprintRow
from galaxy_desktop.assess.outcome_terms import FINISHED, terms

Floats = NDArray[np.float64]
_Line = np.ndarray[tuple[int], np.dtype[np.float64]]
Loss = Callable[[Floats], tuple[float, Floats, Floats]]
"""From scores: the loss, and by score its slope and curvature."""

RIDGE = 100.0
RATIO_RIDGE = 150.0
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
    """Columns, targets and weights of a fit; `moves` are the changes of the columns when one more item is done."""

    design: Floats
    moves: Floats
    missed: Floats
    ratio: Floats
    weights: Floats
    falling: NDArray[np.bool_]


def fit(rows: Sequence[SprintRow]) -> OutcomeModel:
    """The model of these rows, with a deviation for every project.

    Raises:
        ValueError: an outcome is not known, or no row has anything committed.
    """
    used = [row for row in rows if row.committed > 0]
    if not used:
        raise ValueError("no sprint has anything committed, so there is nothing to learn from")
    center, spread = measure([row.moment for row in used])
    center, spread = _rounded(center), np.maximum(_rounded(spread), 10.0**-DIGITS)
    projects = sorted({row.project for row in used})
    problem = _problem(used, projects, center, spread)
    missed, ratio = _rounded(_fit_missed(problem)), _rounded(_fit_ratio(problem))
    last = _last_looks(used)
    return OutcomeModel(
        center=center,
        spread=spread,
        missed=missed[:WIDTH],
        ratio=ratio[:WIDTH],
        team_missed=_by_project(missed, projects),
        team_ratio=_by_project(ratio, projects),
        base_rate=round(min(max(float(np.mean([row.missed for row in last])), 0.01), 0.99), DIGITS),
        median_ratio=round(float(np.median([row.ratio for row in last])), DIGITS),
    )


def _problem(rows: Sequence[SprintRow], projects: Sequence[str], center: Floats, spread: Floats) -> _Problem:
    design = _with_teams(rows, projects, center, spread)
    changes = []
    for kind in ("todo", "in_progress"):
        able = [i for i, row in enumerate(rows) if getattr(row.moment, f"items_{kind}") >= 1]
        kept = [i for i, moved in zip(able, _untouched(rows, able), strict=True) if not moved]
        after = [replace(rows[i], moment=one_more_done(rows[i].moment, kind)) for i in kept]
        if after:
            changes.append(_with_teams(after, projects, center, spread) - design[kept])
    counts = Counter(row.project for row in rows)
    weights = np.array([counts[row.project] ** -PROJECT_POWER for row in rows])
    falling = np.zeros(design.shape[1], dtype=np.bool_)
    falling[WIDTH - 2 * len(FINISHED) : WIDTH] = True
    for first in range(WIDTH, design.shape[1], TEAM_WIDTH):
        falling[first + TEAM_WIDTH - len(FINISHED) : first + TEAM_WIDTH] = True
    return _Problem(
        design=design,
        moves=np.vstack(changes) if changes else np.zeros((0, design.shape[1])),
        missed=np.array([row.missed for row in rows], dtype=np.float64),
        ratio=np.array([min(row.ratio, RATIO_LIMIT) for row in rows]),
        weights=weights / weights.mean(),
        falling=falling,
    )


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

    return _minimize(_Task(problem=problem, loss=loss, ridge=RIDGE, sign=1.0))


def _fit_ratio(problem: _Problem) -> Floats:
    target, weights = problem.ratio, problem.weights

    def loss(score: Floats) -> tuple[float, Floats, Floats]:
        away = score - target
        size = np.sqrt(away**2 + SMOOTH**2)
        return float(weights @ size), weights * away / size, weights * SMOOTH**2 / size**3

    return _minimize(_Task(problem=problem, loss=loss, ridge=RATIO_RIDGE, sign=-1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A penalized loss to make small; with `sign` 1 more done may only lower the score, with -1 only raise it."""

    problem: _Problem
    loss: Loss
    ridge: float
    sign: float

    def value(self, weights: _Line) -> tuple[float, Floats]:
        """What the weights cost, and in which direction that rises."""
        design, moves = self.problem.design, self.problem.moves
        cost, slope, _ = self.loss(design @ weights)
        wrong = np.maximum(self.sign * (moves @ weights), 0.0)
        drawn = weights.copy()
        drawn[0] = 0.0
        cost += 0.5 * self.ridge * float(drawn @ drawn) + 0.5 * LOGIC * float(wrong @ wrong)
        return cost, design.T @ slope + self.ridge * drawn + LOGIC * self.sign * (moves.T @ wrong)

    def limits(self) -> tuple[Floats, Floats]:
        """(lowest, highest) of every weight."""
        falling, sign = self.problem.falling, self.sign
        return np.where(falling & (sign < 0), 0.0, -np.inf), np.where(falling & (sign > 0), 0.0, np.inf)

    def step(self, weights: Floats, slope: Floats) -> Floats:
        """The way to the bottom of the parabola here, in the weights that are free to move."""
        free = ~(self.problem.falling & (weights == 0) & (self.sign * slope < 0))
        design, moves = self.problem.design, self.problem.moves
        wrong = moves[self.sign * (moves @ weights) > 0][:, free]
        curvature = self.loss(design @ weights)[2]
        drawn = np.where(np.arange(len(weights)) == 0, 0.0, self.ridge)[free]
        bend = (design[:, free].T * curvature) @ design[:, free] + np.diag(drawn) + LOGIC * (wrong.T @ wrong)
        step = np.zeros(len(weights))
        step[free] = -np.linalg.solve(bend, slope[free])
        return step


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
