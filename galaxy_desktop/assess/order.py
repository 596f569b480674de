"""Item by item: on which day each is done, and which of them decide when the sprint is.

Capacity goes to items in the order in which they are ready; of those that are ready on one day to what others wait for
first, then to what is in work, then by the item's luck. An item is done on the first day on which it is ready and
capacity has come to it. No item is done before what blocks it.

An item is critical in a run when its finish is the sprint's (ties all are), or when a critical item was held up by
nothing but it. The same goes for an edge. The links of a ring are not followed, so they have no share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from galaxy_desktop.assess.chains import entry_of
from galaxy_desktop.assess.draws import Floats, Ints
from galaxy_desktop.assess.lanes import turns
from galaxy_desktop.assess.network import Network

if TYPE_CHECKING:
    from galaxy_desktop.assess.simulation import Play

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ItemRuns:
    """Days from today per item and run, (item, run), in the order of `ids`; shares of runs by item and by edge."""

    ids: tuple[str, ...]
    finish: Ints
    critical: Mapping[str, float]
    edges: Mapping[tuple[str, str], float]

    @classmethod
    def never(cls, network: Network, last: int, runs: int) -> ItemRuns:
        """Of a team that gets nothing done."""
        ids = network.inside
        return cls(ids, np.full((len(ids), runs), last, dtype=np.int64), dict.fromkeys(ids, 1.0), {})


def item_runs(play: Play, ready: Mapping[str, Floats], runs: int) -> ItemRuns:
    """Follow each item through the first `runs` runs."""
    few = slice(0, runs)
    cut = {i: days[few] for i, days in ready.items()}
    on_day = {i: play.day_of(cut[i]) for i in play.network.inside}
    keys = {unit: _key(unit, play, on_day, few) for unit in play.network.units}
    finish = _finish(play, on_day, keys, few)
    ids = play.network.inside
    critical, edges = _critical(play, cut, on_day, finish)
    return ItemRuns(ids, np.stack([finish[i] for i in ids]), critical, edges)


def finish_of(item_id: str, play: Play, ready: Mapping[str, Floats]) -> Ints:
    """The day on which one item is done in every run."""
    whole = slice(None)
    on_day = {i: play.day_of(ready[i]) for i in play.network.inside}
    keys = {unit: _key(unit, play, on_day, whole) for unit in play.network.units}
    found: list[Ints] = []
    for unit in play.network.unit_ids(item_id):
        rank = np.zeros(play.inputs.runs, dtype=np.int64)
        for other in keys.values():
            rank += other < keys[unit]
        need = play.needs.in_turn(rank, len(keys), play.everything, whole)
        for parts in play.lanes.held.values():
            if unit in parts:
                turn = sum((part * (keys[other] <= keys[unit]) for other, part in parts.items()), np.zeros(len(rank)))
                need = np.maximum(need, play.lanes.need_at(play.needs.steady, np.ceil(turn - 1e-9).astype(np.int64)))
        found.append(np.maximum(on_day[unit], play.capacity.day_reaching(need[None, :])[0]))
    finish: Ints = np.minimum(np.minimum.reduce(found), play.days.last)
    return finish


def _key(unit: str, play: Play, on_day: Mapping[str, Ints], runs: slice) -> Floats:
    """What pieces are put in order by: the day, then depth, then what is in work, then luck."""
    work = play.network.every[unit]
    luck = play.draws.uniforms(play.inputs.seed, f"item/{unit}", 1, play.inputs.runs)[0][runs]
    deepest = max(play.network.depth.values()) + 1
    place = 2 * play.network.depth[unit] + (work.age_days is None)
    found: Floats = on_day[unit] + (place + luck) / (2.0 * deepest)
    return found


def _finish(play: Play, on_day: Mapping[str, Ints], keys: Mapping[str, Floats], few: slice) -> dict[str, Ints]:
    units = sorted(keys)
    order = np.argsort(np.stack([keys[unit] for unit in units]), axis=0, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(len(units))[:, None], order.shape), axis=0)
    needs = play.needs.steady[:, few]
    need = play.needs.in_turn(rank, len(units), play.everything, few)
    row = {unit: n for n, unit in enumerate(units)}
    for parts in play.lanes.held.values():
        for unit, turn in turns(parts, keys).items():
            need[row[unit]] = np.maximum(need[row[unit]], play.lanes.need_at(needs, turn))
    reached = play.capacity.day_reaching(need, few)
    done = {unit: np.maximum(on_day[unit], reached[row[unit]]) for unit in units}
    return _in_sequence(play.network, on_day, done, play.days.last)


def _in_sequence(network: Network, on_day: Mapping[str, Ints], done: dict[str, Ints], last: int) -> dict[str, Ints]:
    """A pull request is done with the first of its issues; nothing is done before what blocks it."""
    for unit, members in network.units.items():
        for member in members[1:]:
            sooner = np.maximum(on_day[member], done[unit])
            done[member] = np.minimum(done[member], sooner) if member in done else sooner
    for ring in network.rings:
        for member in ring:
            if member in done:
                before = [done[b] for b in network.blockers[member] if b in done and b not in ring]
                done[member] = np.maximum.reduce([done[member], *before])
    return {item_id: np.minimum(done[item_id], last) for item_id in network.inside}


def _critical(
    play: Play, ready: Mapping[str, Floats], on_day: Mapping[str, Ints], finish: Mapping[str, Ints]
) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Shares of runs, from the end back along what held up."""
    network, times = play.network, play.times
    last = np.maximum.reduce(list(finish.values()))
    few = slice(0, len(last))
    none = np.zeros(len(last), dtype=np.bool_)
    on_path: dict[str, Flags] = {i: finish[i] == last for i in network.inside}
    edges: dict[tuple[str, str], Flags] = {}
    for ring in reversed(network.rings):
        flags = [on_path[m] for m in ring if m in on_path]
        if not flags:
            continue
        path: Flags = np.logical_or.reduce(flags)
        on_path.update(dict.fromkeys(ring, path))
        by_readiness = [finish[m] == on_day[m] for m in ring if m in finish]
        held: Flags = path & np.logical_or.reduce(by_readiness) if by_readiness else path
        for issue in ring:
            for part in network.parts.get(issue, ()):
                if part not in ring:
                    on_path[part] = on_path.get(part, none) | (held & (ready[part] == ready[issue]))
        entry = entry_of(ring, network, ready)
        if entry is None:
            continue
        own = np.maximum.reduce([times.own.get(m, times.zero)[few] for m in ring])
        step = times.step[ring[0]][few] if len(ring) == 1 else 0.0
        held = held & (entry + step >= own)
        for member in ring:
            for blocker in network.blockers[member]:
                if blocker not in ring:
                    edge = held & (ready[blocker] == entry)
                    edges[blocker, member] = edge
                    on_path[blocker] = on_path.get(blocker, none) | edge
    shares = {i: float(on_path[i].mean()) for i in network.inside}
    return shares, {edge: float(flags.mean()) for edge, flags in sorted(edges.items())}
