"""Fetches are dated by GitHub's clock, whatever this computer's says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from galaxy_desktop.collect.server_clock import ServerClock

TRUE = datetime(2026, 5, 6, 12, tzinfo=UTC)


class Wrong:
    """A clock of ours that is off by so much."""

    def __init__(self, off: timedelta = timedelta(0)) -> None:
        self.off = off
        self.true = TRUE

    def __call__(self) -> datetime:
        return self.true + self.off


def date(moment: datetime) -> dict[str, str]:
    return {"date": format_datetime(moment.replace(microsecond=0), usegmt=True)}


@pytest.mark.parametrize("hours", [-26, -5, 0, 5, 26])
def test_a_clock_that_is_off_by_hours_does_not_matter(hours: int) -> None:
    ours = Wrong(timedelta(hours=hours))
    clock = ServerClock(ours)
    clock.learn(date(TRUE))
    assert clock.now() == TRUE


def test_before_the_first_answer_ours_is_all_there_is() -> None:
    assert ServerClock(Wrong(timedelta(hours=3))).now() == TRUE + timedelta(hours=3)


def test_two_answers_of_one_second_stay_in_their_order() -> None:
    ours = Wrong()
    clock = ServerClock(ours)
    moments = []
    for milliseconds in (100, 300, 700):
        ours.true = TRUE + timedelta(milliseconds=milliseconds)
        moments.append(clock.learn(date(ours.true)))
    assert moments == sorted(set(moments))


def test_a_clock_that_is_set_back_between_two_answers_turns_no_order_around() -> None:
    ours = Wrong()
    clock = ServerClock(ours)
    clock.learn(date(TRUE))
    before = clock.now()
    ours.true, ours.off = TRUE + timedelta(seconds=2), timedelta(hours=-5)
    clock.learn(date(ours.true))
    assert clock.now() > before


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_that_is_set_within_the_second_of_an_answer_turns_no_order_around(hours: int) -> None:
    ours = Wrong()
    ours.true = TRUE + timedelta(milliseconds=800)
    clock = ServerClock(ours)
    clock.learn(date(TRUE))
    ours.true = TRUE + timedelta(milliseconds=900)
    before = clock.learn(date(TRUE))
    ours.off = timedelta(hours=hours)
    assert clock.now() != before  # nobody has asked since then
    assert before < clock.learn(date(TRUE)) < clock.now() + timedelta(microseconds=1)
    assert clock.now() < before + timedelta(seconds=1)


def test_a_slow_answer_is_not_taken_for_a_slow_clock() -> None:
    ours = Wrong()
    clock = ServerClock(ours)
    clock.learn(date(TRUE))
    ours.true = TRUE + timedelta(seconds=50)
    clock.learn(date(TRUE + timedelta(seconds=10)))
    assert clock.now() == ours.true


def test_what_a_proxy_kept_tells_no_time() -> None:
    clock = ServerClock(Wrong())
    clock.learn({**date(TRUE - timedelta(hours=2)), "age": "7200"})
    clock.learn({"date": "long ago"})
    clock.learn({})
    assert abs(clock.now() - TRUE) < timedelta(seconds=1)


def test_moments_stay_in_our_zone() -> None:
    zone = timezone(timedelta(hours=2))
    clock = ServerClock(lambda: TRUE.astimezone(zone))
    clock.learn(date(TRUE))
    assert clock.now().tzinfo is zone
