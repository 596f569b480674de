"""The report as a whole: velocity as a range, the same for equal records, and nothing about people."""

from __future__ import annotations

import dataclasses
import random
from dataclasses import replace
from datetime import date
from typing import Any, get_type_hints

import pytest

from galaxy_desktop.domain import flow as records
from galaxy_desktop.domain.flow import FlowReport, Spread
from galaxy_desktop.domain.work import Person, State
from galaxy_desktop.features.flow_report import flow_report, scene_of
from tests.features.conftest import NOW, Workspace


def report(space: Workspace, sprint_id: str = "") -> FlowReport:
    return flow_report(scene_of(space.snapshot(), NOW), sprint_id)


@pytest.fixture
def busy(space: Any) -> Any:
    """Four past sprints with 1, 2, 3 and 4 delivered items, and a running one."""
    for n in range(1, 5):
        start, end = 80 - 14 * n, 67 - 14 * n
        space.milestone(
            f"Sprint {n}", (NOW - (NOW - space.ago(end))).date(), created_at=space.ago(start), state=State.CLOSED,
            closed_at=space.ago(end - 0.1),
        )  # fmt: skip
        for k in range(n):
            item = space.issue(
                10 * n + k, milestone_number=n, created_at=space.ago(start), closed=space.ago(end + 1), labels=("sp:2",)
            )
            space.event(item, "assigned", start - 1, "ann")
        space.issue(10 * n + 9, milestone_number=n, created_at=space.ago(start), closed=space.ago(end - 0.2),
                    state_reason="not_planned", labels=("sp:2",))  # fmt: skip
    space.milestone("Sprint 5", date(2026, 5, 15), created_at=space.ago(8))
    space.pull(99, milestone_number=5, created_at=space.ago(3), requested_reviewers=(Person(2, "ben"),))
    return space


def test_velocity_is_a_range_with_its_middle_over_past_sprints(busy: Any) -> None:
    velocity = report(busy).velocity
    assert [(one.title, one.planned, one.done) for one in velocity.sprints] == [
        ("Sprint 1", 2, 1), ("Sprint 2", 3, 2), ("Sprint 3", 4, 3), ("Sprint 4", 5, 4),
    ]  # fmt: skip
    assert velocity.items == Spread(low=1, median=2.5, high=4, n=4)
    assert velocity.head.finding == "Between 1 and 4 items a sprint, half of them 2.5 or more; 4 to 8 points"


def test_points_need_three_sprints_that_carry_them(busy: Any) -> None:
    velocity = report(busy).velocity
    assert velocity.points == Spread(low=4, median=6, high=8, n=3)  # the first sprint has two items: too few to count
    busy.items = [replace(i, labels=()) if i.milestone_number in (3, 4) else i for i in busy.items]
    bare = report(busy).velocity
    assert (bare.points, bare.why_no_points) == (None, "Need 3 finished sprints whose items carry points, have 1.")


def test_fewer_than_three_past_sprints_give_no_velocity(space: Any) -> None:
    space.milestone(
        "Sprint 1", date(2026, 4, 25), created_at=space.ago(20), state=State.CLOSED, closed_at=space.ago(11)
    )
    space.issue(1, closed=space.ago(12))
    assert report(space).velocity.head.why_none == "Need 3 finished sprints, have 1."


def test_what_was_done_after_the_closing_is_not_velocity(busy: Any) -> None:
    late = next(n for n, item in enumerate(busy.items) if item.number == 40)
    busy.items[late] = replace(busy.items[late], closed_at=busy.ago(1))
    assert report(busy).velocity.sprints[-1].done == 3


def test_equal_records_in_any_order_give_an_equal_report(busy: Any) -> None:
    first = report(busy)
    for name in ("items", "events", "milestones"):
        random.Random(3).shuffle(getattr(busy, name))
    assert report(busy) == first


def test_without_sprints_the_flow_of_all_repositories_is_shown(space: Any) -> None:
    for number in range(1, 8):
        space.pull(
            number,
            created_at=space.ago(30 + number),
            closed=space.ago(20),
            merged_at=space.ago(20),
            milestone_number=None,
        )
    made = report(space)
    assert (made.sprint_id, made.repositories) == ("", ("o/r", "o/s"))
    assert made.burn.head.why_none.startswith("There is no sprint yet")
    assert len(made.cycle.dots) == 7


def test_an_unknown_sprint_falls_back_to_the_first(busy: Any) -> None:
    assert report(busy, "sprint-0").sprint_title == "Sprint 5"
    chosen = report(busy).sprints[-1]
    assert report(busy, chosen.sprint_id).sprint_title == chosen.title


def test_a_later_now_never_changes_what_a_closed_sprint_delivered(busy: Any) -> None:
    before = report(busy).velocity.sprints
    busy.issue(500, milestone_number=5, closed=busy.ago(0.5))
    assert report(busy).velocity.sprints == before


def _texts(value: object) -> list[str]:
    if dataclasses.is_dataclass(value):
        return [text for field in dataclasses.fields(value) for text in _texts(getattr(value, field.name))]
    if isinstance(value, tuple):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def test_no_record_of_the_flow_has_room_for_a_person() -> None:
    shapes = [
        one for one in vars(records).values() if dataclasses.is_dataclass(one) and one.__module__ == records.__name__
    ]
    assert len(shapes) > 20
    for shape in shapes:
        hints = get_type_hints(shape)
        assert "Person" not in str(hints.values())
        assert not {"author", "actor", "assignee", "assignees", "login", "reviewer", "person", "people"} & set(hints)


def test_no_login_appears_anywhere_in_a_report(busy: Any) -> None:
    busy.items = [
        replace(i, author=Person(7000 + n, f"somebody-{n}"), assignees=(Person(8000 + n, f"other-{n}"),))
        for n, i in enumerate(busy.items)
    ]
    busy.events = [replace(e, actor=Person(9000, "third-one"), subject="other-1") for e in busy.events]
    said = " ".join(_texts(report(busy)))
    assert not any(word in said for word in ("somebody-", "other-", "third-one"))
