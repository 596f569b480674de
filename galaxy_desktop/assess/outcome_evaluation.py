"""Scores the outcome model on sprints it did not learn from, next to plain ways of guessing.

Every project and moment is scored by itself and then averaged over projects, so a project with many sprints counts
once. Intervals are 90 % bootstrap intervals that draw whole sprints; those of a mean over projects draw the sprints
within each project. Plain ways, all from training rows or the row itself:

- base rate: the share missed of the project's training sprints at that moment (of all projects for a new project);
- median, lagged median: the median of delivered/committed over the same, and over the project's last five;
- linear burn: done / (committed x elapsed), at most 1; 1 at the start;
- all positive: every sprint is missed.

A way that predicts an amount says a chance of 1 where the amount is below what is committed, and 0 elsewhere; linear
burn says one minus its share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from galaxy_desktop.assess import scoring
from galaxy_desktop.assess.outcome_fit import fit
from galaxy_desktop.assess.outcome_rows import SprintRow, looks_before

Floats = NDArray[np.float64]

TIMES = 400
SEED = 20181
LAGGED = 5
METHODS = ("model", "base_rate", "median", "lagged_median", "linear_burn", "all_positive")
FIGURES = ("auc", "brier", "log_loss", "ratio_error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What one way says of rows: chances of being missed, and delivered/committed where it has an opinion."""

    chances: Floats
    ratios: Floats | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its 90 % interval; None where it is not defined, such as an AUC with one kind of outcome."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Rows of one project (or the mean of all) at one moment: figures by method and name."""

    sprints: int
    missed_share: float
    figures: Mapping[str, Mapping[str, Figure]]
    bins: tuple[scoring.Bin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Scores by project and by moment, their mean over projects, and the calibration over all rows.

    `parts` takes the Brier score over all rows apart.
    """

    projects: Mapping[str, Mapping[int, Scores]]
    mean: Mapping[int, Scores]
    calibration: Figure
    bins: tuple[scoring.Bin, ...]
    parts: scoring.BrierParts
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """What the plain ways know of the past of a project at a moment: the share missed, and delivered/committed."""

    missed: float
    ratio: float
    median: float
    lagged: float


def predict(train: Sequence[SprintRow], test: Sequence[SprintRow], *, leave_out: bool) -> dict[str, Guess]:
    """What every method says of the test rows, having learned from the training rows alone.

    With `leave_out` each project is predicted from the training rows of the other projects, as for a new team; its own
    rows then serve nobody. Otherwise the project's training rows give the model its deviation for that team. Of the test
    rows the model sees the row itself and how the same sprint stood at earlier moments, where the file says so.

    Raises:
        ValueError: nothing is left to learn from.
    """
    guesses = {name: _blank(len(test), ratios=name != "all_positive") for name in METHODS}
    model = None if leave_out else fit(train)
    earlier = looks_before(test, test)
    for project in dict.fromkeys(row.project for row in test):
        known = [row for row in train if row.project != project] if leave_out else train
        learned = (fit(known) if model is None else model).for_team(project)
        at = [i for i, row in enumerate(test) if row.project == project]
        moments = [test[i].moment for i in at]
        guesses["model"].chances[at] = learned.p_missed(moments, earlier=[earlier[i] for i in at])
        _ratios(guesses["model"])[at] = learned.delivered_ratio(moments, earlier=[earlier[i] for i in at])
        plain: dict[int, _Past] = {}
        for i in at:
            percent = test[i].percent_elapsed
            if percent not in plain:
                plain[percent] = _past([row for row in known if row.committed > 0], project, percent)
            _plain(guesses, i, test[i], plain[percent])
    return guesses


def evaluate(test: Sequence[SprintRow], guesses: Mapping[str, Guess], *, trivial: bool) -> Report:
    """Scores of guesses for rows whose outcome is known; `trivial` keeps sprints with nothing committed.

    Raises:
        ValueError: no row is left, or an outcome is not known.
    """
    kept = [i for i, row in enumerate(test) if trivial or row.committed > 0]
    if not kept:
        raise ValueError("no sprint has anything committed, so there is nothing to score")
    projects: dict[str, dict[int, Scores]] = {}
    drawn: dict[int, list[dict[str, dict[str, Floats]]]] = {}
    for number, project in enumerate(dict.fromkeys(test[i].project for i in kept)):
        projects[project] = {}
        for percent in sorted({test[i].percent_elapsed for i in kept if test[i].project == project}):
            at = [i for i in kept if test[i].project == project and test[i].percent_elapsed == percent]
            scores, draws = _scores([test[i] for i in at], _taken(guesses, at), SEED + number)
            projects[project][percent] = scores
            drawn.setdefault(percent, []).append(draws)
    percents = sorted(drawn)
    said, truth = guesses["model"].chances[kept], [float(test[i].missed) for i in kept]
    return Report(
        projects=projects,
        mean={p: _mean([by[p] for by in projects.values() if p in by], drawn[p]) for p in percents},
        calibration=_calibration([test[i] for i in kept], truth, said),
        bins=scoring.reliability_bins(truth, said),
        parts=scoring.brier_parts(truth, said),
        rows=len(kept),
    )


def _blank(count: int, *, ratios: bool) -> Guess:
    return Guess(chances=np.zeros(count), ratios=np.zeros(count) if ratios else None)


def _ratios(guess: Guess) -> Floats:
    if guess.ratios is None:
        raise ValueError("this method has no opinion on the amount")
    return guess.ratios


def _past(known: Sequence[SprintRow], project: str, percent: int) -> _Past:
    """What training rows with something committed say at one moment, those of the project itself where there are any."""
    alike = [one for one in known if one.percent_elapsed == percent] or list(known)
    own = sorted((one for one in alike if one.project == project), key=lambda one: one.order)
    past = own or alike
    return _Past(
        missed=float(np.mean([one.missed for one in past])),
        ratio=float(np.mean([one.ratio for one in past])),
        median=float(np.median([one.ratio for one in past])),
        lagged=float(np.median([one.ratio for one in (own[-LAGGED:] or alike)])),
    )


def _plain(guesses: Mapping[str, Guess], i: int, row: SprintRow, past: _Past) -> None:
    """What the plain ways say of one row."""
    trivial = row.committed <= 0
    middles = {"median": past.median, "lagged_median": past.lagged, "linear_burn": _burned(row)}
    guesses["base_rate"].chances[i] = 0.0 if trivial else past.missed
    _ratios(guesses["base_rate"])[i] = 1.0 if trivial else past.ratio
    for name, middle in middles.items():
        _ratios(guesses[name])[i] = 1.0 if trivial else middle
        sure = 1.0 - middle if name == "linear_burn" else float(middle < 1.0)
        guesses[name].chances[i] = 0.0 if trivial else sure
    guesses["all_positive"].chances[i] = 1.0


def _burned(row: SprintRow) -> float:
    due = row.committed * min(row.moment.elapsed, 1.0)
    return 1.0 if due <= 0 else min(1.0, max(0.0, row.moment.done) / due)


def _taken(guesses: Mapping[str, Guess], at: Sequence[int]) -> dict[str, Guess]:
    return {
        name: Guess(chances=one.chances[at], ratios=None if one.ratios is None else one.ratios[at])
        for name, one in guesses.items()
    }


def _scores(
    rows: Sequence[SprintRow], guesses: Mapping[str, Guess], seed: int
) -> tuple[Scores, dict[str, dict[str, Floats]]]:
    truth = np.array([row.missed for row in rows], dtype=np.float64)
    ratios = np.array([row.ratio for row in rows])
    counts = scoring.draw_groups([row.sprint for row in rows], TIMES, seed)
    figures: dict[str, dict[str, Figure]] = {}
    draws: dict[str, dict[str, Floats]] = {}
    for name, guess in guesses.items():
        losses = {
            "brier": scoring.squared_errors(truth, guess.chances),
            "log_loss": scoring.log_losses(truth, guess.chances),
        }
        if guess.ratios is not None:
            losses["ratio_error"] = np.abs(guess.ratios - ratios)
        draws[name] = {"auc": scoring.drawn_aucs(truth, guess.chances, counts)}
        draws[name] |= {key: scoring.drawn_means(loss, counts) for key, loss in losses.items()}
        values = {"auc": scoring.auc(truth, guess.chances)} | {key: float(v.mean()) for key, v in losses.items()}
        figures[name] = {key: _figure(value, draws[name][key]) for key, value in values.items()}
    scores = Scores(
        sprints=len(rows),
        missed_share=float(truth.mean()),
        figures=figures,
        bins=scoring.reliability_bins(truth, guesses["model"].chances),
    )
    return scores, draws


def _mean(scores: Sequence[Scores], draws: Sequence[Mapping[str, Mapping[str, Floats]]]) -> Scores:
    """The mean over projects; a project in which a figure is not defined is left out of that figure."""
    figures: dict[str, dict[str, Figure]] = {}
    for method in scores[0].figures:
        figures[method] = {}
        for name in scores[0].figures[method]:
            values = [one.figures[method][name].value for one in scores]
            defined = [i for i, value in enumerate(values) if value is not None]
            known = [value for value in values if value is not None]
            drawn = np.mean([draws[i][method][name] for i in defined], axis=0) if defined else np.zeros(0)
            figures[method][name] = _figure(float(np.mean(known)) if known else None, drawn)
    return Scores(
        sprints=sum(one.sprints for one in scores),
        missed_share=float(np.mean([one.missed_share for one in scores])),
        figures=figures,
    )


def _calibration(rows: Sequence[SprintRow], truth: Sequence[float], said: Floats) -> Figure:
    """Expected calibration error over the rows, drawn by sprint."""
    counts = scoring.draw_groups([(row.project, row.sprint) for row in rows], TIMES, SEED).astype(int)
    outcomes = np.array(truth)
    drawn = [scoring.expected_calibration_error(np.repeat(outcomes, n), np.repeat(said, n)) for n in counts]
    return _figure(scoring.expected_calibration_error(outcomes, said), np.array(drawn))


def _figure(value: float | None, drawn: Floats) -> Figure:
    found = scoring.interval(drawn) if value is not None else None
    low, high = found or (None, None)
    return Figure(value=value, low=low, high=high)
