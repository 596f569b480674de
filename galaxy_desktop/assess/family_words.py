"""What the families do to one forecast, as a number and in words.

Apart from `family_offset`, which learns, so that forecasting does not load what only learning needs.
"""

from __future__ import annotations

import math

from galaxy_desktop.assess.course import elapsed_share
from galaxy_desktop.domain.families import FamilyOffset
from galaxy_desktop.domain.findings import ForecastInputs

IN_WORDS = {
    "code": "code sent back", "text": "vague issues", "temporal": "stale reviews",
    "graph": "blocked items", "sentiment": "negative talk", "ci": "failed builds",
}  # fmt: skip
"""What each family looks at, by its name."""


def applied(probability: float, shift: float) -> float:
    """A probability moved by log-odds; the same without a shift, else 0 and 1 are taken as 0.1 and 99.9 %."""
    if not shift:
        return probability
    inside = min(max(probability, 0.001), 0.999)
    return 1.0 / (1.0 + math.exp(-(math.log(inside / (1.0 - inside)) + shift)))


def moved(probability: float, inputs: ForecastInputs, families: FamilyOffset | None) -> float:
    """The probability with what the families add to it; exactly the same where they are not used."""
    if families is None:
        return probability
    return applied(probability, families.shift(elapsed_share(inputs), inputs.troubles))


def moved_in_words(probability: float, inputs: ForecastInputs, families: FamilyOffset) -> str:
    """What the formula says of that step, "" where there was none."""
    parts = families.parts(elapsed_share(inputs), inputs.troubles)
    if not parts:
        return ""
    told = ", ".join(f"{IN_WORDS[family]} {points:+.2f}" for family, points in parts.items())
    shift = families.shift(elapsed_share(inputs), inputs.troubles)
    return f", {probability:.4f} by the six families (log-odds {shift:+.2f}: {told})"
