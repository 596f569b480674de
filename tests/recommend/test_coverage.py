"""The 90 % interval of a gain: does it hold what the same action gains with another past of the same team?"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from galaxy_desktop.assess.forecast import Simulator
from galaxy_desktop.domain.findings import ForecastInputs
from galaxy_desktop.domain.scenarios import without
from galaxy_desktop.recommend.interval import OtherPasts
from tests.assess.test_calibration import Team

TEAMS, RUNS = 80, 1_000


class _SameTeam(Team):
    """A team of a fixed character with one of its possible pasts."""

    def __init__(self, seed: int, past: int) -> None:
        super().__init__(seed)
        self.dice = random.Random(1_000 * seed + past)


def _cases() -> Iterator[bool]:
    """Whether the interval that one past gives holds the gain that another past gives, for the same open work."""
    for seed in range(TEAMS):
        one, other = _SameTeam(seed, 1).play(), _SameTeam(seed, 2).play()
        if one is not None and other is not None and len(one[0].open) > 1:
            held = _held(replace(one[0], runs=RUNS), other[0])
            if held is not None:
                yield held


def _held(one: ForecastInputs, other: ForecastInputs) -> bool | None:
    simulate = Simulator().brief
    elsewhere = replace(
        one, days=other.days, sprint_days=other.sprint_days, cycle_days=other.cycle_days,
        past_sprints=other.past_sprints, past_sprints_on_time=other.past_sprints_on_time,
    )  # fmt: skip
    gone = [work.item_id for work in one.open[-max(1, len(one.open) // 2) :]]

    def change(inputs: ForecastInputs) -> ForecastInputs:
        return without(inputs, gone)

    before, after, before_there, after_there = (
        simulate(i).probability for i in (one, change(one), elsewhere, change(elsewhere))
    )
    if before is None or after is None or before_there is None or after_there is None:
        return None
    low, high = OtherPasts.of(one, simulate).interval(change, after - before, simulate, certain=True)
    return low - 1e-9 <= after_there - before_there <= high + 1e-9


def test_nine_in_ten_intervals_hold_the_gain_of_another_past() -> None:
    cases = list(_cases())
    assert len(cases) >= 60
    assert 0.83 <= sum(cases) / len(cases) <= 0.97
