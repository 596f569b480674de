"""What is not offered: told from a limit and from one odd answer, asked again in time, and at once when somebody asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from galaxy_desktop.collect.absence import ENOUGH, absence, is_absent, optional, refused_of_one, told_by
from galaxy_desktop.collect.answers import GoneError, NotPermittedError
from galaxy_desktop.collect.branches import read_branches
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.errors import BrokenAnswerError, GalaxyError, LimitError, NoAccessError
from tests.collect.fakes import NOW, FakeGitHub, Fault, MemoryStore
from tests.collect.graph import drained, reading_of

NOT_THERE, LACKING = NoAccessError("Not there."), NotPermittedError("Lacks a permission.")
HOUR = timedelta(hours=1)


def later(hours: float, account: str = "a") -> Reading:
    """A reading so many hours after the first refusal."""
    return reading_of(FakeGitHub(account=account), MemoryStore(), NOW + hours * HOUR)


def refused(why: object, *hours: float) -> dict[str, Any]:
    """The note after refusals at these hours."""
    note: dict[str, Any] = {}
    for one in hours:
        note = absence(later(one), why, note)
    return note


@pytest.mark.parametrize(
    ("why", "times", "pause"),
    [
        (NOT_THERE, 1, 1),
        (NOT_THERE, 2, 24),
        (NOT_THERE, 3, 168),
        (NOT_THERE, 9, 168),
        (LACKING, 1, 1),
        (LACKING, 9, 24),
    ],
)
def test_the_pause_grows_with_refusals_in_a_row_and_stays_short_where_it_may_be_granted(
    why: GalaxyError, times: int, pause: int
) -> None:
    note = refused(why, *range(times))
    assert is_absent(later(times - 1 + pause - 0.01), note)
    assert not is_absent(later(times - 1 + pause), note)


def test_a_permission_that_graphql_missed_may_be_granted_too() -> None:
    error = RuntimeError("not offered")
    error.__cause__ = LACKING
    assert refused(error, 0)["grantable"] == 1
    assert "grantable" not in refused("a sentence", 0)


def test_another_token_is_asked_at_once_and_begins_anew() -> None:
    note = refused(NOT_THERE, 0, 1, 2)
    assert not is_absent(later(2, "b"), note)
    assert absence(later(2, "b"), NOT_THERE, note)["times"] == 1


def test_an_old_refusal_is_not_the_one_before() -> None:
    assert absence(later(24 * 15), NOT_THERE, refused(NOT_THERE, 0, 1))["times"] == 1


def test_a_note_of_an_earlier_program_still_holds_for_its_week() -> None:
    note = {"absent": "2026-05-06T12:00:00Z", "token": later(0).github.fingerprint, "why": "no"}
    assert is_absent(later(167), note)
    assert not is_absent(later(168), note)


def test_somebody_who_asks_is_answered_at_once_and_each_list_is_tried_once() -> None:
    github, store = FakeGitHub(), MemoryStore()
    github.faults = [Fault("/branches", times=9, status=404)]
    drained(read_branches(reading_of(github, store)), store)
    asking = replace(reading_of(github, store, NOW + HOUR / 2), asked_at=NOW + HOUR / 2)
    drained(read_branches(asking), store)
    drained(read_branches(asking), store)
    assert len(github.log) == 2
    assert note_of(store.cursors[1, "branches"])["times"] == 2


@pytest.mark.parametrize(
    ("error", "remembered"),
    [
        (NOT_THERE, True),
        (LACKING, True),
        (GoneError("x"), True),
        (LimitError("x", NOW), False),
        (BrokenAnswerError("x"), False),
    ],
)
def test_refusals_are_remembered_and_limits_and_broken_answers_are_told(error: GalaxyError, remembered: bool) -> None:
    reading, store = later(0), MemoryStore()

    def pages() -> Pages:
        raise error
        yield

    if remembered:
        drained(optional(replace(reading, local=store), "x", pages), store)
        assert "absent" in note_of(store.cursors[1, "x"])
        return
    with pytest.raises(type(error)):
        drained(optional(reading, "x", pages), store)


def test_one_item_says_nothing_of_the_others_and_different_ones_in_a_row_do() -> None:
    note: dict[str, Any] | None = None
    for one in (1, 1, 1, 2):
        note = refused_of_one(later(0), one, NOT_THERE, note)
        assert not is_absent(later(0), note)
    found = refused_of_one(later(0), 3, NOT_THERE, note)
    assert is_absent(later(0), found)
    assert told_by(note, 3, found) == (1, 2, 3)
    assert ENOUGH == 3


def test_refusals_of_another_token_do_not_count() -> None:
    note = refused_of_one(later(0), 2, NOT_THERE, refused_of_one(later(0), 1, NOT_THERE, None))
    assert refused_of_one(later(0, "b"), 3, NOT_THERE, note)["refused"] == [3]
    assert told_by(note, 3, {"refused": [3]}) == ()
