"""What a server's answer to the request for a file means: where its bytes belong, or what went wrong; pure.

Every refusal is told in words, because "status 403" helps nobody. Three kinds are kept apart, for they lead on
differently: `RefusedError` (this address will not do, another may), `BrokenAnswerError` (another try may do) and
`AskedToWaitError` (another try, later).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from galaxy_desktop.domain.models import size
from galaxy_desktop.errors import BrokenAnswerError, RefusedError

MOST_WAIT_S = 600.0
"""A server that asks for a longer pause is as good as one that says no."""
NO_ACCOUNT = (
    "Download the file in your browser and import it, or name another mirror in Settings if it is a model of the list."
)
_SPAN = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)")


class AskedToWaitError(BrokenAnswerError):
    """The server wants to be asked again, but not before `seconds` have passed."""

    def __init__(self, sentence: str, seconds: float) -> None:
        """Keep the time beside the sentence."""
        super().__init__(sentence)
        self.seconds = seconds


class OtherPieceError(BrokenAnswerError):
    """The server cannot give the rest of a file: it has to be fetched from the beginning there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What was asked: which file, from which byte on, and how long the whole must be (0: not known)."""

    name: str
    host: str
    begin: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where the bytes that come belong: from `begin` on, of `total` in all (0: not said)."""

    begin: int
    total: int


def plan_of(asked: Asking, status: int, headers: Mapping[str, str], now: datetime | None = None) -> Plan:
    """What to do with an answer; the names of `headers` are in lower case.

    Raises:
        RefusedError: this address does not have the file, or does not give it.
        AskedToWaitError: the server asked for a pause.
        OtherPieceError: the rest cannot be had from here.
        BrokenAnswerError: something went wrong there; another try may do.
    """
    if status not in (200, 206):
        raise _refusal(asked, status, headers, now or datetime.now(UTC))
    if headers.get("content-type", "").split(";")[0].strip().lower() in ("text/html", "application/xhtml+xml"):
        raise RefusedError(f"{asked.host} sent a web page instead of {asked.name}. {NO_ACCOUNT}")
    if headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise RefusedError(f"{asked.host} sends {asked.name} packed, which cannot be resumed or checked. {NO_ACCOUNT}")
    plan = _whole(headers) if status == 200 else _rest(asked, headers)
    if asked.bytes and plan.total and plan.total != asked.bytes:
        raise RefusedError(
            f"{asked.host} offers {asked.name} with {plan.total:,} bytes instead of {asked.bytes:,}: "
            f"it is another file. {NO_ACCOUNT}"
        )
    return plan


def is_all(asked: Asking, status: int, headers: Mapping[str, str]) -> bool:
    """Whether a 416 says that what is here is the whole file already."""
    told = headers.get("content-range", "")
    return status == 416 and asked.begin > 0 and told == f"bytes */{asked.begin}" and asked.bytes in (0, asked.begin)


def _whole(headers: Mapping[str, str]) -> Plan:
    told = headers.get("content-length", "")
    return Plan(begin=0, total=int(told) if told.isdigit() and len(told) < 20 else 0)


def _rest(asked: Asking, headers: Mapping[str, str]) -> Plan:
    span = _SPAN.fullmatch(headers.get("content-range", "").strip())
    if span is None or int(span[1]) != asked.begin or int(span[2]) < int(span[1]):
        raise OtherPieceError(f"{asked.host} sent another piece of {asked.name} than asked.")
    total = 0 if span[3] == "*" else int(span[3])
    if total and int(span[2]) + 1 > total:
        raise OtherPieceError(f"{asked.host} sent a piece of {asked.name} that cannot be.")
    return Plan(begin=asked.begin, total=total)


def _refusal(asked: Asking, status: int, headers: Mapping[str, str], now: datetime) -> Exception:
    host, name = asked.host, asked.name
    if status == 416:
        return OtherPieceError(f"{host} does not have the rest of {name}.")
    if status in (429, 503) and (seconds := _retry_after(headers.get("retry-after", ""), now)) is not None:
        if seconds > MOST_WAIT_S:
            return RefusedError(f"{host} wants to be asked again in {_span(seconds)}. Try later, or another mirror.")
        return AskedToWaitError(f"{host} asks to wait {_span(seconds)}.", seconds)
    if status == 429:
        return AskedToWaitError(f"{host} has too much to do.", 30.0)
    if status == 401:
        return RefusedError(f"{host} gives {name} only to people with an account (status 401). {NO_ACCOUNT}")
    if status in (403, 451):
        return RefusedError(f"{host} does not give {name} to you (status {status}). {NO_ACCOUNT}")
    if status in (404, 410):
        return RefusedError(f"{host} does not have {name} (status {status}). {NO_ACCOUNT}")
    if status == 407:
        return RefusedError("The proxy wants a name and a password. Write them into HTTPS_PROXY.")
    if status in (408, 425) or status >= 500:
        return BrokenAnswerError(f"{host} has a fault (status {status}). Try again later.")
    return RefusedError(f"{host} answered with status {status} instead of {name}. {NO_ACCOUNT}")


def _retry_after(told: str, now: datetime) -> float | None:
    """Seconds to wait, as a number or as a date says them; `None` when neither is said."""
    if told.isdigit() and len(told) < 10:
        return float(told)
    try:
        until = parsedate_to_datetime(told)
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def no_room(folder: str, needed: int, free: int) -> str:
    """The sentence for a disk that is too full."""
    return (
        f"The disk that holds {folder} has {size(free)} free and {size(needed)} more are needed. "
        "Free some space; what was downloaded is kept."
    )
