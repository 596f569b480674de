"""One order from several, whatever order the candidates came in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.retrieve import fusion
from galaxy_desktop.retrieve.fusion import Weights, best_first, ranks, rarity, recency, reciprocal, share

SCORES = st.lists(st.floats(0, 100, allow_nan=False), min_size=1, max_size=12)
PAIRS = st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=2, max_size=12)


@given(SCORES)
def test_ranks_count_from_one_and_every_rank_is_given_once(scores: list[float]) -> None:
    assert sorted(ranks(np.array(scores))) == list(range(1, len(scores) + 1))


@given(PAIRS)
def test_who_is_higher_in_every_list_is_higher_in_all(pairs: list[tuple[float, float]]) -> None:
    one, other = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    fused = reciprocal(one, other)
    for a in range(len(pairs)):
        for b in range(len(pairs)):
            if one[a] > one[b] and other[a] > other[b]:
                assert fused[a] > fused[b]


@given(PAIRS)
def test_the_fusion_asks_only_for_ranks(pairs: list[tuple[float, float]]) -> None:
    one, other = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    assert np.allclose(reciprocal(one, other), reciprocal(one * 7, np.cbrt(other)))


def test_who_is_in_no_list_gains_nothing() -> None:
    assert reciprocal(np.array([0.0, 2.0]), np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=9), st.randoms())
def test_the_order_is_the_same_for_every_order_they_came_in(scores: list[int], draw: object) -> None:
    named = [(float(score), f"issue:o/r#{n}") for n, score in enumerate(scores)]
    shuffled = sorted(named, key=lambda _: draw.random())  # type: ignore[attr-defined]

    def order(some: list[tuple[float, str]]) -> list[str]:
        return [some[n][1] for n in best_first(np.array([one[0] for one in some]), [one[1] for one in some])]

    assert order(named) == order(shuffled)


@given(SCORES)
def test_the_best_has_a_share_of_one_or_there_is_none(scores: list[float]) -> None:
    assert share(np.array(scores)).max() in (pytest.approx(1.0), 0.0)


def test_a_term_that_few_hold_tells_more_and_one_that_all_hold_next_to_nothing() -> None:
    assert rarity(1000, 1) > rarity(1000, 10) > rarity(1000, 1000) > 0
    assert rarity(1000, 1000) < 0.01
    assert rarity(10, 20) > 0


def test_what_was_just_said_counts_most_and_the_future_no_more_than_now() -> None:
    ages = recency(np.array([0.0, 86_400.0, 8_640_000.0, -5.0]))
    assert ages[0] == ages[3] == 0
    assert ages[0] > ages[1] > ages[2]


def test_a_sign_that_has_a_weight_must_be_there() -> None:
    with pytest.raises(KeyError):
        Weights({"words": 1.0, "meaning": 1.0}).score({"words": np.ones(2)})


@pytest.mark.parametrize("use", ["related", "question"])
def test_the_weights_that_ship_count_words_meaning_and_time_for_an_answer(use: str) -> None:
    by_sign = fusion.weights(use).by_sign
    assert all(by_sign[name] > 0 for name in ("words", "names", "meaning", "recency"))
    assert len(by_sign) <= 12
