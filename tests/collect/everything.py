"""A repository in which there is something for every reader, and all readers in the order of a sync."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from galaxy_desktop.collect import lists
from galaxy_desktop.collect.branches import read_branches
from galaxy_desktop.collect.checks import read_checks
from galaxy_desktop.collect.commits import read_commits
from galaxy_desktop.collect.details import read_details
from galaxy_desktop.collect.links import read_links
from galaxy_desktop.collect.projects import read_boards
from galaxy_desktop.collect.reading import Pages, Reading
from galaxy_desktop.collect.releases import read_deployments, read_releases
from galaxy_desktop.collect.runs import read_runs
from galaxy_desktop.collect.since import read_since
from galaxy_desktop.collect.timeline import read_timeline
from galaxy_desktop.collect.whole import read_whole
from tests.collect.fakes import (
    NOW,
    FakeGitHub,
    FakeRepository,
    MemoryStore,
    issue,
    milestone,
    person,
    pull,
    pull_commit,
)
from tests.collect.graph import GraphGitHub, Project, card, cross_reference, drained, reading_of

READERS: Mapping[str, Callable[[Reading], Pages]] = {
    "milestones": lambda reading: read_whole(reading, lists.MILESTONES),
    "boards": read_boards,
    "issues": lambda reading: read_since(reading, lists.ISSUES),
    "commits": read_commits,
    "runs": read_runs,
    "releases": read_releases,
    "deployments": read_deployments,
    "branches": read_branches,
    "details": read_details,
    "checks": read_checks,
    "links": read_links,
    "timeline": read_timeline,
}
PLANNED: dict[str, Any] = {"milestone": {"number": 1, "state": "open"}}
OLD = "2026-04-30T10:00:00Z"


def everything(size: int = 4) -> FakeRepository:
    """Everything there is, settled for long: `size` issues and pull requests."""
    found = FakeRepository(milestones=[milestone(1)])
    for n in range(1, size + 1):
        found.issues.append(_issue(n))
        found.pulls.append(pull(100 + n, n, **PLANNED, additions=n, deletions=n))
        found.commits.insert(0, _commit(n))
        found.runs.append(_run(n))
        found.details |= _details(n)
    found.details["/releases"] = [
        {"id": 1, "tag_name": "v1", "author": None, "created_at": OLD, "published_at": OLD, "html_url": "u"}
    ]
    found.details["/branches"] = [{"name": "main", "commit": {"sha": "a"}, "protected": True}]
    moments = {"created_at": OLD, "updated_at": OLD}
    deployment = {"id": 1, "node_id": "DE_1", "sha": "a", "ref": "main", "environment": "production", **moments}
    found.details["/deployments"] = [deployment]
    found.details["/deployments/1/statuses"] = [{"state": "success"}]
    return found


def _issue(n: int) -> dict[str, Any]:
    summary = {"total_blocked_by": n % 2, "blocked_by": 0, "blocking": 0, "total_blocking": 0}
    parts = {"total": 0, "completed": 0, "percent_completed": 0}
    return issue(n, n, **PLANNED, issue_dependencies_summary=summary, sub_issues_summary=parts)


def _commit(n: int) -> dict[str, Any]:
    who = {"message": "m", "committer": {"date": f"2026-04-28T10:00:{n % 60:02d}Z"}}
    return {"sha": f"{n:040x}", "commit": who, "author": person(n), "html_url": "u", "stats": {"additions": n}}


def _run(n: int) -> dict[str, Any]:
    state = {"status": "completed", "conclusion": "success", "created_at": OLD, "updated_at": OLD, "html_url": "u"}
    return {"id": n, "name": "ci", "head_sha": "a", "head_branch": "main", "event": "push", **state}


def _details(n: int) -> dict[str, Any]:
    times = {"started_at": OLD, "completed_at": OLD}
    check = {"id": 500 + n, "name": "ci", "status": "completed", "conclusion": "success", **times}
    review = {"id": 700 + n, "state": "APPROVED", "user": person(), "body": "", "html_url": "u", "submitted_at": OLD}
    heads = (f"sha{100 + n}", f"{n:040x}")
    url = "https://api.github.com/repos/o/r"
    blocker = {"number": 2, "title": "t", "html_url": "u", "repository_url": url}
    return {
        f"/pulls/{100 + n}/files": [{"filename": "a.py"}],
        f"/pulls/{100 + n}/reviews": [review],
        f"/pulls/{100 + n}/commits": [pull_commit(f"{100 + n:040x}")],
        f"/issues/{n}/timeline": [cross_reference(100 + n)],
        f"/issues/{100 + n}/timeline": [],
        f"/issues/{n}/dependencies/blocked_by": [blocker],
        **{f"/commits/{sha}/check-runs": {"check_runs": [check]} for sha in heads},
        **{f"/commits/{sha}/status": {"statuses": []} for sha in heads},
    }


def github_of(kind: type[FakeGitHub], size: int = 4, page_size: int = 100) -> FakeGitHub:
    """A GitHub with all of it, and a board where there is GraphQL."""
    github = kind(everything(size), page_size=page_size)
    if isinstance(github, GraphGitHub):
        github.projects = [Project(iterations=[("i", "Sprint 1", "2026-05-04", 14)], items=[card(1)])]
    return github


def read_everything(github: FakeGitHub, store: MemoryStore, now: datetime = NOW) -> None:
    """One sync with all readers."""
    for read in READERS.values():
        drained(read(reading_of(github, store, now)), store)
