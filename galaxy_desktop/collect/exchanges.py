"""What an exchange with GitHub was about and what it cost, read from its path and headers: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from galaxy_desktop.collect.answers import UNSTATED_WAIT, Answer, NotPermittedError, Row, clock_words, reset_moment
from galaxy_desktop.errors import BrokenAnswerError, LimitError, NoAccessError, RefusedError

_REPOSITORY = re.compile(r"^(?:/api/v3)?/repos/([^/]+/[^/]+)(/[^?]*)?")
_NUMBER = re.compile(r"/(?:\d+|[0-9a-f]{40})(?=/|$)")
_SAFE_PARAMETERS = frozenset(
    {"state", "sort", "direction", "since", "page", "per_page", "milestone", "sha", "ref", "filter", "status", "event"}
)
_OUTCOMES = {200: "ok", 201: "made", 202: "not ready", 204: "done", 304: "not modified", 409: "empty", 429: "limit"}


def repository_in(path: str) -> str:
    """The "owner/name" that a path is about, or ""."""
    found = _REPOSITORY.match(path)
    return found[1] if found else ""


def entity_in(path: str) -> str:
    """The list or thing that a path is about, without its numbers: "issues", "pulls/*/reviews", "repository"."""
    found = _REPOSITORY.match(path)
    tail = (found[2] or "") if found else path
    return _NUMBER.sub("/*", tail).strip("/") or "repository"


def resource_of(path: str) -> str:
    """Which of GitHub's quotas a path is counted against, before GitHub has said so itself."""
    if path.rstrip("/").endswith("/graphql"):
        return "graphql"
    return "search" if path.startswith("/search/") else "core"


def shown_path(path: str, parameters: Mapping[str, Any]) -> str:
    """A path with those of its parameters that cannot be secret."""
    query = "&".join(f"{k}={quote(str(v), safe=':+,')}" for k, v in parameters.items() if k in _SAFE_PARAMETERS)
    return f"{path}?{query}" if query else path


def outcome_of(status: int | None) -> str:
    """How it ended, in a word or two."""
    if status is None:
        return "no answer"
    if status in _OUTCOMES:
        return _OUTCOMES[status]
    if 300 <= status < 400:
        return "moved"
    return "refused" if status < 500 else "broken"


def cost_of(status: int | None, headers: Mapping[str, str], *, signed_in: bool) -> int:
    """What it used of the quota: a 304 is free with a token only, and what never arrived costs nothing."""
    if status is None or (status == 304 and signed_in):
        return 0
    return 1 if "x-ratelimit-remaining" in headers else 0


def whole_number(text: str | None) -> int | None:
    """The number, where there is one."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else None


def graphql_path(base_path: str) -> str:
    """Where GraphQL is, below the base path: beside the REST API, on GitHub Enterprise instead of "/api/v3"."""
    return "/api/graphql" if base_path.rstrip("/").endswith("/api/v3") else "/graphql"


def graphql_data(answer: Answer, now: datetime) -> Mapping[str, Any]:
    """The data of a GraphQL answer; GraphQL says 200 also when it refuses.

    Raises:
        LimitError: the points are used up.
        NoAccessError: nothing of what was asked may be seen.
        RefusedError: the question was wrong for this server, such as a field that it does not have yet.
    """
    row: Row = answer.rows[0] if answer.rows else {}
    data, told = row.get("data"), row.get("errors") or []
    errors = told if isinstance(told, list) else [{"message": str(told)}]
    kinds = {str(one.get("type") or "") for one in errors if isinstance(one, dict)}
    if "RATE_LIMITED" in kinds:
        until = reset_moment(answer.headers, now) or now + UNSTATED_WAIT
        words = clock_words(until, now)
        raise LimitError(f"GitHub's rate limit of GraphQL is used up until {words}.", until, "graphql")
    if isinstance(data, dict) and any(value is not None for value in data.values()):
        return data
    said = "; ".join(str(one.get("message") or "") for one in errors if isinstance(one, dict))[:200]
    if kinds & {"FORBIDDEN", "NOT_FOUND", "INSUFFICIENT_SCOPES"}:
        refused = NoAccessError if kinds == {"NOT_FOUND"} else NotPermittedError
        raise refused(f"The token may not read this with GraphQL ({said}).")
    if errors:
        raise RefusedError(f"GitHub does not answer this GraphQL question: {said}.")
    raise BrokenAnswerError("GitHub sent a GraphQL answer without data. The next sync asks again.")
