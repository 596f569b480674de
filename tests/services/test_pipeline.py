"""The flow from a snapshot to an analysis: honest, repeatable, and alerting once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from galaxy_desktop.domain.facts import EdgeKind
from galaxy_desktop.domain.findings import Analysis, NoForecast, SprintAnalysis
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import State
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo, pipeline
from galaxy_desktop.services.contract import to_json
from galaxy_desktop.store.database import Store
from tests.services.conftest import DemoSnapshot


def _running(analysis: Analysis) -> SprintAnalysis:
    return next(s for s in analysis.sprints if s.sprint.state is State.OPEN)


def _chance(snapshot: Snapshot, now: datetime) -> float:
    probability = _running(pipeline.think(snapshot, (), now)).forecast.probability
    assert probability is not None
    return probability


@pytest.mark.parametrize("days", range(0, 14, 3))
def test_the_demos_teach_what_they_say_on_any_day(demo_snapshot: DemoSnapshot, now: datetime, days: int) -> None:
    day = now + timedelta(days=days)
    healthy, slipping = (_chance(demo_snapshot(name, day), day) for name in ("healthy", "slipping"))
    assert healthy >= 0.7
    assert slipping < 0.5
    assert healthy - slipping >= 0.3


def test_a_first_week_gets_no_number_and_hears_what_is_missing(demo_snapshot: DemoSnapshot, now: datetime) -> None:
    forecast = _running(pipeline.think(demo_snapshot("first-week", now), (), now)).forecast
    assert forecast.probability is None
    assert forecast.why_none is NoForecast.TOO_LITTLE_HISTORY
    assert "10 completed items" in forecast.missing


def test_the_blocked_demo_shows_an_edge_across_repositories(demo_snapshot: DemoSnapshot, now: datetime) -> None:
    analysis = pipeline.think(demo_snapshot("blocked", now), (), now)
    assert any(e.kind is EdgeKind.BLOCKS and e.crosses_repositories for e in analysis.dependencies)


def test_recommendations_of_a_slipping_sprint_are_ranked_by_gain(demo_snapshot: DemoSnapshot, now: datetime) -> None:
    actions = _running(pipeline.think(demo_snapshot("slipping", now), (), now)).recommendations
    gains = [a.delta_probability for a in actions if a.delta_probability is not None]
    assert max(gains) > 0
    assert gains == sorted(gains, reverse=True)


@pytest.mark.parametrize("name", demo.SCENARIOS)
def test_asking_again_gives_the_same_bytes(demo_snapshot: DemoSnapshot, now: datetime, name: str) -> None:
    snapshot = demo_snapshot(name, now)
    assert to_json(pipeline.think(snapshot, (), now)) == to_json(pipeline.think(snapshot, (), now))


def test_every_sentence_cites_evidence_of_its_sprint(demo_snapshot: DemoSnapshot, now: datetime) -> None:
    snapshot = demo_snapshot("slipping", now)
    sprint = _running(pipeline.think(snapshot, (), now))
    known = (
        set(snapshot.items_by_id)
        | {m.evidence_id for m in snapshot.milestones}
        | {r.evidence_id for r in snapshot.runs}
    )
    for sentence in sprint.explanation.sentences:
        assert sentence.evidence
        for cited in sentence.evidence:
            assert cited in known or cited.startswith(f"feature:{sprint.sprint.id}/")


def _stored(folder: DataFolder, now: datetime) -> Store:
    store = Store.open(folder)
    for page in demo.DemoWorkspace(demo.scenario_named("slipping"), now).pages():
        store.apply(page).result()
    return store


def test_a_fact_alerts_once_also_in_a_later_evaluation(folder: DataFolder, now: datetime) -> None:
    with _stored(folder, now) as store:
        first, raised = pipeline.evaluate(store, now)
        again, nothing = pipeline.evaluate(store, now + timedelta(minutes=5))
    assert raised
    assert nothing == ()
    assert [a.id for a in again.alerts] == [a.id for a in first.alerts]


def test_an_evaluation_can_be_read_back_as_it_was(folder: DataFolder, now: datetime) -> None:
    with _stored(folder, now) as store:
        analysis, _ = pipeline.evaluate(store, now)
        assert store.latest_analysis() == analysis


def test_unfinished_history_raises_no_alert_from_a_forecast(demo_snapshot: DemoSnapshot, now: datetime) -> None:
    snapshot = replace(demo_snapshot("slipping", now), history_complete=False)
    assert [a for a in pipeline.think(snapshot, (), now).alerts if "probab" in a.kind] == []
