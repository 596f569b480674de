"""What the dependency graph shows: nodes and edges in words, chosen from a view. No drawing yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from galaxy_desktop.domain.facts import Dependency, EdgeKind
from galaxy_desktop.domain.findings import Severity
from galaxy_desktop.ui import words
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.view import View

MOST_NODES = 120
RELATION = {
    EdgeKind.BLOCKS: "blocks",
    EdgeKind.CLOSES: "closes",
    EdgeKind.PARENT: "contains",
    EdgeKind.MENTIONS: "mentions",
}
SERIOUS = Severity.HIGH.rank


@dataclass(frozen=True, slots=True)
class Node:
    """An item: its short name, its title, and its state in a word.

    `deciding` is the share of simulated runs in which it lies on the path that decides when the sprint is done, `late`
    the share in which it misses the end; `None` where nothing was simulated.
    """

    id: str
    name: str
    title: str
    state: str
    tone: Tone
    external: bool
    deciding: float | None = None
    late: float | None = None

    @property
    def numbers(self) -> str:
        """What the simulation says of it, "" for nothing: "decides 23 % of the runs, late in 61 %"."""
        if self.deciding is None:
            return ""
        late = f", late in {words.percent(self.late)}" if self.late is not None else ""
        return f"decides {words.percent(self.deciding)} of the runs{late}"


@dataclass(frozen=True, slots=True)
class Link:
    """An edge: `holding` when it holds up open work now, `critical` when a serious risk names both its ends.

    `deciding` is the share of simulated runs in which the path that decides goes through it, `None` where it was not
    simulated.
    """

    edge: Dependency
    relation: str
    holding: bool
    critical: bool
    deciding: float | None = None

    @property
    def sentence(self) -> str:
        """The edge as a sentence."""
        said = f"{words.reference(self.edge.source_id)} {self.relation} {words.reference(self.edge.target_id)}"
        said = f"{said}, critical" if self.critical else said
        return f"{said}; decides {words.percent(self.deciding)} of the runs" if self.deciding is not None else said


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes and edges to draw; `left_out` counts nodes that did not fit."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    left_out: int = 0


def links_of(view: View, kinds: frozenset[EdgeKind], *, only_open: bool) -> tuple[Link, ...]:
    """The edges of these kinds; those that hold work up come first."""
    serious = [set(r.item_ids) for s in view.sprints for r in s.risks if r.severity.rank >= SERIOUS]
    shares = edge_shares(view)
    found = []
    for edge in view.dependencies:
        if edge.kind not in kinds or (only_open and not (_open(view, edge.source_id) and _open(view, edge.target_id))):
            continue
        facts = view.facts.get(edge.target_id)
        holding = edge.kind is EdgeKind.BLOCKS and facts is not None and edge.source_id in facts.blocked_by
        critical = any(edge.source_id in ids and edge.target_id in ids for ids in serious)
        share = shares.get((edge.source_id, edge.target_id)) if edge.kind is EdgeKind.BLOCKS else None
        found.append(Link(edge, RELATION[edge.kind], holding, critical, share))
    found.sort(key=lambda k: (not k.critical, not k.holding, -(k.deciding or 0.0), k.edge.kind is not EdgeKind.BLOCKS))
    return tuple(found)


def picture_of(view: View, links: Sequence[Link]) -> Picture:
    """The nodes at the ends of these edges, as many as can be drawn readably."""
    ends = dict.fromkeys(end for k in links for end in (k.edge.source_id, k.edge.target_id))
    kept = list(ends)[:MOST_NODES]
    inside = set(kept)
    shown = tuple(k for k in links if k.edge.source_id in inside and k.edge.target_id in inside)
    return Picture(tuple(node_of(view, end) for end in kept), shown, len(ends) - len(kept))


def node_of(view: View, item_id: str) -> Node:
    """An item as a node."""
    node = _stated(view, item_id)
    outlooks = [o for s in view.sprints for o in s.forecast.outlooks if o.item_id == item_id]
    most = max(outlooks, key=lambda outlook: outlook.critical, default=None)
    return node if most is None else replace(node, deciding=most.critical, late=most.late)


def edge_shares(view: View) -> dict[tuple[str, str], float]:
    """How often the path that decides goes through a dependency; of several sprints the one it decides most."""
    found: dict[tuple[str, str], float] = {}
    for one in view.sprints:
        for edge in one.forecast.critical_edges:
            key = (edge.source_id, edge.target_id)
            found[key] = max(edge.share, found.get(key, 0.0))
    return found


def _stated(view: View, item_id: str) -> Node:
    name, title = words.reference(item_id), view.title(item_id)
    if item_id.startswith("external:"):
        return Node(item_id, name, title or "outside the tracked repositories", "Not tracked", Tone.QUIET, True)
    facts = view.facts.get(item_id)
    if not _open(view, item_id):
        return Node(item_id, name, title, "Done", Tone.GOOD, False)
    if facts is not None and facts.blocked_by:
        waits = words.listed([words.reference(b) for b in facts.blocked_by[:2]])
        return Node(item_id, name, title, f"Blocked by {waits}", Tone.BAD, False)
    if facts is not None and facts.blocks:
        return Node(item_id, name, title, f"Holds up {words.count(len(facts.blocks), 'item')}", Tone.WATCH, False)
    return Node(item_id, name, title, "Open", Tone.ACCENT, False)


def cycles_of(view: View) -> tuple[tuple[str, ...], ...]:
    """Every cycle of the sprints that the filters keep, once."""
    return tuple(dict.fromkeys(c for s in view.sprints for c in s.features.cycles))


def cycles_in_words(view: View) -> tuple[str, ...]:
    """The cycles that the simulation met, in its words; those of the features where it met none."""
    said = tuple(dict.fromkeys(text for s in view.sprints for text in s.forecast.cycles))
    return said or tuple(cycle_sentence(cycle) for cycle in cycles_of(view))


def cycle_sentence(cycle: Sequence[str]) -> str:
    """A cycle as a sentence: each waits for the other."""
    around = [*cycle, cycle[0]] if cycle[0] != cycle[-1] else cycle
    return f"In a circle: {' → '.join(words.reference(c) for c in around)}. None of them can be finished first."


def _open(view: View, item_id: str) -> bool:
    brief = view.briefs.get(item_id)
    return brief is None or brief.open
