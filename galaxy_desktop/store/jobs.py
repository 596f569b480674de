"""The durable job queue: a job is finished once, also when the program is killed in the middle of it.

A claim is a committed row that names the process. If that process is gone when the database is next opened, the
claim counts as one failed attempt and the job waits for its next one. A job that failed four times (once, and
three retries after 1, 4 and 16 seconds of the caller's clock) is dead: it stays to be read, and requeued by a
person. Nothing here reads a clock.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import psutil
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.work_log import RETRY_DELAYS_S, Job, JobState, Priority
from galaxy_desktop.errors import StoreError
from galaxy_desktop.store.rows import clean, utc
from galaxy_desktop.store.tables import table
from galaxy_desktop.store.tables_log import JobRow

T = TypeVar("T")

JOBS = table(JobRow)
ACTIVE = (str(JobState.WAITING), str(JobState.RUNNING))
_ACTIVE_WITH_KEY = select(JOBS.c.id).where(JOBS.c.key == bindparam("wanted"), JOBS.c.state.in_(ACTIVE))
_ADD = JOBS.insert()
STOPPED = "The program stopped while this was running."


class Lanes(Protocol):
    """What the queue needs of the store: a way to write and a way to read."""

    def write(self, run: Callable[[Connection], T]) -> Future[T]:
        """Run in the writer's lane; the future is done when it is on the disk."""
        ...

    def read(self, run: Callable[[Connection], T]) -> T:
        """Run in the caller's thread on a reading connection."""
        ...


class JobQueue:
    """Jobs by priority, then by the moment from which they may run, then by age."""

    def __init__(self, lanes: Lanes, owner: str | None = None) -> None:
        self._lanes = lanes
        self._owner = owner or _this_process()

    def enqueue(self, key: str, kind: str, payload: str, priority: Priority, at: datetime) -> Future[int]:
        """Add a job and return its id; a key that waits or runs adds nothing and gives the id it has."""
        row = {"key": key, "kind": kind, "payload": clean(payload), "priority": int(priority)}
        return self._lanes.write(lambda c: _enqueue(c, {**row, "not_before": utc(at), "created_at": utc(at)}))

    def claim(self, now: datetime) -> Job | None:
        """Take the next job that may run; the claim is on the disk when this returns."""
        return self._lanes.write(lambda c: _claim(c, utc(now), self._owner)).result()

    def finish(self, id: int, at: datetime) -> Future[None]:  # noqa: A002 - the word the records use
        """The job is done."""
        return self._lanes.write(lambda c: _finish(c, id, utc(at)))

    def fail(self, id: int, error: str, at: datetime) -> Future[None]:  # noqa: A002
        """The job failed: it waits for its next attempt, or is dead after the last."""
        return self._lanes.write(lambda c: _fail(c, id, error, utc(at)))

    def dead(self) -> tuple[Job, ...]:
        """The dead letters, newest first."""
        query = select(JOBS).where(JOBS.c.state == str(JobState.DEAD)).order_by(JOBS.c.id.desc())
        return self._lanes.read(lambda c: tuple(map(_job, c.execute(query))))

    def requeue(self, id: int, at: datetime) -> Future[None]:  # noqa: A002
        """Give a dead job all its attempts again; a `StoreError` when the same work waits or runs already."""
        return self._lanes.write(lambda c: _requeue(c, id, utc(at)))

    def recover(self, at: datetime | None = None) -> Future[int]:
        """Count the claims of processes that are gone as one failed attempt each; returns how many there were.

        The delay before the next attempt runs from `at`, or from the claim when it is not given.
        """
        return self._lanes.write(lambda c: _recover(c, utc(at) if at else None, self._owner))

    def recent(self, limit: int = 100) -> tuple[Job, ...]:
        """The last jobs enqueued, newest first."""
        query = select(JOBS).order_by(JOBS.c.id.desc()).limit(limit)
        return self._lanes.read(lambda c: tuple(map(_job, c.execute(query))))


def _this_process() -> str:
    """A name that no later process shares: process ids are used again, start times are not."""
    process = psutil.Process(os.getpid())
    return f"{process.pid}@{process.create_time():.2f}"


def _alive(owner: str) -> bool:
    pid, _, started = owner.partition("@")
    try:
        return f"{psutil.Process(int(pid)).create_time():.2f}" == started
    except (psutil.NoSuchProcess, ValueError):
        return False
    except psutil.AccessDenied:
        return True


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        key=row.key,
        kind=row.kind,
        payload=row.payload,
        priority=Priority(row.priority),
        state=JobState(row.state),
        attempts=row.attempts,
        not_before=row.not_before,
        created_at=row.created_at,
        error=row.error,
        finished_at=row.finished_at,
    )


def _active_id(connection: Connection, key: str) -> int | None:
    return connection.scalar(_ACTIVE_WITH_KEY, {"wanted": key})


def _enqueue(connection: Connection, row: dict[str, Any]) -> int:
    known = _active_id(connection, row["key"])
    if known is not None:
        return known
    fresh = {"state": str(JobState.WAITING), "attempts": 0, "owner": "", "error": ""}
    added = connection.execute(_ADD, {**row, **fresh}).inserted_primary_key
    return int(added[0]) if added else 0


def _claim(connection: Connection, now: datetime, owner: str) -> Job | None:
    may_run = (JOBS.c.state == str(JobState.WAITING)) & (JOBS.c.not_before <= now)
    order = (JOBS.c.priority, JOBS.c.not_before, JOBS.c.id)
    next_id = connection.scalar(select(JOBS.c.id).where(may_run).order_by(*order).limit(1))
    if next_id is None:
        return None
    claimed = update(JOBS).where(JOBS.c.id == next_id)
    connection.execute(
        claimed.values(state=str(JobState.RUNNING), attempts=JOBS.c.attempts + 1, owner=owner, claimed_at=now)
    )
    return _job(connection.execute(select(JOBS).where(JOBS.c.id == next_id)).one())


def _running(connection: Connection, id_: int) -> Row[Any]:
    """The row of a running job; a job that was recovered or finished meanwhile is nobody's to end."""
    row = connection.execute(select(JOBS).where(JOBS.c.id == id_)).one_or_none()
    if row is None or row.state != str(JobState.RUNNING):
        raise StoreError(f"Job {id_} is not running, so it can be neither finished nor failed.")
    return row


def _finish(connection: Connection, id_: int, at: datetime) -> None:
    _running(connection, id_)
    done = update(JOBS).where(JOBS.c.id == id_)
    connection.execute(done.values(state=str(JobState.DONE), finished_at=at, owner="", error=""))


def _fail(connection: Connection, id_: int, error: str, at: datetime) -> None:
    _give_back(connection, _running(connection, id_), error, at)


def _give_back(connection: Connection, row: Row[Any], error: str, at: datetime) -> None:
    values: dict[str, Any] = {"owner": "", "error": clean(error)}
    if row.attempts > len(RETRY_DELAYS_S):
        values |= {"state": str(JobState.DEAD), "finished_at": at}
    else:
        delay = timedelta(seconds=RETRY_DELAYS_S[row.attempts - 1])
        values |= {"state": str(JobState.WAITING), "not_before": at + delay}
    connection.execute(update(JOBS).where(JOBS.c.id == row.id).values(values))


def _requeue(connection: Connection, id_: int, at: datetime) -> None:
    row = connection.execute(select(JOBS).where(JOBS.c.id == id_)).one_or_none()
    if row is None or row.state != str(JobState.DEAD):
        raise StoreError(f"Job {id_} is not among the dead letters, so it cannot be queued again.")
    if _active_id(connection, row.key) is not None:
        raise StoreError("The same work is already waiting or running; it need not be queued again.")
    again = {"state": str(JobState.WAITING), "attempts": 0, "not_before": at, "finished_at": None}
    connection.execute(update(JOBS).where(JOBS.c.id == id_).values(again))


def _recover(connection: Connection, at: datetime | None, owner: str) -> int:
    running = connection.execute(select(JOBS).where(JOBS.c.state == str(JobState.RUNNING))).all()
    orphans = [row for row in running if row.owner != owner and not _alive(row.owner)]
    for row in orphans:
        _give_back(connection, row, STOPPED, at or row.claimed_at)
    return len(orphans)
