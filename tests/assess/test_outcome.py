"""The shipped outcome model: defined everywhere, logical, and open about its reasons."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.assess.outcome import FORMAT, OutcomeModel, SprintMoment, untouched
from galaxy_desktop.assess.outcome_course import COURSE
from galaxy_desktop.assess.outcome_curve import columns, hats, under_way
from galaxy_desktop.assess.outcome_terms import FINISHED, FREE, terms
from galaxy_desktop.paths import resources_folder

TEXT = (resources_folder() / "outcome_model.json").read_text(encoding="utf-8")
MODEL = OutcomeModel.from_json(TEXT)

AMOUNT = st.one_of(st.just(0.0), st.floats(0, 200), st.floats(0, 1e300))
MOMENTS = st.builds(
    SprintMoment,
    **{one.name: AMOUNT for one in fields(SprintMoment) if one.name not in ("elapsed", "people")},
    elapsed=st.floats(0, 3),
    people=st.integers(0, 10**6),
)


def moment(**changes: float) -> SprintMoment:
    """Half of a sprint of ten working days: 10 of 20 points and 5 of 10 items are done."""
    usual = SprintMoment(
        planned_days=14,
        elapsed=0.5,
        committed_at_start=20,
        added=0,
        removed=0,
        todo=6,
        in_progress=4,
        done=10,
        items_at_start=10,
        items_added=0,
        items_removed=0,
        items_todo=3,
        items_in_progress=2,
        items_done=5,
        people=4,
    )
    return replace(usual, **changes)


def test_the_shipped_parameters_survive_reading_and_writing_byte_for_byte() -> None:
    assert OutcomeModel.from_json(TEXT).to_json() == TEXT


def test_the_shipped_parameters_are_small_and_readable() -> None:
    assert len(TEXT) < 20_000
    assert max(len(line) for line in TEXT.splitlines()) < 150
    assert json.loads(TEXT)["format"] == FORMAT


@given(st.lists(MOMENTS, min_size=1, max_size=5))
def test_every_sprint_has_a_chance_and_a_ratio(moments: list[SprintMoment]) -> None:
    chances, ratios = MODEL.p_missed(moments), MODEL.delivered_ratio(moments)
    assert ((chances > 0) & (chances < 1)).all()
    assert ((ratios >= 0) & (ratios <= 3)).all()


@given(MOMENTS, st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_done_with_all_else_fixed_never_raises_the_risk(one: SprintMoment, points: float, items: float) -> None:
    more = replace(one, done=one.done + points, items_done=one.items_done + items)
    before, after = MODEL.p_missed([one, more])
    assert after <= before + 1e-12
    less, most = MODEL.delivered_ratio([one, more])
    assert most >= less - 1e-12


@given(MOMENTS)
def test_nothing_left_late_in_the_sprint_is_close_to_safe(one: SprintMoment) -> None:
    empty = replace(one, todo=0.0, in_progress=0.0, items_todo=0.0, items_in_progress=0.0, elapsed=0.9)
    assert MODEL.p_missed([empty])[0] <= 0.08


@given(MOMENTS)
def test_nothing_committed_cannot_be_missed(one: SprintMoment) -> None:
    nothing = replace(one, committed_at_start=0.0, added=0.0)
    assert MODEL.p_missed([nothing])[0] == 0.01
    assert MODEL.delivered_ratio([nothing])[0] == 1.0
    assert MODEL.reasons(nothing) == ()


def test_beyond_the_end_counts_as_the_end() -> None:
    assert MODEL.p_missed([moment(elapsed=1.0)])[0] == MODEL.p_missed([moment(elapsed=2.5)])[0]


def test_amounts_below_zero_count_as_nothing() -> None:
    assert MODEL.p_missed([moment(todo=-7)])[0] == MODEL.p_missed([moment(todo=0)])[0]


def test_an_unknown_team_counts_as_one_of_the_usual_size() -> None:
    none, few, many = MODEL.p_missed([moment(people=n) for n in (0, 1, 20)])
    assert min(few, many) <= none <= max(few, many)


def test_no_moments_have_no_chances() -> None:
    assert MODEL.p_missed([]).shape == MODEL.delivered_ratio([]).shape == (0,)


def test_a_sprint_that_is_nearly_done_is_safer_than_one_that_has_hardly_begun() -> None:
    nearly = moment(elapsed=0.8, todo=0, in_progress=2, done=18, items_todo=0, items_in_progress=1, items_done=9)
    hardly = moment(elapsed=0.8, todo=16, in_progress=2, done=2, items_todo=8, items_in_progress=1, items_done=1)
    safe, risky = MODEL.p_missed([nearly, hardly])
    assert safe + 0.1 < risky
    more, less = MODEL.delivered_ratio([nearly, hardly])
    assert more > less


@pytest.mark.parametrize("elapsed", [0.3, 0.5, 0.8])
def test_finishing_items_one_by_one_lowers_the_risk(elapsed: float) -> None:
    chances = MODEL.p_missed(
        [moment(elapsed=elapsed, todo=20 - 2 * n, in_progress=0, done=2 * n,
                items_todo=10 - n, items_in_progress=0, items_done=n) for n in range(1, 11)]
    )  # fmt: skip
    assert (np.diff(chances) <= 0.01).all()
    assert chances[-1] < chances[0] - 0.2


def test_a_past_of_missed_sprints_raises_the_risk_and_fades_with_time() -> None:
    start, late = moment(elapsed=0.0), moment(elapsed=0.8)
    cold, bad, good = (MODEL.p_missed([start, late], past) for past in ((), (True,) * 6, (False,) * 6))
    assert good[0] < cold[0] < bad[0]
    assert good[1] == cold[1] == bad[1]


def test_ratios_of_the_past_say_the_same_as_flags_and_move_the_amount() -> None:
    start = [moment(elapsed=0.0)]
    assert MODEL.p_missed(start, (0.4, 1.2))[0] == MODEL.p_missed(start, (True, False))[0]
    assert MODEL.delivered_ratio(start, (0.1, 0.1))[0] < MODEL.delivered_ratio(start)[0]
    assert MODEL.delivered_ratio(start, (True, True))[0] == MODEL.delivered_ratio(start)[0]


def test_a_long_past_counts_more_than_a_short_one() -> None:
    start = [moment(elapsed=0.0)]
    one, many = (MODEL.p_missed(start, (True,) * n)[0] for n in (1, 30))
    assert one < many


@given(MOMENTS)
def test_reasons_add_up_with_the_level_and_come_by_weight(one: SprintMoment) -> None:
    found = MODEL.reasons(one)
    weights = [abs(added) for _, added, _ in found]
    assert weights == sorted(weights, reverse=True)
    if one.committed > 0:
        general, _ = columns([one], MODEL.center, MODEL.spread)
        late = float(under_way([one])[0])
        weighed = general[0] * ((1 - late) * MODEL.start.missed + late * MODEL.under_way.missed)
        said = sum(added for _, added, _ in found)
        assert weighed[:5].sum() + said == pytest.approx(weighed.sum(), abs=0.05 * 8)


def test_reasons_are_sentences_that_name_the_facts() -> None:
    said = {name: sentence for name, _, sentence in MODEL.reasons(moment(items_added=6, added=12))}
    assert "6 items added since the start" in said["scope_added"]
    assert all(
        (sentence.endswith(" risk.") and sentence[0].isupper()) or sentence[0].isdigit() for sentence in said.values()
    )


def test_an_untouched_board_is_known_as_one() -> None:
    still = moment(todo=20, in_progress=0, done=0, items_todo=10, items_in_progress=0, items_done=0)
    assert untouched(still)
    assert not untouched(moment())
    assert not untouched(moment(items_at_start=0))
    assert terms([still, moment()])[3].tolist() == [1.0, 0.0]


def test_the_scale_of_points_hardly_matters() -> None:
    half = {"committed_at_start": 40, "todo": 12, "in_progress": 8, "done": 20}
    one, twice = MODEL.p_missed([moment(), moment(**half)])
    assert abs(one - twice) < 0.15


def test_every_term_is_weighed_in_the_file() -> None:
    said = json.loads(TEXT)
    for outcome in ("missed", "delivered_ratio"):
        assert {*FREE, *FINISHED} <= set(said[f"{outcome}_start"]) & set(said[f"{outcome}_under_way"])
        assert set(COURSE) < set(said[f"{outcome}_course"])
    assert (set(said["standard"]), set(said["course_standard"])) == ({*FREE, *FINISHED}, set(COURSE))


def test_the_two_curves_meet_without_a_jump() -> None:
    near = MODEL.p_missed([moment(elapsed=elapsed) for elapsed in (0.0, 1e-6, 0.3 - 1e-6, 0.3)])
    assert near[0] == pytest.approx(near[1], abs=1e-4)
    assert near[2] == pytest.approx(near[3], abs=1e-4)
    assert under_way([moment(elapsed=e) for e in (-1.0, 0.0, 0.15, 0.3, 2.0)]).tolist() == [0, 0, 0.5, 1, 1]


def test_the_level_runs_in_lines_between_moments() -> None:
    between = hats(np.array([0.0, 0.15, 0.8, 1.0]))
    assert between.sum(axis=1).tolist() == [1.0] * 4
    assert between[1].tolist() == [0.5, 0.5, 0.0, 0.0]
    assert between[3].tolist() == between[2].tolist()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FORMAT, "galaxy-outcome/99"),
        ('"base_rate": 0.', '"base_rate": 7.'),
        ('"days"', '"daze"'),
        ("{", "["),
        ('"people": [', '"people": [NaN, '),
    ],
)
def test_parameters_of_another_kind_are_refused(before: str, after: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        OutcomeModel.from_json(TEXT.replace(before, after))


def test_the_chance_is_finite_for_the_largest_numbers() -> None:
    huge = moment(**{one.name: 1e308 for one in fields(SprintMoment) if one.name not in ("elapsed", "people")})
    assert math.isfinite(MODEL.p_missed([huge])[0])
