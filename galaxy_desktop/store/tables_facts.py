"""The tables of what GitHub tells beside work items: checks, releases, deployments, branches, links, boards, names.

They came with the second version of the database, commits of pull requests with the third. As in `tables`, rows are keyed by GitHub's ids, and lists that are
always read whole are JSON texts. What a board shows now is in `board`, `board_iteration` and `board_item`; since when
an item is in its iteration is worked out from `board_look` and `board_span`, see `boards`.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class PersonNameRow(SQLModel, table=True):
    """A login somebody was seen under, with the first and the last time."""

    __tablename__ = "person_name"

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    login: str = Field(primary_key=True)
    first_at: datetime
    last_at: datetime


class RepositoryNameRow(SQLModel, table=True):
    """A name a repository was ever stored under: what it cost and what was said of it is filed under names."""

    __tablename__ = "repository_name"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    full_name: str = Field(primary_key=True)


class CheckRow(SQLModel, table=True):
    """A check run or commit status of one commit."""

    __tablename__ = "check_result"
    __table_args__ = (Index("check_result_sha", "repository_id", "sha"),)

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    source: str = Field(primary_key=True)
    id: int = Field(primary_key=True)
    sha: str
    name: str
    status: str
    conclusion: str | None
    started_at: datetime | None
    finished_at: datetime | None
    url: str
    observed_at: datetime


class ReleaseRow(SQLModel, table=True):
    """A release."""

    __tablename__ = "release"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    id: int = Field(primary_key=True)
    tag: str
    name: str
    draft: bool
    prerelease: bool
    author_id: int | None = Field(foreign_key="person.id")
    created_at: datetime
    published_at: datetime | None
    url: str
    observed_at: datetime


class DeploymentRow(SQLModel, table=True):
    """A deployment with its newest state."""

    __tablename__ = "deployment"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    id: int = Field(primary_key=True)
    sha: str
    ref: str
    environment: str
    state: str
    created_at: datetime
    updated_at: datetime
    url: str
    observed_at: datetime


class BranchListRow(SQLModel, table=True):
    """All branches of a repository; `branches` holds [name, sha, protected] of each, by name."""

    __tablename__ = "branch_list"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    branches: str
    observed_at: datetime


class ItemLinksRow(SQLModel, table=True):
    """All links of one kind from one item; `targets` holds [repository, number, title, url] of each."""

    __tablename__ = "item_links"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    item_number: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    targets: str
    observed_at: datetime


class PullCommitsRow(SQLModel, table=True):
    """The commits of one pull request; `commits` holds [sha, message, author, authored, committed] of each."""

    __tablename__ = "pull_commits"

    repository_id: int = Field(primary_key=True, foreign_key="repository.id")
    item_number: int = Field(primary_key=True)
    commits: str
    total: int
    observed_at: datetime


class BoardRow(SQLModel, table=True):
    """A board as last seen; `digest` is of all that it shows and decides between two looks of one moment."""

    __tablename__ = "board"

    id: str = Field(primary_key=True)
    number: int
    owner: str
    title: str
    url: str
    closed: bool
    updated_at: datetime
    observed_at: datetime
    digest: str


class IterationRow(SQLModel, table=True):
    """An iteration of a board as last seen."""

    __tablename__ = "board_iteration"

    project_id: str = Field(primary_key=True, foreign_key="board.id")
    id: str = Field(primary_key=True)
    project_title: str
    title: str
    starts_on: date
    days: int
    completed: bool
    url: str
    observed_at: datetime


class BoardItemRow(SQLModel, table=True):
    """An item of a board as last seen; its repository need not be one that is stored."""

    __tablename__ = "board_item"
    __table_args__ = (Index("board_item_repository", "repository_id", "item_number"),)

    project_id: str = Field(primary_key=True, foreign_key="board.id")
    id: str = Field(primary_key=True)
    repository_id: int
    item_number: int
    iteration_id: str | None
    status: str | None
    points: float | None
    updated_at: datetime
    archived: bool


class BoardSpanRow(SQLModel, table=True):
    """When an item of a board was first and last seen in one of its iterations; "" stands for none."""

    __tablename__ = "board_span"

    project_id: str = Field(primary_key=True, foreign_key="board.id")
    item_id: str = Field(primary_key=True)
    iteration_id: str = Field(primary_key=True)
    repository_id: int
    first_at: datetime
    last_at: datetime


class BoardLookRow(SQLModel, table=True):
    """A moment at which a board was looked at."""

    __tablename__ = "board_look"

    project_id: str = Field(primary_key=True, foreign_key="board.id")
    at: datetime = Field(primary_key=True)
