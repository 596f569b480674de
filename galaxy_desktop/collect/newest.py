"""Lists that GitHub gives newest first and filters by nothing: pull requests, events, commits, runs.

The first read takes page 1 alone, so that news is known at once; the pages behind it are history, walked downwards
later as far as GitHub serves them. From then on page 1 is asked under its ETag; when it changed, pages are read until
what was known is reached. The cursor moves, and the ETag is kept, with the last page of such a walk only: a kill in
between loses nothing. A walk that was cut off goes on one page before where it stood (newer rows only push older ones
further down), and then page 1 is asked once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from galaxy_desktop.collect.answers import PER_PAGE, Answer, Parameters, Row, UnaskableError
from galaxy_desktop.collect.history import history_of
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted
from galaxy_desktop.domain.records import Record


@dataclass(frozen=True, slots=True)
class NewestList:
    """One such list.

    `key` gives a text by which the rows sort; `floor` the key at which to stop, from the position reached by
    the last walk ("" at first) and the newest key of this one; `whole_pages` hands on also the rows below it.
    `most_pages` ends the first walk early where nobody needs the rest; `None` goes as far as GitHub serves.
    """

    entity: str
    tail: str
    parameters: Parameters
    key: Callable[[Row], str]
    floor: Callable[[str, str], str]
    convert: Callable[[Reading, Answer, Row], Record | None]
    most_pages: int | None = None
    whole_pages: bool = False


def id_key(row: Row) -> str:
    """Ids as texts that sort like numbers."""
    return f"{int(row.get('id') or 0):020d}"


def read_newest(reading: Reading, what: NewestList) -> Pages:
    """Every row that is new since the last walk, page by page; page 1 alone when there was none."""
    cursor = reading.cursor(what.entity)
    note = note_of(cursor)
    if "top" in note:
        yield from _walk(reading, what, first=max(1, note["page"] - 1), top=note["top"])
        cursor = reading.cursor(what.entity)
    etag = reading.etag(what.tail, what.parameters, 1) if cursor.complete else None
    answer = reading.ask(what.tail, what.parameters, 1, etag)
    if answer.not_modified:
        return
    if cursor.complete:
        yield from _walk(reading, what, first=1, top=None, answer=answer)
    else:
        yield from _first(reading, what, answer)


def _first(reading: Reading, what: NewestList, answer: Answer) -> Pages:
    """Page 1 of a list that was never read; the note about what lies behind it is stored first."""
    keys = list(converted(answer.rows, what.key))
    top = max(keys, default="")
    floor = what.floor("", top)
    if answer.more and keys and min(keys) > floor and what.most_pages != 1:
        total = _total(what, answer) if not floor else None
        note = {"page": 2, "floor": floor, "rows": len(keys), "total": total}
        yield reading.page(cursor=reading.moved(history_of(what.entity), "", complete=False, note=note))
    yield reading.page(
        records=_records(reading, what, answer, floor),
        cursor=reading.moved(what.entity, top, complete=True, note={}),
        validator=reading.validator(what.tail, what.parameters, 1, answer.etag),
    )


def _total(what: NewestList, answer: Answer) -> int | None:
    last = answer.last_page
    return min(last, what.most_pages or last) * PER_PAGE if last else None


def read_newest_history(reading: Reading, what: NewestList) -> Pages:
    """The pages behind the first one, downwards; goes on one page before where it was cut off."""
    cursor = reading.cursor(history_of(what.entity))
    note = note_of(cursor)
    if cursor.complete or "page" not in note:
        return
    page, floor = max(2, note["page"] - 1), note["floor"]
    done = False
    while not done:
        answer = _asked(reading, what, page)
        keys = list(converted(answer.rows, what.key)) if answer else []
        done = _ends(what, answer, page, floor, keys)
        held = note["rows"] + len(keys)
        note = {**note, "page": page + 1, "rows": held if note["total"] is None else min(held, note["total"])}
        yield reading.page(
            records=_records(reading, what, answer, floor) if answer else (),
            cursor=reading.moved(history_of(what.entity), "", complete=done, note=_ended(note) if done else note),
        )
        page += 1


def _ended(note: Mapping[str, Any]) -> dict[str, Any]:
    return {**note, "total": note["rows"]}


def _ends(what: NewestList, answer: Answer | None, page: int, floor: str, keys: list[str]) -> bool:
    if answer is None or not answer.more or min(keys, default="") <= floor:
        return True
    return what.most_pages is not None and page >= what.most_pages


def _walk(reading: Reading, what: NewestList, *, first: int, top: str | None, answer: Answer | None = None) -> Pages:
    """From a page down to what is known; `top` is the newest key when the walk began, `answer` its first page."""
    cursor = reading.cursor(what.entity)
    etag = answer.etag if answer else None
    page = first
    while True:
        answer = answer or _asked(reading, what, page)
        keys = list(converted(answer.rows, what.key)) if answer else []
        top = max([*keys, cursor.position]) if top is None else top
        floor = what.floor(cursor.position, top)
        reached = _ends(what, answer, page, floor, keys)
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
