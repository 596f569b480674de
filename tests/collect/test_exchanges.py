"""What an exchange was about, what it cost, and what GraphQL means when it says 200."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.collect.answers import Answer, judge
from galaxy_desktop.collect.exchanges import (
    cost_of,
    entity_in,
    graphql_data,
    graphql_path,
    outcome_of,
    repository_in,
    resource_of,
    shown_path,
    whole_number,
)
from galaxy_desktop.errors import BrokenAnswerError, GalaxyError, LimitError, NoAccessError, RefusedError

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "repository", "entity"),
    [
        ("/repos/o/r", "o/r", "repository"),
        ("/repos/o/r/issues", "o/r", "issues"),
        ("/repos/o/r/pulls/12/reviews", "o/r", "pulls/*/reviews"),
        (f"/repos/o/r/commits/{'a1' * 20}/check-runs", "o/r", "commits/*/check-runs"),
        ("/api/v3/repos/o/r/labels", "o/r", "labels"),
        ("/repositories/7", "", "repositories/*"),
        ("/graphql", "", "graphql"),
    ],
)
def test_a_path_tells_its_repository_and_its_list(path: str, repository: str, entity: str) -> None:
    assert (repository_in(path), entity_in(path)) == (repository, entity)


def test_only_parameters_that_cannot_be_secret_are_shown() -> None:
    asked = {"state": "all", "since": "2026-05-01T00:00:00Z", "access_token": "s3cret", "q": "private words"}
    assert shown_path("/repos/o/r/issues", asked) == "/repos/o/r/issues?state=all&since=2026-05-01T00:00:00Z"
    assert shown_path("/user", {"code": "s3cret"}) == "/user"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (None, "no answer"), (200, "ok"), (201, "made"), (202, "not ready"), (204, "done"), (301, "moved"),
        (304, "not modified"), (403, "refused"), (404, "refused"), (409, "empty"), (429, "limit"), (502, "broken"),
    ],
)  # fmt: skip
def test_every_ending_has_a_word(status: int | None, words: str) -> None:
    assert outcome_of(status) == words


COUNTED = {"x-ratelimit-remaining": "59"}


@pytest.mark.parametrize(
    ("status", "headers", "signed_in", "cost"),
    [
        (200, COUNTED, True, 1),
        (304, COUNTED, True, 0),
        (304, COUNTED, False, 1),
        (404, COUNTED, True, 1),
        (502, {}, True, 0),
        (None, {}, True, 0),
    ],
    ids=["answer", "304 with a token", "304 without", "refusal", "a server that counts nothing", "nothing came"],
)
def test_what_an_exchange_costs(status: int | None, headers: dict[str, str], signed_in: bool, cost: int) -> None:
    assert cost_of(status, headers, signed_in=signed_in) == cost


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("", None), (None, None), ("many", None), ("-3", None)])
def test_numbers_in_headers_are_read_or_left_alone(text: str | None, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("path", "resource"),
    [("/repos/o/r/issues", "core"), ("/graphql", "graphql"), ("/api/graphql", "graphql"), ("/search/issues", "search")],
)
def test_every_path_is_counted_somewhere(path: str, resource: str) -> None:
    assert resource_of(path) == resource


@pytest.mark.parametrize(("base", "path"), [("", "/graphql"), ("/api/v3", "/api/graphql"), ("/prefix", "/graphql")])
def test_graphql_is_beside_the_rest_api(base: str, path: str) -> None:
    assert graphql_path(base) == path


def answered(body: Any, **headers: str) -> Answer:
    text = json.dumps(body)
    return judge(status=200, headers=headers, body=text, path="/graphql", now=NOW, has_token=True)


def test_data_comes_through_with_the_parts_that_could_not_be_given() -> None:
    told = {"data": {"a": {"id": 1}, "b": None}, "errors": [{"type": "NOT_FOUND", "message": "no b"}]}
    assert graphql_data(answered(told), NOW) == {"a": {"id": 1}, "b": None}


def refusal(kind: str, message: str = "said so") -> dict[str, Any]:
    return {"data": None, "errors": [{"type": kind, "message": message}]}


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (refusal("FORBIDDEN"), NoAccessError, "may not read"),
        (refusal("NOT_FOUND"), NoAccessError, "said so"),
        (refusal("INSUFFICIENT_SCOPES", "needs read:project"), NoAccessError, "needs read:project"),
        (refusal("undefinedField", "Field 'blockedBy' doesn't exist"), RefusedError, "blockedBy"),
        ({"errors": "all wrong"}, RefusedError, "all wrong"),
        ({"errors": 5}, RefusedError, "5"),
        ({"data": None}, BrokenAnswerError, "without data"),
        ({"data": {"repository": None}}, BrokenAnswerError, "without data"),
        ({}, BrokenAnswerError, "without data"),
        (refusal("RATE_LIMITED"), LimitError, "GraphQL"),
    ],
)
def test_a_200_of_graphql_may_be_a_refusal(body: Any, error: type[GalaxyError], words: str) -> None:
    with pytest.raises(error, match=words):
        graphql_data(answered(body), NOW)


def test_the_limit_of_graphql_names_its_end_and_nothing_else() -> None:
    reset = str(int((NOW + timedelta(minutes=7)).timestamp()))
    with pytest.raises(LimitError) as raised:
        graphql_data(answered(refusal("RATE_LIMITED"), **{"x-ratelimit-reset": reset}), NOW)
    assert (raised.value.until, raised.value.resource) == (NOW + timedelta(minutes=7), "graphql")


def test_a_limit_of_graphql_without_a_moment_is_waited_out_for_a_minute() -> None:
    with pytest.raises(LimitError) as raised:
        graphql_data(answered(refusal("RATE_LIMITED")), NOW)
    assert raised.value.until == NOW + timedelta(minutes=1)
