"""Every fault on the way, each with its fate, over a real socket into the real store.

Whatever GitHub or the network does to one repository: nobody sees a traceback, the other repository goes on, what
was collected stays, the next try is stored with a sentence, and once the fault is over the copy is right again.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.collect import connection
from galaxy_desktop.domain.sync import Page, SyncStatus
from galaxy_desktop.domain.work import RepositoryState as State
from galaxy_desktop.domain.work import WorkItem
from galaxy_desktop.errors import LimitError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.lanes import pause
from galaxy_desktop.services.sync import Ending, RepositoryResult, Syncer
from galaxy_desktop.store.database import Store
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, comment, issue, milestone, pull
from tests.services.http_github import Breakage, HttpGitHub, http_github

ROWS = 7
RESET = int((NOW + timedelta(minutes=10)).timestamp())
HTTP_NOW = NOW.strftime("%a, %d %b %Y %H:%M:%S GMT")
SSO = "https://github.com/orgs/o/sso?authorization_request=A1"
SECONDARY = '{"message": "You have exceeded a secondary rate limit."}'
TECHNICAL = ("Traceback", "Error(", "Exception", "urllib3", "requests.", "<class", "0x", "errno", "HTTPConnectionPool")


def repository(number: int, name: str) -> FakeRepository:
    """A repository with a sprint, items and a comment."""
    return FakeRepository(
        id=number,
        name=name,
        milestones=[milestone(1)],
        issues=[issue(n, n * 5, name, milestone={"number": 1}) for n in range(1, ROWS)],
        pulls=[pull(ROWS, 60, name)],
        comments=[comment(number * 100, 1, 3, name)],
    )


class Desk:
    """A syncer that asks a real server, and the store behind it."""

    def __init__(self, store: Store, server: HttpGitHub) -> None:
        self.store, self.server = store, server
        self.now = NOW
        self.pages: list[Page] = []
        self.patient = False
        self.syncer = Syncer(store, server.url, "t", clock=lambda: self.now, sleep=self._sleep)
        self._apply = store.apply
        store.apply = self._watched  # type: ignore[method-assign]

    async def _sleep(self, seconds: float, stop: Any) -> None:
        """Pauses cost no time, unless a test is about them."""
        await pause(seconds if self.patient else 0, stop)

    def _watched(self, page: Page) -> Any:
        self.pages.append(page)
        return self._apply(page)

    async def sync(self, *names: str, explicit: bool = False, stop: Any = None) -> dict[str, RepositoryResult]:
        """Sync in the background, as the schedule does, and give the results by name."""
        outcome = await self.syncer.sync_once(names or None, explicit=explicit, stop=stop)
        return {result.full_name: result for result in outcome.results}

    def repositories(self) -> list[FakeRepository]:
        return self.server.github.repositories

    def status(self, number: int = 1) -> SyncStatus:
        found = self.store.status(number)
        assert found is not None
        return found

    def titles(self, number: int = 1) -> dict[int, str]:
        return {item.number: item.title for item in self.store.snapshot().items if item.repository_id == number}

    def true_titles(self, number: int = 1) -> dict[int, str]:
        there = next(one for one in self.repositories() if one.id == number)
        return {row["number"]: row["title"] for row in (*there.issues, *there.pulls)}


@pytest.fixture
async def desk(tmp_path: Path) -> Any:
    """Two repositories, both synced once; then something changes in each."""
    github = FakeGitHub(repository(1, "o/a"), repository(2, "o/b"), page_size=3)
    with http_github(github) as server, Store.open(DataFolder(tmp_path)) as store:
        server.date = HTTP_NOW
        desk = Desk(store, server)
        await desk.sync("o/a", "o/b")
        for one in github.repositories:
            one.issues += [issue(n, 500 + n, one.name) for n in range(20, 29)]
            one.issues[0] = {**one.issues[0], "title": "Changed", "updated_at": one.issues[-1]["updated_at"]}
        yield desk
        await desk.syncer.close()


@dataclass(frozen=True)
class Fate:
    """A fault, and what becomes of the repository that meets it."""

    name: str
    breakage: Breakage
    state: State
    words: str
    whole: bool = False
    """Whether it is about everything: then the other repository waits too."""


def answers(status: int, body: str = "", **headers: str) -> Breakage:
    return Breakage("", status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


COUNTED = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": str(RESET), "X_RateLimit_Resource": "core"}
FATES = (
    Fate("token wrong", answers(401, '{"message": "Bad credentials"}'), State.TOKEN_REJECTED, "wrong, expired or revoked"),
    Fate("token expired", answers(401, '{"message": "Token expired"}'), State.TOKEN_REJECTED, "has expired"),
    Fate(
        "a permission is missing",
        answers(403, '{"message": "Resource not accessible"}', X_Accepted_GitHub_Permissions="issues=read"),
        State.NO_ACCESS,
        "Give it the permission issues: read",
    ),
    Fate(
        "a scope is missing",
        answers(403, "{}", X_OAuth_Scopes="gist", X_Accepted_OAuth_Scopes="repo"),
        State.NO_ACCESS,
        "the scope repo (it has gist)",
    ),
    Fate("single sign-on", answers(403, "{}", X_GitHub_SSO=f"required; url={SSO}"), State.NO_ACCESS, SSO),
    Fate("primary limit", answers(403, "{}", **COUNTED), State.WAITING, "used up until 12:10", whole=True),
    Fate("primary limit as 429", answers(429, "{}", **COUNTED), State.WAITING, "used up until 12:10", whole=True),
    Fate("secondary limit", answers(403, SECONDARY, Retry_After="120"), State.WAITING, "slow down", whole=True),
    Fate("secondary limit that names no end", answers(403, SECONDARY), State.WAITING, "slow down", whole=True),
    Fate("429", answers(429, "{}", Retry_After="120"), State.WAITING, "slow down", whole=True),
    Fate("429 without a word", answers(429), State.WAITING, "slow down", whole=True),
    Fate("404", answers(404, '{"message": "Not Found"}'), State.NO_ACCESS, "No access since 12:00"),
    Fate("451", answers(451, '{"message": "blocked"}'), State.LEGAL_BLOCK, "legal reasons"),
    Fate("500", answers(500), State.FAILED, "trouble (status 500)"),
    Fate("502", answers(502, '{"message": "Server Error"}'), State.FAILED, "trouble (status 502)"),
    Fate("503 with a page", answers(503, "<html>Unicorn</html>"), State.FAILED, "trouble (status 503)"),
    Fate("200 with a page", answers(200, "<html>Log in</html>"), State.FAILED, "A web page came"),
    Fate("202", answers(202), State.FAILED, "still preparing"),
    Fate("half a JSON text", Breakage("", half=True), State.FAILED, "not a whole answer"),
    Fate("no JSON at all", answers(200, "so sorry"), State.FAILED, "not a whole answer"),
    Fate("a list of numbers", answers(200, "[1, 2]"), State.FAILED, "of a shape"),
    Fate("rows without their fields", answers(200, '[{"id": 1}]'), State.FAILED, "cannot be read"),
    Fate("dropped before the answer", Breakage("", drop=True), State.FAILED, "broke off"),
    Fate("dropped in the body", Breakage("", cut=20), State.FAILED, "broke off"),
)  # fmt: skip


@pytest.mark.parametrize("fate", FATES, ids=lambda fate: fate.name)
async def test_a_fault_has_its_fate(desk: Desk, fate: Fate) -> None:
    desk.server.breakages.append(replace(fate.breakage, match=r"/o/a/issues\?"))
    before = desk.titles()
    desk.pages.clear()
    results = await desk.sync()
    assert desk.server.breakages[0].met
    _is_told(desk, results["o/a"], fate)
    assert before.keys() <= desk.titles().keys() == before.keys() | _numbers(desk.pages, 1)
    if not fate.whole:
        assert results["o/b"].ending is Ending.OK
        assert desk.titles(2) == desk.true_titles(2)
    await _heals(desk)


def _is_told(desk: Desk, result: RepositoryResult, fate: Fate) -> None:
    """The state and its sentence are stored, with the next try."""
    status = desk.status()
    assert (result.state, status.state) == (fate.state, fate.state)
    assert fate.words in status.sentence
    assert not [word for word in TECHNICAL if word in status.sentence]
    assert status.synced_at == NOW
    assert status.next_try_at is not None
    assert status.next_try_at > NOW


async def _heals(desk: Desk) -> None:
    """Once the fault is over, at the next try, the copy is right again."""
    desk.server.breakages.clear()
    desk.now = max(status.next_try_at or NOW for status in (desk.status(), desk.status(2)))
    results = await desk.sync()
    assert {result.ending for result in results.values()} == {Ending.OK}
    assert desk.titles() == desk.true_titles()
    assert desk.titles(2) == desk.true_titles(2)
    assert desk.status().state is State.SYNCED


def _numbers(pages: list[Page], repository_id: int) -> set[int]:
    """The items of the pages that were handed to the store."""
    records = [record for page in pages if page.repository_id == repository_id for record in page.records]
    return {record.number for record in records if isinstance(record, WorkItem)}


@pytest.mark.parametrize("fate", [fate for fate in FATES if not fate.whole], ids=lambda fate: fate.name)
async def test_a_fault_at_the_first_question_leaves_the_other_repository_alone(desk: Desk, fate: Fate) -> None:
    desk.server.breakages.append(replace(fate.breakage, match=r"/o/a(\?|$)"))
    results = await desk.sync()
    assert results["o/b"].ending is Ending.OK
    assert desk.titles(2) == desk.true_titles(2)
    if results["o/a"].ending is not Ending.OK:  # what is missing may be noted instead
        assert not [word for word in TECHNICAL if word in desk.status().sentence]
        assert desk.status().next_try_at is not None
    await _heals(desk)


async def test_issues_that_are_switched_off_stay_as_they_are_and_the_rest_is_read(desk: Desk) -> None:
    before = desk.titles()
    desk.server.breakages.append(Breakage(r"/o/a/(issues|milestones)", 410, {}, '{"message": "Issues are disabled"}'))
    results = await desk.sync()
    assert results["o/a"].state is State.ISSUES_DISABLED
    assert "switched off" in desk.status().sentence
    assert before.keys() <= desk.titles().keys()
    await _heals(desk)


async def test_a_server_that_stalls_holds_nobody_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ANSWER_S", 0.1)
    desk.server.breakages.append(Breakage(r"/o/a/issues\?", stall=True))
    results = await desk.sync()
    assert results["o/b"].ending is Ending.OK
    assert (results["o/a"].state, "did not answer" in desk.status().sentence) == (State.FAILED, True)
    await _heals(desk)


@pytest.mark.parametrize("hours", [-30, -5, 5, 30])
async def test_a_clock_that_is_off_by_hours_loses_nothing_and_waits_no_longer(desk: Desk, hours: int) -> None:
    desk.now = NOW + timedelta(hours=hours)
    desk.server.breakages.append(replace(answers(403, "{}", **COUNTED), match=r"/o/a/issues\?"))
    await desk.sync()
    assert desk.status().next_try_at == desk.now + timedelta(minutes=10)
    await _heals(desk)


async def test_nobody_listening_is_offline_for_all_and_counted_from_the_first_time(desk: Desk) -> None:
    desk.server.close()
    await desk.sync()
    desk.now = NOW + timedelta(minutes=30)
    results = await desk.sync()
    assert {result.ending for result in results.values()} == {Ending.OFFLINE}
    assert desk.status().offline_since == NOW
    assert desk.titles()
    assert desk.status().next_try_at is not None


async def _in_flight(desk: Desk) -> None:
    while not desk.server.stalled.is_set():  # noqa: ASYNC110 - set by the server's thread
        await asyncio.sleep(0.01)


async def test_cancel_does_not_wait_for_a_server_that_stalls(desk: Desk) -> None:
    desk.server.breakages.append(Breakage(r"/o/a", stall=True))
    stop = threading.Event()
    syncing = asyncio.ensure_future(desk.sync(explicit=True, stop=stop))
    await _in_flight(desk)
    stop.set()
    began = time.monotonic()
    results = await syncing
    assert time.monotonic() - began < 1
    assert {result.ending for result in results.values()} <= {Ending.STOPPED, Ending.OK}
    assert desk.status().state is State.SYNCED  # what is stored was true before and is true now


@pytest.mark.parametrize(
    "breakage", [answers(403, SECONDARY, Retry_After="20"), answers(502)], ids=["a limit", "a retry"]
)
async def test_cancel_does_not_wait_for_a_pause(desk: Desk, breakage: Breakage) -> None:
    desk.patient = True
    desk.server.breakages.append(replace(breakage, match=r"/o/\w/"))
    stop = threading.Event()
    syncing = asyncio.ensure_future(desk.sync(explicit=True, stop=stop))
    while not desk.server.breakages[0].met:  # noqa: ASYNC110 - counted by the server's thread
        await asyncio.sleep(0.01)
    stop.set()
    began = time.monotonic()
    await syncing
    assert time.monotonic() - began < 1


def _moved(desk: Desk) -> Iterator[FakeRepository]:
    yield from (one for one in desk.repositories() if one.id == 1)


async def test_a_rename_or_transfer_is_followed_noted_and_asked_once(desk: Desk) -> None:
    (mine,) = _moved(desk)
    mine.name, mine.old_names = "other/new", ("o/a",)
    away = {"Location": f"{desk.server.url}/repositories/1"}
    desk.server.breakages.append(Breakage(r"/repos/o/a$", 301, away, "{}"))
    await desk.sync()
    assert desk.titles() == desk.true_titles()
    assert [found.full_name for found in desk.store.repositories()] == ["o/b", "other/new"]
    desk.server.asked.clear()
    await desk.sync()
    assert [path for path in desk.server.asked if path.startswith("/repos/o/a")] == []
    noted = [entry for entry in desk.store.audit_log() if entry.what == "repository renamed"]
    assert [(entry.before, entry.after) for entry in noted] == [("o/a", "other/new")]


async def test_items_that_were_deleted_or_transferred_are_found_by_a_full_read(desk: Desk) -> None:
    (mine,) = _moved(desk)
    mine.issues = [row for row in mine.issues if row["number"] not in (2, 3)]
    mine.deleted.add(2)
    mine.moved[3] = ("o/b", 20)
    desk.now = NOW + timedelta(days=8)
    await desk.sync()
    assert desk.titles() == desk.true_titles()
    assert [e.after for e in desk.store.audit_log() if e.what == "item moved"] == ["o/b#20"]


async def test_people_whose_account_is_gone_are_no_obstacle(desk: Desk) -> None:
    (mine,) = _moved(desk)
    mine.issues = [{**row, "user": None, "updated_at": "2026-05-06T11:00:00Z"} for row in mine.issues]
    mine.comments = [{**row, "user": None, "updated_at": "2026-05-06T11:00:00Z"} for row in mine.comments]
    await desk.sync()
    authors = {item.author for item in desk.store.snapshot().items if item.repository_id == 1 and item.number != ROWS}
    assert authors == {None}


async def test_a_milestone_that_is_renamed_and_moved_is_seen_though_no_issue_changed(desk: Desk) -> None:
    await desk.sync()
    (mine,) = _moved(desk)
    mine.milestones = [milestone(1, title="Later", due_on="2026-09-01T07:00:00Z", updated_at="2026-05-06T11:00:00Z")]
    await desk.sync()
    (found,) = [one for one in desk.store.snapshot().milestones if one.repository_id == 1]
    assert (found.title, str(found.due_on)) == ("Later", "2026-09-01")


async def test_fifteen_rows_of_one_second_come_all(desk: Desk) -> None:
    (mine,) = _moved(desk)
    mine.issues += [issue(n, 700, mine.name) for n in range(40, 55)]
    await desk.sync()
    mine.issues += [issue(n, 700, mine.name) for n in range(55, 58)]  # GitHub's replicas lag
    await desk.sync()
    assert desk.titles() == desk.true_titles()


async def test_a_page_that_shrinks_while_it_is_read_hides_nothing(desk: Desk) -> None:
    (mine,) = _moved(desk)
    mine.issues += [issue(n, 700, mine.name) for n in range(40, 50)]

    def shrink(url: str) -> None:
        if url.startswith("/repos/o/a/issues&") and "page=2" in url:
            mine.issues = [row for row in mine.issues if row["number"] != 40]

    answer = desk.server.github._answer

    def shrinking(path: str, query: dict[str, str], url: str) -> tuple[int, dict[str, str], str]:
        shrink(url)
        return answer(path, query, url)

    desk.server.github._answer = shrinking  # type: ignore[method-assign]
    await desk.sync()
    assert desk.true_titles().items() <= desk.titles().items()


class _WithoutPoints(FakeGitHub):
    """A GitHub that offers GraphQL, with nothing left of its quota."""

    signed_in = True

    def graphql(self, query: str, variables: Mapping[str, Any], *, entity: str = "graphql") -> Mapping[str, Any]:
        raise LimitError(
            "GitHub's rate limit of GraphQL is used up until 12:10.", NOW + timedelta(minutes=10), "graphql"
        )


async def test_points_of_graphql_that_are_used_up_leave_rest_alone(tmp_path: Path) -> None:
    github = _WithoutPoints(repository(1, "o/a"), repository(2, "o/b"))
    with Store.open(DataFolder(tmp_path)) as store:
        syncer = Syncer(store, "https://api", "t", clock=lambda: NOW, connect=lambda *_: github)
        outcome = await syncer.sync_once(["o/a", "o/b"])
        await syncer.close()
        assert {result.ending for result in outcome.results} == {Ending.OK}
        assert {fresh.items for fresh in store.freshness()} == {ROWS}
        assert store.cursor(1, "details") is None  # not asked, so not marked as read
