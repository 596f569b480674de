"""Milestone 0.7.2 of secp256k1: overdue on 1 May 2026, moved to July later. Told with evidence, alerted once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import TRACK, StandIn, analyze, run, stand_in_at

MAY, JUNE = "2026-05-01T12:00:00Z", "2026-06-29T00:00:00Z"
MILESTONE = "milestone:bitcoin-core/secp256k1#10"


@pytest.fixture(scope="module")
def github() -> Iterator[StandIn]:
    with stand_in_at(MAY) as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real")


@pytest.fixture(scope="module")
def in_may(github: StandIn, folder: Path) -> dict[str, Any]:
    return analyze(github, folder, MAY)


@pytest.fixture(scope="module")
def in_june(in_may: dict[str, Any], github: StandIn, folder: Path) -> dict[str, Any]:
    assert in_may
    github.control("at", at=JUNE)
    return analyze(github, folder, JUNE)


def _sprint(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(s for s in answer["sprints"] if MILESTONE in s["milestones"])
    return found


def test_an_overdue_milestone_is_a_risk_with_its_due_day_as_evidence(in_may: dict[str, Any]) -> None:
    overdue = next(r for r in _sprint(in_may)["risks"] if r["kind"] == "overdue")
    quotes = {e["id"]: e["quote"] for e in overdue["evidence"]}
    assert "2026-04-19" in quotes[MILESTONE]


def test_an_overdue_sprint_has_dates_and_no_probability(in_may: dict[str, Any]) -> None:
    forecast = _sprint(in_may)["forecast"]
    assert forecast["probability_on_time"] is None
    assert forecast["why_none"] == "end passed"
    assert forecast["completion"]["p50"] <= forecast["completion"]["p85"]


def test_an_overdue_sprint_alerts_once_however_often_it_is_analyzed(
    in_may: dict[str, Any], github: StandIn, folder: Path
) -> None:
    first = [a["id"] for a in in_may["alerts"] if a["sprint"] == _sprint(in_may)["id"]]
    again = analyze(github, folder, MAY, "--no-sync")
    assert len(first) >= 1
    assert [a["id"] for a in again["alerts"] if a["sprint"] == _sprint(again)["id"]] == first


def test_the_moved_due_day_is_shown_with_its_history(in_june: dict[str, Any]) -> None:
    sprint = _sprint(in_june)
    assert sprint["due_on"] == "2026-07-17"
    assert sprint["due_history"] == ["2026-04-19", "2026-07-17"]
    texts = [s["text"] for s in sprint["explanation"]["sentences"]]
    assert any("19 April" in text and "17 July" in text for text in texts)


def test_alerts_of_the_past_are_kept(in_may: dict[str, Any], in_june: dict[str, Any]) -> None:
    assert {a["id"] for a in in_may["alerts"]} <= {a["id"] for a in in_june["alerts"]}


def test_a_quiet_sync_spends_no_quota(in_june: dict[str, Any], github: StandIn, folder: Path) -> None:
    assert in_june
    run(github, "sync", *TRACK, "--data-dir", str(folder))
    before = len(github.asked())
    assert run(github, "sync", "--data-dir", str(folder)).returncode == 0
    asked = github.asked()[before:]
    assert len(asked) >= 6
    assert {entry["status"] for entry in asked} == {304}


def test_a_revoked_token_is_named_and_the_stored_data_stays(
    in_june: dict[str, Any], github: StandIn, folder: Path
) -> None:
    github.control("set", revoked=["check"])
    done = run(github, "analyze", "--data-dir", str(folder), "--at", JUNE, "--json")
    github.control("set", revoked=[])
    assert done.returncode == 3
    assert "token" in done.stderr.lower()
    assert '"token_rejected"' in done.stdout
    assert _sprint(in_june)["title"] in done.stdout
