"""What only a single pull request tells: asked for few, once a version, and never again where it is not offered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from galaxy_desktop.collect.details import NEWEST, read_details, wanted_pulls
from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.domain.work import Review, WorkItem
from tests.collect.fakes import FakeGitHub, Fault, MemoryStore, at, pull

DAY = 1440
Ask = Callable[[], list[str]]


@pytest.fixture
def ask(github: FakeGitHub, reading: Reading, store: MemoryStore) -> Ask:
    """Ask for details, store them, and tell which single things were asked."""

    def run() -> list[str]:
        github.log.clear()
        for page in read_details(reading):
            store.apply(page)
        return [url.partition("/pulls/")[2].partition("&")[0] for url, _ in github.log if "/pulls/" in url]

    return run


def offer(github: FakeGitHub, number: int) -> None:
    review: dict[str, Any] = {"id": 70 + number, "state": "APPROVED", "user": None, "body": "", "html_url": "u"}
    details = github.repositories[0].details
    details[f"/pulls/{number}/files"] = [{"filename": "a.py"}, {"filename": "b.py"}]
    details[f"/pulls/{number}/reviews"] = [review | {"submitted_at": at(1)}]


def test_size_files_and_reviews_are_stored(github: FakeGitHub, store: MemoryStore, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(1, additions=5, deletions=2)]
    offer(github, 1)
    assert ask() == ["1", "1/files", "1/reviews"]
    (item,) = store.of_kind(WorkItem)
    assert (item.additions, item.deletions, item.files) == (5, 2, ("a.py", "b.py"))
    assert [review.verdict for review in store.of_kind(Review)] == ["approved"]


def test_a_quiet_repository_costs_304s_only(github: FakeGitHub, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(1)]
    offer(github, 1)
    ask()
    assert ask() == []
    assert {status for _, status in github.log} == {304}


def test_only_what_changed_is_asked_again(github: FakeGitHub, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(1), pull(2)]
    offer(github, 1)
    offer(github, 2)
    ask()
    github.repositories[0].pulls[0] = pull(1, 9)
    assert ask() == ["1", "1/files", "1/reviews"]


def test_what_is_not_offered_is_asked_once(github: FakeGitHub, store: MemoryStore, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(1), pull(2)]
    assert ask() == ["2", "2/files", "2/reviews", "1"]
    assert [item.files for item in store.of_kind(WorkItem)] == [None, None]
    github.repositories[0].pulls[0] = pull(1, 9)
    assert ask() == ["1"]


def test_a_kill_in_the_middle_loses_no_details(
    github: FakeGitHub, reading: Reading, store: MemoryStore, ask: Ask
) -> None:
    github.repositories[0].pulls = [pull(n) for n in (1, 2, 3)]
    store.apply(next(read_details(reading)))
    assert [number for number in ask() if "/" not in number] == ["2", "1"]


def test_a_deleted_pull_request_is_gone(github: FakeGitHub, store: MemoryStore, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(1)]
    github.faults.append(Fault("/pulls/1$", status=410))
    ask()
    assert store.gone == {"pr:o/r#1"}


def test_one_that_may_not_be_seen_is_no_error(github: FakeGitHub, store: MemoryStore, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(1), pull(2)]
    github.faults.append(Fault("/pulls/2$", status=404))
    ask()
    assert [item.number for item in store.of_kind(WorkItem)] == [1]
    assert ask() == []


def test_old_pull_requests_are_left_alone_unless_a_sprint_has_them() -> None:
    fresh, old = pull(1, 100 * DAY), pull(2, 10 * DAY)
    planned = pull(3, 20 * DAY, milestone={"number": 1, "state": "open"})
    over = pull(4, 20 * DAY, milestone={"number": 2, "state": "closed"})
    assert [row["number"] for row in wanted_pulls((fresh, planned, over, old))] == [1, 3]


def test_few_are_asked_however_many_are_open() -> None:
    rows = tuple(pull(n, 1000 - n) for n in range(1, 80))
    assert [row["number"] for row in wanted_pulls(rows)] == list(range(1, NEWEST + 1))


def test_without_open_pull_requests_nothing_is_asked(ask: Ask) -> None:
    assert ask() == []


def test_a_change_in_the_very_second_of_the_answer_is_met_by_the_next_read(
    github: FakeGitHub, store: MemoryStore, ask: Ask
) -> None:
    github.repositories[0].pulls = [pull(1, updated_at="2026-05-06T12:00:00Z")]  # now, by GitHub's clock
    offer(github, 1)
    ask()
    github.repositories[0].details["/pulls/1/files"].append({"filename": "c.py"})
    assert ask() == ["1", "1/files", "1/reviews"]
    (item,) = store.of_kind(WorkItem)
    assert item.files == ("a.py", "b.py", "c.py")
