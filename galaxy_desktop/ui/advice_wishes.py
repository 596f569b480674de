"""What a person asks for about advice and alerts: frozen records that pages emit and the conductor carries out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class UndoVerdict:
    """Take back what was said of a recommendation; `summary` says which."""

    recommendation_id: str
    summary: str


@dataclass(frozen=True, slots=True)
class ForgetLearning:
    """What was said of this kind of action so far shall no longer weigh in the order."""

    kind: str


@dataclass(frozen=True, slots=True)
class MuteSubject:
    """Say nothing of an item or sprint until then; `None` for "until something happens on it"."""

    subject: str
    until: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class Unmute:
    """Speak of it again."""

    subject: str


AdviceWish = UndoVerdict | ForgetLearning | MuteSubject | Unmute
