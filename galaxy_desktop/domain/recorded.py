"""What is kept of a language model's work: whole runs that can be replayed, and answers that need not be made again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """A run of the agent graph with everything that went into it and came out of it.

    `model` is the name of the model and `weights` names its content; both are "" for a run without a model. `prompts`
    are the names and versions of the prompts; `body` is the recording as JSON (see `reason.recording`).
    """

    run_id: str
    sprint_id: str
    at: datetime
    model: str
    weights: str
    prompts: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBrief:
    """A recorded run without its content; `size` is that of the content in characters."""

    run_id: str
    sprint_id: str
    at: datetime
    model: str
    weights: str
    prompts: tuple[tuple[str, str], ...]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A run in which somebody was asked who could not answer: the sentences say who and why, `model` who wrote in the end."""

    run_id: str
    at: datetime
    model: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer with what it was made from; `key` is made from question, facts, model and prompts."""

    key: str
    question: str
    facts: str
    model: str
    prompts: str
    at: datetime
    body: str


def age_in_words(at: datetime, now: datetime) -> str:
    """How long ago something was: "just now", "5 min ago", "2 h ago", "3 days ago"."""
    seconds = max(0, int((now - at).total_seconds()))
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min ago"
    if seconds < 2 * DAY:
        return f"{seconds // HOUR} h ago"
    return f"{seconds // DAY} days ago"
