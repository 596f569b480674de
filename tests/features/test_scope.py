"""Scope that came and went, and the burnup."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.work import State
from galaxy_desktop.features import scope


def _added(space: Any) -> list[str]:
    return [change.item.evidence_id for change in scope.added(space.view())]


def _removed(space: Any) -> list[str]:
    return [change.item.evidence_id for change in scope.removed(space.view())]


def _burnup(space: Any) -> list[tuple[int, int, int]]:
    view = space.view()
    return [(p.day.day, p.scope, p.done) for p in scope.burnup(view, scope.removed(view))]


def test_an_item_created_after_planning_was_added(space: Any) -> None:
    space.milestone(created_at=space.ago(10))
    space.issue(1, created_at=space.ago(7.9))
    space.issue(2, created_at=space.ago(8.1))
    space.issue(3, created_at=space.ago(100))
    assert _added(space) == ["issue:o/r#1"]


def test_the_milestoned_event_tells_better_than_the_creation(space: Any) -> None:
    space.milestone(created_at=space.ago(10))
    old = space.issue(1, created_at=space.ago(100))
    event = space.event(old, "milestoned", 3, "1.0")
    planned = space.issue(2, created_at=space.ago(9))
    space.event(planned, "milestoned", 9, "1.0")
    (change,) = scope.added(space.view())
    assert change.evidence.id == event.evidence_id
    assert change.evidence.quote == "milestoned 1.0 on 2026-05-03"


def test_events_of_other_milestones_do_not_count(space: Any) -> None:
    space.milestone(created_at=space.ago(10))
    item = space.issue(1, created_at=space.ago(100))
    space.event(item, "milestoned", 3, "2.0")
    assert _added(space) == []


def test_a_renamed_milestone_still_knows_its_events(space: Any) -> None:
    present = space.milestone("1.1", created_at=space.ago(10))
    space.versions = [replace(present, title="1.0"), present]
    item = space.issue(1, created_at=space.ago(100))
    space.event(item, "milestoned", 3, "1.0")
    assert _added(space) == ["issue:o/r#1"]


def test_an_item_taken_out_was_removed_unless_it_came_back(space: Any) -> None:
    space.milestone(created_at=space.ago(10))
    gone = space.issue(1, milestone_number=None)
    back = space.issue(2)
    early = space.issue(3, milestone_number=None)
    for item, days in ((gone, 3), (back, 3), (early, 9)):
        space.event(item, "demilestoned", days, "1.0")
    assert _removed(space) == ["issue:o/r#1"]


def test_the_burnup_shows_scope_and_done_at_the_end_of_each_day(space: Any) -> None:
    space.milestone(created_at=space.ago(4))
    space.issue(1, created_at=space.ago(50), closed=space.ago(2))
    space.issue(2, created_at=space.ago(1))
    gone = space.issue(3, created_at=space.ago(50), milestone_number=None)
    space.event(gone, "demilestoned", 1, "1.0")
    assert _burnup(space) == [(2, 2, 0), (3, 2, 0), (4, 2, 1), (5, 2, 1), (6, 2, 1)]


def test_the_burnup_of_a_closed_sprint_ends_with_it(space: Any) -> None:
    space.milestone(created_at=space.ago(9), state=State.CLOSED, closed_at=space.ago(6), due=date(2026, 5, 1))
    space.issue(1, created_at=space.ago(9), closed=space.ago(7))
    assert [day for day, _, _ in _burnup(space)] == [27, 28, 29, 30]


def test_an_item_closed_before_it_entered_is_done_when_it_enters(space: Any) -> None:
    space.milestone(created_at=space.ago(3))
    item = space.issue(1, created_at=space.ago(50), closed=space.ago(40))
    space.event(item, "milestoned", 1, "1.0")
    assert _burnup(space) == [(3, 0, 0), (4, 0, 0), (5, 1, 1), (6, 1, 1)]


def test_a_sprint_of_years_is_thinned_out_but_ends_today(space: Any) -> None:
    space.milestone(created_at=space.ago(3000))
    space.issue(1)
    points = scope.burnup(space.view(), [])
    assert 300 < len(points) <= scope.MOST_POINTS
    assert points[-1].day == date(2026, 5, 6)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30) | st.none()), max_size=8))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_done_never_exceeds_scope_and_ends_at_the_closed_items(space: Any, ages: list[tuple[int, int | None]]) -> None:
    space.items.clear()
    space.milestones.clear()
    space.milestone(created_at=space.ago(20))
    for number, (created, closed) in enumerate(ages, 1):
        end = None if closed is None else space.ago(min(created, closed))
        space.issue(number, created_at=space.ago(created), closed=end)
    points = _burnup(space)
    assert all(done <= size for _, size, done in points)
    closed_items = sum(closed is not None for _, closed in ages)
    assert points[-1][1:] == (len(ages), closed_items)
    assert [done for _, _, done in points] == sorted(done for _, _, done in points)
