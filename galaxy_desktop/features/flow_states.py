"""The way of each item through its states, the cumulative flow, and the age of open work.

An item is **to do** from its creation, **in progress** from the first sign of work (`activity.started_at`), **in
review** from the moment on which a pull request for it was ready (the pull request itself, or the first that closes
the issue), and **done** when it is merged or closed. An open pull request that nobody but its author and bots has
looked at, or of which a review was asked for again, is **waiting for review**.

In the cumulative flow an item that skipped a state passed it on the way to the next; so the bands never cross.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from galaxy_desktop.domain.calendar import days_between, each_day, local_day
from galaxy_desktop.domain.evidence import of_item
from galaxy_desktop.domain.flow import (
    AgingItem,
    AgingState,
    AgingWork,
    CumulativeFlow,
    FlowDay,
    Head,
    Percentile,
    WorkState,
)
from galaxy_desktop.domain.work import ItemKind, WorkItem
from galaxy_desktop.features.activity import finished_at, ready_at, responses, started_at, waiting_since
from galaxy_desktop.features.catalog import MOST_EVIDENCE
from galaxy_desktop.features.flow import CYCLE_WINDOW_DAYS, FEWEST_CYCLES, WINDOW_DAYS
from galaxy_desktop.features.flow_words import counted, percentile, span, verb
from galaxy_desktop.features.view import SprintView

RANKS = (50, 70, 85, 95)
AGING_STATES = (WorkState.TO_DO, WorkState.PROGRESS, WorkState.WAITING, WorkState.REVIEW)
MOST_AGING = 200
ALARM_RANK = 85
COMPARED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Journey:
    """The moments at which an item reached each state, in order; `None` for one that it has not, or skipped.

    `answered_at` is the first look of somebody else at a pull request.
    """

    item: WorkItem
    created_at: datetime
    started_at: datetime | None
    review_at: datetime | None
    answered_at: datetime | None
    done_at: datetime | None


def journeys(view: SprintView, items: Iterable[WorkItem]) -> tuple[Journey, ...]:
    """The way of each item up to `now`; what has not happened by then is not known."""
    return tuple(_journey(item, view) for item in items if item.created_at <= view.now)


def percentiles(values: Sequence[float]) -> tuple[Percentile, ...]:
    """The 50th, 70th, 85th and 95th percentile; empty below five values."""
    if len(values) < FEWEST_CYCLES:
        return ()
    return tuple(Percentile(rank, percentile(values, rank)) for rank in RANKS)


def cumulative_flow(view: SprintView, ways: Sequence[Journey]) -> CumulativeFlow:
    """Arrived, started, in review and done at the end of each of the last 90 days, counted from the window's start.

    Counted are items that were created in the window or moved in it. Older ones on which nobody has begun rest: they
    are told as a number, because thousands of old wishes would flatten everything else.
    """
    first = _first_day(view, ways)
    if first is None:
        why = "Nothing is stored of these repositories yet."
        return CumulativeFlow(head=Head(finding=why, formula="", why_none=why))
    moved, resting = [], 0
    for way in ways:
        days = _days_of(way, view, first)
        if days is None:
            continue
        if days[0] is None:
            resting += 1
        else:
            moved.append(days)
    counts = [_cumulated([days[state] for days in moved], first, view.today) for state in range(4)]
    points = tuple(
        FlowDay(day=day, arrived=arrived, started=started, reviewing=reviewing, done=done)
        for day, arrived, started, reviewing, done in zip(each_day(first, view.today), *counts, strict=True)
    )
    return CumulativeFlow(head=_flow_head(points, resting), days=points, resting=resting)


def aging_work(view: SprintView, ways: Sequence[Journey]) -> AgingWork:
    """Each open item of the sprint in its state, against past items of its repositories in that state.

    Without a sprint: all items in work.
    """
    past = _dwells(view, ways)
    states = tuple(
        AgingState(state=state, past=len(past[state]), percentiles=percentiles(past[state])) for state in AGING_STATES
    )
    known = {one.state: one.percentiles for one in states}
    ours = {item.evidence_id for item in view.items}
    aged = [
        _aged(way, view, known) for way in ways if way.done_at is None and (not ours or way.item.evidence_id in ours)
    ]
    if not ours:
        aged = [one for one in aged if one.state is not WorkState.TO_DO]
    aged.sort(key=lambda one: (-(one.above or 0), -one.days, one.item_id))
    return AgingWork(head=_aging_head(aged, states, view), states=states, items=tuple(aged[:MOST_AGING]))


def _journey(item: WorkItem, view: SprintView) -> Journey:
    done = finished_at(item)
    done = done if done is not None and done <= view.now else None
    end = done or view.now
    start = started_at(item, view.index, view.closers)
    start = start if start is not None and start <= end else None
    ready = _ready(item, view, done)
    ready = max(ready, start or item.created_at) if ready is not None and ready <= end else None
    answered = None
    if item.kind is ItemKind.PULL_REQUEST and ready is not None:
        answered = min((at for at in responses(item, view.index) if ready <= at <= end), default=None)
    return Journey(item, item.created_at, start or ready, ready, answered, done)


def _ready(item: WorkItem, view: SprintView, done: datetime | None) -> datetime | None:
    """When a pull request for an item was ready: of an open item only pull requests that are still open count."""
    if item.kind is ItemKind.PULL_REQUEST:
        return None if item.draft else ready_at(item, view.index)
    pulls = (view.index.items_by_id.get(i) for i in view.closers.get(item.evidence_id, ()))
    ready = [
        ready_at(pull, view.index)
        for pull in pulls
        if pull is not None and not pull.draft and (pull.is_open or (done is not None and pull.merged_at is not None))
    ]
    return min(ready, default=None)


def _first_day(view: SprintView, ways: Sequence[Journey]) -> date | None:
    earliest = min((way.created_at for way in ways), default=None)
    if earliest is None:
        return None
    return max(local_day(earliest, view.now), view.today - timedelta(days=WINDOW_DAYS - 1))


def _days_of(way: Journey, view: SprintView, first: date) -> tuple[date | None, ...] | None:
    """On which days an item arrived, was started, reached review and was done; skipped states have the next one's day.

    `None` for an item that was done before the window; all `None` for an old one nobody has begun.
    """
    done, reviewing, started = (
        local_day(at, view.now) if at is not None else None for at in (way.done_at, way.review_at, way.started_at)
    )
    if done is not None and done < first:
        return None
    reviewing = _sooner(reviewing, done)
    started = _sooner(started, reviewing)
    created = local_day(way.created_at, view.now)
    arrived = created if created >= first else started
    return tuple(
        max(day, first) if day is not None else None for day in (_sooner(arrived, started), started, reviewing, done)
    )


def _sooner(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _cumulated(days: Sequence[date | None], first: date, last: date) -> list[int]:
    new = [0] * ((last - first).days + 1)
    for day in days:
        if day is not None and day <= last:
            new[(day - first).days] += 1
    total, found = 0, []
    for count in new:
        total += count
        found.append(total)
    return found


def _flow_head(points: Sequence[FlowDay], resting: int) -> Head:
    last, before = points[-1], points[max(0, len(points) - 1 - COMPARED_DAYS)]
    now, then = last.started - last.done, before.started - before.done
    gap = len(points) - 1 - max(0, len(points) - 1 - COMPARED_DAYS)
    change = f"{abs(now - then)} {'more' if now > then else 'fewer'} than" if now != then else "as many as"
    finding = f"{counted(now, 'item')} in work"
    finding += f", {change} {counted(gap, 'day')} ago" if gap else ""
    formula = (
        f"In work = started {last.started:,} - done {last.done:,} = {now:,} today; {before.started:,} - {before.done:,} = "
        f"{then:,} on {before.day.isoformat()}. Counted since {points[0].day.isoformat()}: items that were created or "
        f"started since then or were in work on that day; {counted(resting, 'older item')} nobody has started are left "
        "out. Done means closed, as GitHub counts it."
    )
    return Head(finding=finding, formula=formula)


def _dwells(view: SprintView, ways: Sequence[Journey]) -> Mapping[WorkState, list[float]]:
    """How many days items delivered in the last 365 days were in each state; one that skipped a state is not in it."""
    oldest = view.since(CYCLE_WINDOW_DAYS)
    found: dict[WorkState, list[float]] = {state: [] for state in AGING_STATES}
    for way in ways:
        if way.done_at is None or not way.item.delivered or way.done_at < oldest:
            continue
        if way.started_at is not None and way.started_at > way.created_at:
            found[WorkState.TO_DO].append(days_between(way.created_at, way.started_at))
        end = way.review_at or way.done_at
        if way.started_at is not None and end > way.started_at:
            found[WorkState.PROGRESS].append(days_between(way.started_at, end))
        if way.review_at is not None and way.answered_at is not None:
            found[WorkState.WAITING].append(days_between(way.review_at, way.answered_at))
        if way.review_at is not None:
            found[WorkState.REVIEW].append(days_between(way.review_at, way.done_at))
    return {state: sorted(values) for state, values in found.items()}


def _aged(way: Journey, view: SprintView, known: Mapping[WorkState, Sequence[Percentile]]) -> AgingItem:
    state, since = _state(way, view)
    days = max(0.0, days_between(since, view.now))
    past = known[state]
    return AgingItem(
        item_id=way.item.evidence_id,
        title=way.item.title,
        state=state,
        since=local_day(since, view.now),
        days=days,
        above=max((one.rank for one in past if days > one.days), default=0) if past else None,
        url=way.item.url,
    )


def _state(way: Journey, view: SprintView) -> tuple[WorkState, datetime]:
    waits = waiting_since(way.item, view.index)
    if waits is not None:
        return WorkState.WAITING, waits
    if way.review_at is not None:
        return WorkState.REVIEW, way.review_at
    if way.started_at is not None:
        return WorkState.PROGRESS, way.started_at
    return WorkState.TO_DO, way.created_at


def _aging_head(aged: Sequence[AgingItem], states: Sequence[AgingState], view: SprintView) -> Head:
    where = "in the sprint" if view.sprint.items else "in work"
    if not aged:
        why = f"No item {where} is open."
        return Head(finding=why, formula="", why_none=why, evidence=view.anchor)
    rated = [one for one in aged if one.above is not None]
    if not rated:
        most = max(one.past for one in states)
        why = (
            f"{counted(len(aged), 'item')} {where} {verb(len(aged), 'is', 'are')} open; need {FEWEST_CYCLES} finished "
        )
        why += f"items in the same state to compare with, have {most}."
        return Head(finding=why, formula="", why_none=why, evidence=view.anchor)
    old = [one for one in rated if (one.above or 0) >= ALARM_RANK]
    finding = (
        f"{len(old)} of {counted(len(rated), 'open item')} {verb(len(old), 'is', 'are')} older in "
        f"{verb(len(old), 'its', 'their')} state than {ALARM_RANK} % of past items were"
    )
    if not old:
        finding = (
            f"None of {counted(len(rated), 'open item')} is older in its state than {ALARM_RANK} % of past items were"
        )
    lines = [
        f"{one.state}: {'; '.join(f'{p.rank} % took {span(p.days)} or less' for p in one.percentiles)} (n = {one.past})"
        if one.percentiles
        else f"{one.state}: {counted(one.past, 'past item')}, {FEWEST_CYCLES} are needed"
        for one in states
    ]
    cited = [
        of_item(view.index.items_by_id[one.item_id], f"{one.state} since {one.since.isoformat()}")
        for one in (old or rated)[:MOST_EVIDENCE]
    ]
    text = f"Age in the state today against items delivered in the last {CYCLE_WINDOW_DAYS} days, percentiles interpolated. "
    return Head(finding=finding, formula=text + ". ".join(lines) + ".", evidence=tuple(cited))
