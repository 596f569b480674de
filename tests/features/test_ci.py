"""Builds: failure rate, red streaks, time to green, red pull requests."""

from __future__ import annotations

from typing import Any

import pytest

from galaxy_desktop.features import ci


def _feature(space: Any, name: str) -> Any:
    view = space.view()
    return next(f for f in ci.features(view, ci.longest_streak(view)) if f.name == name)


def test_the_failure_rate_counts_runs_that_say_something(space: Any) -> None:
    for conclusion in ("failure", "timed_out", "success", "success", "cancelled", "skipped", None):
        space.run(conclusion, 1)
    space.run("failure", 15)
    found = _feature(space, "ci_failure_rate")
    assert (found.value, found.formula) == (0.5, "2 failed / 4 finished runs = 0.5")
    assert {e.quote for e in found.evidence} == {"tests: failure", "tests: timed_out"}


def test_no_runs_is_no_data_in_every_feature(space: Any) -> None:
    space.pull(1)
    view = space.view()
    found = ci.features(view, ci.longest_streak(view))
    assert {(f.value, f.why_none) for f in found} == {(None, "no workflow runs are stored")}


def test_only_green_runs_are_zero_not_missing(space: Any) -> None:
    space.run("success", 1)
    assert _feature(space, "ci_failure_rate").value == 0
    assert _feature(space, "ci_longest_red_streak").value == 0
    assert _feature(space, "ci_time_to_green_hours_p50").value is None
    assert _feature(space, "red_pull_requests").value == 0


def test_a_streak_is_one_workflow_on_one_branch(space: Any) -> None:
    for days in (9, 8):
        space.run("failure", days, head_branch="feature")
    long = [space.run("failure", days) for days in (9, 7, 5)]
    space.run("cancelled", 6)
    space.run("success", 4)
    space.run("failure", 3)
    assert [b.id for b in ci.longest_streak(space.view())] == [run.id for run in long]
    found = _feature(space, "ci_longest_red_streak")
    assert found.value == 3
    assert "of tests on main" in found.formula


def test_time_to_green_runs_from_the_first_failure_to_the_next_success(space: Any) -> None:
    space.run("failure", 5)
    space.run("failure", 4)
    space.run("success", 3)
    space.run("failure", 2)
    space.run("success", 1.5)
    space.run("failure", 1)
    found = _feature(space, "ci_time_to_green_hours_p50")
    assert found.value == pytest.approx(30)
    assert found.formula == "median of 2 repaired builds = 30"


def test_a_pull_request_is_red_by_the_newest_run_of_each_workflow(space: Any) -> None:
    item = space.pull(1, head_sha="abc")
    space.run("failure", 3)
    lint = space.run("failure", 2, name="lint")
    space.run("success", 1)
    red = ci.red_run(item, space.view())
    assert red is not None
    assert red.id == lint.id
    space.run(None, 0.5, name="lint", status="in_progress")
    red = ci.red_run(item, space.view())
    assert red is not None
    assert red.id == lint.id
    space.run("success", 0.4, name="lint")
    assert ci.red_run(item, space.view()) is None


def test_runs_of_older_commits_and_closed_pull_requests_do_not_count(space: Any) -> None:
    space.run("failure", 1)
    moved = space.pull(1, head_sha="def")
    closed = space.pull(2, head_sha="abc", closed=space.ago(0.5))
    view = space.view()
    assert [ci.red_run(item, view) for item in (moved, closed)] == [None, None]


def test_red_pull_requests_are_counted_of_those_that_were_tested(space: Any) -> None:
    space.pull(1, head_sha="abc")
    space.pull(2, head_sha="def")
    assert _feature(space, "red_pull_requests").value is None
    space.run("failure", 1)
    found = _feature(space, "red_pull_requests")
    assert (found.value, found.formula) == (1, "of 1 tested open pull requests = 1")
