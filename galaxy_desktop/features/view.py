"""What one computation looks at: a sprint at a moment, with its items and edges at hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.evidence import Evidence, of_iteration, of_milestone
from galaxy_desktop.domain.facts import Dependency, EdgeKind
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import Milestone, State, WorkItem
from galaxy_desktop.features.builds import Build, builds_of_repository
from galaxy_desktop.features.index import WorkspaceIndex
from galaxy_desktop.features.sentiment_model import SentimentModel


@dataclass(frozen=True, slots=True, eq=False)
class SprintView:
    """A sprint as the families see it; `edges` are those of the whole workspace."""

    index: WorkspaceIndex
    sprint: Sprint
    now: datetime
    edges: tuple[Dependency, ...]
    holidays: frozenset[date] = frozenset()
    embeddings: Mapping[str, Sequence[float]] | None = None
    sentiment_model: SentimentModel | None = None
    items: tuple[WorkItem, ...] = field(init=False)
    milestones: tuple[Milestone, ...] = field(init=False)
    closers: Mapping[str, tuple[str, ...]] = field(init=False)
    _builds: dict[str, list[Build]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Look the sprint's records up once."""
        object.__setattr__(self, "items", tuple(self.index.items_of(self.sprint)))
        object.__setattr__(self, "milestones", tuple(self.index.milestones_of(self.sprint)))
        closers: defaultdict[str, list[str]] = defaultdict(list)
        for edge in self.edges:
            if edge.kind is EdgeKind.CLOSES:
                closers[edge.target_id].append(edge.source_id)
        object.__setattr__(self, "closers", {target: tuple(sorted(ids)) for target, ids in closers.items()})

    @property
    def today(self) -> date:
        """The local day of the evaluation."""
        return local_day(self.now, self.now)

    @property
    def open_items(self) -> list[WorkItem]:
        """The sprint's items with work left."""
        return [item for item in self.items if item.is_open]

    @property
    def until(self) -> datetime:
        """The moment up to which the sprint ran: now, or when it was closed."""
        closed = self.sprint.closed_at
        return min(closed, self.now) if closed and self.sprint.state is State.CLOSED else self.now

    @property
    def anchor(self) -> tuple[Evidence, ...]:
        """Evidence for numbers about the sprint as a whole: its milestones and iterations."""
        iterations = (
            self.index.iterations_by_id[i] for i in self.sprint.iterations if i in self.index.iterations_by_id
        )
        return tuple(map(of_milestone, self.milestones)) + tuple(map(of_iteration, iterations))

    def since(self, days: float) -> datetime:
        """The moment that many days before now."""
        return self.now - timedelta(days=days)

    def builds(self, repository: str) -> list[Build]:
        """The builds of one of the sprint's repositories, oldest first; looked up once."""
        if repository not in self._builds:
            self._builds[repository] = builds_of_repository(self.index, repository)
        return self._builds[repository]

    def repository_items(self) -> list[WorkItem]:
        """All items of the sprint's repositories, in the sprint or not."""
        return self.index.items_in(self.sprint.repositories)
