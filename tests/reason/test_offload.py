"""What goes onto a graphics processor is reckoned, tried in another process, compared, and given up with a sentence."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.inference import Priority
from galaxy_desktop.domain.models import EngineState, Fit, GraphicsDevice, Memory, Shape, Standing
from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason import native
from galaxy_desktop.reason.engine import Prompt
from galaxy_desktop.reason.llama import LlamaEngine
from galaxy_desktop.reason.memory_need import judge, need_of
from galaxy_desktop.reason.native import AbortFlag, EvaluationError, Loading, Weights
from galaxy_desktop.reason.offload import PROCESSOR, badge, decide, faster
from galaxy_desktop.reason.seat import Options
from galaxy_desktop.reason.soundness import Probation
from galaxy_desktop.reason.tuning import Notebook, Plan, machine_key
from tests.reason.engine_fakes import FakeModel, small_gguf
from tests.reason.fake_gpu import CARD, GB, Machine, breaks

LLAMA_8B = Shape(
    architecture="llama", layers=32, cache_width=65_536, embedding=4096, vocabulary=128_256, context_tokens=131_072
)
NEED = need_of(4_920_739_232, LLAMA_8B)
PROMPT = Prompt("You tell.", "background")
CARD_WORDS = "the graphics processor (Test Card)"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine().install(monkeypatch)


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    return small_gguf(tmp_path / "model.gguf")


def _card(free: float, **more: Any) -> GraphicsDevice:
    return replace(CARD, free=round(free * GB), **more)


# --- how many layers


@pytest.mark.parametrize(("free", "layers"), [(11, 33), (7.2, 33), (5, 20), (3, 8), (1.5, 0), (0, 0)])
def test_as_many_layers_go_there_as_fit_into_what_is_free(free: float, layers: int) -> None:
    found = decide(NEED, LLAMA_8B, [_card(free)])
    assert (found.layers, found.of, found.whole) == (layers, 33, layers == 33)
    assert bool(found.sentence) is (layers == 0)


def test_too_little_memory_is_told_with_both_numbers() -> None:
    said = decide(NEED, LLAMA_8B, [_card(0.2)]).sentence
    assert said == (
        "The graphics processor (Test Card) has 200 MB free and 154 MB are needed for one layer, so the processor does "
        "the work."
    )


def test_two_cards_share_the_layers_and_a_shared_one_is_left_out() -> None:
    shared = GraphicsDevice(name="In the processor", free=20 * GB, total=24 * GB, shares_memory=True)
    both = decide(NEED, LLAMA_8B, [shared, _card(4.5), _card(4.5, name="Other Card")])
    assert (both.layers, both.name) == (33, "Test Card and Other Card")
    assert decide(NEED, LLAMA_8B, [shared]).name == "In the processor"
    assert decide(NEED, LLAMA_8B, []) == PROCESSOR


def test_a_model_of_unknown_shape_goes_there_whole_or_not_at_all() -> None:
    need = need_of(GB, None)
    assert (decide(need, None, [_card(8)]).layers, decide(need, None, [_card(1)]).layers) == (1, 0)


@given(st.integers(0, 40 * GB), st.integers(0, 40 * GB), st.integers(1, 20 * GB), st.integers(0, 200))
def test_layers_never_need_more_than_is_free(free: int, total: int, weights: int, layers: int) -> None:
    shape = replace(LLAMA_8B, layers=layers)
    need = need_of(weights, shape)
    found = decide(need, shape, [GraphicsDevice(name="c", free=free, total=total)])
    assert 0 <= found.layers <= layers + 1
    if found.layers:
        assert (found.layers - 1) * need.weights / 2 / (layers + 1) <= free


# --- what is asked of llama.cpp


class _Function:
    """One C function; ctypes sets its types."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        self._answer = answer

    def __call__(self, *words: Any) -> Any:
        return self._answer(*words)


class _Ggml:
    """A processor and two graphics processors, as ggml tells of them."""

    def __init__(self) -> None:
        kinds = (0, native.OWN_GPU, native.SHARED_GPU)
        self.ggml_backend_dev_count = _Function(lambda: 3)
        self.ggml_backend_dev_get = _Function(lambda n: n)
        self.ggml_backend_dev_type = _Function(lambda n: kinds[n])
        self.ggml_backend_dev_description = _Function(lambda n: f"Card  {n}\n\xff".encode("latin-1"))
        self.ggml_backend_dev_memory = _Function(self._memory)

    @staticmethod
    def _memory(number: int, free: Any, total: Any) -> None:
        free._obj.value, total._obj.value = number * 1000, number * 2000


def test_devices_are_told_apart_by_kind_and_the_processor_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    ggml = _Ggml()
    monkeypatch.setattr(native, "_ggml", lambda _: ggml)
    monkeypatch.setattr(native, "offers_gpu", lambda: True)
    assert native.graphics() == (
        GraphicsDevice(name="Card 1 \N{REPLACEMENT CHARACTER}", free=1000, total=2000),
        GraphicsDevice(name="Card 2 \N{REPLACEMENT CHARACTER}", free=2000, total=4000, shares_memory=True),
    )
    monkeypatch.setattr(native, "offers_gpu", lambda: False)
    assert native.graphics() == ()


def test_the_real_library_tells_of_the_processor_and_its_memory() -> None:
    (processor, kind), *_ = native._devices()
    assert (kind, processor.shares_memory) == (0, False)
    assert processor.name
    assert 0 < processor.free <= processor.total


def test_a_library_that_does_not_tell_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "offers_gpu", lambda: True)
    monkeypatch.setattr(native, "_ggml", lambda _: object())
    with pytest.raises(ModelError, match="does not say what its graphics processor has free"):
        native.graphics()


@pytest.mark.parametrize("layers", [0, 24])
def test_llama_cpp_is_told_how_many_layers_go_there(tmp_path: Path, layers: int) -> None:
    told: list[Any] = []

    class Llama:
        LLAMA_LOAD_MODE_MMAP = 1
        llama_progress_callback = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_float, ctypes.c_void_p)

        def llama_model_default_params(self) -> Any:
            return SimpleNamespace()

        def llama_model_load_from_file(self, path: bytes, parameters: Any) -> None:
            told.append(parameters)

    weights = object.__new__(Weights)
    weights._llama, weights._abort = Llama(), AbortFlag()
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    with pytest.raises(ModelError, match="cannot be loaded"):
        weights._load(tmp_path / "m.gguf", Loading(context_tokens=512, gpu_layers=layers), lambda _: None)
    assert told[0].n_gpu_layers == layers


# --- where a seat is taken


def test_a_build_without_offload_asks_no_driver_and_says_nothing(machine: Machine, gguf: Path) -> None:
    machine.offers, said = False, []  # type: list[str]
    seat = machine.sit(gguf, Options(), said)
    assert (machine.loaded, seat.gpu_layers, seat.found.used.words, said) == ([0], 0, "the processor", [])


def test_a_card_takes_the_whole_model_where_it_fits(machine: Machine, gguf: Path) -> None:
    seat = machine.sit(gguf, Options())
    assert (machine.loaded, seat.found.used.words) == ([3], "the graphics processor (Test Card)")


def test_the_setting_keeps_the_card_out(machine: Machine, gguf: Path) -> None:
    machine.devices = ()
    assert machine.sit(gguf, Options(gpu=False)).gpu_layers == 0


@pytest.mark.parametrize(
    ("devices", "sentence"),
    [((_card(0.1),), "has 100 MB free"), ((), "")],
)
def test_where_nothing_fits_the_processor_works_and_the_sentence_says_why(
    machine: Machine, gguf: Path, devices: tuple[GraphicsDevice, ...], sentence: str
) -> None:
    machine.devices, said = devices, []  # type: list[str]
    seat = machine.sit(gguf, Options(), said)
    assert machine.loaded == [0]
    assert sentence in seat.found.why
    assert said == [seat.found.why] * bool(sentence)


def test_a_build_that_does_not_tell_its_memory_uses_the_processor(
    machine: Machine, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent() -> None:
        raise ModelError("no such function")

    monkeypatch.setattr(native, "graphics", silent)
    assert "does not say what its graphics processor has free" in machine.sit(gguf, Options()).found.why


def test_a_card_that_fails_to_load_gives_way_to_the_processor_with_a_sentence(machine: Machine, gguf: Path) -> None:
    machine.fails, said = breaks(there=True), []  # type: list[str]
    seat = machine.sit(gguf, Options(), said)
    assert machine.loaded == [3, 0]
    assert said == [seat.found.why]
    assert seat.found.why.startswith("The graphics processor (Test Card) could not take the model")


def test_a_driver_that_ends_the_trying_process_never_meets_ours(machine: Machine, gguf: Path) -> None:
    seat = machine.sit(gguf, Options(), passes=lambda _: False)
    assert (machine.loaded, "could not take the model" in seat.found.why) == ([0], True)


def test_a_stop_while_the_card_loads_is_a_stop(machine: Machine, gguf: Path) -> None:
    def stopped(_: Loading) -> None:
        raise CancelledByUserError

    machine.fails = stopped
    with pytest.raises(CancelledByUserError):
        machine.sit(gguf, Options())
    assert machine.loaded == [3]


def test_what_failed_there_is_tried_once_and_what_passed_is_remembered(tmp_path: Path, gguf: Path) -> None:
    tried: list[int] = []

    def run(_: Path, __: object, layers: int) -> bool:
        tried.append(layers)
        return layers < 20

    probation = Probation(tmp_path / "tried.json", run_there=run)
    stop, whole = threading.Event(), decide(NEED, LLAMA_8B, [_card(11)])
    part = replace(whole, layers=16)
    found = [probation.passes_there(gguf, "1", place, stop) for place in (whole, whole, part, part)]
    assert (found, tried) == ([False, False, True, True], [33, 16])
    assert Probation(tmp_path / "tried.json", run_there=run).passes_there(gguf, "1", part, stop)
    assert tried == [33, 16]


# --- which is faster


@pytest.mark.parametrize(
    ("there", "here", "chosen"),
    [
        (None, None, True),
        (None, (5, 5), True),
        ((5, 5), None, False),
        ((100, 50), (20, 5), True),
        ((20, 5), (100, 50), False),
        ((0, 9), (90, 8), True),
        ((200, 8), (20, 9), True),
    ],
)
def test_what_was_not_tried_comes_first_and_then_the_faster_stays(there: Any, here: Any, chosen: bool) -> None:
    def plan(speeds: tuple[float, float] | None) -> Plan | None:
        return speeds and Plan(write_threads=1, read_threads=1, at_once=64, read_speed=speeds[0], write_speed=speeds[1])

    assert faster(plan(there), plan(here)) is chosen


@pytest.mark.parametrize(("speeds", "ends_at"), [({True: 100.0, False: 10.0}, 3), ({True: 10.0, False: 40.0}, 0)])
def test_a_trial_of_both_chooses_and_is_remembered(
    machine: Machine, gguf: Path, tmp_path: Path, speeds: dict[bool, float], ends_at: int
) -> None:
    machine.speeds, options = speeds, Options(notes=tmp_path)
    seat, moves = machine.sit(gguf, options), 0
    seat.measure()
    while seat.should_move:
        moves += 1
        seat = machine.sit(gguf, options)
        if not seat.measured:
            seat.measure()
    assert (seat.gpu_layers, moves) == (ends_at, 2 if ends_at else 1)
    again = machine.sit(gguf, options)
    assert (again.gpu_layers, again.measured, again.should_move) == (ends_at, True, False)
    assert ("The processor is faster" in again.found.why) is (ends_at == 0)


def test_without_a_place_for_notes_nothing_moves(machine: Machine, gguf: Path) -> None:
    seat = machine.sit(gguf, Options())
    seat.measure()
    assert not seat.should_move


def test_a_speed_is_told_of_the_place_that_would_be_chosen(tmp_path: Path) -> None:
    book = Notebook(tmp_path / "speeds.json")
    slow = Plan(write_threads=1, read_threads=1, at_once=64, read_speed=20.0, write_speed=5.0)
    book.keep(machine_key("m", "v", 2), slow)
    book.keep(machine_key("m", "v", 2, "Test Card, 33 of 33"), replace(slow, read_speed=900.0, write_speed=60.0))
    assert (book.speed_of("m"), book.speed_of("m", gpu=False)) == (60.0, 5.0)


def test_what_the_cards_had_free_is_remembered_beside_the_speeds(tmp_path: Path) -> None:
    book = Notebook(tmp_path / "speeds.json")
    assert book.graphics() is None
    plan = Plan(write_threads=1, read_threads=1, at_once=64, write_speed=5.0)
    book.keep("a", plan)
    book.keep_graphics((CARD,))
    book.keep("b", plan)
    again = Notebook(tmp_path / "speeds.json")
    assert (again.graphics(), again.find("a"), again.find("b")) == ((CARD,), plan, plan)
    (tmp_path / "speeds.json").write_text(
        '{"graphics": [{"name": "x", "free": -1, "total": 1, "shares_memory": false}]}'
    )
    assert again.graphics() is None


# --- in the engine


def _engine(gguf: Path, heard: list[Standing], **options: Any) -> LlamaEngine:
    return LlamaEngine(gguf, "fake", options=Options(idle_s=0.0, **options), on_standing=heard.append)


def test_where_the_model_runs_and_why_is_told(machine: Machine, gguf: Path) -> None:
    heard: list[Standing] = []
    machine.fails = breaks(there=True)
    engine = _engine(gguf, heard, quiet_s=1e6)
    written = engine.generate(PROMPT)
    engine.close()
    assert written.parameters["gpu_layers"] == 0
    assert (heard[0].state, heard[-1].state, heard[-1].place) == (
        EngineState.LOADING,
        EngineState.READY,
        "the processor",
    )
    assert "could not take the model" in heard[-1].sentence


def test_a_card_that_fails_in_the_middle_gives_way_and_no_letter_is_lost(
    machine: Machine, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Standing] = []
    steps = [0]
    real = FakeModel.decode

    def decode(self: Any, *words: Any, **more: Any) -> None:
        steps[0] += self.there
        if steps[0] == 12:
            steps[0] += 1
            raise EvaluationError("the card is gone")
        real(self, *words, **more)

    monkeypatch.setattr(FakeModel, "decode", decode)
    engine = _engine(gguf, heard, quiet_s=1e6)
    said: list[str] = []
    written = engine.generate(PROMPT, on_token=said.append, priority=Priority.QUESTION)
    again = engine.generate(PROMPT)
    engine.close()
    assert written.text == again.text == "".join(said) == "0 1 2 3 4 "
    assert machine.loaded == [3, 0]


def test_what_fails_on_the_processor_is_the_sentence_that_it_was(
    machine: Machine, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_: Any, **__: Any) -> None:
        raise EvaluationError("The model stopped in the middle.")

    monkeypatch.setattr(FakeModel, "decode", decode)
    engine = _engine(gguf, [], quiet_s=1e6, gpu=False)
    with pytest.raises(ModelError, match="stopped in the middle"):
        engine.generate(PROMPT)
    engine.close()


def test_the_engine_moves_by_itself_when_nobody_wants_it(machine: Machine, gguf: Path, tmp_path: Path) -> None:
    """The trial on the card, then on the processor, then the faster one: each when the machine is calm."""
    machine.speeds = {True: 40.0, False: 10.0}
    ready: list[Standing] = []
    back = threading.Event()

    def hear(standing: Standing) -> None:
        if standing.state is EngineState.READY:
            ready.append(standing)
            if len(ready) == 3:
                back.set()

    clock = [0.0]

    def passing() -> float:
        clock[0] += 100.0
        return clock[0]

    options = Options(idle_s=0.0, quiet_s=0.0, notes=tmp_path)
    engine = LlamaEngine(gguf, "fake", options=options, on_standing=hear, calm=lambda: True, clock=passing)
    engine.generate(PROMPT)
    assert back.wait(30)
    written = engine.generate(PROMPT)
    engine.close()
    assert machine.loaded == [3, 0, 3]
    assert [one.place for one in ready] == [CARD_WORDS, "the processor", CARD_WORDS]
    assert (written.parameters["gpu_layers"], written.text) == (3, "0 1 2 3 4 ")


def test_a_question_ends_the_move_and_is_answered(machine: Machine, gguf: Path, tmp_path: Path) -> None:
    asking: list[threading.Thread] = []
    answers: list[str] = []
    clock = [0.0]

    def passing() -> float:
        clock[0] += 100.0
        return clock[0]

    def asked_while_it_moves(loading: Loading) -> None:
        if len(machine.loaded) == 2:
            asking.append(threading.Thread(target=lambda: answers.append(engine.generate(PROMPT).text)))
            asking[0].start()
            while not engine._turns.ready():
                threading.Event().wait(0.001)
            assert engine._abort.is_set()
            raise CancelledByUserError

    machine.fails = asked_while_it_moves
    engine = LlamaEngine(
        gguf, "fake", options=Options(idle_s=0.0, quiet_s=0.0, notes=tmp_path), calm=lambda: True, clock=passing
    )
    engine.generate(PROMPT)
    while not answers:
        threading.Event().wait(0.001)
    asking[0].join(10)
    engine.close()
    assert answers == ["0 1 2 3 4 "]


# --- in the badge


@pytest.mark.parametrize(
    ("devices", "wanted", "said"),
    [
        (None, True, ""),
        ((), True, "graphics processor: none that this build of llama.cpp can use"),
        ((CARD,), False, "graphics processor: Test Card, switched off in Settings"),
        ((CARD,), True, "graphics processor: Test Card, 11.0 GB of 12.0 GB free when last looked at: all layers fit there"),
        ((_card(5),), True, "graphics processor: Test Card, 5.00 GB of 12.0 GB free when last looked at: 20 of 33 layers fit there"),
        ((_card(0.2),), True, "graphics processor: Test Card, 200 MB of 12.0 GB free when last looked at: no layer fits there"),
    ],
)  # fmt: skip
def test_the_badge_tells_what_fits_on_the_card(
    devices: tuple[GraphicsDevice, ...] | None, wanted: bool, said: str
) -> None:
    assert badge(NEED, LLAMA_8B, devices, wanted=wanted) == said
    lines = judge(NEED, Memory(total=16 * GB, free=9 * GB), LLAMA_8B, graphics=said).arithmetic
    assert (lines[-1] == said) is bool(said)
    assert "" not in lines


def test_a_card_with_room_does_not_make_a_model_fit_that_the_processor_could_not_take_over() -> None:
    line = badge(NEED, LLAMA_8B, (CARD,), wanted=True)
    assert judge(NEED, Memory(total=8 * GB, free=6 * GB), LLAMA_8B, graphics=line).fit is Fit.TOO_LARGE
