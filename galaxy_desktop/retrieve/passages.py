"""The best passage of a text for a query: the sentence that shares most words with it, exactly as it was stored."""

from __future__ import annotations

import re
from collections.abc import Iterator

from galaxy_desktop.domain.evidence import QUOTE_LENGTH, excerpt

_BREAK = re.compile(r"\n+|(?<=[.!?])\s+")
_WORD = re.compile(r"[^\W_]{2,}")


def best_passage(text: str, query: str) -> tuple[str, int]:
    """The passage as a quote, and where in the text it begins; the beginning of the text when no word is shared."""
    asked = set(_words(query))
    best, begins, most = excerpt(text), 0, 0.0
    for start, end in _sentences(text):
        own = _words(text[start:end])
        shared = len(asked.intersection(own))
        score = shared - len(own) / 1000
        if shared and score > most:
            best, begins, most = excerpt(text[start:end], QUOTE_LENGTH), start, score
    return best, begins


def shares_words(text: str, query: str) -> bool:
    """Whether a text holds any word of a query."""
    return not set(_words(query)).isdisjoint(_words(text))


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where sentences begin and end: at the end of a line, and behind a full stop that a space follows."""
    start = 0
    for cut in _BREAK.finditer(text):
        yield start, cut.start()
        start = cut.end()
    yield start, len(text)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
