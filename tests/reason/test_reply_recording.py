"""Answers and patterns are written down whole, and end in the same sentences when they are played again."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason import patterns, reply
from galaxy_desktop.reason.recording import RecordingEngine
from galaxy_desktop.reason.reply import Material
from galaxy_desktop.reason.reply_recording import ANSWER, PATTERNS, RecordedReply, is_reply, replay
from tests.reason.conftest import Puppet, answer

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
MATERIAL = Material(
    statements=(
        Sentence("o/r#7 has been waiting for a review for 9 days.", ("pr:o/r#7",)),
        Sentence("o/r#9 has been waiting for a review for 6 days.", ("pr:o/r#9",)),
    ),
    passages={"comment:o/r#5": "we « wait »"},
    names=("Sprint 9",),
    people=("ann",),
    today=date(2026, 5, 6),
)
TRUE, LIE = "o/r#7 waits for a review for 9 days.", "o/r#7 waits for a review for 2 days."
BOTH = "o/r#7 has been waiting for a review for 9 days and o/r#9 has been waiting for a review for 6 days."


@pytest.fixture
def recorded() -> RecordedReply:
    engine = RecordingEngine(Puppet([answer((TRUE, ["E1"]), (LIE, ["E1"]))]))
    found = reply.reply(engine, "what waits?", MATERIAL, stop=threading.Event())
    return RecordedReply(
        run_id="answer/1", kind=ANSWER, subject="what waits?", at=NOW, engine="puppet", material=MATERIAL,
        calls=engine.calls, kept=tuple(one.text for one in found.sentences), removed=found.removed,
    )  # fmt: skip


def test_a_recording_comes_back_from_its_text(recorded: RecordedReply) -> None:
    assert RecordedReply.from_json(recorded.to_json()) == recorded
    assert is_reply(recorded.to_json())
    assert [name for name, _ in recorded.prompts] == ["ask", "system"]


def test_an_answer_is_checked_again_without_a_model(recorded: RecordedReply) -> None:
    again = replay(recorded)
    assert (again.kept, again.same, again.changed) == ((TRUE,), True, ())
    assert [text for text, _ in again.removed] == [LIE]


def test_patterns_are_checked_again_too() -> None:
    engine = RecordingEngine(Puppet([answer((BOTH, ["E1", "E2"]))]))
    found = patterns.propose(engine, "s9", MATERIAL, NOW, stop=threading.Event())
    kept = tuple(one.text for one in found.noticed)
    recorded = RecordedReply(
        run_id="patterns/1", kind=PATTERNS, subject="s9", at=NOW, engine="puppet", material=MATERIAL,
        calls=engine.calls, kept=kept, removed=found.removed,
    )  # fmt: skip
    assert (kept, replay(recorded).same) == ((BOTH,), True)


def test_other_facts_let_other_sentences_through(recorded: RecordedReply) -> None:
    later = replace(MATERIAL, statements=(Sentence("o/r#7 has been waiting for a review for 2 days.", ("pr:o/r#7",)),))
    again = replay(replace(recorded, material=later))
    assert (again.same, again.kept, bool(again.changed)) == (False, (LIE,), True)


@pytest.mark.parametrize("text", ["", "[]", '{"format": 9, "kind": "answer"}', '{"kind": "answer"}', '{"format": 1}'])
def test_what_is_no_recording_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ModelError):
        RecordedReply.from_json(text)


def test_a_run_of_the_graph_is_another_kind() -> None:
    assert not is_reply('{"format": 1, "run_id": "x"}')
    assert not is_reply("rubbish")
