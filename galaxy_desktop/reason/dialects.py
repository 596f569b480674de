"""The two languages that providers speak: chat completions, as OpenAI began them, and Anthropic's messages.

A dialect turns a prompt into a request and events into text; it neither connects nor waits. What is sent is the system
part, the user part and the shape of the answer, exactly as the model of this computer would read them, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from galaxy_desktop.domain.inference import StopReason
from galaxy_desktop.domain.providers import ProviderKind
from galaxy_desktop.errors import BrokenAnswerError, ModelError
from galaxy_desktop.reason.engine import Prompt, Schema
from galaxy_desktop.reason.manners import Form, Manners
from galaxy_desktop.reason.sse import ServerEvent
from galaxy_desktop.reason.wire import WireRequest

ANTHROPIC_VERSION = "2023-06-01"
TOOL = "answer"
_LIMITS = ("length", "max_tokens", "model_length")
_REFUSED = ("content_filter", "refusal")


@dataclass(slots=True)
class Heard:
    """What an answer came to so far; `ended` says that the server itself ended it."""

    text: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    model: str = ""
    ended: bool = False
    stop_reason: StopReason | None = None

    def stop(self, reason: str) -> None:
        """Take the server's word for why it wrote no more.

        Raises:
            ModelError: it would not write.
        """
        if reason in _REFUSED:
            raise ModelError("It refused to write about this.")
        self.stop_reason = StopReason.LIMIT if reason in _LIMITS else StopReason.ENDED


class Dialect(Protocol):
    """How one kind of provider is talked to."""

    def ask(self, prompt: Prompt, schema: Schema | None, max_tokens: int, manners: Manners) -> WireRequest:
        """The request for one text."""
        ...

    def models(self) -> WireRequest:
        """The request for the list of models."""
        ...

    def hear(self, event: ServerEvent, heard: Heard) -> str:
        """Take one event of a stream; the new piece of text.

        Raises:
            ModelError: the provider failed or refused in the middle.
            BrokenAnswerError: that is no event of this language.
        """
        ...

    def read(self, body: Mapping[str, Any], heard: Heard) -> None:
        """Take an answer that came whole, from a server that does not stream."""
        ...


@dataclass(frozen=True, slots=True)
class OpenAiDialect:
    """Chat completions."""

    base: str
    model: str
    key: str = ""

    def ask(self, prompt: Prompt, schema: Schema | None, max_tokens: int, manners: Manners) -> WireRequest:
        """The request for one text."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            "max_completion_tokens" if manners.new_limit else "max_tokens": max_tokens,
            "stream": True,
        }
        optional = {"temperature": 0, "seed": 0, "stream_options": {"include_usage": True}}
        body |= {name: value for name, value in optional.items() if name not in manners.without}
        form = _openai_form(schema, manners.form) if schema is not None else None
        if form is not None:
            body["response_format"] = form
        return WireRequest(url=f"{self.base}/chat/completions", secrets=self._secrets(), body=body)

    def models(self) -> WireRequest:
        """The request for the list of models."""
        return WireRequest(url=f"{self.base}/models", secrets=self._secrets())

    def vectors(self, texts: Sequence[str]) -> WireRequest:
        """The request for the vectors of texts."""
        body = {"model": self.model, "input": list(texts)}
        return WireRequest(url=f"{self.base}/embeddings", secrets=self._secrets(), body=body)

    def hear(self, event: ServerEvent, heard: Heard) -> str:
        """Take one event of a stream; the new piece of text."""
        if event.data.strip() == "[DONE]":
            heard.ended = True
            return ""
        row = _row(event.data)
        if row.get("error"):
            raise ModelError(said_in(row))
        self._count(row, heard)
        choice = _first(row.get("choices"))
        piece = _text(_mapping(choice.get("delta")).get("content"))
        heard.text += piece
        if choice.get("finish_reason"):
            heard.ended = True
            heard.stop(str(choice["finish_reason"]))
        return piece

    def read(self, body: Mapping[str, Any], heard: Heard) -> None:
        """Take an answer that came whole."""
        choice = _first(body.get("choices"))
        if "message" not in choice:
            raise BrokenAnswerError("That is no answer of a language model.")
        self._count(body, heard)
        message = _mapping(choice["message"])
        if message.get("refusal"):
            heard.stop("refusal")
        heard.text += _text(message.get("content"))
        heard.ended = True
        heard.stop(str(choice.get("finish_reason") or "stop"))

    def _secrets(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    @staticmethod
    def _count(row: Mapping[str, Any], heard: Heard) -> None:
        usage = _mapping(row.get("usage"))
        heard.tokens_in = _count(usage.get("prompt_tokens"), heard.tokens_in)
        heard.tokens_out = _count(usage.get("completion_tokens"), heard.tokens_out)
        heard.model = heard.model or _text(row.get("model"))


@dataclass(frozen=True, slots=True)
class AnthropicDialect:
    """Messages; the shape of an answer is that of the input of a tool, which must be used."""

    base: str
    model: str
    key: str = ""

    def ask(self, prompt: Prompt, schema: Schema | None, max_tokens: int, manners: Manners) -> WireRequest:
        """The request for one text."""
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": max_tokens,
            "system": prompt.system,
            "messages": [{"role": "user", "content": prompt.user}],
            "stream": True,
        }
        if "temperature" not in manners.without:
            body["temperature"] = 0
        if schema is not None and manners.form is Form.SCHEMA:
            body["tools"] = [{"name": TOOL, "description": "The answer.", "input_schema": dict(schema)}]
            body["tool_choice"] = {"type": "tool", "name": TOOL}
        return WireRequest(url=f"{self.base}/v1/messages", headers=self._headers(), secrets=self._secrets(), body=body)

    def models(self) -> WireRequest:
        """The request for the list of models."""
        return WireRequest(url=f"{self.base}/v1/models", headers=self._headers(), secrets=self._secrets())

    def hear(self, event: ServerEvent, heard: Heard) -> str:
        """Take one event of a stream; the new piece of text."""
        row = _row(event.data)
        kind = row.get("type") or event.name
        if kind == "error":
            raise ModelError(said_in(row))
        if kind == "message_start":
            self._count(_mapping(row.get("message")), heard)
        elif kind == "content_block_delta":
            delta = _mapping(row.get("delta"))
            piece = _text(delta.get("partial_json")) or _text(delta.get("text"))
            heard.text += piece
            return piece
        elif kind == "message_delta":
            self._count(row, heard)
            if reason := _mapping(row.get("delta")).get("stop_reason"):
                heard.stop(str(reason))
        elif kind == "message_stop":
            heard.ended = True
        return ""

    def read(self, body: Mapping[str, Any], heard: Heard) -> None:
        """Take an answer that came whole."""
        blocks = body.get("content")
        if not isinstance(blocks, list):
            raise BrokenAnswerError("That is no answer of a language model.")
        self._count(body, heard)
        for block in map(_mapping, blocks):
            heard.text += _text(block.get("text"))
            if "input" in block:
                heard.text += json.dumps(block["input"], ensure_ascii=False)
        heard.ended = True
        heard.stop(str(body.get("stop_reason") or "end_turn"))

    def _headers(self) -> dict[str, str]:
        return {"anthropic-version": ANTHROPIC_VERSION}

    def _secrets(self) -> dict[str, str]:
        return {"x-api-key": self.key} if self.key else {}

    @staticmethod
    def _count(row: Mapping[str, Any], heard: Heard) -> None:
        usage = _mapping(row.get("usage"))
        read = [usage.get(f"{kind}input_tokens") for kind in ("", "cache_creation_", "cache_read_")]
        if isinstance(read[0], int):
            heard.tokens_in = sum(one for one in read if isinstance(one, int))
        heard.tokens_out = _count(usage.get("output_tokens"), heard.tokens_out)
        heard.model = heard.model or _text(row.get("model"))


def dialect_of(kind: ProviderKind, address: str, model: str, key: str) -> Dialect:
    """The language of a kind of provider, at the base of an address that a person wrote."""
    base = base_of(kind, address)
    return AnthropicDialect(base, model, key) if kind is ProviderKind.ANTHROPIC else OpenAiDialect(base, model, key)


def base_of(kind: ProviderKind, address: str) -> str:
    """What paths are added to: "http://localhost:11434" is "http://localhost:11434/v1" for compatible servers."""
    base = address.strip().rstrip("/")
    for ending in ("/chat/completions", "/embeddings", "/messages", "/models"):
        base = base.removesuffix(ending)
    if kind is ProviderKind.ANTHROPIC:
        return base.removesuffix("/v1")
    return base if urlsplit(base).path.strip("/") else f"{base}/v1"


def said_in(row: Mapping[str, Any]) -> str:
    """The server's own words for an error, wherever it put them; "" when there are none."""
    error = row.get("error", row)
    if isinstance(error, str):
        return error
    found = _mapping(error)
    for name in ("message", "detail", "error", "type"):
        if isinstance(found.get(name), str):
            return str(found[name])
    return ""


def _openai_form(schema: Schema, form: Form) -> dict[str, Any] | None:
    if form is Form.SCHEMA:
        named = {"name": TOOL, "strict": True, "schema": dict(schema)}
        return {"type": "json_schema", "json_schema": named}
    if form is Form.OBJECT_WITH_SCHEMA:
        return {"type": "json_object", "schema": dict(schema)}
    return {"type": "json_object"} if form is Form.OBJECT else None


def _row(data: str) -> Mapping[str, Any]:
    try:
        row = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenAnswerError("A piece of its answer cannot be read.") from error
    if not isinstance(row, dict):
        raise BrokenAnswerError("A piece of its answer cannot be read.")
    return row


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: Any) -> Mapping[str, Any]:
    return _mapping(value[0]) if isinstance(value, list) and value else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(value: Any, before: int | None) -> int | None:
    return value if isinstance(value, int) and value >= 0 else before
