"""A loopback server that answers each path as a table says, GET and POST, and keeps what was asked and sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Page:
    """One answer; `drop` closes the connection without a word, `keep` leaves it open for more."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    keep: bool = False

    @property
    def content(self) -> bytes:
        """The body as bytes: objects as JSON, text as it is."""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class WebServer:
    """Answers "METHOD path" (query left out) from `pages`, each list in order, its last one again and again."""

    def __init__(self, pages: Mapping[str, Page | list[Page]]) -> None:
        self.pages = {where: list(given) if isinstance(given, list) else [given] for where, given in pages.items()}
        self.asked: list[Asked] = []
        self.connections = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                server.connections += 1
                super().setup()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                server.answer(self)

            def do_POST(self) -> None:
                server.answer(self)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        sent = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.asked.append(Asked(handler.command, handler.path, headers, json.loads(sent) if sent else None))
        waiting = self.pages.get(
            f"{handler.command} {handler.path.partition('?')[0]}", [Page(404, {"message": "Not Found"})]
        )
        page = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        handler.close_connection = not page.keep
        if page.drop:
            return
        handler.send_response(page.status)
        for name, value in page.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(page.content)))
        handler.send_header("Connection", "keep-alive" if page.keep else "close")
        handler.end_headers()
        handler.wfile.write(page.content)

    def close(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@contextmanager
def serving(pages: Mapping[str, Page | list[Page]]) -> Iterator[WebServer]:
    """A server while entered."""
    server = WebServer(pages)
    try:
        yield server
    finally:
        server.close()
