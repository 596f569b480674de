"""What the computer has to bring: Python, disk, a compiler and, on Linux, the libraries Qt needs.

Every check answers a `Finding` and changes nothing, so `doctor` can ask all of them at any time and set-up
asks those that the work before it needs.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from installer.advice import Which, how_to_install
from installer.weights import free_bytes

GIGABYTE = 1_000_000_000
DISK_NEEDED = 6 * GIGABYTE
COMPILERS = ("c++", "g++", "clang++")

QT_ITSELF = (
    "libEGL.so.1",
    "libGL.so.1",
    "libdbus-1.so.3",
    "libfontconfig.so.1",
    "libglib-2.0.so.0",
    "libxkbcommon.so.0",
)
"""What Qt's own libraries are linked against: without one of them nothing of Qt loads."""

QT_ON_X11 = (
    "libX11-xcb.so.1",
    "libxcb-cursor.so.0",
    "libxcb-icccm.so.4",
    "libxcb-image.so.0",
    "libxcb-keysyms.so.1",
    "libxcb-randr.so.0",
    "libxcb-render-util.so.0",
    "libxcb-shape.so.0",
    "libxcb-xkb.so.1",
    "libxkbcommon-x11.so.0",
)
"""What the plugin that opens a window on X11 is linked against."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, whether it will do, what was seen, and what to do when it will not."""

    name: str
    good: bool
    seen: str
    advice: str = ""


def _answers(command: Sequence[str]) -> str | None:
    """What a program prints, or None when it cannot be run or says no."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _loads(library: str) -> bool:
    """Whether the dynamic linker finds this library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Machine:
    """The computer, with everything that asks it something handed in, so that tests can take its place."""

    platform: str = sys.platform
    which: Which = shutil.which
    answers: Callable[[Sequence[str]], str | None] = _answers
    loads: Callable[[str], bool] = _loads
    free: Callable[[Path], int] = free_bytes
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    def python(self) -> Finding:
        """The Python that runs this, and whether it can make environments (Debian ships that apart)."""
        seen = f"{platform.python_version()} at {sys.executable}"
        if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
            return Finding("Python", False, f"{seen}, without venv", self._advice("venv"))
        return Finding("Python", True, seen)

    def disk(self, folder: Path, needed: int = DISK_NEEDED) -> Finding:
        """Free space where this folder is."""
        free = self.free(folder)
        seen = f"{free / GIGABYTE:.1f} GB free for {folder}, {needed / GIGABYTE:.0f} GB needed"
        return Finding("Disk", free >= needed, seen, "Free some space there, then run the same command again.")

    def compiler(self) -> Finding:
        """A C++ compiler that runs; llama.cpp is built with it."""
        seen = self._compiler()
        if seen:
            return Finding("C++ compiler", True, seen)
        return Finding(
            "C++ compiler",
            False,
            "none found; it is needed once, to build llama.cpp for this computer",
            self._advice("compiler"),
        )

    def cmake(self) -> Finding:
        """CMake: the system's, or the one that pip brings for the build."""
        path = self.which("cmake")
        version = self.answers([path, "--version"]) if path else None
        if version:
            return Finding("CMake", True, version.splitlines()[0])
        return Finding("CMake", True, "not installed; pip brings it for the build")

    def qt_libraries(self) -> Finding:
        """The system libraries without which Qt cannot open a window (Linux only; elsewhere Qt brings all)."""
        if not self.platform.startswith("linux"):
            return Finding("Qt's libraries", True, "come with Qt on this system")
        wanted = QT_ITSELF + (QT_ON_X11 if self._x11() else ())
        missing = [name for name in wanted if not self.loads(name)]
        if not missing:
            return Finding("Qt's libraries", True, f"all {len(wanted)} found")
        return Finding("Qt's libraries", False, f"missing: {', '.join(missing)}", self._advice(*missing))

    def _x11(self) -> bool:
        """Whether a window may be opened on X11: not when the person has chosen another of Qt's platforms."""
        return self.environment.get("QT_QPA_PLATFORM", "").split(":")[0] in ("", "xcb")

    def _compiler(self) -> str | None:
        if self.platform == "win32":
            return self._visual_studio()
        if self.platform == "darwin" and self.answers(["xcode-select", "-p"]) is None:
            # Without the command line tools /usr/bin/c++ is a stub that opens a dialog when it is run.
            return None
        named = self.environment.get("CXX", "").split()[:1]
        for name in (*named, *COMPILERS):
            path = self.which(name)
            version = self.answers([path, "--version"]) if path else None
            if version:
                return version.splitlines()[0]
        return None

    def _visual_studio(self) -> str | None:
        base = self.environment.get("ProgramFiles(x86)", r"C:\Program Files (x86)")
        tools = "Microsoft.VisualStudio.Component.VC.Tools.x86.x64"
        where = base + r"\Microsoft Visual Studio\Installer\vswhere.exe"
        found = self.answers([where, "-latest", "-products", "*", "-requires", tools, "-property", "installationPath"])
        if found:
            return found.splitlines()[0]
        return self.which("cl")

    def _advice(self, *wanted: str) -> str:
        if "venv" in wanted and not self.platform.startswith("linux"):
            return "Install Python from python.org, which has it."
        return how_to_install(wanted, self.platform, self.which)
