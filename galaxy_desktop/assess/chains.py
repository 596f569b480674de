"""When each open item can be ready at the earliest, by its own remaining time and by what holds it back.

    started item             W = what its age adds: remaining time given the age, less that of a fresh item, or 0
    item nobody has started  W = 0: it waits for capacity alone
    item others wait for     W = its whole remaining time given its age, a fresh draw if nobody has started it
    kind and size            the remaining time of such work (see `effort`)
    red build                W + the days until builds are green again
    owner, days off          W shared with what else the owner has in hand, around days off (see `shared_time`)
    waiting for a review     T = W + the wait that is still to come (see `more_waiting`), in its turn
    issue with pull requests ready with the last of them at the earliest
    blocked item             ready = max(T, ready of its last blocker + step), step = min(W, a fresh draw)
    a ring of items          ready = max(T of all, what the ring waits for) + all their steps

Capacity already holds how long usual work takes (see `simulation`): only what age adds to that comes on top. Counting
the whole remaining time of every started item as well took the larger of two estimates of the same thing, and made
sprints of simulated teams look a third less likely than they were. Both draws of an item share their luck.

Each line can only grow with more items or more blockers, which is why removing an item or a blocker never costs a run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from galaxy_desktop.assess.draws import Draws, Floats, Ints
from galaxy_desktop.assess.effort import factor_of, table_of
from galaxy_desktop.assess.network import Network
from galaxy_desktop.assess.shared_time import Timed, around_days_off, days_to_green, review_turns, shared
from galaxy_desktop.assess.survival import Survival, more_waiting, survival_of
from galaxy_desktop.domain.findings import ForecastInputs, OpenWork

STEEPEST = 4.0
"""The highest power with which the tail of remaining times falls, where a team's own past shows that it does."""


@dataclass(frozen=True, slots=True, eq=False)
class Chances:
    """What the times of items depend on besides the items: the past, the seed, and where draws are kept."""

    inputs: ForecastInputs
    survival: Survival
    factors: Mapping[tuple[str, str], float]
    draws: Draws
    past: Hashable

    @classmethod
    def of(cls, inputs: ForecastInputs, draws: Draws) -> Chances:
        """From the inputs of a forecast."""
        past = (inputs.seed, inputs.runs, inputs.cycle_days)
        return cls(inputs, survival_of(inputs.cycle_days, STEEPEST), table_of(inputs.effort), draws, hash_of(past))

    def luck(self, stream: str) -> Floats:
        """The uniform numbers of one stream, (run,)."""
        found: Floats = self.draws.uniforms(self.inputs.seed, stream, 1, self.inputs.runs)[0]
        return found


def hash_of(value: tuple[object, ...]) -> str:
    """A short name of values: equal for equal ones, on every platform and in every process."""
    return hashlib.sha256(repr(value).encode()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Working days of items by id, (run,): `own` until ready by themselves, `step` after the last blocker; zero where absent."""

    own: Mapping[str, Floats]
    step: Mapping[str, Floats]
    zero: Floats


def times_of(network: Network, chances: Chances, here: Mapping[str, Ints]) -> Times:
    """Own times and steps of all items; `here` are the working days, from today on, on which people who have days off are there."""
    rhythm = chances.inputs.rhythm
    works = list(network.every.values())
    in_rings = {member for ring in network.cycles for member in ring}
    worked: dict[str, Timed] = {}
    steps: dict[str, Floats] = {}
    for work in works:
        one = work.item_id
        held = bool(network.blockers[one]) or one in in_rings
        timed, step = _worked(work, chances, awaited=one in network.awaited, held=held)
        if timed is not None:
            worked[one] = timed
        if step is not None:
            steps[one] = step
    own = shared(works, worked, rhythm.at_once, chances.draws)
    zero = np.zeros(chances.inputs.runs)
    turns = review_turns(works, rhythm.reviews_a_day)
    for work in works:
        if work.owners and all(owner in here for owner in work.owners):
            own[work.item_id] = around_days_off(own.get(work.item_id, zero), [here[owner] for owner in work.owners])
        if work.waiting_for_review_days and work.waiting_for_review_days > 0.0:
            wait = np.maximum(_waiting(work, chances), turns.get(work.item_id, 0.0))
            own[work.item_id] = own.get(work.item_id, zero) + wait * work.remaining_share
    return Times(own, steps, zero)


def _worked(work: OpenWork, chances: Chances, *, awaited: bool, held: bool) -> tuple[Timed | None, Floats | None]:
    """W of one item, and its step if it is held up; `awaited` says whether others cannot begin before it is done.

    W is `None` where it is zero in every run.
    """
    idle = work.age_days is None and not awaited and not work.red
    if idle and not held:
        return None, None
    factor = factor_of(work, chances.factors)
    green = chances.inputs.rhythm.green_days if work.red else None
    key = ("work", chances.past, work.item_id, work.age_days, awaited, held, green, factor, work.remaining_share)

    def make() -> tuple[Floats, ...]:
        luck = chances.luck(f"item/{work.item_id}")
        fresh = _remaining(chances, 0.0, factor, luck)
        rest = fresh if work.age_days is None else _remaining(chances, work.age_days, factor, luck)
        days = rest if awaited else np.maximum(rest - fresh, 0.0)
        if green is not None:
            days = days + days_to_green(green, chances.luck(f"green/{work.item_id}"))
        days = days * work.remaining_share
        return (days, np.minimum(fresh, rest) * work.remaining_share) if held else (days,)

    made = chances.draws.kept_all(key, make)
    return None if idle else Timed(key, made[0]), made[1] if held else None


def _remaining(chances: Chances, age: float, factor: float, luck: Floats) -> Floats:
    """Remaining time of work that takes `factor` times as long as usual."""
    days: Floats = chances.survival.remaining(max(age, 0.0) / factor, luck) * factor
    return days


def _waiting(work: OpenWork, chances: Chances) -> Floats:
    waited = work.waiting_for_review_days or 0.0
    key = ("review", chances.inputs.seed, chances.inputs.runs, work.item_id, waited)
    return chances.draws.kept(key, lambda: more_waiting(waited, chances.luck(f"review/{work.item_id}")))


def ready_days(network: Network, times: Times, late: Mapping[str, Floats] | None = None) -> dict[str, Floats]:
    """Working days from now until each item is ready, per run; `late` holds working days before which an item is not."""
    ready: dict[str, Floats] = {}
    for ring in network.rings:
        entry = entry_of(ring, network, ready)
        if len(ring) == 1:
            one = ring[0]
            days = [times.own.get(one, times.zero), *(ready[p] for p in network.parts.get(one, ()))]
            if entry is not None:
                days.append(entry + times.step[one])
            if late and one in late:
                days.append(late[one])
            ready[one] = days[0] if len(days) == 1 else np.maximum.reduce(days)
            continue
        days = [times.own.get(m, times.zero) for m in ring] + ([entry] if entry is not None else [])
        days += [late[m] for m in ring if late and m in late]
        days += [ready[p] for m in ring for p in network.parts.get(m, ()) if p not in ring]
        together = np.maximum.reduce(days) + np.sum([times.step[m] for m in ring], axis=0)
        ready.update(dict.fromkeys(ring, together))
    return ready


def entry_of(ring: Sequence[str], network: Network, ready: Mapping[str, Floats]) -> Floats | None:
    """When the last blocker of a ring's items that lies outside it is ready; `None` without any."""
    before = [ready[b] for member in ring for b in network.blockers[member] if b not in ring]
    if not before:
        return None
    last: Floats = before[0] if len(before) == 1 else np.maximum.reduce(before)
    return last
