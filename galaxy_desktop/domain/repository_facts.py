"""What a repository holds beside its work items: checks, releases, deployments, branches, links and commits of pulls.

`BranchList`, `ItemLinks` and `PullCommits` are whole lists: a newer one replaces an older one, because what left such
a list (a branch that was deleted, a commit that a force-push dropped) is told by nothing but its absence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from galaxy_desktop.domain.work import Person

RED = ("failure", "timed_out", "startup_failure", "error", "action_required")


class CheckSource(StrEnum):
    """Who reported: a check run (GitHub Apps, Actions) or a commit status (older services)."""

    RUN = "check"
    STATUS = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The newest result of one check of one commit; `conclusion` is `None` while it runs."""

    repository_id: int
    repository: str
    source: CheckSource
    id: int
    sha: str
    name: str
    status: str
    conclusion: str | None
    started_at: datetime | None
    finished_at: datetime | None
    url: str
    observed_at: datetime

    @property
    def evidence_id(self) -> str:
        """The stable id under which this check is cited: "check:o/r@123", "status:o/r@123"."""
        return f"{self.source}:{self.repository}@{self.id}"

    @property
    def red(self) -> bool:
        """Finished badly, through the code's fault or the machine's."""
        return self.conclusion in RED


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release; a draft has no `published_at`."""

    repository_id: int
    repository: str
    id: int
    tag: str
    name: str
    draft: bool
    prerelease: bool
    author: Person | None
    created_at: datetime
    published_at: datetime | None
    url: str
    observed_at: datetime

    @property
    def evidence_id(self) -> str:
        """The stable id under which this release is cited."""
        return f"release:{self.repository}#{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment; `state` is its newest status in lower case ("success", "failure", ...), "" where none was given."""

    repository_id: int
    repository: str
    id: int
    sha: str
    ref: str
    environment: str
    state: str
    created_at: datetime
    updated_at: datetime
    url: str
    observed_at: datetime

    @property
    def evidence_id(self) -> str:
        """The stable id under which this deployment is cited."""
        return f"deployment:{self.repository}#{self.id}"


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch and the commit at its head."""

    name: str
    sha: str
    protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchList:
    """All branches of a repository as of `observed_at`."""

    repository_id: int
    repository: str
    branches: tuple[Branch, ...]
    observed_at: datetime


class LinkKind(StrEnum):
    """What GitHub itself knows between two items."""

    BLOCKED_BY = "blocked_by"
    SUB_ISSUE = "sub_issue"


@dataclass(frozen=True, slots=True)
class ItemRef:
    """The other end of a link, in any repository: "o/r" and number."""

    repository: str
    number: int
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLinks:
    """All links of one kind from one item, as of `observed_at`; no targets means that there are none (any more).

    BLOCKED_BY: the targets must finish before the item. SUB_ISSUE: the item contains the targets.
    """

    repository_id: int
    repository: str
    item_number: int
    kind: LinkKind
    targets: tuple[ItemRef, ...]
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PullCommit:
    """A commit of a pull request; `author` is `None` where no account is behind the name in Git."""

    sha: str
    message: str
    author: Person | None
    authored_at: datetime
    committed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PullCommits:
    """The commits of one pull request as of `observed_at`, in GitHub's order: the oldest first.

    They are not commits of the default branch and are never among `Commit` records. `total` is how many GitHub counts;
    it lists 250 at most, so that of a longer pull request the newest commits are missing here.
    """

    repository_id: int
    repository: str
    item_number: int
    commits: tuple[PullCommit, ...]
    total: int
    observed_at: datetime

    def evidence_id_of(self, commit: PullCommit) -> str:
        """The stable id under which one of these commits is cited."""
        return f"commit:{self.repository}@{commit.sha}"
