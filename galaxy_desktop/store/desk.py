"""The part of the store behind the Sync page and the outbox: marks, requests, names asked for, changes, tidying up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, date, datetime
from typing import TypeVar

from sqlalchemy.engine import Connection

from galaxy_desktop.domain.changes import Change
from galaxy_desktop.domain.sync import EntityStatus, Page
from galaxy_desktop.domain.traffic import Exchange, HostTraffic, Usage
from galaxy_desktop.domain.work import Milestone, Person, Repository, WorkItem
from galaxy_desktop.store import boards, forget, marks, outbox, prune, snapshot, traffic, workspace

T = TypeVar("T")


class Desk:
    """What `Store` offers beside records and findings; it brings the two lanes."""

    def __init__(self) -> None:
        self._forgotten: set[int] = set()
        """Repositories forgotten since the start, touched in the writer's lane only."""

    def write(self, run: Callable[[Connection], T]) -> Future[T]:
        """Run in the writer's lane."""
        raise NotImplementedError

    def read(self, run: Callable[[Connection], T]) -> T:
        """Run on a reading connection."""
        raise NotImplementedError

    # --- what GitHub told

    def apply(self, page: Page) -> Future[None]:
        """Write a page of records with its cursor, validator, status and what is gone: all of it, or nothing.

        A page that was on its way while its repository was forgotten does not bring it back: only asking for the
        repository again does.
        """
        return self.write(lambda c: self._apply(c, page))

    def _apply(self, connection: Connection, page: Page) -> None:
        if page.repository_id in self._forgotten:
            named = any(isinstance(r, Repository) and r.id == page.repository_id for r in page.records)
            if not (named and marks.wishes(connection)):
                return
            self._forgotten.discard(page.repository_id)
        workspace.apply(connection, page)

    def known_numbers(self, repository_id: int) -> frozenset[int]:
        """The numbers of the items held of a repository and not gone."""
        return self.read(lambda c: marks.known_numbers(c, repository_id))

    def comment_ids(self, repository_id: int) -> dict[int, frozenset[int]]:
        """The ids of the comments held and not gone by item number, without those of reviews."""
        return self.read(lambda c: marks.comment_ids(c, repository_id))

    def board_updated_at(self, project_id: str) -> datetime | None:
        """When a stored board had changed last when it was read; `None` for one that is not stored."""
        return self.read(lambda c: boards.updated_at(c, project_id))

    def board_holds(self, project_id: str, repository_id: int) -> bool:
        """Whether a stored board has items of a repository."""
        return self.read(lambda c: boards.holds(c, project_id, repository_id))

    def repository_ids(self) -> frozenset[int]:
        """Every repository that is here, tracked or not."""
        return self.read(snapshot.repository_ids)

    def planned_items(self, repository_id: int, today: date) -> frozenset[int]:
        """The numbers of a repository's items in iterations of open boards that end today or later."""
        return self.read(lambda c: boards.planned_items(c, repository_id, today))

    def person_names(self, person_id: int) -> tuple[tuple[str, datetime, datetime], ...]:
        """Every login somebody was seen under with the first and last time, in the order of the first."""
        return self.read(lambda c: marks.person_names(c, person_id))

    def forget_repository(self, repository_id: int, at: datetime | None = None) -> Future[tuple[int, tuple[str, ...]]]:
        """Remove every row of a repository (see `forget`); rows removed, and how its evidence ids began.

        `at` is when, for the audit log: now, unless told.
        """
        moment = at or datetime.now(UTC)

        def run(connection: Connection) -> tuple[int, tuple[str, ...]]:
            found = forget.forget_repository(connection, repository_id, moment)
            self._forgotten.add(repository_id)
            return found

        return self.write(run)

    def expect(self, repository_ids: Collection[int]) -> Future[None]:
        """Take pages of these again, though they were forgotten: somebody brought them back."""
        return self.write(lambda _: self._forgotten.difference_update(repository_ids))

    # --- how far collection is

    def mark_read(self, repository_id: int, entities: Mapping[str, datetime]) -> Future[None]:
        """Note when lists were last read with success, a 304 included."""
        return self.write(lambda c: marks.mark_read(c, repository_id, entities))

    def entity_statuses(self, repository_id: int, today: date) -> tuple[EntityStatus, ...]:
        """Every list of a repository by name: how far it was read, when, what is stored, what it cost `today` (UTC)."""
        return self.read(lambda c: marks.entity_statuses(c, repository_id, today))

    def reconciled(self, repository_id: int, at: datetime) -> Future[None]:
        """Note that a repository was read in full."""
        return self.write(lambda c: marks.reconciled(c, repository_id, at))

    def reconciled_at(self, repository_id: int) -> datetime | None:
        """When a repository was last read in full."""
        return self.read(lambda c: marks.reconciled_at(c, repository_id))

    def refuse_wish(self, full_name: str, sentence: str, at: datetime) -> Future[None]:
        """Note why GitHub did not show a repository; it stays among those wanted until `forget_wish`."""
        return self.write(lambda c: marks.refuse_wish(c, full_name, sentence, at))

    def wishes(self) -> tuple[tuple[str, str], ...]:
        """The names asked for whose repository is not known yet, each with why it was refused ("" before it was)."""
        return self.read(marks.wishes)

    # --- what went over the network

    def log_exchanges(self, exchanges: Sequence[Exchange]) -> Future[None]:
        """Add requests to the log (the newest 2,000 are kept) and to what their days cost, in one transaction."""
        return self.write(lambda c: traffic.log_exchanges(c, exchanges))

    def exchanges(self, limit: int = 500) -> tuple[Exchange, ...]:
        """The last requests, newest first."""
        return self.read(lambda c: traffic.exchanges(c, limit))

    def usage(self, day: date) -> tuple[Usage, ...]:
        """What each list of each repository cost on a day (UTC), by their names."""
        return self.read(lambda c: traffic.usage(c, day))

    def add_traffic(self, rows: Sequence[HostTraffic]) -> Future[None]:
        """Add counts to what is known of each host and purpose."""
        return self.write(lambda c: traffic.add_traffic(c, rows))

    def traffic(self) -> tuple[HostTraffic, ...]:
        """Every host the program talked to or was kept from, by name and purpose."""
        return self.read(traffic.traffic)

    # --- changes to be sent

    def keep_change(self, change: Change, at: datetime | None = None) -> Future[None]:
        """Insert or replace a change; what became of it goes to the audit log in the same transaction.

        `at` is when, for the audit log: the latest moment that the change carries, unless told.
        """
        return self.write(lambda c: outbox.keep_change(c, change, at))

    def change(self, change_id: str) -> Change | None:
        """The change of that id."""
        return self.read(lambda c: outbox.change(c, change_id))

    def changes(self, since: datetime | None = None) -> tuple[Change, ...]:
        """Every change that is not discarded, newest first; of those sent only the ones sent since a moment."""
        return self.read(lambda c: outbox.changes(c, since))

    def item(self, repository_id: int, number: int) -> WorkItem | None:
        """One item of a tracked repository that is not gone."""
        return self.read(lambda c: snapshot.item(c, repository_id, number))

    def milestones(self, repository_id: int) -> tuple[Milestone, ...]:
        """The milestones of a tracked repository, open and closed."""
        return self.read(lambda c: snapshot.milestones(c, repository_id))

    def people(self, repository_id: int) -> tuple[Person, ...]:
        """Whoever wrote or was assigned something in a repository, by login."""
        return self.read(lambda c: snapshot.people(c, repository_id))

    # --- tidying up

    def prune(self, now: datetime) -> Future[int]:
        """Remove what nobody will look at again (see `prune`); how many rows went."""
        return self.write(lambda c: prune.prune(c, now))
