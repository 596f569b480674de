"""The eight agents: what each node of the graph does, and the record it leaves.

Every agent first establishes facts, through a function that services hand in or from the analysis at hand. Four of
them then ask the model one question about these facts. The routing is code: a model fills in sentences and nothing
else, and the explainer lets only those through that the facts support. Whatever an agent's model call does (fail,
dawdle, write rubbish), the facts are there and the run goes on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import FeatureSet
from galaxy_desktop.domain.findings import Forecast, Health, Recommendation, Risk, Sentence, SprintAnalysis
from galaxy_desktop.domain.stopping import EitherFlag, StopFlag
from galaxy_desktop.domain.work_log import Execution
from galaxy_desktop.errors import CancelledByUserError, GalaxyError, ModelError
from galaxy_desktop.reason import briefing, ground, sheet
from galaxy_desktop.reason.drafts import sentences_of
from galaxy_desktop.reason.engine import Deadline, Engine, Generation
from galaxy_desktop.reason.lane import Lane, TooSlowError
from galaxy_desktop.reason.passages import Wording
from galaxy_desktop.reason.quoting import QUOTED, double_quoted
from galaxy_desktop.reason.recording import Recording, RecordingEngine, Scene
from galaxy_desktop.reason.state import Draft, RunState, Update, digest
from galaxy_desktop.reason.wording import plain

logger = logging.getLogger(__name__)

MAX_TOKENS = 220
Record = Callable[[Execution], object]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One run for one sprint: facts, the model if there is one, and where facts come from if they are to be renewed.

    A run needs an analysis or a recording of an earlier run. The functions may be plain or coroutine functions; without them the records of `analysis` are used. `evidence` comes first in
    what the model reads. `titles` are what people called the items, by evidence id: where they are given, other
    quotes of an item count as written by code; `outdated` are other versions of what is quoted, `people` the logins that no
    quotation may name. `wording` tells what evidence said at the moment of the analysis; it is asked for what is quoted. `deadline_s` is the model's time in this run, `grace_s` how long an engine may take to stop.
    """

    run_id: str
    analysis: SprintAnalysis | None = None
    replayed: Recording | None = None
    evidence: Sequence[Evidence] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    outdated: Mapping[str, Sequence[str]] = field(default_factory=dict)
    people: Sequence[str] = ()
    wording: Callable[[Sequence[str]], Wording | Awaitable[Wording]] | None = None
    engine: Engine | None = None
    collect: Callable[[], Sequence[Evidence] | Awaitable[Sequence[Evidence]]] | None = None
    compute_features: Callable[[], FeatureSet | Awaitable[FeatureSet]] | None = None
    analyze: Callable[[], tuple[Forecast, Health] | Awaitable[tuple[Forecast, Health]]] | None = None
    assess: Callable[[], Sequence[Risk] | Awaitable[Sequence[Risk]]] | None = None
    recommend: Callable[[], Sequence[Recommendation] | Awaitable[Sequence[Recommendation]]] | None = None
    deadline_s: float = 180.0
    grace_s: float = 3.0
    max_tokens: int = MAX_TOKENS
    stop: StopFlag = field(default_factory=threading.Event)


@dataclass(slots=True)
class _Work:
    """What one node brought so far; filled in as it goes, so that a failure keeps what was there before it."""

    update: Update = field(default_factory=dict)
    status: str = "done"
    error: str = ""
    tokens_in: int = 0
    tokens_out: int = 0

    def end(self, status: str, why: str) -> None:
        """The node did not do all of its work: say so in the run's own words too."""
        self.status, self.error = status, why
        self.update["why"] = [why]


class Agents:
    """The nodes of one run; they share the request, the lane and the model's time."""

    def __init__(self, request: RunRequest, lane: Lane, record: Record, now: Clock) -> None:
        self._request = request
        self._lane = lane
        self._record = record
        self._now = now
        self.halt = threading.Event()
        self._deadline: Deadline | None = None
        self._engine = request.engine
        self.executions: list[Execution] = []
        self.scene = request.replayed.scene if request.replayed is not None else scene_of(request)

    async def visit(self, node: str, state: RunState) -> Update:
        """Run one node and record it; raises when the user asked to stop, and for nothing else that the work does.

        A stopped node leaves its checkpoint pending: the run can be continued from there.
        """
        started_at, begun = self._now(), time.monotonic()
        work = _Work()
        try:
            if self._request.stop.is_set():
                raise CancelledByUserError
            await getattr(self, f"_{node}")(state, work)
        except CancelledByUserError:
            work.status = "cancelled"
            raise
        except GalaxyError as error:
            work.end("failed", str(error))
        except Exception:
            logger.exception("the agent %s failed", node)
            work.end("failed", f"The agent {node.replace('_', ' ')} failed; the log says more.")
        finally:
            work.update["notes"] = {node: work.status}
            self._keep(node, state, work, started_at, time.monotonic() - begun)
        return work.update

    def _keep(self, node: str, state: RunState, work: _Work, started_at: datetime, seconds: float) -> None:
        execution = Execution(
            run_id=self._request.run_id,
            node=node,
            model=self._request.engine.name if self._request.engine and work.tokens_in else "",
            status=work.status,
            input_digest=digest(state),
            output_digest=digest(work.update),
            started_at=started_at,
            duration_s=seconds,
            tokens_in=work.tokens_in,
            tokens_out=work.tokens_out,
            error=work.error,
        )
        self.executions.append(execution)
        self._record(execution)

    async def _orchestrator(self, _: RunState, work: _Work) -> None:
        """Decide whether this run has a model."""
        work.update["run_id"] = self._request.run_id
        if self._engine is None:
            work.update["why"] = ["No model is at hand; the sentences come from templates."]

    async def _data_collector(self, _: RunState, work: _Work) -> None:
        """Gather the evidence: what retrieval found, then what the analysis rests on."""
        work.update["sheet"] = await self._part("data_collector", self._evidence, work)

    async def _evidence(self) -> sheet.Sheet:
        found = await self._lane.call(self._request.collect) if self._request.collect else ()
        known = sheet.evidence_of(self._analysis)
        return sheet.of_evidence([*self._request.evidence, *found, *known], self._request.titles)

    async def _feature_engineer(self, state: RunState, work: _Work) -> None:
        """State the numbers, and lay out what every question begins with."""
        facts = work.update["sheet"] = await self._part("feature_engineer", self._numbers, work)
        whole = sheet.merged(_sheet(state), facts)
        keys = briefing.keys_of(whole, [*self.scene.telling, *whole["quotes"]])
        work.update["facts"] = briefing.facts_text(whole, keys)
        work.update["keys"] = briefing.offered(work.update["facts"], keys)

    async def _numbers(self) -> sheet.Sheet:
        analysis, compute = self._analysis, self._request.compute_features
        features = await self._lane.call(compute) if compute else analysis.features
        counts = sheet.of_sprint(analysis.sprint, analysis.done, analysis.open)
        return sheet.merged(counts, sheet.of_features(features))

    async def _llm_reasoner(self, state: RunState, work: _Work) -> None:
        """Let the model say what stands out."""
        await self._ask("llm_reasoner", state, sheet.empty(), work)

    async def _sprint_analyzer(self, state: RunState, work: _Work) -> None:
        """State forecast and health; let the model word them."""
        own = work.update["sheet"] = await self._part("sprint_analyzer", self._outlook, work)
        await self._ask("sprint_analyzer", state, own, work)

    async def _outlook(self) -> sheet.Sheet:
        analyze = self._request.analyze
        forecast, health = (
            await self._lane.call(analyze) if analyze else (self._analysis.forecast, self._analysis.health)
        )
        return sheet.merged(sheet.of_forecast(forecast), sheet.of_health(health))

    async def _risk_assessor(self, state: RunState, work: _Work) -> None:
        """State what is in the way; let the model word it."""
        own = work.update["sheet"] = await self._part("risk_assessor", partial(self._obstacles, state), work)
        await self._ask("risk_assessor", state, own, work)

    async def _obstacles(self, state: RunState) -> sheet.Sheet:
        assess = self._request.assess
        risks = await self._lane.call(assess) if assess else self._analysis.risks
        sprint = self._analysis.sprint
        return sheet.of_risks(risks, self._outside(state), (sprint.title, sprint.name))

    async def _recommender(self, state: RunState, work: _Work) -> None:
        """State what would help and by how much; let the model word it."""
        own = work.update["sheet"] = await self._part("recommender", self._actions, work)
        await self._ask("recommender", state, own, work)

    async def _actions(self) -> sheet.Sheet:
        recommend = self._request.recommend
        return sheet.of_recommendations(
            await self._lane.call(recommend) if recommend else self._analysis.recommendations
        )

    async def _explainer(self, state: RunState, work: _Work) -> None:
        """Let through what the facts support, behind what the templates say: facts first, prose follows."""
        part = await self._part("explainer", partial(self._told, state), work)
        scene = self.scene
        facts = sheet.merged(_sheet(state), part)
        drafts = [Sentence(one["text"], tuple(one["evidence"])) for one in state.get("drafts", [])]
        checked = ground.check(
            drafts,
            facts["context"],
            facts["table"],
            quotes=facts["quotes"],
            urls=facts["urls"],
            names=scene.names,
            today=scene.today,
            people=scene.people,
            outdated=scene.outdated,
        )
        kept = [one for one in dict.fromkeys(checked.kept) if one not in scene.told]
        sentences = [*scene.told, *kept]
        work.update["mode"] = "model" if kept else scene.mode
        work.update["sentences"] = [Draft(node="", text=one.text, evidence=list(one.evidence)) for one in sentences]
        work.update["removed"] = len(checked.removed) + state.get("unread", 0)
        work.update["reasons"] = [f"{one.reason}: {one.sentence.text}" for one in checked.removed]
        work.update["unsupported"] = [[plain(one.sentence.text), one.reason] for one in checked.removed]

    async def _told(self, state: RunState) -> sheet.Sheet:
        """What the templates say, and the whole texts that the model's sentences quote, as they read then."""
        told = sheet.of_explanation(self._analysis, self._outside(state))
        quoting = [
            one["evidence"] for one in state.get("drafts", []) if QUOTED.search(double_quoted(plain(one["text"])))
        ]
        asked = list(dict.fromkeys(i for ids in quoting for i in ids))
        if self._request.wording is None or not asked:
            return told
        said = await self._lane.call(partial(self._request.wording, asked))
        self.scene = replace(self.scene, outdated={**self.scene.outdated, **said.outdated})
        return sheet.merged(told, {**sheet.empty(), "quotes": dict(said.current)})

    async def _part(self, node: str, make: Callable[[], Awaitable[sheet.Sheet]], work: _Work) -> sheet.Sheet:
        """The facts of an agent: made now, or as they were recorded; kept for the recording of this run."""
        replayed = self._request.replayed
        part = replayed.part(node) if replayed is not None else await make()
        work.update["parts"] = {node: part}
        return part

    @property
    def _analysis(self) -> SprintAnalysis:
        """What the facts are made from; only a run that is not replayed has it."""
        if self._request.analysis is None:
            raise ModelError("This run has neither an analysis nor a recording to work from.")
        return self._request.analysis

    async def _ask(self, node: str, state: RunState, own: sheet.Sheet, work: _Work) -> None:
        """Put one question to the model; whatever goes wrong ends in the node's status, and in words."""
        keys = state.get("keys", {})
        if self._engine is None or not keys:
            work.status = "skipped"
            return
        deadline = self._time()
        prompt = briefing.question(state["facts"], briefing.more_text(own, keys), node)
        heard: list[str] = []
        engine = RecordingEngine(self._engine)
        generate = partial(
            engine.generate,
            prompt,
            schema=briefing.schema(list(keys)),
            max_tokens=self._request.max_tokens,
            stop=deadline,
            on_token=heard.append,
        )
        answer = await self._answer(generate, deadline, heard, work)
        work.update["calls"] = [asdict(call) for call in engine.calls]
        if answer is None:
            return
        sentences = sentences_of(answer, keys)
        work.update["drafts"] = [Draft(node=node, text=one.text, evidence=list(one.evidence)) for one in sentences]
        if not sentences and work.status == "done":
            work.update["unread"] = 1
            work.end("failed", "The model's answer could not be read.")

    async def _answer(
        self, generate: Callable[[], Generation], deadline: Deadline, heard: list[str], work: _Work
    ) -> str | None:
        """What the model wrote, as far as it came; `None` when it wrote nothing. After a failure it is not asked again."""
        late = f"The model was stopped after {self._request.deadline_s:g} seconds."
        try:
            written = await self._lane.run(generate, deadline.left + self._request.grace_s, lambda: deadline.left)
        except CancelledByUserError:
            if self._request.stop.is_set() or self.halt.is_set():
                raise
            self._engine = None
            work.end("timed out", late)
            return "".join(heard)
        except TooSlowError:
            self._engine = None
            work.end("timed out", late)
            return "".join(heard)
        except GalaxyError as error:
            self._engine = None
            work.update["unavailable"] = True
            work.end("failed", str(error))
            return None
        except Exception:
            self._engine = None
            logger.exception("the model failed")
            work.end("failed", "The model failed unexpectedly; the log says more.")
            return None
        work.tokens_in, work.tokens_out = written.tokens_in, written.tokens_out
        return written.text

    def _time(self) -> Deadline:
        """The model's time, which begins with the first question of the run."""
        if self._deadline is None:
            self._deadline = Deadline(self._request.deadline_s, EitherFlag(self._request.stop, self.halt))
        return self._deadline

    def _outside(self, state: RunState) -> tuple[str, ...]:
        return sheet.outside_words(self._analysis.sprint.title, _sheet(state)["quotes"].values())


def scene_of(request: RunRequest) -> Scene:
    """What a live run rests on besides its agents' facts."""
    analysis = request.analysis
    if analysis is None:
        return Scene()
    sprint, told = analysis.sprint, analysis.explanation
    return Scene(
        telling=(*sprint.anchors, *(one.id for one in request.evidence)),
        mode=told.mode,
        told=told.sentences,
        names=tuple(dict.fromkeys((sprint.name, sprint.title))),
        today=local_day(analysis.features.as_of, analysis.features.as_of),
        people=tuple(sorted(request.people)),
        outdated={i: tuple(texts) for i, texts in request.outdated.items()},
    )


def _sheet(state: RunState) -> sheet.Sheet:
    return state.get("sheet") or sheet.empty()
