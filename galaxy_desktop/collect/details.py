"""What only a single pull request tells: its size, its files and its reviews.

That costs three requests each, so it is asked for few: open pull requests of open milestones, and the 30 that
changed last within 30 days of the newest change (by GitHub's clock, so that any number of syncs of the
same data asks for the same ones). The list of open pull requests is asked under its ETag, and the cursor's
note remembers which version of each was asked: a quiet repository costs one 304.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from galaxy_desktop.collect.answers import PER_PAGE, Answer, GoneError, Row
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted, item, moment, review_of, stamp, updated
from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.sync import Cursor, Page
from galaxy_desktop.domain.work import WorkItem
from galaxy_desktop.errors import NoAccessError

ENTITY = "details"
TAIL = "/pulls"
PARAMETERS = {"state": "open", "sort": "updated", "direction": "desc"}
NEWEST = 30
RECENT = timedelta(days=30)
MOST_PAGES = 5


@dataclass(slots=True)
class _Asked:
    """Which version of each pull request was asked, and what GitHub does not offer here."""

    versions: dict[str, str]
    absent: list[str]
    wanted: dict[str, str] = field(default_factory=dict)


def read_details(reading: Reading) -> Pages:
    """One page of records for every pull request whose details are due."""
    list_etag = reading.etag(TAIL, PARAMETERS, 1)
    answer = reading.ask(TAIL, PARAMETERS, 1, list_etag)
    if answer.not_modified:
        return
    note = note_of(reading.cursor(ENTITY))
    same_token = note.get("token") == reading.github.fingerprint
    asked = _Asked(dict(note.get("asked", {})), list(note.get("absent", [])) if same_token else [])
    asked.wanted = {str(row["number"]): updated(row) for row in wanted_pulls(answer.rows)}
    for number, version in asked.wanted.items():
        if asked.versions.get(number) != version:
            asked.versions[number] = version
            yield _page_of(reading, int(number), asked)
    yield reading.page(
        cursor=_cursor(reading, asked, complete=True),
        validator=reading.validator(TAIL, PARAMETERS, 1, answer.etag),
    )


def wanted_pulls(rows: tuple[Row, ...]) -> list[Row]:
    """Those of the open pull requests, newest change first, that are worth three requests."""
    if not rows:
        return []
    since = stamp(moment(max(updated(row) for row in rows)) - RECENT)
    recent = [row for row in rows if updated(row) >= since][:NEWEST]
    planned = [row for row in rows if (row.get("milestone") or {}).get("state") == "open"]
    return recent + [row for row in planned if row not in recent]


def _cursor(reading: Reading, asked: _Asked, *, complete: bool) -> Cursor:
    versions = {number: v for number, v in asked.versions.items() if number in asked.wanted}
    note = {"asked": versions, "absent": sorted(asked.absent), "token": reading.github.fingerprint}
    return reading.moved(ENTITY, "", complete=complete, note=note)


def _page_of(reading: Reading, number: int, asked: _Asked) -> Page:
    """The pull request with its files and reviews; nothing when it cannot be read, and gone when GitHub says so."""
    records: tuple[Record, ...] = ()
    gone: tuple[str, ...] = ()
    try:
        answer = reading.github.get(reading.path(f"{TAIL}/{number}"))
    except GoneError:
        gone = (f"pr:{reading.repository.full_name}#{number}",)
    except NoAccessError:
        records = ()
    else:
        records = (*_items(reading, number, answer, asked), *_reviews(reading, number, asked))
    return reading.page(records=records, gone=gone, cursor=_cursor(reading, asked, complete=False))


def _items(reading: Reading, number: int, answer: Answer, asked: _Asked) -> tuple[WorkItem, ...]:
    files = _offered(reading, number, "files", asked)
    names = tuple(row["filename"] for row in files) if files is not None else None
    found = converted(answer.rows, lambda row: item(row, reading.repository, answer.at))
    return tuple(replace(one, files=names) for one in found)


def _reviews(reading: Reading, number: int, asked: _Asked) -> tuple[Record, ...]:
    rows = _offered(reading, number, "reviews", asked) or []
    at = reading.clock()
    return converted(rows, lambda row: review_of(number, row, reading.repository, at))


def _offered(reading: Reading, number: int, what: str, asked: _Asked) -> list[Any] | None:
    """All rows of a list of one pull request, or `None` where GitHub does not offer it: then never asked again."""
    if what in asked.absent:
        return None
    try:
        return list(_rows(reading, f"{TAIL}/{number}/{what}"))
    except NoAccessError:
        asked.absent.append(what)
        return None


def _rows(reading: Reading, tail: str) -> Iterator[Row]:
    for page in range(1, MOST_PAGES + 1):
        answer = reading.ask(tail, {}, page)
        yield from answer.rows
        if len(answer.rows) < PER_PAGE:
            return
