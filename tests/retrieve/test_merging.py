"""Two lists become one by their ranks alone."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.retrieve.merging import merged

SEEN = datetime(2026, 5, 1, tzinfo=UTC)
LISTS = st.lists(st.lists(st.integers(0, 12), max_size=8), min_size=1, max_size=3)


def _evidence(*numbers: int, quote: str = "said") -> list[Evidence]:
    return [Evidence(f"issue:o/r#{number}", "issue", "https://x", quote, SEEN) for number in numbers]


def _numbers(found: tuple[Evidence, ...]) -> list[int]:
    return [int(one.id.rpartition("#")[2]) for one in found]


def test_what_both_lists_name_comes_before_what_one_names() -> None:
    assert _numbers(merged(_evidence(1, 2, 3), _evidence(4, 3))) == [3, 1, 4, 2]


def test_the_quote_is_that_of_the_first_list() -> None:
    assert merged(_evidence(1, quote="first"), _evidence(1, quote="second"))[0].quote == "first"


@given(LISTS)
def test_every_id_is_there_once(lists: list[list[int]]) -> None:
    found = _numbers(merged(*(_evidence(*numbers) for numbers in lists)))
    assert sorted(found) == sorted({number for numbers in lists for number in numbers})


@given(st.lists(st.integers(0, 12), unique=True))
def test_one_list_keeps_its_order(numbers: list[int]) -> None:
    assert _numbers(merged(_evidence(*numbers))) == numbers
