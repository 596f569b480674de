"""When to poll next: pure, so every case is a line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.services.schedule import (
    NETWORK_OFF,
    History,
    Pace,
    due_now,
    next_poll,
    next_try_why,
    pause_after,
    woke,
)

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
SYNCED = RepositoryState.SYNCED
PACE = Pace()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(("quiet", "pause"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 15), (50, 15)])
def test_polls_grow_rarer_while_nothing_moves(quiet: int, pause: int) -> None:
    assert pause_after(History(quiet=quiet), SYNCED, PACE) == minutes(pause)


def test_a_change_brings_back_the_fastest_pace() -> None:
    rested = History(quiet=9).after(SYNCED, changed=True)
    assert pause_after(rested, SYNCED, PACE) == minutes(1)


def test_a_quiet_poll_counts_and_a_failure_does_not() -> None:
    assert History(quiet=1).after(SYNCED, changed=False).quiet == 2
    assert History(quiet=1).after(RepositoryState.FAILED, changed=False) == History(quiet=1, failures=1)


def test_disabled_issues_count_as_a_poll_that_worked() -> None:
    assert History(failures=3).after(RepositoryState.ISSUES_DISABLED, changed=False).failures == 0


@pytest.mark.parametrize(("failures", "pause"), [(1, 1), (2, 1), (3, 2), (4, 4), (5, 8), (6, 15), (99, 15)])
def test_failures_back_off(failures: int, pause: int) -> None:
    assert pause_after(History(failures=failures), RepositoryState.FAILED, PACE) == minutes(pause)


@pytest.mark.parametrize(
    "state", [RepositoryState.TOKEN_REJECTED, RepositoryState.NO_ACCESS, RepositoryState.LEGAL_BLOCK]
)
def test_what_time_does_not_heal_is_asked_seldom(state: RepositoryState) -> None:
    assert pause_after(History(failures=1), state, PACE) == minutes(15)


def test_the_pause_that_github_asks_for_is_honored() -> None:
    pace = Pace(asked=minutes(5))
    assert pause_after(History(), SYNCED, pace) == minutes(5)
    assert pause_after(History(), SYNCED, Pace(slowest=minutes(2), asked=minutes(5))) == minutes(5)


def test_the_user_may_want_polls_rarer_than_the_slowest() -> None:
    pace = Pace(fastest=minutes(60), slowest=minutes(15))
    assert pause_after(History(), SYNCED, pace) == minutes(60)


def test_a_limit_is_never_undercut() -> None:
    told = NOW + minutes(40)
    assert next_poll(History(failures=1), RepositoryState.WAITING, NOW, told=told) == told
    assert next_poll(History(), SYNCED, NOW, told=NOW) == NOW + minutes(1)


@pytest.mark.parametrize(
    ("wall", "steady", "slept"),
    [
        pytest.param(60, 60, False, id="an ordinary minute"),
        pytest.param(100, 60, False, id="a clock that was set"),
        pytest.param(3600, 60, True, id="a lid that was closed"),
        pytest.param(-3600, 60, False, id="a clock set back"),
    ],
)
def test_sleep_is_the_wall_clock_running_ahead(wall: int, steady: int, *, slept: bool) -> None:
    assert woke(timedelta(seconds=wall), timedelta(seconds=steady)) is slept


@pytest.mark.parametrize(
    ("next_in", "slept", "due"),
    [
        pytest.param(5, False, False, id="not yet"),
        pytest.param(-1, False, True, id="time is up"),
        pytest.param(5, True, True, id="woke up"),
        pytest.param(3000, False, True, id="a clock set back by days"),
    ],
)
def test_a_poll_is_due_when(next_in: int, *, slept: bool, due: bool) -> None:
    assert due_now(NOW + minutes(next_in), NOW, slept=slept) is due


@given(quiet=st.integers(0, 200), failures=st.integers(0, 200), state=st.sampled_from(RepositoryState))
@settings(max_examples=80, deadline=None)
def test_every_pause_lies_between_the_fastest_and_the_slowest(
    quiet: int, failures: int, state: RepositoryState
) -> None:
    assert PACE.fastest <= pause_after(History(quiet=quiet, failures=failures), state, PACE) <= PACE.slowest


@pytest.mark.parametrize(
    ("state", "sentence", "said"),
    [
        (SYNCED, "", "Quiet: asked every 15 minutes."),
        (SYNCED, "History waits until 14:32: 180 requests left.", "History goes on once"),
        (RepositoryState.WAITING, "", "left alone"),
        (RepositoryState.OFFLINE, "", "longer pauses"),
        (RepositoryState.OFFLINE, NETWORK_OFF, "switched on again"),
        (RepositoryState.FAILED, "", "longer pauses"),
        (RepositoryState.TOKEN_REJECTED, "", "another token"),
        (RepositoryState.NO_ACCESS, "", "Access may come back"),
        (RepositoryState.LEGAL_BLOCK, "", "may be lifted"),
        (RepositoryState.SYNCING, "", ""),
    ],
)
def test_every_next_try_says_why(state: RepositoryState, sentence: str, said: str) -> None:
    found = next_try_why(state, sentence, minutes(15))
    assert (said in found) if said else found == ""


def test_while_something_moves_every_minute_is_said() -> None:
    assert next_try_why(SYNCED, "", minutes(1)) == "Something moved lately: asked every minute."
    assert next_try_why(SYNCED, "") == ""
