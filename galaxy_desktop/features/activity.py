"""When work on an item began, when anything last happened to it, and since when it waits for a review."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from galaxy_desktop.domain.repository_facts import PullCommit, PullCommits
from galaxy_desktop.domain.work import ItemEvent, ItemKind, Person, WorkItem
from galaxy_desktop.features.index import WorkspaceIndex, key_of

_IN_PROGRESS = re.compile(
    r"^(?:status|state|stage)?[\s:/-]*(?:in[\s_-]?progress|doing|wip|work[\s-]in[\s-]progress|started)$", re.IGNORECASE
)


def is_bot(person: Person | None) -> bool:
    """Whether an account answers by itself: GitHub apps end in "[bot]", many older robots in "bot"."""
    return person is not None and person.login.casefold().endswith(("bot", "[bot]", "-ci"))


def started_at(item: WorkItem, index: WorkspaceIndex, closers: Mapping[str, tuple[str, ...]]) -> datetime | None:
    """The first sign of work.

    For a pull request its creation, draft or not. For an issue the earliest of: its first assignment, the first
    label such as "in progress", the creation of the first pull request that closes it and was not thrown away.
    """
    if item.kind is ItemKind.PULL_REQUEST:
        return item.created_at
    signs = [e.created_at for e in index.events_of.get(key_of(item), ()) if shows_work(e)]
    pulls = (index.items_by_id.get(i) for i in closers.get(item.evidence_id, ()))
    signs += [p.created_at for p in pulls if p is not None and (p.is_open or p.merged_at is not None)]
    return max(min(signs), item.created_at) if signs else None


def shows_work(event: ItemEvent) -> bool:
    """Whether an event of an issue is a sign of work: an assignment, or a label such as "in progress"."""
    return event.kind == "assigned" or (event.kind == "labeled" and bool(_IN_PROGRESS.match(event.subject.strip())))


def finished_at(item: WorkItem) -> datetime | None:
    """When a closed item was done: its merge, or its closing; `None` while open."""
    if item.is_open:
        return None
    return item.merged_at or item.closed_at


def last_activity(item: WorkItem, index: WorkspaceIndex) -> datetime:
    """The last moment at which anybody did anything: `updated_at` covers edits, the lists the rest.

    A commit counts for its pull request, so that one with commits of yesterday is not silent though nobody commented.
    """
    key = key_of(item)
    moments = [item.created_at, item.updated_at]
    if newest := newest_commit(item, index):
        moments.append(newest[2])
    moments += [c.created_at for c in index.comments_of.get(key, ())[-1:]]
    moments += [r.submitted_at for r in index.reviews_of.get(key, ())[-1:]]
    moments += [e.created_at for e in index.events_of.get(key, ())[-1:]]
    return max(moments)


def newest_commit(item: WorkItem, index: WorkspaceIndex) -> tuple[PullCommits, PullCommit, datetime] | None:
    """The newest commit of a pull request and when it was made; of those of one second the last in GitHub's order.

    The clock of whoever made a commit may be ahead: it was not made later than we saw it.
    """
    listed = index.pull_commits_of.get(key_of(item))
    if listed is None or not listed.commits:
        return None
    made = [min(one.committed_at, listed.observed_at) for one in listed.commits]
    last = max(range(len(made)), key=lambda n: (made[n], n))
    return listed, listed.commits[last], made[last]


def ready_at(item: WorkItem, index: WorkspaceIndex) -> datetime:
    """When a pull request was last declared ready for review; its creation when it never was a draft."""
    declared = [e.created_at for e in index.events_of.get(key_of(item), ()) if e.kind == "ready_for_review"]
    return max(declared, default=item.created_at)


def responses(item: WorkItem, index: WorkspaceIndex) -> Iterator[datetime]:
    """When others than the author looked at a pull request; bots do not count.

    Reviews and review comments. In a repository of which no review is stored at all (they were not offered, or this
    team does not use them) a plain comment counts too: there it is the only trace a reviewer leaves.
    """
    key = key_of(item)
    for review in index.reviews_of.get(key, ()):
        if _by_somebody_else(review.author, item):
            yield review.submitted_at
    without_reviews = item.repository not in index.reviewed_repositories
    for comment in index.comments_of.get(key, ()):
        if (comment.review or without_reviews) and _by_somebody_else(comment.author, item):
            yield comment.created_at


def waiting_since(item: WorkItem, index: WorkspaceIndex) -> datetime | None:
    """Since when an open pull request that is no draft waits for a review; `None` when it does not wait.

    It waits when nobody has reviewed it yet, or when a review was asked for again after the last one.
    """
    if item.kind is not ItemKind.PULL_REQUEST or not item.is_open or item.draft:
        return None
    last = max(responses(item, index), default=None)
    if last is None:
        return ready_at(item, index)
    if not item.requested_reviewers:
        return None
    asked = [e.created_at for e in index.events_of.get(key_of(item), ()) if e.kind == "review_requested"]
    again = [moment for moment in asked if moment > last]
    return min(again, default=None)


def _by_somebody_else(person: Person | None, item: WorkItem) -> bool:
    return person is not None and not is_bot(person) and (item.author is None or person.id != item.author.id)
