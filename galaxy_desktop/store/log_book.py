"""What the program did: settings changed, agents run, and the audit log that nobody can rewrite."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.work_log import AuditEntry, Execution
from galaxy_desktop.store import statements
from galaxy_desktop.store.rows import clean, utc
from galaxy_desktop.store.tables import table
from galaxy_desktop.store.tables_log import AuditRow, ExecutionRow, SettingRow

AUDIT = table(AuditRow)
EXECUTIONS = table(ExecutionRow)
SETTINGS = table(SettingRow)


def audit(connection: Connection, entry: AuditEntry) -> None:
    """Add an entry to the audit log."""
    connection.execute(
        AUDIT.insert().values(
            who=clean(entry.who),
            what=clean(entry.what),
            target=clean(entry.target),
            before=clean(entry.before),
            after=clean(entry.after),
            at=utc(entry.at),
        )
    )


def audit_log(connection: Connection, limit: int) -> tuple[AuditEntry, ...]:
    """The last entries, newest first."""
    found = connection.execute(select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit))
    return tuple(
        AuditEntry(who=row.who, what=row.what, target=row.target, before=row.before, after=row.after, at=row.at)
        for row in found
    )


def settings(connection: Connection) -> dict[str, str]:
    """The stored settings as text."""
    found = connection.execute(select(SETTINGS.c.name, SETTINGS.c.value))
    return {row.name: row.value for row in found}


def set_setting(connection: Connection, name: str, value: str, who: str, at: datetime) -> None:
    """Store a setting and who changed it from what, in one transaction."""
    before = settings(connection).get(name, "")
    columns = ("name", "value")
    connection.execute(statements.upsert(SETTINGS, ("name",), columns), {"name": name, "value": clean(value)})
    audit(connection, AuditEntry(who=who, what="setting changed", target=name, before=before, after=value, at=at))


def record_execution(connection: Connection, execution: Execution) -> None:
    """Add one run of one node of the agent graph."""
    connection.execute(
        EXECUTIONS.insert().values(
            run_id=execution.run_id,
            node=execution.node,
            model=execution.model,
            status=execution.status,
            input_digest=execution.input_digest,
            output_digest=execution.output_digest,
            started_at=utc(execution.started_at),
            duration_s=execution.duration_s,
            tokens_in=execution.tokens_in,
            tokens_out=execution.tokens_out,
            error=clean(execution.error),
        )
    )


def executions(connection: Connection, limit: int) -> tuple[Execution, ...]:
    """The last executions, newest first."""
    columns = [column for column in EXECUTIONS.c if column.name != "key"]
    found = connection.execute(select(*columns).order_by(EXECUTIONS.c.key.desc()).limit(limit))
    return tuple(Execution(**row) for row in found.mappings())
