"""What the program concluded: alerts, verdicts, confirmed sprints, and evaluations with their forecast ledger."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Alert, Analysis, SprintAnalysis, UserVerdict, Verdict
from galaxy_desktop.domain.work_log import AuditEntry
from galaxy_desktop.store import log_book, statements
from galaxy_desktop.store.codec import from_json, to_json
from galaxy_desktop.store.merge import Row, canonical
from galaxy_desktop.store.rows import clean, digest, utc
from galaxy_desktop.store.tables import table
from galaxy_desktop.store.tables_log import (
    AlertRow,
    AnalysisRow,
    ConfirmationRow,
    EvidenceRow,
    FeatureSetRow,
    ForecastRow,
    RecommendationRow,
    RiskRow,
    SprintRow,
    VerdictRow,
)

log = logging.getLogger(__name__)

USER = "user"
"""Who decides by clicking, in the audit log."""

ALERTS = table(AlertRow)
ANALYSES = table(AnalysisRow)
CONFIRMATIONS = table(ConfirmationRow)
EVIDENCE = table(EvidenceRow)
FEATURES = table(FeatureSetRow)
FORECASTS = table(ForecastRow)
RECOMMENDATIONS = table(RecommendationRow)
RISKS = table(RiskRow)
SPRINTS = table(SprintRow)
VERDICTS = table(VerdictRow)


# --- alerts


def raise_alerts(connection: Connection, alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """Store the alerts whose id is unknown and return those; the primary key is what makes an alert fire once."""
    new = []
    for alert in alerts:
        row = {"id": alert.id, "at": utc(alert.at), "body": to_json(alert), "shown_at": None}
        if connection.execute(statements.add(ALERTS), row).rowcount:
            new.append(alert)
    return tuple(new)


def alerts(connection: Connection, *, unshown: bool = False) -> tuple[Alert, ...]:
    """Every alert ever raised, newest first; or only those that nobody has been shown."""
    query = select(ALERTS.c.body).order_by(ALERTS.c.at.desc(), ALERTS.c.id)
    if unshown:
        query = query.where(ALERTS.c.shown_at.is_(None))
    return tuple(from_json(Alert, body) for body in connection.scalars(query))


# --- what the user said


def give_verdict(connection: Connection, verdict: UserVerdict) -> None:
    """Store the last word on a recommendation; the audit log keeps the earlier ones."""
    known = verdicts(connection).get(verdict.recommendation_id)
    row = {
        "recommendation_id": verdict.recommendation_id,
        "verdict": str(verdict.verdict),
        "reason": clean(verdict.reason),
        "at": utc(verdict.at),
        "until": utc(verdict.until) if verdict.until else None,
    }
    _upsert(connection, VERDICTS, ("recommendation_id",), row)
    entry = AuditEntry(
        who=USER,
        what="verdict given",
        target=verdict.recommendation_id,
        before=str(known.verdict) if known else "",
        after=f"{verdict.verdict}: {verdict.reason}" if verdict.reason else str(verdict.verdict),
        at=verdict.at,
    )
    log_book.audit(connection, entry)


def verdicts(connection: Connection) -> dict[str, UserVerdict]:
    """The last word on each recommendation, by its id."""
    return {
        row.recommendation_id: UserVerdict(
            recommendation_id=row.recommendation_id,
            verdict=Verdict(row.verdict),
            reason=row.reason,
            at=row.at,
            until=row.until,
        )
        for row in connection.execute(select(VERDICTS).order_by(VERDICTS.c.recommendation_id))
    }


def confirm_sprint(connection: Connection, sprint_id: str, at: datetime) -> None:
    """A person agrees that these milestones are one sprint."""
    row = {"sprint_id": sprint_id, "at": at}
    if connection.execute(statements.add(CONFIRMATIONS), row).rowcount:
        entry = AuditEntry(who=USER, what="sprint confirmed", target=sprint_id, before="", after="confirmed", at=at)
        log_book.audit(connection, entry)


def sprints_confirmed(connection: Connection) -> frozenset[str]:
    """The ids of the sprints a person agreed with."""
    return frozenset(connection.scalars(select(CONFIRMATIONS.c.sprint_id)))


# --- evaluations


def save_analysis(connection: Connection, analysis: Analysis) -> None:
    """Store an evaluation: each finding in its table, each forecast in the ledger, and the whole to show again."""
    at = utc(analysis.as_of)
    for one in analysis.sprints:
        _save_sprint(connection, one, at)
    cited = {(e.id, e.quote): e for e in _cited(analysis)}
    rows = [
        {"id": e.id, "quote": e.quote, "kind": e.kind, "url": e.url, "observed_at": utc(e.observed_at)}
        for _, e in sorted(cited.items())
    ]
    if rows:
        connection.execute(statements.add(EVIDENCE), rows)
    _upsert(connection, ANALYSES, ("id",), {"id": 1, "as_of": at, "engine": analysis.engine, "body": to_json(analysis)})


def latest_analysis(connection: Connection) -> Analysis | None:
    """The last evaluation whole; `None` when there is none, or when it was made of records of an older shape."""
    body = connection.scalar(select(ANALYSES.c.body))
    if body is None:
        return None
    try:
        return from_json(Analysis, body)
    except ValidationError as error:
        log.info("The last evaluation is of an older shape and is left aside: %s", error)
        return None


def forecasts(connection: Connection, sprint_id: str) -> tuple[tuple[datetime, float | None], ...]:
    """The ledger of a sprint, oldest first: when, and which probability was said."""
    query = select(FORECASTS.c.as_of, FORECASTS.c.probability).where(FORECASTS.c.sprint_id == sprint_id)
    return tuple((at, p) for at, p in connection.execute(query.order_by(FORECASTS.c.as_of, FORECASTS.c.id)))


def _save_sprint(connection: Connection, one: SprintAnalysis, at: datetime) -> None:
    sprint = one.sprint
    row = {
        "id": sprint.id,
        "title": clean(sprint.title),
        "state": str(sprint.state),
        "starts_at": utc(sprint.starts_at) if sprint.starts_at else None,
        "due_on": sprint.due_on,
        "closed_at": utc(sprint.closed_at) if sprint.closed_at else None,
        "body": to_json(sprint),
        "as_of": at,
    }
    _upsert(connection, SPRINTS, ("id",), row)
    _save_features(connection, one, at)
    _save_forecast(connection, one, at)
    for risk in one.risks:
        values = {"severity": str(risk.severity), "probability": risk.probability, "kind": risk.kind}
        keyed = {"sprint_id": sprint.id, "id": risk.id, "body": to_json(risk)}
        _save_finding(connection, RISKS, {**keyed, **values}, at)
    for advice in one.recommendations:
        values = {"delta_probability": advice.delta_probability, "kind": advice.kind}
        keyed = {"sprint_id": sprint.id, "id": advice.id, "body": to_json(advice)}
        _save_finding(connection, RECOMMENDATIONS, {**keyed, **values}, at)


def _save_features(connection: Connection, one: SprintAnalysis, at: datetime) -> None:
    """Keep the numbers when they differ from the last ones: nothing that did not happen fills the disk."""
    numbers = {f.name: [f.value, f.unit, f.window, f.why_none] for f in one.features.features}
    last = connection.scalar(
        select(FEATURES.c.digest)
        .where(FEATURES.c.sprint_id == one.sprint.id)
        .order_by(FEATURES.c.as_of.desc())
        .limit(1)
    )
    mark = digest(numbers)
    if mark != last:
        row = {"sprint_id": one.sprint.id, "as_of": at, "digest": mark, "body": canonical(numbers)}
        _upsert(connection, FEATURES, ("sprint_id", "as_of"), row)


def _save_forecast(connection: Connection, one: SprintAnalysis, at: datetime) -> None:
    """Add to the ledger; the table ignores an entry it has: the same sprint, moment and content."""
    said, body = one.forecast, to_json(one.forecast)
    row = {
        "sprint_id": one.sprint.id,
        "as_of": at,
        "digest": digest([body, one.sprint.due_on]),
        "due_on": one.sprint.due_on,
        "probability": said.probability,
        "why_none": str(said.why_none) if said.why_none else None,
        "n_active_days": said.n_active_days,
        "n_completed": said.n_completed,
        "runs": said.runs,
        "seed": said.seed,
        "engine": said.engine,
        "body": body,
    }
    connection.execute(FORECASTS.insert(), row)


def _save_finding(connection: Connection, target: Table, row: Row, at: datetime) -> None:
    connection.execute(statements.finding(target, tuple(row)), {**row, "first_at": at, "last_at": at})


def _cited(analysis: Analysis) -> Iterator[Evidence]:
    """Every piece of evidence that a finding of the evaluation cites."""
    for alert in analysis.alerts:
        yield from alert.evidence
    for edge in analysis.dependencies:
        yield from edge.evidence
    for one in analysis.sprints:
        for risk in one.risks:
            yield from risk.evidence
        for advice in one.recommendations:
            yield from advice.evidence
        for part in one.health.parts:
            yield from part.evidence
        for feature in one.features.features:
            yield from feature.evidence


def _upsert(connection: Connection, target: Table, key: tuple[str, ...], row: dict[str, Any]) -> None:
    connection.execute(statements.upsert(target, key, tuple(row)), row)
