"""A whole desktop without a screen: X server, window manager, tray and session bus."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

TOOLS = ("Xvfb", "openbox", "trayer", "scrot", "xdotool", "dbus-run-session")
WIDTH, HEIGHT = 1440, 900
BALLOON = 0xFFFFFFE1
"""The color of Qt's own balloon."""
PATIENCE_S = 60.0
"""How long something on the screen may take on a computer that is busy with other things."""
NOTHING_DUE = "No alert is due"
"""What the program logs when it has looked for an alert to show and found none."""
SESSION = """
echo $DBUS_SESSION_BUS_ADDRESS
openbox >/dev/null 2>&1 &
trayer --edge bottom --align right --widthtype request --height 28 >/dev/null 2>&1 &
wait
"""


@dataclass
class App:
    """The program under test, and the lines that it told."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def wait_for(self, text: str) -> str:
        """Read what the program tells until a line has this text."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if text in line:
                return line
            if line.startswith(("ERROR", "CRITICAL")):  # then it may never come, and the program shows it and goes on
                self.stop(signal.SIGKILL)
                break
        raise AssertionError(f"ended without saying {text!r}: {self.lines[-15:]}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask the program to stop, read its last lines, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        self.lines += rest.splitlines()
        return self.process.returncode

    @property
    def troubles(self) -> list[str]:
        """Warnings, errors and tracebacks among the lines."""
        marks = ("WARNING", "ERROR", "CRITICAL", "Traceback", "QObject::", "Task was destroyed")
        return [line for line in self.lines if line.startswith(marks)]


@dataclass
class Desk:
    """The desktop: where programs are started, looked at and clicked."""

    environment: dict[str, str]
    folder: Path
    apps: list[App] = field(default_factory=list)

    def start(self, *arguments: str) -> App:
        """Start the program with its data in the desk's folder."""
        stage = Path(__file__).with_name("stage.py")
        process = subprocess.Popen(
            [sys.executable, str(stage), *arguments],
            env={**self.environment, "GALAXY_DATA_DIR": str(self.folder / "data")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        app = App(process)
        self.apps.append(app)
        return app

    def tool(self, *command: str) -> str:
        """Run a tool of the desktop; "" when it found nothing."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=30)
        return done.stdout.strip()

    def windows(self) -> list[str]:
        """The visible windows of the program."""
        return self.tool("xdotool", "search", "--onlyvisible", "--name", "^Galaxy Desktop$").split()

    def window(self) -> str:
        """The one visible window of the program, as soon as the window manager has put it into its frame.

        To frame a window the manager hides it for a moment, so that one sighting does not mean that it stays.
        """
        seen: list[str] = []

        def framed() -> bool:
            seen[:] = self.windows()
            if len(seen) != 1:
                return False
            self.tool("xdotool", "windowactivate", seen[0])
            return self.tool("xdotool", "getactivewindow") == seen[0]

        self.until(framed)
        return seen[0]

    def picture(self, name: str) -> QImage:
        """What the screen shows now."""
        file = self.folder / name
        self.tool("scrot", "-o", str(file))
        return QImage(str(file))

    def until(self, holds: Callable[[], bool]) -> None:
        """Look again and again until something holds: what happens on a screen tells nobody."""
        assert self.happens(holds, PATIENCE_S), "it never held"

    def happens(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Whether something holds within so many seconds."""
        waiting = ["timeout", str(seconds), "sh", "-c", "while read line; do echo $line; sleep 0.1; done"]
        popen = subprocess.Popen(waiting, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        with suppress(BrokenPipeError), popen as clock:
            assert clock.stdin is not None
            assert clock.stdout is not None
            try:
                while not holds():
                    clock.stdin.write("tick\n")
                    clock.stdin.flush()
                    if not clock.stdout.readline():
                        return False
                return True
            finally:
                clock.kill()
        return False


def balloon_points(picture: QImage) -> list[tuple[int, int]]:
    """Where the picture has the color of a balloon."""
    return [
        (x, y)
        for x in range(0, picture.width(), 4)
        for y in range(0, picture.height(), 4)
        if picture.pixel(x, y) == BALLOON
    ]


def _missing() -> list[str]:
    return [tool for tool in TOOLS if shutil.which(tool) is None]


@pytest.fixture(scope="session")
def session() -> Iterator[dict[str, str]]:
    """The environment of a running desktop."""
    if missing := _missing():
        pytest.skip(f"a real desktop needs {', '.join(missing)}")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    environment = {**os.environ, "DISPLAY": f":{server.stdout.readline().strip()}", "QT_QPA_PLATFORM": "xcb"}
    bus = subprocess.Popen(
        ["dbus-run-session", "--", "sh", "-c", SESSION],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert bus.stdout is not None
    environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
    yield environment
    os.killpg(bus.pid, signal.SIGTERM)
    server.terminate()
    for process in (bus, server):
        process.wait(timeout=20)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def desk(session: dict[str, str], tmp_path: Path) -> Iterator[Desk]:
    """A desktop with an empty data folder; whatever was started is stopped at the end."""
    made = Desk(session, tmp_path)
    made.until(lambda: bool(made.tool("xdotool", "search", "--class", "trayer")))
    yield made
    for app in made.apps:
        if app.process.poll() is None:
            app.stop(signal.SIGKILL)
        elif app.process.stdout is not None:
            app.process.stdout.close()
