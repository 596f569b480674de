"""The flow of the program on one page.

    collect -> store -> features -> retrieve -> reason -> assess -> recommend -> explain -> show / alert

`think` is the part that needs no model and no network: a snapshot and a moment in, an analysis out. It is
pure, so the same data, seed and moment give the same bytes. `evaluate` stores what came of it and raises
alerts. Collection comes before (`services.sync`), the model's prose after (`services.prose`): neither
stands between an event and its alert.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from galaxy_desktop.assess import bands, course, delay, delay_terms, forecast, health, risks, similar
from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.days_off import days_off_of, strangers
from galaxy_desktop.domain.evidence import of_anchors
from galaxy_desktop.domain.facts import Dependency, EdgeKind, FeatureSet
from galaxy_desktop.domain.findings import (
    Alert,
    Analysis,
    Explanation,
    Forecast,
    ForecastInputs,
    ItemBrief,
    RepositoryFreshness,
    Sentence,
    SprintAnalysis,
    UserVerdict,
    Verdict,
)
from galaxy_desktop.domain.ledger import Recalibration
from galaxy_desktop.domain.past_sprints import ItemDelay, SimilarSprints, Stretch
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import State
from galaxy_desktop.explain import templates
from galaxy_desktop.features.compute import compute
from galaxy_desktop.features.edges import dependency_edges
from galaxy_desktop.features.index import WorkspaceIndex, index_of
from galaxy_desktop.features.shared import Shared
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.recommend import rank
from galaxy_desktop.services import advice, ledger, past_book
from galaxy_desktop.services.advice import Advice
from galaxy_desktop.services.lessons import Lessons, lessons_of
from galaxy_desktop.services.tones import sentiment_model
from galaxy_desktop.services.voices import shipped_voice
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

PAST_SPRINTS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """What an evaluation needs besides the data: the user's choices, and what the record of forecasts says."""

    confirmed: frozenset[str] = frozenset()
    verdicts: Mapping[str, UserVerdict] = field(default_factory=lambda: MappingProxyType({}))
    holidays: frozenset[date] = frozenset()
    away: Mapping[str, frozenset[date]] = field(default_factory=lambda: MappingProxyType({}))
    embeddings: Mapping[str, Sequence[float]] | None = None
    recalibration: Recalibration = field(default_factory=Recalibration)
    advice: Advice = field(default_factory=Advice)
    past: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """An evaluation with what it rests on: the inputs of each forecast by sprint, and every sprint there is."""

    analysis: Analysis
    inputs: Mapping[str, ForecastInputs]
    sprints: tuple[Sprint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What the sprints of one evaluation share."""

    snapshot: Snapshot
    index: WorkspaceIndex
    edges: tuple[Dependency, ...]
    now: datetime
    choices: Thinking
    simulator: forecast.Simulator
    past: tuple[Stretch, ...]
    lessons: Lessons
    sprints: Mapping[str, Sprint]
    shared: Shared


def think(
    snapshot: Snapshot, freshness: tuple[RepositoryFreshness, ...], now: datetime, choices: Thinking | None = None
) -> Analysis:
    """Everything that can be said of the workspace at `now`; its alerts are those that the facts call for."""
    return thought(snapshot, freshness, now, choices).analysis


def thought(
    snapshot: Snapshot, freshness: tuple[RepositoryFreshness, ...], now: datetime, choices: Thinking | None = None
) -> Thought:
    """`think`, with what the ledger keeps of it."""
    choices = choices or Thinking()
    index = index_of(snapshot)
    edges = dependency_edges(snapshot, index=index)
    simulator = simulator_of(choices.recalibration)
    every = group_sprints(snapshot, now, choices.confirmed, index=index)
    past = _known_by(choices.past, local_day(now, now))
    scene = _Scene(
        snapshot=snapshot, index=index, edges=edges, now=now, choices=choices, simulator=simulator,
        past=past, lessons=lessons_of(past), sprints={one.id: one for one in every},
        shared=Shared(index, now, edges, choices.holidays),
    )  # fmt: skip
    sprints = _shown(every)
    told = [_think_of_sprint(sprint, scene) for sprint in sprints]
    analyses = tuple(analysis for analysis, _ in told)
    kinds = [kind for kind in bands.ALERTING_KINDS if kind not in scene.lessons.silenced]
    alerts = [
        alert
        for a in analyses
        for alert in bands.alerts_of(
            a.sprint, a.forecast, a.risks, snapshot, now, said=choices.advice.said(a.sprint), kinds=kinds
        )
    ]
    analysis = Analysis(
        as_of=now,
        engine=forecast.ENGINE,
        repositories=freshness,
        sprints=analyses,
        dependencies=_worth_showing(edges, sprints),
        alerts=tuple(alerts),
        items=_briefs(snapshot, sprints, edges),
    )
    return Thought(analysis=analysis, inputs={a.sprint.id: inputs for a, inputs in told}, sprints=every)


def _think_of_sprint(sprint: Sprint, scene: _Scene) -> tuple[SprintAnalysis, ForecastInputs]:
    snapshot, now, choices = scene.snapshot, scene.now, scene.choices
    features = compute(
        snapshot,
        sprint,
        now,
        holidays=choices.holidays,
        embeddings=choices.embeddings,
        edges=scene.edges,
        index=scene.index,
        sentiment_model=sentiment_model() if choices.embeddings else None,
        shared=scene.shared,
    )
    inputs = forecast.inputs_of(
        sprint, features, snapshot, now, holidays=choices.holidays, seed=seed_of(sprint), away=choices.away
    )
    outlook = scene.simulator.simulate(inputs)
    condition = health.health(sprint, features, outlook, snapshot)
    delays = _delays(sprint, features, outlook, scene)
    chances = {one.item_id: one.probability for one in delays}
    found = risks.find(sprint, features, outlook, snapshot, now, delays=chances)
    known, simulate = choices.advice, scene.simulator.brief
    actions = rank.recommend(
        sprint, features, found, inputs, simulate, snapshot, now, choices.verdicts, known.learned, known.followed
    )
    words = templates.explain(sprint, features, outlook, condition, found, actions, snapshot, now)
    alike = _similar(sprint, features, scene)
    items = snapshot.of_sprint(sprint)
    still_open = sum(item.is_open for item in items)
    analysis = SprintAnalysis(
        sprint=sprint,
        features=features,
        forecast=outlook,
        health=condition,
        risks=found,
        recommendations=actions,
        explanation=_with_similar(words, alike),
        done=len(items) - still_open,
        open=still_open,
        delays=delays,
        similar=alike,
    )
    return analysis, inputs


def _known_by(past: tuple[Stretch, ...], today: date) -> tuple[Stretch, ...]:
    """What had ended before a day; the same tuple where all had, so that what was learned from it is found again."""
    return past if all(one.ended_on < today for one in past) else tuple(one for one in past if one.ended_on < today)


def _delays(sprint: Sprint, features: FeatureSet, outlook: Forecast, scene: _Scene) -> tuple[ItemDelay, ...]:
    model = scene.lessons.delays
    if model is None or sprint.state is State.CLOSED:
        return ()
    return delay.delays(model, delay_terms.situations(sprint, features, outlook, scene.snapshot, scene.now))


def _similar(sprint: Sprint, features: FeatureSet, scene: _Scene) -> SimilarSprints | None:
    """Past sprints like this one; only what a person planned and that still runs can be compared."""
    point = similar.point_of(sprint, features, scene.snapshot, scene.now) if sprint.state is State.OPEN else None
    if point is None:
        return None

    def described(stretch: Stretch) -> similar.Description:
        known = scene.sprints.get(stretch.key)
        accepted = sum(
            given.verdict is Verdict.ACCEPTED and f":{stretch.key}:" in action
            for action, given in scene.choices.verdicts.items()
        )
        return known.title if known else "", accepted, of_anchors(known, scene.snapshot) if known else ()

    there = [one for one in scene.past if one.key in scene.sprints and one.key != sprint.id]
    return similar.similar(point, there, local_day(scene.now, scene.now), described)


def _with_similar(told: Explanation, alike: SimilarSprints | None) -> Explanation:
    """What similar sprints say, at the end, only where that says more than the average."""
    if alike is None or not alike.adds or len(told.sentences) >= templates.MOST_SENTENCES:
        return told
    ids = tuple(dict.fromkeys(e.id for one in alike.sprints for e in one.evidence))
    return replace(told, sentences=(*told.sentences, Sentence(alike.sentence, ids))) if ids else told


def evaluate(
    store: Store,
    now: datetime,
    holidays: frozenset[date] = frozenset(),
    embeddings: Mapping[str, Sequence[float]] | None = None,
) -> tuple[Analysis, tuple[Alert, ...]]:
    """Think about what is stored, store the result, raise what is new; blocking, for a worker thread.

    What was said enters the forecast ledger in the transaction that stores the result.

    `holidays` are public ones; days off of the team and of single people are read from the settings.
    `embeddings` are the vectors of items by evidence id where an index has them; nothing waits for it.

    Returns:
        The analysis, whose alerts are all that were ever raised, and those raised just now.
    """
    off = days_off_of(Settings.from_text(store.settings()).text("days_off"))
    choices = Thinking(
        confirmed=store.sprints_confirmed(),
        verdicts=store.verdicts(),
        holidays=holidays | off.team,
        away=off.people,
        embeddings=embeddings or None,
        recalibration=ledger.current_recalibration(store),
        advice=advice.known(store, now),
        past=past_book.read(store.folder),
    )
    snapshot, freshness = store.snapshot(), store.freshness()
    found = thought(snapshot, freshness, now, choices)
    evaluated = advice.Evaluated(
        analysis=found.analysis,
        inputs=found.inputs,
        sprints=found.sprints,
        snapshot=snapshot,
        simulate=simulator_of(choices.recalibration).brief,
        verdicts=choices.verdicts,
        holidays=choices.holidays,
    )
    analysis, raised = advice.settle(store, evaluated, choices.advice)
    spoken = [
        ledger.Spoken(sprint=one.sprint, inputs=found.inputs[one.sprint.id], forecast=one.forecast)
        for one in analysis.sprints
    ]
    said = ledger.said(spoken, found.sprints, snapshot, now=now, unjudged=store.unjudged())
    record = ledger.track_record(store, judged_now=said.outcomes)
    analysis = replace(analysis, record=record, strangers=strangers(off, _logins(snapshot)) if off.people else ())
    store.save_analysis(analysis, said).result()
    return analysis, raised


def _logins(snapshot: Snapshot) -> set[str]:
    """Whoever wrote, was assigned or was asked for a review."""
    authors = (
        *(item.author for item in snapshot.items),
        *(comment.author for comment in snapshot.comments),
        *(review.author for review in snapshot.reviews),
        *(event.actor for event in snapshot.events),
        *(commit.author for commit in snapshot.commits),
    )
    seen = {person.login for person in authors if person is not None}
    return seen.union(*({one.login for one in (*i.assignees, *i.requested_reviewers)} for i in snapshot.items))


def simulator_of(record: Recalibration) -> forecast.Simulator:
    """A forecaster with the shipped voice, corrected by the team's own record where that says something."""
    correction = None
    if not record.changes_nothing:
        correction = course.Recalibration(slope=record.slope, intercept=record.intercept, sprints=record.sprints)
    return forecast.Simulator(shipped_voice(), correction, record.families if record.families.sentence else None)


def seed_of(sprint: Sprint) -> int:
    """The seed of a sprint's simulation: fixed by its id, so that asking again gives the same number."""
    return int.from_bytes(hashlib.sha256(sprint.id.encode()).digest()[:4], "big") >> 1


def _shown(sprints: tuple[Sprint, ...]) -> tuple[Sprint, ...]:
    """Every open sprint and the last closed ones."""
    running = tuple(s for s in sprints if s.state is State.OPEN)
    over = tuple(s for s in sprints if s.state is State.CLOSED)
    return running + over[:PAST_SPRINTS_SHOWN]


def _worth_showing(edges: tuple[Dependency, ...], sprints: tuple[Sprint, ...]) -> tuple[Dependency, ...]:
    """All edges that mean something, and plain mentions only where they touch a running sprint."""
    current = {item for s in sprints if s.state is State.OPEN for item in s.items}
    return tuple(
        e for e in edges if e.kind is not EdgeKind.MENTIONS or e.source_id in current or e.target_id in current
    )


def _briefs(snapshot: Snapshot, sprints: tuple[Sprint, ...], edges: tuple[Dependency, ...]) -> tuple[ItemBrief, ...]:
    """Names for every item that a sprint or an edge worth showing speaks of."""
    shown = {item for s in sprints for item in s.items}
    for edge in _worth_showing(edges, sprints):
        shown.update((edge.source_id, edge.target_id))
    return tuple(
        ItemBrief(id=i.evidence_id, title=i.title, url=i.url, open=i.is_open)
        for i in snapshot.items
        if i.evidence_id in shown
    )
