"""A whole repository: the sprint first, renames followed, refusals told apart from silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from galaxy_desktop.collect.reading import note_of
from galaxy_desktop.collect.sync import RepositoryReader, resolve
from galaxy_desktop.domain.work import Label, Milestone, Repository, WorkItem
from galaxy_desktop.errors import NoAccessError
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, Fault, MemoryStore, comment, issue, milestone, pull

Read = Callable[[], RepositoryReader]


def planned(number: int, sprint: int) -> dict[str, object]:
    return issue(number, milestone={"number": sprint})


def test_the_current_sprint_comes_before_history(github: FakeGitHub, read_all: Read) -> None:
    repository = github.repositories[0]
    repository.milestones = [milestone(1, state="closed"), milestone(2)]
    repository.issues = [issue(1), planned(2, 2)]
    read_all()
    order = [url.split("&")[0] + ("?milestone" if "milestone=2" in url else "") for url, _ in github.log]
    assert order[:4] == ["/repos/o/r", "/repos/o/r/milestones", "/repos/o/r/issues?milestone", "/repos/o/r/issues"]


def test_the_sprint_is_asked_apart_only_until_history_is_complete(github: FakeGitHub, read_all: Read) -> None:
    github.repositories[0].milestones = [milestone(2)]
    github.repositories[0].issues = [planned(2, 2)]
    read_all()
    github.log.clear()
    read_all()
    assert github.asked("milestone=2") == []


def test_after_a_kill_the_sprint_is_known_though_milestones_are_304(
    github: FakeGitHub, store: MemoryStore, repository: Repository, read_all: Read
) -> None:
    github.repositories[0].milestones = [milestone(2), milestone(3, state="closed")]
    github.repositories[0].issues = [planned(2, 2)]
    steps = RepositoryReader(github, store, repository, lambda: NOW).steps()
    for page in [*next(steps).pages(), *next(steps).pages()]:
        store.apply(page)
    github.log.clear()
    read_all()
    assert len(github.asked("milestone=2")) == 1
    assert github.asked("milestone=3") == []


def test_an_idle_read_is_all_304(github: FakeGitHub, read_all: Read) -> None:
    repository = github.repositories[0]
    repository.milestones = [milestone(n) for n in range(1, 6)]
    repository.labels = [{"id": n, "name": f"l{n}"} for n in range(1, 6)]
    repository.issues = [planned(n, 1) for n in range(1, 9)]
    repository.pulls = [pull(n) for n in range(10, 18)]
    repository.comments = [comment(n, 1, n) for n in range(1, 9)]
    read_all()
    read_all()
    github.log.clear()
    read_all()
    assert {status for _, status in github.log} == {304}
    assert len(github.log) >= 10


def test_nothing_is_doubled_by_reading_again(github: FakeGitHub, store: MemoryStore, read_all: Read) -> None:
    github.repositories[0].issues = [issue(n) for n in range(1, 9)]
    read_all()
    before = dict(store.records)
    read_all()
    assert store.records == before


def test_a_milestone_whose_due_date_moved_comes_again(github: FakeGitHub, store: MemoryStore, read_all: Read) -> None:
    github.repositories[0].milestones = [milestone(1)]
    read_all()
    github.repositories[0].milestones = [milestone(1, due_on="2026-07-17T07:00:00Z")]
    read_all()
    assert [str(m.due_on) for m in store.of_kind(Milestone)] == ["2026-07-17"]


def test_a_change_on_the_second_page_of_milestones_is_seen(
    github: FakeGitHub, store: MemoryStore, read_all: Read
) -> None:
    rows = github.repositories[0].milestones
    rows += [milestone(n) for n in range(1, 6)]
    read_all()
    rows[4] = milestone(5, title="renamed")
    read_all()
    assert "renamed" in {m.title for m in store.of_kind(Milestone)}


def test_labels_are_read_whole(github: FakeGitHub, store: MemoryStore, read_all: Read) -> None:
    github.repositories[0].labels = [{"id": n, "name": f"l{n}", "color": None} for n in range(1, 6)]
    read_all()
    assert len(store.of_kind(Label)) == 5


def test_a_rename_is_followed_and_the_id_stays(github: FakeGitHub, store: MemoryStore, read_all: Read) -> None:
    read_all()
    github.repositories[0].name, github.repositories[0].old_names = "o/new", ("o/r",)
    reader = read_all()
    assert reader.repository.full_name == "o/new"
    assert [(r.id, r.full_name) for r in store.repositories()] == [(1, "o/new")]
    assert "/repos/o/new/labels" in github.log[-1][0] or github.asked("/repos/o/new/labels")


def test_a_name_taken_by_another_repository_does_not_mix_the_two(
    github: FakeGitHub, store: MemoryStore, read_all: Read
) -> None:
    read_all()
    github.repositories[0].name = "o/moved"
    github.repositories.append(FakeRepository(id=2, name="o/r"))
    assert read_all().repository.full_name == "o/moved"
    assert [r.id for r in store.repositories()] == [1]


def test_news_of_the_repository_that_we_do_not_keep_is_no_change(
    github: FakeGitHub, store: MemoryStore, read_all: Read
) -> None:
    read_all()
    github.repositories[0].stars = 5
    pages = len(store.pages)
    read_all()
    assert all(not page.records for page in store.pages[pages:])


def test_disabled_issues_keep_what_was_stored_and_read_the_rest(
    github: FakeGitHub, store: MemoryStore, read_all: Read
) -> None:
    github.repositories[0].issues = [issue(1)]
    assert read_all().issues_disabled == ""
    github.repositories[0].has_issues = False
    github.repositories[0].labels = [{"id": 1, "name": "new"}]
    assert "o/r" in read_all().issues_disabled
    assert len(store.of_kind(WorkItem)) == 1
    assert len(store.of_kind(Label)) == 1


@pytest.mark.parametrize("tail", ["/commits", "/actions/runs", "/pulls/comments"])
def test_a_list_that_is_not_offered_is_remembered_for_a_while(
    github: FakeGitHub, store: MemoryStore, repository: Repository, read_all: Read, tail: str
) -> None:
    github.faults.append(Fault(tail, times=99, status=404))
    read_all()
    read_all()
    assert len(github.asked(tail)) == 1
    said = {note_of(cursor).get("why", "") for cursor in store.cursors.values() if "absent" in cursor.note}
    assert len(said) == 1
    assert "o/r" in said.pop()
    later = RepositoryReader(github, store, repository, lambda: NOW + timedelta(days=8))
    for step in later.steps():
        list(step.pages())
    assert len(github.asked(tail)) == 2


def test_a_list_that_one_token_was_refused_is_asked_at_once_with_another(
    github: FakeGitHub, store: MemoryStore, repository: Repository, read_all: Read
) -> None:
    github.faults.append(Fault("/commits", times=1, status=404))
    read_all()
    read_all()
    assert len(github.asked("/commits")) == 1
    github.fingerprint = "fp-other"
    read_all()
    assert len(github.asked("/commits")) == 2


def test_a_list_that_must_be_there_and_is_refused_is_a_sentence(github: FakeGitHub, read_all: Read) -> None:
    github.faults.append(Fault("/issues&", status=403))
    with pytest.raises(NoAccessError, match="o/r"):
        read_all()


def test_a_name_leads_to_its_repository(github: FakeGitHub) -> None:
    github.repositories[0].old_names = ("o/old",)
    assert resolve(github, "o/old").full_name == "o/r"
    with pytest.raises(NoAccessError, match="o/none"):
        resolve(github, "o/none")
