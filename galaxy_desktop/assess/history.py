"""The past as the simulation draws from it: working days with what they brought, and the sprint's share of it.

- A weekend or holiday is not drawn: what was done on it is added to the next working day.
- The history begins with the first day on which anything happened: days before are "no data", not zero.
- Today is left out of the draws because it is not over, but counts for "completed in the last 60 days".
- Many items added to sprints on one day are a planning meeting, not growing scope; they are not drawn as arrivals.

Two shares are uncertain and drawn anew in every run, from 64 equally likely levels each: the focus (which part of the
repositories' completions goes to sprints, a Beta posterior) and the growth (how many items a working day come into this
sprint, a Gamma posterior). Public sprints say what to expect of growth beforehand: about half an item for each one
done, but most sprints get none and a few get many. What this sprint got so far soon outweighs that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from galaxy_desktop.assess.draws import Floats, Ints
from galaxy_desktop.domain.facts import DayCount
from galaxy_desktop.domain.findings import ForecastInputs

RECENT_DAYS = 60
LEAST_ACTIVE_DAYS = 5
LEAST_COMPLETIONS = 10
PLANNING_BATCH = 4
"""From this many items added to sprints on one day on, the day counts as planning."""
FOCUS_PRIOR = (2.0, 1.0)
"""Beta prior of the share of completions that go to sprints. It leans upwards because the share seen is a lower bound:
when a sprint holds little, little of what gets done can be part of it."""
LEVELS = 64
STEPS = 4000
GROWTH_SHAPE = 0.4
"""Shape of the Gamma prior of growth: far below 1, because more than half of public sprints do not grow at all."""
GROWTH_SHAPES = (0.4, 0.6, 0.9, 1.3, 2.0, 3.0, 4.5, 6.5, 10.0)
SHAPE_DOUBT = 1.0
"""How far, in powers of e, a team's own shape is usually from the public one."""
GROWTH_PER_DONE = (0.05, 0.5)
"""Bounds of its mean, in items added for each one done; within them the own past decides."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Past working days in order: items done in the repositories, and items added to sprints."""

    done: Ints
    added: Ints

    @property
    def mean_done(self) -> float:
        """Items done a working day."""
        return float(self.done.mean()) if len(self.done) else 0.0

    @property
    def mean_added(self) -> float:
        """Items added to sprints a working day, planning left out."""
        return float(self.added.mean()) if len(self.added) else 0.0


@dataclass(frozen=True, slots=True)
class Recent:
    """What the last 60 days hold: days with a completion, and completions."""

    active_days: int
    completed: int

    @property
    def enough(self) -> bool:
        """Whether a number may be shown at all."""
        return self.active_days >= LEAST_ACTIVE_DAYS and self.completed >= LEAST_COMPLETIONS


def recent(days: Sequence[DayCount], today: date) -> Recent:
    """Count the last 60 days, today included."""
    since = today - timedelta(days=RECENT_DAYS)
    last = [d for d in days if since < d.day <= today and d.done > 0]
    return Recent(active_days=len(last), completed=sum(d.done for d in last))


def whole(days: Sequence[DayCount], today: date) -> Recent:
    """Count all days of the history, today included."""
    past = [d for d in days if d.day <= today and d.done > 0]
    return Recent(active_days=len(past), completed=sum(d.done for d in past))


def pool_of(inputs: ForecastInputs) -> Pool:
    """The working days to draw from, in pieces of work; days off are folded into the next working day."""
    days, in_sprints = pieces_of(inputs)
    added_on = {d.day: _growth(d.added) for d in in_sprints}
    done: list[int] = []
    added: list[int] = []
    carried_done = carried_added = 0
    for day in _since_first_event(days, inputs.today):
        carried_done += day.done
        carried_added += added_on.get(day.day, 0)
        if day.working:
            done.append(carried_done)
            added.append(carried_added)
            carried_done = carried_added = 0
    if done:
        done[-1] += carried_done
        added[-1] += carried_added
    return Pool(np.array(done, dtype=np.int64), np.array(added, dtype=np.int64))


def _growth(added: int) -> int:
    return 0 if added >= PLANNING_BATCH else added


def _since_first_event(days: Sequence[DayCount], today: date) -> list[DayCount]:
    past = [d for d in days if d.day < today]
    first = next((i for i, d in enumerate(past) if d.done or d.added), len(past))
    return past[first:]


def completions(inputs: ForecastInputs) -> tuple[int, int]:
    """(pieces done that were in a sprint, pieces done at all): on days on which a sprint had work, where that is known."""
    if inputs.flow is not None:
        return inputs.flow.done, inputs.flow.every
    days, in_sprints = pieces_of(inputs)
    every = sum(d.done for d in days)
    return min(sum(d.done for d in in_sprints), every), every


def pieces_of(inputs: ForecastInputs) -> tuple[Sequence[DayCount], Sequence[DayCount]]:
    """The days of the past in pieces of work, everywhere and in sprints; where nobody told pieces apart, in items."""
    if inputs.unit_days:
        return inputs.unit_days, inputs.unit_sprint_days
    return inputs.days, inputs.sprint_days


def focus_levels(in_sprints: int, every: int) -> Floats:
    """64 equally likely values of the share of completions that go to sprints.

    They are quantiles of Beta(in sprints + 2, others + 1), rounded so that platforms agree. The share rests on what
    was done, never on what is open: taking scope out of a sprint does not change it.
    """
    a, b = in_sprints + FOCUS_PRIOR[0], every - in_sprints + FOCUS_PRIOR[1]
    grid = (np.arange(STEPS) + 0.5) / STEPS
    height = (a - 1.0) * np.log(grid) + (b - 1.0) * np.log1p(-grid)
    mass = np.cumsum(np.exp(height - height.max()))
    levels = np.interp((np.arange(LEVELS) + 0.5) / LEVELS, mass / mass[-1], grid)
    rounded: Floats = np.maximum(np.round(levels, 6), 1e-4)
    return rounded


def growth_levels(added: int, days: float, usual: float, prior: float = GROWTH_SHAPE) -> Floats:
    """64 equally likely rates of growth, in items a working day.

    They are quantiles of Gamma(prior + added, prior / usual + days): the prior has the usual rate as its mean, `added`
    items in `days` working days are what this sprint saw. The higher the shape of the prior, the more alike sprints are. More items never give a lower level.
    """
    shape, rate = prior + added, prior / max(usual, 1e-6) + days
    top = (shape + 12.0 * shape**0.5 + 12.0) / rate
    # Below shape 1 the density in x is infinite at 0; in z = x ** shape it is smooth: exp(-rate * x).
    bend = min(shape, 1.0)
    x = ((np.arange(STEPS) + 0.5) / STEPS * top**bend) ** (1.0 / bend)
    height = (shape - bend) * np.log(x) - rate * x
    mass = np.cumsum(np.exp(height - height.max()))
    levels: Floats = np.round(np.interp((np.arange(LEVELS) + 0.5) / LEVELS, mass / mass[-1], x), 6)
    return levels


def rivals(inputs: ForecastInputs) -> int:
    """By how many sprints the share of the past is to be divided: by none where it was counted sprint by sprint."""
    return max(inputs.open_sprints, 1) if inputs.flow is None else 1


def usual_growth(inputs: ForecastInputs, pool: Pool) -> float:
    """Items a working day that a sprint like this gets added, before it was looked at.

    Where it was counted sprint by sprint: the mean of Gamma(0.4 + added, 0.4 / public + days); otherwise the past within
    bounds.
    """
    done = pool.mean_done * focus_mean(*completions(inputs))
    low, high = GROWTH_PER_DONE
    if inputs.flow is not None:
        return (GROWTH_SHAPE + inputs.flow.added) / (GROWTH_SHAPE / max(high * done, 1e-6) + inputs.flow.days)
    return min(max(pool.mean_added, low * done), high * done) / rivals(inputs)


def growth_of(inputs: ForecastInputs, pool: Pool) -> Floats:
    """The 64 rates of growth of this sprint, see `growth_levels`."""
    flow = inputs.flow
    added, days = (inputs.added, float(inputs.added_days)) if flow is None else (flow.own_added, flow.own_days)
    usual = usual_growth(inputs, pool)
    return growth_levels(added, days, usual, growth_shape(flow.grown if flow else (), usual))


def growth_shape(grown: Sequence[tuple[int, float]], usual: float) -> float:
    """How alike the sprints of this team grow: 0.4 as public ones, the higher the more alike.

    Of sprints whose rate is Gamma(k, k / usual), the items added in so many days are negative binomial. k is the most
    likely of nine values, where ln k is taken to be usually within 1 of ln 0.4: without sprints that grew it stays there.
    """

    def likelihood(shape: float) -> float:
        doubt = math.log(shape / GROWTH_SHAPE) / SHAPE_DOUBT
        total = -0.5 * doubt * doubt
        for added, days in grown:
            mean = max(usual * days, 1e-9)
            total += math.lgamma(shape + added) - math.lgamma(shape) + shape * math.log(shape / (shape + mean))
            total += added * math.log(mean / (shape + mean))
        return round(total, 6)

    return max(GROWTH_SHAPES, key=likelihood)


def focus_mean(in_sprints: int, every: int) -> float:
    """The mean of that share."""
    return (in_sprints + FOCUS_PRIOR[0]) / (every + sum(FOCUS_PRIOR))


def what_is_missing(have: Recent, days: Sequence[DayCount], today: date, total: int) -> str:
    """In words: what a forecast still needs, and when it will be there at the pace so far."""
    if total == 0:
        return "The sprint has no items yet: a forecast needs something to finish."
    lacks_days = max(LEAST_ACTIVE_DAYS - have.active_days, 0)
    lacks_items = max(LEAST_COMPLETIONS - have.completed, 0)
    parts = []
    if lacks_items:
        parts.append(f"{LEAST_COMPLETIONS} completed items in the last {RECENT_DAYS} days (so far {have.completed})")
    if lacks_days:
        parts.append(f"{LEAST_ACTIVE_DAYS} days with a completed item (so far {have.active_days})")
    return f"A forecast needs {' and '.join(parts)}. {_when(have, days, today, lacks_items, lacks_days)}"


def _when(have: Recent, days: Sequence[DayCount], today: date, lacks_items: int, lacks_days: int) -> str:
    span = len([d for d in _since_first_event(days, today + timedelta(days=1)) if (today - d.day).days < RECENT_DAYS])
    if not have.completed or not span:
        return "Nothing was completed yet, so nobody can say when that will be."
    wait = max(lacks_items * span / have.completed, lacks_days * span / have.active_days)
    return f"At the pace so far that is around {(today + timedelta(days=math.ceil(wait))).isoformat()}."
