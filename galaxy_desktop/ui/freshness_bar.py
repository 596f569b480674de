"""The status bar: how fresh each repository is, in words."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStatusBar, QWidget

from galaxy_desktop.domain.events import SyncProgressed
from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.services import freshness
from galaxy_desktop.ui import sync_words, words
from galaxy_desktop.ui.theme import Look, Role, Tone, font
from galaxy_desktop.ui.widgets.surface import empty_out
from galaxy_desktop.ui.widgets.text import ElidedLabel, Sign

MOST_SHOWN = 4
ROOM_BESIDE = 120
"""Pixels that the margins, "and 3 more" and the beginning of what is being read take."""
TONES = {
    RepositoryState.SYNCED: Tone.GOOD,
    RepositoryState.SYNCING: Tone.ACCENT,
    RepositoryState.WAITING: Tone.WATCH,
    RepositoryState.OFFLINE: Tone.WATCH,
}
ICONS = {RepositoryState.SYNCING: "sync"}


def freshness_words(one: RepositoryFreshness, now: datetime) -> str:
    """The state of one repository: "api: synced 09:14"."""
    return f"{words.repository(one.repository.full_name)}: {freshness.words(one, now)}"


class FreshnessBar(QStatusBar):
    """One sign for each repository; beyond four, or beyond the room there is, the rest is counted and told in the tool tip."""

    network_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(0, 0, 12, 0)
        self._look = look
        self._known: dict[str, RepositoryFreshness] = {}
        holder = QWidget()
        self._row = QHBoxLayout(holder)
        self._row.setContentsMargins(12, 3, 12, 3)
        self._row.setSpacing(20)
        # The names of many repositories must not keep the window from getting narrow: those that fit are shown.
        holder.setMinimumWidth(1)
        self._signs: list[Sign] = []
        self._more = ElidedLabel("", Role.SMALL, muted=True)
        self._stage = ElidedLabel("", Role.SMALL, muted=True)
        self.off = self._network_off()
        self.addWidget(self.off)
        self.addWidget(holder)
        self.addPermanentWidget(self._stage)
        self._shown: tuple[str, ...] = ()

    def _network_off(self) -> QWidget:
        chip = QWidget()
        row = QHBoxLayout(chip)
        row.setContentsMargins(12, 3, 0, 3)
        row.setSpacing(8)
        sign = Sign(self._look, Role.SMALL)
        sign.say("Network off", Tone.WATCH, "network-off")
        turn_on = QPushButton("Turn on")
        turn_on.setProperty("chip", True)
        turn_on.setFont(font(Role.SMALL))
        turn_on.setAccessibleName("Turn the network on")
        turn_on.setToolTip("Nothing leaves this computer while the network is off")
        turn_on.clicked.connect(lambda _checked: self.network_wanted.emit())
        row.addWidget(sign)
        row.addWidget(turn_on)
        chip.hide()
        return chip

    def say_network(self, *, on: bool) -> None:
        """Say on every page when the network is switched off, with a way back on."""
        self.off.setVisible(not on)
        self._arrange()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is said of the repositories."""
        return self._shown

    def show_all(self, repositories: tuple[RepositoryFreshness, ...], now: datetime) -> None:
        """Show these repositories and no others."""
        self._known = {r.repository.full_name: r for r in repositories}
        self._fill(now)

    def update_one(self, one: RepositoryFreshness, now: datetime) -> None:
        """Show the new state of one repository."""
        self._known[one.repository.full_name] = one
        if one.state is not RepositoryState.SYNCING:
            self._stage.set_text("")
        self._fill(now)

    def progress(self, event: SyncProgressed) -> None:
        """Say what is being read now, and how much of it."""
        of = f" of {event.total:,}" if event.total else ""
        left = f", {sync_words.time_left(event.seconds_left)}" if event.seconds_left is not None else ""
        self._stage.set_text(f"{words.repository(event.repository)}: {event.stage}, {event.rows:,}{of} rows{left}")

    def _fill(self, now: datetime) -> None:
        said = tuple(freshness_words(r, now) for r in self._known.values())
        if said == self._shown:
            return
        self._shown = said
        self._row.removeWidget(self._more)
        empty_out(self._row)
        self._signs = []
        for one in list(self._known.values())[:MOST_SHOWN]:
            sign = Sign(self._look, Role.SMALL)
            sign.say(freshness_words(one, now), TONES.get(one.state, Tone.BAD), ICONS.get(one.state, ""))
            held = f"{one.repository.full_name}: {words.count(one.items, 'item')}, {one.open_items:,} open"
            sign.setToolTip(f"{held}\n{one.sentence}".strip())
            self._row.addWidget(sign, 0, Qt.AlignmentFlag.AlignLeft)
            self._signs.append(sign)
        self._row.addWidget(self._more)
        self.setToolTip("\n".join(said))
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many repositories as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The first repository always, the others while they fit; the rest is counted."""
        room = self.width() - ROOM_BESIDE - (self.off.sizeHint().width() if not self.off.isHidden() else 0)
        used = 0
        shown = 0
        for number, sign in enumerate(self._signs):
            used += sign.sizeHint().width() + self._row.spacing()
            fits = number == shown and (number == 0 or used <= room)
            sign.setVisible(fits)
            shown += fits
        left = len(self._shown) - shown
        self._more.set_text(f"and {left} more" if left else "")
        self._more.setVisible(bool(left))
