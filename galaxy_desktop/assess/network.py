"""What waits for what: open items, their blockers, and the pull requests that are part of an issue's work.

Items in a ring wait for each other, which nobody can work off. A ring is reported and not followed round: its items are
counted one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from galaxy_desktop.assess.effort import kind_of
from galaxy_desktop.domain.findings import OpenWork

Names = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Items by id, those of the sprint and those outside, with what each waits for.

    `parts` are the open pull requests that close an issue; `rings` hold all items, mostly one by one, each after all
    that it waits for; `depth` counts how many steps lie before an item; `units` are the items of the sprint that are
    pieces of work of their own, each with the items of the sprint that belong to it, itself included.
    """

    every: Mapping[str, OpenWork]
    inside: tuple[str, ...]
    blockers: Names
    parts: Names
    awaited: frozenset[str]
    rings: tuple[tuple[str, ...], ...]
    depth: Mapping[str, int]
    units: Names

    @property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """The rings of more than one item."""
        return tuple(ring for ring in self.rings if len(ring) > 1)

    def unit_ids(self, item_id: str) -> list[str]:
        """The units that an item of the sprint belongs to."""
        return [unit for unit, members in self.units.items() if item_id in members]


@lru_cache(maxsize=4)
def network_of(items: tuple[OpenWork, ...], outside: tuple[OpenWork, ...]) -> Network:
    """Put together what is known; what names itself, or the issue that it closes, is not blocked by that."""
    inside = {work.item_id: work for work in items}
    every = {work.item_id: work for work in outside if work.item_id not in inside} | inside
    blockers = {
        item_id: tuple(sorted({b for b in work.blocked_by if b in every and b not in {item_id, *work.part_of}}))
        for item_id, work in every.items()
    }
    parts: dict[str, list[str]] = {}
    for item_id, work in sorted(every.items()):
        for issue in work.part_of if kind_of(item_id) == "pr" else ():
            if issue in every and kind_of(issue) != "pr":
                parts.setdefault(issue, []).append(item_id)
    waits = {i: (*named, *parts.get(i, ())) for i, named in blockers.items()}
    rings = tuple(in_order(waits))
    return Network(
        every=every,
        inside=tuple(sorted(inside)),
        blockers=blockers,
        parts={issue: tuple(ids) for issue, ids in parts.items()},
        awaited=frozenset(b for named in blockers.values() for b in named),
        rings=rings,
        depth=_depth(rings, waits),
        units=_units(inside, parts),
    )


def _units(inside: Mapping[str, OpenWork], parts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Issues with their pull requests, and what belongs to nothing else.

    Pull requests of one issue stay one piece when the issue has left the sprint: taking it out never makes more pieces.
    """
    belonging = {part for issue, ids in parts.items() if issue in inside for part in ids}
    units = {i: [i, *(p for p in parts.get(i, ()) if p in inside)] for i in sorted(inside) if i not in belonging}
    first: dict[str, str] = {}
    for item_id in list(units):
        gone = min(inside[item_id].part_of, default="")
        leader = first.setdefault(gone, item_id) if gone else item_id
        if leader != item_id:
            units[leader] += units.pop(item_id)
    return {unit: tuple(dict.fromkeys(members)) for unit, members in units.items()}


def _depth(rings: Sequence[tuple[str, ...]], waits: Names) -> dict[str, int]:
    depth: dict[str, int] = {}
    for ring in rings:
        before = [depth[w] for member in ring for w in waits[member] if w not in ring]
        depth.update(dict.fromkeys(ring, 1 + max(before, default=-1)))
    return depth


def in_order(waits: Names) -> list[tuple[str, ...]]:
    """Rings of items (mostly of one), each after all that it waits for (Tarjan's algorithm, without recursion)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    rings: list[tuple[str, ...]] = []
    for root in sorted(waits):
        trail = [(root, iter(waits[root]))] if root not in number else []
        while trail:
            node, rest = trail[-1]
            if node not in number:
                number[node] = low[node] = len(number)
                stack.append(node)
                on_stack.add(node)
            following = next(rest, None)
            if following is not None:
                if following not in number:
                    trail.append((following, iter(waits[following])))
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


def in_words(ring: Sequence[str]) -> str:
    """A ring as a sentence: "o/r#3 and o/r#5 wait for each other ..."."""
    names = [item_id.removeprefix("external:").partition(":")[2] for item_id in ring]
    listed = (
        ", ".join(names[:-1]) + f" and {names[-1]}"
        if len(names) <= 4
        else f"{', '.join(names[:3])} and {len(names) - 3} more"
    )
    return f"{listed} wait for each other: no order of work satisfies that, so they are counted one after the other."
