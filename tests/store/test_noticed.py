"""Patterns that a model noticed are kept once, keep what people said of them, and go with their repository."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.noticed import Noticed, NoticedKind, Opinion
from galaxy_desktop.store.database import Store


@pytest.fixture
def one(make: Any) -> Noticed:
    return Noticed(
        sprint_id="s1", kind=NoticedKind.RISK, text="Both wait.", evidence=("issue:o/r#1", "pr:o/r#2"), model="small",
        noticed_at=make.hour(0),
    )  # fmt: skip


def test_a_pattern_comes_back_as_it_was_kept(store: Store, one: Noticed) -> None:
    assert store.keep_noticed([one]).result() == 1
    assert store.noticed(["s1"]) == (one,)
    assert store.noticed(["s2"]) == ()


def test_the_same_pattern_noticed_again_is_not_new_and_keeps_the_opinion(store: Store, one: Noticed, make: Any) -> None:
    store.keep_noticed([one]).result()
    assert store.say_of_noticed(one.id, Opinion.NOT_USEFUL, make.hour(1)).result()
    again = replace(one, text="Worded anew.", noticed_at=one.noticed_at + timedelta(hours=3))
    assert store.keep_noticed([again]).result() == 0
    (kept,) = store.noticed(["s1"])
    assert (kept.text, kept.opinion) == ("Both wait.", Opinion.NOT_USEFUL)


def test_an_opinion_can_be_taken_back(store: Store, one: Noticed, make: Any) -> None:
    store.keep_noticed([one]).result()
    store.say_of_noticed(one.id, Opinion.USEFUL, make.hour(1)).result()
    store.say_of_noticed(one.id, None, make.hour(2)).result()
    assert [kept.opinion for kept in store.noticed(["s1"])] == [None]


def test_an_opinion_of_nothing_changes_nothing(store: Store, make: Any) -> None:
    assert not store.say_of_noticed("noticed:none", Opinion.USEFUL, make.hour(1)).result()
