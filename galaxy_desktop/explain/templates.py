"""Facts mode: the state of a sprint in a handful of sentences, each with the evidence it stands on.

No model is asked and no clock: the text depends on the facts alone, so the same data reads the same tomorrow.
The order is always: will it land, when, what plainer ways say, what stands in the way, what to do, what changed, how
well it is. A number never stands without what it is to be compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import FeatureSet
from galaxy_desktop.domain.findings import (
    Explanation,
    Forecast,
    Health,
    NoForecast,
    Recommendation,
    Risk,
    Sentence,
)
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.explain.words import bounded, counted, day_in_words, joined, odds, percent, sentence

MOST_SENTENCES = 8
MOST_RISKS = 2
MOST_CITED = 6
LONG_DAYS = 1_000
BEST_SCORE = 100.0


@dataclass(frozen=True, slots=True)
class _Story:
    sprint: Sprint
    features: FeatureSet
    forecast: Forecast
    health: Health
    risks: tuple[Risk, ...]
    actions: tuple[Recommendation, ...]
    snapshot: Snapshot
    today: date

    @property
    def anchor(self) -> tuple[str, ...]:
        """Ids that stand for the sprint as a whole: its milestones and iterations, else the evidence of its progress."""
        return self.sprint.anchors or _ids(self.health.parts[0].evidence)

    def anchored(self, part: str) -> tuple[str, ...]:
        """The anchor with our own number behind a part of health."""
        own = [e.id for p in self.health.parts if p.name == part for e in p.evidence if e.kind == "feature"]
        return (*self.anchor, *own)

    @property
    def counts(self) -> tuple[int, int]:
        """(done, all) items of the sprint."""
        items = self.snapshot.of_sprint(self.sprint)
        return sum(not i.is_open for i in items), len(items)


def explain(  # noqa: PLR0917 - one argument for each step of the pipeline that comes before
    sprint: Sprint,
    features: FeatureSet,
    forecast: Forecast,
    health: Health,
    risks: Sequence[Risk],
    recommendations: Sequence[Recommendation],
    snapshot: Snapshot,
    now: datetime,
) -> Explanation:
    """The sentences of one sprint."""
    story = _Story(
        sprint, features, forecast, health, tuple(risks), tuple(recommendations), snapshot, local_day(now, now)
    )
    told = [*_headline(story), *_dates(story), *_baselines(story), *_obstacles(story), *_advice(story)]
    told += [*_due_history(story), *_scope(story), *_condition(story)]
    return Explanation(mode="facts", sentences=tuple(told[:MOST_SENTENCES]))


def _headline(s: _Story) -> list[Sentence]:
    done, total = s.counts
    title, due, p = s.sprint.name, s.sprint.due_on, s.forecast.probability
    state = f"{done} of {counted(total, 'item')} done"
    if p is not None and due is not None:
        text = (
            f"{title} is {bounded(p)} likely to land by {day_in_words(due, s.today)}, about {odds(p)}, judged from "
            f"{counted(s.forecast.n_active_days, 'active day')} with {counted(s.forecast.n_completed, 'completion')}; {state}."
        )
        return [Sentence(text, s.anchored("progress"))]
    return [Sentence(text, s.anchored("progress")) for text in _without_number(s, state, total - done)]


def _without_number(s: _Story, state: str, left: int) -> list[str]:
    title, due, why = s.sprint.name, s.sprint.due_on, s.forecast.why_none
    if why is NoForecast.CLOSED:
        closed = (
            f" on {day_in_words(local_day(s.sprint.closed_at, s.features.as_of), s.today)}"
            if s.sprint.closed_at
            else ""
        )
        return [f"{title} was closed{closed} with {state}.", *_came_out(s)]
    if why is NoForecast.ALL_DONE:
        milestones = "Its milestone" if len(s.sprint.milestones) == 1 else "Each of its milestones"
        last = f"{milestones} can be closed; there is" if s.sprint.milestones else "There is"
        return [f"Everything in {title} is done: {state}.", *_came_out(s), f"{last} nothing left to forecast."]
    if why is NoForecast.END_PASSED and due is not None:
        late = counted((s.today - due).days, "day")
        opened = counted(left, "item")
        lines = [
            f"{title} was due on {day_in_words(due, s.today)}, {late} ago, and {opened} {_is(left)} open; {state}."
        ]
    elif why is NoForecast.NO_END:
        lines = [f"{title} has no due date, so there is no probability of landing in time; {state}."]
    else:
        lines = [f"There is no probability for {title} yet; {state}."]
    return [*lines, s.forecast.missing] if s.forecast.missing else lines


def _dates(s: _Story) -> list[Sentence]:
    days = s.forecast.completion
    if days is None:
        return []
    if (days.p50 - s.today).days > LONG_DAYS:
        text = f"At the pace so far, most of {s.forecast.runs:,} simulated runs take longer than about three years."
    elif (days.p85 - s.today).days > LONG_DAYS:
        text = (
            f"Half of {s.forecast.runs:,} simulated runs land by {day_in_words(days.p50, s.today)}, "
            "but more than one in seven takes longer than about three years."
        )
    else:
        text = (
            f"Half of {s.forecast.runs:,} simulated runs land by {day_in_words(days.p50, s.today)}, "
            f"85 % by {day_in_words(days.p85, s.today)}."
        )
    return [Sentence(text, s.anchored("flow"))]


def _obstacles(s: _Story) -> list[Sentence]:
    """The worst risks; that the sprint is overdue or has no end was said before."""
    news = [risk for risk in s.risks if risk.kind not in ("overdue", "no_end")]
    told = [Sentence(sentence(risk.summary), _ids(risk.evidence)) for risk in news[:MOST_RISKS]]
    rest = len(news) - len(told)
    if rest > 0:
        kinds = joined(list(dict.fromkeys(risk.kind.replace("_", " ") for risk in news[MOST_RISKS:]))[:3])
        cited = tuple(dict.fromkeys(risk.evidence[0].id for risk in news[MOST_RISKS:]))[:MOST_CITED]
        told.append(Sentence(f"{counted(rest, 'more risk')} {_is(rest)} listed: {kinds}.", cited))
    return told


def _advice(s: _Story) -> list[Sentence]:
    if not s.actions:
        return []
    best = s.actions[0]
    gain = best.delta_probability
    worth = ""
    if gain is not None and best.interval is not None and round(100 * gain) >= 1:
        low, high = (round(100 * bound) for bound in best.interval)
        points = counted(round(100 * gain), "point")
        worth = f" It would add {points} to the probability (90 % interval {low} to {high})."
    # Where there are odds, an action without a number cannot be what helps them most.
    began = "What helps most" if gain is not None or s.forecast.probability is None else "Still open, and not simulated"
    return [Sentence(f"{began}: {sentence(best.summary)}{worth}", _ids(best.evidence))]


def _due_history(s: _Story) -> list[Sentence]:
    days = s.sprint.due_history
    if len(days) < 2:
        return []
    moves = len(days) - 1
    often = "" if moves == 1 else f", after {counted(moves - 1, 'earlier move')}"
    old, new = (day_in_words(day, s.today) for day in days[-2:])
    return [Sentence(f"The due date moved from {old} to {new}{often}.", s.anchor)]


def _scope(s: _Story) -> list[Sentence]:
    added, removed = s.features.added_since_start, s.features.removed_since_start
    if not added and not removed:
        return []
    parts = []
    if added:
        parts.append(f"{counted(len(added), 'item')} added")
    if removed:
        parts.append(f"{counted(len(removed), 'item')} taken out")
    known = tuple(i for i in (*added, *removed) if i in s.snapshot.items_by_id)[:MOST_CITED]
    return [Sentence(f"Since the start: {joined(parts)}.", known or s.anchor)]


def _came_out(s: _Story) -> list[str]:
    """Whether a sprint that is over landed or missed its end, as far as anybody can tell."""
    ended = s.features.ended
    if ended is None:
        return []
    end = day_in_words(ended.due_on, s.today)
    if not ended.missed:
        return [f"It landed: nothing was open when its end, {end}, had passed or it was closed."]
    return [
        f"It missed its end, {end}: {ended.left} of {counted(ended.total, 'item')} {_was(ended.left)} open when it was over."
    ]


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _condition(s: _Story) -> list[Sentence]:
    weighed = [part for part in s.health.parts if part.weight > 0]
    if not weighed:
        return []
    worst = min(weighed, key=lambda part: (part.score, part.name))
    best = worst.score >= BEST_SCORE
    rest = "no part falls short" if best else f"its lowest part is {worst.name} with {worst.score:g}"
    text = f"Health is {s.health.score:g} of 100 ({s.health.word}); {rest}."
    return [Sentence(text, _ids(worst.evidence) or s.anchor)]


def _baselines(s: _Story) -> list[Sentence]:
    if s.forecast.probability is None:
        return []
    base, burn = s.forecast.baselines.get("base_rate"), s.forecast.baselines.get("linear_burn")
    parts = []
    if base is not None:
        parts.append(f"{percent(base)} of past sprints were closed in time")
    if burn is not None:
        parts.append(f"a straight burn line stands at {percent(burn)}")
    return [Sentence(f"To compare: {joined(parts)}.", s.anchored("progress"))] if parts else []


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _ids(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple(e.id for e in evidence[:MOST_CITED])
