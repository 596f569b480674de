"""All readers together: free at rest, and the same state whatever died in between."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.collect.answers import Answer, Parameters
from galaxy_desktop.domain.projects import Board
from galaxy_desktop.domain.repository_facts import BranchList, Check, Deployment, ItemLinks, PullCommits, Release
from galaxy_desktop.domain.work import Commit, ItemEvent, Review, WorkflowRun, WorkItem
from galaxy_desktop.errors import BrokenAnswerError
from tests.collect.everything import READERS, github_of, read_everything
from tests.collect.fakes import NOW, FakeGitHub, KilledError, MemoryStore, at
from tests.collect.graph import GraphGitHub, drained, reading_of

KINDS = [FakeGitHub, GraphGitHub]


@pytest.mark.parametrize("kind", KINDS)
def test_at_rest_all_readers_cost_304s_only(kind: type[FakeGitHub]) -> None:
    github, store = github_of(kind), MemoryStore()
    read_everything(github, store)
    read_everything(github, store, NOW + timedelta(minutes=1))
    github.log.clear()
    questions = len(getattr(github, "queries", []))
    read_everything(github, store, NOW + timedelta(minutes=2))
    assert {status for _, status in github.log if status != 404} == {304}
    assert len(getattr(github, "queries", [])) == questions


def test_everything_is_there_both_ways() -> None:
    facts = (Check, Release, Deployment, BranchList, ItemLinks, PullCommits)
    kinds = (WorkItem, Review, Commit, WorkflowRun, ItemEvent, *facts)
    stores = []
    for kind in KINDS:
        store = MemoryStore()
        read_everything(github_of(kind), store)
        stores.append({one: len(store.of_kind(one)) for one in kinds})
        assert len(store.of_kind(Board)) == (kind is GraphGitHub)
    assert stores[0] == stores[1]
    assert all(stores[0].values())


def test_graphql_needs_a_fraction_of_the_requests() -> None:
    rest, graph = (github_of(kind, size=30) for kind in KINDS)
    for github in (rest, graph):
        read_everything(github, MemoryStore())
    assert isinstance(graph, GraphGitHub)
    assert len(graph.log) + len(graph.queries) < len(rest.log) / 4


@pytest.mark.parametrize("kind", KINDS)
@given(kills=st.lists(st.integers(0, 20), max_size=6), changed=st.booleans())
@settings(max_examples=40, deadline=None)
def test_kills_at_any_page_end_in_the_state_of_a_clean_read(
    kind: type[FakeGitHub], kills: list[int], changed: bool
) -> None:
    github, store = github_of(kind, page_size=3), MemoryStore()
    for pages in kills:
        store.kill_at = len(store.pages) + pages
        try:
            read_everything(github, store)
        except KilledError:
            if changed:
                _change(github)
    store.kill_at = None
    read_everything(github, store)
    clean = MemoryStore()
    read_everything(github, clean)
    assert {key for key in clean.records if key not in store.records} == set()
    assert {key: store.records[key] for key in clean.records} == clean.records


def _change(github: FakeGitHub) -> None:
    row = github.repositories[0].pulls[0]
    row["updated_at"], row["title"] = at(60), "Renamed"


@pytest.mark.parametrize("name", [name for name in READERS if name not in ("milestones", "issues", "details")])
def test_a_list_that_vanishes_is_no_error(name: str) -> None:
    github, store = github_of(FakeGitHub), MemoryStore()
    read_everything(github, store)
    held = dict(store.records)
    github.repositories[0].name = "o/elsewhere"
    github.repositories[0].pulls[0]["updated_at"] = at(60)
    drained(READERS[name](reading_of(github, store, NOW + timedelta(days=9))), store)
    assert store.records == held


class Garbled:
    """Answers as the GitHub behind, but with rows that lack everything; lists of lists keep their outer field."""

    def __init__(self, behind: FakeGitHub) -> None:
        self.behind = behind
        self.fingerprint = behind.fingerprint

    def get(self, path: str, parameters: Parameters | None = None, etag: str | None = None) -> Answer:
        _ = etag
        answer = self.behind.get(path, parameters)
        return replace(answer, rows=tuple({"x": 1, "check_runs": [{}], "statuses": [{}]} for _ in answer.rows))


@pytest.mark.parametrize("name", READERS)
def test_rows_without_their_fields_are_a_broken_answer(name: str) -> None:
    github, store = github_of(FakeGitHub), MemoryStore()
    for earlier in list(READERS)[: list(READERS).index(name)]:
        drained(READERS[earlier](reading_of(github, store)), store)
    held = dict(store.records)
    with suppress(BrokenAnswerError):
        drained(READERS[name](reading_of(Garbled(github), store)), store)
    assert {key: store.records[key] for key in held} == held
