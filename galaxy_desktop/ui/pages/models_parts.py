"""What stands around the table of models: disk and memory, and the line of a transfer that runs."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from galaxy_desktop.domain.models import ModelsOverview, Transfer
from galaxy_desktop.ui import models_words
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.widgets.bars import Bar
from galaxy_desktop.ui.widgets.surface import Card, Columns
from galaxy_desktop.ui.widgets.text import ElidedLabel

NARROW = 560
LITTLE = 0.1
"""Less than this share free is shown in the tone of a warning, beside the words."""


class Gauge(QWidget):
    """A heading, a value in words, and a bar for those who look."""

    def __init__(self, look: Look, heading: str) -> None:
        super().__init__()
        self._heading = heading
        self._value = text_label("", wrap=True)
        self._note = ElidedLabel("", Role.SMALL, muted=True)
        self._bar = Bar(look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(3)
        column.addWidget(text_label(heading, Role.SMALL, muted=True))
        column.addWidget(self._value)
        column.addWidget(self._bar)
        column.addWidget(self._note)
        column.addStretch()

    @property
    def words(self) -> str:
        """What is said."""
        return f"{self._value.text()} {self._note.text}".strip()

    def say(self, value: str, note: str, used: float) -> None:
        """Show another value; `used` is the share (0 to 1) that is taken."""
        self._value.setText(value)
        self._note.set_text(note)
        self._note.setVisible(bool(note))
        self._bar.fill(used, Tone.WATCH if 1 - used < LITTLE else Tone.ACCENT)
        self.setAccessibleName(f"{self._heading}: {self.words}")


class GaugesCard(Card):
    """How much room there is: on the disk, in the memory."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setAccessibleName("Disk and memory")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.disk, self.memory = Gauge(look, "Disk"), Gauge(look, "Memory")
        columns = Columns(NARROW)
        for gauge in (self.memory, self.disk):
            columns.add(gauge)
        self.body.addWidget(columns)

    def show_overview(self, overview: ModelsOverview) -> None:
        """Show how much there is now."""
        memory = overview.memory
        used = 1 - memory.free / memory.total if memory.total else 0.0
        self.memory.say(models_words.memory(overview), models_words.process(overview), used)
        whole = overview.disk_free + overview.disk_used
        taken = overview.disk_used / whole if whole else 0.0
        self.disk.say(models_words.disk(overview), overview.folder, taken)


class TransferLine(QWidget):
    """How far a transfer is, in words and as a bar."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._words = text_label("", wrap=True)
        self._bar = Bar(look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._words)
        column.addWidget(self._bar)

    @property
    def words(self) -> str:
        """What is said."""
        return self._words.text()

    def say(self, transfer: Transfer) -> None:
        """Show how far it is."""
        self.say_words(models_words.progress(transfer), transfer.share)

    def say_words(self, words: str, share: float | None) -> None:
        """Show how far something is, in these words; `share` is 0 to 1, `None` where it is not known."""
        self._words.setText(words)
        self._bar.setVisible(share is not None)
        if share is not None:
            self._bar.fill(share)
        self.setAccessibleName(words)
