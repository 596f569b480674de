"""The outbox's books: changes read from and written to the store, one at a time, so that nobody decides on old news.

A person may discard a change while it is being compared for sending. So every step names the change as it was when
the step was decided on, and does not happen when the stored one is another by now.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from galaxy_desktop.domain.changes import Change, ChangeKind, ChangeState
from galaxy_desktop.domain.events import ChangeMoved, Event
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Comment, Label, Milestone, Person, Repository, State, WorkItem
from galaxy_desktop.domain.work_log import AuditEntry
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services.comparing import Lore
from galaxy_desktop.services.lanes import CallThread
from galaxy_desktop.services.outbox_rules import Known

T = TypeVar("T")
ITEM = re.compile(r"^(?:issue|pr):(.+)#(\d+)$")
READ_S = 60.0
SHOWN_FOR = timedelta(days=30)
"""How long a change that was sent stays on the list."""
WAITING = (ChangeState.APPROVED, ChangeState.SENDING)
OPEN = (ChangeState.DRAFT, ChangeState.APPROVED, ChangeState.SENDING, ChangeState.CONFLICT, ChangeState.PARKED)
ORDER = (
    ChangeKind.NEW_ISSUE,
    ChangeKind.TITLE,
    ChangeKind.BODY,
    ChangeKind.LABELS,
    ChangeKind.ASSIGNEES,
    ChangeKind.MILESTONE,
    ChangeKind.COMMENT,
    ChangeKind.STATE,
)
"""Wishes of one moment, such as those of one dialog, go out in this order: what is said before it is closed."""
UNAPPROVED: dict[str, Any] = {
    "approved_by": "",
    "approved_digest": "",
    "approved_at": None,
    "attempts": 0,
    "next_try_at": None,
    "sending_since": None,
}
"""The parts of a change that must be approved again."""


class OvertakenError(Exception):
    """The stored change is not the one that was decided on: somebody was faster."""


class Storage(Protocol):
    """What the outbox needs of the store."""

    def apply(self, page: Page) -> Future[None]:
        """Store a page whole."""
        ...

    def keep_change(self, change: Change) -> Future[None]:
        """Insert or replace a change."""
        ...

    def change(self, change_id: str) -> Change | None:
        """The change of that id."""
        ...

    def changes(self, since: datetime | None = None) -> tuple[Change, ...]:
        """Every change that is not discarded, newest first; sent ones only since then."""
        ...

    def audit(self, entry: AuditEntry) -> Future[None]:
        """Add to the log that nobody can change."""
        ...

    def repositories(self) -> tuple[Repository, ...]:
        """The tracked repositories."""
        ...

    def labels(self, repository_id: int) -> tuple[Label, ...]:
        """The labels of a repository."""
        ...

    def milestones(self, repository_id: int) -> tuple[Milestone, ...]:
        """The milestones of a repository."""
        ...

    def people(self, repository_id: int) -> tuple[Person, ...]:
        """Whoever was seen in a repository."""
        ...

    def item(self, repository_id: int, number: int) -> WorkItem | None:
        """One item that is not gone."""
        ...


class Books:
    """Changes as stored, with what is stored around them."""

    def __init__(
        self, store: Storage, clock: Callable[[], datetime], publish: Callable[[Event], None] = lambda event: None
    ) -> None:
        """`publish` hears of every step of every change, on the event loop's thread."""
        self._store = store
        self._clock = clock
        self._publish = publish
        self._reads = CallThread("outbox-reads")
        self._turn: asyncio.Lock = asyncio.Lock()

    def close(self) -> None:
        """End the thread that reads."""
        self._reads.close()

    # --- reading

    def shown(self) -> tuple[Change, ...]:
        """Every change that is not discarded, newest first; blocking."""
        return self._store.changes(self._clock() - SHOWN_FOR)

    async def find(self, change_id: str) -> Change | None:
        """A change by its id."""
        return await self._read(lambda: self._store.change(change_id))

    async def get(self, change_id: str) -> Change:
        """A change by its id; raises `WrongUseError` when there is none."""
        found = await self.find(change_id)
        if found is None:
            raise WrongUseError("This change is not there any more.")
        return found

    async def waiting(self) -> tuple[Change, ...]:
        """What is approved and not sent, in order of creation; of one moment the closing comes last."""
        found = await self._read(self.shown)
        waits = (one for one in found if one.state in WAITING)
        return tuple(sorted(waits, key=lambda one: (one.created_at, ORDER.index(one.kind), one.id)))

    async def drafts(self) -> tuple[Change, ...]:
        """What nobody approved yet."""
        return tuple(one for one in await self._read(self.shown) if one.state is ChangeState.DRAFT)

    async def same_field(self, change: Change) -> Change | None:
        """The change not sent yet of the same field of the same item, other than this one."""
        where = (change.kind, change.repository_id, change.item_number)
        for one in await self._read(self.shown):
            same = (one.kind, one.repository_id, one.item_number) == where
            if same and one.state in OPEN and one.id != change.id:
                return one
        return None

    async def claimed(self) -> frozenset[str]:
        """Addresses of comments and issues that other changes made: each was made by one change."""
        return frozenset(one.url for one in await self._read(self.shown) if one.state is ChangeState.SENT)

    async def lore(self, change: Change) -> Lore:
        """What the local copy knows around a change."""
        return await self._read(lambda: self._lore(change))

    async def known(self, change: Change) -> Known:
        """What the local copy knows, for telling whether a change makes sense."""
        return await self._read(lambda: self._known(change))

    def choices(self, full_name: str) -> tuple[tuple[Label, ...], tuple[Milestone, ...], tuple[Person, ...]]:
        """Labels, open milestones and people of a repository; blocking."""
        found = next((r for r in self._store.repositories() if r.full_name.lower() == full_name.lower()), None)
        if found is None:
            raise WrongUseError(f"{full_name} is not tracked. Add it in Settings first.")
        open_ones = tuple(m for m in self._store.milestones(found.id) if m.state is State.OPEN)
        return self._store.labels(found.id), open_ones, self._store.people(found.id)

    def repositories(self) -> tuple[Repository, ...]:
        """The tracked repositories that take issues, by name; blocking."""
        return tuple(one for one in self._store.repositories() if one.has_issues and not one.archived)

    def item(self, evidence_id: str) -> WorkItem | None:
        """An item by the id under which it is cited; blocking."""
        found = ITEM.match(evidence_id)
        if found is None:
            return None
        known = (r.id for r in self._store.repositories() if r.full_name.lower() == found[1].lower())
        repository_id = next(known, None)
        return None if repository_id is None else self._store.item(repository_id, int(found[2]))

    # --- writing

    async def keep(self, change: Change) -> Change:
        """Keep a new change."""
        async with self._turn:
            return await self._keep(change)

    async def move(self, old: Change, **parts: Any) -> Change:
        """Replace a change by itself with other parts, if it still is as it was.

        Raises:
            OvertakenError: it is not.
        """
        async with self._turn:
            if await self.find(old.id) != old:
                raise OvertakenError(old.id)
            return await self._keep(replace(old, **parts))

    async def told(self, change: Change, record: WorkItem | Comment) -> None:
        """Store at once what GitHub answered, so that the screen need not wait for the next poll.

        Nothing is stored for a change that went with its repository, which was forgotten while it was sent.
        """
        if await self.find(change.id) is None:
            return
        page = Page(repository_id=change.repository_id, records=(record,), observed_at=record.observed_at)
        await asyncio.wrap_future(self._store.apply(page))

    # --- plumbing

    async def _keep(self, change: Change) -> Change:
        await asyncio.wrap_future(self._store.keep_change(change))
        self._publish(ChangeMoved(change))
        return change

    def _lore(self, change: Change) -> Lore:
        return Lore(
            item=self._item(change),
            milestones={m.number: m.title for m in self._store.milestones(change.repository_id)},
            people=frozenset(person.login.casefold() for person in self._store.people(change.repository_id)),
        )

    def _known(self, change: Change) -> Known:
        return Known(
            repository=next((r for r in self._store.repositories() if r.id == change.repository_id), None),
            item=self._item(change),
            labels=self._store.labels(change.repository_id),
            milestones={m.number: m for m in self._store.milestones(change.repository_id)},
        )

    def _item(self, change: Change) -> WorkItem | None:
        number = change.item_number
        return None if number is None else self._store.item(change.repository_id, number)

    async def _read(self, call: Callable[[], T]) -> T:
        return await self._reads.run(call, within=READ_S)
