"""The rule that reads dependencies, scored on 200 labelled texts: precision at least .95, recall at least .85.

A third of them was held out: written together with the others and not looked at while the rule was improved.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.facts import EdgeKind
from galaxy_desktop.features.edges import dependency_edges

FILE = Path(__file__).with_name("dependency_sentences.txt")
DOCUMENTED = Path(__file__).parents[2] / "docs" / "risks.md"
SIGNS = {EdgeKind.BLOCKS: ">", EdgeKind.CLOSES: "x", EdgeKind.PARENT: "/"}
PREFIXES = {"o/r": "", "o/s": "s", "x/y": "y"}
LEAST_PRECISION, LEAST_RECALL = 0.95, 0.85


@dataclass(frozen=True)
class Case:
    """One labelled text and what the rule found in it."""

    text: str
    expected: frozenset[str]
    found: frozenset[str]
    held_out: bool


@pytest.fixture
def cases(space: Any) -> list[Case]:
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith(("pr | ", "issue | "))]
    return [_case(line, number, type(space)()) for number, line in enumerate(lines, 1)]


def _case(line: str, number: int, space: Any) -> Case:
    where, said, text = line.split(" | ", 2)
    (space.pull if where == "pr" else space.issue)(1, text.replace("\\n", "\n"))
    for other in range(2, 8):
        space.issue(other)
        space.issue(other, repository="o/s")
    space.pull(8)
    edges = dependency_edges(space.snapshot())
    found = {_short(e.source_id) + SIGNS[e.kind] + _short(e.target_id) for e in edges if e.kind in SIGNS}
    expected = () if said == "none" else said.split()
    return Case(text, frozenset(expected), frozenset(found), number % 3 == 0)


def _short(item_id: str) -> str:
    repository, _, number = item_id.removeprefix("external:").partition(":")[2].partition("#")
    return PREFIXES[repository] + number


def _precision_and_recall(cases: list[Case]) -> tuple[float, float]:
    right = sum(len(case.expected & case.found) for case in cases)
    return right / sum(len(case.found) for case in cases), right / sum(len(case.expected) for case in cases)


@pytest.mark.parametrize("held_out", [False, True])
def test_what_is_read_is_right_and_little_is_missed(cases: list[Case], held_out: bool) -> None:
    precision, recall = _precision_and_recall([case for case in cases if case.held_out is held_out])
    assert precision >= LEAST_PRECISION, [c for c in cases if c.found - c.expected]
    assert recall >= LEAST_RECALL, [c for c in cases if c.expected - c.found]


def test_there_are_200_texts_a_third_held_out_and_two_fifths_or_more_say_nothing(cases: list[Case]) -> None:
    assert len({case.text for case in cases}) >= 198
    assert (len(cases), sum(case.held_out for case in cases)) == (200, 66)
    assert sum(not case.expected for case in cases) >= 80


def test_the_documented_figures_are_those_of_today(cases: list[Case]) -> None:
    for held_out, name in ((False, "134 texts"), (True, "66 held out")):
        precision, recall = _precision_and_recall([case for case in cases if case.held_out is held_out])
        assert f"{name}: precision {precision:.2f}, recall {recall:.2f}" in DOCUMENTED.read_text(encoding="utf-8")
