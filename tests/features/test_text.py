"""Descriptions: length, readability, criteria, boxes, near-duplicates."""

from __future__ import annotations

from typing import Any

import pytest

from galaxy_desktop.domain.facts import Feature
from galaxy_desktop.features import text

EASY = "The cat sat on the mat. " * 6
HARD = "Idiosyncratic implementations necessitate comprehensive reconsideration of interoperability considerations " * 3


def _feature(space: Any, name: str, **given: Any) -> Feature:
    view = space.view(**given)
    return next(f for f in text.features(view, text.near_duplicates(view)) if f.name == name)


@pytest.mark.parametrize(
    ("body", "words"),
    [("", 0), ("Two words.", 2), ("don't count https://x.y/z or `code here`", 3), ("<!-- a b c -->", 0), ("42 #7", 0)],
)
def test_only_the_authors_prose_is_counted(body: str, words: int) -> None:
    assert text.word_count(body) == words


def test_readability_is_higher_for_plain_words_and_unknown_for_few() -> None:
    easy, hard = text.reading_ease(EASY), text.reading_ease(HARD)
    assert easy is not None
    assert hard is not None
    assert hard < 20
    assert easy > 80
    assert text.reading_ease("Too short.") is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("- [ ] a\n- [x] b\n* [X] c", (3, 2)),
        ("1. [ ] a", (1, 0)),
        ("```\n- [ ] a\n```", (0, 0)),
        ("<!-- - [ ] a -->", (0, 0)),
        ("[ ] a and -[x] b", (0, 0)),
        ("- [x](https://link)", (0, 0)),
    ],
)
def test_boxes_are_counted_outside_of_code_and_templates(body: str, expected: tuple[int, int]) -> None:
    assert text.boxes(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("## Acceptance criteria\n\nIt works", True),
        ("**Definition of done**: tests", True),
        ("AC: it works", True),
        ("Given a user\nWhen she logs in\nThen she sees it", True),
        ("- [ ] shows the name", True),
        ("Expected behavior: no crash", True),
        ("Make it faster", False),
        ("<!-- Acceptance criteria: -->", False),
        ("", False),
    ],
)
def test_criteria_are_found_by_name_form_or_checklist(body: str, expected: bool) -> None:
    assert text.has_criteria(body) is expected


def test_criteria_are_asked_of_open_issues_only(space: Any) -> None:
    space.issue(1, "Acceptance criteria: none")
    space.issue(2)
    space.issue(3, closed=space.ago(1))
    space.pull(4)
    found = _feature(space, "criteria_share")
    assert (found.value, found.formula) == (0.5, "1 of 2 open issues = 0.5")
    assert [e.id for e in found.evidence] == ["issue:o/r#2"]


def test_ticked_boxes_are_added_up_over_the_sprint(space: Any) -> None:
    space.issue(1, "- [x] a\n- [ ] b")
    space.issue(2, "- [x] a\n- [x] b")
    assert _feature(space, "boxes_ticked_share").value == 0.75


def test_no_checklist_at_all_is_no_data_and_an_empty_description_has_zero_words(space: Any) -> None:
    space.issue(1)
    assert _feature(space, "boxes_ticked_share").value is None
    assert _feature(space, "readability").value is None
    assert _feature(space, "description_words_median").value == 0


def test_near_duplicates_are_open_items_of_the_workspace_with_nearly_the_same_vector(space: Any) -> None:
    space.issue(1)
    space.issue(2, milestone_number=None)
    space.issue(3, closed=space.ago(1))
    space.issue(4)
    vectors = {
        "issue:o/r#1": [1.0, 0.0],
        "issue:o/r#2": [2.0, 0.1],
        "issue:o/r#3": [1.0, 0.0],
        "issue:o/r#4": [0.0, 1.0],
    }
    view = space.view(embeddings=vectors)
    assert text.near_duplicates(view) == {"issue:o/r#1": (("issue:o/r#2", 0.999),)}
    found = _feature(space, "near_duplicate_pairs", embeddings=vectors)
    assert found.value == 1
    assert found.evidence[0].quote == "similarity 1.00 to issue:o/r#2"


def test_without_embeddings_duplicates_are_not_known(space: Any) -> None:
    space.issue(1)
    assert _feature(space, "near_duplicate_pairs").value is None
