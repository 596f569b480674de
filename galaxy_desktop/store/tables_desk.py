"""The tables behind the Sync page and the outbox: marks, requests, traffic, refused names, changes to be sent.

They came with the second version of the database. Names of repositories stand here as text where a request was made
for a name; everything else is keyed by id.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class ListMarkRow(SQLModel, table=True):
    """When one list of a repository was last read with success, a 304 included."""

    __tablename__ = "list_mark"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    entity: str = Field(primary_key=True)
    at: datetime


class ReconcileMarkRow(SQLModel, table=True):
    """When a repository was last read in full."""

    __tablename__ = "reconcile_mark"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    at: datetime


class RefusedWishRow(SQLModel, table=True):
    """Why GitHub did not show a repository somebody asked for; `key` is that of the wish."""

    __tablename__ = "refused_wish"

    key: str = Field(primary_key=True)
    sentence: str
    at: datetime


class ExchangeRow(SQLModel, table=True):
    """One request to GitHub and how it ended; only the newest are kept."""

    __tablename__ = "exchange"

    key: int | None = Field(default=None, primary_key=True)
    at: datetime
    host: str
    repository: str
    entity: str
    method: str
    path: str
    status: int | None
    outcome: str
    cost: int
    resource: str
    remaining: int | None
    bytes_in: int
    bytes_out: int
    seconds: float


class UsageRow(SQLModel, table=True):
    """What one list of one repository cost on one day (UTC)."""

    __tablename__ = "usage_day"

    day: date = Field(primary_key=True)
    repository: str = Field(primary_key=True)
    entity: str = Field(primary_key=True)
    requests: int
    quota: int
    bytes_in: int
    bytes_out: int


class HostTrafficRow(SQLModel, table=True):
    """What went to and came from one host for one purpose."""

    __tablename__ = "host_traffic"

    host: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    connections: int
    denied: int
    bytes_in: int
    bytes_out: int
    first_at: datetime
    last_at: datetime


class ChangeRow(SQLModel, table=True):
    """A change that somebody wants made on GitHub; `body` is the record, the columns are what is asked for."""

    __tablename__ = "outbox_change"
    __table_args__ = (Index("outbox_change_state", "state"),)

    id: str = Field(primary_key=True)
    repository_id: int
    state: str
    created_at: datetime
    sent_at: datetime | None
    body: str
