"""The second voice of a forecast: what the course of a sprint says, whatever the simulation thinks.

A voice is any function from the inputs of a forecast to P(landed). It is blended with the simulation, which takes over
as completions come in. So that the promises of the forecast hold whatever voice speaks, a voice has to keep two: with
less left to do it never says less, and neither with more done.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from galaxy_desktop.assess.prior import PUBLIC_SPRINTS, OutcomePrior, prior_probability
from galaxy_desktop.domain.findings import ForecastInputs


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody's opinion of a sprint: P(landed) from the inputs, and what the formula calls it."""

    says: Callable[[ForecastInputs], float]
    name: str
    blend_completions: float = PUBLIC_SPRINTS.blend_completions

    def weight_of_simulation(self, completions: int) -> float:
        """How much the simulation counts beside this voice: 0 without completions, towards 1 with many."""
        return completions / (completions + self.blend_completions)


def days_left(inputs: ForecastInputs) -> int:
    """Days from today to the last one that counts; the due day itself does. -1 without an end."""
    return (inputs.due_on - inputs.today).days if inputs.due_on else -1


def elapsed_share(inputs: ForecastInputs) -> float | None:
    """How much of the planned time is gone at the beginning of today, 0 to 1; `None` without a start or an end."""
    if inputs.due_on is None or not inputs.planned_days:
        return None
    return min(max(1.0 - (days_left(inputs) + 1) / inputs.planned_days, 0.0), 1.0)


def voice_of(prior: OutcomePrior) -> Voice:
    """The curve of public sprints with the team's own record, see `prior`."""

    def says(inputs: ForecastInputs) -> float:
        return prior_probability(
            len(inputs.open),
            len(inputs.open) + inputs.done,
            elapsed_share(inputs),
            (inputs.past_sprints_on_time, inputs.past_sprints),
            prior,
        )

    return Voice(says, "prior of public sprints", prior.blend_completions)


PUBLIC_VOICE = voice_of(PUBLIC_SPRINTS)
"""The voice that speaks where no other was handed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """What the team's own record of forecasts corrects: logit(P) becomes intercept + slope * logit(P).

    Whoever fits it shrinks it towards the identity. The slope is held at or above zero, so that it turns no order round.
    """

    slope: float = 1.0
    intercept: float = 0.0
    sprints: int = 0

    def applied(self, share: float) -> float:
        """The corrected probability; 0 and 1 are taken as 0.1 and 99.9 %."""
        inside = min(max(share, 0.001), 0.999)
        score = self.intercept + max(self.slope, 0.0) * math.log(inside / (1.0 - inside))
        return 1.0 / (1.0 + math.exp(-min(max(score, -50.0), 50.0)))
