"""Reading what a model wrote: JSON if it is JSON, whole sentences out of a text that broke off, nothing out of rubbish."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from galaxy_desktop.domain.findings import Sentence

_MARKS = re.compile(r"\s*[\[(]\s*E\d+(?:\s*,\s*E\d+)*\s*[\])]")
_COPIED_KEY = re.compile(r"^E\d+\s*(?:\([a-z ]+\))?\s*[:=-]\s*")
MOST_SENTENCES = 20
LONGEST_ANSWER = 8_000


def sentences_of(answer: str, keys: Mapping[str, str]) -> tuple[Sentence, ...]:
    """The sentences of an answer with short names turned into evidence ids; a name that was never offered stays as it is.

    An answer that broke off gives the sentences that were complete. Empty when nothing can be read.
    """
    found = [_sentence(row, keys) for row in _rows(answer[:LONGEST_ANSWER])]
    return tuple(one for one in found if one is not None)[:MOST_SENTENCES]


def _rows(answer: str) -> Iterator[Any]:
    """Every JSON object in the text that looks like a sentence; brackets around them may be missing."""
    decoder = json.JSONDecoder()
    at = answer.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(answer, at)
        except (json.JSONDecodeError, RecursionError):
            at = answer.find("{", at + 1)
            continue
        if isinstance(value, dict) and isinstance(value.get("sentences"), list):
            yield from value["sentences"]
        else:
            yield value
        at = answer.find("{", end)


def _sentence(row: Any, keys: Mapping[str, str]) -> Sentence | None:
    if not isinstance(row, dict):
        return None
    text, cited = row.get("text"), row.get("evidence")
    if not isinstance(text, str) or not isinstance(cited, list) or not text.strip():
        return None
    ids = tuple(dict.fromkeys(keys.get(one, one) for one in cited if isinstance(one, str)))
    return Sentence(_COPIED_KEY.sub("", _MARKS.sub("", text).strip()), ids)
