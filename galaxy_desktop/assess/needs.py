"""How many completions in the repositories the pieces of a sprint take.

People who are done with one piece begin the next one, and with the run's share f it is one of the sprint's. So the
completions until all pieces are begun are a sum of geometric numbers with mean 1/f, one for each piece that nobody has
begun. What is in work by then has to be finished: of the last r pieces only r of the people who work side by side can be at
one each, so that r in m completions is one of them.

    everything = until all that waits is begun + until the last pieces in work are done

A sprint that has just been planned has more before it than its pieces tell, because people first finish what they are at;
one of which all is in work has less. Counting open pieces alone said 5 points too much of made-up teams at the start of a
sprint, and too little at its end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from galaxy_desktop.assess.draws import Counts, Draws, Floats, Ints, below, uniforms
from galaxy_desktop.assess.effort import kind_of
from galaxy_desktop.assess.history import completions, focus_levels, focus_mean, rivals
from galaxy_desktop.assess.network import Network
from galaxy_desktop.domain.findings import ForecastInputs

CYCLES_WEIGHT = 5.0
"""So many cycle times as if drawn from an exponential distribution stand beside the team's own."""
LAST_WEIGHT = 10.0
"""So many last pieces of past sprints weigh as much as what people and cycle times let expect."""
ROWS_AT_ONCE = 32


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """Completions in the repositories that pieces of the sprint take, (piece, run).

    `steady` is until the first, second, ... piece of many is done, `last` what the last, the last two, ... pieces take, and
    `alone` the same where all of them are in work and whoever does one does nothing else. `usual` is how many pieces of the
    sprint are in work at once, (run,). There may be more rows than asked for; whole numbers, at most 400 million, so 32
    bits hold them exactly.
    """

    steady: Counts
    last: Counts
    alone: Counts
    usual: Ints

    def all_of(self, pieces: Ints, waiting: Ints) -> Counts:
        """Until so many pieces are done, of which nobody has begun `waiting`; both (run,) or (day, run).

        With fewer pieces, or fewer that wait, it is never more.
        """
        runs = np.arange(self.last.shape[1])
        in_work = np.minimum(pieces, self.usual)
        begun = self.last[self.usual + waiting - 1, runs] - self.last[self.usual - 1, runs]
        alone = self.alone[np.minimum(pieces, len(self.alone)) - 1, runs]
        found: Counts = np.maximum(begun + self.last[in_work - 1, runs], alone)
        return found

    def in_turn(self, turn: Ints, pieces: int, everything: Counts, runs: slice) -> Ints:
        """Until the piece with this turn (0 is the first) is done, of so many that take `everything` together."""
        columns = np.arange(self.last.shape[1])[runs]
        behind = pieces - 2 - turn
        rest = np.where(behind >= 0, self.last[np.maximum(behind, 0), columns], 0)
        found: Ints = np.maximum(everything[runs] - rest, 1)
        return found


def needs_of(inputs: ForecastInputs, pieces: int, draws: Draws) -> Needs:
    """What a sprint of up to so many pieces needs."""
    people = inputs.rhythm.side_by_side or 1.0
    rows = -(-(pieces + math.ceil(people)) // ROWS_AT_ONCE) * ROWS_AT_ONCE
    in_sprints, every = completions(inputs)
    hands = hands_at_the_end(inputs)
    key = ("needs", inputs.seed, inputs.runs, rows, in_sprints, every, rivals(inputs), hands, people)

    def make() -> tuple[Counts, Counts, Counts, Ints]:
        levels = focus_levels(in_sprints, every) / rivals(inputs)
        focus = np.minimum(levels[below(inputs.seed, "focus", 1, inputs.runs, len(levels))[0]], 1.0 - 1e-9)
        luck = np.log1p(-uniforms(inputs.seed, "share", rows, inputs.runs))
        gaps = _gaps(luck, focus)
        steady = np.cumsum(gaps, axis=0, dtype=np.int32)
        left = np.arange(1, math.ceil(people) + 1)[:, None]
        alone = _gaps(luck[: len(left)], left / hands)
        usual = np.maximum(np.round(focus * people), 1.0).astype(np.int64)
        gaps[: len(left)] = np.where(left <= usual, alone, gaps[: len(left)])
        return steady, np.cumsum(gaps, axis=0, dtype=np.int32), np.cumsum(alone, axis=0, dtype=np.int32), usual

    return Needs(*draws.kept_all(key, make))


def waiting_of(inputs: ForecastInputs, network: Network) -> int:
    """How many pieces nobody has begun, of all that are open.

    Of more pieces than people work side by side the others wait, whatever their signs say. Where work is often begun without
    a sign, as many as usual are taken to be in work unseen. Where nobody knows who works, all but one wait.
    """
    pieces, people = len(network.units), inputs.rhythm.side_by_side
    if people is None:
        return pieces - 1
    begun = sum(kind_of(unit) == "pr" or network.every[unit].age_days is not None for unit in network.units)
    unseen = round(inputs.flow.unseen * people) if inputs.flow is not None else 0
    return max(pieces - begun - unseen, pieces - math.ceil(people), 0)


def of_late_pieces(inputs: ForecastInputs, added: Ints, done: Ints, draws: Draws) -> Ints:
    """Completions by which what was added by the end of each day has been begun and done, (day, run).

    The last thing to be added cannot be done sooner than somebody who is free takes it up and is done with it, however much
    the team did before. `added` and `done` count from today to the end of each day, (day, run).
    """
    if not len(added):
        return added
    people, share = inputs.rhythm.side_by_side or 1.0, focus_mean(*completions(inputs)) / rivals(inputs)
    begun, ended = (
        _gaps(np.log1p(-draws.uniforms(inputs.seed, f"late/{name}", len(added), inputs.runs)), np.array([chance]))
        for name, chance in (("begun", share), ("ended", 1.0 / people))
    )
    before = np.concatenate((np.zeros_like(done[:1]), done[:-1]))
    more = np.diff(added, axis=0, prepend=0) > 0
    found: Ints = np.maximum.accumulate(np.where(more, (before + done) // 2 + begun - 1 + ended, 0), axis=0)
    return found


def hands_at_the_end(inputs: ForecastInputs) -> float:
    """How many pieces have to be left for as many to be done as usual; 1 where it is not known who does them.

    That is the number of people who work side by side, less where work takes nearly always the same time: then what is
    in work is half done on average, while of work whose length nobody can tell as much is left as there was. The mean of
    what is left is (1 + v) / 2 of the whole, v = variance / mean squared of the cycle times in working days (renewal theory),
    at most 1: what takes longer than that is told by its age. How the team did with the last pieces of its past sprints soon
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
