"""What the six feature families say of a sprint beyond the forecast: troubles seen, and what they were worth here.

A trouble is one number of one family, from 0 to 1, that could be read off dated records at its moment. What troubles
are worth is learned from the team's own ended sprints alone (`assess.family_offset`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LARGEST_SHIFT = 1.0
"""All families together move the log-odds of landing by no more than this."""
WIDEST = 3.0
"""A trouble counts as at most so many usual spreads away from the usual."""
MIDDLE = 0.5
"""The share of the time that is taken where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How much trouble one family sees, 0 to 1; `None` where that could not be known at the moment.

    `family` is the name of a `facts.Family`. More is always worse.
    """

    family: str
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyTerm:
    """What one family is worth: `weight` log-odds of landing for each usual spread of more trouble, never above zero.

    `usual` is what was usual at each of the offset's `shares` of the time, `spread` how far sprints usually were from
    it; `sprints` those in which the trouble was known. `why_none` says why a family has no weight, "" when it has one.
    """

    family: str
    weight: float = 0.0
    usual: tuple[float, ...] = ()
    spread: float = 1.0
    sprints: int = 0
    why_none: str = ""

    def points(self, share: float, shares: tuple[float, ...], value: float | None) -> float:
        """The log-odds that this trouble adds at a share of the time; 0 where it is not known."""
        if value is None or not self.usual or not self.weight:
            return 0.0
        away = (value - between(share, shares, self.usual)) / self.spread
        return self.weight * min(max(away, -WIDEST), WIDEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyOffset:
    """What the families add to the log-odds of a forecast, and whether they may.

    `used` is true only when they made past forecasts better beyond chance, walking forward. `sprints` ended ones were
    learned from, `scored` of them foretold; `gain` and `brier_gain` are what the families saved there for each sprint in
    log loss and Brier score, `low` is the log loss saved with 90 % confidence at least. `sentence` says all of it.
    """

    terms: tuple[FamilyTerm, ...] = ()
    shares: tuple[float, ...] = ()
    sprints: int = 0
    prior_sprints: float = 0.0
    used: bool = False
    scored: int = 0
    gain: float | None = None
    low: float | None = None
    brier_gain: float | None = None
    sentence: str = ""

    def parts(self, elapsed: float | None, troubles: Iterable[Trouble]) -> dict[str, float]:
        """The log-odds that each family adds; nothing while the families are not used."""
        if not self.used:
            return {}
        values = {one.family: one.value for one in troubles}
        share = MIDDLE if elapsed is None else elapsed
        found = {term.family: term.points(share, self.shares, values.get(term.family)) for term in self.terms}
        return {family: round(points, 6) for family, points in found.items() if points}

    def shift(self, elapsed: float | None, troubles: Iterable[Trouble]) -> float:
        """The log-odds that all families add; exactly 0 while they are not used."""
        return held(sum(self.parts(elapsed, troubles).values()))


def held(shift: float) -> float:
    """A shift that is not too large."""
    return min(max(shift, -LARGEST_SHIFT), LARGEST_SHIFT)


def between(share: float, shares: tuple[float, ...], values: tuple[float, ...]) -> float:
    """The value at a share of the time, on straight lines between those of `shares` (ascending), flat outside."""
    if share <= shares[0]:
        return values[0]
    for n in range(1, len(shares)):
        if share <= shares[n]:
            part = (share - shares[n - 1]) / (shares[n] - shares[n - 1])
            return values[n - 1] + part * (values[n] - values[n - 1])
    return values[-1]
