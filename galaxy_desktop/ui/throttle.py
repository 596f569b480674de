"""Bursts of news reach the screen at a pace it can follow, and the last one always lands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

T = TypeVar("T")

PACE_MS = 120
"""Between two paintings of the same thing: far below the 500 ms in which news must be seen."""


class Throttle(QObject, Generic[T]):
    """Calls `show` with the first value at once and then with the newest one at most every `pace_ms`."""

    def __init__(self, show: Callable[[T], None], parent: QObject | None = None, pace_ms: int = PACE_MS) -> None:
        super().__init__(parent)
        self._show = show
        self._waiting: list[T] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(pace_ms)
        self._timer.timeout.connect(self._catch_up)

    def push(self, value: T) -> None:
        """Show this value now, or when the pace allows; a newer one takes its place."""
        if self._timer.isActive():
            self._waiting = [value]
        else:
            self._timer.start()
            self._show(value)

    def flush(self) -> None:
        """Show now what waits, whatever the pace."""
        if self._waiting:
            self._show(self._waiting.pop())

    def _catch_up(self) -> None:
        if self._waiting:
            value = self._waiting.pop()
            self._timer.start()
            self._show(value)
