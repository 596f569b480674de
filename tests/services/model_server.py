"""A loopback server of large files that can do everything wrong that servers do."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Fault:
    """How one answer goes wrong; a fault without anything is a good answer."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    location: str = ""
    cut_after: int | None = None
    """The connection breaks after so many bytes of the body."""
    promised: int | None = None
    """The Content-Length that is told instead of the right one."""
    no_length: bool = False
    ignores_range: bool = False
    other_piece: bool = False
    wrong_bytes: bool = False
    new_version: bool = False
    """From this answer on the file is another one, with another ETag."""
    page: bool = False
    """A web page instead of the file, with status 200."""
    stalls_after: int | None = None
    drops: bool = False
    """The connection is closed without a word."""


@dataclass
class Request:
    """What was asked."""

    path: str
    range: str | None
    if_range: str | None


class ModelServer:
    """Serves `files` by path; `faults` are used up, one a request."""

    def __init__(
        self, files: Mapping[str, bytes] | None = None, *, tags: bool = True, tls: ssl.SSLContext | None = None
    ) -> None:
        self.files = dict(files or {})
        self.faults: list[Fault] = []
        self.tags = tags
        self.asked: list[Request] = []
        self.stalled = threading.Event()
        self.go_on = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                try:
                    server._answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.port = self._http.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def _answer(self, ask: BaseHTTPRequestHandler) -> None:
        self.asked.append(Request(ask.path, ask.headers.get("Range"), ask.headers.get("If-Range")))
        fault = self.faults.pop(0) if self.faults else Fault()
        ask.close_connection = True
        if fault.drops:
            return
        if fault.new_version:
            self.files = {name: content[:-100] + content[-100:][::-1] for name, content in self.files.items()}
        content = self.files.get(ask.path)
        if fault.location:
            self._send(ask, 302, b"moved", {"Location": fault.location, **fault.headers}, fault)
        elif fault.page:
            self._send(ask, 200, b"<!doctype html><p>Sign in", {"Content-Type": "text/html; charset=utf-8"}, fault)
        elif fault.status is not None or content is None:
            self._send(ask, fault.status or 404, b"no", dict(fault.headers), fault)
        else:
            self._send_file(ask, content, fault)

    def _send_file(self, ask: BaseHTTPRequestHandler, content: bytes, fault: Fault) -> None:
        tag = f'"{hashlib.sha256(content).hexdigest()[:12]}"'
        headers = {"Content-Type": "application/octet-stream", **fault.headers}
        if self.tags:
            headers.setdefault("ETag", tag)
        body, status, begin = content, 200, 0
        span, condition = ask.headers.get("Range"), ask.headers.get("If-Range")
        if span and not fault.ignores_range and condition in (None, tag):
            begin = int(span.removeprefix("bytes=").rstrip("-"))
            if begin >= len(content):
                self._send(ask, 416, b"", {"Content-Range": f"bytes */{len(content)}"}, fault)
                return
            told = begin + 7 if fault.other_piece else begin
            headers["Content-Range"] = f"bytes {told}-{len(content) - 1}/{len(content)}"
            body, status = content[begin:], 206
        if fault.wrong_bytes:
            body = body[:-1] + bytes([body[-1] ^ 1])
        self._send(ask, status, body, headers, fault)

    def _send(
        self, ask: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str], fault: Fault
    ) -> None:
        ask.send_response(status)
        for name, value in headers.items():
            ask.send_header(name, value)
        if not fault.no_length:
            ask.send_header("Content-Length", str(len(body) if fault.promised is None else fault.promised))
        ask.send_header("Connection", "close")
        ask.end_headers()
        if fault.stalls_after is not None:
            ask.wfile.write(body[: fault.stalls_after])
            ask.wfile.flush()
            self.stalled.set()
            self.go_on.wait(10)
            return
        ask.wfile.write(body if fault.cut_after is None else body[: fault.cut_after])

    def close(self) -> None:
        """Stop serving."""
        self.go_on.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
