"""The embedder works offline, on its own thread, and says in a sentence when it cannot."""

from __future__ import annotations

import math
import threading
from pathlib import Path

import pytest

from galaxy_desktop.errors import ModelError
from galaxy_desktop.retrieve.embed import DIMENSIONS, MARK, NAME, MiniLM


def test_missing_weights_are_a_sentence(tmp_path: Path) -> None:
    model = MiniLM(tmp_path)
    with pytest.raises(ModelError, match="not on this computer"):
        model.encode(["x"])
    model.close()


def test_damaged_weights_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / MARK).write_bytes(b"broken")
    model = MiniLM(tmp_path)
    with pytest.raises(ModelError, match="damaged"):
        model.encode(["x"])
    model.close()


def test_a_closed_embedder_refuses(tmp_path: Path) -> None:
    model = MiniLM(tmp_path)
    model.close()
    model.close()
    with pytest.raises(ModelError, match="shut down"):
        model.encode(["x"])


def test_nothing_runs_before_the_first_request(tmp_path: Path) -> None:
    before = threading.active_count()
    model = MiniLM(tmp_path)
    assert threading.active_count() == before
    model.close()


@pytest.mark.weights
def test_vectors_have_length_one_and_are_the_same_every_time(minilm: MiniLM) -> None:
    one, same = minilm.encode(["The build is red."]), minilm.encode(["The build is red."])
    assert len(one[0]) == DIMENSIONS
    assert math.isclose(math.hypot(*one[0]), 1, rel_tol=1e-5)
    assert one == same


@pytest.mark.weights
def test_similar_texts_are_nearer_than_others(minilm: MiniLM) -> None:
    red, failing, recipe = minilm.encode(
        ["Login fails on phones.", "Cannot sign in on mobile.", "Add salt and pepper."]
    )
    near, far = (sum(a * b for a, b in zip(red, other, strict=True)) for other in (failing, recipe))
    assert near > far + 0.2
