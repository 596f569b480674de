"""Who mentioned an item: the one kind of event that a timeline has and `/issues/events` lacks.

Only items of a sprint are asked (of open milestones, and of current iterations), each in every version it has: 25 at
once where GraphQL is offered, elsewhere one by one under the ETag of the timeline. What is due and was not asked in
one pass is asked in the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from galaxy_desktop.collect import nodes
from galaxy_desktop.collect.absence import is_absent, refused_of_one, told_by
from galaxy_desktop.collect.answers import GoneError, Row
from galaxy_desktop.collect.batch import in_batches
from galaxy_desktop.collect.graphql import (
    NOTE,
    NotOfferedError,
    TooMuchError,
    in_repository,
    is_offered,
    mentions_query,
    not_offered,
)
from galaxy_desktop.collect.lists import MILESTONES
from galaxy_desktop.collect.marks import ENTITY as LINKS
from galaxy_desktop.collect.marks import marks_of, planned_numbers
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted, cross_reference
from galaxy_desktop.collect.whole import kept_of
from galaxy_desktop.domain.sync import Cursor, Page
from galaxy_desktop.domain.work import ItemEvent
from galaxy_desktop.errors import NoAccessError

ENTITY = "timeline"
REST = "rest"
BATCH = 25
MOST_AT_ONCE = 200
MOST_BY_REST = 30
MOST_PAGES = 10


@dataclass(slots=True)
class _State:
    """What the note holds: the version in which each item was asked, and what is not offered."""

    reading: Reading
    versions: dict[str, str]
    wanted: dict[int, str]
    lacking: dict[str, Any]

    def due(self) -> list[int]:
        """Items that were not asked in the version that they have, the newest change first."""
        return [number for number, version in self.wanted.items() if self.versions.get(str(number)) != version]

    def cursor(self) -> Cursor:
        """The cursor with all of this in its note."""
        kept = {number: version for number, version in self.versions.items() if int(number) in self.wanted}
        return self.reading.moved(ENTITY, "", complete=not self.due(), note={"asked": kept, **self.lacking})

    def asked(self, number: int) -> None:
        """Keep that an item was asked."""
        self.versions[str(number)] = self.wanted[number]


def read_timeline(reading: Reading) -> Pages:
    """The mentions of every item of a sprint that changed."""
    note = note_of(reading.cursor(ENTITY))
    lacking = {key: note[key] for key in (NOTE, REST) if isinstance(note.get(key), dict)}
    state = _State(reading, dict(note.get("asked", {})), wanted_items(reading), lacking)
    due = state.due()
    if due and is_offered(reading, lacking):
        try:
            yield from _by_graphql(state, due[:MOST_AT_ONCE])
        except NotOfferedError as refusal:
            state.lacking |= not_offered(reading, refusal, state.lacking)
            yield reading.page(cursor=state.cursor())
        else:
            return
    for number in due[:MOST_BY_REST]:
        if is_absent(reading, state.lacking.get(REST) or {}):
            return
        yield from _by_rest(state, number)


def wanted_items(reading: Reading) -> dict[int, str]:
    """The items of open milestones and current iterations with the version they are in, the newest change first."""
    sprint = frozenset(kept_of(reading.cursor(MILESTONES.entity)))
    marks = marks_of(note_of(reading.cursor(LINKS)))
    planned = planned_numbers(reading)
    found = {number: mark.updated for number, mark in marks.items() if mark.milestone in sprint or number in planned}
    return found | {number: "" for number in sorted(planned) if number not in found}


def _by_graphql(state: _State, due: Sequence[int]) -> Pages:
    """Pages of batches; what GitHub does not get done is left for the next pass."""
    reading = state.reading

    def ask(some: Sequence[int], after: str | None = None) -> Mapping[str, Any]:
        return in_repository(reading, mentions_query(some), {"after": after}, "timelines")

    for batch, found in in_batches(due, BATCH, ask):
        if not found:
            return
        events: list[ItemEvent] = []
        for number in batch:
            events += _mentions(reading, number, found.get(f"n{number}"), partial(ask, [number]))
            state.asked(number)
        yield reading.page(records=tuple(events), cursor=state.cursor())


def _mentions(reading: Reading, number: int, node: nodes.Node | None, ask: Any) -> list[ItemEvent]:
    """The mentions of one item, also those that follow on later pages; none of an item that may not be seen."""
    convert = partial(nodes.mention, number, repo=reading.repository, at=reading.clock())
    events: list[ItemEvent] = []
    for _ in range(MOST_PAGES):
        items = (node or {}).get("timelineItems") or {}
        events += converted([one for one in items.get("nodes") or () if one], convert)
        turn = items.get("pageInfo") or {}
        if not turn.get("hasNextPage"):
            break
        try:
            node = ask(turn.get("endCursor")).get(f"n{number}")
        except TooMuchError:
            break
    return events


def _by_rest(state: _State, number: int) -> Iterator[Page]:
    """The mentions in one timeline; where several in a row are refused, timelines are not offered."""
    reading, tail = state.reading, f"/issues/{number}/timeline"
    known = str(number) in state.versions
    try:
        answer = reading.ask(tail, {}, 1, reading.etag(tail, {}, 1) if known else None)
        rows: list[Row] = list(answer.rows)
        page = 1
        while answer.more and not answer.not_modified and page < MOST_PAGES:
            page += 1
            answer = reading.ask(tail, {}, page)
            rows += answer.rows
    except (NoAccessError, GoneError) as refusal:
        before = state.lacking.get(REST)
        state.lacking[REST] = refused_of_one(reading, number, refusal, before)
        state.asked(number)
        for other in told_by(before, number, state.lacking[REST]):
            state.versions.pop(str(other), None)
        yield reading.page(cursor=state.cursor())
        return
    state.lacking.pop(REST, None)
    state.asked(number)
    at = reading.clock()
    yield reading.page(
        records=converted(rows, lambda row: cross_reference(number, row, reading.repository, at)),
        cursor=state.cursor(),
        validator=reading.validator(tail, {}, 1, answer.etag) if page == 1 and not answer.not_modified else None,
    )
