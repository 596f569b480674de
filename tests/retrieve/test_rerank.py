"""A cross-encoder is used where one is installed, and never missed."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from galaxy_desktop.retrieve.rerank import NAME, installed


def test_without_one_there_is_none(tmp_path: Path) -> None:
    assert installed(tmp_path) is None


def test_one_that_cannot_be_read_leaves_the_order_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "config.json").write_text("{}", encoding="utf-8")
    rerank = installed(tmp_path)
    assert rerank is not None
    with caplog.at_level(logging.INFO):
        assert rerank("a question", ["one", "two", "three"]) == [0.0, -1.0, -2.0]
    assert "cannot be used" in caplog.text


@pytest.mark.weights
def test_a_tiny_one_reads_a_question_with_each_text(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    folder = tmp_path / NAME
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "login", "fails", "parser"]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    shape = {"vocab_size": len(words), "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.BertConfig(**shape, intermediate_size=16, num_labels=1)
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    transformers.BertTokenizerFast(vocab={word: n for n, word in enumerate(words)}).save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"] == "bert"
    rerank = installed(tmp_path)
    assert rerank is not None
    scores = rerank("login fails", ["login", "parser", "login"])
    assert len(scores) == 3
    assert scores[0] == pytest.approx(scores[2])
    assert scores[0] != scores[1]
