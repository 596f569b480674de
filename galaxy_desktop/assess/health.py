"""One number for the state of a sprint: seven weighted parts, each with its formula and its evidence.

Two promises shape every formula:

- *Health never moves against the forecast.* Its largest part is the probability itself, and the whole is capped
  by it: 25 + 75 * P, or 25 once the end was missed or it was closed with work left. A sprint that will not land, or did
  not, is never "Sustain".
- *Taking scope out never lowers it.* Trouble is counted, not averaged: a part is 100 * k / (k + trouble), so an item
  fewer can only mean less trouble. Where an average would be the natural choice, it would punish dropping a
  healthy item.

A part without data gives its weight to the others and says so. Whether there is data is decided by the
workspace (are there comments, workflow runs, pull requests at all?), never by what is open in the sprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from galaxy_desktop.assess.health_parts import PARTS, Draft, Situation
from galaxy_desktop.domain.facts import FeatureSet
from galaxy_desktop.domain.findings import Forecast, Health, HealthPart, NoForecast
from galaxy_desktop.domain.sprints import Snapshot, Sprint

SUSTAIN, OBSERVE = 70.0, 40.0
"""From here on the word is "Sustain", from here on "Observe"; below it is "Act"."""
FLOOR_OF_CAP = 25.0


def health(sprint: Sprint, features: FeatureSet, forecast: Forecast, snapshot: Snapshot) -> Health:
    """The health of a sprint, from 0 to 100, in parts that add up."""
    situation = Situation.of(sprint, features, forecast, snapshot)
    drafts = [(weight, make(situation)) for weight, make in PARTS]
    parts = _weighted(drafts)
    whole = sum(part.weight * part.score for part in parts)
    cap = _cap(situation)
    if cap is not None and whole > cap:
        note = f"; health is capped at {cap:.0f} by the forecast (25 + 75 x P, and 25 once the end was missed)"
        parts = (replace(parts[0], formula=parts[0].formula + note), *parts[1:])
        whole = cap
    score = round(whole, 1)
    return Health(score=score, word=word_of(score), parts=parts)


def word_of(score: float) -> str:
    """The word shown beside the number, so that color is never the only sign."""
    if score >= SUSTAIN:
        return "Sustain"
    return "Observe" if score >= OBSERVE else "Act"


def _cap(situation: Situation) -> float | None:
    forecast, ended = situation.forecast, situation.features.ended
    if ended is not None and ended.missed:
        return FLOOR_OF_CAP
    if forecast.probability is not None:
        return FLOOR_OF_CAP + (100.0 - FLOOR_OF_CAP) * forecast.probability
    left = forecast.why_none is NoForecast.CLOSED and not situation.finished
    return FLOOR_OF_CAP if left or forecast.why_none is NoForecast.END_PASSED else None


def _weighted(drafts: Sequence[tuple[float, Draft]]) -> tuple[HealthPart, ...]:
    """Share the weight of parts without data among the others; each such part stays visible with weight 0."""
    present = sum(weight for weight, draft in drafts if draft.score is not None)
    parts = []
    for weight, draft in drafts:
        if draft.score is None:
            formula = f"no data: {draft.formula}; its weight of {weight:.0%} is shared by the other parts"
            parts.append(HealthPart(name=draft.name, weight=0.0, score=0.0, formula=formula, evidence=draft.evidence))
            continue
        share = weight / present
        parts.append(
            HealthPart(
                name=draft.name,
                weight=share,
                score=round(draft.score, 1),
                formula=draft.formula,
                evidence=draft.evidence,
            )
        )
    return tuple(parts)
