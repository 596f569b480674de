"""One question, its answer as it came, through the gate; and the addresses that belong together."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from galaxy_desktop.collect.archive.download import Downloader
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.github_client import GitHub
from galaxy_desktop.collect.raw_http import MOST_BYTES, RawHttp, Route, root_url, web_url
from galaxy_desktop.errors import BrokenAnswerError, NetworkOffError, OfflineError, RefusedError
from tests.collect.web_server import Page, serving


class Gate:
    """Keeps what passed; a closed one refuses."""

    def __init__(self, *, closed: bool = False) -> None:
        self.closed = closed
        self.passed: list[tuple[str, int, str]] = []
        self.bytes: list[tuple[int, int]] = []

    def pass_out(self, host: str, port: int, purpose: str) -> None:
        if self.closed:
            raise NetworkOffError("The network is switched off.")
        self.passed.append((host, port, purpose))

    def count(self, host: str, purpose: str, received: int, sent: int) -> None:
        self.bytes.append((received, sent))


def test_an_answer_comes_as_it_is_and_is_counted_at_the_gate() -> None:
    gate = Gate()
    with serving({"POST /x": Page(418, "tea", {"X-Odd": "Yes"})}) as server:
        http = RawHttp(server.url, "trying", token="secret", route=Route(gate=gate))
        answer = http.ask("POST", "/x", body={"a": 1})
        http.close()
    assert (answer.status, answer.headers["x-odd"], answer.body) == (418, "Yes", "tea")
    assert gate.passed == [("127.0.0.1", server.port, "trying")]
    assert gate.bytes == [(3, len('{"a": 1}'))]
    (asked,) = server.asked
    assert (asked.body, asked.headers["authorization"]) == ({"a": 1}, "Bearer secret")


def test_a_closed_gate_is_asked_before_anything_is_sent() -> None:
    with serving({}) as server:
        http = RawHttp(server.url, "trying", route=Route(gate=Gate(closed=True)))
        with pytest.raises(NetworkOffError):
            http.ask("GET", "/x")
        http.close()
    assert server.asked == []


def test_redirects_are_not_followed_so_that_a_token_stays_with_its_host() -> None:
    with serving({"GET /x": Page(302, "", {"Location": "/y"})}) as server:
        http = RawHttp(server.url, "trying", token="secret")
        assert http.ask("GET", "/x").status == 302
        http.close()
    assert len(server.asked) == 1


def test_a_netrc_adds_no_other_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password other-secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving({"GET /x": Page()}) as server:
        http = RawHttp(server.url, "trying")
        http.ask("GET", "/x")
        http.close()
    assert "authorization" not in server.asked[0].headers


def test_a_proxy_that_was_set_is_used_and_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving({"GET http://github.example/user": Page(200, {"login": "ada"})}) as proxy:
        http = RawHttp("http://github.example", "trying", route=Route(proxy=proxy.url))
        assert http.ask("GET", "/user").status == 200
        http.close()


def test_a_host_that_no_proxy_spares_is_asked_without_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving({"GET /user": Page(200, {"login": "ada"})}) as server:
        http = RawHttp(server.url, "trying", route=Route(proxy="http://127.0.0.1:9"))
        assert http.ask("GET", "/user").status == 200
        http.close()


def test_no_way_to_github_and_a_connection_that_breaks_are_told_apart() -> None:
    with serving({"GET /x": Page(drop=True)}) as server:
        http = RawHttp(server.url, "trying")
        with pytest.raises(BrokenAnswerError):
            http.ask("GET", "/x")
    with pytest.raises(OfflineError):
        http.ask("GET", "/x")
    http.close()


def test_a_password_in_the_address_is_in_no_sentence(tmp_path: Path) -> None:
    address = "http://me:secret@127.0.0.1:9"
    budget = Budget(lambda: datetime(2026, 5, 6, tzinfo=UTC))
    github = GitHub(address, "t", budget, lambda: datetime(2026, 5, 6, tzinfo=UTC))
    raw, archive = RawHttp(address, "trying"), Downloader(address, tmp_path)
    for ask in (lambda: github.get("/x"), lambda: raw.ask("GET", "/x"), lambda: archive.fetch("2026-05-01-7")):
        with pytest.raises(OfflineError, match=r"at 127\.0\.0\.1:9") as said:
            ask()
        assert "secret" not in str(said.value)
    for one in (github, raw, archive):
        one.close()


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    with serving({"GET /x": Page(200, "x" * (MOST_BYTES + 100_000))}) as server:
        http = RawHttp(server.url, "trying")
        with pytest.raises(BrokenAnswerError, match="without end"):
            http.ask("GET", "/x")
        http.close()


@pytest.mark.parametrize("address", ["github.example", "ftp://github.example", "https://"])
def test_an_address_that_cannot_be_one_is_refused(address: str) -> None:
    with pytest.raises(RefusedError, match="not an address"):
        RawHttp(address, "trying")


@pytest.mark.parametrize(
    ("api", "web", "root"),
    [
        ("https://api.github.com", "https://github.com", "https://api.github.com"),
        ("https://ghe.example/api/v3", "https://ghe.example", "https://ghe.example"),
        ("https://ghe.example:8443/api/v3/", "https://ghe.example:8443", "https://ghe.example:8443"),
        ("https://api.corp.ghe.com", "https://corp.ghe.com", "https://api.corp.ghe.com"),
        ("http://127.0.0.1:4040", "http://127.0.0.1:4040", "http://127.0.0.1:4040"),
        ("http://localhost:4040", "http://localhost:4040", "http://localhost:4040"),
        ("https://api.example", "https://api.example", "https://api.example"),
    ],
)
def test_the_pages_for_people_are_beside_the_api(api: str, web: str, root: str) -> None:
    assert (web_url(api), root_url(api)) == (web, root)
