"""Time: ages, waiting, silence, and how much of the sprint has passed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np

from galaxy_desktop.domain.calendar import days_between
from galaxy_desktop.domain.evidence import Evidence, of_item, of_pull_commit
from galaxy_desktop.domain.facts import Feature, FlowHistory
from galaxy_desktop.domain.work import ItemKind, State, WorkItem
from galaxy_desktop.features import scope
from galaxy_desktop.features.activity import last_activity, newest_commit, ready_at, responses, started_at
from galaxy_desktop.features.catalog import known, missing, number
from galaxy_desktop.features.flow import FEWEST_CYCLES, percentile
from galaxy_desktop.features.scope import ScopeChange
from galaxy_desktop.features.view import SprintView

REVIEW_WINDOW_DAYS = 90


def features(view: SprintView, flow: FlowHistory, came: list[ScopeChange], went: list[ScopeChange]) -> list[Feature]:
    """Item ages against the past, time to the first review, silence, scope changes, elapsed and done share."""
    return [
        _older_than_p85(view, flow),
        _first_review(view),
        _silence(view),
        *scope.features(view, came, went),
        _elapsed(view),
        _done(view),
    ]


def end_of(due: date, now: datetime) -> datetime:
    """The end of a due day: a sprint due on the 17th may finish on the 17th, local time."""
    return datetime.combine(due + timedelta(days=1), time(), now.tzinfo)


def age_days(item: WorkItem, view: SprintView) -> float | None:
    """Days in work: from the first sign of work until now or the closing; `None` when nobody has started."""
    start = started_at(item, view.index, view.closers)
    if start is None:
        return None
    end = view.now if item.closed_at is None else min(item.closed_at, view.now)
    return max(0.0, days_between(start, end))


def idle_days(item: WorkItem, view: SprintView) -> float:
    """Days since anybody did anything on an item."""
    return max(0.0, days_between(last_activity(item, view.index), view.now))


def _older_than_p85(view: SprintView, flow: FlowHistory) -> Feature:
    """Count of open started items whose age exceeds the 85th percentile of past cycle times."""
    limit = percentile(flow.cycle_days, 85)
    if limit is None:
        why = f"{len(flow.cycle_days)} items delivered in 365 days, {FEWEST_CYCLES} are needed"
        return missing("items_older_than_p85", why, view.anchor)
    ages = [(item, age) for item in view.open_items if (age := age_days(item, view)) is not None]
    old = sorted((pair for pair in ages if pair[1] > limit), key=lambda p: (-p[1], p[0].evidence_id))
    formula = f"of {len(ages)} items in work, older than {number(limit)} days"
    shown = [of_item(item, f"in work for {age:.1f} days") for item, age in old]
    return known("items_older_than_p85", len(old), formula, shown or view.anchor)


def _first_review(view: SprintView) -> Feature:
    """Median days from ready to the first review by somebody else, of pull requests opened in the last 90 days.

    Pull requests that still wait are not in it: they are shown as waiting, item by item.
    """
    waits: list[tuple[float, WorkItem]] = []
    for item in view.repository_items():
        if item.kind is ItemKind.PULL_REQUEST and view.since(REVIEW_WINDOW_DAYS) <= item.created_at <= view.now:
            first = min(responses(item, view.index), default=None)
            if first is not None:
                ready = ready_at(item, view.index)
                waits.append((max(0.0, days_between(ready if ready <= first else item.created_at, first)), item))
    if not waits:
        return missing("time_to_first_review_days_p50", "no pull request of the last 90 days has a review")
    waits.sort(key=lambda pair: (-pair[0], pair[1].evidence_id))
    shown = [of_item(item, f"first review after {wait:.1f} days") for wait, item in waits]
    value = float(np.median([wait for wait, _ in waits]))
    return known("time_to_first_review_days_p50", value, f"median of {len(waits)} pull requests", shown)


def _silence(view: SprintView) -> Feature:
    """Smallest number of idle days over the sprint's items."""
    if not view.items:
        return missing("days_without_activity", "the sprint has no items", view.anchor)
    idle, newest = min(((idle_days(i, view), i) for i in view.items), key=lambda pair: (pair[0], pair[1].evidence_id))
    moment = last_activity(newest, view.index)
    shown: list[Evidence] = [of_item(newest, f"last activity {moment:%Y-%m-%d %H:%M} UTC")]
    if (commit := newest_commit(newest, view.index)) and commit[2] == moment:
        shown.append(of_pull_commit(newest, commit[0], commit[1]))
    return known("days_without_activity", idle, f"now - {moment:%Y-%m-%d %H:%M} UTC", shown)


def _elapsed(view: SprintView) -> Feature:
    """(now - start) / (end of the due day - start), never below 0 or above 1."""
    start, due = view.sprint.starts_at, view.sprint.due_on
    if start is None or due is None:
        return missing("elapsed_share", "the sprint has no end date" if due is None else "no start", view.anchor)
    whole = days_between(start, end_of(due, view.now))
    passed = days_between(start, view.until)
    if whole <= 0:
        return missing("elapsed_share", "the sprint ends before it starts", view.anchor)
    share = min(1.0, max(0.0, passed / whole))
    capped = ", at most 1" if passed > whole else ""
    return known("elapsed_share", share, f"{passed:.1f} of {whole:.1f} days{capped}", view.anchor)


def _done(view: SprintView) -> Feature:
    """Closed items / all items."""
    total = len(view.items)
    if not total:
        return missing("done_share", "the sprint has no items", view.anchor)
    closed = [item for item in view.items if item.state is State.CLOSED]
    shown = [*view.anchor, *(of_item(item, "closed") for item in closed)]
    return known("done_share", len(closed) / total, f"{len(closed)} closed / {total} items", shown)
