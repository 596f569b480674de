"""What a language model noticed beside the rules: a pattern in checked facts, never a number and never a fact of its own.

A pattern rests on two pieces of evidence or more, says nothing that stored facts do not say, and moves neither the
probability nor health. People say whether it was of use.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

FEWEST_EVIDENCE = 2


class NoticedKind(StrEnum):
    """What a pattern is about."""

    RISK = "risk"
    """Something that may go wrong."""
    INTERVENTION = "intervention"
    """Something that was done before, and what came of it."""


class Opinion(StrEnum):
    """What a person said of a pattern."""

    USEFUL = "useful"
    NOT_USEFUL = "not useful"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """One pattern; `text` passed the check, `evidence` are ids, `model` is what the weights are called.

    Raises:
        ValueError: it rests on fewer than two pieces of evidence.
    """

    sprint_id: str
    kind: NoticedKind
    text: str
    evidence: tuple[str, ...]
    model: str
    noticed_at: datetime
    opinion: Opinion | None = None

    def __post_init__(self) -> None:
        """Refuse what is no pattern: one thing alone is a fact, and the rules tell facts."""
        if len(set(self.evidence)) < FEWEST_EVIDENCE:
            raise ValueError(f"a pattern needs {FEWEST_EVIDENCE} pieces of evidence: {self.text!r}")

    @property
    def id(self) -> str:
        """The same pattern in the same sprint has the same id, so that it is told once and stays dismissed."""
        told = "\n".join((self.sprint_id, self.kind, *sorted(set(self.evidence))))
        return f"noticed:{hashlib.sha256(told.encode()).hexdigest()[:16]}"
