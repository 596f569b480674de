"""Sprints out of milestones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import Milestone, State
from galaxy_desktop.features.sprints import due_history, group_sprints, same_title

MAY_15, MAY_20 = date(2026, 5, 15), date(2026, 5, 20)


def _titles(space: Any, now: Any) -> list[str]:
    return [s.title for s in group_sprints(space.snapshot(), now)]


def test_a_single_milestone_is_a_confirmed_sprint_with_all_its_items(space: Any, now: Any) -> None:
    first = space.milestone()
    space.pull(7)
    space.issue(3, closed=space.ago(1))
    space.issue(4, milestone_number=None)
    (sprint,) = group_sprints(space.snapshot(), now)
    assert sprint.id == f"sprint-{first.id}"
    assert sprint.items == ("issue:o/r#3", "pr:o/r#7")
    assert sprint.confirmed
    assert sprint.why_grouped == ""
    assert sprint.starts_at == first.created_at


def test_the_same_title_in_two_repositories_is_one_sprint(space: Any, now: Any) -> None:
    first = space.milestone("v1.0", due=MAY_15)
    space.milestone(" 1.0", due=MAY_20, repository="o/s")
    (sprint,) = group_sprints(space.snapshot(), now)
    assert sprint.title == "v1.0"
    assert sprint.why_grouped == "same title in 2 repositories"
    assert sprint.repositories == ("o/r", "o/s")
    assert sprint.milestones == ("milestone:o/r#1", "milestone:o/s#1")
    assert sprint.due_on == MAY_20
    assert not sprint.confirmed
    assert group_sprints(space.snapshot(), now, frozenset({f"sprint-{first.id}"}))[0].confirmed


def test_the_same_end_in_two_repositories_is_one_sprint(space: Any, now: Any) -> None:
    space.milestone("Alpha")
    space.milestone("Beta", repository="o/s")
    (sprint,) = group_sprints(space.snapshot(), now)
    assert sprint.title == "Alpha / Beta"
    assert sprint.why_grouped == "same end 2026-05-15 in 2 repositories"


def test_grouping_reaches_over_title_and_end(space: Any, now: Any) -> None:
    space.names = ("o/r", "o/s", "o/t")
    space.milestone("Alpha", due=MAY_15)
    space.milestone("Alpha", due=MAY_20, repository="o/s")
    space.milestone("Beta", due=MAY_20, repository="o/t")
    (sprint,) = group_sprints(space.snapshot(), now)
    assert sprint.why_grouped == 'same title "Alpha" in 2 repositories; same end 2026-05-20 in 2 repositories'


def test_two_milestones_of_one_repository_stay_apart_although_they_end_together(space: Any, now: Any) -> None:
    space.milestone("Alpha")
    space.milestone("Beta")
    assert _titles(space, now) == ["Alpha", "Beta"]


def test_nobody_guesses_which_of_two_candidates_another_repository_means(space: Any, now: Any) -> None:
    space.milestone("Alpha")
    space.milestone("Beta")
    space.milestone("Gamma", repository="o/s")
    assert _titles(space, now) == ["Alpha", "Beta", "Gamma"]


def test_a_title_is_followed_even_where_the_day_is_ambiguous(space: Any, now: Any) -> None:
    space.milestone("Alpha")
    space.milestone("Beta")
    space.milestone("Beta", repository="o/s")
    assert [len(s.milestones) for s in group_sprints(space.snapshot(), now)] == [1, 2]


def test_open_and_closed_milestones_of_one_title_are_two_sprints(space: Any, now: Any) -> None:
    space.milestone("1.0", due=None)
    space.milestone("1.0", due=None, repository="o/s", state=State.CLOSED, closed_at=space.ago(400))
    assert [s.state for s in group_sprints(space.snapshot(), now)] == [State.OPEN, State.CLOSED]


def test_a_sprint_keeps_the_part_that_one_repository_finished_first(space: Any, now: Any) -> None:
    first = space.milestone("1.0", repository="o/s", state=State.CLOSED, closed_at=space.ago(1))
    space.milestone("1.0")
    (sprint,) = group_sprints(space.snapshot(), now)
    assert sprint.state is State.OPEN
    assert sprint.closed_at is None
    assert sprint.id == f"sprint-{first.id}"


def test_milestones_without_an_end_are_not_joined_by_having_none(space: Any, now: Any) -> None:
    space.milestone("Alpha", due=None)
    space.milestone("Beta", due=None, repository="o/s")
    assert _titles(space, now) == ["Alpha", "Beta"]


def test_an_empty_open_milestone_is_still_a_sprint(space: Any, now: Any) -> None:
    space.milestone("Later", due=None)
    (sprint,) = group_sprints(space.snapshot(), now)
    assert (sprint.items, sprint.due_on, sprint.due_history) == ((), None, ())


def test_open_sprints_come_first_by_their_end_then_closed_ones_latest_first(space: Any, now: Any) -> None:
    space.milestone("Someday", due=None)
    space.milestone("Old", state=State.CLOSED, closed_at=space.ago(50))
    space.milestone("Recent", due=MAY_20, state=State.CLOSED, closed_at=space.ago(5))
    space.milestone("Later", due=MAY_20)
    space.milestone("Soon", due=MAY_15)
    assert _titles(space, now) == ["Soon", "Later", "Someday", "Recent", "Old"]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([19, 19, 27], [19, 27]),
        ([19, 27, 19], [19, 27, 19]),
        ([None, 19, None, 19], [19]),
        ([19, 19], [19]),
        ([], [19]),
    ],
)
def test_every_due_day_seen_is_kept_in_order_and_none_twice_in_a_row(
    space: Any, seen: list[int | None], expected: list[int]
) -> None:
    days = [date(2026, 4, day) if day else None for day in seen]
    present = space.milestone(due=days[-1] if days else date(2026, 4, 19))
    versions = [replace(present, due_on=day) for day in days]
    assert due_history(present, versions) == tuple(date(2026, 4, day) for day in expected)


def test_a_moved_due_date_is_history_of_the_member_that_ends_last(space: Any, now: Any) -> None:
    moved = space.milestone("1.0", due=date(2026, 7, 17))
    other = space.milestone("1.0", due=MAY_15, repository="o/s")
    earlier = replace(moved, due_on=date(2026, 4, 19), observed_at=space.ago(30))
    space.versions = [moved, other, earlier]
    (sprint,) = group_sprints(space.snapshot(), now)
    assert sprint.due_history == (date(2026, 4, 19), date(2026, 7, 17))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("V2.1", "2.1", True),
        ("Version 2.1", "v2.1", True),
        ("Sprint  7", "sprint 7 ", True),
        ("victory", "ictory", False),
        ("1.0", "1.0.1", False),
    ],
)
def test_titles_are_compared_as_people_mean_them(one: str, other: str, same: bool) -> None:
    assert (same_title(one) == same_title(other)) is same


_MILESTONES = st.lists(
    st.tuples(
        st.sampled_from(["o/r", "o/s"]),
        st.sampled_from(["1.0", "v1.0", "2.0", "Alpha"]),
        st.sampled_from([None, MAY_15, MAY_20]),
        st.sampled_from([State.OPEN, State.CLOSED]),
    ),
    max_size=7,
)


def _many(now: Any, drawn: list[tuple[str, str, date | None, State]]) -> list[Milestone]:
    return [
        Milestone(
            repository_id=1 if repository == "o/r" else 2, repository=repository, id=50 - number, number=number,
            title=title, description="", state=state, due_on=due, created_at=now, updated_at=now,
            closed_at=now if state is State.CLOSED else None, url="https://x", observed_at=now,
        )
        for number, (repository, title, due, state) in enumerate(drawn, 1)
    ]  # fmt: skip


@given(drawn=_MILESTONES)
@settings(deadline=None, max_examples=150)
def test_every_milestone_is_in_exactly_one_sprint_and_titles_of_a_repository_never_mix(drawn: Any) -> None:
    now = datetime(2026, 5, 6, tzinfo=UTC)
    milestones = _many(now, drawn)
    sprints = group_sprints(Snapshot(milestones=tuple(milestones)), now)
    by_id = {m.evidence_id: m for m in milestones}
    assert sorted(i for s in sprints for i in s.milestones) == sorted(by_id)
    for sprint in sprints:
        titles: dict[str, set[str]] = {}
        for milestone in (by_id[i] for i in sprint.milestones):
            titles.setdefault(milestone.repository, set()).add(same_title(milestone.title))
        assert all(len(names) == 1 for names in titles.values())
    assert group_sprints(Snapshot(milestones=tuple(reversed(milestones))), now) == sprints
