"""Surfaces: cards, sections, columns that stack on narrow windows, and pages that scroll."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QSize, Qt
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QLayout, QScrollArea, QVBoxLayout, QWidget

from galaxy_desktop.ui.theme import Role, text_label

PAGE_MARGIN = 24
RING = 2
"""The width of the ring around a page that has the keyboard; the style sheet draws it."""
GAP = 14
DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class Card(QFrame):
    """A bordered surface with an optional heading; `body` is where its content goes."""

    def __init__(self, heading: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(QMargins(18, 16, 18, 16))
        self.body.setSpacing(8)
        self.heading: QLabel | None = None
        if heading:
            self.heading = text_label(heading, Role.HEADING)
            self.body.addWidget(self.heading)
            self.setAccessibleName(heading)


class Columns(QWidget):
    """Widgets side by side; one below the other when there is too little room for that."""

    def __init__(self, narrow_below: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._narrow_below = narrow_below
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(QMargins())
        self._row.setSpacing(GAP)

    def add(self, widget: QWidget, stretch: int = 1) -> None:
        """Add a column."""
        self._row.addWidget(widget, stretch)

    @property
    def stacked(self) -> bool:
        """Whether the columns lie one below the other now."""
        return self._row.direction() is QBoxLayout.Direction.TopToBottom

    def minimumSizeHint(self) -> QSize:
        """As wide as its widest column: side by side is a wish, one below the other always works."""
        widths = [w.minimumSizeHint().width() for w in self.findChildren(QWidget, options=DIRECT) if not w.isHidden()]
        return QSize(max(widths, default=0), self._row.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the direction that fits the new width."""
        narrow = event.size().width() < self._narrow_below
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if direction is not self._row.direction():
            self._row.setDirection(direction)
        super().resizeEvent(event)


class ScrollPage(QScrollArea):
    """A page that scrolls up and down, never sideways; `body` is where its content goes.

    The keyboard can stand on it, to scroll: then a ring says so, but not to who came with the mouse.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        self.body = QVBoxLayout(inner)
        side = PAGE_MARGIN - RING
        self.body.setContentsMargins(QMargins(side, 20 - RING, side, side))
        self.body.setSpacing(GAP)
        self.setWidget(inner)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is, to who works with it."""
        super().focusInEvent(event)
        self._ring(event.reason() in BY_KEYBOARD)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keyboard went on."""
        super().focusOutEvent(event)
        self._ring(False)

    def _ring(self, shown: bool) -> None:
        if bool(self.property("ringed")) is not shown:
            self.setProperty("ringed", shown)
            restyle(self)


def empty_out(layout: QLayout) -> None:
    """Remove and delete everything in a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        inner = item.layout()
        if inner is not None:
            empty_out(inner)


def rule() -> QFrame:
    """A thin line between two parts."""
    line = QFrame()
    line.setProperty("rule", True)
    return line


def restyle(widget: QWidget) -> None:
    """Let the style sheet look again at a widget whose properties changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
