"""Releases and deployments: new ones, and how the newest deployments went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from galaxy_desktop.collect.releases import read_deployments, read_releases
from galaxy_desktop.domain.repository_facts import Deployment, Release
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, Fault, MemoryStore, at, person
from tests.collect.graph import GraphGitHub, drained, reading_of


def deployment(number: int, environment: str = "production", **more: Any) -> dict[str, Any]:
    moments = {"created_at": "2026-05-06T11:00:00Z", "updated_at": "2026-05-06T11:00:00Z"}
    base = {"id": number, "node_id": f"DE_{number}", "sha": "a", "ref": "main", "environment": environment}
    return {**base, **moments, **more}


def world(*states: str, environments: str = "pppp") -> FakeRepository:
    """Deployments, the newest first, each with its newest state."""
    names = {"p": "production", "s": "staging"}
    numbers = range(len(states), 0, -1)
    rows = [deployment(n, names[e]) for n, e in zip(numbers, environments, strict=False)]
    found = FakeRepository(details={"/deployments": rows})
    for number, state in zip(numbers, states, strict=True):
        found.details[f"/deployments/{number}/statuses"] = [{"state": state}] if state else []
    return found


def read(github: FakeGitHub, store: MemoryStore, **later: int) -> dict[int, str]:
    github.log.clear()
    drained(read_deployments(reading_of(github, store, NOW + timedelta(**later))), store)
    return {one.id: one.state for one in store.of_kind(Deployment)}


def test_graphql_tells_all_states_with_one_question() -> None:
    github = GraphGitHub(world("success", "failure", "inactive"))
    assert read(github, MemoryStore()) == {3: "success", 2: "failure", 1: "inactive"}
    assert (len(github.log), len(github.queries)) == (1, 1)


def test_rest_asks_for_the_newest_deployment_of_each_environment() -> None:
    github = FakeGitHub(world("success", "failure", "error", environments="ppss"))
    assert read(github, MemoryStore()) == {3: "success", 1: "error"}
    assert len(github.log) == 3


def test_both_ways_give_the_same_record() -> None:
    stores = MemoryStore(), MemoryStore()
    read(FakeGitHub(world("in_progress")), stores[0])
    read(GraphGitHub(world("in_progress")), stores[1])
    assert stores[0].records == stores[1].records


def test_a_deployment_under_way_is_asked_until_it_ends() -> None:
    github, store = GraphGitHub(world("in_progress")), MemoryStore()
    read(github, store)
    read(github, store)
    assert read(github, store) == {1: "in_progress"}
    assert [status for _, status in github.log] == [304, 304]
    github.repositories[0].details["/deployments/1/statuses"] = [{"state": "success"}]
    assert read(github, store) == {1: "success"}
    read(github, store)
    assert [status for _, status in github.log] == [304]


def test_a_deployment_that_never_ends_is_given_up_after_a_day() -> None:
    github, store = GraphGitHub(world("pending")), MemoryStore()
    read(github, store)
    read(github, store, days=1)
    assert [status for _, status in github.log] == [304]


def test_releases_are_stored_and_a_quiet_list_costs_one_304() -> None:
    row = {"id": 3, "tag_name": "v1", "name": None, "author": person(), "html_url": "u", "prerelease": True}
    rows = [row | {"created_at": at(5), "published_at": at(6)}, row | {"id": 4, "created_at": at(4), "draft": True}]
    github, store = FakeGitHub(FakeRepository(details={"/releases": rows})), MemoryStore()
    drained(read_releases(reading_of(github, store)), store)
    drained(read_releases(reading_of(github, store)), store)
    assert [(one.tag, one.draft, one.published_at is None) for one in store.of_kind(Release)] == [
        ("v1", False, False),
        ("v1", True, True),
    ]
    assert [status for _, status in github.log] == [200, 304]


def test_deployments_that_are_refused_again_and_again_are_asked_once_a_week() -> None:
    github, store = FakeGitHub(), MemoryStore()
    github.faults = [Fault("/deployments", times=9, status=404)]
    for hours in (0, 1, 25, 48, 7 * 24, 8 * 24 + 1):
        drained(read_deployments(reading_of(github, store, NOW + timedelta(hours=hours))), store)
    assert len(github.log) == 4
