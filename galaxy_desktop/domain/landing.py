"""When a sprint was over, by which end it is judged, and what landing means: one definition for everybody who asks.

A sprint **landed** when nothing that was in it at the moment it was over was still open. It was **over** at its closing, or
at the end of its last day, whichever was first. It is judged by the last **end** that was seen before it passed, so that
moving an end after the fact rewrites nothing. The ledger judges its entries by this, the base rate counts past sprints by
it, and the backtest looks until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import Milestone, State


def landed(still_open: Iterable[bool]) -> bool | None:
    """Whether a sprint landed, from whether each item that was in it when it was over was open; `None` for an empty one."""
    found = list(still_open)
    return not any(found) if found else None


def judged_end(seen: Iterable[tuple[datetime, date | None]], now: datetime) -> date | None:
    """The end a sprint is judged by, out of the ends that it had and since when; `None` when none has passed.

    Each holds until the next one was seen; the first that passed meanwhile counts, whatever was set afterwards.
    """
    ends = sorted(seen, key=lambda pair: pair[0])
    for place, (_, end) in enumerate(ends):
        until = ends[place + 1][0] if place + 1 < len(ends) else now
        if end is not None and end < local_day(until, now):
            return end
    return None


def last_moment(day: date, now: datetime) -> datetime:
    """The end of a local day: what is done by then was done in time."""
    return datetime.combine(day + timedelta(days=1), time(), now.tzinfo)


def ended_at(sprint: Sprint, end: date, now: datetime) -> datetime:
    """When the work of a sprint that is over was over: at its closing, or when its end passed."""
    passed = last_moment(end, now)
    closed = sprint.closed_at if sprint.state is State.CLOSED else None
    return min(closed, passed) if closed is not None else passed


def end_of(sprint: Sprint, seen: Iterable[tuple[datetime, date | None]], now: datetime) -> date | None:
    """By which end to judge a sprint now; `None` while it is neither closed nor past an end."""
    seen = list(seen)
    passed = judged_end(seen, now)
    if passed is not None or sprint.state is State.OPEN or sprint.closed_at is None:
        return passed
    before = [end for at, end in sorted(seen, key=lambda pair: pair[0]) if at <= sprint.closed_at and end is not None]
    return before[-1] if before else sprint.due_on


def ends_of(
    sprint: Sprint, milestones: Iterable[Milestone], versions: Iterable[Milestone]
) -> Sequence[tuple[datetime, date | None]]:
    """The ends that the milestone which decides the sprint's end had, and since when they were stamped.

    Args:
        sprint: the sprint.
        milestones: its milestones.
        versions: stored versions of milestones, of any, oldest first.
    """
    deciding = next((m for m in milestones if m.due_on == sprint.due_on), None)
    if deciding is None:
        return []
    mine = (v for v in versions if (v.repository_id, v.number) == (deciding.repository_id, deciding.number))
    return [(v.updated_at, v.due_on) for v in (*mine, deciding)]
