"""Lists given newest first: read down to what is known, and never believed complete before they are."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest

from galaxy_desktop.collect.history import counts
from galaxy_desktop.collect.lists import COMMITS, EVENTS, PULLS, RUNS
from galaxy_desktop.collect.newest import NewestList, read_newest, read_newest_history
from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.domain.work import Commit, ItemEvent, WorkItem
from tests.collect.fakes import FakeGitHub, Fault, MemoryStore, at, event, pull

Walk = Callable[[NewestList], list[Any]]


@pytest.fixture
def walk(reading: Reading, store: MemoryStore) -> Walk:
    """Read one list with its history, store it, and give the records that came."""

    def run(what: NewestList) -> list[Any]:
        found: list[Any] = []
        for page in chain(read_newest(reading, what), read_newest_history(reading, what)):
            store.apply(page)
            found += page.records
        return found

    return run


def commit(number: int, day: int) -> dict[str, Any]:
    who = {"committer": {"date": at(day * 1440)}, "message": "m"}
    return {"sha": f"c{number}", "commit": who, "author": None, "html_url": "u"}


def run_row(number: int, status: str = "completed") -> dict[str, Any]:
    base = {"id": number, "name": "ci", "status": status, "created_at": at(number), "html_url": "u"}
    return base | {
        "head_sha": "s",
        "conclusion": "success" if status == "completed" else None,
        "updated_at": at(number),
    }


def test_the_first_read_goes_to_the_end(github: FakeGitHub, walk: Walk) -> None:
    github.repositories[0].pulls = [pull(n) for n in range(1, 9)]
    assert sorted(item.number for item in walk(PULLS)) == list(range(1, 9))


def test_a_quiet_list_costs_one_304(github: FakeGitHub, walk: Walk) -> None:
    github.repositories[0].pulls = [pull(n) for n in range(1, 9)]
    walk(PULLS)
    github.log.clear()
    assert walk(PULLS) == []
    assert [status for _, status in github.log] == [304]


def test_a_later_read_stops_at_what_is_known(github: FakeGitHub, walk: Walk) -> None:
    rows = github.repositories[0].pulls
    rows += [pull(n, n * 10) for n in range(1, 9)]
    walk(PULLS)
    rows[0] = pull(1, 500)
    github.log.clear()
    assert [item.number for item in walk(PULLS)] == [1, 8]  # 8 lies in the overlap
    assert len(github.log) == 1


def test_the_page_is_spelled_out_in_every_url(github: FakeGitHub, walk: Walk) -> None:
    github.repositories[0].pulls = [pull(n) for n in range(1, 6)]
    walk(PULLS)
    assert [url[url.index("&page") :][:7] for url, _ in github.log] == ["&page=1", "&page=2"]


def test_a_history_that_was_cut_off_goes_on_after_a_look_at_the_top(
    github: FakeGitHub, reading: Reading, store: MemoryStore, walk: Walk
) -> None:
    rows = github.repositories[0].events
    rows += [event(n) for n in range(1, 14)]
    for page in read_newest(reading, EVENTS):
        store.apply(page)
    past = read_newest_history(reading, EVENTS)
    for _ in range(2):
        store.apply(next(past))
    rows.append(event(14))
    github.log.clear()
    walk(EVENTS)
    assert {e.id for e in store.of_kind(ItemEvent)} == set(range(1, 15))
    assert [url[url.index("&page") :][:7] for url, _ in github.log] == ["&page=1", "&page=3", "&page=4", "&page=5"]


def test_a_walk_for_news_that_was_cut_off_goes_on_and_then_looks_at_the_top(
    github: FakeGitHub, reading: Reading, store: MemoryStore, walk: Walk
) -> None:
    rows = github.repositories[0].events
    rows.append(event(1))
    walk(EVENTS)
    rows += [event(n) for n in range(2, 14)]
    pages = read_newest(reading, EVENTS)
    for _ in range(2):
        store.apply(next(pages))
    rows.append(event(14))
    walk(EVENTS)
    assert {e.id for e in store.of_kind(ItemEvent)} == set(range(1, 15))


def test_news_is_known_while_history_is_still_long(github: FakeGitHub, reading: Reading, store: MemoryStore) -> None:
    rows = github.repositories[0].events
    rows += [event(n) for n in range(1, 14)]
    for page in read_newest(reading, EVENTS):
        store.apply(page)
    rows.append(event(14))
    assert next(e.id for page in read_newest(reading, EVENTS) for e in page.records if isinstance(e, ItemEvent)) == 14
    assert counts(store.cursors[1, "events:history"]) == (3, 500)


def test_a_walk_of_events_has_no_end_but_githubs(github: FakeGitHub, store: MemoryStore, walk: Walk) -> None:
    github.repositories[0].events = [event(n) for n in range(1, 700)]
    walk(EVENTS)
    assert len(store.of_kind(ItemEvent)) == 699


def test_a_page_too_far_down_ends_the_history(github: FakeGitHub, store: MemoryStore, walk: Walk) -> None:
    github.repositories[0].events = [event(n) for n in range(1, 9)]
    github.faults.append(Fault("page=3", status=422))
    assert len(walk(EVENTS)) == 6
    assert store.cursors[1, "events:history"].complete


def test_commits_start_ninety_days_before_the_newest(github: FakeGitHub, walk: Walk) -> None:
    github.repositories[0].commits = [commit(n, day) for n, day in enumerate((200, 190, 150, 105, 90, 50, 10))]
    walk(COMMITS)
    assert len(github.log) == 2


def test_a_merged_branch_brings_older_commits(github: FakeGitHub, store: MemoryStore, walk: Walk) -> None:
    rows = github.repositories[0].commits
    rows += [commit(1, 200), commit(2, 190)]
    walk(COMMITS)
    rows[:] = [commit(4, 201), commit(1, 200), commit(3, 195), commit(2, 190)]
    walk(COMMITS)
    assert {c.sha for c in store.of_kind(Commit)} == {"c1", "c2", "c3", "c4"}


def test_an_empty_repository_has_no_commits(github: FakeGitHub, store: MemoryStore, walk: Walk) -> None:
    github.faults.append(Fault("/commits", status=409))
    assert walk(COMMITS) == []
    assert store.cursors[1, "commits"].complete


def test_runs_end_after_two_pages_at_first(github: FakeGitHub, walk: Walk) -> None:
    github.repositories[0].runs = [run_row(n) for n in range(1, 20)]
    assert [r.id for r in walk(RUNS)] == [19, 18, 17, 16, 15, 14]


def test_a_run_that_finishes_is_seen_though_its_id_is_known(github: FakeGitHub, walk: Walk) -> None:
    rows = github.repositories[0].runs
    rows += [run_row(1), run_row(2, "in_progress")]
    walk(RUNS)
    rows[1] = run_row(2)
    assert [(r.id, r.status) for r in walk(RUNS)] == [(2, "completed"), (1, "completed")]


def test_pull_requests_of_an_unchanged_second_come_again_rather_than_never(
    github: FakeGitHub, store: MemoryStore, walk: Walk
) -> None:
    rows = github.repositories[0].pulls
    rows += [pull(1, 100), pull(2, 101)]
    walk(PULLS)
    rows.append(pull(3, 100.5))
    walk(PULLS)
    assert {item.number for item in store.of_kind(WorkItem)} == {1, 2, 3}
