"""Encrypted ways to models and providers: whose certificate is trusted, through which proxy, and what a stop ends."""

from __future__ import annotations

import hashlib
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from galaxy_desktop.collect.raw_http import Route
from galaxy_desktop.domain.providers import Provider, ProviderKind, Purpose
from galaxy_desktop.domain.traffic import OpenGate
from galaxy_desktop.errors import CancelledByUserError, GalaxyError
from galaxy_desktop.reason.downloads import FileDownload, Means, Wanted
from galaxy_desktop.reason.engine import Prompt
from galaxy_desktop.reason.pace import Pace
from galaxy_desktop.reason.part_file import PartFile
from galaxy_desktop.reason.remote import RemoteEngine
from galaxy_desktop.services.model_http import HttpTransport, Times
from galaxy_desktop.services.provider_http import wire_to
from tests.collect.connect_proxy import connect_proxy
from tests.reason.gguf_files import whole
from tests.services.model_server import Fault, ModelServer
from tests.services.provider_server import ProviderServer, Turn, chat

COMPANY = "models.company.example"
KEY = "sk-secret-0123456789"
CONTENT = whole() + random.Random(7).randbytes(400_000)
VARIABLES = (
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR",
)  # fmt: skip


class Door(OpenGate):
    """Lets everything through; also notes what stays on this computer."""

    def pass_within(self, host: str, purpose: str) -> None:
        """Nothing is counted here."""


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


def context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """How a server with this certificate speaks TLS."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(made)
    return made


class Download:
    """A model server, and one file fetched from it."""

    def __init__(self, folder: Path, tls: ssl.SSLContext) -> None:
        self.server = ModelServer({"/m.gguf": CONTENT}, tls=tls)
        self.stop = threading.Event()
        self.target = folder / "m.gguf"
        self.transport: HttpTransport | None = None
        self.clock = 0.0

    def _sleep(self, seconds: float) -> None:
        self.clock += seconds

    def do(self, route: Route, base: str) -> None:
        """Fetch it, and look that it is the file."""
        self.transport = HttpTransport(lambda: route, lambda: True, Times(silent=60.0))
        pace = Pace(lambda: 0, self.stop, lambda: self.clock, self._sleep)
        means = Means(transport=self.transport, pace=pace, stop=self.stop, free=lambda _: 10**12)
        sha256 = hashlib.sha256(CONTENT).hexdigest()
        wanted = Wanted(target=self.target, urls=(f"{base}/m.gguf",), bytes=len(CONTENT), sha256=sha256)
        try:
            assert FileDownload(wanted, means).run().path.read_bytes() == CONTENT
        finally:
            self.transport.close()

    @property
    def asked(self) -> int:
        """How many requests reached the server."""
        return len(self.server.asked)


class Question:
    """A provider, and one text asked of it with a key."""

    def __init__(self, folder: Path, tls: ssl.SSLContext) -> None:
        self.server = ProviderServer(chat("It ", "waits."), tls=tls)
        self.stop = threading.Event()

    def do(self, route: Route, base: str) -> None:
        """Ask, and look that the key went to the server."""
        provider = Provider(name="mine", kind=ProviderKind.OPENAI, address=base, model="large", has_key=True)
        engine = RemoteEngine(provider, KEY, wire_to(provider, Purpose.PROSE, lambda: route, Door()))
        try:
            assert engine.generate(Prompt("You word facts.", "Facts"), stop=self.stop).text == "It waits."
        finally:
            engine.close()
        assert self.server.asked[-1][1]["authorization"] == f"Bearer {KEY}"

    @property
    def asked(self) -> int:
        """How many requests reached the server."""
        return len(self.server.asked)


Way = Download | Question
Make = Callable[[trustme.LeafCert], Way]


@pytest.fixture(params=[Download, Question], ids=["download", "provider"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """A server with a certificate, and what is wanted of it."""
    made: list[Way] = []

    def of(certificate: trustme.LeafCert) -> Way:
        made.append(request.param(tmp_path, context(certificate)))
        return made[-1]

    yield of
    for one in made:
        one.server.close()


@pytest.fixture
def way(make: Make, authority: trustme.CA) -> Way:
    """One with a certificate of the company, for this computer and for its own name."""
    return make(authority.issue_cert("127.0.0.1", COMPANY))


def refusal(way: Way, route: Route, base: str) -> str:
    """The sentence in which it ends."""
    with pytest.raises(GalaxyError) as refused:
        way.do(route, base)
    return str(refused.value)


def test_a_certificate_that_nobody_trusts_is_refused_before_anything_is_sent(way: Way) -> None:
    sentence = refusal(way, Route(), way.server.url)
    assert "is not trusted" in sentence
    assert "name the company's certificate file in Settings" in sentence
    assert way.asked == 0


def test_the_certificates_that_settings_name_are_trusted(way: Way, root: str) -> None:
    way.do(Route(ca_bundle=root), way.server.url)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_certificates_of_the_environment_are_trusted(
    variable: str, way: Way, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, root)
    way.do(Route(), way.server.url)


def test_what_the_system_trusts_holds_beside_a_file_that_settings_name(
    way: Way, root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("SSL_CERT_FILE", root)
    way.do(Route(ca_bundle=str(other)), way.server.url)


def test_an_expired_certificate_is_told_as_that(make: Make, authority: trustme.CA, root: str) -> None:
    way = make(authority.issue_cert("127.0.0.1", not_after=datetime.now(UTC) - timedelta(days=1)))
    assert "has expired" in refusal(way, Route(ca_bundle=root), way.server.url)


def test_a_certificate_of_another_host_is_told_as_that(make: Make, authority: trustme.CA, root: str) -> None:
    way = make(authority.issue_cert("other.example"))
    assert "is that of another host" in refusal(way, Route(ca_bundle=root), way.server.url)
    assert way.asked == 0


@pytest.mark.parametrize("where", ["setting", "environment"])
def test_a_proxy_only_sees_the_name_of_the_host_to_which_it_tunnels(
    where: str, way: Way, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect_proxy(way.server.port) as proxy:
        if where == "environment":
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        way.do(Route(ca_bundle=root, proxy=proxy.url if where == "setting" else None), f"https://{COMPANY}")
    assert proxy.asked == [f"CONNECT {COMPANY}:443"]
    assert proxy.credentials == []
    assert KEY.encode() not in proxy.carried
    assert CONTENT[1000:1100] not in proxy.carried


def test_a_certificate_is_looked_at_behind_a_proxy_too(way: Way) -> None:
    with connect_proxy(way.server.port) as proxy:
        assert "is not trusted" in refusal(way, Route(proxy=proxy.url), f"https://{COMPANY}")
    assert way.asked == 0


@pytest.mark.parametrize(("status", "words"), [(407, "wants a name and a password"), (403, "does not let us through")])
def test_a_proxys_no_is_told_as_that(way: Way, status: int, words: str) -> None:
    with connect_proxy(9, status=status) as proxy:
        assert words in refusal(way, Route(proxy=proxy.url), f"https://{COMPANY}")
    assert proxy.asked == [f"CONNECT {COMPANY}:443"]  # and it is not asked again and again


@pytest.mark.parametrize("tunnelled", [False, True], ids=["direct", "tunnelled"])
def test_a_pause_ends_an_encrypted_download_that_waits_and_keeps_only_bytes_of_the_file(
    tmp_path: Path, authority: trustme.CA, root: str, tunnelled: bool
) -> None:
    way = Download(tmp_path, context(authority.issue_cert("127.0.0.1", COMPANY)))
    way.server.faults = [Fault(stalls_after=300_000)]

    def press() -> None:
        assert way.server.stalled.wait(10)
        way.stop.set()
        assert way.transport is not None
        way.transport.end_now()

    person = threading.Thread(target=press)
    person.start()
    with connect_proxy(way.server.port) as proxy:
        base = f"https://{COMPANY}" if tunnelled else way.server.url
        route = Route(ca_bundle=root, proxy=proxy.url if tunnelled else None)
        with pytest.raises(CancelledByUserError):
            way.do(route, base)
        person.join()
        way.server.go_on.set()
        kept = PartFile(way.target).path
        assert not kept.exists() or CONTENT.startswith(kept.read_bytes())
        way.stop.clear()
        way.do(route, base)
    way.server.close()


@pytest.mark.parametrize("tunnelled", [False, True], ids=["direct", "tunnelled"])
@pytest.mark.parametrize("turn", [Turn(silent=True), Turn(pieces=chat("It").pieces[:1], stalls=True)])
def test_a_stop_hangs_up_an_encrypted_answer_within_a_second(
    tmp_path: Path, authority: trustme.CA, root: str, turn: Turn, tunnelled: bool
) -> None:
    way = Question(tmp_path, context(authority.issue_cert("127.0.0.1", COMPANY)))
    way.server.turns = [turn]
    pressed = [0.0]

    def press() -> None:
        assert way.server.waiting.wait(10)
        pressed[0] = time.monotonic()
        way.stop.set()

    person = threading.Thread(target=press)
    person.start()
    with connect_proxy(way.server.port) as proxy:
        base = f"https://{COMPANY}" if tunnelled else way.server.url
        with pytest.raises(CancelledByUserError):
            way.do(Route(ca_bundle=root, proxy=proxy.url if tunnelled else None), base)
        assert time.monotonic() - pressed[0] < 1
        person.join()
        assert way.server.gone.wait(2)
    way.server.close()


def test_a_download_is_never_led_from_an_encrypted_way_to_a_readable_one(
    tmp_path: Path, authority: trustme.CA, root: str
) -> None:
    way = Download(tmp_path, context(authority.issue_cert("127.0.0.1")))
    way.server.faults = [Fault(location="http://models.example.com/m.gguf")]
    assert "plain http" in refusal(way, Route(ca_bundle=root), way.server.url)
    way.server.close()
