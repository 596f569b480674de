"""The language model's checked prose: one run of the agent graph a sprint, never in anybody's way.

`Prose` owns the model: it is loaded with the first run and freed at the end. A run that has no model, or
whose model fails or is slow, ends in facts mode with a sentence that says why.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Analysis, Explanation, SprintAnalysis
from galaxy_desktop.domain.work import State
from galaxy_desktop.errors import ModelError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.settings import Settings

if TYPE_CHECKING:
    from galaxy_desktop.reason.graph import RunResult
    from galaxy_desktop.reason.llama import LlamaEngine
    from galaxy_desktop.store.database import Store

Find = Callable[[], Awaitable[Sequence[Evidence]]]


class Prose:
    """Writes the explanation of sprints with the model chosen in the settings."""

    def __init__(self, folder: DataFolder, store: Store, now: Callable[[], datetime]) -> None:
        """Nothing is loaded before the first run."""
        self._folder = folder
        self._store = store
        self._now = now
        self._engine: LlamaEngine | None = None
        self._stop = threading.Event()
        self._running = 0
        self._forget = False

    async def write(
        self, sprint: SprintAnalysis, settings: Settings, titles: dict[str, str], find: Find | None = None
    ) -> RunResult:
        """Run the graph for one sprint; `find` may bring more evidence. The same facts are not run twice.

        Raises:
            CancelledByUserError: the program is ending.
        """
        from galaxy_desktop.reason import graph  # noqa: PLC0415 - LangGraph takes two seconds

        engine, why = self._get_engine(settings)
        request = graph.RunRequest(
            run_id=f"{sprint.sprint.id}/{facts_digest(sprint)}/{engine.name if engine else 'facts'}",
            analysis=sprint,
            titles=titles,
            engine=engine,
            collect=find,
            stop=self._stop,
        )
        self._running += 1
        try:
            result = await graph.run(
                request, checkpoints=self._folder.checkpoints, record=self._store.record_execution, now=self._now
            )
        finally:
            self._running -= 1
            self._remove_checkpoints()
        return replace(result, why=(why, *result.why)) if why else result

    def forget(self) -> None:
        """Remove the checkpoints of all runs, because they hold quotes; those of a run under way when it has ended."""
        self._forget = True
        self._remove_checkpoints()

    def _remove_checkpoints(self) -> None:
        if not self._forget or self._running:
            return
        self._forget = False
        kept = self._folder.checkpoints
        for file in (kept, kept.with_name(f"{kept.name}-wal"), kept.with_name(f"{kept.name}-shm")):
            file.unlink(missing_ok=True)

    def stop(self) -> None:
        """Ask a run to end; it does within a second."""
        self._stop.set()

    def close(self) -> None:
        """Stop, free the weights, join the model's thread; blocking."""
        self.stop()
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _get_engine(self, settings: Settings) -> tuple[LlamaEngine | None, str]:
        """The model of the settings, or `None` and the sentence why there is none."""
        from galaxy_desktop.reason.catalog import Catalog  # noqa: PLC0415 - with the graph
        from galaxy_desktop.reason.llama import LlamaEngine  # noqa: PLC0415 - with the graph

        name = settings.text("model")
        if self._engine is not None and self._engine.name == name:
            return self._engine, ""
        try:
            path = Catalog.read().weights(name)
        except ModelError as error:
            return None, str(error)
        if self._engine is not None:
            self._engine.close()
        self._engine = LlamaEngine(path, name)
        return self._engine, ""


def facts_digest(sprint: SprintAnalysis) -> str:
    """What the explanation of a sprint rests on, in 16 hexadecimal digits: equal facts, equal digest."""
    spoken = [sentence.text for sentence in sprint.explanation.sentences]
    told = repr((sprint.sprint.id, sprint.forecast.probability, sprint.health.score, spoken))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def worth_prose(analysis: Analysis) -> tuple[SprintAnalysis, ...]:
    """The sprints that deserve the model's time: open ones with work left, the least likely to land first."""
    running = [s for s in analysis.sprints if s.sprint.state is State.OPEN and s.open and s.explanation.mode == "facts"]
    return tuple(
        sorted(running, key=lambda s: (s.forecast.probability is None, s.forecast.probability or 0, s.sprint.id))
    )


def carry_over(before: Analysis | None, analysis: Analysis) -> Analysis:
    """The analysis with the prose of an earlier one wherever the facts that it words are still the same."""
    if before is None:
        return analysis
    known = {s.sprint.id: s.explanation for s in before.sprints if s.explanation.mode == "model"}
    sprints = tuple(
        replace(s, explanation=known[s.sprint.id]) if _rests_on(known.get(s.sprint.id), s.explanation) else s
        for s in analysis.sprints
    )
    return replace(analysis, sprints=sprints)


def _rests_on(prose: Explanation | None, told: Explanation) -> bool:
    """Whether prose begins with just these template sentences: then it was checked against just these facts."""
    return prose is not None and prose.sentences[: len(told.sentences)] == told.sentences


async def with_prose(store: Store, folder: DataFolder, analysis: Analysis, settings: Settings) -> Analysis:
    """The analysis with the model's checked prose, waited for; used by `analyze --prose`."""
    from galaxy_desktop.services.clock import now  # noqa: PLC0415 - a default of this call alone

    titles = {item.id: item.title for item in analysis.items}
    prose = Prose(folder, store, now)
    written: dict[str, Explanation] = {}
    try:
        for sprint in worth_prose(analysis):
            written[sprint.sprint.id] = (await prose.write(sprint, settings, titles)).explanation
    finally:
        prose.close()
    sprints = tuple(replace(s, explanation=written.get(s.sprint.id, s.explanation)) for s in analysis.sprints)
    return replace(analysis, sprints=sprints)
