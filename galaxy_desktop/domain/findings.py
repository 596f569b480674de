"""What assessment ends in: forecast, health, risks, recommendations, explanation, alerts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import DayCount, Dependency, EarlierLook, FeatureSet, SprintFlow, TeamRhythm
from galaxy_desktop.domain.families import Trouble
from galaxy_desktop.domain.ledger import TrackRecord
from galaxy_desktop.domain.past_sprints import ItemDelay, SimilarSprints
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import Repository, RepositoryState


class NoForecast(StrEnum):
    """Why a forecast shows no probability; the values are part of the headless contract."""

    NO_END = "no end date"
    END_PASSED = "end passed"
    TOO_LITTLE_HISTORY = "too little history"
    ALL_DONE = "all done"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWork:
    """One open item as the simulation sees it; `age_days` is `None` when nobody has started it.

    `remaining_share` is how much of its remaining time is kept when a part of it is moved out of the sprint.
    `lines` (of a pull request) and `boxes` (of a checklist) are its size; `owners` opaque keys of whose hands it is in;
    `part_of` the issues that a pull request closes: it is part of their work. `slip_days` are working days by which it
    is taken to finish later than it otherwise would.
    """

    item_id: str
    age_days: float | None
    blocked_by: tuple[str, ...] = ()
    waiting_for_review_days: float | None = None
    red: bool = False
    remaining_share: float = 1.0
    lines: int | None = None
    boxes: int = 0
    owners: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    slip_days: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EffortFactor:
    """How much longer (above 1) or shorter work of a kind and size takes this team than its usual item.

    `kind` is "issue" or "pr"; `size` is "small", "medium" or "large", "" for the kind as a whole; `seen` counts the
    finished items it was learned from. Few of them leave it near 1.
    """

    kind: str
    size: str
    factor: float
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """The days on which one person does not work; `owner` is an opaque key."""

    owner: str
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastInputs:
    """All that a simulation depends on: equal inputs give equal numbers on every platform.

    `planned_days` is the sprint's whole calendar length, `None` without a start or an end;
    `done` counts items of the sprint that are closed; `days`, `sprint_days`, `cycle_days`: see `FlowHistory`;
    `holidays` are days off in the sprint's future. `as_of` is the moment of evaluation, `today` its local day.
    `outside` are open items that are not in the sprint but hold one of its items back; `open_sprints` sprints with an
    end share the same people; `added` items came in during the `added_days` working days since planning.
    `unit_days`, `unit_sprint_days` and `rhythm`: see `FlowHistory`; without units every item counts as one.
    `flow` is what sprints get and how they grow; without it both are read from the days of the past and `open_sprints`.
    `effort` is what kind and size do to durations; `away` who is away when; `done_ids` are the items behind `done`.
    `earlier` is how the sprint stood on days before, oldest first; empty where nothing is known of its course.
    `troubles` are what the six families see at the moment; they move nothing in the runs, only what is learned of them does.
    """

    as_of: datetime
    today: date
    due_on: date | None
    closed: bool
    planned_days: float | None
    open: tuple[OpenWork, ...]
    done: int
    days: tuple[DayCount, ...]
    sprint_days: tuple[DayCount, ...]
    cycle_days: tuple[float, ...]
    past_sprints: int = 0
    past_sprints_on_time: int = 0
    holidays: frozenset[date] = frozenset()
    seed: int = 0
    runs: int = 10_000
    outside: tuple[OpenWork, ...] = ()
    open_sprints: int = 1
    added: int = 0
    added_days: int = 0
    unit_days: tuple[DayCount, ...] = ()
    unit_sprint_days: tuple[DayCount, ...] = ()
    effort: tuple[EffortFactor, ...] = ()
    rhythm: TeamRhythm = field(default_factory=TeamRhythm)
    away: tuple[Away, ...] = ()
    done_ids: tuple[str, ...] = ()
    earlier: tuple[EarlierLook, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    flow: SprintFlow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """The day by which everything is done, at four levels of certainty."""

    p50: date
    p70: date
    p85: date
    p95: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FanPoint:
    """Items done by the end of a future day, in 15, 50 and 85 % of the runs or fewer."""

    day: date
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOutlook:
    """What the runs say of one open item.

    `late` is the share of runs in which it is not done by the end (`None` without an end), `critical` the share in
    which it lies on the path that decides when the sprint is done; `p50` and `p85` are days by which it is done.
    """

    item_id: str
    late: float | None
    critical: float
    p50: date
    p85: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeCriticality:
    """The share of runs in which the path that decides goes through "`source_id` before `target_id`"."""

    source_id: str
    target_id: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Distribution of the completion date and of items done by the end.

    `probability` is clamped to 0.05..0.95 while work remains and `None` with a reason in `why_none`;
    `raw_share` is the plain share of runs that finish in time before prior and clamp;
    `missing` says in words what is needed when history is too short; `formula` shows the numbers put in.
    `baselines` holds "base_rate" and "linear_burn" (0 to 1, or `None` where they cannot be had).
    `course` is the voice of the outcome model, `weight` the part that the simulation has in the blend, and
    `before_recalibration` the blend of both. `outlooks` are of single items, `critical_edges` of dependencies;
    `cycles` says in words which items wait for each other.
    """

    probability: float | None
    why_none: NoForecast | None
    raw_share: float | None
    n_active_days: int
    n_completed: int
    runs: int
    seed: int
    as_of: datetime
    engine: str
    completion: Completion | None
    done_by_end: tuple[float, float, float] | None
    fan: tuple[FanPoint, ...]
    baselines: dict[str, float | None]
    formula: str
    missing: str = ""
    course: float | None = None
    weight: float | None = None
    before_recalibration: float | None = None
    outlooks: tuple[ItemOutlook, ...] = ()
    critical_edges: tuple[EdgeCriticality, ...] = ()
    cycles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPart:
    """One weighted part of health: `score` 0 to 100, `weight` 0 to 1 (the parts' weights add up to 1)."""

    name: str
    weight: float
    score: float
    formula: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """0 to 100; `word` is "Sustain", "Observe" or "Act" so that color is never the only sign."""

    score: float
    word: str
    parts: tuple[HealthPart, ...]

    @property
    def whole(self) -> int:
        """The score in whole points, cut off: rounded up, 39.9 would stand beside the word for below 40."""
        return int(self.score)


class Severity(StrEnum):
    """How bad a risk is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for critical."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A rule that fired: `id` is made from sprint, kind and item, so the same fact keeps its id.

    `probability` (0 to 1) is the chance that it costs the sprint something, `impact` says what in words,
    `item_ids` the items concerned.
    """

    id: str
    kind: str
    severity: Severity
    probability: float
    impact: str
    summary: str
    item_ids: tuple[str, ...]
    evidence: tuple[Evidence, ...]


class Effort(StrEnum):
    """How much work a recommendation asks for: minutes, hours, days."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """An action and what it is worth: the change in P(done by the end) with a 90 % interval.

    Both are `None` where there is no probability to change; such actions are ranked after the others. `weight` is what
    earlier verdicts on its kind do to its place among the others, and to nothing else; `why_weight` says it in words.
    `instead` names, in a sentence, smaller or larger actions that are not listed beside it because one contains the other.
    """

    id: str
    kind: str
    summary: str
    item_ids: tuple[str, ...]
    delta_probability: float | None
    interval: tuple[float, float] | None
    effort: Effort
    evidence: tuple[Evidence, ...]
    weight: float = 1.0
    why_weight: str = ""
    instead: str = ""


class Verdict(StrEnum):
    """What the user said of a recommendation."""

    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserVerdict:
    """A verdict with its reason, and until when a snooze holds."""

    recommendation_id: str
    verdict: Verdict
    reason: str
    at: datetime
    until: datetime | None = None


class Progress(StrEnum):
    """How far an accepted action is."""

    UNDER_WAY = "under way"
    OVERDUE = "overdue"
    DONE = "done"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"

    @property
    def final(self) -> bool:
        """Whether nothing can change any more."""
        return self in (Progress.DONE, Progress.LAPSED, Progress.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """An accepted recommendation as it was when it was accepted; `id` is made from both, so it is followed once.

    `probability` is P then, `promised` the gain named then. `done_when` says in words what done means for this kind,
    `done_by` the last day on which it is not overdue. `before` is the work concerned as the forecast saw it, `due_on`
    and `planned_days` the sprint's end and length: what the forecast without the action is made from.
    """

    id: str
    recommendation_id: str
    sprint_id: str
    sprint_title: str
    kind: str
    summary: str
    item_ids: tuple[str, ...]
    effort: Effort
    accepted_at: datetime
    done_by: date
    done_when: str
    probability: float | None
    promised: float | None
    due_on: date | None
    planned_days: float | None
    before: tuple[OpenWork, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What came of an intervention, as far as it is known.

    `probability` is P when it was first seen done, `without` the same forecast with the action undone, `seen` the
    difference: what it moved. `helped` is `None` while that cannot be said. `evidence` is what shows that it was done.
    """

    intervention: Intervention
    progress: Progress
    sentence: str
    done_at: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    probability: float | None = None
    without: float | None = None
    seen: float | None = None
    helped: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedWeight:
    """What earlier verdicts on a kind of action do to its place: between 0.5 and 1.5, 1 while nothing is known."""

    kind: str
    weight: float
    accepted: int
    dismissed: int
    snoozed: int
    helped: int
    not_helped: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A verdict in force, with the recommendation that it is about."""

    recommendation: Recommendation
    sprint_title: str
    verdict: UserVerdict


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence shown to a user; `evidence` are the ids that support it, never empty."""

    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A sentence that a model wrote and nobody is shown unasked: the stored facts do not say it, for this reason."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Sentences with their evidence ids: by templates ("facts") or by a model whose claims were checked.

    `removed` counts what did not check out; `unsupported` holds as much of it as could be read, to be shown on request.
    `worded_at` is when a model wrote it, `None` where none did.
    """

    mode: str
    sentences: tuple[Sentence, ...]
    removed: int = 0
    unsupported: tuple[Unsupported, ...] = ()
    worded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SprintAnalysis:
    """Everything known about one sprint at a moment.

    `delays` tell of each open item how likely it misses the end, where one lies ahead; `similar` of past sprints that
    looked like this one after the same share of their time, `None` where none can be compared.
    """

    sprint: Sprint
    features: FeatureSet
    forecast: Forecast
    health: Health
    risks: tuple[Risk, ...]
    recommendations: tuple[Recommendation, ...]
    explanation: Explanation
    done: int
    open: int
    delays: tuple[ItemDelay, ...] = ()
    similar: SimilarSprints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A risk or forecast that crossed a band; `id` is made from its fact: the same fact never gets a second alert."""

    id: str
    kind: str
    sprint_id: str
    reason: str
    severity: Severity
    evidence: tuple[Evidence, ...]
    at: datetime
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFreshness:
    """How many rows we hold of a repository and how fresh they are."""

    repository: Repository
    items: int
    open_items: int
    comments: int
    synced_at: datetime | None
    state: RepositoryState
    sentence: str = ""
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemBrief:
    """What a screen needs to name an item and open it: the graph and the tables show titles, not bare numbers."""

    id: str
    title: str
    url: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The answer of one evaluation of a workspace; the JSON of `analyze` is made from this record alone.

    `items` name the work that sprints and dependencies speak of; they are for the screen, not part of the JSON.
    So are `follow_ups` (accepted actions, newest first), `learned` (weights of kinds), `decided` (verdicts in force),
    `record` (how good the forecast was so far) and `strangers` (logins with days off whom nobody saw in a repository).
    """

    as_of: datetime
    engine: str
    repositories: tuple[RepositoryFreshness, ...]
    sprints: tuple[SprintAnalysis, ...]
    dependencies: tuple[Dependency, ...]
    alerts: tuple[Alert, ...]
    items: tuple[ItemBrief, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    learned: tuple[LearnedWeight, ...] = ()
    decided: tuple[Decided, ...] = ()
    record: TrackRecord | None = None
    strangers: tuple[str, ...] = ()
