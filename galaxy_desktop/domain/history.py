"""What a team has been through: bugs with what resolved them, and deployments with what they carried and what followed.

All of it is read from stored records by plain rules. A bug is an issue that is labeled or worded as one and was closed
as done; what resolved it is whatever says so with GitHub's own words ("fixes #12"), merged, or else a commit that does.
A deployment carries the pull requests that were merged since the one before it to the same place. What followed is told
by time alone: "within two days after it" claims no cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from galaxy_desktop.domain.repository_facts import Deployment, PullCommit
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import Comment, Commit, ItemKind, Review, WorkItem

AFTERMATH = timedelta(days=2)
"""How long after a deployment something counts as what followed it."""
CLOSING_WORDS = timedelta(days=2)
"""A comment so shortly before or after a bug was closed may say why."""

_BUG_LABEL = re.compile(r"\b(bugs?|defects?|regressions?|crash(es)?)\b|^(type|kind|t)[:/ ]+\s*bug", re.IGNORECASE)
_BUG_TITLE = re.compile(
    r"\b(bugs?|crash(es|ed|ing)?|regressions?|segfaults?|deadlocks?|hangs?|freezes?|leaks?|broken|breaks|fails?|failing"
    r"|exceptions?|tracebacks?|panics?|(does ?n[o']t|not) work(ing)?|wrong(ly)?|incorrect(ly)?|corrupt(s|ed)?)\b",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s+"
    r"(?:https?://[\w.-]+/(?P<far>[\w.-]+/[\w.-]+)/issues/(?P<there>\d{1,9})\b"
    r"|(?P<near>[\w.-]+/[\w.-]+)?#(?P<here>\d{1,9})\b)",
    re.IGNORECASE,
)
_UNDOES = re.compile(
    r"^\W*(revert|roll(ed|ing)?[ -]?back|back(ed|ing)? out)\b|\bhot[ -]?fix(es)?\b|\brollbacks?\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedBug:
    """A bug that was closed as done, with what closed it, in the order of time.

    `said` are reviews of the pull requests that say something, `steps` their commits, `words` the comments with which the
    bug was closed. At least one of `pulls`, `commits` and `words` is not empty.
    """

    issue: WorkItem
    pulls: tuple[WorkItem, ...] = ()
    commits: tuple[Commit, ...] = ()
    said: tuple[Review, ...] = ()
    steps: tuple[tuple[str, PullCommit], ...] = ()
    words: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDeployment:
    """A deployment with a result: the pull requests it carried, and what was seen within `AFTERMATH` after it.

    `undone` are pull requests and commits that revert something or call themselves a hotfix, `bugs` the bugs that were
    reported, `again` the next deployment to the same place.
    """

    deployment: Deployment
    carried: tuple[WorkItem, ...] = ()
    undone: tuple[WorkItem | Commit, ...] = ()
    bugs: tuple[WorkItem, ...] = ()
    again: Deployment | None = None


def is_bug(item: WorkItem) -> bool:
    """Whether an issue is a bug: its labels say so, or, where it has none, its title does."""
    if item.kind is not ItemKind.ISSUE:
        return False
    if item.labels:
        return any(_BUG_LABEL.search(label) for label in item.labels)
    return _BUG_TITLE.search(item.title) is not None


def undoes(words: str) -> bool:
    """Whether the first line of a title or message says that it takes something back or mends it in haste."""
    return _UNDOES.search(words.partition("\n")[0]) is not None


def closes(words: str, repository: str) -> tuple[str, ...]:
    """The issues that a text in `repository` says to close, as "owner/name#12" in lower case, each once."""
    found = (
        f"{(match['far'] or match['near'] or repository).casefold()}#{int(match['there'] or match['here'])}"
        for match in _CLOSES.finditer(words)
    )
    return tuple(dict.fromkeys(found))


def resolved_bugs(snapshot: Snapshot) -> tuple[ResolvedBug, ...]:
    """Every bug of a snapshot that was closed as done and of which something says how, in the snapshot's order."""
    bugs = {item.reference.casefold(): item for item in snapshot.items if is_bug(item) and item.delivered}
    if not bugs:
        return ()
    pulls, commits = _closing_pulls(snapshot, bugs), _closing_commits(snapshot, bugs)
    threads: dict[tuple[str, int], list[Comment]] = {}
    for comment in snapshot.comments:
        threads.setdefault((comment.repository, comment.item_number), []).append(comment)
    reviews: dict[tuple[str, int], list[Review]] = {}
    for review in snapshot.reviews:
        reviews.setdefault((review.repository, review.item_number), []).append(review)
    steps = {(one.repository, one.item_number): one for one in snapshot.pull_commits}
    found = []
    for name, issue in bugs.items():
        by = tuple(sorted(pulls.get(name, ()), key=lambda one: (str(one.merged_at), one.evidence_id)))
        own = {commit.sha for pull in by for commit in _commits_of(steps, pull)}
        direct = tuple(one for one in commits.get(name, ()) if one.sha not in own) if not by else ()
        words = _closing_words(issue, threads.get((issue.repository, issue.number), ()))
        if by or direct or words:
            found.append(
                ResolvedBug(
                    issue=issue,
                    pulls=by,
                    commits=direct,
                    said=tuple(r for p in by for r in reviews.get((p.repository, p.number), ()) if r.body.strip()),
                    steps=tuple((p.evidence_id, c) for p in by for c in _commits_of(steps, p)),
                    words=words,
                )
            )
    return tuple(found)


def _commits_of(steps: Mapping[tuple[str, int], object], pull: WorkItem) -> tuple[PullCommit, ...]:
    commits: tuple[PullCommit, ...] = getattr(steps.get((pull.repository, pull.number)), "commits", ())
    return commits


def _closing_pulls(snapshot: Snapshot, bugs: Mapping[str, WorkItem]) -> dict[str, list[WorkItem]]:
    """Merged pull requests by the bug that they, or their commits, say to close."""
    messages: dict[tuple[str, int], list[str]] = {}
    for one in snapshot.pull_commits:
        messages[one.repository, one.item_number] = [commit.message for commit in one.commits]
    found: dict[str, list[WorkItem]] = {}
    for item in snapshot.items:
        if item.kind is ItemKind.PULL_REQUEST and item.merged_at is not None:
            told = [item.title, item.body, *messages.get((item.repository, item.number), ())]
            for name in closes("\n".join(told), item.repository):
                if name in bugs:
                    found.setdefault(name, []).append(item)
    return found


def _closing_commits(snapshot: Snapshot, bugs: Mapping[str, WorkItem]) -> dict[str, list[Commit]]:
    found: dict[str, list[Commit]] = {}
    for commit in snapshot.commits:
        for name in closes(commit.message, commit.repository):
            if name in bugs:
                found.setdefault(name, []).append(commit)
    return {name: sorted(some, key=lambda one: (one.committed_at, one.sha)) for name, some in found.items()}


def _closing_words(issue: WorkItem, thread: Sequence[Comment]) -> tuple[Comment, ...]:
    """The last comment from around the moment of closing; none where nothing was said then."""
    closed = issue.closed_at
    if closed is None:
        return ()
    near = [one for one in thread if abs(one.created_at - closed) <= CLOSING_WORDS and one.body.strip()]
    return tuple(sorted(near, key=lambda one: (one.created_at, one.id))[-1:])


def past_deployments(snapshot: Snapshot) -> tuple[PastDeployment, ...]:
    """Every deployment that has a result, oldest first within a repository and a place."""
    places: dict[tuple[str, str], list[Deployment]] = {}
    for one in sorted(snapshot.deployments, key=lambda one: (one.created_at, one.id)):
        places.setdefault((one.repository, one.environment), []).append(one)
    return tuple(told for key in sorted(places) for told in _of_place(snapshot, places[key]))


def _of_place(snapshot: Snapshot, deployments: Sequence[Deployment]) -> Iterator[PastDeployment]:
    repository = deployments[0].repository
    items = [item for item in snapshot.items if item.repository == repository]
    commits = [commit for commit in snapshot.commits if commit.repository == repository]
    landed: datetime | None = None
    for n, one in enumerate(deployments):
        if not one.state:
            continue
        again = deployments[n + 1] if n + 1 < len(deployments) else None
        until = one.created_at + AFTERMATH
        merged = [
            p for p in items if p.merged_at and p.merged_at <= one.created_at and (not landed or p.merged_at > landed)
        ]
        later = [p for p in items if p.merged_at and one.created_at < p.merged_at <= until and undoes(p.title)]
        told = {p.title.casefold() for p in later}
        hasty = [
            c
            for c in commits
            if one.created_at < c.committed_at <= until
            and undoes(c.message)
            and not any(title in c.message.casefold() for title in told)
        ]
        yield PastDeployment(
            deployment=one,
            carried=tuple(merged) if landed is not None else (),
            undone=(*later, *hasty),
            bugs=tuple(i for i in items if is_bug(i) and one.created_at < i.created_at <= until),
            again=again if again is not None and again.created_at <= until else None,
        )
        if one.state in ("success", "inactive"):
            landed = one.created_at
