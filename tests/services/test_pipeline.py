"""The flow from a snapshot to an analysis: honest, repeatable, and alerting once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from galaxy_desktop.domain.facts import EdgeKind
from galaxy_desktop.domain.findings import Analysis, NoForecast, SprintAnalysis
from galaxy_desktop.domain.projects import Board, BoardItem, Iteration
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


def _as_iterations(snapshot: Snapshot, now: datetime) -> Snapshot:
    """The same work with its running sprint kept on a board instead of in milestones."""
    sprint = _running(pipeline.think(snapshot, (), now)).sprint
    assert sprint.due_on is not None
    assert sprint.starts_at is not None
    first = sprint.starts_at.astimezone(now.tzinfo).date()
    iteration = Iteration(
        id="it1", project_id="PVT_1", project_title="Plan", title=sprint.title, starts_on=first,
        days=(sprint.due_on - first).days + 1, completed=False, url="https://github.com/orgs/o/projects/1", observed_at=now,
    )  # fmt: skip
    inside = snapshot.of_sprint(sprint)
    rows = tuple(
        BoardItem(
            id=f"PVTI_{i.repository_id}_{i.number}", repository_id=i.repository_id, item_number=i.number, iteration_id="it1",
            status=None, points=None, updated_at=now,
        )
        for i in inside
    )  # fmt: skip
    board = Board(
        id="PVT_1", number=1, owner="o", title="Plan", url=iteration.url, closed=False, updated_at=now,
        iterations=(iteration,), items=rows, observed_at=now,
    )  # fmt: skip
    freed = {i.evidence_id for i in inside}
    items = tuple(replace(i, milestone_number=None) if i.evidence_id in freed else i for i in snapshot.items)
    kept = tuple(m for m in snapshot.milestones if m.evidence_id not in sprint.milestones)
    return replace(snapshot, items=items, milestones=kept, boards=(board,))


@pytest.mark.parametrize("name", ["slipping", "healthy", "blocked"])
def test_a_sprint_on_a_board_is_judged_as_one_in_milestones_is(
    demo_snapshot: DemoSnapshot, now: datetime, name: str
) -> None:
    whole = demo_snapshot(name, now)
    as_milestones = _running(pipeline.think(whole, (), now))
    analysis = pipeline.think(_as_iterations(whole, now), (), now)
    on_board = _running(analysis)
    assert on_board.sprint.iterations == ("iteration:PVT_1/it1",)
    assert on_board.sprint.items == as_milestones.sprint.items
    assert on_board.forecast.probability == pytest.approx(as_milestones.forecast.probability, abs=0.12)
    assert {r.kind for r in on_board.risks} >= {r.kind for r in as_milestones.risks} - {"scope_growth"}
    assert all(s.evidence for s in on_board.explanation.sentences)
    assert "iteration:PVT_1/it1" in to_json(analysis)
