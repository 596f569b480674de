"""What the families are worth, out of a store: replayed, learned from the ledger, shown, and in the next forecast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from galaxy_desktop.assess import forecast, inputs_json
from galaxy_desktop.assess.family_offset import NAMES, SHARES
from galaxy_desktop.domain.families import FamilyOffset, FamilyTerm
from galaxy_desktop.domain.ledger import Origin, Recalibration
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import ItemKind, Milestone, Person, Repository, State, WorkflowRun, WorkItem
from galaxy_desktop.explain.families import LOOKS_AT, family_lines
from galaxy_desktop.features.compute import compute
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import families, pipeline
from galaxy_desktop.services.backtest import Backtest, report, words
from galaxy_desktop.services.ledger import current_recalibration, of_record, trust
from galaxy_desktop.store.database import Store

SPRINTS, ITEMS = 24, 6
FIRST = date(2025, 6, 2)
LENGTH = timedelta(days=14)
NOW = datetime.combine(FIRST + SPRINTS * LENGTH + timedelta(days=5), time(12), UTC)
ANN = Person(1, "ann")
URL = "https://github.com/o/r"


def at(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(hours=hour)


def is_bad(number: int) -> bool:
    """Whether a sprint is one of those with failing builds: no rhythm that anybody could guess."""
    return (number * 7 + number // 3) % 5 in (1, 3)


def records(number: int, now: datetime = NOW) -> Iterator[Any]:
    """A sprint of two weeks as it is stored at a moment.

    They all look alike until their last days; where builds fail, two items come too late.
    """
    first = FIRST + number * LENGTH
    end = first + timedelta(days=11)
    over = at(end + timedelta(days=2), 10)
    running = over > now
    if at(first, 6) > now:
        return
    yield Milestone(
        repository_id=1, repository="o/r", id=500 + number, number=number + 1, title=f"Sprint {number}", description="",
        state=State.OPEN if running else State.CLOSED, due_on=end, created_at=at(first, 6), updated_at=at(first, 6),
        closed_at=None if running else over, url=f"{URL}/milestone/{number + 1}", observed_at=NOW,
    )  # fmt: skip
    for n in range(ITEMS):
        late = is_bad(number) and n >= ITEMS - 2
        done = over - timedelta(hours=1) if late else at(first + timedelta(days=(1, 3, 4, 7, 9, 10)[n]), 14)
        closed = done if done <= now else None
        yield WorkItem(
            repository_id=1, repository="o/r", number=100 + number * ITEMS + n, kind=ItemKind.ISSUE, title=f"Item {n}",
            body="", state=State.CLOSED if closed else State.OPEN, state_reason="completed" if closed else None, author=ANN,
            assignees=(), labels=(), milestone_number=number + 1, created_at=at(first, 6), updated_at=closed or at(first, 6),
            closed_at=closed, url=f"{URL}/issues/{100 + number * ITEMS + n}", observed_at=NOW,
        )  # fmt: skip
    for n in range(11):
        started = at(first + timedelta(days=n), 9)
        if started < now:
            red = is_bad(number) and n % 3 != 2
            yield WorkflowRun(
                repository_id=1, repository="o/r", id=1_000 + 20 * number + n, name="tests", head_sha=f"{number}-{n}",
                head_branch="main", event="push", status="completed", conclusion="failure" if red else "success",
                started_at=started, finished_at=started + timedelta(minutes=5), url=f"{URL}/runs/{n}", observed_at=NOW,
            )  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A team of 24 sprints that missed those in which its builds failed, replayed; one more runs."""
    with Store.open(DataFolder(tmp_path_factory.mktemp("families")).make()) as opened:
        repository = Repository(id=1, full_name="o/r", url=URL)
        told = [record for number in range(SPRINTS + 1) for record in records(number)]
        opened.apply(Page(repository_id=1, records=(repository, *told))).result()
        work = Backtest(opened, NOW)
        work.prepare()
        while work.step():
            pass
        yield opened


def test_every_replayed_look_keeps_its_troubles_and_what_was_said_before_any_correction(store: Store) -> None:
    entries = store.ledger(origin=Origin.REPLAY)
    looks = families.looks(entries, store.ledger_outcomes(), store.ledger_inputs)
    assert len({one.sprint for one in looks}) == SPRINTS - 1, "the first one had no history to forecast from"
    assert {min(SHARES, key=lambda share: abs(share - one.elapsed)) for one in looks} == set(SHARES)
    said = {entry.before_recalibration for entry in entries}
    assert all(one.said in said for one in looks)
    by_family = {name: [t.value for one in looks for t in one.troubles if t.family == name] for name in NAMES}
    assert len({*by_family["ci"]}) > 2
    assert {*by_family["text"]} == {None}, "what a description said then is not known"


def test_a_replayed_look_saw_what_somebody_who_was_there_saw(store: Store) -> None:
    """The inputs of every look against a workspace in which nothing later has happened: no leak, and nothing missing."""
    repository = Repository(id=1, full_name="o/r", url=URL)
    compared = 0
    for entry in store.ledger(origin=Origin.REPLAY)[::7]:
        told = [one for number in range(SPRINTS + 1) for one in records(number, entry.said_at)]
        kinds = {
            kind: tuple(one for one in told if isinstance(one, kind)) for kind in (Milestone, WorkItem, WorkflowRun)
        }
        milestones = kinds[Milestone]
        there = Snapshot(
            repositories=(repository,), milestones=milestones, milestone_versions=milestones, items=kinds[WorkItem],
            runs=kinds[WorkflowRun],
        )  # fmt: skip
        sprint = next(one for one in group_sprints(there, entry.said_at) if one.id == entry.sprint_id)
        seen = {one.family: one.value for one in compute(there, sprint, entry.said_at).troubles}
        replayed = {
            one.family: one.value for one in families.troubles_in(store.ledger_inputs(entry.inputs_digest) or "")
        }
        assert seen.pop("text") == 1.0
        assert replayed.pop("text") is None, "who was not there does not know what a description said"
        assert replayed == seen
        compared += seen["ci"] is not None and seen["ci"] > 0.0
    assert compared > 3


def test_families_that_foretold_the_past_count_and_say_so(store: Store) -> None:
    found = current_recalibration(store).families
    weights = {term.family: term.weight for term in found.terms}
    assert found.used, found.sentence
    assert weights["ci"] < -0.2
    assert weights["text"] == weights["graph"] == 0.0
    assert (found.brier_gain or 0.0) > 0.0


def test_the_next_forecast_is_moved_by_them_and_by_no_more(store: Store) -> None:
    known = current_recalibration(store)
    shown, _ = pipeline.evaluate(store, NOW)
    running = next(one for one in shown.sprints if one.sprint.state is State.OPEN)
    entry = next(e for e in reversed(store.ledger()) if e.sprint_id == running.sprint.id)
    text = store.ledger_inputs(entry.inputs_digest)
    assert text is not None
    inputs = inputs_json.from_json(text)
    assert families.troubles_in(text) == inputs.troubles
    without = pipeline.simulator_of(replace(known, families=FamilyOffset())).simulate(inputs).probability
    assert running.forecast.probability is not None
    assert without is not None
    assert pipeline.simulator_of(known).simulate(inputs).probability == running.forecast.probability
    assert (running.forecast.probability < without) is (known.families.shift(entry.elapsed, inputs.troubles) < 0.0)
    assert running.forecast.probability != without
    assert "by the six families" in running.forecast.formula


def test_a_moment_of_the_past_learns_from_what_had_ended_by_then(store: Store) -> None:
    early = current_recalibration(store, at=at(FIRST + 9 * LENGTH, 12)).families
    assert (early.used, early.sprints) == (False, 9)
    later = current_recalibration(store, at=at(FIRST + 16 * LENGTH, 12)).families
    assert later.sprints == 15


def test_the_trust_report_and_the_command_show_everything(store: Store) -> None:
    told = trust(store, NOW).recalibration.families
    lines = family_lines(told)
    assert lines[0] == told.sentence
    assert len(lines) == 1 + len(NAMES)
    work = Backtest(store, NOW)
    work.prepare()
    assert "\n".join(lines) in words(store, NOW, work)
    figures: Any = report(store, NOW, work)["families"]
    assert (figures["used"], set(figures["weights"])) == (True, set(NAMES))
    assert figures["sentence"] == told.sentence


def test_inputs_that_were_forgotten_teach_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "_READ", type(families._READ)())
    known = store.ledger_outcomes()
    found = families.looks(of_record(store.ledger(), forecast.ENGINE), known, lambda _: "")
    assert {one.troubles for one in found} == {()}
    told = families.with_families(Recalibration(), store.ledger(origin=Origin.REPLAY), known, lambda _: "").families
    assert not told.used


def test_nothing_is_unpacked_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    current_recalibration(store)

    def never(_: str) -> str:
        raise AssertionError("inputs were read again")

    entries, known = of_record(store.ledger(), forecast.ENGINE), store.ledger_outcomes()
    assert families.looks(entries, known, never)


def test_texts_of_before_there_were_troubles_have_none() -> None:
    assert families.troubles_in('{"as_of":"2026-05-06T12:00:00+00:00","open":[]}') == ()
    assert families.troubles_in('{"troubles":[{"family":"ci","value":null}],"x":1}')[0].value is None


def test_a_family_without_a_weight_says_why() -> None:
    term = FamilyTerm(family="text", sprints=3, why_none="known in 3 of 10 sprints needed")
    counted = FamilyTerm(family="ci", weight=-0.3, usual=(0.1, 0.1, 0.2, 0.2), spread=0.15, sprints=12)
    offset = FamilyOffset(terms=(term, counted), shares=SHARES, used=False, sentence="Nothing.")
    assert family_lines(offset) == (
        "Nothing.",
        "Text (open issues that say too little): no weight, known in 3 of 10 sprints needed.",
        "Ci (failed builds): -0.30 log-odds for each 15 % above the usual 10 % / 10 % / 20 % / 20 % at 0 % / 30 % / 50 % / "
        "80 % of the time, known in 12 sprints, not counted.",
    )
    assert set(LOOKS_AT) == set(NAMES)
