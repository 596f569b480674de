"""What the program itself did: jobs, agent executions, audit entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Priority(IntEnum):
    """Order in the job queue; lower runs first."""

    CRITICAL = 0
    HIGH = 1
    NORMAL = 2
    LOW = 3


class JobState(StrEnum):
    """Where a job stands; `dead` jobs wait to be read and requeued by a person."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


RETRY_DELAYS_S = (1, 4, 16)
"""Seconds before the first, second and third retry of a failed job; after the third it is dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A durable piece of work; `key` makes it unique: enqueuing a key that waits or runs adds nothing."""

    id: int
    key: str
    kind: str
    payload: str
    priority: Priority
    state: JobState
    attempts: int
    not_before: datetime
    created_at: datetime
    error: str = ""
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One run of one node of the agent graph; digests are SHA-256 of its canonical input and output."""

    run_id: str
    node: str
    model: str
    status: str
    input_digest: str
    output_digest: str
    started_at: datetime
    duration_s: float
    tokens_in: int = 0
    tokens_out: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to what, before and after; rows of the audit log can be neither changed nor deleted."""

    who: str
    what: str
    target: str
    before: str
    after: str
    at: datetime
