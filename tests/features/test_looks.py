"""A running sprint counted at earlier moments says what the whole workspace of those moments says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.facts import EarlierLook
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import State
from galaxy_desktop.features import scope
from galaxy_desktop.features.activity import started_at
from galaxy_desktop.features.edges import dependency_edges
from galaxy_desktop.features.index import index_of
from galaxy_desktop.features.looks import earlier_looks, was_open
from galaxy_desktop.features.past import as_of
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.features.team import closed_by_pulls
from galaxy_desktop.features.view import SprintView

KINDS = ("closed", "reopened", "milestoned", "demilestoned", "assigned", "labeled")


def looks(space: Any) -> dict[date, EarlierLook]:
    """The looks at the first sprint, by day."""
    view = space.view()
    found = earlier_looks(view, scope.added(view), scope.removed(view), closed_by_pulls(view))
    return {one.day: one for one in found}


def counts(look: EarlierLook) -> tuple[int, int, int, int]:
    return look.todo, look.started, look.done, look.added


def counted_then(space: Any, day: date, sprint: Sprint) -> tuple[int, int, int]:
    """To do, in work and done at the beginning of a day, counted in the workspace as it was."""
    moment = datetime.combine(day, time(), tzinfo=UTC)
    then = as_of(space.snapshot(), moment)
    index = index_of(then)
    was = next(one for one in group_sprints(then, moment, index=index) if one.id == sprint.id)
    view = SprintView(index, was, moment, dependency_edges(then, index=index))
    started = sum(started_at(item, index, view.closers) is not None for item in view.open_items)
    return len(view.open_items) - started, started, len(view.items) - len(view.open_items)


def test_it_is_looked_at_after_planning_and_at_each_quarter_before_today(space: Any) -> None:
    """From 26 April to 15 May, twenty days; today is 6 May."""
    space.milestone()
    assert list(looks(space)) == [date(2026, 4, 28), date(2026, 5, 1)]
    space.milestones[0] = replace(space.milestones[0], due_on=date(2026, 5, 7))
    assert list(looks(space)) == [date(2026, 4, 28), date(2026, 4, 29), date(2026, 5, 2), date(2026, 5, 5)]


def test_work_begins_ends_and_begins_again(space: Any) -> None:
    space.milestone(created_at=space.ago(20), due=date(2026, 5, 20))
    begun = space.issue(1, created_at=space.ago(30))
    space.event(begun, "assigned", 15, "ann")
    done = space.issue(2, created_at=space.ago(30), closed=space.ago(8))
    again = space.issue(3, created_at=space.ago(30))
    space.event(again, "closed", 19)
    space.event(again, "reopened", 9)
    first, second, third = looks(space).values()
    assert [counts(one)[:3] for one in (first, second, third)] == [(2, 0, 1), (1, 1, 1), (1, 1, 1)]
    assert done.closed_at is not None


def test_what_came_later_is_not_there_and_what_left_still_is(space: Any) -> None:
    space.milestone(created_at=space.ago(20), due=date(2026, 5, 20))
    moved = space.issue(1, created_at=space.ago(50))
    space.event(moved, "milestoned", 12, "1.0")
    gone = space.issue(2, created_at=space.ago(50), milestone_number=None)
    space.event(gone, "demilestoned", 5, "1.0")
    space.issue(3, created_at=space.ago(1))
    assert [counts(one) for one in looks(space).values()] == [(1, 0, 0, 0), (2, 0, 0, 1), (1, 0, 0, 1)]


def test_an_item_seen_in_an_iteration_later_was_not_in_it_before(space: Any) -> None:
    early, late = (space.issue(n, created_at=space.ago(50), milestone_number=None) for n in (1, 2))
    space.iteration("It", date(2026, 4, 27), early, board="P")
    board = space.boards[0]
    row = replace(board.items[0], id="later", item_number=late.number, since=space.ago(1))
    space.boards[0] = replace(board, items=(*board.items, row))
    sprint = next(one for one in group_sprints(space.snapshot(), space.ago(0)) if one.iterations)
    view = space.view_of(sprint)
    assert [one.todo for one in earlier_looks(view, [], [], {})] == [1] * 3


@pytest.mark.parametrize("changes", [{"due": None}, {"due": date(2026, 5, 1)}, {"state": State.CLOSED}])
def test_a_sprint_that_does_not_run_is_not_looked_at(space: Any, changes: dict[str, Any]) -> None:
    space.milestone(**changes)
    space.issue(1)
    assert looks(space) == {}


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_counts_are_those_of_the_workspace_as_it_was(space: Any, data: st.DataObject) -> None:
    for records in (space.items, space.milestones, space.events):
        records.clear()
    space.milestone(created_at=space.ago(20), due=date(2026, 5, 12))
    days = st.floats(0.1, 25)
    since_planning = st.floats(0.1, 17.9)
    for number in range(1, 7):
        make = data.draw(st.sampled_from((space.issue, space.pull)))
        closed = data.draw(st.one_of(st.none(), days.map(space.ago)))
        inside = data.draw(st.sampled_from((1, None)))
        body = data.draw(st.sampled_from(("", "Closes #1", "Fixes #2")))
        item = make(number, body, created_at=space.ago(26), closed=closed, milestone_number=inside)
        for kind in data.draw(st.lists(st.sampled_from(KINDS), max_size=3)):
            when = data.draw(since_planning if kind == "demilestoned" else days)
            space.event(item, kind, when, {"labeled": "in progress", "assigned": "ann"}.get(kind, "1.0"))
    sprint = space.sprint()
    for day, look in looks(space).items():
        assert counts(look)[:3] == counted_then(space, day, sprint)


def test_an_item_without_events_was_open_until_it_was_closed(space: Any) -> None:
    item = space.issue(1, closed=space.ago(3))
    assert was_open(item, (), space.ago(4))
    assert not was_open(item, (), space.ago(2))
