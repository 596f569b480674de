"""The machine that figures were taken on: enough to judge them by, and nothing that names it."""

from __future__ import annotations

import os
import platform
import sys

import psutil


def description() -> str:
    """Cores, memory, operating system and Python."""
    cores, memory = os.cpu_count() or 1, psutil.virtual_memory().total / 2**30
    return f"{cores} cores, {memory:.0f} GB of memory, {_system()}, Python {platform.python_version()}"


def load() -> float:
    """How many programs wanted the processor in the last minute, on average."""
    return psutil.getloadavg()[0]


def most_held() -> int:
    """The most memory this process ever held, in bytes."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return f"{platform.system()} {platform.release()}"
