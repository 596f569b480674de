"""What the pages show: an evaluation seen through the filters, and the way from an evidence id to its quote.

A `View` is made anew for each piece of news or change of a filter, is frozen, and holds no widget. It
selects and orders; it never computes a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import Dependency, Feature, ItemFacts
from galaxy_desktop.domain.findings import Alert, Analysis, ItemBrief, Recommendation, SprintAnalysis
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import State
from galaxy_desktop.paths import MAIN
from galaxy_desktop.settings import Settings

OPENABLE = ("https://", "http://")
IN_THE_PAST = "You look at the past, where nothing can be changed. Go back to now."


@dataclass(frozen=True, slots=True)
class Filters:
    """What the user wants to see; empty values mean everything."""

    first: date | None = None
    last: date | None = None
    repository: str = ""
    sprint_id: str = ""

    @property
    def active(self) -> bool:
        """Whether anything is left out."""
        return self != Filters()

    def keeps_sprint(self, sprint: Sprint, now: datetime) -> bool:
        """Whether a sprint lies in the chosen dates, repository and milestone."""
        if self.sprint_id and sprint.id != self.sprint_id:
            return False
        if self.repository and self.repository not in sprint.repositories:
            return False
        first, last = _extent(sprint, now)
        return not ((self.last and first and first > self.last) or (self.first and last and last < self.first))

    def keeps_moment(self, moment: datetime, now: datetime) -> bool:
        """Whether something happened within the chosen dates."""
        when = local_day(moment, now)
        return not ((self.first and when < self.first) or (self.last and when > self.last))


def _extent(sprint: Sprint, now: datetime) -> tuple[date | None, date | None]:
    """The first and last day of a sprint as far as they are known; one that is open and late lasts until today."""
    first = local_day(sprint.starts_at, now) if sprint.starts_at else sprint.due_on
    last = sprint.due_on
    if sprint.state is State.OPEN:
        last = max(last, now.date()) if last else None
    elif sprint.closed_at is not None:
        last = local_day(sprint.closed_at, now)
    return first, last


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model of the catalog that can write prose, in words for a list."""

    name: str
    title: str
    note: str
    size: str
    present: bool


class Situation(StrEnum):
    """Why a page has nothing to show, or that it has."""

    FAILED = "failed"
    LOADING = "loading"
    NOTHING_TRACKED = "nothing tracked"
    NO_SPRINTS = "no sprints"
    FILTERED_AWAY = "filtered away"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something said on the screen, with how it was made and what it rests on: what the evidence panel opens."""

    title: str
    note: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class View:
    """An evaluation, the filters, and the moment of looking; `loading` until the store was read."""

    now: datetime
    analysis: Analysis | None = None
    filters: Filters = field(default_factory=Filters)
    loading: bool = False
    profile: str = "main"
    settings: Settings = field(default_factory=Settings)
    models: tuple[ModelChoice, ...] = ()
    failure: str = ""
    past: datetime | None = None
    """The moment that is looked at when it is not now; nothing can be changed there."""
    visited: datetime | None = None
    """When the program was last closed, `None` when that is not known."""

    @property
    def today(self) -> date:
        """The local day of looking."""
        return self.now.date()

    @property
    def network_on(self) -> bool:
        """Whether the program may talk to the network; a demo never wants to."""
        return self.profile != MAIN or self.settings.flag("network")

    @cached_property
    def all_sprints(self) -> tuple[SprintAnalysis, ...]:
        """Every sprint: those with work left first, the nearest due day on top; then done ones, then closed ones."""
        found = self.analysis.sprints if self.analysis else ()
        running = [s for s in found if s.sprint.state is State.OPEN]
        closed = [s for s in found if s.sprint.state is not State.OPEN]
        running.sort(key=lambda s: (s.open == 0, s.sprint.due_on or date.max, s.sprint.title))
        closed.sort(key=lambda s: (_extent(s.sprint, self.now)[1] or date.min, s.sprint.title), reverse=True)
        return (*running, *closed)

    @cached_property
    def sprints(self) -> tuple[SprintAnalysis, ...]:
        """The sprints that the filters keep."""
        return tuple(s for s in self.all_sprints if self.filters.keeps_sprint(s.sprint, self.now))

    @property
    def situation(self) -> Situation:
        """What to say when there is nothing to show."""
        if self.failure:
            return Situation.FAILED
        if self.loading:
            return Situation.LOADING
        if self.analysis is None or not self.analysis.repositories:
            return Situation.NOTHING_TRACKED
        if not self.analysis.sprints:
            return Situation.NO_SPRINTS
        return Situation.READY if self.sprints else Situation.FILTERED_AWAY

    def sprint(self, sprint_id: str) -> SprintAnalysis | None:
        """The sprint of that id, or the first one that the filters keep."""
        found = next((s for s in self.sprints if s.sprint.id == sprint_id), None)
        return found or next(iter(self.sprints), None)

    @cached_property
    def recommendations(self) -> tuple[tuple[SprintAnalysis, Recommendation], ...]:
        """Actions of the open sprints, those worth most first: by gain, and by what was said of their kind."""
        pairs = [(s, r) for s in self.sprints for r in s.recommendations if s.sprint.state is State.OPEN]
        worth = [p for p in pairs if p[1].delta_probability is not None]
        worth.sort(key=lambda p: -(p[1].delta_probability or 0.0) * p[1].weight)
        return (*worth, *(p for p in pairs if p[1].delta_probability is None))

    @cached_property
    def dependencies(self) -> tuple[Dependency, ...]:
        """The edges that touch what the filters keep."""
        edges = self.analysis.dependencies if self.analysis else ()
        if not self.filters.active:
            return edges
        items = {i for s in self.sprints for i in s.sprint.items}
        return tuple(e for e in edges if self._touches(e, items))

    def _touches(self, edge: Dependency, items: set[str]) -> bool:
        ends = (edge.source_id, edge.target_id)
        if self.filters.repository and all(repository_of(e) != self.filters.repository for e in ends):
            return False
        if self.filters.sprint_id or self.filters.first or self.filters.last:
            return any(e in items for e in ends)
        return True

    @cached_property
    def facts(self) -> dict[str, ItemFacts]:
        """The facts of every item of every sprint, by evidence id."""
        return {f.item_id: f for s in self.all_sprints for f in s.features.items}

    @cached_property
    def briefs(self) -> dict[str, ItemBrief]:
        """Title, link and state of the items that the evaluation speaks of, by evidence id."""
        return {i.id: i for i in self.analysis.items} if self.analysis else {}

    @cached_property
    def evidence(self) -> dict[str, tuple[Evidence, ...]]:
        """Everything citable in the evaluation by id: the same id may have several quotes."""
        found: dict[str, dict[str, Evidence]] = {}
        for one in all_evidence(self.analysis) if self.analysis else ():
            found.setdefault(one.id, {}).setdefault(one.quote, one)
        return {key: tuple(quotes.values()) for key, quotes in found.items()}

    @cached_property
    def computed(self) -> dict[str, Feature]:
        """The numbers that our own code computed, by the id under which sentences cite them."""
        return {f"feature:{s.sprint.id}/{f.name}": f for s in self.all_sprints for f in s.features.features}

    def cite(self, evidence_id: str) -> tuple[Evidence, ...]:
        """What is known under an id: its quotes, our own number, the item's title, or that nothing is at hand."""
        known = self.evidence.get(evidence_id, ())
        if known:
            return known
        seen = self.analysis.as_of if self.analysis else self.now
        kind = evidence_id.removeprefix("external:").partition(":")[0]
        number = self.computed.get(evidence_id)
        if number is not None:
            value = "no data" if number.value is None else f"{number.value:g} {number.unit}"
            return (Evidence(evidence_id, kind, "", f"{value}, {number.window}: {number.formula}", seen),)
        brief = self.briefs.get(evidence_id)
        quote = brief.title if brief else "The text of this is not part of the evaluation on screen."
        return (Evidence(evidence_id, kind, brief.url if brief else "", quote, seen),)

    def claim(self, title: str, ids: Iterable[str]) -> Claim:
        """A sentence with everything known under the ids that it cites."""
        return Claim(title, "", tuple(one for i in ids for one in self.cite(i)))

    def title(self, evidence_id: str) -> str:
        """The title of an item as far as it is known, else ""."""
        brief = self.briefs.get(evidence_id)
        if brief is not None:
            return brief.title
        quotes = self.evidence.get(evidence_id, ())
        return quotes[0].quote if quotes and quotes[0].kind in ("issue", "pr") else ""

    def link(self, evidence_id: str) -> str:
        """Where this is on GitHub, or "" when there is no such place."""
        for one in self.evidence.get(evidence_id, ()):
            if one.url.startswith(OPENABLE):
                return one.url
        brief = self.briefs.get(evidence_id)
        return brief.url if brief is not None and brief.url.startswith(OPENABLE) else ""

    def alerts(self, alerts: Iterable[Alert]) -> tuple[Alert, ...]:
        """The alerts that the filters keep."""
        kept = {s.sprint.id for s in self.sprints}
        narrow = bool(self.filters.repository or self.filters.sprint_id)
        return tuple(
            a for a in alerts if self.filters.keeps_moment(a.at, self.now) and (not narrow or a.sprint_id in kept)
        )


def all_evidence(analysis: Analysis) -> Iterator[Evidence]:
    """Every piece of evidence in an evaluation; those that name a thing before those that quote a value of it."""
    for edge in analysis.dependencies:
        yield from edge.evidence
    for alert in analysis.alerts:
        yield from alert.evidence
    for one in analysis.sprints:
        for risk in one.risks:
            yield from risk.evidence
        for action in one.recommendations:
            yield from action.evidence
        for part in one.health.parts:
            yield from part.evidence
        for number in one.features.features:
            yield from number.evidence
        yield from one.features.longest_red
        for facts in one.features.items:
            yield from facts.mood_evidence
            if facts.red_run is not None:
                yield facts.red_run


def repository_of(evidence_id: str) -> str:
    """Which repository an id lies in: "o/r" for "issue:o/r#12", with or without "external:" in front."""
    rest = evidence_id.removeprefix("external:").partition(":")[2]
    return rest.partition("#")[0].partition("@")[0]


def last_days(today: date, days: int) -> tuple[date, date]:
    """The days from `days` ago until today."""
    return today - timedelta(days=days), today


def next_days(today: date, days: int) -> tuple[date, date]:
    """The days from today on."""
    return today, today + timedelta(days=days)
