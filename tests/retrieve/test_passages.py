"""A quote is a piece of the text as it was stored, never a paraphrase."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.evidence import QUOTE_LENGTH
from galaxy_desktop.retrieve.passages import best_passage


def test_the_sentence_with_most_shared_words_is_quoted() -> None:
    text = "It began on Monday. The parser crashes on empty files. Please have a look."
    assert best_passage(text, "parser crashes empty")[0] == "The parser crashes on empty files."


def test_without_shared_words_the_beginning_is_quoted() -> None:
    assert best_passage("Version 0.7.2 is out.", "zebra") == ("Version 0.7.2 is out.", 0)


def test_points_inside_a_version_do_not_end_a_sentence() -> None:
    assert best_passage("Release 0.7.2 is late. Sorry.", "release late")[0] == "Release 0.7.2 is late."


@given(st.text(), st.text())
@settings(max_examples=80, deadline=None)
def test_a_quote_is_never_empty_and_never_long(text: str, query: str) -> None:
    quote, start = best_passage(text, query)
    assert 0 < len(quote) <= QUOTE_LENGTH
    assert 0 <= start <= len(text)
