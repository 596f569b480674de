"""Reading what GitHub told: the snapshot, and the small questions about repositories and their freshness.

Everything goes through Core selects over columns: a snapshot of ten thousand items must not cost a second. Records
carry the repository's present name and people's present logins, whatever they were when the rows came.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, and_, exists, func, select
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.archived import ENDS, FIRST_NUMBER, with_later_ends, without_repetitions
from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.sync import Cursor, SyncStatus, Validator
from galaxy_desktop.domain.work import (
    Comment,
    Commit,
    ItemEvent,
    ItemKind,
    Label,
    Milestone,
    Person,
    Repository,
    RepositoryState,
    Review,
    State,
    WorkflowRun,
    WorkItem,
)
from galaxy_desktop.store.boards import boards
from galaxy_desktop.store.present import ITEMS, never_gone, of_present_item, present
from galaxy_desktop.store.snapshot_facts import FactsReader, asked_for
from galaxy_desktop.store.tables import (
    CommentRow,
    CommitRow,
    CursorRow,
    ItemEventRow,
    ItemVersionRow,
    LabelRow,
    MilestoneRow,
    MilestoneVersionRow,
    PersonRow,
    RepositoryRow,
    ReviewRow,
    SyncStatusRow,
    ValidatorRow,
    WishRow,
    WorkflowRunRow,
    table,
)

REPOSITORIES = table(RepositoryRow)
COMMENTS = table(CommentRow)
MILESTONES = table(MilestoneRow)
VERSIONS = table(MilestoneVersionRow)
EVENTS = table(ItemEventRow)

HISTORY = ":history"
"""Ends the name of the cursor of what lies behind the newest part of a list; without one nothing does."""


# --- repositories


def repositories(connection: Connection) -> tuple[Repository, ...]:
    """The tracked repositories by name; of two that carry one name (deleted and made anew) the one seen last."""
    chosen: dict[str, Row[Any]] = {}
    newest_last = (REPOSITORIES.c.seen_at, REPOSITORIES.c.id)
    wanted = select(REPOSITORIES).where(REPOSITORIES.c.known, REPOSITORIES.c.tracked).order_by(*newest_last)
    for row in connection.execute(wanted):
        chosen[row.full_name.lower()] = row
    return tuple(
        Repository(
            id=row.id,
            full_name=row.full_name,
            url=row.url,
            default_branch=row.default_branch,
            private=row.private,
            archived=row.archived,
            has_issues=row.has_issues,
        )
        for row in sorted(chosen.values(), key=lambda row: row.full_name)
    )


def wanted(connection: Connection) -> tuple[str, ...]:
    """Names asked for whose repository is not known yet."""
    wishes = table(WishRow)
    return tuple(connection.scalars(select(wishes.c.full_name).order_by(wishes.c.key)))


def labels(connection: Connection, repository_id: int) -> tuple[Label, ...]:
    """The labels of a repository by name."""
    target = table(LabelRow)
    mine = (target.c.repository_id == repository_id) & never_gone(target, "label", "id")
    found = connection.execute(select(target).where(mine).order_by(target.c.name))
    return tuple(Label(**row) for row in found.mappings())


# --- where collection stands


def cursor(connection: Connection, repository_id: int, entity: str) -> Cursor | None:
    """Where reading one list stands."""
    target = table(CursorRow)
    row = connection.execute(
        select(target).where(target.c.repository_id == repository_id, target.c.entity == entity)
    ).one_or_none()
    if row is None:
        return None
    return Cursor(
        repository_id=repository_id, entity=entity, position=row.position, complete=row.complete, note=row.note
    )


def validator(connection: Connection, repository_id: int, url: str) -> Validator | None:
    """The ETag of one URL."""
    target = table(ValidatorRow)
    etag = connection.scalar(select(target.c.etag).where(target.c.repository_id == repository_id, target.c.url == url))
    return None if etag is None else Validator(repository_id=repository_id, url=url, etag=etag)


def status(connection: Connection, repository_id: int) -> SyncStatus | None:
    """The state of one repository's collection."""
    target = table(SyncStatusRow)
    row = connection.execute(select(target).where(target.c.repository_id == repository_id)).one_or_none()
    if row is None:
        return None
    return SyncStatus(
        repository_id=repository_id,
        state=RepositoryState(row.state),
        sentence=row.sentence,
        synced_at=row.synced_at,
        next_try_at=row.next_try_at,
        offline_since=row.offline_since,
    )


def repository_ids(connection: Connection) -> frozenset[int]:
    """Every repository that is here, tracked or not."""
    return frozenset(connection.scalars(select(REPOSITORIES.c.id)))


def freshness(connection: Connection) -> tuple[RepositoryFreshness, ...]:
    """How many present rows there are of each tracked repository, and how fresh they are.

    What is open is counted as a snapshot shows it: pull requests that an archive closed later count as closed.
    """
    open_items = func.count().filter(ITEMS.c.state == str(State.OPEN))
    items = {
        row[0]: (row[1], row[2])
        for row in connection.execute(
            select(ITEMS.c.repository_id, func.count(), open_items)
            .where(present(ITEMS, "item", "number"))
            .group_by(ITEMS.c.repository_id)
        )
    }
    there = and_(present(COMMENTS, "comment", "id"), of_present_item(COMMENTS))
    counted = select(COMMENTS.c.repository_id, func.count()).where(there).group_by(COMMENTS.c.repository_id)
    comments = {row[0]: row[1] for row in connection.execute(counted)}
    tracked = repositories(connection)
    told = _opened_later(connection, [repository.id for repository in tracked])
    out = []
    for repository in tracked:
        now = status(connection, repository.id)
        total, still_open = items.get(repository.id, (0, 0))
        out.append(
            RepositoryFreshness(
                repository=repository,
                items=total,
                open_items=still_open + told.get(repository.id, 0),
                comments=comments.get(repository.id, 0),
                synced_at=now.synced_at if now else None,
                state=now.state if now else RepositoryState.WAITING,
                sentence=now.sentence if now else "not synced yet",
                next_try_at=now.next_try_at if now else None,
            )
        )
    return tuple(out)


def _opened_later(connection: Connection, tracked: Sequence[int]) -> dict[int, int]:
    """By how much archived events change the number of open pull requests of each repository (see `archived`)."""
    of_item = (EVENTS.c.repository_id == ITEMS.c.repository_id) & (EVENTS.c.item_number == ITEMS.c.number)
    ends = select(EVENTS.c.repository_id, EVENTS.c.item_number, EVENTS.c.kind, ITEMS.c.state).where(
        EVENTS.c.repository_id.in_(tracked),
        EVENTS.c.id >= FIRST_NUMBER,
        EVENTS.c.kind.in_(ENDS),
        EVENTS.c.created_at > ITEMS.c.updated_at,
        ITEMS.c.kind == str(ItemKind.PULL_REQUEST),
        present(ITEMS, "item", "number"),
    )
    in_order = ends.join(ITEMS, of_item).order_by(EVENTS.c.created_at, EVENTS.c.id)
    last = {(row[0], row[1]): (row[2] == "reopened", row[3] == str(State.OPEN)) for row in connection.execute(in_order)}
    change: dict[int, int] = {}
    for (repository_id, _), (opened, was_open) in last.items():
        change[repository_id] = change.get(repository_id, 0) + int(opened) - int(was_open)
    return change


# --- the snapshot


def snapshot(connection: Connection, since: datetime | None = None) -> Snapshot:
    """Everything stored about the tracked repositories, in a fixed order.

    Items that are gone are left out with what hangs on them. Of the comments only those are in it that something
    asks for: of open items, and of items with a milestone. `since` adds those of items that were open after it, for
    looking back; likewise the commits of pull requests.
    """
    tracked = repositories(connection)
    reader = _Reader(connection, tracked)
    facts = FactsReader(connection, reader.names, reader.people)
    events = without_repetitions(tuple(reader.events()))
    return Snapshot(
        repositories=tracked,
        milestones=tuple(reader.milestones()),
        milestone_versions=tuple(reader.milestone_versions()),
        items=with_later_ends(tuple(reader.items()), events),
        comments=tuple(reader.comments(since)),
        reviews=tuple(reader.reviews()),
        commits=tuple(reader.commits()),
        runs=tuple(reader.runs()),
        events=events,
        checks=tuple(facts.checks()),
        releases=tuple(facts.releases()),
        deployments=tuple(facts.deployments()),
        branches=tuple(facts.branches()),
        links=tuple(facts.links()),
        boards=boards(connection, reader.names),
        pull_commits=tuple(facts.pull_commits(since)),
        history_complete=history_complete(connection, tracked),
    )


def history_complete(connection: Connection, tracked: tuple[Repository, ...]) -> bool:
    """Whether every list of items was read to its end: its newest part, and what lies behind that."""
    target = table(CursorRow)
    query = select(target.c.repository_id)
    begun = set(connection.scalars(query.where(target.c.entity == "issues", target.c.ever_complete)))
    behind = set(connection.scalars(query.where(target.c.entity == f"issues{HISTORY}", ~target.c.ever_complete)))
    return {r.id for r in tracked if r.has_issues} <= begun - behind


def item_versions(connection: Connection, repository_id: int, number: int) -> tuple[WorkItem, ...]:
    """Every version of a work item that was seen, oldest first, with what every list tells of it."""
    reader = _Reader(connection, tuple(r for r in repositories(connection) if r.id == repository_id))
    target = table(ItemVersionRow)
    query = select(target).where(target.c.number == number)
    return tuple(
        reader.item_version(name, row)
        for name, row in reader.rows(query, target, "updated_at", "observed_at", "digest")
    )


def versions_of_changed(connection: Connection, moment: datetime) -> dict[str, tuple[WorkItem, ...]]:
    """Versions of the items that changed after a moment and were seen in several, oldest first, by evidence id."""
    reader = _Reader(connection, repositories(connection))
    target, other = table(ItemVersionRow), table(ItemVersionRow).alias("other")
    of_item = (ITEMS.c.repository_id == target.c.repository_id) & (ITEMS.c.number == target.c.number)
    changed = exists().where(of_item, ITEMS.c.updated_at > moment, present(ITEMS, "item", "number"))
    same = (other.c.repository_id == target.c.repository_id) & (other.c.number == target.c.number)
    several = exists().where(same, other.c.digest != target.c.digest)
    query = select(target).where(changed, several)
    found: dict[str, list[WorkItem]] = {}
    for name, row in reader.rows(query, target, "number", "updated_at", "observed_at", "digest"):
        version = reader.item_version(name, row)
        found.setdefault(version.evidence_id, []).append(version)
    return {one: tuple(versions) for one, versions in found.items()}


def earliest(connection: Connection) -> datetime | None:
    """When the first present item of a tracked repository was created."""
    tracked = [repository.id for repository in repositories(connection)]
    mine = (ITEMS.c.repository_id.in_(tracked), present(ITEMS, "item", "number"))
    first: datetime | None = connection.scalar(select(func.min(ITEMS.c.created_at)).where(*mine))
    return first


# --- one repository, to choose from


def item(connection: Connection, repository_id: int, number: int) -> WorkItem | None:
    """One present item."""
    found = _reader_of(connection, repository_id).items(ITEMS.c.number == number)
    return next(found, None)


def comments(connection: Connection, repository_id: int, ids: Collection[int]) -> tuple[Comment, ...]:
    """Present comments of a repository by their ids."""
    return tuple(_reader_of(connection, repository_id).comments_where(COMMENTS.c.id.in_(list(ids))))


def milestones(connection: Connection, repository_id: int) -> tuple[Milestone, ...]:
    """The present milestones of a repository."""
    return tuple(_reader_of(connection, repository_id).milestones())


def people(connection: Connection, repository_id: int) -> tuple[Person, ...]:
    """Whoever wrote or was assigned something in a repository, by login."""
    target = table(PersonRow)
    ids = set(connection.scalars(select(ITEMS.c.author_id).where(ITEMS.c.repository_id == repository_id).distinct()))
    ids |= set(
        connection.scalars(select(COMMENTS.c.author_id).where(COMMENTS.c.repository_id == repository_id).distinct())
    )
    for some in connection.scalars(select(ITEMS.c.assignees).where(ITEMS.c.repository_id == repository_id).distinct()):
        ids |= set(json.loads(some))
    found = (Person(row.id, row.login) for row in connection.execute(select(target)) if row.id in ids)
    return tuple(sorted(found, key=lambda person: person.login.casefold()))


def _reader_of(connection: Connection, repository_id: int) -> _Reader:
    return _Reader(connection, tuple(r for r in repositories(connection) if r.id == repository_id))


class _Reader:
    """Turns rows of the tracked repositories into records, with present names."""

    def __init__(self, connection: Connection, tracked: tuple[Repository, ...]) -> None:
        self._connection = connection
        self.names = {repository.id: repository.full_name for repository in tracked}
        people = table(PersonRow)
        self.people = {
            number: Person(number, login) for number, login in connection.execute(select(people.c.id, people.c.login))
        }

    def rows(self, query: Select[Any], target: Table, *order: str) -> Iterator[tuple[str, Any]]:
        """Rows with their repository's name: repositories in the order of their names, rows in the order given."""
        by_repository = query.order_by(*(target.c[name] for name in order))
        for number, name in self.names.items():
            for row in self._connection.execute(by_repository.where(target.c.repository_id == number)):
                yield name, row

    def _many(self, ids: str) -> tuple[Person, ...]:
        return () if ids == "[]" else tuple(self.people[number] for number in json.loads(ids))

    def milestones(self) -> Iterator[Milestone]:
        """The newest versions of the present milestones."""
        query = select(MILESTONES).where(present(MILESTONES, "milestone", "number"))
        for name, row in self.rows(query, MILESTONES, "number"):
            yield _milestone(name, row)

    def milestone_versions(self) -> Iterator[Milestone]:
        """Every version of the present milestones, oldest first."""
        there = exists().where(
            MILESTONES.c.repository_id == VERSIONS.c.repository_id,
            MILESTONES.c.number == VERSIONS.c.number,
            present(MILESTONES, "milestone", "number"),
        )
        order = ("number", "updated_at", "observed_at", "digest")
        for name, row in self.rows(select(VERSIONS).where(there), VERSIONS, *order):
            yield _milestone(name, row)

    def items(self, *which: ColumnElement[bool]) -> Iterator[WorkItem]:
        """The present items, or some of them."""
        for name, row in self.rows(select(ITEMS).where(present(ITEMS, "item", "number"), *which), ITEMS, "number"):
            yield self._item(name, row)

    def _item(self, name: str, row: Any) -> WorkItem:
        return WorkItem(
            repository_id=row.repository_id,
            repository=name,
            number=row.number,
            kind=ItemKind(row.kind),
            title=row.title,
            body=row.body,
            state=State(row.state),
            state_reason=row.state_reason,
            author=self.people.get(row.author_id),
            assignees=self._many(row.assignees),
            labels=_texts(row.labels),
            milestone_number=row.milestone_number,
            created_at=row.created_at,
            updated_at=row.updated_at,
            closed_at=row.closed_at,
            url=row.url,
            observed_at=row.observed_at,
            draft=row.draft,
            merged_at=row.merged_at,
            head_sha=row.head_sha,
            base_ref=row.base_ref,
            requested_reviewers=self._many(row.requested_reviewers),
            additions=row.additions,
            deletions=row.deletions,
            files=None if row.files is None else _texts(row.files),
        )

    def item_version(self, name: str, row: Any) -> WorkItem:
        """One version of a work item."""
        told = json.loads(row.content)
        return WorkItem(
            repository_id=row.repository_id,
            repository=name,
            number=row.number,
            kind=ItemKind(told["kind"]),
            title=told["title"],
            body=told["body"],
            state=State(told["state"]),
            state_reason=told["state_reason"],
            author=self.people.get(told["author_id"]),
            assignees=self._many(told["assignees"]),
            labels=_texts(told["labels"]),
            milestone_number=told["milestone_number"],
            created_at=datetime.fromisoformat(told["created_at"]),
            updated_at=row.updated_at,
            closed_at=datetime.fromisoformat(told["closed_at"]) if told["closed_at"] else None,
            url=told["url"],
            observed_at=row.observed_at,
        )

    def comments(self, since: datetime | None = None) -> Iterator[Comment]:
        """The present comments that something asks for; also those of items that were closed after `since`."""
        of_interest = exists().where(
            ITEMS.c.repository_id == COMMENTS.c.repository_id,
            ITEMS.c.number == COMMENTS.c.item_number,
            asked_for(since),
            present(ITEMS, "item", "number"),
        )
        yield from self.comments_where(of_interest)

    def comments_where(self, condition: ColumnElement[bool]) -> Iterator[Comment]:
        """The present comments of which something is true."""
        query = select(COMMENTS).where(condition, present(COMMENTS, "comment", "id"))
        for name, row in self.rows(query, COMMENTS, "id", "review"):
            yield Comment(
                repository_id=row.repository_id,
                repository=name,
                id=row.id,
                item_number=row.item_number,
                author=self.people.get(row.author_id),
                body=row.body,
                created_at=row.created_at,
                updated_at=row.updated_at,
                url=row.url,
                observed_at=row.observed_at,
                review=row.review,
            )

    def reviews(self) -> Iterator[Review]:
        """The reviews of present items."""
        target = table(ReviewRow)
        for name, row in self.rows(select(target).where(of_present_item(target)), target, "id"):
            yield Review(
                repository_id=row.repository_id,
                repository=name,
                id=row.id,
                item_number=row.item_number,
                author=self.people.get(row.author_id),
                verdict=row.verdict,
                body=row.body,
                submitted_at=row.submitted_at,
                url=row.url,
                observed_at=row.observed_at,
            )

    def commits(self) -> Iterator[Commit]:
        """The commits."""
        target = table(CommitRow)
        for name, row in self.rows(select(target), target, "sha"):
            yield Commit(
                repository_id=row.repository_id,
                repository=name,
                sha=row.sha,
                message=row.message,
                author=self.people.get(row.author_id),
                committed_at=row.committed_at,
                url=row.url,
                observed_at=row.observed_at,
                additions=row.additions,
                deletions=row.deletions,
            )

    def runs(self) -> Iterator[WorkflowRun]:
        """The workflow runs."""
        target = table(WorkflowRunRow)
        for name, row in self.rows(select(target), target, "id"):
            yield WorkflowRun(
                repository_id=row.repository_id,
                repository=name,
                id=row.id,
                name=row.name,
                head_sha=row.head_sha,
                head_branch=row.head_branch,
                event=row.event,
                status=row.status,
                conclusion=row.conclusion,
                started_at=row.started_at,
                finished_at=row.finished_at,
                url=row.url,
                observed_at=row.observed_at,
            )

    def events(self) -> Iterator[ItemEvent]:
        """What happened to present items."""
        for name, row in self.rows(select(EVENTS).where(of_present_item(EVENTS)), EVENTS, "id"):
            yield ItemEvent(
                repository_id=row.repository_id,
                repository=name,
                id=row.id,
                item_number=row.item_number,
                kind=row.kind,
                actor=self.people.get(row.actor_id),
                subject=row.subject,
                created_at=row.created_at,
                observed_at=row.observed_at,
                url=row.url,
            )


def _milestone(name: str, row: Any) -> Milestone:
    return Milestone(
        repository_id=row.repository_id,
        repository=name,
        id=row.id,
        number=row.number,
        title=row.title,
        description=row.description,
        state=State(row.state),
        due_on=row.due_on,
        created_at=row.created_at,
        updated_at=row.updated_at,
        closed_at=row.closed_at,
        url=row.url,
        observed_at=row.observed_at,
    )


def _texts(stored: str) -> tuple[str, ...]:
    return () if stored == "[]" else tuple(json.loads(stored))
