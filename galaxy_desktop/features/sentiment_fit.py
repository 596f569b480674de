"""Fits the sentiment model: a ridge regression of three classes, by L-BFGS, the same numbers every time.

Classes weigh the same in total, since negative messages are the rarest and the ones asked for. A word counts when
several projects use it: words of one project alone, and names, teach nothing about others. Scores are found for three
classes and then written against "neutral", which changes no probability.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from galaxy_desktop.features.sentiment_model import DIMENSIONS, LABELS, Numbers, SentimentModel, Vector, softmax
from galaxy_desktop.features.sentiment_text import SIGNS, Reading, read

SMALLEST_SPREAD = 1e-9
STEPS = 2_000
PRECISION = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """A labelled message: its project, its text, its label out of `LABELS`, and the mean vector of its sentences."""

    project: str
    text: str
    label: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class Choices:
    """How strongly each view may speak (its scale before the ridge), and how strongly weights are held down."""

    meaning: float = 8.0
    words: float = 8.0
    ridge: float = 0.1
    least_projects: int = 4


def fit(messages: Sequence[Message], choices: Choices | None = None) -> SentimentModel:
    """Fit the model to labelled messages; equal messages in equal order give equal parameters.

    Raises:
        ValueError: there are no messages, or one of the three labels does not occur.
    """
    chosen = choices or Choices()
    given = {message.label for message in messages}
    if given != set(LABELS):
        raise ValueError(f"every label must occur: {', '.join(LABELS)}")
    readings = [read(message.text) for message in messages]
    signs = np.array([reading.signs for reading in readings], dtype=float)
    mean, spread = signs.mean(axis=0), signs.std(axis=0)
    spread = np.where(spread > SMALLEST_SPREAD, spread, 1.0)
    terms = _vocabulary(messages, readings, chosen.least_projects)
    rows = sparse.hstack(
        [
            sparse.csr_matrix((signs - mean) / spread),
            sparse.csr_matrix(np.array([message.vector for message in messages]) * chosen.meaning),
            _tfidf(readings, terms) * chosen.words,
        ],
        format="csr",
    )
    labels = np.array([LABELS.index(message.label) for message in messages])
    weights, intercept = _solve(rows, labels, chosen.ridge)
    low, high = weights[0] - weights[1], weights[2] - weights[1]
    pair = np.array([low, high])
    first, second = len(SIGNS), len(SIGNS) + DIMENSIONS
    return SentimentModel(
        intercept=np.array([intercept[0] - intercept[1], intercept[2] - intercept[1]]),
        mean=mean,
        spread=spread,
        signs=pair[:, :first],
        meaning=pair[:, first:second] * chosen.meaning,
        words={
            term: (idf, float(low[second + n] * chosen.words), float(high[second + n] * chosen.words))
            for n, (term, idf) in enumerate(terms.items())
        },
        about={},
    )


def _vocabulary(messages: Sequence[Message], readings: Sequence[Reading], least: int) -> dict[str, float]:
    """The terms that enough projects use (all, where there are fewer projects), each with its idf."""
    used_by: defaultdict[str, set[str]] = defaultdict(set)
    used_in: defaultdict[str, int] = defaultdict(int)
    for message, reading in zip(messages, readings, strict=True):
        for term in reading.terms:
            used_by[term].add(message.project)
            used_in[term] += 1
    enough = min(least, len({message.project for message in messages}))
    known = sorted(term for term, projects in used_by.items() if len(projects) >= enough)
    return {term: math.log((1 + len(messages)) / (1 + used_in[term])) + 1.0 for term in known}


def _tfidf(readings: Sequence[Reading], terms: dict[str, float]) -> sparse.csr_matrix:
    """Rows of length 1 (or 0): (1 + ln count) * idf of every known term."""
    place = {term: n for n, term in enumerate(terms)}
    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for reading in readings:
        known = [(place[t], (1.0 + math.log(count)) * terms[t]) for t, count in reading.terms.items() if t in place]
        length = math.sqrt(sum(value * value for _, value in known)) or 1.0
        columns += [column for column, _ in known]
        values += [value / length for _, value in known]
        ends.append(len(columns))
    return sparse.csr_matrix((values, columns, ends), shape=(len(readings), len(terms)))


def _solve(rows: sparse.csr_matrix, labels: np.ndarray, ridge: float) -> tuple[Numbers, Numbers]:
    """Weights (3, columns) and intercepts (3,) of the ridge regression, classes weighing the same in total."""
    count, width = rows.shape
    classes = len(LABELS)
    actual = np.eye(classes)[labels]
    share = (1.0 / (classes * actual.sum(axis=0)))[labels]

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        weights, intercept = flat[:-classes].reshape(classes, width), flat[-classes:]
        said = softmax(rows @ weights.T + intercept)
        missed = float(-(share * np.log(np.maximum(said[np.arange(count), labels], 1e-300))).sum())
        pull = (said - actual) * share[:, None]
        slope = np.asarray((rows.T @ pull).T) + ridge * weights
        # a breath of ridge on the intercepts: three of them for two degrees of freedom would wander
        total = missed + ridge * float((weights**2).sum()) / 2 + 1e-6 * float((intercept**2).sum()) / 2
        return total, np.concatenate([slope.ravel(), pull.sum(axis=0) + 1e-6 * intercept])

    found = optimize.minimize(
        loss,
        np.zeros(classes * (width + 1)),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": STEPS, "ftol": 1e-14, "gtol": PRECISION},
    )
    return found.x[:-classes].reshape(classes, width), found.x[-classes:]
