"""A GitHub on loopback that serves a demo workspace: `python -m tests.benchmarks.demo_github PORT ISO`.

It stands where ../shared with the real data is missing. POST /_control/at moves its clock, as the stand-in's does:
what happened later is not there yet.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.work import Comment, ItemEvent, ItemKind, Milestone, Repository, WorkItem
from galaxy_desktop.services import clock
from galaxy_desktop.services.demo import DemoWorkspace, scenario_named
from tests.collect.fakes import FakeGitHub, FakeRepository

Row = dict[str, Any]


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _milestone(one: Milestone) -> Row:
    closed = _stamp(one.closed_at) if one.closed_at else None
    return {
        "id": one.id, "number": one.number, "title": one.title, "description": one.description, "state": one.state,
        "due_on": f"{one.due_on}T08:00:00Z", "created_at": _stamp(one.created_at), "updated_at": _stamp(one.updated_at),
        "closed_at": closed, "html_url": one.url,
    }  # fmt: skip


def _item(one: WorkItem, at: datetime) -> Row:
    """An item as it was at a moment: open before it was closed."""
    done = one.closed_at if one.closed_at and one.closed_at <= at else None
    merged = one.merged_at if done else None
    row: Row = {
        "id": one.repository_id * 100_000 + one.number, "number": one.number, "title": one.title, "body": one.body,
        "state": "closed" if done else "open", "state_reason": one.state_reason if done else None,
        "user": _person(one.author), "assignees": [_person(p) for p in one.assignees], "labels": [],
        "milestone": {"number": one.milestone_number, "state": "open"} if one.milestone_number else None,
        "created_at": _stamp(one.created_at), "updated_at": _stamp(done or one.created_at),
        "closed_at": _stamp(done) if done else None, "html_url": one.url,
    }  # fmt: skip
    if one.kind is ItemKind.PULL_REQUEST:
        head = {"head": {"sha": one.head_sha}, "base": {"ref": "main"}, "requested_reviewers": [], "draft": False}
        row |= {"merged_at": _stamp(merged) if merged else None, **head}
    return row


def _person(one: Any) -> Row | None:
    return {"id": one.id, "login": one.login} if one else None


def _comment(one: Comment) -> Row:
    return {
        "id": one.id, "issue_url": f"{one.url.partition('#')[0]}", "user": _person(one.author), "body": one.body,
        "created_at": _stamp(one.created_at), "updated_at": _stamp(one.updated_at), "html_url": one.url,
    }  # fmt: skip


def _event(one: ItemEvent) -> Row:
    subject: Row = {"milestone": {"title": one.subject}} if one.kind == "milestoned" else {}
    return {
        "id": one.id, "event": one.kind, "actor": _person(one.actor), "created_at": _stamp(one.created_at),
        "commit_id": None, "issue": {"number": one.item_number}, "assignee": _person(one.actor), **subject,
    }  # fmt: skip


class DemoGitHub:
    """The demo's repositories as GitHub would show them at its clock's moment."""

    def __init__(self, at: datetime) -> None:
        self._pages = DemoWorkspace(scenario_named("slipping"), clock.now()).pages()
        self.github = FakeGitHub()
        self.move(at)

    def move(self, at: datetime) -> None:
        """Show what there was at this moment."""
        self.github.repositories = [_repository(page.records, at) for page in self._pages]

    def answer(self, url: str, etag: str | None) -> tuple[int, dict[str, str], str]:
        """Status, headers and body for a question."""
        split = urlsplit(url)
        status, headers, body = self.github._answer(split.path, dict(parse_qsl(split.query)), url)
        return (304, headers, "") if etag and etag == headers.get("etag") else (status, headers, body)


def _repository(records: tuple[Record, ...], at: datetime) -> FakeRepository:
    made = FakeRepository()
    for record in records:
        match record:
            case Repository():
                made.id, made.name = record.id, record.full_name
            case Milestone() if record.created_at <= at:
                made.milestones.append(_milestone(record))
            case WorkItem() if record.created_at <= at:
                (made.issues if record.kind is ItemKind.ISSUE else made.pulls).append(_item(record, at))
            case Comment() if record.created_at <= at:
                made.comments.append(_comment(record))
            case ItemEvent() if record.created_at <= at:
                made.events.append(_event(record))
    return made


def serve(port: int, at: datetime) -> None:
    """Answer until killed."""
    demo = DemoGitHub(at)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes, and the second would wait 40 ms for the first

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            """Answer a question; the control pages only say that somebody is there."""
            control = self.path.startswith("/_control")
            self._send(*((200, {}, "{}") if control else demo.answer(self.path, self.headers.get("If-None-Match"))))

        def do_POST(self) -> None:
            """Move the clock; there is no GraphQL here, and saying so keeps anybody from waiting for it."""
            wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self.path.startswith("/_control"):
                self._send(404, {}, '{"message": "Not Found"}')
                return
            demo.move(datetime.fromisoformat(wanted["at"]))
            self._send(200, {}, "{}")

        def _send(self, status: int, headers: dict[str, str], body: str) -> None:
            raw = body.encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
