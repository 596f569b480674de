"""Batches: one question for many, halved when GitHub does not finish, REST where GraphQL cannot answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from galaxy_desktop.collect.batch import in_batches
from galaxy_desktop.collect.details import read_details
from galaxy_desktop.collect.graphql import TooMuchError
from galaxy_desktop.domain.repository_facts import PullCommits
from galaxy_desktop.domain.work import Review, WorkItem
from galaxy_desktop.errors import BrokenAnswerError, LimitError, NoAccessError, RefusedError
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, MemoryStore, at, person, pull, pull_commit
from tests.collect.graph import GraphGitHub, drained, reading_of

BOT = {"id": 77, "login": "renovate[bot]", "type": "Bot"}


def repository(pulls: int = 3) -> FakeRepository:
    """Pull requests with files and reviews: one of a bot, one of somebody deleted, one merged."""
    rows = [
        pull(
            n,
            n,
            user=[person(n), BOT, None][n % 3],
            additions=n,
            deletions=2 * n,
            labels=[{"name": "bug"}],
            assignees=[person(4)],
            requested_reviewers=[person(5), BOT],
            milestone={"number": 1, "state": "open"},
            body="line\r\nanother 🦆",
        )
        for n in range(1, pulls + 1)
    ]
    rows[0] |= {"state": "closed", "closed_at": at(1), "merged_at": at(1)}
    found = FakeRepository(pulls=rows)
    for n in range(1, pulls + 1):
        review: dict[str, Any] = {"id": 2**40 + n, "state": "APPROVED", "user": BOT if n == 2 else None, "body": None}
        url = f"https://github.com/o/r/pull/{n}#pullrequestreview-{n}"
        found.details[f"/pulls/{n}/files"] = [{"filename": f"a{n}.py"}, {"filename": "ä/b.py"}]
        found.details[f"/pulls/{n}/commits"] = [pull_commit("a", n), pull_commit("b", n, author=BOT)]
        found.details[f"/pulls/{n}/reviews"] = [
            review | {"submitted_at": at(3), "html_url": url},
            review | {"id": 9, "state": "PENDING", "html_url": url},
        ]
    return found


def read(github: FakeGitHub) -> MemoryStore:
    store = MemoryStore()
    drained(read_details(reading_of(github, store)), store)
    return store


def single(github: FakeGitHub) -> list[str]:
    """Requests about one pull request alone."""
    return github.asked("/pulls/")


def test_graphql_and_rest_give_the_same_records() -> None:
    by_rest, by_graphql = read(FakeGitHub(repository())), read(GraphGitHub(repository()))
    assert by_graphql.records == by_rest.records
    assert {len(by_graphql.of_kind(kind)) for kind in (WorkItem, Review, PullCommits)} == {3}


def test_24_pull_requests_are_one_question() -> None:
    github = GraphGitHub(repository(24))
    assert len(read(github).of_kind(WorkItem)) == 24
    assert github.asked_graphql("pull requests") == 1
    assert single(github) == []


def test_a_quiet_repository_asks_no_graphql() -> None:
    github, store = GraphGitHub(repository()), MemoryStore()
    drained(read_details(reading_of(github, store)), store)
    github.queries.clear()
    github.log.clear()
    assert drained(read_details(reading_of(github, store)), store) == []
    assert not github.queries
    assert {status for _, status in github.log} == {304}


def test_a_pull_request_with_very_many_files_is_read_by_itself() -> None:
    world = repository()
    world.details["/pulls/2/files"] = [{"filename": f"f{n}"} for n in range(101)]
    github = GraphGitHub(world)
    store = read(github)
    assert len(set(store.records["WorkItem", 1, 2].files)) == 101
    assert {url.partition("&")[0] for url in single(github)} == {
        f"/repos/o/r/pulls/2{tail}" for tail in ("", "/files", "/reviews", "/commits")
    }


def test_a_question_too_heavy_is_halved() -> None:
    github = GraphGitHub(repository(8))
    github.broken = [BrokenAnswerError("GitHub has trouble (status 502)."), RefusedError("Something went wrong while")]
    assert len(read(github).of_kind(WorkItem)) == 8
    assert github.asked_graphql("pull requests") == 6
    assert single(github) == []


def test_when_graphql_fails_three_times_rest_is_asked_this_once() -> None:
    github, store = GraphGitHub(repository()), MemoryStore()
    github.broken = [BrokenAnswerError("502")] * 3
    drained(read_details(reading_of(github, store)), store)
    assert len(store.of_kind(WorkItem)) == 3
    github.repositories[0].pulls[1]["updated_at"] = at(50)
    drained(read_details(reading_of(github, store)), store)
    assert github.broken == []
    assert github.asked_graphql("pull requests") > 2


@pytest.mark.parametrize("error", [NoAccessError("no"), RefusedError("Field 'x' doesn't exist on type 'y'")])
def test_graphql_that_is_not_offered_is_asked_again_later(error: Exception) -> None:
    github, store = GraphGitHub(repository()), MemoryStore()
    github.broken = [error]
    for days, minute in ((0, 10), (1 / 25, 20), (1, 30)):
        github.repositories[0].pulls[1]["updated_at"] = at(minute)
        drained(read_details(reading_of(github, store, NOW + timedelta(days=days))), store)
    assert len(store.of_kind(WorkItem)) == 3
    assert github.asked_graphql("pull requests") == 2


def test_without_a_token_graphql_is_never_asked() -> None:
    github = GraphGitHub(repository())
    github.signed_in = False
    assert len(read(github).of_kind(WorkItem)) == 3
    assert not github.queries


def test_a_limit_stops_the_reading_and_is_no_absence() -> None:
    github, store = GraphGitHub(repository()), MemoryStore()
    github.broken = [LimitError("The points are used up.", NOW)]
    with pytest.raises(LimitError):
        drained(read_details(reading_of(github, store)), store)
    drained(read_details(reading_of(github, store)), store)
    assert single(github) == []
    assert len(store.of_kind(WorkItem)) == 3


def test_a_kill_after_any_batch_asks_the_rest_only() -> None:
    github, store = GraphGitHub(repository(30)), MemoryStore()
    store.apply(next(read_details(reading_of(github, store))))
    drained(read_details(reading_of(github, store)), store)
    assert len(store.of_kind(WorkItem)) == 30
    assert github.asked_graphql("pull requests") == 2


def test_all_pages_of_open_pull_requests_are_looked_at() -> None:
    github = GraphGitHub(repository(9), page_size=4)
    assert {item.number for item in read(github).of_kind(WorkItem)} == set(range(1, 10))


def test_every_key_is_answered_once_whatever_fails() -> None:
    asked: list[int] = []

    def ask(some: Sequence[int]) -> Mapping[str, Any]:
        asked.append(len(some))
        if len(some) > 3:
            raise TooMuchError("too much")
        return dict.fromkeys(map(str, some))

    found = list(in_batches(range(10), 8, ask))
    assert [number for batch, _ in found for number in batch] == list(range(10))
    assert asked == [8, 4, 2, 2, 2, 2, 2]
