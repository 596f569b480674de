"""Masking, blocks and references: what counts as the author's own words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.features.prose import COVER, blocks, masked
from galaxy_desktop.features.references import references


def _visible(text: str) -> str:
    return " ".join(masked(text).replace(COVER, " ").split())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a `code #1` b", "a b"),
        ("a ``x ` #1`` b", "a b"),
        ("a `open b", "a `open b"),
        ("```py\n#1\n```\nafter", "after"),
        ("~~~\n#1\n~~~\nafter", "after"),
        ("```\n#1 never closed", ""),
        ("- list\n  ```\n  #1\n  ```\n  after", "- list after"),
        ("> quoted #1\nmine", "mine"),
        ("<!-- hidden #1 -->shown", "shown"),
        ("<!-- never closed #1", ""),
        ("~~gone~~ kept", "kept"),
        ("~gone #1~ kept", "kept"),
        ("~5 of ~10, ~/x kept", "~5 of ~10, ~/x kept"),
        ("<pre>#1</pre> kept", "kept"),
        ("text\n\n    indented #1\n\nmore", "text more"),
        ("- entry\n\n    continued #1", "- entry continued #1"),
        ("2 > 1 and a < b", "2 > 1 and a < b"),
        ("line\r\n> quoted\r\nmine", "line mine"),
    ],
)
def test_code_quotations_and_remarks_are_covered(text: str, left: str) -> None:
    assert _visible(text) == left


@given(st.text(alphabet="ab#1 `~><!-\n\r\t*", max_size=60))
@settings(deadline=None, max_examples=300)
def test_masking_keeps_every_position(text: str) -> None:
    plain = masked(text)
    assert len(plain) == len(text)
    assert all(p in {t, COVER} or (t == "\r" and p == " ") for p, t in zip(plain, text, strict=True))


@given(st.text(alphabet="ab#1 -*\n", max_size=60))
@settings(deadline=None, max_examples=200)
def test_blocks_lie_where_they_say(text: str) -> None:
    for block in blocks(text):
        assert text[block.start : block.start + len(block.text)] == block.text


def test_blocks_are_told_apart_by_kind() -> None:
    found = [(b.kind, b.text.strip()) for b in blocks("# Head\ntext\nmore\n\n- one\n- two\n1. three")]
    assert found == [
        ("heading", "# Head"),
        ("paragraph", "text\nmore"),
        ("list", "- one"),
        ("list", "- two"),
        ("list", "1. three"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see #12.", [("", 12)]),
        ("(#12)", [("", 12)]),
        ("[#12]", [("", 12)]),
        ("GH-7", [("", 7)]),
        ("o/r#3 and an-owner/c-d_e.f#4", [("o/r", 3), ("an-owner/c-d_e.f", 4)]),
        ("https://github.com/o/r/pull/5/files", [("o/r", 5)]),
        ("https://github.com/o/r/issues/5#issuecomment-9, then", [("o/r", 5)]),
        ("#1, #2 and #3", [("", 1), ("", 2), ("", 3)]),
        ("name#12", []),
        ("&#39;", []),
        ("#12abc", []),
        ("#0", []),
        ("#007", []),
        ("# 12", []),
        ("#12.5", []),
        ("https://example.com/a#12", []),
        ("https://gitlab.com/o/r/issues/5", []),
        ("page?x=#12", []),
        ("step #2", []),
        ("Option #3", []),
        ("a/b/c#3", []),
    ],
)
def test_references_are_read_as_github_reads_them(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(r.repository, r.number) for r in references(text)] == expected


def test_a_reference_knows_its_place_without_the_punctuation_after_it() -> None:
    text = "See https://github.com/o/r/pull/5#discussion_r1. Then"
    (found,) = references(text)
    assert text[found.start : found.end].endswith("#discussion_r1")
    assert found.to_remark
