"""What GitHub said to a write, judged from status, headers and body: pure.

A write is not a question: a refusal is final until a person changes something, so its sentence names what that is
(the permission that is missing, the field that is wrong), and a redirect is told and never followed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from galaxy_desktop.collect.answers import Answer, judge
from galaxy_desktop.errors import BrokenAnswerError, NoAccessError, RefusedError

_REPOSITORY = re.compile(r"^/repos/([^/]+/[^/]+)(?:/issues/(\d+))?")
_CODES = {
    "missing": "does not exist",
    "missing_field": "is missing",
    "invalid": "is not valid",
    "already_exists": "exists already",
    "unprocessable": "cannot be used",
}


class WriteRefusedError(RefusedError):
    """GitHub said no to a write; asking again changes nothing. `status` and `said` are GitHub's own words."""

    def __init__(self, sentence: str, status: int, said: str) -> None:
        """Keep what GitHub said beside the sentence."""
        super().__init__(sentence)
        self.status = status
        self.said = said


class MovedError(BrokenAnswerError):
    """A redirect instead of an answer: nothing was written, what was asked for has another address now."""


def judge_write(
    *, status: int, headers: Mapping[str, str], body: str, path: str, now: datetime, has_token: bool
) -> Answer:
    """The answer to a write, or the sentence that it means; the arguments are those of `answers.judge`.

    Raises:
        WriteRefusedError: a final no.
        MovedError: nothing was written; find out where it is now.
        LimitError, TokenRejectedError, LegalBlockError, BrokenAnswerError: as for a read.
    """
    if status in (301, 302, 307, 308):
        raise MovedError(f"{_target(path)} was renamed or moved.")
    if status in (400, 404, 409, 410, 413, 422):
        raise _refused(status, headers, body, path)
    try:
        return judge(status=status, headers=headers, body=body, path=path, now=now, has_token=has_token)
    except NoAccessError:
        raise _refused(status, headers, body, path) from None


def _refused(status: int, headers: Mapping[str, str], body: str, path: str) -> WriteRefusedError:
    parsed = _parsed(body)
    said = str(parsed.get("message") or "")
    return WriteRefusedError(_sentence(status, headers, parsed, _target(path)), status, said)


def _sentence(status: int, headers: Mapping[str, str], parsed: Mapping[str, Any], target: str) -> str:
    said = str(parsed.get("message") or "")
    if status == 403:
        return _forbidden(headers, said, target)
    if status == 404:
        return f"GitHub shows no {target} to change: it was deleted or moved, or the token may not write there."
    if status == 410:
        return f"{target} was deleted, or issues are switched off there."
    if status == 409:
        return f"GitHub cannot change {target} at the moment: {said or 'it is in the way of another change'}."
    if status == 413:
        return f"This is more text than GitHub takes for {target}. Shorten it."
    return f"GitHub did not accept this for {target}: {_fields(parsed) or said or 'no reason given'}."


def _forbidden(headers: Mapping[str, str], said: str, target: str) -> str:
    """What is missing: fine-grained and classic tokens are told in a header which permission would do."""
    if "required" in headers.get("x-github-sso", ""):
        return f"The token is not authorized for the single sign-on that {target} needs. Authorize it on GitHub."
    if "locked" in said.lower():
        return f"{target} is locked: only people who may write to the repository may comment there."
    if "archived" in said.lower():
        return f"{target} cannot be changed: its repository is archived and read-only."
    wanted = headers.get("x-accepted-github-permissions") or headers.get("x-accepted-oauth-scopes") or ""
    needs = ", or ".join(part.strip().replace("=", ": ").replace(",", " and ") for part in wanted.split(";") if part)
    reason = f" ({said})" if said else ""
    return f"The token may not change {target}{reason}. Give it the permission {needs or 'issues: write'} on GitHub."


def _fields(parsed: Mapping[str, Any]) -> str:
    """GitHub's errors field by field, in words."""
    errors = parsed.get("errors")
    out = []
    for one in errors if isinstance(errors, list) else [errors]:
        if isinstance(one, str):
            out.append(one)
        elif isinstance(one, dict):
            field, code = str(one.get("field") or "it"), str(one.get("code") or "")
            out.append(str(one.get("message") or f"{field} {_CODES.get(code, code or 'is refused')}"))
    return "; ".join(text.rstrip(".") for text in out if text)


def _parsed(body: str) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _target(path: str) -> str:
    found = _REPOSITORY.match(path)
    if not found:
        return "this"
    return f"{found[1]}#{found[2]}" if found[2] else found[1]
