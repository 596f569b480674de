"""What the pieces of a sprint take: beginning what waits, finishing what is in work, and what is added on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from galaxy_desktop.assess.capacity import capacity_of, grid, growth_days
from galaxy_desktop.assess.draws import Draws
from galaxy_desktop.assess.history import GROWTH_SHAPE, growth_shape, pool_of
from galaxy_desktop.assess.needs import needs_of, of_late_pieces, waiting_of
from galaxy_desktop.assess.network import network_of
from galaxy_desktop.assess.workdays import workdays_of
from galaxy_desktop.domain.facts import SprintFlow, TeamRhythm
from galaxy_desktop.domain.findings import ForecastInputs

FOUR = TeamRhythm(side_by_side=4.0)
SURE = SprintFlow(done=9_999, every=10_000, added=0, days=40.0, last_done=1_000, last_turns=4_000.0)
"""A team whose share is nearly all of its work, and whose last pieces take what four people's take."""


def _inputs(make: Any, begun: int, waiting: int, **more: Any) -> ForecastInputs:
    items = tuple(make.open(n, age_days=0.5 if n <= begun else None) for n in range(1, begun + waiting + 1))
    found: ForecastInputs = make.inputs(**{"open": items, "runs": 2_000, "rhythm": FOUR, "flow": SURE, **more})
    return found


def _need(inputs: ForecastInputs) -> float:
    network = network_of(inputs.open, inputs.outside)
    pieces = np.full(inputs.runs, len(network.units))
    waiting = np.full(inputs.runs, waiting_of(inputs, network))
    return float(needs_of(inputs, len(network.units), Draws()).all_of(pieces, waiting).mean())


def test_what_is_in_work_is_nearer_to_done_than_what_nobody_has_begun(make: Any) -> None:
    """Four pieces in the hands of four people take 4 x (1 + 1/2 + 1/3 + 1/4) completions; four that wait take four more."""
    in_hand, planned = _need(_inputs(make, 4, 0)), _need(_inputs(make, 0, 4))
    assert in_hand == pytest.approx(25.0 / 3.0, rel=0.05)
    assert planned == pytest.approx(in_hand + 4.0, rel=0.05)


def test_the_last_pieces_of_a_sprint_are_not_shared_with_other_work(make: Any) -> None:
    half = replace(SURE, done=5_000)
    assert _need(_inputs(make, 4, 0, flow=half)) == pytest.approx(_need(_inputs(make, 4, 0)), rel=0.02)
    assert _need(_inputs(make, 4, 4, flow=half)) > _need(_inputs(make, 4, 4)) + 1.0


def test_of_more_begun_pieces_than_people_the_others_wait(make: Any) -> None:
    inputs = _inputs(make, 9, 0)
    assert waiting_of(inputs, network_of(inputs.open, ())) == 5


def test_where_work_is_begun_without_a_sign_some_of_it_is_taken_to_be_in_work(make: Any) -> None:
    seen, unseen = (_inputs(make, 0, 8, flow=replace(SURE, unseen=share)) for share in (0.0, 0.5))
    assert [waiting_of(one, network_of(one.open, ())) for one in (seen, unseen)] == [8, 6]


def test_a_team_of_which_nobody_knows_who_works_needs_a_completion_for_each_piece(make: Any) -> None:
    assert _need(_inputs(make, 0, 6, rhythm=TeamRhythm())) == pytest.approx(6.0, rel=0.01)


def _played(inputs: ForecastInputs) -> tuple[Any, Any, Draws]:
    draws, pool = Draws(), pool_of(inputs)
    capacity = capacity_of(inputs, pool, workdays_of(inputs), 24, draws)
    added, done = grid(inputs, capacity, growth_days(inputs), draws)
    return added, done, draws


def test_what_is_added_late_is_not_done_by_what_was_done_before(make: Any) -> None:
    inputs = _inputs(make, 1, 0, flow=replace(SURE, added=40, own_added=4, own_days=4.0))
    added, done, draws = _played(inputs)
    late = of_late_pieces(inputs, added, done, draws)
    last = np.diff(added, axis=0)[-1] > 0
    assert last.any()
    assert np.all(late[-1][last] > done[-2][last])
    assert np.all(late[:, added[-1] == 0] == 0)


def test_items_come_as_often_as_the_rate_says_and_as_irregularly_as_chance(make: Any) -> None:
    even = tuple((8, 8.0) for _ in range(40))
    flow = replace(SURE, added=320, days=320.0, own_added=60, own_days=60.0, grown=even)
    added, _, _ = _played(_inputs(make, 1, 0, flow=flow))
    days = sum(day.weekday() < 5 for day in _days_left(make))
    assert added[-1].mean() == pytest.approx(days - 0.5, rel=0.06)
    assert added[-1].var() == pytest.approx(added[-1].mean(), rel=0.35)


def _days_left(make: Any) -> list[Any]:
    inputs = make.inputs()
    return [
        inputs.today.fromordinal(inputs.today.toordinal() + n) for n in range((inputs.due_on - inputs.today).days + 1)
    ]


def test_sprints_that_grow_alike_let_expect_that_the_next_one_does(make: Any) -> None:
    alike = growth_shape(tuple((4, 8.0) for _ in range(8)), 0.5)
    unlike = growth_shape((*((0, 8.0) for _ in range(6)), (16, 8.0), (16, 8.0)), 0.5)
    assert alike >= 3.0
    assert unlike == GROWTH_SHAPE == growth_shape((), 0.5) == growth_shape(((0, 8.0),) * 8, 0.01)
