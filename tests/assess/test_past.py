"""What the simulation draws from: working days, shares, cycle times, chains, and the public prior."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from galaxy_desktop.assess.chains import Chances, ready_days, times_of
from galaxy_desktop.assess.course import PUBLIC_VOICE
from galaxy_desktop.assess.draws import Draws, below, uniforms
from galaxy_desktop.assess.history import (
    PLANNING_BATCH,
    completions,
    focus_levels,
    focus_mean,
    growth_levels,
    pool_of,
    recent,
    usual_growth,
)
from galaxy_desktop.assess.network import network_of
from galaxy_desktop.assess.prior import PUBLIC_SPRINTS, prior_probability
from galaxy_desktop.assess.shared_time import GREEN_DAYS
from galaxy_desktop.assess.survival import more_waiting, still_waiting, survival_of
from galaxy_desktop.assess.workdays import days_here
from galaxy_desktop.domain.facts import DayCount, TeamRhythm

FRIDAY = date(2026, 5, 1)


def _week(*done: int, added: int = 0) -> tuple[DayCount, ...]:
    """Days from a Friday on; Saturday and Sunday are off."""
    days = (FRIDAY + timedelta(days=n) for n in range(len(done)))
    return tuple(DayCount(day=d, done=n, added=added, working=d.weekday() < 5) for d, n in zip(days, done, strict=True))


def test_what_is_done_on_a_weekend_counts_for_monday(make: Any) -> None:
    inputs = make.inputs(days=_week(1, 2, 3, 4, 5), sprint_days=())
    assert pool_of(inputs).done.tolist() == [1, 9, 5]


def test_a_weekend_at_the_end_counts_for_the_last_working_day(make: Any) -> None:
    inputs = make.inputs(days=_week(1, 2, 3), sprint_days=(), today=FRIDAY + timedelta(days=3))
    assert pool_of(inputs).done.tolist() == [6]


def test_today_is_not_drawn_because_it_is_not_over(make: Any) -> None:
    inputs = make.inputs(days=_week(1, 0, 0, 4, 5), sprint_days=(), today=FRIDAY + timedelta(days=4))
    assert pool_of(inputs).done.tolist() == [1, 4]


def test_days_before_the_first_event_are_no_data(make: Any) -> None:
    inputs = make.inputs(days=_week(0, 0, 0, 0, 5), sprint_days=())
    assert pool_of(inputs).done.tolist() == [5]


def test_a_planning_meeting_is_not_growing_scope(make: Any) -> None:
    days = _week(1, 0, 0, 1, 1, added=1)
    planned = tuple(replace(d, added=PLANNING_BATCH) if n == 3 else d for n, d in enumerate(days))
    assert pool_of(make.inputs(days=days, sprint_days=planned)).added.tolist() == [1, 2, 1]


def test_recent_counts_sixty_days_with_today(make: Any) -> None:
    days = tuple(DayCount(day=FRIDAY - timedelta(days=n), done=1, added=0) for n in range(70))
    assert (recent(days, FRIDAY).active_days, recent(days, FRIDAY).completed) == (60, 60)


def test_more_in_sprints_than_at_all_cannot_be(make: Any) -> None:
    assert completions(make.inputs(days=make.days(done=1), sprint_days=make.days(done=3)))[0] <= sum(
        d.done for d in make.days(done=1)
    )


def test_the_focus_share_has_the_mean_of_its_beta_posterior() -> None:
    assert focus_mean(8, 17) == 0.5
    assert float(focus_levels(3, 48).mean()) == pytest.approx(focus_mean(3, 48), rel=0.03)


def test_the_focus_share_is_surer_with_more_data() -> None:
    assert np.ptp(focus_levels(200, 400)) < np.ptp(focus_levels(2, 4))


def test_growth_has_the_mean_of_its_gamma_posterior() -> None:
    assert float(growth_levels(4, 8, 0.5).mean()) == pytest.approx((0.4 + 4) / (0.4 / 0.5 + 8), rel=0.03)


def test_a_sprint_that_did_not_grow_is_not_expected_to() -> None:
    assert float(growth_levels(0, 8, 0.5).mean()) < 0.06


def test_usual_growth_stays_within_what_public_sprints_do(make: Any) -> None:
    wild = make.inputs(sprint_days=make.days(done=2, added=3))
    done = pool_of(wild).mean_done * focus_mean(*completions(wild))
    assert usual_growth(wild, pool_of(wild)) == pytest.approx(0.5 * done)
    assert usual_growth(replace(wild, open_sprints=2), pool_of(wild)) == pytest.approx(0.25 * done)


# --- draws


def test_a_stream_is_named_and_longer_streams_begin_the_same() -> None:
    short, long = uniforms(1, "days", 2, 5), uniforms(1, "days", 9, 5)
    assert np.array_equal(short, long[:2])
    assert not np.array_equal(short, uniforms(1, "share", 2, 5))
    assert not np.array_equal(short, uniforms(2, "days", 2, 5))


def test_the_random_numbers_are_the_same_on_every_machine() -> None:
    drawn = [round(float(x), 12) for x in uniforms(7, "days", 1, 3)[0]]
    assert drawn == [0.908473864203, 0.50863396393, 0.305749630176]
    assert below(7, "days", 1, 6, 90)[0].tolist() == [81, 45, 27, 81, 10, 57]


# --- cycle times


def test_the_curve_falls_from_one_and_never_reaches_zero() -> None:
    curve = survival_of((1.0, 2.0, 4.0))
    values = [curve.at(d) for d in (0.0, 0.5, 1.0, 4.0, 30.0, 3_000.0)]
    assert values[0] == 1.0
    assert values == sorted(values, reverse=True)
    assert values[-1] > 0.0


def test_remaining_time_follows_the_curve_given_the_age() -> None:
    curve = survival_of(tuple(float(n) for n in range(1, 101)))
    rest = curve.remaining(50.0, uniforms(3, "x", 1, 20_000)[0])
    assert float((rest > 25.0).mean()) == pytest.approx(curve.late(50.0, 25.0), abs=0.02)


def test_work_that_outlived_all_before_takes_longer_the_older_it_is() -> None:
    curve = survival_of(tuple(float(n) for n in range(1, 21)))
    young, old = (float(np.median(curve.remaining(age, uniforms(3, "x", 1, 2_000)[0]))) for age in (25.0, 100.0))
    assert old == pytest.approx(4 * young, rel=0.01)


def test_without_any_past_the_standing_values_answer() -> None:
    assert 0.05 < survival_of(()).late(0.0, 13.0) < 0.5


def test_equal_cycle_times_are_no_problem() -> None:
    curve = survival_of((3.0,) * 50)
    assert curve.at(2.9) > curve.at(3.1)


def test_half_of_the_waiting_pull_requests_wait_on_for_six_tenths_of_their_time() -> None:
    rest = more_waiting(10.0, uniforms(3, "x", 1, 20_000)[0])
    assert float(np.median(rest)) == pytest.approx(5.9, abs=0.2)
    assert still_waiting(10.0, 5.87) == pytest.approx(0.5, abs=0.01)
    assert still_waiting(0.0, 5.0) == 0.0


# --- chains


def _ready(make: Any, *items: Any, outside: tuple[Any, ...] = (), **more: Any) -> dict[str, float]:
    inputs = make.inputs(open=items, outside=outside, cycle_days=(1.0, 2.0, 3.0), seed=5, runs=500, **more)
    network = network_of(items, outside)
    times = times_of(network, Chances.of(inputs, Draws()), days_here(inputs))
    found = ready_days(network, times)
    return {item_id.rpartition("#")[2]: float(days.mean()) for item_id, days in found.items()}


def test_an_item_nobody_has_started_waits_for_capacity_alone(make: Any) -> None:
    assert _ready(make, make.open(1))["1"] == 0.0


def test_a_blocked_item_is_ready_after_its_blocker(make: Any) -> None:
    found = _ready(make, make.open(1, age_days=1.0), make.open(2, blocked_by=("issue:o/r#1",)))
    assert found["2"] > found["1"] > 0.0


def test_usual_work_in_progress_waits_for_capacity_alone_but_stuck_work_takes_longer(make: Any) -> None:
    young, stuck = (_ready(make, make.open(1, age_days=age))["1"] for age in (0.0, 60.0))
    assert young == 0.0
    assert stuck > 10.0


def test_an_item_that_others_wait_for_takes_a_whole_cycle_even_if_nobody_started_it(make: Any) -> None:
    alone = _ready(make, make.open(1))
    awaited = _ready(make, make.open(1), make.open(2, blocked_by=("issue:o/r#1",)))
    assert awaited["1"] > alone["1"] == 0.0


def test_a_longer_chain_takes_longer(make: Any) -> None:
    two = make.open(2, blocked_by=("issue:o/r#1",))
    three = make.open(3, blocked_by=("issue:o/r#2",))
    found = _ready(make, make.open(1, age_days=1.0), two, three)
    assert found["3"] > found["2"] > found["1"]


def test_a_blocker_outside_the_sprint_takes_a_whole_cycle(make: Any) -> None:
    held = make.open(1, blocked_by=("external:issue:x/y#9",))
    outsider = replace(make.open(9), item_id="external:issue:x/y#9")
    assert _ready(make, held)["1"] == 0.0
    assert _ready(make, held, outside=(outsider,))["1"] > 1.0


def test_a_ring_of_items_is_worked_off_one_after_the_other(make: Any) -> None:
    one, two = make.open(1, blocked_by=("issue:o/r#2",)), make.open(2, blocked_by=("issue:o/r#1",))
    ring, alone = _ready(make, one, two), _ready(make, replace(one, blocked_by=()), two)
    assert ring["1"] == ring["2"] > alone["2"]


def test_an_item_that_blocks_itself_is_not_held_up(make: Any) -> None:
    assert _ready(make, make.open(1, blocked_by=("issue:o/r#1",)))["1"] == 0.0


def test_a_red_build_costs_about_a_day_where_nothing_is_known_of_builds(make: Any) -> None:
    red, green = (_ready(make, make.open(1, age_days=2.0, red=red))["1"] for red in (True, False))
    assert red - green == pytest.approx(sum(GREEN_DAYS) / len(GREEN_DAYS), abs=0.1)


def test_a_team_that_mends_builds_slowly_waits_longer_for_them(make: Any) -> None:
    slow = TeamRhythm(green_days=(4.0,) * 20)
    found = _ready(make, make.open(1, age_days=2.0, red=True), rhythm=slow)["1"]
    assert found > _ready(make, make.open(1, age_days=2.0, red=True))["1"] + 1.5


def test_a_pull_request_that_waits_for_review_is_ready_later(make: Any) -> None:
    waiting, reviewed = (
        _ready(make, make.open(1, age_days=6.0, waiting_for_review_days=days))["1"] for days in (6.0, None)
    )
    assert waiting > reviewed + 3.0


def test_half_of_a_split_item_takes_half_the_time(make: Any) -> None:
    whole, half = (_ready(make, make.open(1, age_days=50.0, remaining_share=share))["1"] for share in (1.0, 0.5))
    assert half > 1.0
    assert half == pytest.approx(whole / 2)


# --- prior


def test_the_resource_file_and_the_code_hold_the_same_parameters() -> None:
    stored = json.loads((Path(__file__).parents[2] / "resources" / "outcome_prior.json").read_text(encoding="utf-8"))
    assert stored["parameters"] == asdict(PUBLIC_SPRINTS)
    assert stored["n"] == {"sprints": 532, "observations": 1894, "projects": 5}


def test_a_team_that_always_landed_is_expected_to(make: Any) -> None:
    unknown, good, bad = (prior_probability(5, 10, 0.5, record) for record in ((0, 0), (8, 8), (0, 8)))
    assert bad < unknown < good


def test_a_sprint_without_a_start_is_judged_from_the_middle() -> None:
    assert prior_probability(5, 10, None) == prior_probability(5, 10, 0.5)


def test_at_twenty_completions_prior_and_simulation_count_the_same() -> None:
    assert tuple(PUBLIC_VOICE.weight_of_simulation(n) for n in (0, 20)) == (0.0, 0.5)
