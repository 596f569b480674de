"""Mood and the words that decided it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.work import Person
from galaxy_desktop.features import sentiment
from galaxy_desktop.features.lexicon import PHRASES, SYMBOLS, WORDS
from galaxy_desktop.features.sentiment_words import polarity


def _mood(space: Any, item: Any) -> sentiment.Mood:
    view = space.view()
    return sentiment.mood_of(sentiment.remarks(item, view), view)


def _features(space: Any) -> dict[str, Any]:
    view = space.view()
    found = sentiment.features(view, [(item, sentiment.remarks(item, view)) for item in view.items])
    return {f.name: f for f in found}


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Thanks, great work!", 1),
        ("LGTM 👍", 1),
        ("Looks good to me", 1),
        ("This is awesome :)", 1),
        ("Not bad at all", 1),
        ("No problem", 1),
        ("This is a terrible idea", -1),
        ("I'm really frustrated, it is still broken", -1),
        ("Sorry, my mistake.", -1),
        ("not good", -1),
        ("That doesn’t look good :(", -1),
        ("wontfix", -1),
        ("The build fails with error 3, see log", 0),
        ("Please rebase on main.", 0),
        ("It looks like a conflict in a.py", 0),
        ("See rtsp://host/path", 0),
        ("", 0),
        ("> this is awful\n\nWhich line?", 0),
        ("`hate`", 0),
    ],
)
def test_the_sign_is_what_a_reader_would_say(text: str, sign: int) -> None:
    value = polarity(text).value
    assert (value > 0.25) - (value < -0.25) == sign


def test_the_words_that_decided_are_named_with_their_negation() -> None:
    assert polarity("Not good. Thanks anyway, awesome!").words == ("awesome", "thanks", "not good")


def test_a_negation_turns_a_word_round_but_not_across_a_sentence() -> None:
    assert polarity("This is not nice").value < 0 < polarity("Not this. Nice").value


def test_a_booster_strengthens() -> None:
    assert polarity("very nice").value > polarity("nice").value > polarity("slightly nice").value


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=150)
def test_polarity_is_bounded_and_zero_without_words(text: str) -> None:
    found = polarity(text)
    assert -1 <= found.value <= 1
    assert found.words or found.value == 0


def test_the_lexicon_holds_no_entry_twice_and_only_lower_case() -> None:
    for table in (WORDS, PHRASES, SYMBOLS):
        names = [name for name, _ in table]
        assert len(names) == len(set(names))
        assert names == [name.casefold() for name in names]
        assert all(-3 <= weight <= 3 for _, weight in table)


def test_mood_is_the_mean_of_the_last_14_days_and_its_trend_against_the_14_before(space: Any) -> None:
    item = space.issue(1)
    space.comment(item, "Terrible.", 40)
    space.comment(item, "Awesome!", 20)
    bad = space.comment(item, "Awful.", 3)
    space.comment(item, "Rebased.", 2)
    found = _mood(space, item)
    assert found.recent == pytest.approx(polarity("Awful.").value / 2)
    assert found.trend == pytest.approx(found.recent - polarity("Awesome!").value)
    assert found.words == ("awful",)
    assert [e.id for e in found.evidence] == [bad.evidence_id]


def test_silence_is_no_mood_and_plain_talk_is_a_neutral_one(space: Any) -> None:
    item = space.issue(1)
    assert _mood(space, item).recent is None
    space.comment(item, "Rebased.")
    assert (_mood(space, item).recent, _mood(space, item).trend) == (0, None)


def test_bots_have_no_mood_and_reviews_do(space: Any) -> None:
    item = space.pull(1)
    space.comment(item, "Great!", author=Person(5, "github-actions[bot]"))
    assert _mood(space, item).recent is None
    review = space.review(item, body="Nice work")
    assert [e.id for e in _mood(space, item).evidence] == [review.evidence_id]


def test_an_item_is_heated_by_two_negative_comments_not_by_one(space: Any) -> None:
    item = space.issue(1)
    space.comment(item, "This is ridiculous.")
    assert _features(space)["heated_items"].value == 0
    space.comment(item, "I hate it.")
    found = _features(space)
    assert found["heated_items"].value == 1
    assert found["mood_mean"].value < -0.5
    assert found["mood_trend"].value is None


def test_without_recent_comments_there_is_no_data(space: Any) -> None:
    item = space.issue(1)
    space.comment(item, "Great", 20)
    assert {f.value for f in _features(space).values()} == {None}


def test_the_trend_shows_both_means(space: Any) -> None:
    item = space.issue(1)
    space.comment(item, "Great", 20)
    space.comment(item, "Rebased", 2)
    found = _features(space)["mood_trend"]
    assert found.value == pytest.approx(-polarity("Great").value)
    assert found.formula.startswith("0 of 1 comments - ")
    assert ", by the word list, = " in found.formula
