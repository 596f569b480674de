"""Questions to a workspace that change nothing: what if, what moved it, what happened since, how did a sprint go.

An answer is computed from what is stored and kept nowhere as a fact. `Questions` is the part of a `Workspace` that people
ask; `AnswerDesk` holds, for the evaluation on the screen, the inputs of its forecasts and a simulator that keeps its
draws, so that the second question about a sprint is answered in a fraction of a second.

Reading the store happens on the thread that thinks. What then takes long (a breakdown plays the sprint some dozen times)
runs beside it, so that no question stands between a poll and its alert.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.since import Moved, Since
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services.hindsight import Hindsight, looked

if TYPE_CHECKING:
    from galaxy_desktop.assess.what_if import Question, WhatIf
    from galaxy_desktop.domain.flow import FlowReport
    from galaxy_desktop.domain.retro import Retro
    from galaxy_desktop.services.answers import AnswerDesk

NOT_YET = "There is no evaluation yet. Try again in a moment."


class Questions(Hindsight):
    """The questions of a `Workspace`; all methods are called on the event loop's thread."""

    _answers: AnswerDesk | None = None

    async def what_if(self, sprint_id: str, question: Question) -> WhatIf:
        """The forecast of a sprint before and after one change, under the same random numbers; nothing is stored.

        Raises:
            WrongUseError: there is no such sprint or item, or nothing was evaluated yet.
        """
        desk, latest = self._desk(), self._shown()
        return await self._think(lambda: desk.what_if(latest, sprint_id, question))

    async def what_moved(self, sprint_id: str, since: datetime, until: datetime | None = None) -> Moved:
        """Why the probability of a sprint is not what it was at `since`; without parts where one has no number.

        With `until`, why it was not the same at that moment of the past.

        Raises:
            WrongUseError: there is no such sprint, or nothing was evaluated yet.
        """
        desk, latest = self._desk(), self._shown()
        zone = self._now().tzinfo
        local, then = since.astimezone(zone), until.astimezone(zone) if until is not None else None
        before, after = await self._think(lambda: desk.both(latest, sprint_id, local, then))
        if then is None:
            return await asyncio.to_thread(desk.moved, before, after)
        simulator = await self._think(lambda: desk.simulator_at(then))
        return await asyncio.to_thread(desk.moved, before, after, simulator)

    async def since(self, moment: datetime, until: datetime | None = None) -> Since:
        """What changed since a moment, with a breakdown for each sprint whose probability moved by 5 points or more.

        With `until`, what had changed at that moment of the past.

        Raises:
            WrongUseError: the moment lies in the future, or nothing was evaluated yet.
        """
        from galaxy_desktop.explain.since import compare, with_movement  # noqa: PLC0415 - when first asked
        from galaxy_desktop.services.answers import worth_explaining  # noqa: PLC0415 - same

        # What is on the screen counts every outcome, also those of today.
        look = self._look(moment, until or self._now() + timedelta(days=1))
        latest = self._shown() if until is None else await self._think(self._look(until))
        then = await self._think(look)
        blind = await self.blind_spots(then.as_of)
        told = compare(then, latest, blind)
        moved: dict[str, Moved] = {}
        for one in told.sprints:
            if worth_explaining(one.moved):
                moved[one.sprint_id] = await self.what_moved(one.sprint_id, then.as_of, until)
        return with_movement(told, moved)

    async def flow_then(self, sprint_id: str, moment: datetime) -> FlowReport:
        """The flow of a sprint and its repositories as it was at a moment.

        Raises:
            WrongUseError: the moment lies in the future.
        """
        desk, look, local = self._desk(), self._look(moment), moment.astimezone(self._now().tzinfo)
        return await self._think(lambda: desk.flow(local, sprint_id, look))

    async def retro(self, sprint_id: str, moment: datetime | None = None) -> Retro:
        """The course of a sprint: what was said when, what moved it, and how it came out; as known at a moment.

        Raises:
            WrongUseError: there is no such sprint.
        """
        from galaxy_desktop.services import retro  # noqa: PLC0415 - when first asked

        desk, store, latest = self._desk(), self.store, self._shown()
        await self._think(lambda: desk.prepare(latest))
        shown = latest if moment is None else await self._think(self._look(moment))
        at = None if moment is None else shown.as_of
        found, pair = await self._think(lambda: retro.retro_of(store, shown, sprint_id, at))
        if pair is None:
            return found
        moved = await asyncio.to_thread(desk.moved, *pair)
        return retro.with_biggest(found, moved)

    def _look(self, moment: datetime, known_by: datetime | None = None) -> Callable[[], Analysis]:
        """A look back that neither ends the one of the time machine nor is ended by it; `known_by` as in `looked`."""
        now = self._now()
        if moment > now:
            raise WrongUseError("Nobody knows yet how things will stand then. Choose a moment in the past.")
        store, local, country = self.store, moment.astimezone(now.tzinfo), self.settings.text("holidays")
        return lambda: looked(store, local, country, known_by=known_by)

    def _desk(self) -> AnswerDesk:
        if self._answers is None:
            from galaxy_desktop.services.answers import AnswerDesk  # noqa: PLC0415 - numpy, when first asked

            self._answers = AnswerDesk(self.store, self.settings.text("holidays"))
        self._answers.country = self.settings.text("holidays")
        return self._answers

    def _shown(self) -> Analysis:
        latest = self.latest()
        if latest is None:
            raise WrongUseError(NOT_YET)
        return latest
