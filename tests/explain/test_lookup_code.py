"""Questions about code are told from others, keep their spelling, and are answered with lines that are cited."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.asking import FactName
from galaxy_desktop.domain.code_found import CodeFound, CodeQuestion, CodeWish, code_question
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.explain.lookup_code import NO_CODE
from galaxy_desktop.explain.lookup_scene import Scene
from galaxy_desktop.explain.lookups import look_up
from galaxy_desktop.explain.questions import understand


@pytest.fixture
def scene(make: Any) -> Scene:
    case = make.case()
    analysis = Analysis(as_of=case.now, engine="e", repositories=(), sprints=(), dependencies=(), alerts=())
    return Scene(analysis, case.snapshot)


@pytest.mark.parametrize(
    ("question", "wish", "subject"),
    [
        ("tests for LoadSession?", CodeWish.TESTS, "LoadSession"),
        ("Which tests cover src/a.py", CodeWish.TESTS, "src/a.py"),
        (
            "find similar code to sum(line.price for line in lines)",
            CodeWish.SIMILAR,
            "sum(line.price for line in lines)",
        ),
        ("is there code like the retry of the queue?", CodeWish.SIMILAR, "the retry of the queue"),
        ("where is the session token implemented?", CodeWish.SEARCH, "the session token"),
    ],
)
def test_a_question_about_code_keeps_its_spelling(question: str, wish: CodeWish, subject: str) -> None:
    assert code_question(question) == CodeQuestion(wish, subject)


@pytest.mark.parametrize(
    "question", ["are the tests failing?", "who waits for a review", "what blocks 1.2?", "similar code"]
)
def test_other_questions_are_none_about_code(question: str) -> None:
    assert code_question(question) is None


def test_the_answer_names_the_lines_and_why_and_cites_them(scene: Scene) -> None:
    evidence = Evidence("code:o/r@tests/test_a.py#L3-L9", "test", "", "def test_a():", scene.now)
    found = CodeFound("tests/test_a.py of o/r, lines 3 to 9 (test_a)", "named after it", evidence)
    (answer,) = look_up(replace(scene, code=(found,)), understand("tests for a", scene).calls)
    assert answer.call.name is FactName.CODE
    assert [one.text for one in answer.sentences] == ["tests/test_a.py of o/r, lines 3 to 9 (test_a): named after it."]
    assert answer.sentences[0].evidence == (evidence.id,)


def test_without_a_clone_the_answer_says_where_to_choose_one(scene: Scene) -> None:
    (answer,) = look_up(scene, understand("tests for a", scene).calls)
    assert (answer.sentences, answer.nothing) == ((), NO_CODE)


@given(st.text())
def test_no_question_breaks_the_reading(question: str) -> None:
    found = code_question(question)
    assert found is None or found.subject
