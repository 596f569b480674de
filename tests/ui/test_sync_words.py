"""What the Sync page says, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.ui import sync_words, words
from galaxy_desktop.ui.sync_words import completeness, entity, failed, reached, result, size, time_left
from galaxy_desktop.ui.theme import Tone
from tests.ui.fake_sync_desk import exchange, overview, repository_sync, status
from tests.ui.samples import NOW, repositories


def plain(text: str) -> str:
    """The same with ordinary spaces."""
    return text.replace(words.SPACE, " ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("issues", "Issues"),
        ("details", "Pull request details"),
        ("pulls/*/reviews", "Reviews"),
        ("sprint:7", "Sprint first (milestone 7)"),
        ("pulls:history", "Pull requests, older ones"),
        ("graphql checks", "Checks, batched"),
        ("a list of tomorrow", "a list of tomorrow"),
    ],
)
def test_lists_have_plain_names_and_unknown_ones_are_shown_as_they_are(name: str, said: str) -> None:
    assert entity(name) == said


def test_a_cursor_is_a_moment_by_the_users_clock() -> None:
    here = datetime(2026, 5, 6, 23, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert reached(status(1, "issues", "2026-05-06T11:50:12Z"), here) == "20:50"


@pytest.mark.parametrize(
    ("name", "position", "complete", "said"),
    [
        ("milestones", "", True, "Whole list"),
        ("milestones", "", False, "Not yet to its end"),
        ("issues", "", False, "Not begun"),
        ("events", "48811290", True, "No. 48,811,290"),
        ("surprises", "7f3a", True, "7f3a"),
        ("boards", "", False, "–"),
        ("details", "", True, "Item by item"),
        ("issues:history", "2025-02-01T00:00:00Z", False, "Going back"),
        ("issues:history", "", True, "The first one"),
    ],
)
def test_how_far_a_list_was_read(name: str, position: str, complete: bool, said: str) -> None:
    assert reached(status(1, name, position, complete=complete), NOW) == said


@pytest.mark.parametrize(
    ("stage", "name"),
    [("issues", "issues"), ("reviews", "details"), ("history of pull requests", "pulls:history")],
)
def test_a_stage_names_the_list_that_it_reads(stage: str, name: str) -> None:
    assert sync_words.list_of(stage) == name


def test_a_position_without_a_zone_is_no_moment() -> None:
    assert sync_words.moment_in("2026-05-06T11:50:12") is None


@pytest.mark.parametrize(
    ("name", "position", "complete", "share", "said"),
    [
        ("issues", "2026-05-06T11:50:12Z", True, None, "Complete"),
        ("issues", "2026-05-06T11:50:12Z", False, 0.43, "History 43 %"),
        ("issues", "2026-05-06T11:50:12Z", False, None, "Being read"),
        ("issues", "", False, None, "Not read yet"),
        ("boards", "", True, 0.5, sync_words.ABSENT),
    ],
)
def test_whether_a_list_is_complete(name: str, position: str, complete: bool, share: float | None, said: str) -> None:
    assert plain(completeness(status(1, name, position, complete=complete), share)) == said


def test_a_list_that_is_not_offered_says_why_where_github_did() -> None:
    refused = replace(status(1, "boards", ""), absent=True, why="Add the permission Projects: read.")
    assert completeness(refused, None) == f"{sync_words.ABSENT}: Add the permission Projects: read."


def test_the_lists_of_a_repository_in_a_line() -> None:
    said = sync_words.lists_summary(repository_sync(repositories()[0]).entities)
    assert plain(said) == "14 lists: 9 complete, 4 not yet, 1 not offered"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (48_213, "48 kB"),
        (1_203_600, "1.2 MB"),
        (512_000_331, "512 MB"),
        (10**12, "1,000 GB"),
    ],
)
def test_bytes_are_read_as_people_do(number: int, said: str) -> None:
    assert plain(size(number)) == said


@pytest.mark.parametrize(
    ("status_code", "outcome", "said", "bad"),
    [
        (200, "ok", "OK (200)", False),
        (304, "not modified", "Not modified (304)", False),
        (409, "empty", "Empty (409)", False),
        (None, "no answer", "No answer", True),
        (429, "limit", "Limit (429)", True),
        (200, "refused", "Refused (200)", True),
        (502, "broken", "Broken (502)", True),
        (500, "", "Unknown (500)", True),
    ],
)
def test_results_in_words_and_which_are_failures(status_code: int | None, outcome: str, said: str, bad: bool) -> None:
    one = exchange(status=status_code, outcome=outcome)
    assert (result(one), failed(one)) == (said, bad)


def test_a_limit_is_to_be_watched_and_a_broken_answer_is_bad() -> None:
    limit, broken = exchange(status=429, outcome="limit"), exchange(status=502, outcome="broken")
    assert (sync_words.result_tone(limit), sync_words.result_tone(broken)) == (Tone.WATCH, Tone.BAD)


def test_what_did_not_change_is_free_and_said_so() -> None:
    assert sync_words.cost(exchange(status=304, outcome="not modified", cost=0)) == "free"
    assert sync_words.cost(exchange(status=304, outcome="not modified", cost=1)) == "1"


@pytest.mark.parametrize(
    ("path", "repository", "said"),
    [
        ("/repos/acme/api/issues?page=2", "acme/api", "GET /issues?page=2"),
        ("/api/v3/repos/acme/api/issues", "acme/api", "GET /issues"),
        ("/repos/acme/api", "acme/api", "GET /"),
        ("/graphql", "", "GET /graphql"),
    ],
)
def test_a_request_is_shown_without_the_repository_beside_it(path: str, repository: str, said: str) -> None:
    assert sync_words.request(exchange(path=path, repository=repository)) == said


def test_the_quota_says_what_is_left_and_when_it_is_full_again() -> None:
    assert sync_words.quota_left(overview(), NOW) == "Quota: 4,812 of 5,000 left; full again at 12:32."


def test_a_reset_that_has_passed_makes_the_quota_full() -> None:
    said = sync_words.quota_left(replace(overview(), quota_left=0), NOW + timedelta(hours=1))
    assert said == "Quota: full again since 12:32."


def test_before_github_said_anything_no_quota_is_made_up() -> None:
    said = sync_words.quota_left(replace(overview(), quota_left=None), NOW)
    assert said == "GitHub has not said yet how much of the quota is left."


def test_today_in_a_line() -> None:
    assert plain(sync_words.quota_today(overview())) == "Today: 411 requests, which spent 36 of the quota, and 1.2 MB."
    assert sync_words.quota_today(replace(overview(), usage_today=())) == "No request today."


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(4, "a few seconds left"), (43, "about 40 s left"), (220, "about 4 min left"), (9_000, "about 2 h left")],
)
def test_time_left_is_rough(seconds: float, said: str) -> None:
    assert plain(time_left(seconds)) == said


def test_a_sync_that_ended_well_and_one_that_did_not() -> None:
    synced, offline = (
        repository_sync(repositories()[0]),
        repository_sync(replace(repositories()[0], state=RepositoryState.OFFLINE)),
    )
    assert sync_words.outcome(synced, NOW) == ("Done: synced 11:51.", Tone.GOOD)
    assert sync_words.outcome(offline, NOW) == ("Not done: offline since 11:51.", Tone.WATCH)


def test_what_was_cancelled_is_no_fault() -> None:
    assert sync_words.problem_tone(sync_words.CANCELLED) is Tone.QUIET
    assert sync_words.problem_tone("The disk is full.") is Tone.BAD


def test_a_moment_of_another_day_has_its_day() -> None:
    assert sync_words.second(NOW, NOW) == "12:00:00"
    assert plain(sync_words.second(NOW - timedelta(days=1), NOW)) == "Tue 5 May 12:00:00"
