"""One order from several: how words, meaning, time and links are weighed against each other. Pure.

Every candidate gets a few signs, each of which says the same thing in every repository: a share of the best score, a
likeness between -1 and 1, a reciprocal rank, the logarithm of an age. The score is their weighted sum. The weights are
in `resources/retrieval_weights.json`, fitted on real mentions by `evaluate retrieval --fit`, and few enough to be read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from galaxy_desktop.paths import resources_folder

Array = np.ndarray[Any, Any]
RANK_CONSTANT = 60.0
"""The constant of reciprocal rank fusion, as its authors chose it (Cormack and others, 2009)."""
SATURATION, BY_LENGTH = 1.2, 0.75
"""k1 and b of BM25, at their usual values."""
TITLE_COUNTS = 3.0
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What each sign counts for one use; signs that are not named count nothing."""

    by_sign: Mapping[str, float]

    def score(self, signs: Mapping[str, Array]) -> Array:
        """The weighted sum of signs, each an array with one entry a candidate.

        Raises:
            KeyError: a sign that has a weight is missing.
        """
        total: Array = np.zeros(len(next(iter(signs.values()))), dtype=np.float64)
        for name, weight in self.by_sign.items():
            total += weight * signs[name]
        return total


@cache
def weights(use: str) -> Weights:
    """The weights that ship: `use` is "related" for items like an item, "question" for texts that answer words."""
    document = json.loads((resources_folder() / "retrieval_weights.json").read_text(encoding="utf-8"))
    return Weights({str(name): float(value) for name, value in document[use].items()})


def ranks(scores: Array, names: Sequence[Any] | None = None) -> Array:
    """The rank of each score, 1 for the highest; equal scores in the order of `names` or as they come."""
    keys = np.arange(len(scores)) if names is None else np.argsort(np.argsort(np.asarray(names), kind="stable"))
    order = np.lexsort((keys, -np.asarray(scores)))
    found = np.empty(len(scores), dtype=np.int64)
    found[order] = np.arange(1, len(scores) + 1)
    return found


def reciprocal(*lists: Array) -> Array:
    """Reciprocal rank fusion of scores of the same candidates, 1 at most: first in every list.

    Who scores nothing in a list (0 or less) gains nothing from it.
    """
    total: Array = np.zeros(len(lists[0]), dtype=np.float64)
    for scores in lists:
        total += np.where(scores > 0, (RANK_CONSTANT + 1) / (RANK_CONSTANT + ranks(scores)), 0.0)
    return total / len(lists)


def share(scores: Array) -> Array:
    """Scores as parts of the best one, 0 to 1."""
    best = float(scores.max()) if len(scores) else 0.0
    return scores / best if best > 0 else np.zeros(len(scores), dtype=np.float64)


def rarity(rows: int, holding: float) -> float:
    """The weight of a term that so many of all rows hold: BM25's, never below zero."""
    return math.log(1 + (max(rows, holding) - holding + 0.5) / (holding + 0.5))


def recency(age_s: Array) -> Array:
    """0 for what was just said, and less by 1 with every e-fold of days."""
    return -np.log1p(np.maximum(age_s, 0.0) / DAY_S)


def best_first(scores: Array, names: Sequence[str]) -> list[int]:
    """The order of candidates: by score, equals by name; the same for every order they came in."""
    return sorted(range(len(scores)), key=lambda n: (-float(scores[n]), names[n]))
