"""Rows into records, with everything that GitHub may leave out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from galaxy_desktop.collect import records
from galaxy_desktop.domain.work import ItemKind, Person, Repository, State
from galaxy_desktop.errors import BrokenAnswerError
from tests.collect.fakes import NOW, as_issue, comment, event, issue, milestone, pull

REPO = Repository(id=1, full_name="o/r", url="https://github.com/o/r")


def test_a_pull_request_is_told_from_the_raw_row() -> None:
    row = as_issue(pull(7, merged_at="2026-02-01T10:00:00Z", state="closed"))
    found = records.item(row, REPO, NOW)
    assert found.kind is ItemKind.PULL_REQUEST
    assert found.merged_at == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert found.evidence_id == "pr:o/r#7"


def test_what_the_list_of_issues_does_not_carry_is_unknown() -> None:
    found = records.item(as_issue(pull(7)), REPO, NOW)
    assert (found.head_sha, found.base_ref, found.additions, found.files) == (None, None, None, None)


def test_a_row_of_pulls_is_a_pull_request_with_its_head() -> None:
    found = records.item(pull(7, requested_reviewers=[{"id": 3, "login": "eve"}]), REPO, NOW)
    assert (found.kind, found.head_sha, found.base_ref) == (ItemKind.PULL_REQUEST, "sha7", "main")
    assert found.requested_reviewers == (Person(3, "eve"),)


def test_deleted_accounts_and_empty_texts_are_no_obstacle() -> None:
    row = issue(1, user=None, body=None, milestone=None, assignees=[None, {"id": 2, "login": "x"}], labels=None)
    found = records.item(row, REPO, NOW)
    assert (found.author, found.body, found.milestone_number) == (None, "", None)
    assert found.assignees == (Person(2, "x"),)


def test_emoji_and_line_ends_are_kept_as_they_are() -> None:
    text = "done 🎉\r\n- [x] tests\r\n"
    assert records.item(issue(1, body=text), REPO, NOW).body == text


def test_labels_may_be_objects_or_names() -> None:
    assert records.item(issue(1, labels=[{"name": "bug"}, "ui"]), REPO, NOW).labels == ("bug", "ui")


def test_why_an_issue_was_closed_is_kept() -> None:
    found = records.item(issue(1, state="closed", state_reason="not_planned"), REPO, NOW)
    assert (found.state, found.state_reason, found.delivered) == (State.CLOSED, "not_planned", False)


@pytest.mark.parametrize("text", ["2026-06-01T00:00:00Z", "2026-06-01T07:00:00Z", "2026-06-01T08:00:00Z"])
def test_a_due_date_is_the_day_that_was_meant(text: str) -> None:
    assert records.milestone(milestone(1, due_on=text), REPO, NOW).due_on == date(2026, 6, 1)


def test_a_milestone_may_have_no_due_date() -> None:
    assert records.milestone(milestone(1, due_on=None), REPO, NOW).due_on is None


def test_moments_with_an_offset_are_turned_into_utc() -> None:
    assert records.stamp(records.moment("2026-02-01T18:32:00+02:00")) == "2026-02-01T16:32:00Z"


def test_fractions_of_a_second_do_not_disturb_the_order() -> None:
    assert records.updated({"updated_at": "2026-02-01T18:32:00.123Z"}) == "2026-02-01T18:32:00Z"


def test_a_comment_knows_its_item_from_its_url() -> None:
    assert records.comment(comment(5, item=12, minutes=1), REPO, NOW).item_number == 12


def test_a_comment_on_a_diff_is_marked() -> None:
    row = comment(5, item=12, minutes=1) | {"pull_request_url": "https://api.github.com/repos/o/r/pulls/9"}
    found = records.comment(row, REPO, NOW)
    assert (found.review, found.item_number) == (True, 9)


@pytest.mark.parametrize(
    ("row", "subject"),
    [
        pytest.param(event(1, "labeled", label={"name": "bug"}), "bug", id="label"),
        pytest.param(event(1, "milestoned", milestone={"title": "v1"}), "v1", id="milestone"),
        pytest.param(event(1, "assigned", assignee={"login": "eve"}), "eve", id="assignee"),
        pytest.param(event(1, "renamed", rename={"from": "a", "to": "b"}), "a → b", id="rename"),
        pytest.param(event(1, "review_requested", requested_reviewer={"login": "eve"}), "eve", id="reviewer"),
        pytest.param(event(1, "review_requested", requested_team={"name": "core"}), "core", id="team"),
        pytest.param(event(1, "referenced", commit_id="abc"), "abc", id="commit"),
        pytest.param(event(1, "reopened"), "", id="nothing to add"),
    ],
)
def test_an_event_says_what_it_is_about(row: dict[str, Any], subject: str) -> None:
    found = records.event(row, REPO, NOW)
    assert found is not None
    assert found.subject == subject


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(event(1, "locked"), id="a kind that says nothing"),
        pytest.param(event(1, "referenced"), id="a reference without its commit"),
        pytest.param(event(1, issue=None), id="an item that is gone"),
        pytest.param(event(1) | {"id": None}, id="no id"),
    ],
)
def test_events_without_use_are_left_out(row: dict[str, Any]) -> None:
    assert records.event(row, REPO, NOW) is None


def test_an_event_of_a_deleted_account_has_no_actor() -> None:
    found = records.event(event(1, actor=None), REPO, NOW)
    assert found is not None
    assert found.actor is None


def test_a_run_ends_only_when_it_is_completed() -> None:
    row = {"id": 1, "name": "ci", "status": "in_progress", "created_at": "2026-01-01T00:00:00Z", "html_url": "u"}
    running = records.run(row | {"updated_at": "2026-01-01T00:05:00Z"}, REPO, NOW)
    ended = records.run(
        row | {"updated_at": "2026-01-01T00:05:00Z", "status": "completed", "conclusion": "failure"}, REPO, NOW
    )
    assert running.finished_at is None
    assert ended.finished_at == datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
    assert ended.red


def test_a_commit_counts_from_when_it_was_committed() -> None:
    who = {"author": {"date": "2025-12-01T00:00:00Z"}, "committer": {"date": "2026-01-01T00:00:00Z"}, "message": "m"}
    found = records.commit({"sha": "a", "commit": who, "author": None, "html_url": "u"}, REPO, NOW)
    assert found.committed_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.author is None


def test_a_review_that_is_still_being_written_is_left_out() -> None:
    row = {"id": 1, "state": "PENDING", "user": None, "body": None, "html_url": "u", "submitted_at": None}
    assert records.review_of(3, row, REPO, NOW) is None
    sent = records.review_of(3, row | {"state": "APPROVED", "submitted_at": "2026-01-01T00:00:00Z"}, REPO, NOW)
    assert sent is not None
    assert (sent.verdict, sent.item_number) == ("approved", 3)


def test_a_row_that_cannot_be_read_is_a_broken_answer() -> None:
    with pytest.raises(BrokenAnswerError, match="cannot be read"):
        records.converted([{"id": 1}], lambda row: records.item(row, REPO, NOW))
