"""What the pure `features` folder computes: named numbers, dependency edges and facts of single items.

"No data" is never zero: a feature without data has `value=None` and says why in `why_none`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.families import Trouble


class Family(StrEnum):
    """The six feature families."""

    CODE = "code"
    TEXT = "text"
    TEMPORAL = "temporal"
    GRAPH = "graph"
    SENTIMENT = "sentiment"
    CI = "ci"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One named number of a sprint at a moment.

    `unit` is a word such as "items", "days", "share"; `window` says which time it covers in words
    ("last 60 days", "sprint", "now"); `formula` shows how the value was made with its numbers.
    """

    name: str
    family: Family
    value: float | None
    unit: str
    window: str
    formula: str
    why_none: str = ""
    evidence: tuple[Evidence, ...] = ()


class EdgeKind(StrEnum):
    """What a dependency edge means; "a blocks b" reads from -> to."""

    BLOCKS = "blocks"
    CLOSES = "closes"
    PARENT = "parent"
    MENTIONS = "mentions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A directed edge between two items, by evidence id.

    `blocks`: `source_id` must finish before `target_id`. `closes`: the pull request `source_id` closes the issue
    `target_id`. `parent`: `source_id` contains `target_id`. `mentions`: a plain reference, never simulated.
    `source` says how it was learned ("native", "closing keyword", "text", "task list", "cross-reference"),
    `confidence` is 0 to 1, `evidence` holds the words that say so. An item of a repository that is not
    tracked has an id with `external:` in front.
    """

    source_id: str
    target_id: str
    kind: EdgeKind
    source: str
    confidence: float
    evidence: tuple[Evidence, ...] = ()

    @property
    def crosses_repositories(self) -> bool:
        """Whether its two ends lie in different repositories."""
        return _repository_of(self.source_id) != _repository_of(self.target_id)


def _repository_of(evidence_id: str) -> str:
    return evidence_id.removeprefix("external:").partition(":")[2].partition("#")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """What is known about one item of a sprint at a moment; days are calendar days with fractions.

    `started_at` is the first sign of work (pull request opened, assignment, linked pull request), `None` if none.
    `age_days` counts from `started_at`; `idle_days` from the last activity by anybody.
    `blocked_by` are ids of open items that must finish first. `red_run` cites the failing run of its head commit.
    `mood` is the mean polarity (-1 to 1) of its recent comments, `None` without comments.
    `ticked` / `boxes` count a checklist; `has_criteria` whether acceptance criteria or a checklist are present.
    `near_duplicates` holds (evidence id, similarity 0 to 1); empty when no embeddings were handed in.
    `owners` are opaque keys of those whose hands it is in; `part_of` the open issues that a pull request closes.
    """

    item_id: str
    started_at: datetime | None
    age_days: float | None
    idle_days: float
    blocked_by: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    waiting_for_review_days: float | None = None
    red_run: Evidence | None = None
    mood: float | None = None
    mood_trend: float | None = None
    mood_words: tuple[str, ...] = ()
    mood_evidence: tuple[Evidence, ...] = ()
    has_criteria: bool = True
    boxes: int = 0
    ticked: int = 0
    description_words: int = 0
    size_lines: int | None = None
    conflicts_with: tuple[str, ...] = ()
    conflict_files: tuple[str, ...] = ()
    near_duplicates: tuple[tuple[str, float], ...] = ()
    owners: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """What one local calendar day brought to a set of items; `working` is false on weekends and holidays."""

    day: date
    done: int
    added: int
    working: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnupPoint:
    """The state of a sprint at the end of a day: items in scope and items done."""

    day: date
    scope: int
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierLook:
    """How a sprint stood at the beginning of an earlier day: items to do, in work and done, counted as today's are.

    `added` is how many of them had entered after planning.
    """

    day: date
    todo: int
    started: int
    done: int
    added: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedWork:
    """How long one delivered item took, with what is known of its size.

    `days` run from the first sign of work to done; `kind` is "issue" or "pr"; `lines` are added plus deleted ones of a
    pull request, `None` where they were not fetched; `boxes` count its checklist.
    """

    days: float
    kind: str
    lines: int | None = None
    boxes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRhythm:
    """How the team works together, learned from its own past; `None` where the past is too short to say.

    `team` are opaque keys of those who did or own something lately, in alphabetical order: they name nobody. One pair
    of hands never did more than about 1 / `hands` of what the team finished in two weeks. `at_once` is how many items
    one person usually has in work. `reviews_a_day` is how many reviews a working day of a busy week brings.
    `green_days` are the days that red builds took to become green again. `side_by_side` is how many people share the work as
    if evenly: one in so many pairs of items done in the same two weeks came from the same hands. `today_gone` is the part of a
    day's work that is usually done by this time of the day.
    """

    team: tuple[str, ...] = ()
    hands: float | None = None
    at_once: float | None = None
    reviews_a_day: float | None = None
    green_days: tuple[float, ...] = ()
    side_by_side: float | None = None
    today_gone: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SprintFlow:
    """What sprints with an end got of the team's work, and how much they grew, counted while they ran (`features.stays`).

    `done` of `every` pieces of work were begun in sprints while work waited in them (where too few were: done while work was
    open); of a sprint that ends before the others only the days of such sprints count. `added` items entered other sprints on
    `days` working days after planning, `grown` tells both sprint by sprint; `own_added` and `own_days` are those of the sprint
    itself. `last_done` pieces were done while nothing waited and fewer were open than people work side by side; `last_turns`
    adds up, over all that was done meanwhile, how many were open. `unseen` is the share of pieces that show no sign of their
    beginning before they are done.
    """

    done: int
    every: int
    added: int
    days: float
    own_added: int = 0
    own_days: float = 0.0
    last_done: int = 0
    last_turns: float = 0.0
    grown: tuple[tuple[int, float], ...] = ()
    unseen: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowHistory:
    """The past from which the forecast draws, over the sprint's repositories.

    `days`: the last `window_days` calendar days before `now` over all items of the sprint's repositories, oldest first;
    `sprint_days` the same for items that carried a milestone when they were done or added;
    `cycle_days`: days from first sign of work to done, of items done in the last 365 days, ascending;
    `work_days`: the same in working days, which is what the forecast counts in;
    `lead_days`: days from creation to done, same items, ascending;
    `past_sprints_on_time` / `past_sprints`: closed sprints with a due day, and how many closed by it;
    `unit_days` and `unit_sprint_days` are `days` and `sprint_days` in pieces of work: a pull request that closes an issue
    is part of that issue's work and not counted beside it. `finished` holds what `cycle_days` does, with kind and size.
    `flow` is `None` where no sprint with an end ran.
    """

    window_days: int
    days: tuple[DayCount, ...]
    sprint_days: tuple[DayCount, ...]
    cycle_days: tuple[float, ...]
    lead_days: tuple[float, ...]
    past_sprints: int = 0
    past_sprints_on_time: int = 0
    unit_days: tuple[DayCount, ...] = ()
    unit_sprint_days: tuple[DayCount, ...] = ()
    finished: tuple[FinishedWork, ...] = ()
    rhythm: TeamRhythm = field(default_factory=TeamRhythm)
    flow: SprintFlow | None = None
    work_days: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a sprint that is over came out: the end it is judged by, its items when it was over, and how many were open then.

    It is what the ledger judges by as well (`domain.landing`): what was done or moved out afterwards changes nothing.
    """

    due_on: date
    total: int
    left: int

    @property
    def missed(self) -> bool:
        """Whether work was left when it was over."""
        return self.left > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSet:
    """The features of a sprint at `as_of`, with the per-item facts and the history behind them.

    `earlier` are looks at the same sprint on days before, oldest first; `troubles` what each family sees that the team's
    past can teach about (see `features.troubles`); neither where it does not run. `ended` is how it came out, where it is over
    and had an end and anything in it.
    """

    sprint_id: str
    as_of: datetime
    features: tuple[Feature, ...]
    items: tuple[ItemFacts, ...]
    edges: tuple[Dependency, ...]
    cycles: tuple[tuple[str, ...], ...]
    history: FlowHistory
    burnup: tuple[BurnupPoint, ...]
    added_since_start: tuple[str, ...] = ()
    removed_since_start: tuple[str, ...] = ()
    longest_red: tuple[Evidence, ...] = ()
    earlier: tuple[EarlierLook, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    ended: Ending | None = None

    def feature(self, name: str) -> Feature | None:
        """The feature of that name, or `None`."""
        return next((f for f in self.features if f.name == name), None)

    def value(self, name: str) -> float | None:
        """The value of the feature of that name; `None` when it is missing or has no data."""
        found = self.feature(name)
        return found.value if found else None

    def of_item(self, item_id: str) -> ItemFacts | None:
        """The facts of one item, or `None` when it is not in the sprint."""
        return next((f for f in self.items if f.item_id == item_id), None)
