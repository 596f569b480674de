"""Effort grows with the items to decide about and the people to talk to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.findings import Effort, OpenWork
from galaxy_desktop.recommend.effort import effort_of, to_agree, to_announce


def _works(*owners: str) -> list[OpenWork]:
    """One item for each owner."""
    return [OpenWork(item_id=f"i{n}", age_days=None, owners=(owner,)) for n, owner in enumerate(owners)]


def test_one_item_of_one_person_is_minutes_and_seven_of_four_are_hours() -> None:
    works = _works(*"aaaabcd")
    assert effort_of(to_agree(["i0"], works)) is Effort.SMALL
    assert effort_of(to_agree([w.item_id for w in works], works)) is Effort.MEDIUM


def test_twenty_items_of_six_people_are_days() -> None:
    works = _works(*"abcdef" * 4)[:20]
    assert effort_of(to_agree([w.item_id for w in works], works)) is Effort.LARGE


def test_news_to_a_large_team_takes_longer() -> None:
    assert effort_of(to_announce(_works("a", "b"))) is Effort.SMALL
    assert effort_of(to_announce(_works(*"abcdef"))) is Effort.MEDIUM


@given(st.lists(st.sampled_from("abcd"), min_size=2, max_size=12))
def test_one_more_item_never_makes_it_less(owners: list[str]) -> None:
    works = _works(*owners)
    ids = [w.item_id for w in works]
    assert to_agree(ids[:-1], works) < to_agree(ids, works)
