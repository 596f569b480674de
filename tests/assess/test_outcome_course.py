"""What earlier looks at a sprint add: the pace of late, and nothing at all where there are none."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.assess.outcome import OutcomeModel, SprintMoment
from galaxy_desktop.assess.outcome_course import (
    COURSE,
    COURSE_WIDTH,
    course_columns,
    course_terms,
    has_course,
    look_before,
    measure_course,
    no_course,
)
from galaxy_desktop.assess.outcome_evaluation import predict
from galaxy_desktop.assess.outcome_fit import fit
from galaxy_desktop.assess.outcome_rows import SprintRow, looks_before
from galaxy_desktop.paths import resources_folder

MODEL = OutcomeModel.from_json((resources_folder() / "outcome_model.json").read_text(encoding="utf-8"))
AMOUNT = st.one_of(st.just(0.0), st.floats(0, 200), st.floats(0, 1e300))
NUMBERS = {one.name: AMOUNT for one in fields(SprintMoment) if one.name not in ("elapsed", "people")}
SPRINTS = st.builds(SprintMoment, **NUMBERS, elapsed=st.floats(0, 2), people=st.integers(0, 1000))


def look(elapsed: float, done: int = 0, started: int = 0, added: int = 0) -> SprintMoment:
    """Ten items of two points, and what was added; `done` and `started` of them are."""
    left = 10 + added - done - started
    return SprintMoment(
        planned_days=14, elapsed=elapsed, committed_at_start=20, added=2 * added, removed=0, todo=2 * left,
        in_progress=2 * started, done=2 * done, items_at_start=10, items_added=added, items_removed=0, items_todo=left,
        items_in_progress=started, items_done=done, people=4,
    )  # fmt: skip


def named(now: SprintMoment, *earlier: SprintMoment) -> dict[str, float]:
    return dict(zip(COURSE, course_terms([now], [earlier])[0].tolist(), strict=True))


def test_the_terms_say_what_changed_since_the_look_before() -> None:
    found = named(look(0.8, done=6, added=3), look(0.5, done=4, added=1), look(0.3, done=1))
    assert found["items_finished_lately"] == pytest.approx(np.log1p(2))
    assert found["amount_finished_lately"] == pytest.approx(np.log1p(4))
    assert (found["items_added_lately"], found["items_added_before"]) == (np.log1p(2), np.log1p(1))
    assert found["items_speeding_up"] == pytest.approx(2 / 13 / 0.3 - 3 / 13 / 0.2)
    assert found["items_pace_over_needed"] == pytest.approx(np.log(2 / 13 / 0.3 + 0.2) - np.log(7 / 13 / 0.2 + 0.2))
    assert found["less_is_left"] == 0


def test_only_a_look_at_the_right_distance_counts() -> None:
    now = look(0.5)
    near, far, later, right = look(0.45), look(0.05), look(0.9), look(0.3)
    assert not any(has_course(now, [one]) for one in (near, far, later, now))
    assert look_before(now, [far, near, right, later, look(0.2)]) is right
    assert has_course(look(0.3), [look(0.0)])
    assert has_course(look(0.8), [look(0.5)])


def test_the_order_of_the_looks_does_not_matter() -> None:
    looks = [look(0.0), look(0.3, done=2), look(0.5, done=3)]
    now = [look(0.8, done=6)]
    assert MODEL.p_missed(now, earlier=[looks])[0] == MODEL.p_missed(now, earlier=[looks[::-1]])[0]


@given(st.lists(SPRINTS, min_size=1, max_size=4))
def test_without_earlier_looks_the_moment_speaks_alone(moments: list[SprintMoment]) -> None:
    none: list[tuple[SprintMoment, ...]] = [() for _ in moments]
    assert (MODEL.p_missed(moments, earlier=none) == MODEL.p_missed(moments)).all()
    assert (MODEL.delivered_ratio(moments, earlier=none) == MODEL.delivered_ratio(moments)).all()
    assert MODEL.reasons(moments[0], ()) == MODEL.reasons(moments[0])


@given(SPRINTS, st.lists(SPRINTS, max_size=3))
def test_any_course_gives_a_chance_and_a_ratio(now: SprintMoment, earlier: list[SprintMoment]) -> None:
    assert 0 < MODEL.p_missed([now], earlier=[earlier])[0] < 1
    assert 0 <= MODEL.delivered_ratio([now], earlier=[earlier])[0] <= 3


@given(SPRINTS, st.lists(SPRINTS, max_size=3), st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_done_with_all_else_fixed_never_raises_the_risk(
    now: SprintMoment, earlier: list[SprintMoment], points: float, items: float
) -> None:
    more = replace(now, done=now.done + points, items_done=now.items_done + items)
    before, after = MODEL.p_missed([now, more], earlier=[earlier, earlier])
    assert after <= before + 1e-12


@pytest.mark.parametrize("elapsed", [0.3, 0.5, 0.8])
def test_finishing_items_one_by_one_since_the_last_look_lowers_the_risk(elapsed: float) -> None:
    earlier = [look(0.0), look(0.3, done=1), look(0.5, done=1)]
    moments = [look(elapsed, done=done) for done in range(2, 11)]
    chances = MODEL.p_missed(moments, earlier=[earlier] * len(moments))
    assert (np.diff(chances) <= 0.01).all()
    assert chances[-1] < chances[0] - 0.2


def test_looks_and_moments_must_come_in_equal_number() -> None:
    with pytest.raises(ValueError, match="shorter"):
        MODEL.p_missed([look(0.5), look(0.5)], earlier=[[look(0.3)]])


def test_the_reason_names_what_moved_since_when() -> None:
    course = replace(MODEL.course, missed=np.full(COURSE_WIDTH, 0.3))
    said = {
        name: sentence
        for name, _, sentence in replace(MODEL, course=course).reasons(look(0.8, done=6, added=3), [look(0.5, done=4)])
    }
    assert said["course"].startswith("2 items finished and 3 added since 50% of the time had passed, which usually")


def test_reasons_hold_all_that_the_course_adds() -> None:
    now, earlier = look(0.8, done=6), [look(0.5, done=1)]
    with_course, alone = ({n: v for n, v, _ in MODEL.reasons(now, looks)} for looks in (earlier, ()))
    columns = course_columns([now], [earlier], MODEL.course.center, MODEL.course.spread)
    assert with_course.pop("course", 0.0) == pytest.approx(float(columns[0] @ MODEL.course.missed), abs=0.05)
    assert with_course == alone


def test_a_course_that_nobody_taught_adds_nothing() -> None:
    now, earlier = [look(0.8, done=6)], [[look(0.5)]]
    untaught = replace(MODEL, course=no_course())
    assert untaught.p_missed(now, earlier=earlier)[0] == MODEL.p_missed(now)[0]


def test_the_spread_of_a_term_that_never_varies_is_one() -> None:
    _, spread = measure_course([look(0.5)] * 2, [[look(0.3)]] * 2)
    assert spread.tolist() == [1.0] * len(COURSE)


def stalling(count: int, seed: int) -> list[SprintRow]:
    """Sprints that stand alike at 80 %; half of them finished nothing of late, and those alone are missed."""
    rng = np.random.default_rng(seed)
    rows = []
    for order in range(count):
        stalls, done = bool(rng.integers(2)), int(rng.integers(5, 8))
        early = done if stalls else max(0, done - 4)
        for percent, moment in ((50, look(0.5, early)), (80, look(0.8, done))):
            rows.append(
                SprintRow(project="A", sprint=f"{order}", order=order, percent_elapsed=percent, moment=moment,
                          difference=-4.0 if stalls else 0.0)
            )  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def taught() -> list[SprintRow]:
    return stalling(80, 1)


def test_a_sprint_that_stalls_is_told_from_one_that_runs(taught: list[SprintRow]) -> None:
    model, now = fit(taught), look(0.8, done=6)
    ran, stalled = model.p_missed([now, now], earlier=[[look(0.5, done=2)], [look(0.5, done=6)]])
    assert ran + 0.3 < stalled


def test_the_file_may_be_in_any_order_and_lack_the_earlier_looks(taught: list[SprintRow]) -> None:
    test = stalling(20, 2)
    late = [row for row in test if row.percent_elapsed == 80]
    told = predict(taught, test, leave_out=False)["model"].chances
    mixed = np.random.default_rng(3).permutation(len(test))
    assert (predict(taught, [test[i] for i in mixed], leave_out=False)["model"].chances == told[mixed]).all()
    alone = predict(taught, late, leave_out=False)["model"].chances
    assert (alone == fit(taught).for_team("A").p_missed([row.moment for row in late])).all()
    assert (alone != told[1::2]).any()


def test_rows_that_lack_earlier_looks_teach_no_course(taught: list[SprintRow]) -> None:
    late = fit([row for row in taught if row.percent_elapsed == 80])
    assert not late.course.missed.any()
    assert not late.course.ratio.any()


def test_earlier_looks_are_of_the_same_sprint_of_the_same_project_and_never_later() -> None:
    first, last = stalling(1, 1)
    other = replace(first, project="B")
    known = [last, replace(first, sprint="9"), other, first]
    assert looks_before(known, [first, last, other]) == [(), (first.moment,), ()]
