"""An analysed sprint made by hand; a test replaces only the part that it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import Family, Feature, FeatureSet, FlowHistory
from galaxy_desktop.domain.findings import (
    Completion,
    Effort,
    Explanation,
    Forecast,
    Health,
    HealthPart,
    Recommendation,
    Risk,
    Severity,
    SprintAnalysis,
)
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import ItemKind, Milestone, State, WorkItem
from galaxy_desktop.explain.templates import explain

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
TODAY = NOW.date()
REPO = "o/r"
DUE = date(2026, 5, 15)


def _item(number: int, state: State) -> WorkItem:
    return WorkItem(
        repository_id=1, repository=REPO, number=number, kind=ItemKind.ISSUE, title=f"Work {number}", body="", state=state,
        state_reason=None, author=None, assignees=(), labels=(), milestone_number=1, created_at=NOW, updated_at=NOW,
        closed_at=None, url="u", observed_at=NOW,
    )  # fmt: skip


def evidence(number: int) -> Evidence:
    """An issue cited."""
    return Evidence(f"issue:{REPO}#{number}", "issue", "u", f"Work {number}", NOW)


OWN = Evidence("feature:sprint-11/progress", "feature", "u", "2 of 5 items done", NOW)
HEALTH = Health(
    score=61.5,
    word="Observe",
    parts=(
        HealthPart(name="progress", weight=0.5, score=62.0, formula="100 x P", evidence=(OWN,)),
        HealthPart(name="reviews", weight=0.5, score=40.0, formula="100 x 8 / 20", evidence=(evidence(1),)),
        HealthPart(name="ci", weight=0.0, score=0.0, formula="no data", evidence=(OWN,)),
    ),
)
FORECAST = Forecast(
    probability=0.62, why_none=None, raw_share=0.6, n_active_days=34, n_completed=71, runs=10_000, seed=7, as_of=NOW,
    engine="galaxy-forecast/1", completion=Completion(p50=date(2026, 5, 13), p70=DUE, p85=date(2026, 5, 20), p95=date(2026, 6, 1)),
    done_by_end=(3, 4, 5), fan=(), baselines={"base_rate": 0.75, "linear_burn": 0.8}, formula="P = 0.88 x 0.6 + ...",
)  # fmt: skip


def a_risk(number: int, kind: str = "stale_review") -> Risk:
    """A risk about one item."""
    summary = f"{REPO}#{number} has been waiting for a review for 5 days."
    return Risk(
        id=f"risk:sprint-11:{kind}:{number}", kind=kind, severity=Severity.HIGH, probability=0.5, impact="It waits.",
        summary=summary, item_ids=(evidence(number).id,), evidence=(evidence(number),),
    )  # fmt: skip


def an_action(gain: float | None = 0.09) -> Recommendation:
    """A recommendation."""
    return Recommendation(
        id="action:1", kind="review_pull_request", summary="Review o/r#1: it has been waiting for 5 days.",
        item_ids=(evidence(1).id,), delta_probability=gain, interval=None if gain is None else (0.07, 0.11),
        effort=Effort.SMALL, evidence=(evidence(1),),
    )  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Everything that an explanation is made from."""

    sprint: Sprint
    features: FeatureSet
    snapshot: Snapshot
    forecast: Forecast = FORECAST
    health: Health = HEALTH
    risks: tuple[Risk, ...] = ()
    actions: tuple[Recommendation, ...] = ()
    now: datetime = NOW

    def explain(self) -> Explanation:
        """The explanation."""
        return explain(
            self.sprint, self.features, self.forecast, self.health, self.risks, self.actions, self.snapshot, self.now
        )

    def texts(self) -> list[str]:
        """Its sentences."""
        return [s.text for s in self.explain().sentences]

    def without_number(self, why: Any, **more: Any) -> Case:
        """The same sprint when there is no probability."""
        return replace(self, forecast=replace(self.forecast, probability=None, why_none=why, **more))

    def analysis(self) -> SprintAnalysis:
        """The record that the window gets."""
        return SprintAnalysis(
            sprint=self.sprint, features=self.features, forecast=self.forecast, health=self.health, risks=self.risks,
            recommendations=self.actions, explanation=self.explain(), done=2, open=3,
        )  # fmt: skip


def make_case(**more: Any) -> Case:
    """Sprint 0.7 with two of five items done, due on Friday 15 May; `sprint` overrides fields of the sprint."""
    items = tuple(_item(n, State.CLOSED if n < 3 else State.OPEN) for n in range(1, 6))
    milestone = Milestone(
        repository_id=1, repository=REPO, id=11, number=1, title="0.7", description="", state=State.OPEN, due_on=DUE,
        created_at=NOW, updated_at=NOW, closed_at=None, url="u", observed_at=NOW,
    )  # fmt: skip
    sprint = Sprint(
        id="sprint-11", title="0.7", repositories=(REPO,), milestones=(milestone.evidence_id,),
        items=tuple(i.evidence_id for i in items), starts_at=NOW - timedelta(days=7), due_on=DUE, due_history=(DUE,),
        state=State.OPEN,
    )  # fmt: skip
    features = FeatureSet(
        sprint_id="sprint-11", as_of=NOW, items=(), edges=(), cycles=(), burnup=(),
        features=(
            Feature(name="done_share", family=Family.TEMPORAL, value=0.4, unit="share", window="now", formula="2 / 5 = 0.4"),
            Feature(name="mood_mean", family=Family.SENTIMENT, value=None, unit="polarity", window="now", formula="no data"),
        ),
        history=FlowHistory(window_days=90, days=(), sprint_days=(), cycle_days=(), lead_days=()),
        added_since_start=more.pop("added", ()), removed_since_start=more.pop("removed", ()),
    )  # fmt: skip
    sprint = replace(sprint, **more.pop("sprint", {}))
    return Case(sprint, features, Snapshot(milestones=(milestone,), items=items), **more)


@dataclass(frozen=True)
class Make:
    """All builders in one fixture."""

    case: Callable[..., Case] = make_case
    risk: Callable[..., Risk] = a_risk
    action: Callable[..., Recommendation] = an_action
    today: date = TODAY


@pytest.fixture(scope="session")
def make() -> Make:
    """Builders of records."""
    return Make()
