"""Work items as they were: what happened later is undone, one property after the other.

The present and the events between then and now tell what was: before the first "closed" after a moment the item was
open, before the first "unlabeled" it had the label. Where no event tells of a change, nothing changed. That reads the
same from every later moment, so looking back in two steps ends where one step does.

GitHub's list of events is long but not complete. A change that it does not tell of is not undone, apart from those that
are stamped on the item itself: its creation, closing and merge.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from galaxy_desktop.domain.repository_facts import PullCommits
from galaxy_desktop.domain.work import ItemEvent, ItemKind, Person, State, WorkItem
from galaxy_desktop.features.past_milestones import PastMilestones

ENDS = frozenset({"closed", "merged", "reopened"})
ARROW = " → "
"""Between the two titles of a "renamed" event."""

Key = tuple[int, int]
_NAMES = tuple(field.name for field in fields(WorkItem))
_VALUES = attrgetter(*_NAMES)


@dataclass(frozen=True, slots=True)
class Toggle:
    """Something was put on (`on`) or taken off an item; `on` is `None` where it was taken off if it was there."""

    at: datetime
    name: str
    on: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPast:
    """What the past of items is read from.

    `events` and `reviews` (when, by which login) are by item, in the order in which they happened; `heard` is when
    anything was last heard of an item until the moment; `people` finds who a login belongs to.
    """

    moment: datetime
    milestones: PastMilestones
    events: Mapping[Key, Sequence[ItemEvent]]
    reviews: Mapping[Key, Sequence[tuple[datetime, str]]]
    commits: Mapping[Key, PullCommits]
    heard: Mapping[Key, datetime]
    people: Callable[[str], Person]
    versions: Mapping[str, Sequence[WorkItem]]

    def item(self, item: WorkItem) -> WorkItem:
        """The item at the moment; the very same record where nothing happened since."""
        key = item.repository_id, item.number
        events = self.events.get(key, ())
        changes: dict[str, Any] = {}
        if item.milestone_number is not None and not self.milestones.existed(
            item.repository_id, item.milestone_number, self.moment
        ):
            changes["milestone_number"] = None
        if events and events[-1].created_at > self.moment:
            self._undo(item, events, changes)
        if item.kind is ItemKind.PULL_REQUEST:
            self._undo_reviewers(item, events, changes)
            self._undo_pushes(item, key, changes)
        self._undo_end(item, events, changes)
        if item.updated_at > self.moment:
            changes["updated_at"] = max(item.created_at, self.heard.get(key, item.created_at))
        self._use_versions(item, changes)
        return _with(item, changes) if changes else item

    def _undo(self, item: WorkItem, events: Sequence[ItemEvent], changes: dict[str, Any]) -> None:
        """What later events changed, apart from the end and the reviewers."""
        later = [event for event in events if event.created_at > self.moment]
        kinds = {event.kind for event in later}
        if kinds & {"milestoned", "demilestoned"}:
            changes["milestone_number"] = self._milestone(item, later)
        if kinds & {"labeled", "unlabeled"}:
            changes["labels"] = names_then(item.labels, toggles(events, "labeled", "unlabeled"), self.moment)
        if kinds & {"assigned", "unassigned"}:
            known = toggles(events, "assigned", "unassigned", logins=True)
            changes["assignees"] = self._persons(item.assignees, known)
        if kinds & {"ready_for_review", "convert_to_draft"}:
            turn = next(event for event in later if event.kind in ("ready_for_review", "convert_to_draft"))
            changes["draft"] = turn.kind == "ready_for_review"
        if "renamed" in kinds:
            subject = next(event.subject for event in later if event.kind == "renamed")
            changes["title"] = subject.partition(ARROW)[0] or item.title

    def _milestone(self, item: WorkItem, later: Iterable[ItemEvent]) -> int | None:
        """In which milestone an item was before the first change of it: moving takes out first, then puts in."""
        turns = [event for event in later if event.kind in ("milestoned", "demilestoned")]
        first = min(turns, key=lambda e: (e.created_at, e.kind != "demilestoned", e.id))
        if first.kind == "milestoned":
            return None
        number = self.milestones.number_of(item.repository_id, first.subject, first.created_at)
        there = number is not None and self.milestones.existed(item.repository_id, number, self.moment)
        return number if there else None

    def _undo_reviewers(self, item: WorkItem, events: Sequence[ItemEvent], changes: dict[str, Any]) -> None:
        """Who was asked for a review; writing one ends the request without an event."""
        known = toggles(events, "review_requested", "review_request_removed", logins=True)
        reviews = self.reviews.get((item.repository_id, item.number), ())
        known += [Toggle(at, login.casefold(), None) for at, login in reviews]
        if any(one.at > self.moment for one in known):
            known.sort(key=lambda one: one.at)
            changes["requested_reviewers"] = self._persons(item.requested_reviewers, known)

    def _persons(self, now: tuple[Person, ...], known: Sequence[Toggle]) -> tuple[Person, ...]:
        present = {person.login.casefold(): person for person in now}
        names = names_then(present, known, self.moment)
        return tuple(present.get(name) or self.people(name) for name in names)

    def _undo_pushes(self, item: WorkItem, key: Key, changes: dict[str, Any]) -> None:
        """The head that a pull request had; how large it was then is told by nothing."""
        listed = self.commits.get(key)
        if listed is None or all(one.committed_at <= self.moment for one in listed.commits):
            return
        left = [one.sha for one in listed.commits if one.committed_at <= self.moment]
        changes.update(head_sha=left[-1] if left else None, additions=None, deletions=None, files=None)

    def _undo_end(self, item: WorkItem, events: Sequence[ItemEvent], changes: dict[str, Any]) -> None:
        """State, its reason, closing and merge."""
        turns = [(event.created_at, event.kind == "reopened") for event in events if event.kind in ENDS]
        again = next((reopened for at, reopened in reversed(turns) if at <= self.moment), False)
        stamped = item.closed_at if item.state is State.CLOSED else None
        if stamped is not None and (not turns or turns[-1][0] < stamped):
            turns.append((stamped, False))
        if item.merged_at is not None and item.merged_at > self.moment:
            changes["merged_at"] = None
        reopened_later = next((reopened for at, reopened in turns if at > self.moment), None)
        if reopened_later is None:
            return
        if reopened_later:
            closings = [at for at, reopened in turns if at <= self.moment and not reopened]
            changes.update(state=State.CLOSED, state_reason=None, closed_at=max(closings, default=None))
        else:
            reason = "reopened" if again and item.kind is ItemKind.ISSUE else None
            changes.update(state=State.OPEN, state_reason=reason, closed_at=None)

    def _use_versions(self, item: WorkItem, changes: dict[str, Any]) -> None:
        """Title and text of the version of that time, of the oldest one before any was seen."""
        versions = self.versions.get(item.evidence_id, ())
        if versions:
            then = [version for version in versions if version.updated_at <= self.moment]
            told = then[-1] if then else versions[0]
            changes.update(title=told.title, body=told.body)


def _with(item: WorkItem, changes: dict[str, Any]) -> WorkItem:
    """What `replace` does in two thirds of its time: ten thousand items are to be looked back at in a blink."""
    return WorkItem(**{**dict(zip(_NAMES, _VALUES(item), strict=True)), **changes})


def toggles(events: Iterable[ItemEvent], on: str, off: str, *, logins: bool = False) -> list[Toggle]:
    """What events of two kinds put on and took off, in their order; logins are folded, because their case is free."""
    return [
        Toggle(event.created_at, event.subject.casefold() if logins else event.subject, event.kind == on)
        for event in events
        if event.kind in (on, off) and event.subject
    ]


def names_then(now: Collection[str], known: Sequence[Toggle], moment: datetime) -> tuple[str, ...]:
    """What was on at a moment, by name: before something was put on it was off, and the other way round."""
    found = set(now)
    settled: set[str] = set()
    last: dict[str, bool] = {}
    for one in known:
        if one.at <= moment:
            last[one.name] = bool(one.on)
        elif one.name not in settled:
            settled.add(one.name)
            was = last.get(one.name, False) if one.on is None else not one.on
            found = found | {one.name} if was else found - {one.name}
    return tuple(sorted(found, key=lambda name: (name.casefold(), name)))
