"""Index and prose follow behind: as durable jobs, for facts that still hold, and without a model too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.events import BacktestProgressed, Event, ProseArrived, ProsePending
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Analysis, Explanation, Sentence
from galaxy_desktop.domain.work import State
from galaxy_desktop.domain.work_log import JobState, Priority
from galaxy_desktop.errors import ModelError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo, past_book, pipeline
from galaxy_desktop.services.background import Background, weekly
from galaxy_desktop.services.prose import Prose, carry_over, facts_digest, worth_prose
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

WRITTEN = Sentence("14 of 20 items are done.", ("milestone:o/r#1",))


class FakeLibrary:
    """An index that knows one thing."""

    updates = 0

    def __init__(self, _: DataFolder) -> None:
        type(self).updates = 0

    def update(self, *_: object) -> int:
        type(self).updates += 1
        return 1

    def search(self, query: str, _: int) -> tuple[Evidence, ...]:
        return (
            Evidence(
                "issue:o/r#99", "issue", "https://github.example/o/r/issues/99", query, datetime(2026, 5, 1, tzinfo=UTC)
            ),
        )

    def vectors(self, item_ids: set[str]) -> dict[str, tuple[float, ...]]:
        return dict.fromkeys(item_ids, (1.0, 0.0))

    def tones(self, *_: object) -> dict[str, tuple[float, ...]]:
        return {"comment:o/r#7": (0.0,) * 384}

    def forget(self, prefixes: tuple[str, ...]) -> int:
        return 3 if prefixes == ("issue:o/r#",) else 0

    def stop(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class Written:
    """What a run of the graph ends in, as far as anybody reads it here."""

    explanation: Explanation


class FakeProse:
    """A model that adds one sentence, or fails."""

    fails: Exception | None = None

    def __init__(self, *_: object) -> None:
        self.found: list[Evidence] = []

    async def write(self, sprint: Any, _settings: object, _titles: object, find: Any) -> Any:
        if self.fails is not None:
            raise self.fails
        self.found += await find()
        told = sprint.explanation
        return Written(replace(told, mode="model", sentences=(*told.sentences, WRITTEN)))

    def forget(self) -> None:
        """Nothing was written down."""

    def stop(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is loaded."""


@pytest.fixture
def store(folder: DataFolder, now: datetime) -> Any:
    with Store.open(folder) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), now).pages():
            opened.apply(page).result()
        yield opened


@pytest.fixture
def analysis(store: Store, now: datetime) -> Analysis:
    return pipeline.evaluate(store, now)[0]


class Desk:
    """A background over fakes, with what it published."""

    def __init__(self, background: Background, heard: list[Event]) -> None:
        self.background, self.heard = background, heard

    async def follow(self, analysis: Analysis, settings: Settings | None = None) -> None:
        self.background.follow(analysis, settings or Settings())
        async with asyncio.timeout(60):
            await self.background.idle()


def _hear(heard: list[Event], event: Event) -> None:
    """The replay of past sprints tells its steps; what it says is in `test_backtest`."""
    if not isinstance(event, BacktestProgressed):
        heard.append(event)


@pytest.fixture
async def desk(folder: DataFolder, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr("galaxy_desktop.services.indexing.Library", FakeLibrary)
    monkeypatch.setattr("galaxy_desktop.services.background.Prose", FakeProse)
    monkeypatch.setattr(FakeProse, "fails", None)
    heard: list[Event] = []
    background = Background(folder, store, lambda event: _hear(heard, event), lambda: now)
    yield Desk(background, heard)
    await background.close()


async def test_prose_arrives_for_the_running_sprint_and_is_kept(desk: Desk, analysis: Analysis, store: Store) -> None:
    await desk.follow(analysis)
    arrived = [e for e in desk.heard if isinstance(e, ProseArrived)]
    assert [type(e) for e in desk.heard] == [ProsePending, ProseArrived]
    assert arrived[0].explanation.sentences[-1] == WRITTEN
    kept = store.latest_analysis()
    assert kept is not None
    assert kept.sprints[0].explanation == arrived[0].explanation


async def test_the_index_is_brought_up_to_date_with_every_evaluation(desk: Desk, analysis: Analysis) -> None:
    await desk.follow(analysis)
    await desk.follow(analysis)
    assert FakeLibrary.updates == 2


async def test_the_next_evaluation_finds_near_duplicates_by_the_vectors_of_running_items(
    desk: Desk, analysis: Analysis, store: Store, now: datetime
) -> None:
    assert analysis.sprints[0].features.value("near_duplicate_pairs") is None
    await desk.follow(analysis)
    assert set(desk.background.embeddings) == {*analysis.sprints[0].sprint.items, "comment:o/r#7"}
    later, _ = pipeline.evaluate(store, now, embeddings=desk.background.embeddings)
    pairs = later.sprints[0].features.value("near_duplicate_pairs")
    assert pairs == later.sprints[0].open * (later.sprints[0].open - 1) / 2


async def test_memory_goes_back_after_every_job(
    desk: Desk, analysis: Analysis, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []
    monkeypatch.setattr("galaxy_desktop.services.interpreter.give_memory_back", lambda: given.append(1))
    await desk.follow(analysis)
    assert len(given) >= len(store.jobs.recent(20)) > 1


async def test_without_prose_in_the_settings_the_model_is_left_alone(desk: Desk, analysis: Analysis) -> None:
    await desk.follow(analysis, Settings.from_text({"prose": "false"}))
    assert desk.heard == []


async def test_a_job_whose_facts_have_changed_is_dropped(
    desk: Desk, analysis: Analysis, store: Store, now: datetime
) -> None:
    payload = json.dumps({"sprint": analysis.sprints[0].sprint.id, "facts": "older"})
    store.jobs.enqueue("prose/older", "prose", payload, Priority.NORMAL, now).result()
    await desk.follow(analysis, Settings.from_text({"prose": "false"}))
    assert desk.heard == []
    assert {job.state for job in store.jobs.recent(10)} == {JobState.DONE}


async def test_a_failing_job_waits_for_its_next_attempt(
    desk: Desk, analysis: Analysis, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeProse, "fails", ModelError("There is not enough memory for this model."))
    await desk.follow(analysis)
    failed = next(job for job in store.jobs.recent(10) if job.kind == "prose")
    assert (failed.state, failed.attempts) == (JobState.WAITING, 1)
    assert "not enough memory" in failed.error


async def test_search_joins_words_and_meaning(desk: Desk, analysis: Analysis) -> None:
    before = await desk.background.search("booking")
    await desk.follow(analysis)
    after = await desk.background.search("booking", limit=50)
    assert "issue:o/r#99" not in {e.id for e in before}
    assert "issue:o/r#99" in {e.id for e in after}


async def test_index_entries_of_a_forgotten_repository_go(desk: Desk, analysis: Analysis) -> None:
    assert await desk.background.forget(("issue:o/r#",)) == 0, "there is no index yet"
    await desk.follow(analysis)
    assert await desk.background.forget(("issue:o/r#",)) == 3


def test_checkpoints_of_runs_go_when_a_repository_is_forgotten(folder: DataFolder, store: Store, now: datetime) -> None:
    folder.checkpoints.write_text("quotes of a repository")
    folder.checkpoints.with_name(f"{folder.checkpoints.name}-wal").write_text("more of them")
    prose = Prose(folder, store, lambda: now)
    prose.forget()
    assert not list(folder.root.glob("checkpoints*"))


async def test_checkpoints_of_a_run_under_way_go_when_it_has_ended(
    folder: DataFolder, store: Store, now: datetime, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    prose = Prose(folder, store, lambda: now)
    seen: list[bool] = []

    def quoted(checkpoints: Path) -> None:
        checkpoints.write_text("quotes")
        prose.forget()
        seen.append(checkpoints.exists())

    async def run(*_: object, checkpoints: Path, **__: object) -> Any:
        quoted(checkpoints)
        raise ModelError("no weights")

    monkeypatch.setattr("galaxy_desktop.reason.graph.run", run)
    with pytest.raises(ModelError):
        await prose.write(analysis.sprints[0], Settings(), {})
    prose.close()
    assert seen == [True]
    assert not folder.checkpoints.exists()


def test_prose_is_carried_over_while_its_facts_hold(analysis: Analysis) -> None:
    told = analysis.sprints[0].explanation
    worded = replace(told, mode="model", sentences=(*told.sentences, WRITTEN))
    before = replace(analysis, sprints=(replace(analysis.sprints[0], explanation=worded), *analysis.sprints[1:]))
    assert carry_over(before, analysis).sprints[0].explanation == worded
    changed = replace(told, sentences=(replace(told.sentences[0], text="Something else."), *told.sentences[1:]))
    moved = replace(analysis, sprints=(replace(analysis.sprints[0], explanation=changed), *analysis.sprints[1:]))
    assert carry_over(before, moved).sprints[0].explanation == changed


def test_only_open_sprints_with_work_left_deserve_the_model(analysis: Analysis) -> None:
    worth = worth_prose(analysis)
    assert [s.sprint.id for s in worth] == [analysis.sprints[0].sprint.id]


def test_the_digest_of_facts_moves_with_the_probability(analysis: Analysis) -> None:
    sprint = analysis.sprints[0]
    other = replace(sprint, forecast=replace(sprint.forecast, probability=0.5))
    assert facts_digest(sprint) != facts_digest(other)


async def test_the_past_is_replayed_behind_everything_else_and_once(
    desk: Desk, analysis: Analysis, store: Store
) -> None:
    told: list[int] = []
    desk.background.learned = lambda: told.append(1)
    await desk.follow(analysis)
    found = past_book.read(store.folder)
    assert {one.key for one in found if one.is_sprint} >= {
        s.sprint.id for s in analysis.sprints if s.sprint.state is State.CLOSED
    }
    await desk.follow(analysis)
    assert past_book.read(store.folder) is found
    assert told == [1]


async def test_what_was_replayed_goes_with_a_repository_that_is_forgotten(
    desk: Desk, analysis: Analysis, store: Store
) -> None:
    await desk.follow(analysis)
    await desk.background.forget(("issue:o/r#",))
    assert past_book.read(store.folder) == ()


def test_a_new_week_or_a_sprint_that_closed_is_a_reason_to_replay(analysis: Analysis) -> None:
    later = replace(analysis, as_of=analysis.as_of + timedelta(days=7))
    fewer = replace(analysis, sprints=tuple(s for s in analysis.sprints if s.sprint.state is State.OPEN))
    assert len({weekly(analysis), weekly(later), weekly(fewer)}) == 3
    assert weekly(replace(analysis, as_of=analysis.as_of + timedelta(minutes=5))) == weekly(analysis)
