"""The sentiment model: negative, neutral or positive, from the signs, the meaning and the words of a message.

One multinomial logistic regression over three views of a message: its signs (`sentiment_text`, the loaded words among
them), the mean of its sentences' MiniLM vectors, and its words and pairs of words by TF-IDF. Fitted in `sentiment_fit`
to public pull-request messages that people labelled; `docs/sentiment-model.md` has data, figures and limits. The
parameters are a small readable document, every number with its name; vectors are handed in.

A score is given for "negative" and for "positive", each against "neutral", whose score is zero:

    score = intercept + signs . (value - mean) / spread + meaning . vector + words . tfidf

where tfidf = (1 + ln count) * idf of each known word, divided by the length of that vector.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from galaxy_desktop.features.sentiment_text import SIGNS, Reading, read, sentences
from galaxy_desktop.features.sentiment_words import MOST_WORDS, Polarity, shown

LABELS = ("negative", "neutral", "positive")
SIDES = ("negative", "positive")
DIMENSIONS = 384
"""Of an all-MiniLM-L6-v2 vector."""
LEAST_PUSH = 0.15
"""A word that moves the balance of the two scores by less is not named as a reason."""
MOST_TERMS = 3
FORMAT = 1

Numbers = npt.NDArray[np.float64]
Vector = Sequence[float] | Numbers


@dataclass(frozen=True, slots=True, eq=False)
class SentimentModel:
    """Fitted parameters; rows of a pair are negative and positive.

    Shapes: `intercept` (2,), `mean` and `spread` (signs,), `signs` (2, signs), `meaning` (2, 384); `words` maps a term
    to (idf, negative, positive). `about` says where it comes from, as the document shows it.
    """

    intercept: Numbers
    mean: Numbers
    spread: Numbers
    signs: Numbers
    meaning: Numbers
    words: Mapping[str, tuple[float, float, float]]
    about: Mapping[str, Any]

    def probabilities(self, text: str, vector: Vector) -> Numbers:
        """P(negative), P(neutral), P(positive) of a message; `vector` is the mean vector of its `sentences`."""
        low, high = self._scores(read(text), np.asarray(vector, dtype=float))
        shares: Numbers = softmax(np.array([[low, 0.0, high]]))[0]
        return shares

    def polarity(self, text: str, vector: Vector) -> Polarity:
        """P(positive) - P(negative) of a message, with the words that speak for it."""
        negative, _, positive = self.probabilities(text, vector)
        value = float(positive - negative)
        return Polarity(value, self._reasons(read(text), 1.0 if value >= 0 else -1.0), by_model=True)

    def _scores(self, reading: Reading, vector: Numbers) -> tuple[float, float]:
        scaled = (np.array(reading.signs) - self.mean) / self.spread
        scores = self.intercept + self.signs @ scaled + self.meaning @ vector
        pushes = self._pushes(reading)
        return scores[0] + sum(low for _, low, _ in pushes), scores[1] + sum(high for _, _, high in pushes)

    def _pushes(self, reading: Reading) -> list[tuple[str, float, float]]:
        """Every known term of a message with what it adds to the two scores."""
        known = [(term, self.words[term], count) for term, count in reading.terms.items() if term in self.words]
        weights = [(1.0 + math.log(count)) * entry[0] for _, entry, count in known]
        length = math.sqrt(sum(weight * weight for weight in weights)) or 1.0
        return [
            (term, low * weight / length, high * weight / length)
            for (term, (_, low, high), _), weight in zip(known, weights, strict=True)
        ]

    def _reasons(self, reading: Reading, side: float) -> tuple[str, ...]:
        """Loaded words on the side that won; where there are none, the terms that pushed most towards it."""
        loaded = shown(hit for hit in reading.hits if hit.weight * side > 0)
        if loaded:
            return loaded[:MOST_WORDS]
        pushed = [(side * (high - low), term) for term, low, high in self._pushes(reading) if term[0].isalpha()]
        strong = sorted((pair for pair in pushed if pair[0] >= LEAST_PUSH), key=lambda pair: (-pair[0], pair[1]))
        return tuple(term for _, term in strong[:MOST_TERMS])


def softmax(scores: Numbers) -> Numbers:
    """Rows of scores as probabilities."""
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Numbers = grown / grown.sum(axis=1, keepdims=True)
    return shares


def as_document(model: SentimentModel) -> dict[str, Any]:
    """The model as plain data for a readable file, every number with its name."""
    return {
        "format": FORMAT,
        **model.about,
        "intercept": {side: _short(model.intercept[n]) for n, side in enumerate(SIDES)},
        "signs": {
            name: [_short(v) for v in (model.mean[n], model.spread[n], *model.signs[:, n])]
            for n, name in enumerate(SIGNS)
        },
        "meaning": {side: [_short(v) for v in model.meaning[n]] for n, side in enumerate(SIDES)},
        "words": {term: [_short(v) for v in entry] for term, entry in sorted(model.words.items())},
    }


def of_document(document: Mapping[str, Any]) -> SentimentModel:
    """The model of a document that `as_document` made.

    Raises:
        ValueError: the document is of another format, or of other signs or dimensions than this program reads.
    """
    try:
        named = document["signs"]
        table = np.array([named[name] for name in SIGNS], dtype=float)
        meaning = np.array([document["meaning"][side] for side in SIDES], dtype=float)
        intercept = np.array([document["intercept"][side] for side in SIDES], dtype=float)
        words = {str(term): (float(i), float(low), float(high)) for term, (i, low, high) in document["words"].items()}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"no sentiment model of this program: {error}") from error
    if document.get("format") != FORMAT or set(named) != set(SIGNS) or meaning.shape != (2, DIMENSIONS):
        raise ValueError("a sentiment model of another version")
    about = {k: v for k, v in document.items() if k not in ("format", "intercept", "signs", "meaning", "words")}
    return SentimentModel(intercept, table[:, 0], table[:, 1], table[:, 2:].T, meaning, words, about)


def _short(value: float) -> float:
    """Four digits after the point: enough, and the same on every machine. Never a negative zero."""
    return round(float(value), 4) + 0.0


def mean_vectors(texts: Sequence[str], encode: Callable[[Sequence[str]], Sequence[Sequence[float]]]) -> list[Numbers]:
    """For each message the mean vector of its sentences; each different sentence is encoded once, in a fixed order.

    Vectors are rounded to five digits, so that how sentences share a batch changes nothing that is learned from them.
    """
    cut = [sentences(text) for text in texts]
    every = sorted({sentence for said in cut for sentence in said})
    place = {sentence: n for n, sentence in enumerate(every)}
    rows = np.asarray(encode(every), dtype=float).reshape(len(every), -1)
    return [np.round(rows[[place[sentence] for sentence in said]].mean(axis=0), 5) for said in cut]
