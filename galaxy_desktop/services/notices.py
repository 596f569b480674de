"""What a workspace says by itself, and what a person answers: balloons and digests, mutes, verdicts taken back.

A notice is noted in the database before it is handed out. A kill in between loses one notification, and the Activity
page still has what it said; the other way round the same alert would be shown twice.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from galaxy_desktop.domain.attention import Balloon, Digest, DigestReport, Mute, Silence, SprintMove
from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.findings import Alert, Analysis
from galaxy_desktop.domain.work import State
from galaxy_desktop.services import attention

if TYPE_CHECKING:
    from galaxy_desktop.settings import Settings
    from galaxy_desktop.store.database import Store

Result = TypeVar("Result")

MOST_DIGEST_DAYS = timedelta(days=7)
MOST_RISKS = 8


class Notices(ABC):
    """The speaking up of a `Workspace`; all methods are called on the event loop's thread."""

    _now: Callable[[], datetime]
    alerts_in_tray: int = 0
    """How many alerts the tray counts, as of the last question for a notice."""

    @property
    @abstractmethod
    def store(self) -> Store:
        """The open store."""

    @property
    @abstractmethod
    def settings(self) -> Settings:
        """The settings in force."""

    @abstractmethod
    def latest(self) -> Analysis | None:
        """The newest evaluation."""

    @abstractmethod
    async def _think(self, work: Callable[[], Result]) -> Result:
        """Run blocking work on the thread that thinks."""

    @abstractmethod
    async def _evaluate(self, saw: float) -> None:
        """Evaluate what is stored."""

    @abstractmethod
    async def change_setting(self, name: str, text: str) -> None:
        """Change one setting."""

    async def next_notice(self) -> Balloon | DigestReport | None:
        """What is to be shown now, noted as shown already; `None` when nothing is."""
        store, settings, now, latest = self.store, self.settings, self._now(), self.latest()
        notice, self.alerts_in_tray = await self._think(
            lambda: (
                take_notice(store, settings, now, latest),
                attention.in_tray(waiting(store, settings, now), settings, now),
            )
        )
        return notice

    def alerts_unshown(self) -> tuple[Alert, ...]:
        """Alerts that nobody has been shown yet, newest first."""
        return self.store.alerts_unshown()

    async def pause_alerts(self, until: datetime | None) -> None:
        """No balloons until then; `None` ends the pause."""
        await self.change_setting("alerts_paused_until", until.isoformat() if until else "")

    async def mute(self, subject: str, until: datetime | None) -> None:
        """Say nothing of an item or sprint until then; `None` for "until something happens on it"."""
        await asyncio.wrap_future(self.store.mute(Mute(subject=subject, at=self._now(), until=until)))

    async def unmute(self, subject: str) -> None:
        """Speak of it again."""
        await asyncio.wrap_future(self.store.unmute([subject]))

    async def undo_verdict(self, recommendation_id: str) -> None:
        """Take back what was said of a recommendation, as if it had never been said, and evaluate again."""
        if await asyncio.wrap_future(self.store.undo_verdict(recommendation_id, self._now())):
            await self._evaluate(time.monotonic())

    async def forget_learning(self, kind: str) -> None:
        """Let what was said of a kind of action so far no longer weigh in the order, and evaluate again."""
        await asyncio.wrap_future(self.store.forget_learning(kind, self._now()))
        await self._evaluate(time.monotonic())


def waiting(store: Store, settings: Settings, now: datetime) -> attention.Waiting:
    """What there is to decide on, from the store; blocking."""
    from galaxy_desktop.services.holiday_calendar import holidays_of  # noqa: PLC0415 - a heavy library, seldom used

    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    country = settings.text("holidays")
    holidays: frozenset[date] = holidays_of(country, now.date()) if country else frozenset()
    return attention.Waiting(
        alerts=store.alerts_unshown(),
        mutes=store.mutes(now),
        balloons_today=store.balloons_since(midnight),
        last_digest_at=store.last_digest_at(),
        holidays=holidays,
    )


def take_notice(
    store: Store, settings: Settings, now: datetime, latest: Analysis | None
) -> Balloon | DigestReport | None:
    """Decide, and note what is shown; what somebody else has just shown is not shown again. Blocking."""
    while True:
        match attention.decide(waiting(store, settings, now), settings, now):
            case Silence(covers=covers):
                store.silence([a.id for a in covers], now).result()
            case Digest(covers=covers):
                report = composed(store, now, latest, covers)
                shown = None if report.empty else report
                if store.show_digest(local_day(now, now), shown, [a.id for a in covers], now).result() and shown:
                    return shown
            case Balloon(covers=covers) as balloon:
                return balloon if store.show_balloon([a.id for a in covers], now).result() else None
            case None:
                return None


def composed(store: Store, now: datetime, latest: Analysis | None, held: Sequence[Alert]) -> DigestReport:
    """The digest of this morning; blocking. In the first one every risk would be new, so it names none."""
    last = store.last_digest_at()
    since = max(last or now - timedelta(days=1), now - MOST_DIGEST_DAYS)
    said = store.course(since + timedelta(microseconds=1))
    moves = []
    for one in latest.sprints if latest is not None else ():
        p, due = one.forecast.probability, one.sprint.due_on
        if one.sprint.state is not State.OPEN or due is None:
            continue
        earlier = said.get((one.sprint.id, due), [])
        before = earlier[-1][1] if earlier else None
        if p is None and before is None:
            continue
        moves.append(SprintMove(sprint_id=one.sprint.id, title=one.sprint.title, now=p, before=before))
    risks = tuple(risk.summary for risk in store.new_risks(since)[:MOST_RISKS]) if last is not None else ()
    return DigestReport(at=now, since=since, sprints=tuple(moves), risks=risks, held=tuple(held))
