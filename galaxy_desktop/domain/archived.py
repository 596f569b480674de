"""Events that were learned from an archive of the public feed, beside those that GitHub's own list of events gives.

The feed numbers its events apart from that list, so one and the same closing may be stored twice, once from each.
Archived ones carry numbers from `FIRST_NUMBER` on, far above GitHub's, and give way to a listed one that says the
same. And since October 2025 the feed tells of a pull request's end without the rest of it: until the next sync
brings the pull request itself, its end is taken from the event.

Both are done whenever the stored is read, never when it is written: then it does not matter in which order files
are imported and syncs run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from galaxy_desktop.domain.work import ItemEvent, ItemKind, State, WorkItem

FIRST_NUMBER = 10**15
"""GitHub's own numbers are below 10**12 in 2026."""
SAME_MOMENT = timedelta(minutes=1)
"""The feed and the list stamp one happening within seconds of each other."""

ENDS = ("closed", "merged", "reopened")
"""Kinds of events that say whether an item is open."""
_ItemKey = tuple[int, int]


def is_archived(event: ItemEvent) -> bool:
    """Whether an event came from an archive."""
    return event.id >= FIRST_NUMBER


def without_repetitions(events: tuple[ItemEvent, ...]) -> tuple[ItemEvent, ...]:
    """The events in their order, without archived ones that a listed one repeats."""
    archived = {_meaning(event) for event in events if is_archived(event)}
    if not archived:
        return events
    listed: dict[tuple[int, int, str, str], list[datetime]] = {}
    for event in events:
        if not is_archived(event) and (meaning := _meaning(event)) in archived:
            listed.setdefault(meaning, []).append(event.created_at)
    return tuple(
        event
        for event in events
        if not is_archived(event)
        or not any(abs(event.created_at - moment) <= SAME_MOMENT for moment in listed.get(_meaning(event), ()))
    )


def _meaning(event: ItemEvent) -> tuple[int, int, str, str]:
    """What makes two events one happening; the list names the commit that closed an item, the feed does not."""
    subject = "" if event.kind in ENDS else event.subject.casefold()
    return event.repository_id, event.item_number, event.kind, subject


def with_later_ends(items: tuple[WorkItem, ...], events: Iterable[ItemEvent]) -> tuple[WorkItem, ...]:
    """The items; pull requests that an archived event closed, merged or reopened after they were seen, as it says."""
    told: dict[_ItemKey, list[ItemEvent]] = {}
    for event in events:
        if is_archived(event) and event.kind in ENDS:
            told.setdefault((event.repository_id, event.item_number), []).append(event)
    if not told:
        return items
    return tuple(_with_end(item, told.get((item.repository_id, item.number), [])) for item in items)


def _with_end(item: WorkItem, told: list[ItemEvent]) -> WorkItem:
    later = [event for event in told if event.created_at > item.updated_at]
    if item.kind is not ItemKind.PULL_REQUEST or not later:
        return item
    last = max(later, key=lambda event: (event.created_at, event.id))
    merged = [event.created_at for event in later if event.kind == "merged"]
    closed = last.kind != "reopened"
    state = State.CLOSED if closed else State.OPEN
    if state is item.state and (item.merged_at or not merged):
        return item  # known already; the feed's clock may be a second ahead
    return replace(
        item,
        state=state,
        closed_at=last.created_at if closed else None,
        merged_at=max([*merged, *([item.merged_at] if item.merged_at else [])], default=None),
        updated_at=last.created_at,
        observed_at=max(item.observed_at, last.observed_at),
    )
