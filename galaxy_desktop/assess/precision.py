"""How precise each rule is: the shipped figure, the user's own past, and what follows for alerts.

The shipped figures come from a replay of public repositories (docs/risks.md says which and when). The user's own past is
added to them as to a beta prior that weighs at most `PRIOR_FIRINGS` firings, so that a rule that is right elsewhere
and wrong here loses its alerts after some ten firings, and the other way round. Intervals of one repository's figures are
drawn by stretches, because the firings of one sprint are not independent; with few stretches Wilson's is used.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from galaxy_desktop.assess.replay import OF_SPRINTS
from galaxy_desktop.assess.risk_rules import KINDS
from galaxy_desktop.assess.scoring import draw_groups, drawn_means, interval
from galaxy_desktop.domain.past_sprints import Precision, RuleFiring, Stretch

FORMAT: Final = "galaxy-rule-precision/1"
PRIOR_FIRINGS: Final = 20.0
FEWEST_MEASURED: Final = 10
"""Below so many firings a figure says nothing, and a rule counts as not measured."""
ALERTS_FROM: Final = 0.5
RESAMPLES, SEED = 2_000, 11
FEWEST_GROUPS: Final = 8
Z90: Final = 1.6448536269514722


def measured(stretches: Sequence[Stretch]) -> tuple[Precision, ...]:
    """The precision of every rule over these stretches, in the order of the rules."""
    return tuple(_of_kind(kind, stretches) for kind in KINDS)


def wilson(right: int, fired: int) -> tuple[float, float]:
    """The 90 % interval of a share (Wilson, Journal of the American Statistical Association 1927)."""
    share, spread = right / fired, Z90 * Z90 / fired
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def _of_kind(kind: str, stretches: Sequence[Stretch]) -> Precision:
    found = [(s.key, one) for s in stretches for one in s.firings if one.kind == kind]
    if not found:
        return Precision(kind=kind, fired=0, right=0)
    right = sum(one.bad for _, one in found)
    low, high = _interval(found, right)
    base, matched = _base(kind, stretches, [one for _, one in found])
    return Precision(
        kind=kind,
        fired=len(found),
        right=right,
        share=round(right / len(found), 4),
        low=round(low, 4),
        high=round(high, 4),
        base=None if base is None else round(base, 4),
        lift=None if not base or matched is None else round(matched / base, 3),
    )


def _interval(found: Sequence[tuple[str, RuleFiring]], right: int) -> tuple[float, float]:
    groups = [key for key, _ in found]
    plain = wilson(right, len(found))
    if len(set(groups)) < FEWEST_GROUPS:
        return plain
    drawn = interval(drawn_means([float(one.bad) for _, one in found], draw_groups(groups, RESAMPLES, SEED))) or plain
    return min(drawn[0], plain[0]), max(drawn[1], plain[1])


def _base(kind: str, stretches: Sequence[Stretch], found: Sequence[RuleFiring]) -> tuple[float | None, float | None]:
    """(how often it came without a warning, how often with one), over firings that have something to be compared with."""
    if kind in OF_SPRINTS:
        if kind != "scope_growth":
            return None, None
        silent = [s for s in stretches if s.landed is not None and all(one.kind != kind for one in s.firings)]
        share = sum(one.bad for one in found) / len(found)
        return (sum(not s.landed for s in silent) / len(silent), share) if silent else (None, None)
    compared = [(one.bad, one.base) for one in found if one.base is not None]
    if not compared:
        return None, None
    return float(np.mean([base for _, base in compared])), float(np.mean([bad for bad, _ in compared]))


# --- the shipped figures, and what the user's own past makes of them


def of_document(text: str) -> dict[str, Precision]:
    """The figures in the text of a file; `ValueError` says what is wrong with it."""
    try:
        said = json.loads(text)
        if said["format"] != FORMAT:
            raise ValueError("the figures of the rules are of another version")
        found = {kind: Precision(kind=kind, **row) for kind, row in said["rules"].items() if kind in KINDS}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the figures of the rules are incomplete: {error}") from error
    for one in found.values():
        if not 0 <= one.right <= one.fired:
            raise ValueError(f"the figures of {one.kind} are out of range")
    return found


def document(figures: Iterable[Precision], about: Mapping[str, object]) -> str:
    """The file that ships, one rule a line; `about` says which data and when."""
    rows = [
        f'    "{one.kind}": '
        + json.dumps({n: getattr(one, n) for n in ("fired", "right", "share", "low", "high", "base", "lift")})
        for one in figures
    ]
    head = [f'  "{name}": {json.dumps(value)}' for name, value in {"format": FORMAT, **about}.items()]
    return "{\n" + ",\n".join([*head, '  "rules": {\n' + ",\n".join(rows) + "\n  }"]) + "\n}\n"


def is_measured(one: Precision | None) -> bool:
    """Whether there are enough firings for a figure."""
    return one is not None and one.fired >= FEWEST_MEASURED


def here(shipped: Precision | None, own: Precision | None) -> float | None:
    """The share of warnings that come true here: own firings on top of the shipped figure; `None` if not measured.

    The shipped figure counts for `PRIOR_FIRINGS` firings at most. Where nothing is shipped, own firings count from
    `FEWEST_MEASURED` on, drawn towards one half with the weight of two.
    """
    fired, right = (own.fired, own.right) if own else (0, 0)
    if shipped is not None and is_measured(shipped):
        weight = min(float(shipped.fired), PRIOR_FIRINGS)
        return (right + weight * shipped.right / shipped.fired) / (fired + weight)
    together = fired + (shipped.fired if shipped else 0)
    if together < FEWEST_MEASURED:
        return None
    return (right + (shipped.right if shipped else 0) + 1.0) / (together + 2.0)


def silenced(shipped: Mapping[str, Precision], own: Iterable[Precision]) -> frozenset[str]:
    """The rules that must not alert: measured, and right in less than half of their firings."""
    mine = {one.kind: one for one in own}
    shares = {kind: here(shipped.get(kind), mine.get(kind)) for kind in KINDS}
    return frozenset(kind for kind, share in shares.items() if share is not None and share < ALERTS_FROM)


def in_words(one: Precision | None) -> str:
    """The figure as the documentation says it: "62 % (n = 48)", or that it was not measured."""
    if one is None or one.share is None or not is_measured(one):
        return f"not measured (n = {one.fired if one else 0})"
    return f"{one.share:.0%} (n = {one.fired})".replace("%", " %")
