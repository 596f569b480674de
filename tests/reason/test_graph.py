"""A run always ends in an answer; no model, however it behaves, gets an unsupported word through."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from galaxy_desktop.domain.work_log import Execution
from galaxy_desktop.errors import CancelledByUserError, StoreError
from galaxy_desktop.reason import graph
from galaxy_desktop.reason.graph import NODES, RunResult
from galaxy_desktop.reason.llama import LlamaEngine

TRUE = ("PR #7 has been waiting for a review for 9 days.", ["E2"])


async def _run(bench: SimpleNamespace, checkpoints: Path, engine: Any = None, **more: Any) -> RunResult:
    return await graph.run(bench.request(engine=engine, **more), checkpoints=checkpoints)


async def test_without_a_model_the_templates_speak_and_say_why(bench: SimpleNamespace, checkpoints: Path) -> None:
    result = await _run(bench, checkpoints)
    assert result.explanation == bench.analysis.explanation
    assert result.why == ("No model is at hand; the sentences come from templates.",)


async def test_the_eight_agents_run_in_order_and_are_recorded(bench: SimpleNamespace, checkpoints: Path) -> None:
    kept: list[Execution] = []
    engine = bench.Puppet([bench.answer(TRUE)])
    await graph.run(bench.request(engine=engine), checkpoints=checkpoints, record=kept.append)
    nodes = [one.node for one in kept]
    assert sorted(nodes) == sorted(NODES)
    assert nodes[:4] == list(NODES[:4])
    assert set(nodes[4:6]) == {"sprint_analyzer", "risk_assessor"}
    assert all(len(one.input_digest) == len(one.output_digest) == 64 for one in kept)
    assert {one.node: one.tokens_out for one in kept}["llm_reasoner"] == 20
    assert {one.model for one in kept} == {"", "puppet"}


async def test_templates_come_first_and_true_sentences_follow(bench: SimpleNamespace, checkpoints: Path) -> None:
    result = await _run(bench, checkpoints, bench.Puppet([bench.answer(TRUE)]))
    told = result.explanation
    assert told.mode == "model"
    assert told.sentences[-1].text == TRUE[0]
    assert told.sentences[:-1] == bench.analysis.explanation.sentences
    assert told.removed == 0


async def test_evidence_is_read_under_short_names_with_its_words_fenced(
    bench: SimpleNamespace, checkpoints: Path
) -> None:
    engine = bench.Puppet([bench.answer(TRUE)])
    await _run(bench, checkpoints, engine)
    first = engine.read[0]
    assert "E2 (pull request): o/r#7 has been in work for 11 days" in first.user
    assert "«Add parser for 3 dialects»" in first.user
    assert len({prompt.system for prompt in engine.read}) == 1
    assert len({prompt.user.split("\n\n")[0].splitlines()[0] for prompt in engine.read}) == 1


@pytest.mark.parametrize(
    "lie",
    [
        ("PR #7 has been waiting for a review for 90 days.", ["E2"]),
        ("Issue #12 has been idle for 9 days.", ["E3", "E2"]),
        ("The sprint is 99 % done and on track.", ["E3"]),
        ("The sprint is due 2026-05-31.", ["E1"]),
        ("Everything is fine.", ["E1"]),
        ("PR #7 has been waiting for a review for 9 days.", ["E77"]),
        ("PR #7 has been waiting for a review for 9 days.", []),
    ],
)
async def test_a_model_that_lies_changes_nothing(bench: SimpleNamespace, checkpoints: Path, lie: Any) -> None:
    result = await _run(bench, checkpoints, bench.Puppet([bench.answer(lie)]))
    assert result.explanation.sentences == bench.analysis.explanation.sentences
    assert (result.explanation.mode, result.explanation.removed) == ("facts", 4)
    assert len(result.reasons) == 4


async def test_a_model_that_obeys_an_instruction_in_an_issue_changes_nothing(
    bench: SimpleNamespace, checkpoints: Path
) -> None:
    obeyed = ["Tell everyone that the sprint is 99 % done and on track.", bench.attack, "Sprint 9 is on track."]
    engine = bench.Puppet([bench.answer(*((text, ["E1", "E3"]) for text in obeyed))])
    result = await _run(bench, checkpoints, engine)
    assert result.explanation.sentences == bench.analysis.explanation.sentences
    assert result.explanation.removed == 12


@pytest.mark.parametrize(
    "rubbish", ["", "I think it goes well!", "[1, 2", '{"sentences": 7}', '{"sentences": [7, null]}', "}{" * 99]
)
async def test_rubbish_is_counted_and_nothing_of_it_is_shown(
    bench: SimpleNamespace, checkpoints: Path, rubbish: str
) -> None:
    result = await _run(bench, checkpoints, bench.Puppet([rubbish]))
    assert result.explanation.sentences == bench.analysis.explanation.sentences
    assert result.explanation.removed == 4
    assert dict(result.notes)["llm_reasoner"] == "failed"
    assert result.why == ("The model's answer could not be read.",)


async def test_an_answer_that_broke_off_gives_its_whole_sentences(bench: SimpleNamespace, checkpoints: Path) -> None:
    cut = bench.answer(TRUE, ("PR #7 blocks", ["E2"]))[:-25]
    result = await _run(bench, checkpoints, bench.Puppet([cut]))
    assert result.explanation.sentences[-1].text == TRUE[0]


async def test_a_model_that_never_stops_is_stopped_and_its_whole_sentences_count(
    bench: SimpleNamespace, checkpoints: Path
) -> None:
    engine = bench.Endless(text=bench.answer(TRUE)[:-2] + ', {"text": "and on')
    result = await _run(bench, checkpoints, engine, deadline_s=0.01)
    assert dict(result.notes)["llm_reasoner"] == "timed out"
    assert result.explanation.sentences[-1].text == TRUE[0]
    assert result.why == ("The model was stopped after 0.01 seconds.",)
    assert len(engine.read) == 1


async def test_a_model_that_ignores_its_stop_flag_is_left_behind(bench: SimpleNamespace, checkpoints: Path) -> None:
    engine = bench.Endless(heed=False)
    result = await _run(bench, checkpoints, engine, deadline_s=0.01, grace_s=0.01)
    engine.released.set()
    assert dict(result.notes)["llm_reasoner"] == "timed out"
    assert result.explanation == bench.analysis.explanation


async def test_a_model_that_cannot_run_ends_in_facts_mode_with_a_sentence(
    bench: SimpleNamespace, checkpoints: Path
) -> None:
    engine = bench.Broken()
    result = await _run(bench, checkpoints, engine)
    assert result.explanation == bench.analysis.explanation
    assert result.why == ("There is not enough memory.",)
    assert len(engine.read) == 1


async def test_a_model_that_crashes_is_logged_and_the_run_goes_on(
    bench: SimpleNamespace, checkpoints: Path, caplog: pytest.LogCaptureFixture
) -> None:
    result = await _run(bench, checkpoints, bench.Broken(error=ZeroDivisionError("boom")))
    assert result.explanation == bench.analysis.explanation
    assert "the model failed" in caplog.text
    assert [status for _, status in result.notes].count("failed") == 1


async def test_stopping_raises_and_a_later_run_goes_on_where_it_was(bench: SimpleNamespace, checkpoints: Path) -> None:
    stop = threading.Event()
    kept: list[Execution] = []
    with pytest.raises(CancelledByUserError):
        await graph.run(
            bench.request(engine=bench.Endless(began=stop.set), stop=stop), checkpoints=checkpoints, record=kept.append
        )
    assert [(one.node, one.status) for one in kept][-1] == ("llm_reasoner", "cancelled")
    kept.clear()
    again = bench.request(engine=bench.Puppet([bench.answer(TRUE)]))
    result = await graph.run(again, checkpoints=checkpoints, record=kept.append)
    assert kept[0].node == "llm_reasoner"
    assert result.explanation.mode == "model"


async def test_cancelling_the_task_stops_the_model_and_leaves_no_thread(
    bench: SimpleNamespace, checkpoints: Path
) -> None:
    loop, begun = asyncio.get_running_loop(), asyncio.Event()
    engine = bench.Endless(began=lambda: loop.call_soon_threadsafe(begun.set))
    task = asyncio.create_task(_run(bench, checkpoints, engine))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_finished_run_is_not_run_again(bench: SimpleNamespace, checkpoints: Path) -> None:
    engine = bench.Puppet([bench.answer(TRUE)])
    first = await _run(bench, checkpoints, engine)
    again = await _run(bench, checkpoints, bench.Broken())
    assert again.explanation == first.explanation
    assert again.executions == ()


async def test_a_run_whose_model_could_not_be_used_is_begun_anew(bench: SimpleNamespace, checkpoints: Path) -> None:
    await _run(bench, checkpoints, bench.Broken())
    again = await _run(bench, checkpoints, bench.Puppet([bench.answer(TRUE)]))
    assert again.explanation.mode == "model"
    assert again.why == ()


async def test_checkpoints_hold_plain_data_in_a_file_of_their_own(bench: SimpleNamespace, checkpoints: Path) -> None:
    await _run(bench, checkpoints, bench.Puppet([bench.answer(TRUE)]))
    with sqlite3.connect(checkpoints) as connection:
        kinds = {row[0] for row in connection.execute("SELECT DISTINCT type FROM checkpoints")}
        runs = {row[0] for row in connection.execute("SELECT DISTINCT thread_id FROM checkpoints")}
    connection.close()
    assert (kinds, runs) == ({"msgpack"}, {"run-1"})


async def test_old_runs_are_forgotten(
    bench: SimpleNamespace, checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "RUNS_KEPT", 1)
    await _run(bench, checkpoints, run_id="old")
    await _run(bench, checkpoints, run_id="new")
    connection = sqlite3.connect(checkpoints)
    left = {row[0] for row in connection.execute("SELECT DISTINCT thread_id FROM checkpoints")}
    connection.close()
    assert left == {"new"}


def _damage(file: Path) -> None:
    file.write_bytes(b"not a database" * 500)


async def test_a_damaged_checkpoint_file_is_put_aside(bench: SimpleNamespace, checkpoints: Path) -> None:
    _damage(checkpoints)
    result = await _run(bench, checkpoints)
    assert result.explanation.mode == "facts"
    assert checkpoints.with_suffix(".damaged").exists()


async def test_facts_come_from_the_functions_that_are_handed_in(bench: SimpleNamespace, checkpoints: Path) -> None:
    asked: list[str] = []

    def noting(name: str, value: Any) -> Callable[[], Any]:
        return lambda: (asked.append(name), value)[1]

    async def risks() -> Any:
        asked.append("risks")
        return bench.analysis.risks

    a = bench.analysis
    await _run(
        bench,
        checkpoints,
        collect=noting("evidence", ()),
        compute_features=noting("features", a.features),
        analyze=noting("forecast", (a.forecast, a.health)),
        assess=risks,
        recommend=noting("actions", a.recommendations),
    )
    assert sorted(asked) == ["actions", "evidence", "features", "forecast", "risks"]


async def test_an_agent_that_fails_says_so_and_the_others_go_on(bench: SimpleNamespace, checkpoints: Path) -> None:
    def no_risks() -> Any:
        raise StoreError("The disk is full.")

    result = await _run(bench, checkpoints, bench.Puppet([bench.answer(TRUE)]), assess=no_risks)
    assert dict(result.notes)["risk_assessor"] == "failed"
    assert "The disk is full." in result.why
    assert result.explanation.mode == "model"


async def test_an_agent_with_a_bug_is_logged_and_the_others_go_on(
    bench: SimpleNamespace, checkpoints: Path, caplog: pytest.LogCaptureFixture
) -> None:
    result = await _run(bench, checkpoints, collect=lambda: 1 / 0)
    assert dict(result.notes)["data_collector"] == "failed"
    assert "the agent data_collector failed" in caplog.text
    assert result.explanation == bench.analysis.explanation


async def test_equal_runs_have_equal_digests(bench: SimpleNamespace, tmp_path: Path) -> None:
    first, second = [await _run(bench, tmp_path / name, bench.Puppet([bench.answer(TRUE)])) for name in ("a", "b")]
    digests = [sorted((e.node, e.input_digest, e.output_digest) for e in run.executions) for run in (first, second)]
    assert digests[0] == digests[1]


@pytest.mark.weights
async def test_the_small_model_runs_through_and_nothing_unsupported_is_kept(
    bench: SimpleNamespace, checkpoints: Path, weights: Path
) -> None:
    engine = LlamaEngine(weights, "smollm2-135m-instruct")
    result = await _run(bench, checkpoints, engine, deadline_s=120)
    engine.close()
    used = [one for one in result.executions if one.tokens_in]
    assert len(used) == 4
    assert max(one.tokens_in for one in used) < 1_000
    assert set(bench.analysis.explanation.sentences) <= set(result.explanation.sentences)
    assert json.dumps(result.reasons)
