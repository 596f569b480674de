"""Hand-made records: a small workspace of which a test changes only what it is about."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.assess.forecast import inputs_of, simulate
from galaxy_desktop.domain.facts import DayCount, FeatureSet, FlowHistory, ItemFacts
from galaxy_desktop.domain.findings import Forecast, ForecastInputs, OpenWork
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import (
    Comment,
    ItemKind,
    Milestone,
    Person,
    Repository,
    State,
    WorkflowRun,
    WorkItem,
)

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
TODAY = NOW.date()
REPO = "o/r"


def past_days(done: int = 2, added: int = 0, count: int = 90, noise: int = 1) -> tuple[DayCount, ...]:
    """Days up to today with about `done` completions and `added` new items a working day."""
    dice = random.Random(5)
    days = []
    for back in range(count - 1, -1, -1):
        day = TODAY - timedelta(days=back)
        working = day.weekday() < 5
        number = max(done + dice.randint(-noise, noise), 0) if working else 0
        days.append(DayCount(day=day, done=number, added=added if working else 0, working=working))
    return tuple(days)


def open_work(number: int, **more: Any) -> OpenWork:
    """An open item of the simulation."""
    return OpenWork(**{"item_id": f"issue:{REPO}#{number}", "age_days": None, **more})


def make_inputs(count: int = 5, **more: Any) -> ForecastInputs:
    """Inputs of a sprint with `count` open items, ten done, two items a day and nine days left."""
    days = past_days()
    values: dict[str, Any] = {
        "as_of": NOW, "today": TODAY, "due_on": TODAY + timedelta(days=9), "closed": False, "planned_days": 14.0,
        "open": tuple(open_work(n) for n in range(1, count + 1)), "done": 10, "days": days, "sprint_days": days,
        "cycle_days": (0.5, 1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 6.0, 9.0, 12.0), "seed": 7, "runs": 2_000,
    }  # fmt: skip
    return ForecastInputs(**{**values, **more})


@dataclass(frozen=True)
class World:
    """A sprint with its snapshot and features."""

    sprint: Sprint
    features: FeatureSet
    snapshot: Snapshot
    now: datetime = NOW

    def inputs(self, **more: Any) -> ForecastInputs:
        """What the forecast is made from."""
        return replace(inputs_of(self.sprint, self.features, self.snapshot, self.now, seed=7), runs=2_000, **more)

    def forecast(self) -> Forecast:
        """The forecast."""
        return simulate(self.inputs())

    def without(self, item_id: str) -> World:
        """The same world when an item has left the sprint."""
        items = tuple(i for i in self.sprint.items if i != item_id)
        facts = tuple(f for f in self.features.items if f.item_id != item_id)
        added = tuple(i for i in self.features.added_since_start if i != item_id)
        features = replace(self.features, items=facts, added_since_start=added)
        return replace(self, sprint=replace(self.sprint, items=items), features=features)


def work_item(number: int, *, done: bool = False, kind: ItemKind = ItemKind.ISSUE, **more: Any) -> WorkItem:
    """An item of the one milestone; a done pull request is merged."""
    day = NOW - timedelta(days=12)
    closed = NOW - timedelta(days=2) if done else None
    values: dict[str, Any] = {
        "repository_id": 1, "repository": REPO, "number": number, "kind": kind, "title": f"Work {number}", "body": "",
        "state": State.CLOSED if done else State.OPEN, "state_reason": "completed" if done else None, "author": Person(1, "a"),
        "assignees": (Person(2, "b"),), "labels": (), "milestone_number": 1, "created_at": day, "updated_at": NOW,
        "closed_at": closed, "url": f"https://github.com/{REPO}/issues/{number}", "observed_at": NOW,
        "merged_at": closed if kind is ItemKind.PULL_REQUEST else None,
    }  # fmt: skip
    return WorkItem(**{**values, **more})


def make_world(
    items: tuple[WorkItem, ...] | None = None, facts: dict[int, dict[str, Any]] | None = None, **more: Any
) -> World:
    """Four open issues of ten in sprint 0.7, due in nine days; `facts` overrides what is known of an item by number."""
    items = tuple(work_item(n, done=n > 4) for n in range(1, 11)) if items is None else items
    milestone = Milestone(
        repository_id=1, repository=REPO, id=11, number=1, title="0.7", description="", state=State.OPEN,
        due_on=more.get("due_on", TODAY + timedelta(days=9)), created_at=NOW - timedelta(days=7), updated_at=NOW, closed_at=None,
        url=f"https://github.com/{REPO}/milestone/1", observed_at=NOW,
    )  # fmt: skip
    sprint = Sprint(
        id="sprint-11", title="0.7", repositories=(REPO,), milestones=(milestone.evidence_id,),
        items=tuple(i.evidence_id for i in items), starts_at=milestone.created_at, due_on=milestone.due_on,
        due_history=more.get("due_history", ()), state=more.get("state", State.OPEN),
    )  # fmt: skip
    days = more.get("days", past_days())
    default: dict[str, Any] = {"started_at": None, "age_days": None, "idle_days": 0.0}
    known = tuple(
        ItemFacts(item_id=i.evidence_id, **{**default, **(facts or {}).get(i.number, {})}) for i in items if i.is_open
    )
    features = FeatureSet(
        sprint_id=sprint.id, as_of=NOW, features=(), items=known, edges=more.get("edges", ()), cycles=more.get("cycles", ()),
        history=FlowHistory(
            window_days=90, days=days, sprint_days=more.get("sprint_days", days), lead_days=(),
            cycle_days=more.get("cycle_days", (1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 6.0)),
            past_sprints=4, past_sprints_on_time=3,
        ),
        burnup=(), added_since_start=more.get("added", ()), removed_since_start=more.get("removed", ()),
    )  # fmt: skip
    repository = Repository(id=1, full_name=REPO, url=f"https://github.com/{REPO}")
    snapshot = Snapshot(
        repositories=(repository,), milestones=(milestone,), milestone_versions=(milestone,), items=items,
        runs=more.get("runs", ()), comments=more.get("comments", ()), history_complete=more.get("history_complete", True),
    )  # fmt: skip
    return World(sprint, features, snapshot)


def workflow_run(number: int = 1, *, conclusion: str = "failure", branch: str = "main", **more: Any) -> WorkflowRun:
    """A finished run of the workflow "tests"."""
    values: dict[str, Any] = {
        "repository_id": 1, "repository": REPO, "id": number, "name": "tests", "head_sha": "ab", "head_branch": branch,
        "event": "push", "status": "completed", "conclusion": conclusion, "started_at": NOW - timedelta(hours=9 - number),
        "finished_at": NOW, "url": f"https://github.com/{REPO}/actions/runs/{number}", "observed_at": NOW,
    }  # fmt: skip
    return WorkflowRun(**{**values, **more})


def a_comment(number: int = 1) -> Comment:
    """A comment on item 1."""
    return Comment(
        repository_id=1, repository=REPO, id=number, item_number=1, author=Person(1, "a"), body="no", created_at=NOW,
        updated_at=NOW, url=f"https://github.com/{REPO}/issues/1#c{number}", observed_at=NOW,
    )  # fmt: skip


@dataclass(frozen=True)
class Make:
    """All builders in one fixture."""

    inputs: Callable[..., ForecastInputs] = make_inputs
    world: Callable[..., World] = make_world
    item: Callable[..., WorkItem] = work_item
    open: Callable[..., OpenWork] = open_work
    days: Callable[..., tuple[DayCount, ...]] = past_days
    run: Callable[..., WorkflowRun] = workflow_run
    comment: Callable[..., Comment] = a_comment
    now: datetime = NOW
    today: date = TODAY


@pytest.fixture(scope="session")
def make() -> Make:
    """Builders of records."""
    return Make()
