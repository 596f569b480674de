"""Events come out the same however the bytes are cut, whatever the line ends."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.errors import BrokenAnswerError
from galaxy_desktop.reason.sse import LONGEST_LINE, EventReader, ServerEvent

TEXT = "\ufeff: hello\n\nevent: delta\ndata: {\"a\": \"wä🚀\"}\ndata: more\n\nid: 7\ndata:bare\n\ndata: last"  # fmt: skip
EVENTS = [ServerEvent("delta", '{"a": "wä🚀"}\nmore'), ServerEvent("", "bare"), ServerEvent("", "last")]


@given(st.lists(st.integers(0, 120), max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_however_it_is_cut_the_events_are_the_same(cuts: list[int], ending: str) -> None:
    whole, reader = TEXT.replace("\n", ending).encode(), EventReader()
    edges = sorted({0, *(min(cut, len(whole)) for cut in cuts), len(whole)})
    found = [event for a, b in pairwise(edges) for event in reader.feed(whole[a:b])]
    assert found + list(reader.feed(b"", last=True)) == EVENTS


@given(st.binary(max_size=300))
def test_rubbish_is_read_without_harm(rubbish: bytes) -> None:
    reader = EventReader()
    for event in (*reader.feed(rubbish), *reader.feed(b"", last=True)):
        assert event.data or event.name or rubbish


def test_a_line_without_end_is_refused() -> None:
    reader = EventReader()
    list(reader.feed(b"x" * LONGEST_LINE))
    with pytest.raises(BrokenAnswerError):
        list(reader.feed(b"x"))
