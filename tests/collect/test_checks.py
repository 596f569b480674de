"""Checks: asked until they settled, the same by both ways, and never again after that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from galaxy_desktop.collect.checks import read_checks
from galaxy_desktop.collect.commits import read_commits
from galaxy_desktop.collect.details import read_details
from galaxy_desktop.domain.repository_facts import Check
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, Fault, MemoryStore, pull
from tests.collect.graph import GraphGitHub, drained, reading_of

RECENT = "2026-05-06T11:50:00Z"
LONG_AGO = "2026-05-05T10:00:00Z"


def run(number: int, conclusion: str | None = "success", ended: str = LONG_AGO) -> dict[str, Any]:
    state = "completed" if conclusion else "in_progress"
    times = {"started_at": LONG_AGO, "completed_at": ended if conclusion else None}
    return {"id": number, "name": f"test {number}", "status": state, "conclusion": conclusion, **times}


def status(state: str, context: str = "ci/old") -> dict[str, Any]:
    return {"id": 5, "context": context, "state": state, "target_url": None, "created_at": LONG_AGO}


def world(*runs: dict[str, Any], statuses: tuple[dict[str, Any], ...] = ()) -> FakeRepository:
    """One open pull request, whose head has these checks."""
    found = FakeRepository(pulls=[pull(1, updated_at=LONG_AGO)])
    found.details["/commits/sha1/check-runs"] = {"total_count": len(runs), "check_runs": list(runs)}
    found.details["/commits/sha1/status"] = {"statuses": list(statuses)}
    found.details |= {"/pulls/1/files": [], "/pulls/1/reviews": []}
    return found


def read(github: FakeGitHub, store: MemoryStore, now: datetime = NOW) -> list[str]:
    """One pass; returns what was asked of the API about checks."""
    reading = reading_of(github, store, now)
    drained(read_details(reading), store)
    drained(read_commits(reading), store)
    github.log.clear()
    drained(read_checks(reading), store)
    return [f"{url.split('/')[-1].partition('&')[0]} {status}" for url, status in github.log]


def test_both_ways_give_the_same_checks() -> None:
    checks = (run(2**40), run(2, "timed_out"), run(3, None))
    statuses = (status("success"), status("pending", "deploy"))
    stores = MemoryStore(), MemoryStore()
    read(FakeGitHub(world(*checks, statuses=statuses)), stores[0])
    read(GraphGitHub(world(*checks, statuses=statuses)), stores[1])
    assert stores[0].of_kind(Check) == stores[1].of_kind(Check)
    assert sorted((c.name, c.conclusion) for c in stores[0].of_kind(Check) if c.conclusion) == [
        ("ci/old", "success"),
        (f"test {2**40}", "success"),
        ("test 2", "timed_out"),
    ]


def test_a_settled_commit_is_never_asked_again() -> None:
    github, store = FakeGitHub(world(run(1))), MemoryStore()
    assert read(github, store) == ["check-runs 200", "status 200"]
    assert read(github, store) == []


def test_running_checks_are_asked_until_they_end() -> None:
    github, store = GraphGitHub(world(run(1, None))), MemoryStore()
    assert read(github, store) == []
    assert read(github, store) == ["check-runs 200", "status 200"]
    assert read(github, store) == ["check-runs 304", "status 304"]
    github.repositories[0].details |= world(run(1, "failure")).details
    assert read(github, store) == ["check-runs 200", "status 304", "check-runs 200", "status 200"]
    assert read(github, store) == []
    assert github.asked_graphql("checks") == 1
    assert [check.red for check in store.of_kind(Check)] == [True]


def test_fresh_results_are_watched_for_half_an_hour() -> None:
    github, store = FakeGitHub(world(run(1, "success", RECENT))), MemoryStore()
    read(github, store)
    assert read(github, store) == ["check-runs 304", "status 304"]
    assert read(github, store, NOW + timedelta(minutes=31)) == ["check-runs 304", "status 304"]
    assert read(github, store, NOW + timedelta(minutes=32)) == []


def test_a_check_that_never_ends_is_given_up() -> None:
    github, store = FakeGitHub(world(run(1, None))), MemoryStore()
    read(github, store)
    read(github, store, NOW + timedelta(days=4))
    assert read(github, store, NOW + timedelta(days=4)) == []


def test_a_token_without_checks_still_gets_statuses() -> None:
    github, store = FakeGitHub(world(run(1, None), statuses=(status("failure"),))), MemoryStore()
    github.faults = [Fault("check-runs", times=9, status=403, body='{"message": "Resource not accessible"}')]
    assert read(github, store) == ["check-runs 403", "status 200"]
    assert [check.name for check in store.of_kind(Check)] == ["ci/old"]
    github.repositories[0].pulls[0]["head"]["sha"] = "sha2"
    github.repositories[0].pulls[0]["updated_at"] = RECENT
    assert read(github, store) == ["check-runs 403", "status 404"]


def test_young_commits_of_the_default_branch_are_asked_and_old_ones_are_not() -> None:
    found = world()
    dates = {"young": "2026-05-01T00:00:00Z", "old": "2026-04-01T00:00:00Z"}
    found.commits = [
        {
            "sha": sha,
            "commit": {"message": "m", "committer": {"date": when}},
            "author": None,
            "html_url": f"https://github.com/o/r/commit/{sha}",
        }
        for sha, when in dates.items()
    ]
    github = FakeGitHub(found)
    assert len([url for url in _urls(github) if "/young/" in url]) == 2
    assert not [url for url in _urls(github) if "/old/" in url]


def _urls(github: FakeGitHub) -> list[str]:
    read(github, MemoryStore())
    return [url for url, _ in github.log]


def test_a_commit_with_very_many_checks_is_read_by_itself() -> None:
    github, store = GraphGitHub(world(*(run(n) for n in range(1, 102)))), MemoryStore()
    assert read(github, store) == ["check-runs 200", "status 200"]
    assert len(store.of_kind(Check)) == 101
