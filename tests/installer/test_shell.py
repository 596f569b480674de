"""Programs run with their output in the log, and end with all they started."""

from __future__ import annotations

import io
import os
import select
import sys
from pathlib import Path

import pytest

from installer.screen import Screen, spell
from installer.shell import KEPT_LOGS, CommandFailedError, Shell, new_log
from installer.stamps import Stamps, digest


def test_output_is_returned_and_logged(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "logs" / "x.log")
    assert shell.run([sys.executable, "-c", "print('hello')"]).strip() == "hello"
    assert "hello" in shell.log.read_text()


def test_a_program_that_says_no_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError) as failed:
        Shell(tmp_path / "x.log").run([sys.executable, "-c", "raise SystemExit('ERROR: no')"])
    assert "ERROR: no" in failed.value.tail


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="ended with -1"):
        Shell(tmp_path / "x.log").run([str(tmp_path / "nothing")])


def test_what_a_program_is_told_in_its_environment_reaches_it(tmp_path: Path) -> None:
    script = "import os; print(os.environ['GALAXY_WORD'])"
    assert Shell(tmp_path / "x.log").run([sys.executable, "-c", script], {"GALAXY_WORD": "yes"}).strip() == "yes"


def test_programs_have_no_standard_input(tmp_path: Path) -> None:
    assert Shell(tmp_path / "x.log").run([sys.executable, "-c", "print(repr(input.__name__)); open(0).read()"])


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the end of somebody else's process is told on Linux only")
def test_an_interrupt_ends_the_program_and_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    child = f"import os,time; open({str(pids)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"

    def interrupt() -> None:
        if pids.exists() and pids.read_text():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Shell(tmp_path / "x.log", interrupt).run([sys.executable, "-c", script])
    assert _gone(int(pids.read_text()))


def _gone(pid: int) -> bool:
    """Whether a process ends: the signal is on its way when the program returns, so its end is waited for."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ended, _, _ = select.select([handle], [], [], 20)
    finally:
        os.close(handle)
    return bool(ended)


def test_only_the_newest_logs_are_kept(tmp_path: Path) -> None:
    for number in range(15):
        (tmp_path / f"setup-2026010{number:02d}.log").touch()
    new_log(tmp_path).touch()
    assert len(list(tmp_path.glob("setup-*.log"))) == KEPT_LOGS


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.9, "59 s"), (60, "1:00"), (425, "7:05")])
def test_durations_are_written_as_a_person_would(seconds: float, text: str) -> None:
    assert spell(seconds) == text


def test_a_step_shows_its_time_when_it_ends_and_once_a_minute_before() -> None:
    out, times = io.StringIO(), iter([0, 0, 30, 70, 100, 425])
    screen = Screen(out, clock=lambda: next(times))
    with screen.step("Build", "It takes long"):
        for _ in range(3):
            screen.tick()
    assert out.getvalue().splitlines() == [
        "Build. It takes long",
        "      still working, 1:10 so far",
        "      done in 7:05",
    ]


def test_on_a_terminal_the_time_ticks_in_place() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out, times = Terminal(), iter([0, 0, 5, 6])
    screen = Screen(out, clock=lambda: next(times))
    with screen.step("Build"):
        screen.tick()
    assert "\rBuild: 5 s" in out.getvalue()


def test_a_step_that_fails_says_after_how_long() -> None:
    out = io.StringIO()
    with pytest.raises(ValueError, match="no"), Screen(out, clock=lambda: 0).step("Build"):
        raise ValueError("no")
    assert "stopped after 0 s" in out.getvalue()


def test_a_stamp_fits_only_the_input_it_was_made_for(tmp_path: Path) -> None:
    Stamps(tmp_path / "s.json").mark("packages", digest("a"))
    again = Stamps(tmp_path / "s.json")
    assert again.fits("packages", digest("a"))
    assert not again.fits("packages", digest("b"))


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_stamps_that_cannot_be_read_mean_nothing_was_done(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.json").write_text(text)
    assert not Stamps(tmp_path / "s.json").fits("packages", digest("a"))
