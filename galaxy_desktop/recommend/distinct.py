"""Never two actions that do the same thing: the better one stays, of equally good ones the cheaper.

Two actions do the same thing when

- they change the inputs of the forecast in the same way; or
- they concern the same items (one's are among the other's), are worth the same within a point, and the second adds
  nothing once the first is done. Two halves of one obstacle add to each other and are kept; two ways around
  the same obstacle do not, and the person needs only one of them.

Actions without a gain are only compared by their changes: where nothing moves, nothing moves in the same way.

And never two side by side of which one contains the other: moving seven items out contains dropping one of them, or
splitting it. Whoever does the larger one has done the smaller one; whoever begins with the smaller one has begun the larger
one. The one with more gain for each minute of work stays, and names the other inside it. Dropping one item and splitting
it are a choice, not parts of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from galaxy_desktop.domain.findings import Effort, Forecast, ForecastInputs
from galaxy_desktop.recommend.candidates import Candidate

SAME_GAIN = 0.01
"""Gains this near to each other are called equal: a hundred of ten thousand runs."""
NO_GAIN = 0.005
TAKES_OUT, TAKES_HALF = "drop_or_move", "split"
_EFFORTS = tuple(Effort)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with what it gains: in the probability shown (`None` without one), and in runs.

    `interval` bounds the gain; `inside` are actions that it contains or that contain it, the best first.
    """

    candidate: Candidate
    gain: float | None
    raw_gain: float
    interval: tuple[float, float] | None = None
    inside: tuple[Weighed, ...] = ()


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


def folded(weighed: Sequence[Weighed]) -> list[Weighed]:
    """The same actions in the same order, without those that contain, or are contained in, one with more gain per minute."""
    kept: list[Weighed] = []
    inside: dict[int, list[Weighed]] = {}
    for one in sorted(weighed, key=lambda w: (-_per_minute(w), -(w.gain or 0.0))):
        place = next((n for n, other in enumerate(kept) if _contains(one, other) or _contains(other, one)), None)
        if place is None:
            kept.append(one)
        else:
            inside.setdefault(place, []).append(one)
    full = [replace(one, inside=tuple(inside.get(n, ()))) for n, one in enumerate(kept)]
    return sorted(full, key=lambda w: next(n for n, old in enumerate(weighed) if old.candidate is w.candidate))


def _per_minute(one: Weighed) -> float:
    return (one.gain or 0.0) / one.candidate.cost


def _contains(large: Weighed, small: Weighed) -> bool:
    """Whether doing the one does the other as well; only actions with a gain can stand inside each other."""
    a, b = large.candidate, small.candidate
    if large.gain is None or small.gain is None or not b.item_ids or not set(b.item_ids) < set(a.item_ids):
        return False
    return a.kind == TAKES_OUT and b.kind in (TAKES_OUT, TAKES_HALF)


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
