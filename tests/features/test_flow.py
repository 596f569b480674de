"""History: days, cycle and lead times, past sprints, throughput."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from galaxy_desktop.domain.facts import FlowHistory
from galaxy_desktop.domain.work import State
from galaxy_desktop.features import flow
from galaxy_desktop.features.sprints import group_sprints


def _history(space: Any, **given: Any) -> FlowHistory:
    view = space.view(**given)
    return flow.history(view, group_sprints(space.snapshot(), view.now))


def _feature(space: Any, name: str) -> Any:
    view = space.view()
    return next(f for f in flow.features(view, _history(space)) if f.name == name)


def test_the_window_holds_90_days_and_ends_today(space: Any) -> None:
    space.issue(1, created_at=space.ago(400))
    found = _history(space)
    assert len(found.days) == found.window_days == 90
    assert found.days[-1].day == date(2026, 5, 6)


def test_days_before_the_first_item_are_not_history(space: Any) -> None:
    space.issue(1, created_at=space.ago(4))
    assert [d.day.day for d in _history(space).days] == [2, 3, 4, 5, 6]
    assert [d.working for d in _history(space).days] == [False, False, True, True, True]


def test_a_repository_without_items_has_no_days(space: Any) -> None:
    assert _history(space).days == ()


def test_holidays_are_not_working_days(space: Any) -> None:
    space.issue(1, created_at=space.ago(4))
    assert not _history(space, holidays=[date(2026, 5, 5)]).days[3].working


def test_every_closing_counts_as_done_on_its_day(space: Any) -> None:
    space.issue(1, closed=space.ago(1))
    space.issue(2, closed=space.ago(1), state_reason="not_planned")
    space.pull(3, closed=space.ago(1))
    space.pull(4, closed=space.ago(1), merged_at=space.ago(2))
    days = {d.day.day: d.done for d in _history(space).days if d.done}
    assert days == {5: 3, 4: 1}


def test_sprint_days_hold_items_with_a_milestone_from_when_they_got_it(space: Any) -> None:
    space.milestone("1.0")
    item = space.issue(1)
    space.issue(2, milestone_number=None, closed=space.ago(1))
    space.event(item, "milestoned", 2, "1.0")
    found = _history(space)
    assert sum(d.done for d in found.sprint_days) == 0
    assert [d.day.day for d in found.sprint_days if d.added] == [4]
    assert sum(d.added for d in found.days) == 2


def test_days_are_local_days_of_the_user(space: Any) -> None:
    space.issue(1, closed=datetime(2026, 5, 5, 20, tzinfo=UTC))
    view = space.view()
    tokyo = replace(view, now=view.now.astimezone(timezone(timedelta(hours=9))))
    done = [d.day for d in flow.history(tokyo, ()).days if d.done]
    assert done == [date(2026, 5, 6)]


def test_what_happens_after_now_is_not_counted(space: Any) -> None:
    space.issue(1, closed=space.ago(-1), created_at=space.ago(3))
    assert sum(d.done for d in _history(space).days) == 0
    assert _history(space).cycle_days == ()


def test_cycle_counts_from_the_first_sign_of_work_and_lead_from_creation(space: Any) -> None:
    item = space.issue(1, created_at=space.ago(10), closed=space.ago(2))
    space.event(item, "assigned", 5)
    space.pull(2, created_at=space.ago(4), closed=space.ago(3), merged_at=space.ago(3))
    found = _history(space)
    assert found.cycle_days == pytest.approx((1.0, 3.0))
    assert found.lead_days == pytest.approx((1.0, 8.0))


def test_an_issue_without_a_sign_of_work_says_nothing_of_how_long_work_takes(space: Any) -> None:
    space.issue(1, created_at=space.ago(10), closed=space.ago(2))
    found = _history(space)
    assert found.cycle_days == ()
    assert found.lead_days == pytest.approx((8.0,))


def test_an_item_closed_as_not_planned_says_nothing_of_how_long_work_takes(space: Any) -> None:
    space.issue(1, created_at=space.ago(10), closed=space.ago(2), state_reason="not_planned")
    assert _history(space).lead_days == ()


def test_deliveries_older_than_a_year_do_not_count(space: Any) -> None:
    space.issue(1, created_at=space.ago(400), closed=space.ago(366))
    assert _history(space).lead_days == ()


def test_past_sprints_landed_when_nothing_was_left_at_their_end_whenever_they_were_closed(space: Any) -> None:
    space.milestone("now")
    space.milestone(
        "empty", due=date(2026, 4, 2), created_at=space.ago(60), state=State.CLOSED, closed_at=space.ago(50)
    )
    for number, (closed, left) in enumerate([(30, False), (20, False), (30, True)], 2):
        given = {"created_at": space.ago(60), "state": State.CLOSED, "closed_at": space.ago(closed)}
        space.milestone(f"old {number}", due=date(2026, 4, 10) + timedelta(days=number), **given)
        done = None if left else space.ago(40)
        space.issue(number, milestone_number=space.milestones[-1].number, created_at=space.ago(55), closed=done)
    space.milestone("no end", due=None, state=State.CLOSED, closed_at=space.ago(1))
    found = _history(space)
    assert (found.past_sprints, found.past_sprints_on_time) == (3, 2)


def test_past_sprints_of_other_repositories_do_not_count(space: Any) -> None:
    space.milestone("now")
    space.milestone("old", repository="o/s", state=State.CLOSED, closed_at=space.ago(30))
    assert _history(space).past_sprints == 0


def test_throughput_is_closed_items_over_working_days(space: Any) -> None:
    space.issue(1, created_at=space.ago(200))
    for number in range(2, 8):
        space.issue(number, closed=space.ago(number))
    found = _feature(space, "throughput_per_working_day")
    assert found.formula == "6 closed / 43 working days = 0.14"
    assert found.value == pytest.approx(6 / 43)
    assert found.evidence[0].quote == "done 2026-05-04"


def test_nothing_delivered_is_zero_but_no_items_is_no_data(space: Any) -> None:
    assert _feature(space, "throughput_per_working_day").value is None
    space.issue(1)
    assert _feature(space, "throughput_per_working_day").value == 0


def test_percentiles_need_five_items(space: Any) -> None:
    for number in range(1, 5):
        space.issue(number, created_at=space.ago(20), closed=space.ago(20 - number))
    assert _feature(space, "lead_days_p50").value is None
    space.issue(5, created_at=space.ago(20), closed=space.ago(15))
    found = _feature(space, "lead_days_p50")
    assert found.value == pytest.approx(3.0)
    assert found.formula == "50th percentile of 5 delivered items = 3"
    assert _feature(space, "lead_days_p85").value == pytest.approx(4.4)


def test_a_sprint_whose_last_item_was_done_after_its_end_did_not_end_in_time(space: Any) -> None:
    """It was closed by its end, and looks finished today: what was left then was done later."""
    given = {"created_at": space.ago(50), "state": State.CLOSED, "closed_at": space.ago(20)}
    over = space.milestone("0.9", date(2026, 4, 20), **given)
    space.milestone("1.0")
    space.issue(1, created_at=space.ago(49), closed=space.ago(25), milestone_number=over.number)
    assert _on_time(space) == (1, 1)
    space.issue(2, created_at=space.ago(49), closed=space.ago(3), milestone_number=over.number)
    assert _on_time(space) == (1, 0)


def _on_time(space: Any) -> tuple[int, int]:
    found = _history(space)
    return found.past_sprints, found.past_sprints_on_time
