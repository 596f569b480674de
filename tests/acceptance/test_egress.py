"""Nothing leaves the process but what the ledger shows: the real program, watched by strace from outside.

The guard inside the process sees Python alone; strace sees every connection and datagram of every thread and child,
those of Qt, gRPC and llama.cpp too. Only sockets of this computer may appear, and the one port that GitHub has here.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from galaxy_desktop.domain.traffic import HostTraffic
from galaxy_desktop.paths import DataFolder, models_folder
from galaxy_desktop.store.database import Store
from tests.acceptance.conftest import REPOSITORIES, ROOT, TRACK, StandIn, environment, stand_in_at
from tests.desktop.conftest import App

STRACE = shutil.which("strace")
CALLS = "connect,sendto,sendmsg,sendmmsg"
TELLING = """
import logging, os, sys
teller = logging.StreamHandler(sys.stdout)
teller.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
logging.getLogger("galaxy_desktop").addHandler(teller)
print("process", os.getpid(), flush=True)
from galaxy_desktop.cli import main
sys.exit(main())
"""
HELD_BACK = ("ANONYMIZED_TELEMETRY", "HF_HUB_OFFLINE", "TOKENIZERS_PARALLELISM", "DISPLAY", "WAYLAND_DISPLAY")
"""What the test run sets for itself: the program must be silent without it."""

pytestmark = pytest.mark.skipif(STRACE is None, reason="needs strace")

_FAMILY = re.compile(r"sa_family=(AF_\w+)")
_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
_SOCKET = re.compile(r"^\d+ +\w+\(\d+<([A-Z0-9_-]+):\[([^\]]*)\]")


def leaving(trace: str, port: int | None) -> list[str]:
    """The traced calls that go anywhere but to this computer's own sockets and this port of it."""
    return [
        line
        for line in trace.splitlines()
        if re.match(rf"^\d+ +({CALLS.replace(',', '|')})\(", line) and not _stays(line, port)
    ]


def _stays(line: str, port: int | None) -> bool:
    if family := _FAMILY.search(line):
        if family[1] in ("AF_UNIX", "AF_NETLINK"):
            return True
        address, to = _ADDRESS.search(line), _PORT.search(line)
        local = address is not None and (address[1] == "127.0.0.1" or address[2] == "::1")
        return local and to is not None and port is not None and int(to[1]) == port
    socket = _SOCKET.match(line)
    if socket is None:
        return False
    far = socket[2].rpartition("->")[2]
    return socket[1].startswith(("UNIX", "NETLINK")) or (port is not None and far == f"127.0.0.1:{port}")


SAMPLES = [
    ('1 connect(3<UNIX-STREAM:[5]>, {sa_family=AF_UNIX, sun_path="/run/bus"}, 110) = 0', True),
    ('1 connect(3<TCP:[5]>, {sa_family=AF_INET, sin_port=htons(4040), sin_addr=inet_addr("127.0.0.1")}, 16) = 0', True),
    (
        '1 connect(3<TCP:[5]>, {sa_family=AF_INET, sin_port=htons(4041), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
        False,
    ),
    (
        '1 connect(3<TCP:[5]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1',
        False,
    ),
    (
        '1 sendto(3<UDP:[5]>, "q", 1, 0, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = 1',
        False,
    ),
    (
        '1 connect(3<TCPv6:[5]>, {sa_family=AF_INET6, sin6_port=htons(443), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr)}, 28)',
        False,
    ),
    ('1 sendto(3<TCP:[127.0.0.1:51>127.0.0.1:4040]>, "GET", 3, 0, NULL, 0) = 3'.replace("51>", "51->"), True),
    ('1 sendto(3<TCP:[10.0.0.2:51->192.0.2.1:443]>, "GET", 3, 0, NULL, 0) = 3', False),
    ('1 sendto(3<UNIX-STREAM:[7->8]>, "x", 1, 0, NULL, 0) = 1', True),
    ("1 sendmsg(3<socket:[5]>, {msg_name=NULL}, 0) = 1", False),
    ("1 +++ exited with 0 +++", True),
]


@pytest.mark.parametrize(("line", "stays"), SAMPLES, ids=[line[2:60] for line, _ in SAMPLES])
def test_the_reader_of_traces_tells_home_from_away(line: str, stays: bool) -> None:
    assert (leaving(line, 4040) == []) is stays


def watching(trace: Path, *words: str) -> list[str]:
    """The command line of the program under strace, telling its log on stdout."""
    assert STRACE is not None
    strace = [STRACE, "-f", "--seccomp-bpf", "-qq", "-yy", "-s", "80", "-e", f"trace={CALLS}", "-o", str(trace)]
    return [*strace, sys.executable, "-c", TELLING, *words]


def surroundings(folder: Path, github: str) -> dict[str, str]:
    """The environment of somebody who set nothing but where GitHub is."""
    kept = {k: v for k, v in environment(github).items() if k not in HELD_BACK and not k.lower().endswith("_proxy")}
    return {**kept, "GALAXY_DATA_DIR": str(folder / "data"), "GALAXY_MODELS_DIR": str(models_folder())}


@contextmanager
def opened(folder: Path, github: str, *words: str) -> Iterator[App]:
    """The real app without a screen, ended by a signal as a session's end would."""
    process = subprocess.Popen(
        watching(folder / "trace", *words), env=surroundings(folder, github), cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    app = App(process)
    child = int(app.wait_for("process").split()[1])
    try:
        yield app
    finally:
        if process.poll() is None:
            os.kill(child, signal.SIGTERM)
        rest, _ = process.communicate(timeout=120)
        app.lines += rest.splitlines()


def ledger(folder: Path) -> tuple[HostTraffic, ...]:
    """The ledger of hosts of the profile main."""
    with Store.open(DataFolder(folder / "data" / "main")) as store:
        return store.traffic()


def has_weights() -> bool:
    """Whether the small weights are here, so that the index and the model work too."""
    return (models_folder() / "smollm2-135m-instruct").is_dir()


TRIES = """
import socket
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for call in (lambda: socket.create_connection(("192.0.2.1", 9), 0.01), lambda: udp.sendto(b"x", ("192.0.2.1", 9))):
    try:
        call()
    except OSError:
        pass
"""
GUARDED = "from galaxy_desktop.services.egress_guard import install; install()"


@pytest.mark.parametrize(("before", "seen"), [("", 2), (GUARDED, 0)], ids=["plain", "guarded"])
def test_strace_sees_what_leaves_and_nothing_of_what_the_guard_refuses(before: str, seen: int, tmp_path: Path) -> None:
    command = watching(tmp_path / "trace")
    command[-1] = before + TRIES
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    assert len(leaving((tmp_path / "trace").read_text(), None)) == seen


def test_a_demo_in_the_window_talks_to_nobody(tmp_path: Path) -> None:
    with opened(tmp_path, "http://127.0.0.1:9", "--demo", "slipping") as app:
        app.wait_for("Started demo: slipping")
        app.wait_for("Prose for sprint-" if has_weights() else "Evaluated")
    assert app.process.returncode == 0, app.lines[-5:]
    assert [line for line in app.lines if "was refused" in line] == []
    assert leaving((tmp_path / "trace").read_text(), None) == []


def test_a_sync_in_the_window_talks_to_github_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data" / "main").make()
    with Store.open(folder) as store:
        for name in REPOSITORIES:
            store.track(name).result()
    with stand_in_at("2026-05-01T12:00:00Z") as github, opened(tmp_path, github.base) as app:
        app.wait_for("Evaluated")
        asked = len(github.asked())
    assert app.process.returncode == 0, app.lines[-5:]
    assert leaving((tmp_path / "trace").read_text(), port_of(github)) == []
    (row,) = ledger(tmp_path)
    assert (row.host, row.purpose, row.denied) == ("127.0.0.1", "GitHub API", 0)
    assert row.connections >= asked > 0


@pytest.mark.parametrize("words", [("sync", *TRACK), ("analyze", *TRACK), ("doctor", "--json")], ids=lambda w: w[0])
def test_a_command_talks_to_github_alone(words: tuple[str, ...], tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    with stand_in_at("2026-05-01T12:00:00Z") as github:
        done = subprocess.run(
            watching(trace, *words), env=surroundings(tmp_path, github.base), cwd=ROOT, text=True, capture_output=True,
            check=False, timeout=500,
        )  # fmt: skip
        asked = len(github.asked())
    assert done.returncode in (0, 1), done.stderr[-2000:]
    assert asked > 0
    assert leaving(trace.read_text(), port_of(github)) == []
    assert "was refused" not in done.stdout


def test_a_network_that_was_switched_off_is_silent_and_the_command_says_so(tmp_path: Path) -> None:
    with Store.open(DataFolder(tmp_path / "data" / "main").make()) as store:
        store.set_setting("network", "false", "user", datetime(2026, 5, 1, tzinfo=UTC)).result()
    with stand_in_at("2026-05-01T12:00:00Z") as github:
        done = subprocess.run(
            watching(tmp_path / "trace", "sync", *TRACK), env=surroundings(tmp_path, github.base), cwd=ROOT, text=True,
            capture_output=True, check=False, timeout=120,
        )  # fmt: skip
        assert github.asked() == []
    assert (done.returncode, "switched off" in done.stderr) == (4, True)
    assert leaving((tmp_path / "trace").read_text(), None) == []
    assert [(row.host, row.connections) for row in ledger(tmp_path)] == [("127.0.0.1", 0)]


def port_of(github: StandIn) -> int:
    """The port that GitHub has here."""
    return int(github.base.rpartition(":")[2])
