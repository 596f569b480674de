"""Scores of forecasts: worked examples, and what must hold for all of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.assess import scoring

OUTCOMES = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=60)


def test_auc_is_the_share_of_pairs_ranked_rightly_with_ties_as_halves() -> None:
    assert scoring.auc([1, 1, 0, 0], [0.9, 0.4, 0.4, 0.1]) == pytest.approx(3.5 / 4)


def test_auc_is_not_defined_with_one_kind_of_outcome() -> None:
    assert scoring.auc([1, 1], [0.2, 0.3]) is None


def test_brier_is_zero_for_certainty_that_is_right_and_a_quarter_for_one_half() -> None:
    assert scoring.brier([1, 0], [1, 0]) == 0
    assert scoring.brier([1, 0], [0.5, 0.5]) == 0.25


def test_log_loss_of_a_sure_mistake_is_bounded() -> None:
    assert scoring.log_loss([1], [0.0]) == pytest.approx(-math.log(scoring.CERTAIN))
    assert scoring.log_loss([0], [0.5]) == pytest.approx(math.log(2))


def test_skill_is_the_share_of_the_loss_that_is_gone() -> None:
    assert scoring.skill(0.15, 0.20) == pytest.approx(0.25)
    assert scoring.skill(0.30, 0.20) == pytest.approx(-0.5)
    assert scoring.skill(0.1, 0.0) is None


def test_bins_say_what_was_said_and_what_happened() -> None:
    low, high = scoring.reliability_bins([0, 1, 1, 1], [0.05, 0.05, 0.95, 1.0])
    assert (low.low, low.count, low.said, low.happened) == (0.0, 2, 0.05, 0.5)
    assert (high.high, high.count, high.happened, high.enough) == (1.0, 2, 1.0, False)


def test_calibration_error_weighs_bins_by_their_forecasts() -> None:
    error = scoring.expected_calibration_error([0, 0, 0, 1], [0.25, 0.25, 0.25, 0.75])
    assert error == pytest.approx(0.25)


def test_a_forecast_that_means_what_it_says_has_no_calibration_error() -> None:
    assert scoring.expected_calibration_error([1, 0, 0, 0], [0.25] * 4) == 0


@pytest.mark.parametrize(
    ("happened", "chances"), [([], []), ([1], [0.5, 0.5]), ([2], [0.5]), ([1], [1.5]), ([1], [math.nan])]
)
def test_what_is_no_forecast_is_refused(happened: list[float], chances: list[float]) -> None:
    with pytest.raises(ValueError, match="outcomes"):
        scoring.brier(happened, chances)


@given(OUTCOMES)
def test_the_parts_of_the_brier_score_add_up(pairs: list[tuple[int, float]]) -> None:
    truth, said = zip(*pairs, strict=True)
    parts = scoring.brier_parts(truth, said)
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.remainder
    assert total == pytest.approx(scoring.brier(truth, said))
    assert min(parts.reliability, parts.resolution, parts.uncertainty) >= 0


@given(OUTCOMES)
def test_turning_every_chance_round_turns_the_auc_round(pairs: list[tuple[int, float]]) -> None:
    truth, said = np.array([one for one, _ in pairs]), np.array([round(p, 3) for _, p in pairs])
    there, back = scoring.auc(truth, said), scoring.auc(truth, np.round(1 - said, 3))
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there + back == pytest.approx(1.0)


@given(OUTCOMES)
def test_a_resample_of_every_row_once_gives_the_figures_themselves(pairs: list[tuple[int, float]]) -> None:
    truth, said = zip(*pairs, strict=True)
    once = np.ones((1, len(pairs)))
    value = scoring.auc(truth, said)
    drawn = scoring.drawn_aucs(truth, said, once)[0]
    assert math.isnan(drawn) if value is None else drawn == pytest.approx(value)
    losses = scoring.squared_errors(truth, said)
    assert scoring.drawn_means(losses, once)[0] == pytest.approx(scoring.brier(truth, said))


def test_rows_of_a_group_are_drawn_together() -> None:
    drawn = scoring.draw_groups(["a", "b", "a", "c"], times=50, seed=1)
    assert (drawn[:, 0] == drawn[:, 2]).all()
    assert (drawn[:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert (drawn == scoring.draw_groups(["a", "b", "a", "c"], times=50, seed=1)).all()


def test_an_interval_leaves_out_what_is_not_defined() -> None:
    assert scoring.interval([math.nan, 1.0, 1.0]) == (1.0, 1.0)
    assert scoring.interval([math.nan]) is None
    assert scoring.interval(np.arange(101.0)) == pytest.approx((5.0, 95.0))


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    inside = 0
    for trial in range(100):
        values = rng.random(60)
        found = scoring.interval(scoring.drawn_means(values, scoring.draw_groups(range(60), 200, trial)))
        inside += found is not None and found[0] <= 0.5 <= found[1]
    assert 82 <= inside <= 97


@given(OUTCOMES, st.integers(0, 99))
def test_the_auc_of_a_resample_is_that_of_its_rows_written_out(pairs: list[tuple[int, float]], seed: int) -> None:
    truth, said = np.array([one for one, _ in pairs]), np.array([round(p, 1) for _, p in pairs])
    counts = scoring.draw_groups(range(len(pairs)), 3, seed)
    for drawn, times in zip(scoring.drawn_aucs(truth, said, counts), counts.astype(int), strict=True):
        value = scoring.auc(np.repeat(truth, times), np.repeat(said, times))
        assert np.isnan(drawn) if value is None else drawn == pytest.approx(value)
