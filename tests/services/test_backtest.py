"""The in-app backtest: past sprints with what was known then, once each, stoppable, and nothing from later."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop import cli
from galaxy_desktop.assess import forecast, inputs_json
from galaxy_desktop.assess.backtest import SHARES, looks, same_sprint, worth_replaying
from galaxy_desktop.domain.events import BacktestProgressed
from galaxy_desktop.domain.ledger import Origin
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Repository, State
from galaxy_desktop.errors import CancelledByUserError
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo, pipeline
from galaxy_desktop.services.background import Background
from galaxy_desktop.services.backtest import Backtest
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store
from tests.services.test_background import FakeLibrary, FakeProse

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


@pytest.fixture
def store(folder: DataFolder) -> Iterator[Store]:
    with Store.open(folder) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), NOW).pages():
            opened.apply(page).result()
        yield opened


def walk(store: Store, now: datetime = NOW, tell: Any = lambda _: None) -> Backtest:
    work = Backtest(store, now, tell=tell)
    work.prepare()
    while work.step():
        pass
    return work


def test_every_past_sprint_is_looked_at_four_times_and_judged(store: Store) -> None:
    work = walk(store)
    closed = [s for s in group_sprints(store.snapshot(), NOW) if s.state is State.CLOSED]
    entries = store.ledger()
    assert work.total == work.done == len(closed) > 2
    assert len(entries) == work.entered == len(SHARES) * work.total
    assert {one.origin for one in entries} == {Origin.REPLAY}
    assert store.ledger_outcomes().keys() == {s.id for s in closed}


def test_what_is_done_is_not_done_again_and_a_new_engine_is(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    walk(store)
    assert walk(store).entered == 0
    monkeypatch.setattr(forecast, "ENGINE", "next/1")
    assert walk(store).entered > 0


def test_a_stopped_walk_goes_on_where_it_was(store: Store) -> None:
    stop = threading.Event()
    work = Backtest(store, NOW)
    work.prepare()
    work.step(stop)
    stop.set()
    with pytest.raises(CancelledByUserError):
        work.step(stop)
    made = len(store.ledger())
    assert made == len(SHARES)
    assert walk(store).entered == len(SHARES) * (work.total - 1)


def test_it_says_what_it_does_and_how_far_it_is(store: Store) -> None:
    told: list[BacktestProgressed] = []
    work = walk(store, tell=told.append)
    assert told[0].stage == "judging past sprints"
    assert (told[-1].done, told[-1].total) == (work.total, work.total)
    assert all(a.done <= b.done for a, b in zip(told[-work.total :], told[-work.total + 1 :], strict=False))


def test_nothing_of_later_was_known(store: Store) -> None:
    """The inputs of every look hold only items and days from before it."""
    walk(store)
    created = {i.evidence_id: i.created_at for i in store.snapshot().items}
    for one in store.ledger():
        text = store.ledger_inputs(one.inputs_digest)
        assert text is not None
        inputs = inputs_json.from_json(text)
        assert inputs.as_of == one.said_at
        assert not inputs.closed
        assert all(created[work.item_id] <= one.said_at for work in inputs.open)
        assert all(day.day <= one.said_at.date() for day in inputs.days)


def test_what_happens_after_a_look_does_not_change_what_was_said(store: Store, folder: DataFolder) -> None:
    """The strongest word on leakage: everything of after the moment may be different, and nothing changes."""
    snapshot = store.snapshot()
    newest = worth_replaying(group_sprints(snapshot, NOW))[0]
    assert newest.closed_at is not None
    assert newest.due_on is not None
    look = looks(newest, newest.due_on, NOW)[1]
    first = _said(store, newest.id, look.moment)
    with Store.open(DataFolder(folder.root.parent / "other").make()) as other:
        for repository in snapshot.repositories:
            records = tuple(_of(repository, snapshot, look.moment))
            other.apply(Page(repository_id=repository.id, records=records)).result()
        assert _said(other, newest.id, look.moment) == first


def _of(repository: Repository, snapshot: Snapshot, moment: datetime) -> Iterator[Any]:
    """Everything of a repository until a moment, and its items with other ends than they had.

    Later events that tell of another change stay: without them what they changed would seem to have been so always.
    """
    yield repository
    kinds = (snapshot.milestones, snapshot.comments, snapshot.reviews, snapshot.commits, snapshot.runs, snapshot.checks)
    whole = (snapshot.links, snapshot.pull_commits, snapshot.releases, snapshot.deployments, snapshot.events)
    records: list[Any] = [record for kind in (*kinds, *whole) for record in kind]
    for one in records:
        stamps = (getattr(one, name, None) for name in ("created_at", "submitted_at", "committed_at", "started_at"))
        undoes = getattr(one, "kind", "closed") not in ("closed", "merged", "reopened")
        if one.repository_id == repository.id and (undoes or all(at is None or at <= moment for at in stamps)):
            yield one
    for item in snapshot.items:
        if item.repository_id == repository.id:
            yield _as_if_later_differed(item, moment)


def _as_if_later_differed(item: Any, moment: datetime) -> Any:
    """Whatever ended after the moment ends now and not as it did."""
    if item.closed_at is None or item.closed_at <= moment:
        return item
    merged = NOW if item.merged_at else None
    return replace(item, closed_at=NOW - timedelta(minutes=1), merged_at=merged, state_reason=None)


def _said(store: Store, sprint_id: str, moment: datetime) -> tuple[float | None, int, int]:
    walk(store)
    found = next(e for e in store.ledger(sprint_id) if e.said_at == moment)
    return found.probability, found.open, found.done


def test_a_repository_forgotten_meanwhile_enters_nothing(store: Store) -> None:
    work = Backtest(store, NOW)
    work.prepare()
    store.forget_repository(store.repositories()[0].id).result()
    work.step()
    assert store.ledger() == ()
    assert store.ledger_outcomes() == {}


# --- behind everything else


@pytest.fixture
async def follow(
    store: Store, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Lets the real background follow an evaluation to its end, over a library and a model that are fakes."""
    monkeypatch.setattr("galaxy_desktop.services.indexing.Library", FakeLibrary)
    monkeypatch.setattr("galaxy_desktop.services.background.Prose", FakeProse)
    background = Background(folder, store, lambda _: None, lambda: NOW)
    analysis = pipeline.evaluate(store, NOW)[0]

    async def to_the_end() -> None:
        background.follow(analysis, Settings())
        async with asyncio.timeout(60):
            await background.idle()

    yield to_the_end
    await background.close()


async def test_it_runs_behind_an_evaluation_once_for_the_same_past(
    store: Store, follow: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[object] = []
    real = Backtest.prepare

    def count(self: Backtest, stop: Any) -> None:
        prepared.append(self)
        real(self, stop)

    monkeypatch.setattr(Backtest, "prepare", count)
    await follow()
    await follow()
    assert len(prepared) == 1
    assert {one.sprint_id for one in store.ledger(origin=Origin.REPLAY)} == store.ledger_outcomes().keys()
    assert {job.state for job in store.jobs.recent() if job.kind == "backtest"} == {"done"}


async def test_while_history_is_still_being_read_nothing_is_replayed(
    store: Store, follow: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as reading:
        reading.setattr(Store, "history_complete", lambda _: False)
        await follow()
    assert store.ledger(origin=Origin.REPLAY) == ()
    await follow()
    assert store.ledger(origin=Origin.REPLAY) != ()


# --- when to look


def test_the_first_look_is_after_the_planning(store: Store) -> None:
    sprint = worth_replaying(group_sprints(store.snapshot(), NOW))[0]
    assert sprint.due_on is not None
    assert sprint.starts_at is not None
    found = looks(sprint, sprint.due_on, NOW)
    assert [look.share for look in found] == list(SHARES)
    assert timedelta(days=1) < found[0].moment - sprint.starts_at <= timedelta(days=2)


def test_a_sprint_closed_early_is_not_looked_at_after_that(store: Store) -> None:
    sprint = worth_replaying(group_sprints(store.snapshot(), NOW))[0]
    assert sprint.due_on is not None
    assert sprint.starts_at is not None
    early = replace(sprint, closed_at=sprint.starts_at + timedelta(days=5))
    assert [look.share for look in looks(early, sprint.due_on, NOW)] == [0.0, 0.3]
    short = replace(sprint, starts_at=datetime.combine(sprint.due_on, datetime.min.time(), UTC))
    assert looks(short, sprint.due_on, NOW) == ()


def test_a_sprint_is_found_again_when_it_was_grouped_otherwise(store: Store) -> None:
    sprint = worth_replaying(group_sprints(store.snapshot(), NOW))[0]
    alone = replace(sprint, id="sprint-other", milestones=sprint.milestones[:1])
    stranger = replace(sprint, id="sprint-strange", milestones=("milestone:x/y#1",))
    assert same_sprint(sprint, [stranger, alone]) == alone
    assert same_sprint(sprint, [stranger]) is None


# --- on the command line


def test_the_command_prints_what_it_found(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", "backtest", "--demo", "slipping", "--data-dir", str(folder.root), "--at", NOW.isoformat()]
    assert cli.main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["engine"] == forecast.ENGINE
    assert told["sprints"] > 2
    assert set(told["by_elapsed"]) == {"0%", "30%", "50%", "80%"}
    assert cli.main(words) == 0
    assert told["verdict"] in capsys.readouterr().out


def test_without_data_the_command_says_what_to_do(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", "backtest", "--data-dir", str(folder.root)]) == 2
    assert "Sync first" in capsys.readouterr().err


def test_a_past_day_off_counts_in_what_is_said_before_it_and_not_after(store: Store) -> None:
    closed = next(s for s in group_sprints(store.snapshot(), NOW) if s.state is State.CLOSED)
    assert closed.due_on is not None
    off = closed.due_on - timedelta(days=3)
    someone = next(p.login for item in store.snapshot().items for p in item.assignees)
    work = Backtest(store, NOW, away={someone.casefold(): frozenset({off})})
    work.prepare()
    work.step()
    for entry in store.ledger():
        text = store.ledger_inputs(entry.inputs_digest)
        assert text is not None
        away = inputs_json.from_json(text).away
        assert bool(away) == (entry.said_at.date() <= off)
