"""The face of the GitHub in memory that readers see: lists, pages, ETags, and what goes wrong on the way."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from galaxy_desktop.collect.answers import Answer, Parameters, judge
from galaxy_desktop.collect.server_clock import ServerClock
from galaxy_desktop.errors import BrokenAnswerError, LimitError, NoAccessError, OfflineError
from tests.services.model_github import Row, World, stamp

REPOSITORY_ID = 7
ELSEWHERE = "o/elsewhere"
FAULTS = ("broken", "limit", "offline", "half")


class ModelGitHub:
    """Answers questions about a world; `before` is told of each question and may change the world or raise."""

    fingerprint = "model"

    def __init__(self, world: World, page_size: int = 3) -> None:
        self.world = world
        self.page_size = page_size
        self.skew = timedelta(0)
        self.before: Callable[[str], None] = lambda path: None
        self.asked: list[tuple[str, int]] = []
        self._looks = 0
        self._server_clock = ServerClock(self.clock)

    def clock(self) -> datetime:
        """The time by our clock, which may be wrong; it goes on a little with every look."""
        self._looks += 1
        return self.world.now + self.skew + timedelta(microseconds=self._looks)

    def get(self, path: str, parameters: Parameters | None = None, etag: str | None = None) -> Answer:
        """One GET."""
        self.before(path)
        status, headers, body = self._answer(path, {k: str(v) for k, v in (parameters or {}).items()})
        headers["date"] = self.world.now.strftime("%a, %d %b %Y %H:%M:%S GMT")
        if status == 200 and etag is not None and etag == headers["etag"]:
            status, body = 304, ""
        self.asked.append((path, status))
        arrived = self._server_clock.learn(headers)
        answer = judge(status=status, headers=headers, body=body, path=path, now=self.clock(), has_token=True)
        return replace(answer, at=arrived)

    def now(self) -> datetime:
        """The moment by GitHub's clock, as the real client tells it from the answers."""
        return self._server_clock.now()

    def graphql(self, query: str, variables: Mapping[str, Any], *, entity: str = "graphql") -> Mapping[str, Any]:
        """This server has no GraphQL."""
        raise NoAccessError("There is no GraphQL here.")

    def close(self) -> None:
        """There is nothing to close."""

    def _answer(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], str]:
        found = re.match(r"/(?:repos/([^/]+/[^/]+)|repositories/(\d+))(/.*)?$", path)
        # A renamed repository is found under its old names, as behind a redirect.
        if path == f"/repos/{ELSEWHERE}":
            return self._tagged(_repository(8, ELSEWHERE), {})
        if not found or (found[2] and int(found[2]) != REPOSITORY_ID):
            return 404, {}, '{"message": "Not Found"}'
        body, paged = self._found(found[3] or "", query)
        if body is None:
            return 404, {}, '{"message": "Not Found"}'
        if body is GONE:
            return 410, {}, '{"message": "This issue was deleted"}'
        headers: dict[str, str] = {}
        if isinstance(body, list) and paged:
            page, last = int(query.get("page", 1)), max(1, -(-len(body) // self.page_size))
            if page < last:
                headers["link"] = (
                    f'<https://api/x?page={page + 1}>; rel="next", <https://api/x?page={last}>; rel="last"'
                )
            body = body[(page - 1) * self.page_size : page * self.page_size]
        return self._tagged(body, headers)

    def _tagged(self, body: Any, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        text = json.dumps(body, sort_keys=True)
        headers["etag"] = 'W/"' + hashlib.sha256((text + str(headers)).encode()).hexdigest()[:16] + '"'
        return 200, headers, text

    def _found(self, tail: str, query: dict[str, str]) -> tuple[Any, bool]:
        world = self.world
        lists: dict[str, Callable[[], list[Row]]] = {
            "/issues": lambda: [world.issue_row(item) for item in world.items.values()],
            "/pulls": lambda: [world.pull_row(item) for item in world.items.values() if item.head],
            "/issues/comments": lambda: [world.note_row(note) for note in world.notes.values()],
            "/milestones": lambda: [world.plan_row(plan) for plan in world.plans.values()],
            "/labels": lambda: [{"id": n, "name": name} for n, name in world.labels.items()],
            "/issues/events": lambda: [world.event_row(event) for event in reversed(world.events)],
            "/pulls/comments": list,
            "/commits": list,
            "/actions/runs": list,
        }
        if tail == "":
            return _repository(REPOSITORY_ID, world.name), False
        if tail in lists:
            return _chosen(lists[tail](), query), True
        if thing := re.match(r"/(milestones|issues/comments)/(\d+)$", tail):
            number, plans = int(thing[2]), thing[1] == "milestones"
            if plans:
                return (world.plan_row(world.plans[number]) if number in world.plans else None), False
            return (world.note_row(world.notes[number]) if number in world.notes else None), False
        if single := re.match(r"/(issues|pulls)/(\d+)(/\w+)?$", tail):
            return self._single(single[1], int(single[2]), single[3] or ""), False
        return None, False

    def _single(self, kind: str, number: int, tail: str) -> Any:
        world, item = self.world, self.world.items.get(number)
        if item is None and kind == "issues" and tail == "":
            return self._elsewhere(number)
        if item is None or (kind == "pulls" and not item.head):
            return None
        if tail == "":
            issue = world.issue_row(item)
            return {**world.pull_row(item), "additions": 1, "deletions": 2} if kind == "pulls" else issue
        if tail == "/comments":
            return [world.note_row(note) for note in world.notes.values() if note.item == number]
        if tail == "/reviews":
            return [{**review, "user": world.person(review["author"])} for review in item.reviews]
        if tail == "/commits":
            when = {"date": stamp(item.created)}
            return [{"sha": item.head, "commit": {"message": "Work", "author": when, "committer": when}}]
        return [{"filename": f"{item.head}.py"}] if tail == "/files" else None

    def _elsewhere(self, number: int) -> Any:
        """A deleted issue is 404 or 410; behind one that was transferred is the issue of another repository."""
        if number in self.world.moved:
            url = f"https://api.github.com/repos/{ELSEWHERE}"
            row = {"id": 10_000 + number, "number": self.world.moved[number], "title": "Moved", "body": None}
            times = {"created_at": "2026-05-01T00:00:00Z", "updated_at": "2026-05-01T00:00:00Z", "state": "open"}
            return {**row, **times, "repository_url": url, "html_url": f"https://github.com/{ELSEWHERE}/issues/1"}
        return GONE if number % 2 else None


GONE = object()


def _repository(number: int, name: str) -> Row:
    return {"id": number, "full_name": name, "html_url": f"https://github.com/{name}", "has_issues": True}


def _chosen(rows: list[Row], query: dict[str, str]) -> list[Row]:
    """Filtered and sorted as GitHub does."""
    if query.get("state", "all") != "all":
        rows = [row for row in rows if row["state"] == query["state"]]
    if "since" in query:
        rows = [row for row in rows if row["updated_at"] >= query["since"]]
    if "milestone" in query:
        rows = [row for row in rows if (row["milestone"] or {}).get("number") == int(query["milestone"])]
    sort = query.get("sort")
    if sort in ("updated", "created"):
        rows = sorted(rows, key=lambda row: (row[f"{sort}_at"], row["id"]), reverse=query.get("direction") == "desc")
    elif sort == "due_on":
        rows = sorted(rows, key=lambda row: (row["due_on"] is None, row["due_on"] or "", row["id"]))
    return rows


def fault(kind: str, now: datetime) -> Exception:
    """What a question may meet instead of an answer."""
    if kind == "limit":
        return LimitError("Slow down.", now + timedelta(minutes=1))
    if kind == "offline":
        return OfflineError("Nobody there.")
    return BrokenAnswerError("Half an answer.")
