"""Who could not answer, and who did instead: told with the answer, kept with the run, listed afterwards."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.fallback import NOBODY, Candidate, FallbackEngine
from galaxy_desktop.reason.recording import Call, RecordingEngine
from galaxy_desktop.reason.reply import Material, reply
from galaxy_desktop.reason.reply_recording import RecordedReply, replay
from galaxy_desktop.services import recordings
from galaxy_desktop.services.model_host import Telling
from galaxy_desktop.services.prose import Prose
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store
from tests.reason.conftest import Broken, Puppet, answer

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
TRUE = "o/r#7 waits for a review for 9 days."
MATERIAL = Material(statements=(Sentence("o/r#7 has been waiting for a review for 9 days.", ("pr:o/r#7",)),))


def chain(*engines: Any) -> FallbackEngine:
    """Engines that are asked in order."""
    return FallbackEngine(
        [Candidate(name=f"number {n}", open=lambda *_, one=one: one) for n, one in enumerate(engines)]
    )


async def replied(folder: DataFolder, store: Store, engine: FallbackEngine, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What an answer has of a model, and why not."""
    prose = Prose(folder, store, lambda: NOW)
    monkeypatch.setattr(prose, "_engine_for", lambda *_: (engine, ""))
    try:
        return await prose.reply("what waits?", MATERIAL, Settings(), threading.Event())
    finally:
        prose.close()
        store.set_setting("prose", "true", "test", NOW).result()  # writes are in order: the recording is kept by now


async def test_who_was_passed_over_is_told_with_the_answer_and_kept_with_the_run(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(folder) as store:
        found, why = await replied(folder, store, chain(Broken(), Puppet([answer((TRUE, ["E1"]))])), monkeypatch)
        assert [one.text for one in found.sentences] == [TRUE]
        assert (found.writer, found.failed, why) == ("puppet", False, "")
        [said] = found.passed_over
        assert said.endswith("number 1 is asked instead.")
        [kept] = recordings.passed_over(store)
        assert (kept.sentences, kept.model, kept.at) == ((said,), "puppet", NOW)
        printed: list[str] = []
        await recordings.run(store, recordings.Wish(run_id=kept.run_id), printed.append)
        assert f"Then: {said}" in printed[0]
        await recordings.run(store, recordings.Wish(run_id=kept.run_id, as_json=True), printed.append)
        assert json.loads(printed[1])["passed_over"] == [said]


async def test_when_nobody_could_answer_that_is_kept_too_and_no_answer_is(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(folder) as store:
        found, why = await replied(folder, store, chain(Broken(), Broken()), monkeypatch)
        assert (found.sentences, found.failed) == ((), True)
        assert NOBODY in why
        assert found.passed_over
        assert recordings.passed_over(store)
        body = store.recorded_run(recordings.passed_over(store)[0].run_id)
        assert body is not None
        assert replay(RecordedReply.from_json(body.body)).same


async def test_a_single_model_that_fails_has_no_part_in_the_answer(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(folder) as store:
        prose = Prose(folder, store, lambda: NOW)
        monkeypatch.setattr(prose, "_engine_for", lambda *_: (Broken(), ""))
        found, why = await prose.reply("what waits?", MATERIAL, Settings(), threading.Event())
        prose.close()
        assert found is None
        assert why


def test_a_recorder_hears_what_is_said_through_a_teller() -> None:
    inside = chain(Broken(), Puppet([answer((TRUE, ["E1"]))]))
    heard = RecordingEngine(Telling(inside, lambda _stage: None))  # type: ignore[arg-type]
    reply(heard, "what waits?", MATERIAL, stop=threading.Event())
    assert heard.calls[0].passed_over == inside.said


def test_a_recording_of_an_earlier_version_names_nobody() -> None:
    assert Call.of({"version": "ask 1", "system": "", "user": "", "max_tokens": 1}).passed_over == ()
    assert recordings.passed_over_in("no JSON") == ()


def test_a_chain_that_ran_before_is_not_told_again() -> None:
    engine = chain(Broken(), Puppet([answer((TRUE, ["E1"])), answer((TRUE, ["E1"]))]))
    heard = RecordingEngine(engine)
    for _ in range(2):
        reply(heard, "what waits?", MATERIAL, stop=threading.Event())
    assert [len(call.passed_over) for call in heard.calls] == [1, 0]
