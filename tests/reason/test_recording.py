"""A run is written down whole and ends in the same sentences when it is played again without a model."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason import graph
from galaxy_desktop.reason.engine import Prompt
from galaxy_desktop.reason.recording import Call, Recording, RecordingEngine, ReplayEngine, prompts_of

TRUE = ("PR #7 has been waiting for a review for 9 days.", ["E2"])
LIE = ("PR #7 has been waiting for a review for 90 days.", ["E2"])
FIXTURE = Path(__file__).parent / "cases" / "recording.json"
NEVER = threading.Event()


async def _recorded(bench: SimpleNamespace, checkpoints: Path, engine: Any, **more: Any) -> Recording:
    kept: list[Recording] = []
    await graph.run(bench.request(engine=engine, **more), checkpoints=checkpoints, remember=kept.append)
    return kept[0]


async def test_a_recording_holds_prompts_answers_and_what_they_were_made_with(
    bench: SimpleNamespace, checkpoints: Path
) -> None:
    recording = await _recorded(bench, checkpoints, bench.Puppet([bench.answer(TRUE)]))
    assert {call.tasks[-1] for call in recording.calls} == {
        "llm_reasoner",
        "sprint_analyzer",
        "risk_assessor",
        "recommender",
    }
    assert all(call.system and call.user and call.answer == bench.answer(TRUE) for call in recording.calls)
    assert dict(recording.prompts)["system"]
    assert set(recording.parts) == set(graph.NODES) - {"orchestrator", "llm_reasoner"}


async def test_a_replay_ends_in_the_same_sentences_without_a_model(bench: SimpleNamespace, checkpoints: Path) -> None:
    recording = await _recorded(bench, checkpoints, bench.Puppet([bench.answer(TRUE, LIE)]))
    again = await graph.replay(Recording.from_json(recording.to_json()))
    assert (again.same, again.gone, again.new, again.changed) == (True, (), (), ())
    assert again.explanation == recording.result
    assert again.explanation.unsupported[0].text == LIE[0]


async def test_a_run_without_a_model_is_replayed_too(bench: SimpleNamespace, checkpoints: Path) -> None:
    recording = await _recorded(bench, checkpoints, None)
    assert (await graph.replay(recording)).same


async def test_a_run_whose_model_failed_is_replayed_as_a_failure(bench: SimpleNamespace, checkpoints: Path) -> None:
    recording = await _recorded(bench, checkpoints, bench.Broken())
    assert recording.calls[0].error == "There is not enough memory."
    again = await graph.replay(recording)
    assert again.same
    assert again.explanation.mode == "facts"


async def test_what_a_stopped_model_had_written_is_recorded(bench: SimpleNamespace, checkpoints: Path) -> None:
    engine = bench.Endless(text=bench.answer(TRUE)[:-2] + ', {"text": "and on')
    recording = await _recorded(bench, checkpoints, engine, deadline_s=0.01)
    assert recording.calls[0].stopped
    assert (await graph.replay(recording)).same


async def test_an_interrupted_run_is_recorded_whole_when_it_goes_on(bench: SimpleNamespace, checkpoints: Path) -> None:
    stop = threading.Event()
    with pytest.raises(CancelledByUserError):
        await graph.run(bench.request(engine=bench.Endless(began=stop.set), stop=stop), checkpoints=checkpoints)
    recording = await _recorded(bench, checkpoints, bench.Puppet([bench.answer(TRUE)]))
    assert recording.part("data_collector")["quotes"]
    assert (await graph.replay(recording)).same


async def test_a_run_that_had_ended_is_not_recorded_again(bench: SimpleNamespace, checkpoints: Path) -> None:
    await _recorded(bench, checkpoints, bench.Puppet([bench.answer(TRUE)]))
    kept: list[Recording] = []
    await graph.run(bench.request(engine=bench.Broken()), checkpoints=checkpoints, remember=kept.append)
    assert kept == []


async def test_a_replay_tells_which_sentences_the_checks_let_through_no_more(
    bench: SimpleNamespace, checkpoints: Path
) -> None:
    recording = await _recorded(bench, checkpoints, bench.Puppet([bench.answer(TRUE)]))
    parts = {node: json.loads(json.dumps(part).replace("9 days", "8 days")) for node, part in recording.parts.items()}
    again = await graph.replay(replace(recording, parts=parts))
    assert (again.same, again.gone) == (False, (TRUE[0],))
    assert again.changed, "the facts read differently, so the prompts do"


async def test_a_recording_from_a_file_is_a_fixture_of_tests() -> None:
    """The file was made by the small model; it stays as it is, and the checks must still read it."""
    recording = Recording.from_json(FIXTURE.read_text(encoding="utf-8"))
    assert recording.weights
    again = await graph.replay(recording)
    assert not set(again.new) - {one.text for one in recording.result.sentences}
    assert all(again.explanation.sentences)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "null", '{"format": 1, "scene": 3}', "not json"])
def test_what_is_no_recording_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ModelError, match="no recording"):
        Recording.from_json(text)


def test_a_recording_of_a_later_version_is_refused() -> None:
    with pytest.raises(ModelError, match="another version"):
        Recording.from_json('{"format": 99}')


def _call(user: str, version: str = "system 1, recommender 1", **more: Any) -> Call:
    return Call(version=version, system="s", user=user, max_tokens=9, **more)


def _ask(engine: Any, user: str, version: str = "system 1, recommender 1", **more: Any) -> Any:
    return engine.generate(Prompt("s", user, version=version), schema=None, max_tokens=9, stop=NEVER, **more)


def test_equal_prompts_get_their_answers_in_turn() -> None:
    engine = ReplayEngine([_call("a", answer="1"), _call("a", answer="2"), _call("b", answer="3", seed=7)])
    assert [_ask(engine, one).text for one in "aba"] == ["1", "3", "2"]
    with pytest.raises(ModelError, match="no answer"):
        _ask(engine, "a")


def test_a_changed_prompt_is_answered_by_its_task_and_named() -> None:
    engine = ReplayEngine([_call("a", answer="1")])
    assert _ask(engine, "other", "system 2, recommender 5").text == "1"
    assert engine.changed == ["system 2, recommender 5"]


def test_the_replayer_tells_tokens_and_heeds_its_stop_flag() -> None:
    heard: list[str] = []
    engine = ReplayEngine([_call("a", answer="1"), _call("a", answer="1")], "small")
    _ask(engine, "a", on_token=heard.append)
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledByUserError):
        engine.generate(Prompt("s", "a"), schema=None, max_tokens=1, stop=stop)
    assert (heard, engine.name, engine.count_tokens("four words of text") > 3) == (["1"], "small", True)
    engine.close()


def test_the_recorder_is_the_engine_inside_with_a_memory(bench: SimpleNamespace) -> None:
    engine = RecordingEngine(bench.Puppet(["yes"]))
    heard: list[str] = []
    assert _ask(engine, "q", on_token=heard.append).text == "yes"
    assert (engine.name, engine.count_tokens("abc"), heard) == ("puppet", 1, ["yes"])
    assert engine.calls[0].answer == "yes"
    engine.close()


@given(st.lists(st.tuples(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.integers(1, 99).map(str)), max_size=4))
def test_names_and_versions_come_back_out_of_their_text(pairs: list[tuple[str, str]]) -> None:
    assert prompts_of(", ".join(f"{name} {version}" for name, version in pairs)) == tuple(pairs)
