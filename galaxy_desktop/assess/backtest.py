"""What we would have said of past sprints: at which moments to look, and how good it was at each.

A walk forward: every forecast is made from the workspace as it was at its moment, so a sprint's own end and everything
after it teach it nothing. The looks are at 0, 30, 50 and 80 % of the planned time. A milestone is made first and filled
afterwards, so that its 0 % lies after the planning: two days, or a tenth of the time where that is less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from galaxy_desktop.assess.ledger import score
from galaxy_desktop.domain.landing import last_moment
from galaxy_desktop.domain.ledger import LedgerEntry, Outcome, Score
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import State

SHARES = (0.0, 0.3, 0.5, 0.8)
PLANNING = timedelta(days=2)
PLANNING_SHARE = 0.1
MOST_SPRINTS = 60
"""Of a long past the newest sprints are looked at; older ones were another team."""
SHORTEST = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Look:
    """A moment of a past sprint, and which share of its planned time was gone then."""

    share: float
    moment: datetime


@dataclass(frozen=True, slots=True)
class ShareScore:
    """How good what was said at a share of the planned time was."""

    share: float
    score: Score


def worth_replaying(sprints: Iterable[Sprint]) -> list[Sprint]:
    """The closed sprints with a start and an end, the newest first."""
    closed = [
        (s.closed_at, s.id, s)
        for s in sprints
        if s.state is State.CLOSED and s.due_on is not None and s.starts_at is not None and s.closed_at is not None
    ]
    return [sprint for _, _, sprint in sorted(closed, key=lambda one: one[:2], reverse=True)[:MOST_SPRINTS]]


def looks(sprint: Sprint, end: date, now: datetime) -> tuple[Look, ...]:
    """When to look at a past sprint; nothing where it was closed before, or was too short to have a course."""
    start, closed = sprint.starts_at, sprint.closed_at
    if start is None:
        return ()
    length = last_moment(end, now) - start
    if length < SHORTEST:
        return ()
    planning = min(PLANNING, PLANNING_SHARE * length)
    moments = [(share, start + max(share * length, planning)) for share in SHARES]
    until = min(closed, last_moment(end, now)) if closed is not None else last_moment(end, now)
    return tuple(Look(share, moment.astimezone(now.tzinfo)) for share, moment in moments if moment < until)


def same_sprint(sprint: Sprint, then: Sequence[Sprint]) -> Sprint | None:
    """The sprint as it was grouped then: that of the same id, or the one that shares most with what it became."""
    exact = next((one for one in then if one.id == sprint.id), None)
    if exact is not None:
        return exact
    shared = [(len(set(one.anchors) & set(sprint.anchors)), one) for one in then]
    best = max((count for count, _ in shared), default=0)
    return next((one for count, one in shared if count == best and best > 0), None)


def by_share(entries: Iterable[LedgerEntry], outcomes: Mapping[str, Outcome]) -> tuple[ShareScore, ...]:
    """The scores of replayed entries at each share of the planned time, by the place of an entry in its sprint."""
    groups: dict[float, list[LedgerEntry]] = {share: [] for share in SHARES}
    for entry in entries:
        if entry.elapsed is not None:
            groups[min(SHARES, key=lambda share: abs(share - (entry.elapsed or 0.0)))].append(entry)
    return tuple(ShareScore(share, score(groups[share], outcomes)) for share in SHARES)
