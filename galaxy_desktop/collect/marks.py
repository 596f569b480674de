"""What the rows of `/issues` tell that no record holds: which items have links, and which belong to a sprint.

The list of issues is read anyway, and each of its rows says how many dependencies and sub-issues the item has. So the
list's reader hands its raw rows to `hint`, and the marks kept of them decide later whose links and mentions are
asked: nobody is asked who has none. Marks are in the note of the cursor "links".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable

from galaxy_desktop.collect.answers import Row
from galaxy_desktop.collect.reading import Reading, note_of
from galaxy_desktop.collect.records import converted, updated
from galaxy_desktop.domain.sync import Page

ENTITY = "links"
BOARDS = "boards"
UNKNOWN = -1
"""A number that an older GitHub Enterprise does not tell."""
MOST_MARKS = 2000


@runtime_checkable
class KnowsBoards(Protocol):
    """A local state that can tell of stored boards; without it each repository reads a shared board by itself."""

    def board_updated_at(self, project_id: str) -> datetime | None:
        """When a stored board had changed last when it was read; `None` for one that is not stored."""
        ...

    def planned_items(self, repository_id: int, today: date) -> frozenset[int]:
        """The numbers of a repository's items in iterations of open boards that end today or later."""
        ...


@runtime_checkable
class KnowsRepositories(Protocol):
    """A local state that can tell which repositories it has; without it a board is stored with all of its items."""

    def repository_ids(self) -> frozenset[int]:
        """Every repository that is here, tracked or not; one that was forgotten is not."""
        ...

    def board_holds(self, project_id: str, repository_id: int) -> bool:
        """Whether a stored board has items of a repository."""
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """One item: when it changed, how many links it has of each kind, and the milestone it is in (0 for none)."""

    updated: str
    blocked_by: int
    sub_issues: int
    milestone: int

    @property
    def plain(self) -> list[Any]:
        """As it is kept in a note."""
        return [self.updated, self.blocked_by, self.sub_issues, self.milestone]


def mark_of(row: Row, planned: frozenset[int] = frozenset()) -> Mark | None:
    """What is worth knowing of a row of `/issues`, or `None`: pure.

    Marked are items of open milestones, items in `planned` (those of current iterations), and open items with links.
    """
    milestone = row.get("milestone") or {}
    in_sprint = milestone.get("state") == "open" or row["number"] in planned
    blocked, parts = (
        _number(row, "issue_dependencies_summary", "total_blocked_by"),
        _number(row, "sub_issues_summary", "total"),
    )
    linked = row.get("state") == "open" and max(blocked, parts) > 0
    if not in_sprint and not linked:
        return None
    return Mark(updated(row), blocked, parts, milestone.get("number") or 0 if in_sprint else 0)


def _number(row: Row, summary: str, field: str) -> int:
    if row.get("pull_request") is not None:
        return 0
    found = row.get(summary)
    return int(found.get(field) or 0) if isinstance(found, Mapping) else UNKNOWN


def hint(reading: Reading, rows: Sequence[Row]) -> Page | None:
    """Keep the marks of some rows of `/issues`; `None` when they say nothing new."""
    cursor = reading.cursor(ENTITY)
    note = note_of(cursor)
    marks: dict[str, list[Any]] = dict(note.get("marks", {}))
    planned = planned_numbers(reading)
    for number, mark in converted(rows, lambda row: (str(row["number"]), mark_of(row, planned))):
        if mark is None:
            marks.pop(number, None)
        else:
            marks[number] = mark.plain
    if len(marks) > MOST_MARKS:
        marks = dict(sorted(marks.items(), key=lambda one: str(one[1][0]))[-MOST_MARKS:])
    if marks == note.get("marks", {}):
        return None
    moved = reading.moved(ENTITY, cursor.position, complete=cursor.complete, note={**note, "marks": marks})
    return reading.page(cursor=moved)


def marks_of(note: Mapping[str, Any]) -> dict[int, Mark]:
    """The marks in the note of the cursor "links", the newest change first."""
    found = {int(number): Mark(*plain) for number, plain in note.get("marks", {}).items()}
    return dict(sorted(found.items(), key=lambda one: (one[1].updated, one[0]), reverse=True))


def planned_numbers(reading: Reading) -> frozenset[int]:
    """The items of this repository in iterations that are not over, of the boards it read and of those it shares."""
    read = frozenset[int](note_of(reading.cursor(BOARDS)).get("planned", ()))
    local = reading.local
    if not isinstance(local, KnowsBoards):
        return read
    return read | local.planned_items(reading.repository.id, reading.clock().date())
