"""Days and working days: a day is a local calendar day, never a slice of UTC.

The local time zone travels in the `tzinfo` of the moment of evaluation, so that pure functions need no
global: everywhere in the pure parts `now` is an aware datetime in the user's zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

SATURDAY = 5
SECONDS_A_DAY = 86_400.0
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ISO_DAY = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")


def day_in_words(day: date, today: date) -> str:
    """A day as "Friday 15 May"; with the year when it is not this one. The words are English on every machine."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}{year}"


def days_in_words(text: str, today: date, name: str = "") -> str:
    """A stored sentence with each of its ISO days as people say it; what only looks like a day is left alone.

    So is `name` wherever it stands in the sentence: sprints may be called after a day.
    """
    if name:
        return name.join(days_in_words(part, today) for part in text.split(name))

    def written(found: re.Match[str]) -> str:
        try:
            return day_in_words(date.fromisoformat(found[0]), today)
        except ValueError:
            return found[0]

    return _ISO_DAY.sub(written, text)


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


def worked_days(earlier: datetime, later: datetime, now: datetime, holidays: frozenset[date] = frozenset()) -> float:
    """Working days with fractions from `earlier` to `later`, in the zone of `now`; 0 when they are the other way round.

    A working day counts from midnight to midnight, a weekend or holiday not at all: an item that lay over a weekend is
    not older on Monday for that.
    """
    begin, end = earlier.astimezone(now.tzinfo), later.astimezone(now.tzinfo)
    if end <= begin:
        return 0.0
    days = float(sum(is_working(day, holidays) for day in each_day(begin.date(), end.date())))
    for moment, gone in ((begin, _share_of_day(begin)), (end, 1.0 - _share_of_day(end))):
        days -= gone * is_working(moment.date(), holidays)
    return max(days, 0.0)


def _share_of_day(moment: datetime) -> float:
    return (moment - datetime.combine(moment.date(), time(), moment.tzinfo)).total_seconds() / SECONDS_A_DAY
