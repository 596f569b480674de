"""What somebody proposes to do to the outside world, and the permit to do one act of it.

A proposal is the same for a change in the outbox and for a call of a tool: who wants to do what to which target,
each act with its full arguments, what it was compared with, the lines in which it is shown, and whether it can be
undone. `digest` covers what would happen; `form` covers in addition how it was shown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


def fingerprint(parts: Sequence[object]) -> str:
    """32 hex digits over plain values: equal values give equal digits, in every process."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One thing that somebody wants to do, whole.

    `acts` are the single steps with their full arguments, as text that names everything by ids that survive renames.
    `basis` is what the proposal was compared with; when that moved, the proposal is another one. `target` and `lines`
    are for people.
    """

    id: str
    who: str
    what: str
    target: str
    acts: tuple[str, ...]
    basis: str
    lines: tuple[str, ...]
    reversible: bool

    @property
    def digest(self) -> str:
        """A fingerprint of what would happen: an approval holds for this and nothing else."""
        return fingerprint([self.id, self.who, self.what, list(self.acts), self.basis, self.reversible])

    @property
    def form(self) -> str:
        """A fingerprint of what would happen and of how it was shown."""
        return fingerprint([self.digest, self.target, list(self.lines)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """That a person agreed: to exactly the proposal with this digest."""

    digest: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to do one act once; only the gate knows which permits it gave, so an imitation opens nothing."""

    serial: int
    act: str
