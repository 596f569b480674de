"""`galaxy-desktop watch`: the polling workspace of the window, told in lines of text."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable

from galaxy_desktop.domain.events import AlertRaised, Event, FreshnessChanged, TaskFailed, WorkspaceAnalyzed
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import clock
from galaxy_desktop.services.report import chance, freshness_line
from galaxy_desktop.services.workspace import Workspace

Emit = Callable[[str], None]


async def run(folder: DataFolder, repositories: tuple[str, ...], emit: Emit, *, as_json: bool = False) -> int:
    """Poll and print what changes until interrupted (Ctrl-C or SIGTERM), which is the good end of it: 0."""
    stop = asyncio.Event()
    _stop_on_signals(stop)
    workspace = Workspace(folder)
    workspace.subscribe(lambda event: _print(event, emit, as_json=as_json))
    try:
        await workspace.open()
        for name in repositories:
            await workspace.add_repository(name)
        await workspace.start()
        await stop.wait()
    finally:
        await workspace.stop()
    return 0


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: Ctrl-C arrives as KeyboardInterrupt
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))


def _print(event: Event, emit: Emit, *, as_json: bool) -> None:
    for kind, fields, line in lines_of(event):
        emit(json.dumps({"event": kind, **fields}) if as_json else line)


def lines_of(event: Event) -> list[tuple[str, dict[str, object], str]]:
    """What an event says: its kind, its fields for JSON, and a line of text; nothing for those nobody reads."""
    if isinstance(event, FreshnessChanged):
        fresh = event.freshness
        fields = {"repository": fresh.repository.full_name, "state": fresh.state.value, "sentence": fresh.sentence}
        return [("freshness", dict(fields), freshness_line(fresh, clock.now()))]
    if isinstance(event, AlertRaised):
        alert = event.alert
        return [
            ("alert", {"id": alert.id, "sprint": alert.sprint_id, "reason": alert.reason}, f"Alert: {alert.reason}")
        ]
    if isinstance(event, TaskFailed):
        return [("failure", {"task": event.name, "sentence": event.sentence}, f"{event.name}: {event.sentence}")]
    if isinstance(event, WorkspaceAnalyzed):
        return [
            (
                "sprint",
                {"sprint": s.sprint.id, "probability": s.forecast.probability, "health": s.health.score},
                f"{s.sprint.title}: {chance(s.forecast)} Health {s.health.score:.0f}: {s.health.word}.",
            )
            for s in event.analysis.sprints
            if s.sprint.state == "open"
        ]
    return []
