"""The desk for syncing: over the real store, what is shown, asked for, forgotten and switched off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.collect.planner import Allowance
from galaxy_desktop.domain.sync import Page, SyncStatus
from galaxy_desktop.domain.traffic import Exchange
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.errors import GalaxyError, WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.egress import Egress
from galaxy_desktop.services.sync_desk import Hooks, SyncDesk
from galaxy_desktop.services.sync_outcome import Ending, RepositoryResult, SyncOutcome
from galaxy_desktop.store.database import Store
from tests.collect.fakes import NOW
from tests.services.test_sync import BOTH
from tests.services.test_sync import Desk as Syncing


class FakeWorkspace:
    """Notes what it was asked to sync, and answers as told."""

    def __init__(self) -> None:
        self.next_poll_at: datetime | None = NOW + timedelta(minutes=15)
        self.poll_pause: timedelta | None = timedelta(minutes=15)
        self.asked: list[tuple[tuple[str, ...] | None, bool]] = []
        self.cancelled = 0
        self.outcome = SyncOutcome()

    async def sync(self, names: Sequence[str] | None = None, *, full: bool = False) -> SyncOutcome:
        self.asked.append((None if names is None else tuple(names), full))
        return self.outcome

    def cancel_sync(self) -> None:
        self.cancelled += 1

    async def in_peace(self, work: Callable[[], Any]) -> Any:
        self.cancelled += 1
        return await asyncio.to_thread(work)

    def allowance(self, resource: str) -> Allowance | None:
        return (
            Allowance(remaining=4_321, limit=5_000, reset_at=NOW + timedelta(minutes=5)) if resource == "core" else None
        )

    def answers(self, ending: Ending, sentence: str = "", **more: str) -> None:
        result = RepositoryResult(
            full_name="o/a", ending=ending, state=RepositoryState.SYNCED, sentence=sentence, **more
        )
        self.outcome = SyncOutcome(results=(result,))


class Place:
    """A desk over a store that holds o/a and o/b."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.workspace = FakeWorkspace()
        self.door = Egress(lambda: NOW, ledger=store)
        self.prefixes: list[str] = []
        self.switched: list[bool] = []
        self.told: list[int] = []
        hooks = Hooks(forget_vectors=self._forget, keep_switch=self._keep, forgotten=self._tell)
        self.desk = SyncDesk(store, self.workspace, self.door, hooks, lambda: NOW)

    async def _forget(self, prefixes: Sequence[str]) -> int:
        self.prefixes += prefixes
        return 7

    async def _keep(self, on: bool) -> None:
        self.switched.append(on)

    async def _tell(self, number: int) -> None:
        self.told.append(number)


@pytest.fixture
async def place(tmp_path: Path) -> Iterator[Place]:
    """Two repositories, synced."""
    with Store.open(DataFolder(tmp_path)) as store:
        syncing = Syncing(store)
        await syncing.sync(*BOTH)
        found = Place(store)
        yield found
        found.door.close()


async def test_the_overview_shows_lists_quota_and_the_next_try_with_why(place: Place) -> None:
    seen = place.desk.overview()
    assert [one.freshness.repository.full_name for one in seen.repositories] == ["o/a", "o/b"]
    first = seen.repositories[0]
    assert first.freshness.next_try_at == NOW + timedelta(minutes=15)
    assert first.next_try_why == "Quiet: asked every 15 minutes."
    assert first.reconciled_at == NOW
    assert {"issues", "milestones"} <= {entity.entity for entity in first.entities}
    assert (seen.quota_left, seen.quota_limit, seen.network_on) == (4_321, 5_000, True)


async def test_a_failure_shows_its_own_next_try(place: Place) -> None:
    failed = SyncStatus(
        repository_id=1, state=RepositoryState.OFFLINE, sentence="Away.", synced_at=NOW,
        next_try_at=NOW + timedelta(minutes=2), offline_since=NOW,
    )  # fmt: skip
    place.store.apply(Page(repository_id=1, status=failed)).result()
    first = place.desk.overview().repositories[0]
    assert first.freshness.next_try_at == NOW + timedelta(minutes=2)
    assert "longer pauses" in first.next_try_why


async def test_requests_are_those_of_the_store(place: Place) -> None:
    one = Exchange(
        at=NOW, host="api", repository="o/a", entity="issues", method="GET", path="/x", status=200, outcome="ok",
        cost=1, resource="core", remaining=1, bytes_in=1, bytes_out=0, seconds=0.1,
    )  # fmt: skip
    place.store.log_exchanges([one]).result()
    assert place.desk.requests(10) == (one,)
    assert place.desk.overview().usage_today[0].requests == 1


@pytest.mark.parametrize("name", [None, "o/a"])
async def test_sync_now_syncs_one_or_all(place: Place, name: str | None) -> None:
    await place.desk.sync_now(name)
    assert place.workspace.asked == [(None if name is None else (name,), False)]


async def test_a_sync_that_failed_altogether_says_why(place: Place) -> None:
    place.workspace.answers(Ending.REFUSED, "The token is wrong.")
    with pytest.raises(GalaxyError, match="The token is wrong"):
        await place.desk.sync_now("o/a")


async def test_a_full_read_tells_what_it_found(place: Place) -> None:
    place.workspace.answers(Ending.OK, full_read="Read o/a in full: 5 items, 1 deleted.")
    assert await place.desk.reconcile("O/A") == "Read o/a in full: 5 items, 1 deleted."
    assert place.workspace.asked == [(("O/A",), True)]


async def test_a_full_read_that_failed_tells_why(place: Place) -> None:
    place.workspace.answers(Ending.OFFLINE, "Away.")
    assert await place.desk.reconcile("o/a") == "Away."
    with pytest.raises(WrongUseError, match="o/none"):
        await place.desk.reconcile("o/none")


async def test_forgetting_removes_rows_and_vectors_and_leaves_a_line_in_the_audit_log(place: Place) -> None:
    said = await place.desk.forget("o/a")
    assert [r.full_name for r in place.store.repositories()] == ["o/b"]
    assert "7 index entries" in said
    assert "o/a" in said
    assert "issue:o/a#" in place.prefixes
    assert (place.told, place.workspace.cancelled) == ([1], 1)
    assert "repository forgotten" in {entry.what for entry in place.store.audit_log()}


async def test_a_name_that_was_only_wished_for_is_forgotten_too(place: Place) -> None:
    place.store.refuse_wish("o/none", "GitHub shows no repository o/none.", NOW).result()
    assert place.desk.overview().waiting == (("o/none", "GitHub shows no repository o/none."),)
    assert "no longer waited for" in await place.desk.forget("o/none")
    assert place.desk.overview().waiting == ()


async def test_forgetting_what_is_not_there_is_a_sentence(place: Place) -> None:
    with pytest.raises(WrongUseError, match="o/none"):
        await place.desk.forget("o/none")


async def test_the_switch_closes_the_door_and_is_kept(place: Place) -> None:
    await place.desk.set_network(False)
    assert not place.desk.overview().network_on
    assert place.switched == [False]


async def test_a_cancel_goes_to_whoever_syncs(place: Place) -> None:
    await place.desk.cancel_sync()
    assert place.workspace.cancelled == 1


async def test_the_ledger_of_hosts_is_written_to_a_file(place: Place, tmp_path: Path) -> None:
    place.door.pass_out("api.github.com", 443, "GitHub API")
    assert await place.desk.export_hosts(tmp_path / "hosts.csv") == 1
    assert "api.github.com" in (tmp_path / "hosts.csv").read_text(encoding="utf-8")
