"""GitHub's OAuth device flow: a code is shown, typed into a browser, and asked for until it was typed.

The thinking part is pure: an answer and a moment in, the next moment to ask or the token or a sentence out. GitHub says
how often it wants to be asked, and bans who asks more often; "slow down" adds 5 seconds for good, and a connection that
fails doubles the pause for the next try, as RFC 8628 wants. A server in trouble is asked again until the code expires;
everything else ends the attempt with what to do.

Scopes: OAuth apps have no read-only access to private repositories, so `repo` is the least that reads them; it also
carries the changes of the outbox. `read:project` is for boards and iterations. `read:org` is left out: people are known
from what they do in the repositories, and boards are found without it. What can be narrower is a fine-grained token.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from galaxy_desktop.collect.answers import retry_after
from galaxy_desktop.collect.raw_http import Asker, RawAnswer, RawHttp, Route, web_url
from galaxy_desktop.domain.sign_in import DeviceCode
from galaxy_desktop.errors import BrokenAnswerError, NetworkOffError, OfflineError, RefusedError

logger = logging.getLogger(__name__)

SCOPES = ("repo", "read:project")
PURPOSE = "GitHub sign-in"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL_S = 5
SLOW_DOWN_S = 5
EXPIRES_S = 900
LONGEST_PAUSE_S = 60
AGAIN = "Ask for a new code to sign in."

REFUSALS = {
    "expired_token": f"The code expired before it was typed. {AGAIN}",
    "access_denied": f"Signing in was refused on GitHub. {AGAIN}",
    "incorrect_device_code": f"GitHub does not know this code any more. {AGAIN}",
    "device_flow_disabled": "The OAuth app of this client ID has device flow switched off. Switch it on in the app's "
    "settings on GitHub, or use a token.",
    "incorrect_client_credentials": "GitHub knows no OAuth app of this client ID. Correct it in Settings, or use a token.",
    "unsupported_grant_type": "This GitHub cannot sign in with a code. Use a token.",
    "unauthorized_client": "The OAuth app of this client ID may not sign in with a code. Use a token.",
    "invalid_scope": "This GitHub does not know the access that is asked for. Use a token.",
}


class SignInRefusedError(RefusedError):
    """Signing in with a code ended for good: the sentence says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Where waiting stands: ask again at `due`, and from then on every `interval_s`; `troubles` came in a row."""

    due: datetime
    interval_s: int
    troubles: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The end of a successful sign-in; `scopes` is what the person granted, which may be less than was asked."""

    token: str
    scopes: tuple[str, ...]

    def __repr__(self) -> str:
        """Never shows the token."""
        return f"Grant(scopes={self.scopes})"


def code_given(answer: RawAnswer, web: str, now: datetime) -> DeviceCode:
    """The code that GitHub gave; raises a `GalaxyError` with what to do when it gave none."""
    row = _row(answer)
    if answer.status == 404:
        raise SignInRefusedError(REFUSALS["incorrect_client_credentials"])
    _raise_refusal(row)
    user_code, device_code = str(row.get("user_code") or ""), str(row.get("device_code") or "")
    url = str(row.get("verification_uri") or "")
    if not device_code or not user_code.isprintable() or not 4 <= len(user_code) <= 20:
        raise BrokenAnswerError("GitHub gave no code to sign in with. Try again in a minute, or use a token.")
    if (urlsplit(url).scheme, urlsplit(url).hostname) != (urlsplit(web).scheme, urlsplit(web).hostname):
        raise SignInRefusedError(f"The address to type the code at is not on {urlsplit(web).netloc}. Use a token.")
    return DeviceCode(
        user_code=user_code,
        verification_url=url,
        expires_at=now + timedelta(seconds=_seconds(row.get("expires_in"), EXPIRES_S)),
        interval_s=_seconds(row.get("interval"), INTERVAL_S),
        device_code=device_code,
    )


def first_poll(code: DeviceCode, now: datetime) -> Poll:
    """When to ask for the first time: not before one interval."""
    return Poll(due=now + timedelta(seconds=code.interval_s), interval_s=code.interval_s)


def next_step(poll: Poll, answer: RawAnswer, code: DeviceCode, now: datetime) -> Poll | Grant:
    """What an answer to "was it typed?" means: the token, or when to ask again; a `GalaxyError` ends the attempt."""
    row = _row(answer)
    token = row.get("access_token")
    if isinstance(token, str) and token:
        scopes = tuple(sorted(filter(None, str(row.get("scope") or "").split(","))))
        return Grant(token=token, scopes=scopes)
    said = str(row.get("error") or "")
    if said == "slow_down":
        asked = _seconds(row.get("interval"), 0)
        poll = replace(poll, interval_s=max(asked, poll.interval_s + SLOW_DOWN_S))
    elif said != "authorization_pending":
        _raise_refusal(row)
        return after_trouble(poll, code, now, until=retry_after(answer.headers, now))
    return _unless_expired(replace(poll, due=now + timedelta(seconds=poll.interval_s), troubles=0), code)


def after_trouble(poll: Poll, code: DeviceCode, now: datetime, until: datetime | None = None) -> Poll:
    """When to ask again after no answer, or one that is none: twice as late each time, never before `until`."""
    troubles = poll.troubles + 1
    pause = max(poll.interval_s, min(LONGEST_PAUSE_S, poll.interval_s * 2 ** min(troubles, 10)))
    due = now + timedelta(seconds=pause)
    return _unless_expired(replace(poll, due=max(due, until) if until else due, troubles=troubles), code)


def _unless_expired(poll: Poll, code: DeviceCode) -> Poll:
    if poll.due >= code.expires_at:
        raise SignInRefusedError(REFUSALS["expired_token"])
    return poll


def _row(answer: RawAnswer) -> Mapping[str, Any]:
    """The object in an answer; an empty one for HTML, lists and broken JSON."""
    try:
        parsed = json.loads(answer.body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _raise_refusal(row: Mapping[str, Any]) -> None:
    said = str(row.get("error") or "")
    if said in REFUSALS:
        raise SignInRefusedError(REFUSALS[said])
    if said:
        told = str(row.get("error_description") or said)[:200]
        raise SignInRefusedError(f"GitHub does not sign in with this code: {told} {AGAIN}")


def _seconds(value: Any, otherwise: int) -> int:
    return min(value, 3600) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise


class DeviceFlow:
    """The device flow of one GitHub for one OAuth app; blocking, for the thread that makes the calls."""

    def __init__(
        self,
        api_url: str,
        client_id: str,
        now: Callable[[], datetime],
        *,
        route: Route | None = None,
        connect: Callable[[str, Route], Asker] | None = None,
    ) -> None:
        """Connects to nothing yet; `connect` is for tests."""
        self._web = web_url(api_url)
        self._client_id = client_id
        self._now = now
        route = route or Route()
        self._asker = connect(self._web, route) if connect else _connected(self._web, route)

    def begin(self) -> DeviceCode:
        """Ask for a code to show; raises a `GalaxyError` with what to do when there is none."""
        body = {"client_id": self._client_id, "scope": " ".join(SCOPES)}
        return code_given(self._asker.ask("POST", "/login/device/code", body=body), self._web, self._now())

    def ask(self, code: DeviceCode, poll: Poll) -> Poll | Grant:
        """Ask once whether the code was typed; only what can get better is waited for.

        Raises:
            SignInRefusedError: it never will.
            NetworkOffError: the network was switched off meanwhile.
        """
        body = {"client_id": self._client_id, "device_code": code.device_code, "grant_type": GRANT}
        try:
            answer = self._asker.ask("POST", "/login/oauth/access_token", body=body)
        except NetworkOffError:
            raise
        except (OfflineError, BrokenAnswerError) as error:
            logger.info("Asking whether the code was typed: %s", error)
            return after_trouble(poll, code, self._now())
        return next_step(poll, answer, code, self._now())

    def close(self) -> None:
        """Close the connections."""
        self._asker.close()


def _connected(web: str, route: Route) -> Asker:
    return RawHttp(web, PURPOSE, accept="application/json", route=route)
