"""Indexing makes way: what was asked for meanwhile goes before its next step, and questions come between two steps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from galaxy_desktop.domain.events import Event, SearchFellBack, SearchIndexMoved
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.search_models import SearchState
from galaxy_desktop.domain.work_log import Priority
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.background import Background
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

CHOSEN = Settings.from_text({"search_model": "large", "prose": "false"})


class Diary:
    """What happened, in order; `during` is called in the step that it is named for."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.during: dict[str, Callable[[], None]] = {}

    def write(self, line: str) -> None:
        self.lines.append(line)
        self.during.pop(line, lambda: None)()


class Second:
    """The index of the chosen model."""

    state = SearchState(model="large")


class FakeLibrary:
    """Three steps of each index."""

    diary = Diary()
    fails_at = 0
    fallen_back = ""

    def __init__(self, _: DataFolder, provided: object = None) -> None:
        self.steps = {"index": 0, "reindex": 0}
        self.second = Second()

    def _next(self, what: str) -> bool:
        self.steps[what] += 1
        self.diary.write(f"{what} {self.steps[what]}")
        return self.steps[what] < 3

    def texts_changed(self) -> None:
        self.steps = dict.fromkeys(self.steps, 0)

    def step(self, texts: Callable[[], object]) -> bool:
        return self._next("index")

    def step_second(self, name: str, texts: Callable[[], object], stop: object) -> bool:
        left = self._next("reindex")
        if self.steps["reindex"] == self.fails_at:
            type(self).fails_at = 0
            self.second.state = SearchState(model=name, problem="It rests.", again_s=60.0)
            return False
        self.second.state = SearchState(model=name, ready=not left)
        return left

    def search(self, query: str, _: int, **more: Any) -> tuple[Evidence, ...]:
        self.diary.write(f"question {query}")
        return ()

    def vectors(self, item_ids: set[str]) -> dict[str, tuple[float, ...]]:
        return {}

    def tones(self, *_: object) -> dict[str, tuple[float, ...]]:
        return {}

    def stop(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is open."""


class Desk:
    """A background that follows an evaluation without sprints, and what it published."""

    def __init__(self, background: Background, analysis: Analysis) -> None:
        self.background, self.analysis = background, analysis
        self.heard: list[Event] = []

    async def follow(self, settings: Settings = CHOSEN) -> None:
        self.background.follow(self.analysis, settings)
        async with asyncio.timeout(60):
            await self.background.idle()


@pytest.fixture
def diary() -> Iterator[Diary]:
    FakeLibrary.diary, FakeLibrary.fails_at, FakeLibrary.fallen_back = Diary(), 0, ""
    return FakeLibrary.diary


@pytest.fixture
async def desk(folder: DataFolder, now: datetime, diary: Diary, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr("galaxy_desktop.services.indexing.Library", FakeLibrary)
    with Store.open(folder) as store:
        heard: list[Event] = []
        background = Background(folder, store, heard.append, lambda: now)
        made = Desk(
            background, Analysis(as_of=now, engine="test", repositories=(), sprints=(), dependencies=(), alerts=())
        )
        made.heard = heard
        yield made
        await background.close()


async def test_steps_of_both_indexes_take_turns_until_both_are_done(desk: Desk, diary: Diary) -> None:
    await desk.follow()
    assert diary.lines == ["index 1", "reindex 1", "index 2", "reindex 2", "index 3", "reindex 3"]
    states = [event.state.ready for event in desk.heard if isinstance(event, SearchIndexMoved)]
    assert states == [False, False, True]


async def test_what_is_enqueued_during_a_step_goes_before_the_next_one(
    desk: Desk, diary: Diary, folder: DataFolder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = desk.background._store.jobs
    diary.during["reindex 1"] = lambda: jobs.enqueue("other", "backtest", "", Priority.LOW, now).result()
    diary.during["index 2"] = lambda: jobs.enqueue("urgent", "past", "", Priority.NORMAL, now).result()

    async def backtest() -> None:
        diary.write("a job of the same rank")

    async def walk() -> None:
        diary.write("a job of a higher rank")

    monkeypatch.setattr(desk.background, "_backtest", backtest)
    monkeypatch.setattr(desk.background, "_walk_on", walk)
    desk.background._replayed = desk.background._walked = ""
    monkeypatch.setattr("galaxy_desktop.services.background.past_sprints", lambda _: "")
    monkeypatch.setattr("galaxy_desktop.services.background.weekly", lambda _: "")
    await desk.follow()
    assert diary.lines[:3] == ["index 1", "reindex 1", "index 2"]
    assert diary.lines[3] == "a job of a higher rank"
    assert diary.lines.index("a job of the same rank") < diary.lines.index("reindex 2")


async def test_a_question_is_answered_between_two_steps_of_indexing(desk: Desk, diary: Diary) -> None:
    loop, asked = asyncio.get_running_loop(), []

    def ask() -> None:
        asked.append(asyncio.run_coroutine_threadsafe(desk.background.search("why"), loop))

    diary.during["index 2"] = ask
    await desk.follow()
    await asyncio.wrap_future(asked[0])
    assert "question why" in diary.lines
    assert diary.lines.index("question why") > diary.lines.index("index 2")


async def test_what_changed_while_a_step_ran_is_indexed_too(desk: Desk, diary: Diary) -> None:
    await desk.follow()
    await desk.follow()
    assert diary.lines.count("index 3") == diary.lines.count("reindex 3") == 2


async def test_a_model_that_rests_is_tried_again_when_it_said_and_others_go_on(desk: Desk, diary: Diary) -> None:
    FakeLibrary.fails_at = 2
    slept: list[float] = []
    may_go_on = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await may_go_on.wait()

    desk.background.sleep = sleep
    await desk.follow()
    assert diary.lines[-1] == "index 3"
    assert slept == [60.0]
    desk.background._idle.clear()
    may_go_on.set()
    async with asyncio.timeout(60):
        await desk.background.idle()
    assert diary.lines[-1] == "reindex 3"


async def test_a_search_that_fell_back_is_told_once_for_each_reason(desk: Desk) -> None:
    await desk.follow()
    for sentence in ("It is down.", "It is down.", "", "It is down."):
        FakeLibrary.fallen_back = sentence
        await desk.background.search("x")
    assert [event.sentence for event in desk.heard if isinstance(event, SearchFellBack)] == ["It is down."] * 2
