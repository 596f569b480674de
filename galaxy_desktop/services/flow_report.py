"""The flow report as a service: computed on the thread that thinks, once per evaluation and sprint, and printed.

The window asks `Workspace.flow`; `galaxy-desktop flow` prints the same report. Neither syncs: both say what is stored.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from galaxy_desktop.domain.flow import FlowReport, Head
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services.clock import stamp
from galaxy_desktop.services.holiday_calendar import holidays_of
from galaxy_desktop.settings import Settings

if TYPE_CHECKING:
    from galaxy_desktop.domain.findings import Analysis
    from galaxy_desktop.features.flow_report import FlowScene
    from galaxy_desktop.store.database import Store

logger = logging.getLogger(__name__)

Key = tuple[datetime | None, date]
"""Which evaluation, and the day on which it is looked at: ages grow from day to day."""


STABILITY = {True: "Process stable", False: "Process unstable", None: "Stability not known yet"}


class FlowReports:
    """The reports of one workspace. `report` is called on one thread, `clear` on any."""

    def __init__(self) -> None:
        """Nothing is computed yet."""
        self._key: Key | None = None
        self._scene: FlowScene | None = None
        self._made: dict[str, FlowReport] = {}

    def report(
        self, store: Store, sprint_id: str, now: datetime, country: str, analysis: Analysis | None = None
    ) -> FlowReport:
        """The report of a sprint, of the first one for "" or an id that is gone; blocking, for a worker thread.

        What is stored is read once after each evaluation and each midnight; `country` names the holidays. Which pull
        request closes which issue is taken from the evaluation, because reading all texts again takes seconds.
        """
        key = (analysis.as_of if analysis else None, now.date())
        scene = self._scene
        if key != self._key or scene is None:
            from galaxy_desktop.features.flow_report import scene_of  # noqa: PLC0415 - numpy, after the first paint

            edges = analysis.dependencies if analysis else None
            scene = scene_of(store.snapshot(), now, holidays=holidays_of(country, now.date()), edges=edges)
            self._made.clear()
            self._key, self._scene = key, scene
        made = self._made.get(sprint_id)
        if made is None:
            from galaxy_desktop.features.flow_report import flow_report  # noqa: PLC0415 - same

            made = flow_report(scene, sprint_id)
            self._made[sprint_id] = self._made[made.sprint_id] = made
        return made

    def clear(self) -> None:
        """Let go of everything: an evaluation is about to hold its own copy of what is stored."""
        self._key, self._scene, self._made = None, None, {}


async def run(
    store: Store, sprint_id: str, now: datetime, emit: Callable[[str], None], *, as_json: bool = False
) -> int:
    """Print the report of a sprint; raises `WrongUseError` for a sprint that there is not."""
    if not store.repositories():
        raise WrongUseError("Nothing is stored yet, so there is no flow to show. Run galaxy-desktop sync first.")
    country = Settings.from_text(store.settings()).text("holidays")
    report = await asyncio.to_thread(FlowReports().report, store, sprint_id, now, country)
    if sprint_id and report.sprint_id != sprint_id:
        known = ", ".join(f"{one.sprint_id} ({one.title})" for one in report.sprints) or "none"
        raise WrongUseError(f"There is no sprint {sprint_id!r}. Known: {known}.")
    emit(json.dumps(plain(report), indent=2, ensure_ascii=False) if as_json else "\n".join(lines_of(report)))
    return 0


def plain(value: Any) -> Any:
    """A record as JSON knows it: fields by name, days and moments as ISO texts, words for enums."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return value


def lines_of(report: FlowReport) -> list[str]:
    """The report for a terminal: each finding, and under it how it was computed."""
    found = [f"{report.sprint_title}, {', '.join(report.repositories)}"]
    if not report.history_complete:
        found.append("Older history is still being read: older weeks may hold too little.")
    parts: tuple[tuple[str, Head], ...] = (
        ("Burnup", report.burn.head),
        ("Burnup in points", report.burn_points.head),
        ("Cumulative flow", report.cumulative.head),
        ("Cycle time", report.cycle.head),
        ("Aging work", report.aging.head),
        ("Throughput", report.throughput.head),
        *((chart.name, chart.head) for chart in report.processes),
        *((key.name, key.head) for key in report.dora),
        ("Velocity", report.velocity.head),
    )
    for name, head in parts:
        found += ["", f"{name}: {head.finding}"]
        found += [f"  {head.formula}"] if head.formula else []
        found += _extra(name, report)
    return [*found, "", f"{STABILITY[report.stability.stable]}: {report.stability.sentence}"]


def _extra(name: str, report: FlowReport) -> list[str]:
    if name == "Aging work":
        return [
            f"  {words(item.item_id)} {item.state} for {item.days:.1f} days"
            + (f", longer than {item.above} % of past items" if item.above else "")
            for item in report.aging.items[:10]
        ]
    return [f"  {key.rule}" for key in report.dora if key.name == name]


def words(evidence_id: str) -> str:
    """An item as people write it: "o/r#12"."""
    return evidence_id.partition(":")[2]
