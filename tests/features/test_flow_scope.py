"""How items came into a sprint, and its burnup and burndown, against days counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.flow import Burn, ScopeItem, ScopeKind, Unit
from galaxy_desktop.domain.work import State
from galaxy_desktop.features import scope
from galaxy_desktop.features.flow_points import board_points
from galaxy_desktop.features.flow_scope import burn, scope_items, sprints_by_title
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.features.view import SprintView
from tests.features.conftest import NOW

PLANNED, ADDED, CARRIED, TWICE, REMOVED = ScopeKind


def seen(space: Any, title: str = "Sprint 3") -> tuple[SprintView, tuple[ScopeItem, ...]]:
    """The view and the scope of a sprint."""
    snapshot = space.snapshot()
    sprints = group_sprints(snapshot, NOW)
    view = space.view_of(next(s for s in sprints if s.title == title))
    return view, scope_items(view, sprints_by_title(sprints, view.index), board_points(snapshot))


def kinds(space: Any, title: str = "Sprint 3") -> dict[int, ScopeKind]:
    """How each item came, by its number."""
    return {int(one.item_id.rpartition("#")[2]): one.kind for one in seen(space, title)[1]}


def burned(space: Any, unit: Unit = Unit.ITEMS) -> Burn:
    """The burn of the sprint."""
    view, items = seen(space)
    return burn(view, items, unit)


@pytest.fixture
def three(space: Any) -> Any:
    """Sprints 1 and 2 that are over, and 3 that began 10 days ago; new items are in sprint 3."""
    for number, (made, due, closed) in enumerate(((40, date(2026, 4, 10), 26), (25, date(2026, 4, 25), 11)), start=1):
        space.milestone(
            f"Sprint {number}", due, created_at=space.ago(made), state=State.CLOSED, closed_at=space.ago(closed)
        )
    space.milestone("Sprint 3", date(2026, 5, 15), created_at=space.ago(10))
    space.names = ("o/r",)
    return space


def issue(space: Any, number: int, **given: Any) -> Any:
    """An item of sprint 3."""
    return space.issue(number, **{"milestone_number": 3, **given})


def moved(space: Any, item: Any, *steps: tuple[str, float, str]) -> None:
    """Membership events: kind, days ago, title."""
    for kind, days, title in steps:
        space.event(item, kind, days, title)


def test_what_was_there_after_planning_is_planned_and_what_came_later_is_added(three: Any) -> None:
    issue(three, 1, created_at=three.ago(9))
    issue(three, 2, created_at=three.ago(7))
    assert kinds(three) == {1: PLANNED, 2: ADDED}


def test_an_item_that_left_an_earlier_sprint_unfinished_is_carried_over(three: Any) -> None:
    item = issue(three, 1, created_at=three.ago(30))
    moved(three, item, ("milestoned", 24, "Sprint 2"), ("demilestoned", 10, "Sprint 2"), ("milestoned", 10, "Sprint 3"))
    (one,) = seen(three)[1]
    assert (one.kind, one.earlier) == (CARRIED, ("Sprint 2",))
    assert one.evidence[0].quote == "left unfinished in Sprint 2"


def test_two_earlier_sprints_make_it_carried_over_twice(three: Any) -> None:
    item = issue(three, 1, created_at=three.ago(50))
    moved(three, item, ("milestoned", 39, "Sprint 1"), ("milestoned", 25, "Sprint 2"), ("milestoned", 9, "Sprint 3"))
    (one,) = seen(three)[1]
    assert (one.kind, one.earlier) == (TWICE, ("Sprint 1", "Sprint 2"))


def test_going_back_and_forth_between_two_sprints_is_once_and_not_twice(three: Any) -> None:
    item = issue(three, 1, created_at=three.ago(30))
    steps = [("milestoned", 24, "Sprint 2"), ("milestoned", 15, "Sprint 3"), ("milestoned", 12, "Sprint 2")]
    moved(three, item, *steps, ("milestoned", 9, "Sprint 3"))
    assert kinds(three) == {1: CARRIED}


def test_an_item_carried_over_late_is_carried_over_and_not_added(three: Any) -> None:
    item = issue(three, 1, created_at=three.ago(30))
    moved(three, item, ("milestoned", 24, "Sprint 2"), ("milestoned", 3, "Sprint 3"))
    assert kinds(three) == {1: CARRIED}


@pytest.mark.parametrize("left", [24.5, 23.5])
def test_an_item_that_left_during_planning_was_never_part_of_that_sprint(three: Any, left: float) -> None:
    item = issue(three, 1, created_at=three.ago(30))
    moved(
        three, item, ("milestoned", 25, "Sprint 2"), ("demilestoned", left, "Sprint 2"), ("milestoned", 9, "Sprint 3")
    )
    assert kinds(three) == {1: PLANNED}


def test_an_item_that_was_finished_in_the_earlier_sprint_is_not_carried_over(three: Any) -> None:
    item = issue(three, 1, created_at=three.ago(30), closed=three.ago(15))
    moved(three, item, ("milestoned", 24, "Sprint 2"), ("milestoned", 9, "Sprint 3"))
    assert kinds(three) == {1: PLANNED}


def test_nothing_is_carried_over_from_a_list_without_an_end_or_from_a_later_sprint(three: Any) -> None:
    three.milestone("Backlog", None, created_at=three.ago(90))
    three.milestone("Sprint 4", date(2026, 5, 29), created_at=three.ago(20))
    for number, title in ((1, "Backlog"), (2, "Sprint 4")):
        item = issue(three, number, created_at=three.ago(30))
        moved(three, item, ("milestoned", 18, title), ("milestoned", 9, "Sprint 3"))
    assert kinds(three) == {1: PLANNED, 2: PLANNED}


def test_a_renamed_sprint_is_known_under_its_old_title(three: Any) -> None:
    three.versions = [replace(three.milestones[1], title="Iteration B"), *three.milestones]
    item = issue(three, 1, created_at=three.ago(30))
    moved(three, item, ("milestoned", 24, "Iteration B"), ("milestoned", 9, "Sprint 3"))
    assert kinds(three) == {1: CARRIED}


def test_an_iteration_that_is_over_and_still_holds_the_item_counts_as_earlier(three: Any) -> None:
    item = issue(three, 1, created_at=three.ago(60))
    three.iteration("April", date(2026, 4, 13), item)
    assert kinds(three) == {1: CARRIED}


def test_what_was_taken_out_after_planning_is_removed(three: Any) -> None:
    item = issue(three, 1, created_at=three.ago(9), milestone_number=None)
    moved(three, item, ("milestoned", 9, "Sprint 3"), ("demilestoned", 4, "Sprint 3"))
    issue(three, 2)
    (one, _) = seen(three)[1]
    assert (one.kind, one.entered_on, one.left_on) == (REMOVED, date(2026, 4, 27), date(2026, 5, 2))


def test_burnup_and_burndown_counted_by_hand(three: Any) -> None:
    issue(three, 1, created_at=three.ago(10), closed=three.ago(5))
    issue(three, 2, created_at=three.ago(10))
    issue(three, 3, created_at=three.ago(6))
    gone = issue(three, 4, created_at=three.ago(10), milestone_number=None)
    moved(three, gone, ("milestoned", 10, "Sprint 3"), ("demilestoned", 4, "Sprint 3"))
    made = burned(three)
    rows = {one.day.day: (one.planned, one.added, one.scope, one.done, one.left, one.removed) for one in made.days}
    assert rows[26] == (3, 0, 3, 0, 3, 0)  # 26 April: the first day
    assert rows[30] == (3, 1, 4, 0, 4, 0)  # 6 days ago: one was added
    assert rows[1] == (3, 1, 4, 1, 3, 0)  # 5 days ago: one was done
    assert rows[2] == (2, 1, 3, 1, 2, 1)  # 4 days ago: one was removed
    assert rows[6] == (2, 1, 3, 1, 2, 1)
    assert made.head.finding == "1 of 3 items done; 1 added, 1 removed"
    assert "planned 2 + added 1 + carried over 0 + carried over twice 0 = 3 items" in made.head.formula
    assert dict(made.totals) == {PLANNED: 2, ADDED: 1, CARRIED: 0, TWICE: 0, REMOVED: 1}


def test_what_came_late_and_left_again_was_added_while_it_was_there(three: Any) -> None:
    issue(three, 1, created_at=three.ago(10))
    guest = issue(three, 2, created_at=three.ago(30), milestone_number=None)
    moved(three, guest, ("milestoned", 6, "Sprint 3"), ("demilestoned", 4, "Sprint 3"))
    rows = [(one.planned, one.added, one.removed) for one in burned(three).days[3:8]]
    assert rows == [(1, 0, 0), (1, 1, 0), (1, 1, 0), (1, 0, 1), (1, 0, 1)]


def test_the_guide_falls_evenly_over_working_days_and_rests_on_days_off(three: Any) -> None:
    for number in range(1, 15):
        issue(three, number, created_at=three.ago(10))
    guide = dict(burned(three).guide)
    assert guide[date(2026, 4, 27)] == 14  # the last planning day; 14 working days follow until 15 May
    assert guide[date(2026, 4, 28)] == 13
    assert guide[date(2026, 5, 1)] == guide[date(2026, 5, 3)] == 10
    assert guide[date(2026, 5, 15)] == 0


def test_points_burn_where_they_exist_and_say_what_is_missing_where_not(three: Any) -> None:
    for number, points in enumerate((1, 2, 5), start=1):
        issue(three, number, labels=(f"sp:{points}",), closed=three.ago(2) if points == 5 else None)
    issue(three, 4)
    last = burned(three, Unit.POINTS).days[-1]
    assert (last.scope, last.done, last.left) == (8, 5, 3)
    assert burned(three, Unit.POINTS).head.formula.endswith("1 item without points is not counted.")
    for number in range(5, 9):
        issue(three, number)
    assert burned(three, Unit.POINTS).head.why_none.startswith("3 of 8 items carry points")


def test_a_sprint_without_items_says_so_instead_of_zero(three: Any) -> None:
    made = burned(three)
    assert (made.days, made.head.why_none) == ((), "The sprint has no items yet.")


STEPS = st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.integers(-1, 9)), min_size=1, max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(steps=STEPS)
def test_the_kinds_add_up_to_the_burnup_of_the_sprint_page_on_every_day(space: Any, steps: list[Any]) -> None:
    space.items, space.events, space.milestones = [], [], []
    space.milestone("Sprint 3", date(2026, 5, 15), created_at=space.ago(10))
    for number, (made, inside, end) in enumerate(steps, start=1):
        closed = space.ago(end) if 0 <= end < made else None
        item = space.issue(number, created_at=space.ago(made), closed=closed, milestone_number=1 if inside else None)
        if not inside:
            moved(space, item, ("milestoned", made, "Sprint 3"), ("demilestoned", made / 2, "Sprint 3"))
    view, items = seen(space)
    expected = {p.day: (p.scope, p.done) for p in scope.burnup(view, scope.removed(view))}
    made_days = burn(view, items, Unit.ITEMS).days
    assert {d.day: (d.scope, d.done) for d in made_days if d.day in expected} == (expected if made_days else {})
    assert all(d.done <= d.scope and min(d.planned, d.added, d.removed) >= 0 for d in made_days)
