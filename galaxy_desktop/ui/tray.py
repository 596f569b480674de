"""The tray: a small face with a null version, so that the program also lives on desktops without a tray.

The icon tells the state by its shape, the menu says it in words, and a balloon's first line is its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from galaxy_desktop.domain.work import RepositoryState, State
from galaxy_desktop.services import freshness
from galaxy_desktop.services.attention import paused_until, tomorrow_morning
from galaxy_desktop.ui import words
from galaxy_desktop.ui.icons import Icons
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import PauseAlerts, Quit, SyncNow, Wish

ICON_SIZE = 32
BALLOON_MS = 15_000

__all__ = [
    "NoTray", "Tray", "TrayFace", "TrayState", "paused_until", "state_of", "tomorrow_morning",
]  # fmt: skip


class TrayState(StrEnum):
    """What the icon shows; the value is the name of its file after "tray-"."""

    OK = "ok"
    OBSERVE = "observe"
    ACT = "act"
    OFFLINE = "offline"
    PAUSED = "paused"


def state_of(view: View, paused: datetime | None, waiting: int = 0) -> tuple[TrayState, str]:
    """The tray's state and its sentence; `waiting` alerts are to be counted in it."""
    state, sentence = _state_of(view, paused)
    return state, f"{words.count(waiting, 'alert')} to see · {sentence}" if waiting else sentence


def _state_of(view: View, paused: datetime | None) -> tuple[TrayState, str]:
    if paused is not None:
        return TrayState.PAUSED, f"Alerts paused until {words.clock(paused, view.now)}"
    if view.analysis is None or not view.analysis.repositories:
        return TrayState.OFFLINE, "Nothing is watched yet"
    states = {r.state for r in view.analysis.repositories}
    fresh = freshness.workspace_words(view.analysis.repositories, view.now)
    if states <= {RepositoryState.OFFLINE}:
        return TrayState.OFFLINE, f"{fresh[0].upper()}{fresh[1:]}"
    running = [s for s in view.all_sprints if s.sprint.state is State.OPEN and (s.open or not s.done)]
    for word, state in (("Act", TrayState.ACT), ("Observe", TrayState.OBSERVE)):
        found = [s for s in running if s.health.word == word]
        if found:
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            return state, f"{word}: {found[0].sprint.title}{more} · {fresh}"
    return TrayState.OK, f"{words.count(len(running), 'sprint')} under way, nothing to act on · {fresh}"


class TrayFace(Protocol):
    """What the program needs of a tray."""

    @property
    def available(self) -> bool:
        """Whether there is a tray to live in."""

    def show_state(self, state: TrayState, sentence: str) -> None:
        """Show the state as icon, tool tip and first line of the menu."""

    def balloon(self, title: str, text: str, clicked: Callable[[], None]) -> None:
        """Show a notification; a click on it calls back."""

    def remove(self) -> None:
        """Leave the tray."""


class NoTray:
    """The null version: nothing is shown, nothing fails."""

    available = False

    def show_state(self, state: TrayState, sentence: str) -> None:
        """There is nowhere to show it."""

    def balloon(self, title: str, text: str, clicked: Callable[[], None]) -> None:
        """There is nowhere to show it: the window says it in its message bar."""

    def remove(self) -> None:
        """There is nothing to leave."""


class Tray(QObject):
    """The real tray of the desktop."""

    wished = Signal(object)
    opened = Signal()
    available = True

    def __init__(self, icons: Icons, clock: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._clock = clock
        self._clicked: Callable[[], None] | None = None
        self._state: TrayState | None = None
        self.menu = QMenu()
        self.status = QAction("Starting", self.menu)
        self.status.setEnabled(False)
        self._fill_menu()
        self.icon = QSystemTrayIcon(self._picture(TrayState.OFFLINE), self)
        self.icon.setContextMenu(self.menu)
        self.icon.setToolTip("Galaxy Desktop")
        self.icon.activated.connect(self._activated)
        self.icon.messageClicked.connect(self._message_clicked)
        self.icon.show()

    def show_state(self, state: TrayState, sentence: str) -> None:
        """Show the state as icon, tool tip and first line of the menu."""
        self.status.setText(sentence.replace("&", "&&"))
        self.icon.setToolTip(f"Galaxy Desktop\n{sentence}")
        self.resume.setVisible(state is TrayState.PAUSED)
        self.pause.menuAction().setVisible(state is not TrayState.PAUSED)
        if state is not self._state:
            self._state = state
            self.icon.setIcon(self._picture(state))

    def balloon(self, title: str, text: str, clicked: Callable[[], None]) -> None:
        """Show a notification; a click on it calls back."""
        self._clicked = clicked
        self.icon.showMessage(title, text, self.icon.icon(), BALLOON_MS)

    def remove(self) -> None:
        """Leave the tray."""
        self.icon.hide()

    def _fill_menu(self) -> None:
        menu = self.menu
        menu.addAction(self.status)
        menu.addSeparator()
        menu.addAction("Open Galaxy Desktop").triggered.connect(self.opened)
        menu.addAction("Sync now").triggered.connect(lambda: self._wish(SyncNow()))
        self.pause = menu.addMenu("Pause alerts")
        self.pause.addAction("For 1 hour").triggered.connect(self._pause_an_hour)
        self.pause.addAction("Until tomorrow 9:00").triggered.connect(self._pause_a_day)
        self.resume = menu.addAction("Resume alerts")
        self.resume.triggered.connect(lambda: self._wish(PauseAlerts(None)))
        self.resume.setVisible(False)
        menu.addSeparator()
        menu.addAction("Quit").triggered.connect(lambda: self._wish(Quit()))

    def _pause_an_hour(self) -> None:
        self._wish(PauseAlerts(self._clock() + timedelta(hours=1)))

    def _pause_a_day(self) -> None:
        self._wish(PauseAlerts(tomorrow_morning(self._clock())))

    def _wish(self, wish: Wish) -> None:
        self.wished.emit(wish)

    def _picture(self, state: TrayState) -> QIcon:
        return self._icons.icon(f"tray-{state}", size=ICON_SIZE)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.opened.emit()

    def _message_clicked(self) -> None:
        if self._clicked is not None:
            self._clicked()
