"""What a model wrote and the checks took out: counted in a line, shown when somebody asks.

Whoever wonders what was removed can look, and see why. It is plain text that nothing in it can turn into a link or a
picture, each sentence in quotation marks behind its reason, so that nobody takes it for something the program says.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.findings import Unsupported
from galaxy_desktop.ui import words
from galaxy_desktop.ui.theme import Role, text_label
from galaxy_desktop.ui.widgets.surface import empty_out

MOST_SHOWN = 12
LONGEST = 300


class RemovedSentences(QWidget):
    """A line such as "2 sentences removed: show", and behind it the sentences with their reasons."""

    def __init__(self) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        self._removed: tuple[Unsupported, ...] = ()
        self.button = QPushButton()
        self.button.setProperty("link", True)
        self.button.setCheckable(True)
        self.button.toggled.connect(self._toggled)
        box.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        box.addLayout(self._lines)
        self.show_removed(())

    def show_removed(self, removed: Sequence[Unsupported]) -> None:
        """Take other sentences; they are folded again, unless they are the same."""
        if tuple(removed) == self._removed and removed:
            return
        self._removed = tuple(removed)
        self.setVisible(bool(removed))
        self.button.setChecked(False)
        self._toggled(False)

    def _toggled(self, shown: bool) -> None:
        empty_out(self._lines)
        self.button.setText(f"{words.count(len(self._removed), 'sentence')} removed: {'hide' if shown else 'show'}")
        for one in self._removed[:MOST_SHOWN] if shown else ():
            self._lines.addWidget(text_label(in_words(one), Role.SMALL, muted=True, wrap=True))
        if shown and len(self._removed) > MOST_SHOWN:
            more = f"and {words.count(len(self._removed) - MOST_SHOWN, 'more sentence')}"
            self._lines.addWidget(text_label(more, Role.SMALL, muted=True))


def in_words(one: Unsupported) -> str:
    """A removed sentence behind the reason why it was removed."""
    said = one.text if len(one.text) <= LONGEST else one.text[: LONGEST - 1].rstrip() + "…"
    return f"Removed because it {one.reason}: “{said}”"
