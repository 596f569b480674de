"""Numbers of the flow report as findings say them, and the middle of a few numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

HOURS_BELOW = 1.0
MINUTES_A_DAY = 1440.0


def span(days: float) -> str:
    """A duration: "20 minutes", "5 hours", "2.1 days", "34 days"."""
    minutes = days * MINUTES_A_DAY
    if minutes < 59.5:
        return counted(max(1, round(minutes)), "minute")
    if days < HOURS_BELOW - 1 / 48:
        return counted(round(days * 24), "hour")
    if days < 9.95:
        text = f"{days:.1f}".removesuffix(".0")
        return f"{text} day" if text == "1" else f"{text} days"
    return counted(round(days), "day")


def amount(value: float) -> str:
    """A number with at most one digit after the point: "12", "3.5"."""
    return f"{value:,.1f}".removesuffix(".0")


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 item", "3 items"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def verb(number: int, one: str, many: str) -> str:
    """The form of a verb that goes with a number: "1 is", "2 are"."""
    return one if number == 1 else many


def median(values: Sequence[float]) -> float:
    """The middle value; the mean of the middle two of an even number. Raises `ValueError` for nothing."""
    if not values:
        raise ValueError("no values have no median")
    return float(np.median(values))


def percentile(values: Sequence[float], rank: float) -> float:
    """The value below which `rank` percent lie, interpolated linearly between the ordered values."""
    return float(np.percentile(values, rank))
