"""What the sentiment model reads in a message: its sentences, its signs, its words and pairs of words.

A message is first reduced to what its author says: code, quotations, addresses, names and template remarks go. What
is left is cut into sentences, because mood sits in one sentence of a long message, and because MiniLM says more about
a sentence than about a page: the meaning of a message is the mean of its sentences' vectors. Everything here is a pure
function of the text.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from galaxy_desktop.features.prose import COVER, masked
from galaxy_desktop.features.sentiment_words import Hit, damped, hits

MOST_SENTENCES = 40
MOST_CHARACTERS = 400
"""Of one sentence: what a person feels is said in fewer, and a line of a log may have thousands."""
LOADED = 0.3
"""From this polarity on a sentence counts as positive or, below zero, as negative."""
KEPT = 8_192

_LINK = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\n]{0,500}\)")
_NOISE = re.compile(r"https?://\S+|(?<!\w)@[\w-]+(?:/[\w-]+)?|#\d+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_SPEAKS = re.compile(r"\w|[^\x00-\x7f]|[:;]-?[()/D]")
_TERM = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|[!?]+|\.\.\.|…|[:;]-?[()/]|[\U0001F300-\U0001FAFF❤]")
_SHOUTED = re.compile(r"\b[A-Z]{3,}\b")
_EMOJI = re.compile("[\U0001f300-\U0001faff]")
_SMILE = re.compile(r"[:;]-?[)D]")
_FROWN = re.compile(r":-?[(/]")
_QUOTE = re.compile(r"(?m)^[ \t]*>")


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A message as the model sees it.

    `signs` are the numbers named in `SIGNS`; `terms` counts words and pairs of words; `hits` are its loaded words.
    """

    signs: tuple[float, ...]
    terms: Mapping[str, int]
    hits: tuple[Hit, ...]


def spoken(text: str) -> str:
    """What the author says: without code, quotations, template remarks, addresses, names and numbers of items."""
    sound = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair has no vector
    plain = masked(sound.replace("\r\n", "\n")).replace(COVER, " ")
    return _NOISE.sub(" ", _LINK.sub(r"\1", plain))


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a message as they are to be embedded, 40 of 400 characters at most; one empty one for none."""
    cut = (" ".join(part.split()) for part in _SENTENCE.split(spoken(text)))
    found = tuple(part[:MOST_CHARACTERS] for part in cut if _SPEAKS.search(part))
    return found[:MOST_SENTENCES] or ("",)


@lru_cache(maxsize=KEPT)
def read(text: str) -> Reading:
    """Read one message; what was read lately is kept, since every evaluation reads the same comments again."""
    said = sentences(text)
    found = [hits(sentence) for sentence in said]
    every = tuple(hit for sentence in found for hit in sentence)
    signs = (*_moods(found), *_weights(every), *_edges(found), *_surface(text, said))
    return Reading(signs, _terms(said), every)


_MOOD_SIGNS = ("polarity", "best", "worst", "first", "last", "mean", "negative_sentences", "positive_sentences")
_WEIGHT_SIGNS = (
    "positive_weight",
    "negative_weight",
    "strongest_positive",
    "strongest_negative",
    "positive_words",
    "negative_words",
    "any_positive",
    "any_negative",
    "mixed",
)
_EDGE_SIGNS = ("last_positive_weight", "last_negative_weight", "first_positive_weight", "first_negative_weight")
_SURFACE_SIGNS = (
    "words",
    "sentences",
    "exclaims",
    "exclamation_marks",
    "asks",
    "question_marks",
    "trails_off",
    "shouts",
    "has_code",
    "quotes",
    "links",
    "addresses",
    "emoji",
    "smile",
    "frown",
)
SIGNS = (*_MOOD_SIGNS, *_WEIGHT_SIGNS, *_EDGE_SIGNS, *_SURFACE_SIGNS)
"""The names of the signs, in the order of `Reading.signs`."""


def _moods(found: list[list[Hit]]) -> tuple[float, ...]:
    """Polarity of the whole and of its sentences."""
    each = [damped(sum(hit.weight for hit in sentence)) for sentence in found]
    whole = damped(sum(hit.weight for sentence in found for hit in sentence))
    negative, positive = sum(value < -LOADED for value in each), sum(value > LOADED for value in each)
    return whole, max(each), min(each), each[0], each[-1], sum(each) / len(each), negative, positive


def _weights(every: tuple[Hit, ...]) -> tuple[float, ...]:
    """How much was said on either side; a mixed message says both."""
    up = [hit.weight for hit in every if hit.weight > 0]
    down = [hit.weight for hit in every if hit.weight < 0]
    logs = math.log1p(sum(up)), math.log1p(-sum(down))
    return (
        *logs,
        max(up, default=0),
        min(down, default=0),
        len(up),
        len(down),
        bool(up),
        bool(down),
        bool(up and down),
    )


def _edges(found: list[list[Hit]]) -> tuple[float, ...]:
    """How the message ends and begins."""
    return tuple(
        math.log1p(sum(side * hit.weight for hit in sentence if side * hit.weight > 0))
        for sentence in (found[-1], found[0])
        for side in (1, -1)
    )


def _surface(text: str, said: tuple[str, ...]) -> tuple[float, ...]:
    """Length, punctuation and Markdown; `text` is as it was written."""
    plain = "\n".join(said)
    exclaimed, asked = plain.count("!"), plain.count("?")
    return (
        math.log1p(len(plain.split())),
        math.log(len(said)),
        exclaimed > 0,
        min(exclaimed, 4),
        asked > 0,
        min(asked, 4),
        "..." in plain or "…" in plain,
        bool(_SHOUTED.search(plain)),
        "`" in text,
        bool(_QUOTE.search(text)),
        "://" in text,
        text.lstrip().startswith("@"),
        bool(_EMOJI.search(plain)),
        bool(_SMILE.search(plain)),
        bool(_FROWN.search(plain)),
    )


def _terms(said: tuple[str, ...]) -> Mapping[str, int]:
    """Words and pairs of words with their counts, in lower case; pairs do not reach across sentences."""
    counted: Counter[str] = Counter()
    for sentence in said:
        words = _TERM.findall(sentence.replace("’", "'").casefold())
        counted.update(words)
        counted.update(f"{one} {two}" for one, two in pairwise(words))
    return counted
