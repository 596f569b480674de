"""What a sync came to, repository by repository, and how patient it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.errors import (
    BrokenAnswerError,
    GalaxyError,
    LegalBlockError,
    LimitError,
    NoAccessError,
    OfflineError,
    TokenRejectedError,
)


class Ending(StrEnum):
    """How the sync of one repository ended; the exit code of the command line follows from it."""

    OK = "ok"
    REFUSED = "refused"
    OFFLINE = "offline"
    BROKEN = "broken"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryResult:
    """How one repository fared; `sentence` says what happened and what to do, "" when all is well."""

    full_name: str
    ending: Ending
    state: RepositoryState
    sentence: str = ""
    repository_id: int | None = None
    records: int = 0
    full_read: str = ""
    """What a full read found, in a sentence; "" when none was finished."""
    history_waits_until: datetime | None = None

    @property
    def changed(self) -> bool:
        """Whether anything new was stored."""
        return self.records > 0

    def after(self, before: RepositoryResult | None) -> RepositoryResult:
        """This result with what an earlier round of the same sync brought."""
        if before is None:
            return self
        return replace(self, records=self.records + before.records, full_read=self.full_read or before.full_read)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOutcome:
    """All results of a sync; `asked` counts requests, `poll_interval` is the pause that GitHub asks for."""

    results: tuple[RepositoryResult, ...] = ()
    asked: int = 0
    poll_interval: timedelta | None = None

    @property
    def history_waits_until(self) -> datetime | None:
        """When the quota allows to go on with history; `None` when no history waits."""
        return min((r.history_waits_until for r in self.results if r.history_waits_until), default=None)

    @property
    def changed(self) -> bool:
        """Whether anything new was stored: then it is worth evaluating again."""
        return any(result.changed for result in self.results)

    @property
    def refused(self) -> tuple[str, ...]:
        """The sentences of repositories that GitHub refused."""
        return self._sentences(Ending.REFUSED)

    @property
    def broken(self) -> tuple[str, ...]:
        """The sentences of repositories where GitHub's answers stayed broken."""
        return self._sentences(Ending.BROKEN)

    @property
    def offline(self) -> bool:
        """Whether GitHub could not be reached for some repository."""
        return any(result.ending is Ending.OFFLINE for result in self.results)

    @property
    def stopped(self) -> bool:
        """Whether a person stopped it."""
        return any(result.ending is Ending.STOPPED for result in self.results)

    def _sentences(self, ending: Ending) -> tuple[str, ...]:
        return tuple(dict.fromkeys(result.sentence for result in self.results if result.ending is ending))


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a sync goes on after failures: seconds before each retry, and the longest wait GitHub may ask for."""

    broken: tuple[float, ...]
    offline: tuple[float, ...]
    unstated: tuple[float, ...]
    longest_wait_s: float


EXPLICIT = Patience(broken=(1, 4, 16), offline=(1,), unstated=(1, 4, 16), longest_wait_s=30)
"""Somebody waits for the result: retry, and wait for a limit that ends within half a minute."""

BACKGROUND = Patience(broken=(1,), offline=(), unstated=(), longest_wait_s=0)
"""The schedule comes again soon: store the state and let go."""


_VERDICTS: tuple[tuple[type[GalaxyError], Ending, RepositoryState], ...] = (
    (TokenRejectedError, Ending.REFUSED, RepositoryState.TOKEN_REJECTED),
    (NoAccessError, Ending.REFUSED, RepositoryState.NO_ACCESS),
    (LegalBlockError, Ending.REFUSED, RepositoryState.LEGAL_BLOCK),
    (LimitError, Ending.REFUSED, RepositoryState.WAITING),
    (OfflineError, Ending.OFFLINE, RepositoryState.OFFLINE),
    (BrokenAnswerError, Ending.BROKEN, RepositoryState.FAILED),
)


def verdict(error: GalaxyError) -> tuple[Ending, RepositoryState]:
    """How a failure ends the sync of a repository, and the state that it leaves."""
    for kind, ending, state in _VERDICTS:
        if isinstance(error, kind):
            return ending, state
    return Ending.REFUSED, RepositoryState.FAILED
