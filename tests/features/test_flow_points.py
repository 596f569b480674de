"""Which words are story points, and which only look like them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.features.flow_points import board_points, in_title, points_of, usable, worded


@pytest.mark.parametrize(
    ("label", "points"),
    [
        ("points: 3", 3), ("Points:3", 3), ("sp:3", 3), ("SP/5", 5), ("story points 8", 8), ("story-points: 13", 13),
        ("3 points", 3), ("1 point", 1), ("5sp", 5), ("estimate: 2", 2), ("0.5 pts", 0.5), ("points: 0,5", 0.5),
    ],
)  # fmt: skip
def test_a_label_with_points_says_how_many(label: str, points: float) -> None:
    assert worded(label) == points


@pytest.mark.parametrize(
    "label", ["3h", "3 hours", "2 days", "p3", "priority: 3", "size: 3", "points", "sp:999", "v3", "3"]
)
def test_hours_priorities_versions_and_bare_numbers_are_no_points(label: str) -> None:
    assert worded(label) is None


@pytest.mark.parametrize(
    ("title", "points"),
    [
        ("[3] Export", 3), ("Export [8]", 8), ("Export (5 pts)", 5), ("[sp: 2] Export", 2), ("Export, sp: 3", 3),
        ("points: 5 Export", 5),
    ],
)  # fmt: skip
def test_a_title_can_carry_points(title: str, points: float) -> None:
    assert in_title(title) == points


@pytest.mark.parametrize(
    "title",
    ["[3.11] gh-1234: Fix it", "Fix (#12)", "[WIP] Export", "Fix a[3] in loop b", "[3h] Export", "[2026] Plan", "[3]"],
)
def test_a_title_that_only_looks_like_it_carries_none(title: str) -> None:
    assert in_title(title) is None


def test_the_board_is_believed_before_the_label_and_the_label_before_the_title(space: Any) -> None:
    item = space.issue(1, title="[1] Export", labels=("sp:2",))
    assert points_of(item, {}) == 2
    assert points_of(item, {(1, 1): 3.0}) == 3
    assert points_of(replace(item, labels=()), {}) == 1


def test_labels_that_contradict_each_other_say_nothing(space: Any) -> None:
    assert points_of(space.issue(1, title="[1] Export", labels=("sp:2", "sp:3")), {}) is None
    assert points_of(space.issue(2, labels=("sp:2", "points: 2")), {}) == 2


def test_an_item_without_points_is_unestimated_and_not_zero(space: Any) -> None:
    assert points_of(space.issue(1), {}) is None
    assert points_of(space.issue(2, labels=("sp:0",)), {}) == 0


def test_of_two_boards_the_newer_row_wins(space: Any) -> None:
    item = space.issue(1)
    space.iteration("One", date(2026, 5, 4), item)
    space.iteration("Two", date(2026, 5, 4), item)
    old, new = space.boards
    rows = [(old, 2.0, space.ago(3)), (new, 5.0, space.ago(1))]
    space.boards = [replace(b, items=(replace(b.items[0], points=p, updated_at=at),)) for b, p, at in rows]
    assert board_points(space.snapshot()) == {(1, 1): 5.0}


@pytest.mark.parametrize(
    ("values", "good"), [([1, 2, None], False), ([1, 2, 3, None], True), ([1, 2, 3, None, None, None, None], False)]
)
def test_points_are_used_when_half_of_the_items_and_three_carry_them(values: list[float | None], good: bool) -> None:
    assert usable(values)[0] is good


@given(points=st.integers(0, 100), word=st.sampled_from(["sp", "points", "pts", "story points"]))
def test_what_is_written_is_what_is_read(points: int, word: str) -> None:
    assert worded(f"{word}: {points}") == worded(f"{points} {word}") == in_title(f"Export [{word}: {points}]") == points
