"""Paints the charts of the Flow page with QPainter, on a widget, a PNG or an SVG alike.

Nothing relies on clipping or on brush patterns, because SVG files know neither: patterns are drawn as short strokes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from galaxy_desktop.ui import words
from galaxy_desktop.ui.flow_plot import (
    Area,
    Axis,
    Bars,
    Curve,
    Fill,
    Ink,
    Layer,
    Marks,
    Plot,
    Scale,
    Shape,
    Stroke,
    value_at,
)  # fmt: skip
from galaxy_desktop.ui.theme import Colors

STYLE = {
    Stroke.SOLID: Qt.PenStyle.SolidLine, Stroke.DASH: Qt.PenStyle.DashLine, Stroke.DOT: Qt.PenStyle.DotLine,
    Stroke.DASH_DOT: Qt.PenStyle.DashDotLine,
}  # fmt: skip
GAP = 6.0
HATCH = 7.0
SPAN_TICKS = (
    (1 / 24, "1 hour"), (4 / 24, "4 hours"), (1.0, "1 day"), (3.0, "3 days"), (7.0, "1 week"), (30.0, "1 month"),
    (90.0, "3 months"), (365.0, "1 year"), (1095.0, "3 years"), (3650.0, "10 years"),
)  # fmt: skip
LIGHT_INKS = {
    Ink.BLUE: "#0063a8",
    Ink.ORANGE: "#b05a00",
    Ink.GREEN: "#00734f",
    Ink.PURPLE: "#8a3a92",
    Ink.RED: "#ab241c",
}
DARK_INKS = {
    Ink.BLUE: "#62b6f2",
    Ink.ORANGE: "#f0a24a",
    Ink.GREEN: "#4fd0a0",
    Ink.PURPLE: "#d99ae0",
    Ink.RED: "#ff9a92",
}


@dataclass(frozen=True, slots=True)
class Brushwork:
    """The colors and the font of one painting."""

    colors: Colors
    dark: bool
    font: QFont

    def color(self, ink: Ink) -> QColor:
        """An ink in the present appearance."""
        inks = DARK_INKS if self.dark else LIGHT_INKS
        return QColor(inks.get(ink, self.colors.muted))

    def pen(self, ink: Ink, width: float = 1.5, stroke: Stroke = Stroke.SOLID) -> QPen:
        """A pen of an ink."""
        made = QPen(self.color(ink), width, STYLE[stroke])
        made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        return made


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a plot lies in the picture, and how its values become places."""

    plot: Plot
    rect: QRectF

    def x(self, value: float) -> float:
        """From the axis to the picture."""
        axis = self.plot.x
        return self.rect.left() + (value - axis.low) / (axis.high - axis.low) * self.rect.width()

    def y(self, value: float) -> float:
        """From the axis to the picture; spans of time are drawn on a scale of ratios."""
        axis = self.plot.y
        low, high, at = axis.low, axis.high, value
        if axis.scale is Scale.SPANS:
            low, high, at = math.log(low), math.log(high), math.log(max(value, axis.low))
        return self.rect.bottom() - (at - low) / (high - low) * self.rect.height()

    def point(self, place: tuple[float, float]) -> QPointF:
        """A place in the picture."""
        return QPointF(self.x(place[0]), self.y(place[1]))


def frames(rect: QRectF, plots: Sequence[Plot], metrics: QFontMetricsF) -> tuple[Frame, ...]:
    """Lay the plots out one below the other, with room for legend, axes and the words at the right."""
    left = max((_axis_room(plot.y, metrics) for plot in plots), default=0.0) + GAP
    right = max((_level_room(plot, metrics) for plot in plots), default=0.0) + 2 * GAP
    line = metrics.height()
    whole = sum(plot.share for plot in plots)
    found, top = [], rect.top()
    for plot in plots:
        height = rect.height() * plot.share / whole
        above = _legend_height(plot, rect.width() - left - right, metrics) + line * (1.2 if plot.moments else 0.5)
        inner = QRectF(rect.left() + left, top + above, rect.width() - left - right, height - above - line * 1.6)
        found.append(Frame(plot, inner.normalized()))
        top += height
    return tuple(found)


def paint(painter: QPainter, rect: QRectF, plots: Sequence[Plot], brushwork: Brushwork) -> tuple[Frame, ...]:
    """Draw the plots into a rectangle; returns where each of them lies."""
    painter.setFont(brushwork.font)
    metrics = QFontMetricsF(brushwork.font)
    laid = frames(rect, plots, metrics)
    for frame in laid:
        _grid(painter, frame, brushwork, metrics)
        for layer in frame.plot.layers:
            _LAYERS[type(layer)](painter, frame, layer, brushwork)
        _notes(painter, frame, brushwork, metrics)
        _moments(painter, frame, brushwork, metrics)
        _levels(painter, frame, brushwork, metrics)
        _legend(painter, frame, brushwork, metrics)
    return laid


# --- axes


def ticks(axis: Axis, room: float, label: float) -> list[tuple[float, str]]:
    """The places of an axis that are named, so far apart that names of this size do not touch."""
    if axis.scale is Scale.SPANS:
        inside = [tick for tick in SPAN_TICKS if axis.low <= tick[0] <= axis.high]
        return inside[:: max(1, math.ceil(len(inside) * label / max(room, 1.0)))]
    if axis.scale is Scale.NAMES:
        return [(float(n), name) for n, name in enumerate(axis.names)]
    step = _step(axis, room, label)
    # Ordinals that are one more than a multiple of seven are Mondays: weeks begin there.
    start = 1.0 if axis.scale is Scale.DAYS else 0.0
    first = math.ceil((axis.low - start) / step - 1e-9) * step + start
    count = math.floor((axis.high - first) / step + 1e-9) + 1
    values = [first + n * step for n in range(max(count, 0))]
    return [(value, _tick(axis.scale, value, step)) for value in values]


def _step(axis: Axis, room: float, label: float) -> float:
    least = (axis.high - axis.low) * label / max(room, 1.0)
    if axis.scale is Scale.DAYS:
        return float(next((n for n in (1, 2, 7, 14, 28, 56, 112) if n >= least), math.ceil(least)))
    power = 10.0 ** math.floor(math.log10(max(least, 1e-9)))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * 0.999)
    return max(step, 1.0) if axis.scale is Scale.COUNTS else step


def _tick(scale: Scale, value: float, step: float) -> str:
    if scale is Scale.DAYS:
        day = date.fromordinal(max(1, round(value)))
        return f"{day.day} {words.MONTHS[day.month - 1]}"
    if scale is Scale.SHARES:
        return words.percent(value)
    return f"{value:,.0f}" if step >= 1 else f"{value:.1f}"


def _axis_room(axis: Axis, metrics: QFontMetricsF) -> float:
    named = ticks(axis, 200.0, metrics.height() * 1.9)
    return max((metrics.horizontalAdvance(text) for _, text in named), default=0.0)


def _level_room(plot: Plot, metrics: QFontMetricsF) -> float:
    return max((metrics.horizontalAdvance(level.text) for level in plot.levels), default=0.0)


def _grid(painter: QPainter, frame: Frame, brushwork: Brushwork, metrics: QFontMetricsF) -> None:
    rect, plot = frame.rect, frame.plot
    line, text = QPen(QColor(brushwork.colors.line), 1.0), QColor(brushwork.colors.muted)
    for value, name in ticks(plot.y, rect.height(), metrics.height() * 1.9):
        y = frame.y(value)
        painter.setPen(line)
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
        painter.setPen(text)
        width = metrics.horizontalAdvance(name)
        painter.drawText(QPointF(rect.left() - GAP - width, y + metrics.ascent() / 2 - 1), name)
    below = rect.bottom() + GAP + metrics.ascent()
    longest = {Scale.DAYS: "28 Sep", Scale.SHARES: "100 %"}.get(plot.x.scale, "000")
    widest = metrics.horizontalAdvance(longest) * 1.5
    slot = rect.width() / max(len(plot.x.names), 1) - 2 * GAP
    for value, name in ticks(plot.x, rect.width(), widest):
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, slot) if plot.x.scale is Scale.NAMES else name
        half = metrics.horizontalAdvance(shown) / 2
        place = min(max(frame.x(value), rect.left() + half - GAP), rect.right() - half + GAP)
        painter.setPen(text)
        painter.drawText(QPointF(place - half, below), shown)
    painter.setPen(QPen(text, 1.0))
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())


# --- layers


def _curve(painter: QPainter, frame: Frame, layer: Layer, brushwork: Brushwork) -> None:
    if isinstance(layer, Curve) and layer.points:
        painter.setPen(brushwork.pen(layer.ink, layer.width, layer.stroke))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([frame.point(place) for place in layer.points]))


def _area(painter: QPainter, frame: Frame, layer: Layer, brushwork: Brushwork) -> None:
    if (
        not isinstance(layer, Area)
        or not layer.upper
        or all(a[1] == b[1] for a, b in zip(layer.upper, layer.lower, strict=True))
    ):
        return
    edge = [frame.point(place) for place in layer.upper]
    back = [frame.point(place) for place in reversed(layer.lower)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_soft(layer.ink, brushwork))
    painter.drawPolygon(QPolygonF([*edge, *back]))
    left, right = edge[0].x(), edge[-1].x()
    axis, rect = frame.plot.x, frame.rect

    def extent(x: float) -> tuple[float, float]:
        value = axis.low + (x - rect.left()) / rect.width() * (axis.high - axis.low)
        return frame.y(value_at(layer.upper, value)), frame.y(value_at(layer.lower, value))

    _pattern(painter, (left, right), extent, layer.fill, brushwork.pen(layer.ink, 1.0))
    painter.setPen(brushwork.pen(layer.ink, 1.5))
    painter.drawPolyline(QPolygonF(edge))


def _bars(painter: QPainter, frame: Frame, layer: Layer, brushwork: Brushwork) -> None:
    if not isinstance(layer, Bars):
        return
    base = frame.y(max(0.0, frame.plot.y.low))
    for x, value in layer.points:
        left, right = frame.x(x + layer.shift - layer.width / 2), frame.x(x + layer.shift + layer.width / 2)
        top = frame.y(value)
        if base - top < 0.5:
            continue
        painter.setPen(brushwork.pen(layer.ink, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush if layer.fill is Fill.EMPTY else _soft(layer.ink, brushwork))
        painter.drawRect(QRectF(left, top, right - left, base - top))
        _pattern(painter, (left, right), _constant(top, base), layer.fill, brushwork.pen(layer.ink, 1.0))


def _constant(top: float, bottom: float) -> Callable[[float], tuple[float, float]]:
    return lambda _x: (top, bottom)


def _marks(painter: QPainter, frame: Frame, layer: Layer, brushwork: Brushwork) -> None:
    if isinstance(layer, Marks):
        for place in layer.points:
            draw_shape(painter, frame.point(place), layer.shape, layer.size, brushwork.color(layer.ink))


_LAYERS: dict[type[Layer], Callable[[QPainter, Frame, Layer, Brushwork], None]] = {
    Curve: _curve, Area: _area, Bars: _bars, Marks: _marks,
}  # fmt: skip


def draw_shape(painter: QPainter, at: QPointF, shape: Shape, size: float, color: QColor) -> None:
    """One mark: the shape says as much as the color."""
    r = size / 2
    soft = QColor(color)
    soft.setAlpha(150)
    painter.setPen(QPen(color, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush if shape is Shape.RING else soft)
    if shape in (Shape.DISC, Shape.RING):
        painter.drawEllipse(at, r, r)
    elif shape is Shape.SQUARE:
        painter.drawRect(QRectF(at.x() - r, at.y() - r, size, size))
    elif shape is Shape.DIAMOND:
        painter.drawPolygon(
            QPolygonF([at + QPointF(*d) for d in ((0, -r * 1.3), (r * 1.3, 0), (0, r * 1.3), (-r * 1.3, 0))])
        )
    else:
        painter.drawPolygon(QPolygonF([at + QPointF(*d) for d in ((0, -r * 1.3), (r * 1.2, r), (-r * 1.2, r))]))


def _soft(ink: Ink, brushwork: Brushwork) -> QColor:
    color = brushwork.color(ink)
    color.setAlpha(62 if ink is not Ink.QUIET else 40)
    return color


def _pattern(
    painter: QPainter, sides: tuple[float, float], extent: Callable[[float], tuple[float, float]], fill: Fill, pen: QPen
) -> None:
    if fill in (Fill.PLAIN, Fill.EMPTY):
        return
    painter.setPen(pen)
    first = math.ceil(sides[0] / HATCH)
    for column in range(first, math.floor(sides[1] / HATCH) + 1):
        x = column * HATCH
        top, bottom = extent(x)
        if fill is Fill.LINES:
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
            continue
        for row in range(math.ceil((top + 1) / HATCH), math.floor((bottom - 1) / HATCH) + 1):
            y = row * HATCH
            if fill is Fill.DOTS and (row + column) % 2 == 0:
                painter.drawEllipse(QPointF(x, y), 0.8, 0.8)
            elif fill is Fill.DASHES:
                painter.drawLine(QPointF(x - 2, y), QPointF(x + 2, y))


# --- words


def _notes(painter: QPainter, frame: Frame, brushwork: Brushwork, metrics: QFontMetricsF) -> None:
    painter.setPen(QColor(brushwork.colors.muted))
    for note in frame.plot.notes:
        half = metrics.horizontalAdvance(note.text) / 2
        painter.drawText(QPointF(frame.x(note.place) - half, frame.rect.bottom() - GAP), note.text)


def _moments(painter: QPainter, frame: Frame, brushwork: Brushwork, metrics: QFontMetricsF) -> None:
    taken: list[tuple[float, float]] = []
    for moment in frame.plot.moments:
        x = frame.x(moment.place)
        painter.setPen(brushwork.pen(moment.ink, 1.2, moment.stroke))
        painter.drawLine(QPointF(x, frame.rect.top()), QPointF(x, frame.rect.bottom()))
        width = metrics.horizontalAdvance(moment.text)
        left = min(max(x - width / 2, frame.rect.left()), frame.rect.right() - width)
        for begin, end in taken:
            if left < end + GAP and begin < left + width + GAP:
                left = end + GAP if end + GAP + width <= frame.rect.right() else begin - GAP - width
        taken.append((left, left + width))
        painter.drawText(QPointF(left, frame.rect.top() - 3), moment.text)


def _levels(painter: QPainter, frame: Frame, brushwork: Brushwork, metrics: QFontMetricsF) -> None:
    placed = spread_out([frame.y(level.value) for level in frame.plot.levels], metrics.height() * 0.95)
    right = frame.rect.right()
    for level, at in zip(frame.plot.levels, placed, strict=True):
        y = frame.y(level.value)
        painter.setPen(brushwork.pen(level.ink, 1.4, level.stroke))
        painter.drawLine(QPointF(frame.rect.left(), y), QPointF(right, y))
        painter.drawText(QPointF(right + GAP, at + metrics.ascent() / 2 - 1), level.text)


def spread_out(places: Sequence[float], least: float) -> list[float]:
    """The same places, moved apart where two are nearer than `least`; the lowest on the screen stays where it is."""
    order = sorted(range(len(places)), key=lambda n: -places[n])
    found = list(places)
    for before, number in pairwise(order):
        found[number] = min(found[number], found[before] - least)
    return found


def _named(plot: Plot) -> list[Layer]:
    return [layer for layer in plot.layers if layer.name]


def _legend_places(plot: Plot, width: float, metrics: QFontMetricsF) -> tuple[list[tuple[float, int]], int]:
    """For each named layer its place and line, and how many lines there are."""
    x, line, found = 0.0, 0, []
    for layer in _named(plot):
        needed = 22.0 + metrics.horizontalAdvance(layer.name) + 14.0
        if x and x + needed > width:
            x, line = 0.0, line + 1
        found.append((x, line))
        x += needed
    return found, line + 1 if found else 0


def _legend_height(plot: Plot, width: float, metrics: QFontMetricsF) -> float:
    lines = _legend_places(plot, width, metrics)[1]
    return lines * metrics.height() * 1.25


def _legend(painter: QPainter, frame: Frame, brushwork: Brushwork, metrics: QFontMetricsF) -> None:
    places, lines = _legend_places(frame.plot, frame.rect.width(), metrics)
    above = metrics.height() * (1.2 if frame.plot.moments else 0.5)
    top = frame.rect.top() - above - lines * metrics.height() * 1.25
    for layer, (x, line) in zip(_named(frame.plot), places, strict=True):
        left = frame.rect.left() + x
        middle = top + (line + 0.5) * metrics.height() * 1.25
        _swatch(painter, layer, QRectF(left, middle - 5.5, 16.0, 11.0), brushwork)
        painter.setPen(QColor(brushwork.colors.text))
        painter.drawText(QPointF(left + 22.0, middle + metrics.ascent() / 2 - 1), layer.name)


def _swatch(painter: QPainter, layer: Layer, box: QRectF, brushwork: Brushwork) -> None:
    if isinstance(layer, Curve):
        painter.setPen(brushwork.pen(layer.ink, layer.width, layer.stroke))
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
    elif isinstance(layer, Marks):
        draw_shape(painter, box.center(), layer.shape, layer.size, brushwork.color(layer.ink))
    else:
        painter.setPen(brushwork.pen(layer.ink, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush if layer.fill is Fill.EMPTY else _soft(layer.ink, brushwork))
        painter.drawRect(box)
        inner = (box.left() + 1, box.right() - 1)
        _pattern(painter, inner, _constant(box.top(), box.bottom()), layer.fill, brushwork.pen(layer.ink, 1.0))
