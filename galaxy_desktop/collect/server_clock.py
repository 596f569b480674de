"""GitHub's clock, told from the answers: what orders two versions of a row must not depend on who set this computer's.

Rows carry when GitHub changed them, in whole seconds, and when we fetched them, which decides between two versions of
one second. Were that our own clock, a clock set back by hours would make every later version look older than what is
stored. So fetches are dated by GitHub's clock: ours, plus how far GitHub's is ahead. The fraction of a second and the
order of two answers come from ours, the hours from GitHub's.

`Date` is cut to the second and an answer takes its time to arrive, so each answer tells a little less than the truth:
the largest difference seen is the best one, until one is so much smaller that our clock must have been set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from galaxy_desktop.collect.answers import server_date

SLOWEST_ANSWER = timedelta(seconds=90)
A_LITTLE = timedelta(seconds=2)


@runtime_checkable
class KnowsTheTime(Protocol):
    """A GitHub whose clock is known."""

    def now(self) -> datetime:
        """The moment by GitHub's clock, as far as known."""
        ...


class ServerClock:
    """Ours until the first answer."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """`clock` gives aware moments by this computer."""
        self._clock = clock
        self._ahead: timedelta | None = None
        self._last_answer: datetime | None = None

    def now(self) -> datetime:
        """The moment by GitHub's clock, in the zone of ours."""
        return self._clock() + (self._ahead or timedelta(0))

    def learn(self, headers: Mapping[str, str]) -> datetime:
        """When an answer arrived, learning from it; no two answers have the same moment, and none a little earlier one.

        What a proxy on the way has kept (`Age`) tells an old time.
        """
        here = self._clock()
        if "date" in headers and "age" not in headers:
            ahead = server_date(headers, here) - here
            if self._ahead is None or ahead > self._ahead or self._ahead - ahead > SLOWEST_ANSWER:
                self._ahead = ahead
        arrived = here + (self._ahead or timedelta(0))
        last = self._last_answer
        if last is not None and timedelta(0) <= last - arrived < A_LITTLE:
            arrived = last + timedelta(microseconds=1)
            self._ahead = arrived - here
        self._last_answer = arrived
        return arrived
