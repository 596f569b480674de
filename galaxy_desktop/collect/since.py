"""Lists that GitHub filters by `since`: issues, comments and review comments.

The first read takes the newest page alone: from then on every change is seen, and what lies before that page is
history, read later in stretches (see `history`). Afterwards rows are asked oldest change first (see `keyset`).

`since` is inclusive and GitHub's replicas lag, so every poll starts 120 s before the newest change seen.
What those 120 s hold is remembered, so that a row is handed on once. The questions of the last poll are
remembered with their ETags (the "chain", nearly always one link): asked again they are all 304 while
nothing moves. The chain is written with the last page of a poll only, else a kill in between would hide
the pages after it. The local clock plays no part.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from galaxy_desktop.collect.answers import PER_PAGE, Answer, Row
from galaxy_desktop.collect.history import history_of, since_note
from galaxy_desktop.collect.keyset import Paging, SinceList, before
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted, updated
from galaxy_desktop.domain.sync import Cursor, Page

__all__ = ["SinceList", "before", "read_since"]

MOST_REMEMBERED = 500


@dataclass(slots=True)
class _Poll:
    """One poll of one list while it runs."""

    paging: Paging
    position: str
    complete: bool
    seen: dict[str, str]
    old_chain: list[list[Any]]

    @property
    def reading(self) -> Reading:
        return self.paging.reading

    @property
    def what(self) -> SinceList:
        return self.paging.what

    def known_etag(self) -> str | None:
        """The ETag of the question to be asked now, when the last poll asked the same in the same place."""
        place = len(self.paging.chain)
        if place >= len(self.old_chain):
            return None
        since, page, etag = self.old_chain[place]
        return etag if (since, page) == (self.paging.since, self.paging.page) else None


def read_since(reading: Reading, what: SinceList) -> Pages:
    """Every row that changed since the last poll, page by page; the newest page alone when there was none."""
    poll = _begin(reading, what)
    if not poll.position and not poll.complete:
        yield from _newest_page(poll)
        return
    paging = poll.paging
    while True:
        answer = paging.ask(paging.page, poll.known_etag())
        if answer.not_modified:
            link = poll.old_chain[len(paging.chain)]
            paging.chain.append(link)
            if len(paging.chain) == len(poll.old_chain):
                break
            paging.since, paging.page = poll.old_chain[len(paging.chain)][:2]
            continue
        paging.chain.append([paging.since, paging.page, answer.etag])
        last = not answer.more or not answer.rows
        yield from _take(poll, answer, last=last)
        if last:
            return
        yield from paging.turn(answer, lambda again: _take(poll, again, last=False))
    if paging.chain != poll.old_chain:
        yield reading.page(cursor=_cursor(poll, last=True))


def _newest_page(poll: _Poll) -> Pages:
    """The rows that changed last; what they leave out becomes the history that is still to be read.

    The note about the history is stored first: a kill in between leaves a list that was never read.
    """
    reading, what = poll.reading, poll.what
    answer = reading.ask(what.tail, {**what.parameters, "direction": "desc"}, 1)
    if answer.more and answer.rows:
        until = min(updated(row) for row in answer.rows)
        note = since_note(until, held=len(answer.rows), total=(answer.last_page or 2) * PER_PAGE)
        yield reading.page(cursor=reading.moved(history_of(what.entity), "", complete=False, note=note))
    yield from _take(poll, answer, last=True)


def _begin(reading: Reading, what: SinceList) -> _Poll:
    cursor = reading.cursor(what.entity)
    note = note_of(cursor)
    start = before(cursor.position)
    chain = note.get("chain", []) if note.get("token") == reading.github.fingerprint else []
    return _Poll(
        paging=Paging(reading, what, start),
        position=cursor.position,
        complete=cursor.complete,
        seen=dict(note.get("seen", {})),
        old_chain=chain if cursor.complete and chain and chain[0][0] == start else [],
    )


def _take(poll: _Poll, answer: Answer, *, last: bool) -> Iterator[Page]:
    """The rows not handed on before, with the cursor that they move."""
    fresh = []
    names = converted(answer.rows, lambda row: (str(poll.what.key(row)), _version(row)))
    for row, (key, version) in zip(answer.rows, names, strict=True):
        if poll.seen.get(key) != version:
            fresh.append(row)
            poll.seen[key] = version
            poll.position = max(poll.position, updated(row))
    if hint := poll.what.hint(poll.reading, fresh):
        yield hint
    records = converted(fresh, lambda row: poll.what.convert(poll.reading, answer, row))
    yield poll.reading.page(records=records, cursor=_cursor(poll, last=last))


def _version(row: Row) -> str:
    """When a row changed and a fingerprint of it: it may change again within the second in which it was read."""
    text = json.dumps(row, sort_keys=True, default=str)
    return f"{updated(row)}#{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _cursor(poll: _Poll, *, last: bool) -> Cursor:
    floor = before(poll.position)
    recent = sorted((k, v) for k, v in poll.seen.items() if v >= floor)[-MOST_REMEMBERED:]
    poll.seen = dict(recent)
    note: dict[str, Any] = {"token": poll.reading.github.fingerprint, "seen": poll.seen}
    chain = poll.paging.chain if last else poll.old_chain
    if chain and all(etag for _, _, etag in chain) and chain[0][0] == floor:
        note["chain"] = chain
    return poll.reading.moved(poll.what.entity, poll.position, complete=poll.complete or last, note=note)
