"""Prose, code, stack traces and quotes are told apart, and nothing of a text is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.retrieve.parts import Kind, Piece, pieces_within, split

PLAIN = ("words", "", "```", "```py", "~~~", "> quoted", "    indented", "- item", "<!-- hidden -->", "<!--", "-->")
TRACES = ('  File "a.py", line 3, in f', "#0 0x00007f in ?? ()", "Traceback (most recent call last):", "ValueError: no")
LINES = st.sampled_from([*PLAIN, *TRACES])
ENDS = st.sampled_from(["\n", "\r\n", "\n\n"])
TEXTS = st.lists(st.tuples(LINES, ENDS)).map(lambda some: "".join(line + end for line, end in some))


def _kinds(text: str) -> list[str]:
    return [str(piece.kind) for piece in split(text)]


@given(st.one_of(TEXTS, st.text()))
@settings(max_examples=150, deadline=None)
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    pieces = split(text)
    assert "".join(piece.text for piece in pieces) == text
    assert all(text[piece.start :].startswith(piece.text) for piece in pieces)


@given(TEXTS, st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_a_piece_that_is_cut_loses_nothing_and_stays_within_its_size(text: str, size: int) -> None:
    for piece in split(text):
        small = list(pieces_within(piece, size))
        assert "".join(one.text for one in small) == piece.text
        assert all(len(one.text) <= size for one in small)
        assert [one.start for one in small] == [
            piece.start + sum(len(before.text) for before in small[:n]) for n in range(len(small))
        ]


@given(st.lists(st.text("ab >#`-\n", max_size=30).filter(lambda one: "```" not in one), max_size=4))
@settings(max_examples=100, deadline=None)
def test_a_fence_is_one_piece_whatever_is_in_it(listings: list[str]) -> None:
    text = "\n".join(f"Look:\n```\n{listing}\n```" for listing in listings)
    assert _kinds(text).count("code") == len(listings)


def test_a_short_listing_is_not_cut() -> None:
    (code,) = split("```\none\n\ntwo\n```")
    assert [one.text for one in pieces_within(code, 1_000)] == [code.text]


def test_a_fence_that_is_never_closed_reaches_to_the_end() -> None:
    assert _kinds("Look:\n```\ncode\n> not a quote") == ["prose", "code"]


def test_a_longer_fence_holds_a_shorter_one() -> None:
    assert _kinds("````\n```\ncode\n```\n````\nwords") == ["code", "prose"]


@pytest.mark.parametrize(
    "trace",
    [
        'Traceback (most recent call last):\n  File "a.py", line 3, in f\nValueError: no',
        "#0  0x00007ffff78cf1ae in QObject::x () at /lib/x.so\n#1  0x00005555 in main ()",
        "java.lang.NullPointerException: null\n    at org.example.Main.run(Main.java:12)\n    at org.example.Main.main(M.java:3)",
        "TypeError: x is not a function\n    at Object.run (/app/index.js:3:14)",
        "thread 'main' panicked at src/main.rs:2\nCaused by: io error",
    ],
)
def test_a_stack_trace_is_one_with_and_without_a_fence(trace: str) -> None:
    assert _kinds(trace) == ["trace"]
    assert _kinds(f"It crashed.\n```\n{trace}\n```\nAgain.") == ["prose", "trace", "prose"]


def test_one_line_that_looks_like_a_trace_is_prose() -> None:
    assert _kinds("It said:\nValueError: no\nand stopped.") == ["prose"]


def test_what_belongs_to_a_list_is_not_code_though_indented() -> None:
    assert _kinds("1. First\n\n    goes on here\n") == ["prose"]
    assert _kinds("First:\n\n    $ make\n") == ["prose", "code"]


def test_what_a_template_hides_was_said_by_nobody() -> None:
    assert _kinds("<!-- Describe\nthe issue -->\nIt fails.") == ["hidden", "prose"]
    assert _kinds("<!-- note --> It fails.") == ["prose"]


def test_a_piece_without_any_place_to_cut_is_cut_in_the_middle_of_a_word() -> None:
    assert [one.text for one in pieces_within(Piece(Kind.PROSE, 0, "x" * 7), 3)] == ["xxx", "xxx", "x"]
