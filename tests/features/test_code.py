"""Commits, churn, size and colliding pull requests."""

from __future__ import annotations

from typing import Any

from galaxy_desktop.domain.facts import Feature
from galaxy_desktop.features import code


def _feature(space: Any, name: str) -> Feature:
    view = space.view()
    return next(f for f in code.features(view, code.conflicts_of(view)) if f.name == name)


def test_commits_count_from_the_start_of_the_sprint(space: Any) -> None:
    for days in (1, 5, 30):
        space.commit(days)
    found = _feature(space, "commits_in_sprint")
    assert found.value == 2
    assert found.formula == "commits since 2026-04-26 = 2"
    assert found.evidence[0].quote == "Change more"


def test_no_stored_commit_is_no_data_but_no_commit_since_the_start_is_zero(space: Any) -> None:
    assert _feature(space, "commits_in_sprint").value is None
    space.commit(30)
    assert _feature(space, "commits_in_sprint").value == 0


def test_churn_adds_lines_of_the_commits_that_carry_them(space: Any) -> None:
    space.commit(1, 10, 5)
    space.commit(2)
    found = _feature(space, "churn_in_sprint")
    assert (found.value, found.formula) == (15, "10 added + 5 deleted in 1 of 2 commits = 15")


def test_churn_without_line_counts_is_no_data(space: Any) -> None:
    space.commit(1)
    found = _feature(space, "churn_in_sprint")
    assert (found.value, found.why_none) == (None, "the commit lists carry no line counts")


def test_size_is_the_median_of_the_pull_requests_that_were_fetched(space: Any) -> None:
    space.pull(1, additions=10, deletions=0)
    space.pull(2, additions=100, deletions=100)
    space.pull(3, additions=20, deletions=None)
    space.issue(4)
    assert _feature(space, "pull_request_size_median").value == 105


def test_pull_requests_collide_over_a_file_of_the_same_base(space: Any) -> None:
    space.pull(1, files=("a.py", "b.py"), base_ref="main")
    space.pull(2, files=("b.py",), base_ref="main", milestone_number=None)
    space.pull(3, files=("b.py",), base_ref="release")
    space.pull(4, files=("b.py",), base_ref="main", closed=space.ago(1))
    assert code.conflicts_of(space.view()) == {
        "pr:o/r#1": {"pr:o/r#2": ("b.py",)},
        "pr:o/r#2": {"pr:o/r#1": ("b.py",)},
    }
    found = _feature(space, "conflicting_pull_requests")
    assert found.value == 1
    assert {e.quote for e in found.evidence} == {"changes b.py"}


def test_files_of_the_same_name_in_two_repositories_do_not_collide(space: Any) -> None:
    space.milestone()
    space.milestone(repository="o/s")
    space.pull(1, files=("a.py",))
    space.pull(2, files=("a.py",), repository="o/s")
    assert code.conflicts_of(space.view()) == {}


def test_files_that_were_not_fetched_are_no_data(space: Any) -> None:
    space.pull(1)
    assert _feature(space, "conflicting_pull_requests").value is None


def test_a_file_that_everybody_touches_says_nothing(space: Any) -> None:
    for number in range(1, code.MOST_SHARED + 2):
        space.pull(number, files=("CHANGELOG.md",))
    assert code.conflicts_of(space.view()) == {}


def test_commits_of_pull_requests_are_counted_as_github_counts_them(space: Any) -> None:
    space.pushed(space.pull(1), "a", "b")
    space.pushed(space.pull(2), "a", total=300)
    space.pull(3)
    found = _feature(space, "pull_request_commits_median")
    assert (found.value, found.formula) == (151, "median of 2 pull requests = 151")
    assert [one.quote for one in found.evidence] == ["300 commits", "2 commits"]


def test_without_commits_of_pull_requests_there_is_no_number(space: Any) -> None:
    space.pull(1)
    assert _feature(space, "pull_request_commits_median").why_none == "no commits of pull requests are stored"


def test_commits_of_pull_requests_are_not_commits_to_the_repository(space: Any) -> None:
    space.pushed(space.pull(1), "a")
    assert _feature(space, "commits_in_sprint").value is None
