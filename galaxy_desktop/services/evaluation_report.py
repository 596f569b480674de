"""The report of `evaluate outcomes`: as JSON fields, and as lines for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from galaxy_desktop.assess import scoring
from galaxy_desktop.assess.outcome_evaluation import FIGURES, METHODS, Figure, Report, Scores

DIGITS = 4
LABELS = {
    "model": "outcome model",
    "base_rate": "base rate",
    "median": "median",
    "lagged_median": "lagged median",
    "linear_burn": "linear burn",
    "all_positive": "all positive",
}
TITLES = {
    "auc": "AUC",
    "brier": "Brier",
    "log_loss": "log loss",
    "ratio_error": "ratio error",
}


def fields(report: Report) -> dict[str, Any]:
    """The report as JSON; a figure is {"value", "low", "high"}, its 90 % interval drawn by sprint."""
    return {
        "rows": report.rows,
        "mean_over_projects": {str(p): _scores(one) for p, one in report.mean.items()},
        "projects": {
            name: {str(percent): _scores(one) for percent, one in scores.items()}
            for name, scores in report.projects.items()
        },
        "expected_calibration_error": _figure(report.calibration),
        "reliability_bins": _bins(report.bins),
        "brier_parts": {
            name: round(getattr(report.parts, name), DIGITS)
            for name in ("reliability", "resolution", "uncertainty", "remainder")
        },
    }


def lines(said: Mapping[str, Any]) -> list[str]:
    """What a person reads, from the fields of the whole answer."""
    if "committed" not in said:
        return []
    found = [
        "",
        f"Scored on {_counted(said['test']['sprints'], 'sprint')}, {said['mode']}. Intervals are 90 %, drawn by sprint.",
    ]
    for key, title in (
        ("committed", "Sprints with something committed"),
        ("all_sprints", "All sprints, also those with nothing committed (they cannot be missed)"),
    ):
        part = said[key]
        found += ["", f"{title}: {_counted(part['rows'], 'row')}", "", "Mean over projects"]
        found += _table(part["mean_over_projects"])
        if key == "committed":
            for name, scores in part["projects"].items():
                found += ["", name, *_table(scores)]
        found += ["", "When we said about ... it was missed ...", *_reliability(part["reliability_bins"])]
        found.append(f"Expected calibration error over these rows: {_cell(part['expected_calibration_error'])}")
    return found


def _scores(scores: Scores) -> dict[str, Any]:
    answer: dict[str, Any] = {"sprints": scores.sprints, "missed_share": round(scores.missed_share, DIGITS)}
    for method in METHODS:
        answer[method] = {name: _figure(figure) for name, figure in scores.figures[method].items()}
    if scores.bins:
        answer["reliability_bins"] = _bins(scores.bins)
    return answer


def _figure(figure: Figure) -> dict[str, float | None]:
    return {
        name: None if value is None else round(value, DIGITS)
        for name, value in (("value", figure.value), ("low", figure.low), ("high", figure.high))
    }


def _bins(bins: Sequence[scoring.Bin]) -> list[dict[str, Any]]:
    return [
        {
            "from": one.low,
            "to": one.high,
            "rows": one.count,
            "said": round(one.said, DIGITS),
            "happened": round(one.happened, DIGITS),
            "enough": one.enough,
        }
        for one in bins
    ]


def _table(by_moment: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found = [f"  {'':5} {'':15}" + "".join(f"{TITLES[name]:>19}" for name in FIGURES)]
    for percent, scores in by_moment.items():
        for method in METHODS:
            when = f"{percent} %" if method == METHODS[0] else ""
            cells = "".join(f"{_cell(scores[method].get(name)):>19}" for name in FIGURES)
            found.append(f"  {when:5} {LABELS[method]:15}{cells}")
    return found


def _reliability(bins: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"  {one['said']:.0%}: {round(one['happened'] * one['rows'])} in {one['rows']}"
        + ("" if one["enough"] else " (too few to judge)")
        for one in bins
    ]


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word if number == 1 else word + 's'}"


def _cell(figure: Mapping[str, float | None] | None) -> str:
    if figure is None or figure["value"] is None:
        return "n/a"
    value = f"{figure['value']:.3f}"
    low, high = figure["low"], figure["high"]
    return value if low is None or high is None else f"{value} {low:.2f}-{high:.2f}"
