"""Days are local calendar days, and working days leave out weekends and holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.calendar import days_between, each_day, is_working, local_day, working_days

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
