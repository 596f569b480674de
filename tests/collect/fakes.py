"""A GitHub of a few rows and a store of a few dicts, for tests of reading and syncing."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from galaxy_desktop.collect.answers import Answer, Parameters, judge
from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.domain.repository_facts import BranchList, Check, ItemLinks, PullCommits
from galaxy_desktop.domain.sync import Cursor, Page, SyncStatus, Validator
from galaxy_desktop.domain.traffic import Exchange
from galaxy_desktop.domain.work import Comment, Commit, Label, Milestone, Repository, RepositoryState, WorkItem
from galaxy_desktop.domain.work_log import AuditEntry

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
Rows = list[dict[str, Any]]


def at(minutes: float) -> str:
    """A stamp so many minutes after the start of the year."""
    return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def person(number: int = 1) -> dict[str, Any]:
    return {"id": number, "login": f"dev{number}"}


def issue(number: int, minutes: float | None = None, name: str = "o/r", **more: Any) -> dict[str, Any]:
    """A row of /issues."""
    return {
        "id": 1000 + number,
        "number": number,
        "title": f"Item {number}",
        "body": "text",
        "state": "open",
        "user": person(),
        "assignees": [],
        "labels": [],
        "milestone": None,
        "created_at": at(number),
        "updated_at": at(number if minutes is None else minutes),
        "closed_at": None,
        "html_url": f"https://github.com/{name}/issues/{number}",
        **more,
    }


def pull(number: int, minutes: float | None = None, name: str = "o/r", **more: Any) -> dict[str, Any]:
    """A row of /pulls."""
    head = {"head": {"sha": f"sha{number}"}, "base": {"ref": "main"}, "requested_reviewers": [], "draft": False}
    return {**issue(number, minutes, name), "merged_at": None, **head, **more}


def as_issue(row: dict[str, Any]) -> dict[str, Any]:
    """How a pull request looks in /issues."""
    plain = {k: v for k, v in row.items() if k not in ("head", "base", "requested_reviewers", "merged_at")}
    return {**plain, "pull_request": {"merged_at": row["merged_at"]}}


def comment(number: int, item: int, minutes: float, name: str = "o/r", **more: Any) -> dict[str, Any]:
    """A row of /issues/comments."""
    return {
        "id": number,
        "issue_url": f"https://api.github.com/repos/{name}/issues/{item}",
        "user": person(),
        "body": "a remark",
        "created_at": at(minutes),
        "updated_at": at(minutes),
        "html_url": f"https://github.com/{name}/issues/{item}#c{number}",
        **more,
    }


def milestone(number: int, **more: Any) -> dict[str, Any]:
    """A row of /milestones."""
    return {
        "id": 500 + number,
        "number": number,
        "title": f"v{number}",
        "description": None,
        "state": "open",
        "due_on": "2026-06-01T07:00:00Z",
        "created_at": at(0),
        "updated_at": at(0),
        "closed_at": None,
        "html_url": f"https://github.com/o/r/milestone/{number}",
        **more,
    }


def pull_commit(sha: str, minutes: float = 1, **more: Any) -> dict[str, Any]:
    """A row of /pulls/{n}/commits; `author` is the account, or `None` where there is none."""
    who = {"name": "Dev", "email": "dev@example.com", "date": at(minutes)}
    told = {"message": f"Change {sha}", "author": {**who, "date": at(minutes - 1)}, "committer": who}
    return {"sha": sha, "commit": told, "author": person(), "html_url": f"u/{sha}", **more}


def event(number: int, kind: str = "closed", item: int = 1, **more: Any) -> dict[str, Any]:
    """A row of /issues/events."""
    base = {"id": number, "event": kind, "actor": person(), "created_at": at(number), "commit_id": None}
    return {**base, "issue": {"number": item}, **more}


@dataclass
class FakeRepository:
    """The rows of one repository; tests change them in place."""

    id: int = 1
    name: str = "o/r"
    issues: Rows = field(default_factory=list)
    pulls: Rows = field(default_factory=list)
    comments: Rows = field(default_factory=list)
    milestones: Rows = field(default_factory=list)
    labels: Rows = field(default_factory=list)
    events: Rows = field(default_factory=list)
    commits: Rows = field(default_factory=list)
    runs: Rows = field(default_factory=list)
    review_comments: Rows = field(default_factory=list)
    details: dict[str, Rows] = field(default_factory=dict)
    old_names: tuple[str, ...] = ()
    has_issues: bool = True
    stars: int = 0
    deleted: set[int] = field(default_factory=set)
    """Items that answer 410, as deleted ones do."""
    moved: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Items that were transferred: the repository and the number they have now."""

    def description(self) -> dict[str, Any]:
        url = f"https://github.com/{self.name}"
        flags = {"has_issues": self.has_issues, "default_branch": "main", "stars": self.stars}
        return {"id": self.id, "full_name": self.name, "html_url": url, **flags}


@dataclass
class Fault:
    """What happens instead of an answer, so many times; `error` is raised, else `status` is judged."""

    match: str
    times: int = 1
    error: Exception | None = None
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: str = '{"message": "fault"}'


Ask = Callable[[FakeRepository, dict[str, Any]], Rows]


class FakeGitHub:
    """Answers like GitHub at the level of `GitHubLike`."""

    def __init__(self, *repositories: FakeRepository, page_size: int = 100, account: str = "a") -> None:
        self.repositories = list(repositories) or [FakeRepository()]
        self.page_size = page_size
        self.fingerprint = f"fp-{account}"
        self.faults: list[Fault] = []
        self.log: list[tuple[str, int]] = []
        self.before: Callable[[str], None] = lambda url: None
        self.closed = 0

    def close(self) -> None:
        self.closed += 1

    def get(self, path: str, parameters: Parameters | None = None, etag: str | None = None) -> Answer:
        query = {k: str(v) for k, v in (parameters or {}).items()}
        url = path + "".join(f"&{k}={v}" for k, v in sorted(query.items()))
        self.before(url)
        status, headers, body = self._answer(path, query, url)
        if status == 200 and etag is not None and etag == headers.get("etag"):
            status, body = 304, ""
        self.log.append((url, status))
        return judge(status=status, headers=headers, body=body, path=path, now=NOW, has_token=True)

    def asked(self, part: str) -> list[str]:
        return [url for url, _ in self.log if part in url]

    def _answer(self, path: str, query: dict[str, str], url: str) -> tuple[int, dict[str, str], str]:
        fault = next((f for f in self.faults if f.times > 0 and re.search(f.match, url)), None)
        if fault:
            fault.times -= 1
            if fault.error:
                self.log.append((url, 0))
                raise fault.error
            return fault.status, fault.headers, fault.body
        found = re.match(r"/(?:repos/([^/]+/[^/]+)|repositories/(\d+))(/.*)?$", path)
        repository = found and self._named(found[1], found[2])
        if not found or not repository:
            return 404, {}, '{"message": "Not Found"}'
        tail = found[3] or ""
        if not repository.has_issues and tail.startswith(("/issues", "/milestones")):
            return 410, {}, '{"message": "Issues are disabled"}'
        return self._of(repository, tail, query)

    def _named(self, name: str | None, number: str | None) -> FakeRepository | None:
        return next(
            (r for r in self.repositories if str(r.id) == number or name in (r.name, *r.old_names)),
            None,
        )

    def _of(self, r: FakeRepository, tail: str, query: dict[str, str]) -> tuple[int, dict[str, str], str]:
        if tail == "":
            return self._tagged(r.description(), {})
        single = re.match(r"/pulls/(\d+)$", tail)
        if single:
            rows = [row for row in r.pulls if row["number"] == int(single[1])]
            return self._tagged(rows[0], {}) if rows else (404, {}, "{}")
        if thing := re.match(r"/(milestones|issues/comments)/(\d+)$", tail):
            rows = r.milestones if thing[1] == "milestones" else r.comments
            found = [row for row in rows if int(thing[2]) in (row["id"], row.get("number"))]
            return self._tagged(found[0], {}) if found else (404, {}, "{}")
        if item := re.match(r"/issues/(\d+)(/comments)?$", tail):
            return self._item(r, int(item[1]), comments=bool(item[2]), query=query)
        if label := re.match(r"/labels/(.+)$", tail):
            found = [row for row in r.labels if row["name"] == label[1]]
            return self._tagged(found[0], {}) if found else (404, {}, '{"message": "Not Found"}')
        if tail in r.details and re.match(r"/pulls/\d+/", tail):
            return self._page(r.details[tail], int(query.get("page", 1)))
        if tail in r.details:
            return self._tagged(r.details[tail], {})
        lists: dict[str, Rows] = {
            "/issues": r.issues + [as_issue(p) for p in r.pulls],
            "/pulls": r.pulls,
            "/issues/comments": r.comments,
            "/pulls/comments": r.review_comments,
            "/milestones": r.milestones,
            "/labels": r.labels,
            "/branches": [],
            "/releases": [],
            "/deployments": [],
            "/issues/events": sorted(r.events, key=lambda e: -e["id"]),
            "/commits": r.commits,
            "/actions/runs": sorted(r.runs, key=lambda e: -e["id"]),
        }
        if tail not in lists:
            return 404, {}, '{"message": "Not Found"}'
        return self._page(_chosen(lists[tail], query), int(query.get("page", 1)))

    def _item(
        self, r: FakeRepository, number: int, *, comments: bool, query: dict[str, str]
    ) -> tuple[int, dict[str, str], str]:
        """One item by itself, found where it was moved to, or its comments."""
        if number in r.deleted:
            return 410, {}, '{"message": "This issue was deleted"}'
        if number in r.moved:
            name, there = r.moved[number]
            return self._item(
                next(one for one in self.repositories if one.name == name), there, comments=comments, query=query
            )
        if comments:
            own = [row for row in r.comments if row["issue_url"].endswith(f"/issues/{number}")]
            return self._page(own, int(query.get("page", 1)))
        rows = [row for row in r.issues + [as_issue(p) for p in r.pulls] if row["number"] == number]
        where = {"repository_url": f"https://api.github.com/repos/{r.name}"}
        return self._tagged({**rows[0], **where}, {}) if rows else (404, {}, '{"message": "Not Found"}')

    def _page(self, rows: Rows, page: int) -> tuple[int, dict[str, str], str]:
        size = self.page_size
        last = max(1, -(-len(rows) // size))
        link = f'<https://api/x?page={page + 1}>; rel="next", <https://api/x?page={last}>; rel="last"'
        return self._tagged(rows[(page - 1) * size : page * size], {"link": link} if page < last else {})

    def _tagged(self, body: Any, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        text = json.dumps(body, sort_keys=True)
        etag = hashlib.sha256((self.fingerprint + text + str(headers)).encode()).hexdigest()[:16]
        return 200, {**headers, "etag": f'W/"{etag}"'}, text


def _chosen(rows: Rows, query: dict[str, str]) -> Rows:
    if query.get("state", "all") != "all":
        rows = [row for row in rows if row["state"] == query["state"]]
    if "since" in query:
        rows = [row for row in rows if row["updated_at"] >= query["since"]]
    if "milestone" in query:
        rows = [row for row in rows if (row["milestone"] or {}).get("number") == int(query["milestone"])]
    if query.get("sort") in ("updated", "created"):
        key = f"{query['sort']}_at"
        rows = sorted(rows, key=lambda r: (r[key], r["id"]), reverse=query.get("direction") == "desc")
    return rows


class KilledError(Exception):
    """The process died before this page was stored."""


class MemoryStore:
    """The parts of the store that a sync needs, in dicts; `kill_at` dies before that many pages were stored."""

    def __init__(self) -> None:
        self.records: dict[tuple[Any, ...], Any] = {}
        self.cursors: dict[tuple[int, str], Cursor] = {}
        self.validators: dict[tuple[int, str], Validator] = {}
        self.statuses: dict[int, SyncStatus] = {}
        self.asked_for: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.marks: dict[tuple[int, str], datetime] = {}
        self.exchanges_logged: list[Exchange] = []
        self.full_reads: dict[int, datetime] = {}
        self.audited: list[AuditEntry] = []
        self.gone: set[str] = set()
        self.pages: list[Page] = []
        self.kill_at: int | None = None

    def apply(self, page: Page) -> Future[None]:
        if self.kill_at is not None and len(self.pages) >= self.kill_at:
            raise KilledError
        self.pages.append(page)
        for record in page.records:
            self._keep(record)
        if page.cursor:
            self.cursors[page.repository_id, page.cursor.entity] = page.cursor
        if page.validator:
            self.validators[page.repository_id, page.validator.url] = page.validator
        if page.status:
            self.statuses[page.repository_id] = page.status
        seen = {record.evidence_id for record in page.records if hasattr(record, "evidence_id")}
        self.gone = (self.gone - seen) | set(page.gone)
        return _done()

    def _keep(self, record: Any) -> None:
        if isinstance(record, Repository):
            self.records["Repository", record.id] = record
            self.asked_for.pop(record.full_name.lower(), None)
            return
        key = (type(record).__name__, getattr(record, "repository_id", 0), _name(record))
        old = self.records.get(key)
        if isinstance(record, WorkItem) and old and old.head_sha and not record.head_sha:
            return
        self.records[key] = record

    def of_kind(self, kind: type) -> list[Any]:
        return [record for record in self.records.values() if isinstance(record, kind)]

    def cursor(self, repository_id: int, entity: str) -> Cursor | None:
        return self.cursors.get((repository_id, entity))

    def validator(self, repository_id: int, url: str) -> Validator | None:
        return self.validators.get((repository_id, url))

    def repositories(self) -> tuple[Repository, ...]:
        return tuple(sorted(self.of_kind(Repository), key=lambda r: r.full_name))

    def wanted(self) -> tuple[str, ...]:
        return tuple(self.asked_for.values())

    def wishes(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, self.refused.get(key, "")) for key, name in self.asked_for.items())

    def track(self, full_name: str) -> Future[None]:
        self.refused.pop(full_name.lower(), None)
        if full_name.lower() not in {r.full_name.lower() for r in self.repositories()}:
            self.asked_for.setdefault(full_name.lower(), full_name)
        return _done()

    def forget_wish(self, full_name: str) -> Future[None]:
        self.asked_for.pop(full_name.lower(), None)
        return _done()

    def known_numbers(self, repository_id: int) -> frozenset[int]:
        items = [i for i in self.of_kind(WorkItem) if i.repository_id == repository_id]
        return frozenset(i.number for i in items if not self._is_gone(f"{i.repository}#{i.number}"))

    def labels(self, repository_id: int) -> tuple[Label, ...]:
        mine = [one for one in self.of_kind(Label) if one.repository_id == repository_id]
        dead = {name.rsplit("#", 1)[1] for name in self.gone if name.startswith("label:")}
        return tuple(one for one in mine if str(one.id) not in dead)

    def _is_gone(self, name: str) -> bool:
        return not self.gone.isdisjoint({f"issue:{name}", f"pr:{name}"})

    def comment_ids(self, repository_id: int) -> dict[int, frozenset[int]]:
        found: dict[int, frozenset[int]] = {}
        for one in self.of_kind(Comment):
            if one.repository_id == repository_id and not one.review and one.evidence_id not in self.gone:
                found[one.item_number] = found.get(one.item_number, frozenset()) | {one.id}
        return found

    def milestones(self, repository_id: int) -> tuple[Milestone, ...]:
        found = (m for m in self.of_kind(Milestone) if m.repository_id == repository_id)
        return tuple(m for m in found if m.evidence_id not in self.gone)

    def refuse_wish(self, full_name: str, sentence: str, at: datetime) -> Future[None]:
        self.refused[full_name.lower()] = sentence
        return _done()

    def mark_read(self, repository_id: int, entities: Mapping[str, datetime]) -> Future[None]:
        self.marks.update({(repository_id, entity): moment for entity, moment in entities.items()})
        return _done()

    def log_exchanges(self, exchanges: Sequence[Exchange]) -> Future[None]:
        self.exchanges_logged += exchanges
        return _done()

    def reconciled(self, repository_id: int, at: datetime) -> Future[None]:
        self.full_reads[repository_id] = at
        return _done()

    def reconciled_at(self, repository_id: int) -> datetime | None:
        return self.full_reads.get(repository_id)

    def audit(self, entry: AuditEntry) -> Future[None]:
        self.audited.append(entry)
        return _done()

    def status(self, repository_id: int) -> SyncStatus | None:
        return self.statuses.get(repository_id)

    def freshness(self) -> tuple[RepositoryFreshness, ...]:
        return tuple(self._fresh(repository) for repository in self.repositories())

    def _fresh(self, repository: Repository) -> RepositoryFreshness:
        items = [i for i in self.of_kind(WorkItem) if i.repository_id == repository.id]
        status = self.statuses.get(repository.id)
        return RepositoryFreshness(
            repository=repository,
            items=len(items),
            open_items=sum(i.is_open for i in items),
            comments=sum(c.repository_id == repository.id for c in self.of_kind(Comment)),
            synced_at=status.synced_at if status else None,
            state=status.state if status else RepositoryState.WAITING,
            sentence=status.sentence if status else "",
            next_try_at=status.next_try_at if status else None,
        )


def _name(record: Any) -> Any:
    """What identifies a record within its kind and repository."""
    match record:
        case WorkItem():
            return record.number
        case Commit():
            return record.sha
        case Check():
            return record.source, record.id
        case BranchList():
            return "all"
        case ItemLinks():
            return record.item_number, record.kind
        case PullCommits():
            return record.item_number
        case _:
            return record.id


def _done() -> Future[None]:
    future: Future[None] = Future()
    future.set_result(None)
    return future
