"""The tables of advice and attention: what was accepted and what came of it, what was shown when, and what is muted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class InterventionRow(SQLModel, table=True):
    """An accepted recommendation; `body` is what came of it so far (a `FollowUp`), the columns are what is asked for."""

    __tablename__ = "intervention"
    __table_args__ = (Index("intervention_recommendation", "recommendation_id"),)

    id: str = Field(primary_key=True)
    recommendation_id: str
    sprint_id: str
    kind: str
    accepted_at: datetime
    progress: str
    body: str


class LearningResetRow(SQLModel, table=True):
    """Verdicts on this kind of action up to this moment no longer weigh in the order."""

    __tablename__ = "learning_reset"

    kind: str = Field(primary_key=True)
    at: datetime


class CourseRow(SQLModel, table=True):
    """A probability said with the whole history read, where it differs from the one before: what falls are told by."""

    __tablename__ = "course"

    sprint_id: str = Field(primary_key=True)
    due_on: date = Field(primary_key=True)
    at: datetime = Field(primary_key=True)
    probability: float


class BalloonRow(SQLModel, table=True):
    """A notification that was shown: "alerts" or "digest"; the day's budget counts them."""

    __tablename__ = "balloon"
    __table_args__ = (Index("balloon_at", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    kind: str


class DigestRow(SQLModel, table=True):
    """One morning's digest; a local day has one at most. `body` is "" where there was nothing to tell."""

    __tablename__ = "digest"

    day: date = Field(primary_key=True)
    at: datetime
    body: str


class MuteRow(SQLModel, table=True):
    """Nothing is said of a subject; `until` is empty for "until something happens on it"."""

    __tablename__ = "mute"

    subject: str = Field(primary_key=True)
    at: datetime
    until: datetime | None
