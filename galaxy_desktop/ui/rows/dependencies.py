"""The dependency graph as a table: the same edges, one a row."""

from __future__ import annotations

from collections.abc import Callable

from galaxy_desktop.ui import words
from galaxy_desktop.ui.graph.picture import Link
from galaxy_desktop.ui.rows.table import Column, Table
from galaxy_desktop.ui.theme import Look, Tone


def dependency_table(look: Look, title: Callable[[str], str]) -> Table[Link]:
    """An empty table of edges; `title` names an item."""

    def end(item_id: str) -> str:
        named = title(item_id)
        outside = " (not tracked)" if item_id.startswith("external:") else ""
        return f"{words.reference(item_id)}{outside}  {named}".rstrip()

    columns: tuple[Column[Link], ...] = (
        Column(name="From", text=lambda k: end(k.edge.source_id), wide=True),
        Column(name="Relation", text=lambda k: k.relation),
        Column(name="To", text=lambda k: end(k.edge.target_id), wide=True),
        Column(name="State", text=_state, tone=_tone, icon=_icon),
        Column(
            name="Decides",
            text=lambda k: words.percent(k.deciding) if k.deciding is not None else "",
            tip=lambda k: "Share of simulated runs in which the path that decides goes through it",
            order=lambda k: -(k.deciding if k.deciding is not None else -1.0),
            right=True,
        ),
        Column(name="Across", text=lambda k: "yes" if k.edge.crosses_repositories else "no"),
        Column(name="Learned from", text=lambda k: k.edge.source),
        Column(
            name="Certainty",
            text=lambda k: words.percent(k.edge.confidence),
            order=lambda k: -k.edge.confidence,
            right=True,
        ),
    )
    return Table(look, columns, lambda k: f"{k.edge.source_id} {k.edge.kind} {k.edge.target_id} {k.edge.source}")


def _state(link: Link) -> str:
    if link.critical:
        return "Critical"
    return "Holds work up" if link.holding else "No harm now"


def _tone(link: Link) -> Tone:
    return Tone.BAD if link.critical else Tone.WATCH if link.holding else Tone.QUIET


def _icon(link: Link) -> str:
    return "act" if link.critical else "observe" if link.holding else "none"
