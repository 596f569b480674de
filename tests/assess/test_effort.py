"""What kind and size do to durations is learned from the team's own finished items, and slowly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.assess.effort import BOUNDS, factor_of, in_words, learned, size_of
from galaxy_desktop.domain.facts import FinishedWork
from galaxy_desktop.domain.findings import OpenWork


def _done(days: float, kind: str = "pr", count: int = 1, **more: int) -> list[FinishedWork]:
    return [FinishedWork(days=days, kind=kind, **more)] * count


def _pull(lines: int | None = None) -> OpenWork:
    return OpenWork(item_id="pr:o/r#1", age_days=1.0, lines=lines)


def test_without_a_past_every_item_is_usual() -> None:
    assert learned([]) == ()
    assert factor_of(_pull(900), ()) == 1.0


def test_kinds_that_took_longer_are_expected_to() -> None:
    factors = learned([*_done(1.0, count=40), *_done(9.0, "issue", 40)])
    issue = OpenWork(item_id="issue:o/r#1", age_days=1.0)
    assert factor_of(_pull(), factors) < 0.5
    assert factor_of(issue, factors) > 2.0


def test_large_pull_requests_are_judged_by_what_large_ones_took() -> None:
    factors = learned([*_done(1.0, count=30, lines=10), *_done(6.0, count=30, lines=900)])
    assert factor_of(_pull(900), factors) > 1.3
    assert factor_of(_pull(10), factors) < 0.8
    assert factor_of(_pull(None), factors) == pytest.approx(1.0, abs=0.01)


def test_one_long_item_proves_nothing() -> None:
    factors = learned([*_done(2.0, count=30), *_done(60.0, "issue", 1)])
    assert factor_of(OpenWork(item_id="issue:o/r#1", age_days=None), factors) < 1.4


@given(
    st.lists(
        st.builds(FinishedWork, days=st.floats(0, 900), kind=st.sampled_from(("issue", "pr")), boxes=st.integers(0, 9)),
        max_size=30,
    )
)
def test_factors_stay_within_bounds_and_do_not_depend_on_the_order(past: list[FinishedWork]) -> None:
    factors = learned(past)
    assert all(BOUNDS[0] - 0.01 <= one.factor <= BOUNDS[1] for one in factors)
    assert [(f.kind, f.size, f.seen) for f in learned(past[::-1])] == [(f.kind, f.size, f.seen) for f in factors]


def test_sizes_are_lines_of_pull_requests_and_boxes_of_issues() -> None:
    assert [size_of("pr", lines, 0) for lines in (None, 50, 51, 401)] == ["", "small", "medium", "large"]
    assert [size_of("issue", None, boxes) for boxes in (0, 1, 6)] == ["", "medium", "large"]


def test_the_formula_publishes_the_factors_that_say_something() -> None:
    words = in_words(learned([*_done(1.0, count=40), *_done(9.0, "issue", 40)]))
    assert "issues x" in words
    assert "(40 seen)" in words
