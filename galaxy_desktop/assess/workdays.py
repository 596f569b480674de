"""The days on which work gets done: no weekends, no holidays, and fewer hands on days off.

A day on which one of four people is away counts as three quarters of a working day: the runs draw past working days,
and the k-th of them is used up on the first day by which k - 1/2 working days have passed. Everybody counts the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from galaxy_desktop.assess.draws import Ints
from galaxy_desktop.domain.calendar import is_working
from galaxy_desktop.domain.findings import Away, ForecastInputs

HORIZON_DAYS = 3 * 365


@dataclass(frozen=True, slots=True, eq=False)
class Workdays:
    """Days counted from today (0), as arrays of offsets up to three years.

    `working` are the team's working days; `worked` the days on which one more drawn day is used up.
    """

    working: Ints
    worked: Ints

    @property
    def last(self) -> int:
        """The last working day looked at: "or later"."""
        return int(self.working[-1])

    def place(self, days: Ints) -> Ints:
        """How many working days lie before these ones, today included."""
        found: Ints = np.searchsorted(self.working, days, side="left").astype(np.int64)
        return found

    def passed(self, inputs: ForecastInputs) -> float:
        """How much of today has passed, 0 to 1; nothing of a day on which nobody works."""
        clock = inputs.as_of
        gone = (clock.hour * 3600 + clock.minute * 60 + clock.second) / 86_400.0
        return gone if self.working[0] == 0 else 0.0


def workdays_of(inputs: ForecastInputs) -> Workdays:
    """The days of one forecast."""
    team = frozenset(inputs.rhythm.team)
    away = tuple(one for one in inputs.away if one.owner in team) if inputs.away else ()
    return _workdays(inputs.today, inputs.holidays, away, len(team))


@lru_cache(maxsize=32)
def _workdays(today: date, holidays: frozenset[date], away: tuple[Away, ...], people: int) -> Workdays:
    days = [today + timedelta(days=n) for n in range(HORIZON_DAYS + 1)]
    flags = np.array([is_working(day, holidays) for day in days])
    working = np.flatnonzero(flags).astype(np.int64)
    if not len(working):
        working = np.array([HORIZON_DAYS], dtype=np.int64)
    hands = flags.astype(np.float64)
    for one in away:
        gone = [(day - today).days for day in one.days]
        hands[[n for n in gone if 0 <= n <= HORIZON_DAYS]] -= 1.0 / people
    passed = np.cumsum(np.where(flags, np.maximum(hands, 0.0), 0.0))
    goals = np.arange(1, int(passed[-1] + 0.5) + 1) - 0.5
    worked = np.searchsorted(passed, goals - 1e-9, side="left").astype(np.int64)
    return Workdays(working, worked if len(worked) else working[-1:])


def days_here(inputs: ForecastInputs) -> dict[str, Ints]:
    """For everybody with days off ahead, on which of the working days from today on that person is there."""
    return {
        one.owner: _here(inputs.today, inputs.holidays, one.days)
        for one in inputs.away
        if any(d >= inputs.today for d in one.days)
    }


@lru_cache(maxsize=64)
def _here(today: date, holidays: frozenset[date], away: Sequence[date]) -> Ints:
    gone = set(away)
    days = (today + timedelta(days=n) for n in range(HORIZON_DAYS + 1))
    here = [n for n, day in enumerate(day for day in days if is_working(day, holidays)) if day not in gone]
    return np.array(here or [HORIZON_DAYS], dtype=np.int64)
