"""The list of pages at the left: plain words, each with the letter that opens it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from galaxy_desktop.ui.theme import Look, Role, Tone, font, text_label
from galaxy_desktop.ui.widgets.surface import restyle
from galaxy_desktop.ui.widgets.text import ElidedLabel, tinted


@dataclass(frozen=True, slots=True)
class Place:
    """A page: its name in the code, its word, its letter."""

    name: str
    word: str
    letter: str


PLACES = (
    Place("overview", "Overview", "O"),
    Place("sprint", "Sprint", "S"),
    Place("flow", "Flow", "F"),
    Place("dependencies", "Dependencies", "D"),
    Place("recommendations", "Recommendations", "R"),
    Place("ask", "Ask", "Q"),
    Place("standup", "Since yesterday", "N"),
    Place("retro", "Retro", "E"),
    Place("trust", "Trust", "U"),
    Place("outbox", "Outbox", "X"),
    Place("activity", "Activity", "A"),
    Place("sync", "Sync", "Y"),
    Place("models", "Models", "M"),
    Place("settings", "Settings", "T"),
)


LOW = 690
"""Below this height, in points, the list of pages is set closer."""


class NavButton(QToolButton):
    """One page in the list, with its letter at the right end."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self._compact = False
        self._count = 0
        self.setProperty("nav", True)
        self.setCheckable(True)
        self.setText(f"  {place.word}")
        self.setAccessibleName(place.word)
        self.setToolTip(f"{place.word} ({place.letter})")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(20, 20))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def be_compact(self, compact: bool) -> None:
        """Show the icon alone, or the word and the letter too."""
        self._compact = compact
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(style.ToolButtonIconOnly if compact else style.ToolButtonTextBesideIcon)

    def say_count(self, count: int) -> None:
        """Say behind the word how many things wait there; nothing for none."""
        self._count = count
        shown = f" ({count})" if count else ""
        self.setText(f"  {self.place.word}{shown}")
        self.setAccessibleName(f"{self.place.word}, {count} waiting" if count else self.place.word)
        self.setToolTip(f"{self.place.word}{shown} ({self.place.letter})")

    def sizeHint(self) -> QSize:
        """Room for the letter."""
        return super().sizeHint() + QSize(0 if self._compact else 26, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button as Qt draws it, and the letter."""
        super().paintEvent(event)
        if self._compact:
            return
        painter = QPainter(self)
        painter.setFont(font(Role.SMALL))
        painter.setPen(self.palette().placeholderText().color())
        where = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect().adjusted(0, 0, -12, 0), where, self.place.letter)
        painter.end()


class Sidebar(QFrame):
    """Emits the name of the page that was chosen."""

    chosen = Signal(str)
    help_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("side")
        self._look = look
        self._low = False
        self._mark = QLabel()
        self._profile = ElidedLabel("", Role.SMALL, muted=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 16, 12, 12)
        column.setSpacing(3)
        name = QHBoxLayout()
        name.setSpacing(10)
        name.addWidget(self._mark)
        self._words = QWidget()
        words = QVBoxLayout(self._words)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        words.addWidget(text_label("Galaxy Desktop", Role.STRONG))
        words.addWidget(self._profile)
        name.addWidget(self._words, 1)
        column.addLayout(name)
        column.addSpacing(16)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, NavButton] = {}
        for place in PLACES:
            button = NavButton(place)
            button.clicked.connect(lambda _checked, name=place.name: self.chosen.emit(name))
            self._group.addButton(button)
            self.buttons[place.name] = button
            column.addWidget(button)
        column.addStretch()
        self._help = QToolButton()
        self._help.setText("Shortcuts  ?")
        self._help.setAccessibleName("Shortcuts")
        self._help.clicked.connect(self.help_wanted)
        column.addWidget(self._help, 0, Qt.AlignmentFlag.AlignLeft)
        look.changed.connect(self._tint)
        self._tint()

    def select(self, name: str) -> None:
        """Mark the page that is shown."""
        self.buttons[name].setChecked(True)
        self._tint()

    def be_compact(self, compact: bool) -> None:
        """Show icons alone, for narrow windows."""
        if compact == self._words.isHidden():
            return
        self._words.setVisible(not compact)
        self._help.setText("?" if compact else "Shortcuts  ?")
        for button in self.buttons.values():
            button.be_compact(compact)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low window the pages stand closer together, so that all of them can be reached."""
        super().resizeEvent(event)
        low = event.size().height() < LOW
        if low == self._low:
            return
        self._low = low
        for button in self.buttons.values():
            button.setProperty("low", low)
            restyle(button)
            button.updateGeometry()

    def say_count(self, name: str, count: int) -> None:
        """Say how many things wait on a page."""
        self.buttons[name].say_count(count)

    def say_profile(self, text: str) -> None:
        """Say whose data is shown."""
        self._profile.set_text(text)

    def _tint(self) -> None:
        self._mark.setPixmap(self._look.icons.pixmap("app", "#000000", 34, self.devicePixelRatioF()))
        for name, button in self.buttons.items():
            tone = Tone.ACCENT if button.isChecked() else Tone.QUIET
            button.setIcon(tinted(self._look, name, tone, 20))
