"""Runs other programs with their output in the log file, and ends them with all their children when we stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from installer.errors import SetupError

KEPT_LOGS = 10
TAIL_BYTES = 20_000


class CommandFailedError(SetupError):
    """A program said no; `tail` is the end of what it printed."""

    def __init__(self, command: Sequence[str], code: int, tail: str) -> None:
        """Keep the end of the output: the caller turns it into a sentence."""
        super().__init__(f"{' '.join(command[:4])} ended with {code}")
        self.tail = tail


def new_log(folder: Path, now: float | None = None) -> Path:
    """A log file of this run; only the newest few are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("setup-*.log"))[: -KEPT_LOGS + 1]:
        old.unlink(missing_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    return folder / f"setup-{stamp}.log"


class Shell:
    """Runs programs one after the other; `tick` is called twice a second while one runs."""

    def __init__(self, log: Path, tick: Callable[[], None] = lambda: None) -> None:
        """Everything printed goes to `log`, added at its end."""
        self.log = log
        self._tick = tick

    def run(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
        """Run to the end and return what it printed; `CommandFailedError` when it says no."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            out.write(f"\n$ {' '.join(command)}\n".encode())
            out.flush()
            begin = out.tell()
            try:
                code = self._wait(self._start(command, out.fileno(), environment))
            except OSError as error:
                raise CommandFailedError(command, -1, f"{command[0]}: {error.strerror}") from error
        printed = self._since(begin)
        if code != 0:
            raise CommandFailedError(command, code, printed[-TAIL_BYTES:])
        return printed

    def _start(self, command: Sequence[str], out: int, more: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **(more or {})}
        # A group of its own, so that an interrupted build takes its compilers with it.
        if sys.platform == "win32":
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environment,
                creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
            )
        else:  # noqa: RET505 - a type checker for Windows must not see this branch
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, start_new_session=True
            )

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        try:
            while True:
                try:
                    return process.wait(timeout=0.5)
                except subprocess.TimeoutExpired:
                    self._tick()
        except BaseException:
            _end(process)
            raise

    def _since(self, begin: int) -> str:
        with self.log.open("rb") as file:
            file.seek(begin)
            return file.read().decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and everything it started."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        process.wait()
    else:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
