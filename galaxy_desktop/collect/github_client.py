"""The one place that knows PyGithub: one question, its status, headers and body, and nothing clever.

Requests go through a connection of ours (see `connection`). Every exchange passes the gate of the network before
it goes out and is told to an observer afterwards, so that the user can see what was asked and what it cost.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from github import Auth, Github
from requests import exceptions

from galaxy_desktop import __version__
from galaxy_desktop.collect.answers import Answer, Parameters, UnstatedLimitError, judge
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.connection import (
    ANSWER_S,
    REDIRECTS,
    HandedBackError,
    Plain,
    Secure,
    network_sentence,
)
from galaxy_desktop.collect.exchanges import (
    cost_of,
    entity_in,
    graphql_data,
    graphql_path,
    outcome_of,
    repository_in,
    resource_of,
    shown_path,
    whole_number,
)
from galaxy_desktop.collect.server_clock import ServerClock
from galaxy_desktop.collect.write_answers import judge_write
from galaxy_desktop.domain.traffic import EgressGate, Exchange, OpenGate
from galaxy_desktop.errors import BrokenAnswerError, LimitError, RefusedError

MOST_REDIRECTS = 3
PURPOSE = "GitHub API"


@dataclass(frozen=True, slots=True)
class _Question:
    method: str
    path: str
    parameters: Mapping[str, Any]
    body: Mapping[str, Any] | None
    etag: str | None
    entity: str = ""
    writes: bool = False


class GitHub:
    """GitHub under one address and one token, within a budget; blocking, for the thread that makes the calls."""

    def __init__(
        self,
        api_url: str,
        token: str | None,
        budget: Budget,
        clock: Callable[[], datetime],
        *,
        gate: EgressGate | None = None,
        observe: Callable[[Exchange], None] = lambda exchange: None,
        proxy: str | None = None,
        ca_bundle: str | None = None,
    ) -> None:
        """Connects to nothing yet; `gate` is asked before each request, `observe` hears of each afterwards.

        `proxy` (an address) and `ca_bundle` (a file) win over the environment where they are given.

        Raises:
            RefusedError: the address cannot be one.
        """
        parts = urlsplit(api_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RefusedError(
                f"The address of the GitHub API, {api_url!r}, is not an address. Write it like https://api.github.com."
            )
        self._base = parts
        self._shown = parts.netloc.rpartition("@")[2]
        self._budget = budget
        self._clock = clock
        self._server_clock = ServerClock(clock)
        self._gate: EgressGate = gate or OpenGate()
        self._observe = observe
        self._has_token = self.signed_in = token is not None
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
        kind = Secure if parts.scheme == "https" else Plain
        self._connection = kind(parts.hostname, parts.port, timeout=ANSWER_S, retry=None, verify=ca_bundle or True)
        self._connection.proxies = {"http": proxy, "https": proxy} if proxy else None

    def get(self, path: str, parameters: Parameters | None = None, etag: str | None = None) -> Answer:
        """One GET within the budget, following redirects that stay on this host."""
        return self._within_budget(_Question("GET", path, dict(parameters or {}), None, etag))

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """One write (POST, PATCH, PUT or DELETE) within the budget; never repeated and never redirected.

        Raises:
            BrokenAnswerError: no whole answer came: it may have happened or not, so look before you repeat.
            WriteRefusedError: a final no, with what to change first; nothing was written.
            MovedError: a redirect; nothing was written.
        """
        return self._within_budget(_Question(method, path, {}, dict(body) if body else None, None, writes=True))

    def graphql(self, query: str, variables: Mapping[str, Any], *, entity: str = "graphql") -> Mapping[str, Any]:
        """The `data` of one GraphQL answer; parts that GitHub could not give are `None` there.

        Raises:
            NoAccessError: this server or this token has no GraphQL, or none of what was asked.
            LimitError: the quota of points is used up.
        """
        body = {"query": query, "variables": dict(variables)}
        question = _Question("POST", graphql_path(self._base.path), {}, body, None, entity)
        answer = self._within_budget(question)
        try:
            return graphql_data(answer, self._clock())
        except LimitError as error:
            self._budget.block(error.until, error.resource)
            raise

    def now(self) -> datetime:
        """The moment by GitHub's clock, as far as its answers told it."""
        return self._server_clock.now()

    def close(self) -> None:
        """Close the connections; a later `get` opens new ones."""
        self._connection.close()
        self._github.close()

    def _within_budget(self, question: _Question) -> Answer:
        resource = resource_of(question.path)
        self._budget.check(resource)
        with self._budget.turn(resource):
            try:
                return self._exchange(question)
            except UnstatedLimitError:
                raise
            except LimitError as error:
                self._budget.block(error.until, error.resource)
                raise

    def _exchange(self, asked: _Question) -> Answer:
        question = asked
        for _ in range(MOST_REDIRECTS + 1):
            status, headers, body = self._ask(question)
            self._budget.note(headers)
            arrived = self._server_clock.learn(headers)
            if status not in REDIRECTS or question.method != "GET":
                answer = (judge_write if asked.writes else judge)(
                    status=status,
                    headers=headers,
                    body=body,
                    path=asked.path,
                    now=self._clock(),
                    has_token=self._has_token,
                )
                return replace(answer, at=arrived)
            path, parameters = self._redirected(headers.get("location", ""), dict(question.parameters))
            question = replace(question, path=path, parameters=parameters)
        raise BrokenAnswerError("GitHub sends us in a circle. The next sync asks again.")

    def _ask(self, question: _Question) -> tuple[int, Mapping[str, str], str]:
        """One exchange over the network, told to gate and observer whatever its end."""
        host, port = self._connection.host, self._connection.port
        self._gate.pass_out(host, port, PURPOSE)
        begun, at = time.monotonic(), self._clock()
        status: int | None = None
        headers: Mapping[str, str] = {}
        try:
            status, headers, body = self._answered(question)
            return status, headers, body
        finally:
            self._gate.count(host, PURPOSE, self._connection.received, self._connection.sent)
            self._observe(
                Exchange(
                    at=at,
                    host=host,
                    repository=repository_in(question.path),
                    entity=question.entity or entity_in(question.path),
                    method=question.method,
                    path=shown_path(question.path, question.parameters),
                    status=status,
                    outcome=outcome_of(status),
                    cost=cost_of(status, headers, signed_in=self._has_token),
                    resource=headers.get("x-ratelimit-resource") or resource_of(question.path),
                    remaining=whole_number(headers.get("x-ratelimit-remaining")),
                    bytes_in=self._connection.received,
                    bytes_out=self._connection.sent,
                    seconds=round(time.monotonic() - begun, 3),
                )
            )

    def _answered(self, question: _Question) -> tuple[int, Mapping[str, str], str]:
        headers = {"Accept": "application/vnd.github+json"}
        if question.etag:
            headers["If-None-Match"] = question.etag
        self._connection.received = self._connection.sent = 0
        try:
            return self._github.requester.requestJson(
                question.method,
                self._address(question.path),
                dict(question.parameters),
                headers,
                question.body,
                cnx=self._connection,
            )
        except HandedBackError as answer:
            return answer.status, answer.headers, ""
        except exceptions.RequestException as error:
            raise network_sentence(error, self._shown) from error
        except (AssertionError, RuntimeError) as error:
            raise RefusedError(
                f"The answers of {self._shown} name another address. Correct the address of the GitHub API."
            ) from error

    def _address(self, path: str) -> str:
        """What PyGithub is to be given: it puts the base path before every path, but GraphQL may be beside that."""
        beside = path == graphql_path(self._base.path) and path != "/graphql"
        return f"{self._base.scheme}://{self._base.netloc}{path}" if beside else path

    def _redirected(self, location: str, parameters: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Path and parameters to ask instead; the token never leaves for another host."""
        target = urlsplit(location)
        here = (self._base.scheme, self._base.hostname, self._base.port)
        if target.netloc and (target.scheme, target.hostname, target.port) != here:
            raise RefusedError(
                f"GitHub at {self._shown} sends us on to {target.netloc.rpartition('@')[2]}. Correct the address of the GitHub API."
            )
        path = target.path.removeprefix(self._base.path.rstrip("/"))
        if not path.startswith("/"):
            raise BrokenAnswerError("GitHub sends us on without saying where. The next sync asks again.")
        return path, {**parameters, **dict(parse_qsl(target.query))}
