"""Every request of a whole sync keeps GitHub's own contract: prism reads along, in front of real data."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.collect.permissions import Probing
from galaxy_desktop.collect.raw_http import RawHttp
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.sync import Ending, Syncer
from galaxy_desktop.store.database import Store
from tests.contracts.node import Emulate, NodeTools, Prism, Running, free_port, prism_server

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
REPOSITORY = "bitcoin-core/secp256k1"
AT, LATER = "2026-05-01T12:00:00Z", "2026-06-29T00:00:00Z"


@contextmanager
def stand_in(address: str) -> Iterator[Running]:
    """The stand-in GitHub with its real data, which calls itself by this address."""
    port, script = free_port(), SHARED / "stand_in" / "github_replay.py"
    corpus = str(SHARED / "data" / "github_corpus")
    words = [sys.executable, "-u", str(script), "--corpus", corpus, "--port", str(port), "--at", AT, "--base", address]
    server = Running(words, port)
    try:
        server.wait_for("replaying")
        steer(server, "log")
        yield server
    finally:
        server.end()


def steer(server: Running, what: str, **body: Any) -> Any:
    """Move its time, or rename a repository; asked again until it listens."""
    request = urllib.request.Request(f"{server.url}/_control/{what}", json.dumps(body).encode() if body else None)
    for _ in range(10_000):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.URLError:
            continue
    raise AssertionError("the stand-in GitHub never answered")


class Clock:
    """Ours, which can be set ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


async def _synced(store: Store, proxy: Prism, clock: Clock, *names: str) -> None:
    syncer = Syncer(store, proxy.url, "any", clock=clock)
    outcome = await syncer.sync_once(names or None, explicit=True)
    await syncer.close()
    assert [(result.ending, result.sentence) for result in outcome.results] == [(Ending.OK, "")]


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared with the stand-in GitHub is missing")
async def test_a_life_with_a_real_repository_keeps_the_contract(node_tools: NodeTools, tmp_path: Path) -> None:
    port, clock = free_port(), Clock()
    with (
        stand_in(f"http://127.0.0.1:{port}") as server,
        prism_server(node_tools, node_tools.requests_document, server.url, port=port) as proxy,
        Store.open(DataFolder(tmp_path)) as store,
    ):
        await _synced(store, proxy, clock, REPOSITORY)
        steer(server, "at", at=LATER)
        steer(server, "rename", **{"from": REPOSITORY, "to": "bitcoin-core/secp"})
        clock.ahead = timedelta(days=8)  # a full read is due
        await _synced(store, proxy, clock)
        assert [one.full_name for one in store.repositories()] == ["bitcoin-core/secp"]
        asked = proxy.requests()
        assert proxy.violations() == []
    assert [path for path in asked if "since=" in path]
    assert [path for path in asked if "sort=created" in path]
    assert len(asked) > 40


def test_trying_what_a_token_may_do_keeps_the_contract(node_tools: NodeTools, emulate: Emulate) -> None:
    with prism_server(node_tools, node_tools.requests_document, emulate.url) as proxy:
        asker = RawHttp(proxy.url, "token check", token=emulate.token)
        probing = Probing(asker, proxy.url, datetime.now(UTC), has_token=True)
        assert probing.results(probing.holder(), [emulate.repository])
        asker.close()
        assert proxy.violations() == []
        assert len(proxy.requests()) > 5
