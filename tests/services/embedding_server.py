"""A provider of vectors on loopback, right and wrong: each turn is an answer, or makes one of the texts that were sent."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.services.provider_server import JSON, ProviderServer, Turn, refused

WIDTH = 8
Answer = Turn | Callable[[Sequence[str]], Turn]


def numbers(text: str, width: int = WIDTH) -> list[float]:
    """The vector of a text as the server sends it, of any length: texts that share words are near each other."""
    row = [0.1] * width
    for word in text.casefold().split():
        row[int(hashlib.sha256(word.encode()).hexdigest(), 16) % width] += 3.0
    return row


def unit(row: Sequence[float]) -> list[float]:
    """The same, of length 1."""
    length = math.sqrt(sum(one * one for one in row))
    return [one / length for one in row]


def answer(rows: Sequence[Any], **more: Any) -> Turn:
    """An answer with these vectors, in order."""
    data = [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(rows)]
    return Turn(200, JSON, (json.dumps({"object": "list", "data": data, **more}).encode(),))


def right(texts: Sequence[str]) -> Turn:
    """The vectors of the texts; ten tokens each."""
    return answer([numbers(text) for text in texts], usage={"prompt_tokens": 10 * len(texts)})


def backwards(texts: Sequence[str]) -> Turn:
    """The right vectors in another order, each with its number."""
    data = [{"index": n, "embedding": numbers(text)} for n, text in enumerate(texts)]
    return Turn(200, JSON, (json.dumps({"data": data[::-1]}).encode(),))


def at_most(count: int, letters: int = 10**6) -> Callable[[Sequence[str]], Turn]:
    """Refuses more texts at once, or longer ones, as servers do."""

    def some(texts: Sequence[str]) -> Turn:
        if len(texts) > count:
            return refused(413, f"batch size {len(texts)} exceeds the maximum of {count}")
        if max(map(len, texts)) > letters:
            return refused(500, "input is too large to process. increase the physical batch size")
        return right(texts)

    return some


class EmbeddingServer(ProviderServer):
    """Answers with `plan`, the last one for ever; keeps what was asked."""

    def __init__(self, *plan: Answer, models: tuple[str, ...] = ("large", "small")) -> None:
        super().__init__(models=models)
        self.plan: list[Answer] = list(plan or (right,))

    @property
    def texts(self) -> list[str]:
        """Every text that was sent, in order."""
        return [text for body in self.bodies for text in body["input"]]

    def _answer(self, ask: BaseHTTPRequestHandler) -> None:
        planned = self.plan.pop(0) if len(self.plan) > 1 else self.plan[0]
        self.turns = [planned if isinstance(planned, Turn) else planned(self.bodies[-1]["input"])]
        super()._answer(ask)
