"""What went wrong on the way to GitHub, in a sentence: pure, from the exception to what happened and what to do.

`requests` wraps the reasons of `urllib3`, and that those of `ssl` and `socket`, several layers deep, in `args`, `reason`
and causes. The layers are searched, because the outermost kind alone tells too little: a proxy that wants a password
and one that is not there are the same `ProxyError`.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from typing import Any, TypeVar

from requests import exceptions
from urllib3.exceptions import LocationParseError, NameResolutionError, NewConnectionError

from galaxy_desktop.errors import BrokenAnswerError, GalaxyError, OfflineError, RefusedError

ANSWER_S = 15
WHOLE_ANSWER_S = 60

E = TypeVar("E", bound=BaseException)

_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_EXPIRED, _NOT_YET = (10,), (9,)
_OTHER_HOST = (62, 63, 64)
"""OpenSSL's numbers for what is wrong with a certificate."""


class ProxyRefusalError(OfflineError):
    """A proxy said no to us: waiting does not change that."""


def network_sentence(error: exceptions.RequestException, host: str, whom: str = "GitHub") -> GalaxyError:
    """What happened on the way, told apart by cause: no way there at all, a connection that broke, or one not trusted.

    Args:
        error: what `requests` raised.
        host: the host as people write it, with the port where it is not the usual one.
        whom: who was asked, in words.
    """
    if isinstance(error, exceptions.SSLError):
        return RefusedError(_tls_sentence(error, host))
    if isinstance(error, exceptions.ProxyError):
        return _proxy_error(error, host, whom)
    if isinstance(error, exceptions.InvalidURL | exceptions.InvalidProxyURL | exceptions.InvalidSchema):
        return RefusedError(_no_address(host, whom))
    if _first(error, LocationParseError):
        return RefusedError(_no_address(host, whom))
    if _first(error, NameResolutionError):
        return OfflineError(
            f"The name {_bare(host)} cannot be looked up: there is no network, or the name is wrong. Check both."
        )
    if isinstance(error, exceptions.ConnectTimeout) or _first(error, NewConnectionError):
        at = f" at {host}" if whom != host else ""
        return OfflineError(f"{whom} cannot be reached{at}. Check the network.")
    if isinstance(error, exceptions.Timeout):
        return BrokenAnswerError(f"{whom} did not answer within {ANSWER_S} s. The next sync asks again.")
    return BrokenAnswerError(f"The connection to {whom} broke off. The next sync asks again.")


def _no_address(host: str, whom: str) -> str:
    address = "the address of the GitHub API" if whom == "GitHub" else "that address"
    return f"The way to {host} is not an address. Correct the proxy or {address}."


def proxy_refusal(status: int, host: str, whom: str = "GitHub") -> OfflineError:
    """A proxy's own no: it wants to know who we are, or does not let anybody through to this host."""
    if status == 407:
        return ProxyRefusalError(
            f"The proxy on the way to {whom} wants a name and a password. "
            "Write them into its address, as in http://name:password@proxy:3128."
        )
    kind = ProxyRefusalError if status < 500 else OfflineError
    return kind(
        f"The proxy on the way to {whom} does not let us through to {host} (status {status}). "
        "Ask whoever runs it, or correct the proxy in Settings."
    )


def _proxy_error(error: exceptions.ProxyError, host: str, whom: str) -> OfflineError:
    told = next((found for one in _inside(error) if (found := _TUNNEL.search(str(one)))), None)
    if told:
        return proxy_refusal(int(told[1]), host, whom)
    return OfflineError(f"The proxy on the way to {whom} cannot be reached. Correct it in Settings or in HTTPS_PROXY.")


def _tls_sentence(error: exceptions.SSLError, host: str) -> str:
    wrong = _first(error, ssl.SSLCertVerificationError)
    code = wrong.verify_code if wrong else None
    if code in _EXPIRED:
        return f"The certificate of {host} has expired. Check this computer's clock; else its owner must renew it."
    if code in _NOT_YET:
        return f"The certificate of {host} is not valid yet. Check this computer's clock."
    if code in _OTHER_HOST:
        return f"The certificate shown for {host} is that of another host. Correct the address, or check the proxy."
    if wrong:
        return (
            f"The certificate of {host} is not trusted. "
            "If your company's proxy signs it, name the company's certificate file in Settings."
        )
    return f"No encrypted connection to {host} came about. Check the address, or the proxy in between."


def _bare(host: str) -> str:
    return host.rsplit("@", 1)[-1].split(":", 1)[0]


def _first(error: BaseException, kind: type[E]) -> E | None:
    """The first reason of this kind behind an error."""
    return next((one for one in _inside(error) if isinstance(one, kind)), None)


def _inside(error: BaseException) -> Iterator[BaseException]:
    """An error and every reason behind it."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or any(one is known for known in seen):
            continue
        seen.append(one)
        yield one
        waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
