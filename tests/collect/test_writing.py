"""Writes: what GitHub's answers to them mean, which requests a change is, and looking for what was made."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from galaxy_desktop.collect.write_answers import MovedError, WriteRefusedError, judge_write
from galaxy_desktop.collect.writing import Step, Writing, steps
from galaxy_desktop.domain import change_making as wish
from galaxy_desktop.domain.changes import Value
from galaxy_desktop.domain.permits import Permit
from galaxy_desktop.errors import (
    BrokenAnswerError,
    GalaxyError,
    LegalBlockError,
    LimitError,
    RefusedError,
    TokenRejectedError,
)
from tests.services.outbox_world import NOW, Clock, Trouble, WritableGitHub

ISSUE = "/repos/o/r/issues/7"


def judged(status: int, body: Any = "", path: str = ISSUE, **headers: str) -> Any:
    told = {name.replace("_", "-"): text for name, text in headers.items()}
    text = body if isinstance(body, str) else json.dumps(body)
    return judge_write(status=status, headers=told, body=text, path=path, now=NOW, has_token=True)


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "words"),
    [
        (401, {}, {}, TokenRejectedError, "rejected the token"),
        (
            403,
            {"message": "Resource not accessible by personal access token"},
            {"x_accepted_github_permissions": "issues=write; pull_requests=write"},
            WriteRefusedError,
            "may not change o/r#7 (Resource not accessible by personal access token). "
            "Give it the permission issues: write, or pull_requests: write on GitHub.",
        ),
        (403, {}, {"x_accepted_oauth_scopes": "repo"}, WriteRefusedError, "the permission repo on GitHub"),
        (403, {}, {}, WriteRefusedError, "the permission issues: write on GitHub"),
        (403, {}, {"x_github_sso": "required; url=https://x"}, WriteRefusedError, "single sign-on"),
        (403, {"message": "Unable to create comment because issue is locked."}, {}, WriteRefusedError, "is locked"),
        (403, {"message": "Repository was archived so is read-only."}, {}, WriteRefusedError, "archived"),
        (403, {"message": "You have exceeded a secondary rate limit."}, {}, LimitError, "slow down"),
        (429, {}, {"retry_after": "30"}, LimitError, "slow down"),
        (404, {"message": "Not Found"}, {}, WriteRefusedError, "shows no o/r#7 to change"),
        (410, {"message": "This issue was deleted"}, {}, WriteRefusedError, "was deleted"),
        (413, "", {}, WriteRefusedError, "Shorten it"),
        (409, {"message": "Conflict"}, {}, WriteRefusedError, "Conflict"),
        (451, {}, {}, LegalBlockError, "legal"),
        (301, "", {}, MovedError, "was renamed or moved"),
        (307, "", {}, MovedError, "was renamed or moved"),
        (502, "<html>", {}, BrokenAnswerError, "trouble"),
        (202, "", {}, BrokenAnswerError, "no answer yet"),
        (200, "{half", {}, BrokenAnswerError, "not a whole answer"),
    ],
)
def test_every_answer_to_a_write_has_its_meaning(
    status: int, body: Any, headers: dict[str, str], kind: type[GalaxyError], words: str
) -> None:
    with pytest.raises(kind) as raised:
        judged(status, body, **headers)
    assert type(raised.value) is kind or kind is LimitError
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        ([{"resource": "Issue", "field": "title", "code": "missing_field"}], "title is missing"),
        ([{"field": "milestone", "code": "invalid"}, {"field": "labels", "code": "missing"}], "labels does not exist"),
        ([{"code": "custom", "message": "body is too long (maximum is 65536 characters)"}], "body is too long"),
        (["Could not resolve to a node"], "Could not resolve"),
        ("plain words", "plain words"),
        (None, "Validation Failed"),
    ],
)
def test_a_field_that_github_does_not_take_is_named(errors: Any, words: str) -> None:
    with pytest.raises(WriteRefusedError, match="GitHub did not accept this for o/r#7") as raised:
        judged(422, {"message": "Validation Failed", "errors": errors})
    assert words in str(raised.value)


def test_a_refusal_keeps_githubs_own_words() -> None:
    with pytest.raises(WriteRefusedError, match="o/r to change") as raised:
        judged(404, {"message": "Label does not exist"}, "/repos/o/r/issues")
    assert (raised.value.status, raised.value.said) == (404, "Label does not exist")


@pytest.mark.parametrize("status", [200, 201])
def test_a_made_thing_comes_back(status: int) -> None:
    assert judged(status, {"number": 7}).rows == ({"number": 7},)
    assert judged(204).rows == ()


# --- which requests a change is


@pytest.fixture
def github() -> WritableGitHub:
    return WritableGitHub(Clock())


def patch(body: dict[str, Any]) -> tuple[Step, ...]:
    return (Step("PATCH", "/issues/7", body),)


def test_closing_names_the_reason_except_for_pull_requests(github: WritableGitHub) -> None:
    done = wish.close(github.record(), NOW)
    assert steps(done, "closed", "open") == patch({"state": "closed", "state_reason": "completed"})
    assert steps(done, "closed:not_planned", "open") == patch({"state": "closed", "state_reason": "not_planned"})
    assert steps(done, "closed", "open", pull=True) == patch({"state": "closed"})
    assert steps(done, "open", "closed") == patch({"state": "open"})


@pytest.mark.parametrize(
    ("make", "merged", "body"),
    [
        (lambda item: wish.retitle(item, "New", NOW), "New", {"title": "New"}),
        (lambda item: wish.rewrite(item, "Text", NOW), "Text", {"body": "Text"}),
        (lambda item: wish.plan(item, None, NOW), None, {"milestone": None}),
    ],
)
def test_one_value_is_one_patch_of_that_field(
    make: Callable[[Any], Any], merged: Value, body: dict[str, Any], github: WritableGitHub
) -> None:
    assert steps(make(github.record()), merged, "old") == patch(body)


def test_labels_are_written_as_differences_never_as_a_set(github: WritableGitHub) -> None:
    change = wish.relabel(github.record(), NOW, add=["c", "d"])
    assert steps(change, ("a", "c", "d"), ("a", "b/ x", "C")) == (
        Step("POST", "/issues/7/labels", {"labels": ["d"]}),
        Step("DELETE", "/issues/7/labels/b%2F%20x"),
    )


def test_people_are_written_as_differences(github: WritableGitHub) -> None:
    change = wish.reassign(github.record(), NOW, add=["ada"])
    assert steps(change, ("ada",), ("grace",)) == (
        Step("POST", "/issues/7/assignees", {"assignees": ["ada"]}),
        Step("DELETE", "/issues/7/assignees", {"assignees": ["grace"]}),
    )


def test_an_act_says_everything_that_decides_what_it_does() -> None:
    assert Step("PATCH", "/issues/7", {"title": "ä"}).act(5) == 'PATCH /repositories/5/issues/7 {"title": "ä"}'


# --- looking and writing


def spend(permit: Permit, act: str) -> None:
    if permit.act != act:
        raise RefusedError("no permit")


def writing(github: WritableGitHub) -> Writing:
    return Writing(github, spend, github.clock)


def test_without_a_permit_nothing_is_sent(github: WritableGitHub) -> None:
    here = writing(github)
    with pytest.raises(RefusedError, match="no permit"):
        here.perform(here.place(1, "o/r"), Step("PATCH", "/issues/7", {"title": "x"}), Permit(1, "another act"))
    assert github.writes == []


def test_a_renamed_repository_is_found_by_its_id(github: WritableGitHub) -> None:
    github.name = "o/new"
    assert writing(github).place(1, "o/r").repository.full_name == "o/new"


def test_a_name_given_to_another_repository_is_not_mistaken_for_ours(github: WritableGitHub) -> None:
    github.repository["id"] = 99
    with pytest.raises(RefusedError):
        writing(github).place(1, "o/r")


def test_the_name_is_asked_for_once_a_minute(github: WritableGitHub) -> None:
    here = writing(github)
    for _ in range(2):
        here.place(1, "o/r")
    assert github.asked == ["/repos/o/r"]
    github.clock.now += timedelta(seconds=61)
    here.place(1, "o/r")
    assert github.asked == ["/repos/o/r"] * 2


@pytest.mark.parametrize("status", [404, 410])
def test_an_item_that_is_not_shown_any_more_is_gone(github: WritableGitHub, status: int) -> None:
    github.gone[7] = status
    here = writing(github)
    assert "no longer shows o/r#7" in here.standing(here.place(1, "o/r"), 7).gone


def test_an_item_that_was_transferred_says_where_it_is(github: WritableGitHub) -> None:
    github.issues[7].update(number=3, repository_url="https://api.github.com/repos/o/other")
    here = writing(github)
    assert here.standing(here.place(1, "o/r"), 7).gone.startswith("o/r#7 was moved to o/other#3.")


def test_a_comment_is_found_by_author_text_and_time(github: WritableGitHub) -> None:
    here = writing(github)
    place = here.place(1, "o/r")
    github.say(7, "done", by="octo")
    github.clock.now += timedelta(seconds=60)
    since = github.clock()
    github.say(7, "done", by="ada")
    github.say(7, "done too", by="octo")
    assert here.comments_made(place, 7, "done", since) == ()
    mine = github.say(7, "done\r\n", by="octo")
    assert [one.url for one in here.comments_made(place, 7, "done", since)] == [mine["html_url"]]


def test_an_issue_is_found_by_creator_title_text_and_time(github: WritableGitHub) -> None:
    here = writing(github)
    place, since = here.place(1, "o/r"), github.clock()
    github.open("New", "text", by="ada")
    github.open("New", "other text", by="octo")
    mine = github.open("New", "text", by="octo")
    assert [one.url for one in here.issues_made(place, " New", "text ", since)] == [mine["html_url"]]


def test_a_label_that_is_off_already_is_no_failure(github: WritableGitHub) -> None:
    here, step = writing(github), Step("DELETE", "/issues/7/labels/bug")
    assert here.perform(here.place(1, "o/r"), step, Permit(1, step.act(1))) is None


def test_a_redirect_is_not_followed_and_the_repository_is_looked_up_anew(github: WritableGitHub) -> None:
    here, step = writing(github), Step("PATCH", "/issues/7", {"title": "x"})
    place = here.place(1, "o/r")
    github.name = "o/new"
    with pytest.raises(MovedError):
        here.perform(place, step, Permit(1, step.act(1)))
    assert here.place(1, "o/r").repository.full_name == "o/new"


def test_a_token_of_nobody_finds_by_text_and_time(github: WritableGitHub) -> None:
    here = writing(github)
    place = here.place(1, "o/r")
    github.reading_troubles = [Trouble(status=403)]
    assert here.login() is None
    github.say(7, "done", by="some-app[bot]")
    assert len(here.comments_made(place, 7, "done", github.clock())) == 1


def test_too_many_rows_to_look_through_is_said() -> None:
    github = WritableGitHub(Clock())
    for number in range(1001):
        github.say(7, f"text {number}", by="octo")
    here = writing(github)
    place = here.place(1, "o/r")
    whole = github.get

    def paged(path: str, parameters: Any = None, etag: Any = None) -> Any:
        answer = whole(path, parameters, etag)
        return replace(answer, rows=answer.rows[:100]) if path.endswith("/comments") else answer

    github.get = paged  # type: ignore[method-assign]
    with pytest.raises(RefusedError, match="Too much happened"):
        here.comments_made(place, 7, "text", github.clock())
