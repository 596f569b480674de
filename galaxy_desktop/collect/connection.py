"""The connection under PyGithub: one exchange, read whole against a deadline, with its size.

PyGithub 2.10 does three clever things that a poller must not have. It sleeps on 202 and repeats for ever; it
follows a 301 with the path alone, losing `since` and `page`; and its retry sleeps until a limit resets. So
retries are off, and requests go through a connection of ours that hands 202 and redirects back as they are
and reads the body against a deadline: a server that sends one byte a second must not hold a thread for ever.

Proxies and certificates are those that were set, else those of the environment (HTTPS_PROXY, NO_PROXY,
REQUESTS_CA_BUNDLE, SSL_CERT_FILE) and of the system. They are given with each request: on a session, `requests`
would let the environment win. A proxy that was set is not used for hosts that NO_PROXY names.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import requests
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, RequestsResponse
from requests.utils import should_bypass_proxies

from galaxy_desktop.collect.trouble import ANSWER_S, WHOLE_ANSWER_S, network_sentence
from galaxy_desktop.collect.trust import trust_the_system
from galaxy_desktop.errors import BrokenAnswerError

__all__ = ["ANSWER_S", "CONNECT_S", "REDIRECTS", "HandedBackError", "Plain", "Secure", "network_sentence"]

CONNECT_S = 10
REDIRECTS = (301, 302, 307, 308)
MOST_BYTES = 64_000_000
"""Unpacked; a page of 100 pull requests with the longest texts that GitHub takes is a fifth of that."""
_CHUNK = 65_536


class HandedBackError(Exception):
    """Carries a 202 or a redirect past PyGithub, which would sleep or lose the query."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


class _Read(RequestsResponse):
    """A response whose body was read already; always UTF-8, guessing the encoding costs more than parsing."""

    def __init__(self, response: requests.Response, content: bytes) -> None:
        super().__init__(response)
        self._text = content.decode("utf-8", errors="replace")

    def read(self) -> str:
        """The body."""
        return self._text


def _perform(connection: Any) -> _Read:
    """One exchange on the connection's session, with a deadline for the whole of it."""
    begun = time.monotonic()
    connection.received = 0
    body = connection.input
    connection.sent = len(body.encode() if isinstance(body, str) else body or b"")
    with connection.session.request(
        connection.verb,
        f"{connection.protocol}://{connection.host}:{connection.port}{connection.url}",
        headers=connection.headers,
        data=body,
        timeout=(CONNECT_S, ANSWER_S),
        verify=connection.verify,
        proxies=_proxies(connection),
        allow_redirects=False,
        stream=True,
    ) as response:
        chunks, size = [], 0
        for chunk in response.iter_content(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            connection.received = response.raw.tell()  # as it came, packed
            if time.monotonic() - begun > WHOLE_ANSWER_S:
                raise BrokenAnswerError(
                    f"GitHub took more than {WHOLE_ANSWER_S} s for one answer. The next sync asks again."
                )
            if size > MOST_BYTES:
                raise BrokenAnswerError("GitHub sent an answer without end. The next sync asks again.")
        if response.status_code == 202 or response.status_code in REDIRECTS:
            raise HandedBackError(response.status_code, {k.lower(): v for k, v in response.headers.items()})
        return _Read(response, b"".join(chunks))


def _proxies(connection: Any) -> Mapping[str, str] | None:
    """The proxy that was set, unless NO_PROXY spares this host; `None` leaves it to the environment."""
    url = f"{connection.protocol}://{connection.host}:{connection.port}"
    spared = connection.proxies and should_bypass_proxies(url, no_proxy=None)
    return None if spared else connection.proxies


class Plain(HTTPRequestsConnectionClass):
    """A connection without encryption, for servers on this computer."""

    received = 0
    sent = 0
    proxies: Mapping[str, str] | None = None

    def getresponse(self) -> RequestsResponse:
        """The answer to the request made last."""
        return _perform(self)


class Secure(HTTPSRequestsConnectionClass):
    """A connection with encryption, which trusts what the system trusts (see `trust`)."""

    received = 0
    sent = 0
    proxies: Mapping[str, str] | None = None

    def __init__(self, host: str, port: int | None = None, **more: Any) -> None:
        """Connects to nothing yet; `more` is what PyGithub's connection takes."""
        super().__init__(host, port, **more)
        trust_the_system(self.session)

    def getresponse(self) -> RequestsResponse:
        """The answer to the request made last."""
        return _perform(self)
