"""How a notice is worded: the reason first, then where, and what else there is.

Which alerts are shown and when is decided in `services.attention`, not here; what an alert is about and how long it can be muted is said here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from galaxy_desktop.domain.attention import Balloon, DigestReport, SprintMove
from galaxy_desktop.domain.findings import Alert
from galaxy_desktop.services.attention import tomorrow_morning
from galaxy_desktop.ui import words

MOST_LINES = 4
MOST_MOVES = 3


def worded(notice: Balloon | DigestReport, names: Mapping[str, str], now: datetime) -> tuple[str, str]:
    """Title and text of a notification; `names` are the titles of sprints by id."""
    title, text = _digest(notice) if isinstance(notice, DigestReport) else _balloon(notice, names)
    return words.with_days(title, now.date()), words.with_days(text, now.date())


def move_in_words(one: SprintMove) -> str:
    """How a sprint moved: "Checkout 2.0: 58 %, was 71 %"."""
    if one.now is None:
        was = f", was {words.probability(one.before)}" if one.before is not None else ""
        return f"{one.title}: no probability any more{was}"
    now = words.probability(one.now)
    if one.before is None:
        return f"{one.title}: {now}"
    if round(one.before * 100) == round(one.now * 100):
        return f"{one.title}: {now}, as before"
    return f"{one.title}: {now}, was {words.probability(one.before)}"


def _balloon(balloon: Balloon, names: Mapping[str, str]) -> tuple[str, str]:
    first, *rest = balloon.covers
    reason, *details = first.reason.splitlines() or [first.reason]
    lines = [*details, _about(first, names)]
    if rest:
        lines.append(f"And {words.count(len(rest), 'more alert')}:")
        lines += [f"• {a.reason.splitlines()[0]}" for a in rest[: MOST_LINES - 1] if a.reason]
    return reason, "\n".join(line for line in lines if line)


def _digest(report: DigestReport) -> tuple[str, str]:
    counted = [
        words.count(len(report.held), "alert") + " held back" if report.held else "",
        words.count(len(report.risks), "new risk") if report.risks else "",
    ]
    said = words.listed([one for one in counted if one])
    moved = sorted(
        report.sprints, key=lambda s: -abs((s.now or 0.0) - (s.before if s.before is not None else s.now or 0.0))
    )
    lines = [move_in_words(one) for one in moved[:MOST_MOVES]]
    title = f"This morning: {said}" if said else f"This morning: {lines[0]}" if lines else "This morning"
    return title, "\n".join(lines if said else lines[1:]) or "Open Activity to read it."


def _about(alert: Alert, names: Mapping[str, str]) -> str:
    sprint = names.get(alert.sprint_id, "")
    return f"{words.SEVERITY[alert.severity]} · {sprint}" if sprint else words.SEVERITY[alert.severity]


def subject_of(alert: Alert) -> str:
    """What an alert is about: its item, else its sprint."""
    return alert.target if alert.target.startswith(("issue:", "pr:")) else alert.sprint_id


def mute_choices(alert: Alert, due: datetime | None, now: datetime) -> tuple[tuple[str, datetime | None], ...]:
    """Until when an alert's subject can be muted: words for a menu, and the moment."""
    found: list[tuple[str, datetime | None]] = [
        ("For 1 hour", now + timedelta(hours=1)),
        ("Until tomorrow 9:00", tomorrow_morning(now)),
        ("Until something happens on it", None),
    ]
    if due is not None and due > now:
        found.append((f"Until the sprint ends, {words.day(due.date(), now.date())}", due))
    return tuple(found)
