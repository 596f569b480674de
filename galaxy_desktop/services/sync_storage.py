"""What a sync needs of the store and of GitHub: the two faces that its tests fake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol

from galaxy_desktop.collect.answers import GitHubLike
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.domain.sync import Cursor, Page, SyncStatus, Validator
from galaxy_desktop.domain.traffic import Exchange
from galaxy_desktop.domain.work import Label, Milestone, Repository
from galaxy_desktop.domain.work_log import AuditEntry


class Storage(Protocol):
    """What a sync needs of the store."""

    def apply(self, page: Page) -> Future[None]:
        """Store a page whole."""
        ...

    def cursor(self, repository_id: int, entity: str) -> Cursor | None:
        """Where reading a list stands."""
        ...

    def validator(self, repository_id: int, url: str) -> Validator | None:
        """The ETag last given for a URL."""
        ...

    def repositories(self) -> tuple[Repository, ...]:
        """The tracked repositories."""
        ...

    def known_numbers(self, repository_id: int) -> frozenset[int]:
        """The numbers of items that are held and not gone."""
        ...

    def comment_ids(self, repository_id: int) -> Mapping[int, frozenset[int]]:
        """The ids of comments that are held and not gone, by item number; those of reviews apart."""
        ...

    def milestones(self, repository_id: int) -> tuple[Milestone, ...]:
        """The milestones that are held and not gone."""
        ...

    def labels(self, repository_id: int) -> tuple[Label, ...]:
        """The labels that are held and not gone."""
        ...

    def wanted(self) -> tuple[str, ...]:
        """Names to be tracked whose repository is not known yet."""
        ...

    def wishes(self) -> tuple[tuple[str, str], ...]:
        """Those names, each with why GitHub refused it, "" before it did."""
        ...

    def track(self, full_name: str) -> Future[None]:
        """Wish to track a repository; a refusal of before no longer stands."""
        ...

    def forget_wish(self, full_name: str) -> Future[None]:
        """Drop a wish that was fulfilled."""
        ...

    def refuse_wish(self, full_name: str, sentence: str, at: datetime) -> Future[None]:
        """Keep why GitHub did not show a name; the wish stays."""
        ...

    def status(self, repository_id: int) -> SyncStatus | None:
        """The stored state of a repository's sync."""
        ...

    def freshness(self) -> tuple[RepositoryFreshness, ...]:
        """How many rows are held and how fresh they are."""
        ...

    def mark_read(self, repository_id: int, entities: Mapping[str, datetime]) -> Future[None]:
        """When lists were last read with success."""
        ...

    def log_exchanges(self, exchanges: Sequence[Exchange]) -> Future[None]:
        """Add requests to the log and to what the day cost."""
        ...

    def reconciled(self, repository_id: int, at: datetime) -> Future[None]:
        """A repository was read in full."""
        ...

    def reconciled_at(self, repository_id: int) -> datetime | None:
        """When a repository was last read in full."""
        ...

    def audit(self, entry: AuditEntry) -> Future[None]:
        """Write down what changed."""
        ...


class Client(GitHubLike, Protocol):
    """GitHub with a connection that can be closed."""

    def close(self) -> None:
        """Close the connection."""
        ...


Connect = Callable[[str, str | None, Budget, Callable[[], datetime]], Client]
