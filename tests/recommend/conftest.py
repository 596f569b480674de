"""A sprint in trouble, made by hand: ten items, six of them open, five working days left."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.assess import forecast, risks
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import DayCount, FeatureSet, FlowHistory, ItemFacts, TeamRhythm
from galaxy_desktop.domain.findings import ForecastInputs, Recommendation, UserVerdict
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import ItemKind, Milestone, Person, State, WorkItem
from galaxy_desktop.recommend import rank

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
TODAY = NOW.date()
REPO = "o/r"
RED = Evidence("check:o/r#5", "check", "https://github.com/o/r/actions/runs/5", "tests: failure", NOW)


def past_days(done: int, count: int = 90) -> tuple[DayCount, ...]:
    """Days up to today with about `done` completions a working day."""
    dice = random.Random(5)
    days = (TODAY - timedelta(days=back) for back in range(count - 1, -1, -1))
    return tuple(
        DayCount(day=d, done=max(done + dice.randint(-1, 1), 0) if d.weekday() < 5 else 0, added=0, working=d.weekday() < 5)
        for d in days
    )  # fmt: skip


def work_item(number: int, *, done: bool = False, **more: Any) -> WorkItem:
    """An item of the one milestone."""
    values: dict[str, Any] = {
        "repository_id": 1, "repository": REPO, "number": number, "kind": ItemKind.ISSUE, "title": f"Work {number}",
        "body": "", "state": State.CLOSED if done else State.OPEN, "state_reason": None, "author": Person(1, "a"),
        "assignees": (Person(2, "b"),), "labels": (), "milestone_number": 1, "created_at": NOW - timedelta(days=12),
        "updated_at": NOW - timedelta(days=1), "closed_at": NOW if done else None,
        "url": f"https://github.com/{REPO}/issues/{number}", "observed_at": NOW,
    }  # fmt: skip
    return WorkItem(**{**values, **more})


@dataclass(frozen=True)
class Bench:
    """The sprint with everything that recommending needs."""

    sprint: Sprint
    features: FeatureSet
    snapshot: Snapshot
    calls: list[ForecastInputs] = field(default_factory=list)
    now: datetime = NOW

    def inputs(self) -> ForecastInputs:
        """What the forecast is made from."""
        return replace(forecast.inputs_of(self.sprint, self.features, self.snapshot, self.now, seed=7), runs=2_000)

    def simulate(self, inputs: ForecastInputs) -> Any:
        """The real forecast, with a note of what was asked."""
        self.calls.append(inputs)
        return forecast.simulate(inputs)

    def recommend(self, *verdicts: UserVerdict, **more: Any) -> tuple[Recommendation, ...]:
        """The recommendations, given the user's verdicts, and what was learned or is followed up."""
        inputs = self.inputs()
        outlook = forecast.simulate(inputs)
        found = risks.find(self.sprint, self.features, outlook, self.snapshot, self.now)
        known = {v.recommendation_id: v for v in verdicts}
        return rank.recommend(
            self.sprint, self.features, found, inputs, self.simulate, self.snapshot, self.now, known, **more
        )

    def of_kind(self, kind: str) -> list[Recommendation]:
        """The recommendations of one kind."""
        return [r for r in self.recommend() if r.kind == kind]


def make_bench(facts: dict[int, dict[str, Any]] | None = None, **more: Any) -> Bench:
    """Six open items (or `items`), two done a day, `left` days to go; `facts` by number."""
    items = more.get("items") or tuple(work_item(n, done=n > 6) for n in range(1, 11))
    left = more.get("left", 5)
    due: date | None = TODAY + timedelta(days=left) if left is not None else None
    milestone = Milestone(
        repository_id=1, repository=REPO, id=11, number=1, title="0.7", description="", state=State.OPEN, due_on=due,
        created_at=NOW - timedelta(days=7), updated_at=NOW, closed_at=None, url=f"https://github.com/{REPO}/milestone/1",
        observed_at=NOW,
    )  # fmt: skip
    sprint = Sprint(
        id="sprint-11", title="0.7", repositories=(REPO,), milestones=(milestone.evidence_id,),
        items=tuple(i.evidence_id for i in items), starts_at=milestone.created_at, due_on=due, due_history=(),
        state=more.get("state", State.OPEN),
    )  # fmt: skip
    days = past_days(more.get("pace", 1))
    default: dict[str, Any] = {"started_at": None, "age_days": None, "idle_days": 0.0, "owners": ("b",)}
    known = tuple(
        ItemFacts(item_id=i.evidence_id, **{**default, **(facts or {}).get(i.number, {})}) for i in items if i.is_open
    )
    features = FeatureSet(
        sprint_id=sprint.id, as_of=NOW, features=(), items=known, edges=(), cycles=(), burnup=(),
        history=FlowHistory(
            window_days=90, days=() if more.get("young") else days, sprint_days=days, lead_days=(),
            cycle_days=(1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 6.0), rhythm=more.get("rhythm", TeamRhythm()),
        ),
        added_since_start=more.get("added", ()),
    )  # fmt: skip
    return Bench(sprint, features, Snapshot(milestones=(milestone,), milestone_versions=(milestone,), items=items))


@dataclass(frozen=True)
class Make:
    """All builders in one fixture."""

    bench: Callable[..., Bench] = make_bench
    item: Callable[..., WorkItem] = work_item
    red: Evidence = RED
    rhythm: TeamRhythm = field(default_factory=lambda: TeamRhythm(team=("b", "c", "d"), hands=3.0, at_once=1.0))
    now: datetime = NOW
    today: date = TODAY


@pytest.fixture(scope="session")
def make() -> Make:
    """Builders of records."""
    return Make()
