"""The widget around a painted chart: pointing, walking with the arrow keys, opening an item, saving a picture.

What is said under the pointer is also said to a screen reader. The chart has the wheel only to pass it on: the page
scrolls, not the chart.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QSizePolicy, QWidget

from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.ui.flow_painter import Brushwork, Frame, paint
from galaxy_desktop.ui.flow_plot import Figure, Plot, Tip, heading
from galaxy_desktop.ui.theme import Look, Role, font

NEAR = 26.0
PICTURE = QSize(1100, 520)
SCALE = 2
MARGIN = 28.0
WIDEST_TIP = 420.0
PADDING = (6.0, 4.0, -4.0, -4.0)


class PlotView(QWidget):
    """Shows one `Figure`; `opened` carries the evidence id of the item that was chosen."""

    opened = Signal(str)

    def __init__(self, look: Look, height: int) -> None:
        super().__init__()
        self._look = look
        self._figure: Figure | None = None
        self._frames: tuple[Frame, ...] = ()
        self._at: tuple[int, int] | None = None
        self._height = height
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As high as asked, in steps of the font: a larger font needs a larger chart."""
        return QSize(480, round(self._height * max(1.0, font(Role.SMALL).pointSizeF() / 9.2)))

    def minimumSizeHint(self) -> QSize:
        """A chart may be narrow, not low."""
        return QSize(220, self.sizeHint().height())

    def show_figure(self, figure: Figure) -> None:
        """Draw this figure."""
        if figure != self._figure:
            self._figure, self._at, self._frames = figure, None, ()
            self.setAccessibleName(f"{figure.name}: {figure.finding}")
            self.setAccessibleDescription("Arrow keys read the values; “View data” has all of them.")
            self.update()

    @property
    def tip(self) -> Tip | None:
        """What is pointed at, by the pointer or the keys."""
        if self._at is None or self._figure is None:
            return None
        return self._figure.plots[self._at[0]].tips[self._at[1]]

    def paintEvent(self, event: QPaintEvent) -> None:
        """The chart, and what is pointed at."""
        if self._figure is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = QRectF(self.rect()).adjusted(*PADDING)
        self._frames = paint(painter, inner, self._figure.plots, self._brushwork())
        if self.tip is not None and self._at is not None:
            self._paint_tip(painter, self._frames[self._at[0]], self.tip)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._look.colors.accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the nearest place."""
        self._point_at(self._nearest(event.position()))

    def leaveEvent(self, event: object) -> None:
        """Nothing is pointed at any more."""
        if not self.hasFocus():
            self._point_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the item under the pointer."""
        self._point_at(self._nearest(event.position()))
        self._open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right walk, Home and End jump, Enter opens."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        walk = self._walk()
        if event.key() in steps and walk:
            step = steps[Qt.Key(event.key())]
            here = walk.index(self._at) + step if self._at in walk else (0 if step > 0 else len(walk) - 1)
            self._point_at(walk[min(max(here, 0), len(walk) - 1)])
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and walk:
            self._point_at(walk[0 if event.key() == Qt.Key.Key_Home else -1])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.tip is not None:
            self._open()
        else:
            super().keyPressEvent(event)

    def save_png(self, path: Path) -> None:
        """Write the chart with its finding as a picture; raises `GalaxyError` when that cannot be."""
        picture = QImage(PICTURE * SCALE, QImage.Format.Format_ARGB32)
        picture.setDevicePixelRatio(SCALE)
        painter = QPainter(picture)
        self._paint_picture(painter)
        painter.end()
        if not picture.save(str(path), "PNG"):  # type: ignore[call-overload]
            raise GalaxyError(f"The picture could not be written to {path}.")

    def save_svg(self, path: Path) -> None:
        """Write the chart with its finding as a drawing; raises `GalaxyError` when that cannot be."""
        drawing = QSvgGenerator()
        drawing.setFileName(str(path))
        drawing.setSize(PICTURE)
        drawing.setViewBox(QRectF(0, 0, PICTURE.width(), PICTURE.height()))
        drawing.setTitle(self._figure.finding if self._figure else "")
        painter = QPainter()
        if not painter.begin(drawing):
            raise GalaxyError(f"The drawing could not be written to {path}.")
        self._paint_picture(painter)
        painter.end()

    def _paint_picture(self, painter: QPainter) -> None:
        colors, figure = self._look.colors, self._figure
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(0, 0, PICTURE.width(), PICTURE.height())
        painter.fillRect(whole, QColor(colors.surface))
        if figure is None:
            return
        top = MARGIN
        for text, role, color in (
            (heading(figure), Role.SMALL, colors.muted),
            (figure.finding, Role.HEADING, colors.text),
        ):
            painter.setFont(font(role))
            painter.setPen(QColor(color))
            metrics = QFontMetricsF(font(role))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, whole.width() - 2 * MARGIN)
            painter.drawText(QPointF(MARGIN, top + metrics.ascent()), shown)
            top += metrics.height() * 1.3
        room = QRectF(MARGIN, top + 8, whole.width() - 2 * MARGIN, whole.height() - top - 8 - MARGIN)
        paint(painter, room, figure.plots, self._brushwork())

    def _brushwork(self) -> Brushwork:
        return Brushwork(self._look.colors, self._look.dark, font(Role.SMALL))

    def _walk(self) -> list[tuple[int, int]]:
        plots: tuple[Plot, ...] = self._figure.plots if self._figure else ()
        return [(p, t) for p, plot in enumerate(plots) for t in range(len(plot.tips))]

    def _nearest(self, at: QPointF) -> tuple[int, int] | None:
        """The place that is meant: of single items the nearest within reach, of columns the nearest column."""
        best: tuple[float, tuple[int, int]] | None = None
        for p, frame in enumerate(self._frames):
            if not frame.rect.adjusted(-NEAR, -NEAR, NEAR, NEAR).contains(at):
                continue
            for t, tip in enumerate(frame.plot.tips):
                place = _place(frame, tip)
                apart = abs(place.x() - at.x())
                if tip.key:
                    apart = (place - at).manhattanLength()
                    if apart > NEAR:
                        continue
                if best is None or apart < best[0]:
                    best = (apart, (p, t))
        return best[1] if best else None

    def _point_at(self, at: tuple[int, int] | None) -> None:
        if at == self._at:
            return
        self._at = at
        tip = self.tip
        self.setCursor(Qt.CursorShape.PointingHandCursor if tip is not None and tip.key else Qt.CursorShape.ArrowCursor)
        if tip is not None:
            self.setAccessibleDescription(tip.text)
        self.update()

    def _open(self) -> None:
        if self.tip is not None and self.tip.key:
            self.opened.emit(self.tip.key)

    def _paint_tip(self, painter: QPainter, frame: Frame, tip: Tip) -> None:
        colors = self._look.colors
        place = _place(frame, tip)
        painter.setPen(QPen(QColor(colors.text), 1.0, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(place.x(), frame.rect.top()), QPointF(place.x(), frame.rect.bottom()))
        if tip.y is not None:
            painter.setPen(QPen(QColor(colors.text), 1.6))
            painter.setBrush(QColor(colors.surface))
            painter.drawEllipse(place, 4.5, 4.5)
        metrics = QFontMetricsF(font(Role.SMALL))
        widest = min(WIDEST_TIP, self.width() - 24.0)
        lines = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, widest) for line in tip.text.split("\n")]
        width = max(metrics.horizontalAdvance(line) for line in lines) + 16
        height = metrics.height() * len(lines) + 10
        left = min(max(place.x() + 12, 4.0), self.width() - width - 4)
        if place.x() + 12 + width > self.width():
            left = max(4.0, place.x() - 12 - width)
        top = min(max(place.y() - height - 10, 4.0), self.height() - height - 4)
        box = QRectF(left, top, width, height)
        painter.setPen(QPen(QColor(colors.muted), 1.0))
        painter.setBrush(QColor(colors.surface))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(QColor(colors.text))
        painter.setFont(font(Role.SMALL))
        for number, line in enumerate(lines):
            painter.drawText(QPointF(left + 8, top + 5 + metrics.ascent() + number * metrics.height()), line)


def _place(frame: Frame, tip: Tip) -> QPointF:
    return QPointF(frame.x(tip.x), frame.rect.center().y() if tip.y is None else frame.y(tip.y))
