"""Sprints, and the snapshot of a workspace from which everything is computed.

A sprint is ours, not GitHub's: a named set of work items with a start and an end, possibly across
repositories. It is made from milestones of the same title or the same end, or from an iteration of a Projects board.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from galaxy_desktop.domain.projects import Board, Iteration
from galaxy_desktop.domain.repository_facts import BranchList, Check, Deployment, ItemLinks, PullCommits, Release
from galaxy_desktop.domain.work import (
    Comment,
    Commit,
    ItemEvent,
    Milestone,
    Repository,
    Review,
    State,
    WorkflowRun,
    WorkItem,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprint:
    """A named set of work items with a start and an end.

    `milestones`, `iterations` and `items` hold evidence ids; `due_history` every due day seen, oldest first;
    `why_grouped` says in words why several milestones became one sprint; `confirmed` whether a
    person agreed with that.
    """

    id: str
    title: str
    repositories: tuple[str, ...]
    milestones: tuple[str, ...]
    items: tuple[str, ...]
    starts_at: datetime | None
    due_on: date | None
    due_history: tuple[date, ...]
    state: State
    closed_at: datetime | None = None
    why_grouped: str = ""
    confirmed: bool = False
    iterations: tuple[str, ...] = ()

    @property
    def anchors(self) -> tuple[str, ...]:
        """What it was made from: the evidence ids of its milestones and iterations."""
        return self.milestones + self.iterations

    @property
    def name(self) -> str:
        """The title as a sentence names it: "Sprint 0.7.2", and "Sprint 27" is not doubled."""
        return self.title if self.title.casefold().startswith("sprint") else f"Sprint {self.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """An immutable copy of what is stored about the tracked repositories, in a fixed order.

    `milestones` are the newest versions, `milestone_versions` all versions seen (oldest first).
    Items are sorted by (repository, number), everything else by (repository, id or sha).
    `guessed` are ids of items and comments in a look back whose text may be newer than the look (see `features.past`).
    """

    repositories: tuple[Repository, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    milestone_versions: tuple[Milestone, ...] = ()
    items: tuple[WorkItem, ...] = ()
    comments: tuple[Comment, ...] = ()
    reviews: tuple[Review, ...] = ()
    commits: tuple[Commit, ...] = ()
    runs: tuple[WorkflowRun, ...] = ()
    events: tuple[ItemEvent, ...] = ()
    checks: tuple[Check, ...] = ()
    releases: tuple[Release, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    branches: tuple[BranchList, ...] = ()
    links: tuple[ItemLinks, ...] = ()
    boards: tuple[Board, ...] = ()
    pull_commits: tuple[PullCommits, ...] = ()
    history_complete: bool = True
    guessed: frozenset[str] = frozenset()
    items_by_id: dict[str, WorkItem] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        """Index the items once: every feature looks them up by evidence id."""
        object.__setattr__(self, "items_by_id", {item.evidence_id: item for item in self.items})

    def of_sprint(self, sprint: Sprint) -> tuple[WorkItem, ...]:
        """The sprint's items in the snapshot's order; ids that are not stored are left out."""
        return tuple(self.pick(sprint.items))

    def milestones_of(self, sprint: Sprint) -> tuple[Milestone, ...]:
        """The sprint's stored milestones in the snapshot's order."""
        wanted = set(sprint.milestones)
        return tuple(m for m in self.milestones if m.evidence_id in wanted)

    def iterations_of(self, sprint: Sprint) -> tuple[Iteration, ...]:
        """The sprint's stored iterations, board by board."""
        wanted = set(sprint.iterations)
        return tuple(i for board in self.boards for i in board.iterations if i.evidence_id in wanted) if wanted else ()

    def pick(self, ids: Iterable[str]) -> list[WorkItem]:
        """The stored items among these evidence ids, in the order asked."""
        return [self.items_by_id[i] for i in ids if i in self.items_by_id]
