"""The items of a sprint as a table: what is open first, each with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from galaxy_desktop.domain.facts import ItemFacts
from galaxy_desktop.domain.findings import ItemBrief, SprintAnalysis
from galaxy_desktop.ui import words
from galaxy_desktop.ui.rows.table import Column, Table
from galaxy_desktop.ui.theme import Look, Tone
from galaxy_desktop.ui.view import View


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item with the facts of the evaluation, where it has some."""

    brief: ItemBrief
    facts: ItemFacts | None = None


def item_rows(one: SprintAnalysis, view: View) -> tuple[ItemRow, ...]:
    """The sprint's items: open before done, by repository and number within."""
    facts = {f.item_id: f for f in one.features.items}
    rows = [ItemRow(view.briefs[i], facts.get(i)) for i in one.sprint.items if i in view.briefs]
    return tuple(sorted(rows, key=lambda row: not row.brief.open))


def item_table(look: Look) -> Table[ItemRow]:
    """An empty table of items."""
    columns: tuple[Column[ItemRow], ...] = (
        Column(name="Item", text=lambda r: words.reference(r.brief.id), order=lambda r: _place(r.brief.id)),
        Column(name="Title", text=lambda r: r.brief.title, tip=lambda r: r.brief.title, wide=True),
        Column(
            name="State",
            text=lambda r: "Open" if r.brief.open else "Done",
            tone=lambda r: Tone.QUIET if r.brief.open else Tone.GOOD,
            order=lambda r: not r.brief.open,
        ),
        Column(name="Waits for", text=_waits, order=lambda r: -len(r.facts.blocked_by) if r.facts else 0),
        Column(
            name="Quiet for",
            text=_quiet,
            order=lambda r: -r.facts.idle_days if r.facts and r.brief.open else 1.0,
            right=True,
        ),
    )
    return Table(look, columns, lambda r: r.brief.id)


def _waits(row: ItemRow) -> str:
    return words.listed([words.reference(i) for i in row.facts.blocked_by]) if row.facts and row.brief.open else ""


def _quiet(row: ItemRow) -> str:
    if row.facts is None or not row.brief.open:
        return ""
    return words.count(round(row.facts.idle_days), "day")


def _place(evidence_id: str) -> tuple[str, int]:
    place, _, number = evidence_id.partition(":")[2].partition("#")
    return place, int(number) if number.isdigit() else 0
