"""Makers of evaluations: findings of a sprint with something in every corner of the records."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import (
    BurnupPoint,
    DayCount,
    Dependency,
    EdgeKind,
    Family,
    Feature,
    FeatureSet,
    FlowHistory,
    ItemFacts,
)
from galaxy_desktop.domain.findings import (
    Analysis,
    Completion,
    Effort,
    Explanation,
    FanPoint,
    FollowUp,
    Forecast,
    Health,
    HealthPart,
    Intervention,
    NoForecast,
    OpenWork,
    Progress,
    Recommendation,
    RepositoryFreshness,
    Risk,
    Sentence,
    Severity,
    SprintAnalysis,
)
from galaxy_desktop.domain.ledger import LedgerEntry, Outcome
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import RepositoryState, State
from galaxy_desktop.store.ledger import Said, digest_of_inputs

BERLIN = timezone(timedelta(hours=2))
DAY = date(2026, 5, 6)


def forecast(at: datetime, probability: float | None = 0.62) -> Forecast:
    return Forecast(
        probability=probability,
        why_none=None if probability else NoForecast.NO_END,
        raw_share=0.1 + 0.2,
        n_active_days=34,
        n_completed=51,
        runs=10_000,
        seed=7,
        as_of=at,
        engine="mc-1",
        completion=Completion(p50=DAY, p70=DAY, p85=DAY, p95=DAY),
        done_by_end=(1.0, 2.5, 4.0),
        fan=(FanPoint(day=DAY, low=1, middle=2, high=3),),
        baselines={"base_rate": 0.5, "linear_burn": None},
        formula="5 / 8",
    )


def proof(make: Any) -> tuple[Evidence, ...]:
    return (Evidence("issue:o/r#1", "issue", "https://x/1", "Item 1 🚀", make.hour(1)),)


def feature_set(make: Any, at: datetime) -> FeatureSet:
    edge = Dependency(
        source_id="issue:o/r#1", target_id="external:issue:x/y#2", kind=EdgeKind.BLOCKS, source="text", confidence=0.8
    )
    number = Feature(name="open", family=Family.TEMPORAL, value=None, unit="items", window="now", formula="-")
    facts = ItemFacts(item_id="issue:o/r#1", started_at=None, age_days=None, idle_days=1 / 3, red_run=proof(make)[0])
    days = (DayCount(day=DAY, done=1, added=2),)
    return FeatureSet(
        sprint_id="s1",
        as_of=at,
        features=(number,),
        items=(facts,),
        edges=(edge,),
        cycles=(("a", "b"),),
        history=FlowHistory(window_days=60, days=days, sprint_days=(), cycle_days=(0.1, 3.0), lead_days=()),
        burnup=(BurnupPoint(day=DAY, scope=3, done=1),),
    )


def sprint(make: Any) -> Sprint:
    return Sprint(
        id="s1",
        title="v1",
        repositories=("o/r",),
        milestones=("milestone:o/r#1",),
        items=("issue:o/r#1",),
        starts_at=make.hour(0),
        due_on=DAY,
        due_history=(DAY, DAY),
        state=State.OPEN,
    )


def risk(make: Any) -> Risk:
    return Risk(
        id="r1",
        kind="overdue",
        severity=Severity.HIGH,
        probability=0.5,
        impact="late",
        summary="It is late.",
        item_ids=("issue:o/r#1",),
        evidence=proof(make),
    )


def advice(make: Any) -> Recommendation:
    return Recommendation(
        id="a1",
        kind="drop",
        summary="Drop #1",
        item_ids=(),
        delta_probability=0.09,
        interval=(0.07, 0.11),
        effort=Effort.SMALL,
        evidence=proof(make),
    )


def followed(make: Any) -> FollowUp:
    """The recommendation, accepted an hour later and under way."""
    one = advice(make)
    act = Intervention(
        id=f"{one.id}@1", recommendation_id=one.id, sprint_id=sprint(make).id, sprint_title="v1", kind=one.kind,
        summary=one.summary, item_ids=("issue:o/r#1",), effort=one.effort, accepted_at=make.hour(1),
        done_by=make.hour(24).date(), done_when="it has left", probability=0.62, promised=0.09, due_on=None,
        planned_days=None, before=(OpenWork(item_id="issue:o/r#1", age_days=2.0),), evidence=proof(make),
    )  # fmt: skip
    return FollowUp(intervention=act, progress=Progress.UNDER_WAY, sentence="Accepted.")


def sprint_analysis(make: Any, at: datetime, probability: float | None = 0.62) -> SprintAnalysis:
    part = HealthPart(name="flow", weight=1.0, score=61.5, formula="f", evidence=proof(make))
    return SprintAnalysis(
        sprint=sprint(make),
        features=feature_set(make, at),
        forecast=forecast(at, probability),
        health=Health(score=61.5, word="Observe", parts=(part,)),
        risks=(risk(make),),
        recommendations=(advice(make),),
        explanation=Explanation(mode="facts", sentences=(Sentence("It is late.", ("issue:o/r#1",)),)),
        done=1,
        open=2,
    )


def analysis(make: Any, hour: float = 0, probability: float | None = 0.62) -> Analysis:
    """An evaluation in a user's own time zone, with something in every corner of the record."""
    at = make.hour(hour).astimezone(BERLIN)
    one = sprint_analysis(make, at, probability)
    fresh = RepositoryFreshness(
        repository=make.repo(), items=3, open_items=2, comments=1, synced_at=at, state=RepositoryState.SYNCED
    )
    return Analysis(
        as_of=at,
        engine="mc-1",
        repositories=(fresh,),
        sprints=(one,),
        dependencies=one.features.edges,
        alerts=(make.alert(),),
    )


INPUTS = '{"seed":7}'


def entry(make: Any, hour: float = 0, *, inputs: str = INPUTS, **more: Any) -> LedgerEntry:
    """An entry of the forecast ledger."""
    plain = {"sprint_id": "s1", "sprint_title": "v1", "due_on": DAY, "probability": 0.62, "why_none": ""}
    voices = {"raw_share": 0.5, "course": None, "weight": 0.25, "before_recalibration": 0.6, "elapsed": 0.3}
    counts = {"open": 3, "done": 2, "baselines": {"base_rate": 0.5, "linear_burn": None}, "engine": "mc-1", "seed": 7}
    told = {**plain, **voices, **counts, "said_at": make.hour(hour), "inputs_digest": digest_of_inputs(inputs)}
    return LedgerEntry(**{**told, **more})


def said(make: Any, one: LedgerEntry | None = None, inputs: str = INPUTS) -> Said:
    """What one evaluation enters: an entry, its inputs and an outcome."""
    told = one or entry(make)
    outcome = Outcome(
        sprint_id=told.sprint_id, landed=True, due_on=DAY, ended_on=DAY, delivered=5, committed=5, why="5 of 5"
    )
    return Said(entries=(told,), inputs={told.inputs_digest: inputs}, outcomes=(outcome,))
