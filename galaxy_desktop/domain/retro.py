"""The course of a sprint that is over, for its retrospective: what was said when, what moved it, and what was done.

Facts only: it ends with numbers and the words that decided the outcome. Nobody is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from galaxy_desktop.domain.findings import FollowUp
from galaxy_desktop.domain.ledger import Origin, Outcome
from galaxy_desktop.domain.since import Moved


class StepKind(StrEnum):
    """What is marked on the way."""

    END = "end moved"
    SCOPE = "scope changed"
    JUMP = "chance jumped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetroPoint:
    """What was said at a moment; `elapsed` is the share of the planned time that was gone."""

    at: datetime
    probability: float
    origin: Origin
    elapsed: float | None
    open: int
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetroStep:
    """Something worth a mark, with the change of P that it came with, `None` where one side has no number."""

    kind: StepKind
    at: datetime
    words: str
    change: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retro:
    """One sprint from its first forecast to its end.

    `points` are of one origin: those said live where there are two or more, else those that a replay would have said.
    `biggest` is the largest change between two of them with its causes and moments, `None` where nothing moved.
    `actions` are accepted recommendations with what came of them; `facts` the sentences that it ends with.
    """

    sprint_id: str
    title: str
    due_on: date | None
    outcome: Outcome | None
    points: tuple[RetroPoint, ...] = ()
    steps: tuple[RetroStep, ...] = ()
    biggest: Moved | None = None
    biggest_from: datetime | None = None
    biggest_to: datetime | None = None
    actions: tuple[FollowUp, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def replayed(self) -> bool:
        """Whether nothing was said while it ran."""
        return bool(self.points) and self.points[0].origin is Origin.REPLAY
