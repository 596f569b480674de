"""Commits: the same by both ways, churn through GraphQL, and nothing asked while nothing moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from galaxy_desktop.collect.commits import read_commits, recent_of
from galaxy_desktop.collect.reading import note_of
from galaxy_desktop.domain.work import Commit
from galaxy_desktop.errors import BrokenAnswerError, RefusedError
from tests.collect.fakes import FakeGitHub, FakeRepository, MemoryStore, person
from tests.collect.graph import GraphGitHub, drained, reading_of

BOT = {"id": 77, "login": "renovate[bot]", "type": "Bot"}
FIRST = datetime(2026, 5, 1, tzinfo=UTC)


def commit(number: int) -> dict[str, Any]:
    when = (FIRST + timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "sha": f"{number:040x}",
        "commit": {"message": f"Commit {number}", "committer": {"date": when}},
        "author": [person(number), BOT, None][number % 3],
        "html_url": f"https://github.com/o/r/commit/{number:040x}",
        "stats": {"additions": number, "deletions": 1},
    }


def world(commits: int) -> FakeRepository:
    return FakeRepository(commits=[commit(n) for n in range(commits, 0, -1)])


def read(github: FakeGitHub, store: MemoryStore) -> list[Commit]:
    drained(read_commits(reading_of(github, store)), store)
    return sorted(store.of_kind(Commit), key=lambda one: one.sha)


def test_both_ways_give_the_same_commits_and_graphql_their_churn() -> None:
    by_rest, by_graphql = (read(kind(world(5)), MemoryStore()) for kind in (FakeGitHub, GraphGitHub))
    assert [replace(one, additions=None, deletions=None) for one in by_graphql] == by_rest
    assert [(one.additions, one.deletions) for one in by_graphql] == [(n, 1) for n in range(1, 6)]


def test_250_commits_are_three_questions() -> None:
    github = GraphGitHub(world(250))
    assert len(read(github, MemoryStore())) == 250
    assert github.asked_graphql("commits") == 3
    assert len(github.log) == 1


def test_a_branch_that_did_not_move_costs_one_304() -> None:
    github, store = GraphGitHub(world(3)), MemoryStore()
    read(github, store)
    github.log.clear()
    read(github, store)
    assert [status for _, status in github.log] == [304]
    assert github.asked_graphql("commits") == 1


def test_a_kill_between_pages_loses_no_commit() -> None:
    github, store = GraphGitHub(world(250)), MemoryStore()
    store.apply(next(read_commits(reading_of(github, store))))
    assert (store.cursors[1, "commits"].position, store.cursors[1, "commits"].complete) == ("", False)
    github.repositories[0].commits.insert(0, commit(251))
    assert len(read(github, store)) == 251


def test_without_graphql_the_list_is_walked() -> None:
    github, store = GraphGitHub(world(5)), MemoryStore()
    github.broken = [RefusedError("Field 'history' doesn't exist on type 'Commit'")]
    assert [one.additions for one in read(github, store)] == [None] * 5
    github.repositories[0].commits.insert(0, commit(6))
    assert len(read(github, store)) == 6
    assert github.asked_graphql("commits") == 1


def test_smaller_pages_are_asked_where_the_history_is_heavy() -> None:
    github = GraphGitHub(world(5))
    github.broken = [BrokenAnswerError("502")]
    assert [one.additions for one in read(github, MemoryStore())] == [1, 2, 3, 4, 5]


def test_the_newest_commits_are_kept_for_their_checks() -> None:
    for kind in (FakeGitHub, GraphGitHub):
        store = MemoryStore()
        read(kind(world(40)), store)
        recent = recent_of(note_of(store.cursors[1, "commits"]))
        assert [sha for sha, _ in recent] == [f"{n:040x}" for n in range(40, 10, -1)]


def test_an_empty_repository_has_no_commits() -> None:
    github, store = GraphGitHub(world(0)), MemoryStore()
    assert read(github, store) == []
    assert store.cursors[1, "commits"].complete
