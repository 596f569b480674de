"""Public holidays of the user's country, as the set of days that the pure parts take."""

from __future__ import annotations

from datetime import date

from galaxy_desktop.errors import WrongUseError


def holidays_of(code: str, around: date) -> frozenset[date]:
    """The public holidays of a country ("DE") or subdivision ("US-CA") from the year before to the year after.

    An empty code means none. Raises `WrongUseError` for a code that is not known.
    """
    if not code.strip():
        return frozenset()
    import holidays  # noqa: PLC0415 - loads tables of every country

    country, _, part = code.strip().upper().partition("-")
    years = range(around.year - 1, around.year + 2)
    try:
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=years))
    except NotImplementedError:
        raise WrongUseError(f"No holidays are known for {code!r}. Use a country code such as DE, or US-CA.") from None
