"""Which alert becomes a balloon, and when: each once, not too many a day, none while paused.

`next_balloon` decides and is pure. What waited while alerts were paused, the day's budget was used up or the
program was off comes as one balloon together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from galaxy_desktop.domain.findings import Alert
from galaxy_desktop.settings import Settings
from galaxy_desktop.ui import words
from galaxy_desktop.ui.tray import paused_until

MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class Balloon:
    """A notification: `title` is the reason, `covers` the alerts that it shows, the most severe first."""

    title: str
    text: str
    covers: tuple[Alert, ...]


def next_balloon(
    unshown: Sequence[Alert], settings: Settings, now: datetime, *, balloons_today: int, names: Mapping[str, str]
) -> Balloon | None:
    """The balloon that is due now, or `None`; `names` are the titles of sprints by id."""
    if not unshown or not settings.flag("balloons"):
        return None
    if paused_until(settings.text("alerts_paused_until"), now) is not None:
        return None
    if balloons_today >= settings.number("alerts_per_day"):
        return None
    first, *rest = sorted(unshown, key=lambda a: (-a.severity.rank, -a.at.timestamp(), a.id))
    reason, *details = first.reason.splitlines() or [first.reason]
    lines = [*details, _about(first, names)]
    if rest:
        lines.append(f"And {words.count(len(rest), 'more alert')}:")
        lines += [f"• {a.reason.splitlines()[0]}" for a in rest[: MOST_LINES - 1] if a.reason]
    return Balloon(reason, "\n".join(line for line in lines if line), (first, *rest))


def _about(alert: Alert, names: Mapping[str, str]) -> str:
    sprint = names.get(alert.sprint_id, "")
    return f"{words.SEVERITY[alert.severity]} · {sprint}" if sprint else words.SEVERITY[alert.severity]
