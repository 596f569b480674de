"""A walk through the past at regular moments: what the rules said, which items were late, how sprints went.

It goes stretch by stretch, each once: a past sprint at every third day (at most twenty moments), and for repositories that
have too few sprints with an end four weeks of their work at a time, seen four times. Everything is computed from
the workspace as it was at the moment (`features.past`) and judged by what is stored now. What came of it is kept by
the caller (`past_book`), so that a walk that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from galaxy_desktop.assess import backtest, delay_terms, forecast, replay, similar
from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.landing import last_moment
from galaxy_desktop.domain.past_sprints import CoursePoint, DelayRow, RuleFiring, Stretch
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.work import State, WorkItem
from galaxy_desktop.errors import CancelledByUserError
from galaxy_desktop.features.activity import finished_at, last_activity, responses
from galaxy_desktop.features.compute import compute
from galaxy_desktop.features.edges import dependency_edges
from galaxy_desktop.features.index import WorkspaceIndex, index_of, key_of
from galaxy_desktop.features.past import as_of
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.services.ledger import judge
from galaxy_desktop.services.pipeline import seed_of

FORMAT = "walk/2"
"""Changes whenever the same past may give other numbers."""
EVERY = timedelta(days=3)
MOST_LOOKS = 20
AFTER_THE_END = timedelta(days=6)
"""So long past its end a sprint is still looked at: being overdue is a rule too."""
WINDOW = timedelta(days=28)
ALIVE = timedelta(days=28)
"""An item without a sign of life for longer is nobody's plan for the next four weeks."""
WINDOW_SHARES = (0.07, 0.3, 0.5, 0.8)
DELAY_SHARES = (0.1, 0.3, 0.5, 0.8)
FEWEST_SPRINTS = 5
"""A repository with fewer past sprints that had an end is replayed in windows too."""
YEARS = 1.0
SETTLED = timedelta(days=28)
"""So long after a sprint is closed, what its rules warned of has come or not."""
RUNS = 500
WINDOW_RULES = tuple(k for k in replay.CRITERIA if k not in (*replay.OF_SPRINTS, "overloaded_owner"))
"""Rules that make sense where nobody planned a sprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A stretch to be replayed: a sprint, or a window of one repository from a moment on."""

    key: str
    digest: str
    sprint: Sprint | None = None
    repository: str = ""
    start: datetime | None = None


@dataclass(slots=True)
class _Seen:
    """The looks at one stretch, as they come in."""

    looks: list[replay.Look] = field(default_factory=list)
    delays: list[DelayRow] = field(default_factory=list)
    course: list[CoursePoint] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)


class PastWalk:
    """One walk; `prepare` once, then `step` until it says that nothing is left. Single-threaded."""

    def __init__(
        self,
        snapshot: Snapshot,
        now: datetime,
        known: Iterable[Stretch] = (),
        *,
        confirmed: frozenset[str] = frozenset(),
        holidays: frozenset[date] = frozenset(),
        years: float = YEARS,
    ) -> None:
        """Nothing is computed yet; `now` is an aware datetime in the user's zone, `known` what was replayed before."""
        self._snapshot = snapshot
        self._now = now
        self._confirmed = confirmed
        self._holidays = holidays
        self._since = now - timedelta(days=365.25 * years)
        self._known = {one.key: one for one in known}
        self._waiting: list[Plan] = []
        self._later = replay.Later(now=now)
        self._parts: dict[str, Snapshot] = {}
        self.found: dict[str, Stretch] = {}
        """What is replayed, by key."""

    @property
    def total(self) -> int:
        """All stretches there are."""
        return len(self.found) + len(self._waiting)

    @property
    def next(self) -> str:
        """What the next step replays, "" when nothing is left."""
        if not self._waiting:
            return ""
        plan = self._waiting[0]
        return plan.sprint.name if plan.sprint else f"{plan.repository}, four weeks from {plan.start:%Y-%m-%d}"

    def prepare(self) -> None:
        """Find out what is there and what is missing."""
        index = index_of(self._snapshot)
        sprints = group_sprints(self._snapshot, self._now, self._confirmed, index=index)
        plans = [*self._sprints(sprints), *self._windows(sprints)]
        self._later = later_of(index, self._now)
        for plan in plans:
            known = self._known.get(plan.key)
            if known is not None and known.digest == plan.digest:
                self.found[plan.key] = known
            else:
                self._waiting.append(plan)

    def step(self, stop: StopFlag | None = None) -> bool:
        """Replay the next stretch; false when none is left. `CancelledByUserError` when stopped in the middle."""
        if not self._waiting:
            return False
        plan = self._waiting[0]
        made = self._of_sprint(plan, plan.sprint, stop) if plan.sprint else self._of_window(plan, stop)
        self.found[plan.key] = made
        self._waiting.pop(0)
        return bool(self._waiting)

    # --- what there is to replay

    def _sprints(self, sprints: Sequence[Sprint]) -> list[Plan]:
        """Closed sprints that ended in the time looked at, the newest first."""
        closed = [
            (s.closed_at, s)
            for s in sprints
            if s.state is State.CLOSED and s.starts_at and s.closed_at and s.closed_at >= self._since
        ]
        newest = sorted(closed, key=lambda pair: (pair[0], pair[1].id), reverse=True)[: backtest.MOST_SPRINTS]
        return [Plan(key=s.id, digest=_digest_of(s, closed, self._now), sprint=s) for closed, s in newest]

    def _windows(self, sprints: Sequence[Sprint]) -> list[Plan]:
        """Four weeks at a time of repositories with few sprints; windows begin on the same days whenever asked."""
        ended = [s for s in sprints if s.state is State.CLOSED and s.due_on is not None and s.items]
        plans = []
        for repository in self._snapshot.repositories:
            if sum(repository.full_name in s.repositories for s in ended) >= FEWEST_SPRINTS:
                continue
            first = min((i.created_at for i in self._snapshot.items if i.repository_id == repository.id), default=None)
            if first is None:
                continue
            zero = datetime(2020, 1, 6, tzinfo=self._now.tzinfo)
            place = int((max(self._since, first + WINDOW) - zero) / WINDOW) + 1
            while (start := zero + place * WINDOW) + WINDOW <= self._now:
                key = f"window-{repository.id}-{start:%Y-%m-%d}"
                plans.append(Plan(key=key, digest=FORMAT, repository=repository.full_name, start=start))
                place += 1
        return plans

    # --- a sprint

    def _of_sprint(self, plan: Plan, sprint: Sprint, stop: StopFlag | None) -> Stretch:
        outcome = judge(sprint, self._snapshot, self._now)
        end = outcome.due_on if outcome is not None else None
        seen = _Seen()
        for moment in _moments(sprint, end, self._now):
            _look(stop)
            self._see(seen, self._snapshot, sprint, moment)
        closed = sprint.closed_at or self._now
        later = replace(self._later, landed=outcome.landed if outcome is not None else None)
        known = outcome is not None and bool(seen.course)
        return Stretch(
            key=plan.key,
            digest=plan.digest,
            ended_on=local_day(closed, self._now),
            firings=replay.firings(seen.looks, later),
            delays=tuple(seen.delays),
            course=_with_removals(seen),
            landed=outcome.landed if outcome is not None else None,
            delivered=outcome.delivered if outcome is not None else 0,
            committed=outcome.committed if outcome is not None else 0,
            days_late=self._days_late(sprint) if known else None,
            end_moved=(sprint.due_history[-1] - sprint.due_history[0]).days if sprint.due_history else 0,
        )

    def _see(self, seen: _Seen, snapshot: Snapshot, sprint: Sprint, moment: datetime) -> None:
        then = as_of(snapshot, moment)
        index = index_of(then)
        was = backtest.same_sprint(sprint, group_sprints(then, moment, self._confirmed, index=index))
        if was is None or not was.items or was.state is State.CLOSED:
            return
        self._enter(seen, then, index, replace(was, id=sprint.id), moment)

    def _enter(self, seen: _Seen, then: Snapshot, index: WorkspaceIndex, was: Sprint, moment: datetime) -> None:
        edges = dependency_edges(then, index=index)
        features = compute(then, was, moment, holidays=self._holidays, edges=edges, index=index)
        look = replay.Look(sprint=was, features=features, snapshot=then, moment=moment)
        seen.looks.append(look)
        point = similar.point_of(was, features, then, moment)
        if point is None:
            return
        previous = seen.course[-1].elapsed if seen.course else -1.0
        seen.course.append(replace(point, removed_later=len(features.removed_since_start)))
        if any(previous < share <= point.elapsed for share in DELAY_SHARES):
            self._delays(seen, look)

    def _delays(self, seen: _Seen, look: replay.Look) -> None:
        """The open items of a look as rows, where it is known by now whether they were late."""
        inputs = forecast.inputs_of(
            look.sprint, look.features, look.snapshot, look.moment, holidays=self._holidays, seed=seed_of(look.sprint)
        )
        outlook = forecast.simulate(replace(inputs, runs=RUNS))
        elapsed = seen.course[-1].elapsed
        for one in delay_terms.situations(look.sprint, look.features, outlook, look.snapshot, look.moment):
            late = self._later.late(one.item.evidence_id, look.deadline)
            # Nobody planned what is in a window: an item that nobody started may never have been meant for it.
            planned = bool(look.sprint.anchors) or one.fact.age_days is not None
            if late is not None and planned:
                number = seen.numbers.setdefault(one.item.evidence_id, len(seen.numbers))
                seen.delays.append(DelayRow(item=number, elapsed=elapsed, terms=one.terms(), late=late))

    def _days_late(self, sprint: Sprint) -> int | None:
        """Days from the first end ever seen to the last item's end; `None` where an item is open still."""
        if not sprint.due_history:
            return None
        ends = [self._later.done_at.get(one) for one in sprint.items]
        done = [end for end in ends if end is not None]
        if not done or len(done) < len(ends):
            return None
        return max(0, (local_day(max(done), self._now) - sprint.due_history[0]).days)

    # --- a window

    def _of_window(self, plan: Plan, stop: StopFlag | None) -> Stretch:
        if plan.start is None:
            raise ValueError("a window begins at a moment")
        part = self._part(plan.repository)
        seen, start = _Seen(), plan.start
        # What fired in the window before and goes on is no new firing.
        before = [self._window_look(part, plan, start - 0.2 * WINDOW, start - WINDOW)]
        for share in WINDOW_SHARES:
            _look(stop)
            then = as_of(part, start + share * WINDOW)
            index = index_of(then)
            sprint = _window_sprint(plan, index, start, start + share * WINDOW)
            if sprint.items:
                self._enter(seen, then, index, sprint, start + share * WINDOW)
        looks = [one for one in before if one is not None]
        found = replay.firings([*looks, *seen.looks], self._later, WINDOW_RULES)
        if looks:
            found = _without(found, replay.firings(looks, self._later, WINDOW_RULES))
        return Stretch(
            key=plan.key,
            digest=plan.digest,
            ended_on=local_day(start + WINDOW, self._now),
            firings=found,
            delays=tuple(seen.delays),
        )

    def _window_look(self, part: Snapshot, plan: Plan, moment: datetime, start: datetime) -> replay.Look | None:
        then = as_of(part, moment)
        index = index_of(then)
        sprint = _window_sprint(plan, index, start, moment)
        if not sprint.items:
            return None
        edges = dependency_edges(then, index=index)
        features = compute(then, sprint, moment, holidays=self._holidays, edges=edges, index=index)
        return replay.Look(sprint=sprint, features=features, snapshot=then, moment=moment)

    def _part(self, repository: str) -> Snapshot:
        """The snapshot of one repository alone."""
        if repository not in self._parts:
            self._parts = {repository: only(self._snapshot, repository)}
        return self._parts[repository]


def _without(found: Sequence[RuleFiring], first: Sequence[RuleFiring]) -> tuple[RuleFiring, ...]:
    """The firings after those of the look before: they come first, in the same order."""
    return tuple(found[len(first) :])


def _window_sprint(plan: Plan, index: WorkspaceIndex, start: datetime, moment: datetime) -> Sprint:
    """What was open and alive at the start of four weeks, and what was opened since, as if it were a sprint."""

    def inside(item: WorkItem) -> bool:
        if item.created_at > start:
            return True
        done = finished_at(item)
        return (done is None or done > start) and last_activity(item, index) >= start - ALIVE

    items = [i.evidence_id for i in index.items_in((plan.repository,)) if inside(i)]
    return Sprint(
        id=plan.key,
        title=f"Four weeks from {start:%Y-%m-%d}",
        repositories=(plan.repository,),
        milestones=(),
        items=tuple(items),
        starts_at=start,
        due_on=local_day(start + WINDOW, moment) - timedelta(days=1),
        due_history=(),
        state=State.OPEN,
    )


def _moments(sprint: Sprint, end: date | None, now: datetime) -> list[datetime]:
    """When to look at a past sprint: every third day, fewer times where it was long, and shortly after its end."""
    start, closed = sprint.starts_at, sprint.closed_at
    if start is None or closed is None:
        return []
    until = min(closed, now)
    if end is not None:
        until = min(until, last_moment(end, now) + AFTER_THE_END)
    step = max(EVERY, (until - start) / MOST_LOOKS)
    moments, at = [], start + min(EVERY, step)
    while at < until:
        moments.append(at.astimezone(now.tzinfo))
        at += step
    return moments


def _with_removals(seen: _Seen) -> tuple[CoursePoint, ...]:
    """The course, with how many items were still taken out after each point (it was entered with those until then)."""
    last = max((point.removed_later for point in seen.course), default=0)
    return tuple(replace(point, removed_later=max(0, last - point.removed_later)) for point in seen.course)


def later_of(index: WorkspaceIndex, now: datetime) -> replay.Later:
    """What is known at `now` of every item, for judging the past."""
    done, signs, answers = {}, {}, {}
    for item in index.items:
        one, key = item.evidence_id, key_of(item)
        ended = finished_at(item)
        if ended is not None and ended <= now:
            done[one] = ended
        moments = [e.created_at for e in index.events_of.get(key, ())]
        moments += [c.created_at for c in index.comments_of.get(key, ())]
        moments += [r.submitted_at for r in index.reviews_of.get(key, ())]
        commits = index.pull_commits_of.get(key)
        moments += [c.committed_at for c in commits.commits] if commits is not None else []
        signs[one] = sorted(moments)
        answers[one] = sorted(responses(item, index))
    greens: defaultdict[str, list[datetime]] = defaultdict(list)
    for runs in index.runs_of_repository.values():
        for run in runs:
            if run.conclusion == "success":
                greens[f"check:{run.repository}@{run.head_branch}/{run.name}"].append(run.finished_at or run.started_at)
    return replay.Later(
        now=now, done_at=done, signs=signs, answers=answers, greens={key: sorted(at) for key, at in greens.items()}
    )


def only(snapshot: Snapshot, repository: str) -> Snapshot:
    """The part of a snapshot that belongs to one repository; boards and what lies elsewhere are left out."""
    kept = tuple(one for one in snapshot.repositories if one.full_name == repository)
    ids = {one.id for one in kept}
    lists: Mapping[str, tuple[object, ...]] = {
        name: tuple(one for one in getattr(snapshot, name) if one.repository_id in ids)
        for name in (
            "milestones", "milestone_versions", "items", "comments", "reviews", "commits", "runs", "events", "checks",
            "releases", "deployments", "branches", "links", "pull_commits",
        )
    }  # fmt: skip
    return replace(snapshot, repositories=kept, boards=(), **lists)  # type: ignore[arg-type]


def _digest_of(sprint: Sprint, closed: datetime, now: datetime) -> str:
    """A sprint is replayed again when it changed, and once when the last deadline of its firings has passed."""
    settled = now - closed > SETTLED
    facts = (FORMAT, forecast.ENGINE, sprint.closed_at, sprint.due_history, sprint.items, settled)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _look(stop: StopFlag | None) -> None:
    if stop is not None and stop.is_set():
        raise CancelledByUserError("The replay of the past was stopped; it goes on with the next evaluation.")
