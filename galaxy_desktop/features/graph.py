"""The dependency graph of a sprint: who waits for whom right now, how deep, across which repositories, in which rings.

Only `blocks` edges hold anything back, and only while both ends are open. An item of a repository that is not tracked
has no known state: its edges are shown, but it neither blocks nor lengthens a chain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from galaxy_desktop.domain.evidence import Evidence, of_item
from galaxy_desktop.domain.facts import Dependency, EdgeKind, Feature
from galaxy_desktop.domain.work import WorkItem
from galaxy_desktop.features.catalog import known, missing
from galaxy_desktop.features.view import SprintView

if TYPE_CHECKING:
    import networkx as nx

Cycle = tuple[str, ...]


def active_edges(view: SprintView) -> list[Dependency]:
    """`blocks` edges whose two ends are open items of tracked repositories."""
    return [
        e
        for e in view.edges
        if e.kind is EdgeKind.BLOCKS and _is_open(view, e.source_id) and _is_open(view, e.target_id)
    ]


def touching(edges: Iterable[Dependency], ids: Iterable[str]) -> list[Dependency]:
    """The edges that begin or end at one of these items, in their order."""
    inside = set(ids)
    return [edge for edge in edges if edge.source_id in inside or edge.target_id in inside]


def neighbors(edges: Iterable[Dependency]) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """For every id what it waits for, and for every id what waits for it."""
    before: defaultdict[str, set[str]] = defaultdict(set)
    after: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        before[edge.target_id].add(edge.source_id)
        after[edge.source_id].add(edge.target_id)
    return (
        {i: tuple(sorted(ids)) for i, ids in before.items()},
        {i: tuple(sorted(ids)) for i, ids in after.items()},
    )


def cycles(edges: Sequence[Dependency]) -> tuple[Cycle, ...]:
    """Rings of `blocks` edges, each beginning with its smallest id, sorted.

    A knot of n items can hold more rings than anybody can read; for each edge of a knot the shortest way back is
    taken, so there are never more rings than edges and every item of a knot is in one.
    """
    pairs = sorted({(e.source_id, e.target_id) for e in edges if e.kind is EdgeKind.BLOCKS})
    if not pairs:
        return ()
    import networkx as nx  # noqa: PLC0415 - slow to import, needed only where something blocks

    graph: nx.DiGraph[str] = nx.DiGraph(pairs)
    knot = {node: n for n, nodes in enumerate(nx.strongly_connected_components(graph)) for node in nodes}
    found = set()
    for source, target in pairs:
        if knot[source] == knot[target]:
            ring = [str(node) for node in nx.shortest_path(graph, target, source)]
            least = ring.index(min(ring))
            found.add((*ring[least:], *ring[:least]))
    return tuple(sorted(found))


def depth(edges: Sequence[Dependency], ids: Iterable[str]) -> tuple[str, ...]:
    """The longest chain of items, first to last, that ends at one of these ids; a ring counts once."""
    wanted = sorted(set(ids))
    pairs = sorted({(e.source_id, e.target_id) for e in edges})
    if not pairs:
        return tuple(wanted[:1])
    import networkx as nx  # noqa: PLC0415 - slow to import, needed only where something blocks

    graph: nx.DiGraph[str] = nx.DiGraph(pairs)
    graph.add_nodes_from(wanted)
    dag = nx.condensation(graph)
    chains = _longest_chains(dag)
    members = {name: sorted(nodes) for name, nodes in dag.nodes(data="members")}
    place = {node: name for name, nodes in members.items() for node in nodes}
    best: tuple[str, ...] = ()
    for node in wanted:
        chain = tuple(i for name in chains[place[node]] for i in members[name])
        if len(chain) > len(best):
            best = chain
    return best


def _longest_chains(dag: nx.DiGraph[int]) -> dict[int, tuple[int, ...]]:
    import networkx as nx  # noqa: PLC0415 - see above

    weight = {name: len(nodes) for name, nodes in dag.nodes(data="members")}
    least = {name: min(nodes) for name, nodes in dag.nodes(data="members")}
    chains: dict[int, tuple[int, ...]] = {}
    for name in nx.topological_sort(dag):
        before = [chains[p] for p in dag.predecessors(name)]
        best = max(before, key=lambda c: (sum(weight[n] for n in c), least[c[-1]]), default=())
        chains[name] = (*best, name)
    return chains


def features(view: SprintView, active: Sequence[Dependency], rings: Sequence[Cycle]) -> list[Feature]:
    """Blocked items, edges that block, edges across repositories, depth and rings."""
    if not view.items:
        names = ("blocked_items", "blocking_edges", "cross_repository_edges", "dependency_depth", "cycles")
        return [missing(name, "the sprint has no items", view.anchor) for name in names]
    ids = {item.evidence_id for item in view.items}
    holding = [edge for edge in active if edge.target_id in ids]
    blocked = sorted({edge.target_id for edge in holding})
    far = [e for e in touching(view.edges, ids) if e.crosses_repositories and e.kind is not EdgeKind.MENTIONS]
    words = [evidence for edge in holding for evidence in edge.evidence] or list(view.anchor)
    total = len(view.open_items)
    return [
        known("blocked_items", len(blocked), f"of {total} open items, waiting for another open item", words),
        known("blocking_edges", len(holding), f"dependencies on open items, over {total} open items", words),
        known(
            "cross_repository_edges",
            len(far),
            f"dependencies to another repository, of {len(touching(view.edges, ids))} edges at the sprint's items",
            [evidence for edge in far for evidence in edge.evidence] or view.anchor,
        ),
        _depth(view, active),
        known("cycles", len(rings), "rings of items that wait for each other", _cite(view, rings) or view.anchor),
    ]


def _depth(view: SprintView, active: Sequence[Dependency]) -> Feature:
    """Number of open items in the longest chain that ends in the sprint; 1 when nothing waits, 0 when nothing is open."""
    chain = depth(active, (item.evidence_id for item in view.open_items))
    if not chain:
        return known("dependency_depth", 0, "no open items", view.anchor)
    words = " -> ".join(i.partition(":")[2] for i in chain[:6]) + (" -> ..." if len(chain) > 6 else "")
    return known("dependency_depth", len(chain), f"items in the chain {words}", _cite(view, [chain]))


def _cite(view: SprintView, rings: Iterable[Cycle]) -> list[Evidence]:
    found = (view.index.items_by_id.get(i) for ring in rings for i in ring)
    return [of_item(item) for item in found if item is not None]


def _is_open(view: SprintView, item_id: str) -> bool:
    item: WorkItem | None = view.index.items_by_id.get(item_id)
    return item is not None and item.is_open
