"""How long an item that is already in work still takes, given its age.

The curve S(t) = P(an item takes longer than t days) comes from past cycle times, together with eight standing
values that count as five observations, so that three observations are not taken for the whole truth. Between
observations it is linear. The longest tenth is too few to trust one by one: from there on the curve falls as a power
of t (a Pareto tail), beyond the longest observation too, because work that has outlived nearly all that went before is
not about to finish, it is stuck. The power is Hill's estimate from the longest fifth, drawn towards 1.5 and kept
between 1 and 2.

    remaining time t of an item of age a:  S(a + t) = u * S(a),  u uniform
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from galaxy_desktop.assess.draws import Floats

STANDING_DAYS = (0.3, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0)
STANDING_WEIGHT = 5.0
TAIL_WEIGHT = 1.0
"""One unseen observation beyond the longest: the chance of something longer than ever before."""
USUAL_POWER = 1.5
POWER_WEIGHT = 5.0
POWER_BOUNDS = (1.0, 2.0)
TAIL_SHARE = 0.10
"""Where the tail begins: the longest tenth."""
LONGEST_SHARE = 5
"""The tail is judged by one in five observations."""


@dataclass(frozen=True, slots=True, eq=False)
class Survival:
    """The curve as knots: `days` ascending from 0, `share` still unfinished then, and the power of its tail."""

    days: Floats
    share: Floats
    power: float

    def at(self, days: float) -> float:
        """P(an item takes longer than this many days)."""
        if days > self.days[-1]:
            return float(self.share[-1] * (self.days[-1] / days) ** self.power)
        return float(np.interp(days, self.days, self.share))

    def late(self, age: float, left: float) -> float:
        """P(an item of this age is not finished `left` days from now)."""
        return self.at(age + left) / self.at(age)

    def remaining(self, age: float, chance: Floats) -> Floats:
        """Days that an item of this age still takes; `chance` holds uniform numbers in [0, 1)."""
        target = (1.0 - chance) * self.at(age)
        days = np.interp(target, self.share[::-1], self.days[::-1])
        beyond = target < self.share[-1]
        days[beyond] = self.days[-1] * (self.share[-1] / target[beyond]) ** (1.0 / self.power)
        rest: Floats = np.maximum(days - age, 0.0)
        return rest


def more_waiting(waited: float, chance: Floats) -> Floats:
    """Days until somebody reviews what has waited for `waited` days: the longer it waited, the longer it will.

    P(more than t days) = (waited / (waited + t)) ** 1.5, the same tail as above; half are done after 0.6 times the
    days that passed already.
    """
    more: Floats = waited * ((1.0 - chance) ** (-1.0 / USUAL_POWER) - 1.0)
    return more


def still_waiting(waited: float, left: float) -> float:
    """P(nobody reviews it within `left` days)."""
    return (waited / (waited + left)) ** USUAL_POWER if waited > 0.0 else 0.0


def survival_of(cycle_days: Sequence[float], steepest: float = POWER_BOUNDS[1]) -> Survival:
    """The curve of past cycle times; without any, the standing values alone. `steepest` bounds the power of its tail."""
    seen = [max(float(d), 0.01) for d in cycle_days]
    weights = [1.0] * len(seen) + [STANDING_WEIGHT / len(STANDING_DAYS)] * len(STANDING_DAYS)
    days, where = np.unique(np.array(seen + list(STANDING_DAYS)), return_inverse=True)
    passed = np.cumsum(np.bincount(where, weights=weights))
    share = 1.0 - passed / (passed[-1] + TAIL_WEIGHT)
    body = share >= TAIL_SHARE
    body[0] = True
    knots, left = np.concatenate(([0.0], days[body])), np.concatenate(([1.0], share[body]))
    return Survival(knots, left, _power(sorted(seen), steepest))


def _power(ascending: Sequence[float], steepest: float) -> float:
    """Hill's estimate of the tail's power, drawn towards the usual one; rounded so that platforms agree."""
    longest = np.array(ascending[-(len(ascending) // LONGEST_SHARE) :]) if len(ascending) >= LONGEST_SHARE else None
    if longest is None:
        return USUAL_POWER
    excess = float(np.log(longest / longest[0]).sum())
    count = len(longest) - 1
    power = (count + POWER_WEIGHT) / (excess + POWER_WEIGHT / USUAL_POWER)
    return round(min(max(power, POWER_BOUNDS[0]), steepest), 2)
