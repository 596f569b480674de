"""Steady teams with a known truth: is what the forecast says of their sprints neither too low nor too high?

`docs/forecast.md` holds the table of 120 sprints of 60 such teams. Here fewer are looked at, with more dice thrown for the
truth: enough to see each of the faults that this measurement found come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from galaxy_desktop.assess.course import days_left
from galaxy_desktop.assess.forecast import inputs_of
from galaxy_desktop.assess.simulation import simulate_runs
from galaxy_desktop.domain.findings import ForecastInputs
from galaxy_desktop.features.compute import compute
from galaxy_desktop.features.index import index_of
from galaxy_desktop.features.past import as_of
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.services.ledger import judge
from tests.assess.steady_teams import Character, Look, Played, play

TEAMS = 24
RUNS = 400
EARLY = Character(people=5, usual_days=1.5, spread=0.7, focus=0.85, load=0.55, growth=0.0)
"""A healthy team: its sprints are done days before their end, and then it does other things."""
GROWING = Character(people=4, usual_days=1.5, spread=0.7, focus=1.0, load=0.8, growth=0.3)
"""A team whose sprints grow by a third, much of which is carried over."""


@dataclass(frozen=True)
class Seen:
    """One look: what was known then, what the runs said, and how likely it was."""

    look: Look
    inputs: ForecastInputs

    def said(self, change: Callable[[ForecastInputs], ForecastInputs] = lambda inputs: inputs) -> float:
        """The share of runs that land, of these inputs or of changed ones."""
        changed = change(self.inputs)
        return simulate_runs(changed, by_item=False).share_by(days_left(changed))


def seen(played: Played, seed: int) -> Iterable[Seen]:
    """The looks with what was known at each, made as the backtest makes it."""
    for look in played.looks:
        then = as_of(played.snapshot, look.at)
        index = index_of(then)
        sprint = next(s for s in group_sprints(then, look.at, index=index) if s.title == f"Sprint {look.sprint}")
        features = compute(then, sprint, look.at, index=index)
        inputs = replace(inputs_of(sprint, features, then, look.at, seed=seed), runs=RUNS)
        if inputs.open:
            yield Seen(look, inputs)


def of_teams(character: Character | None, teams: int) -> list[Seen]:
    """Looks at the last sprint of several teams."""
    return [
        one
        for seed in range(teams)
        for one in seen(play(seed, sprints=7, looked_at=1, throws=60, character=character), seed)
    ]


@pytest.fixture(scope="module")
def many() -> list[Seen]:
    """Teams of all kinds."""
    return of_teams(None, TEAMS)


@pytest.fixture(scope="module")
def early() -> list[Seen]:
    """Teams with days to spare."""
    return of_teams(EARLY, 8)


def mean(values: Iterable[float]) -> float:
    """The mean."""
    found = list(values)
    return sum(found) / len(found)


@pytest.mark.parametrize("shares", [(0.0,), (0.3, 0.5)])
def test_the_runs_land_as_often_as_the_team_would(many: list[Seen], shares: tuple[float, ...]) -> None:
    at = [one for one in many if one.look.share in shares]
    assert mean(one.said() for one in at) == pytest.approx(mean(one.look.chance for one in at), abs=0.09)


def test_the_runs_are_near_the_truth_of_each_team(many: list[Seen]) -> None:
    apart = mean((one.said() - one.look.chance) ** 2 for one in many) ** 0.5
    assert apart < 0.25


def test_a_team_that_is_usually_early_is_not_taken_for_a_slow_one(early: list[Seen]) -> None:
    at = [one for one in early if one.look.share in {0.3, 0.5}]
    truth = mean(one.look.chance for one in at)
    said, counted_on_all_days = mean(o.said() for o in at), mean(o.said(lambda i: replace(i, flow=None)) for o in at)
    assert truth > 0.6
    assert said == pytest.approx(truth, abs=0.12)
    assert said > counted_on_all_days + 0.1


def test_what_was_carried_over_still_tells_how_sprints_grow() -> None:
    found = of_teams(GROWING, 3)
    usual = mean(one.inputs.flow.added / one.inputs.flow.days for one in found if one.inputs.flow)
    assert usual == pytest.approx(GROWING.added_a_day, rel=0.35)


def test_the_last_pieces_take_as_long_as_work_takes(early: list[Seen]) -> None:
    late = [one for one in early if len(one.inputs.open) <= EARLY.people] or early
    alone = mean(one.said(lambda i: replace(i, rhythm=replace(i.rhythm, side_by_side=None))) for one in late)
    assert mean(one.said() for one in late) < alone


def test_people_who_work_side_by_side_are_counted(early: list[Seen]) -> None:
    counted = mean(one.inputs.rhythm.side_by_side or 0.0 for one in early)
    assert counted == pytest.approx(EARLY.people, rel=0.3)


@pytest.mark.parametrize("seed", range(4))
def test_the_base_rate_counts_as_landed_what_the_ledger_judges_as_landed(seed: int) -> None:
    snapshot = play(seed, sprints=7, looked_at=0).snapshot
    now = max(m.closed_at for m in snapshot.milestones if m.closed_at) + timedelta(days=3)
    index = index_of(snapshot)
    newest, *past = group_sprints(snapshot, now, index=index)
    judged = [judge(sprint, snapshot, now) for sprint in past]
    found = compute(snapshot, newest, now, index=index).history
    landed = sum(one.landed for one in judged if one is not None)
    assert (found.past_sprints, found.past_sprints_on_time) == (len(judged), landed)
