"""How a sync is driven: the sprint first, history in turns, quota kept back, everything noted, nothing lost."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.collect.planner import Allowance
from galaxy_desktop.domain.events import SprintsReady, SyncProgressed
from galaxy_desktop.domain.traffic import Exchange
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.errors import NetworkOffError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.schedule import NETWORK_OFF
from galaxy_desktop.services.sync import Ending
from galaxy_desktop.services.sync_ledger import EVERY_S, SyncLedger
from galaxy_desktop.store.database import Store
from tests.collect.fakes import NOW, Fault, MemoryStore, issue, milestone
from tests.services.test_sync import BOTH, FULL, Desk

LONG = 2_000


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Two small repositories, nothing stored."""
    with Store.open(DataFolder(tmp_path)) as store:
        yield Desk(store)


def lengthen(desk: Desk) -> None:
    """Give o/a a long history, and pages of GitHub's size; its sprint is the oldest of all."""
    planned = [issue(n, n, "o/a", milestone={"number": 1, "state": "open"}) for n in range(1, 61)]
    desk.github.repositories[0].issues = planned + [issue(n, n, "o/a") for n in range(61, LONG + 1)]
    desk.github.repositories[0].pulls = []
    desk.github.page_size = 100


def quota(desk: Desk, left: int) -> None:
    desk.syncer.budget.allowances["core"] = Allowance(remaining=left, limit=5000, reset_at=NOW + timedelta(minutes=30))


async def test_the_sprint_is_in_within_ten_requests_and_that_is_told(desk: Desk) -> None:
    lengthen(desk)
    seen: list[tuple[int, int]] = []

    def look(event: Any) -> None:
        if isinstance(event, SprintsReady):
            items = [i for i in desk.store.snapshot().items if i.milestone_number == 1]
            seen.append((len(desk.github.log), len(items)))

    desk.syncer._tools.publish = look
    await desk.sync("o/a")
    asked, items = seen[0]
    assert items == 60
    assert asked <= 10
    assert len(seen) == 2, "once when the sprint is in, once when all that is current is"


async def test_the_running_sprint_is_in_within_ten_requests_however_many_milestones_are_open(desk: Desk) -> None:
    lengthen(desk)
    world = desk.github.repositories[0]
    due = {n: NOW + timedelta(days=14 * (n - 20), hours=20) for n in range(1, 26)}
    world.milestones = [milestone(n, due_on=f"{day:%Y-%m-%dT%H:%M:%SZ}") for n, day in due.items()]
    for row in world.issues[:250]:
        row["milestone"] = {"number": row["number"] % 25 + 1, "state": "open"}
    seen: list[tuple[int, int]] = []

    def look(event: Any) -> None:
        if isinstance(event, SprintsReady):
            running = [one for one in desk.store.snapshot().items if one.milestone_number == 20]
            seen.append((len(desk.github.log), len(running)))

    desk.syncer._tools.publish = look
    await desk.sync("o/a")
    assert seen[0][1] == 10
    assert seen[0][0] <= 10
    assert len({one.milestone_number for one in desk.store.snapshot().items}) == 26


async def test_a_quiet_poll_needs_no_early_evaluation(desk: Desk) -> None:
    await desk.sync(*BOTH)
    desk.events.clear()
    await desk.sync(*BOTH)
    assert not [event for event in desk.events if isinstance(event, SprintsReady)]


async def test_a_long_history_does_not_hold_up_a_small_repository(desk: Desk) -> None:
    lengthen(desk)
    await desk.sync(*BOTH)
    asked = [url for url, _ in desk.github.log]
    last_of_small = max(n for n, url in enumerate(asked) if "/o/b" in url)
    assert last_of_small < len(asked) - 10
    assert desk.counts()["o/a"][0] == LONG


@pytest.mark.parametrize("asked", ["sync now", "full read", "command", "nobody"])
async def test_what_was_refused_is_tried_again_when_somebody_asks(desk: Desk, asked: str) -> None:
    desk.github.faults = [Fault("/o/a/branches", times=1, status=404)]
    await desk.sync("o/a")
    later = NOW + timedelta(minutes=10)
    desk.syncer._clock = lambda: later
    desk.github.log.clear()
    waited_for = asked in ("sync now", "command")
    await desk.syncer.sync_once(["o/a"], explicit=waited_for, again=asked == "sync now", full=asked == "full read")
    tried = [status for url, status in desk.github.log if "/branches" in url]
    assert tried == ([200] if asked in ("sync now", "full read") else [])


async def test_what_is_on_screen_is_read_first(desk: Desk) -> None:
    await desk.sync(*BOTH)
    desk.github.log.clear()
    desk.syncer.visible = frozenset({"o/b"})
    await desk.sync()
    assert desk.github.log[0][0].startswith("/repos/o/b")


async def test_history_tells_its_count_and_the_time_left(desk: Desk) -> None:
    lengthen(desk)
    await desk.sync("o/a")
    told = [e for e in desk.events if isinstance(e, SyncProgressed) and e.stage == "history of issues"]
    assert told[0].total == 2_000
    assert [e.rows for e in told] == sorted(e.rows for e in told)
    assert told[-1].rows == told[-1].total
    assert told[-1].seconds_left is not None
    assert not [e for e in desk.events if isinstance(e, SyncProgressed) and "history" not in e.stage and e.seconds_left]


async def test_history_waits_for_quota_and_says_until_when(desk: Desk) -> None:
    lengthen(desk)
    quota(desk, 100)
    outcome = await desk.syncer.sync_once(["o/a"], explicit=True)
    status = desk.store.status(1)
    assert status is not None
    assert (status.state, status.sentence) == (
        RepositoryState.SYNCED,
        "History waits until 12:30: 100 requests left.",
    )
    assert status.next_try_at == outcome.history_waits_until == NOW + timedelta(minutes=30)
    assert outcome.results[0].ending is Ending.OK
    assert 0 < desk.counts()["o/a"][0] < LONG
    desk.syncer.budget.allowances.clear()
    await desk.sync()
    assert desk.counts()["o/a"][0] == LONG


async def test_what_is_current_is_asked_again_while_history_is_read(desk: Desk) -> None:
    lengthen(desk)
    moment = NOW

    def tick(url: str) -> None:
        nonlocal moment
        moment += timedelta(seconds=20)

    desk.github.before, desk.syncer._clock = tick, lambda: moment
    await desk.sync(*BOTH)
    assert len(desk.github.asked("/o/a/milestones")) > 1
    assert len(desk.github.asked("/o/b/milestones")) > 1
    assert desk.counts()["o/a"][0] == LONG


async def test_a_switched_off_network_is_offline_with_its_own_sentence(desk: Desk) -> None:
    await desk.sync("o/a")
    desk.github.faults.append(Fault("/o/a", times=99, error=NetworkOffError("o/a was not asked.")))
    results = await desk.sync("o/a")
    assert (results["o/a"].ending, results["o/a"].sentence) == (Ending.OFFLINE, NETWORK_OFF)
    assert desk.waits == []


async def test_no_access_says_since_when_and_keeps_that(desk: Desk) -> None:
    await desk.sync("o/a")
    desk.github.faults.append(Fault("/repos/o/a&?$", times=99, status=404))
    await desk.sync("o/a")
    desk.syncer._clock = lambda: NOW + timedelta(days=1)
    results = await desk.sync("o/a")
    assert results["o/a"].sentence.startswith("No access since 06 May 12:00. GitHub shows no repository o/a")
    assert results["o/a"].sentence.endswith("What was collected before is kept.")
    assert desk.counts()["o/a"] == FULL["o/a"]


async def test_a_name_that_github_does_not_show_is_kept_with_why(desk: Desk) -> None:
    await desk.sync("o/none")
    ((name, why),) = desk.store.wishes()
    assert name == "o/none"
    assert "o/none" in why


async def test_a_rename_is_noted_once_and_the_old_name_asked_once(desk: Desk) -> None:
    await desk.sync("o/a")
    desk.github.repositories[0].name, desk.github.repositories[0].old_names = "o/new", ("o/a",)
    desk.github.log.clear()
    await desk.sync()
    await desk.sync()
    noted = [entry for entry in desk.store.audit_log() if entry.what == "repository renamed"]
    assert [(entry.before, entry.after) for entry in noted] == [("o/a", "o/new")]
    assert len(desk.github.asked("/o/a")) == 1


async def test_every_list_that_was_read_is_marked(desk: Desk) -> None:
    await desk.sync("o/a")
    lists = {one.entity: one.last_success_at for one in desk.store.entity_statuses(1, NOW.date())}
    assert {lists[entity] for entity in ("milestones", "issues", "comments", "labels", "details")} == {NOW}


async def test_the_first_sync_counts_as_a_full_read_and_the_next_is_due_in_a_week(desk: Desk) -> None:
    await desk.sync("o/a")
    assert desk.store.reconciled_at(1) == NOW
    desk.github.log.clear()
    await desk.sync()
    assert not desk.github.asked("sort=created")
    desk.syncer._clock = lambda: NOW + timedelta(days=7)
    await desk.sync()
    assert desk.github.asked("sort=created")
    assert desk.store.reconciled_at(1) == NOW + timedelta(days=7)


async def test_a_full_read_on_demand_tells_what_it_found(desk: Desk) -> None:
    await desk.sync("o/a")
    desk.github.repositories[0].issues.pop(1)
    desk.github.repositories[0].deleted.add(2)
    outcome = await desk.syncer.sync_once(["o/a"], explicit=True, full=True)
    assert outcome.results[0].full_read == "Read o/a in full: 5 items, 1 deleted."
    assert desk.counts()["o/a"][0] == 5
    assert outcome.changed


async def test_a_moved_item_is_noted_with_where_it_went(desk: Desk) -> None:
    await desk.sync(*BOTH)
    desk.github.repositories[0].issues.pop(1)
    desk.github.repositories[1].issues.append(issue(30, name="o/b"))
    desk.github.repositories[0].moved[2] = ("o/b", 30)
    await desk.syncer.sync_once(["o/a"], explicit=True, full=True)
    (entry,) = [entry for entry in desk.store.audit_log() if entry.what == "item moved"]
    assert (entry.target, entry.after) == ("o/a#2", "o/b#30")
    assert desk.counts() == {"o/a": (5, 1), "o/b": (7, 1)}


async def test_a_cancel_from_elsewhere_ends_the_sync_within_a_second(desk: Desk) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hang(url: str) -> None:
        if "/labels" in url:
            begun.set()
            go_on.wait(10)

    desk.github.before = hang
    cancelled: list[float] = []

    def cancel() -> None:
        begun.wait(10)
        cancelled.append(time.monotonic())
        desk.syncer.cancel()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    results = await desk.sync(*BOTH)
    took = time.monotonic() - cancelled[0]
    go_on.set()
    canceller.join()
    assert {result.ending for result in results.values()} == {Ending.STOPPED}
    assert took < 1
    desk.github.before = lambda url: None
    assert (await desk.sync(*BOTH))["o/a"].ending is Ending.OK


async def test_what_is_done_between_syncs_finds_none_and_no_page_comes_after(desk: Desk) -> None:
    await desk.sync(*BOTH)
    desk.github.repositories[0].issues.append(issue(9, 200, "o/a"))
    begun, go_on, removed = asyncio.Event(), threading.Event(), []
    loop = asyncio.get_running_loop()

    def hang(url: str) -> None:
        if "/issues" in url:
            loop.call_soon_threadsafe(begun.set)
            go_on.wait(10)

    async def forget() -> None:
        removed.append((await asyncio.wrap_future(desk.store.forget_repository(1)))[0])

    desk.github.before = hang
    syncs = [asyncio.create_task(desk.sync()), asyncio.create_task(desk.sync("o/a"))]
    await begun.wait()
    forgetting = asyncio.create_task(desk.syncer.between_syncs(forget))
    await asyncio.sleep(0)
    go_on.set()  # a page arrives although nobody wants it any more
    await forgetting
    endings = {result.ending for results in await asyncio.gather(*syncs) for result in results.values()}
    assert removed[0] > 0
    assert endings == {Ending.STOPPED}
    assert (await asyncio.wrap_future(desk.store.forget_repository(1)))[0] == 0
    assert list(desk.counts()) == ["o/b"]


async def test_a_milestone_without_items_costs_no_request(desk: Desk) -> None:
    desk.github.repositories[0].milestones.append(milestone(2, open_issues=0, closed_issues=0))
    await desk.sync("o/a")
    assert desk.github.asked("milestone=2") == []


def exchange(path: str = "/repos/o/a/issues") -> Exchange:
    return Exchange(
        at=NOW, host="api", repository="o/a", entity="issues", method="GET", path=path, status=200, outcome="ok",
        cost=1, resource="core", remaining=10, bytes_in=5, bytes_out=0, seconds=0.1,
    )  # fmt: skip


async def test_requests_are_written_in_batches_under_the_list_they_were_for() -> None:
    store, now = MemoryStore(), 0.0
    ledger = SyncLedger(store, steady=lambda: now)
    ledger.entity = "comments"
    ledger.observe(exchange())
    ledger.mark(1, "comments", NOW)
    await ledger.write_when_due()
    assert store.exchanges_logged == []
    now = EVERY_S
    await ledger.write_when_due()
    assert store.exchanges_logged == [replace(exchange(), entity="comments")]
    assert store.marks == {(1, "comments"): NOW}
    await ledger.write()
    assert len(store.exchanges_logged) == 1
