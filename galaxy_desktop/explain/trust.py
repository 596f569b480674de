"""The record of the forecasts in words and rows: what was said at four moments of each sprint, and how sure a share is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.ledger import (
    LedgerEntry,
    Outcome,
    Recalibration,
    ReliabilityBin,
    Score,
    Skill,
    TrackRecord,
    TrustEntry,
    TrustReport,
)
from galaxy_desktop.explain.words import counted, day_in_words, days_in_words, joined, percent

MOMENTS = (0.0, 0.3, 0.5, 0.8)
NEAR = 0.15
"""An entry stands for a moment when it was made within so much of the planned time of it."""
NORMAL_90 = 1.6449
SHOWN_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
PLAIN = {"base_rate": "a simple average", "linear_burn": "a straight line"}
AGAINST = {"base_rate": "your own average", "linear_burn": "a straight burn-down"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SprintRecord:
    """What was said of an ended sprint at 0, 30, 50 and 80 % of its time, `None` where nothing was, and what happened."""

    sprint_id: str
    title: str
    outcome: Outcome
    said: tuple[LedgerEntry | None, ...]
    replayed: bool


def records(entries: Iterable[TrustEntry], *, replayed: bool) -> tuple[SprintRecord, ...]:
    """The ended sprints among these entries, the last one first."""
    found: defaultdict[str, list[TrustEntry]] = defaultdict(list)
    for one in entries:
        if one.outcome is not None and one.entry.probability is not None:
            found[one.entry.sprint_id].append(one)
    rows = []
    for sprint_id, own in found.items():
        outcome = own[0].outcome
        assert outcome is not None  # noqa: S101 - only entries with one were kept
        told = [one.entry for one in own]
        said = tuple(_nearest(told, moment) for moment in MOMENTS)
        title = next((e.sprint_title for e in told if e.sprint_title), "")
        rows.append(SprintRecord(sprint_id=sprint_id, title=title, outcome=outcome, said=said, replayed=replayed))
    return tuple(sorted(rows, key=lambda row: (row.outcome.ended_on, row.sprint_id), reverse=True))


def _nearest(entries: Iterable[LedgerEntry], moment: float) -> LedgerEntry | None:
    near = [(abs(e.elapsed - moment), e.said_at, e) for e in entries if e.elapsed is not None]
    best = min(near, key=lambda one: one[:2], default=None)
    return best[2] if best is not None and best[0] <= NEAR else None


def wilson(happened: int, tries: int) -> tuple[float, float]:
    """The 90 % interval of a share that was seen `happened` times in `tries` (Wilson's, which holds for few tries too)."""
    if not tries:
        return 0.0, 1.0
    share, z2 = happened / tries, NORMAL_90**2
    middle = (share + z2 / (2 * tries)) / (1 + z2 / tries)
    half = NORMAL_90 / (1 + z2 / tries) * math.sqrt(share * (1 - share) / tries + z2 / (4 * tries * tries))
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def fits(one: ReliabilityBin) -> bool:
    """Whether what was said lies within what was seen."""
    low, high = wilson(one.landed, one.sprints)
    return low <= one.said <= high


def skill_words(skill: Skill) -> str:
    """A skill with its interval and how many sprints it rests on: "+0.21 (-0.05 to +0.40), 13 sprints"."""
    if skill.value is None:
        return "no number yet"
    bounds = ""
    if skill.low is not None and skill.high is not None:
        bounds = f" ({skill.told(skill.low)} to {skill.told(skill.high)})"
    return f"{skill.told(skill.value)}{bounds}, {counted(skill.sprints, 'sprint')}"


def score_words(score: Score) -> str:
    """What a score rests on: "13 sprints ended, 9 of them in time; 61 numbers scored"."""
    left = f"; {score.other_end} spoke of an end that was moved later and are left out" if score.other_end else ""
    return (
        f"{counted(score.sprints, 'sprint')} ended, {score.landed} of them in time; "
        f"{counted(score.entries, 'number')} scored{left}."
    )


def track_record(lately: Score, needed: int, verdict: str, *, replayed: bool) -> TrackRecord:
    """The record in a line, out of the score of the last sprints; a warning names what was not beaten."""
    known = [s for s in lately.skills if s.value is not None and s.sprints >= needed]
    beaten = next((s for s in known if s.value is not None and s.value <= 0.0), None)
    where = f"in {counted(lately.sprints, 'sprint')}{', replayed' if replayed else ''}"
    better: bool | None = None
    if lately.sprints < needed:
        words = f"No record yet: {lately.sprints} of {needed} ended sprints"
    elif not known:
        words = f"No record yet: nothing to compare with {where}"
    elif beaten is not None:
        better, words = False, f"Record: no better than {PLAIN.get(beaten.against, beaten.against)} {where}"
    else:
        better, names = True, joined([PLAIN.get(s.against, s.against) for s in known])
        sure = all(s.low is not None and s.low > 0.0 for s in known)
        words = f"Record: {'' if sure else 'maybe '}better than {names} {where}"
    return TrackRecord(
        sprints=lately.sprints, needed=needed, better=better, replayed=replayed, words=words, verdict=verdict
    )


def nothing_yet(report: TrustReport, *, then: bool = False) -> str:
    """What to say while there is no record of what was said live, "" when there is one; `then` for a moment of the past."""
    if report.live.sprints:
        return ""
    waits = f" {counted(report.waiting, 'sprint')} with a forecast still {'runs' if report.waiting == 1 else 'run'}."
    began = f"No sprint {'had' if then else 'has'} ended yet since you began.{waits if report.waiting else ''}"
    if report.replay.sprints:
        return f"{began} {counted(report.replay.sprints, 'past sprint was', 'past sprints were')} replayed instead."
    return f"{began} The record needs a sprint that ended, with a start, an end and items in it."


def corrections(record: Recalibration) -> tuple[tuple[float, float], ...]:
    """What the record makes of some probabilities: (before, after); none when it changes nothing."""
    if record.changes_nothing:
        return ()
    return tuple((share, record.corrected(share)) for share in SHOWN_SHARES)


def said_words(record: SprintRecord) -> str:
    """What was said of a sprint, moment by moment, each with the day."""
    today = record.outcome.ended_on
    lines = [f"{days_in_words(record.outcome.why, today)}.", ""]
    for moment, entry in zip(MOMENTS, record.said, strict=True):
        if entry is None or entry.probability is None:
            lines.append(f"At {percent(moment)} of its time nothing was said.")
            continue
        lines.append(
            f"At {percent(moment)} of its time ({day_in_words(entry.said_at.date(), today)}): {percent(entry.probability)}, "
            f"{entry.done} of {counted(entry.done + entry.open, 'item')} done."
        )
    return "\n".join(lines)


def _end(entry: LedgerEntry) -> str:
    return day_in_words(entry.due_on, entry.said_at.date()) if entry.due_on is not None else "no day"


def evidence_of(record: SprintRecord) -> tuple[Evidence, ...]:
    """The entries of the ledger behind a row: what was said, by which engine, from which inputs."""
    return tuple(
        Evidence(
            f"feature:{entry.sprint_id}/forecast_{entry.inputs_digest[:8]}",
            "feature",
            "",
            f"{percent(entry.probability or 0.0)} of landing by {_end(entry)}; {entry.open} open, {entry.done} done; "
            f"engine {entry.engine}, seed {entry.seed}, inputs {entry.inputs_digest}",
            entry.said_at,
        )
        for entry in {(e.said_at, e.inputs_digest): e for e in record.said if e is not None}.values()
    )
