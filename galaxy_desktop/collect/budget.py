"""One request budget for all repositories: one request at a time, and none while GitHub wants to be left alone.

GitHub counts by resource: REST ("core"), "graphql" and "search" each have a quota of their own, and one that is used up
says nothing about the others. A secondary limit, which GitHub gives for asking too fast, holds for all of them.

Sending while limited makes a secondary limit longer, so the budget refuses before anything goes out. It
never waits: it raises the moment from which asking makes sense, and the lane that asked waits in asyncio.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from galaxy_desktop.collect.answers import clock_words, reset_moment
from galaxy_desktop.collect.planner import CORE, GRAPHQL, Allowance
from galaxy_desktop.errors import BrokenAnswerError, LimitError

ALL = ""
"""Instead of the name of a resource: every one."""
PATIENCE_S = 70.0
"""How long a request waits for its turn: a little more than one answer may take that trickles in (see `connection`)."""


class Budget:
    """What may be asked now; shared by all repositories and safe in every thread."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        patience_s: float = PATIENCE_S,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives aware moments in the user's zone, `steady` seconds that no one can set."""
        self._clock = clock
        self._steady = steady
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._blocked: dict[str, tuple[datetime, float]] = {}
        self.remaining: int | None = None
        """What is left of the quota of REST."""
        self.allowances: dict[str, Allowance] = {}
        """What is left of each of GitHub's quotas ("core", "graphql"), by its last word."""
        self.sent = 0
        self.poll_interval: timedelta | None = None
        """The longest pause between polls that GitHub asked for lately."""

    def check(self, resource: str = CORE) -> None:
        """Raise `LimitError` while nothing of this resource may be sent."""
        for name in (ALL, resource):
            until = self._blocked_until(name)
            if until is not None:
                words = clock_words(until, self._clock())
                if name == ALL:
                    raise LimitError(f"GitHub asks us to slow down (rate limit) until {words}.", until, name)
                which = " of GraphQL" if name == GRAPHQL else ""
                raise LimitError(f"GitHub's rate limit{which} is used up until {words}.", until, name)

    @contextmanager
    def turn(self, resource: str = CORE) -> Iterator[None]:
        """Hold the right to the one request in flight."""
        if not self._turn.acquire(timeout=self._patience_s):
            raise BrokenAnswerError("An earlier question to GitHub still hangs. The next sync asks again.")
        try:
            self.check(resource)
            self.sent += 1
            yield
        finally:
            self._turn.release()

    def note(self, headers: Mapping[str, str]) -> None:
        """Read from an answer how much is left, and how often to ask; stop at nothing left."""
        pause = headers.get("x-poll-interval", "")
        if _is_number(pause):
            self.poll_interval = timedelta(seconds=int(pause))
        left = headers.get("x-ratelimit-remaining", "")
        if not _is_number(left):
            return
        resource = headers.get("x-ratelimit-resource", CORE)
        if resource == CORE:
            self.remaining = int(left)
        reset = reset_moment(headers, self._clock())
        limit = headers.get("x-ratelimit-limit", "")
        self.allowances[resource] = Allowance(
            remaining=int(left), limit=int(limit) if _is_number(limit) else None, reset_at=reset
        )
        if int(left) == 0 and reset is not None:
            self.block(reset, resource)

    def block(self, until: datetime, resource: str = ALL) -> None:
        """Send nothing of a resource, or nothing at all, before `until`."""
        known = self._blocked_until(resource)
        if known is None or until > known:
            seconds = (until - self._clock()).total_seconds()
            self._blocked[resource] = (until, self._steady() + seconds)

    def _blocked_until(self, resource: str) -> datetime | None:
        """When a block ends: as soon as either clock says so, for one may be set back and one stands while we sleep."""
        found = self._blocked.get(resource)
        if found is None:
            return None
        until, steadily = found
        if self._clock() < until and self._steady() < steadily:
            return until
        self._blocked.pop(resource, None)
        return None


def _is_number(text: str) -> bool:
    """Whether a header is a number that somebody may have meant; there are digits that `int` does not know."""
    return text.isascii() and text.isdecimal() and len(text) < 9
