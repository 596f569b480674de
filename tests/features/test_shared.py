"""What sprints of one evaluation share changes nothing but the time it takes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.features import compute as computing
from galaxy_desktop.features import flow, team
from galaxy_desktop.features.compute import compute
from galaxy_desktop.features.edges import dependency_edges
from galaxy_desktop.features.index import index_of
from galaxy_desktop.features.shared import Shared
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.features.view import SprintView
from tests.benchmarks.synthetic import NOW, SyntheticWorkspace

HOLIDAYS = frozenset({date(2026, 5, 1)})


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    """Sprints over three repositories, of which each has the last one for itself too."""
    return SyntheticWorkspace(400, running=2).snapshot()


def _shared(snapshot: Snapshot) -> Shared:
    index = index_of(snapshot)
    return Shared(index, NOW, dependency_edges(snapshot, index=index), HOLIDAYS)


def test_a_sprint_says_the_same_alone_and_after_others(snapshot: Snapshot) -> None:
    shared = _shared(snapshot)
    given: dict[str, Any] = {"holidays": HOLIDAYS, "index": shared.index, "edges": shared.edges}
    for sprint in group_sprints(snapshot, NOW):
        alone = compute(snapshot, sprint, NOW, **given)
        assert compute(snapshot, sprint, NOW, shared=shared, **given) == alone


def test_the_flow_of_repositories_is_worked_out_once(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for module in (flow, team):
        monkeypatch.setattr(module, "_of_repositories", _counted(module, asked))
    monkeypatch.setattr(computing, "group_sprints", lambda *a, **k: asked.append("sprints") or group_sprints(*a, **k))
    shared = _shared(snapshot)
    for sprint in group_sprints(snapshot, NOW)[:3]:
        compute(snapshot, sprint, NOW, holidays=HOLIDAYS, index=shared.index, edges=shared.edges, shared=shared)
    assert sorted(asked) == ["galaxy_desktop.features.flow", "galaxy_desktop.features.team", "sprints"]


def _counted(module: Any, asked: list[str]) -> Any:
    work = module._of_repositories

    def counted(view: SprintView) -> Any:
        asked.append(module.__name__)
        return work(view)

    return counted


def test_other_repositories_are_asked_for_themselves(snapshot: Snapshot) -> None:
    shared = _shared(snapshot)
    assert [shared.once("n", key, lambda key=key: key) for key in ("a", "b", "a")] == ["a", "b", "a"]


def test_what_was_found_is_the_same_object_the_next_time(snapshot: Snapshot) -> None:
    shared = _shared(snapshot)
    first = shared.once("list", None, lambda: [1])
    assert shared.once("list", None, lambda: [2]) is first
