"""From records to the few numbers that a simulation depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from galaxy_desktop.assess.effort import learned
from galaxy_desktop.domain.calendar import local_day, worked_days, working_days
from galaxy_desktop.domain.facts import EdgeKind, FeatureSet, ItemFacts
from galaxy_desktop.domain.findings import Away, ForecastInputs, OpenWork
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import ItemKind, State, WorkItem

RUNS_BY_SIZE = ((200, 10_000), (400, 5_000))
FEWEST_RUNS = 2_000
PLANNING_DAYS = 2
"""What enters during the first two days of a sprint is planning, not growth."""


def inputs_of(
    sprint: Sprint,
    features: FeatureSet,
    snapshot: Snapshot,
    now: datetime,
    *,
    holidays: frozenset[date] = frozenset(),
    seed: int = 0,
    away: Mapping[str, frozenset[date]] | None = None,
) -> ForecastInputs:
    """Everything the forecast of one sprint is made from, in a fixed order; `away` are days off by login."""
    today = local_day(now, now)
    items = snapshot.of_sprint(sprint)
    facts = {fact.item_id: fact for fact in features.items}
    clock = _Clock(now, holidays)
    inside = frozenset(i.evidence_id for i in items if i.is_open)
    opened = tuple(_open_work(i, facts.get(i.evidence_id), inside, clock) for i in items if i.is_open)
    history = features.history
    parts = {work.item_id for work in opened if work.part_of}
    rivals = _open_sprints(sprint, snapshot, now)
    return ForecastInputs(
        as_of=now,
        today=today,
        due_on=sprint.due_on,
        closed=sprint.state is State.CLOSED,
        planned_days=_planned_days(sprint, now),
        open=opened,
        done=sum(not i.is_open for i in items),
        days=history.days,
        sprint_days=history.sprint_days,
        cycle_days=history.work_days or history.cycle_days,
        past_sprints=history.past_sprints,
        past_sprints_on_time=history.past_sprints_on_time,
        holidays=holidays,
        seed=seed,
        outside=_outside(opened, features, snapshot, clock),
        open_sprints=rivals,
        added=len([i for i in features.added_since_start if i not in parts]) if sprint.starts_at else 0,
        added_days=_days_since_planning(sprint, now, holidays),
        unit_days=history.unit_days,
        unit_sprint_days=history.unit_sprint_days,
        effort=learned(history.finished),
        rhythm=history.rhythm,
        away=_away(away or {}, history.rhythm.team, snapshot, today),
        done_ids=tuple(i.evidence_id for i in items if not i.is_open),
        earlier=features.earlier,
        flow=history.flow,
        runs=runs_for(len(opened)),
        troubles=features.troubles,
    )


@dataclass(frozen=True, slots=True)
class _Clock:
    """Counts in working days: what lies over a weekend or a holiday does not get older there."""

    now: datetime
    holidays: frozenset[date]

    def worked(self, days: float | None) -> float | None:
        """How many working days lie in the calendar days before now."""
        if days is None:
            return None
        return round(worked_days(self.now - timedelta(days=days), self.now, self.now, self.holidays), 6)


def runs_for(open_items: int) -> int:
    """How many futures are played: fewer of very large sprints, so that all questions about one are answered at once.

    2,000 runs tell a share to within 1.1 points (one standard error) where 10,000 tell it to within 0.5.
    """
    return next((runs for most, runs in RUNS_BY_SIZE if open_items <= most), FEWEST_RUNS)


def _open_work(item: WorkItem, fact: ItemFacts | None, inside: frozenset[str], clock: _Clock) -> OpenWork:
    if fact is None:
        return OpenWork(item_id=item.evidence_id, age_days=None)
    return OpenWork(
        item_id=item.evidence_id,
        age_days=clock.worked(fact.age_days),
        blocked_by=tuple(sorted(fact.blocked_by)),
        waiting_for_review_days=clock.worked(fact.waiting_for_review_days),
        red=fact.red_run is not None,
        lines=fact.size_lines if item.kind is ItemKind.PULL_REQUEST else None,
        boxes=fact.boxes,
        owners=fact.owners,
        part_of=tuple(issue for issue in fact.part_of if issue in inside),
    )


def _outside(
    opened: Iterable[OpenWork], features: FeatureSet, snapshot: Snapshot, clock: _Clock
) -> tuple[OpenWork, ...]:
    """What is not in the sprint but decides when an item of it is done: blockers, and pull requests that close it.

    Of a stored pull request age and size are known, of others nothing.
    """
    known = {work.item_id for work in opened}
    named = {blocker for work in opened for blocker in work.blocked_by} - known
    closes: dict[str, list[str]] = {}
    for edge in features.edges:
        pull = snapshot.items_by_id.get(edge.source_id)
        if edge.kind is EdgeKind.CLOSES and edge.target_id in known and pull is not None and pull.is_open:
            closes.setdefault(edge.source_id, []).append(edge.target_id)
    return tuple(
        _stranger(i, snapshot.items_by_id.get(i), closes, clock) for i in sorted(named | closes.keys() - known)
    )


def _stranger(item_id: str, item: WorkItem | None, closes: Mapping[str, list[str]], clock: _Clock) -> OpenWork:
    pull = item if item is not None and item.kind is ItemKind.PULL_REQUEST else None
    known = pull is not None and pull.additions is not None and pull.deletions is not None
    return OpenWork(
        item_id=item_id,
        age_days=_age_of(item, clock),
        lines=(pull.additions or 0) + (pull.deletions or 0) if pull is not None and known else None,
        part_of=tuple(sorted(closes.get(item_id, ()))),
    )


def _away(
    away: Mapping[str, frozenset[date]], team: tuple[str, ...], snapshot: Snapshot, today: date
) -> tuple[Away, ...]:
    """Days off ahead of people of this team, by their opaque keys; logins that nobody has are nobody's days off."""
    if not away:
        return ()
    keys: dict[str, str] = {}
    for item in snapshot.items:
        for person in (item.author, *item.assignees):
            if person is not None and person.login.casefold() in away:
                keys[person.login.casefold()] = person.key
    found = [
        Away(owner=key, days=tuple(sorted(d for d in away[login] if d >= today)))
        for login, key in keys.items()
        if key in team
    ]
    return tuple(sorted((one for one in found if one.days), key=lambda one: one.owner))


def _age_of(item: WorkItem | None, clock: _Clock) -> float | None:
    """A pull request is in work from the moment it is opened."""
    if item is None or item.kind is not ItemKind.PULL_REQUEST:
        return None
    return worked_days(item.created_at, clock.now, clock.now, clock.holidays)


def _planned_days(sprint: Sprint, now: datetime) -> float | None:
    """The calendar days from the start to the end, both included."""
    if sprint.starts_at is None or sprint.due_on is None:
        return None
    return float(max((sprint.due_on - local_day(sprint.starts_at, now)).days + 1, 1))


def _open_sprints(sprint: Sprint, snapshot: Snapshot, now: datetime) -> int:
    """This sprint and the others that share its people, by title.

    For a milestone: the other open, dated milestones with open work in its repositories. For an iteration: the other
    iterations that have begun and have open work there; a release is delivered through iterations, not beside them.
    """
    if sprint.iterations and not sprint.milestones:
        return 1 + len(_other_iterations(sprint, snapshot, now))
    repositories = set(sprint.repositories)
    busy = {(i.repository, i.milestone_number) for i in snapshot.items if i.is_open and i.milestone_number is not None}
    others = {
        " ".join(m.title.casefold().split())
        for m in snapshot.milestones
        if m.repository in repositories
        and m.evidence_id not in sprint.milestones
        and m.state is State.OPEN
        and m.due_on is not None
        and (m.repository, m.number) in busy
    }
    return 1 + len(others)


def _other_iterations(sprint: Sprint, snapshot: Snapshot, now: datetime) -> set[str]:
    today = local_day(now, now)
    repositories = {r.id for r in snapshot.repositories if r.full_name in sprint.repositories}
    opened = {(i.repository_id, i.number) for i in snapshot.items if i.is_open and i.repository_id in repositories}
    others: set[str] = set()
    for board in snapshot.boards:
        busy = {b.iteration_id for b in board.items if (b.repository_id, b.item_number) in opened}
        others |= {
            " ".join(i.title.casefold().split())
            for i in board.iterations
            if i.id in busy and i.evidence_id not in sprint.iterations and i.starts_on <= today <= i.last_day
        }
    return others


def _days_since_planning(sprint: Sprint, now: datetime, holidays: frozenset[date]) -> int:
    """Working days since the planning days at the start; today is not counted, because it is not over."""
    if sprint.starts_at is None:
        return 0
    passed = working_days(local_day(sprint.starts_at, now), local_day(now, now), holidays)
    return max(passed - 1 - PLANNING_DAYS, 0)
