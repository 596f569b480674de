"""The GitHub of a few rows behind a real socket, which can break in every way that a socket can."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.collect.fakes import FakeGitHub


@dataclass
class Breakage:
    """What happens to requests whose path and query match, so many times.

    With a `status` that is answered instead; `cut` sends so many bytes of the true body and closes, having promised
    all of it; `half` sends half of the true body as if it were whole; `drop` closes without a word; `stall` waits
    until the server ends.
    """

    match: str
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = '{"message": "fault"}'
    cut: int | None = None
    half: bool = False
    drop: bool = False
    stall: bool = False
    times: int = 99
    met: int = 0


class HttpGitHub:
    """Serves a `FakeGitHub`; `breakages` come before its answers."""

    def __init__(self, github: FakeGitHub) -> None:
        self.github = github
        self.breakages: list[Breakage] = []
        self.released = threading.Event()
        self.stalled = threading.Event()
        self.asked: list[str] = []
        self.date = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                outer.serve(self)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.send(self, 404, {}, b'{"message": "Not Found"}')

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """A client that went away is part of the tests."""

        self._http = Server(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """One GET."""
        self.asked.append(handler.path)
        broken = next((b for b in self.breakages if b.times > 0 and re.search(b.match, handler.path)), None)
        status, headers, body = self._true(handler)
        if broken is None:
            self.send(handler, status, headers, body)
            return
        broken.times, broken.met = broken.times - 1, broken.met + 1
        if broken.stall:
            self.stalled.set()
            self.released.wait(30)
        if broken.drop or broken.stall:
            handler.close_connection = True
        elif broken.status is not None:
            self.send(handler, broken.status, broken.headers, broken.body.encode())
        elif broken.half:
            self.send(handler, status, headers, body[: len(body) // 2])
        else:
            self.send(handler, status, headers, body[: broken.cut], promised=len(body) + 1)

    def send(
        self, handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes, promised: int = 0
    ) -> None:
        """One answer, dated as this server's clock says."""
        handler.send_response_only(status)
        handler.send_header("Date", self.date or handler.date_time_string())
        for name, value in headers.items():
            handler.send_header(name, value)
        if status != 304:
            handler.send_header("Content-Length", str(promised or len(body)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    def _true(self, handler: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(handler.path)
        query = dict(parse_qsl(parts.query))
        url = parts.path + "".join(f"&{k}={v}" for k, v in sorted(query.items()))
        status, headers, body = self.github._answer(parts.path, query, url)
        if status == 200 and handler.headers.get("If-None-Match") == headers.get("etag"):
            status, body = 304, ""
        return status, headers, body.encode()

    def close(self) -> None:
        """Stop serving."""
        self.released.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@contextmanager
def http_github(github: FakeGitHub) -> Iterator[HttpGitHub]:
    """A running server."""
    server = HttpGitHub(github)
    try:
        yield server
    finally:
        server.close()
