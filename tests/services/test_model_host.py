"""One host owns the model: it makes way when it has to, and goes on by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from galaxy_desktop.domain.inference import Priority, Stage, StageKind
from galaxy_desktop.domain.models import EngineState, Standing
from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.engine import Prompt
from galaxy_desktop.services.arbiter import Arbiter, Verdict
from galaxy_desktop.services.model_host import ModelHost, ModelWaitsError, RunStop, StageWords, Telling, words_of
from galaxy_desktop.services.prose import Prose
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

SETTINGS = Settings()


class FakeEngine:
    """Remembers what it was told."""

    def __init__(self, path: Path, name: str, **more: Any) -> None:
        self.path, self.name, self.options, self.more = path, name, more["options"], more
        self.told: list[tuple[object, ...]] = []

    def __getattr__(self, what: str) -> Callable[..., None]:
        return lambda *words: self.told.append((what, *words))


class Computer:
    """What the arbiter sees, and the host that obeys it."""

    def __init__(self, folder: DataFolder) -> None:
        self.free, self.on_battery, self.now = 1 << 40, False, 0.0
        arbiter = Arbiter(lambda _: None, lambda: (self.free, self.on_battery), lambda: self.now)
        self.arbiter = arbiter
        self.host = ModelHost(folder, arbiter=arbiter, locate=lambda name: Path(f"{name}.gguf"))
        self.resumed: list[int] = []
        self.host.resumed = lambda: self.resumed.append(1)

    def look(self) -> Verdict:
        return self.arbiter.look()

    def engine(self, **settings: str) -> Any:
        return self.host.engine(Settings.from_text(settings))[0]


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Computer]:
    monkeypatch.setattr("galaxy_desktop.reason.llama.LlamaEngine", FakeEngine)
    made = Computer(DataFolder(tmp_path))
    yield made
    made.host.close()


@pytest.fixture
def store(folder: DataFolder) -> Iterator[Store]:
    with Store.open(folder) as opened:
        yield opened


def test_one_engine_is_made_and_made_anew_when_its_settings_change(computer: Computer) -> None:
    first, again, other = computer.engine(), computer.engine(), computer.engine(model_idle_minutes="3")
    assert first is again
    assert (first.told[-1], other.options.idle_s) == (("begin_to_close",), 180.0)
    assert computer.engine(model="llama-3.2-3b-instruct", model_idle_minutes="3").name == "llama-3.2-3b-instruct"


def test_an_engine_that_gives_way_is_joined_on_the_thread_of_the_next_one_before_it_loads(computer: Computer) -> None:
    first = computer.engine()
    flag = computer.host.replaced
    second = computer.engine(model="llama-3.2-3b-instruct")
    assert (flag.is_set(), computer.host.replaced.is_set()) == (True, False)
    assert ("close",) not in first.told
    second.more["before_loading"]()
    assert (first.told[-1], computer.host._ending) == (("close",), [])
    computer.host.close()
    assert second.told[-1] == ("close",)


def test_a_model_that_is_chosen_is_loaded_at_once_and_one_that_is_not_here_says_so(computer: Computer) -> None:
    heard: list[Standing] = []
    computer.host.told = heard.append
    computer.host.use(SETTINGS)
    engine = computer.engine()
    assert engine.told[-1] == ("load",)
    computer.host.stop_loading()
    assert engine.told[-1] == ("stop_loading",)
    engine.more["on_standing"](Standing(name="m", state=EngineState.READY))

    def missing(_: str) -> Path:
        raise ModelError("The model is not on this computer.")

    computer.host._locate = missing
    computer.host.use(Settings.from_text({"model": "gone"}))
    assert [(one.state, one.sentence) for one in heard] == [
        (EngineState.READY, ""),
        (EngineState.FAILED, "The model is not on this computer."),
    ]


def test_work_that_began_with_older_settings_does_not_bring_the_replaced_model_back(computer: Computer) -> None:
    computer.host.use(Settings.from_text({"model": "llama-3.2-3b-instruct"}))
    chosen = computer.engine()
    assert (chosen.name, chosen.told) == ("llama-3.2-3b-instruct", [("release",), ("load",)])
    assert computer.engine(model="smollm2-135m-instruct") is chosen


def test_memory_goes_back_to_the_system_when_the_model_was_freed(
    computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []
    monkeypatch.setattr("galaxy_desktop.services.interpreter.give_memory_back", lambda: given.append(1))
    tell = computer.engine().more["on_standing"]
    tell(Standing(name="m", state=EngineState.READY))
    assert given == []
    tell(Standing(name="m", state=EngineState.FREED))
    assert given == [1]


def test_the_settings_reach_the_engine(computer: Computer, tmp_path: Path) -> None:
    options = computer.engine(model_gpu="off", model_sessions_mb="7").options
    assert (options.gpu, options.sessions_bytes, options.sessions) == (False, 7_000_000, tmp_path / "sessions")
    assert options.notes == tmp_path


def test_a_model_that_is_not_here_is_a_sentence(tmp_path: Path) -> None:
    def missing(_: str) -> Path:
        raise ModelError("The model is not on this computer.")

    assert ModelHost(DataFolder(tmp_path), locate=missing).engine(SETTINGS) == (
        None,
        "The model is not on this computer.",
    )


def test_battery_holds_background_work_and_the_plug_lets_it_go_on(computer: Computer) -> None:
    engine = computer.engine()
    computer.on_battery = True
    verdict = computer.look()
    assert engine.told[-1] == ("hold", Priority.QUESTION, verdict.sentence)
    assert (computer.host.waiting.is_set(), computer.host.why_waiting) == (True, verdict.sentence)
    computer.on_battery = False
    computer.look()
    assert engine.told[-1] == ("release",)
    assert (computer.resumed, computer.host.why_waiting) == ([1], "")


def test_memory_that_stays_low_frees_the_weights(computer: Computer) -> None:
    engine = computer.engine()
    computer.free = 1000
    computer.look()
    computer.now = 60.0
    computer.look()
    assert ("unload",) in engine.told


def test_typing_holds_without_stopping_runs(computer: Computer) -> None:
    engine = computer.engine()
    computer.host._watches = True
    computer.host.typed()
    assert engine.told[-1][:2] == ("hold", Priority.ALERT)
    assert not computer.host.waiting.is_set()
    computer.now = 10.0
    computer.look()
    assert (engine.told[-1], computer.resumed) == (("release",), [])


def test_an_engine_that_is_made_under_strain_is_held_from_its_beginning(computer: Computer) -> None:
    computer.on_battery = True
    computer.look()
    assert computer.engine().told[-1][0] == "hold"


def test_nobody_is_held_back_where_nobody_watches(computer: Computer) -> None:
    engine = computer.engine()
    computer.host.typed()
    assert ("hold",) not in [one[:1] for one in engine.told]


async def test_watching_begins_once_and_ends(computer: Computer) -> None:
    computer.on_battery = True
    computer.host.watch()
    computer.host.watch()
    assert computer.host.waiting.is_set()
    assert computer.host._tasks.names == ("watching the computer",)
    await computer.host.stop()
    assert computer.host._tasks.names == ()


def test_forgetting_reaches_the_engine_or_the_folder(computer: Computer, tmp_path: Path) -> None:
    (tmp_path / "sessions").mkdir()
    (tmp_path / "sessions" / "a.piece").write_bytes(b"words")
    computer.host.forget()
    assert list((tmp_path / "sessions").iterdir()) == []
    engine = computer.engine()
    computer.host.forget()
    assert engine.told[-1] == ("forget",)


def test_a_run_that_had_to_make_way_stays_stopped() -> None:
    ending, waiting = threading.Event(), threading.Event()
    stop = RunStop(ending, waiting)
    assert not stop.is_set()
    waiting.set()
    assert stop.is_set()
    waiting.clear()
    assert (stop.is_set(), stop.made_way) == (True, True)


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage(StageKind.LOADING, 0.44), "loading the model, 40 %"),
        (Stage(StageKind.READING, 0.0), "reading, 0 %"),
        (Stage(StageKind.READING, 1.0), "writing"),
        (Stage(StageKind.QUEUED), "waiting for its turn"),
        (Stage(StageKind.PAUSED, None, "The model waits while you type."), "The model waits while you type."),
    ],
)
def test_stages_are_told_in_words(stage: Stage, words: str) -> None:
    assert words_of(stage) == words


@pytest.mark.parametrize("more", [{}, {"on_stage": None}])
def test_whoever_asks_the_listener_hears_what_the_engine_does(more: dict[str, None]) -> None:
    heard: list[Stage] = []

    class Engine:
        name = "small"

        def generate(self, _: object, *, on_stage: Callable[[Stage], None], **__: object) -> None:
            on_stage(Stage(StageKind.WRITING))

    Telling(Engine(), heard.append).generate(Prompt("", ""), **more)  # type: ignore[arg-type]
    assert heard == [Stage(StageKind.WRITING)]


def test_words_that_say_the_same_are_said_once() -> None:
    said: list[str] = []
    hear = StageWords(said.append)
    for share in (0.0, 0.01, 0.02, 0.1):
        hear(Stage(StageKind.READING, share))
    assert said == ["reading, 0 %", "reading, 10 %"]


async def test_a_run_under_strain_waits_with_a_sentence(
    folder: DataFolder, store: Store, computer: Computer, now: Any
) -> None:
    prose = Prose(folder, store, lambda: now)
    prose.host = computer.host
    computer.on_battery = True
    computer.look()
    with pytest.raises(ModelWaitsError, match="runs on battery"):
        await prose.write(_sprint(), SETTINGS, {})


@pytest.mark.parametrize("ending", [True, False])
async def test_a_run_that_is_interrupted_by_a_strain_waits_and_one_that_ends_is_silent(
    folder: DataFolder, store: Store, computer: Computer, now: Any, monkeypatch: pytest.MonkeyPatch, *, ending: bool
) -> None:
    prose = Prose(folder, store, lambda: now)
    prose.host = computer.host

    async def run(request: Any, **_: Any) -> None:
        computer.on_battery = True
        computer.look()
        if ending:
            prose.stop()
        assert request.stop.is_set()
        raise CancelledByUserError

    monkeypatch.setattr("galaxy_desktop.reason.graph.run", run)
    with pytest.raises(CancelledByUserError if ending else ModelWaitsError):
        await prose.write(_sprint(), SETTINGS, {})


async def test_a_run_whose_model_gave_way_to_another_waits_for_that_one(
    folder: DataFolder, store: Store, computer: Computer, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prose = Prose(folder, store, lambda: now)
    prose.host = computer.host

    async def run(request: Any, **_: Any) -> None:
        computer.engine(model="llama-3.2-3b-instruct")
        assert request.stop.is_set()
        raise CancelledByUserError

    monkeypatch.setattr("galaxy_desktop.reason.graph.run", run)
    with pytest.raises(ModelWaitsError, match="Another model was chosen"):
        await prose.write(_sprint(), SETTINGS, {})


async def test_a_run_that_ended_without_a_model_because_it_was_replaced_is_not_shown(
    folder: DataFolder, store: Store, computer: Computer, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prose = Prose(folder, store, lambda: now)
    prose.host = computer.host

    async def run(request: Any, **_: Any) -> Any:
        computer.engine(model="llama-3.2-3b-instruct")
        return SimpleNamespace(explanation=_sprint().explanation, executions=(), why=())

    monkeypatch.setattr("galaxy_desktop.reason.graph.run", run)
    with pytest.raises(ModelWaitsError, match="Another model was chosen"):
        await prose.write(_sprint(), SETTINGS, {})


async def test_an_answer_whose_model_gave_way_says_so_instead_of_vanishing(
    folder: DataFolder, store: Store, computer: Computer, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prose = Prose(folder, store, lambda: now)
    prose.host = computer.host

    def cancelled(*_: Any, **__: Any) -> None:
        raise CancelledByUserError

    monkeypatch.setattr("galaxy_desktop.reason.reply.reply", cancelled)
    monkeypatch.setattr("galaxy_desktop.reason.reply.choose", cancelled)
    monkeypatch.setattr("galaxy_desktop.services.prose._able", lambda _: True)
    found, why = await prose.reply("why?", Any, SETTINGS, threading.Event())  # type: ignore[arg-type]
    assert found is None
    assert why.startswith("Another model was chosen while this answer was worded.")
    assert await prose.choose("why?", {}, SETTINGS, threading.Event()) == ""
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(CancelledByUserError):
        await prose.reply("why?", Any, SETTINGS, stopped)  # type: ignore[arg-type]
    with pytest.raises(CancelledByUserError):
        await prose.choose("why?", {}, SETTINGS, stopped)


def _sprint() -> Any:
    from tests.ui.samples import analysis

    return analysis().sprints[0]
