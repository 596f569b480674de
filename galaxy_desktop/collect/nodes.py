"""GraphQL's nodes turned into our records: the same records that `records` makes of REST rows of the same facts.

What differs between the two: words are in capitals, a merged pull request is not "closed", bots lack the "[bot]" of
their login, a commit's author is known as a user only (a bot's id is in its e-mail address), and commit statuses
and cross-references have no number. Those two get one made of what identifies them, in both worlds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from galaxy_desktop.collect.records import (
    check_record,
    converted,
    cross_reference_record,
    moment,
    moment_or_none,
    status_record,
)
from galaxy_desktop.domain.repository_facts import Check, PullCommit, PullCommits
from galaxy_desktop.domain.work import (
    Commit,
    ItemEvent,
    ItemKind,
    Person,
    Repository,
    Review,
    State,
    WorkItem,
)

Node = Mapping[str, Any]

_PRIVATE_ADDRESS = re.compile(r"^(\d+)\+(.+)@users\.noreply\.github\.com$", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"/(\d+)/?(?:[?#].*)?$")


class CutOffError(Exception):
    """A list inside a node is longer than what was asked, or its number is missing: REST tells the whole."""


def who(node: Node | None) -> Person | None:
    """Somebody, or `None` for a deleted account and for a team."""
    if not node or not node.get("databaseId"):
        return None
    login = str(node["login"])
    if node.get("__typename") == "Bot" and not login.endswith("[bot]"):
        login += "[bot]"
    return Person(int(node["databaseId"]), login)


def listed(connection: Node | None) -> list[Node]:
    """The nodes of a connection without those that may not be seen.

    Raises:
        CutOffError: there are more of them.
    """
    if connection is None:
        raise CutOffError
    if (connection.get("pageInfo") or {}).get("hasNextPage"):
        raise CutOffError
    return [node for node in connection.get("nodes") or () if node]


def pull(node: Node, repo: Repository, at: datetime) -> WorkItem:
    """A pull request with its size and files.

    Raises:
        CutOffError: it has more files, labels, assignees or requested reviewers than one answer holds.
    """
    requested = (who(one.get("requestedReviewer")) for one in listed(node["reviewRequests"]))
    return WorkItem(
        repository_id=repo.id,
        repository=repo.full_name,
        number=node["number"],
        kind=ItemKind.PULL_REQUEST,
        title=node["title"] or "",
        body=node.get("body") or "",
        state=State.OPEN if node["state"] == "OPEN" else State.CLOSED,
        state_reason=None,
        author=who(node.get("author")),
        assignees=_people(listed(node["assignees"])),
        labels=tuple(one["name"] for one in listed(node["labels"])) if node.get("labels") else (),
        milestone_number=(node.get("milestone") or {}).get("number"),
        created_at=moment(node["createdAt"]),
        updated_at=moment(node["updatedAt"]),
        closed_at=moment_or_none(node.get("closedAt")),
        url=node["url"],
        observed_at=at,
        draft=bool(node.get("isDraft")),
        merged_at=moment_or_none(node.get("mergedAt")),
        head_sha=node.get("headRefOid"),
        base_ref=node.get("baseRefName"),
        requested_reviewers=tuple(one for one in requested if one),
        additions=node.get("additions"),
        deletions=node.get("deletions"),
        files=tuple(one["path"] for one in listed(node["files"])),
    )


def reviews(node: Node, repo: Repository, at: datetime) -> tuple[Review, ...]:
    """The submitted reviews of a pull request's node.

    Raises:
        CutOffError: it has more than one answer holds.
    """
    return tuple(
        Review(
            repository_id=repo.id,
            repository=repo.full_name,
            id=int(one["fullDatabaseId"]),
            item_number=node["number"],
            author=who(one.get("author")),
            verdict=one["state"].lower(),
            body=one.get("body") or "",
            submitted_at=moment(one["submittedAt"]),
            url=one["url"],
            observed_at=at,
        )
        for one in listed(node["reviews"])
        if one.get("submittedAt")
    )


def commits(node: Node, repo: Repository, at: datetime) -> PullCommits:
    """The commits of a pull request's node, the oldest first.

    Raises:
        CutOffError: it has more than one answer holds, or some of them may not be seen.
    """
    found = converted((one["commit"] for one in listed(node["commits"])), _pull_commit)
    if len(found) != node["commits"]["totalCount"]:
        raise CutOffError
    return PullCommits(
        repository_id=repo.id,
        repository=repo.full_name,
        item_number=node["number"],
        commits=found,
        total=len(found),
        observed_at=at,
    )


def _pull_commit(node: Node) -> PullCommit:
    return PullCommit(
        sha=node["oid"],
        message=node.get("message") or "",
        author=_author(node.get("author") or {}),
        authored_at=moment(node["authoredDate"]),
        committed_at=moment(node["committedDate"]),
    )


def checks(node: Node, sha: str, repo: Repository, at: datetime) -> tuple[Check, ...]:
    """The checks of a commit's node; none when nothing ever reported.

    Raises:
        CutOffError: it has more than one answer holds, or one without a number.
    """
    rollup = node.get("statusCheckRollup")
    if not rollup:
        return ()
    return tuple(_check(one, sha, repo, at) for one in listed(rollup["contexts"]))


def _check(node: Node, sha: str, repo: Repository, at: datetime) -> Check:
    if node["__typename"] == "StatusContext":
        state, when = node["state"].lower(), moment(node["createdAt"])
        return status_record(sha, node["context"], state, node.get("targetUrl"), when, repo=repo, at=at)
    return check_record(
        number=_check_number(node),
        sha=sha,
        name=node["name"],
        status=node["status"].lower(),
        conclusion=node["conclusion"].lower() if node.get("conclusion") else None,
        started_at=moment_or_none(node.get("startedAt")),
        finished_at=moment_or_none(node.get("completedAt")),
        repo=repo,
        at=at,
    )


def _check_number(node: Node) -> int:
    """Its number; those above 2^31 do not fit GraphQL's type, and stand at the end of the address."""
    if node.get("databaseId"):
        return int(node["databaseId"])
    found = _LAST_NUMBER.search(node.get("url") or "")
    if found is None:
        raise CutOffError
    return int(found[1])


def commit(node: Node, repo: Repository, at: datetime) -> Commit:
    """A commit of the history, with its churn."""
    return Commit(
        repository_id=repo.id,
        repository=repo.full_name,
        sha=node["oid"],
        message=node.get("message") or "",
        author=_author(node.get("author") or {}),
        committed_at=moment(node["committedDate"]),
        url=node["url"],
        observed_at=at,
        additions=node["additions"],
        deletions=node["deletions"],
    )


def _author(node: Node) -> Person | None:
    """The account behind a name in Git, where there is one."""
    if found := who(node.get("user")):
        return found
    private = _PRIVATE_ADDRESS.match(node.get("email") or "")
    return Person(int(private[1]), private[2]) if private else None


def mention(number: int, node: Node, repo: Repository, at: datetime) -> ItemEvent | None:
    """Who mentioned an item, from where; nothing when that place may not be seen."""
    source = node.get("source") or {}
    if not source.get("number"):
        return None
    name, other = source["repository"]["nameWithOwner"], source["number"]
    when, actor = moment(node["createdAt"]), who(node.get("actor"))
    return cross_reference_record(number, name, other, when, actor, repo=repo, at=at)


def _people(nodes: Iterable[Node]) -> tuple[Person, ...]:
    return tuple(found for node in nodes if (found := who(node)))
