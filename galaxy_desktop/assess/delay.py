"""Will this item be done by the end? A small logistic model over plain facts of the item, and the simulation.

The simulation knows how long work takes; the facts (age, silence, waiting, blockers, size, a late start) weigh what they
weighed when public repositories were replayed. Those did not plan in sprints, so the level comes from elsewhere: from
how much of the work that was open in public sprints was not delivered. The weights ship as a readable file. How much
each voice counts is an assumption; the user's own sprints correct it, drawn towards it with the weight of `OWN_PRIOR`
items.

docs/delay-model.md has the data, the figures and the limits.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from galaxy_desktop.assess.delay_terms import FALLING, NAMES, RISING, Situation
from galaxy_desktop.assess.delay_words import GATHERED, evidence_of, is_known, sentence
from galaxy_desktop.domain.evidence import unique
from galaxy_desktop.domain.past_sprints import DelayReason, DelayRow, ItemDelay

Floats = NDArray[np.float64]

FORMAT: Final = "galaxy-delay-model/1"
LOWEST, HIGHEST = 0.02, 0.98
RIDGE: Final = 20.0
"""The pull of every weight to zero, or to what is assumed, in items."""
OWN_PRIOR: Final = 25.0
FACTS_SHARE, RUNS_SHARE = 0.75, 0.25
"""What each voice counts without own sprints."""
ASSUMED: Final = {"blocked": 0.7, "red": 0.4}
"""Log-odds that these add where nothing tells: the repositories learned from have no stored blockers and no builds."""
RUNS: Final = NAMES.index("runs")
REASONS: Final = 3
LEAST_SAID: Final = 0.05
"""Reasons that move the log-odds by less are not worth a sentence."""
DIGITS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class DelayModel:
    """Weights of standardized terms, and how the facts and the simulation are put together.

        log-odds = intercept + facts x (level + shift + sum of weights) + runs x log-odds of the simulation

    `level` is that of the repositories learned from, `shift` what planned sprints add to it. `facts`, `runs` and `intercept` are
    their priors until the user's own sprints have corrected them.
    """

    center: Floats
    spread: Floats
    weights: Floats
    level: float
    base_rate: float
    shift: float = 0.0
    facts: float = FACTS_SHARE
    runs: float = RUNS_SHARE
    intercept: float = 0.0

    def voices(self, rows: Sequence[Sequence[float]]) -> tuple[Floats, Floats]:
        """(log-odds by the facts, log-odds by the simulation) of rows of terms."""
        table = np.asarray(rows, dtype=np.float64).reshape(len(rows), len(NAMES))
        said = self.level + self.shift + ((table - self.center) / self.spread) @ self.weights
        return np.asarray(said), np.asarray(table[:, RUNS])

    def chances(self, rows: Sequence[Sequence[float]]) -> Floats:
        """P(not done by the end) of each row of terms."""
        facts, runs = self.voices(rows)
        return np.asarray(np.clip(_expit(self.intercept + self.facts * facts + self.runs * runs), LOWEST, HIGHEST))

    def moved(self, row: Sequence[float]) -> dict[str, float]:
        """What each group of terms adds to the log-odds of a usual item."""
        parts = self.facts * self.weights * (np.asarray(row) - self.center) / self.spread
        parts[RUNS] += self.runs * (row[RUNS] - self.level - self.shift)
        sums: Counter[str] = Counter()
        for name, part in zip(NAMES, parts.tolist(), strict=True):
            sums[GATHERED[name]] += part
        return dict(sums)


def delays(model: DelayModel, situations: Iterable[Situation]) -> tuple[ItemDelay, ...]:
    """The chance of each open item with its reasons; of which items there is one, see `delay_terms.situations`."""
    return tuple(_delay(model, one) for one in situations)


def _delay(model: DelayModel, one: Situation) -> ItemDelay:
    row = one.terms()
    moved = sorted(model.moved(row).items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    said = [(name, weight) for name, weight in moved if abs(weight) >= LEAST_SAID and is_known(name, one)][:REASONS]
    cited = {name: evidence_of(name, one) for name, _ in said}
    return ItemDelay(
        item_id=one.item.evidence_id,
        probability=round(float(model.chances([row])[0]), 2),
        reasons=tuple(
            DelayReason(
                text=sentence(name, weight, one),
                weight=round(weight, 2),
                evidence=tuple(dict.fromkeys(e.id for e in cited[name])),
            )
            for name, weight in said
        ),
        evidence=unique(e for found in cited.values() for e in found),
    )


# --- learning


def fit(rows: Sequence[DelayRow], groups: Sequence[str]) -> DelayModel:
    """Learn from replayed items; each item of a stretch weighs one, however often it was looked at.

    Args:
        rows: at least one late and one in time.
        groups: the stretch of each row.

    Raises:
        ValueError: there is nothing to learn from.
    """
    truth = np.array([row.late for row in rows], dtype=np.float64)
    if not len(rows) or truth.min() == truth.max():
        raise ValueError("items that were late and items that were in time are both needed")
    table = np.array([row.terms for row in rows], dtype=np.float64)
    weight = item_weights(rows, groups)
    center = np.average(table, axis=0, weights=weight)
    width = np.sqrt(np.average((table - center) ** 2, axis=0, weights=weight))
    spread = np.asarray(np.where(width > 1e-6, width, 1.0), dtype=np.float64)
    assumed = np.array([ASSUMED.get(name, 0.0) for name in NAMES]) * spread
    solved = _minimum((table - center) / spread, truth, weight, assumed)
    return DelayModel(
        center=np.round(center, DIGITS),
        spread=np.round(spread, DIGITS),
        weights=np.round(solved[1:], DIGITS) + 0.0,
        level=round(float(solved[0]), DIGITS),
        base_rate=round(float(np.average(truth, weights=weight)), DIGITS),
    )


def item_weights(rows: Sequence[DelayRow], groups: Sequence[str]) -> Floats:
    """One over how often each item was looked at."""
    keys = [(group, row.item) for group, row in zip(groups, rows, strict=True)]
    seen = Counter(keys)
    return np.array([1.0 / seen[key] for key in keys])


def recalibrated(model: DelayModel, rows: Sequence[DelayRow], groups: Sequence[str]) -> DelayModel:
    """The model with its two voices weighed and its level set by own items, drawn towards what it says without them."""
    if not rows:
        return model
    facts, runs = model.voices([row.terms for row in rows])
    truth = np.array([row.late for row in rows], dtype=np.float64)
    weight = item_weights(rows, groups)
    prior = np.array([0.0, FACTS_SHARE, RUNS_SHARE])

    def loss(x: Floats) -> float:
        fitted = x[0] + x[1] * facts + x[2] * runs
        missed = weight @ (np.logaddexp(0.0, fitted) - truth * fitted)
        return float(missed + OWN_PRIOR * float(((x - prior) ** 2).sum()) / 2)

    found = minimize(loss, prior, method="L-BFGS-B", bounds=[(-3.0, 3.0), (0.0, 2.0), (0.0, 2.0)])
    intercept, own_facts, own_runs = (round(float(value), 3) for value in found.x)
    return replace(model, facts=own_facts, runs=own_runs, intercept=intercept)


def shifted(model: DelayModel, late: float) -> DelayModel:
    """The model with the level of planned sprints, in which this share of the open work was late."""
    return replace(model, shift=round(_logit(late) - _logit(model.base_rate), DIGITS))


def _minimum(design: Floats, truth: Floats, weight: Floats, assumed: Floats) -> Floats:
    def objective(x: Floats) -> tuple[float, Floats]:
        fitted = x[0] + design @ x[1:]
        pulled = x[1:] - assumed
        loss = weight @ (np.logaddexp(0.0, fitted) - truth * fitted) + RIDGE * float(pulled @ pulled) / 2
        gap = weight * (_expit(fitted) - truth)
        return float(loss), np.concatenate([[gap.sum()], design.T @ gap + RIDGE * pulled])

    bounds = [(None, None), *((0.0 if n in RISING else None, 0.0 if n in FALLING else None) for n in NAMES)]
    bounds[1 + RUNS] = (0.0, 0.0)  # the simulation is the other voice
    start = np.zeros(1 + design.shape[1])
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2000, "gtol": 1e-8}
    )
    return np.asarray(found.x)


def _expit(values: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -30.0, 30.0))))


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))


# --- the file


def document(model: DelayModel, about: Mapping[str, object]) -> str:
    """The file that ships: center, spread and weight of every term, one a line."""
    rows = [
        f'    "{name}": {json.dumps([float(model.center[n]), float(model.spread[n]), float(model.weights[n])])}'
        for n, name in enumerate(NAMES)
    ]
    head = {
        "format": FORMAT,
        "what": "P(an open item is not done by the sprint's end); see docs/delay-model.md",
        **about,
        "level": model.level,
        "planned_shift": model.shift,
        "base_rate": model.base_rate,
        "columns": ["center", "spread", "weight of (value - center) / spread"],
    }
    lines = [f'  "{name}": {json.dumps(value)}' for name, value in head.items()]
    return "{\n" + ",\n".join([*lines, '  "terms": {\n' + ",\n".join(rows) + "\n  }"]) + "\n}\n"


def of_document(text: str) -> DelayModel:
    """The model in the text of a file; `ValueError` says what is wrong with it."""
    try:
        said = json.loads(text)
        if said["format"] != FORMAT:
            raise ValueError("the delay model is of another version")
        table = np.array([said["terms"][name] for name in NAMES], dtype=np.float64).reshape(len(NAMES), 3)
        model = DelayModel(
            table[:, 0],
            table[:, 1],
            table[:, 2],
            float(said["level"]),
            float(said["base_rate"]),
            float(said["planned_shift"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"the delay model is incomplete: {error}") from error
    if not np.isfinite(table).all() or not math.isfinite(model.level + model.shift) or (model.spread <= 0).any():
        raise ValueError("the delay model is out of range")
    return model
