"""The whole program with a model of 8 billion weights: window, workspace, index, and the model reading and writing.

The weights are noise in the shape of the default model: how much memory they take and how long a token lasts does not
depend on what the numbers say. The file is written to a temporary folder and removed at the end.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from galaxy_desktop.domain.events import Event, ProsePending
from tests.benchmarks.children import environment, profile, report, run
from tests.benchmarks.figures import Figure, ms, over
from tests.benchmarks.loop_stalls import MOST_S, P99_S
from tests.benchmarks.memory import _mb, _prose
from tests.benchmarks.random_weights import write as write_weights
from tests.benchmarks.rehearsal import Report, Stage, rehearse
from tests.benchmarks.scenes import DEMOS

FIGURES = ("memory_8b", "stalls_8b", "quit_8b")
MOST = 7 * 2**30
WATCHED_S, PATIENCE_S, QUIT_S = 45.0, 400.0, 5.0
TINY = {"layers": 2, "width": 1024, "inner": 2048}
"""The shape that is taken to show that it runs."""


def measure(*, quick: bool) -> list[Figure]:
    """Open a demo with its index, then let the large model word it, and look at memory and the loop meanwhile."""
    with profile() as data:
        weights = write_weights(data / "noise.gguf", **(TINY if quick else {}))
        env = environment(data)
        empty = int(run("tests.benchmarks.window", "empty", env=env).split()[-1])
        run("galaxy_desktop.cli", "analyze", "--demo", DEMOS[2], env=env)
        _prose(data, on=False)
        begun = time.monotonic()
        found = report("tests.benchmarks.large_model", str(weights), *(["--quick"] if quick else []), env=env)
        quit_s = time.monotonic() - begun - found["until_quit"]
    late = found["late"]
    return [
        Figure(
            name="memory_8b",
            figure=f"{_mb(found['peak'])} at most, {_mb(found['own'])} of it not the file of the weights",
            reference=f"empty PySide6 window {_mb(empty)}",
            ratio=over(found["peak"], empty),
            bar=f"at most {_mb(MOST)}",
            met=found["peak"] <= MOST,
        ),
        Figure(
            name="stalls_8b",
            figure=f"p50 {ms(late['p50'])}, p99 {ms(late['p99'])}, max {ms(late['max'])} of {late['beats']:,} beats",
            reference=f"before the model was loaded p99 {ms(found['idle']['p99'])}",
            ratio=over(late["p99"], found["idle"]["p99"]),
            bar="p99 16 ms, max 100 ms",
            met=late["p99"] <= P99_S and late["max"] <= MOST_S,
        ),
        Figure(
            name="quit_8b",
            figure=f"{ms(quit_s)} from the wish to quit in the middle of a text until the process is gone",
            reference=f"starting it and reading the profile {ms(found['started'])}",
            ratio=over(quit_s, found["started"]),
            bar=f"under {ms(QUIT_S)}",
            met=quit_s < QUIT_S,
        ),
    ]


def scene(path: Path, *, quick: bool) -> Report:
    """Open the demo, wait for its index, then switch the model on and watch it for a while."""
    from galaxy_desktop.services import model_host

    model_host._locate = lambda _: path
    begun, said = time.monotonic(), []

    async def script(stage: Stage) -> Report:
        started = time.monotonic() - begun
        await stage.settled(1)
        assert stage.heart is not None
        with stage.heart.span("idle"):
            await asyncio.sleep(1 if quick else 5)
        stage.workspace.subscribe(lambda event: _hear(event, said))
        await stage.workspace.change_setting("prose", "true")
        await stage.workspace.refresh()
        await _until(said, "reading")
        held: list[tuple[int, int]] = []
        with stage.heart.span("large model"):
            await _watch(held, said, 2.0 if quick else WATCHED_S)
        peak, own = max(held)
        return {
            "peak": peak, "own": own, "started": started, "said": said[-8:],
            "late": stage.stalls("large model", first=True), "idle": stage.stalls("idle", first=True),
            "until_quit": time.monotonic() - begun,
        }  # fmt: skip

    return rehearse(Stage(script), "--demo", DEMOS[2])


def _hear(event: Event, said: list[str]) -> None:
    if isinstance(event, ProsePending):
        said.append(event.state)


async def _until(said: list[str], word: str) -> None:
    begun = time.monotonic()
    while not any(one.startswith(word) for one in said):
        if time.monotonic() - begun > PATIENCE_S:
            raise TimeoutError(f"the model never said {word}: {said[-5:]}")
        await asyncio.sleep(0.05)


async def _watch(held: list[tuple[int, int]], said: list[str], seconds: float) -> None:
    """Take the memory twice a second: all that is resident, and what of it is not mapped from files."""
    import psutil

    process: Any = psutil.Process()
    begun = time.monotonic()
    while time.monotonic() - begun < seconds or (
        not any(one == "writing" for one in said[1:]) and time.monotonic() - begun < PATIENCE_S
    ):
        info = process.memory_info()
        held.append((info.rss, info.rss - getattr(info, "shared", 0)))
        await asyncio.sleep(0.5)


if __name__ == "__main__":
    import json
    import os

    print(json.dumps(scene(Path(sys.argv[1]), quick="--quick" in sys.argv)), flush=True)
    sys.stdout.flush()
    os._exit(0)
