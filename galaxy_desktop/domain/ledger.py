"""The forecast ledger: what was said, when, from what, and how it came out.

An entry is never changed. It names its inputs by their digest, and the inputs are kept under it, so that any number
ever shown can be made again. Entries that were said to a user ("live") and entries that a replay of the past would have
said ("replay") are kept apart: only the first are a record of promises.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Origin(StrEnum):
    """Where an entry comes from."""

    LIVE = "live"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One forecast as it was said; probabilities are 0 to 1 and "of landing by the end".

    `probability` is what was shown, `None` with the reason in `why_none`; `raw_share` is the simulation's voice and
    `course` the outcome model's, `weight` the part that the simulation had in the blend; `before_recalibration` is the
    blend before the team's own record corrected it. `elapsed` is the share of the planned time that was gone, `None`
    without a start or an end. `baselines` as in `Forecast`. `inputs_digest` is the SHA-256 of the canonical inputs.
    """

    sprint_id: str
    sprint_title: str
    said_at: datetime
    due_on: date | None
    probability: float | None
    why_none: str
    raw_share: float | None
    course: float | None
    weight: float | None
    before_recalibration: float | None
    elapsed: float | None
    open: int
    done: int
    baselines: dict[str, float | None]
    engine: str
    seed: int
    inputs_digest: str
    origin: Origin = Origin.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a sprint ended: `landed` when every item left was done by the end; `why` says in words what decided it.

    `due_on` is the end by which it is judged: the last one seen before that end passed, so that moving an end after the
    fact rewrites nothing. `delivered` and `committed` count items.
    """

    sprint_id: str
    landed: bool
    due_on: date
    ended_on: date
    delivered: int
    committed: int
    why: str
