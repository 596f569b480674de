"""Small records with sensible defaults: a test names only what its rule is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from galaxy_desktop.domain.projects import Board, BoardItem, Iteration
from galaxy_desktop.domain.repository_facts import (
    Check,
    CheckSource,
    ItemLinks,
    ItemRef,
    LinkKind,
    PullCommit,
    PullCommits,
)
from galaxy_desktop.domain.sprints import Snapshot, Sprint
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
from galaxy_desktop.features.edges import dependency_edges
from galaxy_desktop.features.index import index_of
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.features.view import SprintView

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
ANN, BEN, ROBOT = Person(1, "ann"), Person(2, "ben"), Person(3, "build-bot")


def ago(days: float) -> datetime:
    """That many days before the fixed Wednesday noon."""
    return NOW - timedelta(days=days)


@dataclass
class Workspace:
    """Collects records of two tracked repositories, "o/r" (id 1) and "o/s" (id 2)."""

    items: list[WorkItem] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    versions: list[Milestone] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)
    runs: list[WorkflowRun] = field(default_factory=list)
    events: list[ItemEvent] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    links: list[ItemLinks] = field(default_factory=list)
    boards: list[Board] = field(default_factory=list)
    pull_commits: list[PullCommits] = field(default_factory=list)
    names: tuple[str, ...] = ("o/r", "o/s")
    ids: count[int] = field(default_factory=lambda: count(100))

    @staticmethod
    def ago(days: float) -> datetime:
        return ago(days)

    def place(self, repository: str) -> tuple[int, str]:
        return self.names.index(repository) + 1, repository

    def milestone(self, title: str = "1.0", due: date | None = date(2026, 5, 15), **given: object) -> Milestone:
        repository = str(given.pop("repository", "o/r"))
        repository_id, name = self.place(repository)
        number = sum(m.repository == repository for m in self.milestones) + 1
        made = Milestone(
            repository_id=repository_id, repository=name, id=next(self.ids), number=number, title=title, description="",
            state=State.OPEN, due_on=due, created_at=ago(10), updated_at=ago(10), closed_at=None,
            url=f"https://github.com/{name}/milestone/{number}", observed_at=ago(0),
        )  # fmt: skip
        made = replace(made, **given)  # type: ignore[arg-type]
        self.milestones.append(made)
        return made

    def issue(self, number: int, body: str = "", **given: object) -> WorkItem:
        return self._item(ItemKind.ISSUE, number, body, given)

    def pull(self, number: int, body: str = "", **given: object) -> WorkItem:
        return self._item(ItemKind.PULL_REQUEST, number, body, given)

    def _item(self, kind: ItemKind, number: int, body: str, given: dict[str, object]) -> WorkItem:
        repository_id, name = self.place(str(given.pop("repository", "o/r")))
        closed = given.pop("closed", None)
        made = WorkItem(
            repository_id=repository_id, repository=name, number=number, kind=kind, title=f"Item {number}", body=body,
            state=State.CLOSED if closed else State.OPEN, state_reason=None, author=ANN, assignees=(), labels=(),
            milestone_number=1, created_at=ago(9), updated_at=ago(9), closed_at=closed,  # type: ignore[arg-type]
            url=f"https://github.com/{name}/issues/{number}", observed_at=ago(0),
        )  # fmt: skip
        made = replace(made, **given)  # type: ignore[arg-type]
        self.items.append(made)
        return made

    def comment(self, item: WorkItem, body: str, days_ago: float = 1, author: Person | None = BEN) -> Comment:
        made = Comment(
            repository_id=item.repository_id, repository=item.repository, id=next(self.ids), item_number=item.number,
            author=author, body=body, created_at=ago(days_ago), updated_at=ago(days_ago), url=item.url, observed_at=NOW,
        )  # fmt: skip
        self.comments.append(made)
        return made

    def review(self, item: WorkItem, days_ago: float = 1, author: Person | None = BEN, body: str = "") -> Review:
        made = Review(
            repository_id=item.repository_id, repository=item.repository, id=next(self.ids), item_number=item.number,
            author=author, verdict="commented", body=body, submitted_at=ago(days_ago), url=item.url, observed_at=NOW,
        )  # fmt: skip
        self.reviews.append(made)
        return made

    def event(self, item: WorkItem, kind: str, days_ago: float, subject: str = "") -> ItemEvent:
        made = ItemEvent(
            repository_id=item.repository_id, repository=item.repository, id=next(self.ids), item_number=item.number,
            kind=kind, actor=ANN, subject=subject, created_at=ago(days_ago), observed_at=NOW, url=item.url,
        )  # fmt: skip
        self.events.append(made)
        return made

    def link(self, item: WorkItem, kind: LinkKind, *targets: ItemRef) -> None:
        self.links.append(
            ItemLinks(
                repository_id=item.repository_id, repository=item.repository, item_number=item.number, kind=kind,
                targets=targets, observed_at=NOW,
            )
        )  # fmt: skip

    def check(self, sha: str, conclusion: str | None, days_ago: float = 1, **given: object) -> Check:
        made = Check(
            repository_id=1, repository="o/r", source=CheckSource.STATUS, id=next(self.ids), sha=sha, name="jenkins",
            status="completed", conclusion=conclusion, started_at=ago(days_ago), finished_at=ago(days_ago),
            url="https://ci.example/1", observed_at=NOW,
        )  # fmt: skip
        self.checks.append(replace(made, **given))  # type: ignore[arg-type]
        return self.checks[-1]

    def iteration(self, title: str, starts_on: date, *items: WorkItem, **given: Any) -> Iteration:
        """An iteration of 14 days on a board of its own unless `board` names one; `since` is for all its items."""
        project = str(given.get("board", f"PVT_{len(self.boards) + 1}"))
        made = Iteration(
            id=f"it{next(self.ids)}", project_id=project, project_title="Plan", title=title, starts_on=starts_on,
            days=given.get("days", 14), completed=False, url="https://github.com/orgs/o/projects/1", observed_at=NOW,
        )  # fmt: skip
        rows = tuple(
            BoardItem(
                id=f"PVTI_{i.repository_id}_{i.number}", repository_id=i.repository_id, item_number=i.number,
                iteration_id=made.id, status="Todo", points=None, updated_at=NOW, since=given.get("since"),
            )
            for i in items
        )  # fmt: skip
        old = next((b for b in self.boards if b.id == project), None)
        if old is None:
            old = Board(
                id=project, number=1, owner="o", title="Plan", url=made.url, closed=False, updated_at=NOW, iterations=(),
                items=(), observed_at=NOW,
            )  # fmt: skip
        else:
            self.boards.remove(old)
        self.boards.append(replace(old, iterations=(*old.iterations, made), items=(*old.items, *rows)))
        return made

    def run(self, conclusion: str | None, days_ago: float, **given: object) -> WorkflowRun:
        number = next(self.ids)
        made = WorkflowRun(
            repository_id=1, repository="o/r", id=number, name="tests", head_sha="abc", head_branch="main",
            event="push", status="completed", conclusion=conclusion, started_at=ago(days_ago),
            finished_at=ago(days_ago), url=f"https://github.com/o/r/actions/runs/{number}", observed_at=NOW,
        )  # fmt: skip
        made = replace(made, **given)  # type: ignore[arg-type]
        self.runs.append(made)
        return made

    def commit(
        self, days_ago: float = 1, additions: int | None = None, deletions: int | None = None, sha: str = ""
    ) -> Commit:
        sha = sha or f"{next(self.ids):040x}"
        made = Commit(
            repository_id=1, repository="o/r", sha=sha, message="Change\n\nmore", author=ANN, committed_at=ago(days_ago),
            url=f"https://github.com/o/r/commit/{sha}", observed_at=NOW, additions=additions, deletions=deletions,
        )  # fmt: skip
        self.commits.append(made)
        return made

    def pushed(self, item: WorkItem, *messages: str, days_ago: float = 1, total: int = 0) -> PullCommits:
        """The commits of a pull request, an hour between them, the newest so many days ago."""
        made = [ago(days_ago + n / 24) for n in reversed(range(len(messages)))]
        commits = tuple(
            PullCommit(sha=f"{next(self.ids):040x}", message=message, author=ANN, authored_at=at, committed_at=at)
            for message, at in zip(messages, made, strict=True)
        )
        found = PullCommits(
            repository_id=item.repository_id, repository=item.repository, item_number=item.number, commits=commits,
            total=total or len(commits), observed_at=NOW,
        )  # fmt: skip
        self.pull_commits.append(found)
        return found

    def snapshot(self) -> Snapshot:
        """An immutable copy of what was collected."""
        repositories = (
            Repository(id=n + 1, full_name=name, url=f"https://github.com/{name}") for n, name in enumerate(self.names)
        )
        return Snapshot(
            repositories=tuple(repositories), milestones=tuple(self.milestones),
            milestone_versions=tuple(self.versions or self.milestones), items=tuple(self.items),
            comments=tuple(self.comments), reviews=tuple(self.reviews), commits=tuple(self.commits),
            runs=tuple(self.runs), events=tuple(self.events), checks=tuple(self.checks), links=tuple(self.links),
            boards=tuple(self.boards), pull_commits=tuple(self.pull_commits),
        )  # fmt: skip

    def sprint(self) -> Sprint:
        """The first sprint; a milestone is made when there is none."""
        if not self.milestones:
            self.milestone()
        return group_sprints(self.snapshot(), NOW)[0]

    def view(self, holidays: Iterable[date] = (), embeddings: dict[str, list[float]] | None = None) -> SprintView:
        """What the families see of the first sprint."""
        return self.view_of(self.sprint(), holidays, embeddings)

    def view_of(
        self, sprint: Sprint, holidays: Iterable[date] = (), embeddings: dict[str, list[float]] | None = None
    ) -> SprintView:
        """What the families see of a sprint."""
        snapshot = self.snapshot()
        edges = dependency_edges(snapshot)
        return SprintView(index_of(snapshot), sprint, NOW, edges, frozenset(holidays), embeddings)


@pytest.fixture
def space() -> Workspace:
    """An empty workspace."""
    return Workspace()
