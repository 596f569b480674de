"""What the delay model looks at: one open item of a sprint at a moment, as a row of plain numbers.

The first two say the same thing in two voices: the share of simulated runs in which the item is late, and how many past
items of its age took longer than the time that is left. The others are what the simulation does not weigh, or weighs by
assumption. Nothing about a person is in it except how many open items of the sprint lie in the same hands.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from galaxy_desktop.assess.survival import survival_of
from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.facts import FeatureSet, ItemFacts
from galaxy_desktop.domain.findings import Forecast
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import ItemKind, WorkItem

NAMES: Final = (
    "runs", "age", "time_left", "unstarted", "percentile", "blocked", "waiting", "red", "idle", "size", "boxes_left",
    "added", "load", "unowned", "pull",
)  # fmt: skip
RISING: Final = (
    "runs",
    "age",
    "unstarted",
    "percentile",
    "blocked",
    "waiting",
    "red",
    "idle",
    "size",
    "boxes_left",
    "load",
)
"""Terms whose weight is held at or above zero: more of them never makes an item safer."""
FALLING: Final = ("time_left",)
NEAR_CERTAIN: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One open item of a sprint with an end.

    `runs` is the share of simulated runs in which it is late, `None` without a simulation; `aged` the share of past
    items of its age that took longer than the time left. `percentile` is the share of past items that took less than its
    age. `lines` and `boxes_left` are 0 where unknown; `load` counts open items of the sprint in the same hands, 0 without
    an owner. Days are calendar days.
    """

    item: WorkItem
    fact: ItemFacts
    runs: float | None
    aged: float
    days_left: int
    percentile: float
    added: bool
    load: int

    def terms(self) -> tuple[float, ...]:
        """The row in the order of `NAMES`, rounded so that platforms agree."""
        fact = self.fact
        row = (
            _logit(self.aged if self.runs is None else self.runs),
            _logit(self.aged),
            math.log1p(self.days_left),
            float(fact.age_days is None),
            self.percentile,
            float(bool(fact.blocked_by)),
            math.log1p(fact.waiting_for_review_days or 0.0),
            float(fact.red_run is not None),
            math.log1p(max(fact.idle_days, 0.0)),
            math.log1p(fact.size_lines or 0),
            math.log1p(max(fact.boxes - fact.ticked, 0)),
            float(self.added),
            math.log1p(self.load),
            float(self.load == 0),
            float(self.item.kind is ItemKind.PULL_REQUEST),
        )
        return tuple(round(value, 3) for value in row)


def situations(
    sprint: Sprint, features: FeatureSet, forecast: Forecast | None, snapshot: Snapshot, now: datetime
) -> Iterator[Situation]:
    """The open items of a sprint whose end has not passed; none otherwise."""
    left = (sprint.due_on - local_day(now, now)).days if sprint.due_on else -1
    if left < 0:
        return
    opened = [item for item in snapshot.of_sprint(sprint) if item.is_open]
    facts = {fact.item_id: fact for fact in features.items}
    owned = Counter(owner for item in opened for owner in _owners(facts.get(item.evidence_id)))
    runs = {one.item_id: one.late for one in forecast.outlooks} if forecast is not None else {}
    added, cycles = set(features.added_since_start), np.array(features.history.cycle_days)
    survival = survival_of(features.history.cycle_days)
    for item in opened:
        fact = facts.get(item.evidence_id)
        if fact is None:
            continue
        age = max(fact.age_days or 0.0, 0.0)
        yield Situation(
            item=item,
            fact=fact,
            runs=runs.get(item.evidence_id),
            aged=survival.late(age, left + 0.5),
            days_left=left,
            percentile=float((cycles < age).mean()) if len(cycles) and fact.age_days is not None else 0.0,
            added=item.evidence_id in added,
            load=max((owned[owner] for owner in fact.owners), default=0),
        )


def _owners(fact: ItemFacts | None) -> tuple[str, ...]:
    return fact.owners if fact is not None else ()


def _logit(share: float) -> float:
    kept = min(max(share, NEAR_CERTAIN), 1.0 - NEAR_CERTAIN)
    return math.log(kept / (1.0 - kept))
