"""Numbers in words, and claims that open their formula and evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.findings import NoForecast
from galaxy_desktop.explain.claims import claims_of, of_recommendation, of_risk
from galaxy_desktop.explain.words import counted, day_in_words, joined, odds, percent, sentence


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.62, "5 in 8"),
        (0.5, "1 in 2"),
        (0.05, "1 in 20"),
        (0.95, "19 in 20"),
        (0.33, "1 in 3"),
        (0.9, "9 in 10"),
        (0.07, "1 in 14"),
    ],
)
def test_odds_are_simple_and_close(share: float, words: str) -> None:
    assert odds(share) == words


@settings(deadline=None, max_examples=80)
@given(st.floats(0.05, 0.95))
def test_odds_never_say_never_or_always_and_stay_close(share: float) -> None:
    number, parts = (int(word) for word in odds(share).split(" in "))
    assert 0 < number < parts <= 20
    assert number / parts == pytest.approx(share, abs=0.05)


def test_days_are_named_in_english_with_the_year_when_it_is_another() -> None:
    assert day_in_words(date(2026, 5, 15), date(2026, 5, 6)) == "Friday 15 May"
    assert day_in_words(date(2027, 1, 1), date(2026, 5, 6)) == "Friday 1 January 2027"


def test_small_words() -> None:
    assert (percent(0.624), counted(1, "item"), counted(0, "item")) == ("62 %", "1 item", "0 items")
    assert (joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"])) == ("a", "a and b", "a, b and c")
    assert (sentence("Done"), sentence("Done.")) == ("Done.", "Done.")


def test_every_claim_has_a_formula_and_evidence(make: Any) -> None:
    case = make.case(risks=(make.risk(3),), actions=(make.action(),))
    claims = claims_of(case.analysis(), case.snapshot)
    assert {c.topic for c in claims} == {"forecast", "baseline", "health", "risk", "recommendation", "feature"}
    assert all(c.text and c.formula and c.evidence for c in claims)


def test_the_claim_of_the_forecast_is_the_number_shown(make: Any) -> None:
    case = make.case()
    claim = claims_of(case.analysis(), case.snapshot)[0]
    assert (claim.text, claim.formula) == ("62 % likely to land in time", case.forecast.formula)
    assert claim.evidence[0].id == "milestone:o/r#1"


def test_without_a_number_the_claim_says_why(make: Any) -> None:
    case = make.case().without_number(NoForecast.NO_END)
    assert claims_of(case.analysis(), case.snapshot)[0].text == "no probability: no end date"


def test_a_feature_without_data_claims_nothing(make: Any) -> None:
    texts = [c.text for c in claims_of(make.case().analysis(), make.case().snapshot) if c.topic == "feature"]
    assert texts == ["done_share = 0.4 share (now)"]


def test_a_gain_is_claimed_with_its_interval(make: Any) -> None:
    claim = of_recommendation(make.action())
    assert claim.formula == (
        "change in P = +0.0900, simulated with the same random numbers; 90 % interval +0.0700 to +0.1100 over redrawn histories"
    )
    assert "not simulated" in of_recommendation(make.action(None)).formula


def test_a_risk_claims_its_severity_and_impact(make: Any) -> None:
    assert of_risk(make.risk(3)).formula == "severity high, probability 50 %: It waits."


def test_parts_of_health_without_data_are_claimed_as_such(make: Any) -> None:
    case = make.case()
    claims = [c for c in claims_of(case.analysis(), case.snapshot) if c.topic == "health"]
    assert claims[0].formula == "0.50 x 62 (progress) + 0.50 x 40 (reviews), at most the forecast's cap"
    assert claims[-1].formula == "no data"


def test_without_a_stored_milestone_a_claim_rests_on_our_own_number(make: Any) -> None:
    case = make.case()
    claims = claims_of(case.analysis(), replace(case.snapshot, milestones=()))
    assert claims[0].evidence[0].id == "feature:sprint-11/progress"
