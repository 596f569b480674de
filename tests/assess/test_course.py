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
from galaxy_desktop.assess.outcome import OutcomeModel

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
    for other in ((todo, started + 1, done), (todo + 1, started, done), (todo, started + 1, done + 1)):
        assert voice.says(_sprint(make, *other, **more)) >= said
    assert voice.says(_sprint(make, todo + 1, started, done + 1, **more)) >= said


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
