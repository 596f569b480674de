"""The polarity of a text by its words: a vocabulary of loaded words, with what turns them round or strengthens them.

It is fast, always there, and can name its reasons. A negation within the three words before turns a word round and
weakens it, a booster strengthens it. The sum s of the weights becomes s / sqrt(s^2 + 8), between -1 and 1. Nothing
reaches across the end of a sentence, so a text reads the same whole and sentence by sentence; `sentiment_text` and
the model in `sentiment_model` build on that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from galaxy_desktop.features.lexicon import BOOSTERS, NEGATIONS, PHRASES, SYMBOLS, WORDS
from galaxy_desktop.features.prose import COVER, masked

DAMPING = 8.0
NEGATION_REACH = 3
NEGATED = -0.8
MOST_WORDS = 6

_EXACT = {word: weight for word, weight in WORDS if not word.endswith("*")}
_STEMS = tuple(sorted((word[:-1], weight) for word, weight in WORDS if word.endswith("*")))
_STEM_PATTERN = re.compile("|".join(sorted((re.escape(stem) for stem, _ in _STEMS), key=len, reverse=True)))
_STEM_WEIGHTS = dict(_STEMS)
_PHRASES = dict(PHRASES)
_SYMBOLS = dict(SYMBOLS)


def _any_of(names: Iterable[str]) -> str:
    """A pattern for one of these, the longest first; as one group it is skipped by its first letters, which is fast."""
    return "(?:" + "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) + ")"


_TOKEN = re.compile(
    "|".join(
        (
            # an emoticon that is not part of a word or an address, an emoji anywhere
            rf"(?<!\w){_any_of(symbol for symbol in _SYMBOLS if symbol.isascii())}(?![\w/])",
            _any_of(symbol for symbol in _SYMBOLS if not symbol.isascii()),
            rf"\b{_any_of(_PHRASES)}\b",
            r"(?<![\w.])[+-]1(?![\w.])",
            r"[^\W\d_]+(?:'[^\W\d_]+)?",
            r"[.!?;\n]",
        )
    )
)
_STOPS = frozenset(".!?;\n")
_NOISE = re.compile(r"https?://\S+|@[\w-]+|#\d+")


@dataclass(frozen=True, slots=True)
class Polarity:
    """How a text sounds, -1 to 1, with the words that decided it, the weightiest first.

    `by_model` tells whether the sentiment model said so, or the word list alone.
    """

    value: float
    words: tuple[str, ...]
    by_model: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A loaded word at its place: its weight there, -4.5 to 4.5, and how it is shown, with its negation."""

    weight: float
    shown: str


def polarity(text: str) -> Polarity:
    """The polarity of one text by its words; 0 without words when nothing in it is loaded."""
    found = hits(_NOISE.sub(" ", masked(text).replace(COVER, " ")))
    return Polarity(damped(sum(hit.weight for hit in found)), shown(found))


def hits(plain: str) -> list[Hit]:
    """The loaded words of a plain text, in the order written."""
    tokens = _TOKEN.findall(plain.replace("’", "'").casefold())
    return [Hit(weight, _shown(tokens, n)) for n, token in enumerate(tokens) if (weight := _weight(tokens, n, token))]


def damped(total: float) -> float:
    """A sum of weights as a polarity between -1 and 1."""
    return total / math.sqrt(total * total + DAMPING)


def shown(found: Iterable[Hit]) -> tuple[str, ...]:
    """The words of hits, each once, the weightiest first, six at most."""
    ordered = sorted(found, key=lambda hit: (-abs(hit.weight), hit.shown))
    return tuple(dict.fromkeys(hit.shown for hit in ordered))[:MOST_WORDS]


def _weight(tokens: list[str], place: int, token: str) -> float:
    weight = _base(token)
    if not weight or token in _SYMBOLS:
        return weight
    if _negation(tokens, place):
        return weight * NEGATED
    for before in _reach(tokens, place):
        weight *= BOOSTERS.get(before, 1.0)
    return weight


def _negation(tokens: list[str], place: int) -> str | None:
    """The negation that turns a word round; phrases such as "no problem" bring their own."""
    if tokens[place] in _SYMBOLS or tokens[place].split()[0] in NEGATIONS:
        return None
    return next((t for t in reversed(_reach(tokens, place)) if t in NEGATIONS), None)


def _reach(tokens: list[str], place: int) -> list[str]:
    """The words just before, back to the beginning of the sentence."""
    before = tokens[max(0, place - NEGATION_REACH) : place]
    last = max((n for n, token in enumerate(before) if token in _STOPS), default=-1)
    return before[last + 1 :]


def _base(token: str) -> float:
    for table in (_SYMBOLS, _PHRASES, _EXACT):
        if token in table:
            return table[token]
    stem = _STEM_PATTERN.match(token)
    return _STEM_WEIGHTS[stem.group()] if stem else 0.0


def _shown(tokens: list[str], place: int) -> str:
    negation = _negation(tokens, place)
    return f"{negation} {tokens[place]}" if negation else tokens[place]
