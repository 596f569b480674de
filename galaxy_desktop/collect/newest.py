"""Lists that GitHub gives newest first and filters by nothing: pull requests, events, commits, runs.

Page 1 is asked under its ETag; when it changed, pages are read until what was known is reached. The cursor
moves, and the ETag is kept, with the last page of such a walk only: a kill in between loses nothing. A walk
that was cut off goes on one page before where it stood (newer rows only push older ones further down), and
then page 1 is asked once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from galaxy_desktop.collect.answers import Answer, Parameters, Row, UnaskableError
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted
from galaxy_desktop.domain.records import Record


@dataclass(frozen=True, slots=True)
class NewestList:
    """One such list.

    `key` gives a text by which the rows sort; `floor` the key at which to stop, from the position reached by
    the last walk ("" at first) and the newest key of this one; `whole_pages` hands on also the rows below it.
    """

    entity: str
    tail: str
    parameters: Parameters
    key: Callable[[Row], str]
    floor: Callable[[str, str], str]
    convert: Callable[[Reading, Answer, Row], Record | None]
    most_pages: int = 200
    whole_pages: bool = False


def id_key(row: Row) -> str:
    """Ids as texts that sort like numbers."""
    return f"{int(row.get('id') or 0):020d}"


def read_newest(reading: Reading, what: NewestList) -> Pages:
    """Every row that is new since the last walk, page by page."""
    cursor = reading.cursor(what.entity)
    note = note_of(cursor)
    if "top" in note:
        yield from _walk(reading, what, first=max(1, note["page"] - 1), top=note["top"])
        cursor = reading.cursor(what.entity)
    etag = reading.etag(what.tail, what.parameters, 1) if cursor.complete else None
    answer = reading.ask(what.tail, what.parameters, 1, etag)
    if not answer.not_modified:
        yield from _walk(reading, what, first=1, top=None, answer=answer)


def _walk(reading: Reading, what: NewestList, *, first: int, top: str | None, answer: Answer | None = None) -> Pages:
    """From a page down to what is known; `top` is the newest key when the walk began, `answer` its first page."""
    cursor = reading.cursor(what.entity)
    etag = answer.etag if answer else None
    page = first
    while True:
        answer = answer or _asked(reading, what, page)
        keys = [what.key(row) for row in answer.rows] if answer else []
        top = max([*keys, cursor.position]) if top is None else top
        floor = what.floor(cursor.position, top)
        reached = not answer or not answer.more or min(keys, default="") <= floor or page >= what.most_pages
        position, note = (top, {}) if reached else (cursor.position, {"top": top, "page": page + 1})
        yield reading.page(
            records=_records(reading, what, answer, floor) if answer else (),
            cursor=reading.moved(what.entity, position, complete=cursor.complete or reached, note=note),
            validator=reading.validator(what.tail, what.parameters, 1, etag) if reached else None,
        )
        if reached:
            return
        answer, page = None, page + 1


def _asked(reading: Reading, what: NewestList, page: int) -> Answer | None:
    """A page, or `None` when GitHub does not page that far: then the list ends there for us."""
    try:
        return reading.ask(what.tail, what.parameters, page)
    except UnaskableError:
        if page == 1:
            raise
        return None


def _records(reading: Reading, what: NewestList, answer: Answer, floor: str) -> tuple[Record, ...]:
    rows = [row for row in answer.rows if what.whole_pages or what.key(row) > floor]
    return converted(rows, lambda row: what.convert(reading, answer, row))
