"""An index is filled in steps: a clock that the test moves says when one is over, and pieces are as large as they may be."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.retrieve.index import Index
from galaxy_desktop.retrieve.texts import Group, Text
from galaxy_desktop.services.embedding_steps import MOST, PIECE_S, STEP_S, Pace, Steps
from tests.retrieve.conftest import SEEN, HashingEmbedder

NEVER = threading.Event()


class Watch:
    """A clock that stands still, but for what the embedder takes."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


class Slow(HashingEmbedder):
    """A tenth of a second a text."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch
        self.batches: list[int] = []

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        self.watch.time += len(texts) * 0.1
        self.batches.append(len(texts))
        return super().encode(texts)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def embedder(watch: Watch) -> Slow:
    return Slow(watch)


@pytest.fixture
def index(tmp_path: Path, embedder: Slow) -> Iterator[Index]:
    made = Index(tmp_path, embedder)
    yield made
    made.close()


def groups(count: int, word: str = "item") -> list[Group]:
    texts = [
        Text(id=f"issue:o/r#{n}", item=f"issue:o/r#{n}", evidence_id=f"issue:o/r#{n}", kind="issue", repository="o/r",
             title=f"{word} number {n}", body="", url="u", said_at=SEEN, changed_at=SEEN, observed_at=SEEN)
        for n in range(count)
    ]  # fmt: skip
    return [Group(text.id, text.digest, partial(tuple, (text,))) for text in texts]


def test_a_step_takes_about_a_second_of_whatever_model(index: Index, embedder: Slow, watch: Watch) -> None:
    steps = Steps(index, clock=watch)
    took = []
    going_on = True
    while going_on:
        began = watch.time
        going_on = steps.step(lambda: groups(60), NEVER)
        took.append(watch.time - began)
    assert max(took) <= STEP_S + PIECE_S + 0.1
    assert took.count(0.0) == 1, "what there is to do is found out in a step of its own"
    assert len(embedder.encoded) == 60
    assert max(embedder.batches) == round(PIECE_S / 0.1)


def test_how_far_it_is_and_how_long_it_takes_are_told_on_the_way(index: Index, watch: Watch) -> None:
    steps = Steps(index, clock=watch)
    assert (steps.done, steps.total, steps.seconds_left) == (0, 0, None)
    while steps.step(lambda: groups(60), NEVER) and not steps.done:
        pass
    assert steps.total == 60
    assert steps.seconds_left == pytest.approx((60 - steps.done) * 0.1, rel=0.1)


def test_texts_that_changed_meanwhile_are_found_with_the_next_step(index: Index, watch: Watch) -> None:
    steps = Steps(index, clock=watch)
    while steps.step(lambda: groups(30), NEVER) and not steps.done:
        pass
    steps.texts_changed()
    while steps.step(lambda: groups(40, "thing"), NEVER):
        pass
    assert not steps.left
    assert index.count() == 40
    assert index.search("thing number", 50)
    assert index.begin(groups(40, "thing")).left is False


def test_texts_that_change_during_the_last_step_are_not_missed(index: Index, embedder: Slow, watch: Watch) -> None:
    steps = Steps(index, clock=watch)
    steps.step(lambda: groups(3), NEVER)
    before = embedder.encode

    def changes(texts: Sequence[str]) -> list[list[float]]:
        steps.texts_changed()
        return before(texts)

    embedder.encode = changes  # type: ignore[method-assign]
    while steps.step(lambda: groups(3), NEVER):
        embedder.encode = before  # type: ignore[method-assign]
    assert not steps.left


def test_a_stop_ends_a_step_and_loses_nothing(index: Index, watch: Watch) -> None:
    steps = Steps(index, clock=watch)
    steps.step(lambda: groups(30), NEVER)
    stopped = threading.Event()
    stopped.set()
    assert steps.step(lambda: groups(30), stopped)
    while steps.step(lambda: groups(30), NEVER):
        pass
    assert index.count() == 30


@given(st.lists(st.tuples(st.integers(1, 300), st.floats(0, 50)), max_size=30), st.integers(1, 64))
def test_a_piece_is_never_empty_and_never_more_than_the_model_takes(took: list[tuple[int, float]], most: int) -> None:
    pace = Pace(lambda: most)
    for texts, seconds in took:
        pace.took(texts, seconds)
        assert 1 <= pace.count <= most <= MOST
