"""Times as people write them in questions: "since Monday", "last week", "in the last 3 days", "since 5 May", "since v1.2".

A day begins at local midnight. A weekday is the latest one before today: whoever asks on a Monday what changed since
Monday means the one a week ago.

What somebody supposes ("two days later", "the end moves to Friday") has times too, which lie ahead.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from galaxy_desktop.domain.asking import Supposed, Wish

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
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WORKING_DAYS_OF_A_WEEK = 5


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
    """A day with its month: of this year; "since" one that has not come yet means the last one."""
    number, month = int(found["number"]), MONTHS[found["month"]]
    year = int(found["year"]) if found["year"] else now.year
    try:
        day = date(year, month, number)
        if not found["year"] and day > now.date() and found[0].split()[0] in ("since", "after", "from"):
            day = date(year - 1, month, number)
    except ValueError:
        return None
    return Span(_midnight(day, now), None, found[0])


def _weekday(found: re.Match[str], now: datetime) -> Span:
    back = (now.weekday() - DAYS.index(found["weekday"])) % WEEK or WEEK
    return Span(_midnight(now.date() - timedelta(days=back), now), None, found[0])


def _ago(found: re.Match[str], now: datetime) -> Span:
    return Span(now - timedelta(days=_number(found["number"]) * _UNIT_DAYS[found["unit"]]), None, found[0])


def _number(word: str | None) -> int:
    """A number as a digit or a word; 1 for "a" and for none, 3 for "few"."""
    if word is None or word in ("a", "an"):
        return 1
    if word in ("few", "couple of", "couple"):
        return {"few": 3}.get(word, 2)
    return _NUMBERS.index(word) if word in _NUMBERS else int(word)


def _weekend(found: re.Match[str], now: datetime) -> Span:
    """Over the last weekend: from its Saturday on."""
    back = (now.weekday() - 5) % WEEK or WEEK
    return Span(_midnight(now.date() - timedelta(days=back), now), None, found[0])


def _named(found: re.Match[str], now: datetime) -> Span:
    today = now.date()
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    began = found[0].split()[0] in ("since", "after", "from")
    since, until = {
        "today": (today, None),
        "yesterday": (today - timedelta(days=1), None if began else today),
        "this week": (monday, None),
        "last week": (monday - timedelta(days=WEEK), None if began else monday),
        "this morning": (today, None),
        "this month": (first, None),
        "last month": (before, None if began else first),
    }[" ".join(found["name"].split())]
    return Span(_midnight(since, now), _midnight(until, now) if until else None, found[0])


_NUMBER = rf"(?P<number>\d{{1,3}}|an?|few|couple(?: of)?|{'|'.join(_NUMBERS)})"
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
    (re.compile(rf"(?:{_SINCE})?\b(?P<name>today|yesterday|this morning|(?:this|last)\s+(?:week|month))\b"), _named),
    (re.compile(r"(?:since|over|during|on)?\s*\b(?:the|this|last)\s+weekend\b"), _weekend),
)  # fmt: skip


_SUPPOSED: tuple[tuple[Wish, re.Pattern[str]], ...] = (
    (Wish.UNBLOCK, re.compile(r"\bunblock\w*|\bnot block\w*|\bno longer (wait|block)\w*")),
    (Wish.MOVE_END, re.compile(r"\b(end|deadline|due date|sprint|milestone)\b.*\b(mov\w*|exten\w*|postpon\w*|push\w*|shift\w*|longer|prolong\w*)\b"
                               r"|\b(move|extend|postpone|push|shift|prolong)\w* (the |our )?(end|deadline|due date|sprint|milestone)\b")),
    (Wish.SLIP, re.compile(r"\b(slip\w*|late[r]?|delay\w*|takes?|longer|sick|stuck)\b")),
    (Wish.DROP, re.compile(r"\b(drop\w*|remov\w*|descop\w*|cut|take\w* out|mov\w*|left out|leave\w*|postpon\w*|skip\w*|without|exclud\w*)\b")),
    (Wish.SPLIT, re.compile(r"\b(split|halve[ds]?|cut in half)\b")),
    (Wish.REVIEW, re.compile(r"\b(review(ed|s)?|approv\w*)\b")),
    (Wish.GREEN, re.compile(r"\b(green|pass(es|ed)?|build is fixed|fix the build)\b")),
)  # fmt: skip
_LATER = re.compile(rf"\b{_NUMBER}\s+(?:more\s+|working\s+|extra\s+)*(?P<unit>day|week)s?\b")
_AHEAD = re.compile(rf"\b(?:to|until|till|on)\s+(?:the\s+)?(?:next\s+)?(?:(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|(?P<weekday>{'|'.join(DAYS)})"
                    rf"|(?P<number>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?(?P<month>{_MONTH}))")  # fmt: skip


def supposed_in(text: str, today: date) -> Supposed | None:
    """The change that a question supposes, its text in lower case; `None` where it names none that can be simulated."""
    if re.search(r"\b(nobody|no one|not|never)\b", text) and not re.search(r"\b(not block|no longer)", text):
        return None  # what does not happen is no change of the plan
    wish = next((wish for wish, pattern in _SUPPOSED if pattern.search(text)), None)
    found = _LATER.search(text)
    if wish is Wish.SLIP:
        if found is None:
            return None
        return Supposed(
            wish, days=_number(found["number"]) * (_WORKING_DAYS_OF_A_WEEK if found["unit"] == "week" else 1)
        )
    if wish is Wish.MOVE_END:
        day = _day_ahead(text, today)
        if day is None and found is None:
            return None
        days = _number(found["number"]) * _UNIT_DAYS[found["unit"]] if found is not None else 0.0
        earlier = -1 if re.search(r"\b(earlier|forward|shorter)\b", text) else 1
        return Supposed(wish, to=day) if day is not None else Supposed(wish, days=days * earlier)
    return Supposed(wish) if wish is not None else None


def _day_ahead(text: str, today: date) -> date | None:
    """A day that lies ahead: the next such weekday, or day of the year."""
    found = _AHEAD.search(text)
    try:
        if found is None:
            return None
        if found["iso"]:
            return date.fromisoformat(found["iso"])
        if found["weekday"]:
            return today + timedelta(days=(DAYS.index(found["weekday"]) - today.weekday()) % WEEK or WEEK)
        day = date(today.year, MONTHS[found["month"]], int(found["number"]))
        return day if day > today else day.replace(year=today.year + 1)
    except ValueError:
        return None
