"""When a falling probability is news: once per band, and again only after it had clearly recovered.

The bands are those of `bands`. What counts is the course of the probability since this end was set, as the ledger has
it: falling below a band is news once, wobbling around its edge is not, rising into a better band is not either. A band
is armed again when the probability has risen `MARGIN` above it. Because all of this follows from what was said before,
a program that was killed comes to the same answer when it starts again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MARGIN = 0.05
"""How far above a band the probability has to rise before falling below it is news again."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """The band that was fallen through, how often it had been before, and the probability ahead of the fall."""

    band: float
    earlier: int
    was: float | None


def crossing(said: Sequence[tuple[datetime, float]], bands: Sequence[float]) -> Crossing | None:
    """The fall that is news as of the last of these probabilities (oldest first); `None` when there is none.

    A fall stays the same news for as long as the probability has not recovered from it.
    """
    below: set[float] = set()
    falls = dict.fromkeys(bands, 0)
    told: Crossing | None = None
    before: float | None = None
    for _, p in said:
        fallen = [band for band in bands if p < band and band not in below]
        if fallen:
            band = min(fallen)
            told = Crossing(band, falls[band], before)
            for one in fallen:
                falls[one] += 1
            below.update(fallen)
        below = {band for band in below if p < band + MARGIN}
        if told is not None and told.band not in below:
            told = None
        before = p
    return told if told is not None and said[-1][1] < told.band else None
