"""Who entered a sprint when, and who left: scope added and removed since the start, and the burnup.

A milestone is made first and filled afterwards, so its creation alone would call every item an addition. What enters
during the first two days is planning; what comes later is added scope. When an item entered is told by its last
"milestoned" event; without one (GitHub's list of events is long but not complete) its creation is the earliest moment
possible: an item created after planning certainly came later, one created before is taken as planned.
An item that moved into an iteration entered when it was first seen there; one that was there at the first look counts
as planned unless it was created later. Removals are known from "demilestoned" events alone, so `scope_removed` is a lower bound.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from galaxy_desktop.domain.calendar import each_day, local_day
from galaxy_desktop.domain.evidence import Evidence, of_item
from galaxy_desktop.domain.facts import BurnupPoint, Feature
from galaxy_desktop.domain.work import ItemEvent, Milestone, WorkItem
from galaxy_desktop.features.activity import finished_at
from galaxy_desktop.features.catalog import known, missing
from galaxy_desktop.features.index import WorkspaceIndex, key_of
from galaxy_desktop.features.view import SprintView

PLANNING_DAYS = 2.0
MOST_POINTS = 400


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """An item that entered or left after planning, and what says so."""

    item: WorkItem
    at: datetime
    evidence: Evidence


def entered_at(
    item: WorkItem, index: WorkspaceIndex, titles: frozenset[str], iterations: Collection[str] = ()
) -> datetime:
    """When an item got a milestone of one of these titles, or was seen to enter one of these iterations.

    Its creation when nothing tells. An item in both entered with the first of the two.
    """
    milestoned = max((e.created_at for e in _events(item, index, "milestoned", titles)), default=None)
    moved = _moved_at(item, index, iterations)
    return min((at for at in (milestoned, moved) if at is not None), default=item.created_at)


def _moved_at(item: WorkItem, index: WorkspaceIndex, iterations: Collection[str]) -> datetime | None:
    """When an item was first seen in one of these iterations, where that was not at the first look."""
    seen = index.iterations_of.get(key_of(item), {}) if iterations else {}
    return max((since for i, since in seen.items() if i in iterations and since is not None), default=None)


def titles_of(milestone: Milestone, index: WorkspaceIndex) -> frozenset[str]:
    """All titles under which a milestone was seen: events carry the title of their time."""
    versions = index.versions_of_milestone.get((milestone.repository_id, milestone.number), ())
    return frozenset(m.title.casefold().strip() for m in (*versions, milestone))


def added(view: SprintView) -> list[ScopeChange]:
    """Items of the sprint that entered after planning, by the time they did."""
    if view.sprint.starts_at is None:
        return []
    planned_until = view.sprint.starts_at + timedelta(days=PLANNING_DAYS)
    titles = sprint_titles(view)
    changes = []
    for item in view.items:
        names = titles.get(item.repository_id, frozenset())
        at = entered_at(item, view.index, names, view.sprint.iterations)
        if at > planned_until:
            event = next(reversed(_events(item, view.index, "milestoned", names)), None)
            moved = _moved_at(item, view.index, view.sprint.iterations) == at
            said = f"seen in the iteration since {at:%Y-%m-%d}" if moved else f"created {item.created_at:%Y-%m-%d}"
            changes.append(ScopeChange(item, at, _cited(item, None if moved else event, said)))
    return sorted(changes, key=lambda c: (c.at, c.item.evidence_id))


def removed(view: SprintView) -> list[ScopeChange]:
    """Items that were taken out after planning and are not in the sprint now, by the time they left."""
    if view.sprint.starts_at is None:
        return []
    planned_until = view.sprint.starts_at + timedelta(days=PLANNING_DAYS)
    inside = {item.evidence_id for item in view.items}
    titles = sprint_titles(view)
    changes = []
    for item in ever_taken_out(view):
        if item.evidence_id in inside:
            continue
        left = _events(item, view.index, "demilestoned", titles.get(item.repository_id, frozenset()))
        if left and left[-1].created_at > planned_until:
            changes.append(ScopeChange(item, left[-1].created_at, _cited(item, left[-1], "taken out")))
    return sorted(changes, key=lambda c: (c.at, c.item.evidence_id))


def ever_taken_out(view: SprintView) -> list[WorkItem]:
    """The items of the sprint's repositories that ever left a milestone."""
    return view.of_repositories("taken out", lambda: _ever_taken_out(view))


def _ever_taken_out(view: SprintView) -> list[WorkItem]:
    events = view.index.events_of
    return [i for i in view.repository_items() if any(e.kind == "demilestoned" for e in events.get(key_of(i), ()))]


def features(view: SprintView, came: list[ScopeChange], went: list[ScopeChange]) -> list[Feature]:
    """`scope_added` and `scope_removed`: counts of the changes above."""
    if view.sprint.starts_at is None:
        why = "the sprint has no start"
        return [missing("scope_added", why), missing("scope_removed", why)]
    start = f"{view.sprint.starts_at:%Y-%m-%d} and {PLANNING_DAYS:g} days of planning"
    return [
        known("scope_added", len(came), f"items that entered after {start}", [c.evidence for c in reversed(came)]),
        known("scope_removed", len(went), f"items taken out after {start}", [c.evidence for c in reversed(went)]),
    ]


def burnup(view: SprintView, went: list[ScopeChange]) -> tuple[BurnupPoint, ...]:
    """Items in scope and items done at the end of every day, from the start until now (or the closing).

    An item counts as done from the day on which it is both in scope and closed, so done never exceeds scope. Sprints
    that run for years are thinned out to about 400 points; the last day is always there.
    """
    titles = sprint_titles(view)
    last = local_day(view.until, view.now)
    spans = [_span(view, item, titles) for item in view.items]
    first = _first_day(view, spans)
    if first is None or first > last:
        return ()
    entries = [max(entry, first) for entry, _ in spans]
    exits = [local_day(change.at, view.now) for change in went]
    gone = [(max(_span(view, change.item, titles)[0], first), out) for change, out in zip(went, exits, strict=True)]
    done = [max(end, first) for _, end in spans if end is not None]
    days = list(each_day(first, last))
    step = math.ceil(len(days) / MOST_POINTS)
    kept = days[::-step][::-1]
    return tuple(
        BurnupPoint(
            day=day,
            scope=sum(entry <= day for entry in entries) + sum(entry <= day < out for entry, out in gone),
            done=sum(end <= day for end in done),
        )
        for day in kept
    )


def _span(view: SprintView, item: WorkItem, titles: dict[int, frozenset[str]]) -> tuple[date, date | None]:
    names = titles.get(item.repository_id, frozenset())
    entry = local_day(entered_at(item, view.index, names, view.sprint.iterations), view.now)
    end = finished_at(item)
    return entry, max(entry, local_day(end, view.now)) if end else None


def _first_day(view: SprintView, spans: list[tuple[date, date | None]]) -> date | None:
    if view.sprint.starts_at is not None:
        return local_day(view.sprint.starts_at, view.now)
    return min((entry for entry, _ in spans), default=None)


def sprint_titles(view: SprintView) -> dict[int, frozenset[str]]:
    """All titles under which the milestones of a sprint were seen, folded, by repository id."""
    titles: dict[int, frozenset[str]] = {}
    for milestone in view.milestones:
        known_titles = titles.get(milestone.repository_id, frozenset())
        titles[milestone.repository_id] = known_titles | titles_of(milestone, view.index)
    return titles


def _events(item: WorkItem, index: WorkspaceIndex, kind: str, titles: frozenset[str]) -> list[ItemEvent]:
    return [
        e for e in index.events_of.get(key_of(item), ()) if e.kind == kind and e.subject.casefold().strip() in titles
    ]


def _cited(item: WorkItem, event: ItemEvent | None, otherwise: str) -> Evidence:
    if event is None:
        return of_item(item, otherwise)
    words = f"{event.kind} {event.subject} on {event.created_at:%Y-%m-%d}"
    return Evidence(event.evidence_id, "event", event.url or item.url, words, event.observed_at)
