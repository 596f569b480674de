"""What a token can do: each answer of GitHub has one meaning, and nothing is written to find out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from galaxy_desktop.collect.permissions import (
    FEATURES,
    PROJECTS,
    SEES,
    Found,
    Holder,
    Probing,
    TokenKind,
    by_scopes,
    finding,
    gathered,
    holder_of,
    repository_seen,
    writing,
)
from galaxy_desktop.collect.raw_http import RawAnswer
from galaxy_desktop.domain.sign_in import Ability, PermissionResult
from galaxy_desktop.errors import (
    BrokenAnswerError,
    GalaxyError,
    LimitError,
    OfflineError,
    RefusedError,
    TokenRejectedError,
)

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
HOST = "api.github.com"
BY_NAME = {feature.name: feature for feature in FEATURES}
ISSUES = BY_NAME["Reads issues, labels and milestones"]
CHECKS = BY_NAME["Reads check runs"]
BOARDS = BY_NAME["Reads Projects boards and iterations"]
CHANGES = BY_NAME["Sends changes to issues"]
FINE = Holder(login="ada", kind=TokenKind.FINE_GRAINED)
CLASSIC = Holder(login="ada", kind=TokenKind.SCOPED, scopes=frozenset({"repo"}))
NOBODY = Holder(login="", kind=TokenKind.NONE)
DENIED = {"message": "Resource not accessible by personal access token"}
ALLOW_LIST = {"message": "Although you appear to have the correct authorization credentials, the `o` organization has an "
              "IP allow list enabled, and your IP address is not permitted to access this resource."}  # fmt: skip


def answer(body: Any = None, status: int = 200, **headers: str) -> RawAnswer:
    text = body if isinstance(body, str) else json.dumps({} if body is None else body)
    return RawAnswer(status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}, body=text)


def repository(*roles: str, private: bool = True) -> RawAnswer:
    return answer({"full_name": "o/a", "private": private, "permissions": dict.fromkeys(roles, True)})


# --- whose token it is


def test_a_classic_token_names_its_scopes_and_a_fine_grained_one_does_not() -> None:
    classic = holder_of(answer({"login": "ada"}, x_oauth_scopes="repo, read:org"), HOST, NOW, has_token=True)
    assert (classic.kind, classic.scopes) == (TokenKind.SCOPED, {"repo", "read:org"})
    until = {"github_authentication_token_expiration": "2026-08-01 00:00:00 UTC"}
    fine = holder_of(answer({"login": "ada"}, **until), HOST, NOW, has_token=True)
    assert (fine.kind, fine.login, fine.expires[:10]) == (TokenKind.FINE_GRAINED, "ada", "2026-08-01")


def test_a_token_of_an_app_has_no_user_and_works() -> None:
    said = answer({"message": "Resource not accessible by integration"}, 403)
    assert holder_of(said, HOST, NOW, has_token=True) == Holder(login="", kind=TokenKind.FINE_GRAINED)


def test_without_a_token_nobody_is_known() -> None:
    assert holder_of(answer({"message": "Requires authentication"}, 401), HOST, NOW, has_token=False) == NOBODY


@pytest.mark.parametrize(
    ("said", "kind", "sentence"),
    [
        (answer({"message": "Bad credentials"}, 401), TokenRejectedError, "expired or revoked"),
        (answer("<html>Sign in</html>", 200), RefusedError, r"not as GitHub's API does\. .* ends in /api/v3"),
        (answer("", 302, location="https://ghe.example/login"), RefusedError, "not as GitHub's API does"),
        (answer("<html>no page</html>", 404), RefusedError, "not as GitHub's API does"),
        (answer({"message": "Not Found"}, 404), RefusedError, "not as GitHub's API does"),
        (answer(ALLOW_LIST, 403), RefusedError, "only listed internet addresses"),
        (answer({}, 403, x_github_sso="required; url=https://github.com/orgs/o/sso?x=1"), RefusedError,
         r"authorize the token for it at https://github\.com/orgs/o/sso\?x=1"),
        (answer({"message": "slow"}, 403, x_ratelimit_remaining="0", x_ratelimit_reset="1778069400"), LimitError, "rate limit"),
        (answer({"message": "You have exceeded a secondary rate limit."}, 429), LimitError, "slow down"),
        (answer("<html>Unicorn</html>", 502), BrokenAnswerError, "502"),
    ],
)  # fmt: skip
def test_each_thing_that_can_be_wrong_has_a_sentence_of_its_own(
    said: RawAnswer, kind: type[GalaxyError], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        holder_of(said, HOST, NOW, has_token=True)


# --- one probe


@pytest.mark.parametrize("status", [200, 304, 409, 422])
def test_what_is_answered_is_allowed_also_when_it_is_empty(status: int) -> None:
    assert finding(ISSUES, answer([], status), FINE, NOW).ability is Ability.YES


@pytest.mark.parametrize(
    ("feature", "said", "holder", "ability", "why"),
    [
        (ISSUES, answer(DENIED, 403), FINE, Ability.NO, "add the permission Issues: read to the token"),
        (ISSUES, answer(DENIED, 404), FINE, Ability.NO, "add the permission Issues: read to the token"),
        (ISSUES, answer(DENIED, 404), CLASSIC, Ability.NO, "add the scope repo to the token"),
        (ISSUES, answer(DENIED, 401), NOBODY, Ability.NO, "it needs a token"),
        (ISSUES, answer({"message": "Issues are disabled"}, 410), FINE, Ability.UNKNOWN, "it is switched off there"),
        (ISSUES, answer("", 301), FINE, Ability.UNKNOWN, "it has another name now; the next sync notes it"),
        (ISSUES, answer("<html>", 503), FINE, Ability.UNKNOWN, "GitHub has trouble (status 503)"),
        (ISSUES, answer(ALLOW_LIST, 403), FINE, Ability.NO, "the organization lets only listed internet addresses in, "
         "and this one is not; use its network or ask its owner"),
        (ISSUES, answer({}, 403, x_github_sso="required; url=https://github.com/orgs/o/sso"), CLASSIC, Ability.NO,
         "the organization wants single sign-on; authorize the token for it at https://github.com/orgs/o/sso"),
        (ISSUES, answer({}, 403, x_github_sso="required; url=javascript:x"), CLASSIC, Ability.NO,
         "the organization wants single sign-on; authorize the token for it on GitHub"),
        (CHECKS, answer(DENIED, 403), FINE, Ability.NO,
         "GitHub's form offers this to classic tokens and sign-ins only; workflow runs stand in for it"),
        (SEES, answer({}, 404), FINE, Ability.NO,
         "it is not there, or not among the token's repositories; add it under Repository access"),
        (SEES, answer({}, 404), CLASSIC, Ability.NO, "it is not there, or is private and the token lacks the scope repo"),
        (BOARDS, answer({"data": {"repository": {}}}), FINE, Ability.YES, ""),
        (BOARDS, answer({"data": None, "errors": [{"type": "FORBIDDEN"}]}), FINE, Ability.NO,
         "add the organization permission Projects: read to the token; boards of a person need a classic token with the "
         "scope read:project"),
        (BOARDS, answer({"data": {"repository": None}, "errors": [{"type": "INSUFFICIENT_SCOPES"}]}), CLASSIC, Ability.NO,
         "add the scope read:project to the token"),
        (BOARDS, answer({"errors": [{"type": "RATE_LIMITED"}]}), FINE, Ability.UNKNOWN,
         "GitHub's limit of GraphQL is used up; try again in an hour"),
        (BOARDS, answer({"errors": [{"message": "Field 'projectsV2' doesn't exist"}]}), FINE, Ability.UNKNOWN,
         "this GitHub does not answer about boards"),
        (BOARDS, answer("", 404), FINE, Ability.UNKNOWN, "this GitHub has no GraphQL"),
    ],
)  # fmt: skip
def test_each_refusal_says_what_to_do(
    feature: Any, said: RawAnswer, holder: Holder, ability: Ability, why: str
) -> None:
    assert finding(feature, said, holder, NOW) == Found(ability, why)


def test_a_limit_or_a_token_that_ends_in_the_middle_is_no_missing_permission() -> None:
    with pytest.raises(LimitError):
        finding(ISSUES, answer({}, 403, retry_after="60"), FINE, NOW)
    with pytest.raises(TokenRejectedError):
        finding(ISSUES, answer({"message": "Bad credentials"}, 401), FINE, NOW)


# --- writing, which is never tried


@pytest.mark.parametrize(
    ("roles", "private", "holder", "ability"),
    [
        (("pull", "push"), True, CLASSIC, Ability.YES),
        (("pull", "triage"), True, CLASSIC, Ability.YES),
        (("pull",), True, CLASSIC, Ability.NO),
        (("admin",), True, FINE, Ability.UNKNOWN),
        (("pull",), True, FINE, Ability.NO),
        (("admin",), True, NOBODY, Ability.NO),
        (("push",), False, Holder(login="a", kind=TokenKind.SCOPED, scopes=frozenset({"public_repo"})), Ability.YES),
        (("push",), True, Holder(login="a", kind=TokenKind.SCOPED, scopes=frozenset({"public_repo"})), Ability.NO),
        (("push",), False, Holder(login="a", kind=TokenKind.SCOPED), Ability.NO),
    ],
)
def test_whether_changes_can_be_sent_follows_from_role_and_scopes(
    roles: tuple[str, ...], private: bool, holder: Holder, ability: Ability
) -> None:
    seen = repository_seen(repository(*roles, private=private))
    assert seen is not None
    assert writing(CHANGES, seen, holder).ability is ability


def test_a_role_that_github_did_not_name_rules_nothing_out() -> None:
    seen = repository_seen(answer({"private": True}))
    assert seen is not None
    assert writing(CHANGES, seen, CLASSIC).ability is Ability.UNKNOWN


# --- over several repositories


def test_one_answer_for_all_repositories_or_each_named_that_differs() -> None:
    yes, no = Found(Ability.YES), Found(Ability.NO, "add it")
    same = gathered(ISSUES, {"o/a": yes, "o/b": yes}, FINE)
    assert (same.ability, same.sentence) == (Ability.YES, "Reads issues, labels and milestones: yes.")
    mixed = gathered(ISSUES, {"o/a": yes, "o/b": no, "o/c": no}, FINE)
    assert (mixed.ability, mixed.permission, mixed.needed) == (Ability.NO, "Issues: read", True)
    assert mixed.sentence == "Reads issues, labels and milestones: yes in o/a; no in o/b, o/c, add it."


def test_a_classic_token_is_told_in_scopes() -> None:
    assert gathered(BOARDS, {"o/a": Found(Ability.YES)}, CLASSIC).permission == "read:project"


@pytest.mark.parametrize(
    ("holder", "feature", "ability"),
    [
        (CLASSIC, ISSUES, Ability.YES),
        (CLASSIC, BOARDS, Ability.NO),
        (Holder(login="a", kind=TokenKind.SCOPED, scopes=frozenset({"project"})), BOARDS, Ability.YES),
        (Holder(login="a", kind=TokenKind.SCOPED, scopes=frozenset({"public_repo"})), ISSUES, Ability.UNKNOWN),
        (FINE, ISSUES, Ability.UNKNOWN),
    ],
)
def test_before_a_repository_is_known_scopes_are_all_there_is(holder: Holder, feature: Any, ability: Ability) -> None:
    assert by_scopes(feature, holder).ability is ability


class ScriptedAsker:
    """Answers by the end of the path; an exception is raised instead. Everything else is allowed."""

    def __init__(self, answers: Mapping[str, RawAnswer | GalaxyError]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []

    def ask(self, method: str, path: str, *, body: Mapping[str, Any] | None = None) -> RawAnswer:
        self.asked.append((method, path))
        given = next((a for end, a in self.answers.items() if path.partition("?")[0].endswith(end)), None)
        if isinstance(given, GalaxyError):
            raise given
        plain = repository("push") if path.startswith("/repos") and path.count("/") == 3 else answer({"data": {}})
        return given or plain

    def close(self) -> None:
        """Nothing is open."""


def tried(
    asker: ScriptedAsker, *repositories: str, holder: Holder = FINE, api: str = "https://api.github.com"
) -> dict[str, PermissionResult]:
    results = Probing(asker, api, NOW, has_token=True).results(holder, repositories)
    return {one.feature: one for one in results}


def test_every_feature_is_tried_in_every_repository_and_nothing_is_written() -> None:
    asker = ScriptedAsker({})
    results = tried(asker, "o/a", "o/b")
    assert list(results) == [feature.name for feature in FEATURES]
    assert {r.ability for r in results.values() if not r.feature.startswith("Sends")} == {Ability.YES}
    assert len(asker.asked) == 2 * 9
    assert {method for method, path in asker.asked if not path.endswith("/graphql")} == {"GET"}


def test_builds_are_tried_on_the_default_branch_whatever_its_name() -> None:
    shown = answer({"private": True, "default_branch": "release/2 x", "permissions": {}})
    asker = ScriptedAsker({"/repos/o/a": shown})
    tried(asker, "o/a")
    assert ("GET", "/repos/o/a/commits/release%2F2%20x/check-runs?per_page=1") in asker.asked


def test_a_token_that_sees_one_repository_and_not_another_says_which() -> None:
    results = tried(ScriptedAsker({"/repos/o/b": answer({}, 404)}), "o/a", "o/b")
    assert results[SEES.name].sentence.startswith("Sees the repository: yes in o/a; no in o/b, it is not there")
    assert results[ISSUES.name].ability is Ability.UNKNOWN
    assert results[ISSUES.name].sentence.endswith("yes in o/a; not known in o/b, the token does not see it.")


def test_a_limit_in_the_middle_leaves_the_rest_unknown_and_asks_no_further() -> None:
    asker = ScriptedAsker({"/repos/o/a/pulls": answer({}, 403, retry_after="60")})
    results = tried(asker, "o/a", "o/b")
    assert results[ISSUES.name].sentence.startswith("Reads issues, labels and milestones: yes in o/a; not known in o/b")
    assert "rate limit" in results["Reads deployments"].sentence
    assert [path for _, path in asker.asked if "/o/b" in path] == []


def test_offline_in_the_middle_is_not_a_missing_permission() -> None:
    results = tried(ScriptedAsker({"/deployments": OfflineError("GitHub cannot be reached.")}), "o/a")
    assert results["Reads deployments"].sentence == "Reads deployments: not known, GitHub cannot be reached."


def test_one_broken_answer_leaves_the_other_features_alone() -> None:
    results = tried(ScriptedAsker({"/runs": BrokenAnswerError("The connection broke off.")}), "o/a")
    assert results["Reads workflow runs"].sentence == "Reads workflow runs: not known, the connection broke off."
    assert results["Reads deployments"].ability is Ability.YES


@pytest.mark.parametrize(
    ("api", "user", "graphql"),
    [
        ("https://api.github.com", "/user", "/graphql"),
        ("https://ghe.example/api/v3", "/api/v3/user", "/api/graphql"),
        ("https://api.corp.ghe.com", "/user", "/graphql"),
    ],
)
def test_enterprise_servers_have_their_paths_elsewhere(api: str, user: str, graphql: str) -> None:
    asker = ScriptedAsker({"/user": answer({"login": "ada"})})
    probing = Probing(asker, api, NOW, has_token=True)
    probing.results(probing.holder(), ["o/a"])
    assert asker.asked[0] == ("GET", user)
    assert ("POST", graphql) in asker.asked


def test_each_feature_has_one_probe_of_its_own() -> None:
    probes = [feature.probe for feature in FEATURES if feature.probe]
    assert len(probes) == len(set(probes))
    assert [feature.name for feature in FEATURES if feature.probe == PROJECTS] == [BOARDS.name]
