"""What a user reads in facts mode, word for word."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.evidence import EVIDENCE_ID
from galaxy_desktop.domain.facts import Ending
from galaxy_desktop.domain.findings import Completion, NoForecast


def test_the_headline_says_percent_odds_and_how_much_is_known(make: Any) -> None:
    assert make.case().texts()[0] == (
        "Sprint 0.7 is 62 % likely to land by Friday 15 May, about 5 in 8, judged from 34 active days with 71 completions; "
        "2 of 5 items done."
    )


@pytest.mark.parametrize(
    ("p", "words"), [(0.05, "at most 5 % likely"), (0.95, "at least 95 % likely"), (0.5, "is 50 % likely")]
)
def test_a_clamped_number_is_said_to_be_a_bound(make: Any, p: float, words: str) -> None:
    case = make.case()
    assert words in replace(case, forecast=replace(case.forecast, probability=p)).texts()[0]


def test_the_dates_follow(make: Any) -> None:
    assert make.case().texts()[1] == "Half of 10,000 simulated runs land by Wednesday 13 May, 85 % by Wednesday 20 May."


def test_of_a_sprint_that_is_over_it_is_said_whether_it_landed(make: Any) -> None:
    case = make.case()
    closed = replace(case.forecast, probability=None, why_none=NoForecast.CLOSED)
    for left, said in (
        (2, "It missed its end, Friday 1 May: 2 of 5 items were open when it was over."),
        (0, "It landed: "),
    ):
        ending = Ending(due_on=date(2026, 5, 1), total=5, left=left)
        over = replace(case, forecast=closed, features=replace(case.features, ended=ending))
        assert over.texts()[1].startswith(said)


def test_every_sentence_stands_on_evidence(make: Any) -> None:
    case = make.case(risks=tuple(make.risk(n) for n in (3, 4, 5)), actions=(make.action(),), added=("issue:o/r#3",))
    for sentence in case.explain().sentences:
        assert sentence.evidence
        assert all(EVIDENCE_ID.match(one) for one in sentence.evidence)


def test_there_are_between_four_and_eight_sentences(make: Any) -> None:
    full = make.case(
        risks=tuple(make.risk(n) for n in (3, 4, 5)), actions=(make.action(),), added=("issue:o/r#3",),
        sprint={"due_history": (date(2026, 4, 19), date(2026, 5, 15))},
    )  # fmt: skip
    assert 4 <= len(make.case().texts()) <= len(full.texts()) == 8


def test_the_two_worst_risks_are_told_and_the_rest_counted(make: Any) -> None:
    texts = make.case(risks=(*(make.risk(n) for n in (3, 4, 5)), make.risk(5, "no_owner"))).texts()
    assert texts[3:6] == [
        "o/r#3 has been waiting for a review for 5 days.",
        "o/r#4 has been waiting for a review for 5 days.",
        "2 more risks are listed: stale review and no owner.",
    ]


def test_the_best_action_is_told_with_its_gain(make: Any) -> None:
    assert (
        "What helps most: Review o/r#1: it has been waiting for 5 days. "
        "It would add 9 points to the probability (90 % interval 7 to 11)."
    ) in make.case(actions=(make.action(),)).texts()


def test_an_action_without_a_gain_promises_none(make: Any) -> None:
    told = "Review o/r#1: it has been waiting for 5 days."
    case = make.case(actions=(make.action(None),))
    assert f"Still open, and not simulated: {told}" in case.texts()
    assert f"What helps most: {told}" in case.without_number(NoForecast.END_PASSED).texts()


def test_a_moved_due_date_is_told_as_history(make: Any) -> None:
    days = (date(2026, 4, 1), date(2026, 4, 19), date(2026, 7, 17))
    once, twice = (make.case(sprint={"due_history": h}).texts() for h in (days[1:], days))
    assert "The due date moved from Sunday 19 April to Friday 17 July." in once
    assert "The due date moved from Sunday 19 April to Friday 17 July, after 1 earlier move." in twice


def test_changes_of_scope_are_told(make: Any) -> None:
    texts = make.case(added=("issue:o/r#3", "issue:o/r#4"), removed=("issue:o/r#9",)).texts()
    assert "Since the start: 2 items added and 1 item taken out." in texts


def test_the_baselines_stand_beside_the_number(make: Any) -> None:
    assert make.case().texts()[2] == (
        "To compare: 75 % of past sprints were closed in time and a straight burn line stands at 80 %."
    )


def test_health_names_its_lowest_part_that_has_data(make: Any) -> None:
    assert "Health is 61.5 of 100 (Observe); its lowest part is reviews with 40." in make.case().texts()


# --- without a number


def test_an_overdue_sprint_says_since_when(make: Any) -> None:
    case = make.case(sprint={"due_on": date(2026, 5, 1)}).without_number(NoForecast.END_PASSED)
    assert case.texts()[0] == "Sprint 0.7 was due on Friday 1 May, 5 days ago, and 3 items are open; 2 of 5 items done."


def test_a_sprint_without_an_end_says_why_there_is_no_number(make: Any) -> None:
    case = make.case(sprint={"due_on": None}).without_number(NoForecast.NO_END)
    assert case.texts()[0] == (
        "Sprint 0.7 has no due date, so there is no probability of landing in time; 2 of 5 items done."
    )


def test_too_little_history_says_what_is_missing(make: Any) -> None:
    missing = "A forecast needs 10 completed items in the last 60 days (so far 4)."
    case = make.case().without_number(NoForecast.TOO_LITTLE_HISTORY, missing=missing, completion=None)
    assert case.texts()[:2] == ["There is no probability for Sprint 0.7 yet; 2 of 5 items done.", missing]


def test_a_closed_sprint_says_when_it_closed(make: Any) -> None:
    closed = {"closed_at": datetime(2025, 12, 31, 12, tzinfo=UTC)}
    case = make.case(sprint=closed).without_number(NoForecast.CLOSED, completion=None)
    assert case.texts()[0] == "Sprint 0.7 was closed on Wednesday 31 December 2025 with 2 of 5 items done."


def test_a_finished_sprint_says_so(make: Any) -> None:
    case = make.case().without_number(NoForecast.ALL_DONE, completion=None)
    assert case.texts()[0] == "Everything in Sprint 0.7 is done: 2 of 5 items done."


@pytest.mark.parametrize(
    ("half", "words"),
    [(200, "but more than one in seven takes longer"), (1_090, "most of 10,000 simulated runs take longer")],
)
def test_dates_years_away_are_not_given_to_the_day(make: Any, half: int, words: str) -> None:
    end = make.today + timedelta(days=1_095)
    case = make.case()
    days = Completion(p50=make.today + timedelta(days=half), p70=end, p85=end, p95=end)
    assert words in replace(case, forecast=replace(case.forecast, completion=days)).texts()[1]


# --- the same again


def test_the_text_does_not_depend_on_when_it_was_asked_or_observed(make: Any) -> None:
    case = make.case(risks=(make.risk(3),))
    assert case.explain() == replace(case, now=case.now + timedelta(hours=5)).explain()


def test_no_text_holds_a_time_of_day(make: Any) -> None:
    case = make.case(risks=tuple(make.risk(n) for n in (3, 4, 5)), actions=(make.action(),))
    assert not any(re.search(r"\d\d:\d\d", text) for text in case.texts())


def test_a_sprint_whose_title_says_sprint_is_not_called_sprint_twice(make: Any) -> None:
    assert make.case(sprint={"title": "Sprint 27"}).texts()[0].startswith("Sprint 27 is 62 %")


def test_no_number_stands_without_its_baselines_however_much_there_is_to_tell(make: Any) -> None:
    risks = [make.risk(n, kind) for n, kind in enumerate(("stale_review", "no_owner", "silent_item", "stuck_item"), 3)]
    texts = make.case(risks=tuple(risks)).texts()
    assert any(text.startswith("To compare:") for text in texts)


def test_where_every_part_is_full_none_is_called_the_lowest(make: Any) -> None:
    case = make.case()
    parts = tuple(replace(part, score=100.0) for part in case.health.parts)
    told = replace(case, health=replace(case.health, score=100.0, parts=parts)).texts()
    assert "Health is 100 of 100 (Observe); no part falls short." in told
