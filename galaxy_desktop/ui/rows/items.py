"""The items of a sprint as a table: what is open first, each with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from galaxy_desktop.domain.facts import ItemFacts
from galaxy_desktop.domain.findings import ItemBrief, SprintAnalysis
from galaxy_desktop.domain.past_sprints import ItemDelay
from galaxy_desktop.ui import words
from galaxy_desktop.ui.rows.table import Column, Table
from galaxy_desktop.ui.theme import Look, Tone
from galaxy_desktop.ui.view import View

UNLIKELY_BELOW, LIKELY_FROM = 0.3, 0.6


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item with the facts of the evaluation and the chance that it misses the end, where it has some."""

    brief: ItemBrief
    facts: ItemFacts | None = None
    delay: ItemDelay | None = None


def item_rows(one: SprintAnalysis, view: View) -> tuple[ItemRow, ...]:
    """The sprint's items: open before done, by repository and number within."""
    facts = {f.item_id: f for f in one.features.items}
    delays = {d.item_id: d for d in one.delays}
    rows = [ItemRow(view.briefs[i], facts.get(i), delays.get(i)) for i in one.sprint.items if i in view.briefs]
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
        Column(
            name="May miss",
            text=_may_miss,
            tip=why_late,
            order=lambda r: -r.delay.probability if r.delay else 1.0,
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


def may_miss_word(probability: float) -> str:
    """What a chance of missing the end is called."""
    if probability < UNLIKELY_BELOW:
        return "Unlikely"
    return "Likely" if probability >= LIKELY_FROM else "Possible"


def why_late(row: ItemRow) -> str:
    """The reasons that weigh most, a line each; "" where nothing is foretold."""
    return "\n".join(reason.text for reason in row.delay.reasons) if row.delay else ""


def _may_miss(row: ItemRow) -> str:
    if row.delay is None or not row.brief.open:
        return ""
    return f"{may_miss_word(row.delay.probability)}, {words.percent(row.delay.probability)}"


def _waits(row: ItemRow) -> str:
    return words.listed([words.reference(i) for i in row.facts.blocked_by]) if row.facts and row.brief.open else ""


def _quiet(row: ItemRow) -> str:
    if row.facts is None or not row.brief.open:
        return ""
    return words.count(round(row.facts.idle_days), "day")


def _place(evidence_id: str) -> tuple[str, int]:
    place, _, number = evidence_id.partition(":")[2].partition("#")
    return place, int(number) if number.isdigit() else 0
