"""The tables of what the program itself concluded and did: sprints, findings, alerts, jobs, executions, audit.

Rows of `audit` and `forecast` are written once: triggers made by the migration refuse every change and deletion,
because a ledger that can be edited proves nothing. The nested parts of a finding (its evidence, its formula) are
kept as the JSON of the record in `body`; the columns beside it are those that something asks for.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel


class SprintRow(SQLModel, table=True):
    """A sprint as last evaluated; `as_of` is the moment of that evaluation."""

    __tablename__ = "sprint"

    id: str = Field(primary_key=True)
    title: str
    state: str
    starts_at: datetime | None
    due_on: date | None
    closed_at: datetime | None
    body: str
    as_of: datetime


class ConfirmationRow(SQLModel, table=True):
    """A person agreed that these milestones are one sprint."""

    __tablename__ = "sprint_confirmation"

    sprint_id: str = Field(primary_key=True)
    at: datetime


class FeatureSetRow(SQLModel, table=True):
    """The named numbers of a sprint at a moment; written when they differ from the last ones."""

    __tablename__ = "feature_set"

    sprint_id: str = Field(primary_key=True)
    as_of: datetime = Field(primary_key=True)
    digest: str
    body: str


class ForecastRow(SQLModel, table=True):
    """One entry of the forecast ledger, never changed: what was said, when, from which inputs."""

    __tablename__ = "forecast"
    __table_args__ = (UniqueConstraint("sprint_id", "as_of", "digest"),)

    id: int | None = Field(default=None, primary_key=True)
    sprint_id: str
    as_of: datetime
    digest: str
    due_on: date | None
    probability: float | None
    why_none: str | None
    n_active_days: int
    n_completed: int
    runs: int
    seed: int
    engine: str
    body: str


class RiskRow(SQLModel, table=True):
    """A risk with the evaluations in which it was first and last seen; current while `last_at` is the sprint's."""

    __tablename__ = "risk"

    sprint_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    kind: str
    severity: str
    probability: float
    body: str
    first_at: datetime
    last_at: datetime


class RecommendationRow(SQLModel, table=True):
    """A recommendation with the evaluations in which it was first and last made."""

    __tablename__ = "recommendation"

    sprint_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    kind: str
    delta_probability: float | None
    body: str
    first_at: datetime
    last_at: datetime


class VerdictRow(SQLModel, table=True):
    """What the user said of a recommendation, the last word."""

    __tablename__ = "verdict"

    recommendation_id: str = Field(primary_key=True)
    verdict: str
    reason: str
    at: datetime
    until: datetime | None


class EvidenceRow(SQLModel, table=True):
    """A piece of evidence that some finding cited, with the words quoted then."""

    __tablename__ = "evidence"

    id: str = Field(primary_key=True)
    quote: str = Field(primary_key=True)
    kind: str
    url: str
    observed_at: datetime


class AnalysisRow(SQLModel, table=True):
    """The last evaluation whole, to show it at once after a start; there is one row."""

    __tablename__ = "analysis"

    id: int = Field(primary_key=True)
    as_of: datetime
    engine: str
    body: str


class AlertRow(SQLModel, table=True):
    """An alert; its id is made from its fact, so the primary key is what keeps it from firing twice."""

    __tablename__ = "alert"
    __table_args__ = (Index("alert_at", "at"),)

    id: str = Field(primary_key=True)
    at: datetime
    body: str
    shown_at: datetime | None


class ExecutionRow(SQLModel, table=True):
    """One run of one node of the agent graph."""

    __tablename__ = "execution"
    __table_args__ = (Index("execution_run", "run_id"),)

    key: int | None = Field(default=None, primary_key=True)
    run_id: str
    node: str
    model: str
    status: str
    input_digest: str
    output_digest: str
    started_at: datetime
    duration_s: float
    tokens_in: int
    tokens_out: int
    error: str


class JobRow(SQLModel, table=True):
    """A durable piece of work; `owner` names the process that runs it, so that a dead one's jobs can be found."""

    __tablename__ = "job"
    __table_args__ = (
        Index("job_active_key", "key", unique=True, sqlite_where=text("state IN ('waiting', 'running')")),
        Index("job_next", "state", "priority", "not_before"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str
    kind: str
    payload: str
    priority: int
    state: str
    attempts: int
    not_before: datetime
    created_at: datetime
    claimed_at: datetime | None
    finished_at: datetime | None
    owner: str
    error: str


class SettingRow(SQLModel, table=True):
    """A setting that differs from its default, as text."""

    __tablename__ = "setting"

    name: str = Field(primary_key=True)
    value: str


class AuditRow(SQLModel, table=True):
    """Who did what to what; never changed and never deleted."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    who: str
    what: str
    target: str
    before: str
    after: str
    at: datetime
