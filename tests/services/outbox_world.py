"""A GitHub that takes writes and a store of a dict, both of which can be killed at any point; for tests of the outbox."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

from galaxy_desktop.collect import records
from galaxy_desktop.collect.answers import Answer, judge
from galaxy_desktop.collect.records import stamp
from galaxy_desktop.collect.write_answers import judge_write
from galaxy_desktop.domain.changes import Change, ChangeState, Comparison
from galaxy_desktop.domain.events import ChangeMoved, Event
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Comment, Label, Milestone, Person, Repository, WorkItem
from galaxy_desktop.domain.work_log import AuditEntry
from galaxy_desktop.errors import BrokenAnswerError, CancelledByUserError, OfflineError
from galaxy_desktop.services.outbox import Outbox

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
Row = dict[str, Any]


class KilledError(CancelledByUserError):
    """The process is dead: nothing it does from now on happens."""


@dataclass
class Fuse:
    """Kills at the n-th point that is reached; then every point kills until `mend`."""

    left: int | None = None
    burnt: bool = False

    def point(self) -> None:
        """A moment at which the process may die."""
        if self.left is not None:
            self.left -= 1
            self.burnt = self.burnt or self.left < 0
        if self.burnt:
            raise KilledError("killed")

    def mend(self) -> None:
        """The program is started again."""
        self.left, self.burnt = None, False


@dataclass
class Clock:
    """A clock that moves only when somebody sleeps."""

    now: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float, _stop: StopFlag | None = None) -> None:
        """Move on at once."""
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class Trouble:
    """What happens to one request: applied or not, then an answer, a status, or none."""

    applied: bool = False
    status: int | None = None
    body: Row = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    offline: bool = False


class WritableGitHub:
    """One repository, o/r with id 1, as GitHub's REST API shows it; keeps every write that happened."""

    fingerprint = "token"

    def __init__(self, clock: Clock, fuse: Fuse | None = None, *, ahead: float = 0.0) -> None:
        self.clock, self.fuse, self.ahead = clock, fuse or Fuse(), timedelta(seconds=ahead)
        self.name = "o/r"
        self.repository: Row = {"id": 1, "has_issues": True, "archived": False, "permissions": {"push": True}}
        self.labels = {"bug", "ui", "ready to ship"}
        self.assignable = {"ada", "grace", "octo"}
        self.milestones: dict[int, Row] = {1: {"number": 1, "title": "Sprint 1", "state": "open"}}
        self.issues: dict[int, Row] = {}
        self.comments: list[Row] = []
        self.gone: dict[int, int] = {}
        self.login = "octo"
        self.offline = False
        self.troubles: list[Trouble] = []
        self.reading_troubles: list[Trouble] = []
        self.writes: list[tuple[str, str, Row]] = []
        self.asked: list[str] = []
        self.closed = 0
        for number in (7, 8):
            self.open(f"Item {number}", "first line\n\nlast line", by="ada", number=number)

    # --- what somebody else does

    def open(self, title: str, body: str, *, by: str, number: int | None = None, **more: Any) -> Row:
        """Somebody opens an issue."""
        number = number or max(self.issues, default=0) + 1
        row = {
            "id": 1000 + number, "number": number, "title": title, "body": body, "state": "open", "state_reason": None,
            "user": self.person(by), "assignees": [], "labels": [], "milestone": None, "locked": False,
            "created_at": self.stamp(), "updated_at": self.stamp(), "closed_at": None,
            "html_url": f"https://github.com/{self.name}/issues/{number}",
            "repository_url": f"https://api.github.com/repos/{self.name}", **more,
        }  # fmt: skip
        self.issues[number] = row
        return row

    def say(self, number: int, body: str, *, by: str) -> Row:
        """Somebody comments."""
        identity = len(self.comments) + 1
        row = {
            "id": identity, "body": body, "user": self.person(by), "created_at": self.stamp(),
            "updated_at": self.stamp(), "html_url": f"https://github.com/{self.name}/issues/{number}#c{identity}",
            "issue_url": f"https://api.github.com/repos/{self.name}/issues/{number}",
        }  # fmt: skip
        self.comments.append(row)
        return row

    def person(self, login: str) -> Row:
        return {"id": sum(map(ord, login)), "login": login}

    def stamp(self) -> str:
        return stamp(self.clock() + self.ahead)

    def record(self, number: int = 7) -> WorkItem:
        """An item as it would be stored now."""
        repository = Repository(id=1, full_name=self.name, url="https://github.com/o/r")
        return records.item(self.issues[number], repository, self.clock())

    def said(self, number: int = 7) -> list[str]:
        return [row["body"] for row in self.comments if row["issue_url"].endswith(f"/{number}")]

    # --- the face that the program sees

    def get(self, path: str, parameters: Mapping[str, Any] | None = None, etag: str | None = None) -> Answer:
        self.fuse.point()
        self.asked.append(path)
        trouble = self.reading_troubles.pop(0) if self.reading_troubles else None
        if self.offline or (trouble and trouble.offline):
            raise OfflineError("GitHub cannot be reached at api.github.com. Work goes on with what is stored.")
        if trouble:
            return self._judged(judge, trouble.status, trouble.body, path, trouble.headers)
        status, body = self._read(path, dict(parameters or {}))
        return self._judged(judge, status, body, path)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        self.fuse.point()
        trouble = self.troubles.pop(0) if self.troubles else Trouble(applied=True, status=0)
        if self.offline or trouble.offline:
            raise OfflineError("GitHub cannot be reached at api.github.com. Work goes on with what is stored.")
        if not path.lower().startswith(f"/repos/{self.name}/"):
            return self._judged(judge_write, 301, {}, path)
        status, answer = self._write(method, path, dict(body or {})) if trouble.applied else (0, {})
        self.fuse.point()
        if trouble.status is None:
            raise BrokenAnswerError("The connection to GitHub broke off. The next sync asks again.")
        if trouble.status:
            return self._judged(judge_write, trouble.status, trouble.body, path, trouble.headers)
        return self._judged(judge_write, status, answer, path)

    def close(self) -> None:
        self.closed += 1

    # --- inside

    def _judged(
        self, judged: Callable[..., Answer], status: int | None, body: Any, path: str, more: Mapping[str, str] = {}
    ) -> Answer:
        headers = {"date": format_datetime(self.clock() + self.ahead, usegmt=True), **more}
        text = json.dumps(body)
        return judged(status=status, headers=headers, body=text, path=path, now=self.clock(), has_token=True)

    def _read(self, path: str, asked: Row) -> tuple[int, Any]:
        here = {**self.repository, "full_name": self.name, "html_url": f"https://github.com/{self.name}"}
        if path == "/user":
            return 200, self.person(self.login)
        if path.lower() in (f"/repos/{self.name}", f"/repositories/{here['id']}"):
            return 200, here
        tail = path.removeprefix(f"/repos/{self.name}/")
        if tail == path:
            return 404, {}
        if tail == "issues":
            rows = [r for r in self.issues.values() if r["user"]["login"] == asked.get("creator", r["user"]["login"])]
            return 200, [r for r in rows if r["updated_at"] >= asked["since"]]
        kind, name = tail.split("/", 1)
        if found := re.fullmatch(r"issues/(\d+)/comments", tail):
            mine = [r for r in self.comments if r["issue_url"].endswith(f"/{found[1]}")]
            return 200, [r for r in mine if r["updated_at"] >= asked["since"]]
        if kind == "issues":
            return (self.gone[int(name)], {}) if int(name) in self.gone else (200, self.issues[int(name)])
        if kind == "labels":
            return (200, {"name": unquote(name)}) if unquote(name) in self.labels else (404, {})
        if kind == "assignees":
            return (204, {}) if name in self.assignable else (404, {})
        return (200, self.milestones[int(name)]) if int(name) in self.milestones else (404, {})

    def _write(self, method: str, path: str, body: Row) -> tuple[int, Any]:
        tail = path.removeprefix(f"/repos/{self.name}/issues")
        self.writes.append((method, tail, body))
        if not tail:
            number = max(self.issues) + 1
            names = [{"name": name} for name in body.get("labels", [])]
            people = [self.person(one) for one in body.get("assignees", [])]
            return 201, self.open(
                body["title"], body["body"], by=self.login, number=number, labels=names, assignees=people
            )
        _, number, *rest = tail.split("/")
        row = self.issues[int(number)]
        row["updated_at"] = self.stamp()
        if rest[:1] == ["comments"]:
            return 201, self.say(int(number), body["body"], by=self.login)
        if rest[:1] == ["labels"]:
            return self._relabel(row, method, body, unquote(rest[1]) if len(rest) > 1 else "")
        if rest[:1] == ["assignees"]:
            there = {p["login"] for p in row["assignees"]}
            named = {login for login in body["assignees"] if login in self.assignable}
            row["assignees"] = [
                self.person(one) for one in sorted(there | named if method == "POST" else there - named)
            ]
            return (201 if method == "POST" else 200), row
        milestone = body.get("milestone")
        row.update({k: v for k, v in body.items() if k != "milestone"})
        if "milestone" in body:
            row["milestone"] = None if milestone is None else self.milestones[milestone]
        return 200, row

    def _relabel(self, row: Row, method: str, body: Row, name: str) -> tuple[int, Any]:
        there = [one["name"] for one in row["labels"]]
        if method == "DELETE" and name not in there:
            return 404, {"message": "Label does not exist"}
        names = [one for one in there if one != name] + [one for one in body.get("labels", []) if one not in there]
        row["labels"] = [{"name": one} for one in names]
        return 200, row["labels"]


class MemoryBooks:
    """The store's face that the outbox uses, in dicts."""

    def __init__(self, fuse: Fuse | None = None) -> None:
        self.fuse = fuse or Fuse()
        self.kept: dict[str, Change] = {}
        self.records: dict[object, WorkItem | Comment] = {}
        self.log: list[AuditEntry] = []
        self.repository = Repository(id=1, full_name="o/r", url="https://github.com/o/r")
        self.names: list[str] = ["bug", "ui", "ready to ship"]
        self.planned: list[Milestone] = []

    def _done(self, change: Callable[[], None]) -> Future[None]:
        out: Future[None] = Future()
        try:
            self.fuse.point()
            change()
            self.fuse.point()
        except KilledError as killed:
            out.set_exception(killed)
        else:
            out.set_result(None)
        return out

    def apply(self, page: Page) -> Future[None]:
        keyed = {(type(r).__name__, getattr(r, "number", None) or r.id): r for r in page.records}
        return self._done(lambda: self.records.update(keyed))

    def keep_change(self, change: Change) -> Future[None]:
        return self._done(lambda: self.kept.update({change.id: change}))

    def audit(self, entry: AuditEntry) -> Future[None]:
        return self._done(lambda: self.log.append(entry))

    def change(self, change_id: str) -> Change | None:
        return self.kept.get(change_id)

    def changes(self, since: datetime | None = None) -> tuple[Change, ...]:
        found = [one for one in self.kept.values() if one.state is not ChangeState.DISCARDED]
        return tuple(sorted(found, key=lambda one: (one.created_at, one.id), reverse=True))

    def repositories(self) -> tuple[Repository, ...]:
        return (self.repository,)

    def labels(self, repository_id: int) -> tuple[Label, ...]:
        return tuple(Label(repository_id=repository_id, id=n, name=name) for n, name in enumerate(self.names))

    def milestones(self, repository_id: int) -> tuple[Milestone, ...]:
        return tuple(self.planned)

    def people(self, repository_id: int) -> tuple[Person, ...]:
        return (Person(1, "ada"), Person(2, "grace"))

    def item(self, repository_id: int, number: int) -> WorkItem | None:
        found = self.records.get(("WorkItem", number))
        return found if isinstance(found, WorkItem) else None


class World:
    """A GitHub, a store that knows its items, and a program that can be started again."""

    def __init__(self, *, ahead: float = 0.0, store: Any = None) -> None:
        self.clock, self.fuse = Clock(), Fuse()
        self.github = WritableGitHub(self.clock, self.fuse, ahead=ahead)
        self.store = store or MemoryBooks(self.fuse)
        self.events: list[Event] = []
        self.learn()
        self.outbox = self.started()

    def learn(self) -> None:
        """A sync: what GitHub has is stored."""
        items = tuple(self.github.record(number) for number in self.github.issues)
        self.store.apply(Page(repository_id=1, records=items)).result()

    def started(self) -> Outbox:
        """The program, started (again)."""
        self.outbox = Outbox(
            self.store, lambda: self.github, self.clock, publish=self.events.append, sleep=self.clock.sleep
        )
        return self.outbox

    async def restarted(self) -> Outbox:
        """The program, ended and started again; a program that was killed ends without a word."""
        await self.outbox.close()
        self.fuse.mend()
        return self.started()

    def item(self, number: int = 7) -> WorkItem:
        """An item as stored."""
        found: WorkItem | None = self.store.item(1, number)
        assert found is not None
        return found

    async def shown(self, *changes: Change) -> tuple[Comparison, ...]:
        """Draft these and look at them."""
        kept = [await self.outbox.draft(change) for change in changes]
        return await self.outbox.compare([change.id for change in kept])

    async def seen(self, *changes: Change) -> tuple[Comparison, ...]:
        """Draft these and look at them while GitHub answers."""
        offline, self.github.offline = self.github.offline, False
        try:
            return await self.shown(*changes)
        finally:
            self.github.offline = offline

    async def sent(self, *changes: Change) -> list[Change]:
        """Draft, look, approve, send; what became of them. Offline means from the approval on: before, it is refused."""
        seen = await self.seen(*changes)
        await self.outbox.approve(seen)
        await self.outbox.settled()
        return [self.now(one.change.id) for one in seen]

    async def sync(self) -> None:
        """GitHub was reached, and what waits is sent."""
        self.outbox.reconnected()
        await self.outbox.settled()

    def now(self, change_id: str) -> Change:
        found: Change | None = self.store.change(change_id)
        assert found is not None
        return found

    def states(self) -> list[str]:
        """Where the changes stood, in the order of the news."""
        return [str(event.change.state) for event in self.events if isinstance(event, ChangeMoved)]
