"""What came of accepted actions in a handover file: each line is checked whole, and joins without undoing what is settled.

The body of a row is a record of ours as JSON, so a line is worth taking only when it reads as that record and says the same
as the columns beside it. What is settled in either copy stays settled: done, lapsed or taken back. What neither has settled
stays as it is here, because the next evaluation looks at it anyway.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.findings import FollowUp
from galaxy_desktop.store import statements
from galaxy_desktop.store.advice import FINAL, INTERVENTIONS
from galaxy_desktop.store.codec import from_json
from galaxy_desktop.store.merge import Row
from galaxy_desktop.store.rows import utc


def fault(row: Row) -> str:
    """What is wrong with the body of a line, "" for nothing."""
    try:
        told = from_json(FollowUp, row["body"])
    except ValueError:
        return "body is not what came of an action"
    act = told.intervention
    moments = (act.accepted_at, told.done_at or act.accepted_at, *(one.observed_at for one in told.evidence))
    if any(moment.tzinfo is None for moment in moments):
        return "body says a moment without its time zone"
    said = (act.id, act.recommendation_id, act.sprint_id, act.kind, str(told.progress), utc(act.accepted_at))
    beside = (*(row[name] for name in ("id", "recommendation_id", "sprint_id", "kind", "progress")), row["accepted_at"])
    return "" if said == beside else "body says something else than the fields beside it"


def join(connection: Connection, rows: Sequence[Row]) -> None:
    """Store what is not known here, and what was settled elsewhere and is not here."""
    for row in rows:
        here = connection.scalar(select(INTERVENTIONS.c.progress).where(INTERVENTIONS.c.id == row["id"]))
        if here is None or (here not in FINAL and row["progress"] in FINAL):
            connection.execute(statements.upsert(INTERVENTIONS, ("id",), tuple(row)), row)
