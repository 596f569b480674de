"""`ask` on the command line goes the way of the window: facts first, then the model, and nothing that a window holds."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.errors import ModelError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.reply import Material, Reply
from galaxy_desktop.services import ask_command, demo, window_lock
from galaxy_desktop.services.ask_command import NO_CODE_NOW, WINDOW_OPEN, CommandDesk, How
from galaxy_desktop.services.asking import NOW_ALONE
from galaxy_desktop.services.window_lock import window_open
from galaxy_desktop.store.database import Store

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
QUESTION = "what is stuck?"
ADDED = Sentence("2 items wait.", ("issue:nova-demo/web#42",))
PASSED = "ollama is not reachable. The model of this computer is asked instead."


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The demo of a sprint that slips."""
    with Store.open(DataFolder(tmp_path_factory.mktemp("ask")).make()) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), NOW).pages():
            opened.apply(page).result()
        yield opened


class Writer:
    """A model that answers at once."""

    def __init__(self, answer: Reply | ModelError | None) -> None:
        self.answer, self.asked = answer, 0

    async def reply(self, _question: str, _material: Material, _settings: Any, _stop: Any) -> Reply | None:
        self.asked += 1
        if isinstance(self.answer, ModelError):
            raise self.answer
        return self.answer

    async def choose(self, *_: object) -> str:
        return ""


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Writer:
    """Stands in for the model."""
    made = Writer(Reply((ADDED,), (), writer="tiny", passed_over=(PASSED,)))

    @asynccontextmanager
    async def opened(*_: object) -> AsyncIterator[Writer]:
        yield made

    monkeypatch.setattr(ask_command, "_writer", opened)
    return made


class Said:
    """What was printed, and what was remarked."""

    def __init__(self) -> None:
        self.printed: list[str] = []
        self.remarks: list[str] = []

    def how(self, **more: Any) -> How:
        return replace(How(remark=self.remarks.append), **more)


async def ask(store: Store, question: str = QUESTION, **more: Any) -> Said:
    """Ask on the command line."""
    said = Said()
    assert await ask_command.run(store, question, NOW, said.printed.append, said.how(**more)) == 0
    return said


def _held_by(folder: Path, process: int) -> None:
    (folder / window_lock.FILE).write_text(f"{process}\ngalaxy-desktop\nhost\n")


async def test_facts_are_printed_before_the_model_is_asked(store: Store, writer: Writer) -> None:
    said = await ask(store)
    assert "Nothing has happened on" in said.printed[0]
    assert ADDED.text not in said.printed[0]
    assert said.printed[1].splitlines() == [
        PASSED, "The language model adds (tiny):", "2 items wait. [issue:nova-demo/web#42]",
    ]  # fmt: skip


async def test_an_equal_question_on_equal_facts_is_answered_from_what_was_kept_and_says_so(
    store: Store, writer: Writer
) -> None:
    await ask(store, "what is red?")
    said = await ask(store, "What is red")
    assert writer.asked == 1
    assert "The language model adds (tiny, worded just now):" in said.printed[1]


async def test_without_a_model_there_is_only_one_part(store: Store, writer: Writer) -> None:
    said = await ask(store, model=False)
    assert (len(said.printed), writer.asked, said.remarks) == (1, 0, [])


async def test_a_model_that_cannot_be_used_is_remarked_and_the_facts_stand(store: Store, writer: Writer) -> None:
    writer.answer = ModelError("The model is damaged.")
    said = await ask(store, "what is late?")
    assert len(said.printed) == 1
    assert said.remarks == ["The model is damaged."]


async def test_json_waits_for_the_model_and_names_it(store: Store, writer: Writer) -> None:
    [printed] = (await ask(store, "what waits for a review?", as_json=True)).printed
    told = json.loads(printed)
    assert (told["mode"], told["model"], told["passed_over"]) == ("model", "tiny", [PASSED])
    assert told["sentences"][-1]["text"] == ADDED.text


async def test_people_are_not_compared_by_the_model_either(store: Store, writer: Writer) -> None:
    said = await ask(store, "who is the slowest developer?")
    assert (len(said.printed), writer.asked) == (1, 0)
    assert "can't tell" not in said.printed[0]


async def test_while_the_window_is_open_its_model_and_index_are_left_to_it(store: Store, writer: Writer) -> None:
    _held_by(store.folder, os.getpid())
    try:
        said = await ask(store)
    finally:
        (store.folder / window_lock.FILE).unlink()
    assert (len(said.printed), writer.asked, said.remarks) == (1, 0, [WINDOW_OPEN])


def test_a_lock_that_a_crashed_window_left_behind_does_not_count(tmp_path: Path) -> None:
    assert not window_open(tmp_path)
    _held_by(tmp_path, 4_000_000)
    assert not window_open(tmp_path)
    _held_by(tmp_path, os.getpid())
    assert window_open(tmp_path)
    (tmp_path / window_lock.FILE).write_text("")
    assert not window_open(tmp_path)


async def test_the_lock_of_the_real_window_is_seen(tmp_path: Path) -> None:
    core = pytest.importorskip("PySide6.QtCore")
    lock = core.QLockFile(str(tmp_path / window_lock.FILE))
    assert lock.tryLock(0)
    assert window_open(tmp_path)
    lock.unlock()
    assert not window_open(tmp_path)


async def test_a_supposed_change_is_simulated_for_now_and_declined_for_the_past(store: Store) -> None:
    now = await ask(store, "what if the end moves by 3 days?", model=False)
    assert now.printed[0].startswith("With the end on ")
    then = await ask(store, "what if the end moves by 3 days?", model=False, past=True)
    assert NOW_ALONE in then.printed[0]


async def test_what_changed_is_told_as_it_was_known_at_the_moment(store: Store) -> None:
    then = await ask_command.answer_of(store, "what changed in the last 2 days?", NOW - timedelta(days=2), past=True)
    assert then.as_of == NOW - timedelta(days=2)
    later = {i for one in then.sentences for i in one.evidence}
    snapshot = store.snapshot()
    assert all(snapshot.items_by_id[i].created_at <= then.as_of for i in later if i in snapshot.items_by_id)


async def test_code_is_left_to_a_window_that_holds_its_index(store: Store) -> None:
    folder = DataFolder(store.folder)
    folder.code.mkdir()
    desk = CommandDesk(store, NOW, past=False, alone=False)
    try:
        found = await desk.code(ask_command.CodeQuestion(wish="search", subject="x"))  # type: ignore[arg-type]
        assert found == ((), (NO_CODE_NOW,))
    finally:
        await desk.close()
        folder.code.rmdir()
