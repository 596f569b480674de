"""One request budget for all repositories: one request at a time, and none while GitHub wants to be left alone.

Sending while limited makes a secondary limit longer, so the budget refuses before anything goes out. It
never waits: it raises the moment from which asking makes sense, and the lane that asked waits in asyncio.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from galaxy_desktop.collect.answers import clock_words, reset_moment
from galaxy_desktop.collect.planner import CORE, Allowance
from galaxy_desktop.errors import BrokenAnswerError, LimitError

PATIENCE_S = 20.0
"""How long a request waits for one that hangs: a little more than a hanging request may take."""


class Budget:
    """What may be asked now; shared by all repositories and safe in every thread."""

    def __init__(self, clock: Callable[[], datetime], patience_s: float = PATIENCE_S) -> None:
        """`clock` gives aware moments in the user's zone."""
        self._clock = clock
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._blocked_until: datetime | None = None
        self.remaining: int | None = None
        self.allowances: dict[str, Allowance] = {}
        """What is left of each of GitHub's quotas ("core", "graphql"), by its last word."""
        self.sent = 0
        self.poll_interval: timedelta | None = None
        """The longest pause between polls that GitHub asked for lately."""

    def check(self) -> None:
        """Raise `LimitError` while nothing may be sent."""
        until, now = self._blocked_until, self._clock()
        if until is None:
            return
        if now < until:
            raise LimitError(f"GitHub's rate limit is used up until {clock_words(until, now)}.", until)
        self._blocked_until = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the right to the one request in flight."""
        if not self._turn.acquire(timeout=self._patience_s):
            raise BrokenAnswerError("An earlier question to GitHub still hangs. The next sync asks again.")
        try:
            self.check()
            self.sent += 1
            yield
        finally:
            self._turn.release()

    def note(self, headers: Mapping[str, str]) -> None:
        """Read from an answer how much is left, and how often to ask; stop at nothing left."""
        pause = headers.get("x-poll-interval", "")
        if pause.isdigit():
            self.poll_interval = timedelta(seconds=int(pause))
        left = headers.get("x-ratelimit-remaining", "")
        if not left.isdigit():
            return
        self.remaining = int(left)
        reset = reset_moment(headers, self._clock())
        limit = headers.get("x-ratelimit-limit", "")
        self.allowances[headers.get("x-ratelimit-resource", CORE)] = Allowance(
            remaining=int(left), limit=int(limit) if limit.isdigit() else None, reset_at=reset
        )
        if self.remaining == 0 and reset is not None:
            self.block(reset)

    def block(self, until: datetime) -> None:
        """Send nothing before `until`."""
        if self._blocked_until is None or until > self._blocked_until:
            self._blocked_until = until
