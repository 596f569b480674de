"""The way of prompts to a provider: through the program's door, and only where it is safe to send them.

A server on this computer is no concern of the network's switch, as everywhere in this program: nothing leaves the
computer on the way to it. It is written in the ledger all the same. Every other server passes the door, which the
switch closes.

Plain http is for this computer and the user's own network alone, goes through no proxy, and never carries a key beyond
this computer. A name proves nothing about where it leads, so the address that was really connected to is looked at
before anything is sent. Redirects are not followed: what was agreed to names a host.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests import exceptions
from requests.adapters import HTTPAdapter
from urllib3 import connection, connectionpool
from urllib3.exceptions import HTTPError

from galaxy_desktop import __version__
from galaxy_desktop.collect.raw_http import Route, bare_host
from galaxy_desktop.collect.trouble import network_sentence
from galaxy_desktop.collect.trust import trust_the_system
from galaxy_desktop.domain.providers import Provider, Purpose, Reach, reach_of
from galaxy_desktop.domain.traffic import EgressGate
from galaxy_desktop.errors import (
    BrokenAnswerError,
    CancelledByUserError,
    GalaxyError,
    OfflineError,
    RefusedError,
    WrongUseError,
)
from galaxy_desktop.reason.wire import WireRequest

logger = logging.getLogger(__name__)

CONNECT_S, SILENT_S = 10.0, 180.0
"""The silence is watched by whoever waits; this is for a thread that nobody waits for any more."""
TRYING = "language model: test"


class ProviderDoor(EgressGate, Protocol):
    """The program's door, which also notes what stays on this computer."""

    def pass_within(self, host: str, purpose: str) -> None:
        """Count a passage to a server of this computer, which the switch does not close."""


def purpose_words(purpose: Purpose | None) -> str:
    """A purpose as the ledger of hosts names it; `None` is a test."""
    return TRYING if purpose is None else f"language model: {purpose}"


class HttpAnswer:
    """An answer that is being read."""

    def __init__(self, response: requests.Response, count: Callable[[int], None]) -> None:
        """`count` hears of bytes that came."""
        self._response = response
        self._count = count
        self.status = response.status_code
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}

    def read(self, most: int) -> bytes:
        """The next bytes, b"" at the end."""
        try:
            piece: bytes = self._response.raw.read1(most, decode_content=True)
        except (HTTPError, OSError, ValueError, AttributeError) as error:
            raise BrokenAnswerError("The connection broke off in the middle of its answer.") from error
        self._count(len(piece))
        return piece


class HttpWire:
    """One exchange with one provider; `ask` is for one thread, `hang_up` for any."""

    def __init__(self, route: Route, door: ProviderDoor, purpose: str) -> None:
        """Connects to nothing yet."""
        self._route = route
        self._door = door
        self._purpose = purpose
        self._lock = threading.Lock()
        self._sockets: list[Any] = []
        self._over = self._stood = self._direct = False
        self._owner = 0
        self._response: requests.Response | None = None
        self._session = requests.Session()
        self._session.auth = _as_it_is
        self._session.headers.update({"User-Agent": f"galaxy-desktop/{__version__}", "Accept-Encoding": "identity"})

    def ask(self, request: WireRequest) -> HttpAnswer:
        """Send and wait for the head of the answer.

        Raises:
            NetworkOffError: the network is switched off, and the server is not on this computer.
            OfflineError: the server cannot be reached.
            RefusedError: it must not be sent this way.
            BrokenAnswerError: the connection broke.
        """
        self._owner = threading.get_ident()
        parts = urlsplit(request.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        check_way(request.url, has_key=bool(request.secrets))
        here = reach_of(host) is Reach.HERE
        self._direct = here or parts.scheme == "http"
        self._watch(request.url, plain=parts.scheme == "http", key=bool(request.secrets))
        if here:
            self._door.pass_within(host, self._purpose)
        else:
            self._door.pass_out(host, port, self._purpose)
        data = None if request.body is None else json.dumps(request.body, ensure_ascii=False).encode()
        try:
            response = self._response = self._send(request, data)
        except GalaxyError:
            raise
        except exceptions.RequestException as error:
            raise self._sentence(error, host, bare_host(request.url)) from error
        except (HTTPError, OSError, ValueError) as error:
            raise BrokenAnswerError(f"The connection to {bare_host(request.url)} broke off.") from error
        finally:
            if self._stood:
                self._door.count(host, self._purpose, 0, len(data or b""))
        return HttpAnswer(response, lambda amount: self._door.count(host, self._purpose, amount, 0))

    def hang_up(self) -> None:
        """End the exchange at whatever stage it is; the thread that asked lets go of the connection itself."""
        with self._lock:
            self._over = True
            open_now, self._sockets = self._sockets, []
        for one in open_now:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except (OSError, ValueError, AttributeError) as error:
                logger.debug("A connection had ended already: %s", error)
        if self._response is not None and threading.get_ident() == self._owner:
            self._response.close()
        self._session.close()

    def _send(self, request: WireRequest, data: bytes | None) -> requests.Response:
        self._session.trust_env = not self._direct
        return self._session.request(
            "GET" if data is None else "POST",
            request.url,
            data=data,
            headers={**request.headers, **request.secrets, **({"Content-Type": "application/json"} if data else {})},
            timeout=(CONNECT_S, SILENT_S),
            proxies=None if self._direct else self._route.proxies(request.url),
            verify=self._route.ca_bundle or _named_certificates(),
            allow_redirects=False,
            stream=True,
        )

    def _watch(self, url: str, *, plain: bool, key: bool) -> None:
        """Let the connections of this exchange be known, so that they can be ended and looked at."""
        if not plain:
            trust_the_system(self._session)
        adapter = self._session.get_adapter(url)
        pools = _pools(lambda sock: self._connected(sock, plain=plain, key=key), self._may_go_on)
        if isinstance(adapter, HTTPAdapter):
            adapter.poolmanager.pool_classes_by_scheme = pools
            proxies = {} if self._direct else (self._route.proxies(url) or requests.utils.get_environ_proxies(url))
            proxy = requests.utils.select_proxy(url, proxies)
            if proxy:
                adapter.proxy_manager_for(
                    requests.utils.prepend_scheme_if_needed(proxy, "http")
                ).pool_classes_by_scheme = pools

    def _connected(self, sock: Any, *, plain: bool, key: bool) -> None:
        """Look where a plain connection really leads, before anything is sent on it."""
        if plain and sock.family in (socket.AF_INET, socket.AF_INET6):
            reach = reach_of(str(sock.getpeername()[0]))
            if reach is Reach.FAR or (key and reach is not Reach.HERE):
                sock.close()
                raise RefusedError(
                    "That name leads to the internet, where plain http can be read by anybody. Use https."
                )
        with self._lock:
            self._stood = True
            self._sockets.append(sock)

    def _may_go_on(self) -> None:
        """Nothing is sent on a connection that came about after the end."""
        if self._over:
            raise CancelledByUserError

    def _sentence(self, error: exceptions.RequestException, host: str, shown: str) -> GalaxyError:
        said = network_sentence(error, shown, whom=shown)
        if isinstance(said, OfflineError) and reach_of(host) is Reach.HERE:
            return OfflineError(
                f"Nothing answers at {shown} on this computer. Is Ollama, or your server, running there?"
            )
        if isinstance(said, OfflineError | RefusedError):
            return said
        return BrokenAnswerError(f"The connection to {shown} broke off.")


def _pools(connected: Callable[[Any], None], may_go_on: Callable[[], None]) -> dict[str, Any]:
    """Pools whose connections tell when they stand, for one exchange."""

    class Plain(connection.HTTPConnection):
        def connect(self) -> None:
            super().connect()
            connected(self.sock)
            may_go_on()

    class Secure(connection.HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            connected(self.sock)
            may_go_on()

    class PlainPool(connectionpool.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(connectionpool.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def check_way(address: str, *, has_key: bool) -> None:
    """Refuse an address to which nothing must be sent.

    Raises:
        WrongUseError: it is none, carries a password, or would travel readably.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or any(letter.isspace() for letter in address):
        raise WrongUseError(
            f"{address!r} is no address. Write it like http://localhost:11434 or https://api.example.com/v1."
        )
    if parts.username or parts.password:
        raise WrongUseError(
            "Leave name and password out of the address: it is stored readably. Enter the key as a key."
        )
    if parts.query or parts.fragment:
        raise WrongUseError("Leave out what follows the path of the address. Enter the key as a key.")
    reach = reach_of(host)
    if parts.scheme == "http" and reach is Reach.FAR:
        raise WrongUseError(f"Plain http to {bare_host(address)} could be read on its way. Use https.")
    if parts.scheme == "http" and has_key and reach is not Reach.HERE:
        raise WrongUseError(f"A key is not sent over plain http to {bare_host(address)}: it could be read. Use https.")


def wire_to(
    provider: Provider, purpose: Purpose | None, route: Callable[[], Route], door: ProviderDoor
) -> Callable[[], HttpWire]:
    """How an engine connects to a provider for a purpose, `None` for a test."""
    words = purpose_words(purpose)
    logger.debug("a way to %s for %s", provider.host, words)
    return lambda: HttpWire(route(), door, words)


def _named_certificates() -> str | bool:
    """The file that the environment names; `requests` looks there only where it may also look for a proxy."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def _as_it_is(request: Any) -> Any:
    """An authentication that adds nothing: without it `requests` would look into `.netrc`."""
    return request
