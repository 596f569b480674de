"""Work as GitHub knows it: repositories, milestones, issues, pull requests and what happens to them.

Every record is frozen and carries plain values, so that it can cross threads and be hashed.
Moments are aware datetimes in UTC; a due date is a day, because GitHub sends midnight of some
time zone for it and comparing it as a moment shows it a day early west of Greenwich.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ItemKind(StrEnum):
    """What a work item is; the value is also the prefix of its evidence id."""

    ISSUE = "issue"
    PULL_REQUEST = "pr"


class State(StrEnum):
    """Open or closed: of a work item, a milestone or a sprint."""

    OPEN = "open"
    CLOSED = "closed"


class RepositoryState(StrEnum):
    """How fresh the local copy of a repository is; the words shown are in `services.freshness`."""

    SYNCED = "synced"
    SYNCING = "syncing"
    WAITING = "waiting"
    OFFLINE = "offline"
    TOKEN_REJECTED = "token_rejected"  # noqa: S105 - a state, not a secret
    NO_ACCESS = "no_access"
    ISSUES_DISABLED = "issues_disabled"
    LEGAL_BLOCK = "legal_block"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on GitHub, keyed by id: logins change."""

    id: int
    login: str

    @property
    def key(self) -> str:
        """An opaque name for counting only: the same person has the same one, and it tells nobody who that is."""
        return hashlib.sha256(f"person/{self.id}".encode()).hexdigest()[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A tracked repository; `id` survives renames and transfers, `full_name` ("owner/name") does not."""

    id: int
    full_name: str
    url: str
    default_branch: str = "main"
    private: bool = False
    archived: bool = False
    has_issues: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label of a repository; `color` is six hex digits without '#'."""

    repository_id: int
    id: int
    name: str
    color: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One version of a milestone, as polled; `id` is GitHub's global id, `number` the one in its URL."""

    repository_id: int
    repository: str
    id: int
    number: int
    title: str
    description: str
    state: State
    due_on: date | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    url: str
    observed_at: datetime

    @property
    def evidence_id(self) -> str:
        """The stable id under which this milestone is cited."""
        return f"milestone:{self.repository}#{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """An issue or pull request of a tracked repository, in its newest known version.

    The fields after `observed_at` belong to pull requests. `None` there means "not fetched",
    which is not the same as zero or empty.
    """

    repository_id: int
    repository: str
    number: int
    kind: ItemKind
    title: str
    body: str
    state: State
    state_reason: str | None
    author: Person | None
    assignees: tuple[Person, ...]
    labels: tuple[str, ...]
    milestone_number: int | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    url: str
    observed_at: datetime
    draft: bool = False
    merged_at: datetime | None = None
    head_sha: str | None = None
    base_ref: str | None = None
    requested_reviewers: tuple[Person, ...] = ()
    additions: int | None = None
    deletions: int | None = None
    files: tuple[str, ...] | None = None

    @property
    def evidence_id(self) -> str:
        """The stable id under which this item is cited, such as "pr:o/r#7"."""
        return f"{self.kind}:{self.repository}#{self.number}"

    @property
    def reference(self) -> str:
        """How people write it: "o/r#7"."""
        return f"{self.repository}#{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether work is left on it."""
        return self.state is State.OPEN

    @property
    def delivered(self) -> bool:
        """Closed because the work was done: a merged pull request, or an issue not closed as "not planned"."""
        if self.state is State.OPEN:
            return False
        if self.kind is ItemKind.PULL_REQUEST:
            return self.merged_at is not None
        return self.state_reason not in ("not_planned", "duplicate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on an issue or pull request (`review` marks one on a diff line)."""

    repository_id: int
    repository: str
    id: int
    item_number: int
    author: Person | None
    body: str
    created_at: datetime
    updated_at: datetime
    url: str
    observed_at: datetime
    review: bool = False

    @property
    def evidence_id(self) -> str:
        """The stable id under which this comment is cited."""
        return f"comment:{self.repository}#{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review of a pull request; `verdict` is GitHub's state in lower case ("approved", "changes_requested", ...)."""

    repository_id: int
    repository: str
    id: int
    item_number: int
    author: Person | None
    verdict: str
    body: str
    submitted_at: datetime
    url: str
    observed_at: datetime

    @property
    def evidence_id(self) -> str:
        """The stable id under which this review is cited."""
        return f"review:{self.repository}#{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit; churn is `None` where the list did not carry it."""

    repository_id: int
    repository: str
    sha: str
    message: str
    author: Person | None
    committed_at: datetime
    url: str
    observed_at: datetime
    additions: int | None = None
    deletions: int | None = None

    @property
    def evidence_id(self) -> str:
        """The stable id under which this commit is cited."""
        return f"commit:{self.repository}@{self.sha}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRun:
    """A run of a workflow on one commit; `conclusion` is `None` while it runs."""

    repository_id: int
    repository: str
    id: int
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

    @property
    def evidence_id(self) -> str:
        """The stable id under which this run is cited."""
        return f"check:{self.repository}#{self.id}"

    @property
    def red(self) -> bool:
        """Finished badly, through the code's fault or the machine's: cancelled and skipped runs say nothing."""
        return self.conclusion in ("failure", "timed_out", "startup_failure")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEvent:
    """Something that happened to an item: closed, reopened, milestoned, demilestoned, assigned, labeled, ...

    `subject` is what the event is about: a label's name, a milestone's title, an assignee's login,
    or the URL of a cross-reference; empty where the kind says it all.
    """

    repository_id: int
    repository: str
    id: int
    item_number: int
    kind: str
    actor: Person | None
    subject: str
    created_at: datetime
    observed_at: datetime
    url: str = ""

    @property
    def evidence_id(self) -> str:
        """The stable id under which this event is cited."""
        return f"event:{self.repository}#{self.id}"
