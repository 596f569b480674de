"""Paints the card of one sprint in the Overview's list: four blocks on a surface, all of one height."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from galaxy_desktop.ui.rows.sprints import SprintRow
from galaxy_desktop.ui.theme import TONE_ICON, Look, Role, font, ink, track
from galaxy_desktop.ui.widgets.bars import paint_bar

PADDING = 16.0
GAP_BELOW = 12.0
LINE_GAP = 3.0
CHANCE_WIDTH, HEALTH_WIDTH, DONE_WIDTH = 11.5, 9.5, 10.0
"""Widths of the three right blocks in letters of the user's font, so that they grow with it."""
NARROW = 46.0


class SprintCardPainter(QStyledItemDelegate):
    """Draws a `SprintRow`."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Three lines of text with room around them."""
        heights = [QFontMetricsF(font(role)).height() for role in (Role.HEADING, Role.SMALL, Role.SMALL)]
        return QSize(400, round(sum(heights) + 2 * PADDING + 14 + GAP_BELOW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the whole card."""
        row: SprintRow = index.data(Qt.ItemDataRole.UserRole)
        state = option.state
        card = QRectF(option.rect).adjusted(1, 1, -1, -GAP_BELOW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._surface(painter, card, state)
        inner = card.adjusted(PADDING + 4, PADDING, -PADDING, -PADDING)
        letter = QFontMetricsF(font(Role.BODY)).averageCharWidth() * 2
        narrow = inner.width() < NARROW * letter
        right = inner.right()
        for width, draw in (
            (0.0 if narrow else DONE_WIDTH * letter, self._done),
            (HEALTH_WIDTH * letter, self._health),
            (CHANCE_WIDTH * letter, self._chance),
        ):
            if width:
                draw(painter, QRectF(right - width + 14, inner.top(), width - 14, inner.height()), row)
                right -= width
        self._head(painter, QRectF(inner.left(), inner.top(), right - inner.left() - 10, inner.height()), row)
        painter.restore()

    def _surface(self, painter: QPainter, card: QRectF, state: QStyle.StateFlag) -> None:
        colors = self._look.colors
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setBrush(QColor(colors.hover if hovered else colors.surface))
        painter.setPen(QPen(QColor(colors.accent if focused else colors.line), 2.0 if focused else 1.0))
        painter.drawRoundedRect(card, 10, 10)

    def _head(self, painter: QPainter, place: QRectF, row: SprintRow) -> None:
        colors = self._look.colors
        below = self._line(painter, place, row.title, Role.HEADING, colors.text)
        below = self._line(painter, below, f"{row.place}  ·  {row.due}", Role.SMALL, colors.muted)
        below = below.adjusted(0, 5, 0, 0)
        color = ink(colors, row.risk_tone)
        if not row.risk_word:
            self._line(painter, below, row.risk, Role.SMALL, colors.muted)
            return
        side = QFontMetricsF(font(Role.SMALL)).height()
        self._shape(painter, TONE_ICON[row.risk_tone], color, below.topLeft(), side)
        beside = below.adjusted(side + 6, 0, 0, 0)
        self._line(painter, beside, f"{row.risk_word}: {row.risk}", Role.SMALL, color)

    def _chance(self, painter: QPainter, place: QRectF, row: SprintRow) -> None:
        number = row.chance[:1].isdigit() and len(row.chance) < 6
        if number:
            taller = QFontMetricsF(font(Role.TITLE)).height() - QFontMetricsF(font(Role.HEADING)).height()
            self._line(painter, place.adjusted(0, -taller / 2, 0, 0), row.chance, Role.TITLE, self._look.colors.text)
        below = self._line(painter, place, "" if number else row.chance, Role.HEADING, self._look.colors.text)
        self._line(painter, below, row.odds, Role.SMALL, self._look.colors.muted)

    def _health(self, painter: QPainter, place: QRectF, row: SprintRow) -> None:
        color = ink(self._look.colors, row.state.tone)
        side = QFontMetricsF(font(Role.HEADING)).height()
        self._shape(painter, TONE_ICON[row.state.tone], color, place.topLeft(), side)
        below = self._line(painter, place.adjusted(side + 6, 0, 0, 0), row.state.word, Role.HEADING, color)
        below.setLeft(place.left())
        self._line(painter, below, row.state.below, Role.SMALL, self._look.colors.muted)

    def _done(self, painter: QPainter, place: QRectF, row: SprintRow) -> None:
        height = QFontMetricsF(font(Role.HEADING)).height()
        bar = QRectF(place.left(), place.top() + (height - 8) / 2, place.width(), 8)
        share = row.done / row.total if row.total else 0.0
        paint_bar(painter, bar, share, track(self._look.colors), self._look.colors.accent)
        below = place.adjusted(0, height + LINE_GAP, 0, 0)
        self._line(painter, below, f"{row.done} of {row.total} done", Role.SMALL, self._look.colors.muted)

    def _shape(self, painter: QPainter, name: str, color: str, at: QPointF, side: float) -> None:
        scale = painter.device().devicePixelRatioF()
        painter.drawPixmap(at, self._look.icons.pixmap(name, color, round(side), scale))

    @staticmethod
    def _line(painter: QPainter, place: QRectF, text: str, role: Role, color: str) -> QRectF:
        """Draws one line at the top of a place, cut where it does not fit; returns what is left below it."""
        letters = font(role)
        metrics = QFontMetricsF(letters)
        painter.setFont(letters)
        painter.setPen(QColor(color))
        line = QRectF(place.left(), place.top(), place.width(), metrics.height())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        return place.adjusted(0, metrics.height() + LINE_GAP, 0, 0)
