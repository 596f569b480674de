"""Ages, waiting, silence, elapsed and done share."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from galaxy_desktop.domain.facts import FlowHistory
from galaxy_desktop.domain.work import Person, State
from galaxy_desktop.features import temporal
from galaxy_desktop.features.activity import last_activity, started_at, waiting_since
from galaxy_desktop.features.index import index_of

FLOW = FlowHistory(window_days=90, days=(), sprint_days=(), cycle_days=(1, 2, 3, 4, 5), lead_days=())
ROBOT = Person(9, "dependabot[bot]")


def _feature(space: Any, name: str, flow: FlowHistory = FLOW) -> Any:
    return next(f for f in temporal.features(space.view(), flow, [], []) if f.name == name)


def _waiting(space: Any, item: Any) -> float | None:
    view = space.view()
    since = waiting_since(item, view.index)
    return None if since is None else (view.now - since).total_seconds() / 86400


def test_work_on_a_pull_request_starts_with_it(space: Any) -> None:
    item = space.pull(1, draft=True)
    assert started_at(item, space.view().index, {}) == item.created_at


@pytest.mark.parametrize(
    ("kind", "subject", "starts"),
    [
        ("assigned", "ann", True),
        ("labeled", "in progress", True),
        ("labeled", "Status: In-Progress", True),
        ("labeled", "WIP", True),
        ("labeled", "bug", False),
        ("labeled", "not in progress", False),
        ("renamed", "", False),
    ],
)
def test_assignment_and_progress_labels_are_signs_of_work(space: Any, kind: str, subject: str, starts: bool) -> None:
    item = space.issue(1)
    event = space.event(item, kind, 4, subject)
    assert started_at(item, space.view().index, {}) == (event.created_at if starts else None)


def test_a_pull_request_that_closes_an_issue_starts_it_unless_it_was_thrown_away(space: Any) -> None:
    item = space.issue(1)
    space.pull(2, "Fixes #1", created_at=space.ago(5), closed=space.ago(4))
    view = space.view()
    assert started_at(item, view.index, view.closers) is None
    kept = space.pull(3, "Fixes #1", created_at=space.ago(3))
    view = space.view()
    assert started_at(item, view.index, view.closers) == kept.created_at


def test_a_pull_request_waits_from_when_it_was_ready_until_somebody_else_looks(space: Any) -> None:
    item = space.pull(1, created_at=space.ago(8))
    space.review(space.pull(9, milestone_number=None))
    space.event(item, "ready_for_review", 5)
    assert _waiting(space, item) == 5
    space.review(item, 2, author=item.author)
    space.review(item, 2, author=ROBOT)
    space.comment(item, "I will look tomorrow")
    assert _waiting(space, item) == 5
    space.review(item, 1)
    assert _waiting(space, item) is None


def test_a_review_asked_for_again_is_waited_for_again(space: Any) -> None:
    item = space.pull(1, requested_reviewers=(Person(2, "ben"),))
    space.review(item, 4)
    assert _waiting(space, item) is None
    space.event(item, "review_requested", 3, "ben")
    assert _waiting(space, item) == 3


def test_where_no_review_is_stored_a_comment_of_somebody_else_counts(space: Any) -> None:
    item = space.pull(1, created_at=space.ago(8))
    space.comment(item, "bump", author=item.author)
    assert _waiting(space, item) == 8
    space.comment(item, "Looks good")
    assert _waiting(space, item) is None


def test_drafts_issues_and_closed_pull_requests_do_not_wait(space: Any) -> None:
    items = [space.pull(1, draft=True), space.issue(2), space.pull(3, closed=space.ago(1))]
    assert [_waiting(space, item) for item in items] == [None, None, None]


def test_old_items_are_those_in_work_for_longer_than_the_85th_percentile(space: Any) -> None:
    space.pull(1, created_at=space.ago(4.5))
    space.pull(2, created_at=space.ago(4.3))
    space.issue(3, created_at=space.ago(100))
    found = _feature(space, "items_older_than_p85")
    assert (found.value, found.formula) == (1, "of 2 items in work, older than 4.4 days = 1")
    assert found.evidence[0].quote == "in work for 4.5 days"


def test_without_a_past_no_item_is_old(space: Any) -> None:
    space.pull(1)
    flow = FlowHistory(window_days=90, days=(), sprint_days=(), cycle_days=(1.0,), lead_days=())
    assert _feature(space, "items_older_than_p85", flow).value is None


def test_time_to_first_review_is_the_median_over_reviewed_pull_requests(space: Any) -> None:
    for number, wait in ((1, 1), (2, 3), (3, 8)):
        item = space.pull(number, created_at=space.ago(20))
        space.review(item, 20 - wait)
    space.pull(4)
    found = _feature(space, "time_to_first_review_days_p50")
    assert (found.value, found.formula) == (3, "median of 3 pull requests = 3")


def test_no_review_is_no_data_not_zero_days(space: Any) -> None:
    space.pull(1)
    assert _feature(space, "time_to_first_review_days_p50").value is None


def test_silence_counts_from_the_last_thing_anybody_did(space: Any) -> None:
    space.issue(1, updated_at=space.ago(6))
    talked = space.issue(2, updated_at=space.ago(7))
    space.comment(talked, "hello", 2.5)
    found = _feature(space, "days_without_activity")
    assert found.value == 2.5
    assert found.evidence[0].id == "issue:o/r#2"


def test_elapsed_time_ends_with_the_end_of_the_due_day(space: Any) -> None:
    space.milestone(due=date(2026, 5, 7), created_at=space.ago(6.5))
    assert _feature(space, "elapsed_share").value == pytest.approx(6.5 / 8)


def test_elapsed_time_never_passes_one(space: Any) -> None:
    space.milestone(due=date(2026, 5, 1), created_at=space.ago(10))
    found = _feature(space, "elapsed_share")
    assert (found.value, found.formula) == (1.0, "10.0 of 5.5 days, at most 1 = 1")


def test_without_an_end_nothing_has_elapsed(space: Any) -> None:
    space.milestone(due=None)
    found = _feature(space, "elapsed_share")
    assert (found.value, found.why_none) == (None, "the sprint has no end date")


def test_done_counts_closed_items_as_github_does(space: Any) -> None:
    space.issue(1, closed=space.ago(1), state_reason="not_planned")
    space.issue(2)
    found = _feature(space, "done_share")
    assert (found.value, found.formula) == (0.5, "1 closed / 2 items = 0.5")


def test_an_empty_sprint_has_no_done_share(space: Any) -> None:
    space.milestone(state=State.OPEN)
    assert _feature(space, "done_share").value is None


def test_a_pull_request_with_commits_of_yesterday_is_not_silent(space: Any) -> None:
    pull = space.pull(1)
    assert temporal.idle_days(pull, space.view()) == 9
    listed = space.pushed(pull, "first", "second\n\nmore", days_ago=1)
    view = space.view()
    assert temporal.idle_days(pull, view) == 1
    silence = _feature(space, "days_without_activity")
    assert (silence.value, [one.id for one in silence.evidence]) == (
        1,
        ["pr:o/r#1", f"commit:o/r@{listed.commits[-1].sha}"],
    )
    assert silence.evidence[1].quote == "second more"
    assert silence.evidence[1].url == f"{pull.url}/commits/{listed.commits[-1].sha}"


def test_a_commit_of_a_clock_that_is_ahead_was_made_when_we_saw_it_at_the_latest(space: Any) -> None:
    pull = space.pull(1)
    listed = space.pushed(pull, "from the future", days_ago=-30)
    assert last_activity(pull, index_of(space.snapshot())) == listed.observed_at
