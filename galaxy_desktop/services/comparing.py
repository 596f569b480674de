"""A change beside what GitHub has now: seen live or in the local copy, merged three ways, put as a proposal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote

from galaxy_desktop.collect.writing import Place, Standing, Step, Writing, steps
from galaxy_desktop.domain.change_making import REVERSIBLE, value_of
from galaxy_desktop.domain.changes import Change, ChangeKind, Comparison, Value
from galaxy_desktop.domain.permits import Approval, Proposal
from galaxy_desktop.domain.work import ItemKind, WorkItem
from galaxy_desktop.errors import LimitError, RefusedError, TokenRejectedError
from galaxy_desktop.services import three_way

_WORDS = {
    ChangeKind.NEW_ISSUE: "new issue",
    ChangeKind.STATE: "change of state",
    ChangeKind.TITLE: "change of title",
    ChangeKind.BODY: "change of text",
    ChangeKind.LABELS: "change of labels",
    ChangeKind.ASSIGNEES: "change of assignees",
    ChangeKind.MILESTONE: "change of milestone",
    ChangeKind.COMMENT: "comment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lore:
    """What the local copy knows around a change: the item, titles of milestones, and people who were seen there."""

    item: WorkItem | None = None
    milestones: Mapping[int, str] = field(default_factory=dict)
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a change would meet: the field as it is, and what stands in the way.

    `blocked` says why nothing can be done there (gone, locked, archived, unknown label), `notes` what a person should
    know and what does not hinder. `seen_at` is `None` for a look at the local copy; `place` likewise.
    """

    theirs: Value
    item: WorkItem | None = None
    blocked: str = ""
    notes: tuple[str, ...] = ()
    milestones: Mapping[int, str] = field(default_factory=dict)
    place: Place | None = None
    seen_at: datetime | None = None

    @property
    def pull(self) -> bool:
        """Whether it is a pull request, which is closed without a reason."""
        return self.item is not None and self.item.kind is ItemKind.PULL_REQUEST


def live_sight(writing: Writing, change: Change, now: datetime, lore: Lore) -> Sight:
    """What GitHub shows now; blocking.

    Raises:
        OfflineError, LimitError, TokenRejectedError, BrokenAnswerError: it cannot be asked now.
    """
    try:
        if change.item_number is None:
            place = writing.place(change.repository_id, change.repository)
            blocked = _blocked(writing, place, change, lore)
            return Sight(theirs="", blocked=blocked, milestones=lore.milestones, place=place, seen_at=now)
        place, standing = writing.found(change.repository_id, change.repository, change.item_number)
        blocked = standing.gone or _blocked(writing, place, change, lore)
    except (LimitError, TokenRejectedError):
        raise
    except RefusedError as refused:
        return Sight(theirs=change.base, blocked=str(refused), milestones=lore.milestones, seen_at=now)
    if standing.locked and place.may_push is False and change.kind is not ChangeKind.COMMENT:
        blocked = blocked or f"{change.target} is locked and you may not write there. Let this change go."
    return Sight(
        theirs=value_of(standing.item, change.kind) if standing.item else change.base,
        item=standing.item,
        blocked=blocked,
        notes=_notes(change, standing, lore),
        milestones=lore.milestones,
        place=place,
        seen_at=now,
    )


def _notes(change: Change, standing: Standing, lore: Lore) -> tuple[str, ...]:
    """What a person should know before writing there."""
    notes, item = [], standing.item
    if standing.locked:
        notes.append("It is locked: only people who may write to the repository can comment.")
    if change.kind is ChangeKind.COMMENT and item and not item.is_open and (lore.item is None or lore.item.is_open):
        notes.append(f"It was {three_way.in_words(ChangeKind.STATE, value_of(item, ChangeKind.STATE))} meanwhile.")
    return tuple(notes)


def _blocked(writing: Writing, place: Place, change: Change, lore: Lore) -> str:
    """Why GitHub would not do this, as far as can be known before; asks only about what the change adds.

    Of people only those are asked about who were never seen in the repository.
    """
    name = place.repository.full_name
    if place.repository.archived:
        return f"{name} is archived and read-only. Let this change go."
    if change.kind is ChangeKind.NEW_ISSUE and not place.repository.has_issues:
        return f"Issues are switched off in {name}. Let this change go."
    labels, people, milestone = wanted_names(change)
    if label := writing.missing_label(place, labels):
        return f"{name} has no label “{label}” any more. Choose another one, or let this change go."
    strangers = [login for login in people if login.casefold() not in lore.people]
    if login := writing.missing_person(place, strangers):
        return f"{login} cannot be assigned in {name}. Choose somebody else, or let this change go."
    return writing.milestone_trouble(place, milestone) if milestone is not None else ""


def wanted_names(change: Change) -> tuple[tuple[str, ...], tuple[str, ...], int | None]:
    """Labels, people and the milestone that a change brings to an item."""
    match change.kind:
        case ChangeKind.LABELS:
            return three_way.added(change.base, change.mine), (), None
        case ChangeKind.ASSIGNEES:
            return (), three_way.added(change.base, change.mine), None
        case ChangeKind.MILESTONE:
            return (), (), change.mine if isinstance(change.mine, int) else None
        case ChangeKind.NEW_ISSUE:
            return change.labels, change.assignees, change.milestone
        case _:
            return (), (), None


def stored_sight(change: Change, lore: Lore) -> Sight:
    """What the local copy shows, while GitHub cannot be asked."""
    theirs = value_of(lore.item, change.kind) if lore.item else change.base
    return Sight(theirs=theirs, item=lore.item, milestones=lore.milestones)


def compared(change: Change, sight: Sight) -> Comparison:
    """The change beside what is there, as shown."""
    merge = three_way.merge(change.kind, change.base, change.mine, sight.theirs, sight.milestones)
    head = _head(change, sight.milestones) if change.kind is ChangeKind.NEW_ISSUE else ()
    return Comparison(
        change=change,
        theirs=sight.theirs,
        merged=merge.merged,
        lines=(*head, *merge.lines, *(f"  {note}" for note in sight.notes)),
        already=merge.already and not sight.blocked,
        conflict=sight.blocked or merge.conflict,
        seen_at=sight.seen_at,
    )


def _head(change: Change, milestones: Mapping[int, str]) -> tuple[str, ...]:
    out = [f"+ Title: {change.title}"]
    if change.labels:
        out.append(f"+ Labels: {', '.join(change.labels)}")
    if change.assignees:
        out.append(f"+ Assignees: {', '.join(change.assignees)}")
    if change.milestone is not None:
        out.append(f"+ Milestone: {three_way.in_words(ChangeKind.MILESTONE, change.milestone, milestones)}")
    return tuple(out)


def planned(change: Change, theirs: Value, *, pull: bool) -> tuple[Step, ...]:
    """The requests that an approved change is, given what theirs was when it was approved."""
    merged = three_way.merge(change.kind, change.base, change.mine, theirs).merged
    return steps(change, merged, theirs, pull=pull)


def proposal(change: Change, theirs: Value, lines: tuple[str, ...], *, pull: bool) -> Proposal:
    """What is put before a person: the requests with everything in them, and what they were compared with."""
    return Proposal(
        id=change.id,
        who=change.who,
        what=_WORDS[change.kind],
        target=change.target,
        acts=tuple(step.act(change.repository_id) for step in planned(change, theirs, pull=pull)),
        basis=json.dumps([change.base, theirs], ensure_ascii=False),
        lines=lines,
        reversible=change.kind in REVERSIBLE,
    )


def left_to_do(change: Change, sight: Sight) -> tuple[Step, ...]:
    """The steps of an approved change whose effect GitHub does not show yet."""
    names = {name.casefold() for name in sight.theirs} if isinstance(sight.theirs, tuple) else set()
    return tuple(
        step for step in planned(change, change.theirs, pull=sight.pull) if not _effective(change, step, names)
    )


def _effective(change: Change, step: Step, names: set[str]) -> bool:
    if change.kind not in three_way.SETS:
        return False
    if step.method == "DELETE" and not step.body:
        return unquote(step.tail.rsplit("/", 1)[1]).casefold() not in names
    meant = {str(name).casefold() for name in next(iter(step.body.values()))}
    return meant <= names if step.method == "POST" else not meant & names


def partly_done(change: Change, theirs: Value) -> bool:
    """Whether a set differs from what it was at the approval only by what the change itself does."""
    if change.kind not in three_way.SETS:
        return False
    wanted = three_way.merge(change.kind, change.base, change.mine, change.theirs).merged
    then, now, after = (
        {n.casefold() for n in v} if isinstance(v, tuple) else set() for v in (change.theirs, theirs, wanted)
    )
    return then ^ now <= then ^ after


def approval_of(change: Change) -> Approval | None:
    """The approval that a change carries."""
    if change.approved_at is None or not change.approved_digest:
        return None
    return Approval(digest=change.approved_digest, by=change.approved_by, at=change.approved_at)
