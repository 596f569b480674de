"""The client against a real socket: statuses as they are, no sleeping, no lost query, no token to another host."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from galaxy_desktop.collect import connection
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.github_client import GitHub
from galaxy_desktop.collect.write_answers import MovedError
from galaxy_desktop.domain.traffic import Exchange
from galaxy_desktop.errors import (
    BrokenAnswerError,
    LimitError,
    NetworkOffError,
    OfflineError,
    RefusedError,
    TokenRejectedError,
)
from tests.collect.scripted import Reply, ScriptedServer

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
TOKEN = "secret-token"
Start = Callable[..., tuple[GitHub, ScriptedServer]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a server with these replies and a client that asks it."""
    opened: list[tuple[GitHub, ScriptedServer]] = []

    def run(*replies: Reply, token: str | None = TOKEN, prefix: str = "") -> tuple[GitHub, ScriptedServer]:
        server = ScriptedServer(*replies)
        client = GitHub(server.url + prefix, token, Budget(lambda: NOW), lambda: NOW)
        opened.append((client, server))
        return client, server

    yield run
    for client, server in opened:
        client.close()
        server.close()


def test_an_answer_has_rows_and_its_etag(start: Start) -> None:
    client, _ = start(Reply(body='[{"id": 1, "title": "🎉"}]'.encode(), headers={"ETag": 'W/"a"'}))
    answer = client.get("/repos/o/r/issues", {"page": 1})
    assert answer.rows == ({"id": 1, "title": "🎉"},)
    assert answer.etag == 'W/"a"'


def test_an_answer_is_dated_by_githubs_clock(start: Start) -> None:
    client, _ = start(Reply(headers={"Date": "Wed, 06 May 2026 17:00:00 GMT"}))
    assert client.now() == NOW
    first, second = (client.get("/repos/o/r/issues").at for _ in range(2))
    assert NOW + timedelta(hours=5) <= first < second < NOW + timedelta(hours=5, seconds=1)


def test_an_etag_is_sent_and_304_is_no_error(start: Start) -> None:
    client, server = start(Reply(304, b""))
    assert client.get("/repos/o/r/issues", {}, 'W/"a"').not_modified
    assert server.headers[0]["If-None-Match"] == 'W/"a"'
    assert server.headers[0]["Authorization"] == f"token {TOKEN}"


def test_it_works_without_a_token(start: Start) -> None:
    client, server = start(Reply(), token=None)
    assert client.get("/repos/o/r/labels").rows == ()
    assert "Authorization" not in server.headers[0]


def test_urls_are_the_same_byte_for_byte(start: Start) -> None:
    client, server = start(Reply())
    client.get("/repos/o/r/issues", {"state": "all", "page": 2, "since": "2026-05-01T00:00:00Z"})
    client.get("/repos/o/r/issues", {"since": "2026-05-01T00:00:00Z", "page": 2, "state": "all"})
    assert server.asked[0] == server.asked[1] == "/repos/o/r/issues?page=2&since=2026-05-01T00%3A00%3A00Z&state=all"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_followed_with_its_query(start: Start, status: int) -> None:
    client, server = start(Reply(status, headers={"Location": "/repositories/1/issues"}), Reply(body=b'[{"id": 1}]'))
    assert client.get("/repos/o/old/issues", {"page": 2, "since": "x"}).rows == ({"id": 1},)
    assert server.asked[1] == "/repositories/1/issues?page=2&since=x"


def test_a_redirect_under_a_path_prefix_is_not_prefixed_twice(start: Start) -> None:
    client, server = start(Reply(301, headers={"Location": "/api/v3/repositories/1"}), Reply(), prefix="/api/v3")
    client.get("/repos/o/old")
    assert server.asked == ["/api/v3/repos/o/old", "/api/v3/repositories/1"]


def test_the_token_never_follows_a_redirect_to_another_host(start: Start) -> None:
    client, server = start(Reply(301, headers={"Location": "http://elsewhere.example/repos/o/r"}))
    with pytest.raises(RefusedError, match=r"elsewhere\.example"):
        client.get("/repos/o/r")
    assert len(server.asked) == 1


def test_a_circle_of_redirects_ends(start: Start) -> None:
    client, server = start(Reply(301, headers={"Location": "/repos/o/r"}))
    with pytest.raises(BrokenAnswerError, match="circle"):
        client.get("/repos/o/r")
    assert len(server.asked) == 4


def test_202_is_handed_back_instead_of_slept_on(start: Start) -> None:
    client, server = start(Reply(202, b"{}"))
    with pytest.raises(BrokenAnswerError, match="no answer yet"):
        client.get("/repos/o/r/stats")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(drop=True), id="dropped before a word"),
        pytest.param(Reply(body=b'[{"id": 1', promised=5000), id="dropped in the middle"),
        pytest.param(Reply(body=b'[{"id": 1'), id="half a JSON text"),
        pytest.param(Reply(503, b"<html>Unicorn</html>", {"Content-Type": "text/html"}), id="unicorn"),
    ],
)
def test_a_broken_answer_is_a_sentence_and_the_next_one_counts(start: Start, reply: Reply) -> None:
    client, _ = start(reply, Reply(body=b'[{"id": 2}]'))
    with pytest.raises(BrokenAnswerError):
        client.get("/repos/o/r/issues")
    assert client.get("/repos/o/r/issues").rows == ({"id": 2},)


def test_a_server_that_stalls_is_given_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = start(Reply(stall=True))
    monkeypatch.setattr(connection, "ANSWER_S", 0.05)
    with pytest.raises(BrokenAnswerError, match="did not answer"):
        client.get("/repos/o/r/labels")


def test_an_answer_that_trickles_is_given_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WHOLE_ANSWER_S", -1)
    client, _ = start(Reply(body=b"[" + b" " * 200_000 + b"]"))
    with pytest.raises(BrokenAnswerError, match="for one answer"):
        client.get("/repos/o/r/labels")


def test_nobody_listening_is_offline() -> None:
    client = GitHub("http://127.0.0.1:9", None, Budget(lambda: NOW), lambda: NOW)
    with pytest.raises(OfflineError, match=r"127\.0\.0\.1:9"):
        client.get("/repos/o/r")
    client.close()


@pytest.mark.parametrize("address", ["ftp://host", "github.com", "http://"])
def test_an_address_that_cannot_be_one_is_refused(address: str) -> None:
    with pytest.raises(RefusedError, match="address"):
        GitHub(address, None, Budget(lambda: NOW), lambda: NOW)


def test_after_a_limit_nothing_more_is_sent(start: Start) -> None:
    client, server = start(Reply(403, b"{}", {"Retry-After": "30"}))
    for _ in range(2):
        with pytest.raises(LimitError):
            client.get("/repos/o/r")
    assert len(server.asked) == 1


def test_after_an_unstated_limit_the_lane_may_ask_again(start: Start) -> None:
    client, server = start(Reply(429, b"{}"), Reply())
    with pytest.raises(LimitError):
        client.get("/repos/o/r/issues")
    client.get("/repos/o/r/issues")
    assert len(server.asked) == 2


def test_the_token_shows_neither_in_a_sentence_nor_in_the_fingerprint(start: Start) -> None:
    client, _ = start(Reply(401, b"{}"))
    with pytest.raises(TokenRejectedError) as raised:
        client.get("/repos/o/r")
    assert TOKEN not in str(raised.value) + client.fingerprint


def test_tokens_and_hosts_have_fingerprints_of_their_own() -> None:
    clients = [
        GitHub(url, token, Budget(lambda: NOW), lambda: NOW) for url in ("http://a", "http://b") for token in "xy"
    ]
    assert len({client.fingerprint for client in clients}) == 4


def test_bytes_are_counted_as_they_came(start: Start) -> None:
    rows = b'[{"id": 1, "body": "' + b"x" * 50_000 + b'"}]'
    packed = gzip.compress(rows)
    client, _ = start(Reply(body=packed, headers={"Content-Encoding": "gzip"}))
    seen: list[Exchange] = []
    client._observe = seen.append
    assert len(client.get("/repos/o/r/issues").rows[0]["body"]) == 50_000
    assert [(one.bytes_in, one.bytes_out, one.outcome) for one in seen] == [(len(packed), 0, "ok")]


def test_an_answer_without_end_is_given_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MOST_BYTES", 1000)
    client, _ = start(Reply(body=gzip.compress(b"0" * 1_000_000), headers={"Content-Encoding": "gzip"}))
    with pytest.raises(BrokenAnswerError, match="without end"):
        client.get("/repos/o/r/issues")


def test_every_exchange_is_told_to_the_observer_also_one_without_an_answer(start: Start) -> None:
    client, _ = start(Reply(drop=True), Reply(304, b""), Reply(201, b'{"id": 1}'))
    seen: list[Exchange] = []
    client._observe = seen.append
    with pytest.raises(BrokenAnswerError):
        client.get("/repos/o/r/issues", {"page": 1})
    client.get("/repos/o/r/issues/7", None, "etag")
    client.send("POST", "/repos/o/r/issues", {"title": "secret plan"})
    told = [(one.method, one.entity, one.status, one.outcome, one.bytes_out) for one in seen]
    assert told == [
        ("GET", "issues", None, "no answer", 0),
        ("GET", "issues/*", 304, "not modified", 0),
        ("POST", "issues", 201, "made", len('{"title": "secret plan"}')),
    ]
    assert "secret plan" not in repr(seen)
    assert TOKEN not in repr(seen)


class _Door:
    """A gate that may be closed."""

    def __init__(self) -> None:
        self.open = True
        self.passed: list[tuple[str, str]] = []

    def pass_out(self, host: str, port: int, purpose: str) -> None:
        if not self.open:
            raise NetworkOffError("The network is switched off.")
        self.passed.append((host, purpose))

    def count(self, host: str, purpose: str, received: int, sent: int) -> None:
        """Count nothing."""


def test_nothing_is_sent_while_the_door_is_closed_and_the_turn_is_given_back(start: Start) -> None:
    client, server = start(Reply())
    client._gate = door = _Door()
    door.open = False
    with pytest.raises(NetworkOffError):
        client.get("/repos/o/r/issues")
    assert server.asked == []
    door.open = True
    assert client.get("/repos/o/r/issues").rows == ()
    assert door.passed == [("127.0.0.1", "GitHub API")]


def test_used_up_points_of_graphql_block_graphql_alone(start: Start) -> None:
    used_up = b'{"data": null, "errors": [{"type": "RATE_LIMITED", "message": "limit"}]}'
    client, server = start(Reply(body=used_up), Reply())
    for _ in range(2):
        with pytest.raises(LimitError, match="GraphQL"):
            client.graphql("{ viewer { login } }", {})
    assert client.get("/repos/o/r/issues").rows == ()
    assert server.asked == ["/graphql", "/repos/o/r/issues"]


def test_a_write_is_never_repeated_and_never_redirected(start: Start) -> None:
    client, server = start(Reply(307, b"", {"Location": "/repos/o/other/issues"}), Reply(502, b""), Reply(drop=True))
    for kind in (MovedError, BrokenAnswerError, BrokenAnswerError):
        with pytest.raises(kind):
            client.send("POST", "/repos/o/r/issues", {"title": "t"})
    assert server.asked == ["/repos/o/r/issues"] * 3


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_write_follows_no_redirect_so_that_nothing_is_written_twice_or_elsewhere(start: Start, status: int) -> None:
    client, server = start(Reply(status, headers={"Location": "/repositories/1/issues/7"}), Reply(body=b"{}"))
    with pytest.raises(MovedError):
        client.send("PATCH", "/repos/o/r/issues/7", {"title": "x"})
    assert server.asked == ["/repos/o/r/issues/7"]
