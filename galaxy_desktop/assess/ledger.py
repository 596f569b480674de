"""Keeping score: how a sprint came out, how good what was said of it was, and what to make of that.

A sprint is judged by the last end that was seen before that end passed, so that moving an end after the fact rewrites
nothing. Several entries of one sprint are not several pieces of evidence: each sprint weighs one in every number, and the
intervals come from drawing sprints, not entries. Formulas and sources are in docs/trust.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from galaxy_desktop.assess.scoring import draw_groups, drawn_means, interval, log_losses, skill, squared_errors
from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.landing import ended_at, landed, last_moment
from galaxy_desktop.domain.ledger import LedgerEntry, Outcome, Recalibration, ReliabilityBin, Score, Skill
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import WorkItem

Floats = npt.NDArray[np.float64]

ALTERNATIVES = ("base_rate", "linear_burn")
IN_WORDS = {"base_rate": "a simple average", "linear_burn": "a straight line"}
RESAMPLES = 1_000
BINS = ((0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.0))
FEWEST_TO_RECALIBRATE = 10
PRIOR_SPRINTS = 20.0
"""The weight of "change nothing" in sprints: with as many ended sprints, half of what they say is believed."""
LEAST_SCALE = 0.5
"""The mean squared logit that the pull on the slope takes at least, so that forecasts near one half bend nothing."""
LAST_SPRINTS = 10
FEWEST_TO_JUDGE = 5


# --- outcomes


def items_then(sprint: Sprint, then: Snapshot) -> tuple[WorkItem, ...]:
    """The items that were in a sprint in a snapshot of the past, whatever is in it now."""
    numbers = {(m.repository_id, m.number) for m in then.milestones_of(sprint)}
    wanted = set(sprint.iterations)
    planned = {
        (item.repository_id, item.item_number)
        for board in then.boards
        for iteration in board.iterations
        if iteration.evidence_id in wanted
        for item in board.items
        if item.iteration_id == iteration.id
    }
    return tuple(
        i
        for i in then.items
        if (i.repository_id, i.milestone_number) in numbers or (i.repository_id, i.number) in planned
    )


def outcome_of(sprint: Sprint, end: date, then: Snapshot, now: datetime) -> Outcome | None:
    """How a sprint came out; `then` is the workspace at `ended_at`. `None` when nothing was in it."""
    items = items_then(sprint, then)
    if not items:
        return None
    left = sum(item.is_open for item in items)
    day = min(local_day(ended_at(sprint, end, now), now), end)
    done = len(items) - left
    passed = "it was closed" if sprint.closed_at and sprint.closed_at <= last_moment(end, now) else "its end passed"
    return Outcome(
        sprint_id=sprint.id,
        landed=landed(item.is_open for item in items) is True,
        due_on=end,
        ended_on=day,
        delivered=sum(item.delivered for item in items),
        committed=len(items),
        why=f"{done} of {len(items)} items were done when {passed} on {day.isoformat()}; the end was {end.isoformat()}",
    )


# --- scores


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry with a probability, and whether its sprint landed."""

    entry: LedgerEntry
    probability: float
    landed: bool


def judged(
    entries: Iterable[LedgerEntry], outcomes: Mapping[str, Outcome], *, raw: bool = False
) -> tuple[list[Judged], int]:
    """The entries that can be scored, and how many cannot because they spoke of an end that was moved.

    `raw` takes what was said before recalibration.
    """
    found: list[Judged] = []
    other = 0
    for entry in entries:
        outcome = outcomes.get(entry.sprint_id)
        said = entry.before_recalibration if raw and entry.before_recalibration is not None else entry.probability
        if outcome is None or said is None:
            continue
        if entry.due_on != outcome.due_on:
            other += 1
        else:
            found.append(Judged(entry, said, outcome.landed))
    return found, other


def score(entries: Iterable[LedgerEntry], outcomes: Mapping[str, Outcome], *, seed: int = 0) -> Score:
    """How good these entries were."""
    found, other = judged(entries, outcomes)
    sprints = {one.entry.sprint_id: one.landed for one in found}
    weights = sprint_weights([one.entry.sprint_id for one in found])
    p = np.array([one.probability for one in found])
    y = np.array([float(one.landed) for one in found])
    return Score(
        sprints=len(sprints),
        landed=sum(sprints.values()),
        entries=len(found),
        brier=_mean(squared_errors(y, p), weights) if found else None,
        log_loss=_mean(log_losses(y, p), weights) if found else None,
        skills=tuple(_skill(name, found, seed) for name in ALTERNATIVES),
        bins=reliability(found),
        other_end=other,
    )


def sprint_weights(sprints: Sequence[str]) -> Floats:
    """A weight for each entry, so that those of one sprint add up to the same as those of any other."""
    counts = {sprint: sprints.count(sprint) for sprint in set(sprints)}
    return np.array([1.0 / counts[sprint] for sprint in sprints])


def _mean(values: Floats, weights: Floats) -> float:
    return round(float(np.average(values, weights=weights)), 6)


def _skill(name: str, found: Sequence[Judged], seed: int) -> Skill:
    """1 - Brier / Brier of the alternative, over the entries for which it had a number, with an interval by sprint."""
    pairs: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in found:
        other = one.entry.baselines.get(name)
        if other is not None:
            y = float(one.landed)
            pairs[one.entry.sprint_id].append(((one.probability - y) ** 2, (other - y) ** 2))
    if not pairs:
        return Skill(against=name, value=None, low=None, high=None, sprints=0)
    names = sorted(pairs)
    ours, theirs = np.array([np.mean(pairs[sprint], axis=0) for sprint in names]).T
    drawn = draw_groups(names, RESAMPLES, seed)
    resampled = [_ratio(a, b) for a, b in zip(drawn_means(ours, drawn), drawn_means(theirs, drawn), strict=True)]
    bounds = interval([r for r in resampled if r is not None]) if len(names) > 1 else None
    low, high = bounds if bounds is not None else (None, None)
    return Skill(against=name, value=_ratio(ours.mean(), theirs.mean()), low=low, high=high, sprints=len(names))


def _ratio(ours: float, theirs: float) -> float | None:
    """The skill out of two Brier scores; against an alternative that was never wrong it is -1 where we were."""
    found = skill(float(ours), float(theirs))
    if found is None:
        return -1.0 if ours > 0.0 else None
    return round(found, 4)


def reliability(found: Sequence[Judged]) -> tuple[ReliabilityBin, ...]:
    """Bins of what was said that hold a sprint, the lowest first; a sprint counts once in each bin it was in."""
    bins = []
    for low, high in BINS:
        inside: defaultdict[str, list[Judged]] = defaultdict(list)
        for one in found:
            if low <= one.probability < high or (high == 1.0 and one.probability == 1.0):
                inside[one.entry.sprint_id].append(one)
        if not inside:
            continue
        said = sum(sum(o.probability for o in own) / len(own) for own in inside.values()) / len(inside)
        landed = sum(own[0].landed for own in inside.values())
        words = f"When we said about {100.0 * said:.0f} %, it happened {times(landed)} in {len(inside)}."
        bins.append(
            ReliabilityBin(low=low, high=high, said=round(said, 4), sprints=len(inside), landed=landed, words=words)
        )
    return tuple(bins)


def times(count: int) -> str:
    """How often, in words: "never", "once", "9 times"."""
    return {0: "never", 1: "once"}.get(count, f"{count} times")


# --- recalibration


def recalibration(
    entries: Iterable[LedgerEntry], outcomes: Mapping[str, Outcome], *, fewest: int = FEWEST_TO_RECALIBRATE
) -> Recalibration:
    """What the record says about our probabilities: a slope and an intercept on logits, pulled to 1 and 0.

    Fitted to what was said before recalibration, or each correction would be corrected again. Below `fewest` ended
    sprints, and while all of them ended the same way, nothing is changed.
    """
    found, _ = judged(entries, outcomes, raw=True)
    ended = {one.entry.sprint_id: one.landed for one in found}
    if len(ended) < fewest or len(set(ended.values())) < 2:
        missing = f"{len(ended)} of {fewest} ended sprints" if len(ended) < fewest else "all sprints ended alike"
        return Recalibration(
            sprints=len(ended),
            prior_sprints=PRIOR_SPRINTS,
            formula=f"No correction: {missing}, too little to learn from.",
        )
    weights = sprint_weights([one.entry.sprint_id for one in found])
    held = np.clip([one.probability for one in found], 0.001, 0.999)
    logits = np.log(held / (1.0 - held))
    y = np.array([float(one.landed) for one in found])
    intercept, slope = fitted(logits, y, weights)
    return Recalibration(
        slope=slope,
        intercept=intercept,
        sprints=len(ended),
        prior_sprints=PRIOR_SPRINTS,
        formula=(
            f"logit(p') = {intercept:+.3f} + {slope:.3f} x logit(p), learned from {len(ended)} ended sprints and pulled "
            f"to no change with the weight of {PRIOR_SPRINTS:g}"
        ),
    )


def fitted(logits: Floats, y: Floats, weights: Floats) -> tuple[float, float]:
    """Intercept and slope by Newton's method on the weighted log loss with a normal prior around 0 and 1.

    The curvature of the log loss of one sprint is 1/4 at most, so `PRIOR_SPRINTS` sprints weigh a quarter of that each.
    """
    design = np.column_stack([np.ones_like(logits), logits])
    center = np.array([0.0, 1.0])
    scale = float(np.sum(weights * logits**2) / np.sum(weights))
    pull = np.diag([PRIOR_SPRINTS / 4.0, PRIOR_SPRINTS / 4.0 * max(scale, LEAST_SCALE)])
    beta = center.copy()
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30.0, 30.0)))
        gradient = design.T @ (weights * (p - y)) + pull @ (beta - center)
        curvature = (design * (weights * p * (1.0 - p))[:, None]).T @ design + pull
        step = np.linalg.solve(curvature, gradient)
        # Far from the optimum a whole step may overshoot; the loss is convex, so shorter steps always arrive.
        beta = beta - step * min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-10:
            break
    return round(float(beta[0]), 4), round(max(float(beta[1]), 0.0), 4)


# --- in words


def last_ended(
    entries: Sequence[LedgerEntry], outcomes: Mapping[str, Outcome], count: int = LAST_SPRINTS
) -> list[LedgerEntry]:
    """The entries of the sprints that ended last."""
    told = {entry.sprint_id for entry in entries if entry.probability is not None}
    ended = sorted((o for o in outcomes.values() if o.sprint_id in told), key=lambda o: (o.ended_on, o.sprint_id))
    chosen = {outcome.sprint_id for outcome in ended[-count:]}
    return [entry for entry in entries if entry.sprint_id in chosen]


def verdict(lately: Score, where: str = "") -> tuple[str, bool]:
    """Whether to believe the number, in a sentence, and whether that sentence is no warning.

    `lately` scores the last sprints; `where` says what they are ("in the replay of your past sprints").
    """
    average, line = lately.against("base_rate"), lately.against("linear_burn")
    if lately.sprints < FEWEST_TO_JUDGE:
        count = f"{lately.sprints} of the {FEWEST_TO_JUDGE} sprints needed have ended"
        place = f" {where}" if where else ""
        return f"Nobody can say yet how good this forecast is: {count}{place}.", True
    known = [s for s in (average, line) if s is not None and s.value is not None and s.sprints >= FEWEST_TO_JUDGE]
    place = f" {where}" if where else ""
    beaten = next((s for s in known if s.value is not None and s.value <= 0.0), None)
    if beaten is not None:
        return (
            f"This forecast is not beating {IN_WORDS[beaten.against]}. Its skill was {beaten.told(beaten.value)} over the last "
            f"{beaten.sprints} sprints{place}.",
            False,
        )
    if not known:
        return "There is nothing to compare this forecast with yet: no plain alternative had a number.", True
    told = " and ".join(f"{IN_WORDS[s.against]} by {_percent(s.value)}" for s in known)
    sure = all(s.low is not None and s.low > 0.0 for s in known)
    but = "" if sure else " That may still be luck."
    return f"This forecast beats {told} over the last {lately.sprints} sprints{place}.{but}", True


def _percent(value: float | None) -> str:
    return f"{100.0 * (value or 0.0):.0f} %"
