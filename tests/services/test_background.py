"""Index and prose follow behind: as durable jobs, for facts that still hold, and without a model too."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.events import (
    BacktestProgressed,
    Event,
    ModelStood,
    PatternsNoticed,
    ProseArrived,
    ProsePending,
)
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Analysis, Explanation, Sentence, SprintAnalysis
from galaxy_desktop.domain.models import EngineState, Standing
from galaxy_desktop.domain.noticed import Noticed, NoticedKind
from galaxy_desktop.domain.work import State
from galaxy_desktop.domain.work_log import JobState, Priority
from galaxy_desktop.errors import ModelError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.patterns import Proposals
from galaxy_desktop.services import demo, past_book, pipeline
from galaxy_desktop.services.background import Background, weekly
from galaxy_desktop.services.model_host import ModelWaitsError
from galaxy_desktop.services.prose import Prose, carry_over, facts_digest, worth_prose
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

WRITTEN = Sentence("14 of 20 items are done.", ("milestone:o/r#1",))


class FakeLibrary:
    """An index that knows one thing."""

    updates = 0
    asked_as_of: datetime | None = None

    fallen_back = ""

    def __init__(self, _: DataFolder, provided: object = None) -> None:
        type(self).updates = 0

    def texts_changed(self) -> None:
        """Everything is looked at anew each time."""

    def step(self, texts: Callable[[], object]) -> bool:
        texts()
        type(self).updates += 1
        return False

    def search(
        self, query: str, _: int, *, as_of: datetime | None = None, versions: object = None
    ) -> tuple[Evidence, ...]:
        type(self).asked_as_of = as_of if versions is not None else None
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


class FakeHost:
    """Owns no model."""

    def watch(self) -> None:
        """Nothing is watched."""

    async def stop(self) -> None:
        """Nothing is watched."""

    def typed(self) -> None:
        """Nobody waits."""


class FakeProse:
    """A model that adds one sentence, or fails."""

    fails: Exception | None = None

    def __init__(self, *_: object) -> None:
        self.found: list[Evidence] = []
        self.host = FakeHost()

    async def write(self, sprint: Any, _settings: object, _titles: object, find: Any, say: Any) -> Any:
        if self.fails is not None:
            raise self.fails
        self.found += await find()
        told = sprint.explanation
        return Written(replace(told, mode="model", sentences=(*told.sentences, WRITTEN)))

    async def propose(self, sprint_id: str, _material: object, _settings: object) -> Proposals | None:
        """One pattern, the same each time."""
        one = Noticed(
            sprint_id=sprint_id, kind=NoticedKind.RISK, text="Both wait.", evidence=("issue:o/r#1", "issue:o/r#2"),
            model="fake", noticed_at=datetime(2026, 5, 6, 12, tzinfo=UTC),
        )  # fmt: skip
        return Proposals((one,), ())

    def forget(self) -> None:
        """Nothing was written down."""

    def stop(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is loaded."""


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFolder, Analysis]:
    """A profile with a demo that was evaluated at the moment of all tests; each of them works on a copy."""
    folder, moment = DataFolder(tmp_path_factory.mktemp("evaluated")), datetime(2026, 5, 6, 12, tzinfo=UTC)
    with Store.open(folder) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), moment).pages():
            opened.apply(page).result()
        return folder, pipeline.evaluate(opened, moment)[0]


@pytest.fixture
def store(folder: DataFolder, evaluated: tuple[DataFolder, Analysis]) -> Iterator[Store]:
    shutil.copytree(evaluated[0].root, folder.root, dirs_exist_ok=True)
    with Store.open(folder) as opened:
        yield opened


@pytest.fixture
def analysis(evaluated: tuple[DataFolder, Analysis], now: datetime) -> Analysis:
    assert evaluated[1].as_of == now
    return evaluated[1]


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
    assert [type(e) for e in desk.heard] == [ProsePending, ProseArrived, PatternsNoticed]
    assert arrived[0].explanation.sentences[-1] == WRITTEN
    kept = store.latest_analysis()
    assert kept is not None
    assert kept.sprints[0].explanation == arrived[0].explanation


async def test_after_prose_that_checked_out_patterns_are_looked_for_once_a_day(
    desk: Desk, analysis: Analysis, store: Store
) -> None:
    await desk.follow(analysis)
    running = next(s.sprint.id for s in analysis.sprints if s.sprint.state is State.OPEN)
    assert [one.text for one in store.noticed([running])] == ["Both wait."]
    assert [type(event) for event in desk.heard].count(PatternsNoticed) == 1
    digest = replace(analysis, sprints=tuple(_moved(one) for one in analysis.sprints))
    await desk.follow(digest)
    assert [type(event) for event in desk.heard].count(PatternsNoticed) == 1


def _moved(one: SprintAnalysis) -> SprintAnalysis:
    """The same sprint with another number, so that it is worded anew."""
    return replace(one, forecast=replace(one.forecast, probability=0.123))


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


async def test_a_model_that_has_to_make_way_says_why_and_writes_when_it_may_again(
    desk: Desk, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeProse, "fails", ModelWaitsError("The computer runs on battery."))
    await desk.follow(analysis)
    pending = [event.state for event in desk.heard if isinstance(event, ProsePending)]
    assert pending[-1] == "The computer runs on battery."
    monkeypatch.setattr(FakeProse, "fails", None)
    desk.background._prose.host.resumed()  # type: ignore[attr-defined]
    await desk.background.idle()
    assert any(isinstance(event, ProseArrived) for event in desk.heard)


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


async def test_a_search_in_the_past_asks_for_what_was_known_then(desk: Desk, analysis: Analysis) -> None:
    then = datetime(2026, 4, 20, 12, tzinfo=UTC)
    assert await desk.background.search("booking", as_of=datetime(2020, 1, 1, tzinfo=UTC)) == ()
    await desk.follow(analysis)
    assert [one.id for one in await desk.background.search("booking", as_of=then)] == ["issue:o/r#99"]
    assert FakeLibrary.asked_as_of == then


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


class ChosenHost(FakeHost):
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.used: list[str] = []
        self.stopped = 0
        self.told: Callable[[Standing], None] = lambda _: None

    def use(self, settings: Settings) -> None:
        self.used.append(settings.text("model"))

    def stop_loading(self) -> None:
        self.stopped += 1


async def test_a_model_that_is_chosen_words_at_once_what_another_one_worded(desk: Desk, analysis: Analysis) -> None:
    host = ChosenHost()
    desk.background._prose.host = host  # type: ignore[assignment]
    await desk.follow(analysis)
    written = next(e for e in desk.heard if isinstance(e, ProseArrived))
    worded = replace(
        analysis,
        sprints=tuple(
            replace(s, explanation=written.explanation) if s.sprint.id == written.sprint_id else s
            for s in analysis.sprints
        ),
    )
    chosen = Settings.from_text({"model": "llama-3.2-3b-instruct"})
    latest = desk.background.use_model(chosen, worded)
    assert host.used == ["llama-3.2-3b-instruct"]
    assert latest is not None
    assert carry_over(worded, analysis) == worded
    assert carry_over(latest, analysis) == analysis
    await desk.follow(analysis, chosen)
    assert len([e for e in desk.heard if isinstance(e, ProseArrived)]) == 2


async def test_a_job_that_runs_for_the_old_model_does_not_keep_the_new_one_from_being_asked(
    desk: Desk, analysis: Analysis, store: Store
) -> None:
    for model in ("smollm2-135m-instruct", "llama-3.2-3b-instruct"):
        desk.background._want_prose(analysis, Settings.from_text({"model": model}))
    store.jobs.enqueue("after them", "prose", "{}", Priority.LOW, analysis.as_of).result()
    wanted = [job for job in store.jobs.recent(20) if job.key.startswith("prose/")]
    assert len({job.key for job in wanted}) == len(wanted) == 2


async def test_the_desk_of_models_learns_how_the_model_stands_and_can_end_its_loading(desk: Desk) -> None:
    class Models:
        standing: Standing | None = None
        stop_loading: Callable[[], None]

    host, models = ChosenHost(), Models()
    desk.background._prose.host = host  # type: ignore[assignment]
    desk.background.tell_of_the_model(models)  # type: ignore[arg-type]
    standing = Standing(name="m", state=EngineState.FAILED, sentence="It is damaged.")
    host.told(standing)
    assert (models.standing, desk.heard) == (standing, [ModelStood(standing)])
    models.stop_loading()
    assert host.stopped == 1
