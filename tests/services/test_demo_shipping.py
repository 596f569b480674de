"""What demo teams ship: enough for the four keys to be shown, and nothing in a first week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import Repository
from galaxy_desktop.features.flow_report import flow_report, scene_of
from galaxy_desktop.services.demo_shipping import shipped

DemoSnapshot = Callable[[str, datetime], Snapshot]
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
HERE = Repository(id=1, full_name="o/r", url="https://github.com/o/r")


@pytest.mark.parametrize("name", ["healthy", "slipping", "blocked"])
def test_a_demo_with_a_past_ships_fails_and_puts_it_right(demo_snapshot: DemoSnapshot, name: str) -> None:
    keys = {key.name: key for key in flow_report(scene_of(demo_snapshot(name, NOW), NOW)).dora}
    assert all(key.value is not None for key in keys.values())
    assert 0 < (keys["Change failure rate"].value or 0) < 0.3
    assert "deployments to production of nova-demo/api" in keys["Deployment frequency"].rule


def test_a_first_week_has_shipped_nothing_yet(demo_snapshot: DemoSnapshot) -> None:
    assert [key.value for key in flow_report(scene_of(demo_snapshot("first-week", NOW), NOW)).dora] == [None] * 4


@given(hours=st.integers(0, 24 * 400), place=st.integers(0, 2))
def test_nothing_is_shipped_in_the_future_and_every_id_once(hours: int, place: int) -> None:
    now = NOW + timedelta(hours=hours)
    days = [date(2026, 2, 16) + timedelta(days=14 * n) for n in range(5)]
    found = shipped(HERE, place, days, now)
    assert all(one.created_at <= now for one in found)
    assert len({one.evidence_id for one in found}) == len(found)
