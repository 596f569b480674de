"""What the Sync page shows: how far each list was read, what it cost, what is next, and who was talked to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.domain.sync import EntityStatus
from galaxy_desktop.domain.traffic import HostTraffic, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositorySync:
    """One repository with its lists; `reconciled_at` is when it was last read in full, `next_try_why` says why then."""

    freshness: RepositoryFreshness
    entities: tuple[EntityStatus, ...]
    next_try_why: str = ""
    reconciled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOverview:
    """Everything the Sync page shows but the log; `waiting` are names that GitHub did not show yet, each with why.

    `quota_left` of `quota_limit` and `quota_reset_at` are GitHub's last word for REST, `None` before it said anything.
    """

    repositories: tuple[RepositorySync, ...]
    waiting: tuple[tuple[str, str], ...]
    usage_today: tuple[Usage, ...]
    hosts: tuple[HostTraffic, ...]
    network_on: bool
    quota_left: int | None = None
    quota_limit: int | None = None
    quota_reset_at: datetime | None = None
