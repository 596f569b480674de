"""Days off as people write them: "2026-12-24, 2026-12-28..2026-12-31; ann: 2026-05-04..2026-05-08".

Entries are separated by semicolons or lines. One with a login and a colon in front holds for that person, the others for
the whole team. A range names its first and last day with two dots between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from galaxy_desktop.domain.calendar import each_day

EXAMPLE = "2026-12-24, 2026-12-28..2026-12-31; ann: 2026-05-04..2026-05-08"
LONGEST_RANGE = 366
_LOGIN = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$")


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Days on which nobody works, and the days off of single people by their login in lower case."""

    team: frozenset[date] = frozenset()
    people: Mapping[str, frozenset[date]] = field(default_factory=lambda: MappingProxyType({}))


def days_off_of(text: str) -> DaysOff:
    """Read days off; raises `ValueError` that says what would be right."""
    team: set[date] = set()
    people: dict[str, set[date]] = {}
    for entry in re.split(r"[;\n]", text):
        if not entry.strip():
            continue
        who, colon, days = entry.rpartition(":")
        login = who.strip().removeprefix("@").casefold()
        if colon and not _LOGIN.match(login):
            raise ValueError(f"write a GitHub login before the colon, not {who.strip()!r}.")
        (people.setdefault(login, set()) if colon else team).update(_days(days))
    return DaysOff(frozenset(team), MappingProxyType({login: frozenset(days) for login, days in people.items()}))


def strangers(off: DaysOff, seen: Iterable[str]) -> tuple[str, ...]:
    """The logins with days off that are none of those that were seen, in order; case does not matter."""
    known = {login.casefold() for login in seen}
    return tuple(sorted(login for login in off.people if login not in known))


def in_words(strangers: Sequence[str]) -> str:
    """What is to be said of them, "" where there are none: they may be misspelled, or join later."""
    if not strangers:
        return ""
    named = " or ".join(f"“{login}”" for login in strangers)
    return (
        f"Nobody called {named} was seen in your repositories. Check the spelling, or leave it: "
        "the days off count as soon as that login turns up."
    )


def _days(text: str) -> set[date]:
    found: set[date] = set()
    for part in text.split(","):
        if not part.strip():
            continue
        first, dots, last = part.partition("..")
        begin = _day(first)
        end = _day(last) if dots else begin
        if end < begin:
            raise ValueError(f"{part.strip()} ends before it begins.")
        if (end - begin).days > LONGEST_RANGE:
            raise ValueError(f"{part.strip()} is longer than a year.")
        found.update(each_day(begin, end))
    if not found:
        raise ValueError(f"name at least one day, like {EXAMPLE}.")
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"write days like {EXAMPLE}, not {text.strip()!r}.") from None
