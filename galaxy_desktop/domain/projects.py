"""Boards of GitHub Projects (v2): iterations, and which items of any repository are in them.

A board is read and replaced whole: what left it is told by nothing but its absence. Ids of GitHub's projects are
node ids, texts that survive renames.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Iteration:
    """One iteration of a board: a span of days that is a sprint."""

    id: str
    project_id: str
    project_title: str
    title: str
    starts_on: date
    days: int
    completed: bool
    url: str
    observed_at: datetime

    @property
    def evidence_id(self) -> str:
        """The stable id under which this iteration is cited."""
        return f"iteration:{self.project_id}/{self.id}"

    @property
    def last_day(self) -> date:
        """The last day that belongs to it."""
        return self.starts_on + timedelta(days=max(1, self.days) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardItem:
    """One issue or pull request on a board; drafts of the board itself are not work items and are left out.

    `since` is when it was first seen in its present iteration, `None` when it was there at the first look.
    `points` is the number of the board's estimate field ("Points", "Estimate", "Size"), `None` without one.
    """

    id: str
    repository_id: int
    item_number: int
    iteration_id: str | None
    status: str | None
    points: float | None
    updated_at: datetime
    archived: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One project with its iterations and items, as of `observed_at`."""

    id: str
    number: int
    owner: str
    title: str
    url: str
    closed: bool
    updated_at: datetime
    iterations: tuple[Iteration, ...]
    items: tuple[BoardItem, ...]
    observed_at: datetime
