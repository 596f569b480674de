"""The words of the terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.domain.ledger import TrackRecord
from galaxy_desktop.domain.work import Repository, RepositoryState
from galaxy_desktop.services import pipeline
from galaxy_desktop.services.report import freshness_line, sprint_lines
from tests.services.conftest import DemoSnapshot

REPOSITORY = Repository(id=1, full_name="o/r", url="https://github.example/o/r")


def _fresh(state: RepositoryState, sentence: str = "") -> RepositoryFreshness:
    synced = datetime(2026, 5, 6, 9, 14, tzinfo=UTC)
    return RepositoryFreshness(
        repository=REPOSITORY, items=12, open_items=3, comments=40, synced_at=synced, state=state, sentence=sentence
    )


def test_a_synced_repository_says_when_and_how_much(now: datetime) -> None:
    line = freshness_line(_fresh(RepositoryState.SYNCED), now)
    assert line == "o/r: synced 09:14 (3 open of 12 items, 40 comments)"


def test_a_refused_repository_says_what_to_do(now: datetime) -> None:
    assert freshness_line(_fresh(RepositoryState.TOKEN_REJECTED, "Enter a new token."), now).endswith(
        "Enter a new token."
    )


def test_a_sprint_says_chance_health_risks_and_actions(demo_snapshot: DemoSnapshot, now: datetime) -> None:
    sprint = pipeline.think(demo_snapshot("slipping", now), (), now).sprints[0]
    text = "\n".join(sprint_lines(sprint))
    assert "% likely to land in time" in text
    assert f"Health {sprint.health.whole} of 100: {sprint.health.word}" in text
    assert "  Risk (" in text
    assert "  Do: " in text


def test_the_record_of_the_forecast_stands_under_the_chance(demo_snapshot: DemoSnapshot, now: datetime) -> None:
    whole = pipeline.think(demo_snapshot("slipping", now), (), now)
    record = TrackRecord(
        sprints=3, needed=5, better=None, replayed=False, words="No record yet: 3 of 5 ended sprints", verdict=""
    )
    lines = sprint_lines(whole.sprints[0], replace(whole, record=record))
    assert lines[2] == "  No record yet: 3 of 5 ended sprints."
    assert "record" not in "\n".join(sprint_lines(whole.sprints[0])).lower()


def test_where_nothing_is_worth_a_point_that_is_said(demo_snapshot: DemoSnapshot, now: datetime) -> None:
    one = replace(pipeline.think(demo_snapshot("slipping", now), (), now).sprints[0], recommendations=())
    assert sprint_lines(one)[-1] == "  Nothing we know of changes the odds by a point."


def test_days_are_named_as_people_say_them(demo_snapshot: DemoSnapshot, now: datetime) -> None:
    one = pipeline.think(demo_snapshot("slipping", now), (), now).sprints[0]
    assert one.sprint.due_on is not None
    assert one.sprint.due_on.isoformat() not in "\n".join(sprint_lines(one))


def test_a_sprint_without_a_number_says_why(demo_snapshot: DemoSnapshot, now: datetime) -> None:
    sprint = pipeline.think(demo_snapshot("first-week", now), (), now).sprints[0]
    assert "No probability: too little history." in "\n".join(sprint_lines(sprint))
