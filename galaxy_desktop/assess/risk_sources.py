"""What the risk rules look at: one sprint's open items with their facts, and how a risk is put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from galaxy_desktop.assess.risk_rules import IMPACT
from galaxy_desktop.assess.survival import Survival, still_waiting, survival_of
from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.evidence import Evidence, of_anchors, of_item, of_number, unique
from galaxy_desktop.domain.facts import FeatureSet, ItemFacts
from galaxy_desktop.domain.findings import Forecast, Risk, Severity
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import WorkItem

MOST_EVIDENCE = 10
MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Scene:
    """One sprint at one moment, as the rules see it."""

    sprint: Sprint
    features: FeatureSet
    forecast: Forecast | None
    snapshot: Snapshot
    now: datetime
    today: date
    open: tuple[WorkItem, ...]
    facts: dict[str, ItemFacts]
    survival: Survival
    delays: Mapping[str, float]

    @classmethod
    def of(
        cls,
        sprint: Sprint,
        features: FeatureSet,
        forecast: Forecast | None,
        snapshot: Snapshot,
        now: datetime,
        *,
        delays: Mapping[str, float] | None = None,
    ) -> Scene:
        """Look things up once for all rules."""
        return cls(
            sprint=sprint,
            features=features,
            forecast=forecast,
            snapshot=snapshot,
            now=now,
            today=local_day(now, now),
            open=tuple(item for item in snapshot.of_sprint(sprint) if item.is_open),
            facts={fact.item_id: fact for fact in features.items},
            survival=survival_of(features.history.cycle_days),
            delays=delays or {},
        )

    @property
    def days_left(self) -> int | None:
        """Days from today to the end, 0 on the last day, negative after it; `None` without an end."""
        return (self.sprint.due_on - self.today).days if self.sprint.due_on else None

    def with_facts(self) -> Iterable[tuple[WorkItem, ItemFacts]]:
        """Open items with what is known about them."""
        return ((i, self.facts[i.evidence_id]) for i in self.open if i.evidence_id in self.facts)

    def lateness(self, fact: ItemFacts | None) -> float:
        """The chance that an item is not finished by the end: as the delay model says, else by its age; half without an end."""
        left = self.days_left
        if left is None:
            return 0.5
        if fact is not None and fact.item_id in self.delays:
            return self.delays[fact.item_id]
        age = fact.age_days if fact and fact.age_days is not None else 0.0
        waited = (fact.waiting_for_review_days if fact else None) or 0.0
        room = max(left, 0) + 0.5
        late = max(self.survival.late(max(age, 0.0), room), still_waiting(waited, room))
        return round(min(max(late, 0.05), 0.95), 2)

    def anchors(self) -> tuple[Evidence, ...]:
        """The sprint's milestones and iterations with their days; a number of ours when none is stored."""
        found = of_anchors(self.sprint, self.snapshot)
        return found or (of_number(self.sprint, self.snapshot, "items", f"{len(self.open)} items open", self.now),)

    def cite(self, item_id: str, value: str | None = None) -> tuple[Evidence, ...]:
        """Evidence for an item by id: the stored item, or nothing when it is not stored."""
        item = self.snapshot.items_by_id.get(item_id)
        return (of_item(item, value),) if item else ()

    def risk(
        self,
        kind: str,
        severity: Severity,
        probability: float,
        summary: str,
        evidence: Sequence[Evidence],
        *,
        about: str = "",
        item_ids: Sequence[str] = (),
    ) -> Risk:
        """A risk with its id made from sprint, kind and what it is about."""
        return Risk(
            id=f"risk:{self.sprint.id}:{kind}:{about}",
            kind=kind,
            severity=severity,
            probability=probability,
            impact=IMPACT[kind],
            summary=summary,
            item_ids=tuple(item_ids),
            evidence=unique(evidence)[:MOST_EVIDENCE],
        )


def reference(item_id: str) -> str:
    """How people write an evidence id of an item: "o/r#7"."""
    return item_id.removeprefix("external:").partition(":")[2]


def listed(ids: Sequence[str]) -> str:
    """The first few ids as people write them, and how many more."""
    names = [reference(i) for i in ids[:MOST_NAMED]]
    rest = len(ids) - len(names)
    return ", ".join(names) + (f" and {rest} more" if rest > 0 else "")


def counted(number: int, word: str) -> str:
    """A number with its word, in the plural where it has to be: "1 item", "3 items"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
