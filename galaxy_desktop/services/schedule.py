"""When to poll next: pure, moments in and moments out.

Polls come every 60 s while something moves and grow rarer up to every 15 minutes at rest, never more often
than GitHub asks for with X-Poll-Interval. Failures back off. A computer that slept is told by its wall clock
running ahead of its steady one; after that, and on demand, everything is due at once, except what GitHub
asked to wait for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from galaxy_desktop.domain.work import RepositoryState

FASTEST = timedelta(seconds=60)
SLOWEST = timedelta(minutes=15)
FIRST_BACKOFF = timedelta(seconds=30)
SLEPT = timedelta(seconds=90)
"""How far the wall clock must run ahead before we call it sleep; clocks are set by less than this."""

SLOWEST_OF_ALL = timedelta(days=1)
"""No setting makes pauses longer than this, so a longer one means that the clock was set back."""

_STANDING = (RepositoryState.TOKEN_REJECTED, RepositoryState.NO_ACCESS, RepositoryState.LEGAL_BLOCK)
"""States that time alone does not change: asked seldom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often the user wants polls, and the least pause that GitHub wants."""

    fastest: timedelta = FASTEST
    slowest: timedelta = SLOWEST
    asked: timedelta | None = None

    def clamp(self, pause: timedelta) -> timedelta:
        """A pause within these limits; what GitHub asks for counts more than what the user wants."""
        pause = min(max(pause, self.fastest), max(self.slowest, self.fastest))
        return max(pause, self.asked) if self.asked else pause


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the last polls of a workspace brought: polls without news and failures, each in a row."""

    quiet: int = 0
    failures: int = 0

    def after(self, state: RepositoryState, *, changed: bool) -> History:
        """The history with one more poll that ended in `state`."""
        if state in (RepositoryState.SYNCED, RepositoryState.ISSUES_DISABLED):
            return History(quiet=0 if changed else self.quiet + 1)
        return replace(self, failures=self.failures + 1)


def pause_after(history: History, state: RepositoryState, pace: Pace) -> timedelta:
    """The pause before the next poll: doubled for each quiet poll or failure in a row."""
    if state in _STANDING:
        return pace.clamp(pace.slowest)
    if history.failures:
        return pace.clamp(doubled(FIRST_BACKOFF, history.failures - 1, pace.slowest))
    return pace.clamp(doubled(pace.fastest, history.quiet, pace.slowest))


def doubled(first: timedelta, times: int, most: timedelta) -> timedelta:
    """`first` doubled so many times, at most `most`."""
    return min(first * (1 << min(times, 20)), most)


def next_poll(
    history: History, state: RepositoryState, now: datetime, pace: Pace | None = None, told: datetime | None = None
) -> datetime:
    """When to poll again; `told` is the moment GitHub named with a limit and is never undercut."""
    due = now + pause_after(history, state, pace or Pace())
    return max(due, told) if told else due


_WHY = {
    RepositoryState.WAITING: "GitHub asked to be left alone until then.",
    RepositoryState.OFFLINE: "GitHub could not be reached: tried again, after longer pauses each time.",
    RepositoryState.FAILED: "GitHub's answer could not be used: tried again, after longer pauses each time.",
    RepositoryState.TOKEN_REJECTED: "Only another token changes this, so it is tried seldom.",
    RepositoryState.NO_ACCESS: "Access may come back, so it is tried seldom.",
    RepositoryState.LEGAL_BLOCK: "The block may be lifted, so it is tried seldom.",
}
NETWORK_OFF = "The network is switched off in Galaxy Desktop."
HISTORY_WAITS = "History waits"
"""How the sentence of a repository begins whose history waits for quota."""


def next_try_why(state: RepositoryState, sentence: str, pause: timedelta | None = None) -> str:
    """Why the next try is when it is, for a person; `pause` is that between polls, `None` when nobody polls."""
    if sentence.startswith(HISTORY_WAITS):
        return "History goes on once GitHub's quota was renewed; changes are asked for all the while."
    if sentence == NETWORK_OFF:
        return "Nothing is asked before the network is switched on again."
    if state in _WHY:
        return _WHY[state]
    if pause is None or state is RepositoryState.SYNCING:
        return ""
    return f"Something moved lately: asked {_every(pause)}." if pause <= FASTEST else f"Quiet: asked {_every(pause)}."


def _every(pause: timedelta) -> str:
    minutes = max(1, round(pause / timedelta(minutes=1)))
    return "every minute" if minutes == 1 else f"every {minutes} minutes"


def woke(wall: timedelta, steady: timedelta) -> bool:
    """Whether the computer slept between two looks at the wall clock and the steady clock."""
    return wall - steady > SLEPT


def due_now(next_at: datetime, now: datetime, *, slept: bool = False) -> bool:
    """Whether to poll now; after sleep everything is due, and a wall clock set back must not stop polling."""
    return slept or now >= next_at or next_at - now > SLOWEST_OF_ALL
