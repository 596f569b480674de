"""A small project, a computer that has everything, and a shell that pretends to be Python and pip."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from installer.machine import GIGABYTE, Machine
from installer.places import Places
from installer.screen import Screen
from installer.setup import Setup
from installer.shell import CommandFailedError, Shell

CONTENT = b"weights" * 1000

PYPROJECT = """
[build-system]
requires = ["setuptools"]
[project]
name = "galaxy-desktop"
dependencies = ["torch==2.0"]
[project.optional-dependencies]
test = ["pytest"]
[tool.ruff]
line-length = 100
"""


def manifest_text(sha256: str) -> str:
    return f"""
format = 1
[[model]]
name = "tiny"
title = "Tiny"
package = {{ name = "tiny-model", version = "1.0", folder = "tiny_model" }}
files = [{{ path = "sub/weights.bin", bytes = {len(CONTENT)}, sha256 = "{sha256}" }}]
[[model]]
name = "large"
title = "Large"
files = [{{ path = "large.gguf", bytes = 5000000000, sha256 = "{"0" * 64}" }}]
"""


def tiny_wheel(folder: Path, content: bytes = CONTENT) -> Path:
    wheel = folder / "tiny_model-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_model/__init__.py", "raise SystemExit('this code must never run')")
        archive.writestr("tiny_model/sub/weights.bin", content)
    return wheel


class PretendShell(Shell):
    """Does what Python and pip would leave behind; `failing` maps a word of a command to what it prints."""

    def __init__(self, places: Places) -> None:
        super().__init__(places.logs / "setup.log")
        self.places = places
        self.calls: list[str] = []
        self.failing: dict[str, str] = {}
        self.chosen_by_pip = ["torch"]
        self.wheel_content = CONTENT

    def run(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
        line = " ".join(command)
        self.calls.append(line)
        for word, printed in self.failing.items():
            if word in line:
                raise CommandFailedError(command, 1, printed)
        if "-m venv" in line:
            self.places.python.parent.mkdir(parents=True)
            self.places.python.touch()
        elif " wheel " in line:
            (Path(command[command.index("--wheel-dir") + 1]) / "llama_cpp_python-0.3.1-py3-none-any.whl").touch()
        elif " download " in line:
            tiny_wheel(Path(command[command.index("--dest") + 1]), self.wheel_content)
        elif "--report" in line:
            chosen = [{"metadata": {"name": name}} for name in self.chosen_by_pip]
            Path(command[command.index("--report") + 1]).write_text(json.dumps({"install": chosen}))
        elif "--editable" in line:
            self.places.program.touch()
        elif "import sys, pip" in line:
            return f"{sys.version_info.major}.{sys.version_info.minor} {self.places.venv}\n"
        return ""

    def said(self, *words: str) -> list[str]:
        """The commands that contain all these words."""
        return [call for call in self.calls if all(word in call for word in words)]


@dataclass
class Bench:
    """One try of set-up, with everything a test wants to look at."""

    places: Places
    shell: PretendShell
    out: io.StringIO
    machine: Machine

    def setup(self, extra: str = "", *, thorough: bool = False) -> Setup:
        """A new set-up over the same folders, as after typing the command again."""
        return Setup(self.places, self.machine, Screen(self.out), extra, thorough=thorough, shell=self.shell)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A checkout, and a user without any data yet."""
    root = tmp_path / "checkout"
    for folder in ("installer", "models"):
        (root / folder).mkdir(parents=True)
    found = Places(root, tmp_path / "data", tmp_path / "models")
    found.pyproject.write_text(PYPROJECT)
    found.constraints.write_text("torch==2.0\nllama_cpp_python==0.3.1\npip==26.0\n")
    found.manifest.write_text(manifest_text(hashlib.sha256(CONTENT).hexdigest()))
    return found


@pytest.fixture
def computer() -> Callable[..., Machine]:
    """Makes a computer; without arguments it has all that is needed."""

    def make(
        *,
        platform: str = "linux",
        programs: Sequence[str] = ("g++", "cmake", "apt-get"),
        without: Sequence[str] = (),
        free: int = 100 * GIGABYTE,
        environment: Mapping[str, str] | None = None,
        answers: Callable[[Sequence[str]], str | None] = lambda command: f"{command[0]} 12",
    ) -> Machine:
        return Machine(
            platform=platform,
            which=lambda name: f"/usr/bin/{name}" if name in programs else None,
            answers=answers,
            loads=lambda library: library not in without,
            free=lambda folder: free,
            environment=dict(environment or {}),
        )

    return make


@pytest.fixture
def bench(places: Places, computer: Callable[..., Machine]) -> Bench:
    """A set-up that can succeed."""
    return Bench(places, PretendShell(places), io.StringIO(), computer())
