"""One event of the public feed turned into the records it tells in full; pure.

The feed's objects are those of the REST API, more or less: until October 2025 a pull request came whole, since then
with its number and its two branches; before 2018 without labels. A record is made only where everything it must
say is said. What is left out there is not lost: events that stand for themselves (closed, merged, labeled, ...)
are records too, and `part_of` names the item that is known in part.

Not read: the feed of before 2015, which has other shapes; the commits of pushes, which come without date and
account; labels' colors, because an old color must not replace a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from galaxy_desktop.collect import records
from galaxy_desktop.domain.archived import FIRST_NUMBER
from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.work import ItemEvent, Repository, WorkItem

Row = Mapping[str, Any]

WEB = "https://github.com"
KINDS_A_EVENT = 8
"""How many numbers are set aside for what one event tells."""

_OF_ITEM = (
    "number", "title", "body", "state", "user", "labels", "milestone", "created_at", "updated_at", "closed_at", "html_url",
)  # fmt: skip
_OF_MILESTONE = (
    "id", "number", "title", "description", "state", "due_on", "created_at", "updated_at", "closed_at", "html_url",
)  # fmt: skip
_OF_REPOSITORY = ("id", "full_name", "html_url", "default_branch", "private", "has_issues")
_DRAFTS_SINCE = datetime(2019, 3, 1, tzinfo=UTC)
"""Before, a pull request that says nothing of drafts is none."""

_PLAIN_KINDS = frozenset({"closed", "reopened", "ready_for_review"})
_WITH_SUBJECT = {
    "labeled": ("label", "name"), "unlabeled": ("label", "name"),
    "assigned": ("assignee", "login"), "unassigned": ("assignee", "login"),
    "milestoned": ("milestone", "title"), "demilestoned": ("milestone", "title"),
    "review_requested": ("requested_reviewer", "login"), "review_request_removed": ("requested_reviewer", "login"),
}  # fmt: skip

GUESSED_AGE = timedelta(days=36_525)
"""By how much a repository of which an event told only the name counts as seen earlier: any full description wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one event tells; `part_of` is the number of an item of which it tells too little for a record."""

    at: datetime
    records: tuple[Record, ...] = ()
    gone: tuple[str, ...] = ()
    repository: Repository
    repository_seen_at: datetime
    part_of: int | None = None


@dataclass(frozen=True, slots=True)
class _Scene:
    """What every reader of a payload needs."""

    row: Row
    payload: Row
    repo: Repository
    at: datetime

    @property
    def action(self) -> str:
        return str(self.payload.get("action") or "")


def told(row: Row) -> Told:
    """What an event tells; raises `KeyError`, `TypeError`, `ValueError` or `AttributeError` where it is misshapen."""
    at = records.moment(row["created_at"])
    name = str(row["repo"]["name"])
    repo = Repository(id=row["repo"]["id"], full_name=name, url=f"{WEB}/{name}")
    scene = _Scene(row, row["payload"], repo, at)
    read = _READERS.get(row["type"])
    found = read(scene) if read else Told(at=at, repository=repo, repository_seen_at=at)
    described = _described(scene)
    if described is not None:
        return replace(found, repository=described, repository_seen_at=at)
    return replace(found, repository=repo, repository_seen_at=at - GUESSED_AGE)


def _described(scene: _Scene) -> Repository | None:
    """The repository as a full pull request describes its base."""
    row = ((scene.payload.get("pull_request") or {}).get("base") or {}).get("repo") or {}
    if any(name not in row for name in _OF_REPOSITORY) or row["id"] != scene.repo.id:
        return None
    return records.repository(row)


def _made(scene: _Scene, *found: Record | None, part_of: int | None = None, gone: tuple[str, ...] = ()) -> Told:
    kept = tuple(record for record in found if record is not None)
    return Told(
        at=scene.at, records=kept, gone=gone, repository=scene.repo, repository_seen_at=scene.at, part_of=part_of
    )


# --- the parts of payloads


def _item(scene: _Scene, row: Row) -> WorkItem | None:
    """The item, where everything that the list of issues says of one is said."""
    if any(name not in row for name in _OF_ITEM):
        return None
    if "assignees" not in row:
        if "assignee" not in row:
            return None
        row = {**row, "assignees": [row["assignee"]]}  # until 2016 there was only one
    if "head" in row and not _says_its_drafts(row, scene.at):
        row = {**{k: v for k, v in row.items() if k not in ("head", "base")}, "pull_request": {}}
    item = records.item(row, scene.repo, scene.at)
    # Without a head a record can say that something is a draft, but not that it no longer is.
    return item if item.head_sha is not None or not item.draft else replace(item, draft=False)


def _says_its_drafts(row: Row, at: datetime) -> bool:
    """With a head an item says whether it is a draft and who was asked to review: then both must be there."""
    return at < _DRAFTS_SINCE or ("draft" in row and "requested_reviewers" in row)


def _milestone(scene: _Scene, row: Row) -> Record | None:
    found = row.get("milestone")
    if not found or any(name not in found for name in _OF_MILESTONE):
        return None
    return records.milestone(found, scene.repo, scene.at)


def _happenings(scene: _Scene, number: int, *, merged: bool = False) -> tuple[ItemEvent, ...]:
    """The action as the list of an item's events would tell it; a merge is told there as merged and closed."""
    action = {"converted_to_draft": "convert_to_draft"}.get(scene.action, scene.action)
    if merged or action == "merged":
        return (_happening(scene, number, "merged", "", 0), _happening(scene, number, "closed", "", 1))
    if action in _PLAIN_KINDS or action == "convert_to_draft":
        return (_happening(scene, number, action, "", 0),)
    if action in _WITH_SUBJECT:
        key, name = _WITH_SUBJECT[action]
        subject = (scene.payload.get(key) or {}).get(name)
        return (_happening(scene, number, action, str(subject), 0),) if subject else ()
    return ()


def _happening(scene: _Scene, number: int, kind: str, subject: str, place: int) -> ItemEvent:
    return ItemEvent(
        repository_id=scene.repo.id,
        repository=scene.repo.full_name,
        id=FIRST_NUMBER + int(scene.row["id"]) * KINDS_A_EVENT + place,
        item_number=number,
        kind=kind,
        actor=records.person(scene.row.get("actor")),
        subject=subject,
        created_at=scene.at,
        observed_at=scene.at,
        url=f"{scene.repo.url}/issues/{number}",
    )


# --- the kinds of events


def _issues(scene: _Scene) -> Told:
    row = scene.payload["issue"]
    number = int(row["number"])
    if scene.action == "deleted":
        return _made(scene, gone=(f"issue:{scene.repo.full_name}#{number}",))
    item = _item(scene, row)
    part_of = None if item else number
    return _made(scene, _milestone(scene, row), item, *_happenings(scene, number), part_of=part_of)


def _issue_comment(scene: _Scene) -> Told:
    row, comment = scene.payload["issue"], scene.payload["comment"]
    number = int(row["number"])
    item = _item(scene, row)
    part_of = None if item else number
    if scene.action == "deleted":
        gone = (f"comment:{scene.repo.full_name}#{comment['id']}",)
        return _made(scene, _milestone(scene, row), item, part_of=part_of, gone=gone)
    return _made(scene, _milestone(scene, row), item, _comment(scene, comment, number), part_of=part_of)


def _comment(scene: _Scene, row: Row, number: int) -> Record | None:
    if any(name not in row for name in ("id", "body", "user", "created_at", "updated_at", "html_url")):
        return None
    return records.comment({"issue_url": f"/{number}", **row}, scene.repo, scene.at)


def _pull_request(scene: _Scene) -> Told:
    row = scene.payload["pull_request"]
    number = int(row.get("number") or scene.payload["number"])
    item = _item(scene, row)
    merged = scene.action == "closed" and bool(row.get("merged") or row.get("merged_at"))
    happened = _happenings(scene, number, merged=merged)
    return _made(scene, _milestone(scene, row), item, *happened, part_of=None if item else number)


def _review(scene: _Scene) -> Told:
    row, pull = scene.payload["review"], scene.payload["pull_request"]
    number = int(pull["number"])
    item = _item(scene, pull)
    whole = all(name in row for name in ("id", "state", "user", "body", "submitted_at", "html_url"))
    review = records.review_of(number, row, scene.repo, scene.at) if whole else None
    return _made(scene, _milestone(scene, pull), item, review, part_of=None if item else number)


def _review_comment(scene: _Scene) -> Told:
    row, pull = scene.payload["comment"], scene.payload["pull_request"]
    number = int(pull["number"])
    item = _item(scene, pull)
    comment = None if scene.action == "deleted" else _comment(scene, {**row, "pull_request_url": f"/{number}"}, number)
    return _made(scene, _milestone(scene, pull), item, comment, part_of=None if item else number)


def _release(scene: _Scene) -> Told:
    row = scene.payload["release"]
    if any(name not in row for name in ("id", "tag_name", "created_at", "html_url", "draft", "prerelease")):
        return _made(scene)
    return _made(scene, records.release(row, scene.repo, scene.at))


_READERS: Mapping[str, Callable[[_Scene], Told]] = {
    "IssuesEvent": _issues,
    "IssueCommentEvent": _issue_comment,
    "PullRequestEvent": _pull_request,
    "PullRequestReviewEvent": _review,
    "PullRequestReviewCommentEvent": _review_comment,
    "ReleaseEvent": _release,
}
