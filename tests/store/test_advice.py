"""What was accepted is kept with what came of it; a verdict can be taken back; nothing is shown twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from galaxy_desktop.domain.attention import DigestReport, Mute, SprintMove
from galaxy_desktop.domain.findings import Progress, UserVerdict, Verdict
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from tests.store.evaluations import advice, analysis, followed

DUE = date(2026, 5, 10)


def verdict(make: Any, said: Verdict, hour: float = 1, of: str = "a1", reason: str = "") -> UserVerdict:
    return UserVerdict(recommendation_id=of, verdict=said, reason=reason, at=make.hour(hour))


@pytest.fixture
def told(store: Store, make: Any) -> Store:
    """A store with one evaluation, whose one recommendation is "a1"."""
    store.save_analysis(analysis(make)).result()
    return store


# --- verdicts


def test_a_verdict_taken_back_was_never_given_but_audited(told: Store, make: Any) -> None:
    told.give_verdict(verdict(make, Verdict.DISMISSED)).result()
    assert told.undo_verdict("a1", make.hour(2)).result()
    assert told.verdicts() == {}
    assert next((e.what, e.before) for e in told.audit_log()) == ("verdict taken back", "dismissed")


def test_taking_back_what_was_never_said_changes_nothing(told: Store, make: Any) -> None:
    assert not told.undo_verdict("a1", make.hour(2)).result()
    assert told.audit_log() == ()


def test_verdicts_in_force_come_with_what_they_are_about(told: Store, make: Any) -> None:
    told.give_verdict(verdict(make, Verdict.SNOOZED)).result()
    (one,) = told.decided()
    assert (one.recommendation, one.sprint_title) == (advice(make), analysis(make).sprints[0].sprint.title)
    assert one.verdict.verdict is Verdict.SNOOZED


# --- accepted actions


def test_an_accepted_action_comes_back_whole(store: Store, make: Any) -> None:
    one = followed(make)
    store.follow([one]).result()
    assert store.interventions() == (one,)
    assert store.interventions(under_way=True) == (one,)


def test_what_came_of_it_is_stored_and_then_final(store: Store, make: Any) -> None:
    one = followed(make)
    done = replace(one, progress=Progress.DONE, done_at=make.hour(9), seen=0.07, helped=True, sentence="Done.")
    for step in (one, done, one):
        store.follow([step]).result()
    assert store.interventions() == (done,)
    assert store.interventions(under_way=True) == ()


@pytest.mark.parametrize("how", ["undo", "dismiss"])
def test_taking_back_an_acceptance_ends_the_follow_up(told: Store, make: Any, how: str) -> None:
    told.give_verdict(verdict(make, Verdict.ACCEPTED)).result()
    told.follow([followed(make)]).result()
    if how == "undo":
        told.undo_verdict("a1", make.hour(2)).result()
    else:
        told.give_verdict(verdict(make, Verdict.DISMISSED, 2)).result()
    assert [one.progress for one in told.interventions()] == [Progress.WITHDRAWN]


def test_what_was_done_stays_done_when_the_verdict_is_taken_back(told: Store, make: Any) -> None:
    told.give_verdict(verdict(make, Verdict.ACCEPTED)).result()
    told.follow([replace(followed(make), progress=Progress.DONE)]).result()
    told.undo_verdict("a1", make.hour(2)).result()
    assert [one.progress for one in told.interventions()] == [Progress.DONE]


# --- learning


def test_what_is_learned_from_names_kind_verdict_and_help(told: Store, make: Any) -> None:
    told.give_verdict(verdict(make, Verdict.ACCEPTED)).result()
    told.follow([replace(followed(make), progress=Progress.DONE, helped=False)]).result()
    assert told.past_advice() == ((advice(make).kind, verdict(make, Verdict.ACCEPTED), False),)


def test_a_forgotten_kind_begins_anew(told: Store, make: Any) -> None:
    told.give_verdict(verdict(make, Verdict.DISMISSED)).result()
    told.forget_learning(advice(make).kind, make.hour(2)).result()
    assert told.past_advice() == ()
    told.give_verdict(verdict(make, Verdict.DISMISSED, 3)).result()
    assert len(told.past_advice()) == 1


# --- the course


def test_only_changes_enter_the_course(store: Store, make: Any) -> None:
    for hour, p in ((0, 0.7), (1, 0.7), (2, 0.6)):
        store.raise_alerts((), [("s", DUE, p)], make.hour(hour)).result()
    assert store.course(make.hour(9)) == {("s", DUE): [(make.hour(0), 0.7), (make.hour(2), 0.6)]}
    assert store.course(make.hour(2)) == {("s", DUE): [(make.hour(0), 0.7)]}


# --- balloons


def test_an_alert_is_in_one_balloon_however_many_ask(store: Store, make: Any) -> None:
    store.raise_alerts([make.alert("one"), make.alert("two")]).result()
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: store.show_balloon(["one", "two"], make.hour(1)).result(), range(8)))
    assert said.count(True) == 1
    assert (store.alerts_unshown(), store.balloons_since(make.hour(0))) == ((), 1)


def test_a_balloon_that_was_shown_counts_after_a_restart(folder: DataFolder, make: Any) -> None:
    with Store.open(folder) as store:
        store.raise_alerts([make.alert("one")]).result()
        store.show_balloon(["one"], make.hour(1)).result()
    with Store.open(folder) as store:
        assert (store.alerts_unshown(), store.balloons_since(make.hour(1))) == ((), 1)
        assert store.balloons_since(make.hour(2)) == 0


def test_when_one_was_shown_elsewhere_nothing_is_noted(store: Store, make: Any) -> None:
    store.raise_alerts([make.alert("one"), make.alert("two")]).result()
    store.show_balloon(["one"], make.hour(1)).result()
    assert not store.show_balloon(["one", "two"], make.hour(2)).result()
    assert [a.id for a in store.alerts_unshown()] == ["two"]


def test_a_day_has_one_digest_and_it_takes_its_alerts_along(store: Store, make: Any) -> None:
    store.raise_alerts([make.alert("one")]).result()
    (one,) = store.alerts_unshown()
    move = SprintMove(sprint_id="s", title="S", now=0.5, before=0.6)
    report = DigestReport(at=make.hour(1), since=make.hour(0), sprints=(move,), held=(one,))
    day = make.hour(1).date()
    assert store.show_digest(day, report, ["one"], make.hour(1)).result()
    assert not store.show_digest(day, report, [], make.hour(2)).result()
    assert (store.latest_digest(), store.last_digest_at(), store.alerts_unshown()) == (report, make.hour(1), ())
    assert store.balloons_since(make.hour(0)) == 0


def test_a_morning_with_nothing_to_tell_is_over_without_a_digest(store: Store, make: Any) -> None:
    assert store.show_digest(make.hour(1).date(), None, [], make.hour(1)).result()
    assert (store.latest_digest(), store.last_digest_at()) == (None, make.hour(1))


def test_a_risk_is_new_since_it_was_first_seen(store: Store, make: Any) -> None:
    store.save_analysis(analysis(make, 1)).result()
    store.save_analysis(analysis(make, 2)).result()
    assert len(store.new_risks(make.hour(0.5))) == 1
    assert store.new_risks(make.hour(1)) == ()


# --- mutes


def test_a_mute_holds_until_its_moment_or_until_it_is_lifted(store: Store, make: Any) -> None:
    hour, activity = (
        Mute(subject="issue:o/r#1", at=make.hour(0), until=make.hour(1)),
        Mute(subject="issue:o/r#2", at=make.hour(0), until=None),
    )
    for one in (hour, activity):
        store.mute(one).result()
    assert store.mutes(make.hour(0.5)) == (hour, activity)
    assert store.mutes(make.hour(1)) == (activity,)
    store.unmute(["issue:o/r#2"]).result()
    assert store.mutes(make.hour(1)) == ()
