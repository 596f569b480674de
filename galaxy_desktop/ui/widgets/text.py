"""Text that fits its place: long names are cut with an ellipsis and shown whole on hover."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from galaxy_desktop.ui.theme import TONE_ICON, Look, Role, Tone, font, ink, text_label


class ElidedLabel(QWidget):
    """One line of plain text, cut at the end where it does not fit; the tool tip then has all of it."""

    def __init__(self, text: str = "", role: Role = Role.BODY, *, muted: bool = False) -> None:
        super().__init__()
        self._text = ""
        self._muted = muted
        self.setFont(font(role))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    @property
    def text(self) -> str:
        """The whole text, whether it fits or not."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the whole text."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters is enough."""
        return QSize(self.fontMetrics().horizontalAdvance("mmmm"), self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, cut where it does not fit."""
        shown = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        tip = self._text if shown != self._text else ""
        if tip != self.toolTip():
            self.setToolTip(tip)
        painter = QPainter(self)
        role = QPalette.ColorRole.PlaceholderText if self._muted else QPalette.ColorRole.WindowText
        painter.setPen(self.palette().color(role))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()


class Sign(QWidget):
    """A shape and a word in the same color: a state is never told by color alone."""

    def __init__(self, look: Look, role: Role = Role.STRONG) -> None:
        super().__init__()
        self._look = look
        self._tone = Tone.QUIET
        self._size = round(font(role).pointSizeF() * 1.7)
        self._shape = QLabel()
        self._word = text_label("", role)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._shape)
        row.addWidget(self._word)
        row.addStretch()
        look.changed.connect(self._tint)

    @property
    def word(self) -> str:
        """The word shown."""
        return self._word.text()

    def say(self, word: str, tone: Tone, icon: str = "") -> None:
        """Show a word with the shape of its tone, or with another icon."""
        self._tone = tone
        self._icon = icon or TONE_ICON[tone]
        self._word.setText(word)
        self.setAccessibleName(word)
        self._tint()

    def _tint(self) -> None:
        if self._word.text():
            color = ink(self._look.colors, self._tone)
            self._shape.setPixmap(self._look.icons.pixmap(self._icon, color, self._size, self.devicePixelRatioF()))
            self._word.setStyleSheet(f"color: {color}")


def tinted(look: Look, name: str, tone: Tone = Tone.QUIET, size: int = 18) -> QIcon:
    """One of our icons in the color of a tone."""
    return look.icons.icon(name, ink(look.colors, tone), size)
