"""The ledger knows every host, the switch holds for the next request, and no count is lost."""

from __future__ import annotations

import csv
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.github_client import GitHub
from galaxy_desktop.domain.traffic import EgressGate, Exchange, HostTraffic
from galaxy_desktop.errors import GalaxyError, NetworkOffError
from galaxy_desktop.services.egress import BATCH, Egress, added, as_csv, proxies_in_use, way_to
from galaxy_desktop.services.egress_guard import Guard
from tests.collect.web_server import Page, serving

START = datetime(2026, 5, 6, 12, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


class MemoryLedger:
    """Adds rows up as the store does; `broken` makes writing fail."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], HostTraffic] = {}
        self.logged: list[Exchange] = []
        self.writes = 0
        self.broken = False

    def log_exchanges(self, exchanges: Sequence[Exchange]) -> Future[None]:
        done: Future[None] = Future()
        self.logged += exchanges
        done.set_result(None)
        return done

    def add_traffic(self, rows: Sequence[HostTraffic]) -> Future[None]:
        done: Future[None] = Future()
        if self.broken:
            done.set_exception(OSError("disk full"))
            return done
        self.writes += 1
        for row in rows:
            known = self.rows.get((row.host, row.purpose))
            self.rows[row.host, row.purpose] = row if known is None else added(known, row)
        done.set_result(None)
        return done

    def traffic(self) -> tuple[HostTraffic, ...]:
        return tuple(self.rows.values())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_ledger_names_the_proxy_through_which_a_host_was_asked(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    egress = Egress(clock, proxy="http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", "spared.example.com")
    for host in ("api.github.com", "spared.example.com"):
        egress.pass_out(host, 443, "GitHub")
        egress.count(host, "GitHub", 7, 1)
    egress.refused("api.github.com")
    through = "GitHub, through proxy.example.com:3128"
    assert [(one.host, one.purpose, one.connections, one.bytes_in) for one in egress.hosts()] == [
        ("api.github.com", through, 1, 7),
        ("api.github.com", "not announced", 0, 0),
        ("spared.example.com", "GitHub", 1, 7),
    ]
    egress.use_proxy(None)
    egress.pass_out("api.github.com", 443, "GitHub")
    assert "GitHub" in [one.purpose for one in egress.hosts() if one.host == "api.github.com"]


@pytest.mark.parametrize(
    ("variable", "address", "port", "way"),
    [
        ("HTTPS_PROXY", "http://me:secret@corp.example:8080", 443, "corp.example:8080"),
        ("HTTPS_PROXY", "http://corp.example:8080", 80, ""),
        ("HTTP_PROXY", "corp.example:8080", 80, "corp.example:8080"),
        ("ALL_PROXY", "http://corp.example:8080", 443, "corp.example:8080"),
        ("HTTPS_PROXY", "http://[broken", 443, ""),
    ],
)
def test_the_proxy_of_the_environment_is_named_without_its_password(
    variable: str, address: str, port: int, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, address)
    assert way_to("api.github.com", port, None) == way


def test_what_passes_is_counted_by_host_and_purpose(clock: Clock) -> None:
    gate: EgressGate = (egress := Egress(clock))
    gate.pass_out("api.github.com", 443, "GitHub API")
    gate.count("api.github.com", "GitHub API", 1000, 20)
    clock.at += timedelta(seconds=1)
    gate.pass_out("api.github.com", 443, "GitHub API")
    gate.pass_out("github.com", 443, "GitHub sign-in")
    first, second = egress.hosts()
    assert (first.host, first.connections, first.denied, first.bytes_in, first.bytes_out) == (
        "api.github.com", 2, 0, 1000, 20,
    )  # fmt: skip
    assert (first.first_at, first.last_at) == (START, clock.at)
    assert (second.host, second.purpose) == ("github.com", "GitHub sign-in")


def test_a_closed_door_refuses_the_next_request_and_counts_it(clock: Clock) -> None:
    egress = Egress(clock)
    egress.pass_out("api.github.com", 443, "GitHub API")
    egress.switch(on=False)
    with pytest.raises(NetworkOffError, match=r"switched off, so api\.github\.com was not asked"):
        egress.pass_out("api.github.com", 443, "GitHub API")
    egress.switch(on=True)
    egress.pass_out("api.github.com", 443, "GitHub API")
    (row,) = egress.hosts()
    assert (row.connections, row.denied) == (2, 1)


def test_a_stand_in_on_this_computer_is_refused_too_while_the_door_is_closed(clock: Clock) -> None:
    with pytest.raises(NetworkOffError):
        Egress(clock, on=False).pass_out("127.0.0.1", 4040, "GitHub API")


def test_a_connection_that_is_still_open_is_closed_to_the_next_request(clock: Clock) -> None:
    egress = Egress(clock)
    with serving({"GET /user": Page(200, {"login": "ada"}, keep=True)}) as server:
        github = GitHub(server.url, "t", Budget(clock), clock, gate=egress)
        github.get("/user")
        github.get("/user")
        assert server.connections == 1
        egress.switch(on=False)
        with pytest.raises(NetworkOffError):
            github.get("/user")
        github.close()
    assert len(server.asked) == 2
    (row,) = egress.hosts()
    assert (row.connections, row.denied, row.bytes_in) == (2, 1, 2 * len('{"login": "ada"}'))


def test_threads_lose_no_count(clock: Clock) -> None:
    egress = Egress(clock, ledger=(ledger := MemoryLedger()))
    threads = [threading.Thread(target=lambda: [egress.count("h", "p", 1, 1) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    egress.close()
    assert ledger.traffic()[0].bytes_in == 2000


def test_counts_are_written_in_batches_and_read_back_whole(clock: Clock) -> None:
    ledger = MemoryLedger()
    egress = Egress(clock, ledger=ledger)
    for _ in range(50):
        egress.pass_out("api.github.com", 443, "GitHub API")
    assert ledger.writes == 0
    clock.at += BATCH
    egress.pass_out("api.github.com", 443, "GitHub API")
    assert ledger.writes == 1
    egress.count("api.github.com", "GitHub API", 5, 0)
    (row,) = egress.hosts()
    assert (row.connections, row.bytes_in) == (51, 5)


def test_counts_that_could_not_be_written_are_written_the_next_time(clock: Clock) -> None:
    ledger = MemoryLedger()
    egress = Egress(clock, ledger=ledger)
    ledger.broken = True
    clock.at += BATCH
    egress.pass_out("api.github.com", 443, "GitHub API")
    ledger.broken = False
    egress.pass_out("api.github.com", 443, "GitHub API")
    egress.close()
    assert ledger.traffic()[0].connections == 2


def test_counts_that_came_while_a_write_failed_are_added_to_those_it_should_have_kept(clock: Clock) -> None:
    class Slow(MemoryLedger):
        """Fails the first write, but only when told."""

        def __init__(self) -> None:
            super().__init__()
            self.first: Future[None] = Future()

        def add_traffic(self, rows: Sequence[HostTraffic]) -> Future[None]:
            self.writes += 1
            return self.first if self.writes == 1 else super().add_traffic(rows)

    ledger = Slow()
    egress = Egress(clock, ledger=ledger)
    clock.at += BATCH
    egress.pass_out("api.github.com", 443, "GitHub API")
    begun = clock.at
    clock.at += timedelta(seconds=1)
    egress.pass_out("api.github.com", 443, "GitHub API")
    ledger.first.set_exception(OSError("disk full"))
    (row,) = egress.hosts()
    assert (row.connections, row.first_at, row.last_at) == (2, begun, clock.at)


def test_a_ledger_goes_on_where_the_last_session_ended(clock: Clock) -> None:
    ledger = MemoryLedger()
    for _ in range(2):
        egress = Egress(clock, ledger=ledger)
        egress.pass_out("api.github.com", 443, "GitHub API")
        egress.close()
    assert Egress(clock, ledger=ledger).hosts()[0].connections == 2


def test_the_guard_lets_out_what_passed_and_its_refusals_are_in_the_ledger(clock: Clock) -> None:
    guard = Guard()
    egress = Egress(clock, guard=guard)
    egress.pass_out("192.0.2.1", 443, "GitHub API")
    guard.look("socket.getaddrinfo", ("192.0.2.1", 443))
    with pytest.raises(PermissionError):
        guard.look("socket.getaddrinfo", ("telemetry.example", 443))
    rows = {row.host: (row.purpose, row.denied) for row in egress.hosts()}
    assert rows == {"192.0.2.1": ("GitHub API", 0), "telemetry.example": ("not announced", 1)}


@pytest.fixture(autouse=True)
def _quiet_refusals(caplog: pytest.LogCaptureFixture) -> None:
    """Refusals are logged as warnings, which is right, and tested with the guard."""


def test_the_export_says_time_span_and_switch_above_the_rows(clock: Clock, tmp_path: Path) -> None:
    egress = Egress(clock)
    egress.pass_out("api.github.com", 443, "GitHub API")
    clock.at += timedelta(hours=1)
    egress.count("api.github.com", "GitHub API", 7, 3)
    egress.switch(on=False)
    assert egress.export(tmp_path / "hosts.csv") == 1
    head, *table = (tmp_path / "hosts.csv").read_text().splitlines()
    assert head == (
        "# Hosts talked to from 2026-05-06T12:00:00+00:00 to 2026-05-06T13:00:00+00:00; the network is switched off"
    )
    (row,) = csv.DictReader(table)
    assert (row["host"], row["connections"], row["bytes_in"], row["bytes_out"]) == ("api.github.com", "1", "7", "3")


def test_an_empty_ledger_says_so() -> None:
    assert as_csv((), on=True).startswith("# No host was talked to; the network is switched on")


def test_a_file_that_cannot_be_written_is_a_sentence(clock: Clock, tmp_path: Path) -> None:
    with pytest.raises(GalaxyError, match="could not be written"):
        Egress(clock).export(tmp_path / "missing" / "hosts.csv")


@pytest.mark.parametrize(
    ("named", "environment", "expected"),
    [
        ("http://proxy.example:3128", {"https_proxy": "http://other:1"}, (("proxy.example", 3128),)),
        (None, {"https_proxy": "http://proxy.example:3128"}, (("proxy.example", 3128),)),
        (None, {"https_proxy": "proxy.example:8080", "no_proxy": "localhost"}, (("proxy.example", 8080),)),
        (None, {"http_proxy": "https://proxy.example"}, (("proxy.example", 443),)),
        (None, {"https_proxy": "http://proxy.example:port"}, ()),
        (None, {}, ()),
    ],
)
def test_the_proxy_is_the_one_set_or_the_one_of_the_environment(
    named: str | None,
    environment: dict[str, str],
    expected: tuple[tuple[str, int], ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for scheme in ("http", "https", "all", "no", "ftp"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme.upper()}_PROXY", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxies_in_use(named) == expected


Step = tuple[str, int]
STEPS = st.lists(st.tuples(st.sampled_from(["pass", "count", "on", "off", "wait", "break", "mend", "read"]),
                           st.integers(0, 1000)))  # fmt: skip


@given(STEPS)
def test_whatever_happens_in_between_the_sums_are_right(steps: list[Step]) -> None:
    clock, ledger = Clock(), MemoryLedger()
    egress = Egress(clock, ledger=ledger)
    passed = denied = received = 0
    for what, number in steps:
        if what == "pass":
            try:
                egress.pass_out("h", 443, "p")
                passed += 1
            except NetworkOffError:
                denied += 1
        elif what == "count":
            egress.count("h", "p", number, 0)
            received += number
        elif what == "wait":
            clock.at += timedelta(seconds=number)
        elif what in ("break", "mend"):
            ledger.broken = what == "break"
        elif what == "read" and not ledger.broken:
            egress.hosts()
        else:
            egress.switch(on=what == "on") if what in ("on", "off") else None
    ledger.broken = False
    egress.close()
    sums = [(row.connections, row.denied, row.bytes_in) for row in ledger.traffic()]
    assert sums in ([(passed, denied, received)], [] if not passed + denied + received else None)
