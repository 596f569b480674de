"""All branches, as one whole list: what was deleted is told by nothing but its absence.

Every page is asked under its own ETag. What a page held is kept in the cursor's note, because the whole list must be
made anew when one page changed, and a 304 of the others says nothing. A push moves one branch, so it costs one page.
"""

from __future__ import annotations

from typing import Any

from galaxy_desktop.collect.absence import optional
from galaxy_desktop.collect.answers import Answer
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted
from galaxy_desktop.domain.repository_facts import Branch, BranchList

ENTITY = "branches"
TAIL = "/branches"
MOST_PAGES = 20


def read_branches(reading: Reading) -> Pages:
    """Every page that changed; the last one carries the whole list."""
    return optional(reading, ENTITY, lambda: _branches(reading))


def _branches(reading: Reading) -> Pages:
    note = note_of(reading.cursor(ENTITY))
    held: dict[str, list[Any]] = dict(note.get("pages", {}))
    owed = bool(note.get("owed"))
    """Whether a page changed of which the whole list was not handed on yet."""
    page, more = 1, True
    while more:
        etag = reading.etag(TAIL, {}, page) if str(page) in held else None
        answer = reading.ask(TAIL, {}, page, etag)
        if answer.not_modified:
            more = str(page + 1) in held
        else:
            held[str(page)] = [[one.name, one.sha, int(one.protected)] for one in _of(answer)]
            more = answer.more and bool(answer.rows) and page < MOST_PAGES
            if not more:
                held = {number: rows for number, rows in held.items() if int(number) <= page}
            owed = True
            moved = reading.moved(ENTITY, "", complete=False, note={"pages": held, "owed": 1})
            yield reading.page(cursor=moved, validator=reading.validator(TAIL, {}, page, answer.etag))
        page += 1
    if owed:
        yield reading.page(
            records=(_whole(reading, held),),
            cursor=reading.moved(ENTITY, "", complete=True, note={"pages": held}),
        )


def _of(answer: Answer) -> tuple[Branch, ...]:
    return converted(
        answer.rows, lambda row: Branch(row["name"], row["commit"]["sha"], bool(row.get("protected", False)))
    )


def _whole(reading: Reading, held: dict[str, list[Any]]) -> BranchList:
    rows = [row for page in sorted(held, key=int) for row in held[page]]
    unique = {name: Branch(name, sha, bool(protected)) for name, sha, protected in rows}
    return BranchList(
        repository_id=reading.repository.id,
        repository=reading.repository.full_name,
        branches=tuple(unique[name] for name in sorted(unique)),
        observed_at=reading.clock(),
    )
