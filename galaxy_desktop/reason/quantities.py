"""Every number in a text, however it is written: digits, words, percentages, fractions, ordinals, dates, times.

Used on both sides of a check: on the sentence a model wrote and on the facts that code stored. Two quantities are
equal only when they mean the same thing: 3 days are not 3 items, 9 points are not 9 percent, and "12 of 20" is one
statement, not two numbers. What has digits in it and is none of these (a version, a file name, a hash) is a literal:
it must stand in a fact letter by letter. Texts are expected to be `wording.plain`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache, partial

from galaxy_desktop.reason.wording import stem


class Kind(StrEnum):
    """What sort of quantity it is; only the same sort can be equal."""

    COUNT = "count"
    PERCENT = "percent"
    POINTS = "percentage points"
    RATIO = "a of b"
    ORDINAL = "ordinal"
    DATE = "date"
    WEEKDAY = "weekday"
    MONTH = "month"
    LITERAL = "literal"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity: `value` in one spelling, `unit` the noun behind it ("" when none follows), `at` where it stands."""

    kind: Kind
    value: str
    unit: str
    at: int
    end: int
    sign: str = ""


Reader = Callable[[re.Match[str], str], Quantity]
ANY = ""


def _list(text: str) -> list[str]:
    return text.split()


_SMALL = _list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = {w: 10 * n for n, w in enumerate(_list("twenty thirty forty fifty sixty seventy eighty ninety"), 2)}
_WORDS = {word: n for n, word in enumerate(_SMALL)} | _TENS
_ORDINALS = _list(
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_MONTHS = {name.casefold(): n for n, name in enumerate(calendar.month_name) if name} | {
    name.casefold(): n for n, name in enumerate(calendar.month_abbr) if name
}
_WEEKDAYS = [name.casefold() for name in calendar.day_name]
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_ROMAN = r"II|III|IV|VI|VII|VIII|IX|XI|XII|XIII|XIV|XV|XVI|XVII|XVIII|XIX|XX"

_UNITS = {
    "item": "items|item|tasks|task|tickets|ticket|cards|card",
    "issue": "issues|issue",
    "pr": "pull requests|pull request|prs|pr",
    "day": "days|day|d",
    "hour": "hours|hour|hrs|hr|h",
    "minute": "minutes|minute|min",
    "second": "seconds|sec|s",
    "week": "weeks|week",
    "month": "months|month",
    "year": "years|year",
    "story": "story points|story point",
    "line": "lines|line",
    "person": "people|persons|person|developers|developer|members|member",
    "run": "runs|run|simulations|simulation",
}
_UNIT = {spelling: name for name, spellings in _UNITS.items() for spelling in spellings.split("|")}
_BETWEEN = frozenset(
    _list(
        "open opened closed done finished completed remaining more other of the its working active calendar consecutive "
        "new added removed blocked overdue unassigned stale silent last past first working-day full waiting merged red "
        "failing failed green unfinished tracked"
    )
)
_NO_NOUN = frozenset(
    _list(
        "is are was were be been has have had remain remains stay stays and or but in on at by for to from since ago left "
        "out per with without that which who this as than so because while when after before until today still already not "
        "now would will can could may might should if a an"
    )
)


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """All quantities of a plain text, in the order in which they stand there."""
    found: list[Quantity] = []
    rest = text
    for pattern, read in _READERS:
        rest = pattern.sub(partial(_take, read, text, found), rest)
    return tuple(sorted(found, key=lambda one: one.at))


def without_quantities(text: str) -> str:
    """The text with spaces in the place of its quantities."""
    for one in quantities(text):
        text = text[: one.at] + " " * (one.end - one.at) + text[one.end :]
    return text


def equal(claim: Quantity, fact: Quantity, fact_words: frozenset[str]) -> bool:
    """Whether a claimed quantity is what the fact says; `fact_words` are the simplest forms of the fact's words."""
    if fact.kind is Kind.DATE and claim.kind in _OF_DATE:
        return _OF_DATE[claim.kind](claim.value, fact.value)
    if claim.kind is not fact.kind or claim.value != fact.value:
        return False
    if claim.sign == "-" or fact.sign == "-":
        return claim.sign == fact.sign
    if claim.kind not in (Kind.COUNT, Kind.RATIO) or claim.unit in (ANY, fact.unit):
        return True
    return fact.unit == ANY and stem(claim.unit) in fact_words


def _take(read: Reader, text: str, found: list[Quantity], match: re.Match[str]) -> str:
    """Note what a pattern found, and blank it so that no later pattern reads the same digits again."""
    found.append(read(match, text))
    return " " * len(match.group())


def _same_date(claim: str, fact: str) -> bool:
    """Dates without a year are equal on the same day of the same month."""
    return fact.endswith(claim[4:]) if claim.startswith("----") else claim == fact


_OF_DATE: dict[Kind, Callable[[str, str], bool]] = {
    Kind.DATE: _same_date,
    Kind.MONTH: lambda claim, fact: fact[5:7] == claim[5:] and claim[:4] in ("----", fact[:4]),
    Kind.WEEKDAY: lambda claim, fact: _is_day(fact) and _WEEKDAYS[date.fromisoformat(fact).weekday()] == claim,
    Kind.ORDINAL: lambda claim, fact: int(fact[-2:]) == int(claim),
}


def _is_day(text: str) -> bool:
    return not text.startswith("----")


def _date(match: re.Match[str], _: str) -> Quantity:
    groups = match.groupdict()
    year = groups.get("year") or "----"
    if len(year) == 2:
        year = f"20{year}"
    month = groups["month"].rstrip(".").casefold()
    number = _MONTHS.get(month) or int(month)
    day = int(groups["day"])
    if not _exists(year, number, day):
        return Quantity(Kind.LITERAL, match.group().casefold(), ANY, *match.span())
    return Quantity(Kind.DATE, f"{year}-{number:02}-{day:02}", ANY, *match.span())


def _exists(year: str, month: int, day: int) -> bool:
    """Whether the calendar has this day; without a year the 29th of February counts."""
    try:
        date(2000 if year == "----" else int(year), month, day)
    except ValueError:
        return False
    return True


def _month(match: re.Match[str], _: str) -> Quantity:
    number = _MONTHS[match["month"].casefold()]
    return Quantity(Kind.MONTH, f"{match['year'] or '----'}-{number:02}", ANY, *match.span())


def _weekday(match: re.Match[str], _: str) -> Quantity:
    return Quantity(Kind.WEEKDAY, match.group().casefold().removesuffix("s"), ANY, *match.span())


def _literal(match: re.Match[str], _: str) -> Quantity:
    return Quantity(Kind.LITERAL, match.group().casefold().rstrip(".,;:)"), ANY, *match.span())


def _percent(match: re.Match[str], _: str) -> Quantity:
    mark = match["mark"].casefold()
    kind = Kind.POINTS if "point" in mark or mark in ("pp", "pts") else Kind.PERCENT
    return Quantity(kind, _value(match["number"]), ANY, *match.span(), match["sign"] or "")


def _ratio(match: re.Match[str], text: str) -> Quantity:
    value = f"{_value(match['part'])}/{_value(match['whole'])}"
    return Quantity(Kind.RATIO, value, _unit(text[match.end() :]), *match.span())


def _share(match: re.Match[str], _: str) -> Quantity:
    percent = _SHARES.get(re.split(r"[ -]", match.group().casefold())[-1], "75")
    if match.group().casefold().startswith("two"):
        percent = "66.7"
    return Quantity(Kind.PERCENT, percent, ANY, *match.span())


_SHARES = {"half": "50", "halves": "50", "halfway": "50", "quarter": "25", "third": "33.3"}


def _ordinal(match: re.Match[str], _: str) -> Quantity:
    word = match.group().casefold()
    value = _ORDINALS.index(word) if word in _ORDINALS else int(word[:-2])
    return Quantity(Kind.ORDINAL, str(value), ANY, *match.span())


def _word(match: re.Match[str], text: str) -> Quantity:
    total = sum(_WORDS[part] for part in re.split(r"[- ]", match.group().casefold()))
    return Quantity(Kind.COUNT, str(total), _unit(text[match.end() :]), *match.span())


def _dozen(match: re.Match[str], text: str) -> Quantity:
    return Quantity(Kind.COUNT, "6" if match["half"] else "12", _unit(text[match.end() :]), *match.span())


def _count(match: re.Match[str], text: str) -> Quantity:
    return Quantity(Kind.COUNT, _value(match["number"]), _unit(text[match.end() :]), *match.span(), match["sign"] or "")


def _value(text: str) -> str:
    """A number in one spelling: no thousands separators, no trailing zeros."""
    lowered = text.casefold()
    if lowered in _WORDS:
        return str(_WORDS[lowered])
    return f"{Decimal(text.replace(',', '')).normalize():f}"


def _unit(after: str) -> str:
    """The noun that a number counts: the first word behind it that is no adjective; "" when there is none."""
    for first, second in _pairs(after):
        for spelling in (f"{first} {second}", first):
            if spelling in _UNIT:
                return _UNIT[spelling]
        if first in _NO_NOUN:
            return ANY
        if first not in _BETWEEN:
            return stem(first)
    return ANY


def _pairs(after: str) -> Iterator[tuple[str, str]]:
    """The next words on this side of any punctuation, each with the one behind it."""
    near = re.match(r"[ -]?((?:[A-Za-z]+[ -]?)*)", after)
    following = re.findall(r"[a-z]+", near.group(1).casefold())[:4] if near else []
    yield from zip(following, [*following[1:], ""], strict=False)


_SMALL_WORDS = "|".join(sorted(_WORDS, key=len, reverse=True))
_SIGN = r"(?:(?<![\w.,/-])(?P<sign>[+-]))?"
_PART = rf"{_NUMBER}|{_SMALL_WORDS}"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_compiled(rf"\b{_YEAR}-(?P<month>\d{{2}})-(?P<day>\d{{2}})(?!\d)"), _date),
    (_compiled(rf"\b{_YEAR}/(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})\b"), _date),
    (_compiled(r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d{2})\b"), _date),
    (_compiled(r"\b\d{1,2}/\d{1,2}/\d{2,4}\b"), _literal),
    (_compiled(rf"\b{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?(?!\w)"), _date),
    (_compiled(rf"\b{_MONTH} (?:the )?{_DAY}(?:,? {_YEAR})?(?!\w|[,.]\d)"), _date),
    (
        _compiled(
            r"\b(?P<month>january|february|april|june|july|august|september|october|november|december)(?: (?P<year>\d{4}))?\b"
        ),
        _month,
    ),
    (_compiled(r"(?<=[a-z,] )(?-i:(?P<month>May|March))(?: (?P<year>\d{4}))?\b"), _month),
    (_compiled(r"\b(?:" + "|".join(_WEEKDAYS) + r")s?\b"), _weekday),
    (_compiled(r"\b\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m\b)?|\b\d{1,2} ?[ap]m\b"), _literal),
    (
        _compiled(
            rf"{_SIGN}(?<![\w.])(?P<number>{_PART}) ?(?P<mark>%-?points?|%|percentage[ -]points?|per ?cent(?:age)?(?:[ -]points?)?|pct|pp|pts|points?)(?!\w)"
        ),
        _percent,
    ),
    (
        _compiled(rf"(?<![\w.])(?P<part>{_PART})(?: out)? of (?:the |its |all )?(?P<whole>{_PART})(?![\w%]|\.\d)"),
        _ratio,
    ),
    (_compiled(r"\bv?\d+(?:\.\d+){2,}[\w.+-]*|\bv\d+(?:\.\d+)*\b|\b\d+/\d+\b"), _literal),
    (
        _compiled(
            r"\b(?:three[ -]quarters|two[ -]thirds|(?:a|one)[ -]third(?= of\b)|one[ -]quarter|halfway|halves|half(?! a dozen)|quarter)\b"
        ),
        _share,
    ),
    (_compiled(r"\b(?:" + "|".join(_ORDINALS) + r"|\d+(?:st|nd|rd|th))\b"), _ordinal),
    (_compiled(r"\b(?P<half>half )?(?:a )?dozen\b"), _dozen),
    (_compiled(rf"\b(?:(?:{'|'.join(_TENS)})[- ](?:{'|'.join(_SMALL[1:10])})|{_SMALL_WORDS})\b"), _word),
    (re.compile(rf"\b(?:{_ROMAN})\b"), _literal),
    (_compiled(rf"{_SIGN}(?<![\w.])(?P<number>{_NUMBER})(?![\w]|\.\d)(?=[ -]?\D|$)"), _count),
    (_compiled(r"[^\s\"()\[\],;]*\d[^\s\"()\[\],;]*"), _literal),
)
