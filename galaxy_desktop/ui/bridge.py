"""The one way from background to screen.

Services publish frozen events; the bridge turns each into one Qt signal. A signal that is emitted on
another thread is queued to the Qt thread by Qt itself, so that no widget is ever touched from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from galaxy_desktop.domain.events import Event
from galaxy_desktop.ui.facade import Facade


class Bridge(QObject):
    """Carries the events of the workspace that is open now; switching workspaces ends the old subscription."""

    news = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._end: Callable[[], None] | None = None

    def listen_to(self, workspace: Facade) -> None:
        """Carry the events of this workspace, and of no other."""
        self.fall_silent()
        self._end = workspace.subscribe(self.publish)

    def fall_silent(self) -> None:
        """End the subscription: whatever a workspace says while it stops is not shown."""
        if self._end is not None:
            self._end()
            self._end = None

    def publish(self, event: Event) -> None:
        """Hand one event to the screen."""
        self.news.emit(event)
