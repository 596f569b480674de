"""The way of items through their states: bands that never cross, and ages against the past."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.flow import AgingWork, CumulativeFlow, FlowDay, WorkState
from galaxy_desktop.features.flow_states import aging_work, cumulative_flow, journeys, percentiles
from tests.features.conftest import NOW

TO_DO, PROGRESS, WAITING, REVIEW, _ = WorkState


def flow(space: Any) -> CumulativeFlow:
    """The bands of the sprint's repositories."""
    view = space.view()
    return cumulative_flow(view, journeys(view, view.repository_items()))


def aging(space: Any) -> AgingWork:
    """The ages of the sprint's open items."""
    view = space.view()
    return aging_work(view, journeys(view, view.repository_items()))


def band(day: FlowDay) -> tuple[int, int, int, int]:
    return day.arrived, day.started, day.reviewing, day.done


def test_the_bands_counted_by_hand(space: Any) -> None:
    issue = space.issue(1, created_at=space.ago(4), closed=space.ago(1))
    space.event(issue, "assigned", 3)
    space.pull(2, "Closes #1", created_at=space.ago(2), merged_at=space.ago(1), closed=space.ago(1))
    space.issue(3, created_at=space.ago(1))
    rows = [band(day) for day in flow(space).days]
    assert rows == [(1, 0, 0, 0), (1, 1, 0, 0), (2, 2, 2, 0), (3, 2, 2, 2), (3, 2, 2, 2)]


def test_an_issue_that_is_closed_without_any_sign_of_work_passed_every_state(space: Any) -> None:
    space.issue(1, created_at=space.ago(2), closed=space.ago(1))
    assert [band(day) for day in flow(space).days] == [(1, 0, 0, 0), (1, 1, 1, 1), (1, 1, 1, 1)]


def test_old_items_nobody_has_started_rest_and_are_told(space: Any) -> None:
    space.issue(1, created_at=space.ago(300))
    started = space.issue(2, created_at=space.ago(300))
    space.event(started, "assigned", 2)
    space.issue(3, created_at=space.ago(300), closed=space.ago(200))
    made = flow(space)
    assert made.resting == 1
    assert band(made.days[-1]) == (1, 1, 0, 0)
    assert band(made.days[0]) == (0, 0, 0, 0)
    assert len(made.days) == 90


def test_the_finding_compares_work_in_progress_with_thirty_days_ago(space: Any) -> None:
    for number, days in ((1, 40), (2, 35), (3, 5)):
        space.pull(number, created_at=space.ago(days))
    space.pull(4, created_at=space.ago(40), merged_at=space.ago(20), closed=space.ago(20))
    made = flow(space)
    assert made.head.finding == "3 items in work, as many as 30 days ago"
    assert "started 4 - done 1 = 3 today; 3 - 0 = 3" in made.head.formula


def test_without_any_item_there_are_no_bands_and_a_reason(space: Any) -> None:
    assert flow(space).days == ()
    assert flow(space).head.why_none == "Nothing is stored of these repositories yet."


WAY = st.tuples(st.booleans(), st.booleans(), *[st.floats(0, 120)] * 4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(ways=st.lists(WAY, min_size=1, max_size=10))
def test_bands_never_fall_and_never_cross(space: Any, ways: list[Any]) -> None:
    space.items, space.events, space.milestones = [], [], []
    for number, (pull, draft, made, ready, start, end) in enumerate(ways, start=1):
        given = {"created_at": space.ago(made), "closed": space.ago(end) if end < made else None}
        item = space.pull(number, draft=draft, **given) if pull else space.issue(number, **given)
        if pull or draft:
            space.event(item, "ready_for_review" if pull else "assigned", min(ready, made))
        if draft and not pull:
            space.pull(number + 100, f"Closes #{number}", created_at=space.ago(min(start, made)))
    rows = [band(day) for day in flow(space).days]
    assert all(a >= s >= r >= d >= 0 for a, s, r, d in rows)
    assert all(x <= y for one, two in pairwise(rows) for x, y in zip(one, two, strict=True))


def test_percentiles_are_interpolated_and_need_five_values() -> None:
    assert [one.days for one in percentiles([1, 2, 3, 4, 5])] == pytest.approx([3, 3.8, 4.4, 4.8])
    assert percentiles([1, 2, 3, 4]) == ()


def _past(space: Any, count: int = 5) -> None:
    """Issues that waited n days, were in progress for 2 n and in review for 3 n, n = 1..count."""
    for n in range(1, count + 1):
        item = space.issue(n, created_at=space.ago(60), closed=space.ago(60 - 6 * n), milestone_number=None)
        space.event(item, "assigned", 60 - n)
        pull = space.pull(
            n + 50, f"Closes #{n}", created_at=space.ago(60 - 3 * n), closed=space.ago(60 - 6 * n),
            merged_at=space.ago(60 - 6 * n), milestone_number=None,
        )  # fmt: skip
        space.review(pull, 60 - 3 * n - 0.5 * n)


def test_past_items_are_measured_in_each_state_by_hand(space: Any) -> None:
    _past(space)
    space.issue(99)
    states = {one.state: one for one in aging(space).states}
    assert [round(p.days, 6) for p in states[TO_DO].percentiles] == [3, 3.8, 4.4, 4.8]
    assert [round(p.days, 6) for p in states[PROGRESS].percentiles] == [6, 7.6, 8.8, 9.6]
    assert [round(p.days, 6) for p in states[WAITING].percentiles] == [1.5, 1.9, 2.2, 2.4]
    assert (states[REVIEW].past, states[REVIEW].percentiles[0].days) == (10, pytest.approx(9))


def test_open_items_are_compared_with_the_past_of_their_own_state(space: Any) -> None:
    _past(space)
    space.issue(90, created_at=space.ago(4.5))
    busy = space.issue(91, created_at=space.ago(9))
    space.event(busy, "assigned", 4.5)
    space.pull(92, created_at=space.ago(2.3))
    looked_at = space.pull(93, created_at=space.ago(2))
    space.review(looked_at, 1)
    found = {one.item_id: (one.state, round(one.days, 2), one.above) for one in aging(space).items}
    assert found == {
        "issue:o/r#90": (TO_DO, 4.5, 85),
        "issue:o/r#91": (PROGRESS, 4.5, 0),
        "pr:o/r#92": (WAITING, 2.3, 85),
        "pr:o/r#93": (REVIEW, 2, 0),
    }
    assert aging(space).head.finding.startswith("2 of 4 open items are older in their state than 85 %")


def test_an_open_issue_whose_pull_request_was_thrown_away_is_in_no_review(space: Any) -> None:
    item = space.issue(1, created_at=space.ago(5))
    space.event(item, "assigned", 4)
    space.pull(2, "Closes #1", created_at=space.ago(3), closed=space.ago(2), milestone_number=None)
    (only,) = aging(space).items
    assert (only.state, round(only.days, 2)) == (PROGRESS, 4)


def test_an_open_draft_is_in_progress(space: Any) -> None:
    space.pull(1, draft=True, created_at=space.ago(3))
    assert aging(space).items[0].state is PROGRESS


def test_with_too_few_past_items_nothing_is_compared_and_the_page_says_what_is_needed(space: Any) -> None:
    _past(space, 2)
    space.issue(90, created_at=space.ago(30))
    made = aging(space)
    assert [one.above for one in made.items] == [None]
    assert made.head.why_none == (
        "1 item in the sprint is open; need 5 finished items in the same state to compare with, have 4."
    )


def test_what_happens_after_now_is_not_known(space: Any) -> None:
    future = NOW + timedelta(days=2)
    space.issue(1, created_at=space.ago(3), closed=future)
    space.issue(2, created_at=future)
    view = space.view()
    (only,) = journeys(view, view.repository_items())
    assert only.done_at is None
