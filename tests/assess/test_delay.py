"""The delay model: what it promises of directions, what own items do to it, and that its reasons can be read."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.assess import delay, delay_evaluation, delay_terms
from galaxy_desktop.assess.delay import DelayModel
from galaxy_desktop.assess.delay_terms import FALLING, NAMES, RISING, situations
from galaxy_desktop.domain.evidence import of_run
from galaxy_desktop.domain.past_sprints import DelayRow, Stretch

ROOT = Path(__file__).parents[2]
SHIPPED = delay.of_document((ROOT / "resources" / "delay_model.json").read_text(encoding="utf-8"))
TERMS = st.lists(st.floats(-3.5, 3.5), min_size=len(NAMES), max_size=len(NAMES))


def rows(count: int = 300, seed: int = 1) -> list[DelayRow]:
    """Items whose silence makes them late and nothing else."""
    dice, made = random.Random(seed), []
    for n in range(count):
        terms = [dice.gauss(0, 1) for _ in NAMES]
        late = dice.random() < 1 / (1 + np.exp(-2 * terms[NAMES.index("idle")]))
        made.append(DelayRow(item=n, elapsed=0.5, terms=tuple(terms), late=bool(late)))
    return made


def learned(made: list[DelayRow]) -> DelayModel:
    return delay.fit(made, ["s"] * len(made))


def found(world: Any) -> dict[str, Any]:
    asked = situations(world.sprint, world.features, world.forecast(), world.snapshot, world.now)
    return {one.item_id: one for one in delay.delays(SHIPPED, asked)}


def test_the_fit_finds_what_makes_items_late() -> None:
    weights = dict(zip(NAMES, learned(rows()).weights, strict=True))
    assert weights["idle"] > 1
    assert all(abs(weight) < 0.4 for name, weight in weights.items() if name not in ("idle", *delay.ASSUMED))


def test_the_simulation_is_the_other_voice_and_has_no_weight_among_the_facts() -> None:
    assert learned(rows()).weights[delay.RUNS] == 0
    assert SHIPPED.weights[delay.RUNS] == 0


def test_an_item_looked_at_ten_times_weighs_as_much_as_one_looked_at_once() -> None:
    one, other = rows(2)
    weights = delay.item_weights([one] * 10 + [other], ["s"] * 11)
    assert weights[:10].sum() == pytest.approx(weights[10]) == pytest.approx(1)


def test_nothing_late_teaches_nothing() -> None:
    in_time = [DelayRow(item=n, elapsed=0.5, terms=(0.0,) * len(NAMES), late=False) for n in range(5)]
    with pytest.raises(ValueError, match="both needed"):
        learned(in_time)


@settings(max_examples=80)
@given(TERMS, st.sampled_from([*RISING, *FALLING]), st.floats(0.01, 3))
def test_more_of_what_delays_never_makes_an_item_safer(terms: list[float], name: str, more: float) -> None:
    other = list(terms)
    other[NAMES.index(name)] += more
    less, after = SHIPPED.chances([terms, other])
    assert after >= less - 1e-12 if name in RISING else after <= less + 1e-12


@given(TERMS)
def test_nothing_is_certain(terms: list[float]) -> None:
    (chance,) = SHIPPED.chances([terms])
    assert delay.LOWEST <= chance <= delay.HIGHEST


def test_without_own_items_nothing_is_corrected() -> None:
    assert delay.recalibrated(SHIPPED, [], []) is SHIPPED


@pytest.mark.parametrize("late", [True, False])
def test_own_items_move_the_level_their_way_and_few_of_them_little(late: bool) -> None:
    usual = SHIPPED.center.copy()
    usual[delay.RUNS] = 0.0
    own = [DelayRow(item=n, elapsed=0.5, terms=tuple(usual), late=late) for n in range(200)]
    steps = [float(delay.recalibrated(SHIPPED, own[:n], ["s"] * n).chances([usual])[0]) for n in (0, 5, 200)]
    assert steps == sorted(steps, reverse=not late)
    assert abs(steps[1] - steps[0]) < abs(steps[2] - steps[0]) / 2
    assert (steps[2] > 0.8) if late else (steps[2] < 0.2)


def test_planned_sprints_get_their_own_level() -> None:
    model = learned(rows())
    assert delay.shifted(model, model.base_rate).shift == pytest.approx(0)
    assert delay.shifted(model, 0.1).shift < delay.shifted(model, 0.2).shift < 0


def test_the_file_says_what_was_written() -> None:
    model = delay.shifted(learned(rows()), 0.36)
    back = delay.of_document(delay.document(model, {"date": "2026-05-01"}))
    assert np.array_equal(back.weights, model.weights)
    assert (back.level, back.shift, back.base_rate) == (model.level, model.shift, model.base_rate)


@pytest.mark.parametrize("text", ["{}", "[]", '{"format": "galaxy-delay-model/1", "terms": {}}'])
def test_a_damaged_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="delay model"):
        delay.of_document(text)


def test_every_item_has_at_most_three_reasons_with_numbers_and_evidence(make: Any) -> None:
    facts = {1: {"started_at": make.now, "age_days": 30.0, "idle_days": 20.0, "blocked_by": ("issue:o/r#2",)}}
    told = found(make.world(facts=facts))
    assert list(told) == [f"issue:o/r#{n}" for n in (1, 2, 3, 4)]
    one = told["issue:o/r#1"]
    assert 1 <= len(one.reasons) <= 3
    assert "It waits for 1 item: o/r#2, which raises the risk." in [r.text for r in one.reasons]
    assert {i for r in one.reasons for i in r.evidence} <= {e.id for e in one.evidence} | {"issue:o/r#1"}
    assert one.probability > told["issue:o/r#4"].probability


def test_the_heaviest_reason_comes_first(make: Any) -> None:
    for one in found(make.world(facts={1: {"age_days": 40.0, "idle_days": 30.0}})).values():
        weights = [abs(reason.weight) for reason in one.reasons]
        assert weights == sorted(weights, reverse=True)


def test_a_red_build_cites_the_run(make: Any) -> None:
    one = found(make.world(facts={1: {"red_run": of_run(make.run())}}))["issue:o/r#1"]
    (red,) = [r for r in one.reasons if "red" in r.text]
    assert red.text == "The newest build is red, which raises the risk."
    assert red.evidence[0].startswith("check:")


@pytest.mark.parametrize("due", [None, timedelta(days=-1)])
def test_without_an_end_ahead_nothing_is_foretold(make: Any, due: timedelta | None) -> None:
    assert found(make.world(due_on=None if due is None else make.today + due)) == {}


def test_no_term_names_a_person_and_the_load_is_a_number(make: Any) -> None:
    world = make.world(facts={n: {"owners": ("k1",)} for n in (1, 2, 3)})
    loads = [one.load for one in situations(world.sprint, world.features, None, world.snapshot, world.now)]
    assert loads == [3, 3, 3, 0]
    assert all("k1" not in r.text for one in found(world).values() for r in one.reasons)


def test_without_a_simulation_the_age_speaks_for_it(make: Any) -> None:
    world = make.world()
    (first, *_) = situations(world.sprint, world.features, None, world.snapshot, world.now)
    assert first.terms()[0] == first.terms()[1]
    assert first.runs is None
    assert len(first.terms()) == len(NAMES) == len(delay_terms.NAMES)


def test_the_evaluation_learns_from_the_earlier_and_scores_the_later(make: Any) -> None:
    made = rows(400)
    past = [
        Stretch(
            key=f"s{n}", digest="", ended_on=make.today + timedelta(days=n), delays=tuple(made[n * 40 : n * 40 + 40])
        )
        for n in range(10)
    ]
    report = delay_evaluation.evaluate(past)
    by_name = {way.name: way for way in report.ways}
    assert (report.learned[2], report.predicted[2]) == (7, 3)
    assert (by_name["facts"].auc or 0) > 0.75 > (by_name["base rate"].auc or 0) == 0.5
    assert by_name["facts"].brier < by_name["base rate"].brier


def test_one_stretch_cannot_be_split(make: Any) -> None:
    with pytest.raises(ValueError, match="at least two"):
        delay_evaluation.evaluate([Stretch(key="a", digest="", ended_on=make.today, delays=tuple(rows(3)))])
