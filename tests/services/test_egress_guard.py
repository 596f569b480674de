"""What did not pass the gate does not leave the process: judged event by event, and in a watched process."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from galaxy_desktop.services.egress_guard import ANNOUNCED_S, Guard, UnannouncedConnectionError, is_local
from tests.collect.web_server import Page, serving

ROOT = Path(__file__).resolve().parents[2]
INET, INET6 = SimpleNamespace(family=socket.AF_INET), SimpleNamespace(family=socket.AF_INET6)
UNIX = SimpleNamespace(family=socket.AF_UNIX)
FAR, FAR6 = "192.0.2.1", "2001:db8::1"


@pytest.fixture(autouse=True)
def _warnings_are_expected(caplog: pytest.LogCaptureFixture) -> None:
    """Every refusal is a warning in the log."""


@pytest.fixture
def guard() -> Guard:
    """A guard over a network that is switched on."""
    made = Guard()
    made.attach(lambda host: None, on=True)
    return made


def lets(guard: Guard, event: str, *args: object) -> bool:
    """Whether the guard lets this event happen."""
    try:
        guard.look(event, args)
    except UnannouncedConnectionError:
        return False
    return True


@pytest.mark.parametrize("on", [True, False], ids=["on", "off"])
@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("socket.connect", (INET, ("127.0.0.1", 80))),
        ("socket.connect", (INET, ("127.8.9.10", 80))),
        ("socket.connect", (INET, ("localhost", 80))),
        ("socket.connect", (INET, ("0.0.0.0", 80))),  # noqa: S104 - it means this computer
        ("socket.connect", (INET6, ("::1", 80, 0, 0))),
        ("socket.connect", (INET6, ("::ffff:127.0.0.1", 80, 0, 0))),
        ("socket.connect", (UNIX, "/run/user/1000/bus")),
        ("socket.connect", (UNIX, b"\0abstract")),
        ("socket.sendto", (INET, ("127.0.0.1", 53))),
        ("socket.sendmsg", (INET, None)),
        ("socket.getaddrinfo", ("localhost", 80, 0, 0, 0)),
        ("socket.getaddrinfo", (None, 80, 0, 0, 0)),
        ("socket.getaddrinfo", (FAR, 80, 0, 0, 0)),
        ("socket.gethostbyaddr", ("127.0.0.1",)),
        ("socket.getnameinfo", (("::1", 80, 0, 0),)),
    ],
)
def test_this_computer_may_always_be_talked_to(event: str, args: tuple[object, ...], on: bool) -> None:
    guard = Guard()
    guard.attach(lambda host: None, on=on)
    assert lets(guard, event, *args)


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("socket.connect", (INET, (FAR, 443))),
        ("socket.connect", (INET, ("api.github.com", 443))),
        ("socket.connect", (INET6, (FAR6, 443, 0, 0))),
        ("socket.connect", (INET6, ("fe80::1%eth0", 443, 0, 2))),
        ("socket.connect", (INET6, (f"::ffff:{FAR}", 443, 0, 0))),
        ("socket.sendto", (INET, (FAR, 53))),
        ("socket.sendmsg", (INET, ("255.255.255.255", 9))),
        ("socket.getaddrinfo", ("telemetry.example", 443, 0, 0, 0)),
        ("socket.getaddrinfo", (b"telemetry.example", 443, 0, 0, 0)),
        ("socket.gethostbyname", ("telemetry.example",)),
        ("socket.gethostbyaddr", (FAR,)),
        ("socket.connect", (SimpleNamespace(family=40), (2, 1234))),
    ],
)
def test_what_was_not_announced_is_refused(guard: Guard, event: str, args: tuple[object, ...]) -> None:
    guard.announce("github.example", 443)
    assert not lets(guard, event, *args)


def test_an_announced_host_may_be_looked_up_and_talked_to_at_its_addresses_and_port(guard: Guard) -> None:
    guard.announce("API.GitHub.example.", 443)
    assert lets(guard, "socket.getaddrinfo", "api.github.example", 443, 0, 0, 0)
    guard.learn("api.github.example", [FAR, FAR6])
    assert lets(guard, "socket.connect", INET, (FAR, 443))
    assert lets(guard, "socket.connect", INET6, (FAR6, 443, 0, 0))
    assert lets(guard, "socket.connect", INET6, (f"::ffff:{FAR}", 443, 0, 0))
    assert not lets(guard, "socket.connect", INET, (FAR, 25))
    assert not lets(guard, "socket.connect", INET, ("192.0.2.2", 443))


def test_addresses_of_a_host_that_was_not_announced_are_not_learned(guard: Guard) -> None:
    guard.announce("github.example", 443)
    guard.learn("telemetry.example", [FAR])
    assert not lets(guard, "socket.connect", INET, (FAR, 443))


def test_switched_off_nothing_announced_leaves_and_it_must_be_announced_anew(guard: Guard) -> None:
    guard.announce(FAR, 443)
    guard.switch(on=False)
    assert not lets(guard, "socket.connect", INET, (FAR, 443))
    guard.switch(on=True)
    assert not lets(guard, "socket.connect", INET, (FAR, 443))
    guard.announce(FAR, 443)
    assert lets(guard, "socket.connect", INET, (FAR, 443))


def test_what_is_announced_while_it_is_off_does_not_leave_either(guard: Guard) -> None:
    guard.switch(on=False)
    guard.announce(FAR, 443)
    assert not lets(guard, "socket.connect", INET, (FAR, 443))


@pytest.mark.parametrize("proxy", [FAR, "127.0.0.1"], ids=["far", "on this computer"])
def test_a_proxy_is_a_way_out_only_for_a_thread_that_announced_something_just_now(proxy: str) -> None:
    seconds = [0.0]
    guard = Guard(lambda: seconds[0])
    guard.attach(lambda host: None, on=True, proxies=[(proxy, 3128)])
    assert not lets(guard, "socket.connect", INET, (proxy, 3128))
    guard.announce("api.github.com", 443)
    assert lets(guard, "socket.connect", INET, (proxy, 3128))
    found: list[bool] = []
    other = threading.Thread(target=lambda: found.append(lets(guard, "socket.connect", INET, (proxy, 3128))))
    other.start()
    other.join()
    assert found == [False]
    seconds[0] += ANNOUNCED_S + 1
    assert not lets(guard, "socket.connect", INET, (proxy, 3128))
    guard.announce("api.github.com", 443)
    guard.switch(on=False)
    assert not lets(guard, "socket.connect", INET, (proxy, 3128))


def test_a_proxy_with_a_name_is_looked_up_and_its_addresses_are_learned() -> None:
    guard = Guard()
    guard.attach(lambda host: None, on=True, proxies=[("Proxy.example", 3128)])
    assert not lets(guard, "socket.getaddrinfo", "proxy.example", 3128, 0, 0, 0)
    guard.announce("api.github.com", 443)
    assert lets(guard, "socket.getaddrinfo", "proxy.example", 3128, 0, 0, 0)
    guard.learn("proxy.example", [FAR])
    assert lets(guard, "socket.connect", INET, (FAR, 3128))


def test_another_server_on_this_computer_is_no_proxy() -> None:
    guard = Guard()
    guard.attach(lambda host: None, on=False, proxies=[("127.0.0.1", 3128)])
    assert lets(guard, "socket.connect", INET, ("127.0.0.1", 5432))
    assert not lets(guard, "socket.connect", INET6, ("::1", 3128, 0, 0))


def test_refusals_are_heard_also_those_before_anybody_listened() -> None:
    guard, heard = Guard(), list[str]()
    assert not lets(guard, "socket.connect", INET, (FAR, 443))
    guard.attach(heard.append, on=True)
    assert not lets(guard, "socket.getaddrinfo", "telemetry.example", 443, 0, 0, 0)
    assert heard == [FAR, "telemetry.example"]


def test_a_ledger_that_was_replaced_takes_nothing_with_it_when_it_leaves(guard: Guard) -> None:
    first, second = list[str](), list[str]()
    hear_first, hear_second = first.append, second.append
    guard.attach(hear_first, on=True)
    guard.attach(hear_second, on=True)
    guard.announce(FAR, 443)
    guard.detach(hear_first)
    assert lets(guard, "socket.connect", INET, (FAR, 443))
    guard.detach(hear_second)
    assert not lets(guard, "socket.connect", INET, (FAR, 443))
    assert (first, second) == ([], [])


def test_one_host_is_logged_once(guard: Guard, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        lets(guard, "socket.connect", INET, (FAR, 443))
    assert [record.getMessage() for record in caplog.records] == [
        f"A connection to {FAR} was refused: it did not pass the gate of the network"
    ]


def test_names_that_only_look_local_are_not() -> None:
    assert [
        name for name in ("localhost.example", "127.0.0.1.example", "10.0.0.1", "localhost-x") if is_local(name)
    ] == []


WATCHED = """
import asyncio, socket, sys, threading, urllib.request
from datetime import UTC, datetime
from galaxy_desktop.services import egress_guard
from galaxy_desktop.services.egress import Egress

guard = egress_guard.install()
assert egress_guard.install() is guard
egress = Egress(lambda: datetime.now(UTC), guard=guard)
# A stand-in for the resolver: it answers without a network, as the real one would with one.
names = {"github.example": "192.0.2.1", "telemetry.example": "192.0.2.2"}

def tries(call):
    try:
        call()
    except egress_guard.UnannouncedConnectionError:
        return "refused"
    except OSError as error:
        return type(error).__name__
    return "went"
"""


def watched(script: str) -> list[str]:
    """The lines that a script prints in a process of its own, which is watched for good."""
    code = WATCHED + textwrap.dedent(script)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


def test_a_watched_process_refuses_what_libraries_try() -> None:
    said = watched("""
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        six = socket.socket(socket.AF_INET6, socket.SOCK_STREAM) if socket.has_ipv6 else udp
        print(tries(lambda: socket.create_connection(("192.0.2.1", 443), 1)))
        print(tries(lambda: socket.getaddrinfo("telemetry.example", 443)))
        print(tries(lambda: socket.gethostbyname("telemetry.example")))
        print(tries(lambda: udp.sendto(b"x", ("192.0.2.1", 53))))
        print(tries(lambda: udp.connect(("192.0.2.1", 53))))
        print(tries(lambda: six.connect_ex(("2001:db8::1", 443))))
        async def open_one():
            await asyncio.open_connection("192.0.2.1", 443)
        print(tries(lambda: asyncio.run(open_one())))
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open("http://telemetry.example/", timeout=1)
        except OSError as error:
            print(type(error.reason).__name__)
        udp.close(), six.close()
        print(sorted((row.host, row.purpose) for row in egress.hosts()))
        """)
    assert said[:7] == ["refused"] * 7
    assert said[7] == "UnannouncedConnectionError"
    assert said[8] == str([(host, "not announced") for host in ("192.0.2.1", "2001:db8::1", "telemetry.example")])


def test_a_watched_process_talks_to_itself_and_to_what_passed_the_gate() -> None:
    said = watched("""
        server = socket.create_server(("127.0.0.1", 0))
        port = server.getsockname()[1]
        print(tries(lambda: socket.create_connection(("localhost", port), 5).close()))
        ours, theirs = socket.socketpair()
        ours.close(), theirs.close(), server.close()
        egress.pass_out("192.0.2.1", 443, "GitHub API")
        print(tries(lambda: socket.create_connection(("192.0.2.1", 443), 0.01)) != "refused")
        egress.switch(on=False)
        print(tries(lambda: socket.create_connection(("192.0.2.1", 443), 0.01)))
        """)
    assert said == ["went", "True", "refused"]


def test_a_watched_process_knows_the_addresses_of_an_announced_name() -> None:
    said = watched("""
        real = socket.getaddrinfo
        def resolver(host, port, *more, **named):
            return real(names.get(host, host), port, *more, **named)
        socket.getaddrinfo = resolver
        egress.pass_out("github.example", 443, "GitHub API")
        print(tries(lambda: socket.create_connection(("github.example", 443), 0.01)) != "refused")
        print(tries(lambda: socket.create_connection(("telemetry.example", 443), 0.01)))
        """)
    assert said == ["True", "refused"]


def test_a_watched_process_uses_its_proxy_only_after_passing_the_gate() -> None:
    with serving({"GET http://github.example/user": Page(200, {"login": "ada"})}) as proxy:
        said = watched(f"""
            from galaxy_desktop.collect.raw_http import RawHttp, Route
            proxy = {proxy.url!r}
            egress.use_proxy(proxy)
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({{"http": proxy}}))
            try:
                opener.open("http://telemetry.example/", timeout=5)
            except OSError as error:
                print(type(error.reason).__name__)
            http = RawHttp("http://github.example", "GitHub API", route=Route(gate=egress, proxy=proxy))
            print(http.ask("GET", "/user").status)
            egress.switch(on=False)
            http.close()
            """)
    assert said == ["UnannouncedConnectionError", "200"]
    assert len(proxy.asked) == 1
