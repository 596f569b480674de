"""Advice beyond one evaluation: what is learned from verdicts, what was accepted, and what came of it.

Before an evaluation `known` reads what it needs from the store; after it `settle` begins to follow up what was accepted,
looks which accepted actions were done, and raises the alerts: those of the facts, and those of accepted actions that are
overdue. Running it again changes nothing, so a kill in between costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from galaxy_desktop.assess.bands import alert_id
from galaxy_desktop.domain.attention import Mute
from galaxy_desktop.domain.findings import (
    Alert,
    Analysis,
    FollowUp,
    Forecast,
    ForecastInputs,
    LearnedWeight,
    NoForecast,
    Progress,
    Recommendation,
    Severity,
    SprintAnalysis,
    UserVerdict,
    Verdict,
)
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import State
from galaxy_desktop.recommend import follow_up
from galaxy_desktop.recommend.done import Scene
from galaxy_desktop.recommend.learning import PastAdvice, learned
from galaxy_desktop.store.database import Store

HIGHEST = 0.95
"""The most that is ever shown: what a sprint with nothing left counts as."""
BEGUN_WITHIN = timedelta(days=7)
"""An acceptance older than this that nobody followed up is of an earlier version of the program."""
DECIDED_SHOWN = timedelta(days=30)

Course = Mapping[tuple[str, date], Sequence[tuple[datetime, float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What earlier evaluations left: weights by kind, actions under way, the course of probabilities by sprint and end."""

    learned: Mapping[str, LearnedWeight] = field(default_factory=lambda: MappingProxyType({}))
    followed: frozenset[str] = frozenset()
    course: Course = field(default_factory=lambda: MappingProxyType({}))

    def said(self, sprint: Sprint) -> Sequence[tuple[datetime, float]]:
        """The probabilities said so far for this end, oldest first."""
        return self.course.get((sprint.id, sprint.due_on), ()) if sprint.due_on is not None else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """An evaluation that is to be settled: its analysis before the alerts, and what it was made from."""

    analysis: Analysis
    inputs: Mapping[str, ForecastInputs]
    sprints: tuple[Sprint, ...]
    snapshot: Snapshot
    simulate: Callable[[ForecastInputs], Forecast]
    verdicts: Mapping[str, UserVerdict]
    holidays: frozenset[date]

    @property
    def now(self) -> datetime:
        """The moment of the evaluation."""
        return self.analysis.as_of


def known(store: Store, now: datetime) -> Advice:
    """What an evaluation needs of the past; blocking."""
    past = [PastAdvice(kind=k, verdict=v.verdict, reason=v.reason, helped=h) for k, v, h in store.past_advice()]
    under_way = store.interventions(under_way=True)
    return Advice(
        learned=learned(past),
        followed=frozenset(one.intervention.recommendation_id for one in under_way),
        course=store.course(now),
    )


def settle(store: Store, found: Evaluated, advice: Advice) -> tuple[Analysis, tuple[Alert, ...]]:
    """Follow up what was accepted and raise the alerts; blocking. The analysis with all of it, and the new alerts."""
    fresh = _begun(store, found)
    checked = [_checked(one, found) for one in (*store.interventions(under_way=True), *fresh)]
    if checked:
        store.follow(checked).result()
    store.unmute(woken(store.mutes(found.now), found)).result()
    calls = [*found.analysis.alerts, *(_overdue(one, found.now) for one in checked if one.progress is Progress.OVERDUE)]
    raised = store.raise_alerts(calls, _said(found), found.now).result()
    begun = {one.intervention.recommendation_id for one in fresh}
    sprints = tuple(_without(one, begun) for one in found.analysis.sprints)
    decided = tuple(one for one in store.decided() if one.verdict.at >= found.now - DECIDED_SHOWN)
    analysis = replace(
        found.analysis,
        sprints=sprints,
        alerts=store.alerts(),
        follow_ups=store.interventions(),
        learned=tuple(advice.learned.values()),
        decided=decided,
    )
    return analysis, raised


def woken(mutes: Iterable[Mute], found: Evaluated) -> list[str]:
    """The subjects that were muted until something happens, and on which something happened."""
    items, sprints = found.snapshot.items_by_id, {one.id: one for one in found.sprints}
    ended = []
    for one in mutes:
        subject = items.get(one.subject)
        sprint = sprints.get(one.subject)
        touched = [subject] if subject is not None else found.snapshot.of_sprint(sprint) if sprint is not None else []
        if one.until is None and any(item.updated_at > one.at for item in touched):
            ended.append(one.subject)
    return ended


# --- following up


def _begun(store: Store, found: Evaluated) -> list[FollowUp]:
    """The actions that were accepted and are not followed up yet."""
    accepted = [v for v in found.verdicts.values() if v.verdict is Verdict.ACCEPTED]
    accepted = [v for v in accepted if found.now - BEGUN_WITHIN <= v.at <= found.now]
    if not accepted:
        return []
    there = {one.intervention.id for one in store.interventions()}
    stored = {one.recommendation.id: one.recommendation for one in store.decided()}
    begun = []
    for verdict in accepted:
        key = verdict.recommendation_id
        if follow_up.id_of(key, verdict.at) in there:
            continue
        place = _place(key, found)
        advice = _made(key, place) or stored.get(key)
        if advice is None or place is None:
            continue
        outlook = _outlook(place, found)
        one = follow_up.begin(advice, place.sprint, outlook, verdict.at, now=found.now, holidays=found.holidays)
        begun.append(FollowUp(intervention=one, progress=Progress.UNDER_WAY, sentence=""))
    return begun


def _place(recommendation_id: str, found: Evaluated) -> SprintAnalysis | None:
    """The sprint that an action belongs to; the longest id wins where one begins like another."""
    fitting = [s for s in found.analysis.sprints if recommendation_id.startswith(f"action:{s.sprint.id}:")]
    return max(fitting, key=lambda s: len(s.sprint.id), default=None)


def _made(recommendation_id: str, place: SprintAnalysis | None) -> Recommendation | None:
    advice = place.recommendations if place is not None else ()
    return next((one for one in advice if one.id == recommendation_id), None)


def _checked(one: FollowUp, found: Evaluated) -> FollowUp:
    """What came of it as of now; unchanged where the evaluation looks at an earlier moment, or not everything is read."""
    act = one.intervention
    place = next((s for s in found.analysis.sprints if s.sprint.id == act.sprint_id), None)
    sprint = next((s for s in found.sprints if s.id == act.sprint_id), None)
    if act.accepted_at > found.now or (sprint is None and not found.snapshot.history_complete):
        return one
    scene = Scene(
        sprint=sprint,
        features=place.features if place is not None else None,
        risks=place.risks if place is not None else (),
        snapshot=found.snapshot,
        now=found.now,
    )
    outlook = _outlook(place, found) if place is not None else follow_up.Outlook(None, None, found.simulate)
    return follow_up.check(act, scene, outlook, found.holidays)


def _outlook(place: SprintAnalysis, found: Evaluated) -> follow_up.Outlook:
    """P as it is shown; a sprint with nothing left counts as the most that is ever shown."""
    p = place.forecast.probability
    if place.forecast.why_none is NoForecast.ALL_DONE:
        p = HIGHEST
    return follow_up.Outlook(p, found.inputs.get(place.sprint.id), found.simulate)


def _overdue(one: FollowUp, now: datetime) -> Alert:
    act = one.intervention
    return Alert(
        id=alert_id("action", act.id),
        kind="action_overdue",
        sprint_id=act.sprint_id,
        reason=f"Accepted and not done: {act.summary}\n{one.sentence}",
        severity=Severity.MEDIUM,
        evidence=act.evidence,
        at=now,
        target=act.item_ids[0] if act.item_ids else act.evidence[0].id,
    )


def _said(found: Evaluated) -> list[tuple[str, date, float]]:
    """The probabilities that falls are told by; those of half a history would be wrong."""
    if not found.snapshot.history_complete:
        return []
    return [
        (one.sprint.id, one.sprint.due_on, one.forecast.probability)
        for one in found.analysis.sprints
        if one.sprint.state is State.OPEN and one.sprint.due_on is not None and one.forecast.probability is not None
    ]


def _without(one: SprintAnalysis, begun: set[str]) -> SprintAnalysis:
    """What is followed up from now on is no longer recommended."""
    left = tuple(r for r in one.recommendations if r.id not in begun)
    return one if len(left) == len(one.recommendations) else replace(one, recommendations=left)
