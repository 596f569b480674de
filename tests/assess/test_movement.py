"""The breakdown of a change adds up to it, whatever changed, and names what did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.assess.forecast import Simulator, simulate
from galaxy_desktop.assess.movement import Cause, Movement, movement
from galaxy_desktop.domain.facts import TeamRhythm
from galaxy_desktop.domain.findings import ForecastInputs, OpenWork

often = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
DONE = tuple(f"issue:o/r#{n}" for n in range(90, 100))


def _causes(found: Movement) -> dict[str, float]:
    return {str(part.cause): part.points for part in found.parts}


def _before(make: Any, **more: Any) -> ForecastInputs:
    items = tuple(make.open(n, age_days=3.0 if n % 2 else None) for n in range(1, 9))
    found: ForecastInputs = make.inputs(open=items, done_ids=DONE, runs=400, **more)
    return found


def _works(draw: st.DrawFn, make: Any) -> tuple[OpenWork, ...]:
    chosen = draw(st.lists(st.integers(1, 7), min_size=1, max_size=6, unique=True))
    return tuple(
        make.open(
            n,
            age_days=draw(st.sampled_from((None, 2.0, 40.0))),
            red=draw(st.booleans()),
            blocked_by=draw(st.sampled_from(((), ("issue:o/r#1",), ("issue:o/r#2",)))),
            waiting_for_review_days=draw(st.sampled_from((None, 5.0))),
        )
        for n in sorted(chosen)
    )


@st.composite
def moments(draw: st.DrawFn, make: Any) -> ForecastInputs:
    """One state of a sprint; two of them differ in anything."""
    opened = _works(draw, make)
    left = {w.item_id for w in opened}
    done = tuple(f"issue:o/r#{n}" for n in range(1, 8) if f"issue:o/r#{n}" not in left and draw(st.booleans()))
    days = make.days(done=draw(st.integers(1, 3)))
    found: ForecastInputs = make.inputs(
        open=opened, done_ids=done, done=len(done), days=days, sprint_days=days, runs=100, seed=3,
        today=make.today + timedelta(days=draw(st.integers(0, 2))), due_on=make.today + timedelta(days=draw(st.integers(2, 20))),
        added=draw(st.integers(0, 3)), past_sprints=draw(st.integers(0, 3)),
        rhythm=TeamRhythm(green_days=draw(st.sampled_from(((), (5.0,))))),
    )  # fmt: skip
    return found


@often
@given(data=st.data())
def test_the_parts_add_up_to_the_change_exactly(make: Any, data: st.DataObject) -> None:
    before, after = data.draw(moments(make)), data.draw(moments(make))
    found = movement(before, after, Simulator().brief)
    assert found.before_p == simulate(before).probability
    assert found.after_p == simulate(after).probability
    assert found.change is not None
    assert sum(round(10_000 * part.points) for part in found.parts) == round(10_000 * found.change)


@often
@given(data=st.data())
def test_the_way_back_is_the_way_there_the_other_way_round(make: Any, data: st.DataObject) -> None:
    one, other = data.draw(moments(make)), data.draw(moments(make))
    there, back = movement(one, other, Simulator().brief), movement(other, one, Simulator().brief)
    assert set(_causes(there)) == set(_causes(back))


def test_nothing_changed_is_no_movement(make: Any) -> None:
    assert movement(_before(make), _before(make), simulate).parts == ()


def test_what_got_done_lifts_and_is_named(make: Any) -> None:
    before = _before(make)
    after = replace(before, open=before.open[1:], done=11, done_ids=("issue:o/r#1", *DONE))
    found = movement(before, after, simulate)
    assert list(_causes(found)) == ["done"]
    assert found.parts[0].points > 0
    assert (found.parts[0].words, found.parts[0].item_ids) == ("o/r#1 done", ("issue:o/r#1",))


def test_what_was_dropped_is_scope_and_not_work(make: Any) -> None:
    before = _before(make)
    found = movement(before, replace(before, open=(*before.open[1:], make.open(50))), simulate)
    assert list(_causes(found)) == ["scope"]
    assert found.parts[0].words == "o/r#50 added, o/r#1 taken out"


def test_each_cause_is_told_from_the_others(make: Any) -> None:
    before = _before(make)
    first, second, *rest = before.open
    changed = {
        "age": replace(before, open=(replace(first, age_days=40.0), second, *rest)),
        "dependency": replace(before, open=(first, replace(second, blocked_by=(first.item_id,)), *rest)),
        "ci": replace(before, open=(replace(first, red=True), second, *rest)),
        "calendar": replace(before, due_on=make.today + timedelta(days=6)),
        "pace": replace(before, days=make.days(done=1), sprint_days=make.days(done=1)),
    }
    for cause, after in changed.items():
        assert list(_causes(movement(before, after, simulate))) == [cause]


def test_a_day_without_anything_done_costs_by_the_calendar(make: Any) -> None:
    before = _before(make)
    later = replace(before, today=make.today + timedelta(days=2), as_of=make.now + timedelta(days=2))
    found = movement(before, later, simulate)
    assert _causes(found)["calendar"] < 0.0
    assert found.parts[0].words == "2 days passed"


def test_two_causes_share_the_change(make: Any) -> None:
    before = _before(make)
    done = replace(before, open=before.open[2:], done=12, done_ids=("issue:o/r#1", "issue:o/r#2", *DONE))
    after = replace(done, due_on=make.today + timedelta(days=6))
    found = _causes(movement(before, after, simulate))
    start, end, first, other = (
        simulate(i).probability or 0.0 for i in (before, after, done, replace(before, due_on=after.due_on))
    )
    assert found["done"] == pytest.approx(((first - start) + (end - other)) / 2, abs=1.01e-4)
    assert found["calendar"] == pytest.approx(((other - start) + (end - first)) / 2, abs=1.01e-4)
    assert set(found) == {str(Cause.DONE), str(Cause.CALENDAR)}


def test_an_exact_part_is_given_each_of_three_causes(make: Any) -> None:
    """A forecast that adds up has parts that are no matter of taste."""
    before = _before(make)
    worth = {"red": -0.11, "due": -0.07, "gone": 0.05}

    def plain(inputs: ForecastInputs) -> Any:
        value = 0.5 + worth["red"] * any(w.red for w in inputs.open) + worth["due"] * (inputs.due_on != before.due_on)
        return replace(simulate(before), probability=round(value + worth["gone"] * (len(inputs.open) < 8), 4))

    first, second, *rest = before.open
    after = replace(before, open=(replace(second, red=True), *rest), due_on=make.today + timedelta(days=5))
    assert _causes(movement(before, after, plain)) == {"ci": -0.11, "calendar": -0.07, "scope": 0.05}
    assert first.item_id == "issue:o/r#1"


def test_without_a_probability_nothing_is_shared_out(make: Any) -> None:
    found = movement(_before(make), _before(make, due_on=None), simulate)
    assert (found.after_p, found.parts, found.change) == (None, (), None)
