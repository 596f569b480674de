"""Workflow runs: new ones from the list, unfinished ones by themselves, finished ones never again."""

from __future__ import annotations

from typing import Any

from galaxy_desktop.collect.runs import read_runs
from galaxy_desktop.domain.work import WorkflowRun
from tests.collect.fakes import FakeGitHub, FakeRepository, Fault, MemoryStore
from tests.collect.graph import drained, reading_of


def row(number: int, conclusion: str | None = "success") -> dict[str, Any]:
    return {
        "id": number,
        "name": "tests",
        "head_sha": "a",
        "head_branch": "main",
        "event": "push",
        "status": "completed" if conclusion else "in_progress",
        "conclusion": conclusion,
        "created_at": "2026-05-06T10:00:00Z",
        "updated_at": "2026-05-06T10:00:00Z",
        "html_url": "u",
    }


class Runs(FakeGitHub):
    """Answers for one run too."""

    def _of(self, r: FakeRepository, tail: str, query: dict[str, str]) -> tuple[int, dict[str, str], str]:
        number = tail.removeprefix("/actions/runs/")
        found = [run for run in r.runs if str(run["id"]) == number]
        return self._tagged(found[0], {}) if found else super()._of(r, tail, query)


def read(github: FakeGitHub, store: MemoryStore) -> list[str]:
    """One pass; returns which single runs were asked, with the status."""
    github.log.clear()
    drained(read_runs(reading_of(github, store)), store)
    return [f"{url.rpartition('/')[2]} {status}" for url, status in github.log if "runs/" in url]


def pushed_down() -> tuple[Runs, MemoryStore]:
    """A run that went on while three newer ones pushed it off page 1."""
    github, store = Runs(FakeRepository(runs=[row(1, None)]), page_size=3), MemoryStore()
    read(github, store)
    github.repositories[0].runs += [row(n) for n in (2, 3, 4)]
    read(github, store)
    return github, store


def test_a_run_on_page_1_is_not_asked_by_itself() -> None:
    github, store = Runs(FakeRepository(runs=[row(1, None)]), page_size=3), MemoryStore()
    assert read(github, store) == []
    github.repositories[0].runs[0] = row(1, "failure")
    assert read(github, store) == []
    assert [run.red for run in store.of_kind(WorkflowRun)] == [True]


def test_an_unfinished_run_further_down_is_asked_until_it_ends() -> None:
    github, store = pushed_down()
    github.repositories[0].runs += [row(5)]
    read(github, store)
    assert read(github, store) == ["1 304"]
    github.repositories[0].runs[0] = row(1, "failure")
    assert read(github, store) == ["1 200"]
    assert read(github, store) == []
    assert store.records["WorkflowRun", 1, 1].red


def test_a_deleted_run_is_asked_no_more() -> None:
    github, store = pushed_down()
    github.repositories[0].runs += [row(5), row(6), row(7)]
    github.faults = [Fault("/runs/1$", times=9, status=404)]
    assert read(github, store) == ["1 404"]
    assert read(github, store) == []


def test_more_than_a_page_of_new_runs_is_read_whole() -> None:
    github, store = Runs(FakeRepository(runs=[row(1)]), page_size=3), MemoryStore()
    read(github, store)
    github.repositories[0].runs += [row(n) for n in range(2, 30)]
    read(github, store)
    assert len(store.of_kind(WorkflowRun)) == 29


def test_runs_that_a_token_may_not_read_are_left_alone_for_a_while() -> None:
    github, store = FakeGitHub(), MemoryStore()
    github.faults = [Fault("/actions/runs", times=9, status=403, body='{"message": "no"}')]
    read(github, store)
    read(github, store)
    assert github.log == []
