"""What is known of sprints in general, for when little is known of this one.

A logistic curve of two numbers, fitted to 532 sprints of five public projects that were seen at 0, 30, 50 and 80 % of
their time with work left (`resources/outcome_prior.json` names source and method; a test keeps both the same):

    pace     = (open / all) / max(time left share, 0.02)          1 means exactly on course
    logit(P) = intercept - log_pace * ln(pace + 0.05) - elapsed * elapsed share

Both slopes are positive, so more work left or less time left never raises it. A team's own record of past
sprints moves it: the record counts as if the public base rate had been seen `record_weight` times before.
The simulation takes over as completions come in: it weighs n / (n + `blend_completions`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LEAST_TIME_LEFT = 0.02
PACE_OFFSET = 0.05
UNKNOWN_ELAPSED = 0.5
"""Taken when a sprint has no start: the middle, where the curve says least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomePrior:
    """The parameters of the curve and of its weight against the simulation."""

    intercept: float
    log_pace: float
    elapsed: float
    base_rate: float
    record_weight: float
    blend_completions: float


PUBLIC_SPRINTS = OutcomePrior(
    intercept=0.3402, log_pace=0.3956, elapsed=1.4714, base_rate=0.4358, record_weight=5.0, blend_completions=20.0
)
"""Fitted parameters; see `resources/outcome_prior.json`."""


def prior_probability(
    open_items: int,
    all_items: int,
    elapsed: float | None,
    record: tuple[int, int] = (0, 0),
    prior: OutcomePrior = PUBLIC_SPRINTS,
) -> float:
    """P(done by the end) from the course of the sprint alone; `record` is (past sprints on time, past sprints)."""
    share = UNKNOWN_ELAPSED if elapsed is None else min(max(elapsed, 0.0), 1.0)
    pace = (open_items / max(all_items, 1)) / max(1.0 - share, LEAST_TIME_LEFT)
    score = prior.intercept - prior.log_pace * math.log(pace + PACE_OFFSET) - prior.elapsed * share
    on_time, past = record
    own = (on_time + prior.record_weight * prior.base_rate) / (past + prior.record_weight)
    score += _logit(own) - _logit(prior.base_rate)
    return 1.0 / (1.0 + math.exp(-score))


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))
