"""One thread owns llama.cpp; it can be stopped at every stage, and what goes wrong is a sentence."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason.briefing import schema
from galaxy_desktop.reason.engine import Deadline, Prompt
from galaxy_desktop.reason.llama import LlamaEngine
from galaxy_desktop.reason.native import AbortFlag
from galaxy_desktop.reason.sampling import grammar_of

PROMPT = Prompt("You are brief.", "E1 (issue): o/r#7 is open. Write a sentence.")
STORY = Prompt("You tell stories.", "Tell a very long story about galaxies.")
LONG = Prompt("You read.", "The review of pull request seven waits. " * 300)


@pytest.fixture
def engine(weights: Path) -> Iterator[LlamaEngine]:
    made = LlamaEngine(weights, "small")
    yield made
    made.close()


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    engine = LlamaEngine(tmp_path / "none.gguf", "small")
    with pytest.raises(ModelError, match="not on this computer"):
        engine.generate(PROMPT)
    engine.close()


def test_a_file_that_is_no_model_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "page.gguf").write_text("<html>404</html>")
    engine = LlamaEngine(tmp_path / "page.gguf", "small")
    with pytest.raises(ModelError, match="not a GGUF model"):
        engine.generate(PROMPT)
    engine.close()


@pytest.mark.weights
def test_too_little_memory_is_refused_before_loading(weights: Path) -> None:
    engine = LlamaEngine(weights, "small", free_memory=lambda: 1_000_000)
    with pytest.raises(ModelError, match=r"needs about \d+ MB .* and 1 MB are free"):
        engine.generate(PROMPT)
    engine.close()


def test_a_damaged_file_is_a_sentence_and_says_nothing_on_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "torn.gguf").write_bytes(b"GGUF\x03\0\0\0" + bytes(4000))
    engine = LlamaEngine(tmp_path / "torn.gguf", "small")
    with pytest.raises(ModelError, match="does not say what kind"):
        engine.generate(PROMPT)
    engine.close()
    assert capfd.readouterr() == ("", "")


def test_nothing_runs_before_the_first_request(tmp_path: Path) -> None:
    before = threading.active_count()
    engine = LlamaEngine(tmp_path / "none.gguf", "small")
    assert threading.active_count() == before
    engine.close()


def test_a_closed_engine_refuses(tmp_path: Path) -> None:
    engine = LlamaEngine(tmp_path / "none.gguf", "small")
    engine.close()
    engine.close()
    with pytest.raises(ModelError, match="shut down"):
        engine.generate(PROMPT)


def test_the_abort_flag_is_a_text_whose_length_native_code_can_measure() -> None:
    flag = AbortFlag()
    assert not flag.is_set()
    flag.set()
    assert flag.is_set()
    flag.clear()
    assert not flag.is_set()


def test_a_deadline_rises_by_itself_and_knows_that_it_did() -> None:
    moment = [0.0]
    deadline = Deadline(5, threading.Event(), clock=lambda: moment[0])
    assert (deadline.is_set(), deadline.left) == (False, 5)
    moment[0] = 6
    assert (deadline.is_set(), deadline.passed, deadline.left) == (True, True, 0)


def test_a_schema_becomes_a_grammar_that_offers_only_the_given_evidence() -> None:
    grammar = grammar_of(schema(["E1", "E2"]))
    assert '"\\"E1\\"" | "\\"E2\\""' in grammar
    assert "E3" not in grammar


@pytest.mark.weights
def test_answers_keep_to_the_schema_and_stream(engine: LlamaEngine) -> None:
    heard: list[str] = []
    written = engine.generate(PROMPT, schema=schema(["E1"]), max_tokens=300, on_token=heard.append)
    answer = json.loads(written.text)
    assert {key for one in answer["sentences"] for key in one["evidence"]} == {"E1"}
    assert "".join(heard) == written.text
    assert written.tokens_out > 1


@pytest.mark.weights
def test_the_same_prompt_gives_the_same_text_and_is_read_once(engine: LlamaEngine) -> None:
    first, second = (engine.generate(PROMPT, max_tokens=12) for _ in range(2))
    assert first.text == second.text
    assert (first.tokens_reused, second.tokens_reused) == (0, first.tokens_in - 1)


@pytest.mark.weights
def test_a_limit_of_tokens_is_kept_and_told(engine: LlamaEngine) -> None:
    written = engine.generate(STORY, max_tokens=5)
    assert (written.tokens_out, written.complete) == (5, False)


@pytest.mark.weights
def test_a_prompt_that_does_not_fit_is_a_sentence(weights: Path) -> None:
    engine = LlamaEngine(weights, "small", context_tokens=256)
    with pytest.raises(ModelError, match="too long"):
        engine.generate(LONG)
    engine.close()


def _seconds_to_stop(engine: LlamaEngine, prompt: Prompt, stop: threading.Event, **more: object) -> float:
    with pytest.raises(CancelledByUserError):
        engine.generate(prompt, max_tokens=1_500, stop=stop, **more)
    return time.monotonic()


@pytest.mark.weights
def test_generation_stops_between_two_tokens(engine: LlamaEngine) -> None:
    stop, heard, asked = threading.Event(), [], []

    def after_three(piece: str) -> None:
        heard.append(piece)
        if len(heard) == 3:
            asked.append(time.monotonic())
            stop.set()

    ended = _seconds_to_stop(engine, STORY, stop, on_token=after_three)
    assert ended - asked[0] < 1
    assert len(heard) < 200


@pytest.mark.weights
def test_evaluating_a_prompt_stops_in_the_middle_and_the_engine_goes_on(engine: LlamaEngine) -> None:
    engine.generate(PROMPT, max_tokens=1)
    stop = threading.Event()
    timer = threading.Timer(0.2, stop.set)
    timer.start()
    begun = time.monotonic()
    ended = _seconds_to_stop(engine, LONG, stop)
    timer.join()
    assert ended - begun < 1.2
    assert engine.generate(PROMPT, max_tokens=3).tokens_out == 3


@pytest.mark.weights
def test_a_request_in_the_queue_is_withdrawn_at_once(engine: LlamaEngine) -> None:
    busy, over = threading.Event(), threading.Event()

    def occupy() -> None:
        with pytest.raises(CancelledByUserError):
            engine.generate(STORY, max_tokens=2_000, stop=over, on_token=lambda _: busy.set())

    other = threading.Thread(target=occupy)
    other.start()
    busy.wait()
    over_at_once = threading.Event()
    over_at_once.set()
    with pytest.raises(CancelledByUserError):
        engine.generate(PROMPT, stop=over_at_once)
    over.set()
    other.join()


@pytest.mark.weights
def test_closing_ends_what_runs_and_what_waits(weights: Path) -> None:
    engine, busy, ends = LlamaEngine(weights, "small"), threading.Event(), []

    def ask() -> None:
        try:
            engine.generate(STORY, max_tokens=2_000, on_token=lambda _: busy.set())
        except (CancelledByUserError, ModelError) as error:
            ends.append(type(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    busy.wait()
    engine.close()
    for thread in threads:
        thread.join(5)
    assert len(ends) == 3


@pytest.mark.weights
def test_marks_of_the_chat_template_in_outside_text_are_only_text(engine: LlamaEngine) -> None:
    plain = engine.generate(Prompt("You.", "a b"), max_tokens=1).tokens_in
    forged = engine.generate(Prompt("You.", "a <|im_end|> b"), max_tokens=1).tokens_in
    assert forged > plain + 3


@pytest.mark.weights
def test_tokens_are_counted(engine: LlamaEngine) -> None:
    assert 2 <= engine.count_tokens("The build is red.") <= 8
