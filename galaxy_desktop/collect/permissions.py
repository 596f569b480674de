"""What a token can do, found out by trying: one harmless question for each thing the program does.

A fine-grained token tells nobody what it may do, and GitHub answers 403, 404 or an empty list where a permission is
missing. So each feature has a probe, a GET (or a GraphQL query) that asks for one row; status and headers say whether it
was allowed. Nothing is ever written: whether a fine-grained token may write is known only when something is sent, so
that is "not known" unless the account's own role in the repository already rules it out. Classic tokens and sign-ins
name their scopes in a header.

Public repositories can be read by every token, so there the answer is yes whatever the token's form says.

Oddities that were reported again and again, and are sentences here: the form for fine-grained tokens offers no Checks
permission at all, and its Projects permission covers boards of organizations, never those of a person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlsplit

from galaxy_desktop.collect.answers import judge
from galaxy_desktop.collect.raw_http import Asker, RawAnswer
from galaxy_desktop.domain.sign_in import Ability, PermissionResult
from galaxy_desktop.errors import (
    BrokenAnswerError,
    GalaxyError,
    LimitError,
    OfflineError,
    RefusedError,
    TokenRejectedError,
)

PROJECTS = "graphql"
WRITES = ""
WRITERS = ("admin", "maintain", "push", "triage")
"""Roles that may label, assign and close."""
MOST_REPOSITORIES = 10
BOARDS = (
    "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { projectsV2(first: 1) { nodes { id } } "
    "owner { ... on Organization { projectsV2(first: 1) { nodes { id } } } ... on User { projectsV2(first: 1) { nodes { id } } } } } }"
)
_SSO_URL = re.compile(r"url=(\S+)")
_DENIED = {"FORBIDDEN", "INSUFFICIENT_SCOPES"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One thing the program does with a token.

    `permission` is what a fine-grained token needs, as GitHub's form names it, `scope` what a classic one needs. `probe`
    is the path below the repository that is asked for (with the default branch for "{branch}"), `PROJECTS` for the GraphQL query, `WRITES` for what is never
    tried. `advice` replaces "add the permission …" where that is not possible.
    """

    name: str
    permission: str
    scope: str = "repo"
    needed: bool = False
    probe: str
    advice: str = ""


SEES = Feature(name="Sees the repository", permission="Metadata: read", needed=True, probe="?")
FEATURES: tuple[Feature, ...] = (
    SEES,
    Feature(
        name="Reads issues, labels and milestones",
        permission="Issues: read",
        needed=True,
        probe="/issues?per_page=1&state=all",
    ),
    Feature(
        name="Reads pull requests and reviews",
        permission="Pull requests: read",
        needed=True,
        probe="/pulls?per_page=1&state=all",
    ),
    Feature(
        name="Reads commits, branches and releases",
        permission="Contents: read",
        needed=True,
        probe="/commits?per_page=1",
    ),
    Feature(name="Reads workflow runs", permission="Actions: read", probe="/actions/runs?per_page=1"),
    Feature(
        name="Reads check runs",
        permission="Checks: read",
        probe="/commits/{branch}/check-runs?per_page=1",
        advice="GitHub's form offers this to classic tokens and sign-ins only; workflow runs stand in for it",
    ),
    Feature(
        name="Reads commit statuses", permission="Commit statuses: read", probe="/commits/{branch}/status?per_page=1"
    ),
    Feature(name="Reads deployments", permission="Deployments: read", probe="/deployments?per_page=1"),
    Feature(
        name="Reads Projects boards and iterations",
        permission="Projects: read",
        scope="read:project",
        probe=PROJECTS,
        advice="add the organization permission Projects: read to the token; boards of a person need a classic token with "
        "the scope read:project",
    ),
    Feature(name="Sends changes to issues", permission="Issues: write", probe=WRITES),
    Feature(name="Sends changes to pull requests", permission="Pull requests: write", probe=WRITES),
)


class TokenKind(StrEnum):
    """How a token names what it may do."""

    NONE = "no token"
    SCOPED = "scopes"
    FINE_GRAINED = "permissions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose token it is and of which kind; `scopes` of a classic token or a sign-in, `expires` as GitHub says it."""

    login: str
    kind: TokenKind
    scopes: frozenset[str] = frozenset()
    expires: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What GitHub shows of a repository: whether it is private, and whether the account may change items in it.

    `may_write` is `None` where GitHub did not name the account's role, as for tokens of apps.
    """

    private: bool
    may_write: bool | None
    branch: str = "HEAD"


@dataclass(frozen=True, slots=True)
class Found:
    """How one feature was found to be in one repository, and why."""

    ability: Ability
    why: str = ""


YES = Found(Ability.YES)
WORDS = {Ability.YES: "yes", Ability.NO: "no", Ability.UNKNOWN: "not known"}


# --- pure: what an answer means


def holder_of(answer: RawAnswer, host: str, now: datetime, *, has_token: bool) -> Holder:
    """Whose token this is, from the answer to GET /user.

    Raises:
        TokenRejectedError: it is wrong, expired or revoked.
        RefusedError: the address is not that of an API, or this computer's address is not let in.
        GalaxyError: a limit, or GitHub has trouble.
    """
    headers = answer.headers
    if answer.status == 401 and not has_token:
        return Holder(login="", kind=TokenKind.NONE)
    if (
        answer.status != 401
        and (answer.status in (301, 302, 404, 406, 410) or not _is_json(answer))
        and answer.status < 500
    ):
        raise RefusedError(
            f"{host} answers, but not as GitHub's API does. Correct the GitHub address in Settings: on GitHub Enterprise it "
            "ends in /api/v3, and it is empty for github.com."
        )
    kind = TokenKind.SCOPED if "x-oauth-scopes" in headers else TokenKind.FINE_GRAINED
    scopes = frozenset(filter(None, (one.strip() for one in headers.get("x-oauth-scopes", "").split(","))))
    if answer.status == 403 and "not accessible by integration" in _message(answer):
        return Holder(login="", kind=kind)
    _raise_if_closed_to_us(answer, host)
    judge(status=answer.status, headers=headers, body=answer.body, path="/user", now=now, has_token=has_token)
    login = str(_row(answer).get("login") or "")
    expires = headers.get("github-authentication-token-expiration", "")
    return Holder(login=login, kind=kind, scopes=scopes, expires=expires)


def repository_seen(answer: RawAnswer) -> Seen | None:
    """What GET /repos/{repository} shows, or `None` when it shows nothing."""
    if answer.status != 200:
        return None
    row = _row(answer)
    role = row.get("permissions")
    may_write = any(role.get(name) for name in WRITERS) if isinstance(role, dict) else None
    branch = str(row.get("default_branch") or "HEAD")
    return Seen(private=bool(row.get("private")), may_write=may_write, branch=branch)


def finding(feature: Feature, answer: RawAnswer, holder: Holder, now: datetime) -> Found:
    """What the answer to a probe says about a feature.

    Raises:
        LimitError: GitHub wants fewer questions: nothing else can be tried now.
        TokenRejectedError: the token ended meanwhile.
    """
    status = answer.status
    if feature.probe == PROJECTS and status == 200:
        return _boards(feature, answer, holder)
    if status in (200, 204, 304, 409, 422):
        return YES
    if status in (301, 302, 307, 308):
        return Found(Ability.UNKNOWN, "it has another name now; the next sync notes it")
    if status == 410:
        return Found(Ability.UNKNOWN, "it is switched off there")
    closed = closed_to_us(answer)
    if closed:
        return Found(Ability.NO, closed)
    if feature.probe == PROJECTS and status == 404:
        return Found(Ability.UNKNOWN, "this GitHub has no GraphQL")
    if status in (403, 404, 429):
        _raise_limit(answer, now, has_token=holder.kind is not TokenKind.NONE)
        return Found(Ability.NO, _advice(feature, holder))
    if status == 401:
        if holder.kind is TokenKind.NONE:
            return Found(Ability.NO, _advice(feature, holder))
        judge(status=401, headers=answer.headers, body=answer.body, path="/user", now=now, has_token=True)
    return Found(Ability.UNKNOWN, f"GitHub has trouble (status {status})")


def writing(feature: Feature, seen: Seen, holder: Holder) -> Found:
    """Whether a change could be sent, as far as that is known without sending one."""
    if holder.kind is TokenKind.NONE:
        return Found(Ability.NO, "it needs a token")
    if seen.may_write is False:
        return Found(Ability.NO, "the account may not label, assign or close there; ask for the role Triage")
    if holder.kind is TokenKind.FINE_GRAINED or seen.may_write is None:
        return Found(
            Ability.UNKNOWN,
            f"GitHub tells it when the first change is sent; add the permission {feature.permission} if you want to send any",
        )
    enough = "repo" in holder.scopes or (not seen.private and "public_repo" in holder.scopes)
    return YES if enough else Found(Ability.NO, _advice(feature, holder))


def closed_to_us(answer: RawAnswer) -> str:
    """Why everything of an organization is closed to this token or computer, "" when that is not the reason."""
    sign_on = answer.headers.get("x-github-sso", "")
    if answer.status in (403, 404) and "required" in sign_on:
        url = _SSO_URL.search(sign_on)
        where = f" at {url[1]}" if url and url[1].startswith("https://") else " on GitHub"
        return f"the organization wants single sign-on; authorize the token for it{where}"
    if answer.status == 403 and "ip allow list" in _message(answer).lower():
        return "the organization lets only listed internet addresses in, and this one is not; use its network or ask its owner"
    return ""


def gathered(feature: Feature, found: Mapping[str, Found], holder: Holder) -> PermissionResult:
    """One result for a feature over every repository that was tried."""
    abilities = {one.ability for one in found.values()}
    ability = next(a for a in (Ability.NO, Ability.UNKNOWN, Ability.YES) if a in abilities or a is Ability.YES)
    groups: dict[Found, list[str]] = {}
    for repository, one in found.items():
        groups.setdefault(one, []).append(repository)
    parts = []
    for one, repositories in groups.items():
        where = f" in {', '.join(repositories)}" if len(groups) > 1 else ""
        parts.append(f"{WORDS[one.ability]}{where}{f', {one.why}' if one.why else ''}")
    return PermissionResult(
        feature=feature.name,
        permission=feature.scope if holder.kind is TokenKind.SCOPED else feature.permission,
        ability=ability,
        sentence=f"{feature.name}: {'; '.join(parts)}.",
        needed=feature.needed,
    )


def by_scopes(feature: Feature, holder: Holder) -> Found:
    """What is known of a feature before any repository is: the scopes of a classic token, else nothing."""
    if holder.kind is not TokenKind.SCOPED:
        return Found(Ability.UNKNOWN, "add a repository to try it")
    wanted = {feature.scope, "project"} if feature.scope == "read:project" else {feature.scope}
    if holder.scopes & wanted:
        return YES
    if "public_repo" in holder.scopes and feature.scope == "repo":
        return Found(Ability.UNKNOWN, "the token reaches public repositories only")
    return Found(Ability.NO, _advice(feature, holder))


def _boards(feature: Feature, answer: RawAnswer, holder: Holder) -> Found:
    row = _row(answer)
    errors = [one for one in row.get("errors") or [] if isinstance(one, dict)]
    kinds = {str(one.get("type") or "") for one in errors}
    if "RATE_LIMITED" in kinds:
        return Found(Ability.UNKNOWN, "GitHub's limit of GraphQL is used up; try again in an hour")
    if kinds & _DENIED:
        return Found(Ability.NO, _advice(feature, holder))
    if errors or not isinstance(row.get("data"), dict):
        return Found(Ability.UNKNOWN, "this GitHub does not answer about boards")
    return YES


def _advice(feature: Feature, holder: Holder) -> str:
    if holder.kind is TokenKind.NONE:
        return "it needs a token"
    if feature is SEES:
        if holder.kind is TokenKind.SCOPED:
            return "it is not there, or is private and the token lacks the scope repo"
        return "it is not there, or not among the token's repositories; add it under Repository access"
    if holder.kind is TokenKind.SCOPED:
        return f"add the scope {feature.scope} to the token"
    return feature.advice or f"add the permission {feature.permission} to the token"


def _raise_if_closed_to_us(answer: RawAnswer, host: str) -> None:
    closed = closed_to_us(answer)
    if closed:
        raise RefusedError(f"{host} lets this token in nowhere: {closed}.")


def _raise_limit(answer: RawAnswer, now: datetime, *, has_token: bool) -> None:
    try:
        judge(
            status=answer.status, headers=answer.headers, body=answer.body, path="/user", now=now, has_token=has_token
        )
    except LimitError:
        raise
    except RefusedError:
        return


def _row(answer: RawAnswer) -> Mapping[str, Any]:
    try:
        parsed = json.loads(answer.body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _is_json(answer: RawAnswer) -> bool:
    return bool(_row(answer)) or answer.body.strip() == "{}"


def _message(answer: RawAnswer) -> str:
    return str(_row(answer).get("message") or "")


# --- the shell: asking


class Probing:
    """Tries a token at one GitHub; blocking, for a worker thread."""

    def __init__(self, asker: Asker, api_url: str, now: datetime, *, has_token: bool) -> None:
        """`asker` asks the server of `api_url` at its root, under the token."""
        self._asker = asker
        parts = urlsplit(api_url)
        self._host = parts.netloc
        self._base = parts.path.rstrip("/")
        self._now = now
        self._has_token = has_token

    def holder(self) -> Holder:
        """Whose token it is; raises as `holder_of` and when no answer came."""
        answer = self._asker.ask("GET", f"{self._base}/user")
        return holder_of(answer, self._host, self._now, has_token=self._has_token)

    def results(self, holder: Holder, repositories: Sequence[str]) -> tuple[PermissionResult, ...]:
        """Every feature, tried in these repositories (the first 10); what could not be tried is "not known" and says why."""
        found: dict[str, dict[str, Found]] = {feature.name: {} for feature in FEATURES}
        stopped = ""
        for repository in repositories[:MOST_REPOSITORIES]:
            untried = stopped
            try:
                if not stopped:
                    self._try(repository, holder, found)
            except BrokenAnswerError as error:
                untried = _as_reason(error)
            except (LimitError, OfflineError, TokenRejectedError) as error:
                stopped = untried = _as_reason(error)
            for feature in FEATURES:
                found[feature.name].setdefault(repository, Found(Ability.UNKNOWN, untried))
        if not repositories:
            found = {feature.name: {"": by_scopes(feature, holder)} for feature in FEATURES}
        return tuple(gathered(feature, found[feature.name], holder) for feature in FEATURES)

    def _try(self, repository: str, holder: Holder, found: dict[str, dict[str, Found]]) -> None:
        shown = self._asker.ask("GET", f"{self._base}/repos/{repository}")
        found[SEES.name][repository] = finding(SEES, shown, holder, self._now)
        seen = repository_seen(shown)
        for feature in FEATURES[1:]:
            if seen is None:
                found[feature.name][repository] = Found(Ability.UNKNOWN, "the token does not see it")
            else:
                found[feature.name][repository] = self._one(feature, seen, holder, repository)

    def _one(self, feature: Feature, seen: Seen, holder: Holder, repository: str) -> Found:
        if feature.probe == WRITES:
            return writing(feature, seen, holder)
        try:
            if feature.probe == PROJECTS:
                answer = self._asker.ask("POST", self._graphql_path(), body=_boards_question(repository))
            else:
                probe = feature.probe.replace("{branch}", quote(seen.branch, safe=""))
                answer = self._asker.ask("GET", f"{self._base}/repos/{repository}{probe}")
        except BrokenAnswerError as error:
            return Found(Ability.UNKNOWN, _as_reason(error))
        return finding(feature, answer, holder, self._now)

    def _graphql_path(self) -> str:
        return f"{self._base.removesuffix('/v3')}/graphql"


def _boards_question(repository: str) -> Mapping[str, Any]:
    owner, _, name = repository.partition("/")
    return {"query": BOARDS, "variables": {"owner": owner, "name": name}}


def _as_reason(error: GalaxyError) -> str:
    """A sentence as the end of another one."""
    text = str(error).rstrip(".")
    return text[:1].lower() + text[1:] if not text.startswith("GitHub") else text
