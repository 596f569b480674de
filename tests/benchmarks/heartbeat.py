"""How late the Qt loop is, moment by moment: a timer that should fire every few milliseconds, and when it did.

A stall of 100 ms makes one late beat, but twenty beats were due in it: each of them is counted with the time that
it would have waited. Without that, long stalls would hide among the many beats that were on time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer

BEAT_S = 0.005


@dataclass(frozen=True, slots=True)
class Span:
    """Something that went on from one moment to another."""

    name: str
    begun: float
    ended: float


class Heartbeat(QObject):
    """Beats on the thread it was made on; `span` names what went on meanwhile."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.beats = [time.perf_counter()]
        self.spans: list[Span] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(BEAT_S * 1000))
        self._timer.timeout.connect(lambda: self.beats.append(time.perf_counter()))
        self._timer.start()

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Remember that this went on."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.spans.append(Span(name, begun, time.perf_counter()))

    def lateness(self, spans: Iterable[Span]) -> list[float]:
        """How many seconds each beat due in these spans was late."""
        return [late for span in spans for due, late in self._due() if span.begun <= due <= span.ended]

    def _due(self) -> Iterator[tuple[float, float]]:
        for before, now in zip(self.beats, self.beats[1:], strict=False):
            due = before + BEAT_S
            yield due, max(0.0, now - due)
            due += BEAT_S
            while due < now:
                yield due, now - due
                due += BEAT_S
