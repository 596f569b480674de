"""The past from which the forecast draws: what was done and added, day by day, and how long items took.

Days are local calendar days of the user. The window holds 90 of them and ends today, with what today brought so far; it
begins later when the repositories are younger than that, because days before the first item are no evidence of a slow
team. An item is done on the day of its merge or closing, whatever the reason, as GitHub counts it and as the sprint's own
count of done items does: an item that is closed as "not planned" is off the list too. How long work takes is learned
from delivered items only, and from those that show when work on them began: an old wish that is closed says nothing of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import numpy as np

from galaxy_desktop.domain.calendar import days_between, each_day, is_working, local_day, worked_days, working_days
from galaxy_desktop.domain.evidence import Evidence, of_item
from galaxy_desktop.domain.facts import DayCount, Ending, Feature, FinishedWork, FlowHistory
from galaxy_desktop.domain.landing import end_of, ended_at, ends_of, landed
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import ItemKind, Milestone, State, WorkItem
from galaxy_desktop.features import code, team, text
from galaxy_desktop.features.activity import finished_at, started_at
from galaxy_desktop.features.catalog import known, missing
from galaxy_desktop.features.index import key_of
from galaxy_desktop.features.looks import open_at
from galaxy_desktop.features.scope import entered_at, titles_of
from galaxy_desktop.features.stays import sprint_flow
from galaxy_desktop.features.view import SprintView

WINDOW_DAYS = 90
THROUGHPUT_DAYS = 60
CYCLE_WINDOW_DAYS = 365
FEWEST_CYCLES = 5
"""Below this many finished items a percentile says nothing."""


def history(view: SprintView, sprints: Iterable[Sprint]) -> FlowHistory:
    """The flow of the sprint's repositories; `sprints` are all of the workspace, for the share that ended in time."""
    sprints = tuple(sprints)
    past = [s for s in sprints if _is_past(s, view.sprint)]
    outcomes = [view.shared.once("landed", s.id, partial(_landed, s, view)) for s in past]
    found = view.of_repositories("flow", lambda: _of_repositories(view))
    return replace(
        found,
        past_sprints=sum(one is not None for one in outcomes),
        past_sprints_on_time=sum(one is True for one in outcomes),
        rhythm=team.rhythm(view),
        flow=sprint_flow(view, sprints, found.days[0].day if found.days else None),
    )


def _of_repositories(view: SprintView) -> FlowHistory:
    """The flow without what concerns a single sprint."""
    items = view.repository_items()
    first = _first_day(view, items)
    finished, worked, leads = _durations(view, items)
    pieces = _pieces(view, items)
    return FlowHistory(
        window_days=WINDOW_DAYS,
        days=_days(view, first, _done_days(view, items), [local_day(i.created_at, view.now) for i in items]),
        sprint_days=_days(
            view,
            first,
            _done_days(view, [i for i in items if _planned(view, i)]),
            _entry_days(view, items),
        ),
        cycle_days=tuple(work.days for work in finished),
        lead_days=leads,
        past_sprints=0,
        past_sprints_on_time=0,
        unit_days=_days(
            view, first, _done_days(view, pieces.all), [local_day(i.created_at, view.now) for i in pieces.all]
        ),
        unit_sprint_days=_days(view, first, _done_days(view, pieces.planned), _entry_days(view, pieces.planned)),
        finished=finished,
        work_days=worked,
    )


def features(view: SprintView, flow: FlowHistory) -> list[Feature]:
    """Throughput, and cycle and lead time percentiles.

    throughput = closed items / working days, over the last 60 days (fewer when the repositories are younger).
    percentile: linear interpolation between the ordered durations of items delivered in the last 365 days.
    """
    evidence = view.of_repositories("latest deliveries", lambda: _latest_deliveries(view))
    return [
        _throughput(view, flow, evidence),
        _percentile("cycle_days_p50", flow.cycle_days, 50, evidence),
        _percentile("cycle_days_p85", flow.cycle_days, 85, evidence),
        _percentile("lead_days_p50", flow.lead_days, 50, evidence),
        _percentile("lead_days_p85", flow.lead_days, 85, evidence),
    ]


def percentile(values: tuple[float, ...], rank: float) -> float | None:
    """A percentile with linear interpolation; `None` below five values."""
    return float(np.percentile(values, rank)) if len(values) >= FEWEST_CYCLES else None


def _throughput(view: SprintView, flow: FlowHistory, evidence: list[Evidence]) -> Feature:
    days = [d for d in flow.days if d.day > view.today - timedelta(days=THROUGHPUT_DAYS)]
    working = working_days(days[0].day, days[-1].day, view.holidays) if days else 0
    if not working:
        return missing("throughput_per_working_day", "no working day with stored items yet", view.anchor)
    done = sum(d.done for d in days)
    formula = f"{done} closed / {working} working days"
    return known("throughput_per_working_day", done / working, formula, evidence or view.anchor)


def _percentile(name: str, values: tuple[float, ...], rank: int, evidence: list[Evidence]) -> Feature:
    value = percentile(values, rank)
    if value is None:
        return missing(name, f"{len(values)} items delivered in 365 days, {FEWEST_CYCLES} are needed", evidence)
    return known(name, value, f"{rank}th percentile of {len(values)} delivered items", evidence)


def _latest_deliveries(view: SprintView) -> list[Evidence]:
    done = [(end, i) for i in view.repository_items() if i.delivered and (end := finished_at(i)) and end <= view.now]
    latest = sorted(done, key=lambda pair: (pair[0], pair[1].evidence_id), reverse=True)[:8]
    return [of_item(item, f"done {local_day(end, view.now).isoformat()}") for end, item in latest]


def _first_day(view: SprintView, items: Sequence[WorkItem]) -> date | None:
    earliest = min((i.created_at for i in items if i.created_at <= view.now), default=None)
    if earliest is None:
        return None
    return max(local_day(earliest, view.now), view.today - timedelta(days=WINDOW_DAYS - 1))


def _days(view: SprintView, first: date | None, done: Iterable[date], came: Iterable[date]) -> tuple[DayCount, ...]:
    if first is None:
        return ()
    finished, created = Counter(done), Counter(came)
    return tuple(
        DayCount(day=day, done=finished[day], added=created[day], working=is_working(day, view.holidays))
        for day in each_day(first, view.today)
    )


def _done_days(view: SprintView, items: Iterable[WorkItem]) -> list[date]:
    ends = (finished_at(item) for item in items if not item.is_open)
    return [local_day(end, view.now) for end in ends if end is not None and end <= view.now]


def _planned(view: SprintView, item: WorkItem) -> bool:
    """Whether an item is in a milestone or an iteration."""
    return item.milestone_number is not None or key_of(item) in view.index.iterations_of


def _entry_days(view: SprintView, items: Iterable[WorkItem]) -> list[date]:
    titles = {(m.repository_id, m.number): titles_of(m, view.index) for m in view.index.milestones}
    carried = [i for i in items if _planned(view, i)]
    none: frozenset[str] = frozenset()
    entries = (
        entered_at(
            i,
            view.index,
            titles.get((i.repository_id, i.milestone_number or 0), none),
            view.index.iterations_of.get(key_of(i), ()),
        )
        for i in carried
    )
    return [local_day(entry, view.now) for entry in entries if entry <= view.now]


def _durations(
    view: SprintView, items: Iterable[WorkItem]
) -> tuple[tuple[FinishedWork, ...], tuple[float, ...], tuple[float, ...]]:
    """What was finished, its durations in working days, and the days from creation to done."""
    finished: list[FinishedWork] = []
    worked: list[float] = []
    leads: list[float] = []
    oldest = view.since(CYCLE_WINDOW_DAYS)
    for item in items:
        end = finished_at(item)
        if not item.delivered or end is None or not oldest <= end <= view.now:
            continue
        start = started_at(item, view.index, view.closers)
        if start is not None:
            days = max(0.0, days_between(min(start, end), end))
            worked.append(worked_days(start, end, view.now, view.holidays))
            lines = code.size_lines(item) if item.kind is ItemKind.PULL_REQUEST else None
            finished.append(FinishedWork(days=days, kind=str(item.kind), lines=lines, boxes=text.boxes(item.body)[0]))
        leads.append(max(0.0, days_between(item.created_at, end)))
    finished.sort(key=lambda work: (work.days, work.kind, work.lines or 0, work.boxes))
    return tuple(finished), tuple(sorted(worked)), tuple(sorted(leads))


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Items that are pieces of work of their own: in the repositories, and in sprints."""

    all: list[WorkItem]
    planned: list[WorkItem]


def _pieces(view: SprintView, items: Sequence[WorkItem]) -> _Pieces:
    """Leave out each pull request whose issue is counted: it is part of the issue's work."""
    inside = {item.evidence_id for item in items}
    planned = {item.evidence_id for item in items if _planned(view, item)}
    closes = team.closed_by_pulls(view)
    return _Pieces(
        [i for i in items if inside.isdisjoint(closes.get(i.evidence_id, ()))],
        [i for i in items if i.evidence_id in planned and planned.isdisjoint(closes.get(i.evidence_id, ()))],
    )


def _is_past(other: Sprint, sprint: Sprint) -> bool:
    shares = set(other.repositories) & set(sprint.repositories)
    # An iteration ends on its day whatever is left, so it says nothing about ending in time.
    ended = other.state is State.CLOSED and bool(other.milestones)
    return ended and other.due_on is not None and other.id != sprint.id and bool(shares)


def _landed(sprint: Sprint, view: SprintView) -> bool | None:
    """Whether a past sprint landed, as `domain.landing` says it; `None` where nothing was in it."""
    over = _when_over(sprint, view)
    return None if over is None else landed(over[1])


def ending(view: SprintView) -> Ending | None:
    """How the sprint that is looked at came out; `None` while it runs, without an end, and where nothing was in it."""
    over = _when_over(view.sprint, view)
    return None if over is None or not over[1] else Ending(due_on=over[0], total=len(over[1]), left=sum(over[1]))


def _when_over(sprint: Sprint, view: SprintView) -> tuple[date, list[bool]] | None:
    """The end that a sprint is judged by, and for each item that was in it when it was over whether it was open."""
    milestones = view.index.milestones_of(sprint)
    versions = [v for m in milestones for v in view.index.versions_of_milestone.get((m.repository_id, m.number), ())]
    end = end_of(sprint, _ends(sprint, milestones, versions), view.now)
    if end is None:
        return None
    then = SprintView(view.index, sprint, view.now, view.edges, view.holidays, known=view.shared)
    return end, open_at(then, min(ended_at(sprint, end, view.now), view.now).astimezone(UTC))


def _ends(
    sprint: Sprint, milestones: Sequence[Milestone], versions: Sequence[Milestone]
) -> Sequence[tuple[datetime, date | None]]:
    """The ends of the sprint; an iteration has the one it has, since it began."""
    if milestones or sprint.starts_at is None:
        return ends_of(sprint, milestones, versions)
    return [(sprint.starts_at, sprint.due_on)]
