"""Where the nodes of a dependency graph stand: layers from left to right, what must be done first at the left.

A small version of Sugiyama's method: edges that would close a cycle are turned around, a node stands one layer
right of the last thing it waits for, and nodes within a layer are ordered by where their neighbors stand, a few
times forth and back, so that few edges cross. Pure, deterministic, and made for some hundred nodes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 6
Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """A node's place: its layer from the left, and its row in the layer, with fractions."""

    layer: int
    row: float


def place(nodes: Sequence[str], edges: Iterable[Edge]) -> dict[str, Placed]:
    """A place for every node; the same graph in the same order always gets the same places."""
    known = set(nodes)
    kept = [(a, b) for a, b in dict.fromkeys(edges) if a != b and a in known and b in known]
    forward = without_cycles(nodes, kept)
    layers = _layers(nodes, forward)
    rows: list[list[str]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for node in _by_component(nodes, kept):
        rows[layers[node]].append(node)
    for number in range(ROUNDS):
        _order(rows, forward, backward=bool(number % 2))
    return _rows(rows, layers)


def without_cycles(nodes: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    """The same edges, with those turned around that would close a cycle."""
    after = _neighbors(edges)
    state: dict[str, int] = {}
    forward: list[Edge] = []
    for root in nodes:
        if root in state:
            continue
        state[root] = 1
        walk = [(root, iter(after[root]))]
        while walk:
            node, rest = walk[-1]
            following = next(rest, None)
            if following is None:
                state[node] = 2
                walk.pop()
                continue
            forward.append((following, node) if state.get(following) == 1 else (node, following))
            if following not in state:
                state[following] = 1
                walk.append((following, iter(after[following])))
    return list(dict.fromkeys(forward))


def _layers(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The longest way to each node; the edges have no cycle."""
    after, waiting = _neighbors(edges), dict.fromkeys(nodes, 0)
    for _, target in edges:
        waiting[target] += 1
    layers = dict.fromkeys(nodes, 0)
    ready = [n for n in nodes if not waiting[n]]
    while ready:
        node = ready.pop()
        for following in after[node]:
            layers[following] = max(layers[following], layers[node] + 1)
            waiting[following] -= 1
            if not waiting[following]:
                ready.append(following)
    return layers


def _by_component(nodes: Sequence[str], edges: Sequence[Edge]) -> list[str]:
    """The nodes, those that hang together one after the other, large groups first."""
    both = _neighbors([*edges, *((b, a) for a, b in edges)])
    seen: set[str] = set()
    groups: list[list[str]] = []
    for root in nodes:
        if root in seen:
            continue
        seen.add(root)
        group = [root]
        for node in group:
            new = [n for n in both[node] if n not in seen]
            seen.update(new)
            group += new
        groups.append(group)
    groups.sort(key=len, reverse=True)
    return [node for group in groups for node in group]


def _order(rows: list[list[str]], edges: Sequence[Edge], *, backward: bool) -> None:
    """Order each layer by the middle of its neighbors' rows, walking left or right."""
    neighbors = _neighbors([(b, a) for a, b in edges] if not backward else edges)
    where = {node: float(i) for layer in rows for i, node in enumerate(layer)}
    for layer in reversed(rows) if backward else rows:
        layer.sort(key=lambda node: _middle([where[n] for n in neighbors[node]], where[node]))
        where.update((node, float(i)) for i, node in enumerate(layer))


def _rows(rows: list[list[str]], layers: Mapping[str, int]) -> dict[str, Placed]:
    """Center the layers on each other."""
    tallest = max((len(layer) for layer in rows), default=0)
    return {
        node: Placed(layers[node], (tallest - len(layer)) / 2 + i) for layer in rows for i, node in enumerate(layer)
    }


def _middle(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _neighbors(edges: Iterable[Edge]) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        found[source].append(target)
    return found
