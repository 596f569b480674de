"""The real program in this process, with a script in the user's place: `python -m tests.benchmarks.rehearsal SCENE`.

The window, the workspace and everything behind it are those that a user gets; the script only adds a heartbeat,
remembers what went on when, and in the end quits. It prints one JSON object.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication

from galaxy_desktop import app as program
from galaxy_desktop.paths import MAIN, DataFolder
from galaxy_desktop.ui.conductor import Conductor
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from tests.benchmarks.figures import percentile
from tests.benchmarks.heartbeat import Heartbeat, Span

if TYPE_CHECKING:
    from galaxy_desktop.domain.events import Event
    from galaxy_desktop.ui.view import View

Report = dict[str, Any]
Script = Callable[["Stage"], Awaitable[Report]]
PATIENCE_S = 600.0


@dataclass
class Stage:
    """What the script sees of the running program, and what was remembered of it."""

    script: Script
    behind: bool = True
    """Whether index and prose may run."""
    days_back: timedelta = timedelta()
    heart: Heartbeat | None = None
    report: Report = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    analyzed: list[tuple[float, float, datetime]] = field(default_factory=list)
    """When each evaluation was published, the seconds it says it took, and the moment it is of."""
    shown: dict[datetime, float] = field(default_factory=dict)
    """When the window had each evaluation, by the moment it is of."""
    workspace: Any = None
    playing: asyncio.Task[None] | None = None

    def open(self, profile: str, folder: DataFolder) -> Facade:
        """Make the workspace that the program asks for, and listen to it; the first one begins the script."""
        if self.heart is None:
            self.heart = Heartbeat(QApplication.instance())
            self._watch_window()
            self.playing = asyncio.get_running_loop().create_task(self._play(), name="script")
        with self.heart.span("importing the workspace"):
            workspace: Any = program.open_workspace(profile, folder)
        if profile == MAIN and self.days_back:
            workspace._now = functools.partial(_earlier, workspace._now, self)
        self._listen(workspace)
        self.workspace = workspace
        return workspace

    @property
    def window(self) -> MainWindow:
        """The window."""
        return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))

    @property
    def conductor(self) -> Conductor:
        """What brings window and workspace together."""
        found = self.window.findChild(Conductor)
        assert isinstance(found, Conductor)
        return found

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait for something, looking rarely enough to be no burden."""
        deadline = time.monotonic() + PATIENCE_S
        while not ready():
            if time.monotonic() > deadline:
                raise TimeoutError("the program did not get there")
            await asyncio.sleep(0.05)

    async def settled(self, evaluations: int) -> None:
        """Wait until so many evaluations were published, and the jobs behind the last one are done."""
        await self.until(lambda: len(self.analyzed) >= evaluations)
        if self.behind:
            await self.until(lambda: self.workspace._background is not None)
            await self.workspace._background.idle()

    def remember_memory(self, name: str) -> None:
        """Keep how much memory the process holds now."""
        import psutil

        self.memory[name] = psutil.Process().memory_info().rss

    def stalls(self, *names: str, first: bool = False) -> Report:
        """How late the loop was while these things went on, leaving out (or taking only) the first time of each."""
        assert self.heart is not None
        seen: set[str] = set()
        chosen: list[Span] = []
        for span in sorted(self.heart.spans, key=lambda s: s.begun):
            if span.name in names and (span.name not in seen) is first:
                chosen.append(span)
            seen.add(span.name)
        late = self.heart.lateness(chosen)
        found: Report = {f"p{p}": percentile(late, p / 100) for p in (50, 99)}
        return {**found, "max": max(late, default=0.0), "beats": len(late), "spans": len(chosen)}

    # --- plumbing

    async def _play(self) -> None:
        try:
            self.report = await self.script(self)
        except Exception as error:
            self.report = {"error": f"{type(error).__name__}: {error}"}
            raise
        finally:
            self.conductor.quit_wanted.emit()

    def _watch_window(self) -> None:
        window: Any = self.window
        show = window.show_view

        def show_view(view: View) -> None:
            show(view)
            if view.analysis is not None:
                self.shown.setdefault(view.analysis.as_of, time.monotonic())

        window.show_view = show_view

    def _listen(self, workspace: Any) -> None:
        from galaxy_desktop.domain.events import WorkspaceAnalyzed

        def hear(event: Event) -> None:
            if isinstance(event, WorkspaceAnalyzed) and event.seconds:
                self.analyzed.append((time.monotonic(), event.seconds, event.analysis.as_of))

        workspace.subscribe(hear)
        for method in ("open", "start", "_evaluate"):
            self._time(workspace, method, method.strip("_"))
        self._prepare_on(workspace, "_get_syncer", lambda syncer: self._time(syncer, "sync_once", "sync"))
        evaluate = workspace._evaluate

        async def then_behind(saw: float) -> None:
            self._time_behind(workspace._background)
            await evaluate(saw)

        workspace._evaluate = then_behind

    def _time_behind(self, background: Any) -> None:
        if not self.behind:
            background.follow = lambda *_: None
            return
        self._time(background, "_index", "index")
        self._time(background, "_write", "prose")
        self._time(background, "_backtest", "replaying forecasts")
        self._time(background, "_walk_on", "replaying rules")

    def _time(self, owner: Any, method: str, name: str) -> None:
        """Remember when a coroutine of the program runs, and the memory at both ends."""
        work = getattr(owner, method)
        if hasattr(work, "timed"):
            return

        async def timed(*words: Any, **named: Any) -> Any:
            assert self.heart is not None
            self.remember_memory(f"before {name}")
            self.memory.setdefault(f"first {name}", self.memory[f"before {name}"])
            try:
                with self.heart.span(name):
                    return await work(*words, **named)
            finally:
                self.remember_memory(f"after {name}")

        timed.timed = True  # type: ignore[attr-defined]
        setattr(owner, method, timed)

    def _prepare_on(self, owner: Any, method: str, prepare: Callable[[Any], None]) -> None:
        make = getattr(owner, method)

        async def made() -> Any:
            thing = await make()
            prepare(thing)
            return thing

        setattr(owner, method, made)


def _earlier(now: Callable[[], datetime], stage: Stage) -> datetime:
    return now() - stage.days_back


def rehearse(stage: Stage, *words: str) -> Report:
    """Run the program until the script is over."""
    program.run_app(words, opener=stage.open)
    if "error" in stage.report:
        raise SystemExit(stage.report["error"])
    return stage.report


def main() -> None:
    """Play the scene named on the command line."""
    import importlib

    module, scene = sys.argv[1].split(":")
    play = getattr(importlib.import_module(f"tests.benchmarks.{module}"), scene)
    print(json.dumps(play(quick="--quick" in sys.argv)), flush=True)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
