"""Programs started by benchmarks: in a clean environment, with a profile of their own, and always ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from galaxy_desktop.paths import models_folder

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 1200.0
PAINTED = "painted"


@contextmanager
def profile() -> Iterator[Path]:
    """A data folder for one benchmark, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="galaxy-benchmark-") as name:
        yield Path(name)


def environment(data: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a user's computer would say: compiled files are kept, the keyring is not asked, nothing goes online."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    if not {"DISPLAY", "WAYLAND_DISPLAY"} & kept.keys() and sys.platform.startswith("linux"):
        kept.setdefault("QT_QPA_PLATFORM", "offscreen")
    return {
        **kept,
        "GALAXY_DATA_DIR": str(data),
        "GALAXY_MODELS_DIR": str(models_folder()),
        "GALAXY_GITHUB_API": "http://127.0.0.1:9",
        "GALAXY_GITHUB_TOKEN": "benchmark",
        "HF_HUB_OFFLINE": "1",
        **(more or {}),
    }


def run(module: str, *words: str, env: dict[str, str]) -> str:
    """Run a module of the program or of the benchmarks to its end; what it printed."""
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{module} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    return done.stdout


def report(module: str, *words: str, env: dict[str, str]) -> dict[str, Any]:
    """Run a module that prints one JSON object on its last line."""
    found: dict[str, Any] = json.loads(run(module, *words, env=env).splitlines()[-1])
    return found


def seconds_to_paint(module: str, *words: str, env: dict[str, str]) -> float:
    """From starting a program until it says that its window was painted, and by which clock that was."""
    begun = time.monotonic()
    said = run(module, *words, env=env)
    painted = next(line for line in said.splitlines() if line.startswith(PAINTED))
    return float(painted.split()[1]) - begun
