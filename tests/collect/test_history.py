"""The past of a list: the youngest stretch first, nothing lost at the seams, wherever it was cut off."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.collect.history import counts, history_of, read_history
from galaxy_desktop.collect.lists import ISSUES
from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.collect.since import read_since
from galaxy_desktop.domain.work import Repository, WorkItem
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, MemoryStore, issue

DAY = 24 * 60
REPOSITORY = Repository(id=1, full_name="o/r", url="https://github.com/o/r")


def reading_of(github: FakeGitHub, store: MemoryStore) -> Reading:
    return Reading(github, store, REPOSITORY, lambda: NOW)


def newest(reading: Reading, store: MemoryStore) -> None:
    for page in read_since(reading, ISSUES):
        store.apply(page)


def numbers(store: MemoryStore) -> set[int]:
    return {item.number for item in store.of_kind(WorkItem)}


def test_the_youngest_stretch_is_read_first() -> None:
    github = FakeGitHub(FakeRepository(issues=[issue(n, n * DAY) for n in range(1, 600)]), page_size=20)
    store = MemoryStore()
    reading = reading_of(github, store)
    newest(reading, store)
    first = [page for page, _ in zip(read_history(reading, ISSUES), range(4), strict=False)]
    found = {item.number for page in first[:1] for item in page.records if isinstance(item, WorkItem)}
    assert min(found) == 580 - 30
    later = {item.number for page in first[2:] for item in page.records if isinstance(item, WorkItem)}
    assert min(later) == 580 - 90


def test_cutting_a_long_past_into_stretches_costs_a_few_requests() -> None:
    github = FakeGitHub(FakeRepository(issues=[issue(n, n * DAY) for n in range(1, 600)]), page_size=20)
    store = MemoryStore()
    reading = reading_of(github, store)
    newest(reading, store)
    for page in read_history(reading, ISSUES):
        store.apply(page)
    assert numbers(store) == set(range(1, 600))
    assert len(github.log) <= 600 / 20 + 6


def test_a_short_past_is_one_stretch() -> None:
    github = FakeGitHub(FakeRepository(issues=[issue(n, n * DAY) for n in range(1, 90)]), page_size=20)
    store = MemoryStore()
    reading = reading_of(github, store)
    newest(reading, store)
    asked = next(read_history(reading, ISSUES))
    assert asked.cursor is not None
    assert "since" not in github.log[-1][0]


def test_the_count_never_falls_and_ends_at_the_total() -> None:
    github = FakeGitHub(FakeRepository(issues=[issue(n, n * DAY) for n in range(1, 600)]), page_size=20)
    store = MemoryStore()
    reading = reading_of(github, store)
    newest(reading, store)
    told = [counts(page.cursor) for page in read_history(reading, ISSUES) if page.cursor is not None]
    rows = [held for held, _ in told]
    assert rows == sorted(rows)
    assert told[-1][0] == told[-1][1]


moments = st.lists(st.integers(0, 12).map(lambda n: n * 0.5), min_size=1, max_size=30)


@given(minutes=moments, cuts=st.lists(st.integers(1, 4), max_size=4))
@settings(max_examples=150)
def test_rows_of_one_second_at_any_seam_are_never_lost_wherever_it_is_cut_off(
    minutes: list[float], cuts: list[int]
) -> None:
    github = FakeGitHub(FakeRepository(issues=[issue(n, m) for n, m in enumerate(minutes, 1)]), page_size=3)
    store = MemoryStore()
    reading = reading_of(github, store)
    newest(reading, store)
    for cut in cuts:
        for page, _ in zip(read_history(reading, ISSUES), range(cut), strict=False):
            store.apply(page)
    for page in read_history(reading, ISSUES):
        store.apply(page)
    assert numbers(store) == set(range(1, len(minutes) + 1))
    past = store.cursors.get((1, history_of("issues")))
    assert past is None or past.complete
