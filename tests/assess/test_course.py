"""The second voice keeps the forecast's promises, whatever it was learned from, and the record corrects it gently."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.assess.course import PUBLIC_VOICE, Recalibration, Voice
from galaxy_desktop.assess.course_model import outcome_voice
from galaxy_desktop.assess.forecast import simulate
from galaxy_desktop.assess.movement import movement
from galaxy_desktop.assess.outcome import OutcomeModel
from galaxy_desktop.domain.facts import EarlierLook

often = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def voice() -> Voice:
    """The voice of the shipped model."""
    path = Path(__file__).parents[2] / "resources" / "outcome_model.json"
    return outcome_voice(OutcomeModel.from_json(path.read_text(encoding="utf-8")))


def _sprint(make: Any, todo: int, started: int, done: int, **more: Any) -> Any:
    items = tuple(make.open(n, age_days=1.0 if n > todo else None) for n in range(1, todo + started + 1))
    return make.inputs(open=items, done=done, **more)


@often
@given(
    counts=st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(0, 60)),
    left=st.integers(0, 13),
    added=st.integers(0, 4),
)
def test_less_to_do_or_more_done_never_lowers_what_the_model_says(
    make: Any, voice: Voice, counts: tuple[int, int, int], *, left: int, added: int
) -> None:
    more = {"due_on": make.today + timedelta(days=left), "added": added}
    todo, started, done = counts
    said = voice.says(_sprint(make, todo + 1, started + 1, done, **more))
    assert 0.0 <= said <= 1.0
    for other in (
        (todo, started + 1, done),
        (todo + 1, started, done),
        (todo, started + 1, done + 1),
        (todo + 1, started + 1, done + 1),
    ):
        assert voice.says(_sprint(make, *other, **more)) >= said
    assert voice.says(_sprint(make, todo + 1, started, done + 1, **more)) >= said


counted = st.integers(0, 40)


@st.composite
def looks_back(draw: st.DrawFn, make: Any) -> tuple[EarlierLook, ...]:
    """Any looks at a sprint on earlier days; what they say need not fit what is known now."""
    ages = draw(st.lists(st.integers(1, 12), max_size=4, unique=True))
    return tuple(
        EarlierLook(
            day=make.today - timedelta(days=age),
            todo=draw(counted),
            started=draw(counted),
            done=draw(counted),
            added=draw(st.integers(0, 5)),
        )
        for age in sorted(ages, reverse=True)
    )


@often
@given(data=st.data(), counts=st.tuples(st.integers(0, 30), st.integers(0, 12), st.integers(0, 30)))
def test_the_promise_holds_whatever_was_seen_of_the_course(
    make: Any, voice: Voice, data: st.DataObject, counts: tuple[int, int, int]
) -> None:
    left = data.draw(st.integers(0, 13))
    more = {"due_on": make.today + timedelta(days=left), "earlier": data.draw(looks_back(make))}
    todo, started, done = counts
    said = voice.says(_sprint(make, todo + 1, started + 1, done, **more))
    for other in ((todo, started + 1), (todo + 1, started)):
        for finished in (done, done + 1):
            assert voice.says(_sprint(make, *other, finished, **more)) >= said
    assert voice.says(_sprint(make, todo + 1, started + 1, done + 1, **more)) >= said


def _stood(make: Any, days: int, todo: int, done: int) -> EarlierLook:
    return EarlierLook(day=make.today - timedelta(days=days), todo=todo, started=0, done=done)


def test_a_sprint_that_moved_lately_is_trusted_more_than_one_that_stood_still(make: Any, voice: Voice) -> None:
    """Ten of fourteen are done with ten of fourteen days left: nine of them in the last three days, or none."""
    ahead = {"due_on": make.today + timedelta(days=9), "planned_days": 14.0}
    moved, stood, unknown = (
        voice.says(_sprint(make, 2, 2, 10, earlier=earlier, **ahead))
        for earlier in ((_stood(make, 3, 13, 1),), (_stood(make, 3, 4, 10),), ())
    )
    assert moved > unknown > stood
    assert moved > stood + 0.02


@pytest.mark.parametrize("days", [1, 2, 6, 9])
def test_a_look_that_is_too_near_or_too_far_changes_nothing(make: Any, voice: Voice, days: int) -> None:
    """Of fourteen days less than three, or more than five."""
    ahead = {"due_on": make.today + timedelta(days=3), "planned_days": 14.0}
    plain = voice.says(_sprint(make, 12, 0, 8, **ahead))
    assert voice.says(_sprint(make, 12, 0, 8, earlier=(_stood(make, days, 20, 0),), **ahead)) == plain


def test_a_sprint_larger_than_any_on_the_grid_is_judged_as_the_largest(make: Any, voice: Voice) -> None:
    largest, beyond = (voice.says(_sprint(make, count, 3, 5)) for count in (200, 230))
    assert largest == beyond < voice.says(_sprint(make, 60, 3, 5))


def test_without_a_planned_time_there_is_no_course(make: Any, voice: Voice) -> None:
    looks = (_stood(make, 4, 20, 0),)
    plain, seen = (voice.says(_sprint(make, 9, 3, 8, planned_days=None, earlier=one)) for one in ((), looks))
    assert plain == seen


def test_what_moved_the_number_adds_up_when_a_new_look_is_part_of_it(make: Any, voice: Voice) -> None:
    before = _sprint(make, 12, 0, 8, planned_days=14.0, due_on=make.today + timedelta(days=4))
    after = _sprint(
        make, 11, 0, 9, planned_days=14.0, due_on=before.due_on, earlier=(_stood(make, 4, 18, 2),), runs=before.runs
    )
    found = movement(before, after, lambda inputs: simulate(inputs, voice))
    assert found.change is not None
    assert sum(part.points for part in found.parts) == pytest.approx(found.change, abs=1e-9)


def test_a_team_that_always_missed_is_expected_to(make: Any, voice: Voice) -> None:
    good, bad = (
        voice.says(make.inputs(6, past_sprints=8, past_sprints_on_time=landed, due_on=make.today + timedelta(days=12)))
        for landed in (8, 0)
    )
    assert good > bad + 0.1


def test_the_forecast_shows_both_voices_and_their_weight(make: Any, voice: Voice) -> None:
    found = simulate(make.inputs(6), voice)
    assert found.course is not None
    assert found.raw_share is not None
    assert found.weight is not None
    assert found.weight == pytest.approx(found.n_completed / (found.n_completed + 20), abs=1e-6)
    blend = found.weight * found.raw_share + (1 - found.weight) * found.course
    assert found.before_recalibration == pytest.approx(blend, abs=1e-5)
    assert "outcome model of public sprints" in found.formula
    assert "prior of public sprints" in simulate(make.inputs(6), PUBLIC_VOICE).formula


def test_no_correction_changes_nothing() -> None:
    assert Recalibration().applied(0.37) == pytest.approx(0.37)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-3, 3), st.floats(-3, 3))
def test_a_correction_never_turns_an_order_round(one: float, other: float, slope: float, intercept: float) -> None:
    low, high = sorted((one, other))
    record = Recalibration(slope=slope, intercept=intercept)
    assert 0.0 < record.applied(low) <= record.applied(high) < 1.0


def test_the_record_of_the_team_corrects_what_is_shown_and_is_named(make: Any) -> None:
    plain, lower = (simulate(make.inputs(8), recalibration=r) for r in (None, Recalibration(intercept=-1.0, sprints=9)))
    assert plain.probability is not None
    assert lower.probability is not None
    assert lower.probability < plain.probability
    assert lower.before_recalibration == plain.before_recalibration
    assert "by this team's own record of 9 sprints" in lower.formula
