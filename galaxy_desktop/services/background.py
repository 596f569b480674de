"""What follows behind an evaluation: the index of texts, the model's prose, and the replay of past sprints.

All are jobs of the durable queue, so that a kill loses none and a failure is retried after 1, 4 and 16
seconds and then waits for a person. One job runs at a time: both want the processor. Nothing waits for them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from galaxy_desktop.domain.events import (
    Event,
    ModelStood,
    PatternsNoticed,
    ProseArrived,
    ProsePending,
    SearchFellBack,
    SearchIndexMoved,
)
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Analysis, Explanation, SprintAnalysis
from galaxy_desktop.domain.models import Standing
from galaxy_desktop.domain.work import State
from galaxy_desktop.domain.work_log import Job, Priority
from galaxy_desktop.errors import CancelledByUserError, GalaxyError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.retrieve.merging import merged
from galaxy_desktop.services import interpreter, past_book
from galaxy_desktop.services.code_desk import CodeDesk
from galaxy_desktop.services.lanes import TaskOwner
from galaxy_desktop.services.model_host import ModelWaitsError
from galaxy_desktop.services.prose import Prose, facts_digest, unworded, worth_prose
from galaxy_desktop.settings import BY_NAME, Settings

if TYPE_CHECKING:
    from galaxy_desktop.domain.code_found import CodeFound, CodeQuestion
    from galaxy_desktop.domain.sprints import Sprint
    from galaxy_desktop.domain.stopping import StopFlag
    from galaxy_desktop.reason.reply import Material, Reply
    from galaxy_desktop.services.backtest import Backtest
    from galaxy_desktop.services.engines import Engines
    from galaxy_desktop.services.indexing import Library, Texts
    from galaxy_desktop.services.models import ModelsDesk
    from galaxy_desktop.services.rule_replay import Replaying
    from galaxy_desktop.store.database import Store

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
INDEX, PROSE, BACKTEST, PAST, CODE = "index", "prose", "backtest", "past", "code"
REINDEX = "reindex"
"""Indexing with the search model that was chosen. This and the usual index work in steps of a second: what waits goes first."""
USUAL = BY_NAME["search_model"].default
RETRY_LOOK_S = 1.0
"""How often a queue with jobs that wait for their next attempt is looked at."""
FOUND_FOR_PROSE = 6
AGAIN = "search model, again"


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the jobs work on: the newest evaluation and the settings it was made under."""

    analysis: Analysis
    settings: Settings


class Background:
    """Runs the jobs of one workspace; all methods are called on the event loop's thread."""

    def __init__(
        self,
        folder: DataFolder,
        store: Store,
        publish: Callable[[Event], None],
        now: Callable[[], datetime],
        engines: Engines | None = None,
    ) -> None:
        """Nothing runs before the first evaluation is followed."""
        interpreter.keep_no_large_pieces()
        self._folder = folder
        self._store = store
        self._publish = publish
        self._now = now
        self._facts: _Facts | None = None
        self._imported: set[str] = set()
        self._prose = Prose(folder, store, now)
        self._prose.engines = engines
        self._library: Library | None = None
        self._index_thread = ThreadPoolExecutor(1, thread_name_prefix="galaxy-index")
        self._queue_thread = ThreadPoolExecutor(1, thread_name_prefix="galaxy-jobs")
        self.embeddings: Mapping[str, Sequence[float]] = {}
        """Vectors of the items of running sprints and of what is said on them, by evidence id.

        Empty until the index was brought up to date.
        """
        self._replay_thread = ThreadPoolExecutor(1, thread_name_prefix="galaxy-replay")
        self._replay: Backtest | None = None
        self._replay_of = self._replayed = ""
        """Which past sprints are being replayed, and of which everything is in the ledger (see `past_sprints`)."""
        self._walking: Replaying | None = None
        self._walk_of = self._walked = ""
        """The same for the walk that measures rules and items (see `past_walk`)."""
        self._code = CodeDesk(folder, store)
        self._engines = engines
        self._left: set[str] = set()
        """Kinds of jobs that ended their step before everything was done."""
        self._told = ""
        """What was said last about a search that the chosen model did not answer."""
        self._noticed_on: dict[str, date] = {}
        self.learned: Callable[[], None] = lambda: None
        """Called when something of the past was replayed that the last evaluation did not know."""
        self._stopped = threading.Event()
        self._tasks = TaskOwner()
        self.sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()

    def follow(self, analysis: Analysis, settings: Settings) -> None:
        """Bring index and prose up to this evaluation, soon and in the background."""
        self._facts = _Facts(analysis, settings)
        self._idle.clear()
        if self._library is not None:
            self._library.texts_changed()
        at = self._now()
        self._store.jobs.enqueue("index", INDEX, "", Priority.LOW, at)
        if self._replayed != past_sprints(analysis):
            self._store.jobs.enqueue("backtest", BACKTEST, "", Priority.LOW, at)
        if self._walked != weekly(analysis):
            self._store.jobs.enqueue("past", PAST, "", Priority.LOW, at)
        if self._code.wanted(settings):
            self._store.jobs.enqueue("code", CODE, "", Priority.LOW, at)
        if settings.text("search_model") not in ("", USUAL) or self._folder.search_models.exists():
            self._store.jobs.enqueue(REINDEX, REINDEX, "", Priority.LOW, at)
        self._want_prose(analysis, settings)
        if not self._tasks.names:
            self._tasks.start(self._work(), "background jobs")
        self._wake.set()

    def _want_prose(self, analysis: Analysis, settings: Settings) -> None:
        for sprint in worth_prose(analysis) if settings.flag("prose") else ():
            digest = facts_digest(sprint)
            payload = json.dumps({"sprint": sprint.sprint.id, "facts": digest})
            key = f"prose/{sprint.sprint.id}/{digest}/{settings.text('model')}"
            self._store.jobs.enqueue(key, PROSE, payload, Priority.NORMAL, self._now())

    def use_model(self, settings: Settings, latest: Analysis | None) -> Analysis | None:
        """A person chose the model of these settings: it is loaded now, and words everything from now on.

        Returns the newest evaluation as one whose prose is not carried over.
        """
        if self._facts is not None:
            self._facts = replace(self._facts, settings=settings)
        self._noticed_on.clear()
        self._prose.host.use(settings)
        return unworded(latest) if latest is not None else None

    def tell_of_the_model(self, desk: ModelsDesk) -> None:
        """Let this desk know how the model stands, and end its loading."""

        def told(standing: Standing) -> None:
            desk.standing = standing
            self._publish(ModelStood(standing))

        self._prose.host.told = told
        desk.stop_loading = self._prose.host.stop_loading

    def typed(self) -> None:
        """A key was typed into the window: the model waits for a moment."""
        self._prose.host.typed()

    def wake(self) -> None:
        """Look at the queue now: somebody put a job back."""
        self._wake.set()

    async def idle(self) -> None:
        """Wait until no job is left that could run now."""
        await self._idle.wait()

    async def search(self, query: str, limit: int = 20, as_of: datetime | None = None) -> tuple[Evidence, ...]:
        """Evidence by words at once, and by meaning where the index is ready.

        With `as_of` it is quoted as it read at that moment; before the index is ready, only what was not seen again since.
        """
        if as_of is not None:
            return await self._search_then(query, limit, as_of)
        words = await self._on(self._queue_thread, lambda: self._store.search_text(query, limit))
        library = self._library
        if library is None:
            return words
        found = merged(words, await self._on(self._index_thread, lambda: library.search(query, limit)))[:limit]
        self._say_fallen_back(library.fallen_back)
        return found

    def _say_fallen_back(self, sentence: str) -> None:
        """Say that the chosen search model did not answer, once for each reason."""
        if sentence and sentence != self._told:
            self._publish(SearchFellBack(sentence))
        self._told = sentence

    async def _search_then(self, query: str, limit: int, as_of: datetime) -> tuple[Evidence, ...]:
        library, store = self._library, self._store
        if library is None:
            words = await self._on(self._queue_thread, lambda: store.search_text(query, limit))
            return tuple(one for one in words if one.observed_at <= as_of)
        versions = await self._on(self._queue_thread, lambda: store.versions_of_changed(as_of))
        return await self._on(self._index_thread, lambda: library.search(query, limit, as_of=as_of, versions=versions))

    async def code(self, question: CodeQuestion) -> tuple[CodeFound, ...]:
        """What the local clones say to a question about code; nothing where none is indexed."""
        if not self._folder.code.exists():
            return ()
        return await self._code.find(question, (await self._get_library()).embedder)

    async def reply(self, question: str, material: Material, settings: Settings, stop: StopFlag) -> Reply | None:
        """Let the model word an answer, before everything else it has to do; `None` when it has no part in it.

        Raises:
            CancelledByUserError: `stop` was set, or the program is ending.
        """
        found, why = await self._prose.reply(question, material, settings, stop)
        if why:
            logger.info("The model has no part in the answer: %s", why)
        return found

    async def choose(self, question: str, functions: Mapping[str, str], settings: Settings, stop: StopFlag) -> str:
        """The name of the fact function that the model takes a question for; "" where it cannot say.

        Raises:
            CancelledByUserError: `stop` was set, or the program is ending.
        """
        return await self._prose.choose(question, functions, settings, stop)

    async def forget(self, prefixes: Sequence[str]) -> int:
        """Remove the texts whose ids begin so from the index, also when it was not opened yet; how many that were.

        What the model was told of them goes too: the checkpoints, and the evaluation that jobs still follow.
        """
        self._facts = self._replay = self._walking = None
        past_book.forget(self._folder.root)
        self._prose.forget()
        self.embeddings = {one: v for one, v in self.embeddings.items() if not one.startswith(tuple(prefixes))}
        if self._library is None and not self._folder.vectors.exists() and not self._folder.code.exists():
            return 0
        library = await self._get_library()
        if self._folder.code.exists():
            await self._code.forget(prefixes, library.embedder)
        return await self._on(self._index_thread, lambda: library.forget(prefixes))

    async def close(self) -> None:
        """Stop what runs, free index and model, join their threads."""
        self._stopped.set()
        self._prose.stop()
        if self._library is not None:
            self._library.stop()
        await self._tasks.close()
        await self._prose.host.stop()
        await asyncio.to_thread(self._prose.close)
        await self._code.close()
        library = self._library
        if library is not None:
            await self._on(self._index_thread, library.close)
        await asyncio.to_thread(self._index_thread.shutdown)
        await asyncio.to_thread(self._replay_thread.shutdown)
        await asyncio.to_thread(self._queue_thread.shutdown)

    # --- jobs

    async def _work(self) -> None:
        """Run jobs while there are any, wait for more when there are none."""
        while True:
            self._wake.clear()
            job = await self._on(self._queue_thread, lambda: self._store.jobs.claim(self._now()))
            if job is not None:
                await self._run(job)
                if job.kind in self._left:
                    continue
                # A replayed sprint leaves 200 MB that the C library would keep, an evaluation half of that.
                await self._on(self._queue_thread, interpreter.give_memory_back)
                continue
            look_again = RETRY_LOOK_S if await self._retries_wait() else None
            self._idle.set()
            try:
                await asyncio.wait_for(self._wake.wait(), look_again)
            except TimeoutError:
                self._idle.clear()

    async def _retries_wait(self) -> bool:
        recent = await self._on(self._queue_thread, lambda: self._store.jobs.recent(20))
        return any(job.state == "waiting" for job in recent)

    async def _run(self, job: Job) -> None:
        """Do one job and write down how it ended; a foreseen failure is retried, a bug too, and both are kept."""
        try:
            await self._do(job)
        except CancelledByUserError:
            return
        except GalaxyError as error:
            await asyncio.wrap_future(self._store.jobs.fail(job.id, str(error), self._now()))
        except Exception as error:
            logger.exception("The job %s failed", job.key)
            sentence = f"A fault of the program ({type(error).__name__}); the log has the details."
            await asyncio.wrap_future(self._store.jobs.fail(job.id, sentence, self._now()))
        else:
            await asyncio.wrap_future(self._store.jobs.finish(job.id, self._now()))
            if job.kind == BACKTEST and self._replay is not None:
                self._store.jobs.enqueue("backtest", BACKTEST, "", Priority.LOW, self._now())
            if job.kind == PAST and self._walking is not None:
                self._store.jobs.enqueue("past", PAST, "", Priority.LOW, self._now())
            if job.kind in self._left and not self._stopped.is_set():
                self._store.jobs.enqueue(job.kind, job.kind, "", Priority.LOW, self._now())
            if job.kind == CODE and self._code.left and not self._stopped.is_set():
                self._store.jobs.enqueue("code", CODE, "", Priority.LOW, self._now())

    async def _do(self, job: Job) -> None:
        if job.kind == INDEX:
            await self._index()
        elif job.kind == BACKTEST:
            await self._backtest()
        elif job.kind == PAST:
            await self._walk_on()
        elif job.kind == REINDEX:
            await self._reindex()
        elif job.kind == CODE:
            if self._facts is not None:
                settings, embedder = self._facts.settings, (await self._get_library()).embedder
                await self._code.step(embedder, settings, self._now(), self._stopped)
        else:
            await self._write(job)

    async def _backtest(self) -> None:
        """Replay the next past sprint; prose and index that are wanted meanwhile get their turn in between."""
        facts = self._facts
        if facts is None or not await self._on(self._queue_thread, self._store.history_complete):
            return
        if self._replay is None:
            self._replay_of = past_sprints(facts.analysis)
            self._replay = await self._on(self._replay_thread, lambda: self._prepared(facts.settings))
        replay = self._replay
        if not await self._on(self._replay_thread, lambda: replay.step(self._stopped)):
            self._replay, self._replayed = None, self._replay_of
            self._spare_imports(BACKTEST)

    def _prepared(self, settings: Settings) -> Backtest:
        """The walk through the past sprints, ready for its first step; brings numpy, so not on the window's thread."""
        from galaxy_desktop.services.backtest import Backtest, away_days, free_days  # noqa: PLC0415 - after the first paint

        now = self._now()
        replay = Backtest(self._store, now, free_days(settings, now), self._publish, away_days(settings))
        replay.prepare(self._stopped)
        return replay

    async def _walk_on(self) -> None:
        """Replay the next stretch of the past for rules and items; others get their turn in between."""
        facts = self._facts
        if facts is None or not await self._on(self._queue_thread, self._store.history_complete):
            return
        if self._walking is None:
            self._walk_of = weekly(facts.analysis)
            self._walking = await self._on(self._replay_thread, self._ready_to_walk)
        walking = self._walking
        if not await self._on(self._replay_thread, lambda: walking.step(self._stopped)):
            self._walking, self._walked = None, self._walk_of
            if walking.replayed:
                self.learned()

    def _ready_to_walk(self) -> Replaying:
        from galaxy_desktop.services.rule_replay import Replaying  # noqa: PLC0415 - after the first paint

        walking = Replaying(self._store, self._now())
        walking.prepare()
        return walking

    async def _index(self) -> None:
        """Bring the vectors up to what is stored, for about a second."""
        if self._facts is None:
            return
        sprints = tuple(s.sprint for s in self._facts.analysis.sprints)
        library = await self._get_library()
        self._left.discard(INDEX)
        if await self._on(self._index_thread, lambda: library.step(lambda: self._texts(sprints))):
            self._left.add(INDEX)
            return
        current = {item for sprint in sprints if sprint.state is State.OPEN for item in sprint.items}
        vectors = await self._on(self._index_thread, lambda: library.vectors(current))
        self.embeddings = vectors
        now = self._now()
        tones = await self._on(self._index_thread, lambda: library.tones(self._store.snapshot(), sprints, now))
        self.embeddings = {**vectors, **tones}
        self._spare_imports(INDEX)

    def _texts(self, sprints: tuple[Sprint, ...]) -> Texts:
        return self._store.snapshot(), sprints, self._store.interventions()

    async def _reindex(self) -> None:
        """Index with the search model that was chosen, for about a second; the old index answers until it is whole."""
        facts = self._facts
        if facts is None:
            return
        sprints = tuple(s.sprint for s in facts.analysis.sprints)
        library, name = await self._get_library(), facts.settings.text("search_model")
        self._left.discard(REINDEX)
        left = await self._code.run(lambda: library.step_second(name, lambda: self._texts(sprints), self._stopped))
        state = library.second.state
        if left:
            self._left.add(REINDEX)
        else:
            logger.info("%s", state.sentence)
        self._publish(SearchIndexMoved(state))
        if state.again_s and AGAIN not in self._tasks.names:
            self._tasks.start(self._again(state.again_s), AGAIN)

    async def _again(self, seconds: float) -> None:
        """A provider that could not be asked may answer later."""
        await self.sleep(seconds)
        self._store.jobs.enqueue(REINDEX, REINDEX, "", Priority.LOW, self._now())
        self._wake.set()

    async def _get_library(self) -> Library:
        if self._library is None:
            from galaxy_desktop.services.embedding_provider import ProviderEmbedder  # noqa: PLC0415 - with the library
            from galaxy_desktop.services.indexing import Library  # noqa: PLC0415 - ChromaDB and torch take seconds

            engines = self._engines
            provided = None if engines is None else lambda setting: ProviderEmbedder(setting, engines)
            self._library = await self._on(self._index_thread, lambda: Library(self._folder, provided=provided))
        return self._library

    async def _write(self, job: Job) -> None:
        """Let the model word one sprint, unless its facts have changed since."""
        wanted = json.loads(job.payload)
        sprint = self._sprint(wanted["sprint"])
        facts = self._facts
        if sprint is None or facts is None or facts_digest(sprint) != wanted["facts"]:
            return
        sprint_id = sprint.sprint.id
        self._publish(ProsePending(sprint_id, "writing"))
        titles = {item.id: item.title for item in facts.analysis.items}

        async def find() -> tuple[Evidence, ...]:
            return await self._on(self._index_thread, lambda: self._find(sprint))

        def say(words: str) -> None:
            self._publish(ProsePending(sprint_id, words))

        self._prose.host.resumed = self._write_again
        self._prose.host.watch()
        try:
            result = await self._prose.write(sprint, facts.settings, titles, find, say)
        except ModelWaitsError as waits:
            self._publish(ProsePending(sprint_id, str(waits)))
            return
        self._spare_imports(PROSE)
        told = result.explanation
        logger.info("Prose for %s: mode %s, %d sentences removed", sprint.sprint.id, told.mode, told.removed)
        self._publish(ProseArrived(sprint.sprint.id, told))
        await self._keep(sprint, wanted["facts"], told)
        if told.mode == "model":
            await self._notice(sprint, facts)

    def _write_again(self) -> None:
        """The model may work again: the sprints that still have only templates get their turn."""
        if self._facts is not None and not self._stopped.is_set():
            self._want_prose(self._facts.analysis, self._facts.settings)
            self._idle.clear()
            self._wake.set()

    async def _notice(self, sprint: SprintAnalysis, facts: _Facts) -> None:
        """Let a model whose sentences check out look for patterns, once a day and sprint: nobody waits for them."""
        from galaxy_desktop.services.noticing import material_of  # noqa: PLC0415 - with the model

        sprint_id, today = sprint.sprint.id, self._now().date()
        if self._noticed_on.get(sprint_id) == today:
            return
        self._noticed_on[sprint_id] = today
        history = await self._on(self._index_thread, lambda: self._find(sprint))
        material = await self._on(
            self._queue_thread, lambda: material_of(facts.analysis, sprint, self._store.snapshot(), history)
        )
        found = await self._prose.propose(sprint_id, material, facts.settings)
        if found is not None and found.noticed:
            new = await asyncio.wrap_future(self._store.keep_noticed(found.noticed))
            logger.info("%d patterns noticed in %s, %d of them new", len(found.noticed), sprint_id, new)
            self._publish(PatternsNoticed(sprint_id))

    async def _keep(self, sprint: SprintAnalysis, digest: str, explanation: Explanation) -> None:
        """Store the prose with the evaluation it belongs to, unless a newer one came meanwhile."""
        facts = self._facts
        current = self._sprint(sprint.sprint.id)
        if facts is None or current is None or facts_digest(current) != digest:
            return
        told = replace(sprint, explanation=explanation)
        sprints = tuple(told if s.sprint.id == sprint.sprint.id else s for s in facts.analysis.sprints)
        self._facts = replace(facts, analysis=replace(facts.analysis, sprints=sprints))
        await asyncio.wrap_future(self._store.save_analysis(self._facts.analysis))

    def _find(self, sprint: SprintAnalysis) -> tuple[Evidence, ...]:
        """What the past says to this sprint's worst risk; nothing before the index is ready."""
        if self._library is None or not sprint.risks:
            return ()
        return self._library.search(sprint.risks[0].summary, FOUND_FOR_PROSE)

    def _spare_imports(self, kind: str) -> None:
        """After the first job of a kind its libraries are there to stay."""
        if kind not in self._imported:
            self._imported.add(kind)
            interpreter.spare_what_lives()

    def _sprint(self, sprint_id: str) -> SprintAnalysis | None:
        sprints = self._facts.analysis.sprints if self._facts else ()
        return next((s for s in sprints if s.sprint.id == sprint_id), None)

    async def _on(self, thread: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(thread, work)


def past_sprints(analysis: Analysis) -> str:
    """A mark that changes when a sprint closed or the engine changed: then there is something to replay."""
    closed = sorted(one.sprint.id for one in analysis.sprints if one.sprint.state is State.CLOSED)
    return " ".join((analysis.engine, *closed))


def weekly(analysis: Analysis) -> str:
    """The same mark, which also changes every week: repositories without sprints have a past too."""
    year, week, _ = analysis.as_of.isocalendar()
    return f"{year}-{week} {past_sprints(analysis)}"
