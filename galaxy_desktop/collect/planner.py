"""What to ask GitHub next: pure, from what is stored, what may be spent and what is on screen to steps in order.

Newest and current first, across all repositories: what makes the current sprints usable, then what changed, then the
details of current items, and only then history, in short turns that go round the repositories, so that one with
10,000 items does not hold up a small one. The plan is made anew after every turn; nobody keeps a queue.

Of the open milestones a few are current: those due next, the one that ran out last, or the newest where none has a
date. The items of those come first. The items of the others, however many there are, come with what changed.

Quota: a plan never promises more requests than are left, counting each as if it cost something (most are answered
"not modified" and cost nothing). History spends only what is above a reserve that keeps polls alive until the quota
is reset; below it history waits, and the plan says until when.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import IntEnum
from types import MappingProxyType

from galaxy_desktop.collect.history import SUFFIX, counts, history_of
from galaxy_desktop.collect.whole import days_of, kept_of
from galaxy_desktop.domain.sync import Cursor

CORE, GRAPHQL = "core", "graphql"
POLL = timedelta(minutes=1)
POLL_COST = 4
"""What one poll of one repository costs when something moved there."""
USUAL_LIMIT = 5000
SPRINT = "sprint:"
CURRENT = 3
"""So many milestones of a repository count as current at most."""
RECONCILE = "reconcile"
PLANNED = "planned"
HISTORY = "History"
"""How a sentence about history that waits begins."""


class Tier(IntEnum):
    """What is read before what."""

    SPRINT = 0
    CHANGES = 1
    DETAILS = 2
    HISTORY = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """One list that every repository has: `pages` is the most requests of one turn."""

    entity: str
    stage: str
    tier: Tier
    pages: int = 5
    resource: str = CORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is left of one of GitHub's quotas; `None` where GitHub has not said."""

    remaining: int | None = None
    limit: int | None = None
    reset_at: datetime | None = None

    def left(self, now: datetime) -> int | None:
        """How many requests may be sent; unknown again once the quota was reset."""
        if self.remaining is None or (self.reset_at is not None and now >= self.reset_at):
            return None
        return max(0, self.remaining)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryState:
    """What the planner must know of one repository.

    `read` are the lists that were read to their end in this sync; `turns` counts the turns that its history had;
    `full_read_due` asks for the slow full read.
    """

    id: int
    full_name: str
    cursors: Mapping[str, Cursor] = field(default_factory=lambda: MappingProxyType({}))
    read: frozenset[str] = frozenset()
    turns: int = 0
    full_read_due: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn at one list of one repository: at most `pages` requests."""

    repository_id: int
    entity: str
    stage: str
    tier: Tier
    pages: int
    resource: str = CORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Why something is not planned now although it is due: `what` waits until `until`, with `left` requests left."""

    what: str
    until: datetime | None
    left: int

    def sentence(self, clock_words: str) -> str:
        """For the status of a repository; `clock_words` is `until` as people say it, "" when unknown."""
        until = f" until {clock_words}" if clock_words else ""
        return f"{self.what} waits{until}: {self.left} requests left."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The next steps in order, the repositories that have something left to do, and what waits for quota."""

    steps: tuple[Turn, ...] = ()
    pending: frozenset[int] = frozenset()
    waiting: Waiting | None = None


CATALOG: tuple[Listing, ...] = (
    Listing("repository", "repository", Tier.SPRINT, 3),
    Listing("milestones", "milestones", Tier.SPRINT),
    Listing("boards", "boards", Tier.SPRINT, 10, GRAPHQL),
    Listing("issues", "issues", Tier.CHANGES),
    Listing(PLANNED, "items of iterations", Tier.CHANGES, 10),
    Listing("pulls", "pull requests", Tier.CHANGES),
    Listing("comments", "comments", Tier.CHANGES),
    Listing("events", "events", Tier.CHANGES),
    Listing("labels", "labels", Tier.CHANGES),
    Listing("review_comments", "review comments", Tier.CHANGES),
    Listing("commits", "commits", Tier.CHANGES),
    Listing("runs", "workflow runs", Tier.CHANGES),
    Listing("releases", "releases", Tier.CHANGES),
    Listing("deployments", "deployments", Tier.CHANGES),
    Listing("branches", "branches", Tier.CHANGES),
    Listing("details", "reviews", Tier.DETAILS, 10),
    Listing("checks", "checks", Tier.DETAILS, 10),
    Listing("links", "links between items", Tier.DETAILS, 10),
    Listing("timeline", "mentions", Tier.DETAILS, 10),
    Listing(history_of("issues"), "history of issues", Tier.HISTORY),
    Listing(history_of("events"), "history of events", Tier.HISTORY),
    Listing(history_of("pulls"), "history of pull requests", Tier.HISTORY),
    Listing(history_of("comments"), "history of comments", Tier.HISTORY),
    Listing(history_of("review_comments"), "history of review comments", Tier.HISTORY),
    Listing(history_of("commits"), "history of commits", Tier.HISTORY),
    Listing(history_of("runs"), "history of workflow runs", Tier.HISTORY),
    Listing(history_of("releases"), "history of releases", Tier.HISTORY),
    Listing(RECONCILE, "full read", Tier.HISTORY),
)
"""Every list of a repository in the order of reading within a tier; sprints are read between milestones and issues."""

_FIRST = frozenset({"repository", "milestones"})
_CURRENT = Listing(SPRINT, "current sprint", Tier.SPRINT, 10)
_OTHER = Listing(SPRINT, "other sprints", Tier.CHANGES, 10)


def plan(
    repositories: Iterable[RepositoryState],
    allowances: Mapping[str, Allowance],
    visible: frozenset[str],
    now: datetime,
) -> Plan:
    """The next steps, best first.

    Args:
        repositories: those to be read now; one that waits before a retry is left out.
        allowances: by resource, "core" and "graphql"; a missing one counts as unknown.
        visible: full names of the repositories on screen, read first within each tier.
        now: to know whether a quota was reset.
    """
    states = tuple(repositories)
    due = sorted(
        (_rank(state, listing, place, visible), state.id, listing)
        for state in states
        for place, listing in enumerate(_due(state, now.date()))
    )
    left = {name: allowance.left(now) for name, allowance in allowances.items()}
    core = allowances.get(CORE, Allowance())
    kept_back = reserve(core, len(states), now)
    steps: list[Turn] = []
    waiting: Waiting | None = None
    for _, repository_id, listing in due:
        history = listing.tier is Tier.HISTORY
        available = left.get(listing.resource)
        spendable = None if available is None else available - (kept_back if history else 0)
        if spendable is not None and spendable <= 0:
            waiting = waiting or _waiting(listing, allowances[listing.resource], now)
            continue
        pages = listing.pages if spendable is None else min(listing.pages, spendable)
        steps.append(Turn(repository_id, listing.entity, listing.stage, listing.tier, pages, listing.resource))
        if available is not None:
            left[listing.resource] = available - pages
    return Plan(steps=tuple(steps), pending=frozenset(number for _, number, _ in due), waiting=waiting)


def reserve(core: Allowance, repositories: int, now: datetime) -> int:
    """Requests that history must leave for polls until the quota is reset; never more than half of the quota."""
    if core.reset_at is None or core.left(now) is None:
        return 0
    polls = math.ceil((core.reset_at - now) / POLL)
    return min(polls * POLL_COST * max(1, repositories), (core.limit or USUAL_LIMIT) // 2)


def entities(state_cursors: Mapping[str, Cursor]) -> tuple[str, ...]:
    """The cursors that a plan looks at, given those known so far: the open milestones name further ones."""
    milestones = state_cursors.get("milestones")
    sprints = kept_of(milestones) if milestones is not None else ()
    return (*(listing.entity for listing in CATALOG), *(f"{SPRINT}{number}" for number in sprints))


def pages_to_come(cursors: Iterable[Cursor]) -> int:
    """About how many pages of history are still to be read, as far as GitHub told."""
    rows = 0
    for cursor in cursors:
        if cursor.entity.endswith(SUFFIX) and not cursor.complete:
            held, total = counts(cursor)
            rows += max(0, (total or 0) - held)
    return math.ceil(rows / 100)


def seconds_left(pages: int, read: int, took_s: float) -> float | None:
    """How long `pages` more pages take at the rate so far; `None` before there is a rate."""
    return pages * took_s / read if read > 0 and took_s > 0 else None


def current_first(milestones: Mapping[int, date | None], today: date) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The numbers of the open milestones that are current, the best first, and those of the others.

    Current are those due next (all of one day), then the one that ran out last, because teams close a sprint late;
    where none has a date, the newest. The others follow by how near they are, those without a date last.

    Args:
        milestones: number to due date, `None` without one.
        today: what is due today is still running.
    """
    dated = {number: due for number, due in milestones.items() if due is not None}
    coming = min((due for due in dated.values() if due >= today), default=None)
    past = max((due for due in dated.values() if due < today), default=None)

    def rank(number: int) -> tuple[int, int, int]:
        due = milestones[number]
        if due is None:
            return (3, 0, -number)
        return (0 if due == coming else 1 if due == past else 2, abs((due - today).days), -number)

    order = sorted(milestones, key=rank)
    near = sum(due in (coming, past) for due in dated.values()) or len(order)
    return tuple(order[: min(near, CURRENT)]), tuple(order[min(near, CURRENT) :])


def _due(state: RepositoryState, today: date) -> Iterator[Listing]:
    """Everything that a repository needs now, in the order of reading, budget aside."""
    listings = [listing for listing in CATALOG if _is_due(state, listing)]
    first = [listing for listing in listings if listing.entity in _FIRST]
    yield from first
    if not any(listing.entity == "milestones" for listing in first):
        yield from _sprints(state, today)
    yield from (listing for listing in listings if listing.entity not in _FIRST)


def _is_due(state: RepositoryState, listing: Listing) -> bool:
    if listing.entity in state.read:
        return False
    if listing.entity == RECONCILE:
        return state.full_read_due
    if listing.entity == PLANNED:
        return _reading_issues(state)
    if listing.tier is Tier.HISTORY:
        cursor = state.cursors.get(listing.entity)
        return cursor is not None and not cursor.complete
    return True


def _sprints(state: RepositoryState, today: date) -> Iterator[Listing]:
    """The open milestones whose items were not read whole; none once every item is known."""
    milestones = state.cursors.get("milestones")
    if milestones is None or not _reading_issues(state):
        return
    days = days_of(milestones)
    current, others = current_first({number: days.get(number) for number in kept_of(milestones)}, today)
    for kind, numbers in ((_CURRENT, current), (_OTHER, others)):
        for number in numbers:
            entity = f"{SPRINT}{number}"
            cursor = state.cursors.get(entity)
            if entity not in state.read and (cursor is None or not cursor.complete):
                yield replace(kind, entity=entity)


def _reading_issues(state: RepositoryState) -> bool:
    issues, past = state.cursors.get("issues"), state.cursors.get(history_of("issues"))
    return issues is None or not issues.complete or (past is not None and not past.complete)


def _rank(
    state: RepositoryState, listing: Listing, place: int, visible: frozenset[str]
) -> tuple[int, int, int, str, int, int]:
    turns = state.turns if listing.tier is Tier.HISTORY else 0
    return (listing.tier, turns, state.full_name not in visible, state.full_name.lower(), state.id, place)


def _waiting(listing: Listing, allowance: Allowance, now: datetime) -> Waiting:
    what = HISTORY if listing.tier is Tier.HISTORY else f"Reading {listing.stage}"
    return Waiting(what=what, until=allowance.reset_at, left=allowance.left(now) or 0)
