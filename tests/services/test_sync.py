"""Repositories synced side by side into the real store: what is stored, said and told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.domain.events import Event, FreshnessChanged, SyncProgressed
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.errors import BrokenAnswerError, CancelledByUserError, OfflineError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.sync import Ending, Syncer
from galaxy_desktop.store.database import Store
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, Fault, comment, issue, milestone, pull

LIMIT = '{"message": "You have exceeded a secondary rate limit."}'


def repository(number: int, name: str) -> FakeRepository:
    """A repository with a sprint, items and a comment."""
    return FakeRepository(
        id=number,
        name=name,
        milestones=[milestone(1)],
        issues=[issue(n, n * 5, name, milestone={"number": 1}) for n in range(1, 6)],
        pulls=[pull(7, 60, name)],
        comments=[comment(number * 100, 1, 3, name)],
    )


class Desk:
    """A syncer with its fake GitHub, its store, what it said and how long it waited."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.github = FakeGitHub(repository(1, "o/a"), repository(2, "o/b"), page_size=3)
        self.events: list[Event] = []
        self.waits: list[float] = []
        self.budget: Budget | None = None
        self.syncer = Syncer(
            store, "https://api", "t", self.events.append, lambda: NOW, connect=self._connect, sleep=self._sleep
        )

    def _connect(self, url: str, token: str | None, budget: Budget, clock: Callable[[], Any]) -> FakeGitHub:
        self.budget = budget
        return self.github

    async def _sleep(self, seconds: float, stop: Any) -> None:
        self.waits.append(seconds)
        if stop is not None and stop.is_set():
            raise CancelledByUserError("Stopped.")
        await asyncio.sleep(0)

    async def sync(self, *names: str, explicit: bool = True, stop: Any = None) -> dict[str, Any]:
        """Sync and give the results by name."""
        outcome = await self.syncer.sync_once(names or None, explicit=explicit, stop=stop)
        return {result.full_name: result for result in outcome.results}

    def counts(self) -> dict[str, tuple[int, int]]:
        return {f.repository.full_name: (f.items, f.comments) for f in self.store.freshness()}

    def states(self) -> dict[str, RepositoryState]:
        return {f.repository.full_name: f.state for f in self.store.freshness()}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Everything at hand, nothing stored."""
    with Store.open(DataFolder(tmp_path)) as store:
        yield Desk(store)


BOTH = ("o/a", "o/b")
FULL = {"o/a": (6, 1), "o/b": (6, 1)}


async def test_new_names_are_found_read_and_stored(desk: Desk) -> None:
    results = await desk.sync(*BOTH)
    assert {name: result.ending for name, result in results.items()} == dict.fromkeys(BOTH, Ending.OK)
    assert desk.counts() == FULL
    assert desk.store.wanted() == ()
    assert {f.synced_at for f in desk.store.freshness()} == {NOW}


async def test_a_quiet_sync_changes_nothing_and_is_all_304(desk: Desk) -> None:
    await desk.sync(*BOTH)
    await desk.sync()
    desk.github.log.clear()
    results = await desk.sync()
    assert {status for _, status in desk.github.log} == {304}
    assert not any(result.changed for result in results.values())


async def test_only_the_named_repositories_are_synced(desk: Desk) -> None:
    await desk.sync(*BOTH)
    desk.github.log.clear()
    assert list(await desk.sync("O/A")) == ["o/a"]
    assert desk.github.asked("/o/b") == []


async def test_one_request_is_in_flight_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    busy, beside, get = threading.Lock(), [], desk.github.get

    def alone(path: str, parameters: Any = None, etag: str | None = None) -> Any:
        if not busy.acquire(blocking=False):
            beside.append(path)
            return get(path, parameters, etag)
        try:
            return get(path, parameters, etag)
        finally:
            busy.release()

    monkeypatch.setattr(desk.github, "get", alone)
    await desk.sync(*BOTH)
    assert beside == []
    assert len(desk.github.log) > 20


async def test_a_repository_that_fails_leaves_the_others_alone(desk: Desk) -> None:
    desk.github.faults.append(Fault("/repos/o/a/labels", times=99, status=502))
    results = await desk.sync(*BOTH)
    assert (results["o/a"].ending, results["o/b"].ending) == (Ending.BROKEN, Ending.OK)
    assert desk.states() == {"o/a": RepositoryState.FAILED, "o/b": RepositoryState.SYNCED}
    assert desk.counts()["o/b"] == FULL["o/b"]


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        pytest.param(Fault("/issues&", times=2, status=502), [1, 4], id="trouble twice"),
        pytest.param(Fault("/milestones", status=503, body="<html>"), [1], id="unicorn"),
        pytest.param(Fault("/issues&", status=200, body='[{"id": 1, "num'), [1], id="half a JSON text"),
        pytest.param(Fault("page=2", error=BrokenAnswerError("dropped")), [1], id="dropped in the middle"),
        pytest.param(Fault("/labels", error=OfflineError("away")), [1], id="away for a moment"),
        pytest.param(Fault("/issues", status=403, headers={"retry-after": "2"}, body=LIMIT), [2.5], id="limit"),
        pytest.param(Fault("/milestones", status=429, body=LIMIT), [1], id="429 without Retry-After"),
        pytest.param(Fault("/labels", times=3, status=429), [1, 4, 16], id="429 three times"),
    ],
)
async def test_an_explicit_sync_gets_over(desk: Desk, fault: Fault, waits: list[float]) -> None:
    desk.github.faults.append(fault)
    await desk.sync("o/a")
    assert desk.waits == waits
    assert desk.counts()["o/a"] == FULL["o/a"]
    assert desk.states()["o/a"] is RepositoryState.SYNCED


@pytest.mark.parametrize(
    ("fault", "ending", "state"),
    [
        pytest.param({"status": 401}, Ending.REFUSED, RepositoryState.TOKEN_REJECTED, id="token"),
        pytest.param({"status": 404}, Ending.REFUSED, RepositoryState.NO_ACCESS, id="not there"),
        pytest.param({"status": 403}, Ending.REFUSED, RepositoryState.NO_ACCESS, id="forbidden"),
        pytest.param({"status": 451}, Ending.REFUSED, RepositoryState.LEGAL_BLOCK, id="legal"),
        pytest.param({"status": 500}, Ending.BROKEN, RepositoryState.FAILED, id="trouble"),
        pytest.param({"error": OfflineError("Away.")}, Ending.OFFLINE, RepositoryState.OFFLINE, id="offline"),
        pytest.param(
            {"status": 403, "headers": {"retry-after": "600"}}, Ending.REFUSED, RepositoryState.WAITING, id="limit"
        ),
    ],
)
async def test_a_failure_becomes_a_state_and_keeps_the_data(
    desk: Desk, fault: dict[str, Any], ending: Ending, state: RepositoryState
) -> None:
    await desk.sync("o/a")
    desk.github.faults.append(Fault("/repos/o/a&?$", times=99, **fault))
    results = await desk.sync("o/a")
    status = desk.store.status(1)
    assert (results["o/a"].ending, results["o/a"].state) == (ending, state)
    assert status is not None
    assert (status.state, status.sentence) == (state, results["o/a"].sentence)
    assert status.synced_at == NOW
    assert status.next_try_at is not None
    assert status.next_try_at > NOW
    assert desk.counts()["o/a"] == FULL["o/a"]


async def test_a_limit_that_lasts_is_stored_with_its_moment_and_not_waited_for(desk: Desk) -> None:
    await desk.sync("o/a")
    desk.github.faults.append(Fault("/labels", status=429, headers={"retry-after": "600"}))
    outcome = await desk.syncer.sync_once(explicit=True)
    status = desk.store.status(1)
    assert desk.waits == []
    assert "limit" in outcome.refused[0]
    assert status is not None
    assert status.next_try_at == NOW + timedelta(seconds=600)


async def test_a_limit_that_never_ends_is_given_up(desk: Desk) -> None:
    desk.github.faults.append(Fault("/labels", times=99, status=429, headers={"retry-after": "2"}))
    results = await desk.sync("o/a")
    assert results["o/a"].state is RepositoryState.WAITING
    assert len(desk.waits) == 5


async def test_in_the_background_limits_are_left_to_the_schedule(desk: Desk) -> None:
    desk.github.faults.append(Fault("/labels", times=9, status=429))
    results = await desk.sync("o/a", explicit=False)
    assert (results["o/a"].state, desk.waits) == (RepositoryState.WAITING, [])
    assert desk.budget is not None
    with pytest.raises(Exception, match="limit"):
        desk.budget.check()


async def test_offline_counts_from_the_first_failure(desk: Desk) -> None:
    await desk.sync("o/a")
    desk.github.faults.append(Fault(".", times=99, error=OfflineError("Away.")))
    await desk.sync()
    first = desk.store.status(1)
    desk.syncer._clock = lambda: NOW + timedelta(hours=1)
    await desk.sync()
    again = desk.store.status(1)
    assert first is not None
    assert again is not None
    assert first.offline_since == again.offline_since == NOW


async def test_a_name_that_cannot_be_found_stays_wished_for_with_a_sentence(desk: Desk) -> None:
    results = await desk.sync("o/none")
    assert results["o/none"].ending is Ending.REFUSED
    assert "o/none" in results["o/none"].sentence
    assert desk.store.wanted() == ("o/none",)
    desk.github.repositories.append(repository(3, "o/none"))
    assert (await desk.sync())["o/none"].ending is Ending.OK
    assert desk.store.wanted() == ()


async def test_polls_leave_a_refused_name_alone_for_an_hour_and_a_person_does_not_wait(desk: Desk) -> None:
    def asked() -> int:
        return sum("/repos/o/none" in path for path in desk.github.log)

    await desk.sync("o/none")
    await desk.sync("o/a")
    await desk.syncer.sync_once()
    assert asked() == 1
    await desk.syncer.sync_once(explicit=True)
    assert asked() == 2
    desk.syncer._clock = lambda: NOW + timedelta(hours=1, seconds=1)
    await desk.syncer.sync_once()
    assert asked() == 3


async def test_a_refused_name_that_is_wished_for_again_is_asked_with_the_next_poll(desk: Desk) -> None:
    await desk.sync("o/none")
    desk.github.repositories.append(repository(3, "o/none"))
    assert (await desk.syncer.sync_once()).results == ()
    desk.store.track("o/none").result()
    assert [one.full_name for one in (await desk.syncer.sync_once()).results] == ["o/none"]


async def test_a_name_that_was_never_seen_says_that_nothing_is_stored_and_how_to_remove_it(desk: Desk) -> None:
    sentence = (await desk.sync("o/none"))["o/none"].sentence
    assert "Nothing of it is stored" in sentence
    assert sentence.endswith("galaxy-desktop untrack o/none")


async def test_offline_promises_work_with_what_is_stored_only_where_something_is(desk: Desk) -> None:
    await desk.sync("o/a")
    desk.github.faults.append(Fault("/repos/", times=99, error=OfflineError("GitHub cannot be reached.")))
    results = await desk.sync("o/a", "o/b")
    assert results["o/a"].sentence == "GitHub cannot be reached. Work goes on with what is stored."
    assert results["o/b"].sentence == "GitHub cannot be reached."


async def test_a_rename_keeps_the_repository_and_its_items(desk: Desk) -> None:
    await desk.sync(*BOTH)
    desk.github.repositories[0].name, desk.github.repositories[0].old_names = "o/new", ("o/a",)
    await desk.sync()
    assert desk.counts() == {"o/new": (6, 1), "o/b": (6, 1)}


async def test_an_old_name_makes_no_second_repository(desk: Desk) -> None:
    await desk.sync(*BOTH)
    desk.github.repositories[0].name, desk.github.repositories[0].old_names = "o/new", ("o/a",)
    await desk.sync()
    desk.store.track("o/a").result()
    await desk.sync()
    assert [r.full_name for r in desk.store.repositories()] == ["o/b", "o/new"]
    assert desk.store.wanted() == ()
    assert list(await desk.sync("o/a")) == ["o/new"]


async def test_old_and_new_name_together_are_one_repository(desk: Desk) -> None:
    desk.github.repositories[0].old_names = ("o/old",)
    results = await desk.sync("o/old", "o/a")
    assert list(results) == ["o/a"]
    assert len(desk.store.repositories()) == 1
    assert len(desk.github.asked("/labels")) == 1


async def test_disabled_issues_are_a_state_and_keep_the_items(desk: Desk) -> None:
    await desk.sync("o/a")
    desk.github.repositories[0].has_issues = False
    results = await desk.sync()
    assert results["o/a"].ending is Ending.OK
    assert desk.states() == {"o/a": RepositoryState.ISSUES_DISABLED}
    assert desk.counts() == {"o/a": FULL["o/a"]}


async def test_listeners_hear_of_each_page_and_of_the_end(desk: Desk) -> None:
    await desk.sync("o/a")
    stages = [event.stage for event in desk.events if isinstance(event, SyncProgressed)]
    states = [event.freshness.state for event in desk.events if isinstance(event, FreshnessChanged)]
    assert stages.index("current sprint") < stages.index("issues")
    assert states == [RepositoryState.SYNCING, RepositoryState.SYNCED]


async def test_progress_says_how_much_is_to_come(desk: Desk) -> None:
    await desk.sync("o/a")
    steps = [(e.rows, e.total) for e in desk.events if isinstance(e, SyncProgressed) and e.stage == "current sprint"]
    assert steps == [(3, 103), (5, 5)]


async def test_closing_in_the_middle_ends_as_stopped_and_cancels_no_caller(desk: Desk) -> None:
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hang(url: str) -> None:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(10)

    await desk.sync("o/a")
    desk.github.before = hang
    task = loop.create_task(desk.sync())
    await begun.wait()
    await desk.syncer.close()
    go_on.set()
    assert (await task)["o/a"].ending is Ending.STOPPED


async def test_syncing_is_told_and_never_stored(desk: Desk) -> None:
    seen: list[RepositoryState] = []
    desk.github.before = lambda url: seen.extend(s for s in desk.states().values())
    await desk.sync("o/a")
    await desk.sync("o/a")
    assert RepositoryState.SYNCING not in seen


async def test_a_stop_ends_the_sync_and_keeps_what_came(desk: Desk) -> None:
    stop = threading.Event()
    desk.github.before = lambda url: stop.set() if "/issues/comments" in url else None
    results = await desk.sync("o/a", stop=stop)
    assert results["o/a"].ending is Ending.STOPPED
    assert desk.counts()["o/a"][0] > 0
    desk.github.before = lambda url: None
    await desk.sync("o/a")
    assert desk.counts()["o/a"] == FULL["o/a"]


async def test_a_stop_tells_that_the_sync_is_over(desk: Desk) -> None:
    await desk.sync("o/a")
    stop = threading.Event()
    desk.github.before = lambda url: stop.set() if "/labels" in url else None
    await desk.sync("o/a", stop=stop)
    last = [event for event in desk.events if isinstance(event, FreshnessChanged)][-1]
    assert last.freshness.state is RepositoryState.SYNCED


async def test_a_stop_ends_a_wait(desk: Desk) -> None:
    stop = threading.Event()
    desk.github.faults.append(Fault("/labels", times=9, status=502))
    desk.github.before = lambda url: stop.set() if "/labels" in url else None
    assert (await desk.sync("o/a", stop=stop))["o/a"].ending is Ending.STOPPED


async def test_a_bug_in_one_lane_is_raised_after_the_others_finished(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.github.faults.append(Fault("/o/a/labels", error=ZeroDivisionError("a bug")))
    with pytest.raises(ZeroDivisionError):
        await desk.sync(*BOTH)
    assert desk.counts()["o/b"] == FULL["o/b"]
    assert "sync o/a failed" in caplog.text
    told = {e.freshness.repository.full_name: e.freshness.state for e in desk.events if isinstance(e, FreshnessChanged)}
    assert RepositoryState.SYNCING not in told.values()


async def test_a_cancelled_sync_leaves_no_task_behind(desk: Desk) -> None:
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hang(url: str) -> None:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(10)

    desk.github.before = hang
    task = loop.create_task(desk.sync("o/a"))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    assert desk.syncer._tasks.names == ()


async def test_two_syncs_at_once_run_one_after_the_other(desk: Desk) -> None:
    first, second = await asyncio.gather(desk.sync(*BOTH), desk.sync())
    assert (len(first), len(second)) == (2, 2)
    assert desk.counts() == FULL


async def test_the_outcome_counts_what_the_schedule_needs(desk: Desk) -> None:
    await desk.syncer.sync_once(["o/a"], explicit=True)
    assert desk.budget is not None
    desk.budget.note({"x-poll-interval": "300"})
    outcome = await desk.syncer.sync_once()
    assert outcome.poll_interval == timedelta(seconds=300)
    await desk.syncer.close()
    assert desk.github.closed >= 1
