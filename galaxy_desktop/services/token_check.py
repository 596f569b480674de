"""Asks GitHub whose token this is, before it is saved, and what the program can do with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.github_client import PURPOSE
from galaxy_desktop.collect.permissions import Holder, Probing
from galaxy_desktop.collect.raw_http import Asker, RawHttp, Route, root_url
from galaxy_desktop.domain.sign_in import Ability, PermissionResult
from galaxy_desktop.domain.traffic import EgressGate, Exchange
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.services import clock
from galaxy_desktop.services.credentials import TokenReport
from galaxy_desktop.settings import Settings

MISWRITTEN = "This is no token: a token is one word of letters, digits and underscores. Copy it again from GitHub."
_WRITTEN = re.compile(r"[\w.~+/=-]+", re.ASCII)

Connect = Callable[[str, str | None, Route], Asker]


def connect_raw(api_url: str, token: str | None, route: Route) -> Asker:
    """The real GitHub."""
    return RawHttp(root_url(api_url), PURPOSE, token=token, route=route)


@runtime_checkable
class KeepsTheLog(Protocol):
    """A gate that keeps the log of requests too: `services.egress.Egress`."""

    def observe(self, exchange: Exchange) -> None:
        """Note one request."""
        ...


def route_of(settings: Settings, gate: EgressGate, budget: Budget | None = None) -> Route:
    """The way to GitHub that the settings name; raises `RefusedError` when the file of certificates is not there.

    With a budget, which belongs to the token in force, requests take turns with syncing and the outbox.
    """
    return Route(gate=gate, proxy=settings.proxy(), ca_bundle=settings.ca_bundle(), observe=log_of(gate), budget=budget)


def log_of(gate: EgressGate) -> Callable[[Exchange], None]:
    """Where requests are noted: at the gate, where it keeps the log."""
    return gate.observe if isinstance(gate, KeepsTheLog) else lambda exchange: None


def check_by_settings(settings: Settings, gate: EgressGate, token: str, now: Callable[[], datetime]) -> TokenReport:
    """`check_token` on the way to GitHub that the settings name."""
    try:
        route = route_of(settings, gate)
    except GalaxyError as error:
        return TokenReport(ok=False, login="", sentence=str(error))
    return check_token(settings.api_url(), token, now, route=route)


def check_token(
    api_url: str,
    token: str,
    now: Callable[[], datetime] = clock.now,
    *,
    repositories: Sequence[str] | None = None,
    route: Route | None = None,
    connect: Connect = connect_raw,
) -> TokenReport:
    """What GitHub says of a token; blocking, for a worker thread. A failure is in the report, never raised.

    `repositories` are those to try its permissions in; `None` asks only whose token it is.
    """
    if not token.strip():
        return TokenReport(ok=False, login="", sentence="Paste a token first.")
    if not _WRITTEN.fullmatch(token.strip()):
        return TokenReport(ok=False, login="", sentence=MISWRITTEN)
    try:
        holder, results = examine(api_url, token.strip(), now, repositories=repositories, route=route, connect=connect)
    except GalaxyError as error:
        return TokenReport(ok=False, login="", sentence=str(error))
    return TokenReport(
        ok=True, login=holder.login or "somebody", sentence=_sentence(holder, results), permissions=results
    )


def examine(
    api_url: str,
    token: str | None,
    now: Callable[[], datetime] = clock.now,
    *,
    repositories: Sequence[str] | None = None,
    route: Route | None = None,
    connect: Connect = connect_raw,
) -> tuple[Holder, tuple[PermissionResult, ...]]:
    """Whose token this is and what it allows; blocking.

    Raises:
        GalaxyError: it could not be asked, or the token is no good; the sentence says which.
    """
    asker = connect(api_url, token, route or Route())
    try:
        probing = Probing(asker, api_url, now(), has_token=token is not None)
        holder = probing.holder()
        return holder, () if repositories is None else probing.results(holder, repositories)
    finally:
        asker.close()


def _sentence(holder: Holder, results: Sequence[PermissionResult]) -> str:
    known = f"GitHub knows you as {holder.login}" if holder.login else "GitHub accepts it"
    expires = re.match(r"\d{4}-\d\d-\d\d", holder.expires)
    until = f" until {expires[0]}" if expires else ""
    lacking = [one.feature for one in results if one.needed and one.ability is Ability.NO]
    missing = f" It lacks what the program needs: {'; '.join(lacking)}." if lacking else ""
    return f"The token works{until}: {known}.{missing}"
