"""What a workspace can say of its past: how it stood at a moment, and how far its forecasts can be believed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from galaxy_desktop.domain.days_off import days_off_of
from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.ledger import TrustReport
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.settings import Settings

if TYPE_CHECKING:
    from galaxy_desktop.services.time_machine import TimeMachine
    from galaxy_desktop.store.database import Store

Result = TypeVar("Result")


class Hindsight(ABC):
    """The looking back of a `Workspace`; all methods are called on the event loop's thread."""

    _now: Callable[[], datetime]
    _machine: TimeMachine | None = None

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

    async def look_back(self, moment: datetime) -> Analysis:
        """The workspace as it was at `moment`, evaluated with what was known then; nothing is written or alerted.

        Raises:
            WrongUseError: the moment lies in the future.
            CancelledByUserError: another moment was asked for meanwhile, so nobody waits for this one.
        """
        if moment > self._now():
            raise WrongUseError("Nobody knows yet how things will stand then. Choose a moment in the past.")
        if self._machine is None:
            from galaxy_desktop.services.time_machine import TimeMachine  # noqa: PLC0415 - after the first paint

            self._machine = TimeMachine()
        machine, question = self._machine, self._machine.ask()
        latest, country, store = self.latest(), self.settings.text("holidays"), self.store
        state = latest.as_of if latest is not None else None
        local = moment.astimezone(self._now().tzinfo)

        def work(unwanted: Callable[[], bool]) -> Analysis:
            return looked(store, local, country, unwanted)

        return await self._think(lambda: machine.look(question, state, local, work))

    async def blind_spots(self, moment: datetime) -> tuple[str, ...]:
        """What a look back at `moment` has to take from the present, in sentences; empty when it has not."""
        store = self.store
        return await self._think(lambda: _blind(store, moment))

    async def earliest(self) -> datetime | None:
        """The earliest moment worth looking back to, `None` when nothing is stored."""
        store = self.store
        found = await self._think(store.earliest)
        return found.astimezone(self._now().tzinfo) if found is not None else None

    async def trust(self, moment: datetime | None = None) -> TrustReport:
        """How good the forecasts were, and what follows from that; at a moment, by the sprints that had ended then."""
        store, now = self.store, self._now()
        local = moment.astimezone(now.tzinfo) if moment is not None else None
        return await self._think(lambda: _trusted(store, now, local))


def looked(
    store: Store,
    moment: datetime,
    country: str,
    unwanted: Callable[[], bool] = lambda: False,
    known_by: datetime | None = None,
) -> Analysis:
    """The workspace as it was at a moment, whatever else is asked meanwhile; blocking.

    Its numbers are corrected by the record of the forecasts as it was then, or at `known_by`: two moments are compared
    with the same correction on both sides.
    """
    from galaxy_desktop.services import ledger, past_book, pipeline, time_machine  # noqa: PLC0415 - numpy, after the first paint
    from galaxy_desktop.services.holiday_calendar import holidays_of  # noqa: PLC0415 - same

    off = days_off_of(Settings.from_text(store.settings()).text("days_off"))
    choices = pipeline.Thinking(
        confirmed=store.sprints_confirmed(),
        verdicts=store.verdicts(),
        holidays=holidays_of(country, moment.date()) | off.team,
        away=off.people,
        recalibration=ledger.current_recalibration(store, at=known_by or moment),
        past=past_book.read(store.folder),
    )
    return time_machine.analysis_at(store, moment, choices, unwanted=unwanted)


def _blind(store: Store, moment: datetime) -> tuple[str, ...]:
    from galaxy_desktop.services import time_machine  # noqa: PLC0415 - numpy, after the first paint

    return time_machine.blind_at(store, moment)


def _trusted(store: Store, now: datetime, at: datetime | None) -> TrustReport:
    from galaxy_desktop.services import ledger  # noqa: PLC0415 - numpy, after the first paint

    return ledger.trust(store, now, at=at)
