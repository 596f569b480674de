"""Lists that are read whole at every poll: milestones and labels.

Nothing tells when a milestone was renamed or its due date moved, so every page is asked every time, each
under its own ETag: a quiet list costs one 304. How many pages there are is remembered in the cursor's note,
because a 304 of page 1 says nothing of page 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from galaxy_desktop.collect.answers import Answer, Parameters, Row
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted
from galaxy_desktop.domain.sync import Cursor
from galaxy_desktop.domain.work import Label, Milestone


@dataclass(frozen=True, slots=True)
class WholeList:
    """One such list: `keep` picks from each row what later steps must know also after a 304."""

    entity: str
    tail: str
    parameters: Parameters
    convert: Callable[[Reading, Answer, Row], Milestone | Label]
    keep: Callable[[Row], int | None] = lambda _row: None


def read_whole(reading: Reading, what: WholeList) -> Pages:
    """Every page that changed."""
    cursor = reading.cursor(what.entity)
    note = note_of(cursor)
    known: int = note.get("pages", 1)
    kept: dict[str, list[int]] = note.get("kept", {})
    page, more = 1, True
    while more:
        answer = reading.ask(what.tail, what.parameters, page, reading.etag(what.tail, what.parameters, page))
        if answer.not_modified:
            more = page < known
        else:
            more = answer.more
            known = max(known, page + 1) if more else page
            kept[str(page)] = [found for row in answer.rows if (found := what.keep(row)) is not None]
            complete = cursor.complete or not more
            now_kept = {number: rows for number, rows in kept.items() if int(number) <= known and rows}
            yield reading.page(
                records=_records(reading, what, answer),
                cursor=reading.moved(
                    what.entity,
                    "",
                    complete=complete,
                    note={"pages": known, **({"kept": now_kept} if now_kept else {})},
                ),
                validator=reading.validator(what.tail, what.parameters, page, answer.etag),
            )
        page += 1


def _records(reading: Reading, what: WholeList, answer: Answer) -> tuple[Milestone | Label, ...]:
    return converted(answer.rows, lambda row: what.convert(reading, answer, row))


def kept_of(cursor: Cursor) -> tuple[int, ...]:
    """What `keep` picked from all pages of a whole list."""
    kept: dict[str, list[int]] = note_of(cursor).get("kept", {})
    return tuple(number for page in sorted(kept, key=int) for number in kept[page])
