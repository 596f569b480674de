"""What a team gets done: past working days drawn in blocks of five, run by run, and the sprint's share of it.

A run draws blocks of five past working days, each day with what was done in the repositories and what was added to
sprints, together, so that all repositories of a sprint have their good and bad weeks in common. Of the completions
only some go to this sprint: with the run's focus share f, the completions needed for its next piece are geometric with
mean 1/f. Days are counted from today (0); what is left of today counts as its share of the day.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from galaxy_desktop.assess.draws import Counts, Draws, Floats, Ints, below, uniforms
from galaxy_desktop.assess.history import Pool, completions, focus_levels, growth_of, rivals
from galaxy_desktop.assess.workdays import Workdays
from galaxy_desktop.domain.findings import ForecastInputs

BLOCK = 5
GROWTH_WITHOUT_END = 28
"""Calendar days for which scope is taken to grow in a sprint without an end: four weeks, a usual sprint."""
LONGEST_GROWTH = 366
MOST_ARRIVALS = 300
CYCLES_WEIGHT = 5.0
"""So many cycle times as if drawn from an exponential distribution stand beside the team's own."""
LAST_WEIGHT = 10.0
"""So many last pieces of past sprints weigh as much as what people and cycle times let expect."""
FIRST_BLOCKS = 24
"""Blocks drawn at first, about half a year; all three years are drawn only when a run needs them."""
ROWS_AT_ONCE = 32


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
    lost_added: Ints
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
    key = ("capacity", inputs.seed, inputs.runs, count, passed, _name(pool.done), _name(pool.added))

    def make() -> tuple[Ints, ...]:
        starts = below(inputs.seed, "days", count, inputs.runs, len(pool.done))
        blocks = np.cumsum(prefixes(pool.done)[:, -1][starts], axis=0)
        gone = uniforms(inputs.seed, "today", 1, inputs.runs)[0] < passed
        lost = np.where(gone, pool.done[starts[0]], 0)
        return starts, blocks, lost, np.where(gone, arrived(pool)[starts[0]], 0)

    starts, blocks, lost, lost_added = draws.kept_all(key, make)
    name = (key, inputs.today, inputs.holidays, inputs.away, len(inputs.rhythm.team))
    return Capacity(pool, starts, blocks, lost, lost_added, days, name)


def _name(counts: Ints | Floats) -> bytes:
    return hashlib.sha256(counts.tobytes()).digest()


def prefixes(counts: Ints) -> Ints:
    """For each past day the running sum over the five days that start there, going round at the end."""
    days = (np.arange(len(counts))[:, None] + np.arange(BLOCK)) % len(counts)
    sums: Ints = np.cumsum(counts[days], axis=1)
    return sums


def arrived(pool: Pool) -> Ints:
    """Items added on each past working day; where none ever was, one a day stands for even growth."""
    return pool.added if pool.added.any() else np.ones_like(pool.added)


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
    added = np.concatenate((empty, np.cumsum(arrived(capacity.pool)[drawn], axis=0) - capacity.lost_added))[days]
    spread = uniforms(inputs.seed, "arrivals", 1, inputs.runs)[0]
    # For each run, what one item added in the past means for this sprint.
    rate = levels[below(inputs.seed, "growth", 1, inputs.runs, len(levels))[0]] / float(arrived(capacity.pool).mean())
    return np.minimum((added * rate + spread).astype(np.int64), MOST_ARRIVALS), done


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """Completions in the repositories that pieces of the sprint take, (piece, run).

    `steady` is until the first, second, ... piece of many is done, `last` what the last, the last two, ... pieces take.
    While much is left, every completion is one of the sprint with the run's share. Of people who work side by side only
    so many can be at the last pieces as there are pieces: with r of them left, r in so many completions are one of them
    at most. Without this, the last item of four people's sprint was as good as done in a quarter of its time.
    There may be more rows than asked for; whole numbers, at most 400 million, so 32 bits hold them exactly.
    """

    steady: Counts
    last: Counts

    def all_of(self, pieces: Ints) -> Counts:
        """Until so many pieces are done, of as many, (run,)."""
        found: Counts = self.last[pieces - 1, np.arange(self.last.shape[1])]
        return found

    def in_turn(self, turn: Ints, pieces: int, runs: slice) -> Ints:
        """Until the piece with this turn (0 is the first) is done, of so many."""
        columns = np.arange(self.last.shape[1])[runs]
        behind = pieces - 2 - turn
        rest = np.where(behind >= 0, self.last[np.maximum(behind, 0), columns], 0)
        found: Ints = self.last[pieces - 1, columns] - rest
        return found


def needs_of(inputs: ForecastInputs, pieces: int, draws: Draws) -> Needs:
    """What a sprint of up to so many pieces needs."""
    rows = -(-pieces // ROWS_AT_ONCE) * ROWS_AT_ONCE
    in_sprints, every = completions(inputs)
    key = ("needs", inputs.seed, inputs.runs, rows, in_sprints, every, rivals(inputs), hands_at_the_end(inputs))

    def make() -> tuple[Counts, Counts]:
        levels = focus_levels(in_sprints, every) / rivals(inputs)
        focus = levels[below(inputs.seed, "focus", 1, inputs.runs, len(levels))[0]]
        chance = uniforms(inputs.seed, "share", rows, inputs.runs)
        luck, focus = np.log1p(-chance), np.minimum(focus, 1.0 - 1e-9)
        gaps = _gaps(luck, focus)
        steady = np.cumsum(gaps, axis=0, dtype=np.int32)
        hands = hands_at_the_end(inputs)
        few = min(math.ceil(hands), rows)
        gaps[:few] = _gaps(luck[:few], np.minimum(focus, np.arange(1, few + 1)[:, None] / max(hands, 1.0)))
        return steady, np.cumsum(gaps, axis=0, dtype=np.int32)

    return Needs(*draws.kept_all(key, make))


def hands_at_the_end(inputs: ForecastInputs) -> float:
    """How many pieces have to be left for as many to be done as usual; 1 where it is not known who does them.

    That is the number of people who work side by side, less where work takes nearly always the same time: then what is
    in work is half done on average, while of work whose length nobody can tell as much is left as there was. The mean of
    what is left is (1 + v) / 2 of the whole, v = variance / mean squared of the cycle times (renewal theory), at most 1:
    what takes longer than that is told by its age. How the team did with the last pieces of its past sprints soon
    outweighs that: if one in m of all completions was one of them for each that was open, then m it is.
    """
    people = inputs.rhythm.side_by_side
    if people is None:
        return 1.0
    days = np.array(inputs.cycle_days or (1.0,))
    vary = min(float(days.var() / max(days.mean(), 1e-9) ** 2), 1.0)
    shrunk = (len(days) * vary + CYCLES_WEIGHT) / (len(days) + CYCLES_WEIGHT)
    usual, seen = people * (1.0 + shrunk) / 2.0, inputs.flow
    if seen is not None:
        usual = (seen.last_turns + LAST_WEIGHT * usual) / (seen.last_done + LAST_WEIGHT)
    return round(max(usual, 1.0), 2)


def _gaps(luck: Floats, chance: Floats) -> Counts:
    """Completions up to the next one of the sprint: geometric; `luck` is the logarithm of a uniform number."""
    gaps: Counts = 1 + np.minimum(np.floor(luck / np.log1p(-np.minimum(chance, 1.0 - 1e-9))), 1e6).astype(np.int32)
    return gaps
