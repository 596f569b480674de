"""Precision: golden numbers, the shipped figures, and how the user's own past earns or loses a rule its alerts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.assess import precision
from galaxy_desktop.assess.risk_rules import KINDS
from galaxy_desktop.domain.past_sprints import Precision, RuleFiring, Stretch

SHIPPED = Path(__file__).parents[2] / "resources" / "rule_precision.json"


def stretch(key: str, *firings: tuple[str, bool, float | None], landed: bool | None = None) -> Stretch:
    made = tuple(RuleFiring(kind=kind, bad=bad, base=base) for kind, bad, base in firings)
    return Stretch(key=key, digest="", ended_on=date(2026, 5, 1), firings=made, landed=landed)


def figure(kind: str, stretches: list[Stretch]) -> Precision:
    return next(one for one in precision.measured(stretches) if one.kind == kind)


def rule(fired: int, right: int, kind: str = "red_build") -> Precision:
    return Precision(kind=kind, fired=fired, right=right, share=right / fired if fired else None)


def test_wilsons_interval_of_eight_in_ten() -> None:
    # By hand: z = 1.645, (0.8 + 0.1353) / 1.2706 = 0.7361, 1.645 sqrt(0.016 + 0.00676) / 1.2706 = 0.1953.
    assert precision.wilson(8, 10) == pytest.approx((0.541, 0.931), abs=0.001)


def test_share_base_and_lift_by_hand() -> None:
    found = figure(
        "no_owner", [stretch("a", ("no_owner", True, 0.5), ("no_owner", True, 0.25), ("no_owner", False, None))]
    )
    assert (found.fired, found.right, found.share) == (3, 2, 0.6667)
    assert (found.base, found.lift) == (0.375, 2.667)  # only the two that have something to be compared with


def test_growth_is_compared_with_sprints_in_which_nothing_grew() -> None:
    past = [
        stretch("a", ("scope_growth", True, None), landed=False),
        stretch("b", landed=True),
        stretch("c", landed=False),
    ]
    assert (figure("scope_growth", past).base, figure("scope_growth", past).lift) == (0.5, 2.0)


def test_firings_of_one_sprint_are_not_independent() -> None:
    alone = [stretch(f"s{n}", ("no_owner", n % 2 == 0, None)) for n in range(40)]
    together = [stretch(f"s{n}", *[("no_owner", n % 2 == 0, None)] * 4) for n in range(10)]
    narrow, wide = figure("no_owner", alone), figure("no_owner", together)
    assert narrow.share == wide.share
    assert (wide.low or 0.0) < (narrow.low or 0.0) - 0.05


def test_a_rule_that_never_fired_has_no_figure() -> None:
    assert figure("overdue", []) == Precision(kind="overdue", fired=0, right=0)


def test_own_firings_are_added_to_at_most_twenty_shipped_ones() -> None:
    assert precision.here(rule(115, 100), rule(12, 2)) == pytest.approx((2 + 20 * 100 / 115) / 32)
    assert precision.here(rule(115, 100), None) == pytest.approx(100 / 115)


def test_nine_firings_are_not_measured_and_ten_are() -> None:
    assert precision.here(rule(0, 0), rule(9, 0)) is None
    assert precision.here(rule(0, 0), rule(10, 0)) == pytest.approx(1 / 12)
    assert precision.here(rule(4, 4), rule(6, 0)) == pytest.approx(5 / 12)


def test_a_rule_loses_its_alerts_here_and_earns_them_back() -> None:
    shipped = {"red_build": rule(50, 30)}
    assert precision.silenced(shipped, []) == frozenset()
    assert precision.silenced(shipped, [rule(12, 1)]) == {"red_build"}
    assert precision.silenced({"red_build": rule(50, 10)}, [rule(40, 36)]) == frozenset()


def test_a_rule_that_is_not_measured_keeps_its_alerts() -> None:
    assert precision.silenced({}, [rule(5, 0)]) == frozenset()


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_one_more_right_firing_never_lowers_the_figure(fired: int, right: int, own: int, own_right: int) -> None:
    shipped, mine = rule(fired, min(right, fired)), rule(own, min(own_right, own))
    before, after = precision.here(shipped, mine), precision.here(shipped, rule(own + 1, mine.right + 1))
    assert before is None or (after is not None and after >= before - 1e-12)


@given(st.integers(1, 400), st.data())
def test_the_interval_holds_the_share(fired: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, fired))
    low, high = precision.wilson(right, fired)
    assert 0 <= low <= right / fired + 1e-12
    assert right / fired - 1e-12 <= high <= 1


def test_the_file_says_what_was_written() -> None:
    figures = precision.measured([stretch("a", ("no_owner", True, 0.5))])
    text = precision.document(figures, {"date": "2026-05-01", "data": ["o/r"]})
    assert tuple(precision.of_document(text).values()) == figures


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", '{"format": "other"}', '{"format": "galaxy-rule-precision/1", "rules": {"overdue": {"fired": 1}}}'],
)
def test_a_damaged_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rules|figures"):
        precision.of_document(text)


def test_more_right_than_fired_is_out_of_range() -> None:
    text = precision.document([rule(1, 1)], {}).replace('"fired": 1', '"fired": 0')
    with pytest.raises(ValueError, match="out of range"):
        precision.of_document(text)


def test_words_tell_a_figure_and_that_there_is_none() -> None:
    assert precision.in_words(rule(115, 100)) == "87 % (n = 115)"
    assert precision.in_words(rule(3, 3)) == "not measured (n = 3)"
    assert precision.in_words(None) == "not measured (n = 0)"


def test_the_shipped_file_names_data_and_date_and_has_every_rule() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert tuple(precision.of_document(text)) == KINDS
    assert '"date": "2026-06-29"' in text
    assert '"data": ["bitcoin-core/gui"' in text
