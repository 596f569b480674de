"""How the rows of a handover file join what is stored: as pages of GitHub do, and never by overwriting something newer.

Records join as `apply` joins them. What has no moment of its own to compare (labels, confirmed sprints) stays as it is
here. The forecast ledger takes the entries it does not have. Cursors are taken list by list: those of the file where
this copy has read nothing of a list, or did not get to its end and the file did; what GitHub told meanwhile is read
again from there, which costs requests and loses nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Connection

from galaxy_desktop.store import handover_follow_ups, statements, workspace
from galaxy_desktop.store.boards import BoardRows, store_board
from galaxy_desktop.store.findings import CONFIRMATIONS, FORECASTS, VERDICTS
from galaxy_desktop.store.ledger import ENTRIES, INPUTS, OUTCOMES
from galaxy_desktop.store.marks import CURSORS, MARKS, RECONCILED, REPOSITORY_NAMES
from galaxy_desktop.store.merge import Row, newer
from galaxy_desktop.store.present import GONE
from galaxy_desktop.store.snapshot import HISTORY, REPOSITORIES, VERSIONS
from galaxy_desktop.store.tables import ItemVersionRow, LabelRow, PersonRow, ValidatorRow, table
from galaxy_desktop.store.tables_facts import PersonNameRow


class Join(Protocol):
    """Stores rows of one kind."""

    def __call__(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Join them with what is there."""


BY_RECORD = {kind.model: kind for kind in workspace.KINDS}


def join_of(name: str, model: Any) -> Join:
    """How rows of this kind are stored."""
    if name in _OWN:
        return _OWN[name]
    kind = BY_RECORD[model]
    return lambda connection, rows: workspace.store_rows(connection, kind, rows)


def _repositories(connection: Connection, rows: Sequence[Row]) -> None:
    """The name told last counts; whether a known repository is tracked is decided here, not by the file."""
    for row in rows:
        named = {name: value for name, value in row.items() if name != "tracked"}
        found = connection.execute(select(REPOSITORIES).where(REPOSITORIES.c.id == row["id"])).mappings().one_or_none()
        if found is None:
            connection.execute(REPOSITORIES.insert(), row)
        elif row["known"] and (not found["known"] or _told_later(named, {name: found[name] for name in named})):
            connection.execute(update(REPOSITORIES).where(REPOSITORIES.c.id == row["id"]).values(**named))
        if row["known"]:
            workspace.forget_wish(connection, row["full_name"])


def _told_later(new: Row, old: Row) -> bool:
    return new["seen_at"] is not None and workspace.later(new, old)


def _added(target: Any) -> Join:
    return lambda connection, rows: _run(connection, statements.add(target), rows)


def _run(connection: Connection, statement: Any, rows: Sequence[Row]) -> None:
    connection.execute(statement, rows)


def _verdicts(connection: Connection, rows: Sequence[Row]) -> None:
    for row in rows:
        mine = select(VERDICTS).where(VERDICTS.c.recommendation_id == row["recommendation_id"])
        found = connection.execute(mine).mappings().one_or_none()
        if found is None or newer(dict(found), row, ("at",)) != dict(found):
            connection.execute(statements.upsert(VERDICTS, ("recommendation_id",), tuple(row)), row)


def _boards(connection: Connection, rows: Sequence[Row]) -> None:
    for row in rows:
        own = {name: value for name, value in row.items() if not isinstance(value, list)}
        store_board(connection, BoardRows(own, row["iterations"], row["items"], row["spans"], row["looks"]))


def _cursors(connection: Connection, rows: Sequence[Row]) -> None:
    lists: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for row in rows:
        lists[row["repository_id"], row["entity"].removesuffix(HISTORY)].append(row)
    for (repository_id, entity), told in lists.items():
        mine = (CURSORS.c.repository_id == repository_id) & CURSORS.c.entity.in_([entity, entity + HISTORY])
        known = connection.execute(select(CURSORS).where(mine)).mappings().all()
        if known and (_whole(known) or not _whole(told)):
            continue
        validators = table(ValidatorRow)
        connection.execute(delete(CURSORS).where(mine))
        connection.execute(CURSORS.insert(), told)
        # An ETag says "as you saw it last", and what was seen with it is not what this cursor says.
        connection.execute(delete(validators).where(validators.c.repository_id == repository_id))


def _whole(cursors: Sequence[Any]) -> bool:
    """Whether a list was read to its end, with its history."""
    return all(row["ever_complete"] for row in cursors)


_OWN: dict[str, Join] = {
    "repository": _repositories,
    "repository_name": _added(REPOSITORY_NAMES),
    "person": lambda connection, rows: _run(connection, statements.person(table(PersonRow)), rows),
    "person_name": lambda connection, rows: _run(
        connection, statements.span(table(PersonNameRow), ("person_id", "login")), rows
    ),
    "label": _added(table(LabelRow)),
    "milestone_version": lambda connection, rows: _run(connection, statements.version(VERSIONS), rows),
    "item_version": lambda connection, rows: _run(connection, statements.version(table(ItemVersionRow)), rows),
    "board": _boards,
    "gone": lambda connection, rows: _run(connection, statements.gone(GONE), rows),
    "verdict": _verdicts,
    "follow_up": handover_follow_ups.join,
    "confirmation": _added(CONFIRMATIONS),
    "forecast": lambda connection, rows: _run(connection, FORECASTS.insert(), rows),
    "ledger_inputs": lambda connection, rows: _run(connection, INPUTS.insert(), rows),
    "ledger_entry": lambda connection, rows: _run(connection, ENTRIES.insert(), rows),
    "outcome": lambda connection, rows: _run(connection, OUTCOMES.insert(), rows),
    "read": lambda connection, rows: _run(connection, statements.latest(MARKS, ("repository_id", "entity")), rows),
    "reconciled": lambda connection, rows: _run(connection, statements.latest(RECONCILED, ("repository_id",)), rows),
    "cursor": _cursors,
}
