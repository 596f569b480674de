"""Similar past sprints: the nearest by hand, and an honest word where they tell nothing."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.assess import similar
from galaxy_desktop.assess.similar import NAMES
from galaxy_desktop.domain.past_sprints import CoursePoint, SimilarSprints, Stretch

TODAY = date(2026, 5, 6)


def point(done: float = 0.5, elapsed: float = 0.5) -> CoursePoint:
    return CoursePoint(elapsed=elapsed, values=(done, *[0.0] * (len(NAMES) - 1)))


def past(number: int, done: float, landed: bool, *, delivered: int = 8, elapsed: float = 0.5, **more: Any) -> Stretch:
    values = {
        "key": f"sprint-{number}", "digest": "", "ended_on": TODAY - timedelta(days=number), "landed": landed,
        "delivered": delivered, "committed": 10, "course": (point(done, elapsed),),
    }  # fmt: skip
    return Stretch(**{**values, **more})


def described(stretch: Stretch) -> similar.Description:
    return f"Title of {stretch.key}", 0, ()


def ask(stretches: list[Stretch], done: float = 0.5) -> SimilarSprints | None:
    return similar.similar(point(done), stretches, TODAY, described)


def test_the_three_nearest_are_shown_with_what_became_of_them() -> None:
    found = ask([past(n, done, landed=n < 3) for n, done in enumerate((0.1, 0.45, 0.52, 0.9, 0.6), start=1)])
    assert found is not None
    assert [one.sprint_id for one in found.sprints] == ["sprint-3", "sprint-2", "sprint-5"]
    assert next((one.landed, one.delivered_share, one.title) for one in found.sprints) == (
        False,
        0.8,
        "Title of sprint-3",
    )


def test_five_past_sprints_are_too_few_to_say_anything() -> None:
    found = ask([past(n, n / 10, landed=True) for n in range(1, 6)])
    assert found is not None
    assert not found.adds
    assert found.sentence == "5 past sprints can be compared, too few to say whether that tells anything."


def test_without_any_past_there_is_nothing_to_show() -> None:
    assert ask([]) is None


def test_where_the_course_decides_the_nearest_tell_more_than_the_average() -> None:
    course = [0.1, 0.12, 0.14, 0.15, 0.17, 0.18, 0.8, 0.82, 0.85, 0.87, 0.9, 0.92]
    found = ask([past(n, done, landed=done > 0.5) for n, done in enumerate(course, start=1)], done=0.84)
    assert found is not None
    assert found.adds
    assert found.sentence.startswith("3 of the 3 past sprints most like this one landed; on 12 past sprints")
    assert (found.brier or 1.0) < (found.base_brier or 0.0)


def test_where_the_course_decides_nothing_that_is_said_in_words() -> None:
    found = ask([past(n, n / 10, landed=n % 2 == 0) for n in range(1, 10)])
    assert found is not None
    assert not found.adds
    assert found.sentence == "Similar sprints tell nothing more than the average here (n = 9)."


def test_leaving_one_out_by_hand() -> None:
    table = np.array([[0.0], [0.1], [0.2], [5.0]])
    near, plain = similar.leave_one_out(table, np.array([1.0, 1.0, 1.0, 0.0]), np.array([1.0, 1.0, 0.8, 0.4]))
    # Each time the other three are nearest and all: (landed + 1) / 5 both ways.
    expected = [(3 / 5 - 1) ** 2] * 3 + [(4 / 5) ** 2]
    assert near[0].tolist() == pytest.approx(expected)
    assert plain[0].tolist() == pytest.approx(expected)
    assert near[1].tolist() == pytest.approx([0.2, 0.2, 0.2, 0.6])


@pytest.mark.parametrize(
    "stretch",
    [
        past(1, 0.5, landed=True, elapsed=0.9),
        past(1, 0.5, landed=True, ended_on=TODAY),
        past(1, 0.5, landed=True, committed=0),
        past(1, 0.5, landed=True, key="window-1-2026-01-05"),
        past(1, 0.5, landed=True, course=()),
    ],
    ids=["another share of the time", "not over", "empty", "a window", "never seen"],
)
def test_what_cannot_be_compared_is_left_out(stretch: Stretch) -> None:
    assert ask([stretch]) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=12), st.randoms())
def test_the_order_of_the_past_does_not_matter(courses: list[tuple[float, bool]], dice: random.Random) -> None:
    stretches = [past(n, round(done, 2), landed) for n, (done, landed) in enumerate(courses, start=1)]
    mixed = list(stretches)
    dice.shuffle(mixed)
    one, other = ask(stretches), ask(mixed)
    assert one is not None
    assert other is not None
    assert [s.sprint_id for s in one.sprints] == [s.sprint_id for s in other.sprints]
    assert one.brier == pytest.approx(other.brier) if one.brier is not None else other.brier is None


def test_a_sprint_in_numbers_by_hand(make: Any) -> None:
    world = make.world(facts={1: {"age_days": 2.0}, 2: {"blocked_by": ("issue:o/r#1",)}}, added=("issue:o/r#3",))
    found = similar.point_of(world.sprint, world.features, world.snapshot, world.now)
    assert found is not None
    assert found.elapsed == pytest.approx(7 / 16.5, abs=0.001)  # from 29 April noon to the end of 15 May
    assert found.values[:5] == (0.6, 0.1, 0.1, 0.1, 0.0)
    assert found.values[6] == pytest.approx(np.log1p(16.5), abs=0.001)


@pytest.mark.parametrize("due", [None, timedelta(days=-3)])
def test_without_an_end_ahead_a_sprint_has_no_course(make: Any, due: timedelta | None) -> None:
    world = make.world(due_on=None if due is None else make.today + due)
    assert similar.point_of(world.sprint, world.features, world.snapshot, world.now) is None
