"""Days off are read as people write them, and refused in words."""

from __future__ import annotations

from datetime import date

import pytest

from galaxy_desktop.domain.days_off import EXAMPLE, days_off_of, in_words, strangers
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.settings import BY_NAME


def test_days_and_ranges_hold_for_the_whole_team() -> None:
    off = days_off_of("2026-12-24, 2026-12-28..2026-12-30")
    assert off.team == {date(2026, 12, day) for day in (24, 28, 29, 30)}
    assert not off.people


def test_a_login_in_front_makes_days_off_of_one_person() -> None:
    off = days_off_of("2026-12-24; @Ann: 2026-05-04..2026-05-05\nben: 2026-05-08; ann: 2026-06-01")
    assert off.team == {date(2026, 12, 24)}
    assert off.people["ann"] == {date(2026, 5, 4), date(2026, 5, 5), date(2026, 6, 1)}
    assert off.people["ben"] == {date(2026, 5, 8)}


def test_nothing_written_is_no_day_off() -> None:
    assert days_off_of("") == days_off_of(" ; \n")


def test_the_example_in_the_help_is_right() -> None:
    assert len(days_off_of(EXAMPLE).people["ann"]) == 5
    assert EXAMPLE in BY_NAME["days_off"].help


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("24.12.2026", "write days like"),
        ("2026-02-30", "not '2026-02-30'"),
        ("2026-05-08..2026-05-04", "ends before it begins"),
        ("2026-05-08..2028-05-08", "longer than a year"),
        ("ann b: 2026-05-04", "GitHub login before the colon"),
        ("ann:", "at least one day"),
    ],
)
def test_what_is_no_day_off_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(WrongUseError, match=said) as refused:
        BY_NAME["days_off"].parse(text)
    assert str(refused.value).startswith("Days off: ")


def test_who_was_never_seen_is_named_whatever_the_case() -> None:
    off = days_off_of("Ann: 2026-05-04; zoe: 2026-05-04; ben: 2026-05-04; 2026-05-05")
    assert strangers(off, ["ANN", "carl"]) == ("ben", "zoe")
    assert "Nobody called “ben” or “zoe” was seen" in in_words(("ben", "zoe"))
    assert in_words(strangers(off, ["ann", "Ben", "Zoe"])) == ""
