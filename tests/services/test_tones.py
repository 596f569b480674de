"""Vectors of what was said lately, and the model that ships."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import Comment, ItemKind, Person, State, WorkItem
from galaxy_desktop.services import tones
from galaxy_desktop.services.tones import Tones, sentiment_model

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


class CountingEmbedder:
    """Remembers what it encoded."""

    name = "counting"

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        self.encoded += texts
        return [[float(len(text)), 1.0] for text in texts]

    def rest(self) -> bool:
        """There is nothing to forget."""
        return False

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


def talk(body: str, *, days: float, author: str = "ann", closed: bool = False) -> tuple[Snapshot, Sprint]:
    """One comment on the one item of a sprint, so many days ago."""
    early, at = NOW - timedelta(days=50), NOW - timedelta(days=days)
    item = WorkItem(
        repository_id=1, repository="o/r", number=1, kind=ItemKind.ISSUE, title="Item", body="", state=State.OPEN,
        state_reason=None, author=None, assignees=(), labels=(), milestone_number=None, created_at=early,
        updated_at=early, closed_at=None, url="https://github.com/o/r/issues/1", observed_at=NOW,
    )  # fmt: skip
    comment = Comment(
        repository_id=1, repository="o/r", id=7, item_number=1, author=Person(1, author), body=body, created_at=at,
        updated_at=at, url=item.url, observed_at=NOW,
    )  # fmt: skip
    state = State.CLOSED if closed else State.OPEN
    sprint = Sprint(
        id="s", title="Sprint", repositories=("o/r",), milestones=(), items=(item.evidence_id,), starts_at=None,
        due_on=None, due_history=(), state=state,
    )  # fmt: skip
    return Snapshot(items=(item,), comments=(comment,)), sprint


def _ask(of: Tones, said: tuple[Snapshot, Sprint], stop: bool = False) -> dict[str, tuple[float, ...]]:
    flag = threading.Event()
    if stop:
        flag.set()
    return of.vectors(said[0], [said[1]], NOW, flag)


def test_recent_comments_of_running_sprints_are_embedded_by_the_sentence(embedder: CountingEmbedder) -> None:
    found = _ask(Tones(embedder), talk("Good. Job!", days=3))
    assert found == {"comment:o/r#7": (4.5, 1.0)}


def test_old_comments_bots_and_closed_sprints_are_left_alone(embedder: CountingEmbedder) -> None:
    of = Tones(embedder)
    assert _ask(of, talk("Good.", days=40)) == {}
    assert _ask(of, talk("Good.", days=3, author="ci[bot]")) == {}
    assert _ask(of, talk("Good.", days=3, closed=True)) == {}
    assert embedder.encoded == []


def test_what_was_embedded_is_not_embedded_again_until_its_text_changes(embedder: CountingEmbedder) -> None:
    of = Tones(embedder)
    for text in ("Good.", "Good.", "Bad."):
        _ask(of, talk(text, days=3))
    assert embedder.encoded == ["Good.", "Bad."]


def test_forgotten_texts_are_embedded_anew(embedder: CountingEmbedder) -> None:
    of = Tones(embedder)
    _ask(of, talk("Good.", days=3))
    of.forget()
    _ask(of, talk("Good.", days=3))
    assert embedder.encoded == ["Good.", "Good."]


def test_asked_to_stop_it_returns_what_it_has(embedder: CountingEmbedder) -> None:
    assert _ask(Tones(embedder), talk("Good.", days=3), stop=True) == {}


def test_the_shipped_model_is_read_once() -> None:
    assert sentiment_model() is sentiment_model() is not None


def test_a_damaged_model_leaves_the_word_list_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / tones.MODEL_FILE).write_text("{}")
    monkeypatch.setattr(tones, "resources_folder", lambda: tmp_path)
    with caplog.at_level("CRITICAL"):
        assert sentiment_model.__wrapped__() is None
