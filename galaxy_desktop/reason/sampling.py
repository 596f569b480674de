"""Choosing the next token: the most likely one, or the most likely one that the schema allows.

A grammar that looks at every word of a vocabulary before each token costs more than a small model's whole step. So the
most likely token is taken first and the grammar is asked about that one alone; only when it says no are the others
looked at. The choice is the same, as nothing is drawn: the most likely allowed token is the most likely one whenever
that is allowed.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from galaxy_desktop.reason.engine import Schema
from galaxy_desktop.reason.native import Weights


class Chooser:
    """Chooses token after token of one text; `close` frees what llama.cpp holds for it."""

    def __init__(self, weights: Weights, schema: Schema | None) -> None:
        """Raises `ValueError` for a schema that llama.cpp does not understand."""
        self._llama: Any = importlib.import_module("llama_cpp")
        self._numpy: Any = importlib.import_module("numpy")
        self._weights = weights
        self._grammar = self._make_grammar(schema) if schema is not None else None
        self._all: Any = None

    def close(self) -> None:
        """Free the grammar; may be called twice."""
        grammar, self._grammar = self._grammar, None
        if grammar:
            self._llama.llama_sampler_free(grammar)

    def accept(self, tokens: Sequence[int]) -> None:
        """Let the grammar know what was written before it was made."""
        for token in tokens:
            if self._grammar:
                self._llama.llama_sampler_accept(self._grammar, token)

    def choose(self) -> int:
        """The next token, by the logits of the last one that was evaluated."""
        logits = self._numpy.ctypeslib.as_array(self._weights.logits(), shape=(self._weights.words,))
        best = int(logits.argmax())
        if self._grammar:
            if not self._allows(best):
                best = self._best_allowed(logits)
            self._llama.llama_sampler_accept(self._grammar, best)
        return best

    def _allows(self, token: int) -> bool:
        one = (self._llama.llama_token_data * 1)(self._llama.llama_token_data(token, 1.0, 0.0))
        self._apply(one, 1)
        return math.isfinite(one[0].logit)

    def _best_allowed(self, logits: Any) -> int:
        """The most likely token of those that the grammar allows; all of them are looked at."""
        if self._all is None:
            kinds = [("id", "<i4"), ("logit", "<f4"), ("p", "<f4")]
            self._all = self._numpy.zeros(self._weights.words, dtype=kinds)
            self._all["id"] = self._numpy.arange(self._weights.words)
        self._all["logit"] = logits
        address = self._all.ctypes.data_as(ctypes.POINTER(self._llama.llama_token_data))
        self._apply(address, self._weights.words)
        return int(self._all["id"][int(self._all["logit"].argmax())])

    def _apply(self, candidates: Any, count: int) -> None:
        pointer = ctypes.cast(candidates, ctypes.POINTER(self._llama.llama_token_data))
        array = self._llama.llama_token_data_array(pointer, count, -1, False)
        self._llama.llama_sampler_apply(self._grammar, ctypes.byref(array))

    def _make_grammar(self, schema: Schema) -> Any:
        grammar = self._llama.llama_sampler_init_grammar(
            self._weights.vocabulary, grammar_of(schema).encode("utf-8"), b"root"
        )
        if not grammar:
            raise ValueError(f"llama.cpp does not understand this schema: {json.dumps(schema)}")
        return grammar


def grammar_of(schema: Schema) -> str:
    """The GBNF grammar that allows exactly the JSON texts of a schema."""
    return _grammar_of(json.dumps(schema))


@lru_cache(maxsize=64)
def _grammar_of(schema: str) -> str:
    grammars: Any = importlib.import_module("llama_cpp.llama_grammar")
    return str(grammars.json_schema_to_gbnf(schema))
