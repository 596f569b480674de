"""Links: asked of nobody whose row says that there are none, and only when something can have changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.collect import lists
from galaxy_desktop.collect.absence import ENOUGH
from galaxy_desktop.collect.links import Asked, Due, links_due, read_links
from galaxy_desktop.collect.marks import UNKNOWN, Mark, mark_of
from galaxy_desktop.collect.since import read_since
from galaxy_desktop.collect.whole import read_whole
from galaxy_desktop.domain.repository_facts import ItemLinks, ItemRef, LinkKind
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, Fault, MemoryStore, at, issue, milestone, pull
from tests.collect.graph import drained, reading_of

BLOCKED, PARTS = LinkKind.BLOCKED_BY, LinkKind.SUB_ISSUE


def counted(number: int, blocked: int = 0, parts: int = 0, **more: Any) -> dict[str, Any]:
    """A row of /issues that tells how many links there are."""
    dependencies = {"blocked_by": 0, "blocking": 0, "total_blocked_by": blocked, "total_blocking": 0}
    subs = {"total": parts, "completed": 0, "percent_completed": 0}
    return issue(number, issue_dependencies_summary=dependencies, sub_issues_summary=subs, **more)


def other(number: int, name: str = "o/r") -> dict[str, Any]:
    """The row of the other end of a link."""
    return {
        "number": number,
        "title": f"Item {number}",
        "html_url": f"https://github.com/{name}/issues/{number}",
        "repository_url": f"https://api.github.com/repos/{name}",
    }


@pytest.fixture
def world() -> FakeRepository:
    """Item 1 is blocked by two, item 2 contains one, items 3 and 4 have no links."""
    found = FakeRepository(issues=[counted(1, blocked=2), counted(2, parts=1), counted(3)], pulls=[pull(4)])
    found.details["/issues/1/dependencies/blocked_by"] = [other(9), other(5, "o/other")]
    found.details["/issues/2/sub_issues"] = [other(3)]
    return found


def read(github: FakeGitHub, store: MemoryStore, now: datetime = NOW) -> list[str]:
    """One pass over the lists and the links; returns what was asked about links."""
    reading = reading_of(github, store, now)
    drained(read_whole(reading, lists.MILESTONES), store)
    drained(read_since(reading, lists.ISSUES), store)
    github.log.clear()
    drained(read_links(reading), store)
    return [f"{url.removeprefix('/repos/o/r/issues/').partition('&')[0]} {status}" for url, status in github.log]


def stored(store: MemoryStore) -> dict[tuple[int, LinkKind], list[int]]:
    return {(one.item_number, one.kind): [to.number for to in one.targets] for one in store.of_kind(ItemLinks)}


def test_only_items_with_links_are_asked_and_only_for_the_kind_they_have(world: FakeRepository) -> None:
    github, store = FakeGitHub(world), MemoryStore()
    assert sorted(read(github, store)) == ["1/dependencies/blocked_by 200", "2/sub_issues 200"]
    assert stored(store) == {(1, BLOCKED): [9, 5], (2, PARTS): [3]}
    links = next(one for one in store.of_kind(ItemLinks) if one.kind is BLOCKED)
    assert links.targets[1] == ItemRef("o/other", 5, "Item 5", "https://github.com/o/other/issues/5")


def test_at_rest_nothing_is_asked_and_once_a_day_for_304s(world: FakeRepository) -> None:
    github, store = FakeGitHub(world), MemoryStore()
    read(github, store)
    assert read(github, store) == []
    assert sorted(read(github, store, NOW + timedelta(days=1, minutes=1))) == [
        "1/dependencies/blocked_by 304",
        "2/sub_issues 304",
    ]


def test_links_that_are_gone_by_the_row_cost_no_request(world: FakeRepository) -> None:
    github, store = FakeGitHub(world), MemoryStore()
    read(github, store)
    world.issues[0] = counted(1, minutes=90, milestone={"number": 1, "state": "open"})
    assert read(github, store) == []
    assert stored(store)[1, BLOCKED] == []
    assert read(github, store) == []


def test_an_item_that_lost_its_mark_is_asked_a_last_time(world: FakeRepository) -> None:
    github, store = FakeGitHub(world), MemoryStore()
    read(github, store)
    world.issues[0] = counted(1, minutes=90)
    world.details["/issues/1/dependencies/blocked_by"] = []
    assert read(github, store) == ["1/dependencies/blocked_by 200"]
    assert stored(store)[1, BLOCKED] == []
    assert read(github, store, NOW + timedelta(days=2)) == ["2/sub_issues 304"]


def test_a_token_that_sees_fewer_links_than_the_row_counts_is_not_asked_for_ever(world: FakeRepository) -> None:
    github, store = FakeGitHub(world), MemoryStore()
    world.details["/issues/1/dependencies/blocked_by"] = [other(9)]
    read(github, store)
    assert read(github, store) == []


def test_a_kind_that_several_items_in_a_row_are_refused_is_left_alone_and_then_asked_of_all_again(
    world: FakeRepository,
) -> None:
    github, store = FakeGitHub(world), MemoryStore()
    for n in (6, 7, 8):
        world.issues.append(counted(n, blocked=1))
        world.details[f"/issues/{n}/dependencies/blocked_by"] = [other(9)]
    github.faults = [Fault("blocked_by", times=ENOUGH, status=404)]
    assert sum("blocked_by" in one for one in read(github, store)) == ENOUGH
    assert stored(store) == {(2, PARTS): [3]}
    assert not any("blocked_by" in one for one in read(github, store, NOW + timedelta(minutes=59)))
    assert sum("blocked_by" in one for one in read(github, store, NOW + timedelta(minutes=61))) == 4
    assert stored(store)[1, BLOCKED] == [9, 5]


def test_one_item_that_is_gone_does_not_switch_the_kind_off(world: FakeRepository) -> None:
    github, store = FakeGitHub(world), MemoryStore()
    read(github, store)
    world.issues += [counted(6, 1, minutes=80), counted(7, 1, minutes=70)]
    world.details["/issues/7/dependencies/blocked_by"] = [other(9)]
    assert read(github, store) == ["6/dependencies/blocked_by 404", "7/dependencies/blocked_by 200"]
    assert read(github, store) == []


def test_a_server_without_counts_is_asked_for_open_milestones_only() -> None:
    planned = issue(1, milestone={"number": 1, "state": "open"})
    world = FakeRepository(issues=[planned, issue(2)], milestones=[milestone(1)])
    world.details["/issues/1/dependencies/blocked_by"] = [other(2)]
    world.details["/issues/1/sub_issues"] = []
    github, store = FakeGitHub(world), MemoryStore()
    assert read(github, store) == ["1/dependencies/blocked_by 200", "1/sub_issues 200"]
    assert read(github, store, NOW + timedelta(days=3)) == []
    world.issues[0] = issue(1, 50, milestone={"number": 1, "state": "open"})
    assert read(github, store) == ["1/dependencies/blocked_by 304", "1/sub_issues 304"]


def test_a_kill_between_items_asks_the_rest_only(world: FakeRepository) -> None:
    github, store = FakeGitHub(world), MemoryStore()
    reading = reading_of(github, store)
    drained(read_since(reading, lists.ISSUES), store)
    store.apply(next(read_links(reading)))
    assert len(read(github, store)) == 1
    assert len(stored(store)) == 2


def test_marked_are_items_of_sprints_and_open_ones_with_links() -> None:
    assert mark_of({**pull(1), "pull_request": {}}) is None
    planned = {**pull(1), "pull_request": {}, "milestone": {"number": 6, "state": "open"}}
    assert mark_of(planned) == Mark(at(1), 0, 0, 6)
    assert mark_of(counted(2, 1, state="closed")) is None
    assert mark_of(counted(3, 1, 2)) == Mark(at(3), 1, 2, 0)
    assert mark_of(issue(4)) is None
    assert mark_of(issue(4), frozenset({4})) == Mark(at(4), UNKNOWN, UNKNOWN, 0)


@pytest.mark.parametrize(
    ("mark", "asked", "due"),
    [
        (Mark(at(1), 1, 0, 0), {}, [Due(7, BLOCKED)]),
        (Mark(at(1), 1, 0, 0), {BLOCKED: Asked(at(1), at(9), 1)}, []),
        (Mark(at(2), 1, 0, 0), {BLOCKED: Asked(at(1), at(9), 1)}, [Due(7, BLOCKED)]),
        (Mark(at(1), 1, 0, 0), {BLOCKED: Asked(at(1), at(3), 1)}, [Due(7, BLOCKED)]),
        (Mark(at(1), 0, 0, 0), {BLOCKED: Asked(at(1), at(9), 1)}, [Due(7, BLOCKED, none=True)]),
        (Mark(at(1), UNKNOWN, UNKNOWN, 0), {}, []),
    ],
)
def test_what_is_due_follows_from_row_and_memory(mark: Mark, asked: dict[str, Asked], due: list[Due]) -> None:
    assert links_due(7, mark, asked, in_sprint=False, yesterday=at(5)) == due
