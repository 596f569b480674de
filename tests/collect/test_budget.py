"""One request in flight for all repositories, and none while GitHub wants to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from galaxy_desktop.collect.budget import PATIENCE_S, Budget
from galaxy_desktop.collect.connection import WHOLE_ANSWER_S
from galaxy_desktop.errors import BrokenAnswerError, LimitError
from galaxy_desktop.services.sync_round import CALL_S

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def headers(remaining: int, reset: datetime) -> dict[str, str]:
    return {"x-ratelimit-remaining": str(remaining), "x-ratelimit-reset": str(int(reset.timestamp()))}


def test_nothing_is_sent_after_the_last_request_until_the_reset(clock: Clock) -> None:
    budget = Budget(clock)
    budget.note(headers(0, NOW + timedelta(minutes=10)))
    with pytest.raises(LimitError, match="12:10") as raised, budget.turn():
        pass
    assert raised.value.until == NOW + timedelta(minutes=10)
    assert budget.sent == 0


def test_requests_go_on_after_the_reset(clock: Clock) -> None:
    budget = Budget(clock)
    budget.note(headers(0, NOW + timedelta(minutes=10)))
    clock.now += timedelta(minutes=10)
    with budget.turn():
        assert budget.sent == 1


def test_one_request_left_is_enough(clock: Clock) -> None:
    budget = Budget(clock)
    budget.note(headers(1, NOW + timedelta(minutes=10)))
    budget.check()
    assert budget.remaining == 1


def test_a_block_is_never_shortened(clock: Clock) -> None:
    budget = Budget(clock)
    budget.block(NOW + timedelta(minutes=9))
    budget.block(NOW + timedelta(minutes=2))
    clock.now += timedelta(minutes=5)
    with pytest.raises(LimitError):
        budget.check()


def test_a_second_request_does_not_start_beside_one_that_hangs(clock: Clock) -> None:
    budget = Budget(clock, patience_s=0)
    with budget.turn(), pytest.raises(BrokenAnswerError, match="still hangs"), budget.turn():
        pass


def test_the_pause_that_github_asks_for_is_remembered(clock: Clock) -> None:
    budget = Budget(clock)
    budget.note({"x-poll-interval": "120"})
    assert budget.poll_interval == timedelta(seconds=120)
    budget.note({"x-ratelimit-remaining": "many"})
    assert budget.remaining is None


def of(resource: str, remaining: int) -> dict[str, str]:
    return {**headers(remaining, NOW + timedelta(minutes=10)), "x-ratelimit-resource": resource}


def test_graphql_that_is_used_up_leaves_rest_alone(clock: Clock) -> None:
    budget = Budget(clock)
    budget.note(of("graphql", 0))
    budget.check("core")
    with pytest.raises(LimitError, match="of GraphQL") as raised:
        budget.check("graphql")
    assert raised.value.resource == "graphql"
    assert budget.remaining is None


def test_rest_that_is_used_up_leaves_graphql_alone(clock: Clock) -> None:
    budget = Budget(clock)
    budget.note(of("core", 0))
    budget.check("graphql")
    with pytest.raises(LimitError):
        budget.check("core")


def test_a_secondary_limit_holds_for_everything(clock: Clock) -> None:
    budget = Budget(clock)
    budget.block(NOW + timedelta(minutes=1))
    for resource in ("core", "graphql", "search"):
        with pytest.raises(LimitError):
            budget.check(resource)


def test_a_secondary_limit_is_not_told_as_a_used_up_quota(clock: Clock) -> None:
    budget = Budget(clock)
    budget.block(NOW + timedelta(minutes=10))
    with pytest.raises(LimitError, match=r"slow down .* until 12:10"):
        budget.check()


def test_a_wall_clock_that_is_set_back_prolongs_no_block(clock: Clock) -> None:
    seconds = [0.0]
    budget = Budget(clock, steady=lambda: seconds[0])
    budget.block(NOW + timedelta(minutes=10))
    clock.now -= timedelta(hours=5)
    seconds[0] = 601.0
    budget.check()


def test_a_computer_that_slept_through_a_block_goes_on(clock: Clock) -> None:
    budget = Budget(clock, steady=lambda: 0.0)
    budget.block(NOW + timedelta(minutes=10))
    clock.now += timedelta(minutes=11)
    budget.check()


def test_a_turn_is_waited_for_as_long_as_one_answer_may_take() -> None:
    assert WHOLE_ANSWER_S < PATIENCE_S < CALL_S
