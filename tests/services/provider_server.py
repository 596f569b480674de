"""A loopback provider that answers as it is told, rightly or in every wrong way."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

STREAM = {"Content-Type": "text/event-stream"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Turn:
    """One answer: head, pieces of the body, and how it goes wrong."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: STREAM)
    pieces: tuple[bytes, ...] = ()
    silent: bool = False
    """Takes the request and says nothing."""
    stalls: bool = False
    """Says nothing more after its pieces, and keeps the connection."""
    drops: bool = False
    """Breaks off after its pieces, though it promised more."""
    endless: bytes = b""
    """Sent again and again after the pieces."""


def chat(*texts: str, usage: bool = True, finish: str = "stop", done: bool = True) -> Turn:
    """A streamed answer of a compatible server."""
    rows: list[dict[str, Any]] = [
        {"model": "large-1", "choices": [{"delta": {"content": one}, "finish_reason": None}]} for one in texts
    ]
    rows.append({"choices": [{"delta": {}, "finish_reason": finish}]})
    if usage:
        rows.append({"choices": [], "usage": {"prompt_tokens": 42, "completion_tokens": 7}})
    data = [f"data: {json.dumps(row)}\n\n".encode() for row in rows]
    return Turn(pieces=(*data, b"data: [DONE]\n\n") if done else tuple(data[: len(texts)]))


def messages(*texts: str, stop: str = "end_turn", tool: bool = False) -> Turn:
    """A streamed answer of Anthropic's."""
    delta = {"type": "input_json_delta"} if tool else {"type": "text_delta"}
    name = "partial_json" if tool else "text"
    rows: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"model": "claude-x", "usage": {"input_tokens": 30, "output_tokens": 1}}},
        {"type": "ping"},
        *({"type": "content_block_delta", "delta": {**delta, name: one}} for one in texts),
        {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    ]
    return Turn(pieces=tuple(f"event: {row['type']}\ndata: {json.dumps(row)}\n\n".encode() for row in rows))


def refused(status: int, message: str = "", **headers: str) -> Turn:
    """An error with a message."""
    body = json.dumps({"error": {"message": message}}).encode()
    return Turn(status, {**JSON, **{k.replace("_", "-"): v for k, v in headers.items()}}, (body,))


class ProviderServer:
    """Answers with `turns`, the last one for ever; keeps what was asked."""

    def __init__(
        self, *turns: Turn, models: tuple[str, ...] = ("large", "small"), tls: ssl.SSLContext | None = None
    ) -> None:
        self.turns = list(turns)
        self.models = models
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.waiting = threading.Event()
        self.gone = threading.Event()
        """Set when a client hung up on a stalled answer."""
        self.closing = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                server._note(self, {})
                server._list(self)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server._note(self, body)
                try:
                    server._answer(self)
                except OSError:
                    server.gone.set()
                self.close_connection = True

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.port = self._http.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was asked for texts."""
        return [body for _, _, body in self.asked if body]

    def close(self) -> None:
        """Stop serving."""
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _note(self, ask: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        self.asked.append((ask.path, {name.lower(): value for name, value in ask.headers.items()}, body))

    def _list(self, ask: BaseHTTPRequestHandler) -> None:
        rows = json.dumps({"data": [{"id": name} for name in self.models]}).encode()
        ask.send_response(200 if self.models else 404)
        ask.send_header("Content-Length", str(len(rows)))
        ask.end_headers()
        ask.wfile.write(rows)

    def _answer(self, ask: BaseHTTPRequestHandler) -> None:
        turn = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        if turn.silent:
            self._until_gone(ask)
            return
        ask.send_response(turn.status)
        for name, value in turn.headers.items():
            ask.send_header(name, value)
        if turn.drops:
            ask.send_header("Content-Length", str(sum(map(len, turn.pieces)) + 1000))
        ask.send_header("Connection", "close")
        ask.end_headers()
        for piece in turn.pieces:
            ask.wfile.write(piece)
        ask.wfile.flush()
        for piece in _for_ever(turn.endless, self.closing):
            ask.wfile.write(piece)
        if turn.stalls:
            self._until_gone(ask)

    def _until_gone(self, ask: BaseHTTPRequestHandler) -> None:
        """Keep the connection until the other side ends it."""
        self.waiting.set()
        ask.connection.settimeout(10)
        if ask.connection.recv(1) == b"":
            self.gone.set()


def _for_ever(piece: bytes, closing: threading.Event) -> Iterator[bytes]:
    while piece and not closing.is_set():
        yield piece
