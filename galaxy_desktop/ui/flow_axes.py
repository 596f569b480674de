"""What the charts of the Flow page share: axes, the look of percentiles, and numbers as people write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from galaxy_desktop.domain.flow import Head, Unit
from galaxy_desktop.ui import words
from galaxy_desktop.ui.flow_plot import Axis, Figure, Ink, Scale, Sheet, Stroke

HEADROOM = 1.08
SHORTEST, LONGEST = 1 / 48, 4000.0
LEVEL_LOOK = {
    50: (Ink.QUIET, Stroke.SOLID),
    70: (Ink.QUIET, Stroke.DOT),
    85: (Ink.ORANGE, Stroke.DASH),
    95: (Ink.RED, Stroke.DASH_DOT),
}


def span(days: float) -> str:
    """A duration for a table or a tip: "3 h", "2.4 d"."""
    if days < 1 / 24:
        return f"{round(days * 24 * 60)}{words.SPACE}min"
    if days < 1:
        return f"{days * 24:.0f}{words.SPACE}h"
    return f"{days:.1f}{words.SPACE}d" if days < 10 else f"{days:,.0f}{words.SPACE}d"


def number(value: float) -> str:
    """A number with at most one digit after the point."""
    return f"{value:,.1f}".removesuffix(".0")


def bare(name: str, head: Head, choice: str = "", sheet: Sheet | None = None) -> Figure:
    """A figure that has nothing to draw: its finding says what is missing."""
    return Figure(
        name=name,
        choice=choice,
        finding=head.why_none or head.finding,
        plots=(),
        sheet=sheet or Sheet(columns=(), rows=()),
    )


def place(day: date) -> float:
    """Where a day lies on an axis of days."""
    return float(day.toordinal())


def iso(day: date | None) -> str:
    """A day for a table, "" for none."""
    return day.isoformat() if day is not None else ""


def short(day: date) -> str:
    """A day in short: "8 May"."""
    return f"{day.day} {words.MONTHS[day.month - 1]}"


def count_axis(most: float, unit: Unit) -> Axis:
    """An axis of whole numbers with room above the highest."""
    return Axis(scale=Scale.COUNTS, low=0.0, high=max(most * HEADROOM, 4.0))


def axis_to(most: float) -> Axis:
    """An axis of numbers from zero with room above the highest."""
    return Axis(scale=Scale.NUMBERS, low=0.0, high=max(most * HEADROOM, 1.0))


def span_axis(days: Sequence[float]) -> Axis:
    """A logarithmic axis that holds these durations."""
    low, high = max(min(days) * 0.7, SHORTEST), min(max(days) * 1.5, LONGEST * 4)
    return Axis(scale=Scale.SPANS, low=min(low, 0.5), high=max(high, 2.0))
