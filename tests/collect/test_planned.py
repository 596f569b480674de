"""Items of iterations that history would bring too late: each asked once, by itself."""

from __future__ import annotations

import pytest

from galaxy_desktop.collect.planned import MOST, read_planned
from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.domain.sync import Page
from tests.collect.fakes import FakeGitHub, MemoryStore, issue


@pytest.fixture
def planned(reading: Reading, store: MemoryStore, github: FakeGitHub) -> list[int]:
    """Items 1 to 9 of the repository are on a board."""
    numbers = list(range(1, 10))
    github.repositories[0].issues = [issue(n) for n in numbers]
    store.apply(reading.page(cursor=reading.moved("boards", "", complete=True, note={"planned": numbers})))
    return numbers


def read(reading: Reading, store: MemoryStore) -> list[Page]:
    pages = []
    for page in read_planned(reading, store):
        store.apply(page)
        pages.append(page)
    return pages


def test_each_planned_item_that_is_not_held_is_asked_for(
    planned: list[int], reading: Reading, store: MemoryStore, github: FakeGitHub
) -> None:
    read(reading, store)
    assert store.known_numbers(1) == frozenset(planned)
    github.log.clear()
    assert read(reading, store) == []
    assert github.log == []


def test_one_that_is_gone_is_asked_once(
    planned: list[int], reading: Reading, store: MemoryStore, github: FakeGitHub
) -> None:
    github.repositories[0].deleted.add(4)
    read(reading, store)
    read(reading, store)
    assert len(github.asked("/issues/4")) == 1
    assert store.known_numbers(1) == frozenset(planned) - {4}


def test_a_board_of_wishes_is_not_asked_through(reading: Reading, store: MemoryStore, github: FakeGitHub) -> None:
    numbers = list(range(1, 200))
    store.apply(reading.page(cursor=reading.moved("boards", "", complete=True, note={"planned": numbers})))
    read(reading, store)
    assert len(github.log) == MOST
