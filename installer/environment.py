"""The project's `.venv`: made, filled from the pinned versions, and asked for packages.

Two packages need care. `torch` on Linux brings gigabytes of CUDA libraries unless a CPU build is found: who
names an index that has one (`GALAXY_TORCH_INDEX`) is spared them. `llama-cpp-python` has no ready-made wheel:
it is built once, and the wheel is kept in the user's data folder for the next checkout.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from installer.errors import OfflineError, SetupError
from installer.places import Places
from installer.shell import CommandFailedError, Shell

TORCH_INDEX = "GALAXY_TORCH_INDEX"
"""Environment variable with the address of an index that holds torch builds without CUDA."""

NO_NETWORK = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname",
    "getaddrinfo failed",
    "NewConnectionError",
    "ConnectTimeoutError",
    "Network is unreachable",
    "Connection refused",
    "ReadTimeoutError",
    "ProxyError",
)


def pins(constraints: str) -> dict[str, str]:
    """Version by name (lower case, dashes) from the text of the constraints."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", constraints, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


class Environment:
    """The environment of one checkout."""

    def __init__(self, places: Places, shell: Shell, platform: str = sys.platform) -> None:
        """Nothing is made before `make`."""
        self._places = places
        self._platform = platform
        self._shell = shell
        self._pins = pins(places.constraints.read_text(encoding="utf-8"))

    def version(self, package: str) -> str:
        """The pinned version of a package."""
        return self._pins[package]

    def make(self) -> None:
        """Make the environment; one that works already, with this Python, is kept."""
        if not self._works():
            shutil.rmtree(self._places.venv, ignore_errors=True)
            try:
                self._shell.run([sys.executable, "-m", "venv", str(self._places.venv)])
            except CommandFailedError as error:
                raise SetupError(
                    f"The environment could not be made in {self._places.venv}. The log says why: {self._shell.log}"
                ) from error
        self._pip("install", "--upgrade", *self._pinned(), "pip", "setuptools")

    def install_torch(self) -> None:
        """Install torch, without CUDA where the user named an index that has such builds."""
        wanted = f"torch=={self.version('torch')}"
        index = os.environ.get(TORCH_INDEX)
        more = ("--extra-index-url", index) if index and self._would_bring_cuda(wanted) else ()
        self._pip("install", *self._pinned(), *more, wanted)

    def llama_is_built(self) -> bool:
        """Whether llama.cpp is installed here, or its wheel lies ready: then no compiler is needed."""
        return self._llama_installed() or self._llama_wheel() is not None

    def install_llama(self) -> None:
        """Build llama-cpp-python unless this computer has done so before, then install the wheel."""
        if self._llama_installed():
            return
        cached = self._llama_wheel() is not None
        if not cached:
            self._build_llama()
        wheels = str(self._places.wheels)
        wanted = f"llama-cpp-python=={self.version('llama-cpp-python')}"
        self._pip("install", *self._pinned(), "--find-links", wheels, "--only-binary", "llama-cpp-python", wanted)
        self._try_llama(cached)

    def install_project(self, extra: str = "") -> None:
        """Install the program itself, editable, with everything it needs."""
        where = str(self._places.root) + (f"[{extra}]" if extra else "")
        wheels = str(self._places.wheels)
        self._pip("install", *self._pinned(), "--find-links", wheels, "--editable", where)

    def download(self, requirement: str, folder: Path) -> None:
        """Fetch the wheel of one package, alone, into a folder; nothing of it is installed or run."""
        self._pip("download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), requirement)

    def _works(self) -> bool:
        python = self._places.python
        if not python.exists():
            return False
        script = "import sys, pip; print('%d.%d' % sys.version_info[:2], sys.prefix)"
        try:
            printed = self._shell.run([str(python), "-c", script]).strip()
        except CommandFailedError:
            return False
        version = f"{sys.version_info.major}.{sys.version_info.minor} "
        return printed.startswith(version) and Path(printed.removeprefix(version)) == self._places.venv

    def _would_bring_cuda(self, wanted: str) -> bool:
        """Ask pip what it would install; only on Linux does the index hold a torch with CUDA by default."""
        if not self._platform.startswith("linux"):
            return False
        with tempfile.TemporaryDirectory(prefix="galaxy-") as folder:
            report = Path(folder) / "report.json"
            self._pip("install", *self._pinned(), "--dry-run", "--report", str(report), wanted)
            chosen = json.loads(report.read_text(encoding="utf-8")).get("install", [])
        names = [str(package["metadata"]["name"]).lower() for package in chosen]
        return any(name.startswith(("nvidia-", "cuda-", "triton")) for name in names)

    def _llama_installed(self) -> bool:
        name = f"llama_cpp_python-{self.version('llama-cpp-python')}.dist-info/RECORD"
        folders = ("Lib/site-packages",) if self._places.windows else ("lib/python3.*/site-packages",)
        return any(any(self._places.venv.glob(f"{folder}/{name}")) for folder in folders)

    def _llama_wheel(self) -> Path | None:
        found = sorted(self._places.wheels.glob(f"llama_cpp_python-{self.version('llama-cpp-python')}-*.whl"))
        return found[0] if found else None

    def _build_llama(self) -> None:
        wanted = f"llama-cpp-python=={self.version('llama-cpp-python')}"
        wheels = self._places.wheels
        wheels.mkdir(parents=True, exist_ok=True)
        cores = {"CMAKE_BUILD_PARALLEL_LEVEL": os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL", str(os.cpu_count() or 1))}
        # Built beside and moved in whole: a half-written wheel must never be taken for a finished one.
        with tempfile.TemporaryDirectory(prefix="part-", dir=wheels) as part:
            self._pip("wheel", "--no-deps", "--wheel-dir", part, wanted, environment=cores)
            for wheel in Path(part).glob("*.whl"):
                wheel.replace(wheels / wheel.name)

    def _try_llama(self, cached: bool) -> None:
        try:
            self._shell.run([str(self._places.python), "-c", "import llama_cpp"])
        except CommandFailedError as error:
            wheel = self._llama_wheel()
            if cached and wheel is not None:
                wheel.unlink()
                self._pip("uninstall", "--yes", "llama-cpp-python")
                raise SetupError(
                    "The llama.cpp that was built earlier does not run on this computer, so it was removed. "
                    "Run the same command again to build it anew."
                ) from error
            raise SetupError(f"llama.cpp was built but does not start. The log says why: {self._shell.log}") from error

    def _pinned(self) -> tuple[str, str]:
        return ("--constraint", str(self._places.constraints))

    def _pip(self, command: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
        call = [str(self._places.python), "-m", "pip", "--disable-pip-version-check", "--no-input", command]
        with _explained(self._shell.log):
            # Somebody's own `pip install --user` default must not reach into the environment.
            self._shell.run([*call, *arguments], {"PIP_USER": "0", **(environment or {})})


@contextmanager
def _explained(log: Path) -> Iterator[None]:
    """Turn what pip printed before it gave up into a sentence."""
    try:
        yield
    except CommandFailedError as error:
        if any(sign in error.tail for sign in NO_NETWORK):
            raise OfflineError(
                "The package index could not be reached. Check the network, then run the same command again: "
                "it goes on where it stopped."
            ) from error
        if "No space left on device" in error.tail:
            raise SetupError("The disk is full. Free some space, then run the same command again.") from error
        told = [line for line in error.tail.splitlines() if "ERROR" in line or "error:" in line.lower()]
        reason = told[-1].strip() if told else "it gave no reason"
        raise SetupError(f"pip stopped: {reason}. The whole story is in {log}") from error
