"""Ended sprints as a table: what was said at four moments, and what happened."""

from __future__ import annotations

from galaxy_desktop.explain.trust import MOMENTS, SprintRecord
from galaxy_desktop.ui import words
from galaxy_desktop.ui.rows.table import Column, Table
from galaxy_desktop.ui.theme import Look, Tone


def record_table(look: Look) -> Table[SprintRecord]:
    """An empty table of ended sprints."""
    columns: tuple[Column[SprintRecord], ...] = (
        Column(name="Sprint", text=title_of, tip=_why, wide=True),
        *(_moment(number) for number in range(len(MOMENTS))),
        Column(
            name="What happened",
            text=lambda r: "Landed" if r.outcome.landed else "Missed",
            tip=_why,
            tone=lambda r: Tone.GOOD if r.outcome.landed else Tone.BAD,
        ),
        Column(name="Ended", text=lambda r: words.whole_day(r.outcome.ended_on), order=lambda r: r.outcome.ended_on),
        Column(name="Said", text=lambda r: "in a replay" if r.replayed else "live"),
    )
    return Table(look, columns, lambda r: f"{r.sprint_id} {r.replayed}")


def title_of(record: SprintRecord) -> str:
    """The name of a sprint; it may have been forgotten with its repository."""
    return record.title or "a sprint that was forgotten"


def _why(record: SprintRecord) -> str:
    return words.with_days(record.outcome.why, record.outcome.ended_on)


def _moment(number: int) -> Column[SprintRecord]:
    def text(record: SprintRecord) -> str:
        entry = record.said[number]
        return words.percent(entry.probability) if entry is not None and entry.probability is not None else "—"

    def order(record: SprintRecord) -> float:
        entry = record.said[number]
        return -1.0 if entry is None or entry.probability is None else entry.probability

    return Column(name=f"At {words.percent(MOMENTS[number])}", text=text, order=order, right=True)
