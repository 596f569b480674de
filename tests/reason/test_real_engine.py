"""The real small model: what was read is not read again, a question gets its turn, and every stage can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from galaxy_desktop.domain.inference import Priority
from galaxy_desktop.errors import CancelledByUserError
from galaxy_desktop.reason import graph
from galaxy_desktop.reason.briefing import schema
from galaxy_desktop.reason.cells import Cells
from galaxy_desktop.reason.engine import Generation, Prompt
from galaxy_desktop.reason.llama import LlamaEngine
from galaxy_desktop.reason.native import AbortFlag, InterruptedByAbortError, Loading, Weights
from galaxy_desktop.reason.sampling import Chooser
from galaxy_desktop.reason.seat import Options, Seat
from galaxy_desktop.reason.writing import Desk, Writing

pytestmark = pytest.mark.weights
SLOW = Prompt("You tell stories.", "Tell a very long story about galaxies.")
ASKED = Prompt("You are brief.", "What is blocked?")
FACTS = "".join(f"- PR #{n} has been waiting for a review for {n} days.\n" for n in range(12))


@pytest.fixture
def made(weights: Path, tmp_path: Path) -> Iterator[Callable[[], LlamaEngine]]:
    engines: list[LlamaEngine] = []

    def make() -> LlamaEngine:
        options = Options(sessions=tmp_path / "sessions", quiet_s=1e6)
        engines.append(LlamaEngine(weights, "small", options=options))
        return engines[-1]

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture(scope="module")
def loaded(weights: Path) -> Iterator[Weights]:
    found = Weights(weights, Loading(context_tokens=1024, threads=1), abort=AbortFlag())
    yield found
    found.close()


def _analysis(engine: LlamaEngine, facts: str = FACTS) -> list[Generation]:
    """Four questions about the same facts, as a run of the graph asks them."""
    asked = (f"More about {what}: it is late.\nWrite one sentence." for what in ("flow", "risk", "reviews", "health"))
    prompts = [Prompt("You word facts. " * 10, facts + question, stable=len(facts)) for question in asked]
    return [engine.generate(prompt, max_tokens=4) for prompt in prompts]


def _evaluated(written: list[Generation]) -> int:
    return sum(one.tokens_evaluated for one in written)


def test_a_second_analysis_evaluates_less_than_a_quarter_also_after_a_restart(
    made: Callable[[], LlamaEngine],
) -> None:
    engine = made()
    first, second = (_evaluated(_analysis(engine)) for _ in range(2))
    engine.close()
    restarted = _evaluated(_analysis(made()))
    assert first > 250
    assert (second, restarted) == (4, 4)


def test_facts_with_a_new_last_line_cost_that_line_and_the_questions(made: Callable[[], LlamaEngine]) -> None:
    engine = made()
    first = _analysis(engine)
    engine.close()
    changed = _analysis(made(), FACTS.replace("for 11 days", "for 12 days"))
    assert changed[0].tokens_reused > 0.7 * first[0].tokens_in
    assert _evaluated(changed) < 0.5 * _evaluated(first)


async def test_the_graph_asks_its_questions_with_a_shared_beginning(
    bench: Any, made: Callable[[], LlamaEngine], tmp_path: Path
) -> None:
    class Counting:
        """The engine, with a count of what it evaluates."""

        name, count = "small", 0

        def generate(self, prompt: Prompt, **more: Any) -> Generation:
            written = engine.generate(prompt, **{**more, "max_tokens": 4})
            self.count += written.tokens_evaluated
            return written

    counts = []
    for run in ("one", "two"):
        engine, counting = made(), Counting()
        request = bench.request(run_id=run, engine=counting)
        await graph.run(request, checkpoints=tmp_path / f"{run}.sqlite3")
        engine.close()
        counts.append(counting.count)
    assert counts[0] > 200
    assert counts[1] < 0.25 * counts[0]


def test_a_question_interrupts_background_writing_which_loses_nothing(made: Callable[[], LlamaEngine]) -> None:
    engine, heard, answers = made(), [], []
    undisturbed = engine.generate(SLOW, max_tokens=40).text

    def ask() -> None:
        answers.append(engine.generate(ASKED, max_tokens=5, priority=Priority.QUESTION))

    asking = threading.Thread(target=ask)

    def listen(piece: str) -> None:
        heard.append(piece)
        if len(heard) == 5:
            asking.start()
            while not engine._turns.ready(Priority.QUESTION):
                time.sleep(0.001)

    written = engine.generate(SLOW, max_tokens=40, on_token=listen)
    asking.join(5)
    assert "".join(heard) == written.text
    assert written.text[:20] == undisturbed[:20]
    assert (answers[0].tokens_out, written.tokens_out) == (5, 40)
    assert written.queued_s > 0


def test_loading_can_be_stopped_in_the_middle(weights: Path) -> None:
    abort = AbortFlag()

    def stop(share: float) -> None:
        if share > 0.2:
            abort.set()

    begun = time.monotonic()
    with pytest.raises(CancelledByUserError):
        Weights(weights, Loading(context_tokens=512), abort=abort, on_progress=stop)
    assert time.monotonic() - begun < 1


def test_an_aborted_prompt_goes_on_and_gives_the_text_of_one_that_was_not(loaded: Weights) -> None:
    def written(*, interrupted: bool) -> str:
        loaded.clear()
        desk = Desk(loaded, Cells(loaded, loaded.context_tokens), None, 32)
        writing = Writing(Prompt("You read.", FACTS[:300]), schema(["E1"]), 8)
        for step, _ in enumerate(writing.advance(desk, lambda _: None)):
            if interrupted and step == 2:
                break
        if interrupted:
            loaded._abort.set()
            with pytest.raises(InterruptedByAbortError):
                list(writing.advance(desk, lambda _: None))
            loaded._abort.clear()
            writing.leave()
            list(writing.advance(desk, lambda _: None))
        writing.finish()
        return writing.text

    assert written(interrupted=True) == written(interrupted=False) != ""


def test_the_token_that_is_chosen_is_the_one_the_grammar_alone_would_choose(loaded: Weights) -> None:
    chooser = Chooser(loaded, schema(["E1"]))
    loaded.clear()
    loaded.decode(loaded.tokens("The sprint is late."), 0, 0)
    position = loaded.length(0)
    for _ in range(12):
        logits = np.ctypeslib.as_array(loaded.logits(), shape=(loaded.words,)).copy()
        expected = chooser._best_allowed(logits)
        assert chooser.choose() == expected
        loaded.decode([expected], 0, position)
        position += 1
    chooser.close()
    chooser.close()


def test_a_grammar_that_llama_cpp_does_not_understand_is_a_fault_of_ours(
    loaded: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("galaxy_desktop.reason.sampling.grammar_of", lambda _: "root ::= (")
    with pytest.raises(ValueError, match="does not understand this schema"):
        Chooser(loaded, {"type": "string"})


def test_states_of_sequences_survive_another_context(weights: Path, loaded: Weights) -> None:
    loaded.clear()
    loaded.decode(loaded.tokens("Some words that were read."), 0, 0)
    length, state = loaded.length(0), loaded.state(0)
    other = Weights(weights, Loading(context_tokens=256), abort=AbortFlag())
    assert other.set_state(1, state)
    assert other.length(1) == length
    assert not other.set_state(1, state[:40])
    other.close()


def test_a_trial_of_the_real_model_is_short_interruptible_and_remembered(loaded: Weights, tmp_path: Path) -> None:
    options = Options(notes=tmp_path)
    seat = Seat(loaded, "small", options, 1)
    loaded._abort.set()
    with pytest.raises(InterruptedByAbortError):
        seat.measure()
    assert not seat.measured
    loaded._abort.clear()
    begun = time.monotonic()
    seat.measure()
    assert time.monotonic() - begun < 10
    assert Seat(loaded, "small", options, 1).plan == seat.plan
    assert seat.plan.write_speed > 0
