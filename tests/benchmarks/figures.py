"""One measured figure: what came out, against what it is compared, and the bar it has to reach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure beside a reference that was measured in the same run; `bar` and `met` are empty where no bar is set."""

    name: str
    figure: str
    reference: str
    ratio: float
    bar: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """Whether the bar was reached, in words."""
        return {True: "met", False: "missed", None: "no bar"}[self.met]

    def line(self) -> str:
        """The figure on one line, for the terminal."""
        bar = f"{self.bar}: {self.verdict}" if self.bar else "none"
        return f"{self.name}: {self.figure} | reference: {self.reference} | ratio {ratio(self.ratio)} | bar {bar}"


def ratio(value: float) -> str:
    """A ratio with as many digits as mean something."""
    if not math.isfinite(value):
        return "—"
    if value < 0.1:
        return f"{value:.4f}x"
    return f"{value:.2f}x" if value < 10 else f"{value:,.0f}x"


def ms(seconds: float) -> str:
    """A short time in words."""
    if seconds < 0.0001:
        return f"{seconds * 1e6:.0f} µs"
    if seconds >= 10:
        return f"{seconds:.1f} s"
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return percentile(values, 0.5)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed; 0 without any."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1 if share > 0 else 0)]


def over(value: float, reference: float) -> float:
    """How many times the reference a value is."""
    return value / reference if reference > 0 else math.nan
