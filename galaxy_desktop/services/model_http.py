"""The way of model downloads to the network: through the program's door, its proxy and its trust, and nothing else.

Every request, also each hop of a redirect, passes the gate under the purpose "model download" and its bytes are counted
there. Redirects are followed by hand: to other hosts (that is how the stores of large files work; nothing of the user's
is sent along), but never from https to plain http, never round in circles.

A connection that says nothing for a while is ended, so that a stalled server holds nobody; a person's pause ends it at
once, from another thread, by closing it under the one who reads.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests import exceptions
from urllib3.exceptions import HTTPError

from galaxy_desktop import __version__
from galaxy_desktop.collect.raw_http import Route, bare_host
from galaxy_desktop.collect.trouble import ProxyRefusalError, network_sentence
from galaxy_desktop.collect.trust import trust_the_system
from galaxy_desktop.errors import BrokenAnswerError, GalaxyError, NetworkOffError, OfflineError, RefusedError
from galaxy_desktop.services.egress_guard import is_local

logger = logging.getLogger(__name__)

PURPOSE = "model download"
CONNECT_S, SILENT_S = 10.0, 30.0
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5
COUNT_EVERY = 4_000_000
"""Bytes after which the ledger hears of them: a long download shows there while it runs."""
_SHA256 = re.compile(r'"?([0-9a-f]{64})"?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long a server may take to be reached, and to be silent, in seconds."""

    connect: float = CONNECT_S
    silent: float = SILENT_S


class HttpAnswer:
    """An answer that is being read."""

    def __init__(
        self, response: requests.Response, promised: str, count: Callable[[int], None], network_on: Callable[[], bool]
    ) -> None:
        """`count` hears of bytes that came; `network_on` is asked before each piece."""
        self._response = response
        self._count = count
        self._network_on = network_on
        self._uncounted = 0
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        self.host = bare_host(response.url)
        self.promised_sha256 = promised

    def read(self, most: int) -> bytes:
        """The next bytes as they came, b"" at the end.

        Raises:
            NetworkOffError: the network was switched off meanwhile.
            BrokenAnswerError: the connection broke, or nothing came for too long.
        """
        if not self._network_on():
            raise NetworkOffError(f"The network was switched off, so {self.host} was not read on.")
        try:
            # Not `read`, which waits until so many bytes came; decoding nothing, files must arrive as they are.
            piece: bytes = self._response.raw.read1(most, decode_content=False)
        except (HTTPError, OSError, ValueError) as error:
            raise BrokenAnswerError(_broken(error, self.host)) from error
        self._uncounted += len(piece)
        if self._uncounted >= COUNT_EVERY:
            self._tell()
        return piece

    def end_now(self) -> None:
        """End a read that waits on another thread."""
        try:
            self._response.raw.shutdown()
        except (ValueError, RuntimeError, OSError) as error:
            logger.debug("A connection had ended already: %s", error)

    def close(self) -> None:
        """Let go of the connection; what was not read is not read any more."""
        self._tell()
        self._response.close()

    def _tell(self) -> None:
        if self._uncounted:
            self._count(self._uncounted)
            self._uncounted = 0


class HttpTransport:
    """Asks servers for files; `ask` is for one thread, `end_now` for any."""

    def __init__(
        self, route: Callable[[], Route], network_on: Callable[[], bool] = lambda: True, times: Times | None = None
    ) -> None:
        """Connects to nothing yet; `route` is asked before each request, so that Settings hold at once."""
        self._route = route
        self._network_on = network_on
        self._times = times or Times()
        self._lock = threading.Lock()
        self._reading: HttpAnswer | None = None
        self._session = requests.Session()
        self._session.auth = _as_it_is
        trust_the_system(self._session)
        self._session.headers.update({"User-Agent": f"galaxy-desktop/{__version__}", "Accept-Encoding": "identity"})

    def ask(self, url: str, headers: Mapping[str, str]) -> HttpAnswer:
        """The answer to a request, after redirects.

        Raises:
            NetworkOffError: the network is switched off.
            OfflineError: the server cannot be reached.
            RefusedError: the address is none, is not trusted, or leads round in circles.
            BrokenAnswerError: the connection broke before an answer came.
        """
        promised, seen = "", {url}
        for _ in range(MOST_REDIRECTS + 1):
            response = self._asked(url, headers)
            promised = promised or _promised(response.headers)
            if response.status_code not in REDIRECTS or "Location" not in response.headers:
                return self._opened(response, promised)
            response.close()
            url = _next(url, response.headers["Location"])
            if url in seen:
                break
            seen.add(url)
        raise RefusedError(f"{bare_host(url)} sends from one address to the next and never to the file.")

    def end_now(self) -> None:
        """End the read that is under way, if there is one."""
        with self._lock:
            reading = self._reading
        if reading is not None:
            reading.end_now()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _opened(self, response: requests.Response, promised: str) -> HttpAnswer:
        host, gate = urlsplit(response.url).hostname or "", self._route().gate
        answer = HttpAnswer(response, promised, lambda amount: gate.count(host, PURPOSE, amount, 0), self._network_on)
        with self._lock:
            self._reading = answer
        return answer

    def _asked(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """One exchange, announced at the gate."""
        route, parts = self._route(), _parts(url)
        route.gate.pass_out(parts.hostname, parts.port, PURPOSE)
        try:
            return self._session.get(
                url,
                headers=dict(headers),
                timeout=(self._times.connect, self._times.silent),
                proxies=route.proxies(url),
                verify=route.ca_bundle or True,
                allow_redirects=False,
                stream=True,
            )
        except exceptions.RequestException as error:
            raise _sentence(error, bare_host(url)) from error
        except (HTTPError, ValueError, OSError) as error:
            raise BrokenAnswerError(_broken(error, bare_host(url))) from error


@dataclass(frozen=True, slots=True)
class _Address:
    hostname: str
    port: int


def _parts(url: str) -> _Address:
    """Host and port of an address; raises `RefusedError` for what is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise RefusedError(f"{url!r} is no address from which a file can be downloaded. Write it like https://…")
    return _Address(host, port or (443 if parts.scheme == "https" else 80))


def check_address(url: str) -> str:
    """The host of an address from which a model may be fetched.

    Raises:
        RefusedError: it is none, carries a password, or would travel readably over the network.
    """
    host = _parts(url).hostname
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise RefusedError("Leave name and password out of the address: addresses are stored readably.")
    if parts.scheme == "http" and not is_local(host):
        raise RefusedError(
            f"{bare_host(url)} would be asked over plain http, where anybody can change a file. Use https."
        )
    return bare_host(url)


def _next(url: str, location: str) -> str:
    """Where a redirect leads; raises `RefusedError` where it must not be followed."""
    try:
        target = urljoin(url, location)
    except ValueError:
        target = location
    host = _parts(target).hostname
    if urlsplit(target).scheme == "http" and not is_local(host):
        raise RefusedError(
            f"{bare_host(url)} sends on to plain http, where anybody can change a file. It was not followed."
        )
    return target


def _promised(headers: Mapping[str, str]) -> str:
    """The SHA-256 that Hugging Face tells of its large files with the redirect to them."""
    found = _SHA256.fullmatch(headers.get("X-Linked-Etag", ""))
    return found[1] if found else ""


def _sentence(error: exceptions.RequestException, host: str) -> GalaxyError:
    said = network_sentence(error, host, whom=host)
    if isinstance(said, ProxyRefusalError):
        return RefusedError(str(said))  # nothing to wait for, unlike a network that is away for a while
    if isinstance(said, OfflineError | RefusedError):
        return said
    return BrokenAnswerError(_broken(error, host))


def _broken(error: Exception, host: str) -> str:
    if "timed out" in str(error).lower():
        return f"{host} stopped sending. What came is kept; try again."
    return f"The connection to {host} broke off. What came is kept; try again."


def _as_it_is(request: Any) -> Any:
    """An authentication that adds nothing: without it `requests` would look into `.netrc`."""
    return request
