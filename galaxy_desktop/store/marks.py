"""How far collection is, for the Sync page: per list and repository, and the names that GitHub did not show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.repository_facts import LinkKind
from galaxy_desktop.domain.sync import EntityStatus
from galaxy_desktop.domain.work import ItemKind
from galaxy_desktop.store import statements
from galaxy_desktop.store.present import ITEMS, of_present_item, present
from galaxy_desktop.store.rows import clean, utc
from galaxy_desktop.store.snapshot import COMMENTS, MILESTONES
from galaxy_desktop.store.snapshot_facts import BRANCHES, CHECKS, COMMITS, DEPLOYMENTS, LINKS, PULL_COMMITS, RELEASES
from galaxy_desktop.store.tables import (
    CursorRow,
    ItemEventRow,
    LabelRow,
    RepositoryRow,
    ReviewRow,
    WishRow,
    WorkflowRunRow,
    table,
)
from galaxy_desktop.store.tables_desk import ListMarkRow, ReconcileMarkRow, RefusedWishRow, UsageRow
from galaxy_desktop.store.tables_facts import BoardItemRow, PersonNameRow, RepositoryNameRow

CURSORS = table(CursorRow)
MARKS = table(ListMarkRow)
RECONCILED = table(ReconcileMarkRow)
USAGE = table(UsageRow)
WISHES = table(WishRow)
REFUSED = table(RefusedWishRow)
REPOSITORY_NAMES = table(RepositoryNameRow)
WAYS = ("graphql", "rest")
"""The parts of a note that tell of the two ways of asking for one list."""


# --- marks


def mark_read(connection: Connection, repository_id: int, entities: Mapping[str, datetime]) -> None:
    """Lists were read with success; an earlier moment changes nothing, nor does a repository that was forgotten."""
    if entities and _known(connection, repository_id):
        rows = [{"repository_id": repository_id, "entity": name, "at": utc(at)} for name, at in entities.items()]
        connection.execute(statements.latest(MARKS, ("repository_id", "entity")), rows)


def reconciled(connection: Connection, repository_id: int, at: datetime) -> None:
    """A repository was read in full."""
    if _known(connection, repository_id):
        row = {"repository_id": repository_id, "at": utc(at)}
        connection.execute(statements.latest(RECONCILED, ("repository_id",)), row)


def reconciled_at(connection: Connection, repository_id: int) -> datetime | None:
    """When a repository was last read in full."""
    found: datetime | None = connection.scalar(
        select(RECONCILED.c.at).where(RECONCILED.c.repository_id == repository_id)
    )
    return found


def _known(connection: Connection, repository_id: int) -> bool:
    target = table(RepositoryRow)
    return connection.scalar(select(target.c.id).where(target.c.id == repository_id)) is not None


def known_numbers(connection: Connection, repository_id: int) -> frozenset[int]:
    """The numbers of the items held and not gone."""
    query = select(ITEMS.c.number).where(ITEMS.c.repository_id == repository_id, present(ITEMS, "item", "number"))
    return frozenset(connection.scalars(query))


def comment_ids(connection: Connection, repository_id: int) -> dict[int, frozenset[int]]:
    """The ids of the comments held and not gone by item number, without those of reviews."""
    mine = (COMMENTS.c.repository_id == repository_id) & ~COMMENTS.c.review
    found: dict[int, set[int]] = {}
    query = select(COMMENTS.c.item_number, COMMENTS.c.id).where(mine, present(COMMENTS, "comment", "id"))
    for number, one in connection.execute(query):
        found.setdefault(number, set()).add(one)
    return {number: frozenset(ids) for number, ids in found.items()}


def person_names(connection: Connection, person_id: int) -> tuple[tuple[str, datetime, datetime], ...]:
    """Every login somebody was seen under, with the first and the last time, in the order of the first."""
    target = table(PersonNameRow)
    mine = select(target.c.login, target.c.first_at, target.c.last_at).where(target.c.person_id == person_id)
    return tuple(map(tuple, connection.execute(mine.order_by(target.c.first_at, target.c.last_at, target.c.login))))


# --- names asked for


def refuse_wish(connection: Connection, full_name: str, sentence: str, at: datetime) -> None:
    """GitHub did not show a repository somebody asked for; the wish stays, so that it can be asked again."""
    connection.execute(statements.add(WISHES), {"key": full_name.lower(), "full_name": full_name})
    row = {"key": full_name.lower(), "sentence": clean(sentence), "at": utc(at)}
    connection.execute(statements.upsert(REFUSED, ("key",), tuple(row)), row)


def wishes(connection: Connection) -> tuple[tuple[str, str], ...]:
    """The names asked for whose repository is not known yet, each with why it was refused, "" before it was."""
    joined = WISHES.outerjoin(REFUSED, REFUSED.c.key == WISHES.c.key)
    query = select(WISHES.c.full_name, REFUSED.c.sentence).select_from(joined).order_by(WISHES.c.key)
    return tuple((name, sentence or "") for name, sentence in connection.execute(query))


# --- the lists of a repository


def entity_statuses(connection: Connection, repository_id: int, today: date) -> tuple[EntityStatus, ...]:
    """Every list with a cursor or a mark, by name: how far it was read, when, what is stored, what it cost today."""
    cursors = {r.entity: r for r in connection.execute(select(CURSORS).where(CURSORS.c.repository_id == repository_id))}
    read = select(MARKS.c.entity, MARKS.c.at).where(MARKS.c.repository_id == repository_id)
    marks: dict[str, datetime] = {entity: at for entity, at in connection.execute(read)}  # noqa: C416 - rows, not pairs
    spent = _spent(connection, repository_id, today)
    out = []
    for entity in sorted({*cursors, *marks}):
        cursor = cursors.get(entity)
        requests, quota, traffic = spent.get(entity, (0, 0, 0))
        out.append(
            EntityStatus(
                repository_id=repository_id,
                entity=entity,
                position=cursor.position if cursor else "",
                complete=cursor.complete if cursor else entity in marks,
                rows=_rows(connection, repository_id, entity),
                last_success_at=marks.get(entity),
                absent=bool(cursor and absent(cursor.note)),
                why=why_absent(cursor.note) if cursor else "",
                share=share_read(cursor.note) if cursor else None,
                requests_today=requests,
                quota_today=quota,
                bytes_today=traffic,
            )
        )
    return tuple(out)


def absent(note: str) -> bool:
    """Whether a cursor's note says since when GitHub does not offer the list, or refuses it in every way of asking."""
    told = _note(note)
    ways = [told.get(way) for way in WAYS]
    return _refused(told) or all(isinstance(way, dict) and _refused(way) for way in ways)


def _refused(told: Mapping[str, Any]) -> bool:
    return bool(told.get("absent")) and isinstance(told["absent"], str)


def why_absent(note: str) -> str:
    """What GitHub said when it refused a list, or else a part of it; "" where it refused nothing or that is not known."""
    told = _note(note)
    parts = [told, *(one for _, one in sorted(told.items()) if isinstance(one, dict))]
    return next((str(one["why"]) for one in parts if one.get("absent") and one.get("why")), "")


def share_read(note: str) -> float | None:
    """How much of a history was read (0 to 1) by its cursor's note, `None` where it counts no rows."""
    told = _note(note)
    held, total = told.get("rows"), told.get("total")
    if not isinstance(held, int) or not isinstance(total, int) or total <= 0:
        return None
    return min(1.0, held / total)


def _note(note: str) -> dict[str, Any]:
    try:
        told = json.loads(note) if note else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _spent(connection: Connection, repository_id: int, today: date) -> dict[str, tuple[int, int, int]]:
    """Requests, quota and bytes of each list today, under whatever name the repository had."""
    names = select(func.lower(REPOSITORY_NAMES.c.full_name)).where(REPOSITORY_NAMES.c.repository_id == repository_id)
    sums = (func.sum(USAGE.c.requests), func.sum(USAGE.c.quota), func.sum(USAGE.c.bytes_in + USAGE.c.bytes_out))
    mine = select(USAGE.c.entity, *sums).where(USAGE.c.day == today, func.lower(USAGE.c.repository).in_(names))
    return {
        entity: (requests, quota, traffic)
        for entity, requests, quota, traffic in connection.execute(mine.group_by(USAGE.c.entity))
    }


def _plain(target: Table, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(target).where(*conditions)


def _counted() -> dict[str, tuple[Table, Select[Any]]]:
    there = present(ITEMS, "item", "number")
    talk = (present(COMMENTS, "comment", "id"), of_present_item(COMMENTS))
    reviews, events = table(ReviewRow), table(ItemEventRow)
    runs, labels, board_items = table(WorkflowRunRow), table(LabelRow), table(BoardItemRow)
    return {
        "issues": (ITEMS, _plain(ITEMS, there)),
        "pulls": (ITEMS, _plain(ITEMS, there, ITEMS.c.kind == str(ItemKind.PULL_REQUEST))),
        "comments": (COMMENTS, _plain(COMMENTS, ~COMMENTS.c.review, *talk)),
        "review_comments": (COMMENTS, _plain(COMMENTS, COMMENTS.c.review, *talk)),
        "milestones": (MILESTONES, _plain(MILESTONES, present(MILESTONES, "milestone", "number"))),
        "labels": (labels, _plain(labels)),
        "reviews": (reviews, _plain(reviews, of_present_item(reviews))),
        "events": (events, _plain(events, of_present_item(events))),
        "commits": (COMMITS, _plain(COMMITS)),
        "runs": (runs, _plain(runs)),
        "checks": (CHECKS, _plain(CHECKS)),
        "releases": (RELEASES, _plain(RELEASES, present(RELEASES, "release", "id"))),
        "deployments": (DEPLOYMENTS, _plain(DEPLOYMENTS, present(DEPLOYMENTS, "deployment", "id"))),
        "branches": (BRANCHES, select(func.coalesce(func.sum(func.json_array_length(BRANCHES.c.branches)), 0))),
        "pull_commits": (PULL_COMMITS, _of_pulls()),
        "links": (LINKS, _links()),
        "dependencies": (LINKS, _links(LINKS.c.kind == str(LinkKind.BLOCKED_BY))),
        "sub_issues": (LINKS, _links(LINKS.c.kind == str(LinkKind.SUB_ISSUE))),
        "projects": (board_items, _plain(board_items)),
    }


def _links(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.coalesce(func.sum(func.json_array_length(LINKS.c.targets)), 0)).where(*conditions)


def _of_pulls() -> Select[Any]:
    listed = func.json_array_length(PULL_COMMITS.c.commits)
    return select(func.coalesce(func.sum(listed), 0)).where(of_present_item(PULL_COMMITS))


COUNTED = _counted()
"""How the records of a list are counted, by the list's name; a list that is not among these is not counted."""


def _rows(connection: Connection, repository_id: int, entity: str) -> int | None:
    if entity not in COUNTED:
        return None
    target, query = COUNTED[entity]
    return int(connection.scalar(query.where(target.c.repository_id == repository_id)) or 0)
