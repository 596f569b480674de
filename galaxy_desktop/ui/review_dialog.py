"""The gate on screen: every change beside what GitHub shows now, exactly as it would be sent.

A change goes out only when its box is ticked here and Send is pressed. What is in conflict, what is already so, and what
could not be compared with GitHub cannot be ticked, and says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.changes import Comparison
from galaxy_desktop.ui import words
from galaxy_desktop.ui.outbox_words import NOTHING, consequence, deed
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.widgets.diff import DiffView
from galaxy_desktop.ui.widgets.surface import Card, ScrollPage
from galaxy_desktop.ui.widgets.text import Sign

OFFLINE = "GitHub cannot be asked now, so this is compared with the local copy. It can be sent once GitHub answers."
ALREADY = "GitHub has it like this already: nothing needs to be sent."
SIZE = QSize(720, 620)
ROOM = QSize(24, 64)
"""What a screen keeps for frames and bars around the dialog."""
WHERE = "The Outbox offers what can be done."
WHAT = "This is exactly what will be written to GitHub, under your name. Lines with + are added, lines with − go away."


class ReviewCard(Card):
    """One change with its box."""

    def __init__(self, look: Look, comparison: Comparison, title: str = "") -> None:
        super().__init__()
        self.comparison = comparison
        self.box = QCheckBox(deed(comparison.change))
        self.box.setAccessibleName(f"Send: {deed(comparison.change)}")
        sendable = not (comparison.conflict or comparison.already) and comparison.seen_at is not None
        self.box.setEnabled(sendable)
        self.box.setChecked(sendable)
        line = QHBoxLayout()
        line.addWidget(self.box, 1)
        self.body.addLayout(line)
        for text, muted in ((title, False), (consequence(comparison.change), True)):
            about = text_label(text, Role.SMALL, muted=muted, wrap=True)
            about.setContentsMargins(28, 0, 0, 0)
            self.body.addWidget(about)
            about.setVisible(bool(text))
        trouble = self.why_not
        if trouble:
            sign = Sign(look, Role.BODY)
            sign.say(
                "Conflict" if comparison.conflict else "Already so" if comparison.already else "Not compared yet",
                Tone.BAD if comparison.conflict else Tone.GOOD if comparison.already else Tone.WATCH,
            )
            line.addWidget(sign)
            self.body.addWidget(text_label(trouble, wrap=True))
        self.diff = DiffView(look, comparison.lines, f"What changes: {deed(comparison.change)}")
        self.body.addWidget(self.diff)

    @property
    def why_not(self) -> str:
        """Why it cannot be sent, "" when it can."""
        one = self.comparison
        if one.conflict:
            return f"{one.conflict} {WHERE}"
        return ALREADY if one.already else OFFLINE if one.seen_at is None else ""


class ReviewDialog(QDialog):
    """Shows comparisons; `agreed` are those that the person wants to be sent."""

    def __init__(
        self, parent: QWidget, look: Look, comparisons: Sequence[Comparison], titles: Mapping[str, str] = NOTHING
    ) -> None:
        """`titles` has what the changed items are called, by the ids of the changes."""
        super().__init__(parent)
        self.setWindowTitle("Look before you send")
        self.resize(SIZE.boundedTo(parent.screen().availableSize() - ROOM))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 16)
        page = ScrollPage()
        page.body.addWidget(text_label("Look before you send", Role.TITLE))
        page.body.addWidget(text_label(WHAT, muted=True, wrap=True))
        self.cards = [ReviewCard(look, one, titles.get(one.change.id, "")) for one in comparisons]
        for card in self.cards:
            page.body.addWidget(card)
            card.box.toggled.connect(self._arrange)
        page.body.addStretch()
        column.addWidget(page, 1)
        buttons = QDialogButtonBox()
        self.back = buttons.addButton("Not now", QDialogButtonBox.ButtonRole.RejectRole)
        self.send: QPushButton = buttons.addButton("Send", QDialogButtonBox.ButtonRole.AcceptRole)
        self.send.setProperty("primary", True)
        self.send.setAutoDefault(False)
        self.back.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 8, 24, 0)
        foot.addWidget(buttons)
        column.addLayout(foot)
        self._arrange()

    @property
    def agreed(self) -> tuple[Comparison, ...]:
        """The comparisons that are ticked, as they were shown."""
        return tuple(card.comparison for card in self.cards if card.box.isEnabled() and card.box.isChecked())

    def _arrange(self) -> None:
        number = len(self.agreed)
        self.send.setEnabled(number > 0)
        self.send.setText(f"Send {words.count(number, 'change')}" if number else "Nothing to send")
