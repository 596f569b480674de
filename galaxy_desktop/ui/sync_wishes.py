"""What a person asks for on the Sync page: frozen records, carried out by `sync_errands`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from galaxy_desktop.domain.sync_report import RepositorySync, SyncOverview
from galaxy_desktop.domain.traffic import Exchange

Told = Callable[[str], None]
"""Told how it went: "" when it worked, else what happened and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReading:
    """What the desk said: the overview, and the last requests where they were asked for."""

    overview: SyncOverview
    requests: tuple[Exchange, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReadSync:
    """Read the desk; `log` asks for the last requests too."""

    answered: Callable[[SyncReading], None]
    failed: Told
    log: bool = False


@dataclass(frozen=True, slots=True)
class SyncRepository:
    """Sync one repository now."""

    full_name: str
    answered: Told


@dataclass(frozen=True, slots=True)
class ReadInFull:
    """Read a repository in full; `found` is told what was found, `answered` what went wrong."""

    full_name: str
    found: Told
    answered: Told


@dataclass(frozen=True, slots=True)
class CancelSync:
    """Stop what is being synced."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Remove everything of a repository, after asking; `begun` once the person said yes."""

    sync: RepositorySync
    begun: Callable[[], None]
    answered: Told


@dataclass(frozen=True, slots=True)
class StopWaiting:
    """Wait no longer for a name that GitHub did not show."""

    full_name: str
    answered: Told


@dataclass(frozen=True, slots=True)
class SetNetwork:
    """Let the program talk to the network, or deny all of it."""

    on: bool
    answered: Told | None = None


@dataclass(frozen=True, slots=True)
class ExportHosts:
    """Write the ledger of hosts to a file that the person chooses."""


SyncWish = ReadSync | SyncRepository | ReadInFull | CancelSync | Forget | StopWaiting | SetNetwork | ExportHosts
