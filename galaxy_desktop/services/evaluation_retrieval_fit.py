"""How the weights of the search are learned from pairs, and how well they do on queries they did not see.

The items of a query are a choice: the chance that an item is the one is the exponential of its weighted signs, over the
sum of all. The weights make what people chose likely, held near zero by a penalty. There are about a dozen of them
for hundreds of queries, and the scores beside them are of queries that were left out: by tenths, and by repository.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.retrieve.related import Candidates

if TYPE_CHECKING:
    from galaxy_desktop.services.evaluation_retrieval import Asked

Array = np.ndarray[Any, Any]
PENALTY = 0.03
FOLDS = 10
SEED = 5
RELATED = (
    "words",
    "names",
    "meaning",
    "closest",
    "title",
    "rrf",
    "recency",
    "talk",
    "other_kind",
    "cited",
    "linked",
)
QUESTION = ("words", "names", "meaning", "rrf", "recency")
"""Signs that a single text has for words that somebody types."""
RECENCY_OF_QUESTIONS = 0.1
"""Set, not learned: who writes an item mentions what was said lately, who types a question may look for anything.

The other weights are learned beside recency, so that they do not stand in for it.
"""
Row = tuple[Array, Array]
"""The signs of a query's candidates, of shape (candidates, signs), and which of them are relevant."""


def save(path: Path, asked: Sequence[Asked]) -> str:
    """Fit both sets of weights, write them as JSON, and return how well they do, in lines for a reader."""
    document: dict[str, Any] = {
        "what": "How signs are weighed by the search; made by galaxy-desktop evaluate retrieval --fit, see docs/retrieval.md",
        "formula": "score = sum of weight times sign; signs are described in retrieve/fusion.py, related.py, question.py",
    }
    lines = []
    for use, names in (("related", RELATED), ("question", QUESTION)):
        found = [one.candidates if use == "related" else one.short for one in asked]
        rows = [_row(one, candidates, names) for one, candidates in zip(asked, found, strict=True)]
        weights = fit(rows)
        document[use] = dict(zip(names, (round(float(one), 4) for one in weights), strict=True))
        if use == "question":
            document[use]["recency"] = RECENCY_OF_QUESTIONS
        scores = cross_validated(asked, rows)
        document[f"{use}_scores"] = scores
        lines += [f"{use}, {name}: MRR {one['mrr']:.3f}, hit@10 {one['hit_at_10']:.3f}" for name, one in scores.items()]
    try:
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise WrongUseError(f"{path} cannot be written: {error.strerror}.") from None
    return "\n".join(lines)


def fit(rows: Sequence[Row], penalty: float = PENALTY) -> Array:
    """The weights under which the relevant candidates are most likely, for signs as they are."""
    useful = [row for row in rows if row[1].any()]
    if not useful:
        raise WrongUseError("No query has a candidate that is relevant, so there is nothing to learn from.")
    together = np.concatenate([signs for signs, _ in useful])
    spread = together.std(axis=0) + 1e-6

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = penalty * float(weights @ weights), 2 * penalty * weights
        for signs, relevant in useful:
            scores = (signs / spread) @ weights
            every, chosen = logsumexp(scores), logsumexp(scores[relevant])
            chances, among = np.exp(scores - every), np.where(relevant, np.exp(scores - chosen), 0.0)
            total += float(every - chosen) / len(useful)
            slope = slope + (chances - among) @ (signs / spread) / len(useful)
        return total, slope

    best = minimize(loss, np.zeros(together.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    weights: Array = best.x / spread
    return weights


def cross_validated(asked: Sequence[Asked], rows: Sequence[Row]) -> Mapping[str, dict[str, float]]:
    """Scores of queries by weights that were fitted without them: by tenths, and each repository by the others."""
    fold = np.random.default_rng(SEED).permutation(len(rows)) % FOLDS
    where = np.array([one.corpus for one in asked])
    found = {"in tenths": _left_out(asked, rows, fold)}
    names = sorted(set(where.tolist()))
    for name in names:
        mine = where == name
        found[f"{name}, in tenths"] = _left_out(asked, rows, fold, mine)
        if len(names) > 1:
            found[f"{name}, by the others"] = _left_out(asked, rows, mine.astype(int), mine)
    return {name: {"mrr": round(mrr, 4), "hit_at_10": round(hit, 4)} for name, (mrr, hit) in found.items()}


def _left_out(
    asked: Sequence[Asked], rows: Sequence[Row], fold: Array, among: Array | None = None
) -> tuple[float, float]:
    """The score of the queries of each fold by the weights of the other folds; of those `among` alone where given."""
    chosen = np.ones(len(rows), dtype=bool) if among is None else among
    found = []
    for one in sorted(set(fold[chosen].tolist())):
        weights = fit([row for n, row in enumerate(rows) if fold[n] != one])
        found += [_rank(asked[n], rows[n], weights) for n in np.flatnonzero((fold == one) & chosen).tolist()]
    ranks = np.array(found)
    return float((1 / ranks).mean()), float((ranks <= 10).mean())


def _rank(asked: Asked, row: Row, weights: Array) -> int:
    signs, relevant = row
    if not relevant.any():
        return asked.older
    order = np.argsort(-(signs @ weights), kind="stable")
    return int(np.flatnonzero(relevant[order])[0]) + 1


def _row(asked: Asked, found: Candidates, names: Sequence[str]) -> Row:
    if not found.items:
        return np.zeros((0, len(names))), np.zeros(0, dtype=bool)
    signs = np.stack([found.signs[name] for name in names], axis=1)
    return signs, np.array([item in asked.relevant for item in found.items])
