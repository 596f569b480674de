"""The connection under PyGithub: one exchange, read whole against a deadline, with its size.

PyGithub 2.10 does three clever things that a poller must not have. It sleeps on 202 and repeats for ever; it
follows a 301 with the path alone, losing `since` and `page`; and its retry sleeps until a limit resets. So
retries are off, and requests go through a connection of ours that hands 202 and redirects back as they are
and reads the body against a deadline: a server that sends one byte a second must not hold a thread for ever.

Proxies and certificates are those that were set, else those of the environment (HTTPS_PROXY, NO_PROXY,
REQUESTS_CA_BUNDLE), as `requests` reads them. They are given with each request: on a session, `requests` would let
the environment win.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import requests
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, RequestsResponse
from requests import exceptions
from urllib3.exceptions import NameResolutionError, NewConnectionError

from galaxy_desktop.errors import BrokenAnswerError, GalaxyError, OfflineError, RefusedError

CONNECT_S = 10
ANSWER_S = 15
WHOLE_ANSWER_S = 60
REDIRECTS = (301, 302, 307, 308)
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
        proxies=connection.proxies,
        allow_redirects=False,
        stream=True,
    ) as response:
        chunks = []
        for chunk in response.iter_content(_CHUNK):
            chunks.append(chunk)
            connection.received += len(chunk)
            if time.monotonic() - begun > WHOLE_ANSWER_S:
                raise BrokenAnswerError(
                    f"GitHub took more than {WHOLE_ANSWER_S} s for one answer. The next sync asks again."
                )
        if response.status_code == 202 or response.status_code in REDIRECTS:
            raise HandedBackError(response.status_code, {k.lower(): v for k, v in response.headers.items()})
        return _Read(response, b"".join(chunks))


class Plain(HTTPRequestsConnectionClass):
    """A connection without encryption, for servers on this computer."""

    received = 0
    sent = 0
    proxies: Mapping[str, str] | None = None

    def getresponse(self) -> RequestsResponse:
        """The answer to the request made last."""
        return _perform(self)


class Secure(HTTPSRequestsConnectionClass):
    """A connection with encryption."""

    received = 0
    sent = 0
    proxies: Mapping[str, str] | None = None

    def getresponse(self) -> RequestsResponse:
        """The answer to the request made last."""
        return _perform(self)


def network_sentence(error: exceptions.RequestException, host: str) -> GalaxyError:
    """What happened on the way, told apart by cause: no way there at all, or a connection that broke."""
    if isinstance(error, exceptions.SSLError):
        return RefusedError(f"The certificate of {host} is not trusted. Check the clock, or the proxy in between.")
    if isinstance(error, exceptions.ConnectTimeout | exceptions.ProxyError) or _never_connected(error):
        return OfflineError(f"GitHub cannot be reached at {host}. Work goes on with what is stored.")
    if isinstance(error, exceptions.Timeout):
        return BrokenAnswerError(f"GitHub did not answer within {ANSWER_S} s. The next sync asks again.")
    return BrokenAnswerError("The connection to GitHub broke off. The next sync asks again.")


def _never_connected(error: BaseException) -> bool:
    """Whether no connection came about; requests wraps the reason of urllib3 several times."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or one in seen:
            continue
        if isinstance(one, NewConnectionError | NameResolutionError):
            return True
        seen.append(one)
        waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return False
