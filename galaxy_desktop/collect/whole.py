"""Lists that are read whole at every poll: milestones and labels.

Nothing tells when a milestone was renamed or its due date moved, so every page is asked every time, each
under its own ETag: a quiet list costs one 304. How many pages there are is remembered in the cursor's note,
because a 304 of page 1 says nothing of page 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from galaxy_desktop.collect.answers import Answer, Parameters, Row
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted
from galaxy_desktop.domain.sync import Cursor
from galaxy_desktop.domain.work import Label, Milestone


@dataclass(frozen=True, slots=True)
class WholeList:
    """One such list: `keep` picks from each row what later steps must know also after a 304, `day` when that is due."""

    entity: str
    tail: str
    parameters: Parameters
    convert: Callable[[Reading, Answer, Row], Milestone | Label]
    keep: Callable[[Row], int | None] = lambda _row: None
    day: Callable[[Row], str] = lambda _row: ""


def read_whole(reading: Reading, what: WholeList) -> Pages:
    """Every page that changed."""
    cursor = reading.cursor(what.entity)
    note = note_of(cursor)
    known: int = note.get("pages", 1)
    kept: dict[str, list[int]] = note.get("kept", {})
    days: dict[str, str] = note.get("days", {})
    page, more = 1, True
    while more:
        answer = reading.ask(what.tail, what.parameters, page, reading.etag(what.tail, what.parameters, page))
        if answer.not_modified:
            more = page < known
        else:
            more = answer.more
            known = max(known, page + 1) if more else page
            found = {number: what.day(row) for row in answer.rows if (number := what.keep(row)) is not None}
            kept[str(page)], days = list(found), {**days, **{str(number): day for number, day in found.items()}}
            complete = cursor.complete or not more
            yield reading.page(
                records=_records(reading, what, answer),
                cursor=reading.moved(
                    what.entity,
                    "",
                    complete=complete,
                    note={"pages": known, **_kept(kept, days, known)},
                ),
                validator=reading.validator(what.tail, what.parameters, page, answer.etag),
            )
        page += 1


def _kept(kept: Mapping[str, Sequence[int]], days: Mapping[str, str], known: int) -> dict[str, Any]:
    """What the note says of what is kept: by page, and when each is due where that is known."""
    by_page = {page: list(numbers) for page, numbers in kept.items() if int(page) <= known and numbers}
    all_kept = {str(number) for numbers in by_page.values() for number in numbers}
    due = {number: day for number, day in days.items() if day and number in all_kept}
    return {**({"kept": by_page} if by_page else {}), **({"days": due} if due else {})}


def _records(reading: Reading, what: WholeList, answer: Answer) -> tuple[Milestone | Label, ...]:
    return converted(answer.rows, lambda row: what.convert(reading, answer, row))


def kept_of(cursor: Cursor) -> tuple[int, ...]:
    """What `keep` picked from all pages of a whole list."""
    kept: dict[str, list[int]] = note_of(cursor).get("kept", {})
    return tuple(number for page in sorted(kept, key=int) for number in kept[page])


def days_of(cursor: Cursor) -> dict[int, date]:
    """When each of what `keep` picked is due, for those of which that is known."""
    days: dict[str, str] = note_of(cursor).get("days", {})
    return {int(number): date.fromisoformat(day) for number, day in days.items()}
