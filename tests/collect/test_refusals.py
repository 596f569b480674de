"""A refusal names what the token lacks, in the words that GitHub's settings use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.collect.answers import Answer, judge
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.refusals import forbidden_sentence, needed, token_sentence, unseen_sentence
from galaxy_desktop.collect.server_clock import ServerClock
from galaxy_desktop.collect.write_answers import judge_write
from galaxy_desktop.errors import GalaxyError

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "message", "words"),
    [
        ({}, "Bad credentials", "wrong, expired or revoked"),
        ({}, "Token has expired", "it has expired"),
        (
            {"github-authentication-token-expiration": "2026-05-01 10:00:00 UTC"},
            "",
            "valid until 2026-05-01 10:00:00 UTC",
        ),
    ],
)
def test_a_rejected_token_says_why_as_far_as_github_tells(headers: dict[str, str], message: str, words: str) -> None:
    sentence = token_sentence(headers, message, has_token=True)
    assert words in sentence
    assert "Settings" in sentence


def test_without_a_token_one_is_asked_for() -> None:
    assert "wants a token" in token_sentence({}, "Requires authentication", has_token=False)


def test_single_sign_on_says_where_to_authorize() -> None:
    url = "https://github.com/orgs/octo/sso?authorization_request=AB12"
    sentence = forbidden_sentence("repository o/r", {"x-github-sso": f"required; url={url}"}, "")
    assert "single sign-on" in sentence
    assert sentence.endswith(url)


def test_single_sign_on_without_an_address_still_says_what_to_do() -> None:
    assert "Configure SSO" in forbidden_sentence("repository o/r", {"x-github-sso": "required"}, "")


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"x-accepted-github-permissions": "issues=read"}, "the permission issues: read"),
        (
            {"x-accepted-github-permissions": "issues=write; pull_requests=write,contents=read"},
            "the permission issues: write, or pull_requests: write and contents: read",
        ),
        ({"x-accepted-oauth-scopes": "repo", "x-oauth-scopes": ""}, "the scope repo (it has none)"),
        (
            {"x-accepted-oauth-scopes": "read:org, repo", "x-oauth-scopes": "gist, user"},
            "the scope read:org or repo (it has gist, user)",
        ),
        ({"x-accepted-oauth-scopes": "repo", "x-oauth-scopes": "repo, gist"}, ""),
        ({"x-accepted-oauth-scopes": "", "x-oauth-scopes": "gist"}, ""),
        ({"x-accepted-oauth-scopes": "repo"}, ""),
        ({}, ""),
    ],
)
def test_what_is_missing_is_told_apart_by_the_kind_of_token(headers: dict[str, str], words: str) -> None:
    assert needed(headers) == words


def test_a_403_names_what_is_missing_and_what_github_said() -> None:
    headers = {"x-accepted-github-permissions": "issues=read"}
    assert forbidden_sentence("repository o/r", headers, "Resource not accessible.") == (
        "The token may not read repository o/r (Resource not accessible). Give it the permission issues: read."
    )


def test_a_404_may_be_a_missing_scope() -> None:
    headers = {"x-accepted-oauth-scopes": "repo", "x-oauth-scopes": "gist"}
    assert "the scope repo (it has gist)" in unseen_sentence("repository o/r", headers)
    assert "private" not in unseen_sentence("repository o/r", {})


texts = st.text(max_size=30) | st.sampled_from(["0", "9" * 400, "²", "-1", "nan", "inf", "1e308", "Wed, 99 May 99999"])
names = st.sampled_from(
    [
        "retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "date", "link", "x-github-sso", "x-oauth-scopes",
        "x-accepted-oauth-scopes", "x-accepted-github-permissions", "etag", "x-poll-interval",
    ]
)  # fmt: skip
bodies = texts | st.sampled_from(
    ["[" * 100_000, '{"message": 5}', '{"errors": {"a": 1}}', "[{}]", '{"workflow_runs": 3}']
)


@given(status=st.integers(100, 599), headers=st.dictionaries(names, texts), body=bodies, write=st.booleans())
def test_whatever_arrives_is_an_answer_or_a_sentence(
    status: int, headers: dict[str, str], body: str, write: bool
) -> None:
    found: Answer | GalaxyError
    try:
        found = (judge_write if write else judge)(
            status=status, headers=headers, body=body, path="/repos/o/r/issues", now=NOW, has_token=True
        )
    except GalaxyError as error:
        found = error
    if isinstance(found, Answer):
        assert found.more in (True, False)
        assert found.last_page is None or found.last_page >= 0
    else:
        assert str(found)


@given(headers=st.dictionaries(names, texts))
def test_whatever_headers_say_the_budget_takes_it(headers: dict[str, str]) -> None:
    budget = Budget(lambda: NOW, steady=lambda: 0.0)
    budget.note(headers)
    clock = ServerClock(lambda: NOW)
    assert clock.learn(headers).tzinfo is not None
