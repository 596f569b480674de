"""Cycle times and throughput: medians, working weeks, and no data told apart from zero."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.flow import Bin, CycleScatter, Period, Throughput
from galaxy_desktop.features.flow_pace import bins, cycle_scatter, throughput
from galaxy_desktop.features.flow_states import journeys


def pace(space: Any, holidays: tuple[date, ...] = ()) -> Throughput:
    view = space.view(holidays)
    return throughput(view, view.repository_items())


def scatter(space: Any) -> CycleScatter:
    view = space.view()
    return cycle_scatter(view, journeys(view, view.repository_items()))


def done(space: Any, number: int, days_ago: float, took: float = 1, **given: Any) -> Any:
    """A pull request that was merged then."""
    end = space.ago(days_ago)
    return space.pull(number, created_at=space.ago(days_ago + took), closed=end, merged_at=end, **given)


def test_the_median_comes_first_and_a_mean_nowhere(space: Any) -> None:
    for number, took in enumerate((1, 2, 3, 4, 100), start=1):
        done(space, number, 5, took)
    made = scatter(space)
    assert [(p.rank, round(p.days, 2)) for p in made.percentiles] == [(50, 3), (70, 3.8), (85, 42.4), (95, 80.8)]
    assert made.head.finding == "Half of the items take 3 days or less, 85 % take 42 days or less"
    assert "mean" not in made.head.formula + made.head.finding
    assert [dot.days for dot in made.dots] == [1, 2, 3, 4, 100]


def test_below_five_finished_items_the_need_is_said(space: Any) -> None:
    done(space, 1, 3)
    done(space, 2, 3)
    space.issue(3, closed=space.ago(1))
    assert scatter(space).head.why_none == "Need 5 finished items that show when work began, have 2 (of 3 finished)."


def test_what_was_given_up_is_not_delivered(space: Any) -> None:
    space.issue(1, closed=space.ago(1), state_reason="not_planned")
    space.pull(2, closed=space.ago(1))
    assert scatter(space).dots == ()
    assert all(week.done == 0 for week in pace(space).weeks)


def test_weeks_counted_by_hand(space: Any) -> None:
    # NOW is Wednesday 6 May 2026. The first stored item is of Wednesday 15 April: that week is not whole.
    done(space, 1, 20, took=1)
    for number, days in ((2, 15), (3, 15), (4, 8), (5, 1)):
        done(space, number, days)
    weeks = [(week.first, week.done, week.whole) for week in pace(space).weeks]
    assert weeks == [(date(2026, 4, 20), 2, True), (date(2026, 4, 27), 1, True), (date(2026, 5, 4), 1, False)]


def test_what_is_delivered_on_a_weekend_counts_for_the_next_working_day(space: Any) -> None:
    done(space, 1, 3, took=30)  # Sunday 3 May
    made = pace(space)
    assert {day.first: day.done for day in made.days if day.done} == {date(2026, 5, 4): 1}
    assert made.weeks[-1].done == 1


def test_holidays_are_no_working_days_and_a_week_of_them_is_no_data(space: Any) -> None:
    done(space, 1, 1, took=40)
    off = tuple(date(2026, 4, 20) + timedelta(days=n) for n in range(5))
    made = pace(space, off)
    assert date(2026, 4, 20) not in {week.first for week in made.weeks}
    assert not set(off) & {day.first for day in made.days}


def test_a_week_without_deliveries_is_a_true_zero(space: Any) -> None:
    done(space, 1, 1, took=40)
    made = pace(space)
    assert [week.done for week in made.weeks if week.whole] == [0] * 5
    assert made.week_bins == (Bin(0, 5),)


def test_days_before_the_first_item_are_no_data(space: Any) -> None:
    space.issue(1, created_at=space.ago(3))
    made = pace(space)
    assert [day.first for day in made.days] == [date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6)]
    assert made.head.why_none == "Need 2 whole working weeks, have 0."


def test_the_finding_gives_middle_and_range(space: Any) -> None:
    done(space, 1, 27, took=1)
    for number, days in ((2, 22), (3, 22), (4, 15), (5, 15), (6, 15), (7, 8), (8, 8)):
        done(space, number, days)
    made = pace(space)
    assert made.head.finding == "Half of the weeks bring 2 items or more; 3 weeks brought between 2 and 3"
    assert "2, 2, 3; middle = 2" in made.head.formula
    assert made.week_bins == (Bin(0, 0), Bin(1, 0), Bin(2, 2), Bin(3, 1))


@given(counts=st.lists(st.integers(0, 30), max_size=30))
def test_a_histogram_holds_every_whole_period_once(counts: list[int]) -> None:
    periods = [Period(first=date.min, last=date.min, done=n, working_days=5) for n in counts]
    made = bins([*periods, Period(first=date.min, last=date.min, done=99, working_days=5, whole=False)])
    assert sum(one.periods for one in made) == len(counts)
    assert sum(one.done * one.periods for one in made) == sum(counts)
