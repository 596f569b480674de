"""A firing is held against what came afterwards: by one criterion a rule, and only where that is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.assess import replay
from galaxy_desktop.assess.replay import CRITERIA, Later, Look
from galaxy_desktop.assess.risks import KINDS
from galaxy_desktop.domain.work import ItemKind

ONE, TWO, THREE, FOUR = (f"issue:o/r#{n}" for n in (1, 2, 3, 4))
MUCH_LATER = timedelta(days=200)


def look(world: Any, moved: timedelta = timedelta()) -> Look:
    return Look(sprint=world.sprint, features=world.features, snapshot=world.snapshot, moment=world.now + moved)


def later(world: Any, done: dict[str, datetime] | None = None, **more: Any) -> Later:
    return Later(**{"now": world.now + MUCH_LATER, "done_at": done or {}, **more})


def unowned(make: Any, *numbers: int) -> Any:
    """Four open issues of which these belong to nobody."""
    items = tuple(make.item(n, body="- [ ] a", **({"assignees": ()} if n in numbers else {})) for n in range(1, 5))
    return make.world(items, {n: {"idle_days": 0.0} for n in range(1, 5)})


def fired(world: Any, known: Later, kind: str) -> list[Any]:
    return [one for one in replay.firings([look(world)], known) if one.kind == kind]


def test_every_rule_has_a_criterion_and_every_item_rule_its_comparison() -> None:
    assert tuple(CRITERIA) == KINDS
    assert set(replay.COULD) == set(KINDS) - set(replay.OF_SPRINTS)


def test_a_firing_was_right_when_the_item_was_late_and_wrong_when_it_was_done_by_the_end(make: Any) -> None:
    world = unowned(make, 1, 2)
    end = datetime.combine(world.sprint.due_on, datetime.max.time(), world.now.tzinfo)
    found = fired(world, later(world, {ONE: end, TWO: end + timedelta(days=1)}), "no_owner")
    assert [one.bad for one in found] == [False, True]


def test_what_is_not_known_yet_is_left_out(make: Any) -> None:
    world = unowned(make, 1)
    assert fired(world, Later(now=world.now + timedelta(days=1)), "no_owner") == []


def test_the_base_is_the_share_of_others_to_which_it_came_without_a_warning(make: Any) -> None:
    world = unowned(make, 1)
    (found,) = fired(world, later(world, {TWO: world.now, THREE: world.now}), "no_owner")
    assert found.base == pytest.approx(1 / 3)  # of 2, 3 and 4 only 4 was late


def test_without_others_there_is_nothing_to_compare_with(make: Any) -> None:
    found = fired(unowned(make, 1, 2, 3, 4), later(unowned(make)), "no_owner")
    assert {one.base for one in found} == {None}


def test_a_rule_that_goes_on_firing_is_one_firing_and_a_new_episode_is_another(make: Any) -> None:
    on, off = unowned(make, 1), unowned(make)
    day = timedelta(days=1)
    looks = [look(on), look(on, day), look(off, 2 * day), look(on, 3 * day)]
    assert len([f for f in replay.firings(looks, later(on)) if f.kind == "no_owner"]) == 2


def test_without_an_end_an_item_has_the_usual_time_from_the_moment_of_looking(make: Any) -> None:
    world = make.world(due_on=None, cycle_days=tuple(float(n) for n in range(1, 101)))
    assert look(world).deadline - world.now == timedelta(days=85.15)
    assert look(make.world(due_on=None)).deadline - world.now == timedelta(days=7)


def test_silence_is_right_when_nothing_happens_for_another_week(make: Any) -> None:
    world = make.world(facts={1: {"started_at": make.now, "age_days": 1.0, "idle_days": 8.0}})
    in_time = {ONE: world.now + timedelta(days=8)}
    (silent,) = fired(world, later(world, in_time), "silent_item")
    (spoken,) = fired(world, later(world, in_time, signs={ONE: [world.now + timedelta(days=6)]}), "silent_item")
    assert (silent.bad, spoken.bad) == (True, False)


def test_a_stale_review_is_right_when_nobody_reviews_for_five_more_days(make: Any) -> None:
    items = (make.item(1, kind=ItemKind.PULL_REQUEST),)
    world = make.world(items, {1: {"waiting_for_review_days": 3.0}})
    one, soon = "pr:o/r#1", world.now + timedelta(days=7)
    (waited,) = fired(world, later(world, {one: soon}), "stale_review")
    (answered,) = fired(
        world, later(world, {one: soon}, answers={one: [world.now + timedelta(days=4)]}), "stale_review"
    )
    assert (waited.bad, answered.bad) == (True, False)


def test_a_red_branch_is_right_when_it_is_not_green_within_a_day(make: Any) -> None:
    world = make.world(runs=(make.run(),))
    green = {"check:o/r@main/tests": [world.now + timedelta(hours=5)]}
    assert [f.bad for f in fired(world, later(world), "red_build")] == [True]
    assert [f.bad for f in fired(world, later(world, greens=green), "red_build")] == [False]


def test_growth_is_right_when_the_sprint_did_not_land_and_unknown_without_an_end_known(make: Any) -> None:
    world = make.world(added=(ONE, TWO))
    verdicts = [fired(world, later(world, landed=landed), "scope_growth") for landed in (True, False, None)]
    assert [[f.bad for f in found] for found in verdicts] == [[False], [True], []]


def test_a_blocked_chain_is_judged_by_what_it_holds_up_and_not_by_the_blocker(make: Any) -> None:
    world = make.world(facts={2: {"blocked_by": (ONE,)}, 3: {"blocked_by": (ONE,)}})
    both = {TWO: world.now, THREE: world.now}
    assert [f.bad for f in fired(world, later(world, both), "blocked_chain")] == [False]
    assert [f.bad for f in fired(world, later(world, {ONE: world.now, TWO: world.now}), "blocked_chain")] == [True]


def test_after_the_end_only_being_overdue_counts(make: Any) -> None:
    world = make.world(due_on=make.today - timedelta(days=2))
    found = replay.firings([look(world)], later(world, dict.fromkeys((ONE, TWO, THREE, FOUR), world.now)))
    assert [(one.kind, one.bad) for one in found] == [("overdue", False)]


@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=8), st.data())
def test_learning_more_never_turns_a_verdict_round(verdicts: list[bool | None], data: st.DataObject) -> None:
    now_known = [data.draw(st.booleans()) if one is None else one for one in verdicts]
    for rule in (replay._any, replay._half):
        assert rule(verdicts) in (None, rule(now_known))
        assert rule(now_known) is not None


@given(st.integers(0, 400))
def test_an_item_done_later_is_never_less_late(days: int) -> None:
    moment = datetime.fromisoformat("2026-05-06T12:00:00+00:00")
    known = Later(now=moment + MUCH_LATER, done_at={ONE: moment + timedelta(days=days)})
    after = replace(known, done_at={ONE: moment + timedelta(days=days + 1)})
    deadline = moment + timedelta(days=100)
    assert (known.late(ONE, deadline), after.late(ONE, deadline)) != (True, False)
