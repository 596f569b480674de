"""What collection hands to the store: pages of records with the cursor that they move, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.work import RepositoryState


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where reading one list of a repository stands.

    `position` is what the list is read by (an ISO moment or an event id), "" before the first page;
    `complete` whether the list was read to its end at least once; `note` holds what a walk in progress needs.
    """

    repository_id: int
    entity: str
    position: str
    complete: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """The ETag that GitHub gave for one URL (path and query, without the host) under one token fingerprint."""

    repository_id: int
    url: str
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncStatus:
    """The state of one repository's collection, in a word and a sentence."""

    repository_id: int
    state: RepositoryState
    sentence: str
    synced_at: datetime | None
    next_try_at: datetime | None = None
    offline_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of one list: committed whole with its cursor and validator, or not at all.

    `gone` are evidence ids of items that GitHub said are deleted (410, or missing from a full read); what is seen
    again later than `observed_at` is back. `observed_at` is when GitHub answered: it also orders what carries no
    moment of its own (a repository's name); without it the records' own times are used.
    """

    repository_id: int
    records: tuple[Record, ...] = ()
    cursor: Cursor | None = None
    validator: Validator | None = None
    status: SyncStatus | None = None
    gone: tuple[str, ...] = ()
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityStatus:
    """One list of one repository, for the Sync page: how far it was read, when, and what it cost today.

    `rows` is how many records of it are stored, `None` where that is not counted; `absent` says that GitHub or the token does not offer
    the list; `why` is what GitHub said when it refused the list or a part of it; `share` how much of a history was read (0 to 1), `None` where that is not known; `entity` is the cursor's.
    """

    repository_id: int
    entity: str
    position: str
    complete: bool
    rows: int | None
    last_success_at: datetime | None
    absent: bool = False
    share: float | None = None
    requests_today: int = 0
    quota_today: int = 0
    bytes_today: int = 0
    why: str = ""
