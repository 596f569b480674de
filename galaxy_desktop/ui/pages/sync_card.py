"""One repository on the Sync page: its state, what is next, what can be asked for, and its lists below.

The card is filled again and again while a sync runs, so it is made once and only its words change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.events import SyncProgressed
from galaxy_desktop.domain.sync_report import RepositorySync
from galaxy_desktop.domain.traffic import Usage
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.services import freshness
from galaxy_desktop.ui import sync_words, words
from galaxy_desktop.ui.freshness_bar import ICONS, TONES
from galaxy_desktop.ui.rows.sync import ListRow, list_table
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.throttle import Throttle
from galaxy_desktop.ui.widgets.bars import Bar
from galaxy_desktop.ui.widgets.fitted_table import FittedTable
from galaxy_desktop.ui.widgets.surface import Card, restyle
from galaxy_desktop.ui.widgets.text import ElidedLabel, Sign, tinted

SYNCING, READING, FORGETTING = "sync", "read", "forget"
BUSY_WORDS = {SYNCING: "Syncing …", READING: "Reading everything …", FORGETTING: "Forgetting …"}
SYNC_WORDS, READ_WORDS, FORGET_WORDS = "Sync now", "Read everything again", "Forget…"
MOST_LISTS = 40
STATE_WIDTH = 126


class Fact(QWidget):
    """A small heading with a value under it, and a line that says why."""

    def __init__(self, heading: str) -> None:
        super().__init__()
        self._heading = heading
        self._value = text_label("", wrap=True)
        self._note = text_label("", Role.SMALL, muted=True, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(text_label(heading, Role.SMALL, muted=True))
        column.addWidget(self._value)
        column.addWidget(self._note)
        column.addStretch()

    def say(self, value: str, note: str = "") -> None:
        """Show another value."""
        self._value.setText(value)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self.setAccessibleName(f"{self._heading}: {value} {note}".strip())


class ProgressLine(QWidget):
    """What is being read now: stage, count, time left, and a bar where the whole is known."""

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
    def sentence(self) -> str:
        """What is said."""
        return self._words.text()

    def say(self, event: SyncProgressed) -> None:
        """Show how far a stage is."""
        self._words.setText(progress_words(event))
        self._bar.setVisible(bool(event.total))
        if event.total:
            self._bar.fill(event.rows / event.total)


class RepositoryCard(Card):
    """Emits its full name with what is wanted of it."""

    sync_wanted = Signal(str)
    read_wanted = Signal(str)
    forget_wanted = Signal(str)
    toggled = Signal(str, bool)

    def __init__(self, look: Look, full_name: str, *, acting: bool = True) -> None:
        """Without `acting` nothing can be asked of it: a demo."""
        super().__init__()
        self.full_name = full_name
        self._look = look
        self._now: datetime | None = None
        self._doing = ""
        self._syncing = False
        self._acting = acting
        self.setAccessibleName(full_name)
        self._pace: Throttle[SyncProgressed] = Throttle(self._paint_progress, self)
        self._make_buttons()
        self.state = Sign(look)
        self._held = ElidedLabel("", muted=True)
        self._advice = text_label("", wrap=True)
        self.progress = ProgressLine(look)
        self.note = text_label("", wrap=True)
        self.facts = {name: Fact(name) for name in ("Last success", "Next try", "Read in full", "Today")}
        self.lists = list_table(look, self._moment)
        self.rows: FittedTable[ListRow] = FittedTable(
            self.lists,
            f"Lists of {full_name}",
            elastic=("List",),
            wide_least=STATE_WIDTH,
            in_page=True,
            most_rows=MOST_LISTS,
        )
        self.more = QPushButton()
        self.more.setProperty("link", True)
        self.more.setCheckable(True)
        self.more.toggled.connect(self._unfold)
        self._lay_out()
        look.changed.connect(self._tint)
        self._tint()

    def _make_buttons(self) -> None:
        self.sync = QPushButton(SYNC_WORDS)
        self.sync.setToolTip("Fetch what changed since the last success")
        self.read = QPushButton(READ_WORDS)
        self.read.setToolTip("Read every list from the beginning, and find what was deleted or moved on GitHub")
        self.forget = QPushButton(FORGET_WORDS)
        self.forget.setToolTip("Remove everything of this repository from this computer; asks first")
        for button, signal, verb in (
            (self.sync, self.sync_wanted, "Sync"),
            (self.read, self.read_wanted, "Read everything again of"),
            (self.forget, self.forget_wanted, "Forget"),
        ):
            button.setAccessibleName(f"{verb} {self.full_name}")
            button.clicked.connect(lambda _checked, signal=signal: signal.emit(self.full_name))
            button.setVisible(self._acting)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(ElidedLabel(self.full_name, Role.HEADING), 1)
        for button in (self.sync, self.read, self.forget):
            top.addWidget(button)
        second = QHBoxLayout()
        second.setSpacing(16)
        second.addWidget(self.state)
        second.addWidget(self._held, 1)
        grid = QGridLayout()
        grid.setContentsMargins(0, 4, 0, 2)
        grid.setHorizontalSpacing(20)
        for column, fact in enumerate(self.facts.values()):
            grid.addWidget(fact, 0, column, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(column, 1)
        self.body.addLayout(top)
        self.body.addLayout(second)
        for widget in (self._advice, self.progress, self.note):
            self.body.addWidget(widget)
            widget.hide()
        self.body.addLayout(grid)
        self.body.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.rows)
        self.rows.hide()

    @property
    def doing(self) -> str:
        """What was asked of it and has not ended: "", "sync", "read" or "forget"."""
        return self._doing

    def show_sync(
        self, sync: RepositorySync, now: datetime, shares: Mapping[str, float], usage: Sequence[Usage] = ()
    ) -> None:
        """Show how it stands; `shares` says how much of a list was read, by entity, `usage` what it cost today."""
        self._now = now
        fresh = sync.freshness
        self._syncing = fresh.state is RepositoryState.SYNCING
        self.state.say(sync_words.state(sync, now), TONES.get(fresh.state, Tone.BAD), ICONS.get(fresh.state, ""))
        self._held.set_text(f"{words.count(fresh.items, 'item')}, {fresh.open_items:,} open")
        plain = fresh.state in (RepositoryState.SYNCED, RepositoryState.SYNCING)
        said = "" if plain or fresh.sentence == freshness.words(fresh, now) else fresh.sentence
        self._advice.setText(said)
        self._advice.setVisible(bool(said))
        self._say_facts(sync, now)
        requests, quota, amount = sync_words.totals(usage)
        self.facts["Today"].say(
            words.count(requests, "request"), f"{quota:,}{words.SPACE}of the quota, {sync_words.size(amount)}"
        )
        ordered = sorted(sync.entities, key=lambda one: sync_words.entity(one.entity).casefold())
        self.lists.replace([ListRow(status=one, share=shares.get(one.entity, one.share)) for one in ordered])
        summary = sync_words.lists_summary(sync.entities)
        self.more.setText(summary)
        self.more.setAccessibleName(f"Lists of {self.full_name}, {summary}")
        self.more.setVisible(bool(sync.entities))
        if not self._syncing:
            self._pace.flush()
            self.progress.hide()
        self._arrange()

    def _say_facts(self, sync: RepositorySync, now: datetime) -> None:
        fresh = sync.freshness
        due = fresh.next_try_at
        soon = "Not planned" if due is None else "Now" if due <= now else words.clock(due, now)
        if self._syncing:
            soon = "Under way"
        self.facts["Last success"].say(sync_words.since(fresh.synced_at, now))
        self.facts["Next try"].say(soon, "" if self._syncing else sync.next_try_why)
        self.facts["Read in full"].say(sync_words.since(sync.reconciled_at, now))

    def show_progress(self, event: SyncProgressed) -> None:
        """Show what is being read now."""
        self._syncing = True
        self._pace.push(event)
        self._arrange()

    def _paint_progress(self, event: SyncProgressed) -> None:
        self.progress.say(event)
        self.progress.show()

    def say(self, sentence: str, tone: Tone | None = None) -> None:
        """Say how something ended, until the next thing is asked for."""
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))
        self.note.setProperty("tone", str(tone) if tone else None)
        restyle(self.note)

    def be_doing(self, what: str) -> None:
        """Show on its button what was asked for; "" once that has ended."""
        self._doing = what
        if what:
            self.say("")
        self._arrange()

    @property
    def busy(self) -> bool:
        """Whether a sync of it runs or was asked for."""
        return bool(self._doing) or self._syncing

    def unfold(self, shown: bool) -> None:
        """Show its lists, or hide them."""
        self.more.setChecked(shown)

    def _arrange(self) -> None:
        syncing = self._doing == SYNCING or (self._syncing and not self._doing)
        self.sync.setText(BUSY_WORDS[SYNCING] if syncing else SYNC_WORDS)
        self.read.setText(BUSY_WORDS[READING] if self._doing == READING else READ_WORDS)
        self.forget.setText(BUSY_WORDS[FORGETTING] if self._doing == FORGETTING else FORGET_WORDS)
        for button in (self.sync, self.read):
            button.setEnabled(not self.busy)
        self.forget.setEnabled(not self._doing)

    def _unfold(self, shown: bool) -> None:
        self.rows.setVisible(shown)
        self._tint()
        self.toggled.emit(self.full_name, shown)

    def _moment(self) -> datetime:
        if self._now is None:
            raise RuntimeError("the card was never filled")
        return self._now

    def _tint(self) -> None:
        self.more.setIcon(tinted(self._look, "fold" if self.more.isChecked() else "unfold", Tone.ACCENT, 16))


def progress_words(event: SyncProgressed) -> str:
    """What is being read: "Reading issues: 430 of 10,000 rows, about 4 min left"."""
    of = f" of {event.total:,}" if event.total else ""
    left = f", {sync_words.time_left(event.seconds_left)}" if event.seconds_left is not None else ""
    return f"Reading {event.stage}: {event.rows:,}{of}{words.SPACE}rows{left}"
