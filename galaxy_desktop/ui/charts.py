"""The chart of a sprint: burnup with its scope line and, from today on, the fan of the forecast.

This module imports pyqtgraph, which takes long: it is imported itself only once the first window stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from galaxy_desktop.domain.findings import SprintAnalysis
from galaxy_desktop.ui import words
from galaxy_desktop.ui.theme import Colors, Look, Role, font

pg.setConfigOptions(antialias=True)

HEIGHT = 300
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
LEAST_BETWEEN = 40
HEADROOM = 1.28
"""Above the highest line, for the names of lines."""
CLOSE_DAYS = 6
LOOK_AHEAD = timedelta(days=14)
"""The fan may be long; beyond this, or as long again as the sprint, it is not drawn."""


class DayAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis of days: ordinals below, "8 May" as shown."""

    def __init__(self) -> None:
        super().__init__(orientation="bottom")
        self.setStyle(tickFont=font(Role.SMALL))

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Whole days, so far apart that their names do not touch."""
        letters = self.fontMetrics_width()
        step = max(1, round((high - low) * letters / max(size, 1.0) + 0.5))
        first = int(low) + 1 if low > int(low) else int(low)
        return [(float(step), [float(day) for day in range(first, int(high) + 1, step)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The names of the days."""
        days = [date.fromordinal(max(1, int(value))) for value in values]
        return [f"{day.day} {words.MONTHS[day.month - 1]}" for day in days]

    def fontMetrics_width(self) -> float:
        """Room that the name of a day needs."""
        return font(Role.SMALL).pointSizeF() * 6.0


class CountAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis of items: whole numbers only."""

    def __init__(self) -> None:
        super().__init__(orientation="left")
        self.setStyle(tickFont=font(Role.SMALL))

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """About one number for every forty points of height."""
        step = next((s for s in STEPS if (high - low) / s * LEAST_BETWEEN <= size), STEPS[-1])
        first = int(-(-low // step) * step)
        return [(float(step), [float(n) for n in range(first, int(high) + 1, step)])]


class BurnupChart(pg.PlotWidget):  # type: ignore[misc]
    """Draws the past of a sprint and its likely future; the numbers are in the table beside it."""

    def __init__(self, look: Look) -> None:
        super().__init__(axisItems={"bottom": DayAxis(), "left": CountAxis()})
        self._look = look
        self._shown: SprintAnalysis | None = None
        self._today = date.min
        self.setMinimumHeight(HEIGHT)
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        look.changed.connect(self._draw)

    def wheelEvent(self, event: Any) -> None:
        """The page scrolls, not the chart."""
        event.ignore()

    def show_sprint(self, one: SprintAnalysis, today: date) -> None:
        """Draw this sprint."""
        self._shown, self._today = one, today
        self._draw()

    def _draw(self) -> None:
        self.clear()
        colors = self._look.colors
        self.setBackground(colors.surface)
        for side in ("left", "bottom"):
            self.getAxis(side).setPen(pg.mkPen(colors.line))
            self.getAxis(side).setTextPen(pg.mkPen(colors.muted))
        self.showGrid(x=False, y=True, alpha=0.15)
        one = self._shown
        if one is None:
            return
        self._draw_fan(one, colors)
        self._draw_past(one, colors)
        self._mark(self._today, "today", colors.muted, Qt.PenStyle.DotLine)
        if one.sprint.due_on is not None:
            self._mark(one.sprint.due_on, "due", colors.bad, Qt.PenStyle.DashLine)
        self._fit(one)

    def _draw_past(self, one: SprintAnalysis, colors: Colors) -> None:
        points = one.features.burnup
        days = [float(p.day.toordinal()) for p in points]
        if not days:
            return
        scope = [p.scope for p in points]
        self.plot(days, scope, pen=self._pen(colors.muted, 2, Qt.PenStyle.DashLine), stepMode="left")
        self.plot(days, [p.done for p in points], pen=self._pen(colors.accent, 3))
        self._label(days[-1], points[-1].scope, f"in scope: {points[-1].scope}", colors.muted, (1.1, 1.1))
        self._label(days[-1], points[-1].done, f"done: {points[-1].done}", colors.accent, (1.1, 1.1))

    def _draw_fan(self, one: SprintAnalysis, colors: Colors) -> None:
        fan = one.forecast.fan
        if not fan:
            return
        days = [float(p.day.toordinal()) for p in fan]
        soft = QColor(colors.accent)
        soft.setAlpha(46)
        low = pg.PlotCurveItem(days, [p.low for p in fan], pen=self._pen(colors.accent, 1, Qt.PenStyle.DotLine))
        high = pg.PlotCurveItem(days, [p.high for p in fan], pen=self._pen(colors.accent, 1, Qt.PenStyle.DotLine))
        self.addItem(pg.FillBetweenItem(low, high, brush=soft))
        self.addItem(low)
        self.addItem(high)
        self.plot(days, [p.middle for p in fan], pen=self._pen(colors.accent, 2, Qt.PenStyle.DashLine))

    def _mark(self, day: date, text: str, color: str, style: Qt.PenStyle) -> None:
        left = text == "due"
        side = (1.0, 0.0) if left else (0.0, 0.0)
        close = left and 0 <= (day - self._today).days <= CLOSE_DAYS
        options = {"position": 0.9 if close else 0.98, "color": color, "anchors": [side, side]}
        line = pg.InfiniteLine(
            pos=day.toordinal(), angle=90, pen=self._pen(color, 1, style), label=text, labelOpts=options
        )
        line.label.setFont(font(Role.SMALL))
        self.addItem(line)

    def _label(self, x: float, y: float, text: str, color: str, anchor: tuple[float, float]) -> None:
        label = pg.TextItem(text, color=color, anchor=anchor)
        label.setFont(font(Role.SMALL))
        label.setPos(x, y)
        self.addItem(label)

    def _fit(self, one: SprintAnalysis) -> None:
        days = [p.day for p in one.features.burnup] + [p.day for p in one.forecast.fan] + [self._today]
        if one.sprint.due_on is not None and abs((one.sprint.due_on - self._today).days) < 120:
            days.append(one.sprint.due_on)
        most = [float(p.scope) for p in one.features.burnup] + [p.high for p in one.forecast.fan] + [1.0]
        first = min(days) - timedelta(days=1)
        near = max(self._today, one.sprint.due_on or self._today)
        horizon = near + max(LOOK_AHEAD, (near - first) * 1.0)
        last = min(max(days), horizon) + timedelta(days=1)
        self.setXRange(first.toordinal(), last.toordinal(), padding=0.01)
        self.setYRange(0, max(most) * HEADROOM, padding=0)

    @staticmethod
    def _pen(color: str, width: int, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
        return QPen(pg.mkPen(color, width=width, style=style))
