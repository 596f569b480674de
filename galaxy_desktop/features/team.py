"""How a team works together: who shares work, how much at once, how many reviews a day, how fast builds are mended.

Everything here is about the team. Persons appear as opaque keys, in the order of the alphabet, so that work in one pair
of hands can be recognized as such; nothing is said of any of them, and no key is told what another one did.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from galaxy_desktop.domain.calendar import each_day, is_working, local_day, worked_days
from galaxy_desktop.domain.facts import TeamRhythm
from galaxy_desktop.domain.work import ItemKind, WorkItem
from galaxy_desktop.features import ci
from galaxy_desktop.features.activity import finished_at, is_bot, responses, started_at
from galaxy_desktop.features.view import SprintView

HANDS_WINDOW = 10
"""Working days over which it is counted who finished what: two weeks, a usual sprint."""
LEAST_FINISHED = 4
"""Windows with fewer finished items say nothing about how work is shared."""
LEAST_WINDOWS = 2
WINDOWS_WEIGHT = 2.0
LEAST_PAIRS = 40
LEAST_TIMES = 20
TIMES_WEIGHT = 5.0
CLOCK_WEIGHT = 5.0
BUSY_SHARE = 0.9
TEAM_DAYS = 90
AT_ONCE_DAYS = 60
LEAST_OWNER_DAYS = 30
LONGEST_IN_WORK_DAYS = 60
"""What is open for longer than this is not what somebody has in hand every day."""
LEAST_REVIEWS = 10
REVIEW_DAYS = 60
BUSY_WEEK = 0.85
WEEK = 5


@dataclass(frozen=True, slots=True)
class _Span:
    """An item with whose hands it was in, and its first and last day in work."""

    owners: tuple[str, ...]
    first: date | None
    last: date | None


def owners_of(item: WorkItem, view: SprintView) -> tuple[str, ...]:
    """Opaque keys of whose hands an item is in.

    Those it is assigned to; else the author of a pull request; else the authors of the pull requests that close an issue.
    """
    people = {p.key for p in item.assignees if not is_bot(p)}
    if not people and item.kind is ItemKind.PULL_REQUEST:
        people = {item.author.key} if item.author and not is_bot(item.author) else set()
    if not people and item.kind is ItemKind.ISSUE:
        pulls = (view.index.items_by_id.get(i) for i in view.closers.get(item.evidence_id, ()))
        people = {p.author.key for p in pulls if p is not None and p.is_open and p.author and not is_bot(p.author)}
    return tuple(sorted(people))


def closed_by_pulls(view: SprintView) -> Mapping[str, tuple[str, ...]]:
    """For each pull request the stored issues that it closes."""
    return view.shared.once("closed by pulls", None, lambda: _closed_by_pulls(view))


def _closed_by_pulls(view: SprintView) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for issue, pulls in view.closers.items():
        for pull in pulls:
            if issue in view.index.items_by_id:
                found.setdefault(pull, []).append(issue)
    return {pull: tuple(sorted(issues)) for pull, issues in found.items()}


def rhythm(view: SprintView) -> TeamRhythm:
    """What the repositories of a sprint say about how its team works."""
    found = view.of_repositories("rhythm", lambda: _of_repositories(view))
    team = {*found.team, *(owner for item in view.open_items for owner in owners_of(item, view))}
    return replace(found, team=tuple(sorted(team)))


def _of_repositories(view: SprintView) -> TeamRhythm:
    """The rhythm without those who only have open items of the sprint."""
    since = view.today - timedelta(days=TEAM_DAYS)
    spans = [_span(item, view) for item in view.repository_items() if item.created_at <= view.now]
    lately = [s for s in spans if s.last is None or s.last >= since]
    team = {owner for span in lately for owner in span.owners if span.last is not None}
    return TeamRhythm(
        team=tuple(sorted(team)),
        hands=_hands(lately, view),
        side_by_side=_side_by_side(lately, _vary(view), view),
        today_gone=_today_gone(view, since),
        at_once=_at_once(lately, view),
        reviews_a_day=_reviews_a_day(view),
        green_days=tuple(sorted(round(hours / 24.0, 3) for hours, _ in ci.repairs(view))),
    )


def _span(item: WorkItem, view: SprintView) -> _Span:
    end = finished_at(item)
    begun = started_at(item, view.index, view.closers)
    last = local_day(end, view.now) if end is not None and end <= view.now else None
    return _Span(owners_of(item, view), local_day(begun, view.now) if begun else None, last)


def _hands(spans: Sequence[_Span], view: SprintView) -> float | None:
    """1 / the largest part of two weeks' work that one pair of hands usually does at most; near 1 from a short past."""
    tops = [max(_parts(done).values()) / len(done) for done in _fortnights(spans, view)]
    if len(tops) < LEAST_WINDOWS:
        return None
    most = float(np.quantile(tops, BUSY_SHARE))
    return round(1.0 + (1.0 / most - 1.0) * len(tops) / (len(tops) + WINDOWS_WEIGHT), 2)


def _fortnights(spans: Sequence[_Span], view: SprintView) -> list[list[_Span]]:
    """What was finished by somebody in each two weeks of the last 90 days in which enough was."""
    days = [d for d in each_day(view.today - timedelta(days=TEAM_DAYS), view.today) if is_working(d, view.holidays)]
    found = []
    for end in range(len(days), HANDS_WINDOW - 1, -HANDS_WINDOW):
        first, last = days[end - HANDS_WINDOW], days[end - 1]
        done = [s for s in spans if s.owners and s.last is not None and first <= s.last <= last]
        if len(done) >= LEAST_FINISHED:
            found.append(done)
    return found


def _parts(done: Sequence[_Span]) -> dict[str, float]:
    """How much of it each pair of hands did."""
    parts: defaultdict[str, float] = defaultdict(float)
    for span in done:
        for owner in span.owners:
            parts[owner] += 1.0 / len(span.owners)
    return parts


def _side_by_side(spans: Sequence[_Span], vary: float, view: SprintView) -> float | None:
    """1 / the share of pairs of items from the same hands, over pairs of two weeks; for equal people their number.

    No item makes a pair with itself. But people whose work takes always the same time all have their turns: the more even
    the work, the less luck is in who did how much, and the smaller a part of these pairs, v of `_vary`, is to be left out.
    """
    same = pairs = 0.0
    for done in _fortnights(spans, view):
        alone = math.fsum(1.0 / len(s.owners) for s in done)
        same += math.fsum(part**2 for part in _parts(done).values()) - vary * alone
        pairs += len(done) ** 2 - vary * len(done)
    if pairs < LEAST_PAIRS:
        return None
    return round(max(pairs / max(same, 1.0), 1.0), 2)


def _vary(view: SprintView) -> float:
    """The variance of cycle times in working days over their mean squared, at most 1, and near it from a short past."""
    took = []
    for item in view.repository_items():
        end, begun = finished_at(item), started_at(item, view.index, view.closers)
        if end is not None and begun is not None and view.since(TEAM_DAYS) <= end <= view.now:
            took.append(worked_days(begun, end, view.now, view.holidays))
    days = np.array(took or (1.0,))
    vary = min(float(days.var() / max(days.mean(), 1e-9) ** 2), 1.0)
    return (len(took) * vary + TIMES_WEIGHT) / (len(took) + TIMES_WEIGHT)


def _today_gone(view: SprintView, since: date) -> float | None:
    """The share of items that were done by this time of their day, with the clock's own share counting as five of them.

    Most teams have done nothing by nine and all by six: the clock alone took a third of the first day from them every
    morning, and gave it back to them every evening.
    """
    ends = (finished_at(item) for item in view.repository_items())
    times = [end.astimezone(view.now.tzinfo) for end in ends if end is not None and end <= view.now]
    times = [at for at in times if at.date() >= since]
    if len(times) < LEAST_TIMES:
        return None
    clock = timedelta(hours=view.now.hour, minutes=view.now.minute, seconds=view.now.second) / timedelta(days=1)
    passed = sum(at.time() <= view.now.time() for at in times)
    return round((passed + CLOCK_WEIGHT * clock) / (len(times) + CLOCK_WEIGHT), 4)


def _at_once(spans: Sequence[_Span], view: SprintView) -> float | None:
    """The median of how many items one person had in work, over persons and working days."""
    counts: Counter[tuple[str, date]] = Counter()
    since = view.today - timedelta(days=AT_ONCE_DAYS)
    for span in spans:
        if span.first is None or not span.owners:
            continue
        last = min(span.last or view.today, span.first + timedelta(days=LONGEST_IN_WORK_DAYS))
        for day in each_day(max(span.first, since), last):
            if is_working(day, view.holidays):
                counts.update((owner, day) for owner in span.owners)
    if len(counts) < LEAST_OWNER_DAYS:
        return None
    return round(max(float(np.median(list(counts.values()))), 1.0), 1)


def _reviews_a_day(view: SprintView) -> float | None:
    """Reviewed pull requests a working day in a busy week (85th percentile of weeks) of the last 60 days."""
    since = view.today - timedelta(days=REVIEW_DAYS)
    days = [d for d in each_day(since, view.today) if is_working(d, view.holidays)]
    seen: set[tuple[str, date]] = set()
    for item in view.repository_items():
        if item.kind is ItemKind.PULL_REQUEST and (
            item.closed_at is None or local_day(item.closed_at, view.now) >= since
        ):
            moments = (local_day(at, view.now) for at in responses(item, view.index) if at <= view.now)
            seen.update((item.evidence_id, day) for day in moments if day >= since)
    if len(seen) < LEAST_REVIEWS or len(days) < 2 * WEEK:
        return None
    counts = np.zeros(len(days))
    for _, day in seen:
        counts[min(bisect_left(days, day), len(days) - 1)] += 1
    weeks = np.convolve(counts, np.ones(WEEK), mode="valid")
    return round(max(float(np.quantile(weeks, BUSY_WEEK)) / WEEK, 1.0 / WEEK), 2)
