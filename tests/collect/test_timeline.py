"""Mentions: of items of sprints, the same by both ways, once a version."""

from __future__ import annotations

from typing import Any

from galaxy_desktop.collect import lists
from galaxy_desktop.collect.absence import ENOUGH
from galaxy_desktop.collect.since import read_since
from galaxy_desktop.collect.timeline import read_timeline
from galaxy_desktop.collect.whole import read_whole
from galaxy_desktop.domain.work import ItemEvent
from galaxy_desktop.errors import RefusedError
from galaxy_desktop.features.references import references
from tests.collect.fakes import FakeGitHub, FakeRepository, MemoryStore, issue, milestone, pull
from tests.collect.graph import GraphGitHub, cross_reference, drained, reading_of

PLANNED: dict[str, Any] = {"milestone": {"number": 1, "state": "open"}}


def world(*, mentions: int = 1) -> FakeRepository:
    """Item 1 and pull request 3 are in a sprint, item 2 is not; all were mentioned."""
    found = FakeRepository(
        issues=[issue(1, **PLANNED), issue(2)], pulls=[pull(3, **PLANNED)], milestones=[milestone(1)]
    )
    rows = [cross_reference(100 + n, "o/other") for n in range(mentions)]
    found.details["/issues/1/timeline"] = [{"event": "committed"}, *rows, {"event": "labeled", "id": 1}]
    found.details["/issues/2/timeline"] = [cross_reference(50)]
    found.details["/issues/3/timeline"] = [cross_reference(1, actor=None)]
    return found


def read(github: FakeGitHub, store: MemoryStore) -> list[ItemEvent]:
    reading = reading_of(github, store)
    drained(read_whole(reading, lists.MILESTONES), store)
    drained(read_since(reading, lists.ISSUES), store)
    github.log.clear()
    drained(read_timeline(reading), store)
    return sorted(store.of_kind(ItemEvent), key=lambda one: one.subject)


def test_both_ways_give_the_same_events() -> None:
    by_rest, by_graphql = (read(kind(world()), MemoryStore()) for kind in (FakeGitHub, GraphGitHub))
    assert by_graphql == by_rest
    assert [(one.item_number, one.subject, one.kind) for one in by_rest] == [
        (1, "o/other#100", "cross-referenced"),
        (3, "o/r#1", "cross-referenced"),
    ]
    assert all(one.id < 0 for one in by_rest)


def test_the_subject_is_what_the_dependency_graph_reads() -> None:
    (found, _) = read(GraphGitHub(world()), MemoryStore())
    (reference,) = references(found.subject)
    assert (reference.repository, reference.number) == ("o/other", 100)


def test_a_timeline_of_several_pages_is_read_to_its_end() -> None:
    github = GraphGitHub(world(mentions=230))
    assert len(read(github, MemoryStore())) == 231
    assert github.asked_graphql("timelines") == 3


def test_nothing_changed_asks_nothing() -> None:
    github, store = GraphGitHub(world()), MemoryStore()
    read(github, store)
    github.queries.clear()
    read(github, store)
    assert not github.queries
    assert not github.log


def test_a_changed_item_alone_is_asked_again() -> None:
    github, store = FakeGitHub(world()), MemoryStore()
    read(github, store)
    github.repositories[0].issues[0] = issue(1, 50, **PLANNED)
    github.repositories[0].details["/issues/1/timeline"].append(cross_reference(7))
    assert len(read(github, store)) == 3
    assert [url.partition("&")[0] for url, _ in github.log] == ["/repos/o/r/issues/1/timeline"]


def test_a_place_that_may_not_be_seen_is_left_out() -> None:
    found = world()
    found.details["/issues/1/timeline"] = [{**cross_reference(5), "source": {"type": "issue", "issue": None}}]
    assert [one.item_number for one in read(FakeGitHub(found), MemoryStore())] == [3]


def test_timelines_that_are_not_offered_are_asked_of_three_items_once() -> None:
    found = world()
    found.issues += [issue(n, **PLANNED) for n in (4, 5, 6)]
    found.details.clear()
    github, store = GraphGitHub(found), MemoryStore()
    github.broken = [RefusedError("Field 'timelineItems' doesn't exist")]
    read(github, store)
    assert len(github.log) == ENOUGH
    read(github, store)
    assert github.log == []
    assert github.asked_graphql("timelines") == 1


def test_one_item_whose_timeline_is_refused_is_left_alone_and_the_others_are_read() -> None:
    found = world()
    del found.details["/issues/3/timeline"]
    github, store = FakeGitHub(found), MemoryStore()
    assert [one.item_number for one in read(github, store)] == [1]
    assert [status for _, status in github.log] == [404, 200]
    read(github, store)
    assert github.log == []


def test_a_kill_between_items_asks_the_rest_only() -> None:
    github, store = FakeGitHub(world()), MemoryStore()
    reading = reading_of(github, store)
    drained(read_whole(reading, lists.MILESTONES), store)
    drained(read_since(reading, lists.ISSUES), store)
    store.apply(next(read_timeline(reading)))
    assert len(read(github, store)) == 2
    assert len(github.log) == 1
