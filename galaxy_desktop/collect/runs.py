"""Workflow runs: new ones from the list, unfinished ones until they end.

The list is asked under the ETag of page 1 and read as far as runs are new. A run that had not finished when it was
last seen stays in the cursor's note; while page 1 still shows it, its end changes that page. Once newer runs pushed
it further down it is asked by itself, under its ETag, and nothing else is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from galaxy_desktop.collect.absence import optional
from galaxy_desktop.collect.answers import GoneError
from galaxy_desktop.collect.lists import RUNS
from galaxy_desktop.collect.newest import read_newest
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted, run
from galaxy_desktop.collect.single import ask_one
from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import WorkflowRun
from galaxy_desktop.errors import NoAccessError

MOST_UNFINISHED = 50
GIVEN_UP = timedelta(days=3)
"""GitHub itself ends a run after a few days; one that is older will not move any more."""


def read_runs(reading: Reading) -> Pages:
    """Every run that is new, and those that were not finished when last seen."""
    return optional(reading, RUNS.entity, lambda: _runs(reading))


def _runs(reading: Reading) -> Pages:
    cursor = reading.cursor(RUNS.entity)
    what = replace(RUNS, most_pages=None) if cursor.complete else RUNS
    note = note_of(cursor)
    unfinished: list[int] = note.get("unfinished", [])
    first: int = note.get("first", 0)
    top = 0
    for page in read_newest(reading, what):
        seen = _runs_in(page.records)
        if seen and max(one.id for one in seen) > top:
            top, first = max(one.id for one in seen), min(one.id for one in seen)
        unfinished = _still(unfinished, seen, reading)
        yield _noted(reading, page, unfinished, first)
    for number in [one for one in unfinished if one < first]:
        yield from _single(reading, number)


def _runs_in(records: Iterable[Record]) -> list[WorkflowRun]:
    return [one for one in records if isinstance(one, WorkflowRun)]


def _still(unfinished: Iterable[int], seen: Iterable[WorkflowRun], reading: Reading) -> list[int]:
    """The runs that are not finished, the newest first, after these were seen."""
    now = reading.clock()
    ended = {one.id for one in seen if one.status == "completed" or now - one.started_at > GIVEN_UP}
    going = {one.id for one in seen} - ended
    return sorted((going | set(unfinished)) - ended, reverse=True)[:MOST_UNFINISHED]


def _noted(reading: Reading, page: Page, unfinished: list[int], first: int) -> Page:
    """The page with these in the note of the list's cursor; other cursors stay as they are."""
    cursor = page.cursor
    if cursor is None or cursor.entity != RUNS.entity or not unfinished:
        return page
    note = {**note_of(cursor), "unfinished": unfinished, "first": first}
    return replace(page, cursor=reading.moved(RUNS.entity, cursor.position, complete=cursor.complete, note=note))


def _single(reading: Reading, number: int) -> Iterator[Page]:
    """One run that page 1 no longer shows; one that is gone is asked no more."""
    validator = None
    records: tuple[WorkflowRun, ...] = ()
    try:
        answer, validator = ask_one(reading, reading.path(f"{RUNS.tail}/{number}"))
    except (NoAccessError, GoneError):
        kept = False
    else:
        if answer.not_modified:
            return
        kept = True
        records = converted(answer.rows, lambda row: run(row, reading.repository, answer.at))
    cursor = reading.cursor(RUNS.entity)
    note = note_of(cursor)
    left = _still((one for one in note.get("unfinished", []) if kept or one != number), records, reading)
    note = {**note, "unfinished": left}
    yield reading.page(
        records=records,
        cursor=reading.moved(RUNS.entity, cursor.position, complete=cursor.complete, note=note),
        validator=validator,
    )
