"""Lists filtered by `since`: nothing is skipped, nothing is handed on twice, and a quiet list costs a 304."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

import pytest

from galaxy_desktop.collect.answers import Row
from galaxy_desktop.collect.history import history_of, read_history
from galaxy_desktop.collect.lists import COMMENTS, ISSUES
from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.collect.since import before, read_since
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Comment, WorkItem
from tests.collect.fakes import FakeGitHub, Fault, MemoryStore, as_issue, at, comment, issue, pull

Poll = Callable[[], list[int]]


@pytest.fixture
def poll(reading: Reading, store: MemoryStore) -> Poll:
    """Poll the issues and read what history is left, store them, and tell which numbers came."""

    def run() -> list[int]:
        numbers = []
        for page in chain(read_since(reading, ISSUES), read_history(reading, ISSUES)):
            store.apply(page)
            numbers += [record.number for record in page.records if isinstance(record, WorkItem)]
        return numbers

    return run


def test_the_newest_page_comes_first_then_history_from_its_beginning(github: FakeGitHub, poll: Poll) -> None:
    github.repositories[0].issues = [issue(n) for n in range(1, 12)]
    assert poll() == [11, 10, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]  # what a page brings besides is not thrown away


def test_changes_are_known_before_history_is_read(github: FakeGitHub, reading: Reading, store: MemoryStore) -> None:
    rows = github.repositories[0].issues
    rows += [issue(n, n * 10) for n in range(1, 12)]
    for page in read_since(reading, ISSUES):
        store.apply(page)
    rows[2] = issue(3, 500)
    changed = [record for page in read_since(reading, ISSUES) for record in page.records]
    assert [item.number for item in changed if isinstance(item, WorkItem)] == [3]
    assert not store.cursors[1, history_of("issues")].complete


def test_a_list_of_one_page_has_no_history(github: FakeGitHub, store: MemoryStore, poll: Poll) -> None:
    github.repositories[0].issues = [issue(n) for n in range(1, 4)]
    poll()
    assert (1, history_of("issues")) not in store.cursors
    assert len(github.log) == 1


def test_a_quiet_list_settles_once_and_then_costs_one_304(github: FakeGitHub, poll: Poll) -> None:
    github.repositories[0].issues = [issue(n, n * 10) for n in range(1, 6)]
    assert poll()
    assert poll() == []
    github.log.clear()
    assert poll() == []
    assert [status for _, status in github.log] == [304]


def test_the_url_of_a_quiet_list_stays_the_same(github: FakeGitHub, poll: Poll) -> None:
    github.repositories[0].issues = [issue(n, n * 10) for n in range(1, 6)]
    poll()
    github.log.clear()
    poll()
    poll()
    assert len({url for url, _ in github.log}) == 1
    assert f"since={at(48)}" in github.log[0][0]


def test_the_cursor_is_the_newest_change_seen_less_an_overlap() -> None:
    assert before("2026-05-01T00:01:00Z") == "2026-04-30T23:59:00Z"
    assert before("") == ""


def test_a_change_comes_and_its_neighbors_in_the_overlap_do_not(github: FakeGitHub, poll: Poll) -> None:
    rows = github.repositories[0].issues
    rows += [issue(1, 100), issue(2, 101)]
    poll()
    rows[0] = issue(1, 102, title="changed")
    assert poll() == [1]


def test_a_second_change_within_one_second_comes_too(github: FakeGitHub, poll: Poll, store: MemoryStore) -> None:
    rows = github.repositories[0].issues
    rows.append(issue(1, 10))
    poll()
    rows[0] = {**rows[0], "title": "Said better"}
    assert poll() == [1]
    assert [item.title for item in store.of_kind(WorkItem)] == ["Said better"]


def test_a_row_that_appears_late_within_the_overlap_is_still_met(github: FakeGitHub, poll: Poll) -> None:
    rows = github.repositories[0].issues
    rows += [issue(1, 100), issue(2, 101)]
    poll()
    rows.append(issue(3, 100.5))
    assert poll() == [3]


def test_a_row_that_moves_to_the_end_while_we_page_hides_no_neighbor(
    github: FakeGitHub, store: MemoryStore, poll: Poll
) -> None:
    repository = github.repositories[0]
    repository.issues = [issue(n, n * 10) for n in range(1, 8)]

    def touch(url: str) -> None:
        if f"since={at(20)}" in url:
            repository.issues[0] = issue(1, 999)

    repository.issues += [issue(n, n * 10) for n in range(8, 15)]
    github.before = touch
    poll()
    assert {r.number for r in store.of_kind(WorkItem)} == set(range(1, 15))


def test_a_second_that_fills_pages_is_read_by_page_numbers(github: FakeGitHub, poll: Poll) -> None:
    github.repositories[0].issues = [issue(n, 50) for n in range(1, 9)] + [issue(9, 60)]
    assert set(poll()) == set(range(1, 10))
    poll()
    poll()
    github.log.clear()
    assert poll() == []
    assert {status for _, status in github.log} == {304}


def test_a_second_that_shifts_while_it_is_paged_is_read_anew(github: FakeGitHub, poll: Poll) -> None:
    repository = github.repositories[0]
    repository.issues = [issue(n, 50) for n in range(1, 11)] + [issue(n, 60 + n) for n in range(11, 15)]

    def shift(url: str) -> None:
        if f"since={at(50)}" in url and "&page=2" in url:
            repository.issues[0] = issue(1, 70)

    github.before = shift
    assert set(poll()) == set(range(1, 15))


def test_a_full_overlap_is_asked_to_its_end_though_its_first_page_is_304(github: FakeGitHub, poll: Poll) -> None:
    rows = github.repositories[0].issues
    rows += [issue(n, 100 + n / 60) for n in range(1, 8)]
    poll()
    poll()
    assert poll() == []
    rows.append(issue(8, 101))
    assert poll() == [8]


def test_a_kill_in_the_middle_of_a_chain_hides_nothing_behind_a_304(
    github: FakeGitHub, reading: Reading, store: MemoryStore, poll: Poll
) -> None:
    rows = github.repositories[0].issues
    rows += [issue(n, 100 + n / 60) for n in range(1, 8)]
    poll()
    poll()
    rows[0] = issue(1, 100 + 8 / 60)
    rows.append(issue(9, 100 + 9 / 60))
    store.apply(next(read_since(reading, ISSUES)))
    assert set(poll()) | {r.number for r in store.of_kind(WorkItem)} == {*range(1, 8), 9}
    assert 9 in {r.number for r in store.of_kind(WorkItem)}


def test_a_read_that_was_cut_off_goes_on_where_it_stood(
    github: FakeGitHub, reading: Reading, store: MemoryStore, poll: Poll
) -> None:
    github.repositories[0].issues = [issue(n, n * 10) for n in range(1, 10)]
    for page in read_since(reading, ISSUES):
        store.apply(page)
    store.apply(next(read_history(reading, ISSUES)))
    github.log.clear()
    poll()
    assert f"since={at(30)}" in github.log[1][0]
    assert {r.number for r in store.of_kind(WorkItem)} == set(range(1, 10))


def test_an_etag_of_another_token_is_not_used(github: FakeGitHub, poll: Poll) -> None:
    github.repositories[0].issues = [issue(1)]
    poll()
    poll()
    github.fingerprint = "fp-other"
    github.log.clear()
    assert poll() == []
    assert [status for _, status in github.log] == [200]


def test_an_empty_list_is_complete_and_costs_a_304(github: FakeGitHub, store: MemoryStore, poll: Poll) -> None:
    assert poll() == []
    assert store.cursors[1, "issues"].complete
    poll()
    poll()
    assert [status for _, status in github.log] == [200, 200, 304]


def test_a_broken_page_leaves_the_cursor_at_the_last_good_one(
    github: FakeGitHub, store: MemoryStore, poll: Poll
) -> None:
    github.repositories[0].issues = [issue(n, n * 10) for n in range(1, 9)]
    github.faults.append(Fault(f"since={at(30)}", status=502))
    with pytest.raises(Exception, match="502"):
        poll()
    assert store.cursors[1, history_of("issues")].position == at(30)
    assert not store.cursors[1, history_of("issues")].complete


def test_pull_requests_come_with_the_issues(github: FakeGitHub, store: MemoryStore, poll: Poll) -> None:
    github.repositories[0].pulls = [pull(2, 5)]
    github.repositories[0].issues = [issue(1, 4)]
    poll()
    assert {item.evidence_id for item in store.of_kind(WorkItem)} == {"issue:o/r#1", "pr:o/r#2"}
    assert "pull_request" in as_issue(pull(2, 5))


def test_comments_are_read_the_same_way(github: FakeGitHub, reading: Reading, store: MemoryStore) -> None:
    github.repositories[0].comments = [comment(n, 1, n) for n in range(1, 8)]
    for page in chain(read_since(reading, COMMENTS), read_history(reading, COMMENTS)):
        store.apply(page)
    assert len(store.of_kind(Comment)) == 7


def test_raw_rows_can_be_noted_for_another_reader_before_they_are_stored(
    github: FakeGitHub, reading: Reading, store: MemoryStore
) -> None:
    github.repositories[0].issues = [issue(1), issue(2, issue_dependencies_summary={"total_blocked_by": 1})]

    def noted(reading: Reading, rows: Sequence[Row]) -> Page | None:
        found = [row["number"] for row in rows if "issue_dependencies_summary" in row]
        return reading.page(cursor=reading.moved("links", "", complete=False, note={"wanted": found}))

    for page in read_since(reading, replace(ISSUES, hint=noted)):
        store.apply(page)
    assert store.cursors[1, "links"].note == '{"wanted":[2]}'
    assert [bool(page.records) for page in store.pages] == [False, True]
