"""A model's part in answers and patterns: checked, kept, named as the model's, and never in the way of the facts."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from galaxy_desktop.domain.findings import Analysis, Sentence
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.errors import ModelError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.engine import Generation, Prompt
from galaxy_desktop.reason.reply import Material, Reply
from galaxy_desktop.services import noticing, pipeline, recordings
from galaxy_desktop.services.prose import Prose
from galaxy_desktop.services.workspace import Workspace
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
ADDED = Sentence("2 items wait.", ("issue:nova-demo/web#42",))


class Writer:
    """A background that answers at once, and counts how often it was asked."""

    chosen = ""

    def __init__(self, reply: Reply | None) -> None:
        self.answer, self.asked = reply, list[Material]()

    async def reply(self, _question: str, material: Material, _settings: Settings, _stop: Any) -> Reply | None:
        self.asked.append(material)
        return self.answer

    async def choose(self, _question: str, functions: Any, _settings: Settings, _stop: Any) -> str:
        return self.chosen if self.chosen in functions else ""

    async def search(self, *_: object) -> tuple[()]:
        return ()


@pytest.fixture
async def workspace(folder: DataFolder) -> AsyncIterator[Workspace]:
    made = Workspace(folder, demo_name="slipping", now=lambda: NOW)
    await made.start()
    yield made
    await made.stop()


async def test_the_model_adds_to_an_answer_and_is_asked_once_for_equal_questions(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(Reply((ADDED,), (("All is well.", "no fact says so"),)))
    monkeypatch.setattr(workspace, "_background", writer)
    first = await workspace.ask("what is stuck?")
    worded = await workspace.ask_further(first, threading.Event())
    assert (worded.mode, worded.sentences[:-1], worded.sentences[-1]) == ("model", first.sentences, ADDED)
    assert worded.removed == (("All is well.", "no fact says so"),)
    again = await workspace.ask_further(await workspace.ask("What is stuck"), threading.Event())
    assert (again.cached, again.sentences, len(writer.asked)) == (True, worded.sentences, 1)
    assert all("“" not in one.text for one in writer.asked[0].statements)


async def test_without_a_model_the_answer_of_the_facts_is_complete(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "_background", Writer(None))
    answer = await workspace.ask("what is stuck?")
    assert await workspace.ask_further(answer, threading.Event()) is answer
    await workspace.change_setting("prose", "false")
    monkeypatch.setattr(workspace, "_background", Writer(Reply((ADDED,), ())))
    answer = await workspace.ask("what is stuck?")
    assert await workspace.ask_further(answer, threading.Event()) is answer


async def test_a_question_that_rules_cannot_read_may_be_read_by_the_model_and_says_so(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(None)
    writer.chosen = "what does not move"
    monkeypatch.setattr(workspace, "_background", writer)
    answer = await workspace.ask("anything gathering dust?")
    assert answer.mode == "nothing"
    found = await workspace.ask_further(answer, threading.Event())
    assert found.mode == "facts"
    assert found.limits == ("The model took this as a question about “what does not move”.",)
    assert any("Nothing has happened on" in one.text for one in found.sentences)
    writer.chosen = "how many"
    again = await workspace.ask("anything gathering moss?")
    assert await workspace.ask_further(again, threading.Event()) is again


async def test_an_answer_that_is_not_the_newest_is_left_alone(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "_background", Writer(Reply((ADDED,), ())))
    old, _ = await workspace.ask("what is stuck?"), await workspace.ask("what is red?")
    assert await workspace.ask_further(old, threading.Event()) is old


# --- what a model reads when it looks for patterns


@pytest.fixture
def slipping(demo_snapshot: Callable[[str, datetime], Snapshot]) -> tuple[Analysis, Snapshot]:
    snapshot = demo_snapshot("slipping", NOW)
    return pipeline.think(snapshot, (), NOW), snapshot


def test_the_material_of_a_sprint_holds_facts_of_its_items_and_no_words_of_others(
    slipping: tuple[Analysis, Snapshot],
) -> None:
    analysis, snapshot = slipping
    one = next(sprint for sprint in analysis.sprints if sprint.open)
    material = noticing.material_of(analysis, one, snapshot)
    assert len({i for line in material.statements for i in line.evidence}) > 2
    titles = {item.title for item in snapshot.items}
    assert not [line.text for line in material.statements if any(title in line.text for title in titles)]
    assert not [line for line in material.statements if line.text.startswith("No ")]


class Speaking:
    """A model that writes what it is told to."""

    name = "speaking"

    def __init__(self, text: str | Exception) -> None:
        self.text = text

    def generate(self, _prompt: Prompt, **_: Any) -> Generation:
        if isinstance(self.text, Exception):
            raise self.text
        return Generation(self.text, 1, 1, 0.1)


@pytest.fixture
def store(folder: DataFolder) -> Iterator[Store]:
    with Store.open(folder) as opened:
        yield opened


@pytest.fixture
def prose(folder: DataFolder, store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str], Prose]:
    """A `Prose` with this engine, or none and why."""

    def make(engine: Any, why: str = "") -> Prose:
        made = Prose(folder, store, lambda: NOW)
        monkeypatch.setattr(made, "_get_engine", lambda _settings: (engine, why))
        return made

    return make


MATERIAL = Material(
    statements=(
        Sentence("o/r#7 has been waiting for a review for 9 days.", ("pr:o/r#7",)),
        Sentence("o/r#9 has been waiting for a review for 6 days.", ("pr:o/r#9",)),
    )
)


async def test_a_model_that_fails_leaves_a_sentence_and_no_answer(prose: Callable[..., Prose]) -> None:
    failing = prose(Speaking(ModelError("There is not enough memory.")))
    reply, why = await failing.reply("what waits?", MATERIAL, Settings(), threading.Event())
    assert (reply, why) == (None, "There is not enough memory.")
    assert await failing.propose("s", MATERIAL, Settings()) is None


async def test_without_a_model_nothing_is_asked(prose: Callable[..., Prose]) -> None:
    none = prose(None, "No model is chosen.")
    assert await none.reply("what waits?", MATERIAL, Settings(), threading.Event()) == (None, "No model is chosen.")
    assert await none.propose("s", MATERIAL, Settings()) is None


async def test_patterns_come_back_checked_and_their_making_is_recorded(
    prose: Callable[..., Prose], store: Store
) -> None:
    text = "o/r#7 has been waiting for a review for 9 days and o/r#9 has been waiting for a review for 6 days."
    written = json.dumps({"sentences": [{"kind": "risk", "text": text, "evidence": ["E1", "E2"]}]})
    found = await prose(Speaking(written)).propose("s", MATERIAL, Settings())
    assert found is not None
    assert [(one.text, one.model) for one in found.noticed] == [(text, "speaking")]
    store.keep_noticed([]).result()  # what was written before is on the disk then
    (brief,) = store.recorded_runs()
    printed: list[str] = []
    assert await recordings.run(store, recordings.Wish(run_id=brief.run_id), printed.append) == recordings.SAME
    assert text in printed[0]


async def test_an_answer_is_recorded_and_replayed_as_rows(prose: Callable[..., Prose], store: Store) -> None:
    written = json.dumps({"sentences": [{"text": "o/r#7 waits for a review for 9 days.", "evidence": ["E1"]}]})
    await prose(Speaking(written)).reply("what waits?", MATERIAL, Settings(), threading.Event())
    store.keep_noticed([]).result()  # what was written before is on the disk then
    (brief,) = store.recorded_runs()
    printed: list[str] = []
    await recordings.run(store, recordings.Wish(run_id=brief.run_id, as_json=True), printed.append)
    told = json.loads(printed[0])
    assert (told["same"], told["sentences"]) == (True, ["o/r#7 waits for a review for 9 days."])


async def test_weights_that_are_too_small_choose_nothing(prose: Callable[..., Prose]) -> None:
    small = Speaking(json.dumps({"function": "what is red"}))
    functions = {"what is red": "Failing builds."}
    small.name = "smollm2-135m-instruct"
    assert await prose(small).choose("is CI broken?", functions, Settings(), threading.Event()) == ""
    small.name = "llama-3.1-8b-instruct"
    assert await prose(small).choose("is CI broken?", functions, Settings(), threading.Event()) == "what is red"
