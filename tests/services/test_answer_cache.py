"""An equal question on equal data is answered from what is kept, and says how old that is; anything else is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from galaxy_desktop.domain.recorded import age_in_words
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.answer_cache import AnswerCache, Basis, facts_digest, normalized
from galaxy_desktop.store.database import Store

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
BASIS = Basis(facts=facts_digest(["12 of 20 items are done"]), model="sha256:c0ffee", prompts="system 1, ask 1")
QUESTION = "What blocks 1.2?"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(tmp_path: Path, clock: Clock) -> Iterator[AnswerCache]:
    with Store.open(DataFolder(tmp_path)) as store:
        yield AnswerCache(store, clock)


def test_an_answer_is_found_again_and_names_its_age(cache: AnswerCache, clock: Clock) -> None:
    assert cache.find(QUESTION, BASIS) is None
    cache.keep(QUESTION, BASIS, '{"text": "Nothing."}')
    clock.at += timedelta(hours=2)
    found = cache.find("what   blocks 1.2", BASIS)
    assert found is not None
    assert (found.body, cache.age(found)) == ('{"text": "Nothing."}', "2 h ago")


@pytest.mark.parametrize(
    "basis",
    [
        replace(BASIS, facts=facts_digest(["13 of 20 items are done"])),
        replace(BASIS, model="sha256:beef"),
        replace(BASIS, prompts="system 2, ask 1"),
    ],
    ids=["facts", "model", "prompts"],
)
def test_other_facts_models_and_prompts_are_other_answers(cache: AnswerCache, basis: Basis) -> None:
    cache.keep(QUESTION, BASIS, "{}")
    assert cache.find(QUESTION, basis) is None


def test_an_answer_holds_for_its_day(cache: AnswerCache, clock: Clock) -> None:
    cache.keep(QUESTION, BASIS, "{}")
    clock.at += timedelta(days=1)
    assert cache.find(QUESTION, BASIS) is None


def test_another_question_is_another_answer(cache: AnswerCache) -> None:
    cache.keep(QUESTION, BASIS, "{}")
    assert cache.find("What blocks 1.3?", BASIS) is None


def test_what_makes_no_difference_in_a_question_makes_none() -> None:
    assert normalized(" What  BLOCKS １.2 ?! ") == normalized("what blocks 1.2") == "what blocks 1.2"


def test_the_order_of_facts_counts() -> None:
    assert facts_digest(["a", "b"]) != facts_digest(["b", "a"]) != facts_digest(["ab"])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3_600, "1 h ago"),
        (86_400, "24 h ago"),
        (172_800, "2 days ago"),
    ],
)
def test_an_age_is_told_in_words(seconds: int, words: str) -> None:
    assert age_in_words(NOW, NOW + timedelta(seconds=seconds)) == words
