"""Who has the model next: classes, order, interruption, and that nobody starves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.inference import Priority
from galaxy_desktop.reason.turns import MOST_PASSED_OVER, SLICE_STEPS, Turn, Turns

QUESTION, ALERT, BACKGROUND = Priority.QUESTION, Priority.ALERT, Priority.BACKGROUND


def _taken(turns: Turns[str]) -> Turn[str]:
    turn = turns.take()
    assert turn is not None
    return turn


def test_the_higher_class_goes_first_and_within_a_class_the_first_comer() -> None:
    turns: Turns[str] = Turns()
    for work, priority in (("b1", BACKGROUND), ("a", ALERT), ("q1", QUESTION), ("b2", BACKGROUND), ("q2", QUESTION)):
        turns.add(work, priority)
    assert [_taken(turns).work for _ in range(5)] == ["q1", "q2", "a", "b1", "b2"]
    assert turns.take() is None


def test_work_that_was_interrupted_goes_before_what_came_later() -> None:
    turns: Turns[str] = Turns()
    turns.add("first", BACKGROUND)
    running = _taken(turns)
    turns.add("second", BACKGROUND)
    turns.add_again(running)
    assert _taken(turns).work == "first"


@pytest.mark.parametrize("priority", [BACKGROUND, ALERT, QUESTION])
def test_only_a_higher_class_interrupts(priority: Priority) -> None:
    turns: Turns[str] = Turns()
    turns.add("running", ALERT)
    running = _taken(turns)
    turns.add("new", priority)
    assert turns.interrupts(running) == (priority is QUESTION)


def test_a_class_that_may_not_run_is_interrupted_and_not_taken() -> None:
    turns: Turns[str] = Turns()
    turns.add("running", BACKGROUND)
    running = _taken(turns)
    turns.add("waiting", BACKGROUND)
    assert turns.interrupts(running, at_least=QUESTION)
    assert turns.take(at_least=QUESTION) is None
    assert (turns.ready(QUESTION), turns.ready()) == (False, True)


def test_who_was_passed_over_often_gets_a_slice_that_nobody_interrupts() -> None:
    turns: Turns[str] = Turns()
    turns.add("patient", BACKGROUND)
    for _ in range(MOST_PASSED_OVER):
        turns.add("question", QUESTION)
        assert _taken(turns).work == "question"
    turns.add("question", QUESTION)
    patient = _taken(turns)
    assert patient.work == "patient"
    assert not turns.interrupts(patient)
    for _ in range(SLICE_STEPS):
        patient.step()
    assert turns.interrupts(patient)


@given(st.lists(st.sampled_from([QUESTION, ALERT]), min_size=1, max_size=60))
def test_background_work_never_waits_for_more_than_a_few_others(comers: list[Priority]) -> None:
    turns: Turns[int] = Turns()
    turns.add(-1, BACKGROUND)
    served: list[int] = []
    for n, priority in enumerate(comers):
        turns.add(n, priority)
        turn = turns.take()
        assert turn is not None
        served.append(turn.work)
    assert -1 in served[: MOST_PASSED_OVER + 1] or len(comers) <= MOST_PASSED_OVER


def test_what_nobody_wants_any_more_is_dropped() -> None:
    turns: Turns[str] = Turns()
    for work in ("a", "b", "c"):
        turns.add(work, BACKGROUND)
    assert turns.drop(lambda work: work != "b") == ["a", "c"]
    assert [turn.work for turn in turns] == ["b"]
    assert len(turns) == 1
