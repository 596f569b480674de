"""What became of advice: accepted actions, verdicts taken back, what is learned from them; all by recommendation id."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.findings import (
    Alert,
    Decided,
    FollowUp,
    Intervention,
    Progress,
    Recommendation,
    UserVerdict,
    Verdict,
)
from galaxy_desktop.domain.work_log import AuditEntry
from galaxy_desktop.store import findings, log_book, statements
from galaxy_desktop.store.codec import from_json, to_json
from galaxy_desktop.store.rows import utc
from galaxy_desktop.store.tables import table
from galaxy_desktop.store.tables_advice import CourseRow, InterventionRow, LearningResetRow

INTERVENTIONS = table(InterventionRow)
RESETS = table(LearningResetRow)
COURSE = table(CourseRow)

TAKEN_BACK = "Taken back before it was done."
FINAL = tuple(str(one) for one in Progress if one.final)


# --- verdicts


def give(connection: Connection, verdict: UserVerdict) -> None:
    """Store a verdict; an action that was accepted before and is not done is no longer followed up."""
    findings.give_verdict(connection, verdict)
    if verdict.verdict is not Verdict.ACCEPTED:
        _withdraw(connection, verdict.recommendation_id)


def undo(connection: Connection, recommendation_id: str, at: datetime) -> bool:
    """Take a verdict back, as if it had never been given; the audit log keeps it. Whether there was one."""
    known = findings.verdicts(connection).get(recommendation_id)
    if known is None:
        return False
    target = findings.VERDICTS
    connection.execute(delete(target).where(target.c.recommendation_id == recommendation_id))
    _withdraw(connection, recommendation_id)
    entry = AuditEntry(
        who=findings.USER,
        what="verdict taken back",
        target=recommendation_id,
        before=str(known.verdict),
        after="",
        at=at,
    )
    log_book.audit(connection, entry)
    return True


def decided(connection: Connection) -> tuple[Decided, ...]:
    """The verdicts in force with the recommendations they are about, newest first; those that left no trace are not."""
    verdict, advice, sprint = findings.VERDICTS, findings.RECOMMENDATIONS, findings.SPRINTS
    said = findings.verdicts(connection)
    query = (
        select(verdict.c.recommendation_id, advice.c.body, func.coalesce(sprint.c.title, ""))
        .join_from(verdict, advice, advice.c.id == verdict.c.recommendation_id)
        .outerjoin(sprint, sprint.c.id == advice.c.sprint_id)
        .order_by(verdict.c.at.desc(), verdict.c.recommendation_id)
    )
    return tuple(
        Decided(recommendation=from_json(Recommendation, body), sprint_title=title, verdict=said[key])
        for key, body, title in connection.execute(query)
    )


# --- accepted actions


def follow(connection: Connection, found: Sequence[FollowUp]) -> None:
    """Begin to follow up accepted actions, or store what came of them; what is final stays as it is."""
    for one in found:
        act = one.intervention
        row = {
            "id": act.id,
            "recommendation_id": act.recommendation_id,
            "sprint_id": act.sprint_id,
            "kind": act.kind,
            "accepted_at": utc(act.accepted_at),
            "progress": str(one.progress),
            "body": to_json(one),
        }
        if connection.execute(statements.add(INTERVENTIONS), row).rowcount:
            continue
        mine = (INTERVENTIONS.c.id == act.id) & INTERVENTIONS.c.progress.not_in(FINAL)
        connection.execute(update(INTERVENTIONS).where(mine).values(progress=row["progress"], body=row["body"]))


def interventions(connection: Connection, *, under_way: bool = False) -> tuple[FollowUp, ...]:
    """Everything that was ever accepted with what came of it, newest first; or only what is not settled."""
    query = select(INTERVENTIONS.c.body).order_by(INTERVENTIONS.c.accepted_at.desc(), INTERVENTIONS.c.id)
    if under_way:
        query = query.where(INTERVENTIONS.c.progress.not_in(FINAL))
    return tuple(from_json(FollowUp, body) for body in connection.scalars(query))


def _withdraw(connection: Connection, recommendation_id: str) -> None:
    mine = (INTERVENTIONS.c.recommendation_id == recommendation_id) & INTERVENTIONS.c.progress.not_in(FINAL)
    for body in connection.scalars(select(INTERVENTIONS.c.body).where(mine)).all():
        act: Intervention = from_json(FollowUp, body).intervention
        gone = FollowUp(intervention=act, progress=Progress.WITHDRAWN, sentence=TAKEN_BACK)
        values = {"progress": str(gone.progress), "body": to_json(gone)}
        connection.execute(update(INTERVENTIONS).where(INTERVENTIONS.c.id == act.id).values(values))


# --- what is learned


def past_advice(connection: Connection) -> tuple[tuple[str, UserVerdict, bool | None], ...]:
    """Kind, verdict and whether it helped, of every verdict since its kind was last forgotten; oldest first."""
    advice = findings.RECOMMENDATIONS
    kinds = {row.id: row.kind for row in connection.execute(select(advice.c.id, advice.c.kind))}
    since = resets(connection)
    helped = {one.intervention.recommendation_id: one.helped for one in reversed(interventions(connection))}
    found = [
        (kinds[key], verdict, helped.get(key))
        for key, verdict in findings.verdicts(connection).items()
        if key in kinds and (kinds[key] not in since or verdict.at > since[kinds[key]])
    ]
    return tuple(sorted(found, key=lambda one: (one[1].at, one[1].recommendation_id)))


def resets(connection: Connection) -> dict[str, datetime]:
    """When what was learned of a kind was forgotten."""
    return {row.kind: row.at for row in connection.execute(select(RESETS))}


def forget_learning(connection: Connection, kind: str, at: datetime) -> None:
    """Verdicts on this kind so far no longer weigh in the order; they stay in force."""
    connection.execute(statements.upsert(RESETS, ("kind",), ("kind", "at")), {"kind": kind, "at": utc(at)})
    entry = AuditEntry(who=findings.USER, what="learning forgotten", target=kind, before="", after="", at=at)
    log_book.audit(connection, entry)


# --- the course of probabilities


def course(connection: Connection, before: datetime) -> dict[tuple[str, date], list[tuple[datetime, float]]]:
    """The probabilities said before a moment, oldest first, by sprint and end."""
    found: dict[tuple[str, date], list[tuple[datetime, float]]] = {}
    query = select(COURSE).where(COURSE.c.at < utc(before)).order_by(COURSE.c.at)
    for row in connection.execute(query):
        found.setdefault((row.sprint_id, row.due_on), []).append((row.at, row.probability))
    return found


def raise_alerts(
    connection: Connection,
    alerts: Sequence[Alert],
    said: Collection[tuple[str, date, float]],
    at: datetime,
) -> tuple[Alert, ...]:
    """Store new alerts, and with them the probabilities they were told by: both, or after a kill neither."""
    moment = utc(at)
    for sprint_id, due_on, probability in said:
        mine = (COURSE.c.sprint_id == sprint_id) & (COURSE.c.due_on == due_on)
        last = select(COURSE.c.probability).where(mine, COURSE.c.at <= moment).order_by(COURSE.c.at.desc()).limit(1)
        if connection.scalar(last) != probability:
            row = {"sprint_id": sprint_id, "due_on": due_on, "at": moment, "probability": probability}
            connection.execute(statements.add(COURSE), row)
    return findings.raise_alerts(connection, alerts)
