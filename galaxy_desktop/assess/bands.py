"""What deserves the tray: facts and crossings, each with an id made from the fact.

The same fact never gets a second alert, also after a restart, because its id is a digest of what is true: the sprint
and its due day for "overdue", the band and the due day for a probability that fell, the risk's own id for
a broken default branch or a blocked chain. Moving the due date makes a new fact.

A probability falls into one of three bands; only the lowest one crossed is announced, and again only after it had
clearly recovered (see `crossings`). An item that holds up others is announced when it lies on the path that decides
when the sprint is done; where no runs say what is on that path, when it holds up three items or more. Alerts that rest
on a forecast wait until the history was read completely: half a history gives a wrong number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime

from galaxy_desktop.assess.crossings import Crossing, crossing
from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.evidence import Evidence, of_anchors, of_item, of_number, unique
from galaxy_desktop.domain.findings import Alert, Forecast, Risk, Severity
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import State

BANDS = ((0.3, Severity.CRITICAL), (0.5, Severity.HIGH), (0.7, Severity.MEDIUM))
"""Below which probability an alert is due, lowest first, and how bad that is."""
ALERTING_KINDS = ("red_build", "blocked_chain")
"""Kinds of risks that may alert: what blocks everybody, and what decides when the sprint is done."""
CRITICAL_SHARE = 0.25
"""In at least this share of the runs the path that decides goes through a blocker that is announced."""
MOST_EVIDENCE = 10


def alerts_of(
    sprint: Sprint,
    forecast: Forecast,
    risks: Sequence[Risk],
    snapshot: Snapshot,
    now: datetime,
    *,
    said: Sequence[tuple[datetime, float]] = (),
    kinds: Collection[str] = ALERTING_KINDS,
) -> tuple[Alert, ...]:
    """All alerts that the present facts of a sprint call for; whoever stores them drops those already raised.

    `said` are the probabilities said earlier for this end, oldest first; `kinds` the kinds of risks that may alert.
    """
    if sprint.state is State.CLOSED:
        return ()
    found = [_overdue(sprint, snapshot, now), _band(sprint, forecast, risks, snapshot, now, said=said)]
    found += [_of_risk(sprint, risk, forecast, now) for risk in risks if _alerting(risk, forecast, snapshot, kinds)]
    return tuple(alert for alert in found if alert is not None)


def alert_id(*fact: object) -> str:
    """A short digest of a fact."""
    text = "\x1f".join(str(part) for part in fact)
    return f"alert-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _alerting(risk: Risk, forecast: Forecast, snapshot: Snapshot, kinds: Collection[str]) -> bool:
    if risk.kind not in kinds:
        return False
    if risk.kind == "blocked_chain" and forecast.outlooks and snapshot.history_complete:
        return critical_share(risk, forecast) >= CRITICAL_SHARE
    return risk.severity is Severity.CRITICAL


def critical_share(risk: Risk, forecast: Forecast) -> float:
    """The share of runs in which the path that decides goes from the blocker, the first item, to one that waits."""
    blocker = risk.item_ids[0] if risk.item_ids else ""
    return min(sum(edge.share for edge in forecast.critical_edges if edge.source_id == blocker), 1.0)


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


def _band(
    sprint: Sprint,
    forecast: Forecast,
    risks: Sequence[Risk],
    snapshot: Snapshot,
    now: datetime,
    *,
    said: Sequence[tuple[datetime, float]],
) -> Alert | None:
    p = forecast.probability
    if p is None or not snapshot.history_complete:
        return None
    fell = crossing([*said, (now, p)], [band for band, _ in BANDS])
    if fell is None:
        return None
    lines = [_fall_in_words(sprint, p, fell), *(risk.summary for risk in risks[:1])]
    evidence = _of_forecast(sprint, snapshot, p, now, risks)
    again = (f"again {fell.earlier}",) if fell.earlier else ()
    return Alert(
        id=alert_id("probability", sprint.id, fell.band, sprint.due_on, *again),
        kind="probability",
        sprint_id=sprint.id,
        reason="\n".join(lines),
        severity=dict(BANDS)[fell.band],
        evidence=evidence,
        at=now,
        target=risks[0].evidence[0].id if risks else evidence[0].id,
    )


def _fall_in_words(sprint: Sprint, p: float, fell: Crossing) -> str:
    was = f" (was {_percent(fell.was)})" if fell.was is not None and fell.was > p else ""
    return f"{sprint.name}: {_percent(p)}{was} likely to land by {sprint.due_on}, below {_percent(fell.band)}"


def _percent(p: float) -> str:
    return f"{100.0 * p:.0f} %"


def _of_forecast(
    sprint: Sprint, snapshot: Snapshot, p: float, now: datetime, risks: Sequence[Risk]
) -> tuple[Evidence, ...]:
    own = of_number(sprint, snapshot, "probability", f"P = {p:.2f}", now)
    return unique([*of_anchors(sprint, snapshot), own, *(risk.evidence[0] for risk in risks[:3])])


def _of_risk(sprint: Sprint, risk: Risk, forecast: Forecast, now: datetime) -> Alert:
    first = risk.summary
    if risk.kind == "blocked_chain" and forecast.probability is not None:
        first = f"{first.rstrip('.')}; P is {_percent(forecast.probability)}."
    return Alert(
        id=alert_id(risk.id),
        kind=risk.kind,
        sprint_id=sprint.id,
        reason=f"{first}\n{sprint.name}. {risk.impact}",
        severity=risk.severity,
        evidence=risk.evidence,
        at=now,
        target=risk.item_ids[0] if risk.item_ids else risk.evidence[0].id,
    )
