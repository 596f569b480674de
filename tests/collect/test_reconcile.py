"""The full read: what is missing is asked for by itself before it is believed gone; mostly 304s."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.collect.reconcile import Findings, numbers_in, ranges, read_in_full
from galaxy_desktop.collect.records import item
from galaxy_desktop.collect.sync import RepositoryReader
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Repository, WorkItem
from galaxy_desktop.errors import NoAccessError
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, Fault, MemoryStore, comment, issue, milestone, pull

Read = Callable[[], Findings]


@pytest.fixture
def read(reading: Reading, store: MemoryStore) -> Read:
    """Read in full once, store it, and give what was found."""

    def run() -> Findings:
        found = Findings()
        for page in read_in_full(reading, store, found):
            store.apply(page)
        return found

    return run


@pytest.fixture
def world(github: FakeGitHub, store: MemoryStore, repository: Repository, read: Read) -> FakeRepository:
    """A repository of eight issues and a pull request, all stored."""
    mine = github.repositories[0]
    mine.issues = [issue(n) for n in range(1, 9)]
    mine.pulls = [pull(9)]
    store.apply(Page(repository_id=1, records=(repository,)))
    read()
    github.log.clear()
    return mine


def without(world: FakeRepository, number: int) -> None:
    world.issues = [row for row in world.issues if row["number"] != number]


def test_a_full_read_stores_everything(world: FakeRepository, store: MemoryStore) -> None:
    assert world.issues
    assert store.known_numbers(1) == frozenset(range(1, 10))


def test_a_quiet_full_read_is_nearly_all_304(world: FakeRepository, github: FakeGitHub, read: Read) -> None:
    assert world.issues
    read()
    assert [status for url, status in github.log if "/issues" in url] == [304, 304, 304]


def test_a_deleted_item_is_marked_and_kept(
    world: FakeRepository, github: FakeGitHub, store: MemoryStore, read: Read
) -> None:
    without(world, 4)
    world.deleted.add(4)
    assert read().gone == ["o/r#4"]
    assert "issue:o/r#4" in store.gone
    assert 4 in {item.number for item in store.of_kind(WorkItem)}
    assert github.asked("/issues/4")


def test_a_404_means_gone_only_while_the_repository_can_be_seen(
    world: FakeRepository, github: FakeGitHub, store: MemoryStore, read: Read
) -> None:
    without(world, 4)
    github.faults.append(Fault("/repos/o/r$", status=404, times=99))
    with pytest.raises(NoAccessError):
        read()
    assert store.gone == set()
    github.faults.clear()
    assert read().gone == ["o/r#4"]


def test_a_page_that_shrinks_while_it_is_read_makes_no_living_item_gone(
    world: FakeRepository, github: FakeGitHub, store: MemoryStore, read: Read
) -> None:
    world.issues[0] = issue(1, 99, title="another version, so that no page is 304")

    def shrink(url: str) -> None:
        if "&page=2" in url and "/issues&" in url:
            without(world, 2)
            world.deleted.add(2)

    github.before = shrink
    found = read()
    assert (found.back, found.gone) == (["o/r#4"], [])
    assert 4 in store.known_numbers(1)
    github.before = lambda url: None
    assert read().gone == ["o/r#2"]


def test_an_item_that_moved_is_gone_here_and_arrives_there(
    world: FakeRepository, github: FakeGitHub, store: MemoryStore, read: Read
) -> None:
    there = FakeRepository(id=2, name="o/new", issues=[issue(12, name="o/new")])
    github.repositories.append(there)
    store.apply(Page(repository_id=2, records=(Repository(id=2, full_name="o/new", url="https://github.com/o/new"),)))
    without(world, 4)
    world.moved[4] = ("o/new", 12)
    assert read().moved == {"o/r#4": "o/new#12"}
    assert "issue:o/r#4" in store.gone
    assert store.known_numbers(2) == {12}


def test_an_item_that_moved_out_of_sight_is_only_noted(
    world: FakeRepository, github: FakeGitHub, store: MemoryStore, read: Read
) -> None:
    github.repositories.append(FakeRepository(id=2, name="o/new", issues=[issue(12, name="o/new")]))
    without(world, 4)
    world.moved[4] = ("o/new", 12)
    read()
    assert store.known_numbers(2) == frozenset()


def test_a_new_name_of_our_own_repository_moves_nothing(world: FakeRepository, store: MemoryStore, read: Read) -> None:
    world.name, world.old_names = "o/renamed", ("o/r",)
    gone = world.issues.pop(3)
    world.issues.append({**gone, "created_at": "2027-01-01T00:00:00Z"})
    assert read().moved == {}
    assert store.known_numbers(1) == frozenset(range(1, 10))


def test_the_newest_item_is_not_believed_alive_because_it_is_newer_than_the_list(
    world: FakeRepository, store: MemoryStore, read: Read
) -> None:
    without(world, 8)
    world.pulls.clear()
    world.deleted |= {8, 9}
    assert read().gone == ["o/r#8", "o/r#9"]


def test_items_that_come_while_the_list_is_read_are_not_missed(
    world: FakeRepository, github: FakeGitHub, reading: Reading, store: MemoryStore
) -> None:
    assert world.issues
    for page in read_in_full(reading, store, Findings()):
        store.apply(page)
        store.apply(Page(repository_id=1, records=(item(issue(20), reading.repository, NOW),)))
    assert github.asked("/issues/20") == []
    assert 20 in store.known_numbers(1)


def test_a_comment_that_was_deleted_while_another_was_not_read_yet_is_found_later(
    world: FakeRepository, github: FakeGitHub, store: MemoryStore, read: Read
) -> None:
    def poll() -> None:
        for page in RepositoryReader(github, store, store.repositories()[0], lambda: NOW).pages("comments"):
            store.apply(page)

    world.comments = [comment(50, 1, 50)]
    world.issues[0] = issue(1, 10, comments=1)
    poll()
    world.comments = [comment(51, 1, 51)]
    assert read().comments == 0  # one was deleted and one came: the count is the same
    poll()
    assert read().comments == 1
    assert store.comment_ids(1) == {1: frozenset({51})}


def test_deleted_milestones_are_found_by_asking_for_those_that_the_list_lacks(
    world: FakeRepository, github: FakeGitHub, store: MemoryStore, read: Read
) -> None:
    world.milestones = [milestone(1), milestone(2), milestone(3)]
    for page in RepositoryReader(github, store, store.repositories()[0], lambda: NOW).pages("milestones"):
        store.apply(page)
    world.milestones = [milestone(1)]
    assert read().milestones == 2
    assert {"milestone:o/r#2", "milestone:o/r#3"} <= store.gone


def test_deleted_comments_show_in_the_count_of_their_item(
    world: FakeRepository, github: FakeGitHub, store: MemoryStore, read: Read
) -> None:
    world.comments = [comment(n, 1, n) for n in (50, 51, 52)]
    world.issues[0] = issue(1, 10, comments=3)
    for page in RepositoryReader(github, store, store.repositories()[0], lambda: NOW).pages("comments"):
        store.apply(page)
    world.comments = world.comments[:1]
    world.issues[0] = issue(1, 11, comments=1)
    assert read().comments == 2
    assert store.comment_ids(1) == {1: frozenset({50})}


def test_a_deleted_label_is_marked_also_when_another_got_its_name(
    world: FakeRepository, github: FakeGitHub, store: MemoryStore, read: Read
) -> None:
    world.labels = [{"id": n, "name": name} for n, name in ((1, "bug"), (2, "docs"), (3, "ui"))]
    for page in RepositoryReader(github, store, store.repositories()[0], lambda: NOW).pages("labels"):
        store.apply(page)
    world.labels = [{"id": 3, "name": "ui"}, {"id": 4, "name": "bug"}]
    assert read().labels == 2
    assert [label.id for label in store.labels(1)] == [3]


def test_a_full_read_that_was_cut_off_goes_on(
    world: FakeRepository, github: FakeGitHub, reading: Reading, store: MemoryStore, read: Read
) -> None:
    world.issues[0] = issue(1, 99, title="changed")
    without(world, 8)
    world.deleted.add(8)
    pages = read_in_full(reading, store, Findings())
    store.apply(next(pages))
    github.log.clear()
    assert read().gone == ["o/r#8"]
    assert "&page=2" in github.log[0][0]


def test_a_full_read_that_was_cut_off_long_ago_begins_anew(
    world: FakeRepository, github: FakeGitHub, reading: Reading, store: MemoryStore
) -> None:
    assert world.issues
    cut = read_in_full(reading, store, Findings())
    store.apply(next(cut))
    github.log.clear()
    later = replace(reading, clock=lambda: NOW + timedelta(hours=2))
    for page in read_in_full(later, store, Findings()):
        store.apply(page)
    assert "&page=1" in github.log[0][0]


def test_disabled_issues_make_nothing_gone(world: FakeRepository, store: MemoryStore, github: FakeGitHub) -> None:
    world.has_issues = False
    reader = RepositoryReader(github, store, store.repositories()[0], lambda: NOW)
    for page in reader.pages("reconcile"):
        store.apply(page)
    assert reader.issues_disabled
    assert store.gone == set()


def test_findings_are_told_in_a_sentence() -> None:
    found = Findings(listed=1234, gone=["o/r#4"], moved={"o/r#5": "o/new#1"}, comments=2)
    said = "Read o/r in full: 1,234 items, 1 deleted, o/r#5 moved to o/new#1, 2 comments deleted."
    assert found.sentence("o/r") == said
    assert Findings(listed=3).sentence("o/r") == "Read o/r in full: 3 items, nothing was missing."


@given(st.sets(st.integers(1, 300)))
def test_numbers_are_kept_as_ranges_without_loss(numbers: set[int]) -> None:
    assert numbers_in(ranges(numbers)) == numbers
