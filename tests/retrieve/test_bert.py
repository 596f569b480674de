"""The network written out says what sentence-transformers says, and knows which weights it is for."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop import paths
from galaxy_desktop.errors import ModelError
from galaxy_desktop.retrieve import embed
from galaxy_desktop.retrieve.bert import Shape, shape_of
from galaxy_desktop.retrieve.embed import BATCH, MARK, NAME, MiniLM, by_hand, by_library

STRANGE = ("", "   ", "x", "Ünïcödé 漢字 🎉 [SEP] [MASK]", "a\x00b\u202e", "word " * 600)
HEAVY = ("sentence_transformers", "transformers", "sklearn", "sympy", "scipy")
FILES = ("modules.json", "config.json", "sentence_bert_config.json", "1_Pooling/config.json")


@pytest.fixture(scope="module")
def weights() -> Path:
    folder = paths.models_folder() / NAME
    if not (folder / MARK).is_file():
        pytest.skip("the MiniLM weights are not on this computer: run the set-up")
    return folder


@pytest.fixture
def described(tmp_path: Path) -> Callable[..., Path]:
    """A folder that describes weights like ours, but for what is said otherwise."""

    def describe(**other: Any) -> Path:
        said: dict[str, Any] = {
            "modules.json": [{"type": f"sentence_transformers.models.{one}"} for one in ("Transformer", "Pooling", "Normalize")],
            "config.json": {
                "model_type": "bert", "hidden_act": "gelu", "num_hidden_layers": 6, "num_attention_heads": 12,
                "layer_norm_eps": 1e-12,
            },
            "sentence_bert_config.json": {"max_seq_length": 256},
            "1_Pooling/config.json": {"pooling_mode_mean_tokens": True, "word_embedding_dimension": 384},
            **other,
        }  # fmt: skip
        folder = tmp_path / NAME
        (folder / "1_Pooling").mkdir(parents=True)
        for name, content in said.items():
            (folder / name).write_text(json.dumps(content))
        return folder

    return describe


def _texts(count: int) -> list[str]:
    dice = random.Random(1)
    words = Path(__file__).read_text(encoding="utf-8").split()
    return [" ".join(dice.choices(words, k=dice.randrange(1, 120))) for _ in range(count)]


def test_the_shape_is_read_from_the_folder(described: Callable[..., Path]) -> None:
    assert shape_of(described()) == Shape(layers=6, heads=12, epsilon=1e-12, longest=256)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", {"model_type": "mpnet", "hidden_act": "gelu"}),
        ("config.json", {"model_type": "bert", "hidden_act": "relu"}),
        ("config.json", {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "relative_key"}),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}),
        ("modules.json", [{"type": "sentence_transformers.models.Transformer"}]),
    ],
)
def test_weights_of_another_kind_do_not_fit(described: Callable[..., Path], file: str, content: Any) -> None:
    assert shape_of(described(**{file: content})) is None


def test_weights_of_another_kind_are_read_by_the_library(
    described: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = described(**{"config.json": {"model_type": "mpnet", "hidden_act": "gelu"}})
    (folder / MARK).touch()
    monkeypatch.setattr(embed, "by_library", lambda _: lambda texts: [[1.0] for _ in texts])
    model = MiniLM(tmp_path)
    assert model.encode(["a", "b"]) == [[1.0], [1.0]]
    model.close()


@pytest.mark.weights
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_vectors_are_those_of_sentence_transformers(weights: Path) -> None:
    shape = shape_of(weights)
    assert shape is not None
    texts = [*STRANGE, *_texts(34)]
    ours, theirs = by_hand(weights, shape)(texts), by_library(weights)(texts)
    apart = max(abs(a - b) for one, other in zip(ours, theirs, strict=True) for a, b in zip(one, other, strict=True))
    assert apart < 1e-5


@pytest.mark.weights
def test_a_text_has_the_same_vector_in_any_company(minilm: MiniLM) -> None:
    texts = [*STRANGE, *_texts(2 * BATCH)]
    together = minilm.encode(texts)
    for text, vector in zip(texts, together, strict=True):
        assert minilm.encode([text])[0] == pytest.approx(vector, abs=1e-5)


@pytest.mark.weights
@pytest.mark.parametrize("damaged", ["tokenizer.json", MARK, *FILES])
def test_a_damaged_file_is_a_sentence(weights: Path, tmp_path: Path, damaged: str) -> None:
    copy = tmp_path / NAME
    shutil.copytree(weights, copy)
    (copy / damaged).write_bytes(b"{}")
    model = MiniLM(tmp_path)
    with pytest.raises(ModelError, match="damaged"):
        model.encode(["x"])
    model.close()


@pytest.mark.weights
def test_rested_weights_are_read_again_when_they_are_needed(minilm: MiniLM) -> None:
    before = minilm.encode(["The build is red."])
    assert (minilm.rest(), minilm.rest()) == (True, False)
    assert minilm.encode(["The build is red."]) == before


def test_a_closed_embedder_may_rest(tmp_path: Path) -> None:
    model = MiniLM(tmp_path)
    model.close()
    assert not model.rest()


@pytest.mark.weights
def test_embedding_imports_none_of_the_heavy_libraries(weights: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from galaxy_desktop.retrieve.embed import MiniLM;"
        "m = MiniLM(Path(sys.argv[1])); m.encode(['x']); m.close(); print(*sys.modules)"
    )
    words = [sys.executable, "-c", code, str(weights.parent)]
    loaded = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    assert {"torch", "tokenizers"} <= set(loaded)
    assert not set(HEAVY) & set(loaded)
