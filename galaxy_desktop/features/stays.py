"""Who was in which sprint when, and what sprints got of the team's work while there was work in them.

Two numbers of the past decide how fast a sprint moves: which part of what gets done goes to it, and how much is added to
it. Both are only to be seen while a sprint runs. A team that is early has nothing left to do in its sprint and works on
something else; counting those days too made healthy teams look half as fast as they are. And an item that was added late
is often not finished and carried over; dating its entry anew hid most of the growth. So both are counted sprint by
sprint and day by day, from the stays of items:

- the **share** counts what was begun, in a sprint with an end and at all, on days on which something waited there in the
  morning. What was done says less: while the last pieces are finished, and before the first ones are, people do other
  things. Of several sprints at once the one that ends next gets most, so it is counted apart;
- the **growth** counts working days after planning until the end or the closing, and the items that entered on them. Four
  or more on one day are a planning meeting.

A stay begins with "milestoned" and ends with "demilestoned"; an item without such events is in its milestone since it
exists. Iterations tell when an item was first seen in them.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from galaxy_desktop.domain.calendar import each_day, is_working, local_day
from galaxy_desktop.domain.facts import SprintFlow
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import State, WorkItem
from galaxy_desktop.features import team
from galaxy_desktop.features.activity import finished_at, started_at
from galaxy_desktop.features.index import Key, key_of
from galaxy_desktop.features.scope import titles_of
from galaxy_desktop.features.view import SprintView

PLANNING = timedelta(days=2)
LEAST_PIECES = 10
"""Of fewer pieces begun while some waited, nobody can say which part of them goes to sprints."""
USUAL = timedelta(days=2)
"""How long work takes where nothing shows it."""
PLANNING_BATCH = 4
"""From this many items that enter a sprint on one day on, the day counts as planning."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One piece of work in one sprint: when it entered, left, was begun and done; `None` where that did not happen."""

    entered: datetime
    left: datetime | None
    begun: datetime | None
    done: datetime | None

    def until(self, end: datetime | None) -> datetime | None:
        """When it had left the sprint, or had come so far."""
        return min((at for at in (self.left, end) if at is not None), default=None)

    def has(self, at: datetime | None) -> bool:
        """Whether a moment lies in the stay."""
        return at is not None and at >= self.entered and (self.left is None or at <= self.left)


@dataclass(frozen=True, slots=True)
class _Day:
    """What a day that began with open work of a sprint brought it.

    `begun` of `begun_meanwhile` pieces of all repositories were begun in it while one waited there, `done` of
    `done_meanwhile` done while one was open; `last` holds for each that was done while nothing waited how many were open.
    """

    begun: int
    begun_meanwhile: int
    done: int
    done_meanwhile: int
    last: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """One sprint's past in numbers: its days, and its growth."""

    due_on: date
    days: Mapping[date, _Day]
    added: int
    grew_on: float


@dataclass(frozen=True, slots=True)
class _Pieces:
    """All pieces of work of the repositories: when each was begun and done, and how many were by day."""

    begun: Mapping[str, datetime]
    done: Mapping[str, datetime]
    begun_on: Mapping[date, Sequence[datetime]]
    done_on: Mapping[date, Sequence[datetime]]
    unseen: float


def sprint_flow(view: SprintView, sprints: Iterable[Sprint], first: date | None) -> SprintFlow | None:
    """What the sprint that is looked at can count on; `None` where no sprint with an end ran in these repositories.

    Args:
        view: the sprint at a moment.
        sprints: all sprints of the workspace.
        first: the first day of the history; the last one is yesterday, because today is not over.
    """
    if first is None:
        return None
    pieces = view.of_repositories("pieces", lambda: _pieces(view))
    every = view.of_repositories("stays", lambda: _every(view, tuple(sprints), first, pieces))
    own = every.get(view.sprint.id)
    others = [seen for sprint_id, seen in every.items() if sprint_id != view.sprint.id]
    if own is None and not others:
        return None
    done, at_all = _share(every, ahead=_is_next(view, own, every))
    last_done, last_turns = _at_the_end(every, team.rhythm(view).side_by_side)
    return SprintFlow(
        done=done,
        every=at_all,
        added=sum(seen.added for seen in others),
        days=round(math.fsum(seen.grew_on for seen in others), 3),
        own_added=own.added if own else 0,
        own_days=round(own.grew_on, 3) if own else 0.0,
        last_done=last_done,
        last_turns=last_turns,
        grown=tuple((seen.added, round(seen.grew_on, 3)) for seen in others if seen.grew_on > 0.0),
        unseen=pieces.unseen,
    )


def _share(every: Mapping[str, _Seen], *, ahead: bool) -> tuple[int, int]:
    """Pieces begun in sprints, and at all, while some waited there; of too few such, pieces done while some were open."""
    days = [
        (day, told)
        for seen in every.values()
        for day, told in seen.days.items()
        if not ahead or _ends_next(seen, day, every)
    ]
    begun = sum(told.begun for _, told in days)
    at_all = sum(max(told.begun_meanwhile, told.begun) for _, told in days)
    if at_all >= LEAST_PIECES:
        return begun, at_all
    done = sum(told.done for _, told in days)
    return done, sum(max(told.done_meanwhile, told.done) for _, told in days)


def _at_the_end(every: Mapping[str, _Seen], people: float | None) -> tuple[int, float]:
    """What was done of the last pieces of sprints, and over all that was done meanwhile how many of them were open."""
    found = [
        (left, own)
        for seen in every.values()
        for told in seen.days.values()
        for left, own in told.last
        if people is not None and left < people
    ]
    return sum(own for _, own in found), float(sum(left for left, _ in found))


def _ends_next(seen: _Seen, day: date, every: Mapping[str, _Seen]) -> bool:
    """Whether of the sprints that had open work that morning and whose end was ahead this one ended first."""
    ends = [one.due_on for one in every.values() if day in one.days and one.due_on >= day]
    return bool(ends) and seen.due_on == min(ends)


def _is_next(view: SprintView, own: _Seen | None, every: Mapping[str, _Seen]) -> bool:
    """Whether the sprint ends before all others that have open work now and whose end is ahead."""
    if own is None or own.due_on < view.today:
        return False
    ends = [one.due_on for one in every.values() if view.today in one.days and one.due_on >= view.today]
    return own.due_on <= min(ends, default=own.due_on)


def _every(view: SprintView, sprints: Sequence[Sprint], first: date, pieces: _Pieces) -> dict[str, _Seen]:
    """The sprints with an end that ran in these repositories since the first day of the history."""
    here = set(view.sprint.repositories)
    ran = [s for s in sprints if here & set(s.repositories) and s.due_on is not None and s.starts_at is not None]
    ran = [s for s in ran if s.closed_at is None or local_day(s.closed_at, view.now) >= first]
    stays = _stays(view, ran, pieces)
    return {sprint.id: _seen(sprint, stays.get(sprint.id, ()), pieces, view, first) for sprint in ran}


def _pieces(view: SprintView) -> _Pieces:
    """A pull request that closes an issue of these repositories is part of the issue's work and none of its own.

    Of a piece that shows no sign of its beginning only the end is known; it is taken to have begun the usual time before.
    """
    items = view.repository_items()
    inside = {item.evidence_id for item in items}
    closes = team.closed_by_pulls(view)
    begun: dict[str, datetime] = {}
    done: dict[str, datetime] = {}
    for item in items:
        if item.created_at > view.now or not inside.isdisjoint(closes.get(item.evidence_id, ())):
            continue
        end = finished_at(item)
        start = started_at(item, view.index, view.closers)
        if end is not None and end <= view.now:
            done[item.evidence_id] = end
        if start is not None and start <= view.now:
            begun[item.evidence_id] = start if end is None else min(start, end)
    took = [(done[i] - start) / timedelta(days=1) for i, start in begun.items() if i in done]
    usual = timedelta(days=float(np.median(took))) if took else USUAL
    unseen = round(sum(one not in begun for one in done) / max(len(done), 1), 4)
    for one, end in done.items():
        begun.setdefault(one, end - usual)
    return _Pieces(begun, done, _by_day(begun.values(), view), _by_day(done.values(), view), unseen)


def _by_day(moments: Iterable[datetime], view: SprintView) -> dict[date, list[datetime]]:
    found: defaultdict[date, list[datetime]] = defaultdict(list)
    for at in moments:
        found[local_day(at, view.now)].append(at)
    return dict(found)


def _stays(view: SprintView, sprints: Sequence[Sprint], pieces: _Pieces) -> dict[str, list[Stay]]:
    """The stays of pieces of work in these sprints."""
    by_milestone, by_title, by_iteration = _lookups(view, sprints)
    closes = team.closed_by_pulls(view)
    planned: defaultdict[str, dict[str, Stay]] = defaultdict(dict)
    for item in view.repository_items():
        begun, done = pieces.begun.get(item.evidence_id), pieces.done.get(item.evidence_id)
        end = finished_at(item)
        for sprint_id, entered, left in (
            *_in_milestones(item, view, by_milestone, by_title),
            *_in_iterations(item, view, by_iteration),
        ):
            if entered <= view.now and (end is None or entered <= end):
                planned[sprint_id][f"{item.evidence_id} {entered.isoformat()}"] = Stay(
                    entered, left, begun, done or end
                )
    found: dict[str, list[Stay]] = {}
    for sprint_id, stays in planned.items():
        inside = {name.partition(" ")[0] for name in stays}
        found[sprint_id] = [
            stay for name, stay in stays.items() if inside.isdisjoint(closes.get(name.partition(" ")[0], ()))
        ]
    return found


def _lookups(
    view: SprintView, sprints: Sequence[Sprint]
) -> tuple[dict[Key, str], dict[tuple[int, str], str], dict[str, str]]:
    """Sprint ids by milestone, by the titles a milestone had, and by iteration."""
    by_milestone: dict[Key, str] = {}
    by_title: dict[tuple[int, str], str] = {}
    by_iteration: dict[str, str] = {}
    for sprint in sprints:
        for milestone in view.index.milestones_of(sprint):
            by_milestone[milestone.repository_id, milestone.number] = sprint.id
            for title in titles_of(milestone, view.index):
                by_title[milestone.repository_id, title] = sprint.id
        by_iteration.update(dict.fromkeys(sprint.iterations, sprint.id))
    return by_milestone, by_title, by_iteration


def _in_milestones(
    item: WorkItem, view: SprintView, by_milestone: Mapping[Key, str], by_title: Mapping[tuple[int, str], str]
) -> list[tuple[str, datetime, datetime | None]]:
    stays: list[tuple[str, datetime, datetime | None]] = []
    inside: dict[str, datetime] = {}
    for event in view.index.events_of.get(key_of(item), ()):
        sprint_id = by_title.get((item.repository_id, event.subject.casefold().strip()))
        if sprint_id is None or event.created_at > view.now:
            continue
        if event.kind == "milestoned":
            inside.setdefault(sprint_id, event.created_at)
        elif event.kind == "demilestoned":
            stays.append((sprint_id, inside.pop(sprint_id, item.created_at), event.created_at))
    now_in = by_milestone.get((item.repository_id, item.milestone_number or 0))
    if now_in is not None:
        stays.append((now_in, inside.get(now_in, item.created_at), None))
    return stays


def _in_iterations(
    item: WorkItem, view: SprintView, by_iteration: Mapping[str, str]
) -> list[tuple[str, datetime, datetime | None]]:
    seen = view.index.iterations_of.get(key_of(item), {}) if by_iteration else {}
    return [(by_iteration[i], since or item.created_at, None) for i, since in seen.items() if i in by_iteration]


def _seen(sprint: Sprint, stays: Sequence[Stay], pieces: _Pieces, view: SprintView, first: date) -> _Seen:
    start, due = sprint.starts_at, sprint.due_on
    assert start is not None  # noqa: S101 - tells the type checker: only sprints with both are looked at
    assert due is not None  # noqa: S101
    closed = sprint.closed_at if sprint.state is State.CLOSED else None
    until = min(closed, view.now) if closed is not None else view.now
    entries = sorted(stay.entered for stay in stays)
    over = sorted(end for stay in stays if (end := stay.until(stay.done)) is not None)
    picked = sorted(end for s in stays if (end := s.until(_first(s.begun, s.done))) is not None)
    own_begun = _by_day((s.begun for s in stays if s.begun is not None and s.has(s.begun)), view)
    own_done = _by_day((s.done for s in stays if s.done is not None and s.has(s.done)), view)

    def had(moments: Sequence[datetime], gone: Sequence[datetime]) -> list[tuple[datetime, int]]:
        return [
            (at, left)
            for at in moments
            if (left := bisect_right(entries, at) - bisect_left(gone, at)) > 0 and at <= until
        ]

    days = {}
    for day in each_day(max(first, local_day(start, view.now)), min(local_day(until, view.now), view.today)):
        morning = _morning(day, view)
        if morning < until and bisect_left(entries, morning) - bisect_right(over, morning) > 0:
            begun, done = had(pieces.begun_on.get(day, ()), picked), had(pieces.done_on.get(day, ()), over)
            own = Counter(own_done.get(day, ()))
            last = [(at, n) for at, n in done if bisect_right(entries, at) - bisect_left(picked, at) <= 0]
            days[day] = _Day(
                len(own_begun.get(day, ())),
                len(begun),
                len(own_done.get(day, ())),
                len(done),
                tuple((n, own[at] > 0) for at, n in last),
            )
    added, grew_on = _grown(entries, start + PLANNING, min(until, _morning(due + timedelta(days=1), view)), view)
    return _Seen(due, days, added, grew_on)


def _first(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)


def _morning(day: date, view: SprintView) -> datetime:
    return datetime.combine(day, time(), view.now.tzinfo)


def _grown(entries: Sequence[datetime], since: datetime, until: datetime, view: SprintView) -> tuple[int, float]:
    """Items that entered after planning, planning meetings left out, and the working days on which they could."""
    late = Counter(local_day(at, view.now) for at in entries if since < at <= until)
    added = sum(count for count in late.values() if count < PLANNING_BATCH)
    days = 0.0
    for day in each_day(local_day(since, view.now), local_day(until, view.now)):
        if is_working(day, view.holidays):
            begin, end = _morning(day, view), _morning(day + timedelta(days=1), view)
            days += max((min(end, until) - max(begin, since)) / (end - begin), 0.0)
    return added, days
