"""The tables of the forecast ledger: what was said, from which inputs, and how it came out.

Triggers made by the migration refuse to change or delete a row. One change is let through, and it only removes text:
forgetting a repository empties the title of an entry and the inputs that name the repository. The numbers stay, because
a record of promises from which the bad ones can be taken proves nothing.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class LedgerEntryRow(SQLModel, table=True):
    """One forecast as it was said; `digest` is made from all of it, `baselines` holds JSON."""

    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ledger_entry_sprint", "sprint_id", "origin", "said_at"),)

    digest: str = Field(primary_key=True)
    sprint_id: str
    sprint_title: str
    said_at: datetime
    due_on: date | None
    probability: float | None
    why_none: str
    raw_share: float | None
    course: float | None
    weight: float | None
    before_recalibration: float | None
    elapsed: float | None
    open: int
    done: int
    baselines: str
    engine: str
    seed: int
    inputs_digest: str
    origin: str


class LedgerInputsRow(SQLModel, table=True):
    """The inputs of forecasts, each kept once: canonical JSON, packed by zlib, as base64; "" where it was forgotten."""

    __tablename__ = "ledger_inputs"

    digest: str = Field(primary_key=True)
    packed: str


class LedgerOutcomeRow(SQLModel, table=True):
    """How a sprint ended; judged once."""

    __tablename__ = "ledger_outcome"

    sprint_id: str = Field(primary_key=True)
    landed: bool
    due_on: date
    ended_on: date
    delivered: int
    committed: int
    why: str
