"""What moved a number: one signed bar for each cause, whose numbers add up to the change. Each opens its items.

The sign is told by the side of the bar and by the number; the color only repeats it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from galaxy_desktop.domain.since import Moved, MovedBy
from galaxy_desktop.explain.since import tenths
from galaxy_desktop.ui import words
from galaxy_desktop.ui.pages.sprint_parts import link_button
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.widgets.surface import empty_out, rule

CAUSES = {
    "done": "Work done",
    "scope": "Scope",
    "age": "Age of open work",
    "dependency": "Dependencies",
    "ci": "Builds",
    "calendar": "Time passing",
    "pace": "Recent pace",
}
THICK = 12.0


def signed(tenth: int) -> str:
    """Tenths of a point with their sign: "+8.4", "−6.9"."""
    sign = "+" if tenth > 0 else "−" if tenth < 0 else "±"
    return f"{sign}{abs(tenth) / 10:.1f}"


class SignedBar(QWidget):
    """A bar to the right of the middle for more, to the left for less."""

    def __init__(self, look: Look, share: float) -> None:
        """`share` is the part of the largest bar, -1 to 1."""
        super().__init__()
        self._look = look
        self.share = share
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As wide as there is room, and flat."""
        return QSize(140, round(THICK) + 6)

    def minimumSizeHint(self) -> QSize:
        """Two short halves."""
        return QSize(60, round(THICK) + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar, and the line in the middle where nothing changes."""
        colors = self._look.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, top = self.width() / 2, (self.height() - THICK) / 2
        long = max(abs(self.share) * (middle - 2), 1.5 if self.share else 0.0)
        place = QRectF(middle if self.share > 0 else middle - long, top, long, THICK)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.good if self.share > 0 else colors.bad))
        painter.drawRoundedRect(place, 2, 2)
        painter.setPen(QPen(QColor(colors.muted), 1.0))
        painter.drawLine(QPointF(middle, 0), QPointF(middle, self.height()))
        painter.end()


class MovementBars(QWidget):
    """The breakdown of one change; `opened` is called with a title and the ids of the items behind a part."""

    def __init__(self, look: Look, opened: Callable[[str, tuple[str, ...]], None]) -> None:
        super().__init__()
        self._look = look
        self._opened = opened
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 2)
        self._grid.setColumnStretch(3, 3)
        self.lines: tuple[tuple[str, str, str], ...] = ()
        """What is shown: cause, number, words."""

    def show_moved(self, moved: Moved) -> None:
        """Show this breakdown; nothing without parts."""
        empty_out(self._grid)
        shares = tenths(moved)
        most = max((abs(one) for one in shares), default=0) or 1
        lines = []
        told = [(part, share) for part, share in zip(moved.parts, shares, strict=False) if share]
        for row, (part, share) in enumerate(told):
            lines.append((CAUSES.get(part.cause, words.rule(part.cause)), signed(share), _said(part)))
            self._add(row, part, share / most, lines[-1])
        if lines:
            last = self._grid.rowCount()
            self._grid.addWidget(rule(), last, 0, 1, 4)
            lines.append(("Together", signed(sum(shares)), _together(moved)))
            for column, widget in ((0, text_label("Together", Role.STRONG)), (2, _number(lines[-1][1]))):
                self._grid.addWidget(widget, last + 1, column)
            self._grid.addWidget(text_label(lines[-1][2], Role.SMALL, muted=True, wrap=True), last + 1, 3)
        self.lines = tuple(lines)
        self.setVisible(bool(lines))

    def _add(self, row: int, part: MovedBy, share: float, said: tuple[str, str, str]) -> None:
        cause, number, text = said
        if part.item_ids:
            name: QWidget = link_button(
                cause, partial(self._opened, f"{cause}: {number} points, {text}", part.item_ids)
            )
            name.setAccessibleName(f"{cause}: {number} points. Opens its items.")
        else:
            name = text_label(cause)
        for column, widget in enumerate((name, SignedBar(self._look, share), _number(number))):
            self._grid.addWidget(widget, row, column)
        self._grid.addWidget(text_label(words.breakable(text), Role.SMALL, muted=True, wrap=True), row, 3)


def _number(text: str) -> QWidget:
    label = text_label(text, Role.STRONG)
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    label.setToolTip("Percentage points")
    return label


def _said(part: MovedBy) -> str:
    first = part.words.partition(" ")[0]
    return part.words if "/" in first else part.words[:1].upper() + part.words[1:]


def _together(moved: Moved) -> str:
    if moved.before is None or moved.after is None:
        return ""
    return f"points, from {words.percent(moved.before)} to {words.percent(moved.after)}"
