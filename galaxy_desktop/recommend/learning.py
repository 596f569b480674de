"""What a person's verdicts say about kinds of actions: a weight for the order, and for nothing else.

Each verdict says how useful an action of its kind was to this person, from 0 (dismissed) to 1 (accepted, done, and the
probability moved as promised). The mean of a kind is drawn towards one half with the strength of eight verdicts, and the
weight is one half more than that mean: 1 while nothing is known, never below 0.5 or above 1.5. So one verdict moves
little, twenty of a kind move a lot, and an action that is worth three times as much as another stays above it whatever
was said. The gain shown never changes, and which actions are shown at all is decided without the weight.

A dismissal because something was done already says nothing about the kind, so it counts as one half.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from galaxy_desktop.domain.findings import LearnedWeight, Verdict

PRIOR_VERDICTS = 8.0
PRIOR_MEAN = 0.5
LOWEST, HIGHEST = 0.5, 1.5
WORTH_SAYING = 0.04
"""How far from 1 a weight has to be before it is spoken of."""

ACCEPTED, HELPED, DID_NOT_HELP = 0.75, 1.0, 0.35
DISMISSED, DONE_ALREADY, SNOOZED = 0.0, 0.5, 0.4
_DONE_ALREADY = re.compile(r"\b(already|done|elsewhere|finished|fixed|merged|closed)\b", re.IGNORECASE)
_NOT_DONE = re.compile(r"\b(not|never|isn't|won't|can't)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAdvice:
    """One action of the past: what was said of it, why, and whether it helped where it was done."""

    kind: str
    verdict: Verdict
    reason: str = ""
    helped: bool | None = None


def usefulness(one: PastAdvice) -> float:
    """How useful the action was to the person, from 0 to 1."""
    if one.verdict is Verdict.ACCEPTED:
        return ACCEPTED if one.helped is None else HELPED if one.helped else DID_NOT_HELP
    if one.verdict is Verdict.SNOOZED:
        return SNOOZED
    done = _DONE_ALREADY.search(one.reason) and not _NOT_DONE.search(one.reason)
    return DONE_ALREADY if done else DISMISSED


def learned(past: Iterable[PastAdvice]) -> dict[str, LearnedWeight]:
    """The weight of every kind that something was said of, by kind."""
    by_kind: dict[str, list[PastAdvice]] = defaultdict(list)
    for one in past:
        by_kind[one.kind].append(one)
    return {kind: _weight(kind, told) for kind, told in sorted(by_kind.items())}


def _weight(kind: str, told: list[PastAdvice]) -> LearnedWeight:
    mean = (PRIOR_VERDICTS * PRIOR_MEAN + sum(map(usefulness, told))) / (PRIOR_VERDICTS + len(told))
    weight = round(min(max(0.5 + mean, LOWEST), HIGHEST), 4)
    said = {verdict: sum(one.verdict is verdict for one in told) for verdict in Verdict}
    found = LearnedWeight(
        kind=kind,
        weight=weight,
        accepted=said[Verdict.ACCEPTED],
        dismissed=said[Verdict.DISMISSED],
        snoozed=said[Verdict.SNOOZED],
        helped=sum(one.helped is True for one in told),
        not_helped=sum(one.helped is False for one in told),
        sentence="",
    )
    return LearnedWeight(**{name: getattr(found, name) for name in _FIELDS}, sentence=_in_words(found, len(told)))


_FIELDS = ("kind", "weight", "accepted", "dismissed", "snoozed", "helped", "not_helped")


def _in_words(found: LearnedWeight, count: int) -> str:
    """Why actions of the kind stand where they stand; "" while the weight is next to 1."""
    if abs(found.weight - 1.0) < WORTH_SAYING:
        return ""
    if found.weight > 1.0:
        helped = f", and {found.helped} helped" if found.helped else ""
        return f"Ranked higher: you accepted {found.accepted} of {count} like this{helped}."
    told = [
        f"dismissed {found.dismissed}" if found.dismissed else "",
        f"snoozed {found.snoozed}" if found.snoozed else "",
    ]
    said = " and ".join(filter(None, told))
    reasons = [f"you {said} of {count} like this"] if said else []
    if found.not_helped:
        reasons.append(f"{found.not_helped} did not help")
    return f"Ranked lower: {', and '.join(reasons)}."
