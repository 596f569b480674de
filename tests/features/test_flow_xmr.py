"""Process-behavior charts against numbers worked out by hand, and what makes a process unstable."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.flow import CycleDot, Period, ProcessChart, SignalRule
from galaxy_desktop.features.flow_xmr import limits_of, process_charts, signals_of, stability, xmr

MONDAY = date(2026, 1, 5)
OUTSIDE, RUN, NEAR = SignalRule.OUTSIDE, SignalRule.RUN, SignalRule.NEAR_LIMIT
VALUES = st.lists(st.floats(0, 1000), min_size=2, max_size=40)


def weeks(counts: list[int]) -> list[Period]:
    """Whole working weeks with these deliveries."""
    days = [MONDAY + timedelta(weeks=n) for n in range(len(counts))]
    return [
        Period(first=d, last=d + timedelta(days=6), done=c, working_days=5) for d, c in zip(days, counts, strict=True)
    ]


def chart(values: list[float]) -> ProcessChart:
    """A chart of values of successive weeks."""
    return xmr("Weekly throughput", "items", [MONDAY + timedelta(weeks=n) for n in range(len(values))], values)


def test_limits_are_the_mean_plus_and_minus_2_66_mean_moving_ranges() -> None:
    limits = limits_of([10, 12, 11, 13])  # mean 46 / 4, ranges 2, 1, 2: mean 5 / 3
    assert limits.mean == 11.5
    assert limits.range_mean == pytest.approx(5 / 3)
    assert limits.upper == pytest.approx(15.9333, abs=1e-4)
    assert limits.lower == pytest.approx(7.0667, abs=1e-4)
    assert limits.range_upper == pytest.approx(5.4467, abs=1e-4)


def test_a_lower_limit_below_zero_is_none() -> None:
    limits = limits_of([1, 5, 1, 5])  # 3 - 2.66 x 4 = -7.64
    assert limits.lower is None
    assert limits.upper == pytest.approx(13.64)


def test_a_value_outside_the_limits_is_a_special_cause() -> None:
    signals = signals_of([5, 6, 5, 6, 5, 6, 5, 30], limits_of([5, 6, 5, 6, 5, 6, 5, 6]))
    assert signals == ((),) * 7 + ((OUTSIDE,),)


@pytest.mark.parametrize(("length", "told"), [(7, False), (8, True)])
def test_eight_in_a_row_on_one_side_are_a_special_cause_and_seven_are_not(length: int, told: bool) -> None:
    limits = limits_of([0, 10, 0, 10])
    signals = signals_of([6.0] * length, limits)
    assert all(RUN in rules for rules in signals) is told


def test_a_value_on_the_mean_ends_a_run() -> None:
    limits = limits_of([0, 10, 0, 10])
    assert not any(RUN in rules for rules in signals_of([6.0] * 7 + [5.0] + [6.0] * 7, limits))


def test_three_of_four_nearer_to_a_limit_than_to_the_mean_are_marked_and_the_fourth_is_not() -> None:
    limits = limits_of([10, 12, 11, 13])  # mean 11.5, upper 15.93: nearer to the limit from 13.72 on
    assert signals_of([14, 11, 14, 14], limits) == ((NEAR,), (), (NEAR,), (NEAR,))
    assert signals_of([14, 11, 13.7, 14], limits) == ((),) * 4
    assert signals_of([9, 12, 9, 9], limits) == ((NEAR,), (), (NEAR,), (NEAR,))
    assert signals_of([14, 9, 14, 9], limits) == ((),) * 4


def test_without_a_lower_limit_nothing_low_is_near_one() -> None:
    limits = limits_of([1, 5, 1, 5])
    assert signals_of([0, 0, 0, 0], limits) == ((),) * 4


@given(values=VALUES)
def test_limits_enclose_the_mean_and_never_go_below_zero(values: list[float]) -> None:
    limits = limits_of(values)
    assert limits.upper >= limits.mean
    assert limits.lower is None or 0 <= limits.lower <= limits.mean


@given(values=st.lists(st.integers(0, 1000), min_size=2, max_size=40))
def test_special_causes_do_not_depend_on_the_unit(values: list[int]) -> None:
    doubled = [2.0 * value for value in values]
    assert signals_of(doubled, limits_of(doubled)) == signals_of(values, limits_of(values))


def test_a_steady_process_is_said_to_be_predictable_with_its_numbers() -> None:
    made = chart([10, 12, 11, 13, 10, 12, 11, 13])
    assert made.head.finding.startswith("Predictable: between ")
    assert "mean = 11.50 items, mean moving range = 1.86" in made.head.formula


def test_below_eight_weeks_there_are_points_and_no_limits() -> None:
    made = chart([3.0] * 7)
    assert (made.mean, made.upper, len(made.points)) == (None, None, 7)
    assert made.head.why_none == "Need 8 whole weeks, have 7."


def test_weeks_with_fewer_than_three_deliveries_have_no_cycle_time_and_are_not_zero() -> None:
    dots = [
        CycleDot(item_id=f"pr:o/r#{week}{n}", title="t", done_on=MONDAY + timedelta(weeks=week, days=n), days=n + 1.0)
        for week in range(10)
        for n in range(2 if week == 4 else 3)
    ]
    _, cycle = process_charts(weeks([3] * 10), dots)
    assert len(cycle.points) == 9
    assert {point.value for point in cycle.points} == {2.0}


def test_the_present_week_is_not_over_and_not_on_the_chart() -> None:
    whole = weeks([3] * 9)
    now = Period(first=MONDAY + timedelta(weeks=9), last=MONDAY, done=0, working_days=5, whole=False)
    throughput, _ = process_charts([*whole, now], [])
    assert len(throughput.points) == 9


def test_a_process_is_unstable_while_a_special_cause_is_among_the_last_eight_weeks() -> None:
    steady = [5.0, 6.0] * 8
    assert stability([chart(steady)]).stable is True
    late = stability([chart([*steady, 40.0])])
    assert (late.stable, late.charts) == (False, ("Weekly throughput",))
    early = stability([chart([5.0, 30.0, *steady, *steady, *[8.0, 4.0] * 6])])
    assert early.stable is True


def test_the_weeks_with_special_causes_are_counted_once_for_both_charts() -> None:
    high = [5.0, 6.0] * 8 + [40.0]
    other = replace(chart(high), name="Weekly median cycle time")
    told = stability([chart(high), other])
    assert told.signals == stability([chart(high)]).signals
    assert told.sentence.startswith("Weekly throughput and weekly median cycle time show special causes in ")


def test_nobody_can_tell_with_too_few_weeks() -> None:
    few = stability([chart([5.0] * 4)])
    assert few.stable is None
    assert "have 4" in few.sentence
    assert stability([]).stable is None
