"""What the families are worth: nothing without data, never a gain for trouble, and only what beat chance walking forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.assess.course import Recalibration as Correction
from galaxy_desktop.assess.family_offset import (
    FEWEST,
    NAMES,
    SHARES,
    FamilyLook,
    _table,
    _walk_forward,
    family_offset,
    looks_near_shares,
)
from galaxy_desktop.assess.family_words import applied
from galaxy_desktop.assess.forecast import simulate
from galaxy_desktop.assess.scoring import brier
from galaxy_desktop.domain.families import LARGEST_SHIFT, FamilyOffset, FamilyTerm, Trouble, between
from galaxy_desktop.domain.ledger import Recalibration

START = date(2024, 1, 1)
NO_EFFECT: Mapping[str, float] = MappingProxyType({})
EFFECT = MappingProxyType({"ci": -1.5, "temporal": -1.2})
often = settings(deadline=None, max_examples=25)


def troubles(values: Mapping[str, float | None]) -> tuple[Trouble, ...]:
    return tuple(Trouble(family=name, value=values.get(name)) for name in NAMES)


def history(count: int, seed: int, effect: Mapping[str, float] = NO_EFFECT, bias: float = 0.0) -> list[FamilyLook]:
    """Sprints of two weeks, one after the other: what was said is right but for the effect, which nobody knew."""
    dice = np.random.default_rng(seed)
    found = []
    for n in range(count):
        said, away = dice.normal(0.2, 0.8), dice.normal(size=len(NAMES))
        truth = said + sum(effect.get(name, 0.0) * away[k] for k, name in enumerate(NAMES))
        landed = bool(dice.random() < 1.0 / (1.0 + np.exp(-truth)))
        began = START + timedelta(days=14 * n)
        for share in SHARES:
            seen = np.clip(0.4 + 0.12 * (away + 0.4 * dice.normal(size=len(NAMES))), 0.0, 1.0).round(4)
            told = troubles({name: float(value) for name, value in zip(NAMES, seen, strict=True)})
            p = 1.0 / (1.0 + np.exp(-(said + bias + dice.normal(0.0, 0.2))))
            found.append(
                FamilyLook(
                    sprint=f"s{n:03}", began=began, ended=began + timedelta(days=13), elapsed=share,
                    said=float(p), landed=landed, troubles=told,
                )
            )  # fmt: skip
    return found


# --- when there is nothing to say


def test_no_history_shifts_nothing() -> None:
    found = family_offset([])
    assert (found.used, found.shift(0.5, troubles(dict.fromkeys(NAMES, 1.0)))) == (False, 0.0)
    assert found.sentence == "The six families shift nothing: 0 of the 10 ended sprints needed to learn from."


def test_nine_sprints_are_too_few_whatever_they_say() -> None:
    found = family_offset(history(FEWEST - 1, 3, EFFECT))
    assert (found.used, found.terms, found.sprints) == (False, (), 9)


def test_sprints_that_all_ended_alike_teach_nothing() -> None:
    found = family_offset([replace(one, landed=True) for one in history(30, 3)])
    assert not found.used
    assert "all 30 ended sprints ended alike" in found.sentence


def test_without_eight_sprints_to_foretell_the_gate_stays_shut() -> None:
    """Sprints that all ran at the same time cannot foretell each other."""
    found = family_offset([replace(one, began=START) for one in history(40, 5, EFFECT)])
    assert (found.used, found.scored) == (False, 0)
    assert "0 of 8 sprints could be foretold by earlier ones" in found.sentence


def test_families_that_are_not_known_or_never_change_have_no_weight_and_say_why() -> None:
    def seen(one: FamilyLook) -> FamilyLook:
        told = {t.family: t.value for t in one.troubles}
        return replace(one, troubles=troubles({**told, "text": None, "graph": 0.0}))

    terms = {term.family: term for term in family_offset(map(seen, history(20, 4))).terms}
    assert (terms["text"].weight, terms["text"].why_none) == (0.0, "known in 0 of 10 sprints needed")
    assert (terms["graph"].weight, terms["graph"].why_none) == (0.0, "it was nearly always the same")


# --- promises


@often
@given(st.integers(0, 10_000), st.integers(0, 40), st.floats(-3, 3))
def test_no_weight_is_ever_above_zero(seed: int, count: int, effect: float) -> None:
    found = family_offset(history(count, seed, dict.fromkeys(NAMES, effect)))
    assert all(term.weight <= 0.0 for term in found.terms)


weights = st.floats(-3, 0)
shares = st.floats(0, 1)


@given(
    st.lists(weights, min_size=6, max_size=6),
    shares,
    st.lists(shares, min_size=6, max_size=6),
    st.integers(0, 5),
    shares,
)
def test_more_trouble_never_raises_the_chance(
    told: list[float], elapsed: float, values: list[float], which: int, more: float
) -> None:
    terms = tuple(
        FamilyTerm(family=name, weight=weight, usual=(0.1, 0.2, 0.3, 0.4), spread=0.1)
        for name, weight in zip(NAMES, told, strict=True)
    )
    offset = FamilyOffset(terms=terms, shares=SHARES, used=True)
    before = dict(zip(NAMES, values, strict=True))
    after = {**before, NAMES[which]: min(before[NAMES[which]] + more, 1.0)}
    low, high = offset.shift(elapsed, troubles(after)), offset.shift(elapsed, troubles(before))
    assert low <= high
    assert applied(0.6, low) <= applied(0.6, high)
    assert -LARGEST_SHIFT <= low <= LARGEST_SHIFT


@often
@given(st.integers(0, 1_000), st.randoms(use_true_random=False))
def test_the_order_of_the_looks_changes_nothing(seed: int, shuffle: Any) -> None:
    looks = history(24, seed, EFFECT)
    mixed = list(looks)
    shuffle.shuffle(mixed)
    assert family_offset(mixed) == family_offset(looks)


def test_the_prior_gives_way_as_sprints_end() -> None:
    def mean_weight(count: int) -> float:
        fits = [family_offset(history(count, seed, {"ci": -1.5})) for seed in range(8)]
        return float(np.mean([next(t.weight for t in fit.terms if t.family == "ci") for fit in fits]))

    few, some, many = mean_weight(10), mean_weight(30), mean_weight(90)
    assert -1.5 < many < some - 0.1 < some < few - 0.1
    assert few > -0.6


def test_copies_of_a_look_weigh_no_more_than_one() -> None:
    looks = history(20, 8, EFFECT)
    once = family_offset(looks)
    twice = family_offset([*looks, *looks])
    assert [t.weight for t in twice.terms] == pytest.approx([t.weight for t in once.terms], abs=0.05)


def test_a_forecast_that_is_too_high_on_the_whole_is_not_the_families_business() -> None:
    """Bias is corrected by the record; families that mean nothing must not pass because they can bend it back."""
    passed = sum(family_offset(history(24, seed, bias=1.0)).used for seed in range(30))
    assert passed <= 4


# --- the gate


def test_families_that_matter_pass_and_foretell_later_sprints_better() -> None:
    looks = history(100, 1, EFFECT)
    past, later = looks[: 4 * 60], looks[4 * 60 :]
    found = family_offset(past)
    assert found.used
    assert found.gain is not None
    assert found.low is not None
    assert 0.0 < found.low < found.gain
    happened = [one.landed for one in later]
    moved = [applied(one.said, found.shift(one.elapsed, one.troubles)) for one in later]
    assert brier(happened, moved) < brier(happened, [one.said for one in later]) - 0.01
    assert "failed builds -" in found.sentence
    assert "60 ended sprints" in found.sentence


def test_families_that_matter_pass_more_often_than_not() -> None:
    assert sum(family_offset(history(60, seed, EFFECT)).used for seed in range(10)) >= 7


def test_noise_passes_in_fewer_than_one_history_in_ten() -> None:
    tries = 100
    passed = sum(family_offset(history(14 + seed % 8, 500 + seed)).used for seed in range(tries))
    assert passed < tries / 10


def test_what_does_not_pass_shifts_nothing_and_shows_its_figures() -> None:
    found = next(f for seed in range(20) if not (f := family_offset(history(20, seed))).used and f.gain)
    assert found.shift(0.5, troubles(dict.fromkeys(NAMES, 1.0))) == 0.0
    assert "no more than luck explains" in found.sentence
    assert any(term.weight for term in found.terms)


# --- what is known when


def saved(looks: Sequence[FamilyLook]) -> list[tuple[float, float]]:
    """What the families saved in log loss and Brier score for each sprint that earlier ones could foretell, in order."""
    return _walk_forward(_table(looks))


def test_what_comes_later_changes_nothing_that_was_foretold() -> None:
    looks = history(40, 2, EFFECT)
    first = saved(looks[: 4 * 20])
    other_end = [*looks[: 4 * 20], *(replace(one, landed=not one.landed, said=0.5) for one in looks[4 * 20 :])]
    assert any(gain for gain, _ in first)
    assert saved(looks)[: len(first)] == first == saved(other_end)[: len(first)]


def test_a_sprint_is_not_foretold_by_one_that_had_not_ended_when_it_began() -> None:
    looks = history(20, 2, EFFECT)
    overlapping = [replace(one, began=one.began - timedelta(days=14)) for one in looks]
    assert len(saved(overlapping)) == len(saved(looks)) - 1


def test_of_live_looks_those_nearest_to_the_four_shares_count() -> None:
    assert looks_near_shares([0.0, 0.05, 0.28, 0.31, 0.52, 0.7, 0.79, 0.99]) == [0, 3, 4, 6]
    assert looks_near_shares([0.55, 0.6]) == [0]
    assert looks_near_shares([]) == []


# --- in the forecast

USED = FamilyOffset(
    terms=(FamilyTerm(family="ci", weight=-0.5, usual=(0.2, 0.2, 0.2, 0.2), spread=0.1, sprints=20),),
    shares=SHARES, sprints=20, used=True, sentence="The six families shift.",
)  # fmt: skip


def test_the_forecast_counts_them_after_the_record_and_says_so(make: Any) -> None:
    inputs = make.inputs(14, troubles=(Trouble(family="ci", value=0.4),))
    correction = Correction(slope=0.8, intercept=0.1, sprints=12)
    plain, moved = simulate(inputs, recalibration=correction), simulate(inputs, recalibration=correction, families=USED)
    assert plain.probability is not None
    assert moved.probability == pytest.approx(applied(plain.probability, -1.0), abs=1e-3)
    assert moved.before_recalibration == plain.before_recalibration
    assert "by the six families (log-odds -1.00: failed builds -1.00)" in moved.formula
    assert moved.formula.index("own record of 12 sprints") < moved.formula.index("by the six families")


def test_what_is_not_used_or_not_known_leaves_the_number_as_it_is(make: Any) -> None:
    inputs = make.inputs(14, troubles=(Trouble(family="ci", value=0.4),))
    plain = simulate(inputs)
    shut = replace(USED, used=False, sentence="The six families shift nothing: luck.")
    assert simulate(inputs, families=shut).probability == plain.probability
    assert simulate(inputs, families=shut).formula == plain.formula.replace(
        "completions.", "completions. The six families shift nothing: luck.", 1
    )
    unknown = replace(inputs, troubles=(Trouble(family="ci", value=None),))
    assert simulate(unknown, families=USED).probability == plain.probability


def test_a_sprint_without_history_gets_no_number_from_families(make: Any) -> None:
    inputs = make.inputs(3, days=(), sprint_days=(), troubles=(Trouble(family="ci", value=0.0),))
    assert simulate(inputs, families=USED).probability is None


def test_a_record_without_families_says_nothing_of_them() -> None:
    assert Recalibration().families == FamilyOffset()


def test_between_two_shares_the_usual_lies_between() -> None:
    usual = (0.0, 0.3, 0.3, 0.9)
    assert [between(s, SHARES, usual) for s in (-1.0, 0.15, 0.4, 0.65, 1.0)] == pytest.approx([0, 0.15, 0.3, 0.6, 0.9])
