"""The runs themselves: many possible futures of one sprint, all at once.

A run draws blocks of five past working days, each day with what was done in the repositories and what was added to
sprints, together. Of the completions only some go to this sprint: with the run's focus share f, the completions
needed for its next item are geometric with mean 1/f. A run has landed on the first day on which

    completions so far  >=  those needed for (open items + items added until then)
    and every open item is ready (see `chains`).

Scope grows at the run's own rate, on the days on which it grew in the past, and stops growing at the end of the
sprint. Days are counted from today (0); what is left of today counts as its share of the day. Runs are followed for
three years.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from galaxy_desktop.assess.chains import ready_days
from galaxy_desktop.assess.draws import Floats, Ints, below, uniforms
from galaxy_desktop.assess.history import Pool, completions, focus_levels, growth_levels, pool_of, usual_growth
from galaxy_desktop.assess.survival import survival_of
from galaxy_desktop.domain.calendar import is_working
from galaxy_desktop.domain.findings import ForecastInputs

BLOCK = 5
HORIZON_DAYS = 3 * 365
GROWTH_WITHOUT_END = 28
"""Calendar days for which scope is taken to grow in a sprint without an end: four weeks, a usual sprint."""
LONGEST_GROWTH = 366
MOST_ARRIVALS = 300
FAN_RUNS = 1_000
FIRST_BLOCKS = 24
"""Blocks drawn at first, about half a year; all three years are drawn only when a run needs them."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """What came out, in days from today: `finish` per run; `done` has the order of finishing, (item, run)."""

    finish: Ints
    done: Ints

    def share_by(self, offset: int) -> float:
        """The share of runs that landed by the end of that day."""
        return float((self.finish <= offset).mean()) if offset >= 0 else 0.0

    def day_at(self, share: float) -> int:
        """The first day by which at least this share of the runs has landed."""
        rank = int(np.ceil(share * len(self.finish))) - 1
        return int(np.partition(self.finish, rank)[rank])


@dataclass(frozen=True, slots=True, eq=False)
class _Capacity:
    """Completions in the repositories per run: `blocks` holds cumulative sums at the end of each block."""

    pool: Pool
    starts: Ints
    blocks: Ints
    lost: Ints
    lost_added: Ints
    work_offsets: Ints

    def reaches(self, need: Ints) -> bool:
        """Whether every run gets as far as its need within the blocks drawn."""
        return bool(np.all(self.blocks[-1] - self.lost >= need))

    def day_reaching(self, need: Ints, runs: slice = slice(None)) -> Ints:
        """Calendar day on which each run's completions reach `need` (rows of needs, ascending or not)."""
        goal = need + self.lost[runs]
        blocks, starts = self.blocks[:, runs], self.starts[:, runs]
        count = goal.shape[-1]
        top = int(blocks[-1].max()) + 1
        step = np.arange(count) * (top + 1)
        flat = (blocks + step).T.ravel()
        found = np.searchsorted(flat, (np.minimum(goal, top) + step).ravel(), side="left").reshape(goal.shape)
        block = found - np.arange(count) * len(blocks)
        inside = np.minimum(block, len(blocks) - 1)
        column = np.broadcast_to(np.arange(count), goal.shape)
        before = np.where(inside > 0, blocks[inside - 1, column], 0)
        prefix = _prefixes(self.pool.done)[starts[inside, column]]
        day = (prefix < (goal - before)[..., None]).sum(axis=-1)
        index = np.minimum(inside * BLOCK + np.minimum(day, BLOCK - 1), len(self.work_offsets) - 1)
        return np.where(block < len(blocks), self.work_offsets[index], HORIZON_DAYS)


def simulate_runs(inputs: ForecastInputs) -> Runs:
    """Play all runs of the inputs; the same inputs give the same runs, and fewer items never a later finish."""
    pool = pool_of(inputs)
    chances = inputs.runs
    if not len(pool.done) or not pool.done.any():
        never = np.full(chances, HORIZON_DAYS, dtype=np.int64)
        return Runs(never, np.full((len(inputs.open), min(FAN_RUNS, chances)), HORIZON_DAYS, dtype=np.int64))
    ready = _ready_offsets(inputs)
    last = ready.max(axis=0)
    growth = _growth_days(inputs)
    offsets = _work_offsets(inputs.today, inputs.holidays)
    every = -(-len(offsets) // BLOCK)
    soon = min(every, max(FIRST_BLOCKS, -(-growth // BLOCK)))
    capacity = _capacity(inputs, pool, offsets, soon)
    arrivals, done = _grid(inputs, capacity, growth)
    needs = _needs(inputs, len(inputs.open) + int(arrivals.max(initial=0)))
    at_end = len(inputs.open) + (arrivals[-1] if len(arrivals) else np.zeros(chances, dtype=np.int64))
    everything = needs[at_end - 1, np.arange(chances)]
    if not capacity.reaches(everything):
        capacity = _capacity(inputs, pool, offsets, every)
    finish = np.maximum(capacity.day_reaching(everything[None, :])[0], last)
    if len(arrivals):
        landed = (done >= needs[len(inputs.open) + arrivals - 1, np.arange(chances)]) & (
            last <= np.arange(growth + 1)[:, None]
        )
        finish = np.where(landed.any(axis=0), landed.argmax(axis=0), finish)
    few = slice(0, FAN_RUNS)
    reached = capacity.day_reaching(needs[: len(inputs.open), few], few)
    order = np.maximum(np.sort(ready[:, few], axis=0), reached)
    return Runs(np.minimum(finish, HORIZON_DAYS), np.minimum(np.maximum.accumulate(order, axis=0), HORIZON_DAYS))


def _ready_offsets(inputs: ForecastInputs) -> Ints:
    """The calendar day on which each item can be ready, (item, run)."""
    ready = ready_days(inputs.open, inputs.outside, survival_of(inputs.cycle_days), inputs.seed, inputs.runs)
    days = np.stack([ready[work.item_id] for work in inputs.open]) + _share_of_today_gone(inputs)
    return np.minimum(days, HORIZON_DAYS).astype(np.int64)


def _share_of_today_gone(inputs: ForecastInputs) -> float:
    clock = inputs.as_of
    return (clock.hour * 3600 + clock.minute * 60 + clock.second) / 86_400.0


def _growth_days(inputs: ForecastInputs) -> int:
    """The last day, counted from today, on which scope still grows; -1 when the end has passed."""
    if inputs.due_on is None:
        return GROWTH_WITHOUT_END
    return max(min((inputs.due_on - inputs.today).days, LONGEST_GROWTH), -1)


@lru_cache(maxsize=32)
def _work_offsets(today: date, holidays: frozenset[date]) -> Ints:
    """Calendar days from today that are working days, up to the horizon."""
    return np.array(
        [n for n in range(HORIZON_DAYS + 1) if is_working(today + timedelta(days=n), holidays)], dtype=np.int64
    )


def _capacity(inputs: ForecastInputs, pool: Pool, offsets: Ints, count: int) -> _Capacity:
    """Draw the first `count` blocks; more blocks begin with the same ones."""
    starts = below(inputs.seed, "days", count, inputs.runs, len(pool.done))
    totals = _prefixes(pool.done)[:, -1]
    blocks = np.cumsum(totals[starts], axis=0)
    gone = np.zeros(inputs.runs, dtype=bool)
    if offsets[0] == 0:
        gone = uniforms(inputs.seed, "today", 1, inputs.runs)[0] < _share_of_today_gone(inputs)
    lost = np.where(gone, pool.done[starts[0]], 0)
    return _Capacity(pool, starts, blocks, lost, np.where(gone, _arrived(pool)[starts[0]], 0), offsets)


def _prefixes(counts: Ints) -> Ints:
    """For each past day the running sum over the five days that start there, going round at the end."""
    days = (np.arange(len(counts))[:, None] + np.arange(BLOCK)) % len(counts)
    sums: Ints = np.cumsum(counts[days], axis=1)
    return sums


def _grid(inputs: ForecastInputs, capacity: _Capacity, growth: int) -> tuple[Ints, Ints]:
    """Items added to the sprint and completions in the repositories by the end of each day, (day, run)."""
    days = np.searchsorted(capacity.work_offsets, np.arange(growth + 1), side="right")
    longest = int(days[-1]) if len(days) else 0
    blocks = -(-longest // BLOCK)
    drawn = (capacity.starts[:blocks, None, :] + np.arange(BLOCK)[None, :, None]) % len(capacity.pool.done)
    drawn = drawn.reshape(-1, inputs.runs)[:longest]
    empty = np.zeros((1, inputs.runs), dtype=np.int64)
    done = np.concatenate((empty, np.cumsum(capacity.pool.done[drawn], axis=0) - capacity.lost))[days]
    added = np.concatenate((empty, np.cumsum(_arrived(capacity.pool)[drawn], axis=0) - capacity.lost_added))[days]
    spread = uniforms(inputs.seed, "arrivals", 1, inputs.runs)[0]
    return np.minimum((added * _growth(inputs, capacity.pool) + spread).astype(np.int64), MOST_ARRIVALS), done


def _growth(inputs: ForecastInputs, pool: Pool) -> Floats:
    """For each run, what one item added in the past means for this sprint."""
    levels = growth_levels(inputs.added, inputs.added_days, usual_growth(inputs, pool))
    picked: Floats = levels[below(inputs.seed, "growth", 1, inputs.runs, len(levels))[0]]
    return picked / float(_arrived(pool).mean())


def _arrived(pool: Pool) -> Ints:
    """Items added on each past working day; where none ever was, one a day stands for even growth."""
    return pool.added if pool.added.any() else np.ones_like(pool.added)


def _needs(inputs: ForecastInputs, items: int) -> Ints:
    """Completions in the repositories until the sprint has its first, second, ... item done, (item, run)."""
    levels = focus_levels(*completions(inputs)) / max(inputs.open_sprints, 1)
    focus = levels[below(inputs.seed, "focus", 1, inputs.runs, len(levels))[0]]
    chance = uniforms(inputs.seed, "share", items, inputs.runs)
    gaps = np.floor(np.log1p(-chance) / np.log1p(-np.minimum(focus, 1.0 - 1e-9)))
    needs: Ints = np.cumsum(1 + np.minimum(gaps, 1e6).astype(np.int64), axis=0)
    return needs
