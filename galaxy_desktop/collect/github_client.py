"""The one place that knows PyGithub: a GET, its status, headers and body, and nothing clever.

PyGithub 2.10 does three clever things that a poller must not have. It sleeps on 202 and repeats for ever; it
follows a 301 with the path alone, losing `since` and `page`; and its retry sleeps until a limit resets. So
retries are off, and requests go through a connection of ours that hands 202 and redirects back as they are
and reads the body against a deadline: a server that sends one byte a second must not hold a thread for ever.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, RequestsResponse
from requests import exceptions
from urllib3.exceptions import NameResolutionError, NewConnectionError

from galaxy_desktop import __version__
from galaxy_desktop.collect.answers import Answer, Parameters, UnstatedLimitError, judge
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.errors import BrokenAnswerError, GalaxyError, LimitError, OfflineError, RefusedError

CONNECT_S = 10
ANSWER_S = 15
WHOLE_ANSWER_S = 60
REDIRECTS = (301, 302, 307, 308)
MOST_REDIRECTS = 3
_CHUNK = 65_536


class _HandedBackError(Exception):
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


def _perform(connection: Any, path: str, headers: dict[str, str]) -> _Read:
    """One GET on the connection's session, with a deadline for the whole of it."""
    begun = time.monotonic()
    url = f"{connection.protocol}://{connection.host}:{connection.port}{path}"
    with connection.session.get(
        url,
        headers=headers,
        timeout=(CONNECT_S, ANSWER_S),
        verify=connection.verify,
        allow_redirects=False,
        stream=True,
    ) as response:
        chunks = []
        for chunk in response.iter_content(_CHUNK):
            chunks.append(chunk)
            if time.monotonic() - begun > WHOLE_ANSWER_S:
                raise BrokenAnswerError(
                    f"GitHub took more than {WHOLE_ANSWER_S} s for one answer. The next sync asks again."
                )
        if response.status_code == 202 or response.status_code in REDIRECTS:
            raise _HandedBackError(response.status_code, {k.lower(): v for k, v in response.headers.items()})
        return _Read(response, b"".join(chunks))


class _Plain(HTTPRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        """The answer to the request made last."""
        return _perform(self, self.url, self.headers)


class _Secure(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        """The answer to the request made last."""
        return _perform(self, self.url, self.headers)


class GitHub:
    """GitHub under one address and one token, within a budget; blocking, for the thread that makes the calls."""

    def __init__(self, api_url: str, token: str | None, budget: Budget, clock: Callable[[], datetime]) -> None:
        """Connects to nothing yet.

        Raises:
            RefusedError: the address cannot be one.
        """
        parts = urlsplit(api_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RefusedError(
                f"The address of the GitHub API, {api_url!r}, is not an address. Write it like https://api.github.com."
            )
        self._base = parts
        self._budget = budget
        self._clock = clock
        self._has_token = token is not None
        self.fingerprint = hashlib.sha256(f"{token or ''}@{api_url}".encode()).hexdigest()[:12]
        self._github = Github(
            auth=Auth.Token(token) if token else None,
            base_url=api_url.rstrip("/"),
            user_agent=f"galaxy-desktop/{__version__}",
            timeout=ANSWER_S,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        kind = _Secure if parts.scheme == "https" else _Plain
        self._connection = kind(parts.hostname, parts.port, timeout=ANSWER_S, retry=None)

    def get(self, path: str, parameters: Parameters | None = None, etag: str | None = None) -> Answer:
        """One GET within the budget, following redirects that stay on this host."""
        self._budget.check()
        with self._budget.turn():
            try:
                return self._get(path, dict(parameters or {}), etag)
            except UnstatedLimitError:
                raise
            except LimitError as error:
                self._budget.block(error.until)
                raise

    def close(self) -> None:
        """Close the connections; a later `get` opens new ones."""
        self._connection.close()
        self._github.close()

    def _get(self, path: str, parameters: dict[str, Any], etag: str | None) -> Answer:
        asked = path
        for _ in range(MOST_REDIRECTS + 1):
            status, headers, body = self._ask(asked, parameters, etag)
            self._budget.note(headers)
            if status not in REDIRECTS:
                return judge(
                    status=status, headers=headers, body=body, path=path, now=self._clock(), has_token=self._has_token
                )
            asked, parameters = self._redirected(headers.get("location", ""), parameters)
        raise BrokenAnswerError("GitHub sends us in a circle. The next sync asks again.")

    def _ask(self, path: str, parameters: dict[str, Any], etag: str | None) -> tuple[int, Mapping[str, str], str]:
        headers = {"Accept": "application/vnd.github+json"}
        if etag:
            headers["If-None-Match"] = etag
        try:
            return self._github.requester.requestJson("GET", path, parameters, headers, cnx=self._connection)
        except _HandedBackError as answer:
            return answer.status, answer.headers, ""
        except exceptions.RequestException as error:
            raise _network_sentence(error, self._base.netloc) from error
        except (AssertionError, RuntimeError) as error:
            raise RefusedError(
                f"The answers of {self._base.netloc} name another address. Correct the address of the GitHub API."
            ) from error

    def _redirected(self, location: str, parameters: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Path and parameters to ask instead; the token never leaves for another host."""
        target = urlsplit(location)
        here = (self._base.scheme, self._base.hostname, self._base.port)
        if target.netloc and (target.scheme, target.hostname, target.port) != here:
            raise RefusedError(
                f"GitHub at {self._base.netloc} sends us on to {target.netloc}. Correct the address of the GitHub API."
            )
        path = target.path.removeprefix(self._base.path.rstrip("/"))
        if not path.startswith("/"):
            raise BrokenAnswerError("GitHub sends us on without saying where. The next sync asks again.")
        return path, {**parameters, **dict(parse_qsl(target.query))}


def _network_sentence(error: exceptions.RequestException, host: str) -> GalaxyError:
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
