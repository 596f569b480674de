"""A plain text as the grammar reads it: items, numbers, dates and quotations become tokens, words stay words.

"PR #7 has been waiting for a review for more than nine days" becomes "§i0 has been waiting for a review for more than
§c1 days". The tokens keep what they stand for, so the patterns in `grammar` are about words only, and what a slot
holds is compared here: "more than nine days" with a stored 10, "next Wednesday" with a stored date.

A value is exact in a fact. A claim may also say "more than", "at least", "fewer than", "about", "nearly": what that
means is written down once, in `Amount.fits`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from galaxy_desktop.reason.quantities import Kind, Quantity, quantities
from galaxy_desktop.reason.references import Reference, blanked, references

OPERATORS: Mapping[str, str] = {
    "just over": r"just over|just above|slightly over|slightly above|slightly more than|a little over|a little more than",
    "just under": r"just under|just below|just short of|slightly less than|slightly under|nearly|almost|close to|not quite",
    "over": r"more than|well over|over|above|greater than|higher than|in excess of|upwards of|longer than",
    "least": r"at least|no fewer than|no less than|not less than|not fewer than|a minimum of",
    "under": r"fewer than|less than|well under|under|below|lower than|shorter than",
    "most": r"at most|no more than|not more than|a maximum of",
    "about": r"about|around|roughly|approximately|some|circa",
    "": r"exactly|precisely|only|just|a total of|a full|a single",
}
"""How a claim may limit a number, by what it means; "" is the number itself."""

OPERATOR = "(?:" + "|".join(sorted("|".join(OPERATORS.values()).split("|"), key=len, reverse=True)) + ")"
_OPERATOR = re.compile(rf"^(?:a |an )?({OPERATOR}) ")
_MEANING = {word: meaning for meaning, words in OPERATORS.items() for word in words.split("|")}
_ABOUT_SHARE = Fraction(1, 20)
_ABOUT_POINTS = Fraction(5, 2)
_NEAR = Fraction(1, 6)
_UNIT_DAYS: Mapping[str, tuple[Fraction, Fraction]] = {
    "hour": (Fraction(1, 24), Fraction(1, 24)),
    "day": (Fraction(1), Fraction(1)),
    "week": (Fraction(7), Fraction(7)),
    "fortnight": (Fraction(14), Fraction(14)),
    "month": (Fraction(28), Fraction(31)),
}
"""How many days a unit has, from and to: a month is no number of days."""

_LETTERS = {
    Kind.COUNT: "c", Kind.PERCENT: "p", Kind.POINTS: "t", Kind.RATIO: "r", Kind.DATE: "d", Kind.WEEKDAY: "d",
    Kind.MONTH: "d", Kind.ORDINAL: "o", Kind.LITERAL: "l",
}  # fmt: skip
_FRACTION = re.compile(r"^\d{1,4}/\d{1,4}$")


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text with tokens in it, and what they stand for: `quotes` are the words that were between quotation marks.

    `whole` says that the text names all of a kind ("Two items are blocked: ..."), so that there may be no other: no other
    of which the same is "said", or none of that "kind" however long it lasts.
    """

    text: str
    references: tuple[Reference, ...] = ()
    numbers: tuple[Quantity, ...] = ()
    quotes: tuple[str, ...] = ()
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, from `low` to `high` where its unit is no exact one, and how a claim limits it."""

    low: Fraction
    high: Fraction
    operator: str = ""
    percent: bool = False

    def fits(self, fact: Fraction) -> bool:
        """Whether a stored number is as this amount says."""
        if self.operator == "over":
            return fact > self.high
        if self.operator == "under":
            return fact < self.low
        if self.operator == "least":
            return fact >= self.high
        if self.operator == "most":
            return fact <= self.low
        if self.operator == "about":
            return abs(fact - self.low) <= max(_ABOUT_POINTS if self.percent else Fraction(0), fact * _ABOUT_SHARE)
        if self.operator == "just over":
            return self.high < fact <= self.high * (1 + _NEAR)
        if self.operator == "just under":
            return self.low * (1 - _NEAR) <= fact < self.low
        return self.low == self.high == fact

    @property
    def exact(self) -> Fraction | None:
        """The number when it is one."""
        return self.low if self.low == self.high and not self.operator else None


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a date can mean: each pair is a first and a last day; empty when it cannot be told."""

    spans: tuple[tuple[date, date], ...] = ()
    yearless: str = ""
    """A day or month without its year, as "----05-13" or "----05"."""
    weekday: str = ""
    """The name of a weekday where nobody knows what today is."""

    def fits(self, fact: date) -> bool:
        """Whether a stored day is as these words say."""
        if self.yearless:
            return fact.isoformat()[4:].startswith(self.yearless[4:]) and self._on_weekday(fact)
        if self.spans:
            return all(first <= fact <= last for first, last in self.spans) and self._on_weekday(fact)
        return bool(self.weekday) and self._on_weekday(fact)

    def _on_weekday(self, fact: date) -> bool:
        return not self.weekday or WEEKDAYS[fact.weekday()] == self.weekday


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def spell(text: str, known_words: str = "") -> Spelled:
    """The text in tokens; a quoted word out of `known_words` (lower case) stays as words."""
    text = text.replace("§", " ")
    spans: list[tuple[int, int, str]] = []
    quotes: list[str] = []
    bare = text
    for match in re.finditer(r'"([^"]*)"', text):
        said = match.group(1).casefold().strip(" .,")
        if said and len(said.split()) == 1 and re.search(rf"(?<!\w){re.escape(said)}(?!\w)", known_words):
            spans.append((*match.span(), said))
        else:
            spans.append((*match.span(), f"§q{len(quotes)}"))
            quotes.append(match.group(1))
        bare = bare[: match.start()] + " " * len(match.group()) + bare[match.end() :]
    named = references(bare)
    spans += [(one.at, one.end, f"§i{n}") for n, one in enumerate(named)]
    numbers = quantities(blanked(bare, named))
    spans += [(one.at, one.end, f"§{_letter(one)}{n}") for n, one in enumerate(numbers)]
    for start, end, token in sorted(spans, reverse=True):
        # A token keeps apart from the letters next to it: "9-day" is "§c0 -day".
        text = text[:start] + token + ("" if end >= len(text) or not text[end].isalnum() else " ") + text[end:]
    return Spelled(" ".join(text.casefold().split()), named, numbers, tuple(quotes))


def amount(words: str, spelled: Spelled) -> Amount | None:
    """The number that a slot holds: "more than §c0", "§p1", "no"; `None` when it is none."""
    match = _OPERATOR.match(words)
    limit = _MEANING[match[1]] if match else ""
    rest = words[match.end() :] if match else words
    found = re.search(r"§([cpt])(\d+)", rest)
    if found is None:
        value = _WORDS.get(rest.split(" ")[0]) if rest else None
        return Amount(value, value, limit) if value is not None else None
    quantity = spelled.numbers[int(found[2])]
    if quantity.sign == "-":
        return None
    value = Fraction(Decimal(quantity.value))
    return Amount(value, value, limit, percent=quantity.kind is Kind.PERCENT)


def operator(words: str) -> str:
    """What limits the number in a slot, "" when nothing does."""
    match = _OPERATOR.match(words)
    return _MEANING[match[1]] if match else ""


_WORDS = {
    "no": Fraction(0),
    "none": Fraction(0),
    "a": Fraction(1),
    "an": Fraction(1),
    "zero": Fraction(0),
    "one": Fraction(1),
}


def span(words: str, spelled: Spelled) -> Amount | None:
    """The days that a slot such as "more than §c0 weeks" or "a day" holds."""
    unit = next((name for name in _UNIT_DAYS if re.search(rf"\b{name}s?$", words)), None)
    number = amount(words, spelled)
    if unit is None or number is None:
        return None
    first, last = _UNIT_DAYS[unit]
    return Amount(number.low * first, number.high * last, number.operator)


_TIMES = {"twice": 2, "three times": 3}


def times(words: str, spelled: Spelled) -> Amount | None:
    """How many times as much a slot says: "more than twice", "§c0 times"."""
    match = _OPERATOR.match(words)
    rest = words[match.end() :] if match else words
    if rest in _TIMES:
        value = Fraction(_TIMES[rest])
        return Amount(value, value, _MEANING[match[1]] if match else "")
    return amount(words.removesuffix(" times"), spelled)


def ratio(words: str, spelled: Spelled) -> tuple[Fraction, Fraction] | None:
    """Part and whole of "§r0"."""
    found = re.search(r"§r(\d+)", words)
    if found is None:
        return None
    part, _, whole = spelled.numbers[int(found[1])].value.partition("/")
    return Fraction(Decimal(part)), Fraction(Decimal(whole))


def days(words: str, spelled: Spelled, today: date | None, *, back: bool = False) -> Days:
    """The days that a slot such as "§d0", "tomorrow", "next §d1" or "in §c2 days" can mean; `back` looks into the past."""
    beside = _BESIDE.match(words)
    if beside is not None:
        return _both(days(beside[1], spelled, today, back=back), days(beside[2], spelled, today, back=back))
    relative = _relative(words, spelled, today)
    if relative is not None:
        return relative
    found = [spelled.numbers[int(number)] for number in re.findall(r"§d(\d+)", words)]
    weekday = next((one.value for one in found if one.kind is Kind.WEEKDAY), "")
    dated = [one for one in found if one.kind is not Kind.WEEKDAY]
    if len(dated) > 1 or len(found) > 2 or not found:
        return Days()
    if not dated:
        return _weekday(words, weekday, today, back=back)
    value = dated[0].value
    if value.startswith("----"):
        return Days(yearless=value, weekday=weekday)
    if dated[0].kind is Kind.MONTH:
        return Days(spans=(_month(int(value[:4]), int(value[5:])),), weekday=weekday)
    day = date.fromisoformat(value)
    return Days(spans=((day, day),), weekday=weekday)


def is_ahead(days: Days, today: date | None) -> bool:
    """Whether days, told as past ones, are not past yet; without a year they are those of this year."""
    if today is None:
        return False
    this_year = f"{today.year}{days.yearless[4:]}"
    return any(last >= today for _, last in days.spans) or bool(days.yearless and this_year >= today.isoformat())


_BESIDE = re.compile(r"^(today|tomorrow|yesterday),? (?:on )?((?:the )?§d.*)$")


def _both(one: Days, other: Days) -> Days:
    """The one day that two ways to tell it agree on; none when they do not."""
    if len(one.spans) != 1 or one.spans[0][0] != one.spans[0][1] or not other.fits(one.spans[0][0]):
        return Days()
    return one


def _relative(words: str, spelled: Spelled, today: date | None) -> Days | None:
    """The days of words that count from today; `None` when the words do not, no days when nobody knows what today is."""
    bare = re.sub(r"^(?:on|by|since|in|until|within) ", "", words)
    if bare not in _FROM_TODAY and not re.search(
        r" (?:ago|from now)$|^in .*(?:days?|weeks?|fortnight|months?|hours?)$", words
    ):
        return None
    if today is None:
        return Days()
    if bare in _FROM_TODAY:
        return Days(spans=(_FROM_TODAY[bare](today),))
    length = span(re.sub(r"^in | ago$| from now$", "", words), spelled)
    if length is None or length.exact is None or length.exact.denominator != 1:
        return Days()
    moved = timedelta(days=int(length.exact)) * (-1 if words.endswith(" ago") else 1)
    return Days(spans=((today + moved, today + moved),))


def _one_day(move: int) -> Callable[[date], tuple[date, date]]:
    return lambda today: (today + timedelta(days=move), today + timedelta(days=move))


def _week(today: date, move: int) -> tuple[date, date]:
    first = today - timedelta(days=today.weekday()) + timedelta(weeks=move)
    return first, first + timedelta(days=6)


def _month(year: int, month: int) -> tuple[date, date]:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), after - timedelta(days=1)


_FROM_TODAY: Mapping[str, Callable[[date], tuple[date, date]]] = {
    "today": _one_day(0),
    "tomorrow": _one_day(1),
    "yesterday": _one_day(-1),
    "the day after tomorrow": _one_day(2),
    "the day before yesterday": _one_day(-2),
    "this week": lambda today: _week(today, 0),
    "next week": lambda today: _week(today, 1),
    "last week": lambda today: _week(today, -1),
    "this month": lambda today: _month(today.year, today.month),
    "next month": lambda today: _month(today.year, today.month + 1),
    "last month": lambda today: _month(today.year, today.month - 1),
}


def _weekday(words: str, name: str, today: date | None, *, back: bool) -> Days:
    """The day that a bare weekday means: the next one, the last one when looking back, and nothing when it may be two."""
    if today is None:
        return Days(weekday=name)
    number = WEEKDAYS.index(name)
    ahead, behind = (number - today.weekday()) % 7, (today.weekday() - number) % 7
    if re.search(r"\bthis §d", words):
        return _one(today + timedelta(days=number - today.weekday()))
    if re.search(r"\blast §d", words):
        return _one(today - timedelta(days=behind or 7))
    if re.search(r"\bnext §d", words):
        day = today + timedelta(days=ahead or 7)
        # On Monday, "next Wednesday" is not the day after tomorrow to most people.
        return _one(day if day >= _week(today, 1)[0] else day + timedelta(weeks=1))
    if re.search(r"\b(?:coming|following) §d", words):
        return _one(today + timedelta(days=ahead or 7))
    if not ahead:
        return Days()
    return _one(today - timedelta(days=behind) if back else today + timedelta(days=ahead))


def _one(day: date) -> Days:
    return Days(spans=((day, day),))


def _letter(one: Quantity) -> str:
    if one.kind is Kind.LITERAL and _FRACTION.match(one.value):
        return "r"
    return _LETTERS[one.kind]
