"""Evaluations enter the ledger, sprints are judged at their end, and the record speaks for itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.assess import forecast, inputs_json
from galaxy_desktop.domain.families import FamilyOffset
from galaxy_desktop.domain.ledger import LedgerEntry, Origin, Outcome, Recalibration
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import State
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo, pipeline
from galaxy_desktop.services.ledger import current_recalibration, track_record, trust
from galaxy_desktop.store.database import Store
from galaxy_desktop.store.ledger import Said

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


@pytest.fixture
def store(folder: DataFolder) -> Iterator[Store]:
    with Store.open(folder) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), NOW).pages():
            opened.apply(page).result()
        yield opened


def test_what_was_shown_is_entered_with_inputs_that_make_it_again(store: Store) -> None:
    analysis, _ = pipeline.evaluate(store, NOW)
    shown = {one.sprint.id: one.forecast for one in analysis.sprints if one.sprint.state is State.OPEN}
    entries = store.ledger()
    assert {one.sprint_id for one in entries} == shown.keys()
    for one in entries:
        text = store.ledger_inputs(one.inputs_digest)
        assert text is not None
        again = pipeline.simulator_of(Recalibration()).simulate(inputs_json.from_json(text))
        assert (again.probability, again.raw_share) == (one.probability, one.raw_share)
        assert one.probability == shown[one.sprint_id].probability
        assert (one.origin, one.said_at, one.engine) == (Origin.LIVE, NOW, forecast.ENGINE)
    assert any(one.probability is not None and one.elapsed is not None for one in entries)


def test_asking_again_enters_nothing_and_the_next_day_does(store: Store) -> None:
    counts = []
    for hours in (0, 0.1, 0.2, 24):
        pipeline.evaluate(store, NOW + timedelta(hours=hours))
        counts.append(len([one for one in store.ledger() if one.probability is not None]))
    assert counts[0] == counts[2] < counts[3]


def test_an_evaluation_that_knows_what_came_later_enters_nothing(store: Store) -> None:
    pipeline.evaluate(store, NOW - timedelta(days=2))
    assert store.ledger() == ()
    assert store.forecasts(store.latest_analysis().sprints[0].sprint.id) != ()  # type: ignore[union-attr]


def test_a_sprint_is_judged_by_the_first_evaluation_after_its_end(store: Store) -> None:
    pipeline.evaluate(store, NOW)
    told = next(one for one in store.ledger() if one.probability is not None and one.due_on is not None)
    assert told.due_on is not None
    pipeline.evaluate(store, _noon(told.due_on))
    assert told.sprint_id not in store.ledger_outcomes()
    pipeline.evaluate(store, _noon(told.due_on) + timedelta(days=1))
    found = store.ledger_outcomes()[told.sprint_id]
    assert (found.landed, found.due_on, found.committed) == (False, told.due_on, told.open + told.done)


def test_an_end_moved_after_it_passed_does_not_save_a_sprint(store: Store) -> None:
    pipeline.evaluate(store, NOW)
    told = next(one for one in store.ledger() if one.probability is not None and one.due_on is not None)
    assert told.due_on is not None
    later = _noon(told.due_on) + timedelta(days=3)
    for milestone in store.snapshot().milestones:
        if milestone.due_on == told.due_on:
            moved = replace(milestone, due_on=later.date() + timedelta(days=9), updated_at=later, observed_at=later)
            store.apply(Page(repository_id=milestone.repository_id, records=(moved,))).result()
    pipeline.evaluate(store, later)
    assert store.ledger_outcomes()[told.sprint_id].due_on == told.due_on
    last = store.ledger(told.sprint_id)[-1]
    assert last.due_on != told.due_on
    rows = [row.entry for row in trust(store, later).entries if row.entry.sprint_id == told.sprint_id]
    assert [row.due_on for row in rows] == [last.due_on, told.due_on]


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


# --- what the record says


def fill(store: Store, *told: tuple[float, bool], origin: Origin = Origin.LIVE, engine: str = forecast.ENGINE) -> None:
    """A sprint for each pair of what was said and whether it landed."""
    for n, (p, landed) in enumerate(told):
        name, end = f"past-{origin}-{n}", date(2026, 1, 1) + timedelta(days=n)
        entry = LedgerEntry(
            sprint_id=name, sprint_title=name, said_at=_noon(end) - timedelta(days=3), due_on=end, probability=p,
            why_none="", raw_share=p, course=None, weight=None, before_recalibration=p, elapsed=0.5, open=2, done=2,
            baselines={"base_rate": 0.5, "linear_burn": None}, engine=engine, seed=1, inputs_digest="", origin=origin,
        )  # fmt: skip
        outcome = Outcome(
            sprint_id=name, landed=landed, due_on=end, ended_on=end, delivered=4, committed=4, why=""
        )  # fmt: skip
        store.enter(Said(entries=(entry,), outcomes=(outcome,)), UTC).result()


def test_live_and_replay_are_kept_apart(store: Store) -> None:
    fill(store, *[(0.9, True)] * 2)
    fill(store, *[(0.2, True)] * 6, origin=Origin.REPLAY)
    report = trust(store, NOW)
    assert (report.live.sprints, report.replay.sprints) == (2, 6)
    assert report.live.brier == pytest.approx(0.01)
    assert report.replay.brier == pytest.approx(0.64)
    assert "in a replay of your own past" in report.verdict
    assert not report.trusted
    assert {row.entry.origin for row in report.entries} == {Origin.LIVE}


def test_a_replay_by_another_engine_says_nothing_of_this_one(store: Store) -> None:
    fill(store, *[(0.2, True)] * 6, origin=Origin.REPLAY, engine="old/1")
    assert trust(store, NOW).replay.sprints == 0


def test_five_ended_sprints_of_its_own_are_judged_before_any_replay(store: Store) -> None:
    fill(store, *[(0.9, True)] * 5)
    fill(store, *[(0.2, True)] * 6, origin=Origin.REPLAY)
    report = trust(store, NOW)
    assert report.verdict.startswith("This forecast beats a simple average by 96 %")
    assert report.trusted


def test_a_sprint_that_was_said_and_has_not_ended_is_waited_for(store: Store) -> None:
    pipeline.evaluate(store, NOW)
    report = trust(store, NOW)
    assert report.waiting == sum(one.probability is not None for one in store.ledger())
    assert report.verdict == "Nobody can say yet how good this forecast is: 0 of the 5 sprints needed have ended."


def test_ten_ended_sprints_correct_the_next_forecast(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _shown(store, NOW)
    fill(store, *[(0.3, True)] * 11, *[(0.3, False)])
    found = current_recalibration(store)
    assert found.sprints == 12
    assert found.intercept > 0
    after = _shown(store, NOW + timedelta(minutes=1))
    assert all(after[one] > p for one, p in before.items() if 0.1 < p < 0.9)
    assert store.ledger()[-1].before_recalibration != store.ledger()[-1].probability


def _shown(store: Store, now: datetime) -> dict[str, float]:
    analysis, _ = pipeline.evaluate(store, now)
    told = {one.sprint.id: one.forecast.probability for one in analysis.sprints}
    return {name: p for name, p in told.items() if p is not None}


def test_while_nothing_ended_the_ledger_is_not_even_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("the ledger was read")

    monkeypatch.setattr(Store, "ledger", never)
    found = current_recalibration(store)
    assert replace(found, families=FamilyOffset()) == Recalibration(prior_sprints=20.0, formula=found.formula)
    assert "0 of the 10 ended sprints" in found.families.sentence


def test_trust_at_a_moment_knows_the_sprints_that_had_ended(store: Store) -> None:
    fill(store, *[(0.9, True)] * 12)
    third = _noon(date(2026, 1, 4))  # the first three ended before this day
    report = trust(store, NOW, at=third)
    assert (report.live.sprints, report.as_of) == (3, third)
    assert all(row.entry.said_at <= third for row in report.entries)
    assert all(row.outcome is None or row.outcome.ended_on < third.date() for row in report.entries)
    assert trust(store, NOW).live.sprints == 12


def test_the_correction_of_a_moment_is_that_of_its_record(store: Store) -> None:
    fill(store, *[(0.3, True)] * 11, *[(0.3, False)])
    assert current_recalibration(store, at=_noon(date(2026, 1, 4))).changes_nothing
    assert not current_recalibration(store, at=_noon(date(2026, 1, 13))).changes_nothing
    assert current_recalibration(store, at=NOW) == current_recalibration(store)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ([(0.9, True)] * 3, "No record yet: 3 of 5 ended sprints"),
        ([(0.9, True)] * 6, "Record: better than a simple average in 6 sprints"),
        ([(0.2, True)] * 6, "Record: no better than a simple average in 6 sprints"),
    ],
)
def test_the_record_stands_in_a_line(store: Store, told: list[tuple[float, bool]], words: str) -> None:
    fill(store, *told)
    assert track_record(store).words == words
    assert track_record(store, at=_noon(date(2026, 1, 2))).words == "No record yet: 1 of 5 ended sprints"


def test_an_evaluation_carries_the_record_with_what_it_judged_itself(store: Store) -> None:
    analysis, _ = pipeline.evaluate(store, NOW)
    assert analysis.record is not None
    assert analysis.record.words == "No record yet: 0 of 5 ended sprints"
    told = next(one for one in store.ledger() if one.probability is not None and one.due_on is not None)
    assert told.due_on is not None
    later, _ = pipeline.evaluate(store, _noon(told.due_on) + timedelta(days=1))
    assert later.record is not None
    assert later.record.sprints == 1
    assert store.latest_analysis() == later


def test_what_is_said_live_counts_before_a_replay_of_the_same_sprint(store: Store) -> None:
    fill(store, *[(0.9, False)] * 12, (0.9, True))
    live = current_recalibration(store)
    replayed = [replace(one, origin=Origin.REPLAY, before_recalibration=0.1) for one in store.ledger()]
    store.enter(Said(entries=tuple(replayed)), UTC).result()
    assert current_recalibration(store) == live
