"""Between records and rows: what a record of each kind looks like in its table, and what identifies it.

Rows are plain mappings from column to value. People become ids here and logins again when read, so that a renamed
account is renamed everywhere at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from galaxy_desktop.domain.repository_facts import PullCommits, Release
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
    WorkflowRun,
    WorkItem,
)
from galaxy_desktop.store.merge import Part, Row, canonical, stamp

HEAD = Part("head", ("head_sha", "base_ref"))
DRAFT = Part("draft", ("draft",))
REVIEWERS = Part("reviewers", ("requested_reviewers",))
SIZE = Part("size", ("additions", "deletions"))
FILES = Part("files", ("files",))
REASON = Part("reason", ("state_reason",))
ITEM_PARTS = (HEAD, DRAFT, REVIEWERS, SIZE, FILES, REASON)
COMMIT_PARTS = (SIZE,)

OF_A_VERSION = (
    "kind", "title", "body", "state", "author_id", "assignees", "labels", "milestone_number", "created_at", "closed_at",
    "url",
)  # fmt: skip
"""The columns of a work item that make two versions of it different."""


def utc(moment: datetime) -> datetime:
    """The same moment in UTC, as rows hold it."""
    return moment.astimezone(UTC)


def _maybe_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def clean(text: str) -> str:
    """The text without half surrogates, which JSON may carry and no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _ids(people: tuple[Person, ...]) -> str:
    return json.dumps([person.id for person in people])


def _id(person: Person | None) -> int | None:
    return None if person is None else person.id


def digest(values: object) -> str:
    """A short fingerprint of these values."""
    return hashlib.sha256(canonical(values).encode()).hexdigest()[:32]


def of_repository(record: Repository, seen_at: datetime | None) -> Row:
    """The row of a repository that GitHub described at `seen_at`."""
    return {
        "id": record.id,
        "full_name": clean(record.full_name),
        "url": record.url,
        "default_branch": clean(record.default_branch),
        "private": record.private,
        "archived": record.archived,
        "has_issues": record.has_issues,
        "known": True,
        "seen_at": _maybe_utc(seen_at),
    }


def of_label(record: Label) -> Row:
    """The row of a label."""
    return {
        "repository_id": record.repository_id,
        "id": record.id,
        "name": clean(record.name),
        "color": record.color,
        "description": clean(record.description),
    }


def of_milestone(record: Milestone) -> Row:
    """The row of a milestone."""
    return {
        "repository_id": record.repository_id,
        "number": record.number,
        "id": record.id,
        "title": clean(record.title),
        "description": clean(record.description),
        "state": str(record.state),
        "due_on": record.due_on,
        "created_at": utc(record.created_at),
        "updated_at": utc(record.updated_at),
        "closed_at": _maybe_utc(record.closed_at),
        "url": record.url,
        "observed_at": utc(record.observed_at),
    }


def milestone_version(row: Row) -> Row:
    """The version that a milestone's row shows, under its fingerprint."""
    content = {k: v for k, v in row.items() if k != "observed_at"}
    return {**row, "digest": digest(content), "first_seen_at": row["observed_at"]}


def of_item(record: WorkItem) -> Row:
    """The row of a work item, with the stamps of those parts that this record knows."""
    row: Row = {
        "repository_id": record.repository_id,
        "number": record.number,
        "kind": str(record.kind),
        "title": clean(record.title),
        "body": clean(record.body),
        "state": str(record.state),
        "state_reason": record.state_reason,
        "author_id": _id(record.author),
        "assignees": _ids(record.assignees),
        "labels": json.dumps([clean(label) for label in record.labels], ensure_ascii=False),
        "milestone_number": record.milestone_number,
        "created_at": utc(record.created_at),
        "updated_at": utc(record.updated_at),
        "closed_at": _maybe_utc(record.closed_at),
        "url": record.url,
        "observed_at": utc(record.observed_at),
        "draft": record.draft,
        "merged_at": _maybe_utc(record.merged_at),
        "head_sha": record.head_sha,
        "base_ref": None if record.base_ref is None else clean(record.base_ref),
        "requested_reviewers": _ids(record.requested_reviewers),
        "additions": record.additions,
        "deletions": record.deletions,
        "files": None if record.files is None else json.dumps([clean(f) for f in record.files], ensure_ascii=False),
    }
    when = stamp(row["updated_at"], row["observed_at"])
    return {**row, "stamps": dict.fromkeys(_known_parts(record), when)}


def _known_parts(record: WorkItem) -> Iterator[str]:
    """A record without a head came from the list of issues, where false and empty mean "not said"."""
    from_pulls = record.head_sha is not None
    if from_pulls or record.base_ref is not None:
        yield HEAD.name
    if from_pulls or record.draft:
        yield DRAFT.name
    if from_pulls or record.requested_reviewers:
        yield REVIEWERS.name
    if record.additions is not None or record.deletions is not None:
        yield SIZE.name
    if record.files is not None:
        yield FILES.name
    if record.kind is ItemKind.ISSUE or record.state_reason is not None:
        yield REASON.name


def item_version(row: Row) -> Row:
    """The version that a work item's row shows: what both lists tell of it, under its fingerprint."""
    told = {column: row[column] for column in OF_A_VERSION}
    # The list of pull requests is silent about reasons: two looks at one version must not make two.
    reason = row["state_reason"] if row["kind"] == ItemKind.ISSUE else None
    content = canonical({**told, "state_reason": reason})
    return {
        "repository_id": row["repository_id"],
        "number": row["number"],
        "updated_at": row["updated_at"],
        "digest": digest(content),
        "content": content,
        "first_seen_at": row["observed_at"],
        "observed_at": row["observed_at"],
    }


def of_comment(record: Comment) -> Row:
    """The row of a comment."""
    return {
        "repository_id": record.repository_id,
        "review": record.review,
        "id": record.id,
        "item_number": record.item_number,
        "author_id": _id(record.author),
        "body": clean(record.body),
        "created_at": utc(record.created_at),
        "updated_at": utc(record.updated_at),
        "url": record.url,
        "observed_at": utc(record.observed_at),
    }


def of_review(record: Review) -> Row:
    """The row of a review."""
    return {
        "repository_id": record.repository_id,
        "id": record.id,
        "item_number": record.item_number,
        "author_id": _id(record.author),
        "verdict": record.verdict,
        "body": clean(record.body),
        "submitted_at": utc(record.submitted_at),
        "url": record.url,
        "observed_at": utc(record.observed_at),
    }


def of_commit(record: Commit) -> Row:
    """The row of a commit."""
    churn_known = record.additions is not None or record.deletions is not None
    return {
        "repository_id": record.repository_id,
        "sha": record.sha,
        "message": clean(record.message),
        "author_id": _id(record.author),
        "committed_at": utc(record.committed_at),
        "url": record.url,
        "observed_at": utc(record.observed_at),
        "additions": record.additions,
        "deletions": record.deletions,
        "stamps": {SIZE.name: stamp(utc(record.observed_at))} if churn_known else {},
    }


def of_run(record: WorkflowRun) -> Row:
    """The row of a workflow run."""
    return {
        "repository_id": record.repository_id,
        "id": record.id,
        "name": clean(record.name),
        "head_sha": record.head_sha,
        "head_branch": clean(record.head_branch),
        "event": record.event,
        "status": record.status,
        "conclusion": record.conclusion,
        "started_at": utc(record.started_at),
        "finished_at": _maybe_utc(record.finished_at),
        "url": record.url,
        "observed_at": utc(record.observed_at),
    }


def of_event(record: ItemEvent) -> Row:
    """The row of an event."""
    return {
        "repository_id": record.repository_id,
        "id": record.id,
        "item_number": record.item_number,
        "kind": record.kind,
        "actor_id": _id(record.actor),
        "subject": clean(record.subject),
        "created_at": utc(record.created_at),
        "observed_at": utc(record.observed_at),
        "url": record.url,
    }


def people_in(record: object) -> Iterator[tuple[Person, datetime]]:
    """Everybody a record names, with the moment at which GitHub called them so."""
    match record:
        case WorkItem():
            people = (record.author, *record.assignees, *record.requested_reviewers)
        case Comment() | Review() | Commit() | Release():
            people = (record.author,)
        case ItemEvent():
            people = (record.actor,)
        case PullCommits():
            people = tuple(one.author for one in record.commits)
        case _:
            return
    for person in people:
        if person is not None:
            yield person, utc(record.observed_at)
