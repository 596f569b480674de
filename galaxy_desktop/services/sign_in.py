"""Signing in: GitHub's device flow from the code to the keyring, signing out, and what a token can do.

The window shows the code; here it is waited for. Waiting looks at the stop flag five times a second, and the one call in
flight runs on a thread that can be left to itself, so a person who cancels waits for nothing. A token that arrives is
kept even when GitHub cannot say a moment later whose it is: asking for another code would only make one more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from galaxy_desktop.domain.sign_in import DeviceCode, PermissionResult
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.traffic import EgressGate
from galaxy_desktop.errors import BrokenAnswerError, GalaxyError, WrongUseError
from galaxy_desktop.services import clock
from galaxy_desktop.services.credentials import Credentials, TokenReport
from galaxy_desktop.services.lanes import CallThread, pause
from galaxy_desktop.settings import Settings, environment_token

if TYPE_CHECKING:
    from galaxy_desktop.collect.budget import Budget
    from galaxy_desktop.collect.device_flow import DeviceFlow, Grant

logger = logging.getLogger(__name__)

CALL_S = 30.0
"""The longest that one question to GitHub may take here, connecting included."""

Sleep = Callable[[float, StopFlag | None], Coroutine[Any, Any, None]]


class SignIn:
    """The account of one profile; the coroutines are awaited on the event loop."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        credentials: Callable[[], Credentials],
        gate: EgressGate,
        *,
        repositories: Callable[[], Sequence[str]],
        changed: Callable[[], Awaitable[None]],
        now: Callable[[], datetime] = clock.now,
        sleep: Sleep = pause,
        budget: Callable[[], Budget | None] = lambda: None,
    ) -> None:
        """Asks for nothing yet.

        Args:
            settings: the settings in force; they may change while the program runs.
            credentials: the keyring entry of the GitHub in force.
            gate: the door to the network.
            repositories: the names to try permissions in; called on a worker thread.
            changed: awaited after the token in the keyring changed, so that syncing takes the new one.
            now: the clock.
            sleep: waits without blocking; tests hand in one that does not.
            budget: what may be asked under the stored token, shared with syncing; called on a worker thread.
        """
        self._settings = settings
        self._credentials = credentials
        self._gate = gate
        self._repositories = repositories
        self._changed = changed
        self._now = now
        self._sleep = sleep
        self._budget = budget

    def device_flow_ready(self) -> bool:
        """Whether a client id is configured."""
        return bool(self._settings().client_id())

    async def begin(self) -> DeviceCode:
        """Ask GitHub for a code to show.

        Raises:
            WrongUseError: no client id is configured.
            GalaxyError: GitHub gave no code; says why and what to do.
        """
        if not self.device_flow_ready():
            raise WrongUseError("Signing in with a code needs a client ID. Enter one in Settings, or use a token.")
        flow = await asyncio.to_thread(self._flow)
        try:
            return await asyncio.to_thread(flow.begin)
        finally:
            flow.close()

    async def finish(self, code: DeviceCode, stop: StopFlag) -> TokenReport:
        """Wait until the person typed the code, then keep the token.

        Raises:
            CancelledByUserError: `stop` was set.
            KeyringError: the token cannot be kept.
            GalaxyError: the code was refused or expired; says what to do.
        """
        flow = await asyncio.to_thread(self._flow)
        calls = CallThread("sign-in")
        try:
            grant = await self._granted(flow, calls, code, stop)
        finally:
            calls.close()
            flow.close()
        await asyncio.to_thread(self._credentials().save, grant.token)
        await self._changed()
        return await asyncio.to_thread(self._signed_in, grant)

    async def sign_out(self) -> None:
        """Remove the token from the keyring.

        Raises:
            KeyringError: it could not be removed.
            WrongUseError: it was removed, but the environment holds one, too, which this program cannot remove.
        """
        await asyncio.to_thread(self._credentials().forget)
        await self._changed()
        if environment_token():
            raise WrongUseError(
                "The keyring holds no token any more, but GALAXY_GITHUB_TOKEN still does. Remove it there and start again."
            )

    async def permissions(self, token: str | None = None) -> tuple[PermissionResult, ...]:
        """What this token (or the stored one) can do, tried live; raises `GalaxyError` when nothing could be tried."""
        return await asyncio.to_thread(self._tried, token)

    async def _granted(self, flow: DeviceFlow, calls: CallThread, code: DeviceCode, stop: StopFlag) -> Grant:
        from galaxy_desktop.collect.device_flow import Poll, after_trouble, first_poll  # noqa: PLC0415 - brings `requests`

        step: Poll | Grant = first_poll(code, self._now())
        while isinstance(step, Poll):
            poll = step
            await self._sleep(max(0.0, (poll.due - self._now()).total_seconds()), stop)
            try:
                step = await calls.run(partial(flow.ask, code, poll), within=CALL_S, stop=stop)
            except BrokenAnswerError as error:
                logger.info("Asking whether the code was typed: %s", error)
                step = after_trouble(poll, code, self._now())
        return step

    def _flow(self) -> DeviceFlow:
        from galaxy_desktop.collect.device_flow import DeviceFlow  # noqa: PLC0415 - brings `requests`
        from galaxy_desktop.services.token_check import route_of  # noqa: PLC0415 - same

        settings = self._settings()
        route = route_of(settings, self._gate)
        return DeviceFlow(settings.api_url(), settings.client_id(), self._now, route=route)

    def _signed_in(self, grant: Grant) -> TokenReport:
        """Who that was; not knowing is no failure, the token is kept."""
        from galaxy_desktop.collect.device_flow import SCOPES  # noqa: PLC0415 - brings `requests`
        from galaxy_desktop.services.token_check import examine, route_of  # noqa: PLC0415 - same

        settings = self._settings()
        lacking = [scope for scope in SCOPES if grant.scopes and scope not in grant.scopes]
        other = " GALAXY_GITHUB_TOKEN is set and is used instead until it is removed." if environment_token() else ""
        less = f" GitHub granted less than was asked; missing: {', '.join(lacking)}." if lacking else ""
        less += other
        try:
            holder, _ = examine(settings.api_url(), grant.token, self._now, route=route_of(settings, self._gate))
        except GalaxyError as error:
            return TokenReport(ok=True, login="", sentence=f"Signed in, and the token is kept.{less} {error}")
        return TokenReport(ok=True, login=holder.login, sentence=f"Signed in as {holder.login or 'somebody'}.{less}")

    def _tried(self, token: str | None) -> tuple[PermissionResult, ...]:
        from galaxy_desktop.services.token_check import examine, route_of  # noqa: PLC0415 - brings `requests`

        settings = self._settings()
        used = token.strip() if token else self._credentials().token()
        route = route_of(settings, self._gate, None if token else self._budget())
        _, results = examine(
            settings.api_url(), used or None, self._now, repositories=self._repositories(), route=route
        )
        return results
