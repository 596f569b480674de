"""A store in a folder of its own, and makers of records with sensible contents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.changes import Change, ChangeKind
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Alert, Severity
from galaxy_desktop.domain.projects import Board, BoardItem, Iteration
from galaxy_desktop.domain.repository_facts import (
    Branch,
    BranchList,
    Check,
    CheckSource,
    Deployment,
    ItemLinks,
    ItemRef,
    LinkKind,
    PullCommit,
    PullCommits,
    Release,
)
from galaxy_desktop.domain.sync import Cursor, Page
from galaxy_desktop.domain.traffic import Exchange, HostTraffic
from galaxy_desktop.domain.work import (
    Comment,
    Commit,
    ItemEvent,
    ItemKind,
    Milestone,
    Person,
    Repository,
    Review,
    State,
    WorkflowRun,
    WorkItem,
)
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from tests.store.fresh import copied_databases

REPO = 42
START = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def _copied_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hundreds of stores are opened here; only the first is migrated."""
    with copied_databases(tmp_path_factory.mktemp("migrated")):
        yield


class Make:
    """Records of repository 42; `at` and `seen` are hours after the first of May, nine o'clock."""

    repo_id = REPO

    @staticmethod
    def hour(hours: float) -> datetime:
        return START + timedelta(hours=hours)

    def repo(self, name: str = "o/r", **more: Any) -> Repository:
        return Repository(**{"id": REPO, "full_name": name, "url": f"https://github.com/{name}", **more})

    def _of_repo(self, seen: float, more: dict[str, Any]) -> dict[str, Any]:
        observed = self.hour(seen)
        return {"repository_id": REPO, "repository": "o/r", "observed_at": observed, "url": "https://x/1", **more}

    def item(self, number: int = 1, at: float = 0, seen: float = 0, **more: Any) -> WorkItem:
        plain = {
            "number": number,
            "kind": ItemKind.ISSUE,
            "title": f"Item {number}",
            "body": "",
            "state": State.OPEN,
            "state_reason": None,
            "author": Person(1, "ada"),
            "assignees": (),
            "labels": (),
            "milestone_number": None,
            "created_at": START,
            "updated_at": self.hour(at),
            "closed_at": None,
        }
        return WorkItem(**self._of_repo(seen, {**plain, **more}))

    def pull(self, number: int = 1, at: float = 0, seen: float = 0, **more: Any) -> WorkItem:
        """A row as the list of pull requests gives it."""
        from_pulls = {"kind": ItemKind.PULL_REQUEST, "head_sha": "c0ffee", "base_ref": "main"}
        return self.item(number, at, seen, **{**from_pulls, **more})

    def pull_as_issue(self, number: int = 1, at: float = 0, seen: float = 0, **more: Any) -> WorkItem:
        """A row as the list of issues gives it: nothing about its head."""
        return self.item(number, at, seen, **{"kind": ItemKind.PULL_REQUEST, **more})

    def milestone(self, number: int = 1, at: float = 0, seen: float = 0, **more: Any) -> Milestone:
        plain = {
            "id": 100 + number,
            "number": number,
            "title": f"v{number}",
            "description": "",
            "state": State.OPEN,
            "due_on": date(2026, 5, 10),
            "created_at": START,
            "updated_at": self.hour(at),
            "closed_at": None,
        }
        return Milestone(**self._of_repo(seen, {**plain, **more}))

    def comment(self, id: int = 1, at: float = 0, seen: float = 0, **more: Any) -> Comment:  # noqa: A002
        plain = {
            "id": id,
            "item_number": 1,
            "author": Person(2, "bob"),
            "body": "Fine.",
            "created_at": START,
            "updated_at": self.hour(at),
        }
        return Comment(**self._of_repo(seen, {**plain, **more}))

    def review(self, id: int = 1, seen: float = 0, **more: Any) -> Review:  # noqa: A002
        who = {"id": id, "item_number": 1, "author": Person(2, "bob")}
        what = {"verdict": "approved", "body": "", "submitted_at": START}
        return Review(**self._of_repo(seen, {**who, **what, **more}))

    def commit(self, sha: str = "c0ffee", seen: float = 0, **more: Any) -> Commit:
        plain = {"sha": sha, "message": "Fix", "author": Person(1, "ada"), "committed_at": START}
        return Commit(**self._of_repo(seen, {**plain, **more}))

    def run(self, id: int = 1, seen: float = 0, **more: Any) -> WorkflowRun:  # noqa: A002
        plain = {
            "id": id,
            "name": "tests",
            "head_sha": "c0ffee",
            "head_branch": "main",
            "event": "push",
            "status": "completed",
            "conclusion": "success",
            "started_at": START,
            "finished_at": self.hour(1),
        }
        return WorkflowRun(**self._of_repo(seen, {**plain, **more}))

    def event(self, id: int = 1, seen: float = 0, **more: Any) -> ItemEvent:  # noqa: A002
        plain = {"id": id, "item_number": 1, "kind": "closed", "actor": Person(1, "ada"), "subject": ""}
        return ItemEvent(**self._of_repo(seen, {**plain, "created_at": START, **more}))

    def check(self, id: int = 1, seen: float = 0, **more: Any) -> Check:  # noqa: A002
        what = {"source": CheckSource.RUN, "id": id, "sha": "c0ffee", "name": "tests", "status": "completed"}
        ended = {"conclusion": "success", "started_at": START, "finished_at": self.hour(1)}
        return Check(**self._of_repo(seen, {**what, **ended, **more}))

    def release(self, id: int = 1, seen: float = 0, **more: Any) -> Release:  # noqa: A002
        what = {"id": id, "tag": f"v{id}", "name": "", "draft": False, "prerelease": False, "author": Person(1, "ada")}
        return Release(**self._of_repo(seen, {**what, "created_at": START, "published_at": START, **more}))

    def deployment(self, id: int = 1, at: float = 0, seen: float = 0, **more: Any) -> Deployment:  # noqa: A002
        what = {"id": id, "sha": "c0ffee", "ref": "main", "environment": "production", "state": "success"}
        return Deployment(**self._of_repo(seen, {**what, "created_at": START, "updated_at": self.hour(at), **more}))

    def branches(self, *names: str, seen: float = 0) -> BranchList:
        listed = tuple(Branch(name, "c0ffee", protected=name == "main") for name in names)
        return BranchList(repository_id=REPO, repository="o/r", branches=listed, observed_at=self.hour(seen))

    def links(self, number: int = 1, *targets: ItemRef, seen: float = 0, **more: Any) -> ItemLinks:
        plain = {"repository_id": REPO, "repository": "o/r", "item_number": number, "kind": LinkKind.BLOCKED_BY}
        return ItemLinks(**{**plain, "targets": targets, "observed_at": self.hour(seen), **more})

    def pull_commit(self, sha: str = "c0ffee", at: float = 0, **more: Any) -> PullCommit:
        plain = {"message": "Try it", "author": Person(1, "ada"), "authored_at": START, "committed_at": self.hour(at)}
        return PullCommit(**{"sha": sha, **plain, **more})

    def pull_commits(self, number: int = 1, *commits: PullCommit, seen: float = 0, **more: Any) -> PullCommits:
        plain = {"repository_id": REPO, "repository": "o/r", "item_number": number, "total": len(commits)}
        return PullCommits(**{**plain, "commits": commits, "observed_at": self.hour(seen), **more})

    def board(self, placed: dict[int, str | None] | None = None, seen: float = 0, **more: Any) -> Board:
        """A board of two iterations; `placed` says in which iteration each item number is."""
        at = self.hour(seen)
        iterations = tuple(
            Iteration(
                id=name, project_id="P1", project_title="Plan", title=f"Iteration {name}", starts_on=start, days=14,
                completed=False, url="https://x/p/1", observed_at=at,
            )
            for name, start in (("A", date(2026, 5, 4)), ("B", date(2026, 5, 18)))
        )  # fmt: skip
        items = tuple(
            BoardItem(
                id=f"I{number}", repository_id=REPO, item_number=number, iteration_id=iteration, status="Todo",
                points=3.0, updated_at=START,
            )
            for number, iteration in sorted((placed or {}).items())
        )  # fmt: skip
        plain = {"id": "P1", "number": 1, "owner": "o", "title": "Plan", "url": "https://x/p/1", "closed": False}
        content = {"updated_at": START, "iterations": iterations, "items": items, "observed_at": at}
        return Board(**{**plain, **content, **more})

    def exchange(self, at: float = 0, **more: Any) -> Exchange:
        asked = {"host": "api.github.com", "repository": "o/r", "entity": "issues", "method": "GET"}
        told = {"path": "/repos/o/r/issues", "status": 200, "outcome": "ok", "cost": 1, "resource": "core"}
        sizes = {"remaining": 4999, "bytes_in": 100, "bytes_out": 10, "seconds": 0.5}
        return Exchange(**{"at": self.hour(at), **asked, **told, **sizes, **more})

    def host(self, host: str = "api.github.com", at: float = 0, **more: Any) -> HostTraffic:
        counts = {"connections": 1, "denied": 0, "bytes_in": 100, "bytes_out": 10}
        moments = {"first_at": self.hour(at), "last_at": self.hour(at)}
        return HostTraffic(**{"host": host, "purpose": "GitHub", **counts, **moments, **more})

    def change(self, id: str = "c1", at: float = 0, **more: Any) -> Change:  # noqa: A002
        plain = {"kind": ChangeKind.TITLE, "repository_id": REPO, "repository": "o/r", "item_number": 1}
        what = {"base": "Item 1", "mine": "Better", "who": "user", "created_at": self.hour(at)}
        return Change(**{"id": id, **plain, **what, **more})

    def page(self, *records: Any, **more: Any) -> Page:
        return Page(**{"repository_id": REPO, "records": records, **more})

    def cursor(self, position: str = "p", *, complete: bool = True, entity: str = "issues") -> Cursor:
        return Cursor(repository_id=REPO, entity=entity, position=position, complete=complete)

    def alert(self, id: str = "alert-1", at: float = 0, **more: Any) -> Alert:  # noqa: A002
        proof = Evidence("issue:o/r#1", "issue", "https://x/1", "Item 1", START)
        plain = {"kind": "overdue", "sprint_id": "s", "reason": "It is late.", "severity": Severity.HIGH}
        return Alert(**{"id": id, "at": self.hour(at), "evidence": (proof,), **plain, **more})


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "profile")


@pytest.fixture
def store(folder: DataFolder) -> Iterator[Store]:
    with Store.open(folder) as opened:
        yield opened


@pytest.fixture
def filled(store: Store, make: Make) -> Store:
    """A store that knows repository 42."""
    store.apply(make.page(make.repo())).result()
    return store
