"""What replaying the past leaves behind: firings of rules, items that were late or not, and the course of sprints.

A stretch is a past sprint or, where a repository has too few of them, four weeks of its work. What it holds is numbers
without names: no item, person or text can be read from it, so that it can be kept beside the database and thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from galaxy_desktop.domain.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFiring:
    """A rule fired in a stretch, once for all the time that it went on firing.

    `bad` is whether what it warned of came; `base` the share of comparable items at that moment to which it came
    although the rule did not fire for them, `None` where there were none.
    """

    kind: str
    bad: bool
    base: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayRow:
    """One open item at a moment of a stretch: its terms (see `assess.delay`), and whether it missed the end.

    `item` tells the items of a stretch apart and means nothing else; `elapsed` is the share of the time that was gone.
    """

    item: int
    elapsed: float
    terms: tuple[float, ...]
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePoint:
    """A sprint after a share of its time, in numbers that do not know how big it is (see `assess.similar`)."""

    elapsed: float
    values: tuple[float, ...]
    removed_later: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A past sprint or four weeks of a repository, replayed.

    `key` is the sprint's id, or "window" with repository and first day; `digest` changes when it has to be replayed.
    `landed`, `delivered` and `committed` are `None` and 0 for windows, which nobody planned. `days_late` counts from the
    first end ever seen to the day on which the last item was done, 0 when in time, `None` where that is not known.
    `end_moved` are days by which the end was moved later in all.
    """

    key: str
    digest: str
    ended_on: date
    firings: tuple[RuleFiring, ...] = ()
    delays: tuple[DelayRow, ...] = ()
    course: tuple[CoursePoint, ...] = ()
    landed: bool | None = None
    delivered: int = 0
    committed: int = 0
    days_late: int | None = None
    end_moved: int = 0

    @property
    def is_sprint(self) -> bool:
        """Whether somebody planned it."""
        return not self.key.startswith("window")


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How often a rule was right: of `fired` warnings, `right` came true; `low` to `high` is the 90 % interval.

    `base` is how often the same came to comparable items without a warning, `lift` the ratio of both; `None` where
    nothing is comparable or nothing fired.
    """

    kind: str
    fired: int
    right: int
    share: float | None = None
    low: float | None = None
    high: float | None = None
    base: float | None = None
    lift: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayReason:
    """Why an item may miss the end: a sentence with its number, the log-odds it adds, and the ids that show it."""

    text: str
    weight: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDelay:
    """The chance that an open item is not done by the sprint's end, with the reasons that weigh most, heaviest first."""

    item_id: str
    probability: float
    reasons: tuple[DelayReason, ...]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarSprint:
    """A past sprint that looked like this one after the same share of its time, and how it ended.

    `distance` is in standard deviations. `delivered_share` is delivered / committed; `removed` are items that were taken
    out afterwards; `end_moved` days by which its end was moved; `accepted` recommendations somebody had agreed to.
    """

    sprint_id: str
    title: str
    ended_on: date
    distance: float
    landed: bool
    delivered_share: float
    days_late: int | None
    removed: int
    end_moved: int
    accepted: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarSprints:
    """The nearest past sprints, and whether looking at them says more than the average of all does.

    `sentence` says that in words. `brier` and `error` are what leaving each past sprint out in turn gave for the
    nearest ones (landed or not; delivered / committed), `base_brier` and `base_error` for the plain average and median;
    `compared` counts the sprints this rests on.
    """

    sprints: tuple[SimilarSprint, ...]
    compared: int
    adds: bool
    sentence: str
    brier: float | None = None
    base_brier: float | None = None
    error: float | None = None
    base_error: float | None = None
