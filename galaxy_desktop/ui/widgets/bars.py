"""Bars that fill: progress of a sprint, score of a part. The number stands beside them in words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from galaxy_desktop.ui.theme import Look, Tone, ink, track

THICK = 8.0


def paint_bar(painter: QPainter, place: QRectF, share: float, track: str, fill: str) -> None:
    """A rounded track, filled from the left by `share` (0 to 1)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    shape = QPainterPath()
    shape.addRoundedRect(place, place.height() / 2, place.height() / 2)
    painter.fillPath(shape, QColor(track))
    if share > 0:
        filled = QPainterPath()
        wide = max(place.height(), place.width() * min(1.0, share))
        filled.addRoundedRect(
            QRectF(place.topLeft(), QSizeF(wide, place.height())), place.height() / 2, place.height() / 2
        )
        painter.fillPath(filled, QColor(fill))
    painter.restore()


class Bar(QWidget):
    """A bar of one share."""

    def __init__(self, look: Look, share: float = 0.0, tone: Tone = Tone.ACCENT) -> None:
        super().__init__()
        self._look = look
        self._share = share
        self._tone = tone
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def fill(self, share: float, tone: Tone = Tone.ACCENT) -> None:
        """Show another share."""
        self._share, self._tone = share, tone
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room, and flat."""
        return QSize(120, 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the track and what is filled of it."""
        painter = QPainter(self)
        place = QRectF(0, (self.height() - THICK) / 2, self.width(), THICK)
        paint_bar(painter, place, self._share, track(self._look.colors), ink(self._look.colors, self._tone))
        painter.end()
