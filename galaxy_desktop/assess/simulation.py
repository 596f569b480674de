"""The runs themselves: many possible futures of one sprint, all at once.

A run has landed on the first working day on which

    completions so far  >=  those needed for (open pieces + pieces added until then), and for the fullest pair of hands
    and every open item is ready (see `chains`).

Pieces are what has to be done on its own: a pull request that closes an issue of the sprint is part of that issue. One
pair of hands does at most about 1/h of what the team does (see `features.team`), so a person's n pieces need at least
h times the completions that n pieces need: whoever holds nearly everything holds the sprint up, whoever holds a usual
part changes nothing, and no work is counted twice.

Scope grows at the run's own rate, on the days on which it grew in the past, and stops growing at the end of the
sprint. Runs are followed for three years.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from galaxy_desktop.assess.capacity import (
    BLOCK,
    FIRST_BLOCKS,
    Capacity,
    capacity_of,
    grid,
    growth_days,
)
from galaxy_desktop.assess.chains import Chances, Times, ready_days, times_of
from galaxy_desktop.assess.draws import Counts, Draws, Floats, Ints
from galaxy_desktop.assess.history import pool_of
from galaxy_desktop.assess.lanes import Lanes, lanes_of
from galaxy_desktop.assess.needs import Needs, needs_of, of_late_pieces, waiting_of
from galaxy_desktop.assess.network import Network, network_of
from galaxy_desktop.assess.order import ItemRuns, finish_of, item_runs
from galaxy_desktop.assess.workdays import HORIZON_DAYS, Workdays, days_here, workdays_of
from galaxy_desktop.domain.findings import ForecastInputs

__all__ = ["FAN_RUNS", "HORIZON_DAYS", "Runs", "simulate_runs"]

FAN_RUNS = 1_000
"""Runs looked at item by item: enough for shares to within 1.6 points."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """What came out, in days from today: `finish` per run; `items` item by item, where that was asked for."""

    finish: Ints
    items: ItemRuns | None = None

    @property
    def done(self) -> Ints:
        """The order of finishing, (item, run)."""
        return np.sort(self.items.finish, axis=0) if self.items is not None else np.zeros((0, 0), dtype=np.int64)

    def share_by(self, offset: int) -> float:
        """The share of runs that landed by the end of that day."""
        return float((self.finish <= offset).mean()) if offset >= 0 else 0.0

    def day_at(self, share: float) -> int:
        """The first day by which at least this share of the runs has landed."""
        rank = int(np.ceil(share * len(self.finish))) - 1
        return int(np.partition(self.finish, rank)[rank])


@dataclass(frozen=True, slots=True, eq=False)
class Play:
    """One sprint set up: what its runs are made from."""

    inputs: ForecastInputs
    network: Network
    times: Times
    days: Workdays
    capacity: Capacity
    needs: Needs
    everything: Counts
    """Completions that the open pieces take, without what is still to be added, (run,)."""
    lanes: Lanes
    draws: Draws

    def ready(self, late: Mapping[str, Floats] | None = None) -> dict[str, Floats]:
        """Working days from now until items are ready, per run."""
        return ready_days(self.network, self.times, late)

    def day_of(self, ready: Floats) -> Ints:
        """The working day on which something is ready."""
        whole = np.minimum(ready + self.days.passed(self.inputs), len(self.days.working) - 1.0).astype(np.int64)
        found: Ints = self.days.working[whole]
        return found


def simulate_runs(inputs: ForecastInputs, draws: Draws | None = None, *, by_item: bool = True) -> Runs:
    """Play all runs of the inputs; the same inputs give the same runs, and fewer items never a later finish."""
    draws = draws if draws is not None else Draws()
    pool = pool_of(inputs)
    days = workdays_of(inputs)
    network = network_of(inputs.open, inputs.outside)
    if not len(pool.done) or not pool.done.any():
        never = np.full(inputs.runs, days.last, dtype=np.int64)
        return Runs(never, ItemRuns.never(network, days.last, min(FAN_RUNS, inputs.runs)) if by_item else None)
    growth = growth_days(inputs)
    every = -(-len(days.worked) // BLOCK)
    soon = min(every, max(FIRST_BLOCKS, -(-growth // BLOCK)))
    capacity = capacity_of(inputs, pool, days, soon, draws)
    arrivals, done = grid(inputs, capacity, growth, draws)
    pieces = len(network.units)
    needs = needs_of(inputs, pieces + int(arrivals.max(initial=0)), draws)
    lanes = lanes_of(network, inputs.rhythm.hands, inputs.rhythm.at_once)
    fullest = lanes.need(needs.steady)
    at_end = pieces + (arrivals[-1] if len(arrivals) else np.zeros(inputs.runs, dtype=np.int64))
    waiting = waiting_of(inputs, network)
    everything = np.maximum(needs.all_of(at_end, at_end - (pieces - waiting)), fullest)
    if not capacity.reaches(everything):
        capacity = capacity_of(inputs, pool, days, every, draws)
    times = times_of(network, Chances.of(inputs, draws), days_here(inputs))
    now_open = needs.all_of(np.full(inputs.runs, pieces), np.full(inputs.runs, waiting))
    play = Play(inputs, network, times, days, capacity, needs, now_open, lanes, draws)
    ready = play.ready()
    late = _slips(play, ready)
    if late:
        ready = play.ready(late)
    last = play.day_of(np.maximum.reduce([ready[i] for i in network.inside]))
    finish = np.maximum(capacity.day_reaching(everything[None, :])[0], last)
    if len(arrivals):
        enough = done >= np.maximum(needs.all_of(pieces + arrivals, waiting + arrivals), fullest)
        enough &= done >= of_late_pieces(inputs, arrivals, done, draws)
        landed = enough & (last <= np.arange(growth + 1)[:, None])
        finish = np.where(landed.any(axis=0), landed.argmax(axis=0), finish)
    finish = np.minimum(finish, days.last)
    return Runs(finish, item_runs(play, ready, min(FAN_RUNS, inputs.runs)) if by_item else None)


def _slips(play: Play, ready: Mapping[str, Floats]) -> dict[str, Floats]:
    """Working days from now before which items that slip are not done: so many after they otherwise would be."""
    passed = play.days.passed(play.inputs)
    late: dict[str, Floats] = {}
    for work in play.inputs.open:
        if work.slip_days > 0.0:
            finish = finish_of(work.item_id, play, ready)
            later = play.days.place(finish) + math.ceil(work.slip_days)
            late[work.item_id] = later.astype(np.float64) + (1e-9 - passed)
    return late
