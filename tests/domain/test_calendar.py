"""Days are local calendar days, and working days leave out weekends and holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.calendar import days_between, each_day, is_working, local_day, worked_days, working_days

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


def test_a_late_evening_in_utc_is_the_next_day_further_east() -> None:
    now = datetime(2026, 5, 6, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert local_day(datetime(2026, 5, 5, 20, tzinfo=UTC), now) == date(2026, 5, 6)


def test_old_days_use_the_summer_time_of_then() -> None:
    now = datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert local_day(datetime(2026, 1, 31, 22, 30, tzinfo=UTC), now) == date(2026, 1, 31)
    assert local_day(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), now) == date(2026, 7, 1)


def test_days_between_count_fractions_and_direction() -> None:
    noon = datetime(2026, 5, 6, 12, tzinfo=UTC)
    assert days_between(noon, noon + timedelta(hours=36)) == 1.5
    assert days_between(noon, noon - timedelta(days=2)) == -2.0


def test_weekends_and_holidays_are_no_working_days() -> None:
    assert not is_working(date(2026, 5, 9))
    assert is_working(date(2026, 5, 8))
    assert not is_working(date(2026, 5, 8), frozenset({date(2026, 5, 8)}))


@given(first=DAYS, weeks=st.integers(1, 60))
def test_every_week_has_five_working_days(first: date, weeks: int) -> None:
    assert working_days(first, first + timedelta(days=7 * weeks - 1)) == 5 * weeks


@given(first=DAYS, last=DAYS)
def test_each_day_counts_both_ends_and_nothing_backwards(first: date, last: date) -> None:
    days = list(each_day(first, last))
    assert len(days) == max(0, (last - first).days + 1)
    assert days == sorted(set(days))


def test_working_days_leave_out_what_lies_over_a_weekend_or_a_holiday() -> None:
    friday, monday = (datetime(2026, 5, day, 12, tzinfo=UTC) for day in (8, 11))
    assert worked_days(friday, monday, monday) == 1.0
    assert worked_days(friday, monday, monday, frozenset({date(2026, 5, 11)})) == 0.5
    assert worked_days(friday + timedelta(days=1), friday + timedelta(days=2), monday) == 0.0
    assert worked_days(monday, friday, monday) == 0.0


@given(st.floats(0, 300), st.floats(0, 40), st.floats(0, 40))
def test_working_days_add_up(start: float, one: float, more: float) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=start)
    middle, last = first + timedelta(days=one), first + timedelta(days=one + more)
    whole = worked_days(first, middle, first) + worked_days(middle, last, first)
    assert abs(worked_days(first, last, first) - whole) < 1e-6
    assert 0.0 <= whole <= one + more + 1e-6
