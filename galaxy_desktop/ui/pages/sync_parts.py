"""What stands around the repositories on the Sync page: the quota, the names that wait, and the word on demos."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from galaxy_desktop.domain.sync_report import SyncOverview
from galaxy_desktop.ui import sync_words
from galaxy_desktop.ui.pages.sync_network import hosts_words
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.widgets.bars import Bar
from galaxy_desktop.ui.widgets.surface import Card, Columns, empty_out
from galaxy_desktop.ui.widgets.text import ElidedLabel

FREE = "Answers that nothing changed (304) are free."
LOW = 0.2
NARROW = 620


class QuotaCard(Card):
    """What is left of GitHub's quota, and what today cost."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setAccessibleName("GitHub's quota")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._left = text_label("", Role.STRONG, wrap=True)
        self._bar = Bar(look)
        self._today = text_label("", wrap=True)
        columns = Columns(NARROW)
        columns.add(_pile(self._left, self._bar), 2)
        columns.add(_pile(self._today, text_label(FREE, Role.SMALL, muted=True, wrap=True)), 3)
        self.body.addWidget(columns)

    @property
    def words(self) -> str:
        """What is said, without the bar."""
        return f"{self._left.text()} {self._today.text()}"

    def show_overview(self, report: SyncOverview, now: datetime) -> None:
        """Show how the quota stands."""
        self._left.setText(sync_words.quota_left(report, now))
        self._today.setText(sync_words.quota_today(report))
        self.setAccessibleDescription(self.words)
        share = quota_share(report, now)
        self._bar.setVisible(share is not None)
        if share is not None:
            self._bar.fill(share, Tone.BAD if share == 0 else Tone.WATCH if share < LOW else Tone.ACCENT)


def _pile(*widgets: QWidget) -> QWidget:
    pile = QWidget()
    column = QVBoxLayout(pile)
    column.setContentsMargins(0, 0, 12, 0)
    column.setSpacing(3)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch()
    return pile


def quota_share(report: SyncOverview, now: datetime) -> float | None:
    """How much of the quota is left (0 to 1), `None` when GitHub did not say of how much."""
    if report.quota_left is None or not report.quota_limit:
        return None
    full = report.quota_reset_at is not None and report.quota_reset_at <= now
    return 1.0 if full else min(1.0, report.quota_left / report.quota_limit)


class WaitingRow(QWidget):
    """One name, why it waits, and a way to let it go."""

    removed = Signal(str)

    def __init__(self, full_name: str, why: str) -> None:
        super().__init__()
        self.remove = QPushButton("Remove")
        self.remove.setAccessibleName(f"Remove {full_name}")
        self.remove.clicked.connect(lambda _checked: self._remove(full_name))
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(ElidedLabel(full_name, Role.STRONG))
        texts.addWidget(text_label(why or "It is looked for at the next sync.", muted=True, wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(16)
        row.addLayout(texts, 1)
        row.addWidget(self.remove)

    def _remove(self, full_name: str) -> None:
        self.remove.setEnabled(False)
        self.remove.setText("Removing …")
        self.removed.emit(full_name)


class WaitingCard(Card):
    """Names that GitHub did not show yet; hidden when there is none."""

    removed = Signal(str)

    def __init__(self) -> None:
        super().__init__("Waiting for GitHub to show them")
        self.rows: list[WaitingRow] = []
        self._shown: tuple[tuple[str, str], ...] = ()
        self._note = text_label("", wrap=True)
        self._note.setProperty("tone", str(Tone.BAD))
        self._note.hide()
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        self.body.addLayout(self._column)
        self.body.addWidget(self._note)
        self.hide()

    def show_names(self, waiting: tuple[tuple[str, str], ...], *, anew: bool = False) -> None:
        """Show these names with why; `anew` also when they are the same, so that their buttons work again."""
        self.setVisible(bool(waiting))
        if waiting == self._shown and not anew:
            return
        self._shown = waiting
        empty_out(self._column)
        self.rows = [WaitingRow(name, why) for name, why in waiting]
        for row in self.rows:
            row.removed.connect(self.removed)
            self._column.addWidget(row)

    def say(self, problem: str) -> None:
        """A name could not be removed: say why, and let it be tried again."""
        self._note.setText(problem)
        self._note.setVisible(bool(problem))
        if problem:
            self.show_names(self._shown, anew=True)


class DemoCard(Card):
    """Why nothing can be synced in a demo, with the ledger's word for it."""

    def __init__(self) -> None:
        super().__init__("A demo never talks to GitHub")
        self._words = text_label("", wrap=True)
        self.body.addWidget(self._words)
        self.hide()

    @property
    def words(self) -> str:
        """What is said."""
        return self._words.text()

    def show_overview(self, report: SyncOverview) -> None:
        """Say what the ledger counted."""
        said = "Its repositories were made on this computer, so there is nothing to sync and no quota to spend. "
        self._words.setText(f"{said}The ledger under Network counts {hosts_words(report.hosts)}.")
