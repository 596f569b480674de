"""Changes as people want them ("close this", "add that label"), made into records of the outbox: pure.

Each takes the stored item as what the change is based on and the moment it was wanted. The id is made from all of
it, so that a double click makes one change and the same wish a moment later another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from galaxy_desktop.domain.changes import Change, ChangeKind, Value
from galaxy_desktop.domain.permits import fingerprint
from galaxy_desktop.domain.work import Repository, WorkItem

USER = "user"
REVERSIBLE = frozenset(ChangeKind) - {ChangeKind.COMMENT, ChangeKind.NEW_ISSUE}
"""Kinds that another change can undo: what was mailed to everybody cannot be called back."""


def state_of(item: WorkItem) -> str:
    """The state as a change names it: "open", "closed" (done), "closed:not_planned", "closed:duplicate"."""
    if item.is_open:
        return "open"
    return "closed" if item.state_reason in (None, "completed", "reopened") else f"closed:{item.state_reason}"


def value_of(item: WorkItem, kind: ChangeKind) -> Value:
    """What an item now has in the field that a kind of change is about; "" for what only adds."""
    match kind:
        case ChangeKind.STATE:
            return state_of(item)
        case ChangeKind.TITLE:
            return item.title
        case ChangeKind.BODY:
            return item.body
        case ChangeKind.LABELS:
            return tuple(sorted(item.labels))
        case ChangeKind.ASSIGNEES:
            return tuple(sorted(person.login for person in item.assignees))
        case ChangeKind.MILESTONE:
            return item.milestone_number
        case _:
            return ""


def close(item: WorkItem, now: datetime, *, reason: str = "", who: str = USER) -> Change:
    """Close it; `reason` is "" for done, or "not_planned" (issues only)."""
    return _change(item, ChangeKind.STATE, f"closed:{reason}" if reason else "closed", now, who)


def reopen(item: WorkItem, now: datetime, *, who: str = USER) -> Change:
    """Open it again."""
    return _change(item, ChangeKind.STATE, "open", now, who)


def retitle(item: WorkItem, title: str, now: datetime, *, who: str = USER) -> Change:
    """Give it another title."""
    return _change(item, ChangeKind.TITLE, title.strip(), now, who)


def rewrite(item: WorkItem, body: str, now: datetime, *, who: str = USER) -> Change:
    """Replace its text."""
    return _change(item, ChangeKind.BODY, body, now, who)


def relabel(
    item: WorkItem, now: datetime, *, add: Iterable[str] = (), remove: Iterable[str] = (), who: str = USER
) -> Change:
    """Add labels and take labels away; case does not matter, as on GitHub."""
    return _change(item, ChangeKind.LABELS, _edited(item.labels, add, remove), now, who)


def reassign(
    item: WorkItem, now: datetime, *, add: Iterable[str] = (), remove: Iterable[str] = (), who: str = USER
) -> Change:
    """Assign people and take the assignment from people, by login."""
    logins = [person.login for person in item.assignees]
    return _change(item, ChangeKind.ASSIGNEES, _edited(logins, add, remove), now, who)


def plan(item: WorkItem, milestone: int | None, now: datetime, *, who: str = USER) -> Change:
    """Put it into the milestone of this number, or into none."""
    return _change(item, ChangeKind.MILESTONE, milestone, now, who)


def comment(item: WorkItem, text: str, now: datetime, *, who: str = USER) -> Change:
    """Say something under it."""
    return _change(item, ChangeKind.COMMENT, text, now, who)


def new_issue(
    repository: Repository,
    title: str,
    body: str,
    now: datetime,
    *,
    labels: Iterable[str] = (),
    assignees: Iterable[str] = (),
    milestone: int | None = None,
    who: str = USER,
) -> Change:
    """Open an issue."""
    kind, wanted = ChangeKind.NEW_ISSUE, (tuple(sorted(set(labels))), tuple(sorted(set(assignees))))
    return Change(
        id=_id(now, kind, repository.id, None, [title.strip(), body, *wanted, milestone], who),
        kind=kind,
        repository_id=repository.id,
        repository=repository.full_name,
        item_number=None,
        base="",
        mine=body,
        who=who,
        created_at=now,
        title=title.strip(),
        labels=wanted[0],
        assignees=wanted[1],
        milestone=milestone,
    )


def _change(item: WorkItem, kind: ChangeKind, mine: Value, now: datetime, who: str) -> Change:
    return Change(
        id=_id(now, kind, item.repository_id, item.number, mine, who),
        kind=kind,
        repository_id=item.repository_id,
        repository=item.repository,
        item_number=item.number,
        base=value_of(item, kind),
        mine=mine,
        who=who,
        created_at=now,
    )


def _id(now: datetime, *parts: object) -> str:
    return fingerprint([now.timestamp(), *parts])[:16]


def _edited(names: Iterable[str], add: Iterable[str], remove: Iterable[str]) -> tuple[str, ...]:
    """The names without some and with others, sorted; the spelling that was there stays."""
    gone = {name.casefold() for name in remove}
    kept = {name.casefold(): name for name in names if name.casefold() not in gone}
    for name in add:
        kept.setdefault(name.casefold(), name)
    return tuple(sorted(kept.values()))
