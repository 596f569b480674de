"""What deserves the tray: facts and crossings, each with an id made from the fact.

The same fact never gets a second alert, also after a restart, because its id is a digest of what is true: the sprint
and its due day for "overdue", the band and the due day for a probability that fell, the risk's own id for
a broken default branch or a blocked chain. Moving the due date makes a new fact.

A probability falls into one of three bands; only the lowest one crossed is announced. Alerts that rest on a forecast
wait until the history was read completely: half a history gives a wrong number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.evidence import Evidence, of_anchors, of_item, of_number, unique
from galaxy_desktop.domain.findings import Alert, Forecast, Risk, Severity
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import State

BANDS = ((0.3, Severity.CRITICAL), (0.5, Severity.HIGH), (0.7, Severity.MEDIUM))
"""Below which probability an alert is due, lowest first, and how bad that is."""
ALERTING_KINDS = ("red_build", "blocked_chain")
MOST_EVIDENCE = 10


def alerts_of(
    sprint: Sprint, forecast: Forecast, risks: Sequence[Risk], snapshot: Snapshot, now: datetime
) -> tuple[Alert, ...]:
    """All alerts that the present facts of a sprint call for; whoever stores them drops those already raised."""
    if sprint.state is State.CLOSED:
        return ()
    found = [_overdue(sprint, snapshot, now), _band(sprint, forecast, risks, snapshot, now)]
    found += [_of_risk(sprint, risk, now) for risk in risks if _alerting(risk)]
    return tuple(alert for alert in found if alert is not None)


def alert_id(*fact: object) -> str:
    """A short digest of a fact."""
    text = "\x1f".join(str(part) for part in fact)
    return f"alert-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _alerting(risk: Risk) -> bool:
    return risk.severity is Severity.CRITICAL and risk.kind in ALERTING_KINDS


def _overdue(sprint: Sprint, snapshot: Snapshot, now: datetime) -> Alert | None:
    opened = [item for item in snapshot.of_sprint(sprint) if item.is_open]
    if sprint.due_on is None or local_day(now, now) <= sprint.due_on or not opened:
        return None
    count = "1 item" if len(opened) == 1 else f"{len(opened)} items"
    reason = f"{sprint.name} is overdue since {sprint.due_on}: {count} open"
    evidence = unique([*of_anchors(sprint, snapshot), *(of_item(item) for item in opened)])[:MOST_EVIDENCE]
    return Alert(
        id=alert_id("overdue", sprint.id, sprint.due_on),
        kind="overdue",
        sprint_id=sprint.id,
        reason=reason,
        severity=Severity.HIGH,
        evidence=evidence,
        at=now,
        target=evidence[0].id,
    )


def _band(sprint: Sprint, forecast: Forecast, risks: Sequence[Risk], snapshot: Snapshot, now: datetime) -> Alert | None:
    p = forecast.probability
    crossed = next(((band, severity) for band, severity in BANDS if p is not None and p < band), None)
    if p is None or crossed is None or not snapshot.history_complete:
        return None
    band, severity = crossed
    lines = [f"{sprint.name}: {p:.0%} likely to land by {sprint.due_on}, below {band:.0%}".replace("%", " %")]
    if risks:
        lines.append(risks[0].summary)
    evidence = _of_forecast(sprint, snapshot, p, now, risks)
    return Alert(
        id=alert_id("probability", sprint.id, band, sprint.due_on),
        kind="probability",
        sprint_id=sprint.id,
        reason="\n".join(lines),
        severity=severity,
        evidence=evidence,
        at=now,
        target=risks[0].evidence[0].id if risks else evidence[0].id,
    )


def _of_forecast(
    sprint: Sprint, snapshot: Snapshot, p: float, now: datetime, risks: Sequence[Risk]
) -> tuple[Evidence, ...]:
    own = of_number(sprint, snapshot, "probability", f"P = {p:.2f}", now)
    return unique([*of_anchors(sprint, snapshot), own, *(risk.evidence[0] for risk in risks[:3])])


def _of_risk(sprint: Sprint, risk: Risk, now: datetime) -> Alert:
    return Alert(
        id=alert_id(risk.id),
        kind=risk.kind,
        sprint_id=sprint.id,
        reason=f"{risk.summary}\n{sprint.name}. {risk.impact}",
        severity=risk.severity,
        evidence=risk.evidence,
        at=now,
        target=risk.item_ids[0] if risk.item_ids else risk.evidence[0].id,
    )
