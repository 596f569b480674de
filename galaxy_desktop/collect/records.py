"""GitHub's rows turned into our records: pure, row by row.

Whether a row of `/issues` is a pull request is decided from the row itself, because asking an object of
PyGithub costs a request. People are keyed by id and may be missing (deleted accounts); so may bodies,
milestones and actors. A due date is a day: GitHub sends midnight of some time zone for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import TypeVar
from urllib.parse import quote

from galaxy_desktop.collect.answers import Row
from galaxy_desktop.collect.soundness import must_be_sound
from galaxy_desktop.domain.repository_facts import Check, CheckSource, Deployment, ItemRef, PullCommit, Release
from galaxy_desktop.domain.work import (
    Comment,
    Commit,
    ItemEvent,
    ItemKind,
    Label,
    Milestone,
    Person,
    Repository,
    Review,
    State,
    WorkflowRun,
    WorkItem,
)
from galaxy_desktop.errors import BrokenAnswerError

T = TypeVar("T")

EVENT_KINDS = frozenset(
    {
        "closed", "reopened", "merged", "milestoned", "demilestoned", "assigned", "unassigned", "labeled", "unlabeled",
        "review_requested", "review_request_removed", "review_dismissed", "ready_for_review", "convert_to_draft",
        "renamed", "referenced", "connected", "disconnected", "transferred", "marked_as_duplicate",
        "sub_issue_added", "sub_issue_removed", "parent_issue_added", "parent_issue_removed",
        "blocked_by_added", "blocked_by_removed", "blocking_added", "blocking_removed",
    }
)  # fmt: skip
"""The kinds of events that say something about a sprint; the rest is noise and is not stored.

Cross-references are not among them: `/issues/events` lacks them, they come from timelines.
"""

CROSS_REFERENCED = "cross-referenced"
_OTHER_ITEMS = ("sub_issue", "parent_issue", "blocked_by", "blocking")
_RUNNING = ("pending", "expected")


def converted(rows: Iterable[Row], convert: Callable[[Row], T | None]) -> tuple[T, ...]:
    """The records of these rows; a row that has no place with us is left out.

    Raises:
        BrokenAnswerError: a row lacks what every such row has.
    """
    try:
        found = tuple(record for row in rows if (record := convert(row)) is not None)
        for one in found:
            must_be_sound(one)
        return found
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise BrokenAnswerError(
            f"GitHub sent a row that cannot be read ({type(error).__name__}: {error}). The next sync asks again."
        ) from error


def moment(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def moment_or_none(text: str | None) -> datetime | None:
    """A moment in UTC, where there is one."""
    return moment(text) if text else None


def stamp(at: datetime) -> str:
    """A moment as GitHub writes it: UTC, whole seconds, "Z"; such texts sort like the moments."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def updated(row: Row) -> str:
    """When a row changed last, in the form of `stamp`.

    Raises:
        BrokenAnswerError: the row does not say.
    """
    return converted([row], lambda one: stamp(moment(one["updated_at"])))[0]


def person(row: Row | None) -> Person | None:
    """Somebody, or `None` for a deleted account."""
    return Person(row["id"], row["login"]) if row and row.get("id") else None


def people(rows: Iterable[Row | None] | None) -> tuple[Person, ...]:
    """Those of a list who still exist."""
    return tuple(found for row in rows or () if (found := person(row)))


def day(text: str | None) -> date | None:
    """The day meant by a due date, whatever midnight GitHub wrote for it."""
    return date.fromisoformat(text[:10]) if text else None


def repository(row: Row) -> Repository:
    """A repository from `/repos/{owner}/{name}`."""
    return Repository(
        id=row["id"],
        full_name=row["full_name"],
        url=row["html_url"],
        default_branch=row.get("default_branch") or "main",
        private=bool(row.get("private")),
        archived=bool(row.get("archived")),
        has_issues=bool(row.get("has_issues", True)),
    )


def label(row: Row, repo: Repository) -> Label:
    """A label from `/labels`."""
    return Label(
        repository_id=repo.id,
        id=row["id"],
        name=row["name"],
        color=row.get("color") or "",
        description=row.get("description") or "",
    )


def milestone(row: Row, repo: Repository, at: datetime) -> Milestone:
    """A milestone from `/milestones`: never from an issue, where it may be out of date."""
    return Milestone(
        repository_id=repo.id,
        repository=repo.full_name,
        id=row["id"],
        number=row["number"],
        title=row["title"],
        description=row.get("description") or "",
        state=State(row["state"]),
        due_on=day(row.get("due_on")),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        closed_at=moment_or_none(row.get("closed_at")),
        url=row["html_url"],
        observed_at=at,
    )


def item(row: Row, repo: Repository, at: datetime) -> WorkItem:
    """A work item from `/issues` or `/pulls`; what only the other list carries stays `None`."""
    marker = row.get("pull_request")
    is_pull = marker is not None or "head" in row
    head, base = row.get("head") or {}, row.get("base") or {}
    return WorkItem(
        repository_id=repo.id,
        repository=repo.full_name,
        number=row["number"],
        kind=ItemKind.PULL_REQUEST if is_pull else ItemKind.ISSUE,
        title=row["title"] or "",
        body=row.get("body") or "",
        state=State(row["state"]),
        state_reason=row.get("state_reason"),
        author=person(row.get("user")),
        assignees=people(row.get("assignees")),
        labels=tuple(one if isinstance(one, str) else one["name"] for one in row.get("labels") or ()),
        milestone_number=(row.get("milestone") or {}).get("number"),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        closed_at=moment_or_none(row.get("closed_at")),
        url=row["html_url"],
        observed_at=at,
        draft=bool(row.get("draft")),
        merged_at=moment_or_none(row.get("merged_at") or (marker or {}).get("merged_at")),
        head_sha=head.get("sha"),
        base_ref=base.get("ref"),
        requested_reviewers=people(row.get("requested_reviewers")),
        additions=row.get("additions"),
        deletions=row.get("deletions"),
    )


def comment(row: Row, repo: Repository, at: datetime) -> Comment:
    """A comment from `/issues/comments` or, on a line of a diff, from `/pulls/comments`."""
    review = "pull_request_url" in row
    parent = row["pull_request_url"] if review else row["issue_url"]
    return Comment(
        repository_id=repo.id,
        repository=repo.full_name,
        id=row["id"],
        item_number=int(parent.rsplit("/", 1)[1]),
        author=person(row.get("user")),
        body=row.get("body") or "",
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        url=row["html_url"],
        observed_at=at,
        review=review,
    )


def review_of(number: int, row: Row, repo: Repository, at: datetime) -> Review | None:
    """A review of one pull request; one that is still being written has no date and is left out."""
    if not row.get("submitted_at"):
        return None
    return Review(
        repository_id=repo.id,
        repository=repo.full_name,
        id=row["id"],
        item_number=number,
        author=person(row.get("user")),
        verdict=row["state"].lower(),
        body=row.get("body") or "",
        submitted_at=moment(row["submitted_at"]),
        url=row["html_url"],
        observed_at=at,
    )


def commit(row: Row, repo: Repository, at: datetime) -> Commit:
    """A commit from `/commits`; the list carries no churn."""
    return Commit(
        repository_id=repo.id,
        repository=repo.full_name,
        sha=row["sha"],
        message=row["commit"].get("message") or "",
        author=person(row.get("author")),
        committed_at=moment(committed(row)),
        url=row["html_url"],
        observed_at=at,
    )


def committed(row: Row) -> str:
    """When a commit entered the branch's history, in the form of `stamp`."""
    who = row["commit"].get("committer") or row["commit"].get("author")
    return stamp(moment(who["date"]))


def pull_commit(row: Row) -> PullCommit:
    """A commit from `/pulls/{n}/commits`."""
    told = row["commit"]
    author = told.get("author") or told.get("committer")
    return PullCommit(
        sha=row["sha"],
        message=told.get("message") or "",
        author=person(row.get("author")),
        authored_at=moment(author["date"]),
        committed_at=moment(committed(row)),
    )


def run(row: Row, repo: Repository, at: datetime) -> WorkflowRun:
    """A run from `/actions/runs`."""
    finished = row["status"] == "completed"
    return WorkflowRun(
        repository_id=repo.id,
        repository=repo.full_name,
        id=row["id"],
        name=row.get("name") or row.get("display_title") or "workflow",
        head_sha=row.get("head_sha") or "",
        head_branch=row.get("head_branch") or "",
        event=row.get("event") or "",
        status=row["status"] or "",
        conclusion=row.get("conclusion"),
        started_at=moment(row.get("run_started_at") or row["created_at"]),
        finished_at=moment_or_none(row.get("updated_at")) if finished else None,
        url=row["html_url"],
        observed_at=at,
    )


def event(row: Row, repo: Repository, at: datetime) -> ItemEvent | None:
    """An event from `/issues/events`, or `None` when it says nothing about a sprint or its item is gone."""
    kind, about = row["event"], row.get("issue")
    if kind not in EVENT_KINDS or not about or not row.get("id") or not row.get("created_at"):
        return None
    subject = _event_subject(row)
    if kind == "referenced" and not subject:
        return None
    number = about["number"]
    return ItemEvent(
        repository_id=repo.id,
        repository=repo.full_name,
        id=row["id"],
        item_number=number,
        kind=kind,
        actor=person(row.get("actor")),
        subject=subject,
        created_at=moment(row["created_at"]),
        observed_at=at,
        url=f"{repo.url}/issues/{number}#event-{row['id']}",
    )


def _event_subject(row: Row) -> str:
    """What the event is about: a label, a milestone, a person, another item, two titles or a commit."""
    if renamed := row.get("rename"):
        return f"{renamed['from']} → {renamed['to']}"
    for key in _OTHER_ITEMS:
        if other := row.get(key):
            return f"{other['repository']['full_name']}#{other['number']}"
    for key, name in (
        ("label", "name"),
        ("milestone", "title"),
        ("assignee", "login"),
        ("requested_reviewer", "login"),
    ):
        if found := row.get(key):
            return str(found[name])
    if team := row.get("requested_team"):
        return str(team["name"])
    return str(row.get("commit_id") or "")


def check_run(row: Row, sha: str, repo: Repository, at: datetime) -> Check:
    """A check run from `/commits/{sha}/check-runs`."""
    return check_record(
        number=row["id"],
        sha=sha,
        name=row["name"],
        status=row["status"],
        conclusion=row.get("conclusion"),
        started_at=moment_or_none(row.get("started_at")),
        finished_at=moment_or_none(row.get("completed_at")),
        repo=repo,
        at=at,
    )


def commit_status(row: Row, sha: str, repo: Repository, at: datetime) -> Check:
    """A status from `/commits/{sha}/status`."""
    when = moment(row["created_at"])
    return status_record(sha, row["context"], row["state"], row.get("target_url"), when, repo=repo, at=at)


def check_record(
    *,
    number: int,
    sha: str,
    name: str,
    status: str,
    conclusion: str | None,
    started_at: datetime | None,
    finished_at: datetime | None,
    repo: Repository,
    at: datetime,
) -> Check:
    """A check run; its address is made from its number, because REST and GraphQL name different pages of it."""
    return Check(
        repository_id=repo.id,
        repository=repo.full_name,
        source=CheckSource.RUN,
        id=number,
        sha=sha,
        name=name,
        status=status,
        conclusion=conclusion,
        started_at=started_at,
        finished_at=finished_at,
        url=f"{repo.url}/runs/{number}",
        observed_at=at,
    )


def status_record(
    sha: str, context: str, state: str, url: str | None, when: datetime, *, repo: Repository, at: datetime
) -> Check:
    """The newest status of one context of a commit, numbered by both: GraphQL gives statuses no number."""
    running = state in _RUNNING
    return Check(
        repository_id=repo.id,
        repository=repo.full_name,
        source=CheckSource.STATUS,
        id=made_number(sha, context),
        sha=sha,
        name=context,
        status="pending" if running else "completed",
        conclusion=None if running else state,
        started_at=when,
        finished_at=None if running else when,
        url=url or f"{repo.url}/commit/{sha}",
        observed_at=at,
    )


def cross_reference(number: int, row: Row, repo: Repository, at: datetime) -> ItemEvent | None:
    """A cross-reference from `/issues/{n}/timeline`, or `None` for other rows and places that may not be seen."""
    source = (row.get("source") or {}).get("issue") or {}
    if row.get("event") != CROSS_REFERENCED or not source.get("number"):
        return None
    name = full_name_of(source)
    when, actor = moment(row["created_at"]), person(row.get("actor"))
    return cross_reference_record(number, name, source["number"], when, actor, repo=repo, at=at)


def cross_reference_record(
    number: int, name: str, other: int, when: datetime, actor: Person | None, *, repo: Repository, at: datetime
) -> ItemEvent:
    """Item `number` was mentioned by item `other` of the repository `name`; the two identify the event."""
    subject = f"{name}#{other}"
    return ItemEvent(
        repository_id=repo.id,
        repository=repo.full_name,
        id=-made_number(str(repo.id), str(number), subject.lower()),
        item_number=number,
        kind=CROSS_REFERENCED,
        actor=actor,
        subject=subject,
        created_at=when,
        observed_at=at,
        url=f"{repo.url}/issues/{number}",
    )


def full_name_of(row: Row) -> str:
    """The "owner/name" of the repository that an issue's row belongs to."""
    if repo := row.get("repository"):
        return str(repo["full_name"])
    return "/".join(str(row["repository_url"]).rsplit("/", 2)[1:])


def item_ref(row: Row) -> ItemRef:
    """The other end of a link, from the issue's row that GitHub gives for it."""
    return ItemRef(full_name_of(row), row["number"], row.get("title") or "", row.get("html_url") or "")


def release(row: Row, repo: Repository, at: datetime) -> Release:
    """A release from `/releases`."""
    return Release(
        repository_id=repo.id,
        repository=repo.full_name,
        id=row["id"],
        tag=row["tag_name"],
        name=row.get("name") or "",
        draft=bool(row.get("draft")),
        prerelease=bool(row.get("prerelease")),
        author=person(row.get("author")),
        created_at=moment(row["created_at"]),
        published_at=moment_or_none(row.get("published_at")),
        url=row["html_url"],
        observed_at=at,
    )


def deployment(row: Row, state: str, repo: Repository, at: datetime) -> Deployment:
    """A deployment from `/deployments` with its newest state."""
    environment = row.get("environment") or ""
    return Deployment(
        repository_id=repo.id,
        repository=repo.full_name,
        id=row["id"],
        sha=row["sha"],
        ref=row.get("ref") or "",
        environment=environment,
        state=state.lower(),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        url=f"{repo.url}/deployments/{quote(environment, safe='')}",
        observed_at=at,
    )


def made_number(*parts: str) -> int:
    """A positive number of 52 bits for something that GitHub gives none: equal parts, equal number."""
    return int(hashlib.sha256("\n".join(parts).encode()).hexdigest()[:13], 16) or 1
