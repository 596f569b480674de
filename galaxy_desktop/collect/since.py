"""Lists that GitHub filters by `since`: issues, comments and review comments.

Rows are asked oldest change first, and the next question starts at the newest change seen ("keyset"
paging): a row that changes while we read moves to the end and is met there, where page numbers would skip
its neighbor. Only when one second fills a whole page are page numbers needed; then the page before is asked
again under its ETag, and the second is read anew if it moved.

`since` is inclusive and GitHub's replicas lag, so every poll starts 120 s before the newest change seen.
What those 120 s hold is remembered, so that a row is handed on once. The questions of the last poll are
remembered with their ETags (the "chain", nearly always one link): asked again they are all 304 while
nothing moves. The chain is written with the last page of a poll only, else a kill in between would hide
the pages after it. The local clock plays no part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from galaxy_desktop.collect.answers import Answer, Parameters, Row
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted, moment, stamp, updated
from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.sync import Cursor, Page

OVERLAP = timedelta(seconds=120)
MOST_REMEMBERED = 500
MOST_REREADS = 3


@dataclass(frozen=True, slots=True)
class SinceList:
    """One such list; `key` names a row within the repository."""

    entity: str
    tail: str
    parameters: Parameters
    key: Callable[[Row], int]
    convert: Callable[[Reading, Answer, Row], Record]


def before(position: str, span: timedelta = OVERLAP) -> str:
    """A stamp some time earlier; "" stays "" and means from the beginning."""
    return stamp(moment(position) - span) if position else ""


@dataclass(slots=True)
class _Poll:
    """One poll of one list while it runs."""

    reading: Reading
    what: SinceList
    position: str
    complete: bool
    seen: dict[str, str]
    old_chain: list[list[Any]]
    since: str
    page: int = 1
    rereads: int = 0
    chain: list[list[Any]] = field(default_factory=list)

    def ask(self, page: int, etag: str | None) -> Answer:
        parameters = {**self.what.parameters, **({"since": self.since} if self.since else {})}
        return self.reading.ask(self.what.tail, parameters, page, etag)

    def known_etag(self) -> str | None:
        """The ETag of the question to be asked now, when the last poll asked the same in the same place."""
        place = len(self.chain)
        if place >= len(self.old_chain):
            return None
        since, page, etag = self.old_chain[place]
        return etag if (since, page) == (self.since, self.page) else None


def read_since(reading: Reading, what: SinceList) -> Pages:
    """Every row that changed since the last poll, page by page."""
    poll = _begin(reading, what)
    while True:
        answer = poll.ask(poll.page, poll.known_etag())
        if answer.not_modified:
            link = poll.old_chain[len(poll.chain)]
            poll.chain.append(link)
            if len(poll.chain) == len(poll.old_chain):
                break
            poll.since, poll.page = poll.old_chain[len(poll.chain)][:2]
            continue
        poll.chain.append([poll.since, poll.page, answer.etag])
        last = not answer.more or not answer.rows
        yield _take(poll, answer, last=last)
        if last:
            return
        yield from _turn(poll, answer)
    if poll.chain != poll.old_chain:
        yield reading.page(cursor=_cursor(poll, last=True))


def _begin(reading: Reading, what: SinceList) -> _Poll:
    cursor = reading.cursor(what.entity)
    note = note_of(cursor)
    start = before(cursor.position)
    chain = note.get("chain", []) if note.get("token") == reading.github.fingerprint else []
    return _Poll(
        reading=reading,
        what=what,
        position=cursor.position,
        complete=cursor.complete,
        seen=dict(note.get("seen", {})),
        old_chain=chain if cursor.complete and chain and chain[0][0] == start else [],
        since=start,
    )


def _take(poll: _Poll, answer: Answer, *, last: bool) -> Page:
    """The rows not handed on before, with the cursor that they move."""
    fresh = []
    for row in answer.rows:
        key, changed = str(poll.what.key(row)), updated(row)
        if poll.seen.get(key) != changed:
            fresh.append(row)
            poll.seen[key] = changed
            poll.position = max(poll.position, changed)
    records = converted(fresh, lambda row: poll.what.convert(poll.reading, answer, row))
    return poll.reading.page(records=records, cursor=_cursor(poll, last=last))


def _cursor(poll: _Poll, *, last: bool) -> Cursor:
    floor = before(poll.position)
    recent = sorted((k, v) for k, v in poll.seen.items() if v >= floor)[-MOST_REMEMBERED:]
    poll.seen = dict(recent)
    note: dict[str, Any] = {"token": poll.reading.github.fingerprint, "seen": poll.seen}
    chain = poll.chain if last else poll.old_chain
    if chain and all(etag for _, _, etag in chain) and chain[0][0] == floor:
        note["chain"] = chain
    return poll.reading.moved(poll.what.entity, poll.position, complete=poll.complete or last, note=note)


def _turn(poll: _Poll, answer: Answer) -> Iterator[Page]:
    """Move on to the next question; re-read a second that changed under its page numbers."""
    newest = max(updated(row) for row in answer.rows)
    if newest > poll.since:
        poll.since, poll.page, poll.rereads = newest, 1, 0
        return
    if poll.page > 1 and poll.rereads < MOST_REREADS:
        again = poll.ask(poll.page - 1, poll.chain[-2][2])
        if not again.not_modified:
            yield _take(poll, again, last=False)
            del poll.chain[-poll.page :]
            poll.page, poll.rereads = 1, poll.rereads + 1
            return
    poll.page += 1
