"""What is shown to a person who did not ask: muted subjects, balloons, and the digest of a morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from galaxy_desktop.domain.findings import Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Nothing is said of `subject` (an evidence id, or a sprint's id) until a moment, or until something happens on it.

    `until` is `None` for "until something happens": the mute then ends with the first change after `at`.
    """

    subject: str
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SprintMove:
    """A sprint's probability now (`None` where there is none any more), and what it was at the last digest."""

    sprint_id: str
    title: str
    now: float | None
    before: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestReport:
    """What one morning's digest says: how sprints moved since the last one, new risks, and what was held back."""

    at: datetime
    since: datetime
    sprints: tuple[SprintMove, ...] = ()
    risks: tuple[str, ...] = ()
    held: tuple[Alert, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell: then there is no digest."""
        moved = any(s.before is not None and (s.now is None or abs(s.now - s.before) >= 0.01) for s in self.sprints)
        return not (moved or self.risks or self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balloon:
    """Alerts to be shown together now, the most severe first."""

    covers: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The digest is due; `covers` are the alerts that it takes with it."""

    covers: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Alerts of kinds that are switched off: noted as seen, shown nowhere but on the Activity page."""

    covers: tuple[Alert, ...]
