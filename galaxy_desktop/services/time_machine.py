"""The workspace as it was at a moment, evaluated anew: board, graph, forecast and the evidence that was known then.

Nothing is written and nobody is alerted. The evaluation is that of today's engine on what was known then; what was
really said then is in the forecast ledger. Verdicts, accepted actions and alerts are those given by then, counts and
freshness those of then, and the record of the forecast is that of the sprints that had ended.

A slider asks for many moments and wants the last one: each question makes those before it give up at the next stage.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from galaxy_desktop.domain.findings import Analysis, FollowUp, RepositoryFreshness
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.errors import CancelledByUserError
from galaxy_desktop.features.past import as_of, blind_spots
from galaxy_desktop.recommend.follow_up import as_it_was
from galaxy_desktop.services import ledger
from galaxy_desktop.services.pipeline import Thinking, think
from galaxy_desktop.store.database import Store

KEPT = 8
"""So many looks back are remembered; a slider goes to and fro."""


def analysis_at(
    store: Store,
    moment: datetime,
    choices: Thinking | None = None,
    *,
    unwanted: Callable[[], bool] = lambda: False,
) -> Analysis:
    """Everything that could have been said at `moment`, an aware datetime in the user's zone; blocking.

    Raises:
        CancelledByUserError: `unwanted` turned true between two stages.
    """
    _look(unwanted)
    snapshot = store.snapshot(moment)
    versions = store.versions_of_changed(moment)
    _look(unwanted)
    then = as_of(snapshot, moment, versions)
    _look(unwanted)
    given = choices or Thinking()
    known = {one: verdict for one, verdict in given.verdicts.items() if verdict.at <= moment}
    accepted = accepted_by(store, moment, given.holidays)
    under_way = frozenset(one.intervention.recommendation_id for one in accepted if not one.progress.final)
    chosen = replace(given, verdicts=known, advice=replace(given.advice, followed=under_way))
    analysis = think(then, freshness_at(store.freshness(), then, moment), moment, chosen)
    _look(unwanted)
    return replace(
        analysis,
        alerts=tuple(alert for alert in store.alerts() if alert.at <= moment),
        follow_ups=accepted,
        decided=tuple(one for one in store.decided() if one.verdict.at <= moment),
        record=ledger.track_record(store, at=moment),
    )


def accepted_by(store: Store, moment: datetime, holidays: frozenset[date] = frozenset()) -> tuple[FollowUp, ...]:
    """What had been accepted at a moment, and how far it was then as far as is known; newest first."""
    found = (as_it_was(one, moment, holidays) for one in store.interventions())
    return tuple(one for one in found if one is not None)


def blind_at(store: Store, moment: datetime) -> tuple[str, ...]:
    """What a look back had to take from the present, in sentences."""
    return blind_spots(store.snapshot(), moment, store.versions_of_changed(moment))


def freshness_at(
    freshness: tuple[RepositoryFreshness, ...], then: Snapshot, moment: datetime
) -> tuple[RepositoryFreshness, ...]:
    """What was there of each repository; a copy that is looked back at is as fresh as its moment."""
    return tuple(
        RepositoryFreshness(
            repository=one.repository,
            items=sum(i.repository_id == one.repository.id for i in then.items),
            open_items=sum(i.repository_id == one.repository.id and i.is_open for i in then.items),
            comments=sum(c.repository_id == one.repository.id for c in then.comments),
            synced_at=min(one.synced_at, moment) if one.synced_at else None,
            state=RepositoryState.SYNCED if one.synced_at else one.state,
        )
        for one in freshness
    )


def _look(unwanted: Callable[[], bool]) -> None:
    if unwanted():
        raise CancelledByUserError("Another moment was asked for.")


class TimeMachine:
    """Remembers the last looks back and which of them is wanted; used from one thread, asked from another."""

    def __init__(self) -> None:
        self._asked = 0
        self._kept: OrderedDict[tuple[datetime, object], Analysis] = OrderedDict()

    def ask(self) -> int:
        """A number for a question; those with smaller ones are unwanted from now on."""
        self._asked += 1
        return self._asked

    def look(
        self, question: int, state: object, moment: datetime, work: Callable[[Callable[[], bool]], Analysis]
    ) -> Analysis:
        """The answer to a question, from memory where the workspace is in the same `state` as then.

        Raises:
            CancelledByUserError: a later question came.
        """
        key = moment, state
        _look(lambda: self._asked != question)
        found = self._kept[key] if key in self._kept else work(lambda: self._asked != question)
        self._kept[key] = found
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found
