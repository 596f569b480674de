"""What is there: nothing that GitHub said is gone, until it was seen again."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, exists

from galaxy_desktop.store.tables import GoneRow, WorkItemRow, table

ITEMS = table(WorkItemRow)
GONE = table(GoneRow)


def present(target: Table, kind: str, number: str) -> ColumnElement[bool]:
    """That nobody said a row is gone since it was last seen."""
    return ~exists().where(
        GONE.c.repository_id == target.c.repository_id,
        GONE.c.kind == kind,
        GONE.c.number == target.c[number],
        GONE.c.at >= target.c.observed_at,
    )


def never_gone(target: Table, kind: str, number: str) -> ColumnElement[bool]:
    """That nobody ever said a row is gone: for what GitHub never gives the same number again, such as a label."""
    return ~exists().where(
        GONE.c.repository_id == target.c.repository_id, GONE.c.kind == kind, GONE.c.number == target.c[number]
    )


def of_present_item(target: Table) -> ColumnElement[bool]:
    """That the item to which a row belongs is not gone; rows of items not stored yet count as present."""
    return ~exists().where(
        ITEMS.c.repository_id == target.c.repository_id,
        ITEMS.c.number == target.c.item_number,
        GONE.c.repository_id == ITEMS.c.repository_id,
        GONE.c.kind == "item",
        GONE.c.number == ITEMS.c.number,
        GONE.c.at >= ITEMS.c.observed_at,
    )
