"""Times as people write them in questions: "since Monday", "last week", "in the last 3 days", "since 5 May", "since v1.2".

A day begins at local midnight. A weekday is the latest one before today: whoever asks on a Monday what changed since
Monday means the one a week ago.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

WEEK = 7
DAYS = tuple(name.casefold() for name in calendar.day_name)
MONTHS = {
    name.casefold(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_UNIT_DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: `since` and `until` are aware moments, `None` where it is open; `words` are those that said it."""

    since: datetime | None
    until: datetime | None
    words: str


def span_in(text: str, now: datetime) -> Span | None:
    """The first time named in a text that is in lower case; `None` where none is, or where the day does not exist."""
    for pattern, read in _READERS:
        found = pattern.search(text)
        if found is not None:
            span = read(found, now)
            if span is not None:
                return span
    return None


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(), now.tzinfo)


def _iso(found: re.Match[str], now: datetime) -> Span | None:
    try:
        return Span(_midnight(date.fromisoformat(found["day"]), now), None, found[0])
    except ValueError:
        return None


def _spelled(found: re.Match[str], now: datetime) -> Span | None:
    """A day with its month: of this year, or of the last one when it has not come yet."""
    number, month = int(found["number"]), MONTHS[found["month"]]
    year = int(found["year"]) if found["year"] else now.year
    try:
        day = date(year, month, number)
        if not found["year"] and day > now.date():
            day = date(year - 1, month, number)
    except ValueError:
        return None
    return Span(_midnight(day, now), None, found[0])


def _weekday(found: re.Match[str], now: datetime) -> Span:
    back = (now.weekday() - DAYS.index(found["weekday"])) % WEEK or WEEK
    return Span(_midnight(now.date() - timedelta(days=back), now), None, found[0])


def _ago(found: re.Match[str], now: datetime) -> Span:
    number = 1 if found["number"] in (None, "a", "an", "one") else int(found["number"])
    return Span(now - timedelta(days=number * _UNIT_DAYS[found["unit"]]), None, found[0])


def _named(found: re.Match[str], now: datetime) -> Span:
    today = now.date()
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    since, until = {
        "today": (today, None),
        "yesterday": (today - timedelta(days=1), None),
        "this week": (monday, None),
        "last week": (monday - timedelta(days=WEEK), monday),
        "this month": (first, None),
        "last month": (before, first),
    }[" ".join(found["name"].split())]
    return Span(_midnight(since, now), _midnight(until, now) if until else None, found[0])


_NUMBER = r"(?P<number>\d{1,3}|an?|one)"
_SINCE = r"(?:since|after|from)\s+(?:the\s+)?"
_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], datetime], Span | None]], ...] = (
    (re.compile(r"(?:since|after|from)?\s*\b(?P<day>\d{4}-\d{2}-\d{2})\b"), _iso),
    (
        re.compile(
            rf"(?:since|after|from|on)?\s*\b(?P<number>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?(?P<month>{_MONTH})\b"
            r"(?:\s+(?P<year>\d{4}))?"
        ),
        _spelled,
    ),
    (
        re.compile(
            rf"(?:since|after|from|on)?\s*\b(?P<month>{_MONTH})\s+(?P<number>\d{{1,2}})(?:st|nd|rd|th)?\b"
            r"(?:,?\s+(?P<year>\d{4}))?"
        ),
        _spelled,
    ),
    (re.compile(rf"(?:{_SINCE})?(?:last\s+)?\b(?P<weekday>{'|'.join(DAYS)})\b"), _weekday),
    (re.compile(rf"(?:in|over|during|within|since|for)?\s*(?:the\s+)?\b(?:last|past)\s+(?:{_NUMBER}\s+)(?P<unit>hour|day|week|month)s?\b"), _ago),
    (re.compile(rf"(?:since\s+)?\b{_NUMBER}\s+(?P<unit>hour|day|week|month)s?\s+ago\b"), _ago),
    (re.compile(rf"(?:{_SINCE})?\b(?P<name>today|yesterday|(?:this|last)\s+(?:week|month))\b"), _named),
)  # fmt: skip
