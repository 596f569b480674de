"""Questions interrupt background writing, nothing that was written is lost, and everything can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.inference import Priority, Stage, StageKind, StopReason
from galaxy_desktop.domain.models import Standing
from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason.engine import Deadline, Generation, Prompt
from galaxy_desktop.reason.lane import Lane, TooSlowError
from galaxy_desktop.reason.llama import LlamaEngine
from galaxy_desktop.reason.native import AbortFlag
from galaxy_desktop.reason.seat import Options
from galaxy_desktop.reason.soundness import Probation
from tests.reason.engine_fakes import FakeModel, Taking, small_gguf

SLOW = Prompt("You tell.", "background")
ASKED = Prompt("You tell.", "question")
ALL = "".join(f"{n} " for n in range(40))


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    return small_gguf(tmp_path / "model.gguf")


@pytest.fixture
def make(gguf: Path) -> Iterator[Callable[..., LlamaEngine]]:
    made: list[LlamaEngine] = []

    def make(take: Taking, **more: Any) -> LlamaEngine:
        options = Options(quiet_s=more.pop("quiet_s", 1e6), idle_s=more.pop("idle_s", 0.0))
        made.append(LlamaEngine(gguf, "fake", take=take, options=options, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for engine in made:
        engine.close()


class Asking(threading.Thread):
    """Somebody who asks from a thread of their own."""

    def __init__(self, engine: LlamaEngine, prompt: Prompt, **more: Any) -> None:
        super().__init__()
        self._ask = lambda: engine.generate(prompt, **more)
        self.written: Generation | None = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.written = self._ask()
        except (CancelledByUserError, ModelError) as error:
            self.error = error

    def text(self) -> str:
        self.join(5)
        assert self.written is not None, self.error
        return self.written.text


def _at(step: int, act: Callable[[FakeModel], None]) -> Callable[[FakeModel], None]:
    """Act once, before this step of the model."""
    count = [0]

    def before(model: FakeModel) -> None:
        count[0] += 1
        if count[0] == step:
            act(model)

    return before


def _waiting(engine: LlamaEngine) -> int:
    return len(engine._turns)


def _until(engine: LlamaEngine, waiting: int) -> None:
    """Spin until so many requests wait: another thread is about to ask."""
    while _waiting(engine) < waiting:
        threading.Event().wait(0.001)


def test_a_question_interrupts_background_writing_and_no_letter_is_lost(make: Any) -> None:
    order: list[str] = []
    asking: list[Asking] = []

    def ask(_: FakeModel) -> None:
        asking.append(Asking(engine, ASKED, priority=Priority.QUESTION, on_token=lambda t: order.append(f"q{t}")))
        _until(engine, 1)

    take = Taking(numbers=40, before=_at(12, ask))
    engine = make(take)
    heard: list[str] = []
    written = engine.generate(SLOW, max_tokens=40, on_token=lambda t: (heard.append(t), order.append(f"b{t}")))
    assert (written.text, "".join(heard), asking[0].text()) == (ALL, ALL, ALL)
    first = order.index("q0 ")
    assert order[first : first + 40] == [f"q{n} " for n in range(40)]
    assert 0 < first < 20


def test_the_interrupted_one_goes_on_from_its_cells_without_reading_its_prompt_again(make: Any) -> None:
    asking: list[Asking] = []

    def ask(_: FakeModel) -> None:
        asking.append(Asking(engine, ASKED, priority=Priority.QUESTION))
        _until(engine, 1)

    take = Taking(numbers=40, before=_at(12, ask))
    engine = make(take)
    written = engine.generate(SLOW, max_tokens=40)
    asking[0].text()
    assert written.tokens_evaluated == written.tokens_in
    letters = [token for token in take.model.read if token >= 100]
    assert len(letters) <= len(SLOW.system + SLOW.user) + len(ASKED.user)


def test_it_tells_what_is_done_for_a_request(make: Any) -> None:
    told: list[Stage] = []
    make(Taking()).generate(SLOW, on_stage=told.append)
    kinds = [stage.kind for stage in told]
    assert kinds[0] is StageKind.LOADING
    assert [stage.share for stage in told if stage.kind is StageKind.READING][-1] == 1.0


def test_one_that_waits_is_told_so_and_one_that_is_interrupted_too(make: Any) -> None:
    kinds: dict[str, list[StageKind]] = {"background": [], "question": []}
    asking: list[Asking] = []

    def ask(_: FakeModel) -> None:
        hear = lambda stage: kinds["question"].append(stage.kind)  # noqa: E731
        asking.append(Asking(engine, ASKED, priority=Priority.QUESTION, on_stage=hear))
        _until(engine, 1)

    engine = make(Taking(numbers=20, before=_at(9, ask)))
    engine.generate(SLOW, on_stage=lambda stage: kinds["background"].append(stage.kind))
    asking[0].text()
    assert StageKind.PAUSED in kinds["background"]
    assert kinds["question"][0] is StageKind.QUEUED


def test_a_generation_says_everything_it_was_made_with(make: Any) -> None:
    written = make(Taking(numbers=3)).generate(Prompt("You.", "tell", version="system 1"), max_tokens=9)
    assert (written.model, written.seed, written.stop_reason) == ("fake", 0, StopReason.ENDED)
    assert (written.parameters["sampling"], written.parameters["prompt_version"]) == ("greedy", "system 1")


def test_a_limit_is_a_reason_to_stop(make: Any) -> None:
    written = make(Taking(numbers=30)).generate(SLOW, max_tokens=4)
    assert (written.text, written.stop_reason, written.complete) == ("0 1 2 3 ", StopReason.LIMIT, False)


def test_a_request_whose_deadline_passed_in_the_queue_is_dropped_without_loading(make: Any) -> None:
    take = Taking()
    engine = make(take)
    now = [0.0]
    deadline = Deadline(5, threading.Event(), clock=lambda: now[0])
    engine.hold(Priority.ALERT, "Held for this test.")
    asking = Asking(engine, SLOW, stop=deadline)
    _until(engine, 1)
    now[0] = 6.0
    asking.join(5)
    assert isinstance(asking.error, CancelledByUserError)
    assert take.seats == []


def test_the_time_of_an_interruption_is_not_counted_against_a_deadline(make: Any) -> None:
    now, asking = [0.0], []

    def ask(_: FakeModel) -> None:
        asking.append(Asking(engine, ASKED, priority=Priority.QUESTION, on_token=lambda _: now.__setitem__(0, 100.0)))
        _until(engine, 1)

    engine = make(Taking(numbers=20, before=_at(9, ask)))
    deadline = Deadline(50, threading.Event(), clock=lambda: now[0])
    assert engine.generate(SLOW, stop=deadline).tokens_out == 20
    assert deadline.left > 40
    asking[0].text()


def test_background_work_is_held_back_and_goes_on_by_itself(make: Any) -> None:
    told: list[Stage] = []
    held = threading.Event()

    def hold(_: FakeModel) -> None:
        engine.hold(Priority.QUESTION, "You are typing.")
        held.set()

    engine = make(Taking(numbers=20, before=_at(9, hold)))
    background = Asking(engine, SLOW, on_stage=told.append)
    held.wait(5)
    _until(engine, 1)
    assert engine.generate(ASKED, priority=Priority.QUESTION).tokens_out == 20
    assert _waiting(engine) == 1
    engine.release()
    assert background.text() == "".join(f"{n} " for n in range(20))
    assert Stage(StageKind.PAUSED, None, "You are typing.") in told


def test_freed_weights_come_back_and_an_interrupted_text_goes_on_where_it_was(make: Any) -> None:
    held = threading.Event()

    def hold(_: FakeModel) -> None:
        engine.hold(Priority.QUESTION, "Memory is low.")
        engine.unload()
        held.set()

    take = Taking(numbers=20, before=_at(9, hold))
    engine = make(take)
    background = Asking(engine, SLOW)
    held.wait(5)
    while engine.loaded:
        threading.Event().wait(0.001)
    assert take.seats[0].weights.closed
    engine.release()
    assert background.text() == "".join(f"{n} " for n in range(20))
    assert len(take.seats) == 2


@pytest.mark.parametrize("step", [1, 3, 9])
def test_stopping_ends_a_request_in_the_middle_of_a_step(make: Any, step: int) -> None:
    stop = threading.Event()

    def until_aborted(model: FakeModel) -> None:
        stop.set()
        while not model.abort.is_set():
            threading.Event().wait(0.001)

    engine = make(Taking(numbers=30, before=_at(step, until_aborted)))
    with pytest.raises(CancelledByUserError):
        engine.generate(SLOW, stop=stop)
    assert engine.generate(ASKED).tokens_out == 30


def test_stopping_ends_loading_and_the_next_request_loads_again(make: Any) -> None:
    stop, take = threading.Event(), Taking()

    def loading(abort: AbortFlag) -> None:
        if not stop.is_set():
            stop.set()
            while not abort.is_set():
                threading.Event().wait(0.001)
            raise CancelledByUserError

    take.loading = loading
    engine = make(take)
    with pytest.raises(CancelledByUserError):
        engine.generate(SLOW, stop=stop)
    assert engine.generate(SLOW).tokens_out == 5


def test_stopping_ends_the_process_that_tries_a_file(make: Any) -> None:
    stop = threading.Event()

    def trying(_: Path, flag: Any) -> bool:
        stop.set()
        while not flag.is_set():
            threading.Event().wait(0.001)
        raise CancelledByUserError

    engine = make(Taking(), probation=Probation(None, trying))
    with pytest.raises(CancelledByUserError):
        engine.generate(SLOW, stop=stop)


def test_a_file_that_brings_the_trying_process_down_is_a_sentence(make: Any) -> None:
    take = Taking()
    engine = make(take, probation=Probation(None, lambda *_: False))
    with pytest.raises(ModelError, match="damaged or incomplete"):
        engine.generate(SLOW)
    assert take.seats == []


def test_a_new_request_interrupts_the_keeping_of_sessions(make: Any) -> None:
    take = Taking()
    engine = make(take, quiet_s=0.0)
    engine.generate(SLOW)
    saving = threading.Event()
    take.seats[0].saving = saving.set
    take.seats[0].unsaved = True
    engine.generate(ASKED)
    assert saving.wait(5)
    assert engine.generate(SLOW).tokens_out == 5
    take.seats[0].unsaved = False


def test_threads_are_tried_out_when_it_is_quiet_and_calm(make: Any) -> None:
    take, tried = Taking(), threading.Event()
    now = [0.0]
    engine = make(take, quiet_s=0.0, clock=lambda: now[0], calm=lambda: True)

    def loading(_: AbortFlag) -> None:
        now[0] = 100.0

    take.loading = loading
    engine.generate(SLOW, on_token=lambda _: _prepare_trial(take, tried))
    assert tried.wait(5)


def _prepare_trial(take: Taking, tried: threading.Event) -> None:
    take.seats[0].measured = False
    take.seats[0].trying = tried.set


def test_weights_that_nobody_uses_are_given_back(make: Any) -> None:
    now, take = [0.0], Taking()
    engine = make(take, idle_s=60.0, clock=lambda: now[0])
    engine.generate(SLOW)
    now[0] = 61.0
    engine.release()
    while engine.loaded:
        threading.Event().wait(0.001)
    assert take.seats[0].weights.closed
    assert engine.generate(SLOW).tokens_out == 5


def test_forgetting_reaches_the_cache_and_the_disk(make: Any, gguf: Path, tmp_path: Path) -> None:
    take, folder = Taking(), tmp_path / "sessions"
    folder.mkdir()
    (folder / "a.piece").write_bytes(b"words")
    engine = LlamaEngine(gguf, "fake", take=take, options=Options(sessions=folder))  # type: ignore[arg-type]
    engine.generate(SLOW)
    engine.forget()
    engine.generate(SLOW)
    engine.close()
    assert (take.seats[0].forgotten, list(folder.iterdir())) == (1, [])


def test_a_chore_that_fails_is_logged_and_the_model_goes_on(make: Any, caplog: pytest.LogCaptureFixture) -> None:
    take = Taking()
    engine = make(take, quiet_s=0.0)

    def failing() -> None:
        raise OSError("no room")

    def prepare(_: str) -> None:
        take.seats[0].unsaved, take.seats[0].saving = True, failing

    engine.generate(SLOW, on_token=prepare)
    while engine.loaded:
        threading.Event().wait(0.001)
    assert "a chore of the model failed" in caplog.text
    caplog.clear()
    assert engine.generate(SLOW).tokens_out == 5


def test_closing_ends_what_runs_and_what_waits(make: Any) -> None:
    begun = threading.Event()

    def until_aborted(model: FakeModel) -> None:
        begun.set()
        while not model.abort.is_set():
            threading.Event().wait(0.001)

    engine = make(Taking(before=_at(5, until_aborted)))
    asking = [Asking(engine, SLOW) for _ in range(3)]
    begun.wait(5)
    engine.close()
    for one in asking:
        one.join(5)
    assert all(isinstance(one.error, CancelledByUserError) for one in asking)


def test_questions_in_a_row_leave_room_for_background_work(make: Any) -> None:
    order: list[str] = []
    asking: list[Asking] = []

    def pile_up(_: FakeModel) -> None:
        for n in range(8):
            hear = lambda _, n=n: order.append(f"q{n}")  # noqa: E731
            asking.append(Asking(engine, ASKED, priority=Priority.QUESTION, on_token=hear))
            _until(engine, n + 1)

    engine = make(Taking(numbers=20, before=_at(9, pile_up)))
    engine.generate(SLOW, on_token=lambda _: order.append("b"))
    for one in asking:
        one.text()
    last_question = max(n for n, what in enumerate(order) if what.startswith("q"))
    assert order[:last_question].count("b") == 20


def test_a_deadline_that_stands_still_does_not_pass() -> None:
    now = [0.0]
    deadline = Deadline(5, threading.Event(), clock=lambda: now[0])
    deadline.stand_still()
    deadline.stand_still()
    now[0] = 100.0
    assert (deadline.passed, deadline.left) == (False, 5)
    deadline.go_on()
    deadline.go_on()
    now[0] = 104.0
    assert (deadline.passed, deadline.left) == (False, 1)


async def test_a_call_that_had_to_make_way_gets_more_patience_and_no_more_than_that() -> None:
    lane, release, more = Lane(), threading.Event(), iter([0.01, 0.01, 0.0])

    def asked() -> float:
        left = next(more)
        if not left:
            release.set()
        return left

    with pytest.raises(TooSlowError):
        await lane.run(lambda: release.wait(5), 0.001, asked)
    await lane.close(5)
    assert list(more) == []


# --- how the weights stand, and who stops their loading


def _states(heard: list[Standing]) -> list[str]:
    return [str(one.state) for one in heard]


def test_how_the_weights_stand_is_told_from_loading_to_freed(make: Any) -> None:
    heard: list[Standing] = []
    engine = make(Taking(), on_standing=heard.append)
    engine.load()
    engine.generate(SLOW)
    engine.unload()
    engine.generate(SLOW)
    assert _states(heard)[:3] == ["loading", "ready", "freed"]
    assert (heard[1].name, heard[1].place) == ("fake", "the processor")
    told = len(heard)
    engine.close()
    assert len(heard) == told


def test_a_failure_to_load_is_told_with_its_sentence_and_the_next_request_tries_again(make: Any) -> None:
    heard: list[Standing] = []
    take, wrong = Taking(), [ModelError("The model file is damaged.")]

    def loading(_: AbortFlag) -> None:
        if wrong:
            raise wrong.pop()

    take.loading = loading
    engine = make(take, on_standing=heard.append)
    with pytest.raises(ModelError, match="damaged"):
        engine.generate(SLOW)
    assert (_states(heard), heard[-1].sentence) == (["loading", "failed"], "The model file is damaged.")
    assert engine.generate(SLOW).text
    assert _states(heard)[2:] == ["loading", "ready"]


def test_a_fault_of_the_program_while_loading_is_told_without_its_details(make: Any) -> None:
    heard: list[Standing] = []
    take = Taking()

    def loading(_: AbortFlag) -> None:
        raise RuntimeError("secret details")

    take.loading = loading
    engine = make(take, on_standing=heard.append)
    with pytest.raises(RuntimeError):
        engine.generate(SLOW)
    assert "fault of the program" in heard[-1].sentence
    assert "secret" not in heard[-1].sentence


def test_loading_that_a_person_stopped_ends_at_once_and_stays_so_until_a_person_wants_it(make: Any) -> None:
    heard: list[Standing] = []
    take = Taking()

    def loading(abort: AbortFlag) -> None:
        if not take.seats and len(heard) < 3:
            engine.stop_loading()
        if abort.is_set():
            raise CancelledByUserError

    take.loading = loading
    engine = make(take, on_standing=heard.append)
    for _ in range(2):
        with pytest.raises(ModelError, match="loading of the model was stopped"):
            engine.generate(SLOW)
    assert (_states(heard), take.seats) == (["loading", "stopped"], [])
    engine.load()
    assert engine.generate(SLOW).text
    assert _states(heard)[2:] == ["loading", "ready"]


def test_loading_that_has_not_begun_can_be_stopped_too(make: Any) -> None:
    heard: list[Standing] = []
    engine = make(Taking(), on_standing=heard.append)
    engine.stop_loading()
    with pytest.raises(ModelError, match="loading of the model was stopped"):
        engine.generate(SLOW)
    assert _states(heard) == ["stopped"]


def test_stopping_what_is_loaded_changes_nothing(make: Any) -> None:
    engine = make(Taking())
    engine.generate(SLOW)
    engine.stop_loading()
    assert engine.generate(SLOW).text


def test_another_engine_is_waited_for_before_weights_are_loaded(make: Any) -> None:
    order: list[str] = []
    take = Taking()
    take.loading = lambda _: order.append("loads")
    engine = make(take, before_loading=lambda: order.append("waits"))
    engine.generate(SLOW)
    assert order == ["waits", "loads"]


def test_an_engine_that_begins_to_close_refuses_and_can_be_joined_later(make: Any) -> None:
    engine = make(Taking())
    engine.generate(SLOW)
    engine.begin_to_close()
    with pytest.raises(ModelError, match="shut down"):
        engine.generate(SLOW)
    engine.close()
    assert not engine.loaded
