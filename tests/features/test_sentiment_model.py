"""The sentiment model: what it reads, what it says, how it is fitted and written down."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.features import sentiment
from galaxy_desktop.features.sentiment_fit import Choices, Message, fit
from galaxy_desktop.features.sentiment_model import (
    DIMENSIONS,
    SentimentModel,
    as_document,
    mean_vectors,
    of_document,
)
from galaxy_desktop.features.sentiment_text import MOST_SENTENCES, SIGNS, read, sentences

SHIPPED = Path(__file__).parents[2] / "resources" / "sentiment_model.json"
ZERO = (0.0,) * DIMENSIONS
SAID = {
    "positive": ("Thanks, great work!", "I love this, nice catch.", "Thank you, merged."),
    "neutral": ("Please rebase.", "I moved the file to src.", "The build runs on main."),
    "negative": ("This is broken again.", "I hate this mess.", "Sorry, that is wrong."),
}


def _messages(times: int = 3) -> list[Message]:
    return [
        Message(f"p{n}", text, label, ZERO) for n in range(times) for label, texts in SAID.items() for text in texts
    ]


@pytest.fixture(scope="module")
def model() -> SentimentModel:
    return fit(_messages())


@pytest.fixture(scope="module")
def shipped() -> SentimentModel:
    return of_document(json.loads(SHIPPED.read_text(encoding="utf-8")))


def test_only_the_authors_own_sentences_are_read() -> None:
    text = "@ann see https://example.com/x\n> this is awful\n\n`hate` it?\r\n\n```\ncrap\n```\nThanks. [Docs](https://a.b)!"
    assert sentences(text) == ("see", "it?", "Thanks.", "Docs!")


def test_a_message_without_words_is_one_empty_sentence() -> None:
    assert sentences("```\ncode\n```") == ("",)


def test_a_long_log_is_cut_to_some_sentences() -> None:
    assert len(sentences("One line.\n" * 500)) == MOST_SENTENCES


def test_half_a_surrogate_pair_can_be_embedded() -> None:
    assert sentences("Nice \ud83d")[0].encode("utf-8") == b"Nice ?"


@pytest.mark.parametrize("text", ["[" * 50_000, "[a](" * 20_000, "@a/" * 20_000, "! " * 40_000, "~a" * 30_000])
def test_a_hostile_text_is_read_without_haste(text: str) -> None:
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 1.0


def test_words_and_pairs_are_counted_within_sentences() -> None:
    assert dict(read("Good job. Good!").terms) == {"good": 2, "job": 1, "good job": 1, "!": 1, "good !": 1}


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=100)
def test_any_text_gives_every_sign_a_finite_number(text: str) -> None:
    signs = read(text).signs
    assert len(signs) == len(SIGNS)
    assert np.isfinite(np.array(signs, dtype=float)).all()


@pytest.mark.parametrize(
    ("text", "sign"), [("Thanks a lot, great!", 1), ("I hate it, broken again.", -1), ("The file is in src.", 0)]
)
def test_the_fitted_model_tells_the_side(model: SentimentModel, text: str, sign: int) -> None:
    value = model.polarity(text, ZERO).value
    assert (value > 0.25) - (value < -0.25) == sign


def test_probabilities_add_up_to_one(model: SentimentModel) -> None:
    assert model.probabilities("Nice", ZERO).sum() == pytest.approx(1.0)


def test_the_words_named_speak_for_the_side_that_won(model: SentimentModel) -> None:
    assert model.polarity("Sorry, thanks, great work!", ZERO).words == ("great work", "thanks")


def test_without_a_loaded_word_the_term_that_pushed_most_is_named(model: SentimentModel) -> None:
    loud = replace(model, words={"again": (1.0, 3.0, 0.0), "the": (1.0, 0.1, 0.0)})
    assert loud.polarity("And again", ZERO).words == ("again",)


def test_meaning_moves_what_words_leave_open(model: SentimentModel) -> None:
    meaning = np.zeros((2, DIMENSIONS))
    meaning[0, 0] = 5.0
    felt = replace(model, meaning=meaning)
    up = felt.probabilities("Rebased.", (1.0, *ZERO[1:]))[0]
    assert up > 0.9 > felt.probabilities("Rebased.", ZERO)[0]


def test_equal_messages_give_equal_parameters() -> None:
    assert as_document(fit(_messages())) == as_document(fit(_messages()))


def test_every_class_weighs_the_same() -> None:
    counts = {"negative": 2, "neutral": 30, "positive": 5}
    alike = [Message("p", "Same.", label, ZERO) for label, count in counts.items() for _ in range(count)]
    assert fit(alike).probabilities("Same.", ZERO) == pytest.approx([1 / 3] * 3, abs=1e-3)


def test_words_of_one_project_alone_are_not_learned() -> None:
    private = [*_messages(), Message("p0", "zanzibar is great", "positive", ZERO)]
    assert "zanzibar" not in fit(private, Choices(least_projects=2)).words
    assert "great" in fit(private, Choices(least_projects=2)).words


def test_a_label_that_never_occurs_cannot_be_learned() -> None:
    with pytest.raises(ValueError, match="every label must occur"):
        fit([m for m in _messages() if m.label != "negative"])


def test_what_is_written_down_says_the_same_when_read_again(model: SentimentModel) -> None:
    again = of_document(json.loads(json.dumps(as_document(model))))
    assert as_document(again) == as_document(model)
    assert again.probabilities("Great, thanks", ZERO) == pytest.approx(
        model.probabilities("Great, thanks", ZERO), abs=1e-3
    )


@pytest.mark.parametrize("change", [{"format": 2}, {"signs": {}}, {"meaning": {}}, {"words": {"a": [1]}}, {"words": 3}])
def test_another_format_is_refused(model: SentimentModel, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="sentiment model"):
        of_document({**as_document(model), **change})


def test_each_different_sentence_is_embedded_once() -> None:
    asked: list[str] = []

    def encode(texts: Any) -> list[list[float]]:
        asked.extend(texts)
        return [[float(len(text)), 0.0] for text in texts]

    found = mean_vectors(["Yes. No!", "No! Yes."], encode)
    assert asked == ["No!", "Yes."]
    assert [list(row) for row in found] == [[3.5, 0.0], [3.5, 0.0]]


def test_the_shipped_model_is_small_and_knows_words_of_many_projects_only(shipped: SentimentModel) -> None:
    assert SHIPPED.stat().st_size < 300_000
    assert shipped.about["choices"]["least_projects"] >= 4
    assert all("@" not in term and "/" not in term.strip(":;-()/") for term in shipped.words)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Thanks a lot, merged!", 1),
        ("I'm really frustrated, it is still broken.", -1),
        ("Please rebase on main.", 0),
    ],
)
def test_the_shipped_model_reads_plain_cases(shipped: SentimentModel, text: str, sign: int) -> None:
    value = shipped.polarity(text, ZERO).value
    assert (value > 0.3) - (value < -0.3) == sign


def test_a_comment_with_a_vector_is_read_by_the_model_and_one_without_by_the_word_list(
    space: Any, shipped: SentimentModel
) -> None:
    item = space.issue(1)
    first, _ = space.comment(item, "Awful.", 3), space.comment(item, "Rebased.", 2)
    view = replace(space.view(), embeddings={first.evidence_id: ZERO}, sentiment_model=shipped)
    found = sentiment.remarks(item, view)
    assert [(r.polarity.by_model, r.polarity.value < -0.3) for r in found] == [(True, True), (False, False)]
    mean = sentiment.features(view, [(item, found)])[0]
    assert "1 by the sentiment model, 1 by the word list" in mean.formula


def test_without_vectors_the_formula_names_the_word_list(space: Any) -> None:
    item = space.issue(1)
    space.comment(item, "Awful.")
    view = space.view()
    assert ", by the word list, = -" in sentiment.features(view, [(item, sentiment.remarks(item, view))])[0].formula
