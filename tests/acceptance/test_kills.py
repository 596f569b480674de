"""Killed at any moment, the program starts again with nothing lost and nothing doubled."""

from __future__ import annotations

import json
import random
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import ROOT, TRACK, StandIn, analyze, environment, program, stand_in_at

AT = "2026-05-01T12:00:00Z"
KILLS_WHILE_SYNCING = (6, 6, 6)
"""How often a first sync is killed, by folder; each folder has a life, and a GitHub, of its own."""
KILLS_WHILE_THINKING = 12
MOST_REQUESTS = 150
LIVES_AT_ONCE = 2
LOOK_S = 0.02
"""How often the number of requests is looked at: more often would slow down what is to be killed."""


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
    while not _has_ended(started, LOOK_S) and len(github.asked()) - before < requests:
        pass  # the moment is a number of requests, not a time
    started.kill()
    started.wait()


def _has_ended(started: subprocess.Popen[bytes], within: float) -> bool:
    try:
        started.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill_while_thinking(github: StandIn, folder: Path, seconds: float) -> None:
    started = _start(github, folder, "--no-sync")
    if not _has_ended(started, seconds):
        started.kill()
        started.wait()


def _killed_while_syncing(folder: Path, times: int) -> list[dict[str, Any]]:
    """The evaluation after so many first syncs that were killed on their way."""
    chance = random.Random(folder.name)
    with stand_in_at(AT) as github:
        for _ in range(times):
            _kill_after_requests(github, folder, chance.randrange(1, MOST_REQUESTS))
        return [analyze(github, folder, AT)]


def _killed_while_thinking(folder: Path, times: int) -> list[dict[str, Any]]:
    """The evaluation before and after so many kills of one that needed no sync."""
    chance = random.Random(folder.name)
    with stand_in_at(AT) as github:
        clean = analyze(github, folder, AT)
        for _ in range(times):
            _kill_while_thinking(github, folder, chance.uniform(0.3, 2.5))
        return [clean, analyze(github, folder, AT)]


def test_thirty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    assert sum(KILLS_WHILE_SYNCING) + KILLS_WHILE_THINKING == 30
    with ThreadPoolExecutor(LIVES_AT_ONCE) as pool:
        first = pool.submit(_killed_while_thinking, tmp_path / "clean", KILLS_WHILE_THINKING)
        lives = [
            pool.submit(_killed_while_syncing, tmp_path / f"hurt-{n}", k) for n, k in enumerate(KILLS_WHILE_SYNCING)
        ]
        clean, *others = (answer for life in (first, *lives) for answer in life.result())
    assert len(others) == 1 + len(KILLS_WHILE_SYNCING)
    for after in others:
        assert _timeless(after) == _timeless(clean)
        assert sorted(a["id"] for a in after["alerts"]) == sorted(a["id"] for a in clean["alerts"])
