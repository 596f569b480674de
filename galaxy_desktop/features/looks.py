"""How a running sprint stood at earlier moments, in counts: what its course is read from.

One look shows how a sprint stands; two show how fast it moves, and the outcome model knows what that means. So a running
sprint is also counted at the beginning of the day on which its planning was over and of those on which 25, 50 and 75 % of
its planned time had passed. The counting is that of now: the same signs of work, the same scope. It is read
from the events of the sprint's own items and of those that left it, because making the whole workspace of four more
moments for each sprint (`past.as_of`) would say the same, a hundred times slower.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.facts import EarlierLook
from galaxy_desktop.domain.work import ItemEvent, ItemKind, State, WorkItem
from galaxy_desktop.features.activity import shows_work
from galaxy_desktop.features.index import key_of
from galaxy_desktop.features.past_items import ENDS
from galaxy_desktop.features.scope import ScopeChange, ever_taken_out, sprint_titles
from galaxy_desktop.features.view import SprintView

SHARES = (0.25, 0.5, 0.75)
"""A quarter apart: from 15 % of the time after a look until 40 % after it a course can be read, so one is always near."""
PLANNING_DAYS = 2
PLANNING_SHARE = 0.1
"""A sprint is first looked at when its planning is over: after two days, of short ones after a tenth of the time."""

_TURNS = ("milestoned", "demilestoned")


def earlier_looks(
    view: SprintView, came: Sequence[ScopeChange], went: Sequence[ScopeChange], closes: Mapping[str, tuple[str, ...]]
) -> tuple[EarlierLook, ...]:
    """The looks at a running sprint that lie before today, oldest first; nothing without a start or an end.

    Args:
        view: the sprint now.
        came: what entered after planning, see `scope.added`.
        went: what left after planning, see `scope.removed`.
        closes: the issues that pull requests close; part of an open issue's work is no addition, neither then nor now.
    """
    days = _days(view)
    if not days:
        return ()
    past = _Counts(view, [*view.items, *(change.item for change in went)])
    inside = {item.evidence_id for item in view.open_items}
    parts = {item for item in inside if inside.intersection(closes.get(item, ()))}
    entered = {change.item.evidence_id: change.at for change in came if change.item.evidence_id not in parts}
    return tuple(past.at(day, entered) for day in days)


def open_at(view: SprintView, moment: datetime) -> list[bool]:
    """Of each item that was in the sprint at a moment (in UTC), whether it was open then; as `past.as_of` has it."""
    here = {item.evidence_id for item in view.items}
    gone = [item for item in ever_taken_out(view) if item.evidence_id not in here]
    return _Counts(view, [*view.items, *gone]).open_at(moment)


def _days(view: SprintView) -> list[date]:
    """The days of the looks."""
    sprint = view.sprint
    if sprint.starts_at is None or sprint.due_on is None or sprint.state is State.CLOSED or view.today > sprint.due_on:
        return []
    first = local_day(sprint.starts_at, view.now)
    planned = max((sprint.due_on - first).days + 1, 1)
    offsets = {min(PLANNING_DAYS, math.ceil(PLANNING_SHARE * planned)), *(round(share * planned) for share in SHARES)}
    return [day for offset in sorted(offsets) if (day := first + timedelta(days=offset)) < view.today]


class _Counts:
    """The items that are or were in a sprint, to be counted at any moment."""

    def __init__(self, view: SprintView, items: Sequence[WorkItem]) -> None:
        self._view = view
        self._items = items
        self._titles = sprint_titles(view)
        self._made = {(m.repository_id, m.number): m.created_at for m in view.milestones}

    def at(self, day: date, entered: dict[str, datetime]) -> EarlierLook:
        """The sprint at the beginning of a day; `entered` tells what was added when."""
        moment = datetime.combine(day, time(), tzinfo=self._view.now.tzinfo).astimezone(UTC)
        todo = started = done = added = 0
        for item in self._items:
            if item.created_at > moment or not self._inside(item, moment):
                continue
            came = entered.get(item.evidence_id)
            added += came is not None and came <= moment
            if not was_open(item, self._events(item), moment):
                done += 1
            elif self._begun(item, moment):
                started += 1
            else:
                todo += 1
        return EarlierLook(day=day, todo=todo, started=started, done=done, added=added)

    def open_at(self, moment: datetime) -> list[bool]:
        """Of each item that was in the sprint at a moment, whether it was open then."""
        there = [i for i in self._items if i.created_at <= moment and self._inside(i, moment)]
        return [was_open(item, self._events(item), moment) for item in there]

    def _inside(self, item: WorkItem, moment: datetime) -> bool:
        """Whether an item was in the sprint: in one of its milestones, or in one of its iterations."""
        return self._in_milestone(item, moment) or any(
            since is None or since <= moment for since in self._iterations(item)
        )

    def _in_milestone(self, item: WorkItem, moment: datetime) -> bool:
        turns = [event for event in self._events(item) if event.created_at > moment and event.kind in _TURNS]
        if not turns:
            made = self._made.get((item.repository_id, item.milestone_number or 0))
            return made is not None and made <= moment
        first = min(turns, key=lambda e: (e.created_at, e.kind != "demilestoned", e.id))
        titles = self._titles.get(item.repository_id, frozenset())
        return first.kind == "demilestoned" and first.subject.casefold().strip() in titles

    def _iterations(self, item: WorkItem) -> Iterator[datetime | None]:
        seen = self._view.index.iterations_of.get(key_of(item), {}) if self._view.sprint.iterations else {}
        return (since for iteration, since in seen.items() if iteration in self._view.sprint.iterations)

    def _begun(self, item: WorkItem, moment: datetime) -> bool:
        """Whether there was a sign of work by then, see `activity.started_at`."""
        if item.kind is ItemKind.PULL_REQUEST:
            return True
        if any(event.created_at <= moment and shows_work(event) for event in self._events(item)):
            return True
        found = (self._view.index.items_by_id.get(one) for one in self._view.closers.get(item.evidence_id, ()))
        return any(pull is not None and self._in_work(pull, moment) for pull in found)

    def _in_work(self, pull: WorkItem, moment: datetime) -> bool:
        if pull.created_at > moment:
            return False
        merged = pull.merged_at is not None and pull.merged_at <= moment
        return merged or was_open(pull, self._events(pull), moment)

    def _events(self, item: WorkItem) -> Sequence[ItemEvent]:
        return self._view.index.events_of.get(key_of(item), ())


def was_open(item: WorkItem, events: Sequence[ItemEvent], moment: datetime) -> bool:
    """Whether an item that existed was open at a moment; as `past.as_of` has it, without making the whole item."""
    turns = [(event.created_at, event.kind == "reopened") for event in events if event.kind in ENDS]
    stamped = item.closed_at if item.state is State.CLOSED else None
    if stamped is not None and (not turns or turns[-1][0] < stamped):
        turns.append((stamped, False))
    next_turn = next((reopened for at, reopened in turns if at > moment), None)
    return item.is_open if next_turn is None else not next_turn
