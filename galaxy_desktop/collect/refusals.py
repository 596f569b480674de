"""Why GitHub refused, and what would help: pure, from the headers that name what a token lacks.

A fine-grained token is told the permissions that would do (`X-Accepted-GitHub-Permissions`), a classic one the scopes
that would do beside those that it has, and a token of an organization with single sign-on where to authorize it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_SSO_URL = re.compile(r"url=(https?://[^\s;,<>\"']+)")
NEW_TOKEN = "Enter a new one in Settings."  # noqa: S105 - words, no token


def token_sentence(headers: Mapping[str, str], message: str, *, has_token: bool) -> str:
    """Why a 401, and what to do."""
    if not has_token:
        return "GitHub wants a token here. Enter one in Settings, or set GALAXY_GITHUB_TOKEN."
    if "expired" in message.lower():
        return f"GitHub rejected the token: it has expired. {NEW_TOKEN}"
    until = headers.get("github-authentication-token-expiration", "")
    when = f" (it was valid until {until})" if until else ""
    return f"GitHub rejected the token: it is wrong, expired or revoked{when}. {NEW_TOKEN}"


def forbidden_sentence(what: str, headers: Mapping[str, str], message: str) -> str:
    """Why a 403 that is no limit, and what the token needs."""
    if "required" in headers.get("x-github-sso", ""):
        found = _SSO_URL.search(headers["x-github-sso"])
        where = (
            f"Authorize it at {found[1]}" if found else "Authorize it on GitHub, under Settings, Tokens, Configure SSO"
        )
        return f"The token is not authorized for the single sign-on that {what} needs. {where}"
    reason = f" ({message.rstrip('.')})" if message else ""
    needs = needed(headers) or "read access to issues, pull requests and contents"
    return f"The token may not read {what}{reason}. Give it {needs}."


def unseen_sentence(what: str, headers: Mapping[str, str]) -> str:
    """What a 404 may mean: GitHub does not tell a thing that is not there from one that may not be seen."""
    needs = needed(headers)
    hint = f" If it is private, give the token {needs}." if needs else ""
    return f"GitHub shows no {what}: it is not there, was renamed or deleted, or the token may not see it.{hint}"


def needed(headers: Mapping[str, str]) -> str:
    """What a token would need, in words: "the permission issues: read" or "the scope repo"; "" where it is not told."""
    permissions = headers.get("x-accepted-github-permissions", "")
    if permissions.strip():
        alternatives = [part.strip() for part in permissions.split(";") if part.strip()]
        return "the permission " + ", or ".join(_permissions(one) for one in alternatives)
    wanted = _scopes(headers.get("x-accepted-oauth-scopes", ""))
    if "x-oauth-scopes" not in headers or not wanted:
        return ""
    held = _scopes(headers["x-oauth-scopes"])
    if set(held) & set(wanted):
        return ""
    has = f"it has {', '.join(held)}" if held else "it has none"
    return f"the scope {' or '.join(wanted)} ({has})"


def _permissions(text: str) -> str:
    return " and ".join(part.strip().replace("=", ": ") for part in text.split(",") if part.strip())


def _scopes(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
