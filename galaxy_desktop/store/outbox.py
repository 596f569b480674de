"""Changes that wait to be sent to GitHub: each kept whole, every step of it in the audit log, in one transaction.

The audit log names a change by its target, its kind and a fingerprint of what would be done, never by its words: it
outlives a repository that is forgotten.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.changes import Change, ChangeState
from galaxy_desktop.domain.work_log import AuditEntry
from galaxy_desktop.store import log_book, statements
from galaxy_desktop.store.codec import from_json, to_json
from galaxy_desktop.store.rows import utc
from galaxy_desktop.store.tables import table
from galaxy_desktop.store.tables_desk import ChangeRow

CHANGES = table(ChangeRow)


def keep_change(connection: Connection, new: Change, at: datetime | None = None) -> None:
    """Insert or replace a change and say so in the audit log; the same change again does nothing.

    `at` is when this happens; without it the latest moment that the change itself carries counts.
    """
    old = change(connection, new.id)
    if old == new:
        return
    row = {
        "id": new.id,
        "repository_id": new.repository_id,
        "state": str(new.state),
        "created_at": utc(new.created_at),
        "sent_at": utc(new.sent_at) if new.sent_at else None,
        "body": to_json(new),
    }
    connection.execute(statements.upsert(CHANGES, ("id",), tuple(row)), row)
    entry = AuditEntry(
        who=new.approved_by if new.approved_by and new.state is not ChangeState.DRAFT else new.who,
        what=f"change {new.state}",
        target=new.target,
        before=_said(old) if old else "",
        after=_said(new),
        at=at or _last_moment(new),
    )
    log_book.audit(connection, entry)


def _said(one: Change) -> str:
    """A change in the audit log: where it stands, what kind it is, which one, and exactly what would be done."""
    words = f"{one.state} {one.kind} {one.id} {one.digest[:12]}"
    return f"{words} attempt {one.attempts}" if one.attempts else words


def _last_moment(one: Change) -> datetime:
    """The latest moment at which something was done to it; when it will be tried again lies in the future."""
    return max(m for m in (one.created_at, one.approved_at, one.sending_since, one.sent_at) if m is not None)


def change(connection: Connection, change_id: str) -> Change | None:
    """The change of that id."""
    body = connection.scalar(select(CHANGES.c.body).where(CHANGES.c.id == change_id))
    return None if body is None else from_json(Change, body)


def changes(connection: Connection, since: datetime | None) -> tuple[Change, ...]:
    """Every change that is not discarded, newest first; of those sent only the ones sent since a moment."""
    query = select(CHANGES.c.body).where(CHANGES.c.state != str(ChangeState.DISCARDED))
    if since is not None:
        query = query.where(or_(CHANGES.c.state != str(ChangeState.SENT), CHANGES.c.sent_at >= utc(since)))
    newest_first = query.order_by(CHANGES.c.created_at.desc(), CHANGES.c.id.desc())
    return tuple(from_json(Change, body) for body in connection.scalars(newest_first))
