"""One question to GitHub and its answer as it came: status, headers and text, unjudged.

Signing in and looking at a token need what the API client hides: the header that names a missing permission, the page
of HTML that says "this is no API", the sign-in pages that are no part of the API at all. Nothing is followed or
repeated here. A `.netrc` is not read: a token that is being tried must be the only one that is sent. What is asked
stands in the log of requests like everything else, and waits its turn where it shares a budget.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests import exceptions
from requests.utils import should_bypass_proxies

from galaxy_desktop import __version__
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.connection import ANSWER_S, CONNECT_S, network_sentence
from galaxy_desktop.collect.exchanges import cost_of, outcome_of, repository_in, resource_of, whole_number
from galaxy_desktop.collect.trust import trust_the_system
from galaxy_desktop.domain.traffic import EgressGate, Exchange, OpenGate
from galaxy_desktop.errors import BrokenAnswerError, RefusedError

MOST_BYTES = 1_000_000
_CHUNK = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """What came back; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: str


class Asker(Protocol):
    """Asks one question; the null version is the fake in the tests."""

    def ask(self, method: str, path: str, *, body: Mapping[str, Any] | None = None) -> RawAnswer:
        """One exchange; raises a `GalaxyError` when no answer came."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way to GitHub: the gate to pass, the proxy and the certificates that were set (`None`: as the environment says).

    `observe` hears of each request afterwards; with a `budget` each request waits its turn in it.
    """

    gate: EgressGate = field(default_factory=OpenGate)
    proxy: str | None = None
    ca_bundle: str | None = None
    observe: Callable[[Exchange], None] = lambda exchange: None
    budget: Budget | None = None

    def proxies(self, url: str) -> dict[str, str] | None:
        """The proxy that was set, unless NO_PROXY spares the host of this address; `None` leaves it to the environment."""
        if self.proxy is None or should_bypass_proxies(url, no_proxy=None):
            return None
        return {"http": self.proxy, "https": self.proxy}


class RawHttp:
    """Asks one server, blocking, for the thread that makes the calls."""

    def __init__(
        self,
        base_url: str,
        purpose: str,
        *,
        token: str | None = None,
        accept: str = "application/vnd.github+json",
        route: Route | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connects to nothing yet; `purpose` is for the ledger of hosts.

        Raises:
            RefusedError: the address cannot be one.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RefusedError(f"The address of GitHub, {base_url!r}, is not an address. Correct it in Settings.")
        self._base = base_url.rstrip("/")
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._netloc = bare_host(base_url)
        self._purpose = purpose
        self._route = route or Route()
        self._seconds = seconds
        self._session = requests.Session()
        self._session.auth = _as_it_is
        if parts.scheme == "https":
            trust_the_system(self._session)
        self._session.headers.update({"Accept": accept, "User-Agent": f"galaxy-desktop/{__version__}"})
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, *, body: Mapping[str, Any] | None = None) -> RawAnswer:
        """One exchange through the gate; `body` is sent as JSON.

        Raises:
            LimitError: the budget allows nothing now.
            NetworkOffError: the network is switched off.
            OfflineError: GitHub could not be reached.
            BrokenAnswerError: the connection broke off, or the answer has no end.
            RefusedError: the certificate is not trusted.
        """
        budget = self._route.budget
        with budget.turn(resource_of(path)) if budget else nullcontext():
            answer = self._observed(method, path, body)
            if budget:
                budget.note(answer.headers)
            return answer

    def _observed(self, method: str, path: str, body: Mapping[str, Any] | None) -> RawAnswer:
        """One exchange, told to the gate and to whoever keeps the log, whatever its end."""
        gate = self._route.gate
        gate.pass_out(self._host, self._port, self._purpose)
        data = None if body is None else json.dumps(body).encode()
        at, begun = datetime.now(UTC), time.monotonic()
        answer: RawAnswer | None = None
        size = [0]
        try:
            answer = self._asked(method, path, data, size)
            return answer
        finally:
            sent, headers = len(data or b""), answer.headers if answer else {}
            status = answer.status if answer else None
            gate.count(self._host, self._purpose, size[0], sent)
            self._route.observe(
                Exchange(
                    at=at,
                    host=self._host,
                    repository=repository_in(path),
                    entity=self._purpose,
                    method=method,
                    path=path,
                    status=status,
                    outcome=outcome_of(status),
                    cost=cost_of(status, headers, signed_in="Authorization" in self._session.headers),
                    resource=headers.get("x-ratelimit-resource") or resource_of(path),
                    remaining=whole_number(headers.get("x-ratelimit-remaining")),
                    bytes_in=size[0],
                    bytes_out=sent,
                    seconds=round(time.monotonic() - begun, 3),
                )
            )

    def _asked(self, method: str, path: str, data: bytes | None, size: list[int]) -> RawAnswer:
        """The answer; `size[0]` becomes the number of bytes of its body."""
        try:
            with self._session.request(
                method,
                f"{self._base}{path}",
                data=data,
                headers=None if data is None else {"Content-Type": "application/json"},
                timeout=(CONNECT_S, ANSWER_S),
                proxies=self._route.proxies(self._base),
                verify=self._route.ca_bundle or True,
                allow_redirects=False,
                stream=True,
            ) as response:
                content = self._whole(response)
                size[0] = len(content)
        except exceptions.RequestException as error:
            raise network_sentence(error, self._netloc) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        return RawAnswer(status=response.status_code, headers=headers, body=content.decode("utf-8", "replace"))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _whole(self, response: requests.Response) -> bytes:
        begun, content = self._seconds(), b""
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if len(content) > MOST_BYTES or self._seconds() - begun > ANSWER_S:
                raise BrokenAnswerError(f"{self._netloc} sent an answer without end.")
        return content


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An authentication that adds nothing: without it `requests` would look into `.netrc`."""
    return request


def bare_host(url: str) -> str:
    """Host and port of an address for a sentence: a name and password in it are nobody's business."""
    return urlsplit(url).netloc.rpartition("@")[2]


def root_url(url: str) -> str:
    """Scheme and host of an address, without its path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def web_url(api_url: str) -> str:
    """The address that a browser opens for the GitHub behind an API address.

    "https://api.github.com" is "https://github.com", "https://host/api/v3" is "https://host", "https://api.x.ghe.com"
    is "https://x.ghe.com"; anything else (a server on this computer) is its own.
    """
    parts = urlsplit(api_url)
    path = parts.path.rstrip("/")
    if path.endswith("/api/v3"):
        return f"{parts.scheme}://{parts.netloc}{path.removesuffix('/api/v3')}"
    host = parts.netloc
    if not path and host.startswith("api.") and host.count(".") >= 2:
        host = host.removeprefix("api.")
    return f"{parts.scheme}://{host}{path}"
