"""Which alerts become a balloon, and when: each once, not too many a day, none at night, the rest in the morning.

`decide` is pure: what waits, what was shown, the settings and the moment in; a balloon, the digest or nothing out. In
this order:

1. Alerts whose kind is switched off are noted as seen (`Silence`).
2. Nothing is said while alerts are paused.
3. From the time of the digest on, on a working day, the digest is due once: it takes everything along that is held.
   Somebody chose its time, so quiet hours do not hold it up.
4. No balloon is shown in quiet hours and, unless weekends are switched on, on days off. What comes up then is held.
5. What came up today while people may be disturbed becomes one balloon, as long as the day's budget lasts.

Held are alerts of kinds that are set to "digest" or "tray", those that came up at a quiet time or on an earlier day,
and those beyond the budget. With the digest switched off nothing has to wait for it: then what was held becomes a
balloon at the next moment at which people may be disturbed. A muted subject is as if it were not there: it takes
nothing from the budget and appears nowhere, until the mute ends; then it waits like everything else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from galaxy_desktop.domain.attention import Balloon, Digest, Mute, Silence
from galaxy_desktop.domain.calendar import is_working, local_day
from galaxy_desktop.domain.findings import Alert
from galaxy_desktop.settings import Settings

SETTING_OF_KIND = {
    "probability": "alert_probability",
    "blocked_chain": "alert_blocker",
    "overdue": "alert_overdue",
    "red_build": "alert_build",
    "action_overdue": "alert_action",
}
"""The setting that says where alerts of a kind go; a kind without one goes the usual way."""
BALLOON, TRAY, DIGEST, OFF = "balloon", "tray", "digest", "off"
MORNING = time(9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What there is to decide on: alerts that nobody was shown, what is muted, and what was shown already."""

    alerts: Sequence[Alert]
    mutes: Sequence[Mute] = ()
    balloons_today: int = 0
    last_digest_at: datetime | None = None
    holidays: frozenset[date] = frozenset()


def decide(waiting: Waiting, settings: Settings, now: datetime) -> Silence | Digest | Balloon | None:
    """What is to be shown now; `now` is in the user's zone."""
    heard = audible(waiting.alerts, waiting.mutes, now)
    off = tuple(a for a in heard if way_of(a, settings) == OFF)
    if off:
        return Silence(covers=off)
    if paused_until(settings.text("alerts_paused_until"), now) is not None:
        return None
    held = tuple(a for a in heard if is_held(a, settings, now, waiting))
    if digest_due(settings, now, waiting):
        return Digest(covers=by_urgency(held))
    if quiet(settings, now, waiting.holidays):
        return None
    fresh = [a for a in heard if a not in held]
    if fresh and settings.flag("balloons") and waiting.balloons_today < settings.number("alerts_per_day"):
        return Balloon(covers=by_urgency(fresh))
    return None


def way_of(alert: Alert, settings: Settings) -> str:
    """Where alerts of this kind go: "balloon", "tray", "digest" or "off"."""
    name = SETTING_OF_KIND.get(alert.kind)
    return settings.text(name) if name is not None else BALLOON


def is_held(alert: Alert, settings: Settings, now: datetime, waiting: Waiting) -> bool:
    """Whether an alert waits for the digest; beyond the budget it is not held today, but tomorrow it is."""
    if way_of(alert, settings) in (TRAY, DIGEST):
        return True
    if digest_time(settings) is None:
        return False
    earlier = local_day(alert.at, now) < local_day(now, now)
    return earlier or quiet(settings, alert.at.astimezone(now.tzinfo), waiting.holidays)


def digest_due(settings: Settings, now: datetime, waiting: Waiting) -> bool:
    """Whether today's digest is due: a working day, its time has come, and there was none today."""
    at = digest_time(settings)
    today = local_day(now, now)
    if at is None or not is_working(today, waiting.holidays) or now.time() < at or not settings.flag("balloons"):
        return False
    return waiting.last_digest_at is None or local_day(waiting.last_digest_at, now) < today


def digest_time(settings: Settings) -> time | None:
    """The time of the morning digest; `None` when it is switched off."""
    return _clock(settings.text("digest_at"))


def quiet(settings: Settings, moment: datetime, holidays: Collection[date] = ()) -> bool:
    """Whether nobody is to be disturbed at a moment of the user's zone."""
    if not settings.flag("alerts_on_weekends") and not is_working(moment.date(), frozenset(holidays)):
        return True
    start, end = _clock(settings.text("quiet_from")), _clock(settings.text("quiet_until"))
    if start is None or end is None or start == end:
        return False
    at = moment.time()
    return start <= at < end if start < end else at >= start or at < end


def audible(alerts: Sequence[Alert], mutes: Sequence[Mute], now: datetime) -> list[Alert]:
    """The alerts that nobody muted: neither their item nor their sprint."""
    muted = {one.subject for one in mutes if one.until is None or one.until > now}
    return [a for a in alerts if a.target not in muted and a.sprint_id not in muted]


def in_tray(waiting: Waiting, settings: Settings, now: datetime) -> int:
    """How many alerts the tray counts: those that wait and are set to "tray"."""
    return sum(way_of(a, settings) == TRAY for a in audible(waiting.alerts, waiting.mutes, now))


def by_urgency(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """The most severe first, then the newest."""
    return tuple(sorted(alerts, key=lambda a: (-a.severity.rank, -a.at.timestamp(), a.id)))


def paused_until(text: str, now: datetime) -> datetime | None:
    """The moment until which alerts are paused, when that is still to come."""
    try:
        until = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if until is None:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=now.tzinfo)
    return until if until > now else None


def tomorrow_morning(now: datetime) -> datetime:
    """Nine o'clock of the next day, by the user's clock."""
    return datetime.combine(now.date() + timedelta(days=1), MORNING, now.tzinfo)


def _clock(text: str) -> time | None:
    """A time of day written as "09:00"; `None` for "" and "off"."""
    try:
        return time.fromisoformat(text) if text and text != OFF else None
    except ValueError:
        return None
