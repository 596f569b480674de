"""Writing what GitHub told: one page, one transaction - records, cursor, validator, status and what is gone.

Rows of one kind are read, joined (see `merge`) and written together. Writing the same page again, or an older one
after a newer one, ends in the same rows. Only rows that changed are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from galaxy_desktop.domain.projects import Board
from galaxy_desktop.domain.repository_facts import BranchList, Check, Deployment, ItemLinks, PullCommits, Release
from galaxy_desktop.domain.sync import Cursor, Page, SyncStatus, Validator
from galaxy_desktop.domain.work import (
    Comment,
    Commit,
    ItemEvent,
    Label,
    Milestone,
    Repository,
    Review,
    WorkflowRun,
    WorkItem,
)
from galaxy_desktop.store import model_runs, rows, rows_facts, statements
from galaxy_desktop.store.boards import apply_board
from galaxy_desktop.store.merge import Row, canonical, join, newer, stamp
from galaxy_desktop.store.tables import (
    CommentRow,
    CommitRow,
    CursorRow,
    GoneRow,
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
    WorkItemRow,
    table,
)
from galaxy_desktop.store.tables_desk import RefusedWishRow
from galaxy_desktop.store.tables_facts import (
    BranchListRow,
    CheckRow,
    DeploymentRow,
    ItemLinksRow,
    PersonNameRow,
    PullCommitsRow,
    ReleaseRow,
    RepositoryNameRow,
)

KEYS_AT_ONCE = 200
"""SQLite limits the variables of one statement."""

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)

EVIDENCE_ID = re.compile(r"^(issue|pr|milestone|comment|label|release|deployment):.*#(\d+)$")


@dataclass(frozen=True, slots=True)
class Kind:
    """How records of one kind become rows: where they go, what identifies them, how two versions join."""

    record: type
    model: type[SQLModel]
    row: Callable[[Any], Row]
    key: tuple[str, ...]
    join: Callable[[Row, Row], Row]


def _by(*moments: str) -> Callable[[Row, Row], Row]:
    return lambda old, new: newer(old, new, moments)


KINDS = (
    Kind(Label, LabelRow, rows.of_label, ("repository_id", "id"), lambda _old, new: new),
    Kind(Milestone, MilestoneRow, rows.of_milestone, ("repository_id", "number"), _by("updated_at", "observed_at")),
    Kind(
        WorkItem,
        WorkItemRow,
        rows.of_item,
        ("repository_id", "number"),
        lambda old, new: join(old, new, ("updated_at", "observed_at"), rows.ITEM_PARTS),
    ),
    Kind(Comment, CommentRow, rows.of_comment, ("repository_id", "review", "id"), _by("updated_at", "observed_at")),
    Kind(Review, ReviewRow, rows.of_review, ("repository_id", "id"), _by("submitted_at", "observed_at")),
    Kind(
        Commit,
        CommitRow,
        rows.of_commit,
        ("repository_id", "sha"),
        lambda old, new: join(old, new, ("observed_at",), rows.COMMIT_PARTS),
    ),
    Kind(WorkflowRun, WorkflowRunRow, rows.of_run, ("repository_id", "id"), _by("observed_at", "finished_at")),
    Kind(ItemEvent, ItemEventRow, rows.of_event, ("repository_id", "id"), _by("observed_at")),
    Kind(Check, CheckRow, rows_facts.of_check, ("repository_id", "source", "id"), _by("observed_at", "finished_at")),
    Kind(Release, ReleaseRow, rows_facts.of_release, ("repository_id", "id"), _by("observed_at")),
    Kind(
        Deployment, DeploymentRow, rows_facts.of_deployment, ("repository_id", "id"), _by("updated_at", "observed_at")
    ),
    Kind(BranchList, BranchListRow, rows_facts.of_branches, ("repository_id",), _by("observed_at")),
    Kind(ItemLinks, ItemLinksRow, rows_facts.of_links, ("repository_id", "item_number", "kind"), _by("observed_at")),
    Kind(PullCommits, PullCommitsRow, rows_facts.of_pull_commits, ("repository_id", "item_number"), _by("observed_at")),
)


def apply(connection: Connection, page: Page) -> None:
    """Write a page; the caller's transaction makes it whole or nothing."""
    moment = page.observed_at or max((r.observed_at for r in page.records if hasattr(r, "observed_at")), default=None)
    _store_repositories(connection, page, moment)
    _store_people(connection, page.records)
    for kind in KINDS:
        records = [record for record in page.records if isinstance(record, kind.record)]
        if records:
            incoming = [kind.row(record) for record in records]
            _store_versions(connection, kind, incoming)
            store_rows(connection, kind, incoming)
    for record in page.records:
        if isinstance(record, Board):
            apply_board(connection, record)
    if page.cursor is not None:
        _store_cursor(connection, page.cursor)
    if page.validator is not None:
        _store_validator(connection, page.validator)
    if page.status is not None:
        _store_status(connection, page.status)
    if page.gone:
        _store_gone(connection, page, moment)


def _store_versions(connection: Connection, kind: Kind, incoming: list[Row]) -> None:
    if kind.model is MilestoneRow:
        connection.execute(statements.version(table(MilestoneVersionRow)), list(map(rows.milestone_version, incoming)))
    elif kind.model is WorkItemRow:
        connection.execute(statements.version(table(ItemVersionRow)), list(map(rows.item_version, incoming)))


def store_rows(connection: Connection, kind: Kind, incoming: Sequence[Row]) -> None:
    """Join rows with those stored under their keys; only what changed is written."""
    target = table(kind.model)
    stored = _stored(connection, target, kind, incoming)
    joined: dict[tuple[Any, ...], Row] = {}
    for row in incoming:
        key = tuple(row[column] for column in kind.key)
        known = joined.get(key) or stored.get(key)
        joined[key] = row if known is None else kind.join(known, row)
    changed = [_packed(row) for key, row in joined.items() if row != stored.get(key)]
    _upsert(connection, target, kind.key, changed)


def _stored(connection: Connection, target: Table, kind: Kind, incoming: Sequence[Row]) -> dict[tuple[Any, ...], Row]:
    """The rows now stored under the keys of these rows."""
    query = statements.with_keys(target, kind.key, tuple(incoming[0]))
    keys = sorted({tuple(row[column] for column in kind.key) for row in incoming})
    out: dict[tuple[Any, ...], Row] = {}
    for start in range(0, len(keys), KEYS_AT_ONCE):
        for found in connection.execute(query, {"keys": keys[start : start + KEYS_AT_ONCE]}).mappings():
            row = dict(found)
            if "stamps" in row:
                row["stamps"] = json.loads(row["stamps"])
            out[tuple(row[column] for column in kind.key)] = row
    return out


def _packed(row: Row) -> Row:
    return {**row, "stamps": canonical(row["stamps"])} if "stamps" in row else row


def _upsert(connection: Connection, target: Table, key: tuple[str, ...], changed: Sequence[Row]) -> None:
    if changed:
        connection.execute(statements.upsert(target, key, tuple(changed[0])), changed)


def _store_repositories(connection: Connection, page: Page, moment: datetime | None) -> None:
    """Write the page's repositories, and stubs for those of which only records came so far."""
    target = table(RepositoryRow)
    names = {
        r.repository_id: getattr(r, "repository", "") for r in page.records if not isinstance(r, Repository | Board)
    }
    stubs = [{"id": number, "full_name": rows.clean(name)} for number, name in sorted(names.items())]
    if page.repository_id not in names:
        stubs.append({"id": page.repository_id, "full_name": ""})
    connection.execute(statements.add(target), [{**_STUB, **stub} for stub in stubs])
    _name_repositories(connection, stubs)
    for record in page.records:
        if isinstance(record, Repository):
            _store_repository(connection, rows.of_repository(record, moment))


_STUB = {
    "url": "",
    "default_branch": "main",
    "private": False,
    "archived": False,
    "has_issues": True,
    "known": False,
    "tracked": True,
    "seen_at": None,
}


def _store_repository(connection: Connection, row: Row) -> None:
    target = table(RepositoryRow)
    found = connection.execute(select(target).where(target.c.id == row["id"])).mappings().one_or_none()
    if found is None:
        connection.execute(target.insert(), {**row, "tracked": True})
    elif not found["known"] or later(row, {name: found[name] for name in row}):
        connection.execute(update(target).where(target.c.id == row["id"]).values(**row))
    _name_repositories(connection, [row])
    forget_wish(connection, row["full_name"])


def _name_repositories(connection: Connection, found: Iterable[Row]) -> None:
    named = [{"repository_id": row["id"], "full_name": row["full_name"]} for row in found if row["full_name"]]
    if named:
        connection.execute(statements.add(table(RepositoryNameRow)), named)


def later(new: Row, old: Row) -> bool:
    """Whether a description of a repository replaces the stored one; without moments the last to arrive does."""
    if new["seen_at"] is None or old["seen_at"] is None:
        return True
    return (stamp(new["seen_at"]), canonical(new)) > (stamp(old["seen_at"]), canonical(old))


def _store_people(connection: Connection, records: Iterable[object]) -> None:
    """Write who is named, under the login seen last, and every login they were seen under."""
    newest: dict[int, tuple[datetime, str]] = {}
    spans: dict[tuple[int, str], tuple[datetime, datetime]] = {}
    for record in records:
        for person, seen_at in rows.people_in(record):
            named = (seen_at, rows.clean(person.login))
            newest[person.id] = max(newest.get(person.id, named), named)
            first, last = spans.get((person.id, named[1]), (seen_at, seen_at))
            spans[person.id, named[1]] = (min(first, seen_at), max(last, seen_at))
    if not newest:
        return
    people = [{"id": number, "login": login, "seen_at": seen} for number, (seen, login) in sorted(newest.items())]
    connection.execute(statements.person(table(PersonRow)), people)
    names = [
        {"person_id": number, "login": login, "first_at": first, "last_at": last}
        for (number, login), (first, last) in sorted(spans.items())
    ]
    connection.execute(statements.span(table(PersonNameRow), ("person_id", "login")), names)


def _store_cursor(connection: Connection, cursor: Cursor) -> None:
    row = {
        "repository_id": cursor.repository_id,
        "entity": cursor.entity,
        "position": cursor.position,
        "complete": cursor.complete,
        "note": cursor.note,
        "ever_complete": cursor.complete,
    }
    connection.execute(statements.cursor(table(CursorRow)), row)


def _store_validator(connection: Connection, validator: Validator) -> None:
    row = {"repository_id": validator.repository_id, "url": validator.url, "etag": validator.etag}
    _upsert(connection, table(ValidatorRow), ("repository_id", "url"), [row])


def _store_status(connection: Connection, status: SyncStatus) -> None:
    row = {
        "repository_id": status.repository_id,
        "state": str(status.state),
        "sentence": rows.clean(status.sentence),
        "synced_at": status.synced_at,
        "next_try_at": status.next_try_at,
        "offline_since": status.offline_since,
    }
    _upsert(connection, table(SyncStatusRow), ("repository_id",), [row])


def _store_gone(connection: Connection, page: Page, moment: datetime | None) -> None:
    at = moment or (page.status.synced_at if page.status else None)
    marks = []
    for evidence_id in page.gone:
        match = EVIDENCE_ID.match(evidence_id)
        if match is None:
            raise ValueError(f"nothing that can be gone: {evidence_id!r}")
        kind = "item" if match[1] in ("issue", "pr") else match[1]
        number = int(match[2])
        last = at or _last_seen(connection, page.repository_id, kind, number)
        marks.append({"repository_id": page.repository_id, "kind": kind, "number": number, "at": rows.utc(last)})
    connection.execute(statements.gone(table(GoneRow)), marks)


def _last_seen(connection: Connection, repository_id: int, kind: str, number: int) -> datetime:
    """When something was last fetched; the end of time for what never was, so that a late page cannot revive it."""
    target, column = {
        "item": (table(WorkItemRow), "number"),
        "milestone": (table(MilestoneRow), "number"),
        "comment": (table(CommentRow), "id"),
        "release": (table(ReleaseRow), "id"),
        "deployment": (table(DeploymentRow), "id"),
    }[kind]
    wanted = (target.c.repository_id == repository_id) & (target.c[column] == number)
    seen: datetime | None = connection.scalar(select(func.max(target.c.observed_at)).where(wanted))
    return seen or FOREVER


# --- which repositories are tracked


def track(connection: Connection, full_name: str) -> None:
    """Track a repository: a known one at once, another one as a wish until its id is known.

    Wishing again is asking again: why GitHub refused the name before no longer stands.
    """
    target = table(RepositoryRow)
    named = func.lower(target.c.full_name) == full_name.lower()
    found = connection.execute(update(target).where(named & target.c.known).values(tracked=True))
    if found.rowcount == 0:
        wish = {"key": full_name.lower(), "full_name": full_name}
        connection.execute(statements.add(table(WishRow)), wish)
        refused = table(RefusedWishRow)
        connection.execute(delete(refused).where(refused.c.key == full_name.lower()))


def untrack(connection: Connection, full_name: str) -> None:
    """Stop tracking a repository; what is stored of it stays and is shown nowhere; what a model worded of it goes."""
    target = table(RepositoryRow)
    named = func.lower(target.c.full_name) == full_name.lower()
    connection.execute(update(target).where(named).values(tracked=False))
    forget_wish(connection, full_name)
    model_runs.untracked(connection, full_name)


def forget_wish(connection: Connection, full_name: str) -> None:
    """Drop a wish that was fulfilled or cannot be, and why it was refused."""
    for target in (table(WishRow), table(RefusedWishRow)):
        connection.execute(delete(target).where(target.c.key == full_name.lower()))
