"""Changes that a person (or an agent) wants made on GitHub, kept in an outbox until somebody looked at each.

A change names what it was based on, so that it can be compared three ways (base, mine, theirs) before it is sent.
Nothing is sent that was not approved in exactly the form shown: the approval carries the digest of what was seen.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What can be changed; board moves are changes of labels."""

    NEW_ISSUE = "new_issue"
    STATE = "state"
    TITLE = "title"
    BODY = "body"
    LABELS = "labels"
    ASSIGNEES = "assignees"
    MILESTONE = "milestone"
    COMMENT = "comment"


class ChangeState(StrEnum):
    """Where a change stands; only `DRAFT` and `PARKED` may be edited."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    CONFLICT = "conflict"
    PARKED = "parked"
    DISCARDED = "discarded"


Value = str | int | None | tuple[str, ...]
"""A field's value: text, a milestone's number, or a sorted tuple of label names or logins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one item: `field` is changed from `base` to `mine`.

    `fields`, `base` and `mine` by kind. STATE: "open", "closed", "closed:not_planned". TITLE, BODY, COMMENT: text
    (`base` is "" for a comment). LABELS, ASSIGNEES: sorted tuples, whole sets. MILESTONE: number or `None`.
    NEW_ISSUE: `title` and `mine` as body, with `labels`, `assignees`, `milestone` as wanted; `item_number` is `None`
    until it was made. `who` is "user" or the role of an agent.
    """

    id: str
    kind: ChangeKind
    repository_id: int
    repository: str
    item_number: int | None
    base: Value
    mine: Value
    who: str
    created_at: datetime
    title: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: int | None = None
    state: ChangeState = ChangeState.DRAFT
    approved_by: str = ""
    approved_digest: str = ""
    approved_at: datetime | None = None
    attempts: int = 0
    next_try_at: datetime | None = None
    sending_since: datetime | None = None
    error: str = ""
    theirs: Value = None
    sent_at: datetime | None = None
    url: str = ""

    @property
    def digest(self) -> str:
        """A fingerprint of exactly what would be done: an approval holds for this and nothing else."""
        what = [
            self.kind, self.repository_id, self.item_number, self.title, self.mine, self.labels, self.assignees,
            self.milestone,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(what, ensure_ascii=False).encode()).hexdigest()[:32]

    @property
    def target(self) -> str:
        """What it changes, as people write it: "o/r#7", or "o/r" for a new issue."""
        return f"{self.repository}#{self.item_number}" if self.item_number else self.repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A change beside what GitHub shows now: `lines` is the diff as shown ("+ ", "- ", "  " in front).

    `already` says that theirs is mine: nothing needs to be sent. `conflict` says why it cannot just be sent ("" when it
    can): somebody changed the same field since `base`, or the item is gone. `seen_at` is when GitHub was asked, `None`
    while offline: then it can be looked at and not sent.
    """

    change: Change
    theirs: Value
    merged: Value
    lines: tuple[str, ...]
    already: bool = False
    conflict: str = ""
    seen_at: datetime | None = None
