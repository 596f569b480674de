"""The one place where the program asks what time it is, and where it is."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from tzlocal import get_localzone

from galaxy_desktop.errors import WrongUseError

FIRST_YEAR, LAST_YEAR = 2000, 2200
"""GitHub is younger, and sums of days must stay within what a date can hold."""


def zone() -> tzinfo:
    """The user's time zone, with its history of summer times: old days need the offset of then."""
    return get_localzone()


def now() -> datetime:
    """This moment in the user's zone."""
    return datetime.now(zone())


def parse_moment(text: str) -> datetime:
    """An ISO moment in the user's zone; without an offset it is meant as local time.

    Raises:
        WrongUseError: the text is not an ISO moment.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUseError(f"{text!r} is not a moment. Write it like 2026-05-01T12:00:00Z.") from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise WrongUseError(f"{text!r} is too far away. Name a moment between {FIRST_YEAR} and {LAST_YEAR}.")
    return moment.replace(tzinfo=zone()) if moment.tzinfo is None else moment.astimezone(zone())


def stamp(moment: datetime) -> str:
    """A moment as the contract writes it: UTC, whole seconds, "Z"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
