"""Were the rules right? Each firing at a past moment is held against what happened afterwards.

A rule warns of something, so each has one criterion that says whether it came (`CRITERIA`, shown in docs/risks.md).
For most it is that the item was then late: not done by the sprint's end as it was seen at that moment, or, without an
end, not done within the time that 85 % of past items took, counted from that moment. An item that left the sprint
unfinished was not done by its end. Some count as right as well when the item was stuck in the way the rule says.

A rule that goes on firing for the same thing is one firing. Each is compared with what the same criterion says of the
other items at the same moment for which the rule could have fired and did not: if those are late as often, the rule says
nothing, however often it is right.

What is not known yet (a deadline that has not passed) is left out, whatever it looks like.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from galaxy_desktop.assess import risks
from galaxy_desktop.assess.risk_rules import LEAST_CYCLES
from galaxy_desktop.domain.facts import FeatureSet, ItemFacts
from galaxy_desktop.domain.findings import Risk
from galaxy_desktop.domain.landing import last_moment
from galaxy_desktop.domain.past_sprints import RuleFiring
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import ItemKind, WorkItem

UNSEEN_REVIEW = timedelta(days=5)
SILENT_ON = timedelta(days=7)
RED_ON = timedelta(days=1)
OVERDUE_ON = timedelta(days=7)
ENDLESS_ON = timedelta(days=28)
USUAL_LEVEL = 0.85
USUAL_BOUNDS = (7.0, 90.0)
"""Without an end an item gets the usual time, but at least and at most so many days."""
USUAL_WITHOUT_PAST = 14.0
HALF = 0.5

CRITERIA: Final = {
    "overdue": "an item of it was still open 7 days later",
    "red_build": "a default branch was not green within a day; the pull request was late",
    "blocked_chain": "half of the held-up items or more were late",
    "stale_review": "it was late, or nobody reviewed it for another 5 days",
    "stuck_item": "it was late",
    "conflicting_pull_requests": "one of the two was late",
    "scope_growth": "the sprint did not land",
    "no_end": "an item of it was still open 28 days later",
    "overloaded_owner": "half of these items or more were late",
    "no_owner": "it was late",
    "silent_item": "it was late, or nothing happened on it for another 7 days",
    "no_acceptance_criteria": "it was late",
}
"""When a rule counts as right."""
OF_SPRINTS = ("overdue", "no_end", "scope_growth")
"""Rules that speak of a sprint as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A sprint at a past moment, with what was known then."""

    sprint: Sprint
    features: FeatureSet
    snapshot: Snapshot
    moment: datetime

    @property
    def deadline(self) -> datetime:
        """Until when an item has to be done not to be late."""
        if self.sprint.due_on is not None:
            return last_moment(self.sprint.due_on, self.moment)
        cycles = self.features.history.cycle_days
        days = float(np.quantile(cycles, USUAL_LEVEL)) if len(cycles) >= LEAST_CYCLES else USUAL_WITHOUT_PAST
        return self.moment + timedelta(days=min(max(days, USUAL_BOUNDS[0]), USUAL_BOUNDS[1]))

    @property
    def over(self) -> bool:
        """Whether the end had passed."""
        return self.sprint.due_on is not None and self.deadline <= self.moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What is known today of what came after: by evidence id when items were done, touched and reviewed.

    `greens` are the moments of successful runs by what a red default branch is called in a risk's id. All ascending.
    """

    now: datetime
    done_at: Mapping[str, datetime] = field(default_factory=dict)
    signs: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    answers: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    greens: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    landed: bool | None = None

    def late(self, item_id: str, deadline: datetime) -> bool | None:
        """Whether an item was not done by then; `None` while nobody knows."""
        done = self.done_at.get(item_id)
        if done is not None and done <= deadline:
            return False
        return True if deadline <= self.now else None

    def nothing_of(self, moments: Mapping[str, Sequence[datetime]], key: str, after: datetime, until: datetime) -> bool:
        """Whether none of these moments lies after `after` and until `until`."""
        known = moments.get(key, ())
        return bisect_right(known, until) == bisect_right(known, after)


Verdict = bool | None


def firings(looks: Sequence[Look], later: Later, kinds: Iterable[str] = risks.KINDS) -> tuple[RuleFiring, ...]:
    """The firings of these rules over the looks at one sprint, oldest first, each judged.

    A rule that fires at the first look counts there; whoever knows that it fired before hands in an earlier look.
    """
    wanted, found = set(kinds), []
    before: set[tuple[str, str]] = set()
    for look in looks:
        every = risks.fired(look.sprint, look.features, None, look.snapshot, look.moment)
        now = {(one.kind, _about(one)) for one in every}
        for one in every:
            if one.kind not in wanted or (one.kind, _about(one)) in before or (look.over and one.kind != "overdue"):
                continue
            bad = judged(one, look, later)
            if bad is not None:
                found.append(RuleFiring(kind=one.kind, bad=bad, base=_base(one.kind, look, later, every)))
        before = now
    return tuple(found)


def judged(risk: Risk, look: Look, later: Later) -> Verdict:
    """Whether what a risk warned of came; `None` while nobody knows."""
    if risk.kind in OF_SPRINTS:
        return _of_sprint(risk.kind, look, later)
    if risk.kind == "red_build" and not risk.item_ids:
        until = look.moment + RED_ON
        return None if until > later.now else later.nothing_of(later.greens, _about(risk), look.moment, until)
    concerned = risk.item_ids[1:] if risk.kind == "blocked_chain" and len(risk.item_ids) > 1 else risk.item_ids
    return _half([_came(risk.kind, item, look, later) for item in concerned])


def _about(risk: Risk) -> str:
    """What a risk is about: the end of its id, without the sprint."""
    return risk.id.split(f":{risk.kind}:", 1)[1]


def _of_sprint(kind: str, look: Look, later: Later) -> Verdict:
    if kind == "scope_growth":
        return None if later.landed is None else not later.landed
    until = look.moment + (OVERDUE_ON if kind == "overdue" else ENDLESS_ON)
    return _any([later.late(item.evidence_id, until) for item in look.snapshot.of_sprint(look.sprint) if item.is_open])


def _came(kind: str, item_id: str, look: Look, later: Later) -> Verdict:
    """One item against the criterion of a rule."""
    late = later.late(item_id, look.deadline)
    if kind == "stale_review":
        return _any([late, _stuck(later, later.answers, item_id, look.moment, UNSEEN_REVIEW)])
    if kind == "silent_item":
        return _any([late, _stuck(later, later.signs, item_id, look.moment, SILENT_ON)])
    return late


def _stuck(
    later: Later, moments: Mapping[str, Sequence[datetime]], item_id: str, moment: datetime, more: timedelta
) -> Verdict:
    """Whether an item stayed open and none of these came for so long."""
    until = moment + more
    if until > later.now:
        return None
    done = later.done_at.get(item_id)
    return (done is None or done > until) and later.nothing_of(moments, item_id, moment, until)


def _base(kind: str, look: Look, later: Later, every: Sequence[Risk]) -> float | None:
    """How often the criterion held for the items for which the rule could have fired and did not."""
    if kind in OF_SPRINTS:
        return None
    spoken_of = {item for risk in every if risk.kind == kind for item in risk.item_ids}
    facts = {fact.item_id: fact for fact in look.features.items}
    could = [
        item.evidence_id
        for item in look.snapshot.of_sprint(look.sprint)
        if item.is_open and item.evidence_id not in spoken_of and COULD[kind](item, facts.get(item.evidence_id))
    ]
    known = [came for one in could if (came := _came(kind, one, look, later)) is not None]
    return sum(known) / len(known) if known else None


Possible = Callable[[WorkItem, ItemFacts | None], bool]


def _everything(item: WorkItem, fact: ItemFacts | None) -> bool:
    return fact is not None


def _issue(item: WorkItem, fact: ItemFacts | None) -> bool:
    return item.kind is ItemKind.ISSUE


def _pull(item: WorkItem, fact: ItemFacts | None) -> bool:
    return item.kind is ItemKind.PULL_REQUEST and not item.draft


def _in_work(item: WorkItem, fact: ItemFacts | None) -> bool:
    return fact is not None and fact.age_days is not None


def _owned(item: WorkItem, fact: ItemFacts | None) -> bool:
    return bool(item.assignees) or _pull(item, fact)


COULD: Final[dict[str, Possible]] = {
    "red_build": _pull,
    "blocked_chain": _everything,
    "stale_review": _pull,
    "stuck_item": _in_work,
    "conflicting_pull_requests": _pull,
    "overloaded_owner": _owned,
    "no_owner": _issue,
    "silent_item": _everything,
    "no_acceptance_criteria": _issue,
}
"""Which other items a rule could have fired for."""


def _any(verdicts: Sequence[Verdict]) -> Verdict:
    """True as soon as one is, unknown while one may still become true."""
    if True in verdicts:
        return True
    return None if None in verdicts or not verdicts else False


def _half(verdicts: Sequence[Verdict]) -> Verdict:
    """Whether at least half of them are true, as soon as that is decided."""
    if not verdicts:
        return None
    sure, open_ = sum(v is True for v in verdicts), sum(v is None for v in verdicts)
    need = HALF * len(verdicts)
    if sure >= need:
        return True
    return None if sure + open_ >= need else False
