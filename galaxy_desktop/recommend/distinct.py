"""Never two actions that do the same thing: the better one stays, of equally good ones the cheaper.

Two actions do the same thing when

- they change the inputs of the forecast in the same way; or
- they concern the same items (one's are among the other's), are worth the same within a point, and the second adds
  nothing once the first is done. Two halves of one obstacle add to each other and are kept; two ways around
  the same obstacle do not, and the person needs only one of them.

Actions without a gain are only compared by their changes: where nothing moves, nothing moves in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from galaxy_desktop.domain.findings import Effort, Forecast, ForecastInputs
from galaxy_desktop.recommend.candidates import Candidate

SAME_GAIN = 0.01
"""Gains this near to each other are called equal: a hundred of ten thousand runs."""
NO_GAIN = 0.005
_EFFORTS = tuple(Effort)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with what it gains: in the probability shown (`None` without one), and in runs."""

    candidate: Candidate
    gain: float | None
    raw_gain: float


def without_doubles(
    weighed: Sequence[Weighed], inputs: ForecastInputs, simulate: Callable[[ForecastInputs], Forecast]
) -> list[Weighed]:
    """The same actions, best first, without those that do what a better or cheaper one does already."""
    changed = {w.candidate.about + w.candidate.kind: _changed(w.candidate, inputs) for w in weighed}
    kept: list[Weighed] = []
    for one in sorted(weighed, key=_worth):
        if not any(_same(one, other, changed, inputs, simulate) for other in kept):
            kept.append(one)
    return kept


def _worth(one: Weighed) -> tuple[float, int, int, str, str]:
    """Best first; gains within a point of each other are told apart by their price."""
    return (
        -round((one.gain or 0.0) / SAME_GAIN),
        _EFFORTS.index(one.candidate.effort),
        len(one.candidate.item_ids),
        one.candidate.kind,
        one.candidate.about,
    )


def _changed(candidate: Candidate, inputs: ForecastInputs) -> ForecastInputs | None:
    return candidate.change(inputs) if candidate.change is not None else None


def _same(
    one: Weighed,
    other: Weighed,
    changed: dict[str, ForecastInputs | None],
    inputs: ForecastInputs,
    simulate: Callable[[ForecastInputs], Forecast],
) -> bool:
    a, b = (changed[w.candidate.about + w.candidate.kind] for w in (one, other))
    if a is None or b is None:
        return False
    if a == b and a != inputs:
        return True
    if one.gain is None or other.gain is None or abs(one.gain - other.gain) > SAME_GAIN or other.gain < NO_GAIN:
        return False
    return _overlapping(one.candidate, other.candidate) and _adds_nothing(one, other, b, inputs, simulate)


def _overlapping(one: Candidate, other: Candidate) -> bool:
    mine, its = set(one.item_ids), set(other.item_ids)
    return bool(mine and its) and (mine <= its or its <= mine)


def _adds_nothing(
    one: Weighed,
    other: Weighed,
    after_other: ForecastInputs,
    inputs: ForecastInputs,
    simulate: Callable[[ForecastInputs], Forecast],
) -> bool:
    """Whether doing both is worth no more than doing the other alone, run by run with the same random numbers."""
    if one.candidate.change is None or other.gain is None:
        return False
    alone, both = simulate(after_other), simulate(one.candidate.change(after_other))
    if alone.probability is None or both.probability is None:
        return False
    raw = (both.raw_share or 0.0) - (alone.raw_share or 0.0)
    return both.probability - alone.probability <= SAME_GAIN and raw <= SAME_GAIN
