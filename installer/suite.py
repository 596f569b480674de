"""Runs the whole suite in three parts: most of it, then whole programs with their servers, then what needs the screen.

Several processes share the files of tests; a file stays in one process, so its fixtures are made once. Tests that start
whole programs and servers take much of the computer each, so two of them run at a time and nothing beside them. Real
windows share one screen and follow by themselves. Three runs close with three lines, so the last line of all is their
sum, in pytest's own words.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

PROGRAMS = ("tests/benchmarks", "tests/acceptance", "tests/contracts")
"""Folders whose tests start whole programs and servers; the longest file first, so that no process ends long before the other."""
SCREEN = ("tests/desktop",)
"""Folders whose tests open windows on one screen."""
MOST_PROCESSES = 4
MOST_PROGRAMS = 2
FOUND_NOTHING = 5
"""pytest's exit code when it has collected no test."""
GOOD = (0, FOUND_NOTHING)
FAILED = 1


def run_suite(python: str) -> int:
    """Run all tests in the current folder with this Python; the exit code of the first part that went wrong, or 0."""
    started = time.monotonic()
    counts: Counter[str] = Counter()
    code = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, words in enumerate(parts(os.cpu_count() or 1)):
            report = Path(folder) / f"{number}.xml"
            ended = _pytest([python, "-m", "pytest", *words, f"--junitxml={report}"])
            code = code or (0 if ended in GOOD else ended)
            counts += counted(report)
            if ended not in (*GOOD, FAILED):
                break  # interrupted, or pytest itself could not go on
    print(f"\n{closing(counts, time.monotonic() - started)}", flush=True)
    return code


def parts(processors: int) -> tuple[tuple[str, ...], ...]:
    """What to say to pytest for each part of the suite, given so many processors."""
    if processors < 2:
        return ((),)
    shared = ("--dist", "loadfile", "--no-loadscope-reorder", "-n")
    rest = ("tests", *(f"--ignore={folder}" for folder in (*PROGRAMS, *SCREEN)))
    return (
        (*shared, str(min(processors, MOST_PROCESSES)), *rest),
        (*shared, str(min(processors, MOST_PROGRAMS)), *PROGRAMS),
        SCREEN,
    )


def counted(report: Path) -> Counter[str]:
    """How many tests passed, failed, broke and were skipped by a report of pytest; nothing where there is none."""
    if not report.is_file():
        return Counter()
    counts: Counter[str] = Counter()
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - pytest wrote it a moment ago
        told = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        counts["failed"] += told["failures"]
        counts["errors"] += told["errors"]
        counts["skipped"] += told["skipped"]
        counts["passed"] += told["tests"] - told["failures"] - told["errors"] - told["skipped"]
    return counts


def closing(counts: Counter[str], seconds: float) -> str:
    """The last line, like "1 failed, 5000 passed, 3 skipped in 480.12s"; passed is always told."""
    told = [f"{counts[name]} {name}" for name in ("failed", "passed", "skipped", "errors") if counts[name] > 0]
    if not counts["passed"]:
        told.insert(0, "0 passed")
    return f"{', '.join(told)} in {seconds:.2f}s"


def _pytest(command: Sequence[str]) -> int:
    """One part of the suite. An interrupt reaches pytest by itself; being told to end is handed on."""
    sys.stdout.flush()
    process = subprocess.Popen(command)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
