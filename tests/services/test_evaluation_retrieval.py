"""The search is scored on what people linked by hand, with what was known when they asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop import cli
from galaxy_desktop.errors import ModelError, WrongUseError
from galaxy_desktop.retrieve.fusion import weights
from galaxy_desktop.services.evaluation_retrieval import (
    METHODS,
    RetrievalRequest,
    Score,
    ask_all,
    chance,
    evaluate_retrieval,
    score,
)
from galaxy_desktop.services.evaluation_retrieval_corpus import read_corpus, read_pairs
from galaxy_desktop.services.evaluation_retrieval_fit import RELATED, fit
from galaxy_desktop.services.evaluation_retrieval_questions import evenly, typed_questions

TOPICS = ("login", "parser", "dialog", "wallet", "network", "settings")


class Counting:
    """Counts a few words: texts that share them are near each other."""

    name = "counting"

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 a text."""
        self.encoded += texts
        rows = np.array([[1.0 + 3 * one.casefold().count(topic) for topic in TOPICS] for one in texts])
        found: list[list[float]] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).tolist()
        return found

    def rest(self) -> bool:
        """There is nothing to forget."""
        return False

    def close(self) -> None:
        """Nothing runs."""


def _item(number: int, title: str, body: str = "", **changed: object) -> dict[str, object]:
    at = f"2026-01-{number:02}T00:00:00Z"
    url = f"https://github.example/o/r/issues/{number}"
    row = {"number": number, "title": title, "body": body, "state": "open", "created_at": at, "updated_at": at}
    return {**row, "html_url": url, **changed}


def _comment(one: int, on: int, body: str, day: int) -> dict[str, object]:
    at = f"2026-01-{day:02}T12:00:00Z"
    url = f"https://api.example/repos/o/r/issues/{on}"
    row = {"id": one, "issue_url": url, "html_url": f"{url}#c{one}", "body": body}
    return {**row, "created_at": at, "updated_at": at}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository of twelve items: each of the last six names the one on its topic."""
    items = [_item(n + 1, f"The {topic} is broken", f"I saw the {topic} fail.") for n, topic in enumerate(TOPICS)]
    items += [
        _item(n + 11, f"Mend the {topic}", f"Fixes #{n + 1}, see https://github.com/o/r/issues/{n + 1}")
        for n, topic in enumerate(TOPICS)
    ]
    made = tmp_path / "o__r"
    _write(made, items, [_comment(1, 1, "The login timer is off.", 2), _comment(2, 3, "zebrafish zebrafish", 30)])
    return made


def _write(folder: Path, items: Sequence[object], comments: Sequence[object] = ()) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "issues.jsonl").write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
    (folder / "comments.jsonl").write_text("\n".join(map(json.dumps, comments)), encoding="utf-8")


def _pairs(folder: Path, text: str) -> Path:
    path = folder.parent / "pairs.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def _run(*corpora: tuple[Path, Path | None], **changed: Any) -> list[str]:
    printed: list[str] = []
    assert evaluate_retrieval(RetrievalRequest(corpora=corpora, **changed), printed.append, Counting()) == 0
    return printed


def test_what_is_printed_has_a_score_for_each_method_and_nothing_else(folder: Path) -> None:
    pairs = _pairs(folder, "query_number\trelevant_number\n11\t1\n12\t2\n16\t6\n")
    (line,) = _run((folder, pairs), as_json=True)
    found = json.loads(line)
    assert list(found) == list(METHODS)
    assert all(list(one) == ["mrr", "hit_at_10"] for one in found.values())
    assert found["hybrid"] == {"mrr": 1.0, "hit_at_10": 1.0}
    assert found["random"]["mrr"] < 0.5


def test_without_a_file_the_pairs_are_what_bodies_mention(folder: Path) -> None:
    assert read_corpus(folder, None).relevant == {n + 11: frozenset({n + 1}) for n in range(6)}


def test_the_table_says_how_many_queries_there_were(folder: Path) -> None:
    (table,) = _run((folder, None))
    assert table.startswith("o/r: 6 queries with 6 older items to find among 12.")
    assert all(name in table for name in METHODS)


def test_a_question_is_asked_without_the_mention_that_answers_it(folder: Path) -> None:
    model = Counting()
    list(ask_all(read_corpus(folder, _pairs(folder, "16\t6\n")), model))
    asked = [one for one in model.encoded if one.startswith("Mend the settings")]
    assert asked
    assert not any("#6" in one or "github.com" in one for one in asked)


def test_nothing_that_was_said_later_is_looked_at(folder: Path) -> None:
    model = Counting()
    asked = {one.number: one for one in ask_all(read_corpus(folder, None), model)}
    assert not any("zebrafish" in one for one in model.encoded)
    assert set(asked[11].candidates.items) <= {f"issue:o/r#{n}" for n in range(1, 7)}
    assert asked[11].older == 6
    assert asked[16].older == 11


def test_the_query_itself_and_newer_items_are_never_candidates(folder: Path) -> None:
    for one in ask_all(read_corpus(folder, None), Counting()):
        numbers = [int(item.rpartition("#")[2]) for item in one.candidates.items]
        assert max(numbers) < one.number


def test_the_same_files_give_the_same_bytes(folder: Path) -> None:
    assert _run((folder, None), as_json=True) == _run((folder, None), as_json=True)


def test_pairs_that_cannot_be_judged_are_left_out_and_counted(folder: Path) -> None:
    corpus = read_corpus(folder, _pairs(folder, "11\t1\n11\t400\n1\t11\n"))
    assert (corpus.pairs, corpus.left_out) == (1, 2)


@given(st.integers(2, 40), st.data())
def test_chance_is_what_a_random_order_scores(items: int, data: st.DataObject) -> None:
    relevant = data.draw(st.integers(1, items))
    draw = np.random.default_rng(1)
    ranks = [int(draw.permutation(items)[:relevant].min()) + 1 for _ in range(3000)]
    mrr, hit = chance(items, relevant)
    assert mrr == pytest.approx(score(ranks).mrr, abs=0.03)
    assert hit == pytest.approx(score(ranks).hit_at_10, abs=0.04)


def test_a_score_is_of_first_ranks() -> None:
    assert score([1, 2, 11, 4]) == Score(pytest.approx((1 + 0.5 + 1 / 11 + 0.25) / 4), 0.75)


def test_weights_can_be_learned_and_are_written_with_scores_of_queries_that_were_left_out(folder: Path) -> None:
    path = folder.parent / "weights.json"
    printed = _run((folder, None), fit=path)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert list(document["related"]) == list(RELATED)
    assert "in tenths" in document["related_scores"]
    assert "related, in tenths" in printed[-1]


def test_what_people_choose_by_gets_the_weight() -> None:
    draw = np.random.default_rng(2)
    rows = []
    for _ in range(30):
        signs = draw.normal(size=(12, 2))
        relevant = np.zeros(12, dtype=bool)
        relevant[signs[:, 1].argmax()] = True
        rows.append((signs, relevant))
    first, second = fit(rows)
    assert second > 1 > abs(first)


def test_the_weights_that_ship_are_for_the_signs_that_are_learned() -> None:
    assert list(weights("related").by_sign) == list(RELATED)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "holds no pair"),
        ("query_number\trelevant_number\n", "holds no pair"),
        ("1\t2\nx\t3\n", "line 2 is not two item numbers"),
        ("1\n", "line 1 is not two item numbers"),
        ("1\t2\t3\n", "line 1 is not two item numbers"),
        ("400\t401\n", "Check that they belong together"),
    ],
)
def test_a_wrong_file_of_pairs_is_told_by_a_sentence(folder: Path, text: str, wrong: str) -> None:
    with pytest.raises(WrongUseError, match=wrong):
        read_corpus(folder, _pairs(folder, text))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{", "line 1 cannot be read"),
        ("[]", "line 1 cannot be read"),
        ('{"number": 1}', "line 1 cannot be read .KeyError"),
        ("", "is empty"),
    ],
)
def test_a_wrong_file_of_items_is_told_by_a_sentence(tmp_path: Path, text: str, wrong: str) -> None:
    (tmp_path / "issues.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(WrongUseError, match=wrong):
        read_corpus(tmp_path, None)


def test_files_that_are_not_there_or_not_text_are_told_by_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="There is no folder"):
        read_corpus(tmp_path / "none", None)
    with pytest.raises(WrongUseError, match=r"There is no file .*issues\.jsonl"):
        read_corpus(tmp_path, None)
    (tmp_path / "issues.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WrongUseError, match="not text in UTF-8"):
        read_corpus(tmp_path, None)
    with pytest.raises(WrongUseError, match="There is no file"):
        read_pairs(tmp_path / "none.tsv")


def test_a_repository_file_that_is_damaged_is_told_by_a_sentence(folder: Path) -> None:
    (folder / "repo.json").write_text("{}", encoding="utf-8")
    with pytest.raises(WrongUseError, match="is not a repository"):
        read_corpus(folder, None)


def test_without_a_model_the_sentence_says_where_it_is_looked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_self: object, _texts: object) -> None:
        raise ModelError("The search model is not on this computer.")

    monkeypatch.setattr(Counting, "encode", missing)
    with pytest.raises(WrongUseError, match="GALAXY_MODELS_DIR"):
        _run((folder, None))


def test_the_command_wants_a_folder_for_each_file_of_pairs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = str(_pairs(folder, "11\t1\n"))
    assert cli.main(["evaluate", "retrieval", "--corpus", str(folder), "--pairs", pairs, "--pairs", pairs]) == 2
    assert "more files of pairs than folders" in capsys.readouterr().err


def test_the_command_says_what_is_wrong_and_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", "retrieval", "--corpus", str(tmp_path / "none"), "--json"]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_a_sentence_around_a_mention_is_a_question_for_what_it_mentions(folder: Path) -> None:
    items = [
        _item(1, "The login is broken"),
        _item(2, "The parser is slow"),
        _item(9, "Mend the broken login page, see #1"),
    ]
    said = [
        _comment(1, 9, "Hello.\nThe endless spinner on the login page comes back with #1 open. Thanks #7!", 10),
        _comment(
            2, 9, "```\nthe parser of long files is slow, see #2\n```\n> the parser of long files is slow, see #2", 11
        ),
    ]
    _write(folder, items, said)
    pairs = _pairs(folder, "9\t1\n")
    found = typed_questions(read_corpus(folder, pairs))
    assert [(one.query, one.relevant) for one in found] == [
        ("The endless spinner on the login page comes back with   open", frozenset({"issue:o/r#1"})),
        ("Mend the broken login page, see", frozenset({"issue:o/r#1"})),
    ]
    assert [one.age for one in found] == [1] * len(found)


def test_typed_questions_are_scored_beside_the_methods_only_when_asked_for(folder: Path) -> None:
    items = [_item(n + 1, f"The {topic} is broken", f"I saw the {topic} fail.") for n, topic in enumerate(TOPICS)]
    items += [_item(20, "Something else entirely", "The broken thing with the wallet comes from #4 again.")]
    _write(folder, items, [_comment(1, 4, "The wallet is broken.", 5)])
    (line,) = _run((folder, _pairs(folder, "20\t4\n")), questions=True, as_json=True)
    found = json.loads(line)["questions"]
    assert (found["questions"], found["own_mrr"], found["comment_first"]) == (1.0, 1.0, 0.0)
    (line,) = _run((folder, _pairs(folder, "20\t4\n")), as_json=True)
    assert list(json.loads(line)) == list(METHODS)


def test_all_ages_of_what_is_looked_for_count_the_same() -> None:
    counted = evenly([0, 0, 0, 4])
    assert counted.tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])


def test_queries_that_count_more_pull_the_weights() -> None:
    signs = np.array([[1.0, 0.0], [0.0, 1.0]])
    rows = [(signs, np.array([True, False])), (signs, np.array([False, True]))]
    first = fit(rows, counts=np.array([0.9, 0.1]))
    even = fit(rows)
    assert first[0] > first[1]
    assert even[0] == pytest.approx(even[1], abs=1e-3)
