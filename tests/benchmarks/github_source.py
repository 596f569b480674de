"""The GitHub that benchmarks poll: the stand-in with real data where ../shared is there, else a demo; loopback only."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from galaxy_desktop.services import clock
from tests.benchmarks.children import ROOT

SHARED = ROOT.parent / "shared"
REAL = ("bitcoin/bips", "bitcoin-core/secp256k1", "bitcoin-core/gui")
REAL_MOMENTS = tuple(f"2026-{day}T12:00:00Z" for day in ("05-01", "05-08", "05-15", "05-22", "05-29", "06-12", "06-29"))
DEMO = ("nova-demo/api", "nova-demo/web", "nova-demo/mobile")
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Source:
    """A GitHub that runs: its address, its repositories (the smallest first), and the moments it can be moved to."""

    base: str
    repositories: tuple[str, ...]
    moments: tuple[str, ...]

    def to_text(self) -> str:
        """For the command line of a child."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Source:
        """What `to_text` wrote."""
        found = json.loads(text)
        return cls(found["base"], tuple(found["repositories"]), tuple(found["moments"]))

    def move(self, moment: str) -> None:
        """Let time pass there."""
        request = urllib.request.Request(f"{self.base}/_control/at", json.dumps({"at": moment}).encode(), method="POST")
        urllib.request.urlopen(request, timeout=30).close()


@contextmanager
def running(*, quick: bool) -> Iterator[Source]:
    """A GitHub at its first moment; the quick one serves the small demo."""
    real = (SHARED / "stand_in").is_dir() and not quick
    source = _source(real=real)
    port, moment = source.base.rsplit(":", 1)[1], source.moments[0]
    if real:
        script, corpus = SHARED / "stand_in" / "github_replay.py", SHARED / "data" / "github_corpus"
        words: Sequence[str | Path] = (script, "--corpus", corpus, "--port", port, "--at", moment)
    else:
        words = ("-m", "tests.benchmarks.demo_github", port, moment)
    server = subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    try:
        _until_it_answers(source.base)
        yield source
    finally:
        server.kill()
        server.wait()


def _source(*, real: bool) -> Source:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{probe.getsockname()[1]}"
    if real:
        return Source(base, REAL, REAL_MOMENTS)
    now = clock.now()
    return Source(base, DEMO, tuple((now - timedelta(days=d)).isoformat() for d in (4, 2, 0)))


def _until_it_answers(base: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{base}/_control/log", timeout=5).close()
        except urllib.error.URLError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the GitHub to poll never answered")
