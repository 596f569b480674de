"""Iterations of Projects boards are sprints across repositories."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from galaxy_desktop.domain.work import State
from galaxy_desktop.features import ci, scope
from galaxy_desktop.features.compute import compute
from galaxy_desktop.features.index import index_of
from galaxy_desktop.features.sprints import group_sprints

MAY_1, MAY_4 = date(2026, 5, 1), date(2026, 5, 4)


def test_an_iteration_is_one_sprint_across_repositories(space: Any, now: Any) -> None:
    one, two = space.issue(1, milestone_number=None), space.issue(2, repository="o/s", milestone_number=None)
    made = space.iteration("Sprint 7", MAY_1, one, two)
    (sprint,) = group_sprints(space.snapshot(), now)
    assert sprint.id == f"sprint-iteration-{made.id}"
    assert (sprint.title, sprint.repositories) == ("Sprint 7", ("o/r", "o/s"))
    assert sprint.items == ("issue:o/r#1", "issue:o/s#2")
    assert (sprint.starts_at, sprint.due_on) == (datetime(2026, 5, 1, tzinfo=UTC), date(2026, 5, 14))
    assert sprint.iterations == sprint.anchors == (made.evidence_id,)
    assert sprint.confirmed


def test_an_iteration_begins_at_midnight_where_the_user_is(space: Any, now: Any) -> None:
    space.iteration("Sprint 7", MAY_1, space.issue(1, milestone_number=None))
    zone = timezone(timedelta(hours=-7))
    (sprint,) = group_sprints(space.snapshot(), now.astimezone(zone))
    assert sprint.starts_at == datetime(2026, 5, 1, tzinfo=zone)


def test_an_iteration_is_closed_the_day_after_its_last(space: Any) -> None:
    space.iteration("Sprint 7", MAY_1, space.issue(1, milestone_number=None), days=7)
    last_moment, after = datetime(2026, 5, 7, 23, 59, tzinfo=UTC), datetime(2026, 5, 8, tzinfo=UTC)
    assert group_sprints(space.snapshot(), last_moment)[0].state is State.OPEN
    closed = group_sprints(space.snapshot(), after)[0]
    assert (closed.state, closed.closed_at) == (State.CLOSED, after)


def test_an_empty_iteration_shows_only_while_it_runs(space: Any, now: Any) -> None:
    for title, first in (("past", date(2026, 4, 1)), ("now", MAY_1), ("next", date(2026, 5, 15))):
        space.iteration(title, first, board="PVT_1")
    assert [s.title for s in group_sprints(space.snapshot(), now)] == ["now"]


def test_an_iteration_joins_the_open_milestone_of_its_title(space: Any, now: Any) -> None:
    first = space.milestone("Sprint 7", due=date(2026, 5, 13))
    space.issue(1)
    made = space.iteration("sprint  7", MAY_1, space.issue(2, milestone_number=None, repository="o/s"))
    (sprint,) = group_sprints(space.snapshot(), now)
    assert sprint.id == f"sprint-{first.id}"
    assert sprint.items == ("issue:o/r#1", "issue:o/s#2")
    assert sprint.due_on == date(2026, 5, 13)
    assert sprint.anchors == ("milestone:o/r#1", made.evidence_id)
    assert (sprint.confirmed, sprint.why_grouped) == (False, 'same title as the iteration "sprint  7"')
    assert group_sprints(space.snapshot(), now, frozenset({sprint.id}))[0].confirmed


def test_the_same_days_alone_do_not_join_a_release_and_an_iteration(space: Any, now: Any) -> None:
    space.milestone("1.0", due=date(2026, 5, 14))
    item = space.issue(1)
    space.iteration("Sprint 7", MAY_1, item)
    assert {s.title for s in group_sprints(space.snapshot(), now)} == {"1.0", "Sprint 7"}


def test_iterations_of_two_boards_with_one_title_and_the_same_days_are_one_sprint(space: Any, now: Any) -> None:
    space.iteration("Sprint 7", MAY_1, space.issue(1, milestone_number=None))
    space.iteration("Sprint 7", MAY_1, space.issue(2, milestone_number=None, repository="o/s"))
    (sprint,) = group_sprints(space.snapshot(), now)
    assert len(sprint.iterations) == 2
    assert sprint.why_grouped == "same title and days on 2 boards"
    assert not sprint.confirmed


def test_board_items_that_are_not_stored_are_left_out(space: Any, now: Any) -> None:
    item = space.issue(1, milestone_number=None)
    space.iteration("Sprint 7", MAY_1, item)
    space.items.clear()
    (sprint,) = group_sprints(space.snapshot(), now)
    assert sprint.items == ()
    assert sprint.repositories == ("o/r", "o/s")


def test_what_moved_into_an_iteration_later_is_added_scope(space: Any, now: Any) -> None:
    planned, late = space.issue(1, milestone_number=None), space.issue(2, milestone_number=None)
    space.iteration("Sprint 7", MAY_1, planned, board="PVT_1")
    sprint_before = group_sprints(space.snapshot(), now)[0]
    assert not scope.added(space.view_of(sprint_before))
    space.boards.clear()
    space.iteration("Sprint 7", MAY_1, late, since=space.ago(1))
    view = space.view_of(group_sprints(space.snapshot(), now)[0])
    (change,) = scope.added(view)
    assert (change.item.number, change.at) == (2, space.ago(1))
    assert change.evidence.quote == "seen in the iteration since 2026-05-05"


def test_ended_iterations_say_nothing_about_ending_in_time(space: Any, now: Any) -> None:
    space.iteration("Sprint 6", date(2026, 4, 15), space.issue(1, milestone_number=None, closed=space.ago(8)))
    space.iteration("Sprint 7", MAY_1, space.issue(2, milestone_number=None))
    sprint = group_sprints(space.snapshot(), now)[0]
    found = compute(space.snapshot(), sprint, now)
    assert found.history.past_sprints == 0


def test_items_of_iterations_count_as_planned_work_in_the_flow(space: Any, now: Any) -> None:
    done = space.issue(1, milestone_number=None, closed=space.ago(1))
    space.issue(2, milestone_number=None, closed=space.ago(1))
    space.iteration("Sprint 7", MAY_1, done)
    found = compute(space.snapshot(), group_sprints(space.snapshot(), now)[0], now)
    assert sum(d.done for d in found.history.sprint_days) == 1
    assert sum(d.done for d in found.history.days) == 2


def test_every_feature_of_an_iteration_cites_it_or_something_better(space: Any, now: Any) -> None:
    made = space.iteration("Sprint 7", MAY_1, space.issue(1, milestone_number=None))
    sprint = group_sprints(space.snapshot(), now)[0]
    found = compute(space.snapshot(), sprint, now)
    assert any(e.id == made.evidence_id for f in found.features for e in f.evidence)
    assert index_of(space.snapshot()).iterations_of[1, 1] == {made.evidence_id: None}


def test_a_red_status_of_another_service_makes_a_pull_request_red(space: Any, now: Any) -> None:
    space.milestone()
    pull = space.pull(1, head_sha="abc")
    space.check("abc", "failure")
    view = space.view()
    red = ci.red_run(pull, view)
    assert red is not None
    assert red.evidence.quote == "jenkins: failure"
    assert red.evidence.id.startswith("status:o/r@")


def test_a_later_success_of_the_same_status_makes_it_green(space: Any) -> None:
    space.milestone()
    pull = space.pull(1, head_sha="abc")
    space.check("abc", "failure", 2)
    space.check("abc", "success", 1)
    assert ci.red_run(pull, space.view()) is None


def test_jobs_of_a_workflow_are_not_counted_beside_its_run(space: Any) -> None:
    from galaxy_desktop.domain.repository_facts import CheckSource
    from galaxy_desktop.features.builds import newest_at_head
    from galaxy_desktop.features.index import index_of as indexed

    pull = space.pull(1, head_sha="abc")
    space.run("success", 1, head_sha="abc")
    space.check("abc", "failure", source=CheckSource.RUN, name="job 1")
    assert [b.name for b in newest_at_head(pull, indexed(space.snapshot()))] == ["tests"]


def test_without_workflow_runs_the_checks_of_the_branch_tell_the_failure_rate(space: Any) -> None:
    space.milestone()
    for sha, conclusion in (("a1", "failure"), ("a2", "success"), ("side", "failure")):
        space.check(sha, conclusion)
        if sha != "side":
            space.commit(sha=sha)
    view = space.view()
    rate = next(f for f in ci.features(view, ci.longest_streak(view)) if f.name == "ci_failure_rate")
    assert rate.formula == "1 failed / 2 finished runs = 0.5"
