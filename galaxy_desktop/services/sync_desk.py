"""The desk for syncing: what the Sync page shows and asks for, over the store, the sync and the network's door.

Nothing here knows a window. Reads come from the store in the caller's thread; what takes longer is awaited. Forgetting
a repository removes its rows and its entries of the vector index and leaves one line in the audit log; a sync that is
under way is ended first, and an evaluation let come to its end, so that no page and no finding of it comes after.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from galaxy_desktop.collect.planner import CORE, Allowance
from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.domain.sync import EntityStatus
from galaxy_desktop.domain.sync_report import RepositorySync, SyncOverview
from galaxy_desktop.domain.traffic import Exchange, HostTraffic, Usage
from galaxy_desktop.domain.work import Repository, RepositoryState
from galaxy_desktop.errors import GalaxyError, WrongUseError
from galaxy_desktop.services import schedule
from galaxy_desktop.services.sync_outcome import Ending, SyncOutcome

logger = logging.getLogger(__name__)

T = TypeVar("T")


class DeskStore(Protocol):
    """What the desk needs of the store."""

    def freshness(self) -> tuple[RepositoryFreshness, ...]:
        """How many rows are held and how fresh they are."""
        ...

    def entity_statuses(self, repository_id: int, today: date) -> tuple[EntityStatus, ...]:
        """Every list of a repository: how far, when, how many rows, what it cost today."""
        ...

    def reconciled_at(self, repository_id: int) -> datetime | None:
        """When a repository was last read in full."""
        ...

    def repositories(self) -> tuple[Repository, ...]:
        """The tracked repositories."""
        ...

    def wishes(self) -> tuple[tuple[str, str], ...]:
        """Names that GitHub did not show yet, each with why."""
        ...

    def forget_wish(self, full_name: str) -> Future[None]:
        """No longer wait for a name."""
        ...

    def exchanges(self, limit: int = 500) -> tuple[Exchange, ...]:
        """The last requests, newest first."""
        ...

    def usage(self, day: date) -> tuple[Usage, ...]:
        """What a day cost."""
        ...

    def forget_repository(self, repository_id: int, at: datetime | None = None) -> Future[tuple[int, tuple[str, ...]]]:
        """Remove everything of a repository; rows removed, and how its evidence ids began."""
        ...


class Door(Protocol):
    """The network's door: `services.egress.Egress`."""

    @property
    def on(self) -> bool:
        """Whether the network is switched on."""
        ...

    def switch(self, *, on: bool) -> None:
        """Open or close it for the next request."""
        ...

    def hosts(self) -> tuple[HostTraffic, ...]:
        """The whole ledger."""
        ...

    def export(self, path: Path) -> int:
        """Write the ledger to a file; the number of lines."""
        ...


class Syncing(Protocol):
    """Who syncs and evaluates: `services.workspace.Workspace`."""

    next_poll_at: datetime | None
    poll_pause: timedelta | None

    async def sync(self, names: Sequence[str] | None = None, *, full: bool = False) -> SyncOutcome:
        """Sync now and evaluate."""
        ...

    def cancel_sync(self) -> None:
        """End what is being synced."""
        ...

    async def in_peace(self, work: Callable[[], T]) -> T:
        """End every sync, then run blocking work while nothing syncs or evaluates."""
        ...

    def allowance(self, resource: str) -> Allowance | None:
        """GitHub's last word on a quota."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What else must happen: vectors forgotten, the switch kept, everybody told that a repository is gone."""

    forget_vectors: Callable[[Sequence[str]], Awaitable[int]]
    keep_switch: Callable[[bool], Awaitable[None]]
    forgotten: Callable[[int], Awaitable[None]]


class SyncDesk:
    """Fulfils the window's protocol of the same name."""

    def __init__(
        self, store: DeskStore, syncing: Syncing, door: Door, hooks: Hooks, clock: Callable[[], datetime]
    ) -> None:
        """Asks nobody anything yet."""
        self._store = store
        self._syncing = syncing
        self._door = door
        self._hooks = hooks
        self._clock = clock

    def overview(self) -> SyncOverview:
        """How far each list was read, what it cost today, what is next, and who was talked to."""
        today = self._clock().astimezone(UTC).date()
        core = self._syncing.allowance(CORE)
        return SyncOverview(
            repositories=tuple(self._of(fresh, today) for fresh in self._store.freshness()),
            waiting=self._store.wishes(),
            usage_today=self._store.usage(today),
            hosts=self._door.hosts(),
            network_on=self._door.on,
            quota_left=core.left(self._clock()) if core else None,
            quota_limit=core.limit if core else None,
            quota_reset_at=core.reset_at if core else None,
        )

    def requests(self, limit: int = 500) -> tuple[Exchange, ...]:
        """The last requests, newest first."""
        return self._store.exchanges(limit)

    async def sync_now(self, full_name: str | None = None) -> None:
        """Sync one repository now, or all; raises `GalaxyError` with what went wrong for all that were asked."""
        outcome = await self._syncing.sync(None if full_name is None else (full_name,))
        failed = [one for one in outcome.results if one.ending not in (Ending.OK, Ending.STOPPED)]
        if failed and len(failed) == len(outcome.results):
            raise GalaxyError(" ".join(dict.fromkeys(one.sentence for one in failed if one.sentence)))

    async def cancel_sync(self) -> None:
        """End what is being synced or read in full within a second; pages that were read stay."""
        self._syncing.cancel_sync()

    async def reconcile(self, full_name: str) -> str:
        """Read a repository in full and find what was deleted or moved; the answer says what was found."""
        await asyncio.to_thread(self._tracked, full_name)
        outcome = await self._syncing.sync((full_name,), full=True)
        said = [one.full_read or one.sentence for one in outcome.results]
        return " ".join(words for words in said if words) or f"{full_name} was not read in full."

    async def forget(self, full_name: str) -> str:
        """Remove everything of a repository, its index entries included; the answer says what was removed."""
        found = await self._syncing.in_peace(lambda: self._removed(full_name))
        if found is None:
            return f"{full_name} is no longer waited for. Nothing of it was stored."
        repository, rows, prefixes = found
        vectors = await self._hooks.forget_vectors(prefixes)
        await self._hooks.forgotten(repository.id)
        logger.info("Forgot %s: %d rows, %d index entries", full_name, rows, vectors)
        return f"Removed {repository.full_name}: {_counted(rows, 'row')} and {_counted(vectors, 'index entry', 'index entries')}."

    async def set_network(self, on: bool) -> None:
        """Let the program talk to the network, or deny all of it; remembered for the next start."""
        self._door.switch(on=on)
        await self._hooks.keep_switch(on)

    async def export_hosts(self, path: Path) -> int:
        """Write the ledger of hosts to a file; the answer is the number of lines."""
        return await asyncio.to_thread(self._door.export, path)

    def _of(self, fresh: RepositoryFreshness, today: date) -> RepositorySync:
        number = fresh.repository.id
        polled = fresh.state in (RepositoryState.SYNCED, RepositoryState.ISSUES_DISABLED)
        if polled and fresh.next_try_at is None:
            fresh = replace(fresh, next_try_at=self._syncing.next_poll_at)
        return RepositorySync(
            freshness=fresh,
            entities=self._store.entity_statuses(number, today),
            next_try_why=schedule.next_try_why(fresh.state, fresh.sentence, self._syncing.poll_pause),
            reconciled_at=self._store.reconciled_at(number),
        )

    def _removed(self, full_name: str) -> tuple[Repository, int, tuple[str, ...]] | None:
        """Remove it from the store: what it was, how many rows went, and its prefixes; `None` for a mere wish."""
        if full_name.lower() in {name.lower() for name, _ in self._store.wishes()}:
            self._store.forget_wish(full_name).result()
            return None
        repository = self._tracked(full_name)
        return repository, *self._store.forget_repository(repository.id, self._clock()).result()

    def _tracked(self, full_name: str) -> Repository:
        for repository in self._store.repositories():
            if repository.full_name.lower() == full_name.lower():
                return repository
        raise WrongUseError(f"{full_name} is not among the repositories here.")


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
