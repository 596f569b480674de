"""A loopback archive that sends files whole, in pieces, broken or not at all."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Mood:
    """How one answer goes wrong: cut after so many bytes, another status, a false length, another place."""

    cut_after: int | None = None
    status: int | None = None
    promised: int | None = None
    location: str | None = None
    wrong_piece: bool = False


@dataclass
class ArchiveServer:
    """Serves `files` by name; `moods` are used up one a request; keeps what was asked with which Range."""

    files: dict[str, bytes] = field(default_factory=dict)
    moods: list[Mood] = field(default_factory=list)
    ranges: bool = True
    tags: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                server.answer(self)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def answer(self, ask: BaseHTTPRequestHandler) -> None:
        """One answer."""
        name, span = ask.path.strip("/"), ask.headers.get("Range")
        self.asked.append((name, span))
        mood = self.moods.pop(0) if self.moods else Mood()
        content = self.files.get(name)
        if mood.location is not None:
            self._send(ask, 302, b"", {"Location": mood.location})
        elif mood.status is not None or content is None:
            self._send(ask, mood.status or 404, b"no", {})
        else:
            self._send_file(ask, content, span, mood)

    def _send_file(self, ask: BaseHTTPRequestHandler, content: bytes, span: str | None, mood: Mood) -> None:
        tag = f'"{hash(content)}"'
        headers = {"ETag": tag} if self.tags else {}
        same = ask.headers.get("If-Range") in (None, tag)
        if span and self.ranges and same:
            begin = int(span.removeprefix("bytes=").rstrip("-"))
            if begin >= len(content):
                self._send(ask, 416, b"", {"Content-Range": f"bytes */{len(content)}"})
                return
            told = begin + 1 if mood.wrong_piece else begin
            headers["Content-Range"] = f"bytes {told}-{len(content) - 1}/{len(content)}"
            self._send(ask, 206, content[begin:], headers, mood)
        else:
            self._send(ask, 200, content, headers, mood)

    def _send(
        self, ask: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str], mood: Mood | None = None
    ) -> None:
        mood = mood or Mood()
        ask.send_response(status)
        for name, value in headers.items():
            ask.send_header(name, value)
        ask.send_header("Content-Length", str(len(body) if mood.promised is None else mood.promised))
        ask.send_header("Connection", "close")
        ask.end_headers()
        ask.wfile.write(body[: mood.cut_after] if mood.cut_after is not None else body)
        ask.close_connection = True

    def close(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
