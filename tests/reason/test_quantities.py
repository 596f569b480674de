"""However a number is written, it is found, and equal ones are equal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.reason.quantities import Kind, equal, quantities, without_quantities
from galaxy_desktop.reason.wording import plain, words


@pytest.mark.parametrize(
    ("text", "kind", "value", "unit"),
    [
        ("12 open items", Kind.COUNT, "12", "item"),
        ("twelve items", Kind.COUNT, "12", "item"),
        ("twenty-one pull requests", Kind.COUNT, "21", "pr"),
        ("a dozen issues", Kind.COUNT, "12", "issue"),
        ("half a dozen issues", Kind.COUNT, "6", "issue"),
        ("1,234 lines", Kind.COUNT, "1234", "line"),
        ("3.50 days", Kind.COUNT, "3.5", "day"),
        ("a 9-day wait", Kind.COUNT, "9", "day"),
        ("12 blockers", Kind.COUNT, "12", "blocker"),
        ("62 %", Kind.PERCENT, "62", ""),
        ("62 percent", Kind.PERCENT, "62", ""),
        ("seven per cent", Kind.PERCENT, "7", ""),
        ("half of it", Kind.PERCENT, "50", ""),
        ("three quarters", Kind.PERCENT, "75", ""),
        ("9 percentage points", Kind.POINTS, "9", ""),
        ("9 pp", Kind.POINTS, "9", ""),
        ("12 of 20 items", Kind.RATIO, "12/20", "item"),
        ("twelve out of the twenty", Kind.RATIO, "12/20", ""),
        ("the third sprint", Kind.ORDINAL, "3", ""),
        ("2026-04-19", Kind.DATE, "2026-04-19", ""),
        ("19 April 2026", Kind.DATE, "2026-04-19", ""),
        ("April 19th, 2026", Kind.DATE, "2026-04-19", ""),
        ("19.4.2026", Kind.DATE, "2026-04-19", ""),
        ("in May", Kind.MONTH, "-----05", ""),
        ("Monday", Kind.WEEKDAY, "monday", ""),
        ("version 0.7.2", Kind.LITERAL, "0.7.2", ""),
        ("2026-13-45", Kind.LITERAL, "2026-13-45", ""),
        ("at 09:14", Kind.LITERAL, "09:14", ""),
        ("test_32.py", Kind.LITERAL, "test_32.py", ""),
        ("3k", Kind.LITERAL, "3k", ""),
        ("XII", Kind.LITERAL, "xii", ""),
    ],
)
def test_a_number_is_read_with_its_kind_and_unit(text: str, kind: Kind, value: str, unit: str) -> None:
    (one,) = quantities(text)
    assert (one.kind, one.value, one.unit) == (kind, value, unit)


@pytest.mark.parametrize("disguised", ["１２", "1\u200b2", "①②".replace("②", ""), "𝟏𝟐", "١٢", "Ⅻ", "1\u00ad2"])
def test_no_disguise_hides_a_number(disguised: str) -> None:
    assert [one.value for one in quantities(plain(f"{disguised} items"))] in (["12"], ["1"])


def _same(claim: str, fact: str) -> bool:
    return equal(quantities(claim)[0], quantities(fact)[0], frozenset(words(fact)))


@pytest.mark.parametrize(
    ("claim", "fact", "same"),
    [
        ("9 days", "nine days", True),
        ("9 days", "9 items", False),
        ("9", "9 items", True),
        ("12 items", "items open: 12", True),
        ("12 people", "items open: 12", False),
        ("19 April", "2026-04-19", True),
        ("19 April 2025", "2026-04-19", False),
        ("April", "2026-04-19", True),
        ("Sunday", "2026-04-19", True),
        ("Monday", "2026-04-19", False),
        ("the 19th", "2026-04-19", True),
        ("-3 items", "3 items", False),
        ("+3 items", "3 items", True),
        ("62 %", "62 points", False),
    ],
)
def test_equal_means_the_same_thing(claim: str, fact: str, same: bool) -> None:
    assert _same(claim, fact) is same


@given(st.integers(0, 10_000_000))
@settings(max_examples=60, deadline=None)
def test_every_whole_number_is_found_with_and_without_separators(number: int) -> None:
    for text in (f"{number} items", f"{number:,} items"):
        assert [(one.value, one.unit) for one in quantities(text)] == [(str(number), "item")]


@given(st.dates())
@settings(max_examples=60, deadline=None)
def test_every_date_is_the_same_in_several_spellings(day) -> None:  # noqa: ANN001 - hypothesis gives dates
    spellings = (day.isoformat(), f"{day.day} {day:%B} {day.year:04}", f"{day:%B} {day.day}, {day.year:04}")
    assert {quantities(text)[0].value for text in spellings} == {day.isoformat()}


@given(st.text(max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_digit_escapes(text: str) -> None:
    assert not any(c.isdigit() for c in without_quantities(plain(text)))
