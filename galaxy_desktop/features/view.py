"""What one computation looks at: a sprint at a moment, with its items and edges at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.evidence import Evidence, of_iteration, of_milestone
from galaxy_desktop.domain.facts import Dependency
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import Milestone, State, WorkItem
from galaxy_desktop.features.builds import Build, builds_of_repository
from galaxy_desktop.features.index import WorkspaceIndex
from galaxy_desktop.features.sentiment_model import SentimentModel
from galaxy_desktop.features.shared import Shared

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, eq=False)
class SprintView:
    """A sprint as the families see it; `edges` are those of the whole workspace.

    What is `known` is handed in where several sprints of one workspace are looked at with the same moment and holidays.
    """

    index: WorkspaceIndex
    sprint: Sprint
    now: datetime
    edges: tuple[Dependency, ...]
    holidays: frozenset[date] = frozenset()
    embeddings: Mapping[str, Sequence[float]] | None = None
    sentiment_model: SentimentModel | None = None
    known: InitVar[Shared | None] = None
    shared: Shared = field(init=False)
    items: tuple[WorkItem, ...] = field(init=False)
    milestones: tuple[Milestone, ...] = field(init=False)
    closers: Mapping[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self, known: Shared | None) -> None:
        """Look the sprint's records up once."""
        object.__setattr__(self, "shared", known or Shared(self.index, self.now, self.edges, self.holidays))
        object.__setattr__(self, "items", tuple(self.index.items_of(self.sprint)))
        object.__setattr__(self, "milestones", tuple(self.index.milestones_of(self.sprint)))
        object.__setattr__(self, "closers", self.shared.closers)

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
        return self.shared.once("builds", repository, lambda: builds_of_repository(self.index, repository))

    def repository_items(self) -> tuple[WorkItem, ...]:
        """All items of the sprint's repositories, in the sprint or not."""
        return self.of_repositories("items", lambda: tuple(self.index.items_in(self.sprint.repositories)))

    def of_repositories(self, name: str, work: Callable[[], Value]) -> Value:
        """What `work` says of the sprint's repositories, asked once for all sprints of the same ones.

        `work` must look at nothing of the sprint but its repositories.
        """
        return self.shared.once(name, self.sprint.repositories, work)
