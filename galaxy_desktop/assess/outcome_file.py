"""The parameter file of the outcome model: a small JSON that a person can read, a term a line.

Each curve lists its level, its levels at the four moments and at those of untouched boards, then by free term its
weight in every block, and by finished term its weight at the start and at the end. The course lists its levels at 30,
50 and 80 %, then by term its center and spread, or its weight in every block.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from galaxy_desktop.assess.outcome_course import (
    COURSE,
    COURSE_BLOCKS,
    COURSE_LEVELS,
    COURSE_SCALES,
    COURSE_WIDTH,
    Course,
)
from galaxy_desktop.assess.outcome_curve import BLOCK_SCALES, BLOCKS, LEVELS, MOMENTS, WIDTH, Curve
from galaxy_desktop.assess.outcome_terms import FINISHED, FREE, NAMES

Floats = NDArray[np.float64]
Rows = Mapping[str, Sequence[float]]

FORMAT = "galaxy-outcome/2"
OUTCOMES = (("missed", "missed"), ("delivered_ratio", "ratio"))
CURVES = ("start", "under_way")


def written(parts: Mapping[str, Any]) -> str:
    """The file of a model whose fields are `center`, `spread`, `start`, `under_way`, `course` and the two rates."""
    course: Course = parts["course"]
    lines = [
        f'  "format": {json.dumps(FORMAT)}',
        '  "what": "P(a sprint is missed) and the median of delivered/committed, at a moment; see docs/outcome-model.md"',
        f'  "base_rate": {parts["base_rate"]}',
        f'  "median_ratio": {parts["median_ratio"]}',
        f'  "moments": {json.dumps(list(MOMENTS))}',
        f'  "block_scales": {json.dumps(dict(zip(BLOCKS, BLOCK_SCALES, strict=True)))}',
        f'  "course_scales": {json.dumps(dict(zip(COURSE_BLOCKS, COURSE_SCALES, strict=True)))}',
        '  "standard": ' + _table(_standard(NAMES, parts["center"], parts["spread"])),
        '  "course_standard": ' + _table(_standard(COURSE, course.center, course.spread)),
    ]
    for name, field in OUTCOMES:
        lines += [f'  "{name}_{which}": ' + _table(_curve_rows(getattr(parts[which], field))) for which in CURVES]
        lines.append(f'  "{name}_course": ' + _table(_course_rows(getattr(course, field))))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read(text: str) -> dict[str, Any]:
    """The fields of a model; raises `ValueError` when the file is not one that this program understands."""
    try:
        said = json.loads(text)
        if said["format"] != FORMAT or tuple(said["moments"]) != MOMENTS:
            raise ValueError("the parameters of the outcome model are of another version")
        standard, course_standard = (
            np.array([said[key][name] for name in names], dtype=np.float64)
            for key, names in (("standard", NAMES), ("course_standard", COURSE))
        )
        curves = {
            which: Curve(missed=_curve(said[f"missed_{which}"]), ratio=_curve(said[f"delivered_ratio_{which}"]))
            for which in CURVES
        }
        course = {field: _course(said[f"{name}_course"]) for name, field in OUTCOMES}
        rates = {key: float(said[key]) for key in ("base_rate", "median_ratio")}
        found = [
            standard,
            course_standard,
            *course.values(),
            *(w for c in curves.values() for w in (c.missed, c.ratio)),
        ]
        spread, course_spread = standard[:, 1], course_standard[:, 1]
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"the parameters of the outcome model are incomplete: {error}") from error
    finite = all(np.isfinite(one).all() for one in found)
    if not finite or not 0 < rates["base_rate"] < 1 or (spread <= 0).any() or (course_spread <= 0).any():
        raise ValueError("the parameters of the outcome model are out of range")
    shape = Course(center=course_standard[:, 0], spread=course_spread, missed=course["missed"], ratio=course["ratio"])
    return {"center": standard[:, 0], "spread": spread, "course": shape, **curves, **rates}


def _standard(names: Sequence[str], center: Floats, spread: Floats) -> dict[str, list[float]]:
    return {name: [center[i], spread[i]] for i, name in enumerate(names)}


def _curve_rows(weights: Floats) -> dict[str, Sequence[float]]:
    blocks = weights[LEVELS : LEVELS + len(BLOCKS) * len(FREE)].reshape(len(BLOCKS), len(FREE))
    ends = weights[LEVELS + len(BLOCKS) * len(FREE) :].reshape(2, len(FINISHED))
    levels = {
        "level": weights[:1],
        "at": weights[1 : 1 + len(MOMENTS)],
        "at_untouched": weights[1 + len(MOMENTS) : LEVELS],
    }
    rows = levels | dict(zip(FREE, blocks.T, strict=True)) | dict(zip(FINISHED, ends.T, strict=True))
    return {key: list(row) for key, row in rows.items()}


def _course_rows(weights: Floats) -> dict[str, Sequence[float]]:
    blocks = weights[COURSE_LEVELS:].reshape(len(COURSE_BLOCKS), len(COURSE))
    rows = {"at": weights[:COURSE_LEVELS]} | dict(zip(COURSE, blocks.T, strict=True))
    return {key: list(row) for key, row in rows.items()}


def _table(rows: Rows) -> str:
    lines = [f"    {json.dumps(name)}: {json.dumps([float(one) for one in row])}" for name, row in rows.items()]
    return "{\n" + ",\n".join(lines) + "\n  }"


def _curve(rows: Rows) -> Floats:
    blocks = np.array([rows[name] for name in FREE], dtype=np.float64).T
    ends = np.array([rows[name] for name in FINISHED], dtype=np.float64).T
    level = [*rows["level"], *rows["at"], *rows["at_untouched"]]
    return _joined([np.array(level, dtype=np.float64), blocks.ravel(), ends.ravel()], WIDTH)


def _course(rows: Rows) -> Floats:
    blocks = np.array([rows[name] for name in COURSE], dtype=np.float64).T
    return _joined([np.array(rows["at"], dtype=np.float64), blocks.ravel()], COURSE_WIDTH)


def _joined(parts: Sequence[Floats], width: int) -> Floats:
    weights = np.concatenate(parts)
    if len(weights) != width:
        raise ValueError("the parameters of the outcome model have the wrong shape")
    return weights
