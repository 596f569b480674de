"""Killed at any moment, the program starts again with nothing lost and nothing doubled."""

from __future__ import annotations

import json
import random
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import ROOT, TRACK, StandIn, analyze, environment, program, stand_in_at

AT = "2026-05-01T12:00:00Z"
KILLS_WHILE_SYNCING = 35
KILLS_WHILE_THINKING = 15
KILLS_A_FOLDER = 10
MOST_REQUESTS = 150


def _timeless(answer: dict[str, Any]) -> str:
    kept = {key: answer[key] for key in ("repositories", "sprints", "dependencies")}
    return re.sub(r'"(synced_at|observed_at)": "[^"]*"', "", json.dumps(kept, sort_keys=True))


def _start(github: StandIn, folder: Path, *more: str) -> subprocess.Popen[bytes]:
    words = program("analyze", *TRACK, "--data-dir", str(folder), "--at", AT, "--json", *more)
    return subprocess.Popen(
        words, env=environment(github.base), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
    )


def _kill_after_requests(github: StandIn, folder: Path, requests: int) -> None:
    before = len(github.asked())
    started = _start(github, folder)
    while started.poll() is None and len(github.asked()) - before < requests:
        pass  # the moment is a number of requests, not a time
    started.kill()
    started.wait()


def _kill_while_thinking(github: StandIn, folder: Path, seconds: float) -> None:
    started = _start(github, folder, "--no-sync")
    try:
        started.wait(seconds)
    except subprocess.TimeoutExpired:
        started.kill()
    started.wait()


def test_fifty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(50)
    with stand_in_at(AT) as github:
        clean = analyze(github, tmp_path / "clean", AT)
        for n in range(KILLS_WHILE_SYNCING):
            _kill_after_requests(github, tmp_path / f"hurt-{n // KILLS_A_FOLDER}", chance.randrange(1, MOST_REQUESTS))
        for _ in range(KILLS_WHILE_THINKING):
            _kill_while_thinking(github, tmp_path / "clean", chance.uniform(0.3, 2.5))
        for name in ("clean", *(f"hurt-{n}" for n in range(-(-KILLS_WHILE_SYNCING // KILLS_A_FOLDER)))):
            after = analyze(github, tmp_path / name, AT)
            assert _timeless(after) == _timeless(clean), name
            assert sorted(a["id"] for a in after["alerts"]) == sorted(a["id"] for a in clean["alerts"])
