"""How good the delay model is: learned from the earlier stretches, scored on the later ones, next to plain ways.

Rows are looks at items, several of one item and many of one stretch, so intervals come from drawing stretches. Scores
are shares of rows and not of items: a look is what a user sees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from galaxy_desktop.assess.delay import DelayModel, fit
from galaxy_desktop.assess.delay_terms import NAMES
from galaxy_desktop.assess.scoring import (
    Bin,
    auc,
    brier,
    draw_groups,
    drawn_aucs,
    drawn_means,
    expected_calibration_error,
    interval,
    reliability_bins,
    squared_errors,
)
from galaxy_desktop.domain.past_sprints import DelayRow, Stretch

Floats = NDArray[np.float64]

LAST_PART: Final = 0.3
RESAMPLES, SEED = 1_000, 3
BINS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One way of predicting: AUC and Brier score with their 90 % intervals, calibration error and reliability bins."""

    name: str
    auc: float | None
    auc_interval: tuple[float, float] | None
    brier: float
    brier_interval: tuple[float, float] | None
    calibration_error: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayReport:
    """What was learned from and what was predicted: rows, items, stretches; the share that was late; each way's scores."""

    learned: tuple[int, int, int]
    predicted: tuple[int, int, int]
    late: float
    ways: tuple[Scored, ...]
    first_day: str
    last_day: str


Rows = Sequence[tuple[str, DelayRow]]


def rows_of(stretches: Sequence[Stretch]) -> list[tuple[str, DelayRow]]:
    """All rows with the stretch that each is of, by time."""
    return [(one.key, row) for one in in_time(stretches) for row in one.delays]


def in_time(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Stretches with rows, the earliest ended first."""
    return sorted((one for one in stretches if one.delays), key=lambda one: (one.ended_on, one.key))


def learned(stretches: Sequence[Stretch]) -> DelayModel:
    """The model of all of them; `ValueError` when there is too little."""
    rows = rows_of(stretches)
    return fit([row for _, row in rows], [key for key, _ in rows])


def evaluate(stretches: Sequence[Stretch]) -> DelayReport:
    """Learn from the first part by time, predict the last; `ValueError` when either has too little."""
    ordered = in_time(stretches)
    if len(ordered) < 2:
        raise ValueError("at least two stretches of the past with items are needed")
    cut = ordered[min(int(len(ordered) * (1 - LAST_PART)), len(ordered) - 1)].ended_on
    before, after = [s for s in ordered if s.ended_on < cut], [s for s in ordered if s.ended_on >= cut]
    train, test = rows_of(before), rows_of(after)
    model = learned(before)
    truth = np.array([row.late for _, row in test], dtype=np.float64)
    table = np.array([row.terms for _, row in test], dtype=np.float64)
    groups = [key for key, _ in test]
    ways: dict[str, Callable[[], Floats]] = {
        "facts": lambda: replace(model, facts=1.0, runs=0.0).chances(table.tolist()),
        "facts and simulation": lambda: model.chances(table.tolist()),
        "simulation alone": lambda: _share(table[:, NAMES.index("runs")]),
        "age alone": lambda: _share(table[:, NAMES.index("age")]),
        "base rate": lambda: np.full(len(truth), model.base_rate),
    }
    return DelayReport(
        learned=_sizes(train),
        predicted=_sizes(test),
        late=float(truth.mean()),
        ways=tuple(_scored(name, truth, chances(), groups) for name, chances in ways.items()),
        first_day=after[0].ended_on.isoformat(),
        last_day=after[-1].ended_on.isoformat(),
    )


def _scored(name: str, truth: Floats, said: Floats, groups: Sequence[str]) -> Scored:
    drawn = draw_groups(groups, RESAMPLES, SEED)
    return Scored(
        name=name,
        auc=auc(truth, said),
        auc_interval=interval(drawn_aucs(truth, said, drawn)),
        brier=brier(truth, said),
        brier_interval=interval(drawn_means(squared_errors(truth, said), drawn)),
        calibration_error=expected_calibration_error(truth, said, BINS),
        bins=reliability_bins(truth, said, BINS),
    )


def _sizes(rows: Rows) -> tuple[int, int, int]:
    return len(rows), len({(key, row.item) for key, row in rows}), len({key for key, _ in rows})


def _share(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))
