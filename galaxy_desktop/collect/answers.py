"""What GitHub said, judged from status and headers alone.

PyGithub maps answers to exception classes by their message text, follows some redirects and sleeps on
others. We want none of that: `judge` looks at the status, the headers and whether the body is JSON, and
either returns an `Answer` or raises a sentence. It is pure, so that every odd answer that GitHub is known
to give is one row of a test table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from galaxy_desktop.collect.refusals import forbidden_sentence, token_sentence, unseen_sentence
from galaxy_desktop.collect.trouble import proxy_refusal
from galaxy_desktop.errors import (
    BrokenAnswerError,
    GalaxyError,
    LegalBlockError,
    LimitError,
    NoAccessError,
    RefusedError,
    TokenRejectedError,
)

PER_PAGE = 100
UNSTATED_WAIT = timedelta(seconds=60)
"""How long to wait after a secondary limit that does not say, by GitHub's own advice."""

LONGEST_WAIT = timedelta(days=1)

Row = Mapping[str, Any]
Parameters = Mapping[str, str | int]

_NEXT_LINK = re.compile(r'<([^>]*)>\s*;\s*rel="([a-z]+)"')
_REPOSITORY = re.compile(r"^/repos/([^/]+/[^/]+)/?(.*)$")
_LIMIT_WORDS = ("rate limit", "abuse detection", "too many requests")


class UnstatedLimitError(LimitError):
    """A secondary limit that names no moment: a person who asked for an answer may try again sooner."""


class GoneError(RefusedError):
    """410: a list that is switched off, or a single thing that was deleted; the reader knows which it asked for."""


class NotPermittedError(NoAccessError):
    """403 that is no limit: a permission or an authorization is lacking, which somebody may add while the token stays."""


class UnaskableError(RefusedError):
    """422: GitHub does not answer this question, such as a page too far down a long list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: 200 or 201 with rows; 204, 304 or the 409 of an empty repository without.

    `at` is when it arrived, by GitHub's clock as far as that is known (see `server_clock`), `links` maps "next" and "last" to their URLs.
    """

    status: int
    rows: tuple[Row, ...]
    etag: str | None
    links: Mapping[str, str]
    headers: Mapping[str, str]
    at: datetime

    @property
    def not_modified(self) -> bool:
        """Whether GitHub said that nothing changed since the ETag was given."""
        return self.status == 304

    @property
    def more(self) -> bool:
        """Whether a further page may exist: a full page counts, because a 304 tells nothing about pages after it."""
        return "next" in self.links or len(self.rows) >= PER_PAGE

    @property
    def last_page(self) -> int | None:
        """The number of the last page where GitHub told it."""
        found = re.search(r"[?&]page=(\d+)", self.links.get("last", ""))
        return int(found[1]) if found else None


class GitHubLike(Protocol):
    """The small face of GitHub that the readers use; the null version is the fake in the tests."""

    fingerprint: str
    """Tells tokens apart without telling the token: ETags hold for one token only."""

    def get(self, path: str, parameters: Parameters | None = None, etag: str | None = None) -> Answer:
        """One GET; raises a `GalaxyError` for everything that is no answer. Never sleeps."""
        ...


def judge(*, status: int, headers: Mapping[str, str], body: str, path: str, now: datetime, has_token: bool) -> Answer:
    """The answer that this is, or the sentence that it means.

    Args:
        status: the HTTP status.
        headers: with names in lower case.
        body: the text as received.
        path: what was asked, to name the repository in sentences.
        now: our clock when it arrived.
        has_token: whether the question carried a token.
    """
    if status in (200, 201):
        return _answer(status, _rows(body), headers, now)
    if status in (204, 304, 409):
        return _answer(status, (), headers, now)
    raise _failure(status, headers, _message(body), path, now=now, has_token=has_token)


def _answer(status: int, rows: tuple[Row, ...], headers: Mapping[str, str], now: datetime) -> Answer:
    links = {name: url for url, name in _NEXT_LINK.findall(headers.get("link", ""))}
    return Answer(status=status, rows=rows, etag=headers.get("etag"), links=links, headers=headers, at=now)


def _rows(body: str) -> tuple[Row, ...]:
    """The rows of a list, of the list inside an object that counts them, or the one object."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise BrokenAnswerError(_unreadable(body)) from None
    if isinstance(parsed, dict) and isinstance(parsed.get("workflow_runs"), list):
        parsed = parsed["workflow_runs"]
    rows = [parsed] if isinstance(parsed, dict) else parsed
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BrokenAnswerError("GitHub sent an answer of a shape that we do not know. The next sync asks again.")
    return tuple(rows)


def _unreadable(body: str) -> str:
    """A page of HTML comes from somebody in between: a proxy, or the sign-in page of a hotel's network."""
    if body.lstrip()[:1] == "<":
        return (
            "A web page came instead of a whole answer of GitHub: a proxy or a network's sign-in page stands in between. "
            "The next sync asks again."
        )
    return "GitHub sent something that is not a whole answer. Nothing stored was lost; the next sync asks again."


def _message(body: str) -> str:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(parsed.get("message") or "") if isinstance(parsed, dict) else ""


def _failure(
    status: int, headers: Mapping[str, str], message: str, path: str, *, now: datetime, has_token: bool
) -> GalaxyError:
    what = subject(path)
    if status == 401:
        return TokenRejectedError(token_sentence(headers, message, has_token=has_token))
    if status in (403, 429):
        return _limit(status, headers, message, now) or NotPermittedError(forbidden_sentence(what, headers, message))
    if status == 404:
        return NoAccessError(unseen_sentence(what, headers))
    if status == 407:
        return proxy_refusal(status, "GitHub")
    if status == 410:
        return GoneError(f"GitHub says that {what} no longer offers this.")
    if status == 422:
        return UnaskableError(f"GitHub does not answer this question about {what}: {message or 'no reason given'}.")
    if status == 451:
        return LegalBlockError(f"GitHub may not show {what} for legal reasons; what was collected before is kept.")
    if status >= 500:
        return BrokenAnswerError(f"GitHub has trouble (status {status}). The next sync asks again.")
    if status == 202:
        return BrokenAnswerError("GitHub gave no answer yet: it is still preparing it. The next sync asks again.")
    return BrokenAnswerError(f"GitHub gave no answer that we know (status {status}). The next sync asks again.")


def _limit(status: int, headers: Mapping[str, str], message: str, now: datetime) -> LimitError | None:
    """The limit behind a 403 or 429, or `None` when it is a plain refusal."""
    reset = reset_moment(headers, now)
    if headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        resource = headers.get("x-ratelimit-resource", "core")
        return LimitError(f"GitHub's rate limit is used up until {clock_words(reset, now)}.", reset, resource)
    asked = retry_after(headers, now)
    if asked is not None:
        return LimitError(f"GitHub asks us to slow down (rate limit) until {clock_words(asked, now)}.", asked)
    if status == 429 or any(words in message.lower() for words in _LIMIT_WORDS):
        until = now + UNSTATED_WAIT
        return UnstatedLimitError(
            f"GitHub asks us to slow down (rate limit), at least until {clock_words(until, now)}.", until
        )
    return None


def clock_words(moment: datetime, now: datetime) -> str:
    """A moment as people say it, in the zone of `now`: "14:32", with the day when it is another one."""
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%d %b %H:%M}"


def server_date(headers: Mapping[str, str], now: datetime) -> datetime:
    """GitHub's own clock when it answered; ours where it did not say."""
    return _http_date(headers.get("date", "")) or now


def reset_moment(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the limit ends, by our clock: GitHub gives it by its own, which may differ from ours by minutes."""
    text = headers.get("x-ratelimit-reset", "")
    try:
        reset = datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return now + _sensible(reset - server_date(headers, now))


def _sensible(wait: timedelta) -> timedelta:
    """A wait that somebody may have meant: whoever asks for a year has made a mistake."""
    return min(max(timedelta(0), wait), LONGEST_WAIT)


def retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When Retry-After ends, by our clock; it comes in seconds or as a date."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal() and text.isascii():
        return now + _sensible(timedelta(seconds=min(int(text[:9]), 10**8)))
    date = _http_date(text)
    return now + _sensible(date - server_date(headers, now)) if date else None


def subject(path: str) -> str:
    """What a path is about, in words: "repository o/r", "issues/comments of repository o/r"."""
    found = _REPOSITORY.match(path)
    if found:
        return f"{found[2]} of repository {found[1]}" if found[2] else f"repository {found[1]}"
    if path.endswith("/graphql"):
        return "GraphQL"
    return "repository of that number" if path.startswith("/repositories/") else "answer here"


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
