"""Scores of forecasts: of probabilities against what happened, and of amounts against what was delivered.

They know nothing of sprints, so the evaluation, the Trust page and the ledger share them. Chances are probabilities
that something happens; `happened` is 1 or 0 for each. Sources:

- AUC: Hanley and McNeil, Radiology 1982: the share of pairs ranked rightly, ties counting one half.
- Brier score: Brier, Monthly Weather Review 1950. Its parts: Murphy, Journal of Applied Meteorology 1973; within bins
  the parts are exact only for forecasts equal inside a bin, so the remainder is named (Stephenson et al., Weather and
  Forecasting 2008).
- Log loss: Good, Journal of the Royal Statistical Society B 1952.
- Reliability bins and expected calibration error: Naeini, Cooper and Hauskrecht, AAAI 2015, with equal-width bins.
- Intervals: the bootstrap percentile method over groups (Davison and Hinkley 1997, section 3.8): rows of one group,
  such as looks at one sprint, are drawn together because they are not independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]

CERTAIN = 0.005
"""Chances nearer to 0 or 1 count as this in the log loss, so one sure mistake does not outweigh everything."""
BINS = 10
ENOUGH = 30
"""Forecasts in a bin below which its share says little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Forecasts between two chances: how many, what was said on average, and how often it happened."""

    low: float
    high: float
    count: int
    said: float
    happened: float

    @property
    def enough(self) -> bool:
        """Whether there are enough forecasts to judge."""
        return self.count >= ENOUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class BrierParts:
    """Brier = reliability - resolution + uncertainty + remainder; low reliability and high resolution are good."""

    reliability: float
    resolution: float
    uncertainty: float
    remainder: float


def auc(happened: ArrayLike, chances: ArrayLike) -> float | None:
    """The chance that a case that happened was given more than one that did not; None without both kinds."""
    truth, said = _pair(happened, chances)
    ones, zeros = int(truth.sum()), int(len(truth) - truth.sum())
    if not ones or not zeros:
        return None
    ranks = rankdata(said)
    return float((ranks[truth == 1].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def brier(happened: ArrayLike, chances: ArrayLike) -> float:
    """The mean squared distance of chance and outcome: 0 is perfect, 0.25 is always saying one half."""
    return float(squared_errors(happened, chances).mean())


def log_loss(happened: ArrayLike, chances: ArrayLike) -> float:
    """The mean of minus the logarithm of the chance given to what happened; chances are kept off 0 and 1."""
    return float(log_losses(happened, chances).mean())


def squared_errors(happened: ArrayLike, chances: ArrayLike) -> Floats:
    """The squared distance of every forecast, whose mean is the Brier score."""
    truth, said = _pair(happened, chances)
    return np.asarray((said - truth) ** 2)


def log_losses(happened: ArrayLike, chances: ArrayLike) -> Floats:
    """The logarithmic loss of every forecast."""
    truth, said = _pair(happened, chances)
    kept = np.clip(said, CERTAIN, 1.0 - CERTAIN)
    return np.asarray(-np.log(np.where(truth == 1, kept, 1.0 - kept)))


def skill(score: float, reference: float) -> float | None:
    """How much of the reference's loss is gone: 1 is perfect, 0 no better, below 0 worse; None if there was none."""
    return None if reference == 0 else 1.0 - score / reference


def reliability_bins(happened: ArrayLike, chances: ArrayLike, bins: int = BINS) -> tuple[Bin, ...]:
    """The forecasts in bins of equal width, from low chances to high; empty bins are left out."""
    truth, said = _pair(happened, chances)
    of = np.minimum((said * bins).astype(int), bins - 1)
    return tuple(
        Bin(
            low=i / bins,
            high=(i + 1) / bins,
            count=int((of == i).sum()),
            said=float(said[of == i].mean()),
            happened=float(truth[of == i].mean()),
        )
        for i in range(bins)
        if (of == i).any()
    )


def expected_calibration_error(happened: ArrayLike, chances: ArrayLike, bins: int = BINS) -> float:
    """The distance of what was said and what happened in a bin, averaged over all forecasts."""
    found = reliability_bins(happened, chances, bins)
    return sum(one.count * abs(one.said - one.happened) for one in found) / sum(one.count for one in found)


def brier_parts(happened: ArrayLike, chances: ArrayLike, bins: int = BINS) -> BrierParts:
    """The Brier score taken apart over reliability bins."""
    truth, said = _pair(happened, chances)
    found, rate = reliability_bins(truth, said, bins), float(truth.mean())
    reliability = sum(one.count * (one.said - one.happened) ** 2 for one in found) / len(truth)
    resolution = sum(one.count * (one.happened - rate) ** 2 for one in found) / len(truth)
    uncertainty = rate * (1.0 - rate)
    rest = brier(truth, said) - (reliability - resolution + uncertainty)
    return BrierParts(reliability=reliability, resolution=resolution, uncertainty=uncertainty, remainder=rest)


def draw_groups(groups: Sequence[object], times: int, seed: int) -> Floats:
    """How often each row is drawn in each of `times` resamples of whole groups: an array of (times, rows)."""
    names = {name: i for i, name in enumerate(dict.fromkeys(groups))}
    of = np.array([names[name] for name in groups])
    picks = np.random.default_rng(seed).integers(0, len(names), size=(times, len(names)))
    counts = np.stack([np.bincount(row, minlength=len(names)) for row in picks])
    return np.asarray(counts[:, of], dtype=np.float64)


def drawn_means(values: ArrayLike, drawn: Floats) -> Floats:
    """The mean of the values in every resample."""
    return np.asarray(drawn @ np.asarray(values, dtype=np.float64) / drawn.sum(axis=1))


def drawn_aucs(happened: ArrayLike, chances: ArrayLike, drawn: Floats) -> Floats:
    """The AUC in every resample, not a number where a resample lacks one kind."""
    truth, said = _pair(happened, chances)
    order = np.argsort(said, kind="stable")
    starts = np.flatnonzero(np.diff(said[order], prepend=-1.0))  # where a new chance begins
    ones = np.add.reduceat(drawn[:, order] * truth[order], starts, axis=1)
    zeros = np.add.reduceat(drawn[:, order] * (1.0 - truth[order]), starts, axis=1)
    below = np.cumsum(zeros, axis=1) - zeros  # counts and halves of counts: every sum is exact
    won = (ones * (below + 0.5 * zeros)).sum(axis=1)
    pairs = ones.sum(axis=1) * zeros.sum(axis=1)
    return np.where(pairs > 0, won / np.maximum(pairs, 1.0), np.nan)


def interval(drawn: ArrayLike, level: float = 0.9) -> tuple[float, float] | None:
    """The middle `level` of the resampled values, those that are not numbers left out; None if none is left."""
    values = np.asarray(drawn, dtype=np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _pair(happened: ArrayLike, chances: ArrayLike) -> tuple[Floats, Floats]:
    truth, said = np.asarray(happened, dtype=np.float64), np.asarray(chances, dtype=np.float64)
    if truth.shape != said.shape or truth.ndim != 1 or not len(truth):
        raise ValueError("as many outcomes as chances are needed, and at least one")
    if not np.isin(truth, (0.0, 1.0)).all() or not ((said >= 0) & (said <= 1)).all():
        raise ValueError("outcomes are 0 or 1, and chances from 0 to 1")
    return truth, said
