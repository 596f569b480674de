"""CI/CD: how often builds fail, how long they stay red, and which pull requests are red now.

A run says something when it ended in success or in failure; cancelled, skipped and running ones do not.
Builds are workflow runs, or checks that other services report (see `builds`).
A series is one workflow on one branch of one repository: failures of different branches do not follow each other.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

import numpy as np

from galaxy_desktop.domain.calendar import days_between
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import Feature
from galaxy_desktop.domain.work import ItemKind, WorkItem
from galaxy_desktop.features.builds import Build, newest_at_head
from galaxy_desktop.features.catalog import known, missing
from galaxy_desktop.features.view import SprintView

RATE_DAYS = 14
STREAK_DAYS = 30
NO_RUNS = "no workflow runs are stored"


def features(view: SprintView, longest: tuple[Build, ...]) -> list[Feature]:
    """Failure rate, longest red streak, time back to green and red pull requests."""
    return [_rate(view), _streak(view, longest), _back_to_green(view), _red_pulls(view)]


def red_run(item: WorkItem, view: SprintView) -> Build | None:
    """The newest failed run of the head commit of an open pull request, unless that workflow passed since."""
    if item.kind is not ItemKind.PULL_REQUEST or not item.is_open:
        return None
    red = [run for run in newest_at_head(item, view.index) if run.red]
    return max(red, key=lambda r: (r.started_at, r.id), default=None)


def longest_streak(view: SprintView) -> tuple[Build, ...]:
    """The longest sequence of failed runs of one series in the last 30 days, oldest first; the latest of equals."""
    best: tuple[Build, ...] = ()
    for series in _series(view):
        for red, runs in groupby(series, key=lambda r: r.red):
            streak = tuple(runs) if red else ()
            if streak and (len(streak), streak[-1].started_at) > (len(best), best[-1].started_at if best else None):
                best = streak
    return best


def _runs(view: SprintView, days: float) -> list[Build]:
    return view.of_repositories(f"runs of {days} days", lambda: _stored_runs(view, days))


def _stored_runs(view: SprintView, days: float) -> list[Build]:
    since = view.since(days)
    stored = (b for name in view.sprint.repositories for b in view.builds(name))
    return [b for b in stored if since <= b.started_at <= view.now and b.conclusive]


def _has_runs(view: SprintView) -> bool:
    return any(view.builds(name) for name in view.sprint.repositories)


def _series(view: SprintView) -> list[list[Build]]:
    series: defaultdict[tuple[str, str, str], list[Build]] = defaultdict(list)
    for run in _runs(view, STREAK_DAYS):
        series[run.repository, run.name, run.branch].append(run)
    return [series[key] for key in sorted(series)]


def _rate(view: SprintView) -> Feature:
    """Failed runs / (failed + successful runs) of the last 14 days."""
    runs = _runs(view, RATE_DAYS)
    if not runs:
        why = "no finished runs in 14 days" if _has_runs(view) else NO_RUNS
        return missing("ci_failure_rate", why, view.anchor)
    red = [run for run in runs if run.red]
    shown: list[Evidence] = [run.evidence for run in reversed(red or runs)]
    return known("ci_failure_rate", len(red) / len(runs), f"{len(red)} failed / {len(runs)} finished runs", shown)


def _streak(view: SprintView, longest: tuple[Build, ...]) -> Feature:
    """Length of the longest sequence of failed runs of one workflow on one branch."""
    runs = _runs(view, STREAK_DAYS)
    if not runs:
        why = "no finished runs in 30 days" if _has_runs(view) else NO_RUNS
        return missing("ci_longest_red_streak", why, view.anchor)
    name = f" of {longest[0].name} on {longest[0].branch}" if longest else ""
    shown = [run.evidence for run in longest] or [runs[-1].evidence]
    return known("ci_longest_red_streak", len(longest), f"failed runs in a row{name}, of {len(runs)} runs", shown)


def repairs(view: SprintView) -> list[tuple[float, Build]]:
    """Hours from the first failed run of each streak to the end of the next successful one, with that one."""
    hours: list[tuple[float, Build]] = []
    for series in _series(view):
        first: Build | None = None
        for run in series:
            if run.red:
                first = first or run
            elif first is not None:
                end = run.finished_at or run.started_at
                hours.append((max(0.0, days_between(first.started_at, end)) * 24, run))
                first = None
    return hours


def _back_to_green(view: SprintView) -> Feature:
    """Median hours from the start of the first failed run of a streak to the end of the next successful one."""
    hours = repairs(view)
    if not hours:
        why = "no build went from red to green in 30 days" if _has_runs(view) else NO_RUNS
        return missing("ci_time_to_green_hours_p50", why, view.anchor)
    hours.sort(key=lambda pair: (-pair[0], pair[1].id))
    value = float(np.median([wait for wait, _ in hours]))
    shown = [run.evidence for _, run in hours]
    return known("ci_time_to_green_hours_p50", value, f"median of {len(hours)} repaired builds", shown)


def _red_pulls(view: SprintView) -> Feature:
    """Count of open pull requests of the sprint with a workflow whose newest finished run on the head commit failed."""
    pulls = [item for item in view.open_items if item.kind is ItemKind.PULL_REQUEST]
    if not _has_runs(view):
        return missing("red_pull_requests", NO_RUNS, view.anchor)
    tested = [item for item in pulls if newest_at_head(item, view.index)]
    if pulls and not tested:
        return missing("red_pull_requests", "no finished run of any head commit", view.anchor)
    red = [run for item in tested if (run := red_run(item, view)) is not None]
    shown = [run.evidence for run in red]
    return known("red_pull_requests", len(red), f"of {len(tested)} tested open pull requests", shown or view.anchor)
