"""Fact functions about how sprints stand and stood: overview, progress, health, how the chance is computed, pace, how sprints ended.

They repeat what forecast, health and record say on their pages, with the numbers that stand there.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from galaxy_desktop.domain.asking import FactCall, Finding, Scope
from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.findings import Sentence, SprintAnalysis
from galaxy_desktop.domain.work import ItemKind, Milestone, State, WorkItem
from galaxy_desktop.explain.lookup_scene import MOST_CITED, Scene, anchor_of, told
from galaxy_desktop.explain.lookup_sprints import NO_SPRINT
from galaxy_desktop.explain.words import counted, day_in_words, joined, percent, sentence

WEEKS = 4
"""The pace is told of so many whole weeks, the last of which ends yesterday."""
MOST_ENDED = 5
FIRST_SENTENCES = 2
BEST_SCORE = 100.0
_NAMES = {"ci": "CI"}
_CAME_OUT = ("It landed", "It missed")
"""How the explanation of a sprint that is over begins to say what came of it."""
CANNOT_SUPPOSE = (
    "This cannot be simulated. Ask what happens if an item leaves, is reviewed, is late, is split or no longer blocks, or if "
    "the end moves, such as “what if we drop #12?” or “what if the end moves by 3 days?”."
)


def overview(scene: Scene, call: FactCall) -> Finding:
    """How it stands: all that is told of the sprint that ends first, and the headlines of others."""
    found = scene.focus(call.scope)
    sentences: list[Sentence] = []
    for number, one in enumerate(found):
        said = one.explanation.sentences
        sentences += said if number == 0 else said[:1]
    sentences += scene.unfocused(call.scope)
    return told(call, sentences, _formulas(found), NO_SPRINT)


def progress(scene: Scene, call: FactCall) -> Finding:
    """How much is done and how much is open, in items."""
    sentences = []
    for one in scene.focus(call.scope):
        every = one.done + one.open
        if not every:
            continue
        share = f" ({percent(one.done / every)})"
        verb = "is" if one.open == 1 else "are"
        text = f"{one.done} of {counted(every, 'item')} of {one.sprint.name} {'is' if 1 in (one.done, every) else 'are'} done{share}, {one.open} {verb} open."
        sentences.append(Sentence(text, _progress_ids(one)))
    sentences += scene.unfocused(call.scope) if sentences else ()
    return told(call, sentences, nothing=NO_SPRINT)


def _progress_ids(one: SprintAnalysis) -> tuple[str, ...]:
    own = [e.id for part in one.health.parts if part.name == "progress" for e in part.evidence if e.kind == "feature"]
    return (*anchor_of(one), *own)[:MOST_CITED]


def health(scene: Scene, call: FactCall) -> Finding:
    """The score of health with its parts, those first that take most away."""
    sentences: list[Sentence] = []
    for one in scene.focus(call.scope):
        weighed = [part for part in one.health.parts if part.weight > 0]
        lost = sorted(weighed, key=lambda part: (-part.weight * (BEST_SCORE - part.score), part.name))
        sentences.append(
            Sentence(f"Health of {one.sprint.name} is {one.health.score:g} of 100 ({one.health.word}).", anchor_of(one))
        )
        for part in lost:
            points = part.weight * (BEST_SCORE - part.score)
            if points < 0.05:
                continue
            text = f"{_NAMES.get(part.name, part.name.capitalize())} takes {counted_points(points)} away: it has {part.score:g} of 100 and a weight of {percent(part.weight)}."
            sentences.append(Sentence(text, tuple(e.id for e in part.evidence[:MOST_CITED]) or anchor_of(one)))
        if sentences and not any(part.score < BEST_SCORE for part in weighed):
            sentences.append(Sentence(f"No part of it falls short in {one.sprint.name}.", anchor_of(one)))
    formulas = [
        f"{part.name}: {part.formula}" for one in scene.focus(call.scope) for part in one.health.parts if part.formula
    ]
    return told(call, sentences, "\n".join(formulas), NO_SPRINT)


def counted_points(points: float) -> str:
    """Points with one decimal: "4.5 points"."""
    return "1 point" if f"{points:.1f}" == "1.0" else f"{points:.1f} points"


def computed(scene: Scene, call: FactCall) -> Finding:
    """What the chance is computed from, what plainer ways say, and how good such forecasts were so far."""
    found, sentences = scene.focus(call.scope), []
    for one in found:
        sentences += list(_computed(one))
    record = scene.analysis.record
    if record is not None and found:
        sentences.append(Sentence(sentence(record.verdict or record.words), anchor_of(found[0])))
    return told(call, sentences, _formulas(found), NO_SPRINT)


def _computed(one: SprintAnalysis) -> Iterator[Sentence]:
    forecast = one.forecast
    yield from one.explanation.sentences[:1]
    if forecast.probability is None:
        yield from one.explanation.sentences[1:2]
        return
    anchors = _progress_ids(one)
    if forecast.raw_share is not None:
        text = (
            f"{percent(forecast.raw_share)} of {forecast.runs:,} simulated runs of {one.sprint.name} finish by its end; they are drawn from "
            f"{counted(forecast.n_active_days, 'active day')} with {counted(forecast.n_completed, 'completion')}."
        )
        yield Sentence(text, anchors)
    if forecast.course is not None and forecast.weight is not None and forecast.weight < 1:
        text = (
            f"A model of how sprints with such a course ended says {percent(forecast.course)}; the simulation has "
            f"{percent(forecast.weight)} of the weight."
        )
        yield Sentence(text, anchors)
    yield from (line for line in one.explanation.sentences if line.text.startswith("To compare:"))
    helps = next((line for line in one.explanation.sentences if line.text.startswith("What helps most")), None)
    if helps is not None:
        yield helps


def _formulas(found: list[SprintAnalysis]) -> str:
    return "\n".join(f"{one.sprint.name}: {one.forecast.formula}" for one in found if one.forecast.formula)


def pace(scene: Scene, call: FactCall) -> Finding:
    """How many items were finished in each of the last weeks; of the work, never of anybody."""
    first = scene.today - timedelta(weeks=WEEKS)
    done = [
        (local_day(moment, scene.now), item)
        for item in scene.items(Scope(repositories=call.scope.repositories))
        if (moment := _done_at(item))
    ]
    recent = [(day, item) for day, item in done if first <= day < scene.today]
    weeks = [sum((day - first).days // 7 == week for day, _ in recent) for week in range(WEEKS)]
    cited = tuple(
        item.evidence_id for _, item in sorted(recent, key=lambda one: (one[0], one[1].evidence_id))[-MOST_CITED:]
    )
    where = f" in {joined(list(call.scope.repositories))}" if call.scope.repositories else ""
    if not recent:
        text = f"Nothing was finished{where} in the {WEEKS} weeks before today."
        anchor = scene.anchor(call.scope)
        return told(call, [Sentence(text, anchor)] if anchor else [], nothing="No items are stored.")
    issues = sum(item.kind is ItemKind.ISSUE for _, item in recent)
    parts = f"{counted(issues, 'issue')} closed as done and {counted(len(recent) - issues, 'pull request')} merged"
    sentences = [
        Sentence(
            f"In the {WEEKS} weeks before today {counted(len(recent), 'item')} were finished{where}: {parts}.", cited
        ),
        Sentence(
            f"By week, the oldest first: {', '.join(map(str, weeks))}; half of the weeks had {statistics.median(weeks):g} or fewer.",
            cited,
        ),
    ]
    formula = f"weeks of seven days that begin on {day_in_words(first, scene.today)}; items closed as not planned do not count"
    return told(call, sentences, formula)


def _done_at(item: WorkItem) -> datetime | None:
    """When work on it ended: merged, or closed as done; `None` for what is open or was given up."""
    if item.kind is ItemKind.PULL_REQUEST:
        return item.merged_at
    return None if item.is_open or item.state_reason == "not_planned" else item.closed_at


def ended(scene: Scene, call: FactCall) -> Finding:
    """How sprints ended: on which day against which end, and with how much done; without a name the last ones."""
    if call.scope.milestones:
        return told(
            call,
            [
                _ended_milestone(scene, one)
                for one in scene.snapshot.milestones
                if one.evidence_id in call.scope.milestones
            ],
        )
    over = [one for one in scene.analysis.sprints if one.sprint.state is State.CLOSED]
    if call.scope.sprint_ids:
        over = [one for one in over if one.sprint.id in call.scope.sprint_ids]
    if call.scope.repositories:
        over = [one for one in over if set(one.sprint.repositories) & set(call.scope.repositories)]
    over.sort(key=lambda one: (one.sprint.closed_at or scene.now, one.sprint.id), reverse=True)
    shown = over[:MOST_ENDED]
    sentences = [_ended(scene, one) for one in shown]
    if len(over) == 1 and call.scope.sprint_ids:
        said_elsewhere = ("Health is", *_CAME_OUT)
        sentences += [line for line in over[0].explanation.sentences[1:] if not line.text.startswith(said_elsewhere)]
    judged = [one for one in shown if one.sprint.due_on and one.sprint.closed_at]
    if len(judged) > 1:
        good = sum(_closed_day(scene, one) <= (one.sprint.due_on or date.max) for one in judged)
        cited = tuple(i for one in judged for i in anchor_of(one)[:1])[:MOST_CITED]
        sentences.append(
            Sentence(
                f"Of these {len(judged)} sprints with an end {good} {'was' if good == 1 else 'were'} closed by it.",
                cited,
            )
        )
    if len(over) > len(shown):
        rest = len(over) - len(shown)
        sentences.append(
            Sentence(
                f"{counted(rest, 'earlier sprint')} {'is' if rest == 1 else 'are'} not listed here.",
                tuple(i for one in over[MOST_ENDED:] for i in anchor_of(one)[:1])[:MOST_CITED],
            )
        )
    return told(call, sentences, nothing="No sprint that was closed is stored.")


def _closed_day(scene: Scene, one: SprintAnalysis) -> date:
    return local_day(one.sprint.closed_at, scene.now) if one.sprint.closed_at else date.max


def _ended(scene: Scene, one: SprintAnalysis) -> Sentence:
    sprint, every = one.sprint, one.done + one.open
    text = _closed(scene, sprint.name, sprint.closed_at, sprint.due_on, f"{one.done} of {counted(every, 'item')} done")
    moved = len(sprint.due_history) - 1
    often = f"; the end was moved {counted(moved, 'time')} before" if moved > 0 else ""
    came_out = [line.text for line in one.explanation.sentences if line.text.startswith(_CAME_OUT)]
    return Sentence(" ".join([f"{text}{often}.", *came_out[:1]]), anchor_of(one))


def _ended_milestone(scene: Scene, one: Milestone) -> Sentence:
    """A milestone of which no sprint is evaluated any more."""
    items = scene.items(Scope(milestones=(one.evidence_id,)))
    done = sum(not item.is_open for item in items)
    name = f"Milestone {one.title} of {one.repository}"
    if one.closed_at is None:
        return Sentence(f"{name} is open with {done} of {counted(len(items), 'item')} done.", (one.evidence_id,))
    text = _closed(scene, name, one.closed_at, one.due_on, f"{done} of {counted(len(items), 'item')} done")
    return Sentence(f"{text}.", (one.evidence_id,))


def _closed(scene: Scene, name: str, closed_at: datetime | None, due_on: date | None, done: str) -> str:
    """On which day it was closed, and how that was against its end."""
    if closed_at is None:
        return f"{name} was closed with {done}; the day is not stored"
    day = local_day(closed_at, scene.now)
    text = f"{name} was closed on {day_in_words(day, scene.today)} with {done}"
    if due_on is None:
        return f"{text}; it had no end date"
    away = (day - due_on).days
    if not away:
        return f"{text}, on its last day"
    return f"{text}, {counted(abs(away), 'day')} {'after' if away > 0 else 'before'} its end, {day_in_words(due_on, scene.today)}"


def what_if(scene: Scene, call: FactCall) -> Finding:
    """What the forecast would be after a supposed change, simulated with the same random numbers."""
    found = scene.supposed.get(call)
    why = scene.declined.get(call, CANNOT_SUPPOSE)
    return told(call, [found] if found is not None else [], nothing=why)
