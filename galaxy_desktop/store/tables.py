"""The tables of what GitHub told: repositories and everything that happens in them.

Rows are keyed by GitHub's repository id, never by name: a rename changes one row of `repository`, and every
record read afterwards carries the new name. People are keyed by id for the same reason. A moment is stored in
UTC; SQLModel's own column type refuses naive ones. Lists (`labels`, `assignees`, ...) are JSON texts, because
they are always read whole.

Tables that came with the second version are in `tables_facts` and `tables_desk`; those of what the program itself
concluded and did are in `tables_log`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from sqlalchemy import Index, Table, UniqueConstraint, inspect
from sqlmodel import Field, SQLModel


def table(model: type[SQLModel]) -> Table:
    """The Core table behind a model: bulk work goes through Core, which is several times faster than the ORM."""
    return cast("Table", inspect(model).local_table)


class RepositoryRow(SQLModel, table=True):
    """A repository; `known` is false for a stub made by records that arrived before the repository itself.

    `seen_at` is when GitHub told its present name, so that an older page cannot bring an older name back.
    """

    __tablename__ = "repository"

    id: int = Field(primary_key=True)
    full_name: str
    url: str = ""
    default_branch: str = "main"
    private: bool = False
    archived: bool = False
    has_issues: bool = True
    known: bool = False
    tracked: bool = True
    seen_at: datetime | None = None


class WishRow(SQLModel, table=True):
    """A repository somebody asked for whose id is not known yet; `key` is its name in lower case."""

    __tablename__ = "wish"

    key: str = Field(primary_key=True)
    full_name: str


class PersonRow(SQLModel, table=True):
    """Somebody on GitHub with the login last seen."""

    __tablename__ = "person"

    id: int = Field(primary_key=True)
    login: str
    seen_at: datetime


class LabelRow(SQLModel, table=True):
    """A label of a repository."""

    __tablename__ = "label"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    id: int = Field(primary_key=True)
    name: str
    color: str = ""
    description: str = ""


class MilestoneRow(SQLModel, table=True):
    """The newest version of a milestone."""

    __tablename__ = "milestone"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    number: int = Field(primary_key=True)
    id: int
    title: str
    description: str
    state: str
    due_on: date | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    url: str
    observed_at: datetime


class MilestoneVersionRow(SQLModel, table=True):
    """Every version of a milestone ever seen: due dates move, and the sprint shows that they did."""

    __tablename__ = "milestone_version"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    number: int = Field(primary_key=True)
    updated_at: datetime = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    id: int
    title: str
    description: str
    state: str
    due_on: date | None
    created_at: datetime
    closed_at: datetime | None
    url: str
    first_seen_at: datetime
    observed_at: datetime


class WorkItemRow(SQLModel, table=True):
    """The newest known state of an issue or pull request.

    `stamps` says, for the parts that only some of GitHub's lists carry, which version each was learned from.
    `key` is the rowid to which the full-text index refers.
    """

    __tablename__ = "work_item"
    __table_args__ = (
        UniqueConstraint("repository_id", "number"),
        Index("work_item_milestone", "repository_id", "milestone_number"),
    )

    key: int | None = Field(default=None, primary_key=True)
    repository_id: int = Field(foreign_key="repository.id")
    number: int
    kind: str
    title: str
    body: str
    state: str
    state_reason: str | None
    author_id: int | None = Field(foreign_key="person.id")
    assignees: str
    labels: str
    milestone_number: int | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    url: str
    observed_at: datetime
    draft: bool
    merged_at: datetime | None
    head_sha: str | None
    base_ref: str | None
    requested_reviewers: str
    additions: int | None
    deletions: int | None
    files: str | None
    stamps: str


class ItemVersionRow(SQLModel, table=True):
    """Every version of a work item ever seen, as the JSON of what changes about it."""

    __tablename__ = "item_version"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    number: int = Field(primary_key=True)
    updated_at: datetime = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    content: str
    first_seen_at: datetime
    observed_at: datetime


class CommentRow(SQLModel, table=True):
    """A comment; comments on lines of a diff (`review`) count their ids apart from the others."""

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("repository_id", "review", "id"),
        Index("comment_item", "repository_id", "item_number"),
    )

    key: int | None = Field(default=None, primary_key=True)
    repository_id: int = Field(foreign_key="repository.id")
    review: bool
    id: int
    item_number: int
    author_id: int | None = Field(foreign_key="person.id")
    body: str
    created_at: datetime
    updated_at: datetime
    url: str
    observed_at: datetime


class ReviewRow(SQLModel, table=True):
    """A review of a pull request."""

    __tablename__ = "review"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    id: int = Field(primary_key=True)
    item_number: int
    author_id: int | None = Field(foreign_key="person.id")
    verdict: str
    body: str
    submitted_at: datetime
    url: str
    observed_at: datetime


class CommitRow(SQLModel, table=True):
    """A commit; churn stays empty until something fetched it."""

    __tablename__ = "git_commit"
    __table_args__ = (Index("git_commit_newest", "repository_id", "committed_at"),)

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    sha: str = Field(primary_key=True)
    message: str
    author_id: int | None = Field(foreign_key="person.id")
    committed_at: datetime
    url: str
    observed_at: datetime
    additions: int | None
    deletions: int | None
    stamps: str


class WorkflowRunRow(SQLModel, table=True):
    """A run of a workflow on one commit."""

    __tablename__ = "workflow_run"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    id: int = Field(primary_key=True)
    name: str
    head_sha: str
    head_branch: str
    event: str
    status: str
    conclusion: str | None
    started_at: datetime
    finished_at: datetime | None
    url: str
    observed_at: datetime


class ItemEventRow(SQLModel, table=True):
    """Something that happened to an item."""

    __tablename__ = "item_event"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    id: int = Field(primary_key=True)
    item_number: int
    kind: str
    actor_id: int | None = Field(foreign_key="person.id")
    subject: str
    created_at: datetime
    observed_at: datetime
    url: str


class GoneRow(SQLModel, table=True):
    """GitHub said that something is gone; its row stays and is left out while it was not seen again after `at`."""

    __tablename__ = "gone"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    kind: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    at: datetime


class CursorRow(SQLModel, table=True):
    """Where reading one list stands; `ever_complete` stays true while a later walk is in progress."""

    __tablename__ = "cursor"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    entity: str = Field(primary_key=True)
    position: str
    complete: bool
    note: str
    ever_complete: bool


class ValidatorRow(SQLModel, table=True):
    """The ETag GitHub gave for one URL."""

    __tablename__ = "validator"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    url: str = Field(primary_key=True)
    etag: str


class SyncStatusRow(SQLModel, table=True):
    """The state of one repository's collection."""

    __tablename__ = "sync_status"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    state: str
    sentence: str
    synced_at: datetime | None
    next_try_at: datetime | None
    offline_since: datetime | None
