"""What was shown and when, what is muted: kept so that nothing is shown twice, also after a kill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.attention import DigestReport, Mute
from galaxy_desktop.domain.findings import Risk
from galaxy_desktop.store import findings, statements
from galaxy_desktop.store.codec import from_json, to_json
from galaxy_desktop.store.rows import utc
from galaxy_desktop.store.tables import table
from galaxy_desktop.store.tables_advice import BalloonRow, DigestRow, MuteRow

BALLOONS = table(BalloonRow)
DIGESTS = table(DigestRow)
MUTES = table(MuteRow)


def show(connection: Connection, alert_ids: Sequence[str], at: datetime) -> bool:
    """Note a balloon for these alerts; false when somebody else has shown one of them: then nothing is noted."""
    if not _mark(connection, alert_ids, at):
        return False
    connection.execute(BALLOONS.insert(), {"at": utc(at), "kind": "alerts"})
    return True


def silence(connection: Connection, alert_ids: Sequence[str], at: datetime) -> None:
    """Note alerts as seen without a balloon: their kind is switched off."""
    target = findings.ALERTS
    mine = target.c.id.in_(alert_ids) & target.c.shown_at.is_(None)
    connection.execute(update(target).where(mine).values(shown_at=utc(at)))


def show_digest(
    connection: Connection, day: date, report: DigestReport | None, alert_ids: Sequence[str], at: datetime
) -> bool:
    """Note the digest of a day with the alerts it takes along; false when the day has one.

    `None` says that there was nothing to tell: the day is done without a balloon.
    """
    row = {"day": day, "at": utc(at), "body": to_json(report) if report is not None else ""}
    if not connection.execute(statements.add(DIGESTS), row).rowcount:
        return False
    silence(connection, alert_ids, at)
    if report is not None:
        connection.execute(BALLOONS.insert(), {"at": utc(at), "kind": "digest"})
    return True


def balloons_since(connection: Connection, at: datetime) -> int:
    """How many balloons with alerts were shown since a moment."""
    mine = (BALLOONS.c.at >= utc(at)) & (BALLOONS.c.kind == "alerts")
    return int(connection.scalar(select(func.count()).select_from(BALLOONS).where(mine)) or 0)


def last_digest_at(connection: Connection) -> datetime | None:
    """When the last digest was due, whether there was something to tell or not."""
    found: datetime | None = connection.scalar(select(func.max(DIGESTS.c.at)))
    return found


def latest_digest(connection: Connection) -> DigestReport | None:
    """The last digest that had something to tell."""
    query = select(DIGESTS.c.body).where(DIGESTS.c.body != "").order_by(DIGESTS.c.day.desc()).limit(1)
    body = connection.scalar(query)
    return from_json(DigestReport, body) if body else None


def new_risks(connection: Connection, since: datetime) -> tuple[Risk, ...]:
    """Risks that were first seen after a moment and are there still, the worst first."""
    risk, sprint = findings.RISKS, findings.SPRINTS
    there = risk.c.last_at == sprint.c.as_of
    query = (
        select(risk.c.body)
        .join_from(risk, sprint, (sprint.c.id == risk.c.sprint_id) & there)
        .where(risk.c.first_at > utc(since), sprint.c.state == "open")
    )
    found = [from_json(Risk, body) for body in connection.scalars(query)]
    return tuple(sorted(found, key=lambda one: (-one.severity.rank, -one.probability, one.id)))


def mute(connection: Connection, one: Mute) -> None:
    """Say nothing of a subject from now on; a later word on it replaces an earlier one."""
    row = {"subject": one.subject, "at": utc(one.at), "until": utc(one.until) if one.until else None}
    connection.execute(statements.upsert(MUTES, ("subject",), tuple(row)), row)


def unmute(connection: Connection, subjects: Sequence[str]) -> None:
    """Speak of these again."""
    connection.execute(delete(MUTES).where(MUTES.c.subject.in_(subjects)))


def mutes(connection: Connection, now: datetime) -> tuple[Mute, ...]:
    """What is muted at a moment, by subject."""
    holds = or_(MUTES.c.until.is_(None), MUTES.c.until > utc(now))
    query = select(MUTES).where(holds).order_by(MUTES.c.subject)
    return tuple(Mute(subject=row.subject, at=row.at, until=row.until) for row in connection.execute(query))


def _mark(connection: Connection, alert_ids: Sequence[str], at: datetime) -> bool:
    """Mark all of them as shown, or, when one of them was shown already, none."""
    target = findings.ALERTS
    mine = target.c.id.in_(alert_ids) & target.c.shown_at.is_(None)
    left = connection.scalar(select(func.count()).select_from(target).where(mine))
    if left != len(set(alert_ids)):
        return False
    connection.execute(update(target).where(mine).values(shown_at=utc(at)))
    return True
