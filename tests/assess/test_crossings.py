"""A falling probability is news once per band, and again after it had clearly recovered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.assess.crossings import MARGIN, Crossing, crossing

START = datetime(2026, 5, 4, 9, tzinfo=UTC)
BANDS = (0.3, 0.5, 0.7)
COURSES = st.lists(st.integers(5, 95).map(lambda n: n / 100), min_size=1, max_size=30)


def _course(*values: float) -> list[tuple[datetime, float]]:
    return [(START + timedelta(hours=n), p) for n, p in enumerate(values)]


def _news(*values: float) -> list[tuple[float, int]]:
    """Every different piece of news of a course, in order."""
    told: list[tuple[float, int]] = []
    for n in range(1, len(values) + 1):
        found = crossing(_course(*values[:n]), BANDS)
        if found is not None and (found.band, found.earlier) not in told:
            told.append((found.band, found.earlier))
    return told


@pytest.mark.parametrize(
    ("course", "news"),
    [
        ((0.8,), []),
        ((0.70,), []),
        ((0.69,), [(0.7, 0)]),
        ((0.8, 0.45), [(0.5, 0)]),
        ((0.8, 0.65, 0.45, 0.25), [(0.7, 0), (0.5, 0), (0.3, 0)]),
        ((0.45, 0.52, 0.48, 0.54, 0.46), [(0.5, 0)]),
        ((0.45, 0.56, 0.45), [(0.5, 0), (0.5, 1)]),
        ((0.25, 0.45), [(0.3, 0)]),
        ((0.25, 0.45, 0.25), [(0.3, 0), (0.3, 1)]),
        ((0.65, 0.8, 0.65, 0.8, 0.65), [(0.7, 0), (0.7, 1), (0.7, 2)]),
    ],
)
def test_what_is_news_in_a_course(course: tuple[float, ...], news: list[tuple[float, int]]) -> None:
    assert _news(*course) == news


def test_the_probability_ahead_of_the_fall_is_told() -> None:
    assert crossing(_course(0.71, 0.58), BANDS) == Crossing(0.7, 0, 0.71)


def test_it_stays_the_same_news_until_the_probability_recovers() -> None:
    assert crossing(_course(0.8, 0.45, 0.46, 0.44), BANDS) == crossing(_course(0.8, 0.45), BANDS)


@given(COURSES)
def test_between_two_pieces_of_news_of_a_band_it_recovered(course: list[float]) -> None:
    for band in BANDS:
        falls = sum(b == band for b, _ in _news(*course))
        recoveries = sum(p >= band + MARGIN for p in course)
        assert falls <= recoveries + 1


@given(COURSES)
def test_nothing_is_news_while_it_rises(course: list[float]) -> None:
    rising = sorted(course)
    assert len(_news(*rising)) <= 1


@given(COURSES)
def test_what_was_told_is_below_its_band_now(course: list[float]) -> None:
    found = crossing(_course(*course), BANDS)
    assert found is None or course[-1] < found.band
