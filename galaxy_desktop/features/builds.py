"""Builds under one face: workflow runs of GitHub Actions, and checks of commits that other services report.

Where a repository has workflow runs, they tell its history: the check runs of Actions are their jobs and would count
everything twice. Where it has none (Jenkins, Buildkite, Cirrus, ...), the checks of the commits of its default branch do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from galaxy_desktop.domain.evidence import Evidence, of_check, of_run
from galaxy_desktop.domain.repository_facts import Check, CheckSource
from galaxy_desktop.domain.work import WorkflowRun, WorkItem
from galaxy_desktop.features.index import WorkspaceIndex


@dataclass(frozen=True, slots=True)
class Build:
    """One build of one commit; `conclusive` is false for those that were cancelled, skipped or still run."""

    repository: str
    name: str
    branch: str
    started_at: datetime
    finished_at: datetime | None
    red: bool
    conclusive: bool
    id: int
    evidence: Evidence


def builds_of_repository(index: WorkspaceIndex, repository: str) -> list[Build]:
    """The builds of a repository, oldest first."""
    runs = index.runs_of_repository.get(repository, ())
    if runs:
        return [_of_run(run) for run in runs]
    checks = index.checks_of_repository.get(repository, ())
    if not checks:
        return []
    known = index.repositories_by_name.get(repository.casefold())
    branch = known.default_branch if known else "main"
    on_branch = {commit.sha for commit in index.commits_of_repository.get(repository, ())}
    return [_of_check(check, branch) for check in checks if check.sha in on_branch]


def newest_at_head(item: WorkItem, index: WorkspaceIndex) -> list[Build]:
    """The newest conclusive build of every workflow or check on the head commit of a pull request, by name."""
    head = (item.repository, item.head_sha or "")
    runs = index.runs_of_head.get(head, ())
    checks = [c for c in index.checks_of_head.get(head, ()) if not runs or c.source is CheckSource.STATUS]
    newest: dict[str, Build] = {}
    for build in sorted([*map(_of_run, runs), *(_of_check(c, "") for c in checks)], key=_order):
        if build.conclusive:
            newest[build.name] = build
    return [newest[name] for name in sorted(newest)]


def _order(build: Build) -> tuple[datetime, str, int]:
    return build.started_at, build.name, build.id


def _of_run(run: WorkflowRun) -> Build:
    conclusive = run.red or run.conclusion == "success"
    return Build(
        run.repository, run.name, run.head_branch, run.started_at, run.finished_at, run.red, conclusive, run.id, of_run(run)
    )  # fmt: skip


def _of_check(check: Check, branch: str) -> Build:
    started = check.started_at or check.finished_at or check.observed_at
    conclusive = check.red or check.conclusion == "success"
    return Build(
        check.repository, check.name, branch, started, check.finished_at, check.red, conclusive, check.id, of_check(check)
    )  # fmt: skip
