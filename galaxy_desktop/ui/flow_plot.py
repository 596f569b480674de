"""What a chart of the Flow page is made of: records without a widget, so that screen, PNG and SVG draw the same.

Series differ in color and always in something else too: the dash of a line, the pattern of an area, the shape of a
mark. `tips` are the places one can point at or walk to with the arrow keys; those with a `key` open their item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

Points = tuple[tuple[float, float], ...]


class Ink(StrEnum):
    """Colors by use; the painter knows what they are in light and dark."""

    BLUE = "blue"
    ORANGE = "orange"
    GREEN = "green"
    PURPLE = "purple"
    RED = "red"
    QUIET = "quiet"


class Stroke(StrEnum):
    """How a line is drawn."""

    SOLID = "solid"
    DASH = "dash"
    DOT = "dot"
    DASH_DOT = "dash dot"


class Fill(StrEnum):
    """The pattern of an area or a bar."""

    PLAIN = "plain"
    LINES = "lines"
    DOTS = "dots"
    DASHES = "dashes"
    EMPTY = "empty"


class Shape(StrEnum):
    """The shape of a mark."""

    DISC = "disc"
    RING = "ring"
    DIAMOND = "diamond"
    TRIANGLE = "triangle"
    SQUARE = "square"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A line through points."""

    name: str
    points: Points
    ink: Ink
    stroke: Stroke = Stroke.SOLID
    width: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """What lies between two lines over the same places."""

    name: str
    lower: Points
    upper: Points
    ink: Ink
    fill: Fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Single values."""

    name: str
    points: Points
    ink: Ink
    shape: Shape
    size: float = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars from zero; `width` is in units of the axis, `shift` moves them beside others."""

    name: str
    points: Points
    ink: Ink
    fill: Fill
    width: float = 0.7
    shift: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A horizontal line with its words at the right."""

    value: float
    text: str
    ink: Ink
    stroke: Stroke = Stroke.DASH


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A vertical line with its word at the top."""

    place: float
    text: str
    ink: Ink
    stroke: Stroke = Stroke.DOT


class Scale(StrEnum):
    """What an axis counts."""

    DAYS = "days"
    NUMBERS = "numbers"
    COUNTS = "counts"
    SPANS = "spans"
    SHARES = "shares"
    NAMES = "names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The extent of an axis; `names` are those of places 0, 1, 2, ..."""

    scale: Scale
    low: float
    high: float
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """A place with words; `y` is `None` where the whole column is meant; `key` is an evidence id or ""."""

    x: float
    text: str
    y: float | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A word just above the axis: what is not drawn there, such as "no data", which is not zero."""

    place: float
    text: str


Layer = Curve | Area | Marks | Bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One coordinate system; several of them are drawn one below the other."""

    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    levels: tuple[Level, ...] = ()
    moments: tuple[Moment, ...] = ()
    notes: tuple[Note, ...] = ()
    tips: tuple[Tip, ...] = ()
    share: float = 1.0


Cell = str | float | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The numbers behind a chart; `keys` are the evidence ids of the rows, `urls` where each of them is on GitHub."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    keys: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One chart ready to be shown; without `plots` the finding says what is missing. `unit` says what the height is."""

    name: str
    choice: str
    finding: str
    plots: tuple[Plot, ...]
    sheet: Sheet
    legend: str = ""
    unit: str = ""


def heading(figure: Figure) -> str:
    """The name of a chart with what its height means: "Cycle time  ·  days from start to done"."""
    return f"{figure.name}  ·  {figure.unit}" if figure.unit and figure.plots else figure.name


def steps(points: Sequence[tuple[float, float]]) -> Points:
    """Points as stairs: each value holds for the whole of its day."""
    return tuple(place for x, y in points for place in ((x - 0.5, y), (x + 0.5, y)))


def value_at(points: Points, x: float) -> float:
    """The height of a line at a place, by linear interpolation; the ends go on flat."""
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y1 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def csv_of(sheet: Sheet) -> str:
    """The numbers as CSV with a head line; a text that a spreadsheet would run as a formula is made harmless."""
    lines = [",".join(_cell(name) for name in sheet.columns)]
    lines += [",".join(_cell(cell) for cell in row) for row in sheet.rows]
    return "\r\n".join(lines) + "\r\n"


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return f"{cell:.6g}" if isinstance(cell, float) else str(cell)
    text = f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text
