"""One repository in one sync: where it stands, what was read, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from galaxy_desktop.collect import planner
from galaxy_desktop.collect.history import SUFFIX, counts
from galaxy_desktop.collect.reading import Pages
from galaxy_desktop.collect.sync import RepositoryReader
from galaxy_desktop.domain.sync import Cursor, Page
from galaxy_desktop.domain.work import Repository, RepositoryState
from galaxy_desktop.services.sync_outcome import Ending, RepositoryResult


@dataclass(slots=True)
class Run:
    """One sync of one repository while it runs; `open` are lists that are being read, by name."""

    name: str
    repository: Repository | None = None
    full_read: bool = False
    reader: RepositoryReader | None = None
    cursors: dict[str, Cursor] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    open: dict[str, Pages] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    waits: dict[str, Iterator[float]] = field(default_factory=dict)
    turns: int = 0
    records: int = 0
    full_read_said: str = ""
    first: bool = False
    """Whether this sync began without every item being known."""
    unfinished: bool = False
    """Whether history is left for the next round."""
    resting: bool = False
    asked: bool = False
    """Whether a person asked for it: what GitHub refused before is tried again, once."""
    result: RepositoryResult | None = None

    @property
    def ready(self) -> bool:
        """Whether something may be done for it now."""
        return self.result is None and not self.resting

    @property
    def known(self) -> Repository:
        """The repository, once it was found."""
        if self.repository is None:
            raise AssertionError(f"{self.name} is read before it was found")
        return self.repository

    def next_wait(self, kind: str, seconds: tuple[float, ...]) -> float | None:
        """The pause before the next retry of this kind, or `None` when there were enough."""
        return next(self.waits.setdefault(kind, iter(seconds)), None)

    def state(self) -> planner.RepositoryState:
        """What the planner must know."""
        return planner.RepositoryState(
            id=self.known.id,
            full_name=self.known.full_name,
            cursors=self.cursors,
            read=frozenset(self.read),
            turns=self.turns,
            full_read_due=self.full_read,
        )

    def take(self, page: Page, entity: str) -> tuple[int, int | None]:
        """Count a page; returns the rows so far of its list and how many there are, where that is known."""
        self.records += len(page.records) + len(page.gone)
        if page.cursor is not None:
            self.cursors[page.cursor.entity] = page.cursor
        if entity.endswith(SUFFIX):
            return counts(self.cursors[entity]) if entity in self.cursors else (0, None)
        self.rows[entity] = self.rows.get(entity, 0) + len(page.records)
        to_come = self.reader.rows_to_come if self.reader else 0
        return self.rows[entity], self.rows[entity] + to_come

    def again(self) -> Run:
        """The same repository in the next round of the same sync."""
        return Run(self.known.full_name, self.repository, self.full_read and not self.full_read_said, turns=self.turns)

    def ended(self, ending: Ending, state: RepositoryState, sentence: str, waits: datetime | None = None) -> None:
        """Keep how it ended."""
        self.open.clear()
        self.result = RepositoryResult(
            full_name=self.repository.full_name if self.repository else self.name,
            ending=ending,
            state=state,
            sentence=sentence,
            repository_id=self.repository.id if self.repository else None,
            records=self.records,
            full_read=self.full_read_said,
            history_waits_until=waits,
        )


@dataclass(slots=True)
class Rate:
    """How fast history is read: pages and seconds so far."""

    pages: int = 0
    seconds: float = 0.0

    def left(self, runs: list[Run]) -> float | None:
        """Seconds until all history of these is read, at the rate so far."""
        to_come = planner.pages_to_come(cursor for run in runs for cursor in run.cursors.values())
        return planner.seconds_left(to_come, self.pages, self.seconds)


@dataclass(slots=True)
class EitherStop:
    """Set when the caller's flag is set or the sync was cancelled from elsewhere."""

    asked: Callable[[], bool]
    cancelled: Callable[[], bool]

    def is_set(self) -> bool:
        """Whether to end now."""
        return self.asked() or self.cancelled()
