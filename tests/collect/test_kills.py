"""Killed before any page was stored, as often as you like: in the end the same is stored as without."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.collect.sync import RepositoryReader
from galaxy_desktop.domain.work import Repository, WorkItem
from tests.collect.fakes import (
    NOW,
    FakeGitHub,
    FakeRepository,
    KilledError,
    MemoryStore,
    comment,
    event,
    issue,
    milestone,
    pull,
)

minutes = st.integers(0, 12).map(lambda n: n * 0.5)
worlds = st.builds(
    lambda issues, pulls, remarks, events: FakeRepository(
        issues=[issue(n, m, milestone={"number": 1} if n % 2 else None) for n, m in enumerate(issues, 1)],
        pulls=[pull(n, m) for n, m in enumerate(pulls, 100)],
        comments=[comment(n, 1, m) for n, m in enumerate(remarks, 1)],
        events=[event(n) for n in range(1, events + 1)],
        milestones=[milestone(1), milestone(2)],
    ),
    st.lists(minutes, max_size=12),
    st.lists(minutes, max_size=8),
    st.lists(minutes, max_size=10),
    st.integers(0, 9),
)


def read(github: FakeGitHub, store: MemoryStore) -> None:
    known = store.repositories()
    first = Repository(id=1, full_name="o/r", url="https://github.com/o/r")
    for step in RepositoryReader(github, store, known[0] if known else first, lambda: NOW).steps():
        for page in step.pages():
            store.apply(page)


def read_with_kills(world: FakeRepository, kills: list[int]) -> MemoryStore:
    github, store = FakeGitHub(world, page_size=3), MemoryStore()
    for pages in kills:
        store.kill_at = len(store.pages) + pages
        try:
            read(github, store)
        except KilledError:
            continue
    store.kill_at = None
    read(github, store)
    return store


@given(world=worlds, kills=st.lists(st.integers(0, 12), max_size=5))
@settings(max_examples=60, deadline=None)
def test_kills_at_any_page_end_in_the_state_of_a_clean_read(world: FakeRepository, kills: list[int]) -> None:
    assert read_with_kills(world, kills).records == read_with_kills(world, []).records


@given(world=worlds, kills=st.lists(st.integers(0, 12), max_size=3), moved=st.integers(7, 30))
@settings(max_examples=40, deadline=None)
def test_changes_after_kills_are_never_missed(world: FakeRepository, kills: list[int], moved: int) -> None:
    github, store = FakeGitHub(world, page_size=3), MemoryStore()
    for pages in [*kills, 99]:
        store.kill_at = len(store.pages) + pages
        try:
            read(github, store)
        except KilledError:
            world.issues.append(issue(50 + len(world.issues), moved))
    store.kill_at = None
    world.issues.append(issue(90, moved))
    read(github, store)
    assert {i.number for i in store.of_kind(WorkItem)} == {row["number"] for row in world.issues + world.pulls}
