"""The four words a person can type after `python3 installer`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from installer import places
from installer.errors import SetupError
from installer.machine import Machine
from installer.screen import Screen
from installer.setup import Setup
from installer.suite import run_suite

USAGE = """python3 installer run      set up what is missing, then open Galaxy Desktop (more words go to the program)
python3 installer test     set up what is missing, then run the tests (more words go to pytest)
python3 installer setup    set up what is missing
python3 installer doctor   say what this computer has and lacks; changes nothing"""

INTERRUPTED = 130


def main(words: Sequence[str]) -> int:
    """Run one command; the exit code. Failures are sentences on stderr."""
    name, rest = (words[0], list(words[1:])) if words else ("", [])
    if name in ("-h", "--help", "help"):
        print(USAGE)
        return 0
    command = COMMANDS.get(name)
    if command is None or (rest and name in ("setup", "doctor")):
        sys.stderr.write(USAGE + "\n")
        return 2
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, _stop)
    try:
        return command(rest)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. Run the same command again: it goes on where it stopped.\n")
        return INTERRUPTED
    except OSError as error:
        sys.stderr.write(f"Set-up cannot go on: {error}. Put that right, then run the same command again.\n")
        return 1


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """Being told to end is the same as Ctrl-C: what was started has to end too."""
    raise KeyboardInterrupt


def _setup(extra: str = "", *, thorough: bool = False) -> Setup:
    return Setup(places.find(), Machine(), Screen(sys.stdout), extra, thorough=thorough)


def _run_setup(_rest: list[str]) -> int:
    if not _setup(thorough=True).run():
        print("Nothing to do: Galaxy Desktop is set up. Start it with: python3 installer run")
    return 0


def _run(rest: list[str]) -> int:
    _setup().run()
    return _become([str(places.find().program), *rest])


def _test(rest: list[str]) -> int:
    _setup("test").run()
    found = places.find()
    os.chdir(found.root)
    if not rest:
        return run_suite(str(found.python))
    return _become([str(found.python), "-m", "pytest", *rest])


def _doctor(_rest: list[str]) -> int:
    findings = _setup().findings()
    for finding in findings:
        print(f"{'ok     ' if finding.good else 'MISSING'} {finding.name}: {finding.seen}")
        if not finding.good:
            print(f"        {finding.advice}")
    missing = sum(not finding.good for finding in findings)
    print("Everything is here." if not missing else f"{missing} of {len(findings)} checks need you.")
    return 1 if missing else 0


def _become(command: list[str]) -> int:
    """Hand over to a program; where the system can, it takes our place, so signals and exit codes are its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606 - the program is ours and no shell is wanted
    return subprocess.run(command, check=False).returncode


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": _run,
    "test": _test,
    "setup": _run_setup,
    "doctor": _doctor,
}
