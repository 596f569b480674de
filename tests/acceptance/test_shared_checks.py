"""The acceptance checks of the headless contract, as everybody else runs them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.acceptance.conftest import ROOT, SHARED

PROGRAM = ROOT / ".venv" / "bin" / "galaxy-desktop"


@pytest.mark.skipif(not PROGRAM.exists(), reason="the checks drive the program of .venv, which is not set up here")
@pytest.mark.parametrize("check", ["real", "faults", "demo", "style", "commands"])
def test_the_acceptance_check_holds(check: str) -> None:
    words = [sys.executable, str(SHARED / "check" / "acceptance.py"), check]
    done = subprocess.run(words, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.skipif(not PROGRAM.exists(), reason="the checks drive the program of .venv, which is not set up here")
def test_the_real_check_holds_at_another_moment_too() -> None:
    """By then the end of the milestone had been moved."""
    moment = {"CHECK_AT": "2026-06-20T18:30:00Z", "CHECK_DUE": "2026-07-17", "CHECK_STEP_DUE": ""}
    environment = {**os.environ, **moment}
    words = [sys.executable, str(SHARED / "check" / "acceptance.py"), "real"]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
