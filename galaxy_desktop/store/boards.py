"""Boards: written whole, the newer replaces the older, and since when an item is in its iteration.

GitHub does not say when an item came into its iteration, so it is worked out from what was seen. Two things are kept
of every look at a board, also of an older one that comes late: the moment (`board_look`), and for each item in which
iteration it was, as the first and the last moment of that (`board_span`). An item is in its present iteration since
the first look after it was last seen in another one; since it was first seen at all if it never was in another; and
since "not known" (`None`) if it was there at the first look at the board. All of that are smallest and greatest
moments of the set of looks, therefore neither their order nor their repetition matters.

Two limits. An item that left the board and came back into the same iteration counts as never gone. And `prune`
drops old looks that decide nothing, so a look older than those that is added afterwards may move a `since` to the
next look that was kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.projects import Board, BoardItem, Iteration
from galaxy_desktop.store import statements
from galaxy_desktop.store.merge import Row, canonical, stamp
from galaxy_desktop.store.rows import clean, digest, utc
from galaxy_desktop.store.tables import table
from galaxy_desktop.store.tables_facts import BoardItemRow, BoardLookRow, BoardRow, BoardSpanRow, IterationRow

BOARDS = table(BoardRow)
ITERATIONS = table(IterationRow)
ITEMS = table(BoardItemRow)
SPANS = table(BoardSpanRow)
LOOKS = table(BoardLookRow)

NO_ITERATION = ""
INCOMPLETE = ""
"""The digest of a board that lost the items of a forgotten repository: it is less than any other."""


@dataclass(frozen=True, slots=True)
class BoardRows:
    """Everything kept of one board."""

    board: Row
    iterations: Sequence[Row]
    items: Sequence[Row]
    spans: Sequence[Row]
    looks: Sequence[Row]


def apply_board(connection: Connection, record: Board) -> None:
    """Write one look at a board."""
    iterations = _once([_of_iteration(record.id, one) for one in record.iterations])
    items = _once([_of_item(record.id, one) for one in record.items])
    at = utc(record.observed_at)
    spans = [
        {
            "project_id": record.id,
            "item_id": item["id"],
            "iteration_id": item["iteration_id"] or NO_ITERATION,
            "repository_id": item["repository_id"],
            "first_at": at,
            "last_at": at,
        }
        for item in items
    ]
    look = {"project_id": record.id, "at": at}
    store_board(connection, BoardRows(_of_board(record, iterations, items), iterations, items, spans, [look]))


def store_board(connection: Connection, new: BoardRows) -> None:
    """Join a board with what is stored of it: the newer content, the widest spans, every look."""
    board = new.board
    moment = select(BOARDS.c.observed_at, BOARDS.c.digest).where(BOARDS.c.id == board["id"])
    known = connection.execute(moment).one_or_none()
    if known is None or _order(board["observed_at"], board["digest"]) > _order(*known):
        connection.execute(statements.upsert(BOARDS, ("id",), tuple(board)), board)
        for target, rows in ((ITERATIONS, new.iterations), (ITEMS, new.items)):
            connection.execute(delete(target).where(target.c.project_id == board["id"]))
            if rows:
                connection.execute(target.insert(), rows)
    if new.looks:
        connection.execute(statements.add(LOOKS), new.looks)
    if new.spans:
        connection.execute(statements.span(SPANS, ("project_id", "item_id", "iteration_id")), new.spans)


def _order(observed_at: datetime, mark: str) -> tuple[str, str]:
    return stamp(observed_at), mark


def _of_board(record: Board, iterations: Sequence[Row], items: Sequence[Row]) -> Row:
    """The row of a board; its digest covers what is in it, sorted."""
    row = {
        "id": record.id,
        "number": record.number,
        "owner": clean(record.owner),
        "title": clean(record.title),
        "url": record.url,
        "closed": record.closed,
        "updated_at": utc(record.updated_at),
        "observed_at": utc(record.observed_at),
    }
    return {**row, "digest": digest([row, iterations, items])}


def _once(rows: Sequence[Row]) -> list[Row]:
    """Each id once, sorted: what moves while a board is read page by page can be on two of them."""
    ordered = sorted(rows, key=lambda row: (str(row["id"]), stamp(row.get("updated_at")), canonical(row)))
    return list({row["id"]: row for row in ordered}.values())


def _of_iteration(project_id: str, record: Iteration) -> Row:
    return {
        "project_id": project_id,
        "id": record.id,
        "project_title": clean(record.project_title),
        "title": clean(record.title),
        "starts_on": record.starts_on,
        "days": record.days,
        "completed": record.completed,
        "url": record.url,
        "observed_at": utc(record.observed_at),
    }


def _of_item(project_id: str, record: BoardItem) -> Row:
    return {
        "project_id": project_id,
        "id": record.id,
        "repository_id": record.repository_id,
        "item_number": record.item_number,
        "iteration_id": record.iteration_id,
        "status": None if record.status is None else clean(record.status),
        "points": record.points,
        "updated_at": utc(record.updated_at),
        "archived": record.archived,
    }


def boards(connection: Connection, tracked: Collection[int]) -> tuple[Board, ...]:
    """The boards with an item of a tracked repository, by id; iterations by start, items by repository and number."""
    relevant = select(ITEMS.c.project_id).where(ITEMS.c.repository_id.in_(sorted(tracked)))
    found = connection.execute(select(BOARDS).where(BOARDS.c.id.in_(relevant)).order_by(BOARDS.c.id)).all()
    return tuple(
        Board(
            id=row.id,
            number=row.number,
            owner=row.owner,
            title=row.title,
            url=row.url,
            closed=row.closed,
            updated_at=row.updated_at,
            iterations=tuple(_iterations(connection, row.id)),
            items=tuple(_items(connection, row.id)),
            observed_at=row.observed_at,
        )
        for row in found
    )


def updated_at(connection: Connection, board_id: str) -> datetime | None:
    """When a board had changed last when it was read; `None` for one that is not here, or not whole."""
    whole = (BOARDS.c.id == board_id) & (BOARDS.c.digest != INCOMPLETE)
    return connection.scalar(select(BOARDS.c.updated_at).where(whole))


def holds(connection: Connection, board_id: str, repository_id: int) -> bool:
    """Whether a stored board has items of a repository."""
    mine = (ITEMS.c.project_id == board_id) & (ITEMS.c.repository_id == repository_id)
    return connection.scalar(select(ITEMS.c.id).where(mine).limit(1)) is not None


def planned_items(connection: Connection, repository_id: int, today: date) -> frozenset[int]:
    """The numbers of a repository's items in iterations of open boards that are not over."""
    found = connection.execute(
        select(ITEMS.c.item_number, ITERATIONS.c.starts_on, ITERATIONS.c.days)
        .join(BOARDS, BOARDS.c.id == ITEMS.c.project_id)
        .join(
            ITERATIONS,
            (ITERATIONS.c.project_id == ITEMS.c.project_id) & (ITERATIONS.c.id == ITEMS.c.iteration_id),
        )
        .where(
            ITEMS.c.repository_id == repository_id,
            ITEMS.c.archived.is_(False),
            BOARDS.c.closed.is_(False),
            ITERATIONS.c.completed.is_(False),
        )
    )
    return frozenset(row.item_number for row in found if row.starts_on + timedelta(days=max(1, row.days) - 1) >= today)


def _iterations(connection: Connection, board_id: str) -> Iterator[Iteration]:
    mine = select(ITERATIONS).where(ITERATIONS.c.project_id == board_id)
    for row in connection.execute(mine.order_by(ITERATIONS.c.starts_on, ITERATIONS.c.id)).mappings():
        yield Iteration(**row)


def _items(connection: Connection, board_id: str) -> Iterator[BoardItem]:
    since = since_of(connection, board_id)
    mine = select(*(c for c in ITEMS.c if c.name != "project_id")).where(ITEMS.c.project_id == board_id)
    for row in connection.execute(mine.order_by(ITEMS.c.repository_id, ITEMS.c.item_number, ITEMS.c.id)).mappings():
        yield BoardItem(**row, since=since.get(row["id"]))


def since_of(connection: Connection, board_id: str) -> Mapping[str, datetime]:
    """Since when each present item of a board is in its iteration, without those that were there at the first look."""
    looks = sorted(connection.scalars(select(LOOKS.c.at).where(LOOKS.c.project_id == board_id)))
    shown = select(ITEMS.c.id, ITEMS.c.iteration_id).where(ITEMS.c.project_id == board_id)
    present = {row.id: row.iteration_id for row in connection.execute(shown)}
    mine = select(SPANS).where(SPANS.c.project_id == board_id).order_by(SPANS.c.item_id)
    out: dict[str, datetime] = {}
    for item, group in groupby(connection.execute(mine), key=lambda span: span.item_id):
        if item in present:
            since = _since(list(group), present[item] or NO_ITERATION, looks)
            if since is not None:
                out[item] = since
    return out


def _since(spans: Sequence[Any], iteration: str, looks: Sequence[datetime]) -> datetime | None:
    """The first look after the item was last elsewhere; `None` when it was where it is at the first look of all."""
    elsewhere = [span.last_at for span in spans if span.iteration_id != iteration]
    here = next((span.first_at for span in spans if span.iteration_id == iteration), None)
    if not elsewhere:
        return None if here is None or here == looks[0] else here
    left = max(elsewhere)
    after = next((look for look in looks if look > left), None)
    return here if after is None or here is None else max(after, here)


def prune_looks(connection: Connection, before: datetime) -> int:
    """Drop older looks that no item's `since` rests on; the first and the last of a board stay."""
    dropped = 0
    for (board_id,) in connection.execute(select(BOARDS.c.id)).all():
        ends = connection.execute(
            select(func.min(LOOKS.c.at), func.max(LOOKS.c.at)).where(LOOKS.c.project_id == board_id)
        ).one()
        kept = {*ends, *since_of(connection, board_id).values()}
        old = delete(LOOKS).where(LOOKS.c.project_id == board_id, LOOKS.c.at < before, LOOKS.c.at.not_in(kept))
        dropped += connection.execute(old).rowcount
    return dropped
