"""What one event tells, in every shape the feed had; what it does not tell stays unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from galaxy_desktop.collect.archive.shapes import Told, told
from galaxy_desktop.domain.archived import FIRST_NUMBER, is_archived
from galaxy_desktop.domain.repository_facts import Release
from galaxy_desktop.domain.work import Comment, ItemEvent, ItemKind, Milestone, Person, Review, State, WorkItem
from tests.collect import archive_events as made

AT = datetime(2026, 5, 1, 14, tzinfo=UTC)


def _of(kind: type, found: Told) -> list[Any]:
    return [record for record in found.records if isinstance(record, kind)]


def _kinds(found: Told) -> list[tuple[str, str]]:
    return [(one.kind, one.subject) for one in _of(ItemEvent, found)]


def test_an_issue_event_tells_the_issue_its_milestone_and_what_happened() -> None:
    row = made.issue(
        12, state="closed", closed_at="2026-05-01T14:00:00Z", milestone=made.milestone(), labels=[made.label()]
    )
    found = told(made.event("IssuesEvent", {"action": "closed", "issue": row}))
    (item,) = _of(WorkItem, found)
    assert (item.kind, item.state, item.labels, item.milestone_number) == (ItemKind.ISSUE, State.CLOSED, ("bug",), 1)
    assert (item.observed_at, item.updated_at) == (AT, datetime(2026, 5, 1, 10, tzinfo=UTC))
    assert _of(Milestone, found)[0].due_on == date(2026, 5, 15)
    assert _kinds(found) == [("closed", "")]
    assert found.part_of is None


def test_a_full_pull_request_tells_its_head_its_size_and_its_merge() -> None:
    row = made.pull(20, state="closed", merged=True, merged_at="2026-05-01T14:00:00Z", closed_at="2026-05-01T14:00:00Z")
    found = told(made.event("PullRequestEvent", {"action": "closed", "number": 20, "pull_request": row}))
    (item,) = _of(WorkItem, found)
    assert (item.kind, item.base_ref, item.additions, item.deletions) == (ItemKind.PULL_REQUEST, "trunk", 40, 2)
    assert item.merged_at == AT
    assert _kinds(found) == [("merged", ""), ("closed", "")]
    assert len({one.id for one in _of(ItemEvent, found)}) == 2


@pytest.mark.parametrize(
    ("action", "kinds"),
    [
        ("merged", ["merged", "closed"]),
        ("closed", ["closed"]),
        ("reopened", ["reopened"]),
        ("opened", []),
        ("synchronize", []),
    ],
)
def test_a_trimmed_pull_request_tells_what_happened_and_nothing_is_made_up(action: str, kinds: list[str]) -> None:
    payload = {"action": action, "number": 20, "pull_request": made.trimmed_pull(20)}
    found = told(made.event("PullRequestEvent", payload))
    assert [kind for kind, _ in _kinds(found)] == kinds
    assert _of(WorkItem, found) == []
    assert found.part_of == 20


def test_a_pull_request_without_branches_is_no_bad_line() -> None:
    bare = {"id": 1, "number": 20, "url": "u", "head": {}, "base": {}}
    assert told(made.event("PullRequestEvent", {"action": "opened", "number": 20, "pull_request": bare})).part_of == 20


@pytest.mark.parametrize(
    "missing", ["title", "body", "state", "user", "labels", "milestone", "updated_at", "closed_at"]
)
def test_an_item_is_left_out_rather_than_filled_with_nothing(missing: str) -> None:
    row = {name: value for name, value in made.issue(12).items() if name != missing}
    found = told(made.event("IssuesEvent", {"action": "opened", "issue": row}))
    assert _of(WorkItem, found) == []
    assert found.part_of == 12


def test_a_comment_tells_its_item_too_also_a_pull_request_without_its_head() -> None:
    payload = {"action": "created", "issue": made.pull_as_issue(20), "comment": made.comment(20)}
    found = told(made.event("IssueCommentEvent", payload))
    (item,), (comment,) = _of(WorkItem, found), _of(Comment, found)
    assert (item.kind, item.head_sha, item.additions) == (ItemKind.PULL_REQUEST, None, None)
    assert (comment.item_number, comment.author, comment.review) == (20, Person(9, "eve"), False)


def test_a_comment_does_not_tell_of_drafts_because_none_tells_that_one_is_ready() -> None:
    payload = {"action": "created", "issue": made.pull_as_issue(20, draft=True), "comment": made.comment(20)}
    assert not _of(WorkItem, told(made.event("IssueCommentEvent", payload)))[0].draft


def test_a_review_and_a_comment_on_a_line_come_with_trimmed_pull_requests_too() -> None:
    review = {"action": "created", "review": made.review(20), "pull_request": made.trimmed_pull(20)}
    remark = {"action": "created", "comment": made.review_comment(20), "pull_request": made.trimmed_pull(20)}
    (one,) = _of(Review, told(made.event("PullRequestReviewEvent", review)))
    (other,) = _of(Comment, told(made.event("PullRequestReviewCommentEvent", remark)))
    assert (one.item_number, one.verdict, one.submitted_at) == (20, "approved", datetime(2026, 5, 1, 13, tzinfo=UTC))
    assert (other.item_number, other.review) == (20, True)


@pytest.mark.parametrize(
    ("action", "more", "kind", "subject"),
    [
        ("labeled", {"label": made.label("bug")}, "labeled", "bug"),
        ("unassigned", {"assignee": made.user(9, "eve")}, "unassigned", "eve"),
        ("milestoned", {"milestone": made.milestone(title="Sprint 2")}, "milestoned", "Sprint 2"),
        ("review_requested", {"requested_reviewer": made.user(9, "eve")}, "review_requested", "eve"),
        ("converted_to_draft", {}, "convert_to_draft", ""),
    ],
)
def test_what_happened_to_an_item_is_told_as_the_list_of_events_tells_it(
    action: str, more: dict[str, Any], kind: str, subject: str
) -> None:
    found = told(
        made.event("PullRequestEvent", {"action": action, "number": 20, "pull_request": made.pull(20), **more})
    )
    assert _kinds(found) == [(kind, subject)]
    assert all(is_archived(one) for one in _of(ItemEvent, found))


def test_what_a_label_event_is_about_stays_untold_when_it_does_not_say_so() -> None:
    assert _kinds(told(made.event("IssuesEvent", {"action": "labeled", "issue": made.issue()}))) == []


def test_numbers_of_events_are_the_same_in_every_run_and_far_from_githubs() -> None:
    first = told(made.event("IssuesEvent", {"action": "closed", "issue": made.issue()}, id=31_000_000_001))
    assert _of(ItemEvent, first)[0].id == FIRST_NUMBER + 31_000_000_001 * 8


def test_a_published_release_is_told() -> None:
    (found,) = _of(Release, told(made.event("ReleaseEvent", {"action": "published", "release": made.release()})))
    assert (found.tag, found.draft, found.published_at) == ("v1.0", False, datetime(2026, 5, 1, 9, tzinfo=UTC))


def test_a_deleted_comment_or_issue_is_gone() -> None:
    payload = {"action": "deleted", "issue": made.issue(), "comment": made.comment(id=5001)}
    assert told(made.event("IssueCommentEvent", payload)).gone == ("comment:nova/rocket#5001",)
    assert told(made.event("IssuesEvent", {"action": "deleted", "issue": made.issue(12)})).gone == (
        "issue:nova/rocket#12",
    )


def test_a_repository_is_described_where_the_event_does_and_only_named_elsewhere() -> None:
    full = told(made.event("PullRequestEvent", {"action": "opened", "number": 20, "pull_request": made.pull(20)}))
    named = told(made.event("WatchEvent", {"action": "started"}))
    assert (full.repository.default_branch, full.repository_seen_at) == ("trunk", AT)
    assert named.repository.url == "https://github.com/nova/rocket"
    assert named.repository_seen_at < datetime(1950, 1, 1, tzinfo=UTC)


def test_issues_of_2015_with_one_assignee_are_whole() -> None:
    row = {name: value for name, value in made.issue(assignee=made.user(9, "eve")).items() if name != "assignees"}
    (item,) = _of(
        WorkItem, told(made.event("IssuesEvent", {"action": "opened", "issue": row}, at="2015-06-01T00:00:00Z"))
    )
    assert item.assignees == (Person(9, "eve"),)


def test_a_pull_request_that_does_not_say_whether_it_is_a_draft_has_no_head() -> None:
    row = {name: value for name, value in made.pull(20).items() if name != "draft"}
    (item,) = _of(
        WorkItem, told(made.event("PullRequestEvent", {"action": "opened", "number": 20, "pull_request": row}))
    )
    assert (item.kind, item.head_sha) == (ItemKind.PULL_REQUEST, None)


def test_deleted_accounts_are_nobody() -> None:
    payload = {"action": "created", "issue": made.issue(user=None), "comment": made.comment(user=None)}
    found = told(made.event("IssueCommentEvent", payload))
    assert (_of(WorkItem, found)[0].author, _of(Comment, found)[0].author) == (None, None)


@pytest.mark.parametrize(
    "payload", [{}, {"issue": None}, {"issue": {"number": "x"}}, {"action": "closed", "issue": []}]
)
def test_a_misshapen_payload_raises_what_the_reader_counts(payload: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        told(made.event("IssuesEvent", payload))
