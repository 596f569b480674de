"""Public holidays become days off."""

from __future__ import annotations

from datetime import date

import pytest

from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services.holiday_calendar import holidays_of


def test_no_country_means_no_holidays() -> None:
    assert holidays_of("", date(2026, 5, 1)) == frozenset()


def test_a_country_brings_its_days_of_this_and_the_next_year() -> None:
    days = holidays_of("de", date(2026, 5, 1))
    assert {date(2026, 5, 1), date(2027, 1, 1)} <= days


def test_a_subdivision_adds_days_of_its_own() -> None:
    chavez_day = date(2026, 3, 31)
    assert chavez_day in holidays_of("US-CA", date(2026, 5, 1))
    assert chavez_day not in holidays_of("US", date(2026, 5, 1))


def test_an_unknown_code_is_named() -> None:
    with pytest.raises(WrongUseError, match="XX"):
        holidays_of("XX", date(2026, 5, 1))
