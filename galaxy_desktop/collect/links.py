"""Native links between items: what blocks an item, and its sub-issues.

Each costs a request an item, so only items are asked whose row of `/issues` says that they have some (see `marks`):
when that row changed, and once a day because a link can come from the other end. When a row says that there are none
any more, that is the answer, and nothing is asked. An older GitHub Enterprise says no numbers: there the open items
of open milestones are asked, when they change. Everything is asked under ETags.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from galaxy_desktop.collect.absence import is_absent, refused_of_one, told_by
from galaxy_desktop.collect.answers import GoneError, Row
from galaxy_desktop.collect.lists import MILESTONES
from galaxy_desktop.collect.marks import ENTITY, UNKNOWN, Mark, marks_of
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted, item_ref, stamp
from galaxy_desktop.collect.whole import kept_of
from galaxy_desktop.domain.repository_facts import ItemLinks, LinkKind
from galaxy_desktop.domain.sync import Cursor, Page
from galaxy_desktop.errors import NoAccessError

ONCE_MORE = timedelta(days=1)
MOST_PAGES = 10
TAILS: Mapping[LinkKind, str] = {LinkKind.BLOCKED_BY: "dependencies/blocked_by", LinkKind.SUB_ISSUE: "sub_issues"}


@dataclass(frozen=True, slots=True)
class Due:
    """Links to be asked; with `none` the row already said that there are none."""

    number: int
    kind: LinkKind
    none: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What was learned of one kind of one item: in which version and when, and how many its row said there are."""

    version: str
    at: str
    count: int


def links_due(number: int, mark: Mark, asked: Mapping[str, Asked], *, in_sprint: bool, yesterday: str) -> list[Due]:
    """What to ask about one item: pure.

    Args:
        number: the item's.
        mark: what its newest row says.
        asked: what was learned before, by kind.
        in_sprint: whether an open milestone has it.
        yesterday: answers from before this stamp are asked again.
    """
    due = []
    for kind, count in ((LinkKind.BLOCKED_BY, mark.blocked_by), (LinkKind.SUB_ISSUE, mark.sub_issues)):
        before = asked.get(kind)
        if count == 0:
            if before and before.count:
                due.append(Due(number, kind, none=True))
        elif count == UNKNOWN:
            if in_sprint and (before is None or before.version != mark.updated):
                due.append(Due(number, kind))
        elif before is None or before.version != mark.updated or before.count != count or before.at < yesterday:
            due.append(Due(number, kind))
    return due


@dataclass(slots=True)
class _State:
    """What the note holds besides the marks: what was learned, and which kinds are (not) offered."""

    reading: Reading
    note: dict[str, Any]
    marks: dict[int, Mark]
    asked: dict[str, dict[str, list[Any]]]

    def learned(self, number: int) -> dict[str, Asked]:
        """What was learned of one item, by kind."""
        return {kind: Asked(*plain) for kind, plain in self.asked.get(str(number), {}).items()}

    def learn(self, due: Due, found: int = 0) -> None:
        """Keep that one kind of one item was asked now; of items without mark and without links nothing is kept."""
        mark = self.marks.get(due.number)
        kinds = self.asked.setdefault(str(due.number), {})
        if mark is None or due.none:
            kinds.pop(due.kind, None)
        else:
            said = mark.blocked_by if due.kind is LinkKind.BLOCKED_BY else mark.sub_issues
            kinds[due.kind] = [mark.updated, stamp(self.reading.clock()), found if said == UNKNOWN else said]
        if not kinds:
            del self.asked[str(due.number)]

    def refused(self, due: Due, why: Exception) -> None:
        """Keep that one kind of one item was refused; once it is the kind that is refused, those items are due again."""
        before = self.note.get(due.kind)
        self.note[due.kind] = refused_of_one(self.reading, due.number, why, before)
        self.learn(due)
        for number in told_by(before, due.number, self.note[due.kind]):
            self.asked.get(str(number), {}).pop(due.kind, None)

    def cursor(self) -> Cursor:
        """The cursor with all of this in its note."""
        return self.reading.moved(ENTITY, "", complete=True, note={**self.note, "asked": self.asked})


def read_links(reading: Reading) -> Pages:
    """One page for every item whose links are due."""
    note = note_of(reading.cursor(ENTITY))
    state = _State(reading, note, marks_of(note), {n: dict(kinds) for n, kinds in note.get("asked", {}).items()})
    for due in _all_due(state):
        yield from _read(state, due)


def _all_due(state: _State) -> list[Due]:
    """Every link to be asked, the item that changed last first; then items that lost their mark, a last time."""
    sprint = frozenset(kept_of(state.reading.cursor(MILESTONES.entity)))
    yesterday = stamp(state.reading.clock() - ONCE_MORE)
    found = [
        due
        for number, mark in state.marks.items()
        for due in links_due(
            number,
            mark,
            state.learned(number),
            in_sprint=mark.milestone in sprint,
            yesterday=yesterday,
        )
    ]
    left = [
        Due(int(number), LinkKind(kind))
        for number, kinds in state.asked.items()
        for kind in kinds
        if int(number) not in state.marks
    ]
    return found + left


def _read(state: _State, due: Due) -> Iterator[Page]:
    """One kind of one item; a kind that several items in a row are refused counts as not offered."""
    reading = state.reading
    if due.none:
        state.learn(due)
        yield reading.page(records=(_links(reading, due, ()),), cursor=state.cursor())
        return
    if is_absent(reading, state.note.get(due.kind) or {}):
        return
    tail = f"/issues/{due.number}/{TAILS[due.kind]}"
    known = state.learned(due.number).get(due.kind)
    try:
        answer = reading.ask(tail, {}, 1, reading.etag(tail, {}, 1) if known else None)
        rows = list(answer.rows)
        for page in range(2, MOST_PAGES + 1):
            if answer.not_modified or len(rows) < (page - 1) * 100:
                break
            rows += reading.ask(tail, {}, page).rows
    except (NoAccessError, GoneError) as refusal:
        state.refused(due, refusal)
        yield reading.page(cursor=state.cursor())
        return
    state.note.pop(due.kind, None)
    if answer.not_modified:
        state.learn(due, known.count if known else 0)
        yield reading.page(cursor=state.cursor())
        return
    state.learn(due, len(rows))
    yield reading.page(
        records=(_links(reading, due, tuple(rows)),),
        cursor=state.cursor(),
        validator=reading.validator(tail, {}, 1, answer.etag if len(rows) < 100 else None),
    )


def _links(reading: Reading, due: Due, rows: tuple[Row, ...]) -> ItemLinks:
    return ItemLinks(
        repository_id=reading.repository.id,
        repository=reading.repository.full_name,
        item_number=due.number,
        kind=due.kind,
        targets=converted(rows, item_ref),
        observed_at=reading.clock(),
    )
