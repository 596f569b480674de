"""The way to GitHub in companies: certificates of their own, proxies, a GitHub Enterprise below a path."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.github_client import GitHub
from galaxy_desktop.errors import OfflineError, RefusedError
from tests.collect.connect_proxy import connect_proxy
from tests.collect.scripted import Reply, ScriptedServer

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
COMPANY = "github.company.example"
VARIABLES = (
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither proxies nor certificates of the machine that runs the tests."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """The company that signs its own certificates."""
    return trustme.CA()


@pytest.fixture
def root(authority: trustme.CA, tmp_path: Path) -> str:
    """The file with the company's root certificate."""
    path = tmp_path / "company.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def serve(certificate: trustme.LeafCert) -> ScriptedServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return ScriptedServer(Reply(), tls=context)


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[ScriptedServer]:
    """A server with a certificate for this computer and for the company's host."""
    running = serve(authority.issue_cert("127.0.0.1", COMPANY))
    yield running
    running.close()


def client(url: str, **more: str) -> GitHub:
    return GitHub(url, "t", Budget(lambda: NOW), lambda: NOW, **more)  # type: ignore[arg-type]


def asks(url: str, **more: str) -> None:
    """One question that must be answered."""
    github = client(url, **more)
    try:
        assert github.get("/repos/o/r/issues").rows == ()
    finally:
        github.close()


def refused(url: str, kind: type[Exception], **more: str) -> str:
    """The sentence in which one question ends."""
    github = client(url, **more)
    try:
        with pytest.raises(kind) as raised:
            github.get("/repos/o/r/issues")
        return str(raised.value)
    finally:
        github.close()


def test_a_certificate_that_nobody_trusts_is_refused_and_the_file_to_name_is_said(server: ScriptedServer) -> None:
    sentence = refused(server.url, RefusedError)
    assert "is not trusted" in sentence
    assert "Settings" in sentence
    assert server.asked == []


def test_the_certificates_that_were_named_are_trusted(server: ScriptedServer, root: str) -> None:
    asks(server.url, ca_bundle=root)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_certificates_of_the_environment_are_trusted(
    variable: str, server: ScriptedServer, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, root)
    asks(server.url)


def test_the_systems_own_store_is_trusted_beside_a_file_that_was_named(
    server: ScriptedServer, root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("SSL_CERT_FILE", root)  # where OpenSSL looks for the system's store
    asks(server.url, ca_bundle=str(other))


def test_an_expired_certificate_is_told_as_such(authority: trustme.CA, root: str) -> None:
    expired = authority.issue_cert("127.0.0.1", not_after=datetime.now(UTC) - timedelta(days=1))
    running = serve(expired)
    assert "has expired" in refused(running.url, RefusedError, ca_bundle=root)
    running.close()


def test_a_certificate_of_tomorrow_points_to_the_clock(authority: trustme.CA, root: str) -> None:
    early = authority.issue_cert("127.0.0.1", not_before=datetime.now(UTC) + timedelta(days=1))
    running = serve(early)
    assert "not valid yet. Check this computer's clock" in refused(running.url, RefusedError, ca_bundle=root)
    running.close()


def test_a_certificate_of_another_host_is_told_as_such(authority: trustme.CA, root: str) -> None:
    running = serve(authority.issue_cert("other.example"))
    assert "is that of another host" in refused(running.url, RefusedError, ca_bundle=root)
    running.close()


def test_a_server_that_speaks_no_tls_is_told_as_such() -> None:
    plain = ScriptedServer(Reply())
    sentence = refused(plain.url.replace("http:", "https:"), RefusedError)
    assert "No encrypted connection" in sentence
    plain.close()


def test_a_name_that_nobody_knows_is_offline() -> None:
    sentence = refused("http://no-such-host.invalid", OfflineError)
    assert "The name no-such-host.invalid cannot be looked up" in sentence


@pytest.mark.parametrize("where", ["setting", "environment"])
def test_a_proxy_tunnels_to_a_host_that_only_it_knows(
    where: str, server: ScriptedServer, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect_proxy(server.port) as proxy:
        if where == "environment":
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            asks(f"https://{COMPANY}", ca_bundle=root)
        else:
            asks(f"https://{COMPANY}", ca_bundle=root, proxy=proxy.url)
    assert proxy.asked == [f"CONNECT {COMPANY}:443"]


def test_a_proxy_that_signs_with_the_companys_root_is_trusted_through_the_systems_store(
    server: ScriptedServer, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", root)
    with connect_proxy(server.port) as proxy:
        asks(f"https://{COMPANY}", proxy=proxy.url)


def test_name_and_password_in_the_proxys_address_are_sent_to_it(server: ScriptedServer, root: str) -> None:
    with connect_proxy(server.port) as proxy:
        asks(f"https://{COMPANY}", ca_bundle=root, proxy=proxy.url.replace("//", "//ada:secret@"))
    assert proxy.credentials == ["Basic YWRhOnNlY3JldA=="]


@pytest.mark.parametrize(
    ("status", "words"),
    [(407, "wants a name and a password"), (403, "does not let us through"), (502, "does not let us through")],
)
def test_a_proxys_no_is_told_apart_from_githubs(status: int, words: str) -> None:
    with connect_proxy(9, status=status) as proxy:
        sentence = refused(f"https://{COMPANY}", OfflineError, proxy=proxy.url)
    assert words in sentence


def test_a_proxy_on_the_plain_way_may_want_a_password_too() -> None:
    plain = ScriptedServer(Reply(407, b""))
    assert "wants a name and a password" in refused("http://github.example", OfflineError, proxy=plain.url)
    plain.close()


def test_a_proxy_that_is_not_there_is_named_as_the_trouble() -> None:
    sentence = refused(f"https://{COMPANY}", OfflineError, proxy="http://127.0.0.1:9")
    assert "proxy on the way to GitHub cannot be reached" in sentence


@pytest.mark.parametrize("address", ["http://", "http://[::1", "nonsense://127.0.0.1:9"])
def test_a_proxy_address_that_is_none_is_a_sentence(address: str) -> None:
    assert refused(f"https://{COMPANY}", (OfflineError, RefusedError), proxy=address)  # type: ignore[arg-type]


@pytest.mark.parametrize("where", ["setting", "environment"])
def test_hosts_that_no_proxy_names_are_asked_directly(
    where: str, server: ScriptedServer, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,.internal")
    dead = "http://127.0.0.1:9"
    if where == "environment":
        monkeypatch.setenv("HTTPS_PROXY", dead)
        asks(server.url, ca_bundle=root)
    else:
        asks(server.url, ca_bundle=root, proxy=dead)


def test_a_github_enterprise_is_asked_below_its_path() -> None:
    away = Reply(301, b"", {"Location": "/api/v3/repositories/7/issues?page=1"})
    graph = Reply(body=json.dumps({"data": {"viewer": {"login": "ada"}}}).encode())
    running = ScriptedServer(away, Reply(), graph, Reply(201, b'{"id": 1}'))
    github = client(f"{running.url}/api/v3/")
    github.get("/repos/o/r/issues", {"page": 1})
    assert github.graphql("{ viewer { login } }", {}) == {"viewer": {"login": "ada"}}
    github.send("POST", "/repos/o/r/issues", {"title": "t"})
    github.close()
    running.close()
    assert running.asked == [
        "/api/v3/repos/o/r/issues?page=1",
        "/api/v3/repositories/7/issues?page=1",
        "/api/graphql",
        "/api/v3/repos/o/r/issues",
    ]


def test_links_and_bodies_that_name_another_host_are_no_obstacle() -> None:
    link = {
        "Link": '<https://elsewhere.example/x?page=2>; rel="next", <https://elsewhere.example/x?page=4>; rel="last"'
    }
    body = b'[{"id": 1, "url": "https://elsewhere.example/repos/o/r/issues/1"}]'
    running = ScriptedServer(Reply(body=body, headers=link))
    github = client(running.url)
    answer = github.get("/repos/o/r/issues", {"page": 1})
    assert (answer.more, answer.last_page) == (True, 4)
    github.close()
    running.close()


def test_a_redirect_to_another_host_is_a_setting_to_correct_and_no_crash() -> None:
    running = ScriptedServer(Reply(301, b"", {"Location": "https://elsewhere.example/repositories/7"}))
    sentence = refused(running.url, RefusedError)
    assert "sends us on to elsewhere.example. Correct the address" in sentence
    assert len(running.asked) == 1
    running.close()
