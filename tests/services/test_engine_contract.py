"""What every engine promises, asked of all of them: this computer's, one behind a real server, a chain, and a fake."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from galaxy_desktop.collect.raw_http import Route
from galaxy_desktop.domain.inference import Stage, StageKind, StopReason
from galaxy_desktop.domain.providers import Provider, ProviderKind, Purpose
from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason import briefing
from galaxy_desktop.reason.catalog import Catalog
from galaxy_desktop.reason.engine import Engine, Prompt
from galaxy_desktop.reason.fallback import Candidate, FallbackEngine
from galaxy_desktop.reason.llama import LlamaEngine
from galaxy_desktop.reason.remote import RemoteEngine
from galaxy_desktop.services.provider_http import wire_to
from tests.reason.engine_fakes import Taking, small_gguf
from tests.services.test_remote_engine import Door

PROMPT = Prompt("You count.", "Count: one, two, three,")
FACTS = "Facts about the sprint:\nEvidence:\nE1 (issue): o/r#7 waits for 9 days «Add parser»"
MODEL = "smollm2-135m-instruct"
pytestmark = pytest.mark.weights
ENGINES = ["fake", "local", "remote", "chain"]


@pytest.fixture(scope="module")
def weights() -> Path:
    """The small GGUF of the catalog; skips without it."""
    if not Catalog.read().is_present(MODEL):
        pytest.skip(f"the weights {MODEL} are not on this computer: run the set-up")
    return Catalog.read().weights(MODEL)


@pytest.fixture(scope="module")
def server(weights: Path) -> Iterator[str]:
    """A real `llama_cpp.server` with the small model, on loopback."""
    pytest.importorskip("fastapi", reason="the server of llama-cpp-python needs the test extra")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(weights), "--host", "127.0.0.1"]
    more = ["--port", str(port), "--n_ctx", "2048", "--verbose", "False"]
    with subprocess.Popen([*command, *more], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        heard = next((line for line in process.stderr if "Uvicorn running" in line), "")
        assert heard, "llama_cpp.server did not start"
        yield f"http://127.0.0.1:{port}"
        process.terminate()


Make = Callable[[str], Engine]


@pytest.fixture
def make(request: pytest.FixtureRequest, weights: Path, tmp_path: Path) -> Iterator[Make]:
    """Engines by name, closed at the end; the server is started with the first that needs it."""
    made: list[Engine] = []

    def remote() -> Engine:
        url, door = request.getfixturevalue("server"), Door()
        provider = Provider(name="mine", kind=ProviderKind.OPENAI, address=url, model="small")
        return RemoteEngine(provider, "", wire_to(provider, Purpose.PROSE, lambda: Route(gate=door), door))

    def of(name: str) -> Engine:
        if name == "fake":
            take = Taking(numbers=30)
            path = small_gguf(tmp_path / "m.gguf")
            engine: Engine = LlamaEngine(path, "fake", take=take, free_memory=lambda: 10**12)  # type: ignore[arg-type]
        elif name == "local":
            engine = LlamaEngine(weights, MODEL, context_tokens=2048, threads=2)
        else:
            engine = remote()
        made.append(engine)
        if name != "chain":
            return engine
        down = Provider(name="down", kind=ProviderKind.OPENAI, address="http://127.0.0.1:9", model="x")
        dead = RemoteEngine(down, "", wire_to(down, None, lambda: Route(gate=Door()), Door()))
        return FallbackEngine([Candidate(name=one.name, open=lambda *_, one=one: one) for one in (dead, engine)])

    yield of
    for one in made:
        one.close()


@pytest.mark.parametrize("name", ENGINES)
def test_what_was_heard_is_what_was_written_and_it_is_counted(make: Make, name: str) -> None:
    heard: list[str] = []
    stages: list[Stage] = []
    engine = make(name)
    written = engine.generate(
        PROMPT, schema=None, max_tokens=6, stop=threading.Event(), on_token=heard.append, on_stage=stages.append
    )
    assert "".join(heard) == written.text != ""
    assert written.tokens_in > 0
    assert 0 < written.tokens_out <= 7 or written.parameters["tokens_estimated"]
    assert (written.complete, written.stop_reason) in ((False, StopReason.LIMIT), (True, StopReason.ENDED))
    assert StageKind.READING in [stage.kind for stage in stages]
    assert engine.count_tokens("three words here") > 0


@pytest.mark.parametrize("name", ENGINES)
def test_a_stop_that_is_set_ends_it(make: Make, name: str) -> None:
    stop = threading.Event()
    with pytest.raises(CancelledByUserError):
        make(name).generate(PROMPT, schema=None, max_tokens=500, stop=stop, on_token=lambda _: stop.set())


@pytest.mark.parametrize("name", ENGINES)
def test_a_closed_engine_refuses_with_a_sentence(make: Make, name: str) -> None:
    engine = make(name)
    engine.close()
    with pytest.raises(ModelError, match="was shut down"):
        engine.generate(PROMPT, schema=None, max_tokens=5, stop=threading.Event())


@pytest.mark.parametrize("name", ["remote", "chain"])
def test_the_shape_that_is_asked_for_is_the_shape_that_comes(make: Make, name: str) -> None:
    prompt = briefing.question(FACTS, "", "llm_reasoner")
    written = make(name).generate(prompt, schema=briefing.schema(["E1"]), max_tokens=40, stop=threading.Event())
    if written.complete:
        assert set(json.loads(written.text)) == {"sentences"}
    assert written.text.lstrip().startswith("{")
    assert written.parameters["prompt_version"] == prompt.version


def test_two_who_ask_at_once_are_both_answered(make: Make) -> None:
    engine = make("remote")
    assert isinstance(engine, RemoteEngine)
    engine._turn = threading.Lock()
    texts: list[str] = []

    def ask() -> None:
        texts.append(engine.generate(PROMPT, max_tokens=8).text)

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for one in askers:
        one.start()
    for one in askers:
        one.join()
    assert len(texts) == 2
