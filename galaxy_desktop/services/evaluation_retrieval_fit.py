"""How the weights of the search are learned from pairs, and how well they do on queries they did not see.

The items of a query are a choice: the chance that an item is the one is the exponential of its weighted signs, over the
sum of all. The weights make what people chose likely, held near zero by a penalty. There are about a dozen of them
for hundreds of queries, and the scores beside them are of queries that were left out: by tenths, and by repository.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.retrieve.fusion import weights as shipped
from galaxy_desktop.services.evaluation_retrieval_questions import QUESTION, Answered, evenly

if TYPE_CHECKING:
    from galaxy_desktop.services.evaluation_retrieval import Asked

Array = np.ndarray[Any, Any]
PENALTY = 0.03
FOLDS = 10
SEED = 5
MISSED = 10_000
"""The rank of what is not among the candidates of a question."""
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
Row = tuple[Array, Array]
"""The signs of a query's candidates, of shape (candidates, signs), and which of them are relevant."""


def save(path: Path, asked: Sequence[Asked], typed: Sequence[Answered]) -> str:
    """Fit both sets of weights, write them as JSON, and return how well they do, in lines for a reader."""
    document: dict[str, Any] = {
        "what": "How signs are weighed by the search; made by galaxy-desktop evaluate retrieval --fit, see docs/retrieval.md",
        "formula": "score = sum of weight times sign; signs are described in retrieve/fusion.py, related.py, question.py",
    }
    like = Learning([_row(one) for one in asked], [one.corpus for one in asked], [one.older for one in asked])
    question = Learning(
        [(one.signs, np.array([item in one.typed.relevant for item in one.items], dtype=bool)) for one in typed],
        [one.typed.corpus for one in typed],
        [MISSED] * len(typed),
        evenly([one.typed.age for one in typed]),
    )
    lines = []
    for use, names, learning in (("related", RELATED, like), ("question", QUESTION, question)):
        if use == "question" and sum(bool(relevant.any()) for _, relevant in learning.rows) < FOLDS:
            document[use] = dict(shipped(use).by_sign)
            lines.append(f"{use}: too few to learn from, so the weights stay as they are")
            continue
        weights = fit(learning.rows, counts=learning.counts)
        document[use] = dict(zip(names, (round(float(one), 4) for one in weights), strict=True))
        scores = cross_validated(learning)
        document[f"{use}_scores"] = scores
        lines += [f"{use}, {name}: MRR {one['mrr']:.3f}, hit@10 {one['hit_at_10']:.3f}" for name, one in scores.items()]
    try:
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise WrongUseError(f"{path} cannot be written: {error.strerror}.") from None
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Learning:
    """What is learned from: candidates by query, its repository, its rank when nothing is found, and what it counts."""

    rows: Sequence[Row]
    corpora: Sequence[str]
    missed: Sequence[int]
    counts: Array | None = None


def fit(rows: Sequence[Row], penalty: float = PENALTY, counts: Array | None = None) -> Array:
    """The weights under which the relevant candidates are most likely, for signs as they are; queries count `counts`."""
    there = [n for n, row in enumerate(rows) if row[1].any()]
    useful = [rows[n] for n in there]
    even = np.ones(len(useful)) if counts is None else np.asarray(counts)[there]
    if not useful:
        raise WrongUseError("No query has a candidate that is relevant, so there is nothing to learn from.")
    together = np.concatenate([signs for signs, _ in useful])
    spread = together.std(axis=0) + 1e-6
    even = even / even.sum()

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = penalty * float(weights @ weights), 2 * penalty * weights
        for counted, (signs, relevant) in zip(even, useful, strict=True):
            scores = (signs / spread) @ weights
            every, chosen = logsumexp(scores), logsumexp(scores[relevant])
            chances, among = np.exp(scores - every), np.where(relevant, np.exp(scores - chosen), 0.0)
            total += counted * float(every - chosen)
            slope = slope + counted * ((chances - among) @ (signs / spread))
        return total, slope

    best = minimize(loss, np.zeros(together.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    weights: Array = best.x / spread
    return weights


def cross_validated(learning: Learning) -> Mapping[str, dict[str, float]]:
    """Scores of queries by weights that were fitted without them: by tenths, and each repository by the others."""
    fold = np.random.default_rng(SEED).permutation(len(learning.rows)) % FOLDS
    where = np.array(learning.corpora)
    found = {"in tenths": _left_out(learning, fold)}
    names = sorted(set(where.tolist()))
    for name in names:
        mine = where == name
        found[f"{name}, in tenths"] = _left_out(learning, fold, mine)
        if len(names) > 1:
            found[f"{name}, by the others"] = _left_out(learning, mine.astype(int), mine)
    return {name: {"mrr": round(mrr, 4), "hit_at_10": round(hit, 4)} for name, (mrr, hit) in found.items()}


def _left_out(learning: Learning, fold: Array, among: Array | None = None) -> tuple[float, float]:
    """The score of the queries of each fold by the weights of the other folds; of those `among` alone where given."""
    rows, counts = learning.rows, learning.counts
    chosen = np.ones(len(rows), dtype=bool) if among is None else among
    found = []
    for one in sorted(set(fold[chosen].tolist())):
        others = fold != one
        weights = fit(
            [row for n, row in enumerate(rows) if others[n]], counts=None if counts is None else counts[others]
        )
        found += [_rank(rows[n], learning.missed[n], weights) for n in np.flatnonzero((fold == one) & chosen).tolist()]
    ranks = np.array(found)
    return float((1 / ranks).mean()), float((ranks <= 10).mean())


def _rank(row: Row, missed: int, weights: Array) -> int:
    signs, relevant = row
    if not relevant.any():
        return missed
    order = np.argsort(-(signs @ weights), kind="stable")
    return int(np.flatnonzero(relevant[order])[0]) + 1


def _row(asked: Asked) -> Row:
    found = asked.candidates
    if not found.items:
        return np.zeros((0, len(RELATED))), np.zeros(0, dtype=bool)
    signs = np.stack([found.signs[name] for name in RELATED], axis=1)
    return signs, np.array([item in asked.relevant for item in found.items])
