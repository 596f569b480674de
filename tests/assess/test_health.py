"""Health part by part: what moves it, what it says, and what it does where data is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.assess.health import health, word_of
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import Ending
from galaxy_desktop.domain.findings import Health, HealthPart, NoForecast
from galaxy_desktop.domain.work import ItemKind, State


def _health(world: Any, probability: float | None = 0.9) -> Health:
    forecast = world.forecast()
    if probability is not None:
        forecast = replace(forecast, probability=probability, why_none=None)
    return health(world.sprint, world.features, forecast, world.snapshot)


def _part(world: Any, name: str, probability: float | None = 0.9) -> HealthPart:
    return next(part for part in _health(world, probability).parts if part.name == name)


@given(st.floats(0, 100))
def test_the_whole_points_shown_stand_for_the_same_word_as_the_score(score: float) -> None:
    shown = Health(score=round(score, 1), word=word_of(round(score, 1)), parts=())
    assert word_of(shown.whole) == shown.word


@pytest.mark.parametrize(
    ("score", "word"), [(100, "Sustain"), (70, "Sustain"), (69.9, "Observe"), (40, "Observe"), (39.9, "Act")]
)
def test_the_word_follows_the_score(score: float, word: str) -> None:
    assert word_of(score) == word


def test_seven_parts_share_the_whole_weight(make: Any) -> None:
    parts = _health(make.world(comments=(make.comment(),), runs=(make.run(conclusion="success"),))).parts
    assert [p.name for p in parts] == ["progress", "flow", "blockers", "reviews", "ci", "scope", "mood"]
    assert sum(p.weight for p in parts) == pytest.approx(1.0)


def test_progress_is_the_probability(make: Any) -> None:
    part = _part(make.world(), "progress", 0.62)
    assert part.score == 62.0
    assert part.formula.startswith("100 x P = 100 x 0.62 (6 of 10 items done)")
    assert [e.id for e in part.evidence] == ["milestone:o/r#1", "feature:sprint-11/progress"]


def test_a_sprint_that_will_not_land_is_never_called_healthy(make: Any) -> None:
    found = _health(make.world(), 0.05)
    assert found.word == "Act"
    assert "capped at 29 by the forecast" in found.parts[0].formula


def test_after_the_end_nothing_is_healthy(make: Any) -> None:
    found = _health(make.world(due_on=make.today - timedelta(days=1)), None)
    assert (found.score, found.word) == (25.0, "Act")


@pytest.mark.parametrize("state", [State.OPEN, State.CLOSED])
def test_a_sprint_that_missed_its_end_stays_missed_when_the_rest_is_done(make: Any, state: State) -> None:
    world = make.world(
        tuple(make.item(n, done=True) for n in (1, 2)), due_on=make.today - timedelta(days=3), state=state
    )
    ending = Ending(due_on=make.today - timedelta(days=3), total=2, left=1)
    found = _health(replace(world, features=replace(world.features, ended=ending)), None)
    assert (found.score, found.word) == (25.0, "Act")
    assert found.parts[0].formula.startswith(
        "0: it missed its end (2026-05-03), 1 of 2 items were open then (2 of 2 items"
    )


def test_a_sprint_that_was_closed_with_work_left_is_not_healthy(make: Any) -> None:
    found = _health(make.world(state=State.CLOSED), None)
    assert (found.score, found.word) == (25.0, "Act")
    assert found.parts[0].formula.startswith("0: it was closed with 4 items open")


def test_without_a_number_done_against_time_stands_in(make: Any) -> None:
    world = make.world(days=(), due_on=make.today + timedelta(days=6))
    assert world.forecast().why_none is NoForecast.TOO_LITTLE_HISTORY
    assert _part(world, "progress", None).score == 100.0


def test_when_all_is_done_health_is_full(make: Any) -> None:
    found = _health(make.world(tuple(make.item(n, done=True) for n in (1, 2))), None)
    assert (found.score, found.word) == (100.0, "Sustain")


def test_a_part_without_data_gives_its_weight_away_and_says_so(make: Any) -> None:
    world = make.world()
    ci = _part(world, "ci")
    assert (ci.weight, ci.formula) == (
        0.0,
        "no data: the repositories have no workflow runs; its weight of 10% is shared by the other parts",
    )
    assert _part(world, "progress").weight == pytest.approx(0.25 / 0.70)
    assert ci.evidence


def test_a_slower_pace_than_usual_lowers_flow(make: Any) -> None:
    slow = tuple(replace(d, done=0) if n >= 78 else d for n, d in enumerate(make.days()))
    assert _part(make.world(days=slow), "flow").score < 30 < _part(make.world(), "flow").score


def test_a_young_repository_has_no_usual_pace(make: Any) -> None:
    assert _part(make.world(days=make.days(count=10)), "flow").weight == 0.0


def test_stuck_items_lower_flow_and_are_cited(make: Any) -> None:
    part = _part(make.world(facts={1: {"age_days": 30.0}}), "flow")
    assert "1 stuck items" in part.formula
    assert part.evidence[0].quote == "in work for 30 days"


@pytest.mark.parametrize(("blocked", "score"), [(0, 100.0), (1, 75.0), (3, 50.0)])
def test_blocked_items_count_one_by_one(make: Any, blocked: int, score: float) -> None:
    facts = {n: {"blocked_by": ("issue:o/r#4",)} for n in range(1, blocked + 1)}
    assert _part(make.world(facts=facts), "blockers").score == score


def test_waiting_beyond_the_first_day_lowers_reviews(make: Any) -> None:
    items = (make.item(1, kind=ItemKind.PULL_REQUEST), make.item(2))
    fresh, stale = (_part(make.world(items, {1: {"waiting_for_review_days": d}}), "reviews") for d in (0.9, 9.0))
    assert (fresh.score, stale.score) == (100.0, 50.0)
    assert stale.evidence[0].id == "pr:o/r#1"


def test_a_red_default_branch_counts_double(make: Any) -> None:
    red = Evidence("check:o/r#5", "check", "u", "tests: failure", make.now)
    branch = _part(make.world(runs=(make.run(1),)), "ci")
    pull = _part(make.world(facts={1: {"red_run": red}}, runs=(make.run(1, conclusion="success"),)), "ci")
    assert (branch.score, pull.score) == (50.0, 66.7)
    assert branch.evidence[0].id == "check:o/r#1"


def test_added_items_are_measured_against_what_gets_done(make: Any) -> None:
    part = _part(make.world(added=("issue:o/r#1", "issue:o/r#2")), "scope")
    assert 60 < part.score < 100
    assert [e.id for e in part.evidence][:2] == ["issue:o/r#1", "issue:o/r#2"]


def test_heated_comments_lower_mood_and_friendly_ones_do_not_hide_them(make: Any) -> None:
    world = make.world(facts={1: {"mood": -0.8}, 2: {"mood": 0.9}}, comments=(make.comment(),))
    part = _part(world, "mood")
    assert part.score == pytest.approx(71.4, abs=0.1)
    assert part.evidence[0].id == "issue:o/r#1"


def test_a_closed_sprint_with_leftovers_did_not_progress(make: Any) -> None:
    assert _part(make.world(state=State.CLOSED), "progress", None).score == 0.0
