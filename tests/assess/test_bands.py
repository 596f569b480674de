"""What reaches the tray, and that the same fact reaches it once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from galaxy_desktop.assess import risks
from galaxy_desktop.assess.bands import alerts_of
from galaxy_desktop.domain.findings import Alert, Severity
from galaxy_desktop.domain.work import State


def _alerts(world: Any, probability: float | None = None) -> list[Alert]:
    forecast = world.forecast()
    if probability is not None:
        forecast = replace(forecast, probability=probability)
    found = risks.find(world.sprint, world.features, forecast, world.snapshot, world.now)
    return list(alerts_of(world.sprint, forecast, found, world.snapshot, world.now))


def test_an_overdue_sprint_says_why_in_its_first_line(make: Any) -> None:
    (alert,) = _alerts(make.world(due_on=make.today - timedelta(days=2)))
    assert alert.reason == "Sprint 0.7 is overdue since 2026-05-04: 4 items open"
    assert (alert.kind, alert.target, alert.sprint_id) == ("overdue", "milestone:o/r#1", "sprint-11")
    assert len(alert.evidence) == 5


def test_the_same_fact_has_the_same_id_tomorrow(make: Any) -> None:
    world = make.world(due_on=make.today - timedelta(days=2))
    today, tomorrow = (_alerts(w)[0] for w in (world, replace(world, now=world.now + timedelta(days=1))))
    assert today.id == tomorrow.id
    assert today.id.startswith("alert-")


def test_a_moved_end_is_a_new_fact(make: Any) -> None:
    ids = {_alerts(make.world(due_on=make.today - timedelta(days=n)))[0].id for n in (1, 2)}
    assert len(ids) == 2


def test_a_closed_sprint_is_silent(make: Any) -> None:
    assert _alerts(make.world(due_on=make.today - timedelta(days=2), state=State.CLOSED)) == []


def test_an_overdue_sprint_with_nothing_open_is_silent(make: Any) -> None:
    items = tuple(make.item(n, done=True) for n in (1, 2))
    assert _alerts(make.world(items, due_on=make.today - timedelta(days=2))) == []


@pytest.mark.parametrize(
    ("probability", "severity"),
    [
        (0.70, None),
        (0.69, Severity.MEDIUM),
        (0.49, Severity.HIGH),
        (0.29, Severity.CRITICAL),
        (0.05, Severity.CRITICAL),
    ],
)
def test_only_the_lowest_band_is_announced(make: Any, probability: float, severity: Severity | None) -> None:
    found = [a.severity for a in _alerts(make.world(), probability) if a.kind == "probability"]
    assert found == ([severity] if severity else [])


def test_wobbling_inside_a_band_is_no_news_but_the_next_band_is(make: Any) -> None:
    high, lower, lowest = (_alerts(make.world(), p)[0].id for p in (0.45, 0.35, 0.25))
    assert high == lower != lowest


def test_half_a_history_raises_no_alert_about_probability(make: Any) -> None:
    assert _alerts(make.world(history_complete=False), 0.1) == []


def test_an_overdue_sprint_is_a_fact_even_with_half_a_history(make: Any) -> None:
    world = make.world(history_complete=False, due_on=make.today - timedelta(days=2))
    assert [a.kind for a in _alerts(world)] == ["overdue"]


def test_a_fallen_probability_names_the_worst_risk_and_opens_it(make: Any) -> None:
    (alert,) = _alerts(make.world(facts={1: {"waiting_for_review_days": 9.0, "age_days": 9.0}}), 0.4)
    assert alert.reason.splitlines()[0] == "Sprint 0.7: 40 % likely to land by 2026-05-15, below 50 %"
    assert alert.reason.splitlines()[1] == "o/r#1 has been waiting for a review for 9 days."
    assert alert.target == "issue:o/r#1"
    assert alert.evidence[0].id == "milestone:o/r#1"


def test_a_red_default_branch_opens_the_failed_run(make: Any) -> None:
    (alert,) = [a for a in _alerts(make.world(runs=(make.run(1),))) if a.kind == "red_build"]
    assert alert.target == "check:o/r#1"
    assert alert.reason.splitlines()[0] == "tests is red on main of o/r."


def test_the_same_branch_red_again_under_another_run_is_the_same_fact(make: Any) -> None:
    one, other = (next(a for a in _alerts(make.world(runs=(make.run(n),))) if a.kind == "red_build") for n in (1, 2))
    assert one.id == other.id


def test_an_item_that_holds_up_three_opens_itself(make: Any) -> None:
    world = make.world(facts={n: {"blocked_by": ("issue:o/r#1",)} for n in (2, 3, 4)})
    (alert,) = [a for a in _alerts(world) if a.kind == "blocked_chain"]
    assert alert.target == "issue:o/r#1"
