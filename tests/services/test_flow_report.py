"""The flow report as a service: computed once per evaluation off the loop's thread, and printed as text and JSON."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop import cli
from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.flow import FlowReport, ScopeKind
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.features.edges import dependency_edges
from galaxy_desktop.features.flow_report import flow_report, scene_of
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.flow_report import FlowReports, lines_of, plain
from galaxy_desktop.services.workspace import Workspace

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
EVALUATED = Analysis(as_of=NOW, engine="", repositories=(), sprints=(), dependencies=(), alerts=())
DemoSnapshot = Callable[[str, datetime], Snapshot]


class CountingStore:
    """Counts how often everything is read, and on which thread."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.reads = 0
        self.threads: set[str] = set()

    def snapshot(self) -> Snapshot:
        self.reads += 1
        self.threads.add(threading.current_thread().name)
        return self._snapshot


@pytest.fixture
def store(demo_snapshot: DemoSnapshot) -> Any:
    return CountingStore(demo_snapshot("slipping", NOW))


def test_what_is_stored_is_read_once_for_all_sprints_of_an_evaluation(store: Any) -> None:
    reports = FlowReports()
    first = reports.report(store, "", NOW, "", EVALUATED)
    other = reports.report(store, first.sprints[1].sprint_id, NOW + timedelta(hours=1), "", EVALUATED)
    assert reports.report(store, first.sprint_id, NOW, "", EVALUATED) is first
    assert (store.reads, other.sprint_title) == (1, first.sprints[1].title)


@pytest.mark.parametrize(("hours", "evaluated"), [(0, 1), (24, 0)])
def test_a_new_evaluation_and_a_new_day_are_read_anew(store: Any, hours: int, evaluated: int) -> None:
    reports = FlowReports()
    reports.report(store, "", NOW, "", EVALUATED)
    later = replace(EVALUATED, as_of=NOW + timedelta(minutes=evaluated))
    reports.report(store, "", NOW + timedelta(hours=hours), "", later)
    assert store.reads == 2


def test_cleared_reports_hold_nothing(store: Any) -> None:
    reports = FlowReports()
    first = reports.report(store, "", NOW, "", EVALUATED)
    reports.clear()
    assert reports.report(store, "", NOW, "", EVALUATED) is not first


def test_what_closes_what_is_taken_from_the_evaluation(store: Any, demo_snapshot: DemoSnapshot) -> None:
    edges = dependency_edges(demo_snapshot("slipping", NOW))
    told = FlowReports().report(store, "", NOW, "", replace(EVALUATED, dependencies=edges))
    assert told == flow_report(scene_of(store.snapshot(), NOW))


def test_holidays_are_days_off(store: Any) -> None:
    days = FlowReports().report(store, "", NOW, "DE", EVALUATED).throughput.days
    assert date(2026, 5, 1) not in {day.first for day in days}
    assert date(2026, 4, 30) in {day.first for day in days}


def test_json_has_every_field_and_only_plain_values(demo_snapshot: DemoSnapshot) -> None:
    report = flow_report(scene_of(demo_snapshot("slipping", NOW), NOW))
    told = json.loads(json.dumps(plain(report)))
    assert set(told) == set(FlowReport.__dataclass_fields__)
    assert told["as_of"] == "2026-05-06T12:00:00Z"
    assert {one["kind"] for one in told["scope"]} <= {str(kind) for kind in ScopeKind}
    assert told["burn"]["days"][0]["day"] == report.burn.days[0].day.isoformat()
    assert told["velocity"]["points"] is None
    assert told["dora"][0]["value"] == report.dora[0].value


def test_the_text_says_every_finding_with_its_formula(demo_snapshot: DemoSnapshot) -> None:
    report = flow_report(scene_of(demo_snapshot("slipping", NOW), NOW))
    said = "\n".join(lines_of(report))
    for head in (report.burn.head, report.cycle.head, report.throughput.head, *(key.head for key in report.dora)):
        assert head.finding in said
        assert head.formula in said
    assert said.splitlines()[-1] == "Process stable: No special cause in the last 8 weeks."


def _run(*words: str) -> int:
    return cli.main(["flow", *words])


@pytest.fixture
def demo(tmp_path: Path) -> tuple[str, ...]:
    return ("--demo", "slipping", "--data-dir", str(tmp_path / "demo"), "--at", "2026-05-06T12:00:00Z")


def test_the_command_prints_json_without_any_account(demo: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(*demo, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    last = told["sprints"][-1]
    assert _run(*demo, "--sprint", last["sprint_id"]) == 0
    assert capsys.readouterr().out.startswith(f"{last['title']}, ")


def test_a_sprint_that_there_is_not_is_wrong_use_and_names_those_there_are(
    demo: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(*demo, "--sprint", "sprint-0") == 2
    said = capsys.readouterr().err
    assert "There is no sprint 'sprint-0'. Known: sprint-" in said


def test_with_nothing_stored_the_command_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--data-dir", str(tmp_path)) == 2
    assert "galaxy-desktop sync" in capsys.readouterr().err


async def test_a_workspace_computes_its_flow_on_the_thinking_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(DataFolder(tmp_path / "demo"), demo_name="slipping", now=lambda: NOW)
    await workspace.open()
    counting = CountingStore(workspace.store.snapshot())
    monkeypatch.setattr(workspace.store, "snapshot", counting.snapshot)
    try:
        first, second = await asyncio.gather(workspace.flow(), workspace.flow())
    finally:
        await workspace.stop()
    assert first is second
    assert (counting.reads, len(counting.threads)) == (1, 1)
    assert next(iter(counting.threads)).startswith("galaxy-thinking")
