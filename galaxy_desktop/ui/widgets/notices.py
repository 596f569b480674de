"""What is said in words when there is nothing to show, and the bar for messages above the page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.view import Situation
from galaxy_desktop.ui.widgets.surface import restyle
from galaxy_desktop.ui.widgets.text import tinted

WIDEST = 460
NOTHING: dict[Situation, tuple[str, str, str]] = {
    Situation.LOADING: ("Reading the last state", "It is on this computer; this takes a moment.", ""),
    Situation.NOTHING_TRACKED: (
        "No repository yet",
        "Connect GitHub and name the repositories of your team, or look at a demo first.",
        "Set up",
    ),
    Situation.NO_SPRINTS: (
        "No sprint yet",
        "A sprint is made from a milestone with a due date, or from an iteration of a Projects board. Give some issues one; "
        "it appears here after the next sync.",
        "",
    ),
    Situation.FILTERED_AWAY: ("Nothing fits the filters", "Choose other dates, repositories or milestones.", "Clear filters"),
}  # fmt: skip


class EmptyState(QWidget):
    """A sentence and, where there is something to do, a button, in the middle of the page."""

    pressed = Signal()

    def __init__(self, title: str = "", text: str = "", action: str = "") -> None:
        super().__init__()
        self._title = text_label(title, Role.HEADING)
        self._text = text_label(text, muted=True, wrap=True)
        self._button = QPushButton()
        self._button.setProperty("primary", True)
        self._button.clicked.connect(self.pressed)
        column = QVBoxLayout(self)
        column.addStretch(2)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setMaximumWidth(WIDEST)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._text, 100)
        middle.addStretch(1)
        column.addWidget(self._title)
        column.addLayout(middle)
        column.addSpacing(8)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.say(title, text, action)

    @property
    def words(self) -> str:
        """What is said, title and text."""
        return f"{self._title.text()}. {self._text.text()}"

    def say(self, title: str, text: str, action: str = "") -> None:
        """Say something else."""
        self._title.setText(title)
        self._text.setText(text)
        self._button.setText(action)
        self._button.setVisible(bool(action))

    def explain(self, situation: Situation, failure: str = "") -> None:
        """Say why there is nothing to show; `failure` is the sentence of a workspace that cannot be opened."""
        if situation is Situation.FAILED:
            self.say("This workspace cannot be opened", failure)
        if situation in NOTHING:
            self.say(*NOTHING[situation])


class MessageBar(QFrame):
    """One sentence above the page, with an action where one helps; it stays until it is closed or replaced."""

    turned = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._tone = Tone.ACCENT
        self._act: Callable[[], None] | None = None
        self._shape = QLabel()
        self._text = text_label("", wrap=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = QPushButton()
        self._button.clicked.connect(self._pressed)
        self._close = QToolButton()
        self._close.setAccessibleName("Close this message")
        self._close.setToolTip("Close")
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self._shape)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        row.addWidget(self._close)
        look.changed.connect(self._tint)
        self.hide()

    @property
    def sentence(self) -> str:
        """What is said, "" when the bar is closed."""
        return "" if self.isHidden() else self._text.text()

    def say(
        self, sentence: str, tone: Tone = Tone.ACCENT, action: str = "", act: Callable[[], None] | None = None,
        *, closable: bool = True,
    ) -> None:  # fmt: skip
        """Show a sentence, with a button when there is something to do about it."""
        self._tone, self._act = tone, act
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._close.setVisible(closable)
        self.setProperty("bar", str(tone))
        restyle(self)
        self._tint()
        self.show()

    def settle(self) -> None:
        """Close what only says that something went well: it was read, and the user went on."""
        if self._tone is Tone.GOOD:
            self.hide()

    def setVisible(self, visible: bool) -> None:
        """Show or hide, and tell whoever makes room."""
        super().setVisible(visible)
        self.turned.emit()

    def _pressed(self) -> None:
        if self._act is not None:
            self._act()

    def _tint(self) -> None:
        icon = {Tone.BAD: "act", Tone.WATCH: "observe", Tone.GOOD: "sustain"}.get(self._tone, "info")
        self._shape.setPixmap(tinted(self._look, icon, self._tone, 20).pixmap(20, 20))
        self._close.setIcon(tinted(self._look, "close"))
