"""A GitHub on loopback with as many items as wanted, that counts what it answers as GitHub counts quota.

Everything is made by arithmetic, so two programs that ask it read the same repository. Each item has two comments and
three events; a third of the items are pull requests with two reviews, three files and a commit; two milestones are open and
hold 60 items. Answers carry ETags, Link headers and addresses under which PyGithub finds the rest.
"""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.collect.fakes import (
    FakeGitHub,
    FakeRepository,
    Rows,
    as_issue,
    comment,
    event,
    issue,
    milestone,
    pull,
    pull_commit,
)

MINUTES_APART = 40
IN_SPRINT = 60
NONE_BLOCKING = {
    "issue_dependencies_summary": {"total_blocked_by": 0, "blocked_by": 0, "blocking": 0, "total_blocking": 0},
    "sub_issues_summary": {"total": 0, "completed": 0, "percent_completed": 0},
}


@dataclass
class Counted:
    """What was asked since the count began."""

    requests: int = 0
    quota: int = 0
    paths: list[str] = field(default_factory=list)

    def add(self, path: str, status: int) -> None:
        """Count one answer: a 304 is free."""
        self.requests += 1
        self.quota += status != 304
        self.paths.append(path)


class LongGitHub(FakeGitHub):
    """The repositories, the answers, and the count."""

    def __init__(self, base: str, sizes: dict[str, int]) -> None:
        super().__init__(*(_repository(n, name, size, base) for n, (name, size) in enumerate(sizes.items(), 1)))
        self.base = base
        self.counted = Counted()
        self._indexes = {one.name: _Index(one) for one in self.repositories}

    def answer(self, url: str, etag: str | None) -> tuple[int, dict[str, str], str]:
        """Status, headers and body for a question."""
        split = urlsplit(url)
        query = dict(parse_qsl(split.query))
        self.page_size = int(query.get("per_page", 30))
        status, headers, body = self._answer(split.path, query, url)
        if "link" in headers:
            headers["link"] = self._links(split.path, query, headers["link"])
        if etag and etag == headers.get("etag"):
            status, body = 304, ""
        self.counted.add(url, status)
        return status, headers, body

    def _links(self, path: str, query: dict[str, str], made: str) -> str:
        last = made.rsplit("page=", 1)[1].split(">", maxsplit=1)[0]
        following = str(int(query.get("page", 1)) + 1)
        asked = "&".join(f"{k}={v}" for k, v in query.items() if k != "page")
        return ", ".join(
            f'<{self.base}{path}?{asked}&page={page}>; rel="{rel}"'
            for page, rel in ((following, "next"), (last, "last"))
        )

    def _of(self, r: FakeRepository, tail: str, query: dict[str, str]) -> tuple[int, dict[str, str], str]:
        rows = self._indexes[r.name].rows(tail, query)
        if rows is not None:
            return self._page(rows, int(query.get("page", 1)))
        if tail.startswith("/commits/"):
            return self._tagged({"check_runs": [], "statuses": [], "total_count": 0}, {})
        if found := self._indexes[r.name].one(tail):
            return self._tagged(found, {})
        return super()._of(r, tail, query)


class _Index:
    """The rows of one repository, sorted and filtered once for each kind of question."""

    def __init__(self, repository: FakeRepository) -> None:
        self._repository = repository
        self._kept: dict[tuple[str, ...], tuple[list[str], Rows]] = {}

    def rows(self, tail: str, query: dict[str, str]) -> Rows | None:
        """The rows of a list; `None` for what is none of these."""
        parts = tail.strip("/").split("/")
        if len(parts) == 3 and parts[1].isdigit():
            return self._hanging.get(f"{parts[0]}/{parts[2]}", {}).get(int(parts[1]), [])
        if tail not in ("/issues", "/pulls", "/issues/comments", "/issues/events"):
            return None
        key = (tail, *(query.get(name, "") for name in ("state", "sort", "direction", "milestone")))
        if key not in self._kept:
            self._kept[key] = _sorted(self._all(tail), query)
        stamps, rows = self._kept[key]
        return rows[bisect.bisect_left(stamps, query["since"]) :] if "since" in query else rows

    def one(self, tail: str) -> dict[str, Any] | None:
        """One issue or pull request."""
        parts = tail.strip("/").split("/")
        if len(parts) != 2 or not parts[1].isdigit():
            return None
        return self._items["pulls" if parts[0] == "pulls" else "issues"].get(int(parts[1]))

    def _all(self, tail: str) -> Rows:
        r = self._repository
        return {
            "/issues": lambda: list(self._items["issues"].values()),
            "/pulls": lambda: r.pulls,
            "/issues/comments": lambda: r.comments,
            "/issues/events": lambda: sorted(r.events, key=lambda e: -e["id"]),
        }[tail]()

    @cached_property
    def _items(self) -> dict[str, dict[int, dict[str, Any]]]:
        r = self._repository
        issues = {row["number"]: row for row in r.issues} | {row["number"]: as_issue(row) for row in r.pulls}
        return {"issues": issues, "pulls": {row["number"]: row for row in r.pulls}}

    @cached_property
    def _hanging(self) -> dict[str, dict[int, Rows]]:
        r = self._repository
        comments: dict[int, Rows] = {}
        for row in r.comments:
            comments.setdefault(int(row["issue_url"].rsplit("/", 1)[1]), []).append(row)
        events: dict[int, Rows] = {}
        for row in r.events:
            events.setdefault(row["issue"]["number"], []).append(row)
        numbers = [row["number"] for row in r.pulls]
        files = [{"filename": f"module_{n}.py", "sha": "f", "status": "modified"} for n in range(3)]
        return {
            "issues/comments": comments,
            "issues/events": events,
            "issues/timeline": {},
            "pulls/reviews": {n: _reviews(n) for n in numbers},
            "pulls/files": dict.fromkeys(numbers, files),
            "pulls/commits": {n: [pull_commit(f"{n:040x}", n)] for n in numbers},
        }


def _sorted(rows: Rows, query: dict[str, str]) -> tuple[list[str], Rows]:
    if query.get("state", "open" if "state" in (rows[0] if rows else {}) else "all") != "all":
        rows = [row for row in rows if row["state"] == query.get("state", "open")]
    if "milestone" in query:
        rows = [row for row in rows if (row["milestone"] or {}).get("number") == int(query["milestone"])]
    if query.get("sort") in ("updated", "created"):
        key = f"{query['sort']}_at"
        rows = sorted(rows, key=lambda r: (r[key], r["id"]), reverse=query.get("direction") == "desc")
    return [row.get("updated_at", "") for row in rows], rows


def _repository(number: int, name: str, size: int, base: str) -> FakeRepository:
    """A repository with so many items: the youngest are open, two of them sprints hold the last ones."""
    made = FakeRepository(id=number, name=name)
    made.milestones = [
        milestone(n, open_issues=IN_SPRINT // 2, closed_issues=0, url=f"{base}/repos/{name}/milestones/{n}")
        for n in (1, 2)
    ]
    for n in range(1, size + 1):
        more = _item(n, name, size, base)
        if n % 3 == 0:
            made.pulls.append(pull(n, n * MINUTES_APART, name, **more, additions=3, deletions=1, commits=1))
        else:
            made.issues.append(issue(n, n * MINUTES_APART, name, **more))
        made.comments += [comment(number * 1_000_000 + 2 * n + k, n, n * MINUTES_APART + k, name) for k in range(2)]
        made.events += [event(number * 1_000_000 + 3 * n + k, "labeled", n, label={"name": "bug"}) for k in range(3)]
    return made


def _item(n: int, name: str, size: int, base: str) -> dict[str, Any]:
    oldest_in_sprint = n <= IN_SPRINT
    is_open = oldest_in_sprint or n > size - size // 20
    return {
        "state": "open" if is_open else "closed",
        "milestone": {"number": 1 + n % 2, "state": "open"} if oldest_in_sprint else None,
        "comments": 2,
        "url": f"{base}/repos/{name}/issues/{n}",
        **NONE_BLOCKING,
    }


def _reviews(number: int) -> Rows:
    return [
        {
            "id": number * 10 + n, "state": "APPROVED", "body": "", "user": {"id": 1, "login": "dev1"},
            "submitted_at": "2026-03-01T00:00:00Z", "html_url": "u",
        }
        for n in range(2)
    ]  # fmt: skip


@contextmanager
def serving(sizes: dict[str, int]) -> Iterator[LongGitHub]:
    """The repositories on a loopback port of their own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # header and body in one packet: else each answer waits for an acknowledgment

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            """Answer a question."""
            self._send(*github.answer(self.path, self.headers.get("If-None-Match")))

        def do_POST(self) -> None:
            """There is no GraphQL here: everything is asked through REST, which is the dearer way."""
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            github.counted.add(self.path, 404)
            self._send(404, {}, '{"message": "Not Found"}')

        def _send(self, status: int, headers: dict[str, str], body: str) -> None:
            raw = body.encode()
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    github = LongGitHub(f"http://127.0.0.1:{server.server_address[1]}", sizes)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
