"""The forecast ledger: what was said, when, from what, and how it came out.

An entry is never changed. It names its inputs by their digest, and the inputs are kept under it, so that any number
ever shown can be made again. Entries that were said to a user ("live") and entries that a replay of the past would have
said ("replay") are kept apart: only the first are a record of promises.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from galaxy_desktop.domain.families import FamilyOffset

MOST_A_DAY = 12
"""So many entries a sprint gets on one day at most; only a moved end is entered beyond that."""
WORTH_ENTERING = 0.01
"""A probability that moved by so much is said anew on the same day."""
LOWEST, HIGHEST = 0.05, 0.95
"""What is shown stays between these while work remains, also after recalibration."""


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


def is_news(entry: LedgerEntry, last: LedgerEntry | None, *, same_day: bool, entered_today: int) -> bool:
    """Whether something is said that the ledger does not have yet.

    A sprint with a probability gets one entry a day. On the same day one more is made when the probability moved by a
    point or more, or when what it rests on changed in a way that a person would name: the end, the open or done items,
    the reason for no number, the engine. At most `MOST_A_DAY` a day, apart from moves of the end, which people make by
    hand. A sprint without a number is entered again only when one of these changed, so that an old milestone that
    nobody closes does not fill the ledger.
    """
    if last is None or entry.due_on != last.due_on:
        return True
    if entered_today >= MOST_A_DAY:
        return False
    rests_on = (entry.why_none, entry.open, entry.done, entry.engine)
    if rests_on != (last.why_none, last.open, last.done, last.engine):
        return True
    if entry.probability is None or last.probability is None:
        return entry.probability is not last.probability
    return not same_day or abs(entry.probability - last.probability) >= WORTH_ENTERING - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """What the team's own record does to a probability: logit(p') = intercept + slope * logit(p).

    Learned from `sprints` ended sprints and pulled to "change nothing" (slope 1, intercept 0) by a prior that weighs as
    much as `prior_sprints` of them. `formula` says it in words with the numbers. `families` is what the same record says
    of the six families; it is added to logit(p') where it may be.
    """

    slope: float = 1.0
    intercept: float = 0.0
    sprints: int = 0
    prior_sprints: float = 0.0
    formula: str = "No correction."
    families: FamilyOffset = field(default_factory=FamilyOffset)

    @property
    def changes_nothing(self) -> bool:
        """Whether probabilities pass through as they are."""
        return self.slope == 1.0 and self.intercept == 0.0

    def corrected(self, probability: float) -> float:
        """The probability that the record supports, between 5 and 95 % as everything that is shown."""
        if self.changes_nothing:
            return probability
        held = min(max(probability, 0.001), 0.999)
        logit = self.intercept + self.slope * math.log(held / (1.0 - held))
        return min(max(1.0 / (1.0 + math.exp(-logit)), LOWEST), HIGHEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """1 - score / score of a plain alternative: above zero beats it; `low` and `high` bound 90 % of the resamples.

    `sprints` are those for which the alternative had a number too; everything is `None` without one.
    """

    against: str
    value: float | None
    low: float | None
    high: float | None
    sprints: int

    @staticmethod
    def told(value: float | None) -> str:
        """A skill as it is written: "+0.21"; below -1 it says only that the alternative made next to no mistakes."""
        if value is None:
            return "no number"
        return "below -1" if value < -1.0 else f"{value:+.2f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """How often it happened when we said about so much; `said` is the mean of what was said, counts are sprints.

    A sprint that was given probabilities in several bins counts once in each of them.
    """

    low: float
    high: float
    said: float
    sprints: int
    landed: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How good the entries of one origin were; every sprint weighs the same, however many entries it has.

    `brier` is the mean squared error (0 is perfect, 0.25 is what always saying one half gets), `log_loss` the mean of
    -ln(probability given to what happened), each `None` without an ended sprint. `other_end` counts entries that are
    left out because they spoke of an end that was moved later.
    """

    sprints: int
    landed: int
    entries: int
    brier: float | None
    log_loss: float | None
    skills: tuple[Skill, ...]
    bins: tuple[ReliabilityBin, ...]
    other_end: int = 0

    def against(self, name: str) -> Skill | None:
        """The skill against one alternative ("base_rate", "linear_burn")."""
        return next((skill for skill in self.skills if skill.against == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustEntry:
    """An entry with its outcome, `None` until its sprint was judged."""

    entry: LedgerEntry
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """How good the forecast was so far, in a line: what stands beside every headline.

    `better` says whether it beat every plain alternative, `None` while fewer than `needed` sprints have ended or there was
    nothing to compare with. `replayed` says that the sprints were replayed, not forecast live. `verdict` is the whole sentence.
    """

    sprints: int
    needed: int
    better: bool | None
    replayed: bool
    words: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustReport:
    """All that the Trust page shows; `entries` newest first, `waiting` sprints that were forecast and have not ended.

    `replayed` are the last entries that a replay of the past made, also newest first.

    `verdict` says in a sentence whether to believe the number; `trusted` is false when that sentence warns.
    """

    as_of: datetime
    engine: str
    live: Score
    replay: Score
    entries: tuple[TrustEntry, ...]
    waiting: int
    recalibration: Recalibration
    verdict: str
    trusted: bool
    replayed: tuple[TrustEntry, ...] = ()
