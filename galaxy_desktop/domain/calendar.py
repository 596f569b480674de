"""Days and working days: a day is a local calendar day, never a slice of UTC.

The local time zone travels in the `tzinfo` of the moment of evaluation, so that pure functions need no
global: everywhere in the pure parts `now` is an aware datetime in the user's zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

SATURDAY = 5
SECONDS_A_DAY = 86_400.0


def local_day(moment: datetime, now: datetime) -> date:
    """The calendar day of `moment` in the zone of `now`."""
    return moment.astimezone(now.tzinfo).date()


def days_between(earlier: datetime, later: datetime) -> float:
    """Calendar days with fractions from `earlier` to `later`, negative when they are the other way round."""
    return (later - earlier).total_seconds() / SECONDS_A_DAY


def is_working(day: date, holidays: frozenset[date] = frozenset()) -> bool:
    """Whether people are expected to work: Monday to Friday, and no holiday."""
    return day.weekday() < SATURDAY and day not in holidays


def each_day(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included; nothing when `last` is earlier."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def working_days(first: date, last: date, holidays: frozenset[date] = frozenset()) -> int:
    """How many working days lie between two days, both included."""
    return sum(is_working(day, holidays) for day in each_day(first, last))
