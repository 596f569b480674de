"""Branches: one whole list, whatever page changed, and free while none did."""

from __future__ import annotations

from typing import Any

from galaxy_desktop.collect.branches import read_branches
from galaxy_desktop.domain.repository_facts import BranchList
from tests.collect.fakes import FakeGitHub, FakeRepository, MemoryStore
from tests.collect.graph import drained, reading_of


class Branches(FakeGitHub):
    """Serves branches page by page."""

    def __init__(self, names: str) -> None:
        super().__init__(page_size=2)
        self.names = names

    def _of(self, r: FakeRepository, tail: str, query: dict[str, str]) -> tuple[int, dict[str, str], str]:
        rows: list[dict[str, Any]] = [
            {"name": name, "commit": {"sha": f"{name}1" if name.islower() else f"{name}2"}, "protected": name == "a"}
            for name in self.names
        ]
        return self._page(rows, int(query["page"]))


def read(github: Branches, store: MemoryStore) -> list[str]:
    github.log.clear()
    drained(read_branches(reading_of(github, store)), store)
    found = store.of_kind(BranchList)
    return [branch.sha for branch in found[0].branches] if found else []


def test_all_pages_make_one_list() -> None:
    github, store = Branches("abcde"), MemoryStore()
    assert read(github, store) == ["a1", "b1", "c1", "d1", "e1"]
    assert [branch.protected for branch in store.of_kind(BranchList)[0].branches] == [True] + [False] * 4


def test_nothing_new_costs_304s_only() -> None:
    github, store = Branches("abcde"), MemoryStore()
    read(github, store)
    read(github, store)
    assert {status for _, status in github.log} == {304}
    assert len(github.log) == 3


def test_a_push_costs_one_page_and_the_others_are_kept() -> None:
    github, store = Branches("abcde"), MemoryStore()
    read(github, store)
    github.names = "abCde"
    assert read(github, store) == ["C2", "a1", "b1", "d1", "e1"]
    assert [status for _, status in github.log] == [304, 200, 304]


def test_a_deleted_branch_leaves_the_list() -> None:
    github, store = Branches("abcde"), MemoryStore()
    read(github, store)
    github.names = "ab"
    assert read(github, store) == ["a1", "b1"]
    read(github, store)
    assert {status for _, status in github.log} == {304}


def test_a_kill_between_pages_still_ends_in_the_whole_list() -> None:
    github, store = Branches("abcde"), MemoryStore()
    walk = read_branches(reading_of(github, store))
    for _ in range(3):
        store.apply(next(walk))
    assert store.of_kind(BranchList) == []
    assert read(github, store) == ["a1", "b1", "c1", "d1", "e1"]
    assert {status for _, status in github.log} == {304}
