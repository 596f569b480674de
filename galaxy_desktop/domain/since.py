"""What changed between two moments: for the standup of a team, about items and sprints, never about persons.

Every change cites what it rests on by evidence ids. No record here has room for who did it: a standup is about the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What happened to an item or a sprint, in the order in which it is told."""

    END = "end moved"
    DONE = "done"
    REOPENED = "open again"
    STARTED = "started"
    BLOCKED = "newly blocked"
    FREED = "no longer blocked"
    RED = "build turned red"
    REVIEW = "waiting for a review"
    ADDED = "came into the sprint"
    REMOVED = "left the sprint"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange:
    """One change; `words` say more than the kind where there is more to say, `evidence` are ids, never empty."""

    kind: ChangeKind
    item_id: str
    title: str
    words: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedBy:
    """One cause of a change of P: `points` is its part (-1 to 1), `item_ids` the items behind it."""

    cause: str
    points: float
    words: str
    item_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """From one probability to the next; the parts add up to the difference, and are none where there is no difference to share."""

    before: float | None
    after: float | None
    parts: tuple[MovedBy, ...] = ()

    @property
    def change(self) -> float | None:
        """After less before, `None` where one of both is not known."""
        if self.before is None or self.after is None:
            return None
        return round(self.after - self.before, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class SprintSince:
    """One sprint between two moments.

    `before_words` and `after_words` say the chance of landing, or why there is none; `is_new` when the sprint did not
    exist at the first moment, so that everything in it is new and not listed.
    """

    sprint_id: str
    title: str
    moved: Moved
    before_words: str
    after_words: str
    changes: tuple[ItemChange, ...]
    done: int
    open: int
    is_new: bool = False

    def of_kind(self, kind: ChangeKind) -> tuple[ItemChange, ...]:
        """The changes of one kind, in their order."""
        return tuple(change for change in self.changes if change.kind is kind)

    @property
    def quiet(self) -> bool:
        """Whether nothing is to be told of it."""
        return not self.changes and not self.moved.change and not self.is_new


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """A workspace between two moments; `blind` says in sentences what of the earlier one had to be taken from today."""

    since: datetime
    as_of: datetime
    sprints: tuple[SprintSince, ...]
    blind: tuple[str, ...] = ()
