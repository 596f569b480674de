"""How fast a download goes, and how fast it may go.

The limit is asked for again and again, so that another one in Settings holds for the next piece. Nothing here reads a
clock of its own or sleeps by itself: both are handed in.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from galaxy_desktop.domain.stopping import StopFlag

WINDOW_S = 6.0
LOOK_S = 0.2
"""How often a wait looks whether it should end."""
BURST_S = 0.25
"""So much of what was not used may be caught up with: otherwise a slow disk would eat into the limit."""
PIECE = 1 << 18
SMALLEST_PIECE = 1 << 12

Clock = Callable[[], float]
Sleep = Callable[[float], None]


class Pace:
    """Slows a download down to a limit in bytes a second; 0 for none."""

    def __init__(
        self, limit: Callable[[], int], stop: StopFlag, clock: Clock = time.monotonic, sleep: Sleep = time.sleep
    ) -> None:
        """`limit` is asked before each piece; a wait ends when `stop` is set."""
        self._limit = limit
        self._stop = stop
        self._clock = clock
        self._sleep = sleep
        self._until = clock()

    @property
    def piece(self) -> int:
        """How many bytes to ask for at once: a quarter of a second's worth under a limit."""
        limit = self._limit()
        return PIECE if limit <= 0 else max(SMALLEST_PIECE, min(PIECE, limit // 4))

    def took(self, amount: int) -> None:
        """So many bytes came: wait until the next ones may."""
        limit = self._limit()
        if limit <= 0:
            self._until = self._clock()
            return
        self._until = max(self._until, self._clock() - BURST_S) + amount / limit
        while (left := self._until - self._clock()) > 0 and not self._stop.is_set():
            if self._limit() != limit:
                self._until = self._clock()
                return
            self._sleep(min(left, LOOK_S))

    def wait(self, seconds: float) -> None:
        """Wait for as long as nobody asks to stop."""
        until = self._clock() + seconds
        while (left := until - self._clock()) > 0 and not self._stop.is_set():
            self._sleep(min(left, LOOK_S))


class Speed:
    """Bytes a second over the last few seconds, and the time that is left."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def at(self, done: int) -> float | None:
        """The speed now that `done` bytes are there; `None` before enough was seen."""
        now = self._clock()
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()  # it began anew
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW_S:
            self._seen.popleft()
        (begun, before), span = self._seen[0], now - self._seen[0][0]
        return (done - before) / span if span >= LOOK_S and now > begun else None


def seconds_left(done: int, total: int, speed: float | None) -> float | None:
    """How long the rest takes, `None` where that cannot be said."""
    return (total - done) / speed if speed and total > done else None
