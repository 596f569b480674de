"""The graph of the eight agents: LangGraph carries the state, SQLite keeps it, and a run always ends in an answer.

    orchestrator -> data_collector -> feature_engineer -> llm_reasoner -> (sprint_analyzer | risk_assessor)
                 -> recommender -> explainer

Checkpoints lie in a file of their own, the run's id is the thread's id: a run that was killed goes on where it was,
one that ended is not run again. The saver is closed with the run, because its thread would keep the process alive.
A checkpoint file that cannot be read is put aside: it holds nothing that is worth failing for.
"""

from __future__ import annotations

import importlib
import logging
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from galaxy_desktop.domain.findings import Explanation
from galaxy_desktop.domain.work_log import Execution
from galaxy_desktop.reason.agents import Agents, Clock, Record, RunRequest
from galaxy_desktop.reason.lane import Lane
from galaxy_desktop.reason.recording import Call, Recording, ReplayEngine
from galaxy_desktop.reason.state import NODES, RunState, explanation_of

logger = logging.getLogger(__name__)

RUNS_KEPT = 50
GRAPH = "langgraph.graph"
SAVER = "langgraph.checkpoint.sqlite.aio"
Remember = Callable[[Recording], object]
__all__ = ["NODES", "Replayed", "RunRequest", "RunResult", "replay", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a run ended.

    `notes` holds (node, status) in the order of the graph; `why` the sentences that say why the model had no part or a
    smaller one; `reasons` why each removed sentence was removed (for the log and the Activity page).
    """

    run_id: str
    explanation: Explanation
    executions: tuple[Execution, ...]
    notes: tuple[tuple[str, str], ...]
    why: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def run(
    request: RunRequest,
    *,
    checkpoints: Path,
    record: Record = lambda _: None,
    now: Clock = _utc_now,
    remember: Remember | None = None,
) -> RunResult:
    """Run the graph for one sprint; raises `CancelledByUserError` when asked to stop, and nothing else foreseen.

    `remember` gets the recording of a run that did anything; one that had ended before is not recorded again.
    """
    lane = Lane()
    agents = Agents(request, lane, record, now)
    try:
        await lane.run(partial(_prepare, checkpoints))
        async with _saver(checkpoints) as saver:
            values = await _through(_compiled(agents, saver), saver, request.run_id)
            await _forget_old_runs(saver)
    finally:
        agents.halt.set()
        await lane.close(request.grace_s)
    notes = values.get("notes", {})
    explanation = explanation_of(values)
    if remember is not None and agents.executions:
        remember(_recording(request, agents, values, explanation))
    return RunResult(
        run_id=request.run_id,
        explanation=explanation,
        executions=tuple(agents.executions),
        notes=tuple((node, notes[node]) for node in NODES if node in notes),
        why=tuple(dict.fromkeys(values.get("why", ()))),
        reasons=tuple(values.get("reasons", ())),
    )


def _recording(request: RunRequest, agents: Agents, values: RunState, explanation: Explanation) -> Recording:
    """Everything that went into a run and came out of it."""
    engine = request.engine.name if request.engine is not None else ""
    return Recording(
        run_id=request.run_id,
        engine=engine,
        scene=agents.scene,
        parts=values.get("parts", {}),
        calls=tuple(Call.of(row) for row in values.get("calls", ())),
        result=explanation,
        reasons=tuple(values.get("reasons", ())),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of playing a recording again: `same` when the same sentences came out in the same order.

    `gone` and `new` are the sentences that only one of the two runs shows. `changed` names prompts that read differently today, with the versions they have now; their recorded answers were used.
    """

    run_id: str
    explanation: Explanation
    same: bool
    gone: tuple[str, ...]
    new: tuple[str, ...]
    changed: tuple[str, ...]
    reasons: tuple[str, ...]


async def replay(recording: Recording) -> Replayed:
    """Run the graph over recorded facts and answers; no model is asked, nothing is stored."""
    engine = ReplayEngine(recording.calls, recording.engine) if recording.calls else None
    request = RunRequest(run_id=recording.run_id, replayed=recording, engine=engine)
    with tempfile.TemporaryDirectory(prefix="galaxy-replay-") as folder:
        result = await run(request, checkpoints=Path(folder) / "checkpoints.sqlite3")
    then, now = (tuple(one.text for one in told.sentences) for told in (recording.result, result.explanation))
    return Replayed(
        run_id=recording.run_id,
        explanation=result.explanation,
        same=then == now,
        gone=tuple(text for text in then if text not in now),
        new=tuple(text for text in now if text not in then),
        changed=tuple(engine.changed) if engine is not None else (),
        reasons=result.reasons,
    )


async def _through(compiled: Any, saver: Any, run_id: str) -> RunState:
    """The final state of a run: begun, continued where it was interrupted, or as it ended before.

    A run whose model could not be used is begun anew: memory may be free by now, or the weights there.
    """
    config = {"configurable": {"thread_id": run_id}, "callbacks": []}
    before = await compiled.aget_state(config)
    if before.values and not before.next:
        ended: RunState = before.values
        if not ended.get("unavailable"):
            return ended
        await saver.adelete_thread(run_id)
    state: RunState = await compiled.ainvoke(None if before.next else {"run_id": run_id}, config)
    return state


def _compiled(agents: Agents, saver: Any) -> Any:
    graphs: Any = importlib.import_module(GRAPH)
    builder = graphs.StateGraph(RunState)
    for node in NODES:
        builder.add_node(node, partial(agents.visit, node))
    builder.add_edge(graphs.START, NODES[0])
    for before, after in _EDGES:
        builder.add_edge(before, after)
    builder.add_edge(NODES[-1], graphs.END)
    return builder.compile(checkpointer=saver)


_EDGES: tuple[tuple[str | list[str], str], ...] = (
    ("orchestrator", "data_collector"),
    ("data_collector", "feature_engineer"),
    ("feature_engineer", "llm_reasoner"),
    ("llm_reasoner", "sprint_analyzer"),
    ("llm_reasoner", "risk_assessor"),
    (["sprint_analyzer", "risk_assessor"], "recommender"),
    ("recommender", "explainer"),
)


def _prepare(path: Path) -> None:
    """What must not happen on the event loop: two seconds of imports, and a look at the checkpoint file."""
    importlib.import_module(GRAPH)
    importlib.import_module(SAVER)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not _is_sound(path):
        path.replace(path.with_suffix(".damaged"))
        logger.info("put a damaged checkpoint file aside: %s", path.name)


@asynccontextmanager
async def _saver(path: Path) -> AsyncIterator[Any]:
    """The checkpoint file, opened and in the end closed."""
    module: Any = importlib.import_module(SAVER)
    async with module.AsyncSqliteSaver.from_conn_string(str(path)) as saver:
        await saver.setup()
        yield saver


def _is_sound(path: Path) -> bool:
    """Whether SQLite can read the file, or there is none yet."""
    if not path.exists():
        return True
    connection = sqlite3.connect(path)
    try:
        return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


async def _forget_old_runs(saver: Any) -> None:
    """Keep the newest runs only: checkpoints are for continuing, the record of executions is for reading."""
    newest = "SELECT thread_id FROM checkpoints GROUP BY thread_id ORDER BY MAX(checkpoint_id) DESC LIMIT -1 OFFSET ?"
    async with saver.conn.execute(newest, (RUNS_KEPT,)) as rows:
        old = [row[0] for row in await rows.fetchall()]
    for run_id in old:
        await saver.adelete_thread(run_id)
