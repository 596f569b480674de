"""What the six families add to the forecast, learned from the team's own ended sprints and from nothing else.

Public sprints tell nothing of moods, reviews, builds or blockers, so there is no weight to begin with. What a team's own
record can teach is added to the log-odds of landing, after the record has corrected them:

    logit(P') = logit(P) + sum over families of weight x (trouble - usual trouble at this share of the time) / usual spread

- The prior of each weight is a normal distribution around 0 that weighs as much as `PRIOR_SPRINTS` ended sprints.
- No weight is above zero: more trouble never raises P.
- There is no intercept. Whether P is too high or too low on the whole is the recalibration's business. That is why the
  families come after it and are fitted to what it leaves open; the other way round both would explain the same errors.
- Every sprint weighs one, however many looks there are at it.

**The gate.** A fit always finds something. So the families are only used when they had made things better before: walking
forward over the ended sprints, each is foretold by what had ended before it was first looked at, with the families and
without them. The log loss saved has to be above zero by more than chance (one-sided, 90 %, Student's t over sprints) and
the Brier score must not be worse. Otherwise every weight counts as zero, and a sentence says so.

Pure and deterministic: numbers in, numbers out; weights are rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from galaxy_desktop.assess.family_words import IN_WORDS
from galaxy_desktop.assess.ledger import PRIOR_SPRINTS, fitted
from galaxy_desktop.assess.scoring import log_losses, squared_errors
from galaxy_desktop.domain.facts import Family
from galaxy_desktop.domain.families import FamilyOffset, FamilyTerm, Trouble, held
from galaxy_desktop.domain.ledger import Recalibration

Floats = NDArray[np.float64]

SHARES = (0.0, 0.3, 0.5, 0.8)
"""Shares of the time at which it is known what is usual; others lie between."""
FEWEST = 10
"""Ended sprints, some landed and some missed, below which nothing is learned."""
FIRST_LEARNED = 6
"""So many ended sprints a sprint of the past is foretold by at least."""
FEWEST_SCORED = 8
"""Sprints foretold below which the gate stays shut: fewer cannot tell skill from luck."""
MOST = 120
"""The newest ended sprints are learned from; older ones were another team."""
LEAST_SPREAD = 0.05
"""A trouble that varies by less than this is always the same here."""
USUAL_PRIOR = 4.0
"""What is usual at one share of the time is drawn to what is usual at all, with the weight of so many sprints."""
SURE = 1.2816
"""The normal quantile of 90 %, one-sided: histories of noise then pass in 3 to 7 of 100 (tests, docs/forecast.md)."""
NAMES = tuple(str(family) for family in Family)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyLook:
    """A look at a sprint that ended: what was said before recalibration, what the families saw, and how it came out.

    `began` is the first day on which the sprint was looked at, `ended` the day on which it was over.
    """

    sprint: str
    began: date
    ended: date
    elapsed: float
    said: float
    landed: bool
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """Looks as arrays: one row each, sprints in the order in which they ended; `values` has a column for each family."""

    sprints: tuple[str, ...]
    place: NDArray[np.int64]
    began: tuple[date, ...]
    ended: tuple[date, ...]
    elapsed: Floats
    logits: Floats
    landed: Floats
    values: Floats
    weights: Floats

    def of(self, chosen: NDArray[np.bool_]) -> _Table:
        """The rows of some sprints."""
        rows = chosen[self.place]
        return replace(
            self, place=self.place[rows], elapsed=self.elapsed[rows], logits=self.logits[rows],
            landed=self.landed[rows], values=self.values[rows], weights=self.weights[rows],
        )  # fmt: skip


def family_offset(looks: Iterable[FamilyLook], record: Recalibration | None = None) -> FamilyOffset:
    """What the families are worth to this team, and whether they may count.

    Args:
        looks: looks at ended sprints, in any order.
        record: the recalibration in force, after which the families count; none changes nothing.
    """
    table = _table(looks)
    count, landed = len(table.sprints), int(_outcomes(table).sum())
    plain = FamilyOffset(sprints=count, shares=SHARES, prior_sprints=PRIOR_SPRINTS)
    if count < FEWEST:
        return too_few(count)
    if landed in (0, count):
        return replace(plain, sentence=_nothing(f"all {count} ended sprints ended alike"))
    known = record or Recalibration()
    terms = _fit(table, _corrected(table.logits, known.intercept, known.slope), FEWEST)
    return _through_the_gate(replace(plain, terms=terms), table)


def too_few(count: int) -> FamilyOffset:
    """Nothing, because only so many sprints have ended."""
    told = f"{count} of the {FEWEST} ended sprints needed to learn from"
    return FamilyOffset(sprints=count, shares=SHARES, prior_sprints=PRIOR_SPRINTS, sentence=_nothing(told))


# --- the table


def _table(looks: Iterable[FamilyLook]) -> _Table:
    every = sorted(looks, key=lambda one: (one.ended, one.sprint, one.elapsed, one.said))
    order = list(dict.fromkeys(one.sprint for one in every))[-MOST:]
    number = {sprint: n for n, sprint in enumerate(order)}
    kept = [one for one in every if one.sprint in number]
    place = np.array([number[one.sprint] for one in kept], dtype=np.int64)
    said = np.clip(np.array([one.said for one in kept], dtype=np.float64), 0.001, 0.999)
    own = np.bincount(place, minlength=len(order)) if kept else np.zeros(0)
    first = {one.sprint: one for one in reversed(kept)}
    return _Table(
        sprints=tuple(order),
        place=place,
        began=tuple(min(one.began for one in kept if one.sprint == sprint) for sprint in order),
        ended=tuple(first[sprint].ended for sprint in order),
        elapsed=np.array([one.elapsed for one in kept], dtype=np.float64),
        logits=np.log(said / (1.0 - said)),
        landed=np.array([one.landed for one in kept], dtype=np.float64),
        values=np.array([_values(one.troubles) for one in kept], dtype=np.float64).reshape(len(kept), len(NAMES)),
        weights=1.0 / own[place] if kept else np.zeros(0),
    )


def _values(troubles: Iterable[Trouble]) -> list[float]:
    found = {one.family: one.value for one in troubles}
    return [math.nan if (value := found.get(name)) is None else value for name in NAMES]


def _outcomes(table: _Table) -> Floats:
    """1 or 0 for every sprint that has rows, in order."""
    _, rows = np.unique(table.place, return_index=True)
    return table.landed[rows]


# --- the fit


def _fit(table: _Table, logits: Floats, fewest: int) -> tuple[FamilyTerm, ...]:
    """A term for each family; `logits` are those that the terms are added to."""
    terms = [_measured(name, table, table.values[:, n], fewest) for n, name in enumerate(NAMES)]
    alive = [n for n, term in enumerate(terms) if not term.why_none]
    if alive:
        design = np.column_stack([_standard(terms[n], table.elapsed, table.values[:, n]) for n in alive])
        found = _weights(design, logits, table.landed, table.weights)
        for n, weight in zip(alive, found, strict=True):
            told = "" if weight else "it went with missed sprints no more than with landed ones"
            terms[n] = replace(terms[n], weight=weight, why_none=told)
    return tuple(terms)


def _measured(name: str, table: _Table, values: Floats, fewest: int) -> FamilyTerm:
    """What is usual of one family, and how far sprints are from it."""
    known = ~np.isnan(values)
    sprints = len(np.unique(table.place[known]))
    if sprints < fewest:
        return FamilyTerm(family=name, sprints=sprints, why_none=f"known in {sprints} of {fewest} sprints needed")
    weights, seen = table.weights[known], values[known]
    mean = float(np.average(seen, weights=weights))
    nearest = np.abs(table.elapsed[known][:, None] - np.array(SHARES)).argmin(axis=1)
    usual = []
    for n in range(len(SHARES)):
        here = nearest == n
        # A look weighs 1 / looks at its sprint; of one share there is about one of each sprint, so here it weighs one.
        usual.append((float(seen[here].sum()) + USUAL_PRIOR * mean) / (float(here.sum()) + USUAL_PRIOR))
    away = seen - np.interp(table.elapsed[known], SHARES, usual)
    spread = float(np.sqrt(np.average(away**2, weights=weights)))
    if spread < LEAST_SPREAD:
        return FamilyTerm(family=name, sprints=sprints, why_none="it was nearly always the same")
    return FamilyTerm(
        family=name, sprints=sprints, spread=round(spread, 4), usual=tuple(round(value, 4) for value in usual)
    )


def _standard(term: FamilyTerm, elapsed: Floats, values: Floats) -> Floats:
    """How many usual spreads each look has more trouble than usual; 0 where that is not known."""
    unit = replace(term, weight=1.0)
    told = (None if math.isnan(value) else float(value) for value in values)
    return np.array([unit.points(float(e), SHARES, value) for e, value in zip(elapsed, told, strict=True)])


def _weights(design: Floats, logits: Floats, landed: Floats, weights: Floats) -> list[float]:
    """The most likely weights at or below zero: Newton's method, one weight at a time, on a convex loss.

    The curvature of the log loss of one sprint is 1/4 at most, so `PRIOR_SPRINTS` sprints weigh a quarter of that each.
    """
    pull = PRIOR_SPRINTS / 4.0
    beta = np.zeros(design.shape[1])
    score = logits.copy()
    for _ in range(60):
        largest = 0.0
        for n in range(len(beta)):
            p = 1.0 / (1.0 + np.exp(-np.clip(score, -30.0, 30.0)))
            column = design[:, n]
            gradient = float(np.sum(weights * (p - landed) * column)) + pull * beta[n]
            # A quarter bounds the curvature from above, so no step goes too far.
            curvature = float(np.sum(weights * column**2)) / 4.0 + pull
            step = min(float(beta[n]) - gradient / curvature, 0.0) - float(beta[n])
            beta[n] += step
            score += step * column
            largest = max(largest, abs(step))
        if largest < 1e-7:
            break
    return [float(round(value, 4)) + 0.0 for value in beta]


def _corrected(logits: Floats, intercept: float, slope: float) -> Floats:
    return np.asarray(intercept + slope * logits, dtype=np.float64)


# --- the gate


def _through_the_gate(offset: FamilyOffset, table: _Table) -> FamilyOffset:
    """The offset with what walking forward said of it."""
    saved = _walk_forward(table)
    if len(saved) < FEWEST_SCORED:
        missing = f"{len(saved)} of {FEWEST_SCORED} sprints could be foretold by earlier ones"
        return replace(offset, scored=len(saved), sentence=_nothing(missing))
    gains, briers = np.array(saved).T
    low = _surely(gains)
    gain, brier = float(gains.mean()), float(briers.mean())
    told = replace(
        offset, scored=len(saved), gain=round(gain, 4), low=round(low, 4), brier_gain=round(brier, 4)
    )  # fmt: skip
    working = any(term.weight for term in offset.terms)
    used = working and low > 0.0 and brier >= 0.0
    return replace(told, used=used, sentence=_in_words(told, working=working, used=used))


def _walk_forward(table: _Table) -> list[tuple[float, float]]:
    """For each sprint that earlier ones could foretell, the mean log loss and Brier score that the families saved."""
    outcomes = _outcomes(table)
    saved = []
    for n in range(len(table.sprints)):
        chosen = np.array([end < table.began[n] for end in table.ended])
        earlier = outcomes[chosen]
        if len(earlier) < FIRST_LEARNED or earlier.min() == earlier.max():
            continue
        mine = table.place == n
        saved.append(_saved(table.of(chosen), table, mine, recalibrated=len(earlier) >= FEWEST))
    return saved


def _saved(past: _Table, table: _Table, mine: NDArray[np.bool_], *, recalibrated: bool) -> tuple[float, float]:
    intercept, slope = fitted(past.logits, past.landed, past.weights) if recalibrated else (0.0, 1.0)
    terms = _fit(past, _corrected(past.logits, intercept, slope), FIRST_LEARNED)
    before = _corrected(table.logits[mine], intercept, slope)
    shift = np.zeros(len(before))
    for n, term in enumerate(terms):
        if term.weight:
            shift += term.weight * _standard(term, table.elapsed[mine], table.values[mine, n])
    if not shift.any():
        return 0.0, 0.0
    happened = table.landed[mine]
    plain, moved = _shown(before), _shown(before + np.array([held(value) for value in shift]))
    return (
        float(np.mean(log_losses(happened, plain) - log_losses(happened, moved))),
        float(np.mean(squared_errors(happened, plain) - squared_errors(happened, moved))),
    )


def _shown(logits: Floats) -> Floats:
    """Probabilities as they are shown, between 5 and 95 %."""
    return np.clip(1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0))), 0.05, 0.95)


def _surely(gains: Floats) -> float:
    """What is saved on average with 90 % confidence at least; quantile of Student's t after Fisher and Cornish (1960)."""
    free, z = len(gains) - 1, SURE
    t = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    return float(gains.mean() - t * gains.std(ddof=1) / math.sqrt(len(gains)))


# --- in words


def _nothing(why: str) -> str:
    return f"The six families shift nothing: {why}."


def _in_words(told: FamilyOffset, *, working: bool, used: bool) -> str:
    if not working:
        return _nothing(f"in {told.sprints} ended sprints none of them went with missing the end")
    walk = (
        f"walking forward over {told.scored} sprints they saved {told.gain:+.3f} log loss a sprint "
        f"(with 90 % confidence at least {told.low:+.3f}) and {told.brier_gain:+.4f} Brier score"
    )
    if not used:
        return _nothing(f"{walk}, which is no more than luck explains")
    weights = ", ".join(f"{IN_WORDS[t.family]} {t.weight:+.2f}" for t in told.terms if t.weight)
    return (
        f"The six families shift the log-odds for each usual spread of more trouble: {weights}. Learned from "
        f"{told.sprints} ended sprints, drawn to nothing with the weight of {told.prior_sprints:g}; {walk}."
    )


def looks_near_shares(elapsed: Sequence[float], near: float = 0.15) -> list[int]:
    """Of the looks at one sprint the places of those nearest to each share of the time, each once, ascending."""
    found = set()
    for share in SHARES:
        best = min(range(len(elapsed)), key=lambda n: (abs(elapsed[n] - share), n), default=None)
        if best is not None and abs(elapsed[best] - share) <= near:
            found.add(best)
    return sorted(found)
