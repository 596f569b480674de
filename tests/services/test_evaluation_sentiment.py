"""`evaluate sentiment`: what it reads, refuses, prints and saves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop import cli
from galaxy_desktop.errors import ModelError, WrongUseError
from galaxy_desktop.features.sentiment_fit import fit
from galaxy_desktop.features.sentiment_model import DIMENSIONS, as_document, of_document
from galaxy_desktop.paths import resources_folder
from galaxy_desktop.services.evaluation_sentiment import (
    SentimentRequest,
    evaluate_sentiment,
    folds,
    read_messages,
    score,
)

REAL = Path(__file__).parents[2].parent / "shared" / "data" / "pr_sentiment" / "messages_train.jsonl"
SAID = {"positive": "Thanks, great work {}!", "neutral": "Please move file {}.", "negative": "I hate this mess {}."}


class FlatEmbedder:
    """Gives every sentence the same vector; fails where told so."""

    name = "flat"

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.closed = False

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        if self.fails:
            raise ModelError("The search model is not on this computer.")
        return [[0.0] * DIMENSIONS for _ in texts]

    def rest(self) -> bool:
        """There is nothing to forget."""
        return False

    def close(self) -> None:
        self.closed = True


def _file(path: Path, projects: int = 4, rows: int = 3) -> Path:
    lines = [
        json.dumps({"project": f"p{p}", "text": text.format(p * rows + n), "polarity": label})
        for p in range(projects)
        for n in range(rows)
        for label, text in SAID.items()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _run(embedder: FlatEmbedder | None = None, **asked: Any) -> str:
    printed: list[str] = []
    assert evaluate_sentiment(SentimentRequest(**asked), printed.append, embedder or FlatEmbedder()) == 0
    return "\n".join(printed)


def test_scores_of_another_file_are_printed_by_project(tmp_path: Path) -> None:
    train, test = _file(tmp_path / "a"), _file(tmp_path / "b", projects=2)
    told = json.loads(_run(train=train, test=test, as_json=True))
    assert (told["macro_f1"], told["negative_f1"], told["messages"]) == (1.0, 1.0, 18)
    assert told["per_project"]["p1"] == {"messages": 9, "macro_f1": 1.0, "negative_f1": 1.0, "accuracy": 1.0}


def test_without_a_test_file_each_project_is_read_by_a_model_that_did_not_see_it(tmp_path: Path) -> None:
    path = _file(tmp_path / "a")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    odd = {"project": "odd", "text": "zanzibar", "polarity": "negative"}
    path.write_text("\n".join(map(json.dumps, [*rows, *[odd] * 9])), encoding="utf-8")
    told = json.loads(_run(train=path, as_json=True))
    assert told["per_project"]["odd"]["negative_f1"] == 0.0
    assert told["per_project"]["p0"]["macro_f1"] == 1.0


def test_the_table_compares_with_the_word_list_and_says_what_was_learned_from(tmp_path: Path) -> None:
    train = _file(tmp_path / "a")
    table = _run(train=train, test=train)
    assert "Learned from 36 messages of 4 projects, scored on 36 messages. 4 projects are in both files" in table
    assert "all, word list alone" in table


def test_the_same_file_is_saved_byte_for_byte_and_can_be_read(tmp_path: Path) -> None:
    train = _file(tmp_path / "a")
    for name in ("one.json", "two.json"):
        _run(train=train, save=tmp_path / name, as_json=True)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    model = of_document(json.loads((tmp_path / "one.json").read_text(encoding="utf-8")))
    assert model.about["data"]["messages"] == {"negative": 12, "neutral": 12, "positive": 12}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("{", "line 1, column 2, is not JSON"),
        ("[" * 100_000, "line 1 is not JSON"),
        ("x" * 1_000_001, "line 1 has more than 1,000,000 characters"),
        ('{"project": " ", "text": "x", "polarity": "neutral"}', "“project” must not be blank"),
        ("[1]", "line 1 is not a JSON object"),
        ('{"project": "p", "text": "x"}', "no text in “polarity”"),
        ('{"project": "p", "text": 3, "polarity": "neutral"}', "no text in “text”"),
        ('\n{"project": "p", "text": "x", "polarity": "angry"}', "line 2: polarity is “angry”"),
    ],
)
def test_a_damaged_file_is_answered_by_a_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "a"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(WrongUseError, match=sentence):
        read_messages(path)


def test_halves_of_characters_a_mark_and_other_line_ends_are_read(tmp_path: Path) -> None:
    line = b'{"project": "p", "text": "a \\ud83d b", "polarity": "Neutral", "more": 1}\r\n'
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbf" + line * 2)
    assert [(m.text, m.label) for m in read_messages(tmp_path / "a")] == [("a \ufffd b", "neutral")] * 2


def test_the_labelled_messages_are_never_overwritten(tmp_path: Path) -> None:
    train = _file(tmp_path / "a")
    with pytest.raises(WrongUseError, match="would be overwritten"):
        _run(train=train, save=train)


def test_a_missing_file_a_folder_and_another_encoding_are_answered_by_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xff\xfe{}")
    for name, sentence in (("none", "There is no file"), ("", "cannot be read"), ("latin", "not text in UTF-8")):
        with pytest.raises(WrongUseError, match=sentence):
            read_messages(tmp_path / name)


def test_one_project_cannot_be_split_and_a_missing_label_cannot_be_learned(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="one project only"):
        _run(train=_file(tmp_path / "a", projects=1))
    (tmp_path / "b").write_text('{"project": "p", "text": "x", "polarity": "neutral"}', encoding="utf-8")
    with pytest.raises(WrongUseError, match="has no negative or positive message"):
        _run(train=tmp_path / "b")


def test_without_an_embedding_model_the_sentence_says_what_to_do_and_nothing_stays_open(tmp_path: Path) -> None:
    embedder = FlatEmbedder(fails=True)
    with pytest.raises(WrongUseError, match="Run the set-up again") as caught:
        _run(embedder, train=_file(tmp_path / "a"))
    assert caught.value.exit_code == 2
    assert embedder.closed


def test_a_place_that_cannot_be_written_is_answered_by_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="cannot be written"):
        _run(train=_file(tmp_path / "a"), save=tmp_path / "no" / "where.json")


def test_the_command_line_answers_a_missing_file_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", "sentiment", "--train", str(tmp_path / "none"), "--json"]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_a_label_that_is_told_but_never_right_counts_with_zero() -> None:
    found = score(["neutral", "neutral"], ["neutral", "positive"])
    assert found.macro_f1 == pytest.approx((2 / 3 + 0) / 2)
    assert found.negative_f1 is None


def test_folds_keep_projects_whole_and_of_like_size() -> None:
    dealt = folds({"a": 9, "b": 5, "c": 4, "d": 1}, 2)
    assert dealt == [{"a", "d"}, {"b", "c"}]


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/pr_sentiment is not here")
def test_the_shipped_parameters_were_learned_from_the_file_the_card_names() -> None:
    messages = read_messages(REAL)
    shipped = of_document(json.loads((resources_folder() / "sentiment_model.json").read_text(encoding="utf-8")))
    assert sum(shipped.about["data"]["messages"].values()) == len(messages) == 1342
    assert shipped.about["data"]["projects"] == len({m.project for m in messages})


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/pr_sentiment is not here")
def test_even_without_meaning_projects_never_seen_are_read_better_than_asked() -> None:
    told = json.loads(_run(train=REAL, as_json=True))
    assert told["macro_f1"] >= 0.72
    assert told["negative_f1"] >= 0.62


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/pr_sentiment is not here")
def test_the_shipped_parameters_are_of_today_s_reading_of_messages() -> None:
    shipped = json.loads((resources_folder() / "sentiment_model.json").read_text(encoding="utf-8"))
    today = as_document(fit([replace(m, vector=[0.0] * DIMENSIONS) for m in read_messages(REAL)]))
    assert {name: entry[:2] for name, entry in shipped["signs"].items()} == {
        name: entry[:2] for name, entry in today["signs"].items()
    }
    assert {term: entry[0] for term, entry in shipped["words"].items()} == {
        term: entry[0] for term, entry in today["words"].items()
    }
