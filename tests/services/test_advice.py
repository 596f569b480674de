"""Advice over several evaluations: followed up once, alerted when late, kept over a kill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.attention import Balloon, DigestReport, Mute
from galaxy_desktop.domain.findings import Alert, Analysis, Progress, Recommendation, UserVerdict, Verdict
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import pipeline
from galaxy_desktop.services.commands import fill_demo
from galaxy_desktop.services.notices import composed, take_notice
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

OPEN_ALL_DAY = Settings.from_text({"alerts_on_weekends": "true", "quiet_from": "", "digest_at": "off"})


@pytest.fixture
def demo(folder: DataFolder, now: datetime) -> Iterator[Store]:
    """The slipping demo, filled and not evaluated yet."""
    with Store.open(folder) as store:
        fill_demo(store, "slipping", now)
        yield store


def evaluated(store: Store, at: datetime) -> tuple[Analysis, tuple[Alert, ...]]:
    return pipeline.evaluate(store, at)


def accept(store: Store, now: datetime, which: int = 0) -> Recommendation:
    """Accept a recommendation of the last evaluation."""
    found = store.latest_analysis()
    assert found is not None
    advice = next(s.recommendations[which] for s in found.sprints if len(s.recommendations) > which)
    given = UserVerdict(recommendation_id=advice.id, verdict=Verdict.ACCEPTED, reason="", at=now)
    store.give_verdict(given).result()
    return advice


def test_what_is_accepted_is_followed_up_once(demo: Store, now: datetime) -> None:
    evaluated(demo, now)
    advice = accept(demo, now)
    for _ in range(3):
        analysis, _ = evaluated(demo, now)
    (one,) = analysis.follow_ups
    act = one.intervention
    assert (act.recommendation_id, act.promised, act.accepted_at) == (advice.id, advice.delta_probability, now)
    assert act.probability is not None
    assert one.sentence.endswith(f"done when {act.done_when}.")


def test_an_overdue_action_alerts_once(demo: Store, now: datetime) -> None:
    evaluated(demo, now)
    advice = accept(demo, now)
    evaluated(demo, now)
    analysis, raised = evaluated(demo, now + timedelta(days=12))
    (late,) = [a for a in raised if a.kind == "action_overdue"]
    assert analysis.follow_ups[0].progress is Progress.OVERDUE
    assert late.reason.splitlines()[0] == f"Accepted and not done: {advice.summary}"
    assert "overdue by" in late.reason.splitlines()[1]
    _, again = evaluated(demo, now + timedelta(days=13))
    assert "action_overdue" not in {a.kind for a in again}


def test_killed_before_the_follow_up_it_begins_with_the_next_start(folder: DataFolder, now: datetime) -> None:
    """The verdict is on the disk; the evaluation that follows it never came."""
    with Store.open(folder) as store:
        fill_demo(store, "slipping", now)
        evaluated(store, now)
        advice = accept(store, now)
    with Store.open(folder) as store:
        analysis, _ = evaluated(store, now + timedelta(minutes=5))
        assert [f.intervention.recommendation_id for f in analysis.follow_ups] == [advice.id]
        assert advice.id not in {r.id for s in analysis.sprints for r in s.recommendations}


def test_an_acceptance_of_long_ago_is_not_called_overdue(demo: Store, now: datetime) -> None:
    """It was given to a version that followed nothing up."""
    evaluated(demo, now)
    accept(demo, now - timedelta(days=30))
    assert evaluated(demo, now)[0].follow_ups == ()


def test_an_evaluation_of_an_earlier_moment_changes_no_follow_up(demo: Store, now: datetime) -> None:
    evaluated(demo, now)
    accept(demo, now)
    (one,) = evaluated(demo, now)[0].follow_ups
    assert evaluated(demo, now - timedelta(days=1))[0].follow_ups == (one,)


def test_the_probability_is_remembered_with_its_end(demo: Store, now: datetime) -> None:
    analysis, _ = evaluated(demo, now)
    said = {
        (s.sprint.id, s.sprint.due_on): s.forecast.probability
        for s in analysis.sprints
        if s.forecast.probability is not None
    }
    assert {key: course[-1][1] for key, course in demo.course(now + timedelta(seconds=1)).items()} == said


def test_evaluating_again_raises_nothing_new(demo: Store, now: datetime) -> None:
    _, raised = evaluated(demo, now)
    assert raised
    assert evaluated(demo, now + timedelta(minutes=1))[1] == ()


# --- notices


def test_two_programs_show_an_alert_once(demo: Store, now: datetime) -> None:
    analysis, raised = evaluated(demo, now)
    first, second = (take_notice(demo, OPEN_ALL_DAY, now, analysis) for _ in range(2))
    assert isinstance(first, Balloon)
    assert {a.id for a in first.covers} == {a.id for a in raised}
    assert second is None


def test_after_a_restart_nothing_is_shown_again(folder: DataFolder, now: datetime) -> None:
    for shown in (True, False):
        with Store.open(folder) as store:
            if shown:
                fill_demo(store, "slipping", now)
            analysis, _ = evaluated(store, now)
            assert (take_notice(store, OPEN_ALL_DAY, now, analysis) is not None) is shown


def test_the_digest_tells_what_moved_and_what_was_held_back(demo: Store, now: datetime) -> None:
    monday = now + timedelta(days=(7 - now.weekday()) % 7)
    night, morning = monday.replace(hour=3), monday.replace(hour=9, minute=5)
    analysis, raised = evaluated(demo, night)
    report = take_notice(demo, Settings(), morning, analysis)
    assert isinstance(report, DigestReport)
    assert {a.id for a in report.held} == {a.id for a in raised}
    assert report.risks == ()
    assert take_notice(demo, Settings(), morning + timedelta(minutes=1), analysis) is None


def test_the_first_morning_has_nothing_to_tell(demo: Store, now: datetime) -> None:
    """All of it was new yesterday, when the program was set up; the alert itself is a balloon."""
    monday = now + timedelta(days=(7 - now.weekday()) % 7)
    analysis, _ = evaluated(demo, monday)
    assert isinstance(take_notice(demo, Settings(), monday, analysis), Balloon)
    assert demo.last_digest_at() == monday


def test_the_second_digest_names_what_is_new(demo: Store, now: datetime) -> None:
    demo.show_digest((now - timedelta(days=1)).date(), None, [], now - timedelta(days=1)).result()
    analysis, _ = evaluated(demo, now)
    assert composed(demo, now, analysis, ()).risks


def test_a_digest_compares_with_what_was_said_before(demo: Store, now: datetime) -> None:
    analysis, _ = evaluated(demo, now - timedelta(days=2))
    one = next(s for s in analysis.sprints if s.forecast.probability is not None)
    fell = replace(one, forecast=replace(one.forecast, probability=0.05))
    report = composed(demo, now, replace(analysis, sprints=(fell,)), ())
    assert [(m.now, m.before) for m in report.sprints] == [(0.05, one.forecast.probability)]


def test_a_mute_until_something_happens_ends_with_the_first_change(demo: Store, now: datetime) -> None:
    items = demo.snapshot().items
    touched = max(items, key=lambda i: i.updated_at)
    for subject, at in ((touched.evidence_id, touched.updated_at - timedelta(hours=1)), ("issue:o/r#0", now)):
        demo.mute(Mute(subject=subject, at=at, until=None)).result()
    evaluated(demo, now)
    assert [m.subject for m in demo.mutes(now)] == ["issue:o/r#0"]


def _learn(store: Store, now: datetime, verdict: Verdict) -> Any:
    advice = evaluated(store, now)[0].sprints[0].recommendations[0]
    store.give_verdict(UserVerdict(recommendation_id=advice.id, verdict=verdict, reason="no", at=now)).result()
    return advice


def test_what_was_learned_is_shown_with_the_evaluation(demo: Store, now: datetime) -> None:
    advice = _learn(demo, now, Verdict.DISMISSED)
    analysis, _ = evaluated(demo, now)
    assert [(w.kind, w.dismissed) for w in analysis.learned] == [(advice.kind, 1)]
    assert [d.recommendation.id for d in analysis.decided] == [advice.id]
