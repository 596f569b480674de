"""A snapshot looked at from all sides, once: every family asks the same questions of it.

Records are keyed by repository id and number, never by name, so that a comment finds its item even when
the repository was renamed in between. Everything is put into one fixed order here; no later step depends on
the order in which records arrived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from galaxy_desktop.domain.projects import Iteration
from galaxy_desktop.domain.repository_facts import Check, ItemLinks, PullCommits
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import (
    Comment,
    Commit,
    ItemEvent,
    Milestone,
    Repository,
    Review,
    WorkflowRun,
    WorkItem,
)

Key = tuple[int, int]
"""Repository id and the number of an item or milestone in it."""

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, eq=False)
class WorkspaceIndex:
    """Lookups over one snapshot; build it once with `index_of` and hand it to every computation."""

    items: tuple[WorkItem, ...]
    items_by_id: Mapping[str, WorkItem]
    items_by_key: Mapping[Key, WorkItem]
    items_by_name: Mapping[tuple[str, int], WorkItem]
    items_of_repository: Mapping[str, tuple[WorkItem, ...]]
    items_of_milestone: Mapping[Key, tuple[WorkItem, ...]]
    milestones: tuple[Milestone, ...]
    milestones_by_id: Mapping[str, Milestone]
    versions_of_milestone: Mapping[Key, tuple[Milestone, ...]]
    repositories_by_name: Mapping[str, Repository]
    comments_of: Mapping[Key, tuple[Comment, ...]]
    reviews_of: Mapping[Key, tuple[Review, ...]]
    events_of: Mapping[Key, tuple[ItemEvent, ...]]
    commits_of_repository: Mapping[str, tuple[Commit, ...]]
    runs_of_repository: Mapping[str, tuple[WorkflowRun, ...]]
    runs_of_head: Mapping[tuple[str, str], tuple[WorkflowRun, ...]]
    reviewed_repositories: frozenset[str]
    checks_of_head: Mapping[tuple[str, str], tuple[Check, ...]]
    checks_of_repository: Mapping[str, tuple[Check, ...]]
    links_of: Mapping[Key, tuple[ItemLinks, ...]]
    pull_commits_of: Mapping[Key, PullCommits]
    iterations_by_id: Mapping[str, Iteration]
    iterations_of: Mapping[Key, Mapping[str, datetime | None]]
    guessed: frozenset[str] = frozenset()

    def items_in(self, repositories: Iterable[str]) -> list[WorkItem]:
        """All items of these repositories, in the index's order."""
        return [item for name in sorted(set(repositories)) for item in self.items_of_repository.get(name, ())]

    def items_of(self, sprint: Sprint) -> list[WorkItem]:
        """The stored items of a sprint, by repository and number."""
        found = [self.items_by_id[i] for i in set(sprint.items) if i in self.items_by_id]
        return sorted(found, key=lambda item: (item.repository, item.number))

    def milestones_of(self, sprint: Sprint) -> list[Milestone]:
        """The stored milestones of a sprint, by repository and number."""
        found = [self.milestones_by_id[i] for i in set(sprint.milestones) if i in self.milestones_by_id]
        return sorted(found, key=lambda milestone: (milestone.repository, milestone.number))


def key_of(item: WorkItem) -> Key:
    """Under which comments, reviews and events of an item are filed."""
    return item.repository_id, item.number


def index_of(snapshot: Snapshot) -> WorkspaceIndex:
    """Index a snapshot; about 0.1 s for 10,000 items."""
    items = tuple(sorted(snapshot.items, key=lambda i: (i.repository, i.number)))
    milestones = tuple(sorted(snapshot.milestones, key=lambda m: (m.repository, m.number)))
    runs = sorted(snapshot.runs, key=lambda r: (r.started_at, r.id))
    checks = sorted(snapshot.checks, key=_check_order)
    reviews = sorted(snapshot.reviews, key=lambda r: (r.submitted_at, r.id))
    return WorkspaceIndex(
        items=items,
        items_by_id={i.evidence_id: i for i in items},
        items_by_key={key_of(i): i for i in items},
        items_by_name={(i.repository.casefold(), i.number): i for i in items},
        items_of_repository=_grouped(items, lambda i: i.repository),
        items_of_milestone=_grouped(
            (i for i in items if i.milestone_number is not None), lambda i: (i.repository_id, i.milestone_number or 0)
        ),
        milestones=milestones,
        milestones_by_id={m.evidence_id: m for m in milestones},
        versions_of_milestone=_grouped(
            sorted(snapshot.milestone_versions, key=_version_order), lambda m: (m.repository_id, m.number)
        ),
        repositories_by_name={r.full_name.casefold(): r for r in snapshot.repositories},
        comments_of=_grouped(
            sorted(snapshot.comments, key=lambda c: (c.created_at, c.id)), lambda c: (c.repository_id, c.item_number)
        ),
        reviews_of=_grouped(reviews, lambda r: (r.repository_id, r.item_number)),
        events_of=_grouped(
            sorted(snapshot.events, key=lambda e: (e.created_at, e.id)), lambda e: (e.repository_id, e.item_number)
        ),
        commits_of_repository=_grouped(
            sorted(snapshot.commits, key=lambda c: (c.committed_at, c.sha)), lambda c: c.repository
        ),
        runs_of_repository=_grouped(runs, lambda r: r.repository),
        runs_of_head=_grouped(runs, lambda r: (r.repository, r.head_sha)),
        reviewed_repositories=frozenset(r.repository for r in reviews),
        checks_of_head=_grouped(checks, lambda c: (c.repository, c.sha)),
        checks_of_repository=_grouped(checks, lambda c: c.repository),
        links_of=_grouped(snapshot.links, lambda link: (link.repository_id, link.item_number)),
        pull_commits_of={(one.repository_id, one.item_number): one for one in snapshot.pull_commits},
        iterations_by_id={i.evidence_id: i for board in snapshot.boards for i in board.iterations},
        iterations_of=_iterations_of(snapshot),
        guessed=snapshot.guessed,
    )


def _check_order(check: Check) -> tuple[datetime, str, int]:
    return check.started_at or check.finished_at or check.observed_at, check.name, check.id


def _iterations_of(snapshot: Snapshot) -> dict[Key, dict[str, datetime | None]]:
    """For each item the iterations it is in now, each with when it entered; `None` where that was before we looked."""
    found: defaultdict[Key, dict[str, datetime | None]] = defaultdict(dict)
    for board in snapshot.boards:
        ids = {iteration.id: iteration.evidence_id for iteration in board.iterations}
        for item in board.items:
            if item.iteration_id in ids:
                found[item.repository_id, item.item_number][ids[item.iteration_id]] = item.since
    return dict(found)


def _version_order(version: Milestone) -> tuple[datetime, datetime, str, str]:
    return version.observed_at, version.updated_at, str(version.due_on), version.title


def _grouped(records: Iterable[T], key: Callable[[T], K]) -> dict[K, tuple[T, ...]]:
    groups: defaultdict[K, list[T]] = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    return {k: tuple(v) for k, v in groups.items()}
