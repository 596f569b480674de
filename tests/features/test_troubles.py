"""What each family sees of a running sprint, from dated records alone: a look back sees what was seen then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.facts import Family
from galaxy_desktop.domain.work import State
from galaxy_desktop.features import scope
from galaxy_desktop.features.compute import compute
from galaxy_desktop.features.past import as_of
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.features.troubles import troubles

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
LONG = "We want to be able to export every table as a file because two customers asked for it twice and the current way is slow."


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def seen(space: Any) -> dict[str, float | None]:
    view = space.view()
    return {one.family: one.value for one in troubles(view, scope.added(view), scope.removed(view))}


@pytest.fixture
def sprint(space: Any) -> Any:
    """A sprint with four issues, planned at once."""
    space.milestone()
    for number in range(1, 5):
        space.issue(number, LONG)
    return space


def test_every_family_is_there_in_its_order(sprint: Any) -> None:
    assert list(seen(sprint)) == [str(family) for family in Family]


def test_without_records_most_is_unknown_and_not_zero(sprint: Any) -> None:
    assert seen(sprint) == {
        "code": None, "text": 0.0, "temporal": None, "graph": 0.0, "sentiment": None, "ci": None,
    }  # fmt: skip


def test_code_is_the_share_of_reviewed_pull_requests_that_were_sent_back(sprint: Any) -> None:
    for number, verdict in ((11, "changes_requested"), (12, "approved"), (13, "approved"), (14, "commented")):
        review = sprint.review(sprint.pull(number, milestone_number=None), 2)
        sprint.reviews[sprint.reviews.index(review)] = replace(review, verdict=verdict)
    sprint.review(sprint.pull(15, milestone_number=None), 30)
    assert seen(sprint)["code"] == 0.25


def test_text_is_the_share_of_open_issues_that_say_nothing(sprint: Any) -> None:
    sprint.issue(5, "Make it faster")
    sprint.issue(6, "- [ ] tests are green")
    assert seen(sprint)["text"] == pytest.approx(1 / 6, abs=1e-4)


def test_temporal_is_the_share_of_young_open_pull_requests_that_wait_for_long(sprint: Any) -> None:
    sprint.pull(11, created_at=ago(5))
    sprint.pull(12, created_at=ago(1))
    sprint.review(sprint.pull(13, created_at=ago(5)), 4)
    sprint.pull(14, created_at=ago(5), draft=True)
    sprint.pull(15, created_at=ago(200))
    assert seen(sprint)["temporal"] == pytest.approx(1 / 3, abs=1e-4)


def test_graph_counts_what_comments_say_and_not_what_descriptions_say(sprint: Any) -> None:
    sprint.issue(5, "Blocked by #1")
    assert seen(sprint)["graph"] == 0.0
    sprint.comment(sprint.items[1], "This is blocked by #1", 2)
    assert seen(sprint)["graph"] == 0.2


def test_graph_counts_labels_and_dependencies_by_their_events(sprint: Any) -> None:
    one, two, three, four = sprint.items
    sprint.event(one, "labeled", 3, "status: blocked")
    sprint.event(two, "blocked_by_added", 3, "O/r#4")
    sprint.event(three, "labeled", 3, "blocked")
    sprint.event(three, "unlabeled", 2, "blocked")
    sprint.event(four, "blocked_by_added", 3, "elsewhere/x#1")
    sprint.items[3] = replace(four, labels=("blocked",))
    assert seen(sprint)["graph"] == 0.5, "a label without an event may have come later"


def test_an_item_that_waits_for_a_closed_one_does_not_wait(sprint: Any) -> None:
    sprint.issue(5, closed=ago(1))
    sprint.comment(sprint.items[1], "This is blocked by #5", 2)
    assert seen(sprint)["graph"] == 0.0


def test_sentiment_counts_items_with_negative_talk(sprint: Any) -> None:
    sprint.comment(sprint.items[0], "This is a terrible idea, I am frustrated", 2)
    sprint.comment(sprint.items[1], "Great work, thanks!", 2)
    sprint.comment(sprint.items[2], "This is terrible", 20)
    assert seen(sprint)["sentiment"] == 0.25


def test_ci_is_the_share_of_runs_that_failed(sprint: Any) -> None:
    for number in range(5):
        sprint.run("failure" if number < 2 else "success", 1 + number)
    sprint.run("failure", 20)
    assert seen(sprint)["ci"] == 0.4


def test_dropping_or_finishing_an_item_in_good_order_is_no_trouble(sprint: Any) -> None:
    sprint.comment(sprint.items[0], "Terrible. This is blocked by #2", 2)
    before = seen(sprint)
    sprint.items[3] = replace(sprint.items[3], state=State.CLOSED, closed_at=ago(1))
    sprint.event(sprint.items[2], "demilestoned", 1, "1.0")
    sprint.items[2] = replace(sprint.items[2], milestone_number=None)
    assert seen(sprint) == before


def test_an_item_added_late_hides_no_trouble(sprint: Any) -> None:
    sprint.comment(sprint.items[0], "Terrible. This is blocked by #2", 2)
    before = seen(sprint)
    sprint.issue(9, LONG, created_at=ago(1))
    assert seen(sprint) == before


def test_a_sprint_that_has_no_course_has_none(space: Any) -> None:
    space.milestone(due=None)
    space.issue(1)
    assert seen(space) == {}


# --- looking back


def back(space: Any, days: float) -> dict[str, float | None]:
    """What would have been seen so many days ago."""
    then = as_of(space.snapshot(), ago(days))
    (was,) = group_sprints(then, ago(days))
    return {one.family: one.value for one in compute(then, was, ago(days)).troubles}


def test_what_is_written_later_was_not_seen(sprint: Any) -> None:
    sprint.comment(sprint.items[0], "Great work, thanks!", 5)
    before = back(sprint, 3)
    sprint.comment(sprint.items[0], "Terrible. This is blocked by #2", 2)
    sprint.run("failure", 1)
    sprint.review(sprint.pull(11, milestone_number=None, created_at=ago(2)), 1)
    assert back(sprint, 3) == before
    assert before["graph"] == 0.0


def test_a_text_that_may_have_been_edited_since_is_not_known(sprint: Any) -> None:
    assert back(sprint, 3)["text"] == 0.0
    for place, item in enumerate(list(sprint.items)):
        sprint.items[place] = replace(item, updated_at=ago(1), body="")
    assert back(sprint, 3)["text"] is None


def test_a_comment_that_was_edited_since_is_not_counted(sprint: Any) -> None:
    said = sprint.comment(sprint.items[0], "Terrible. This is blocked by #2", 5)
    assert (back(sprint, 3)["graph"], back(sprint, 3)["sentiment"]) == (0.25, 0.25)
    sprint.comments[0] = replace(said, updated_at=ago(1))
    assert (back(sprint, 3)["graph"], back(sprint, 3)["sentiment"]) == (0.0, None)
