"""The join of two versions of a row is a join: commutative, associative, idempotent."""

from __future__ import annotations

from functools import reduce
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.store import rows
from galaxy_desktop.store.merge import join, newer, stamp

HOURS = st.integers(0, 2)


@st.composite
def item_rows(draw: st.DrawFn, make: Any) -> dict[str, Any]:
    at, seen = draw(HOURS), draw(HOURS)
    size = draw(st.sampled_from([None, 0, 5]))
    text = draw(st.sampled_from(["a", "b"]))
    if draw(st.booleans()):
        return rows.of_item(make.pull(1, at, seen, title=text, head_sha=text, additions=size))
    return rows.of_item(make.pull_as_issue(1, at, seen, title=text, draft=draw(st.booleans())))


def joined(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return join(old, new, ("updated_at", "observed_at"), rows.ITEM_PARTS)


@settings(deadline=None, max_examples=150, derandomize=True)
@given(data=st.data())
def test_the_join_depends_on_the_set_of_versions_alone(make: Any, data: st.DataObject) -> None:
    versions = data.draw(st.lists(item_rows(make), min_size=1, max_size=4))
    shuffled = data.draw(st.permutations(versions + versions[:2]))
    assert reduce(joined, shuffled) == reduce(joined, versions)


@settings(deadline=None, max_examples=50, derandomize=True)
@given(data=st.data())
def test_a_row_joined_with_itself_is_itself(make: Any, data: st.DataObject) -> None:
    row = data.draw(item_rows(make))
    assert joined(row, row) == row


def test_an_unknown_part_never_wins(make: Any) -> None:
    known = rows.of_item(make.pull(1, at=0, files=("a.py",)))
    later = rows.of_item(make.pull(1, at=9))
    assert joined(known, later)["files"] == '["a.py"]'
    assert joined(later, known)["files"] == '["a.py"]'


def test_whole_rows_are_ordered_by_their_moments(make: Any) -> None:
    old, new = rows.of_run(make.run(seen=1, status="queued")), rows.of_run(make.run(seen=2))
    assert newer(old, new, ("observed_at",)) == newer(new, old, ("observed_at",)) == new


def test_stamps_sort_as_moments_do(make: Any) -> None:
    moments = [None, make.hour(0), make.hour(0.0001), make.hour(1)]
    stamps = [stamp(moment) for moment in moments]
    assert stamps == sorted(stamps)
    assert stamp(make.hour(1), None) < stamp(make.hour(1), make.hour(0))
