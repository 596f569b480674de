"""The best passage of a text for a query: the sentence that shares most words with it, exactly as it was stored."""

from __future__ import annotations

import re

from galaxy_desktop.domain.evidence import QUOTE_LENGTH, excerpt

_SENTENCE = re.compile(r"[^\n.!?]+(?:[.!?]+(?=\s|$)|[.!?](?=\S))*[^\n.!?]*[.!?]*")
_WORD = re.compile(r"[^\W_]{2,}")


def best_passage(text: str, query: str) -> tuple[str, int]:
    """The passage as a quote, and where in the text it begins; the beginning of the text when no word is shared."""
    asked = set(_words(query))
    best, start, most = excerpt(text), 0, 0.0
    for match in _SENTENCE.finditer(text):
        own = _words(match.group())
        shared = len(asked.intersection(own))
        score = shared - len(own) / 1000
        if shared and score > most:
            best, start, most = excerpt(match.group(), QUOTE_LENGTH), match.start(), score
    return best, start


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
