"""The flow of work of a team: what the Flow page and `galaxy-desktop flow` show, as frozen records.

Everything here is about items, sprints, repositories and weeks. No record has room for a person, and none can be
sorted into a ranking of people: that is a promise, and a test reads this module for it.

Each part begins with a `Head`: the finding in words, the formula with its numbers put in, and what it rests on. Where
there is too little data, `why_none` says what is missing; a number is then `None` or absent, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from galaxy_desktop.domain.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands above a chart: `finding` is its title, `formula` is shown on demand."""

    finding: str
    formula: str
    why_none: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is something to draw."""
        return not self.why_none


class ScopeKind(StrEnum):
    """How an item came into a sprint, or that it left."""

    PLANNED = "planned"
    ADDED = "added"
    CARRIED = "carried over"
    CARRIED_TWICE = "carried over twice"
    REMOVED = "removed"


class WorkState(StrEnum):
    """Where an item is on its way."""

    TO_DO = "to do"
    PROGRESS = "in progress"
    WAITING = "waiting for review"
    REVIEW = "in review"
    DONE = "done"


class Unit(StrEnum):
    """What is counted: items always, story points where they exist, hours never."""

    ITEMS = "items"
    POINTS = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeItem:
    """One item of a sprint with how it came; `earlier` names the sprints that it left unfinished, oldest first."""

    item_id: str
    title: str
    kind: ScopeKind
    entered_on: date
    left_on: date | None = None
    done_on: date | None = None
    points: float | None = None
    earlier: tuple[str, ...] = ()
    url: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnDay:
    """The end of a day: what is in scope by how it came, what of it is done, and what was removed so far."""

    day: date
    planned: float
    added: float
    carried: float
    carried_twice: float
    done: float
    removed: float

    @property
    def scope(self) -> float:
        """All that is in scope."""
        return self.planned + self.added + self.carried + self.carried_twice

    @property
    def left(self) -> float:
        """What is in scope and not done."""
        return self.scope - self.done


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """Burnup and burndown of a sprint in one unit.

    `guide` is the even burndown from the end of planning to the due day over working days; a comparison, not a plan.
    `totals` are today's amounts by how they came, the removed last.
    """

    head: Head
    unit: Unit
    days: tuple[BurnDay, ...] = ()
    guide: tuple[tuple[date, float], ...] = ()
    totals: tuple[tuple[ScopeKind, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDay:
    """The end of a day: how many items had arrived, were started, had reached review, and were done by then.

    Each number counts all that got at least that far, so each is at most the one before and none ever falls.
    """

    day: date
    arrived: int
    started: int
    reviewing: int
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeFlow:
    """The bands of work over time; `resting` older items nobody has started are counted here and not drawn."""

    head: Head
    days: tuple[FlowDay, ...] = ()
    resting: int = 0


@dataclass(frozen=True, slots=True)
class Percentile:
    """`rank` percent of the past took `days` or less."""

    rank: int
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleDot:
    """One delivered item: the day it was done, and the days from the first sign of work."""

    item_id: str
    title: str
    done_on: date
    days: float
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleScatter:
    """Every delivered item of the window as a dot, with percentiles: the median first, never a mean."""

    head: Head
    dots: tuple[CycleDot, ...] = ()
    percentiles: tuple[Percentile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingItem:
    """An open item in its state; `above` is the highest percentile of the past that its age exceeds, 0 for none.

    `above` is `None` where too few past items were in that state.
    """

    item_id: str
    title: str
    state: WorkState
    since: date
    days: float
    above: int | None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingState:
    """The percentiles of past items in one state, and how many these are; empty with too few."""

    state: WorkState
    past: int
    percentiles: tuple[Percentile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingWork:
    """Open items against how long past items stayed in the same state, the oldest for their state first."""

    head: Head
    states: tuple[AgingState, ...] = ()
    items: tuple[AgingItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A working day, or a week with at least one; `whole` is false while it is not over."""

    first: date
    last: date
    done: int
    working_days: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Bin:
    """In how many periods exactly `done` items were delivered."""

    done: int
    periods: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """Deliveries a working week and a working day, and how often each number occurred in whole periods."""

    head: Head
    weeks: tuple[Period, ...] = ()
    days: tuple[Period, ...] = ()
    week_bins: tuple[Bin, ...] = ()
    day_bins: tuple[Bin, ...] = ()


class SignalRule(StrEnum):
    """The rules by which a process-behavior chart names a special cause."""

    OUTSIDE = "outside the limits"
    RUN = "8 in a row on one side of the mean"
    NEAR_LIMIT = "3 of 4 nearer to a limit than to the mean"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPoint:
    """One value in order of time, its distance from the one before, and the rules that it breaks."""

    day: date
    value: float
    moving_range: float | None
    signals: tuple[SignalRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessChart:
    """An XmR chart: limits = mean +- 2.66 x mean moving range; upper range limit = 3.268 x mean moving range.

    `lower` is `None` where the limit would lie below what is possible: such a chart has one side only.
    """

    name: str
    unit: str
    head: Head
    points: tuple[ProcessPoint, ...] = ()
    mean: float | None = None
    lower: float | None = None
    upper: float | None = None
    range_mean: float | None = None
    range_upper: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Whether the process is predictable now; `stable` is `None` with too few weeks.

    `signals` counts the last weeks with a special cause, `charts` names the charts that show them, `since` is the
    first of these weeks. An unstable process is a reason to widen the interval of a forecast.
    """

    stable: bool | None
    sentence: str
    signals: int = 0
    charts: tuple[str, ...] = ()
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One block of days of a trend; `value` is `None` where nothing could be measured, `n` is what it rests on."""

    first: date
    last: date
    value: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DoraKey:
    """One of the four keys over the last 90 days: a trend, not a target.

    `rule` says what counted as a delivery, a change or a failure here; `before` is the value of the 90 days before.
    """

    name: str
    unit: str
    rule: str
    head: Head
    value: float | None = None
    before: float | None = None
    n: int = 0
    trend: tuple[TrendPoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SprintPace:
    """What one past sprint planned and delivered; points are `None` where too few items carry them."""

    sprint_id: str
    title: str
    ended_on: date
    planned: int
    done: int
    planned_points: float | None = None
    done_points: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A range and its middle, over `n` sprints: never a single number alone."""

    low: float
    median: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Velocity:
    """Past sprints, the oldest first; `points` is `None` with the reason in `why_no_points`."""

    head: Head
    sprints: tuple[SprintPace, ...] = ()
    items: Spread | None = None
    points: Spread | None = None
    why_no_points: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SprintName:
    """A sprint that can be chosen."""

    sprint_id: str
    title: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowReport:
    """All of it for one sprint and its repositories at a moment; `sprint_id` is "" where there is no sprint.

    `history_complete` is false while older history is still being read: older weeks may then hold too little.
    """

    as_of: datetime
    sprint_id: str
    sprint_title: str
    sprints: tuple[SprintName, ...]
    repositories: tuple[str, ...]
    history_complete: bool
    points_rule: str
    scope: tuple[ScopeItem, ...]
    burn: Burn
    burn_points: Burn
    cumulative: CumulativeFlow
    cycle: CycleScatter
    aging: AgingWork
    throughput: Throughput
    processes: tuple[ProcessChart, ...]
    stability: Stability
    dora: tuple[DoraKey, ...]
    velocity: Velocity
