"""The program against the stand-in GitHub, which serves real data at a chosen moment."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
REPOSITORIES = ("bitcoin-core/secp256k1", "bitcoin-core/gui", "bitcoin/bips")
TRACK = tuple(word for name in REPOSITORIES for word in ("--repo", name))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the stand-in where it is missing, saying so."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.acceptance)
            item.add_marker(pytest.mark.timeout(900))
            if not SHARED.is_dir():
                item.add_marker(pytest.mark.skip(reason="../shared with the stand-in GitHub is missing"))


class StandIn:
    """A running stand-in GitHub."""

    def __init__(self, base: str) -> None:
        self.base = base

    def control(self, path: str, **body: Any) -> Any:
        """Steer it: `at`, `fault`, `set`, `rename`, `log`, `reset`."""
        data = json.dumps(body).encode() if body else None
        method = "POST" if body or path == "reset" else "GET"
        request = urllib.request.Request(f"{self.base}/_control/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def asked(self) -> list[dict[str, Any]]:
        """Every request of the program so far."""
        return [entry for entry in self.control("log") if "_control" not in entry["path"]]


@contextmanager
def stand_in_at(moment: str) -> Iterator[StandIn]:
    """The stand-in, serving what GitHub held at that moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script, corpus = SHARED / "stand_in" / "github_replay.py", SHARED / "data" / "github_corpus"
    words = [sys.executable, str(script), "--corpus", str(corpus), "--port", str(port), "--at", moment]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        server.stdout.readline()  # printed once it has read the corpus, just before it serves
        stand_in = StandIn(f"http://127.0.0.1:{port}")
        _until_it_answers(stand_in)
        yield stand_in
    finally:
        server.kill()
        server.communicate()


def _until_it_answers(stand_in: StandIn) -> None:
    for _ in range(10_000):
        try:
            stand_in.control("log")
        except urllib.error.URLError:
            continue
        return
    raise AssertionError("the stand-in GitHub never answered")


Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(base: str) -> dict[str, str]:
    """The environment of the program: the stand-in as GitHub, and no screen."""
    return {**os.environ, "GALAXY_GITHUB_API": base, "GALAXY_GITHUB_TOKEN": "check", "QT_QPA_PLATFORM": "offscreen"}


def program(*words: str) -> list[str]:
    """The command line of the program under test."""
    return [sys.executable, "-m", "galaxy_desktop.cli", *words]


def run(stand_in: StandIn, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        program(*words), env=environment(stand_in.base), capture_output=True, text=True, check=False, cwd=ROOT
    )


def analyze(stand_in: StandIn, folder: Path, at: str, *more: str) -> dict[str, Any]:
    """The printed analysis of the three repositories."""
    done = run(stand_in, "analyze", *TRACK, "--data-dir", str(folder), "--at", at, "--json", *more)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
