"""A hand-written desk for syncing: three repositories, a log, a ledger; it remembers what was asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.domain.sync import EntityStatus
from galaxy_desktop.domain.sync_report import RepositorySync, SyncOverview
from galaxy_desktop.domain.traffic import Exchange, HostTraffic, Usage
from tests.ui.samples import API, APP, NOW, WEB, repositories

LISTS = (
    ("milestones", "", True, 14),
    ("labels", "", True, 31),
    ("issues", "2026-05-06T11:50:12Z", True, 9_214),
    ("comments", "2026-05-06T11:48:00Z", True, 30_118),
    ("issues:history", "2024-02-01T00:00:00Z", False, None),
    ("pulls", "2026-05-05T17:03:44Z", True, 3_019),
    ("details", "2026-05-05T17:03:44Z", False, 1_204),
    ("review_comments", "", False, 0),
    ("events", "48811290", True, 88_120),
    ("commits", "2026-05-06T10:00:00Z", True, 641),
    ("checks", "", False, None),
    ("runs", "9912331", True, 200),
    ("boards", "", False, 0),
    ("surprises", "7f3a", True, 3),
)


def status(
    repository_id: int, entity: str, position: str = "", *, complete: bool = True, rows: int | None = 0
) -> EntityStatus:
    """A list; boards are never offered, and what is not complete was never read to its end."""
    unread = not complete and not position
    return EntityStatus(
        repository_id=repository_id,
        entity=entity,
        position=position,
        complete=complete,
        rows=rows,
        last_success_at=None if unread else NOW - timedelta(minutes=9),
        absent=entity == "boards",
        requests_today=0 if unread else 24,
        quota_today=0 if unread else 3,
        bytes_today=0 if unread else 48_200,
    )


def repository_sync(fresh: RepositoryFreshness, **changes: object) -> RepositorySync:
    """A repository with a list of every kind."""
    due = NOW + timedelta(minutes=32)
    made = RepositorySync(
        freshness=replace(fresh, next_try_at=due),
        entities=tuple(status(fresh.repository.id, e, p, complete=c, rows=r) for e, p, c, r in LISTS),
        next_try_why="nothing moved lately",
        reconciled_at=NOW - timedelta(days=3),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def exchange(number: int = 0, **changes: object) -> Exchange:
    """A request that went well, `number` seconds before now."""
    made = Exchange(
        at=NOW - timedelta(seconds=number),
        host="api.github.com",
        repository=API,
        entity="issues",
        method="GET",
        path=f"/repos/{API}/issues?state=all&sort=updated&direction=asc&page={number}",
        status=200,
        outcome="ok",
        cost=1,
        resource="core",
        remaining=4_812,
        bytes_in=48_213,
        bytes_out=0,
        seconds=0.213,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def requests(count: int = 500) -> tuple[Exchange, ...]:
    """A log with every kind of result in it, newest first."""
    kinds: tuple[dict[str, object], ...] = (
        {"status": 304, "outcome": "not modified", "cost": 0, "bytes_in": 0},
        {},
        {"repository": WEB, "path": f"/repos/{WEB}/pulls/88/reviews", "entity": "pulls/*/reviews"},
        {"status": 304, "outcome": "not modified", "cost": 0, "repository": WEB, "bytes_in": 0,
         "path": f"/repos/{WEB}/milestones?state=all", "entity": "milestones"},
        {"status": None, "outcome": "no answer", "cost": 0, "remaining": None, "bytes_in": 0, "seconds": 20.0},
        {"repository": "", "path": "/graphql", "method": "POST", "entity": "graphql details", "cost": 2,
         "resource": "graphql", "bytes_out": 2_111},
        {"status": 429, "outcome": "limit", "cost": 0, "repository": APP, "path": f"/repos/{APP}/actions/runs?page=2",
         "entity": "actions/runs"},
        {"status": 502, "outcome": "broken", "repository": APP, "path": f"/repos/{APP}/commits", "entity": "commits"},
    )  # fmt: skip
    return tuple(exchange(i, **kinds[i % len(kinds)]) for i in range(count))


def hosts() -> tuple[HostTraffic, ...]:
    """GitHub, and a download that was refused while the network was off."""
    first, last = NOW - timedelta(days=12), NOW - timedelta(minutes=1)
    return (
        HostTraffic(host="api.github.com", purpose="GitHub API", connections=1_204, denied=0, bytes_in=88_114_203,
                    bytes_out=412_000, first_at=first, last_at=last),
        HostTraffic(host="data.gharchive.org", purpose="GH Archive", connections=3, denied=2, bytes_in=512_000_331,
                    bytes_out=900, first_at=first, last_at=NOW - timedelta(days=2)),
    )  # fmt: skip


def overview() -> SyncOverview:
    """Three repositories, one name that waits, and a quota that is mostly left."""
    usage = tuple(
        Usage(day=NOW.date(), repository=name, entity="issues", requests=137, quota=12, bytes_in=401_200, bytes_out=0)
        for name in (API, WEB, APP)
    )
    return SyncOverview(
        repositories=tuple(repository_sync(fresh) for fresh in repositories()),
        waiting=(("acme/new-billing", "GitHub shows no repository of this name to your token (404)."),),
        usage_today=usage,
        hosts=hosts(),
        network_on=True,
        quota_left=4_812,
        quota_limit=5_000,
        quota_reset_at=NOW + timedelta(minutes=32),
    )


@dataclass
class FakeSyncDesk:
    """Keeps every call in `calls`; `problem` is raised by what changes something, `gate` holds a sync until it is set."""

    report: SyncOverview = field(default_factory=overview)
    log: tuple[Exchange, ...] = field(default_factory=requests)
    calls: list[tuple[object, ...]] = field(default_factory=list)
    problem: Exception | None = None
    unreadable: Exception | None = None
    gate: asyncio.Event | None = None
    forgotten: Callable[[str], None] = lambda _name: None
    switched: Callable[[bool], None] = lambda _on: None

    def overview(self) -> SyncOverview:
        if self.unreadable is not None:
            raise self.unreadable
        return self.report

    def requests(self, limit: int = 500) -> tuple[Exchange, ...]:
        return self.log[:limit]

    async def sync_now(self, full_name: str | None = None) -> None:
        await self._called("sync_now", full_name)

    async def cancel_sync(self) -> None:
        self.calls.append(("cancel_sync",))
        if self.gate is not None:
            self.gate.set()

    async def reconcile(self, full_name: str) -> str:
        await self._called("reconcile", full_name)
        return "Read 12,345 rows; 2 issues were deleted on GitHub."

    async def forget(self, full_name: str) -> str:
        await self._called("forget", full_name)
        kept = tuple(r for r in self.report.repositories if r.freshness.repository.full_name != full_name)
        waiting = tuple(w for w in self.report.waiting if w[0] != full_name)
        self.report = replace(self.report, repositories=kept, waiting=waiting)
        self.forgotten(full_name)
        return f"Forgot {full_name}: 12,345 rows and 810 index entries were removed."

    async def set_network(self, on: bool) -> None:
        await self._called("set_network", on)
        self.report = replace(self.report, network_on=on)
        self.switched(on)

    async def export_hosts(self, path: Path) -> int:
        await self._called("export_hosts", path)
        return len(self.report.hosts)

    async def _called(self, *call: object) -> None:
        self.calls.append(call)
        if self.gate is not None:
            await self.gate.wait()
        if self.problem is not None:
            raise self.problem
