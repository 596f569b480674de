"""Questions to a workspace and on the command line: answered from facts, with sources, as of any moment."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from galaxy_desktop.domain.asking import FactName
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import ask_command, demo
from galaxy_desktop.services.asking import CANNOT_TELL, EMPTY, speaks_of
from galaxy_desktop.services.workspace import Workspace
from galaxy_desktop.store.database import Store

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
THEN = NOW - timedelta(days=4)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The demo of a sprint that slips."""
    with Store.open(DataFolder(tmp_path_factory.mktemp("ask")).make()) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), NOW).pages():
            opened.apply(page).result()
        yield opened


@pytest.fixture
async def workspace(folder: DataFolder) -> AsyncIterator[Workspace]:
    made = Workspace(folder, demo_name="slipping", now=lambda: NOW)
    await made.start()
    yield made
    await made.stop()


async def test_a_workspace_answers_with_sources_that_can_be_opened(workspace: Workspace) -> None:
    answer = await workspace.ask("what blocks sprint 27, and what should we do?")
    assert answer.mode == "facts"
    assert [call.name for call in answer.understood.calls] == [FactName.BLOCKERS, FactName.ADVICE]
    known = {one.id for one in answer.sources}
    assert {i for sentence in answer.sentences for i in sentence.evidence} <= known
    assert all(one.url and one.quote for one in answer.sources)


async def test_what_changed_is_compared_with_the_moment_asked_for(workspace: Workspace) -> None:
    answer = await workspace.ask("what changed in the last 4 days?")
    assert any("chance to land" in one.text.casefold() for one in answer.sentences)
    assert answer.formulas


async def test_a_question_about_the_past_is_answered_with_what_was_known_then(workspace: Workspace) -> None:
    now, then = await workspace.ask("how many closed items?"), await workspace.ask("how many closed items?", THEN)
    assert then.as_of == THEN
    assert _number(then.sentences[0].text) < _number(now.sentences[0].text)


async def test_an_empty_question_is_refused_with_an_example(workspace: Workspace) -> None:
    with pytest.raises(WrongUseError, match="What blocks"):
        await workspace.ask("  ")


async def test_what_nobody_stored_cannot_be_told(workspace: Workspace) -> None:
    answer = await workspace.ask("what is the weather in Lisbon?")
    assert answer.mode == "nothing"
    assert answer.sentences == ()
    assert answer.limits[0] == CANNOT_TELL


async def test_passages_about_the_topic_stand_beside_the_answer(workspace: Workspace) -> None:
    answer = await workspace.ask("what do we know about receipts?")
    assert any("receipt" in one.quote.casefold() for one in (*answer.found, *answer.sources))


async def test_the_command_prints_the_answer_as_text_and_as_json(store: Store) -> None:
    printed: list[str] = []
    facts = ask_command.How(model=False)
    assert await ask_command.run(store, "when is sprint 27 due?", NOW, printed.append, facts) == 0
    assert (
        await ask_command.run(store, "when is sprint 27 due?", NOW, printed.append, replace(facts, as_json=True)) == 0
    )
    told = json.loads(printed[1])
    assert printed[0].startswith(told["sentences"][0]["text"])
    assert told["mode"] == "facts"
    assert {one["id"] for one in told["sources"]} >= set(told["sentences"][0]["evidence"])


async def test_the_command_looks_from_any_moment(store: Store) -> None:
    now = await ask_command.answer_of(store, "how many closed items?", NOW)
    then = await ask_command.answer_of(store, "how many closed items?", THEN, past=True)
    assert _number(then.sentences[0].text) < _number(now.sentences[0].text)


async def test_the_command_refuses_an_empty_question_and_an_empty_store(store: Store, folder: DataFolder) -> None:
    with pytest.raises(WrongUseError, match="Ask something"):
        await ask_command.run(store, " ", NOW, print)
    with Store.open(folder) as empty, pytest.raises(WrongUseError, match="Nothing is stored yet"):
        await ask_command.run(empty, "what blocks us?", NOW, print)


async def test_the_same_question_on_the_same_data_has_the_same_answer(store: Store) -> None:
    first, second = [await ask_command.answer_of(store, "what blocks us and what is stuck?", NOW) for _ in range(2)]
    assert first == second


def test_a_passage_without_a_word_of_the_topic_is_not_shown(store: Store) -> None:
    found = store.search_text("receipt", 1)[0]
    assert speaks_of("receipts", found)
    assert not speaks_of("weather", found)
    assert EMPTY


def _number(text: str) -> int:
    return int(next(word for word in text.split() if word.isdigit()))
