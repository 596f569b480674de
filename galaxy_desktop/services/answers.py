"""What answers questions about forecasts: inputs of the evaluation on the screen, and simulators that keep their draws."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from galaxy_desktop.assess import forecast, movement, what_if
from galaxy_desktop.assess.what_if import Question, WhatIf
from galaxy_desktop.domain.days_off import days_off_of
from galaxy_desktop.domain.findings import Analysis, ForecastInputs
from galaxy_desktop.domain.flow import FlowReport
from galaxy_desktop.domain.since import Moved, MovedBy
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.explain.since import WORTH_EXPLAINING
from galaxy_desktop.features.compute import compute
from galaxy_desktop.features.edges import dependency_edges
from galaxy_desktop.features.flow_report import FlowScene, flow_report, scene_of
from galaxy_desktop.features.index import index_of
from galaxy_desktop.features.past import as_of
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.services import ledger, pipeline
from galaxy_desktop.services.holiday_calendar import holidays_of
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

logger = logging.getLogger(__name__)

KEPT = 6
"""So many inputs are remembered: some sprints now, and each of them at some moments."""

Key = tuple[datetime, datetime, str]


def worth_explaining(moved: Moved) -> bool:
    """Whether a probability moved by 5 points or more."""
    return moved.change is not None and abs(moved.change) >= WORTH_EXPLAINING - 1e-9


class AnswerDesk:
    """Answers for one workspace. `what_if` and `both` are called on one thread, `moved` on any."""

    def __init__(self, store: Store, country: str, *, back: bool = False) -> None:
        """`country` names the holidays, "" for none; `back` says that what is shown is itself a look back."""
        self.country = country
        self._back = back
        self._store = store
        self._kept: OrderedDict[Key, ForecastInputs] = OrderedDict()
        self._evaluated: datetime | None = None
        self._simulator = forecast.Simulator()
        self._scene: tuple[datetime, FlowScene] | None = None

    def what_if(self, shown: Analysis, sprint_id: str, question: Question) -> WhatIf:
        """The answer to a question about a sprint of the evaluation on the screen; blocking."""
        inputs = self.inputs(shown, sprint_id, shown.as_of)
        try:
            return what_if.what_if(inputs, question, self._simulator.simulate)
        except ValueError as error:
            raise WrongUseError(f"{error}.") from error

    def both(
        self, shown: Analysis, sprint_id: str, since: datetime, until: datetime | None = None
    ) -> tuple[ForecastInputs, ForecastInputs]:
        """The inputs of a sprint then, and those of the evaluation on the screen or of a later moment; blocking."""
        return self.inputs(shown, sprint_id, since), self.inputs(shown, sprint_id, until or shown.as_of)

    def moved(
        self, before: ForecastInputs, after: ForecastInputs, simulator: forecast.Simulator | None = None
    ) -> Moved:
        """Why the second forecast is not the first; takes seconds where much changed."""
        return moved_of(movement.movement(before, after, (simulator or self._simulator).brief))

    def simulator_at(self, moment: datetime) -> forecast.Simulator:
        """A forecaster that is corrected by the record as it was at a moment; blocking."""
        return pipeline.simulator_of(ledger.current_recalibration(self._store, at=moment))

    def flow(self, moment: datetime, sprint_id: str, look: Callable[[], Analysis]) -> FlowReport:
        """The flow as it was at a moment, which `look` evaluates; blocking. The last moment is remembered."""
        if self._scene is None or self._scene[0] != moment:
            snapshot = as_of(self._store.snapshot(), moment, self._store.versions_of_changed(moment))
            holidays = holidays_of(self.country, moment.date())
            self._scene = (moment, scene_of(snapshot, moment, holidays=holidays, edges=look().dependencies))
        return flow_report(self._scene[1], sprint_id)

    def prepare(self, shown: Analysis) -> None:
        """Answer about this evaluation from now on; blocking."""
        if self._evaluated != shown.as_of:
            self._kept.clear()
            self._scene = None
            self._evaluated = shown.as_of
            self._simulator = pipeline.simulator_of(ledger.current_recalibration(self._store))

    def inputs(self, shown: Analysis, sprint_id: str, moment: datetime) -> ForecastInputs:
        """What the forecast of a sprint rests on at a moment; blocking.

        Raises:
            WrongUseError: there was no such sprint then.
        """
        self.prepare(shown)
        key = (shown.as_of, moment, sprint_id)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._read(sprint_id, moment, past=self._back or moment != shown.as_of)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _read(self, sprint_id: str, moment: datetime, *, past: bool) -> ForecastInputs:
        snapshot = self._store.snapshot()
        if past:
            snapshot = as_of(snapshot, moment, self._store.versions_of_changed(moment))
        return inputs_then(self._store, snapshot, sprint_id, moment, self.country)


def inputs_then(store: Store, snapshot: Snapshot, sprint_id: str, moment: datetime, country: str) -> ForecastInputs:
    """The inputs of one sprint, made as `pipeline.thought` makes them; raises `WrongUseError` when it is not there."""
    index = index_of(snapshot)
    off = days_off_of(Settings.from_text(store.settings()).text("days_off"))
    holidays = holidays_of(country, moment.date()) | off.team
    sprints = group_sprints(snapshot, moment, store.sprints_confirmed(), index=index)
    sprint = next((one for one in sprints if one.id == sprint_id), None)
    if sprint is None:
        raise WrongUseError("There was no such sprint at that moment.")
    edges = dependency_edges(snapshot, index=index)
    features = compute(snapshot, sprint, moment, holidays=holidays, edges=edges, index=index)
    return forecast.inputs_of(
        sprint, features, snapshot, moment, holidays=holidays, seed=pipeline.seed_of(sprint), away=off.people
    )


def moved_of(found: movement.Movement) -> Moved:
    """A breakdown as the screen and the standup know it."""
    parts = tuple(MovedBy(cause=str(p.cause), points=p.points, words=p.words, item_ids=p.item_ids) for p in found.parts)
    return Moved(before=found.before_p, after=found.after_p, parts=parts)
