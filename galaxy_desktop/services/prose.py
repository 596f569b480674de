"""The language model's checked prose: one run of the agent graph a sprint, never in anybody's way.

`Prose` borrows the model from its host: it is loaded with the first run and freed at the end. A run that has no model, or
whose model fails or is slow, ends in facts mode with a sentence that says why.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Analysis, Explanation, SprintAnalysis
from galaxy_desktop.domain.providers import Purpose
from galaxy_desktop.domain.stopping import EitherFlag
from galaxy_desktop.domain.work import State
from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.model_host import REPLACED, ModelHost, ModelWaitsError, RunStop, StageWords, Telling
from galaxy_desktop.services.quotable import wording_of
from galaxy_desktop.services.recordings import keep_reply, rememberer
from galaxy_desktop.settings import Settings
from galaxy_desktop.store import model_runs

if TYPE_CHECKING:
    from galaxy_desktop.domain.stopping import StopFlag
    from galaxy_desktop.reason.engine import Engine
    from galaxy_desktop.reason.fallback import FallbackEngine
    from galaxy_desktop.reason.graph import RunResult
    from galaxy_desktop.reason.patterns import Proposals
    from galaxy_desktop.reason.reply import Material, Reply
    from galaxy_desktop.services.engines import Engines
    from galaxy_desktop.store.database import Store

logger = logging.getLogger(__name__)

REPLACED_WHILE_ANSWERING = "Another model was chosen while this answer was worded. Ask again."
ABLE_BYTES = 1_500_000_000
"""Weights that need less memory than this are not asked to choose anything."""
Find = Callable[[], Awaitable[Sequence[Evidence]]]


class Prose:
    """Writes the explanation of sprints with the model chosen in the settings."""

    def __init__(self, folder: DataFolder, store: Store, now: Callable[[], datetime]) -> None:
        """Nothing is loaded before the first run."""
        self._folder = folder
        self._store = store
        self._now = now
        self.host = ModelHost(folder)
        self.engines: Engines | None = None
        """Chooses providers where a person chose some; without it the model of this computer is all there is."""
        self._stop = threading.Event()
        self._running = 0
        self._forget = False

    async def write(
        self,
        sprint: SprintAnalysis,
        settings: Settings,
        titles: dict[str, str],
        find: Find | None = None,
        say: Callable[[str], None] | None = None,
    ) -> RunResult:
        """Run the graph for one sprint; `find` may bring more evidence. The same facts are not run twice.

        `say` hears in a few words what the model does, from its thread.

        Raises:
            ModelWaitsError: the model has to make way (battery, memory); what was done is kept and goes on later.
            CancelledByUserError: the program is ending.
        """
        from galaxy_desktop.reason import graph  # noqa: PLC0415 - LangGraph takes two seconds

        chosen, why = self._engine_for(Purpose.PROSE, settings)
        if chosen is not None and _chain(chosen) is None and self.host.waiting.is_set():
            raise ModelWaitsError(self.host.why_waiting)
        engine: Engine | None = Telling(chosen, StageWords(say)) if chosen is not None and say is not None else chosen
        stop = self._run_stop(chosen)
        people = await asyncio.to_thread(self._store.read, model_runs.logins)
        request = graph.RunRequest(
            run_id=f"{sprint.sprint.id}/{facts_digest(sprint)}/{engine.name if engine else 'facts'}",
            analysis=sprint,
            titles=titles,
            people=people,
            wording=partial(wording_of, self._store, sprint.features.as_of),
            engine=engine,
            collect=find,
            stop=stop,
        )
        self._running += 1
        try:
            result = await graph.run(
                request,
                checkpoints=self._folder.checkpoints,
                record=self._store.record_execution,
                now=self._now,
                remember=rememberer(self._store, sprint.sprint.id, self._now),
            )
        except CancelledByUserError:
            if self._stop.is_set() or not stop.is_set():
                raise
            raise ModelWaitsError(self.host.why_waiting or REPLACED) from None
        finally:
            self._running -= 1
            self._remove_checkpoints()
        if result.explanation.mode != "model" and stop.is_set() and not self._stop.is_set():
            raise ModelWaitsError(self.host.why_waiting or REPLACED)
        dated = replace(result, explanation=await self._dated(result))
        passed_over = (*((why,) if why else ()), *_said(chosen))
        return replace(dated, why=(*passed_over, *dated.why)) if passed_over else dated

    async def _dated(self, result: RunResult) -> Explanation:
        """The explanation with the moment in which the model worded it: now, or when the run ended that is not repeated."""
        if result.explanation.mode != "model":
            return result.explanation
        if result.executions:
            return replace(result.explanation, worded_at=self._now())
        earlier = await asyncio.to_thread(self._store.recorded_run, result.run_id)
        return replace(result.explanation, worded_at=earlier.at if earlier is not None else None)

    async def reply(
        self, question: str, material: Material, settings: Settings, stop: StopFlag
    ) -> tuple[Reply | None, str]:
        """Let the model word an answer; `None` and the sentence why when it has no part in it.

        Where several were asked in order, the reply says who could not answer, also when in the end nobody could.

        Raises:
            CancelledByUserError: `stop` was set, or the program is ending.
        """
        from galaxy_desktop.reason import recording, reply, reply_recording  # noqa: PLC0415 - when first asked

        engine, why = self._engine_for(Purpose.QUESTIONS, settings)
        if engine is None:
            return None, why
        halt, heard = EitherFlag(stop, self._stop), recording.RecordingEngine(engine)
        found, why = reply.Reply((), (), failed=True), ""
        try:
            found = await asyncio.to_thread(reply.reply, heard, question, material, stop=halt)
        except CancelledByUserError:
            if halt.is_set():
                raise
            return None, REPLACED_WHILE_ANSWERING
        except ModelError as error:
            why = str(error)
        found = replace(found, writer="" if why else engine.name, passed_over=_said(engine))
        recorded = reply_recording.RecordedReply(
            run_id=_run_id(reply_recording.ANSWER, question, self._now()), kind=reply_recording.ANSWER, subject=question,
            at=self._now(), engine=engine.name, material=material, calls=heard.calls,
            kept=tuple(one.text for one in found.sentences), removed=found.removed,
        )  # fmt: skip
        keep_reply(self._store, recorded)
        return (found, why) if not why or found.passed_over else (None, why)

    async def choose(self, question: str, functions: Mapping[str, str], settings: Settings, stop: StopFlag) -> str:
        """Let the model choose which fact function fits a question; "" when none does, or no able model is there.

        Raises:
            CancelledByUserError: `stop` was set, or the program is ending.
        """
        from galaxy_desktop.reason import reply  # noqa: PLC0415 - when first asked

        engine, _ = self._engine_for(Purpose.QUESTIONS, settings)
        if engine is None or not _able(engine.name):
            return ""
        halt = EitherFlag(stop, self._stop)
        try:
            return await asyncio.to_thread(reply.choose, engine, question, functions, stop=halt)
        except CancelledByUserError:
            if halt.is_set():
                raise
            return ""
        except ModelError as error:
            logger.info("no fact function was chosen: %s", error)
            return ""

    async def propose(self, sprint_id: str, material: Material, settings: Settings) -> Proposals | None:
        """Let the model look for patterns in a sprint; `None` when there is no model, or it fails.

        Raises:
            CancelledByUserError: the program is ending.
        """
        from galaxy_desktop.reason import patterns, recording, reply_recording  # noqa: PLC0415 - with the model

        engine, _ = self._engine_for(Purpose.PROSE, settings)
        if engine is None:
            return None
        heard, now = recording.RecordingEngine(engine), self._now()
        stop = self._run_stop(engine)
        try:
            found = await asyncio.to_thread(patterns.propose, heard, sprint_id, material, now, stop=stop)
        except CancelledByUserError:
            if self._stop.is_set():
                raise
            return None
        except ModelError as error:
            logger.info("no patterns were looked for: %s", error)
            return None
        recorded = reply_recording.RecordedReply(
            run_id=_run_id(reply_recording.PATTERNS, sprint_id, now), kind=reply_recording.PATTERNS, subject=sprint_id,
            at=now, engine=engine.name, material=material, calls=heard.calls,
            kept=tuple(one.text for one in found.noticed), removed=found.removed,
        )  # fmt: skip
        keep_reply(self._store, recorded)
        return found

    def forget(self) -> None:
        """Remove the checkpoints of all runs and what the model has read: they hold quotes.

        Those of a run under way go when it has ended.
        """
        self._forget = True
        self.host.forget()
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
        self.host.close()

    def _get_engine(self, settings: Settings) -> tuple[Engine | None, str]:
        """The model of this computer, or `None` and the sentence why there is none."""
        return self.host.engine(settings)

    def _engine_for(self, purpose: Purpose, settings: Settings) -> tuple[Engine | None, str]:
        """Who was chosen to write for a purpose, or `None` and the sentence why there is nobody."""
        local = self._get_engine(settings)
        if self.engines is None:
            return local
        return self.engines.engine_for(purpose, local, self.host.why_waiting if purpose is Purpose.PROSE else "")

    def _run_stop(self, engine: Engine | None) -> RunStop:
        """Background work makes way with the model of this computer; where providers write, the computer's strain is no matter."""
        if _chain(engine) is not None:
            return RunStop(self._stop, threading.Event())
        return RunStop(self._stop, EitherFlag(self.host.waiting, self.host.replaced))


def _chain(engine: Engine | None) -> FallbackEngine | None:
    """The engine as several that are asked in order, `None` when it is the model of this computer alone."""
    from galaxy_desktop.reason.fallback import FallbackEngine  # noqa: PLC0415 - with the model

    return engine if isinstance(engine, FallbackEngine) else None


def _said(engine: Engine | None) -> tuple[str, ...]:
    """Who was passed over, and why."""
    chain = _chain(engine)
    return chain.said if chain is not None else ()


def _able(name: str) -> bool:
    """Whether a model can be trusted to choose between names: small weights pick the first; what is not listed is a server's."""
    from galaxy_desktop.reason.catalog import Catalog  # noqa: PLC0415 - with the model

    try:
        return Catalog.read().find(name).memory_bytes >= ABLE_BYTES
    except ModelError:
        return True


def _run_id(kind: str, subject: str, at: datetime) -> str:
    """The id of a run that is no run of the graph: what it was, about what, and when."""
    return f"{kind}/{hashlib.sha256(subject.encode()).hexdigest()[:12]}/{at:%Y%m%dT%H%M%S}"


def facts_digest(sprint: SprintAnalysis) -> str:
    """What the explanation of a sprint rests on, in 16 hexadecimal digits: equal facts, equal digest.

    The day is one of the facts: "idle for 4 days" and "due tomorrow" are true for one day only.
    """
    spoken = [sentence.text for sentence in sprint.explanation.sentences]
    told = repr(
        (sprint.sprint.id, sprint.features.as_of.date(), sprint.forecast.probability, sprint.health.score, spoken)
    )
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def worth_prose(analysis: Analysis) -> tuple[SprintAnalysis, ...]:
    """The sprints that deserve the model's time: open ones with work left, the least likely to land first."""
    running = [s for s in analysis.sprints if s.sprint.state is State.OPEN and s.open and s.explanation.mode == "facts"]
    return tuple(
        sorted(running, key=lambda s: (s.forecast.probability is None, s.forecast.probability or 0, s.sprint.id))
    )


def unworded(analysis: Analysis) -> Analysis:
    """The analysis as one whose prose is not carried over: another model is to word it anew."""
    told = (replace(s, explanation=replace(s.explanation, mode="facts")) for s in analysis.sprints)
    return replace(analysis, sprints=tuple(told))


def carry_over(before: Analysis | None, analysis: Analysis) -> Analysis:
    """The analysis with the prose of an earlier one wherever the facts that it words are still the same, the day included."""
    if before is None or before.as_of.date() != analysis.as_of.date():
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
    from galaxy_desktop.services.egress import egress_of  # noqa: PLC0415 - same
    from galaxy_desktop.services.engines import Engines  # noqa: PLC0415 - same

    titles = {item.id: item.title for item in analysis.items}
    door = egress_of(settings, store, now)
    engines = Engines(store, lambda: settings, door, now)
    prose = Prose(folder, store, now)
    prose.engines = engines
    written: dict[str, Explanation] = {}
    try:
        for sprint in worth_prose(analysis):
            written[sprint.sprint.id] = (await prose.write(sprint, settings, titles)).explanation
    finally:
        prose.close()
        engines.close()
        door.close()
    sprints = tuple(replace(s, explanation=written.get(s.sprint.id, s.explanation)) for s in analysis.sprints)
    return replace(analysis, sprints=sprints)
