"""The headless contract: what `analyze --json` prints, as typed records.

The JSON Schema in `resources/analyze.schema.json` is generated from these (`python -m
galaxy_desktop.services.contract` writes it); a test keeps the two in step.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from galaxy_desktop.domain.evidence import EVIDENCE_ID, Evidence
from galaxy_desktop.domain.facts import Dependency
from galaxy_desktop.domain.findings import (
    Alert,
    Analysis,
    Forecast,
    Health,
    NoForecast,
    Recommendation,
    RepositoryFreshness,
    Risk,
    Severity,
    SprintAnalysis,
)
from galaxy_desktop.domain.past_sprints import ItemDelay, SimilarSprint, SimilarSprints
from galaxy_desktop.domain.work import RepositoryState, State
from galaxy_desktop.paths import resources_folder
from galaxy_desktop.services.clock import stamp

SCHEMA_FILE = "analyze.schema.json"

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Share = Annotated[float, Field(ge=0, le=1)]


class _Out(BaseModel):
    model_config = ConfigDict(populate_by_name=True, frozen=True, extra="forbid")


class EvidenceOut(_Out):
    """One citable thing."""

    id: Annotated[str, Field(pattern=EVIDENCE_ID.pattern)]
    kind: str
    url: str
    quote: Annotated[str, Field(min_length=1)]
    observed_at: Moment


SomeEvidence = Annotated[list[EvidenceOut], Field(min_length=1)]


class RepositoryOut(_Out):
    """A tracked repository and how fresh our copy is."""

    full_name: Annotated[str, Field(pattern=r"^[^/]+/[^/]+$")]
    id: int
    items: Annotated[int, Field(ge=0)]
    open_items: Annotated[int, Field(ge=0)]
    comments: Annotated[int, Field(ge=0)]
    synced_at: Moment | None
    state: RepositoryState


class ItemsOut(_Out):
    """Counts of a sprint's items as GitHub counts them: issues and pull requests, done means closed."""

    total: int
    done: int
    open: int


class CompletionOut(_Out):
    """Days by which everything is done, at four levels of certainty."""

    p50: date
    p70: date
    p85: date
    p95: date


class ForecastOut(_Out):
    """The forecast of one sprint."""

    probability_on_time: Annotated[float, Field(ge=0.05, le=0.95)] | None
    why_none: NoForecast | None
    missing: str
    n_active_days: int
    n_completed: int
    seed: int
    runs: int
    completion: CompletionOut | None
    baselines: dict[str, float | None]
    formula: str


class HealthPartOut(_Out):
    """One weighted part of health."""

    name: str
    weight: Share
    score: Annotated[float, Field(ge=0, le=100)]
    formula: str
    evidence: list[EvidenceOut]


class HealthOut(_Out):
    """Health of one sprint, with the parts it is made of."""

    score: Annotated[float, Field(ge=0, le=100)]
    word: str
    parts: Annotated[list[HealthPartOut], Field(min_length=1)]


class RiskOut(_Out):
    """A rule that fired."""

    id: str
    kind: str
    severity: Severity
    probability: Share
    impact: str
    summary: str
    evidence: SomeEvidence


class RecommendationOut(_Out):
    """An action and what it is worth."""

    id: str
    kind: str
    summary: str
    delta_probability: float | None
    interval: Annotated[list[float], Field(min_length=2, max_length=2)] | None
    effort: Literal["small", "medium", "large"]
    evidence: SomeEvidence


class SentenceOut(_Out):
    """One sentence and the ids that support it."""

    text: str
    evidence: Annotated[list[str], Field(min_length=1)]


class ExplanationOut(_Out):
    """What is said in words."""

    mode: Literal["facts", "model"]
    sentences: Annotated[list[SentenceOut], Field(min_length=1)]
    removed: Annotated[int, Field(ge=0)]


class DelayReasonOut(_Out):
    """Why an item may miss the end; `weight` is what it adds to the log-odds."""

    text: Annotated[str, Field(min_length=1)]
    weight: float
    evidence: list[str]


class DelayOut(_Out):
    """The chance that an open item is not done by the sprint's end, and the reasons that weigh most."""

    item: str
    probability: Share
    reasons: list[DelayReasonOut]
    evidence: list[EvidenceOut]


class SimilarSprintOut(_Out):
    """A past sprint that looked like this one after the same share of its time, and how it ended."""

    sprint: str
    title: str
    ended_on: date
    distance: Annotated[float, Field(ge=0)]
    landed: bool
    delivered_share: Annotated[float, Field(ge=0)]
    days_late: int | None
    removed: int
    end_moved: int
    accepted: int
    evidence: list[EvidenceOut]


class SimilarOut(_Out):
    """The nearest past sprints, and whether they say more than the plain average; figures by leaving each one out."""

    sprints: list[SimilarSprintOut]
    compared: Annotated[int, Field(ge=0)]
    adds: bool
    sentence: str
    brier: float | None
    base_brier: float | None
    error: float | None
    base_error: float | None


class SprintOut(_Out):
    """One sprint and all that is concluded of it."""

    id: str
    title: str
    repositories: Annotated[list[str], Field(min_length=1)]
    milestones: list[Annotated[str, Field(pattern=r"^milestone:[^/]+/[^/#]+#\d+$")]]
    iterations: list[Annotated[str, Field(pattern=r"^iteration:\S+$")]]
    starts_at: Moment | None
    due_on: date | None
    due_history: list[date]
    state: State
    confirmed: bool
    items: ItemsOut
    forecast: ForecastOut
    health: HealthOut
    risks: list[RiskOut]
    recommendations: list[RecommendationOut]
    explanation: ExplanationOut
    delays: list[DelayOut]
    similar: SimilarOut | None


class DependencyOut(_Out):
    """A directed edge; for `blocks`, `from` must finish before `to`."""

    from_: Annotated[str, Field(alias="from")]
    to: str
    kind: Literal["blocks", "closes", "parent", "mentions"]
    source: str
    confidence: Share


class AlertOut(_Out):
    """An alert, raised once for its fact."""

    id: str
    kind: str
    sprint: str
    reason: str
    severity: Severity
    evidence: SomeEvidence
    at: Moment


class AnalysisOut(_Out):
    """The whole answer."""

    model_config = ConfigDict(title="galaxy-desktop analyze --json")

    as_of: Moment
    engine: Annotated[str, Field(min_length=1)]
    repositories: list[RepositoryOut]
    sprints: list[SprintOut]
    dependencies: list[DependencyOut]
    alerts: list[AlertOut]


def to_json(analysis: Analysis) -> str:
    """The analysis as the contract writes it: one object, keys in a fixed order, indented by two."""
    out = AnalysisOut(
        as_of=stamp(analysis.as_of),
        engine=analysis.engine,
        repositories=[_repository(r) for r in analysis.repositories],
        sprints=[_sprint(s) for s in analysis.sprints],
        dependencies=[_dependency(d) for d in analysis.dependencies],
        alerts=[_alert(a) for a in analysis.alerts],
    )
    return out.model_dump_json(by_alias=True, indent=2)


def repository_fields(fresh: RepositoryFreshness) -> dict[str, object]:
    """One repository as the contract writes it, with the sentence that a person reads."""
    return {**_repository(fresh).model_dump(mode="json"), "sentence": fresh.sentence}


def schema() -> str:
    """The JSON Schema of the answer, as text with a fixed order of keys."""
    generated = AnalysisOut.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **generated}, indent=2) + "\n"


def _evidence(evidence: tuple[Evidence, ...]) -> list[EvidenceOut]:
    return [
        EvidenceOut(id=e.id, kind=e.kind, url=e.url, quote=e.quote, observed_at=stamp(e.observed_at)) for e in evidence
    ]


def _repository(fresh: RepositoryFreshness) -> RepositoryOut:
    return RepositoryOut(
        full_name=fresh.repository.full_name,
        id=fresh.repository.id,
        items=fresh.items,
        open_items=fresh.open_items,
        comments=fresh.comments,
        synced_at=stamp(fresh.synced_at) if fresh.synced_at else None,
        state=fresh.state,
    )


def _sprint(analysis: SprintAnalysis) -> SprintOut:
    sprint = analysis.sprint
    return SprintOut(
        id=sprint.id,
        title=sprint.title,
        repositories=list(sprint.repositories),
        milestones=list(sprint.milestones),
        iterations=list(sprint.iterations),
        starts_at=stamp(sprint.starts_at) if sprint.starts_at else None,
        due_on=sprint.due_on,
        due_history=list(sprint.due_history),
        state=sprint.state,
        confirmed=sprint.confirmed,
        items=ItemsOut(total=analysis.done + analysis.open, done=analysis.done, open=analysis.open),
        forecast=_forecast(analysis.forecast),
        health=_health(analysis.health),
        risks=[_risk(r) for r in analysis.risks],
        recommendations=[_recommendation(r) for r in analysis.recommendations],
        explanation=ExplanationOut(
            mode="model" if analysis.explanation.mode == "model" else "facts",
            sentences=[SentenceOut(text=s.text, evidence=list(s.evidence)) for s in analysis.explanation.sentences],
            removed=analysis.explanation.removed,
        ),
        delays=[_delay(one) for one in analysis.delays],
        similar=_similar(analysis.similar) if analysis.similar else None,
    )


def _delay(one: ItemDelay) -> DelayOut:
    return DelayOut(
        item=one.item_id,
        probability=one.probability,
        reasons=[DelayReasonOut(text=r.text, weight=r.weight, evidence=list(r.evidence)) for r in one.reasons],
        evidence=_evidence(one.evidence),
    )


def _similar(found: SimilarSprints) -> SimilarOut:
    return SimilarOut(
        sprints=[_similar_sprint(one) for one in found.sprints],
        compared=found.compared,
        adds=found.adds,
        sentence=found.sentence,
        brier=found.brier,
        base_brier=found.base_brier,
        error=found.error,
        base_error=found.base_error,
    )


def _similar_sprint(one: SimilarSprint) -> SimilarSprintOut:
    return SimilarSprintOut(
        sprint=one.sprint_id,
        title=one.title,
        ended_on=one.ended_on,
        distance=one.distance,
        landed=one.landed,
        delivered_share=one.delivered_share,
        days_late=one.days_late,
        removed=one.removed,
        end_moved=one.end_moved,
        accepted=one.accepted,
        evidence=_evidence(one.evidence),
    )


def _forecast(forecast: Forecast) -> ForecastOut:
    dates = forecast.completion
    return ForecastOut(
        probability_on_time=forecast.probability,
        why_none=forecast.why_none,
        missing=forecast.missing,
        n_active_days=forecast.n_active_days,
        n_completed=forecast.n_completed,
        seed=forecast.seed,
        runs=forecast.runs,
        completion=CompletionOut(p50=dates.p50, p70=dates.p70, p85=dates.p85, p95=dates.p95) if dates else None,
        baselines=dict(forecast.baselines),
        formula=forecast.formula,
    )


def _health(health: Health) -> HealthOut:
    parts = [
        HealthPartOut(name=p.name, weight=p.weight, score=p.score, formula=p.formula, evidence=_evidence(p.evidence))
        for p in health.parts
    ]
    return HealthOut(score=health.score, word=health.word, parts=parts)


def _risk(risk: Risk) -> RiskOut:
    return RiskOut(
        id=risk.id,
        kind=risk.kind,
        severity=risk.severity,
        probability=risk.probability,
        impact=risk.impact,
        summary=risk.summary,
        evidence=_evidence(risk.evidence),
    )


def _recommendation(action: Recommendation) -> RecommendationOut:
    return RecommendationOut(
        id=action.id,
        kind=action.kind,
        summary=action.summary,
        delta_probability=action.delta_probability,
        interval=list(action.interval) if action.interval else None,
        effort=action.effort.value,
        evidence=_evidence(action.evidence),
    )


def _dependency(edge: Dependency) -> DependencyOut:
    return DependencyOut(
        from_=edge.source_id, to=edge.target_id, kind=edge.kind.value, source=edge.source, confidence=edge.confidence
    )


def _alert(alert: Alert) -> AlertOut:
    return AlertOut(
        id=alert.id,
        kind=alert.kind,
        sprint=alert.sprint_id,
        reason=alert.reason,
        severity=alert.severity,
        evidence=_evidence(alert.evidence),
        at=stamp(alert.at),
    )


if __name__ == "__main__":
    (resources_folder() / SCHEMA_FILE).write_text(schema(), encoding="utf-8")
