"""Patterns that a model noticed: kept once, with what people said of them; gone with the repository they speak of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.noticed import Noticed, NoticedKind, Opinion
from galaxy_desktop.store.rows import clean, utc
from galaxy_desktop.store.tables import table
from galaxy_desktop.store.tables_model import NoticedRow

NOTICED = table(NoticedRow)


def keep(connection: Connection, found: Sequence[Noticed]) -> int:
    """Keep patterns that are not known yet; how many were new. What people said of a known one stays."""
    return sum(connection.execute(insert(NOTICED).values(_row(one)).on_conflict_do_nothing()).rowcount for one in found)


def of_sprints(connection: Connection, sprint_ids: Sequence[str]) -> tuple[Noticed, ...]:
    """The patterns of some sprints, the newest first."""
    chosen = select(NOTICED).where(NOTICED.c.sprint_id.in_(list(sprint_ids)))
    rows = connection.execute(chosen.order_by(NOTICED.c.noticed_at.desc(), NOTICED.c.id)).mappings()
    return tuple(
        Noticed(
            sprint_id=row["sprint_id"],
            kind=NoticedKind(row["kind"]),
            text=row["text"],
            evidence=tuple(json.loads(row["evidence"])),
            model=row["model"],
            noticed_at=row["noticed_at"],
            opinion=Opinion(row["opinion"]) if row["opinion"] else None,
        )
        for row in rows
    )


def say(connection: Connection, noticed_id: str, opinion: Opinion | None, at: datetime) -> bool:
    """Keep what a person says of a pattern, `None` to take it back; whether there is such a pattern."""
    values = {"opinion": opinion.value if opinion else None, "opinion_at": utc(at) if opinion else None}
    return connection.execute(update(NOTICED).where(NOTICED.c.id == noticed_id).values(values)).rowcount > 0


def _row(one: Noticed) -> dict[str, object]:
    return {
        "id": one.id,
        "sprint_id": clean(one.sprint_id),
        "kind": one.kind.value,
        "text": clean(one.text),
        "evidence": json.dumps([clean(i) for i in one.evidence]),
        "model": clean(one.model),
        "noticed_at": utc(one.noticed_at),
        "opinion": None,
        "opinion_at": None,
    }
