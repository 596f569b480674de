"""Vectors of a real server on loopback: `llama_cpp.server` with the small model, as somebody would run one at home."""

from __future__ import annotations

import math
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest

from galaxy_desktop.domain.providers import Provider, ProviderKind, Purpose
from galaxy_desktop.errors import ModelError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.catalog import Catalog
from galaxy_desktop.store.database import Store
from tests.services.test_embedding_provider import SearchWorld

MODEL = "smollm2-135m-instruct"
pytestmark = pytest.mark.weights


@pytest.fixture(scope="module", params=["True", "False"], ids=["with embeddings", "without"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, bool]]:
    """The address of a server, and whether it was started with embeddings."""
    pytest.importorskip("fastapi", reason="the server of llama-cpp-python needs the test extra")
    if not Catalog.read().is_present(MODEL):
        pytest.skip(f"the weights {MODEL} are not on this computer: run the set-up")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(Catalog.read().weights(MODEL))]
    more = ["--host", "127.0.0.1", "--port", str(port), "--n_ctx", "512", "--embedding", request.param]
    with subprocess.Popen([*command, *more, "--verbose", "False"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        heard = next((line for line in process.stderr if "Uvicorn running" in line), "")
        assert heard, "llama_cpp.server did not start"
        yield f"http://127.0.0.1:{port}", request.param == "True"
        process.terminate()


@pytest.fixture
def world(folder: DataFolder, now: datetime) -> Iterator[SearchWorld]:
    with Store.open(folder) as store:
        made = SearchWorld(store, now)
        yield made
        made.close()


def test_a_real_server_gives_vectors_or_says_that_it_has_none(server: tuple[str, bool], world: SearchWorld) -> None:
    address, embeds = server
    world.desk.add(Provider(name="mine", kind=ProviderKind.OPENAI, address=address, model=MODEL))
    world.desk.agree("mine", Purpose.SEARCH)
    embedder = world.embedder()
    texts = ["The login page shows an error", "The login page shows an error", "Colors of the chart", "word " * 200]
    if not embeds:
        with pytest.raises(ModelError, match=r"127\.0\.0\.1.*(fault of its own|offers no vectors)"):
            embedder.encode(texts)
        return
    first, same, other, _ = embedder.encode(texts)
    assert embedder.width == len(first) > 100
    assert math.fsum(one * one for one in first) == pytest.approx(1.0)
    assert math.fsum(a * b for a, b in zip(first, same, strict=True)) > 0.999
    assert math.fsum(a * b for a, b in zip(first, other, strict=True)) < 0.999
    (use,) = world.desk.uses()
    assert use.tokens_in > 200
