"""Words as they are searched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.retrieve.words import STOP, stem, without_references, words


def test_a_name_is_found_whole_and_in_pieces() -> None:
    found = words("WalletModel::getBalance")
    assert {"walletmodel::getbalance", "walletmodel", "wallet", "model", "balanc"} <= set(found)


def test_a_path_is_found_whole_and_in_pieces() -> None:
    assert {"src/qt/walletmodel.cpp", "qt", "walletmodel", "cpp"} <= set(words("in src/qt/walletmodel.cpp:12"))


@pytest.mark.parametrize(
    "forms",
    [
        ("crash", "crashes", "crashed", "crashing"),
        ("stop", "stops", "stopped", "stopping"),
        ("make", "makes", "making"),
        ("try", "tries", "tried", "trying"),
        ("dialog", "dialogs"),
    ],
)
def test_forms_of_a_word_meet(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(("one", "other"), [("status", "statu"), ("class", "clas"), ("need", "ne"), ("string", "str")])
def test_words_that_only_look_like_forms_stay(one: str, other: str) -> None:
    assert stem(one) != other


def test_stop_words_and_hashes_are_no_words() -> None:
    assert words("It is the one at baed5edeb611d94 and 0xdeadbeef12") == ["one"]


def test_mentions_and_addresses_say_nothing() -> None:
    text = without_references("Fixes #12, see o/r#3 and https://github.com/o/r/pull/4 too")
    assert words(text) == ["fix", "see"]
    assert without_references("C# and #define") == "C# and #define"


@given(st.text())
def test_every_text_has_words_that_can_be_asked_for(text: str) -> None:
    for word in words(text):
        assert word
        assert word not in STOP
        assert word == word.casefold()
        assert not any(character.isspace() for character in word)
