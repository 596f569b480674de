"""Numbers, days and lists in words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.explain.words import counted, day_in_words, joined, odds, percent, sentence


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.62, "5 in 8"),
        (0.5, "1 in 2"),
        (0.05, "1 in 20"),
        (0.95, "19 in 20"),
        (0.33, "1 in 3"),
        (0.9, "9 in 10"),
        (0.07, "1 in 14"),
    ],
)
def test_odds_are_simple_and_close(share: float, words: str) -> None:
    assert odds(share) == words


@settings(deadline=None, max_examples=80)
@given(st.floats(0.05, 0.95))
def test_odds_never_say_never_or_always_and_stay_close(share: float) -> None:
    number, parts = (int(word) for word in odds(share).split(" in "))
    assert 0 < number < parts <= 20
    assert number / parts == pytest.approx(share, abs=0.05)


def test_days_are_named_in_english_with_the_year_when_it_is_another() -> None:
    assert day_in_words(date(2026, 5, 15), date(2026, 5, 6)) == "Friday 15 May"
    assert day_in_words(date(2027, 1, 1), date(2026, 5, 6)) == "Friday 1 January 2027"


def test_small_words() -> None:
    assert (percent(0.624), counted(1, "item"), counted(0, "item")) == ("62 %", "1 item", "0 items")
    assert (joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"])) == ("a", "a and b", "a, b and c")
    assert (sentence("Done"), sentence("Done.")) == ("Done.", "Done.")
