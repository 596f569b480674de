"""Every odd answer that GitHub is known to give, and what we make of it: status and headers decide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.collect.answers import (
    Answer,
    GoneError,
    NotPermittedError,
    UnaskableError,
    UnstatedLimitError,
    clock_words,
    judge,
)
from galaxy_desktop.errors import (
    BrokenAnswerError,
    LegalBlockError,
    LimitError,
    NoAccessError,
    TokenRejectedError,
)

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
SECONDARY = '{"message": "You have exceeded a secondary rate limit."}'


def ask(status: int, headers: dict[str, str] | None = None, body: str = "", *, token: bool = True) -> Answer:
    return judge(status=status, headers=headers or {}, body=body, path="/repos/o/r/issues", now=NOW, has_token=token)


@pytest.mark.parametrize(
    ("status", "headers", "body", "error", "words"),
    [
        pytest.param(401, {}, "", TokenRejectedError, "token", id="wrong token"),
        pytest.param(403, {}, '{"message": "Resource not accessible"}', NotPermittedError, "o/r", id="plain refusal"),
        pytest.param(
            403, {"x-github-sso": "required; url=x"}, "", NotPermittedError, "single sign-on", id="single sign-on"
        ),
        pytest.param(403, {"retry-after": "7"}, SECONDARY, LimitError, "12:00", id="secondary limit"),
        pytest.param(403, {}, SECONDARY, UnstatedLimitError, "limit", id="secondary limit without Retry-After"),
        pytest.param(429, {}, "", UnstatedLimitError, "limit", id="429 without a word"),
        pytest.param(404, {}, "", NoAccessError, "o/r", id="not there"),
        pytest.param(410, {}, "", GoneError, "o/r", id="gone"),
        pytest.param(422, {}, '{"message": "too far"}', UnaskableError, "too far", id="page too far"),
        pytest.param(451, {}, "", LegalBlockError, "legal", id="legal block"),
        pytest.param(500, {}, "", BrokenAnswerError, "500", id="trouble"),
        pytest.param(502, {}, '{"message": "Server Error"}', BrokenAnswerError, "502", id="bad gateway"),
        pytest.param(503, {}, "<html>Unicorn</html>", BrokenAnswerError, "503", id="unicorn"),
        pytest.param(202, {}, "", BrokenAnswerError, "no answer yet", id="still preparing"),
        pytest.param(200, {}, '[{"id": 1, "num', BrokenAnswerError, "whole", id="half a JSON text"),
        pytest.param(200, {}, "<html>log in</html>", BrokenAnswerError, "whole", id="a page of a proxy"),
        pytest.param(200, {}, "null", BrokenAnswerError, "shape", id="null"),
        pytest.param(200, {}, "[1, 2]", BrokenAnswerError, "shape", id="a list of numbers"),
    ],
)
def test_an_odd_answer_becomes_a_sentence(
    status: int, headers: dict[str, str], body: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words) as raised:
        ask(status, headers, body)
    assert type(raised.value) is error


def test_a_refusal_of_graphql_is_a_whole_sentence() -> None:
    with pytest.raises(NoAccessError, match=r"^The token may not read GraphQL"):
        judge(status=403, headers={}, body="", path="/api/graphql", now=NOW, has_token=True)


def test_the_primary_limit_ends_by_our_clock_though_github_names_its_own() -> None:
    theirs = NOW - timedelta(minutes=5)
    headers = {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int((theirs + timedelta(minutes=32)).timestamp())),
        "date": theirs.strftime("%a, %d %b %Y %H:%M:%S GMT"),
    }
    with pytest.raises(LimitError) as raised:
        ask(403, headers)
    assert raised.value.until == NOW + timedelta(minutes=32)
    assert "12:32" in str(raised.value)


def test_a_secondary_limit_ends_when_retry_after_says() -> None:
    with pytest.raises(LimitError) as raised:
        ask(429, {"retry-after": "7", "x-ratelimit-remaining": "4000"})
    assert raised.value.until == NOW + timedelta(seconds=7)


def test_retry_after_may_be_a_date_of_the_servers_clock() -> None:
    headers = {"retry-after": "Wed, 06 May 2026 09:00:30 GMT", "date": "Wed, 06 May 2026 09:00:00 GMT"}
    with pytest.raises(LimitError) as raised:
        ask(403, headers)
    assert raised.value.until == NOW + timedelta(seconds=30)


def test_without_a_token_the_sentence_asks_for_one() -> None:
    with pytest.raises(TokenRejectedError, match="wants a token"):
        ask(401, token=False)


def test_a_304_has_no_rows() -> None:
    answer = ask(304, {"etag": 'W/"x"'})
    assert answer.not_modified
    assert (answer.rows, answer.etag) == ((), 'W/"x"')


def test_an_empty_repository_has_no_commits_and_is_no_error() -> None:
    assert ask(409, body='{"message": "Git Repository is empty."}').rows == ()


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        pytest.param('[{"id": 1}, {"id": 2}]', 2, id="a list"),
        pytest.param('{"id": 1}', 1, id="one thing"),
        pytest.param('{"total_count": 3, "workflow_runs": [{}, {}, {}]}', 3, id="a counted list"),
    ],
)
def test_rows_are_found_where_github_puts_them(body: str, rows: int) -> None:
    assert len(ask(200, body=body).rows) == rows


@pytest.mark.parametrize(
    ("headers", "rows", "more"),
    [
        pytest.param({}, 99, False, id="a short page"),
        pytest.param({}, 100, True, id="a full page, since a 304 hides what follows"),
        pytest.param({"link": '<https://x/y?page=2>; rel="next"'}, 3, True, id="a link to the next"),
        pytest.param({"link": '<https://x/y?page=1>; rel="first"'}, 3, False, id="a link to the first"),
    ],
)
def test_more_pages_are_expected_when(headers: dict[str, str], rows: int, *, more: bool) -> None:
    assert ask(200, headers, f"[{', '.join(['{}'] * rows)}]").more is more


def test_the_number_of_pages_is_known_from_the_last_link() -> None:
    headers: dict[str, Any] = {
        "link": '<https://x/y?per_page=100&page=2>; rel="next", <https://x/y?page=9>; rel="last"'
    }
    assert ask(200, headers, "[]").last_page == 9
    assert ask(200, {}, "[]").last_page is None


def test_a_moment_of_another_day_carries_its_day() -> None:
    assert clock_words(NOW + timedelta(minutes=32), NOW) == "12:32"
    assert clock_words(NOW + timedelta(days=1), NOW) == "07 May 12:00"
