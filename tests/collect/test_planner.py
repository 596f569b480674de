"""What is asked next: current before history, within the quota, in turns, everything in the end; pure, so all of it is tried."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.collect.history import SUFFIX
from galaxy_desktop.collect.planner import (
    CATALOG,
    CORE,
    PLANNED,
    Allowance,
    Plan,
    RepositoryState,
    Tier,
    Turn,
    current_first,
    pages_to_come,
    plan,
    reserve,
    seconds_left,
)
from galaxy_desktop.domain.sync import Cursor

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
RESET = NOW + timedelta(minutes=30)
NOBODY: frozenset[str] = frozenset()
ENTITIES = tuple(listing.entity for listing in CATALOG)
CURRENT = tuple(one.entity for one in CATALOG if one.tier is not Tier.HISTORY and one.entity != PLANNED)
PAST = tuple(entity for entity in ENTITIES if entity.endswith(SUFFIX))


def cursor(entity: str, *, complete: bool = True, note: str = "", number: int = 1) -> Cursor:
    return Cursor(repository_id=number, entity=entity, position="x", complete=complete, note=note)


def state(number: int = 1, name: str | None = None, cursors: tuple[Cursor, ...] = (), **more: Any) -> RepositoryState:
    found = {one.entity: one for one in cursors}
    return RepositoryState(id=number, full_name=name or f"o/r{number}", cursors=found, **more)


def idle(number: int = 1, **more: Any) -> RepositoryState:
    """A repository of which everything that is current was read in this sync."""
    return state(number, cursors=tuple(cursor(e) for e in CURRENT), read=frozenset({*CURRENT, PLANNED}), **more)


def with_past(one: RepositoryState, *entities: str) -> RepositoryState:
    past = {entity: cursor(entity, complete=False, note='{"rows":100,"total":900}') for entity in entities}
    return replace(one, cursors={**one.cursors, **past})


def planned(*states: RepositoryState, left: int | None = None, visible: frozenset[str] = NOBODY) -> Plan:
    allowance = Allowance(remaining=left, limit=5000, reset_at=RESET if left is not None else None)
    return plan(states, {CORE: allowance}, visible, NOW)


def read(one: RepositoryState, turn: Turn) -> RepositoryState:
    """The state after a list was read to its end."""
    cursors = {**one.cursors, turn.entity: cursor(turn.entity, number=one.id)}
    turns = one.turns + (turn.tier is Tier.HISTORY)
    return replace(one, cursors=cursors, read=one.read | {turn.entity}, turns=turns)


repository_states = st.builds(
    lambda number, complete, incomplete, finished, sprints, turns, full: replace(
        state(
            number,
            cursors=(
                *(cursor(e) for e in complete),
                *(cursor(e, complete=False, note='{"rows":1,"total":500}') for e in incomplete),
                *([cursor("milestones", note=f'{{"kept":{{"1":{sorted(sprints)}}}}}')] if sprints else []),
            ),
            read=frozenset(finished),
            turns=turns,
        ),
        full_read_due=full,
    ),
    st.integers(1, 9),
    st.sets(st.sampled_from(ENTITIES)),
    st.sets(st.sampled_from(ENTITIES)),
    st.sets(st.sampled_from(ENTITIES)),
    st.sets(st.integers(1, 5)),
    st.integers(0, 4),
    st.booleans(),
)
workspaces = st.lists(repository_states, max_size=4, unique_by=lambda one: one.id)
quotas = st.none() | st.integers(0, 400)


@given(workspaces, quotas)
def test_what_is_current_comes_before_any_history(states: list[RepositoryState], left: int | None) -> None:
    tiers = [turn.tier for turn in planned(*states, left=left).steps]
    assert tiers == sorted(tiers)


@given(workspaces, quotas)
def test_a_plan_never_exceeds_the_quota(states: list[RepositoryState], left: int | None) -> None:
    turns = [turn for turn in planned(*states, left=left).steps if turn.resource == CORE]
    if left is not None:
        assert sum(turn.pages for turn in turns) <= left
        past = [turn.pages for turn in turns if turn.tier is Tier.HISTORY]
        kept = reserve(Allowance(remaining=left, limit=5000, reset_at=RESET), len(states), NOW)
        assert not past or sum(turn.pages for turn in turns) <= left - kept
    assert all(turn.pages > 0 for turn in turns)


@given(workspaces)
def test_nothing_is_planned_that_is_complete_and_not_due(states: list[RepositoryState]) -> None:
    known = {one.id: one for one in states}
    for turn in planned(*states).steps:
        one = known[turn.repository_id]
        assert turn.entity not in one.read
        if turn.tier is Tier.HISTORY and turn.entity != "reconcile":
            assert not one.cursors[turn.entity].complete
        if turn.entity == "reconcile":
            assert one.full_read_due


@given(workspaces)
def test_every_list_that_is_due_is_planned_in_the_end(states: list[RepositoryState]) -> None:
    known = {one.id: one for one in states}
    wanted = {(one.id, e) for one in states for e, c in one.cursors.items() if e.endswith(SUFFIX) and not c.complete}
    wanted -= {(one.id, e) for one in states for e in one.read}
    wanted |= {(one.id, e) for one in states for e in CURRENT if e not in one.read}
    for _ in range(len(ENTITIES) * 10):
        found = planned(*known.values())
        if not found.steps:
            break
        turn = found.steps[0]
        wanted.discard((turn.repository_id, turn.entity))
        known[turn.repository_id] = read(known[turn.repository_id], turn)
    assert not found.steps
    assert not found.pending
    assert not wanted


@given(workspaces, quotas, st.randoms())
def test_the_same_state_gives_the_same_plan_in_whatever_order_it_is_told(
    states: list[RepositoryState], left: int | None, random: Any
) -> None:
    shuffled = list(states)
    random.shuffle(shuffled)
    assert planned(*states, left=left) == planned(*shuffled, left=left)


def test_milestones_come_before_sprints_and_sprints_before_what_changed() -> None:
    assert [turn.entity for turn in planned(state()).steps[:3]] == ["repository", "milestones", "boards"]
    sprints = '{"kept":{"1":[3,4]},"days":{"3":"2026-05-06","4":"2026-05-05"}}'
    one = state(cursors=(cursor("milestones", note=sprints),), read=frozenset({"repository", "milestones"}))
    found = [turn.entity for turn in planned(one).steps]
    assert found[:4] == ["sprint:3", "sprint:4", "boards", "issues"]


def with_milestones(dates: dict[int, str]) -> RepositoryState:
    """A long repository whose open milestones were just read; "" is one without a date."""
    note = json.dumps({"kept": {"1": list(dates)}, "days": {number: day for number, day in dates.items() if day}})
    return state(cursors=(cursor("milestones", note=note),), read=frozenset({"repository", "milestones"}))


def test_with_25_open_milestones_the_running_one_is_read_first_and_the_others_after_the_current_sprints() -> None:
    dates = {n: str(NOW.date() + timedelta(days=14 * (n - 20))) for n in range(1, 26)} | {20: "2026-05-08"}
    found = planned(with_milestones(dates)).steps
    assert [turn.entity for turn in found[:3]] == ["sprint:20", "sprint:19", "boards"]
    others = [turn for turn in found if turn.entity.startswith("sprint:")][2:]
    assert {turn.tier for turn in others} == {Tier.CHANGES}
    assert len(others) == 23
    assert [turn.entity for turn in others[:2]] == ["sprint:21", "sprint:22"]


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        ({1: "2026-05-06", 2: "2026-05-20", 3: "2026-05-05"}, (1, 3)),
        ({1: "2020-01-01", 2: "2026-04-30"}, (2,)),
        ({1: "2026-05-08", 2: "2026-05-08", 3: "2026-05-08", 4: "2026-05-08", 5: ""}, (4, 3, 2)),
        ({1: "", 2: "", 3: "", 4: ""}, (4, 3, 2)),
        ({}, ()),
    ],
)
def test_current_are_those_due_next_and_the_one_that_ran_out_last(dates: dict[int, str], first: Any) -> None:
    days = {number: date.fromisoformat(day) if day else None for number, day in dates.items()}
    current, others = current_first(days, NOW.date())
    assert current == first
    assert {*current, *others} == set(dates)


def test_sprints_of_every_repository_come_before_changes_of_any() -> None:
    sprints = '{"kept":{"1":[3]}}'
    two = state(2, cursors=(cursor("milestones", note=sprints),), read=frozenset({"repository", "milestones"}))
    found = [(turn.repository_id, turn.entity) for turn in planned(state(1), two).steps]
    assert found.index((2, "sprint:3")) < found.index((1, "issues"))


def test_sprints_are_not_asked_apart_once_every_item_is_known() -> None:
    one = replace(
        state(cursors=(cursor("milestones", note='{"kept":{"1":[3]}}'), cursor("issues"))),
        read=frozenset({"repository", "milestones"}),
    )
    assert "sprint:3" not in {turn.entity for turn in planned(one).steps}
    more = with_past(one, "issues:history")
    assert "sprint:3" in {turn.entity for turn in planned(more).steps}


def test_items_of_iterations_are_asked_apart_only_while_history_is_read() -> None:
    one = state(cursors=(cursor("issues"),))
    assert PLANNED not in {turn.entity for turn in planned(one).steps}
    found = [turn.entity for turn in planned(with_past(one, "issues:history")).steps]
    assert found.index("issues") < found.index(PLANNED) < found.index("issues:history")


def test_what_is_on_screen_comes_first_within_each_kind() -> None:
    found = planned(state(1), state(2), visible=frozenset({"o/r2"})).steps
    issues = [turn.repository_id for turn in found if turn.entity == "issues"]
    assert found[0].repository_id == 2
    assert issues == [2, 1]
    assert [t.tier for t in found] == sorted(t.tier for t in found)


def test_a_long_history_takes_turns_with_a_short_one() -> None:
    long, short = with_past(idle(1), *PAST), with_past(idle(2), "issues:history")
    order = []
    for _ in range(4):
        turn = planned(long, short).steps[0]
        order.append(turn.repository_id)
        if turn.repository_id == 1:
            long = replace(long, turns=long.turns + 1)
        else:
            short = replace(short, turns=short.turns + 1)
    assert order == [1, 2, 1, 2]


def test_history_waits_below_the_reserve_and_says_until_when() -> None:
    one = with_past(idle(), "issues:history")
    found = planned(one, left=100)
    assert (found.steps, found.pending) == ((), {1})
    assert found.waiting is not None
    assert found.waiting.until == RESET
    assert found.waiting.sentence("14:32") == "History waits until 14:32: 100 requests left."


def test_changes_are_asked_also_below_the_reserve() -> None:
    found = planned(with_past(state(), "issues:history"), left=40)
    assert {turn.tier for turn in found.steps} <= {Tier.SPRINT, Tier.CHANGES, Tier.DETAILS}
    assert found.steps[0].entity == "repository"


@pytest.mark.parametrize(("minutes", "repositories", "kept"), [(60, 3, 720), (1, 3, 12), (60, 30, 2500)])
def test_the_reserve_keeps_polls_alive_until_the_reset(minutes: int, repositories: int, kept: int) -> None:
    allowance = Allowance(remaining=1000, limit=5000, reset_at=NOW + timedelta(minutes=minutes))
    assert reserve(allowance, repositories, NOW) == kept


def test_a_quota_that_was_reset_is_unknown_and_holds_nothing_up() -> None:
    spent = Allowance(remaining=0, limit=5000, reset_at=NOW)
    one = with_past(idle(), "issues:history")
    assert plan((one,), {CORE: spent}, NOBODY, NOW).steps


def test_without_any_quota_nothing_is_asked() -> None:
    found = planned(state(), left=0)
    assert not [turn for turn in found.steps if turn.resource == CORE]
    assert found.waiting is not None


def test_a_quiet_repository_needs_nothing_more() -> None:
    assert planned(idle()) == Plan()


def test_time_left_follows_from_the_rate_so_far() -> None:
    past = [cursor("issues:history", complete=False, note='{"rows":100,"total":900}'), cursor("pulls:history")]
    assert pages_to_come(past) == 8
    assert seconds_left(8, read=4, took_s=2.0) == 4.0
    assert seconds_left(8, read=0, took_s=0.0) is None
