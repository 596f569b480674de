"""Lists with `since`, read oldest change first, where nothing can hide.

The next question starts at the newest change seen ("keyset" paging): a row that changes while we read moves to the
end and is met there, where page numbers would skip its neighbor. Only when one second fills a whole page are page
numbers needed; then the page before is asked again under its ETag, and the second is read anew if it moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from galaxy_desktop.collect.answers import Answer, Parameters, Row
from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.collect.records import moment, stamp, updated
from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.sync import Page

OVERLAP = timedelta(seconds=120)
MOST_REREADS = 3


def no_hint(reading: Reading, rows: Sequence[Row]) -> Page | None:
    """Nothing is worth noting in the raw rows."""
    _ = reading, rows
    return None


@dataclass(frozen=True, slots=True)
class SinceList:
    """One such list; `key` names a row within the repository.

    `hint` looks at the raw rows of a page before they are converted and may return a page without records whose
    cursor notes something for another reader; it is stored before the rows are, so that a kill loses no hint.
    """

    entity: str
    tail: str
    parameters: Parameters
    key: Callable[[Row], int]
    convert: Callable[[Reading, Answer, Row], Record]
    hint: Callable[[Reading, Sequence[Row]], Page | None] = no_hint


def before(position: str, span: timedelta = OVERLAP) -> str:
    """A stamp some time earlier; "" stays "" and means from the beginning."""
    return stamp(moment(position) - span) if position else ""


@dataclass(slots=True)
class Paging:
    """Keyset paging through one list from `since` on: which question comes next."""

    reading: Reading
    what: SinceList
    since: str
    page: int = 1
    rereads: int = 0
    chain: list[list[Any]] = field(default_factory=list)

    def ask(self, page: int, etag: str | None = None) -> Answer:
        """One page of the rows that changed at `since` or later, oldest change first."""
        parameters = {**self.what.parameters, **({"since": self.since} if self.since else {})}
        return self.reading.ask(self.what.tail, parameters, page, etag)

    def turn(self, answer: Answer, take: Callable[[Answer], Iterator[Page]]) -> Iterator[Page]:
        """Move on to the next question; re-read a second that changed under its page numbers."""
        newest = max(updated(row) for row in answer.rows)
        if newest > self.since:
            self.since, self.page, self.rereads = newest, 1, 0
            return
        if self.page > 1 and self.rereads < MOST_REREADS:
            again = self.ask(self.page - 1, self.chain[-2][2])
            if not again.not_modified:
                yield from take(again)
                del self.chain[-self.page :]
                self.page, self.rereads = 1, self.rereads + 1
                return
        self.page += 1
