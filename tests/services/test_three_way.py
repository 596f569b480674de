"""Three ways to see one field, merged: what both sides want holds, and a contradiction is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.changes import ChangeKind, Value
from galaxy_desktop.services.three_way import Merge, added, in_words, merge, same

K = ChangeKind
names = st.frozensets(st.sampled_from("abcdef")).map(lambda found: tuple(sorted(found)))
lines = st.lists(st.sampled_from(["a", "b", "c", "", "d"]), max_size=8).map("\n".join)
values = st.one_of(
    st.tuples(st.just(K.LABELS), names, names, names),
    st.tuples(st.just(K.BODY), lines, lines, lines),
    st.tuples(st.just(K.TITLE), *[st.sampled_from(["x", "y", "z"])] * 3),
    st.tuples(st.just(K.MILESTONE), *[st.sampled_from([None, 1, 2])] * 3),
)


@given(values)
def test_what_they_did_not_change_becomes_mine(case: tuple[ChangeKind, Value, Value, Value]) -> None:
    kind, base, mine, _ = case
    found = merge(kind, base, mine, base)
    assert same(kind, found.merged, mine)
    assert not found.conflict


@given(values)
def test_what_i_did_not_change_stays_theirs(case: tuple[ChangeKind, Value, Value, Value]) -> None:
    kind, base, _, theirs = case
    found = merge(kind, base, base, theirs)
    assert found.merged == theirs
    assert found.already


@given(values)
def test_what_both_want_is_there_already(case: tuple[ChangeKind, Value, Value, Value]) -> None:
    kind, base, mine, _ = case
    assert merge(kind, base, mine, mine).already


@given(values)
def test_merging_again_changes_nothing(case: tuple[ChangeKind, Value, Value, Value]) -> None:
    kind, base, mine, theirs = case
    once = merge(kind, base, mine, theirs)
    if not once.conflict:
        assert merge(kind, base, mine, once.merged).merged == once.merged
        assert merge(kind, theirs, once.merged, theirs).merged == once.merged


@given(names, names, names)
def test_sets_merge_alike_from_both_sides_and_never_conflict(base: Value, mine: Value, theirs: Value) -> None:
    one, other = merge(K.LABELS, base, mine, theirs), merge(K.LABELS, base, theirs, mine)
    assert one.merged == other.merged
    assert not one.conflict


@given(names, names, names)
def test_no_element_that_both_kept_is_lost_and_none_that_both_removed_returns(
    base: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...]
) -> None:
    merged = merge(K.ASSIGNEES, base, mine, theirs).merged
    assert isinstance(merged, tuple)
    assert set(mine) & set(theirs) <= set(merged) <= set(mine) | set(theirs)


@given(lines, lines, lines)
def test_texts_merge_alike_from_both_sides_unless_they_conflict(base: str, mine: str, theirs: str) -> None:
    one, other = merge(K.BODY, base, mine, theirs), merge(K.BODY, base, theirs, mine)
    assert bool(one.conflict) == bool(other.conflict)
    if not one.conflict:
        assert same(K.BODY, one.merged, other.merged)


@given(lines, lines, lines)
def test_a_line_that_all_three_have_once_survives(base: str, mine: str, theirs: str) -> None:
    base, mine, theirs = (f"{text}\nkept by all" for text in (base, mine, theirs))
    assert "kept by all" in str(merge(K.BODY, base, mine, theirs).merged)


def test_edits_in_different_places_of_a_text_hold_together() -> None:
    found = merge(K.BODY, "one\n\ntwo\n\nthree", "ONE\n\ntwo\n\nthree", "one\n\ntwo\n\nTHREE")
    assert found.merged == "ONE\n\ntwo\n\nTHREE"
    assert found.lines == ("- one", "+ ONE", "  ", "  two", "  …")


def test_edits_of_one_place_are_a_conflict_that_loses_neither_side_elsewhere() -> None:
    found = merge(K.BODY, "one\n\ntwo\n\nthree", "mine\n\ntwo\n\nthree", "theirs\n\ntwo\n\nTHREE")
    assert found.conflict == (
        "The text was changed meanwhile, in one place where yours changes it too. Decide which one holds."
    )
    assert found.merged == "mine\n\ntwo\n\nTHREE"
    assert found.lines == ("  …", "- theirs", "+ mine", "  ", "  two", "  …")


def test_a_merged_text_keeps_the_line_ends_that_github_has() -> None:
    assert merge(K.BODY, "a\nb\nc", "A\nb\nc", "a\r\nb\r\nC").merged == "A\r\nb\r\nC"


def test_line_ends_and_space_at_the_end_are_no_difference() -> None:
    assert same(K.BODY, "a\r\nb\n", "a\nb")
    assert merge(K.BODY, "x", "a\nb", "a\r\nb\r\n").already


def test_a_text_of_nothing_but_line_ends_is_merged_in_no_time() -> None:
    assert merge(K.BODY, "\n" * 60_000, "\n" * 59_000, "\n" * 58_000 + "x").lines


def test_a_title_changed_by_both_says_from_what_to_what() -> None:
    assert merge(K.TITLE, "Old", "Mine", "Theirs") == Merge(
        merged="Mine",
        lines=("- Theirs", "+ Mine"),
        conflict="The title was changed meanwhile, from “Old” to “Theirs”. Decide which one holds.",
    )


def test_a_state_is_told_in_words() -> None:
    found = merge(K.STATE, "open", "closed", "closed:not_planned")
    assert found.conflict.startswith("The state was changed meanwhile, from “open” to “closed as not planned”.")
    assert found.lines == ("- closed as not planned", "+ closed as completed")


def test_a_milestone_is_told_by_its_title() -> None:
    assert merge(K.MILESTONE, None, 3, None, {3: "Sprint 3"}).lines == ("- no milestone", "+ Sprint 3")
    assert in_words(K.MILESTONE, 4, {3: "Sprint 3"}) == "milestone 4"


def test_labels_show_what_comes_goes_and_stays() -> None:
    found = merge(K.LABELS, ("a", "b"), ("a", "c"), ("a", "b", "d"))
    assert found.merged == ("a", "c", "d")
    assert found.lines == ("  a", "- b", "+ c", "  d")


def test_case_does_not_make_another_label_and_theirs_is_the_spelling() -> None:
    found = merge(K.LABELS, (), ("bug",), ("Bug",))
    assert found.merged == ("Bug",)
    assert found.already
    assert added(("Bug",), ("bug", "ui")) == ("ui",)


@pytest.mark.parametrize("kind", [K.COMMENT, K.NEW_ISSUE])
def test_what_only_adds_never_conflicts(kind: ChangeKind) -> None:
    found = merge(kind, "", "hello\nworld", "anything")
    assert found == Merge(merged="hello\nworld", lines=("+ hello", "+ world"))
