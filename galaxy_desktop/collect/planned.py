"""Items of current iterations, asked one by one while the list of items is not yet read whole.

Milestones name their items in one list; a board knows only numbers. Most of those are on the newest page of `/issues`.
The rest would come with history, which may take an hour, so each of them is asked for by itself, once.
"""

from __future__ import annotations

from collections.abc import Iterator

from galaxy_desktop.collect.answers import GoneError
from galaxy_desktop.collect.lists import ISSUES
from galaxy_desktop.collect.marks import planned_numbers
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.reconcile import Held
from galaxy_desktop.collect.records import converted, item
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.errors import NoAccessError

ENTITY = "planned"
MOST = 60
"""Requests in one sync; a board with more items that nobody touched lately is a list of wishes."""


def read_planned(reading: Reading, held: Held) -> Pages:
    """One page for each item of a current iteration that is not held."""
    asked = frozenset[int](note_of(reading.cursor(ENTITY)).get("asked", ()))
    known = held.known_numbers(reading.repository.id)
    for number in sorted(planned_numbers(reading) - known - asked)[-MOST:]:
        asked |= {number}
        yield from _one(reading, number, asked)


def _one(reading: Reading, number: int, asked: frozenset[int]) -> Iterator[Page]:
    cursor = reading.moved(ENTITY, "", complete=True, note={"asked": sorted(asked)})
    try:
        answer = reading.github.get(reading.path(f"/issues/{number}"))
    except (GoneError, NoAccessError):
        yield reading.page(cursor=cursor)
        return
    rows = [row for row in answer.rows if row.get("number") == number]
    if hint := ISSUES.hint(reading, rows):
        yield hint
    yield reading.page(records=converted(rows, lambda row: item(row, reading.repository, answer.at)), cursor=cursor)
