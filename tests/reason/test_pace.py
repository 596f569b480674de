"""A limit holds over any stretch of time, a new one at once, and a wait ends when it should."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.reason.pace import PIECE, SMALLEST_PIECE, Pace, Speed, seconds_left


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _pace(time: Time, limit: list[int]) -> Pace:
    return Pace(lambda: limit[0], threading.Event(), lambda: time.now, time.sleep)


@given(st.lists(st.integers(1, 300_000), min_size=1, max_size=30), st.integers(1000, 5_000_000))
def test_no_more_comes_than_the_limit_lets_through(pieces: list[int], limit: int) -> None:
    time = Time()
    pace = _pace(time, [limit])
    for piece in pieces:
        pace.took(piece)
    assert sum(pieces) <= limit * (time.now - 100.0 + 0.26) + 1


def test_without_a_limit_nobody_waits() -> None:
    time = Time()
    pace = _pace(time, [0])
    pace.took(10**9)
    assert (time.now, pace.piece) == (100.0, PIECE)


def test_another_limit_holds_while_one_waits_for_the_old_one() -> None:
    time, limit = Time(), [1000]
    pace = Pace(
        lambda: limit[0], threading.Event(), lambda: time.now, lambda s: (time.sleep(s), limit.__setitem__(0, 0))[0]
    )
    pace.took(1_000_000)
    assert time.now < 101


def test_a_wait_ends_when_it_is_asked_to() -> None:
    time, stop = Time(), threading.Event()
    pace = Pace(lambda: 1, stop, lambda: time.now, lambda s: (time.sleep(s), stop.set())[0])
    pace.took(10**6)
    pace.wait(1000)
    assert time.now < 101


@pytest.mark.parametrize(("limit", "piece"), [(1, SMALLEST_PIECE), (400_000, 100_000), (10**9, PIECE)])
def test_pieces_are_small_where_the_limit_is(limit: int, piece: int) -> None:
    assert _pace(Time(), [limit]).piece == piece


def test_speed_is_that_of_the_last_seconds() -> None:
    time = Time()
    speed = Speed(lambda: time.now)
    assert speed.at(0) is None
    for step in range(1, 21):
        time.sleep(1)
        speed.at(step * 100)
    time.sleep(1)
    assert speed.at(2000 + 1000) == pytest.approx((3000 - 1500) / 6)


def test_speed_begins_anew_where_a_download_does() -> None:
    time = Time()
    speed = Speed(lambda: time.now)
    speed.at(1000)
    time.sleep(1)
    assert speed.at(5) is None


def test_time_left_is_said_where_it_can_be() -> None:
    assert seconds_left(50, 100, 10.0) == 5.0
    assert seconds_left(50, 0, 10.0) is None
    assert seconds_left(50, 100, None) is None
    assert seconds_left(100, 100, 5.0) is None
