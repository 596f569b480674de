"""What a team gets done: past working days drawn in blocks of five, run by run, and the sprint's share of it.

A run draws blocks of five past working days, each with what was done in all repositories, so that all repositories of a sprint have their good and bad weeks in common. How many completions
the sprint takes is told by `needs`. Days are counted from today (0); what is left of today counts as its share of the day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from galaxy_desktop.assess.draws import Draws, Floats, Ints, below, uniforms
from galaxy_desktop.assess.history import Pool, growth_of
from galaxy_desktop.assess.workdays import Workdays
from galaxy_desktop.domain.findings import ForecastInputs

BLOCK = 5
GROWTH_WITHOUT_END = 28
"""Calendar days for which scope is taken to grow in a sprint without an end: four weeks, a usual sprint."""
LONGEST_GROWTH = 366
MOST_ARRIVALS = 300
FIRST_BLOCKS = 24
"""Blocks drawn at first, about half a year; all three years are drawn only when a run needs them."""


def share_of_today_gone(inputs: ForecastInputs) -> float:
    """How much of today has passed, 0 to 1."""
    clock = inputs.as_of
    return (clock.hour * 3600 + clock.minute * 60 + clock.second) / 86_400.0


def _done_of_today(inputs: ForecastInputs) -> float:
    """Which part of a day's work is behind us: as this team spreads it over its days, else as the clock says."""
    known = inputs.rhythm.today_gone
    return share_of_today_gone(inputs) if known is None else known


def growth_days(inputs: ForecastInputs) -> int:
    """The last day, counted from today, on which scope still grows; -1 when the end has passed."""
    if inputs.due_on is None:
        return GROWTH_WITHOUT_END
    return max(min((inputs.due_on - inputs.today).days, LONGEST_GROWTH), -1)


@dataclass(frozen=True, slots=True, eq=False)
class Capacity:
    """Completions in the repositories per run: `blocks` holds cumulative sums at the end of each block, (block, run)."""

    pool: Pool
    starts: Ints
    blocks: Ints
    lost: Ints
    days: Workdays
    name: Hashable

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
        prefix = prefixes(self.pool.done)[starts[inside, column]]
        day = (prefix < (goal - before)[..., None]).sum(axis=-1)
        index = inside * BLOCK + np.minimum(day, BLOCK - 1)
        reached = (block < len(blocks)) & (index < len(self.days.worked))
        worked = self.days.worked[np.minimum(index, len(self.days.worked) - 1)]
        return np.where(reached, worked, self.days.last)


def capacity_of(inputs: ForecastInputs, pool: Pool, days: Workdays, count: int, draws: Draws) -> Capacity:
    """Draw the first `count` blocks; more blocks begin with the same ones."""
    passed = _done_of_today(inputs) if days.worked[0] == 0 else 0.0
    key = ("capacity", inputs.seed, inputs.runs, count, passed, _name(pool.done))

    def make() -> tuple[Ints, ...]:
        starts = below(inputs.seed, "days", count, inputs.runs, len(pool.done))
        blocks = np.cumsum(prefixes(pool.done)[:, -1][starts], axis=0)
        gone = uniforms(inputs.seed, "today", 1, inputs.runs)[0] < passed
        lost = np.where(gone, pool.done[starts[0]], 0)
        return starts, blocks, lost

    starts, blocks, lost = draws.kept_all(key, make)
    name = (key, inputs.today, inputs.holidays, inputs.away, len(inputs.rhythm.team))
    return Capacity(pool, starts, blocks, lost, days, name)


def _name(counts: Ints | Floats) -> bytes:
    return hashlib.sha256(counts.tobytes()).digest()


def prefixes(counts: Ints) -> Ints:
    """For each past day the running sum over the five days that start there, going round at the end."""
    days = (np.arange(len(counts))[:, None] + np.arange(BLOCK)) % len(counts)
    sums: Ints = np.cumsum(counts[days], axis=1)
    return sums


def grid(inputs: ForecastInputs, capacity: Capacity, growth: int, draws: Draws) -> tuple[Ints, Ints]:
    """Items added to the sprint and completions in the repositories by the end of each day, (day, run)."""
    levels = growth_of(inputs, capacity.pool)
    key = ("grid", capacity.name, growth, _name(levels))
    added, done = draws.kept_all(key, lambda: _grid(inputs, capacity, growth, levels))
    return added, done


def _grid(inputs: ForecastInputs, capacity: Capacity, growth: int, levels: Floats) -> tuple[Ints, Ints]:
    days = np.searchsorted(capacity.days.worked, np.arange(growth + 1), side="right")
    longest = int(days[-1]) if len(days) else 0
    blocks = -(-longest // BLOCK)
    drawn = (capacity.starts[:blocks, None, :] + np.arange(BLOCK)[None, :, None]) % len(capacity.pool.done)
    drawn = drawn.reshape(-1, inputs.runs)[:longest]
    empty = np.zeros((1, inputs.runs), dtype=np.int64)
    done = np.concatenate((empty, np.cumsum(capacity.pool.done[drawn], axis=0) - capacity.lost))[days]
    passed = _done_of_today(inputs) if capacity.days.worked[0] == 0 else 0.0
    rate = levels[below(inputs.seed, "growth", 1, inputs.runs, len(levels))[0]]
    return _arrivals(np.maximum(days - passed, 0.0)[:, None] * rate, inputs), done


def _arrivals(expected: Floats, inputs: ForecastInputs) -> Ints:
    """Items added by the end of each day, (day, run), each at a moment of its own: a Poisson process.

    Days on which items were added in the past would not do to draw from. What was added late and is carried over has its
    entry on the day of the next planning, so too few days would be left, with too much on each.
    """
    added = np.zeros(expected.shape, dtype=np.int64)
    reached = np.zeros(expected.shape[1])
    most = expected[-1] if len(expected) else reached
    for one in range(MOST_ARRIVALS):
        reached = reached - np.log1p(-uniforms(inputs.seed, f"arrival/{one}", 1, inputs.runs)[0])
        if not np.any(reached <= most):
            break
        added += reached <= expected
    return added
