"""Dropping what nobody will look at again, so that the file does not grow for ever.

What GitHub told and what was concluded is never pruned; neither are the audit log, the forecast ledger, dead letters
of the job queue and changes that were sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.changes import ChangeState
from galaxy_desktop.domain.work_log import JobState
from galaxy_desktop.store.boards import prune_looks
from galaxy_desktop.store.rows import utc
from galaxy_desktop.store.tables import table
from galaxy_desktop.store.tables_desk import ChangeRow, ExchangeRow, UsageRow
from galaxy_desktop.store.tables_log import ExecutionRow, JobRow

EXECUTIONS_KEPT = timedelta(days=90)
JOBS_KEPT = timedelta(days=7)
LOG_KEPT = timedelta(days=30)
USAGE_KEPT = timedelta(days=400)
DISCARDED_KEPT = timedelta(days=30)
LOOKS_KEPT = timedelta(days=90)


def prune(connection: Connection, now: datetime) -> int:
    """Remove old executions, done jobs, requests, costs, discarded changes and looks at boards; how many rows."""
    moment = utc(now)
    executions, jobs, log = table(ExecutionRow), table(JobRow), table(ExchangeRow)
    usage, changes = table(UsageRow), table(ChangeRow)
    done, discarded = str(JobState.DONE), str(ChangeState.DISCARDED)
    old = (
        delete(executions).where(executions.c.started_at < moment - EXECUTIONS_KEPT),
        delete(jobs).where(jobs.c.state == done, jobs.c.finished_at < moment - JOBS_KEPT),
        delete(log).where(log.c.at < moment - LOG_KEPT),
        delete(usage).where(usage.c.day < (moment - USAGE_KEPT).date()),
        delete(changes).where(changes.c.state == discarded, changes.c.created_at < moment - DISCARDED_KEPT),
    )
    return sum(connection.execute(one).rowcount for one in old) + prune_looks(connection, moment - LOOKS_KEPT)
