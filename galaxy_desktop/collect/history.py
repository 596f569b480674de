"""What lies behind the newest page of a list: read later, the youngest stretch first, and never held against it.

Reading a long list from its oldest row would keep people waiting for what they care about, and reading it newest
first by page numbers would lose rows that move meanwhile. So the time before the newest page is cut into
stretches, 30 days, then 90, then a year, then everything before; within a stretch lists with `since` are read
oldest first, where nothing can hide. Lists without `since` (pull requests, events, commits, runs) are walked
downwards by page numbers: newer rows only push older ones further down.

A history has a cursor of its own ("issues:history"), made with the first page of its list. Where there is no such
cursor there is nothing to read: the list fitted on one page, or was read whole by an earlier version. Its note
tells how many rows are held and how many there are, for the count and the time left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from galaxy_desktop.collect.answers import PER_PAGE, Answer, Row
from galaxy_desktop.collect.keyset import Paging, SinceList
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted, moment, stamp, updated
from galaxy_desktop.domain.sync import Cursor, Page

SUFFIX = ":history"
STRETCHES = (timedelta(days=30), timedelta(days=90), timedelta(days=365))
WORTH_CUTTING = 10 * PER_PAGE
"""With fewer rows than this the whole past is one stretch: cutting it would cost more than it brings."""


def history_of(entity: str) -> str:
    """The name under which the history of a list is kept."""
    return f"{entity}{SUFFIX}"


def since_note(until: str, *, held: int, total: int) -> dict[str, Any]:
    """The note of a history that was not begun: everything up to and including `until` is missing."""
    note = {"until": until, "newest": until, "rows": held, "total": total}
    return {**note, "start": _start(note)}


def counts(cursor: Cursor) -> tuple[int, int | None]:
    """Rows held and rows there are, as far as known, of a history."""
    note = note_of(cursor)
    total = note.get("total")
    return int(note.get("rows", 0)), int(total) if total is not None else None


def read_history(reading: Reading, what: SinceList) -> Pages:
    """The past of a list with `since`, stretch by stretch; goes on where it was cut off."""
    cursor = reading.cursor(history_of(what.entity))
    note = note_of(cursor)
    position, done = cursor.position, cursor.complete or "until" not in note
    while not done:
        paging = Paging(reading, what, position or note["start"])
        known: set[tuple[int, str]] = set()
        reached = False
        while not reached:
            answer = paging.ask(paging.page)
            paging.chain.append([paging.since, paging.page, answer.etag])
            rows = [row for row in answer.rows if (what.key(row), updated(row)) not in known]
            known = {(what.key(row), updated(row)) for row in answer.rows}
            reached = _reached(answer, note["until"])
            position = "" if reached else _newest(answer)
            note = _counted(note, rows)
            if reached:
                note, done = _next_stretch(note)
            yield from _pages(reading, what, answer, rows, _cursor(reading, what, position, note, complete=done))
            if not reached:
                yield from paging.turn(answer, partial(_again, reading, what, note))


def _again(reading: Reading, what: SinceList, note: Mapping[str, Any], answer: Answer) -> Iterator[Page]:
    cursor = _cursor(reading, what, _newest(answer), note, complete=False)
    yield from _pages(reading, what, answer, answer.rows, cursor)


def _newest(answer: Answer) -> str:
    return max((updated(row) for row in answer.rows), default="")


def _pages(reading: Reading, what: SinceList, answer: Answer, rows: Sequence[Row], cursor: Cursor) -> Iterator[Page]:
    if hint := what.hint(reading, rows):
        yield hint
    records = converted(rows, lambda row: what.convert(reading, answer, row))
    yield reading.page(records=records, cursor=cursor)


def _cursor(reading: Reading, what: SinceList, position: str, note: Mapping[str, Any], *, complete: bool) -> Cursor:
    return reading.moved(history_of(what.entity), position, complete=complete, note=note)


def _reached(answer: Answer, until: str) -> bool:
    """Whether a stretch is read to its end."""
    return not answer.rows or not answer.more or _newest(answer) > until


def _counted(note: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, Any]:
    within = sum(updated(row) <= note["until"] for row in rows)
    return {**note, "rows": min(note["total"], note["rows"] + within)}


def _next_stretch(note: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """The note of the stretch before this one, and whether there is none."""
    if not note["start"]:
        return {**note, "rows": note["total"]}, True
    moved = {**note, "until": note["start"]}
    return {**moved, "start": _start(moved)}, False


def _start(note: Mapping[str, Any]) -> str:
    """Where the stretch that ends at `until` begins; "" is the beginning of the list."""
    if note["total"] - note["rows"] < WORTH_CUTTING:
        return ""
    newest = moment(note["newest"])
    return next((start for span in STRETCHES if (start := stamp(newest - span)) < note["until"]), "")
