"""How a team works together, learned without a word about any of its people."""

from __future__ import annotations

from typing import Any

import pytest

from galaxy_desktop.domain.work import Person
from galaxy_desktop.features import compute as program
from galaxy_desktop.features import flow, team
from galaxy_desktop.features.sprints import group_sprints

ANN, BEN, ROBOT = Person(1, "ann"), Person(2, "ben"), Person(3, "build-bot")


def _rhythm(space: Any) -> Any:
    return team.rhythm(space.view())


def _finish(space: Any, number: int, owner: Person, days_ago: float, *, took: float = 2.0) -> None:
    space.pull(
        number, author=owner, created_at=space.ago(days_ago + took), closed=space.ago(days_ago), merged_at=space.ago(days_ago)
    )  # fmt: skip


def test_an_item_is_in_the_hands_of_its_assignees_then_its_author_then_those_who_close_it(space: Any) -> None:
    issue = space.issue(1)
    given = space.issue(2, assignees=(BEN, ROBOT))
    pull = space.pull(3, "Closes #1", author=ANN)
    view = space.view()
    assert team.owners_of(given, view) == (BEN.key,)
    assert team.owners_of(pull, view) == team.owners_of(issue, view) == (ANN.key,)
    assert team.owners_of(space.issue(4), space.view()) == ()


def test_keys_name_nobody() -> None:
    assert "ann" not in ANN.key
    assert ANN.key == Person(1, "renamed").key != BEN.key


def test_a_pull_request_knows_the_issues_it_closes(space: Any) -> None:
    space.issue(1)
    space.pull(2, "Fixes #1")
    assert team.closed_by_pulls(space.view()) == {"pr:o/r#2": ("issue:o/r#1",)}


def test_work_in_one_pair_of_hands_is_told_from_work_shared(space: Any) -> None:
    for n in range(60):
        _finish(space, n + 1, ANN, 1 + n)
    alone = _rhythm(space).hands
    space.items.clear()
    for n in range(60):
        _finish(space, n + 1, Person(10 + n % 4, "x"), 1 + n)
    shared = _rhythm(space).hands
    assert alone == pytest.approx(1.0)
    assert shared > 2.0


def test_too_short_a_past_says_nothing(space: Any) -> None:
    space.pull(1)
    found = _rhythm(space)
    assert (found.hands, found.at_once, found.reviews_a_day, found.green_days) == (None, None, None, ())


def test_how_many_items_one_person_has_in_work_is_a_median_over_people_and_days(space: Any) -> None:
    for n in range(60):
        _finish(space, n + 1, ANN, n, took=3.0)
    assert _rhythm(space).at_once >= 3.0


def test_the_rate_of_reviews_is_that_of_a_busy_week(space: Any) -> None:
    pulls = [space.pull(n, created_at=space.ago(50)) for n in range(1, 21)]
    for n, pull in enumerate(pulls):
        space.review(pull, days_ago=1 + 2.0 * n)
    quiet = _rhythm(space).reviews_a_day
    for n, pull in enumerate(pulls):
        space.review(pull, days_ago=2 + 2.0 * n)
    assert quiet < _rhythm(space).reviews_a_day


def test_builds_that_became_green_say_how_long_that_takes(space: Any) -> None:
    space.milestone()
    space.run("failure", 6.0)
    space.run("success", 4.0)
    assert _rhythm(space).green_days == (2.0,)


def test_a_pull_request_that_closes_an_issue_is_no_second_piece_of_work(space: Any) -> None:
    space.milestone()
    space.issue(1, closed=space.ago(2), created_at=space.ago(9))
    space.pull(2, "Closes #1", closed=space.ago(2), merged_at=space.ago(2))
    space.pull(3, closed=space.ago(2), merged_at=space.ago(2))
    view = space.view()
    found = flow.history(view, group_sprints(space.snapshot(), view.now))
    assert sum(d.done for d in found.days) == sum(d.done for d in found.sprint_days) == 3
    assert sum(d.done for d in found.unit_days) == sum(d.done for d in found.unit_sprint_days) == 2


def test_a_planned_pull_request_of_an_issue_outside_is_a_piece_of_the_sprint(space: Any) -> None:
    space.milestone()
    space.issue(1, closed=space.ago(2), milestone_number=None)
    space.pull(2, "Closes #1", closed=space.ago(2), merged_at=space.ago(2))
    view = space.view()
    found = flow.history(view, group_sprints(space.snapshot(), view.now))
    assert sum(d.done for d in found.unit_days) == sum(d.done for d in found.unit_sprint_days) == 1


def test_durations_come_with_kind_and_size(space: Any) -> None:
    space.milestone()
    space.pull(1, "- [ ] a\n- [x] b", closed=space.ago(2), merged_at=space.ago(2), additions=30, deletions=5)
    view = space.view()
    (work,) = flow.history(view, group_sprints(space.snapshot(), view.now)).finished
    assert (work.kind, work.lines, work.boxes, round(work.days)) == ("pr", 35, 2, 7)


def test_items_of_a_sprint_carry_their_owners_and_what_they_close(space: Any) -> None:
    space.milestone()
    space.issue(1, assignees=(BEN,))
    space.pull(2, "Closes #1", author=ANN)
    snapshot = space.snapshot()
    sprint = group_sprints(snapshot, space.view().now)[0]
    facts = {f.item_id: f for f in program.compute(snapshot, sprint, space.view().now).items}
    assert facts["issue:o/r#1"].owners == (BEN.key,)
    assert facts["pr:o/r#2"].part_of == ("issue:o/r#1",)
