"""Questions to a forecast are answered under the same random numbers, in a sentence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from galaxy_desktop.assess.forecast import simulate
from galaxy_desktop.assess.simulation import simulate_runs
from galaxy_desktop.assess.what_if import (
    Drop,
    Green,
    MoveEnd,
    Question,
    Reviewed,
    Slip,
    Split,
    Unblock,
    applied,
    what_if,
)
from galaxy_desktop.domain.calendar import day_in_words
from galaxy_desktop.domain.findings import ForecastInputs

ONE, TWO, THREE = (f"issue:o/r#{n}" for n in (1, 2, 3))


def _inputs(make: Any) -> ForecastInputs:
    found: ForecastInputs = make.inputs(
        open=(
            make.open(1, age_days=9.0, waiting_for_review_days=4.0, red=True),
            make.open(2, blocked_by=(ONE,)),
            make.open(3),
            make.open(4),
        ),
        due_on=make.today + timedelta(days=12),
    )
    return found


def test_an_item_that_slips_is_done_that_many_working_days_later_and_so_is_what_waits_for_it(make: Any) -> None:
    inputs = _inputs(make)
    slipped = applied(inputs, Slip(ONE, 2))
    one, other = simulate_runs(inputs).items, simulate_runs(slipped).items
    assert one is not None
    assert other is not None
    first, second = one.ids.index(ONE), one.ids.index(TWO)
    later = other.finish[first] - one.finish[first]
    assert np.all(later[one.finish[first] < 700] >= 2)
    assert float(np.median(later)) in (2.0, 4.0)
    assert np.all(other.finish[second] >= one.finish[second])


def test_a_slip_costs_something_and_a_longer_one_costs_no_less(make: Any) -> None:
    changes = [what_if(_inputs(make), Slip(ONE, days), simulate).change or 0.0 for days in (0, 2, 8)]
    assert changes[0] == 0.0
    assert changes[0] > changes[1] >= changes[2]


def test_even_an_item_that_nobody_has_started_can_slip(make: Any) -> None:
    answer = what_if(make.inputs(8), Slip(THREE, 5), simulate)
    assert answer.change is not None
    assert answer.change < -0.02


@pytest.mark.parametrize(
    "question", [Drop((THREE,)), MoveEnd(date.max), Unblock(ONE), Unblock(ONE, TWO), Reviewed(ONE), Green(ONE), Split(ONE)]
)  # fmt: skip
def test_help_never_costs_anything_and_most_of_it_gains(make: Any, question: Question) -> None:
    asked = MoveEnd(make.today + timedelta(days=20)) if isinstance(question, MoveEnd) else question
    answer = what_if(_inputs(make), asked, simulate)
    assert answer.change is not None
    assert answer.change >= 0.0
    assert answer.change > 0.0 or isinstance(question, Drop | Split)
    assert answer.change == pytest.approx((answer.after.probability or 0) - (answer.before.probability or 0), abs=1e-4)


def test_the_answer_is_a_sentence_with_number_change_and_date(make: Any) -> None:
    answer = what_if(_inputs(make), Slip(ONE, 2), simulate)
    assert answer.words.startswith("If o/r#1 slips 2 working days, the sprint lands with ")
    assert "less than now" in answer.words
    assert answer.p85 is not None
    assert day_in_words(answer.p85, answer.before.as_of.date()) in answer.words


def test_without_a_probability_the_sentence_says_why(make: Any) -> None:
    assert "no probability to give (all done)" in what_if(make.inputs(1), Drop((ONE,)), simulate).words


@pytest.mark.parametrize(
    ("question", "said"),
    [(Slip("issue:o/r#99", 2), "o/r#99 is not an open item"), (Slip(ONE, -1), "cannot slip by -1 days")],
)
def test_a_question_about_nothing_is_refused(make: Any, question: Question, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        what_if(_inputs(make), question, simulate)
