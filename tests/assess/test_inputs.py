"""From records to the inputs of a simulation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from galaxy_desktop.assess import inputs_json
from galaxy_desktop.assess.forecast import inputs_of, simulate
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import EarlierLook
from galaxy_desktop.domain.projects import Board, BoardItem, Iteration
from galaxy_desktop.domain.work import ItemKind, State

ONE, TWO = "issue:o/r#1", "issue:o/r#2"


def _with_milestone(world: Any, **changes: Any) -> Any:
    """The world with a second milestone that has an open item."""
    other = replace(world.snapshot.milestones[0], id=12, number=2, title="0.8", **changes)
    item = replace(world.snapshot.items[0], number=50, milestone_number=2)
    snapshot = replace(
        world.snapshot, milestones=(*world.snapshot.milestones, other), items=(*world.snapshot.items, item)
    )
    return replace(world, snapshot=snapshot)


def _on_boards(world: Any, *spans: tuple[str, int]) -> Any:
    """The world's sprint as an iteration, beside others given as (title, days from today), each with open work."""
    now, item = world.features.as_of, world.snapshot.items[0]
    first = now.date()
    iterations = tuple(
        Iteration(
            id=title, project_id="P", project_title="Plan", title=title, starts_on=first + timedelta(days=begin), days=10,
            completed=False, url="u", observed_at=now,
        )
        for title, begin in (("mine", 0), *spans)
    )  # fmt: skip
    items = tuple(replace(item, number=60 + n, milestone_number=None) for n in range(len(iterations)))
    rows = tuple(
        BoardItem(
            id=i.id, repository_id=1, item_number=60 + n, iteration_id=i.id, status=None, points=None, updated_at=now
        )
        for n, i in enumerate(iterations)
    )
    board = Board(
        id="P", number=1, owner="o", title="Plan", url="u", closed=False, updated_at=now, iterations=iterations, items=rows,
        observed_at=now,
    )  # fmt: skip
    snapshot = replace(world.snapshot, items=(*world.snapshot.items, *items), boards=(board,))
    sprint = replace(world.sprint, milestones=(), iterations=(iterations[0].evidence_id,))
    return replace(world, sprint=sprint, snapshot=snapshot)


def test_an_iteration_shares_its_people_with_running_iterations_and_not_with_releases(make: Any) -> None:
    assert _on_boards(make.world()).inputs().open_sprints == 1
    assert _on_boards(make.world(), ("theirs", -2)).inputs().open_sprints == 2
    assert _on_boards(make.world(), ("next", 10), ("last", -20)).inputs().open_sprints == 1


def test_open_and_done_items_are_those_that_github_counts(make: Any) -> None:
    inputs = make.world().inputs()
    assert [w.item_id for w in inputs.open] == [f"issue:o/r#{n}" for n in (1, 2, 3, 4)]
    assert inputs.done == 6


def test_an_item_carries_what_is_known_of_it_in_working_days(make: Any) -> None:
    red = Evidence("check:o/r#5", "check", "u", "tests: failure", make.now)
    facts = {
        1: {
            "age_days": 10.0,
            "waiting_for_review_days": 2.0,
            "red_run": red,
            "blocked_by": (TWO, "external:issue:x/y#1"),
        }
    }
    work = make.world(facts=facts).inputs().open[0]
    assert (work.age_days, work.waiting_for_review_days, work.red) == (7.5, 2.0, True)
    assert work.blocked_by == ("external:issue:x/y#1", TWO)


def test_blockers_that_are_not_in_the_sprint_are_kept_outside_it(make: Any) -> None:
    inputs = make.world(facts={1: {"blocked_by": (TWO, "external:issue:x/y#1")}}).inputs()
    assert [w.item_id for w in inputs.outside] == ["external:issue:x/y#1"]


def test_of_a_stored_pull_request_outside_the_sprint_the_age_is_known(make: Any) -> None:
    pull = make.item(77, kind=ItemKind.PULL_REQUEST, milestone_number=None)
    world = make.world(facts={1: {"blocked_by": (pull.evidence_id,)}})
    snapshot = replace(world.snapshot, items=(*world.snapshot.items, pull))
    assert replace(world, snapshot=snapshot).inputs().outside[0].age_days == 8.0


def test_an_open_item_without_facts_still_counts(make: Any) -> None:
    world = make.world()
    bare = replace(world, features=replace(world.features, items=()))
    assert len(bare.inputs().open) == 4


def test_the_planned_time_counts_both_ends(make: Any) -> None:
    assert make.world().inputs().planned_days == 17.0


@pytest.mark.parametrize("field", ["starts_at", "due_on"])
def test_without_a_start_or_an_end_there_is_no_planned_time(make: Any, field: str) -> None:
    world = make.world()
    assert replace(world, sprint=replace(world.sprint, **{field: None})).inputs().planned_days is None


def test_today_is_the_day_of_the_user_and_not_of_utc(make: Any) -> None:
    world = make.world()
    late = datetime(2026, 5, 6, 23, 30, tzinfo=UTC)
    inputs = inputs_of(world.sprint, world.features, world.snapshot, late.astimezone(timezone(timedelta(hours=2))))
    assert (inputs.today - make.today).days == 1


def test_another_dated_milestone_with_open_work_shares_the_people(make: Any) -> None:
    assert _with_milestone(make.world()).inputs().open_sprints == 2


@pytest.mark.parametrize("changes", [{"due_on": None}, {"state": State.CLOSED}, {"repository": "o/other"}])
def test_milestones_without_an_end_closed_ones_and_those_elsewhere_do_not(make: Any, changes: dict[str, Any]) -> None:
    assert _with_milestone(make.world(), **changes).inputs().open_sprints == 1


def test_growth_counts_working_days_after_two_of_planning_and_without_today(make: Any) -> None:
    """From Wednesday 29 April to Wednesday 6 May: six working days, less two and today."""
    inputs = make.world(added=(ONE,)).inputs()
    assert (inputs.added, inputs.added_days) == (1, 3)


def test_without_a_start_nothing_is_known_of_growth(make: Any) -> None:
    world = make.world(added=(ONE,))
    inputs = replace(world, sprint=replace(world.sprint, starts_at=None)).inputs()
    assert (inputs.added, inputs.added_days) == (0, 0)


def test_a_sprint_that_keeps_growing_is_less_likely_to_land(make: Any) -> None:
    calm, growing = (simulate(make.inputs(6, added=n, added_days=4)).raw_share for n in (0, 6))
    assert growing < calm - 0.1


def test_sprints_side_by_side_slow_each_other_down(make: Any) -> None:
    alone, shared = (simulate(make.inputs(6, open_sprints=n)).raw_share for n in (1, 3))
    assert shared < alone


LOOK = EarlierLook(day=datetime(2026, 5, 1, tzinfo=UTC).date(), todo=3, started=2, done=1, added=1)


def test_how_the_sprint_stood_before_is_part_of_the_inputs_and_comes_back_from_their_text(make: Any) -> None:
    world = make.world()
    inputs = replace(world, features=replace(world.features, earlier=(LOOK,))).inputs()
    assert inputs.earlier == (LOOK,)
    assert inputs_json.from_json(inputs_json.to_json(inputs)) == inputs


def test_inputs_kept_before_there_were_looks_keep_their_text_and_digest(make: Any) -> None:
    inputs = make.inputs(3)
    text = inputs_json.to_json(inputs)
    assert "earlier" not in text
    assert inputs_json.digest(inputs_json.from_json(text)) == inputs_json.digest(inputs)
    assert inputs_json.digest(replace(inputs, earlier=(LOOK,))) != inputs_json.digest(inputs)
