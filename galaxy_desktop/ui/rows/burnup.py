"""The numbers behind the burnup chart, as a table: for screen readers, and for those who want to see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from galaxy_desktop.domain.findings import SprintAnalysis
from galaxy_desktop.ui import words
from galaxy_desktop.ui.rows.table import Column, Table
from galaxy_desktop.ui.theme import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One day: what was, or what is likely to be."""

    day: date
    today: date
    scope: int | None = None
    done: int | None = None
    low: float | None = None
    middle: float | None = None
    high: float | None = None


def day_rows(one: SprintAnalysis, today: date) -> tuple[DayRow, ...]:
    """The days of the chart, the past first."""
    past = tuple(DayRow(day=p.day, today=today, scope=p.scope, done=p.done) for p in one.features.burnup)
    future = tuple(DayRow(day=p.day, today=today, low=p.low, middle=p.middle, high=p.high) for p in one.forecast.fan)
    return past + future


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if value == round(value) else f"{value:.1f}"


def burnup_table(look: Look) -> Table[DayRow]:
    """An empty table of days."""
    columns: tuple[Column[DayRow], ...] = (
        Column(name="Day", text=lambda r: words.day(r.day, r.today), wide=True),
        Column(name="In scope", text=lambda r: _number(r.scope), right=True),
        Column(name="Done", text=lambda r: _number(r.done), right=True),
        Column(name="Few (15 %)", text=lambda r: _number(r.low), right=True),
        Column(name="Middle (50 %)", text=lambda r: _number(r.middle), right=True),
        Column(name="Many (85 %)", text=lambda r: _number(r.high), right=True),
    )
    return Table(look, columns, lambda r: f"{r.day.isoformat()} {r.middle is None}")
