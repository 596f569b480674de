"""Looking back at a workspace: what was known then, nothing written, and the last question wins."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.findings import FollowUp, Progress, UserVerdict, Verdict
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import State
from galaxy_desktop.errors import CancelledByUserError, WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.recommend.follow_up import Outlook, begin
from galaxy_desktop.services import demo, pipeline, time_machine
from galaxy_desktop.services.time_machine import TimeMachine, analysis_at
from galaxy_desktop.services.workspace import Workspace
from galaxy_desktop.store.database import Store

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
DAY = timedelta(days=1)
THEN = NOW - 4 * DAY


@pytest.fixture
def store(folder: DataFolder) -> Iterator[Store]:
    with Store.open(folder) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), NOW).pages():
            opened.apply(page).result()
        yield opened


def test_the_past_has_more_left_to_do(store: Store) -> None:
    now, then = analysis_at(store, NOW), analysis_at(store, THEN)
    assert then.as_of == THEN
    running = next(one.sprint.id for one in now.sprints if one.sprint.state is State.OPEN and one.done)
    done = [next(one.done for one in a.sprints if one.sprint.id == running) for a in (then, now)]
    assert done[0] < done[1]
    assert sum(one.open_items for one in then.repositories) > sum(one.open_items for one in now.repositories)
    assert all(one.synced_at is None or one.synced_at <= THEN for one in then.repositories)


def test_no_evidence_of_later_is_cited(store: Store) -> None:
    then = analysis_at(store, THEN)
    known = {i.evidence_id for i in store.snapshot().items if i.created_at <= THEN}
    assert {item.id for item in then.items} <= known
    cited = {e.id for one in then.sprints for risk in one.risks for e in risk.evidence}
    assert {one for one in cited if one.startswith(("issue:", "pr:"))} <= known


def test_nothing_is_written(store: Store, folder: DataFolder) -> None:
    pipeline.evaluate(store, NOW)
    before = _dump(folder)
    analysis_at(store, THEN)
    assert _dump(folder) == before


def _dump(folder: DataFolder) -> list[str]:
    with closing(sqlite3.connect(folder.database)) as connection:
        return list(connection.iterdump())


def test_alerts_and_verdicts_are_those_given_by_then(store: Store) -> None:
    pipeline.evaluate(store, NOW)
    assert store.alerts()
    assert analysis_at(store, THEN).alerts == ()
    assert analysis_at(store, NOW).alerts == store.alerts()
    actions = [a for one in analysis_at(store, THEN).sprints for a in one.recommendations]
    said = {a.id: UserVerdict(recommendation_id=a.id, verdict=Verdict.DISMISSED, reason="", at=NOW) for a in actions}
    again = analysis_at(store, THEN, pipeline.Thinking(verdicts=said))
    assert [a.id for one in again.sprints for a in one.recommendations] == [a.id for a in actions]


def test_what_was_accepted_later_is_not_known_then(store: Store) -> None:
    """What was accepted by then is under way then, whatever became of it since, and is not recommended a second time."""
    actions = [(one, a) for one in analysis_at(store, THEN).sprints for a in one.recommendations]
    place, first = actions[0]
    outlook = Outlook(place.forecast.probability, None, lambda _: place.forecast)
    begun = [begin(a, place.sprint, outlook, at, now=at) for a, at in ((first, THEN - DAY), (actions[1][1], NOW - DAY))]
    done = [FollowUp(intervention=one, progress=Progress.DONE, sentence="", done_at=NOW - DAY) for one in begun]
    store.follow(done).result()
    then = analysis_at(store, THEN)
    assert [(f.intervention.id, f.progress, f.done_at) for f in then.follow_ups] == [
        (begun[0].id, Progress.UNDER_WAY, None)
    ]
    assert first.id not in {a.id for one in then.sprints for a in one.recommendations}
    assert len(analysis_at(store, NOW).follow_ups) == 2


def test_now_is_what_an_evaluation_of_now_says(store: Store) -> None:
    thought = pipeline.think(store.snapshot(), store.freshness(), NOW)
    assert analysis_at(store, NOW).sprints == thought.sprints


def test_an_unwanted_look_stops_between_two_stages(store: Store) -> None:
    asked = iter([False, True])
    with pytest.raises(CancelledByUserError):
        analysis_at(store, THEN, unwanted=lambda: next(asked))


def test_what_was_said_on_an_item_that_was_open_then_is_heard(store: Store) -> None:
    """A snapshot of now leaves out the comments of closed items without a milestone: nothing of today asks for them."""
    item = next(i for i in store.snapshot().items if i.is_open and i.created_at < THEN)
    closed = replace(
        item, number=900, milestone_number=None, state=State.CLOSED, closed_at=NOW, updated_at=NOW, observed_at=NOW
    )
    comment = next(c for c in store.snapshot().comments if c.repository_id == item.repository_id)
    told = replace(comment, id=9_000_000, item_number=900, created_at=THEN, updated_at=THEN)
    store.apply(Page(repository_id=item.repository_id, records=(closed, told))).result()
    heard = [any(c.id == told.id for c in store.snapshot(since).comments) for since in (None, THEN, NOW)]
    assert heard == [False, True, False]


# --- memory and the last question


def test_a_moment_asked_again_comes_from_memory_until_the_data_change() -> None:
    machine, worked = TimeMachine(), list[datetime]()

    def ask(moment: datetime, state: str) -> None:
        def work(_: Any) -> Any:
            worked.append(moment)

        machine.look(machine.ask(), state, moment, work)

    for moment, state in ((NOW, "a"), (THEN, "a"), (NOW, "a"), (NOW, "b")):
        ask(moment, state)
    assert worked == [NOW, THEN, NOW]
    for n in range(time_machine.KEPT):
        ask(NOW + timedelta(days=n + 1), "b")
    ask(NOW, "b")
    assert worked[-1] == NOW, "the oldest one was dropped"


def test_a_question_that_was_overtaken_does_no_work() -> None:
    machine = TimeMachine()
    first, _ = machine.ask(), machine.ask()
    with pytest.raises(CancelledByUserError):
        machine.look(first, "a", NOW, lambda _: pytest.fail("worked"))


@pytest.fixture
async def workspace(folder: DataFolder) -> AsyncIterator[Workspace]:
    running = Workspace(folder, demo_name="slipping", now=lambda: NOW)
    await running.open()
    yield running
    await running.stop()


async def test_of_many_moments_the_last_one_is_answered(workspace: Workspace) -> None:
    asked = [workspace.look_back(NOW - timedelta(days=n)) for n in (9, 8, 7, 6, 5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in answers[:-1]] == [CancelledByUserError] * 4
    assert getattr(answers[-1], "as_of", None) == NOW - timedelta(days=5)


async def test_a_look_back_leaves_the_present_as_it_is(workspace: Workspace) -> None:
    latest = workspace.latest()
    first = await workspace.look_back(THEN)
    assert await workspace.look_back(THEN) is first
    assert workspace.latest() is latest


async def test_the_future_is_nobodys_to_look_at(workspace: Workspace) -> None:
    with pytest.raises(WrongUseError, match="in the past"):
        await workspace.look_back(NOW + timedelta(days=1))


async def test_the_past_begins_with_the_first_item_and_says_what_it_cannot_see(workspace: Workspace) -> None:
    first = min(item.created_at for item in workspace.store.snapshot().items)
    assert await workspace.earliest() == first
    assert all(sentence.endswith(".") for sentence in await workspace.blind_spots(THEN))


async def test_trust_is_asked_through_the_workspace(workspace: Workspace) -> None:
    report = await workspace.trust()
    assert report.as_of == NOW
    assert report.verdict.startswith("Nobody can say yet")
