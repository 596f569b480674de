"""When each open item can be ready at the earliest, by its own remaining time and by what holds it back.

    started item             T = what its age adds: remaining time given the age, less that of a fresh item, or 0
    item nobody has started  T = 0: it waits for capacity alone
    item others wait for     T = its whole remaining time given its age, a fresh draw if nobody has started it
    waiting for a review     T + the wait that is still to come (see `more_waiting`)
    red build                one day on top
    blocked item             ready = max(T, ready of its last blocker + step), step = min(T, a fresh draw)
    a ring of items          ready = max(T of all, what the ring waits for) + all their steps

Capacity already holds how long usual work takes (see `simulation`): only what age adds to that comes on top. Counting
the whole remaining time of every started item as well took the larger of two estimates of the same thing, and made
sprints of simulated teams look a third less likely than they were. Both draws of an item share their luck.

Items in a ring wait for each other, which nobody can work off; they are counted one after the other. Each line can
only grow with more items or more blockers, which is why removing an item or a blocker never costs a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from galaxy_desktop.assess.draws import Floats, uniforms
from galaxy_desktop.assess.survival import Survival, more_waiting
from galaxy_desktop.domain.findings import OpenWork

RED_DAYS = 1.0
"""A red pull request needs one more round: a fix, a run, a look."""


def ready_days(
    items: Sequence[OpenWork], outside: Sequence[OpenWork], survival: Survival, seed: int, runs: int
) -> dict[str, Floats]:
    """Days from now until each item of the sprint is ready, per run; ids to arrays of length `runs`."""
    inside = {work.item_id: work for work in items}
    every = {work.item_id: work for work in outside if work.item_id not in inside} | inside
    blockers = _known_blockers(every)
    awaited = {b for named in blockers.values() for b in named}
    ready: dict[str, Floats] = {}
    for ring in _in_order(blockers):
        first = ring[0]
        entry = [ready[b] for member in ring for b in blockers[member] if b not in ring]
        chance = {m: uniforms(seed, f"item/{m}", 1, runs)[0] for m in ring}
        if len(ring) == 1 and not entry:
            ready[first] = _own(every[first], survival, chance[first], seed, awaited=first in awaited)
            continue
        own = [_own(every[m], survival, chance[m], seed, awaited=m in awaited) for m in ring]
        steps = [_step(every[m], survival, chance[m]) for m in ring]
        if len(ring) == 1:
            ready[first] = np.maximum(own[0], np.maximum.reduce(entry) + steps[0])
        else:
            together = np.maximum.reduce([*own, *entry]) + np.sum(steps, axis=0)
            ready.update(dict.fromkeys(ring, together))
    return {item_id: ready[item_id] for item_id in inside}


def _own(work: OpenWork, survival: Survival, chance: Floats, seed: int, *, awaited: bool) -> Floats:
    """T of one item; `awaited` says whether others cannot begin before it is done."""
    if work.age_days is None:
        days = survival.remaining(0.0, chance) if awaited else np.zeros_like(chance)
    else:
        days = survival.remaining(max(work.age_days, 0.0), chance)
        if not awaited:
            days = np.maximum(days - survival.remaining(0.0, chance), 0.0)
    if work.waiting_for_review_days and work.waiting_for_review_days > 0.0:
        days = days + more_waiting(
            work.waiting_for_review_days, uniforms(seed, f"review/{work.item_id}", 1, len(chance))[0]
        )
    return (days + (RED_DAYS if work.red else 0.0)) * work.remaining_share


def _step(work: OpenWork, survival: Survival, chance: Floats) -> Floats:
    """What is left to do on a blocked item once its blocker is done."""
    days = survival.remaining(0.0, chance)
    if work.age_days is not None:
        days = np.minimum(days, survival.remaining(max(work.age_days, 0.0), chance))
    return days * work.remaining_share


def _known_blockers(every: Mapping[str, OpenWork]) -> dict[str, tuple[str, ...]]:
    """Blockers that are simulated, by item, in a fixed order; an item that names itself is not blocked by that."""
    return {
        item_id: tuple(sorted({b for b in work.blocked_by if b in every and b != item_id}))
        for item_id, work in every.items()
    }


def _in_order(blockers: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rings of items (mostly of one), each after all that it waits for (Tarjan's algorithm, without recursion)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    rings: list[tuple[str, ...]] = []
    for root in sorted(blockers):
        trail = [(root, iter(blockers[root]))] if root not in number else []
        while trail:
            node, rest = trail[-1]
            if node not in number:
                number[node] = low[node] = len(number)
                stack.append(node)
                on_stack.add(node)
            following = next(rest, None)
            if following is not None:
                if following not in number:
                    trail.append((following, iter(blockers[following])))
                elif following in on_stack:
                    low[node] = min(low[node], number[following])
                continue
            trail.pop()
            if trail:
                parent = trail[-1][0]
                low[parent] = min(low[parent], low[node])
            if low[node] == number[node]:
                rings.append(_close_ring(node, stack, on_stack))
    return rings


def _close_ring(node: str, stack: list[str], on_stack: set[str]) -> tuple[str, ...]:
    """Take the finished ring off the stack."""
    ring = []
    while True:
        member = stack.pop()
        on_stack.discard(member)
        ring.append(member)
        if member == node:
            return tuple(sorted(ring))
