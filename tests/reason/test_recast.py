"""Sentences that join what is alike are told apart before they are read, and what does not fit is not read at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from galaxy_desktop.domain.findings import Effort, Recommendation, Risk, Sentence, Severity
from galaxy_desktop.reason import sheet
from galaxy_desktop.reason.ground import check
from galaxy_desktop.reason.reading import tidied
from galaxy_desktop.reason.slots import spell

TODAY = date(2026, 5, 6)
PULL, ISSUE, THIRD, GOAL = "pr:o/r#7", "issue:o/r#12", "issue:o/r#15", "milestone:o/r#3"
FACTS = {
    PULL: ["o/r#7 has been waiting for a review for 9 days", "reviewing o/r#7 would raise the probability by 9 percentage points"],
    ISSUE: ["o/r#12 has been idle for 4 days", "o/r#12 has no owner", "o/r#12 waits for o/r#15"],
    THIRD: ["o/r#15 has been idle for 4 days", "o/r#15 has no owner", "dropping or moving o/r#15 would raise the probability by 4 percentage points"],
    GOAL: [],
}  # fmt: skip
TABLE = [
    "12 of 20 items are done", "the sprint is due 2026-05-13", "the probability that the sprint lands in time is 62 %",
    "moving the end of the sprint would raise the probability by 20 percentage points",
    "the forecast has no probability: there is too little history", "60 % of past sprints were closed in time",
    "the health of flow is 40 of 100", "the health of scope is 40 of 100", "the health of mood is 70 of 100",
]  # fmt: skip


def _kept(text: str, *cites: str) -> bool:
    return bool(check([Sentence(text, cites or (GOAL,))], FACTS, TABLE, today=TODAY).kept)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Two items, #7 and #12, are idle.", "§i0 and §i1 are idle"),
        ("Two items are idle: #7 and #12.", "§i0 and §i1 are idle"),
        ("The two items without an owner are #7 and #12.", "§i0 and §i1 have no owner"),
        ("#7 and #12 are 30 % and 20 % late, respectively.", "§i0 are §p0 late and §i1 are §p1 late"),
        ("Two items are idle: #7 for 6 days and #12 for 2 days.", "§i0 are idle for §c1 days and §i1 are idle for §c2 days"),
        ("The probability would rise by 9 points if #7 were reviewed.", "the probability would rise by §t0 by reviewing §i0"),
        ("The only issue waiting for a review is #7.", "§i0 is waiting for a review"),
        ("#7 and #12 have all been idle.", "§i0 and §i1 have been idle"),
    ],
)  # fmt: skip
def test_what_is_joined_is_written_one_after_the_other(text: str, plain: str) -> None:
    assert tidied(spell(text)).text.strip(" .") == plain


@pytest.mark.parametrize(
    "text",
    [
        "Three items, #7 and #12, are idle.",
        "Two pull requests, issue #7 and #12, are idle.",
        "Two items, #7 and #7, are idle.",
        "#7 and #12 are 30 %, 20 % and 10 % late, respectively.",
    ],
)
def test_what_does_not_fit_stays_as_it_is(text: str) -> None:
    spelled = spell(text)
    assert tidied(spelled).text == spelled.text


def test_a_list_is_kept_when_each_of_it_is_true_and_no_other_is_left_out() -> None:
    assert _kept("Two items, #12 and #15, have been idle for 4 days.", ISSUE, THIRD)
    assert _kept("Two items have no owner: #12 and #15.", ISSUE, THIRD)
    assert not _kept("One item has no owner: #12.", ISSUE)
    assert not _kept("Two items have no owner: #12 and #7.", ISSUE, PULL)
    assert not _kept("Two pull requests, #12 and #15, have been idle for 4 days.", ISSUE, THIRD)


def test_a_gap_is_filled_from_the_words_directly_before_it() -> None:
    assert _kept("#12 has been idle for 4 days, and #15 for 4 days.", ISSUE, THIRD)
    assert not _kept("#12 has been idle for 4 days, and #7 for 9 days.", ISSUE, PULL)
    assert not _kept("#12 has no owner, and #15 for 4 days.", ISSUE, THIRD)
    assert _kept("Flow is at 40 of 100, and flow and scope are both at 40 of 100.")
    assert not _kept("Flow, scope and mood are all at 40 of 100.")


def test_actions_are_compared_by_the_points_that_each_would_bring() -> None:
    both = (PULL, THIRD)
    assert _kept("Reviewing #7 would raise the probability by 9 points, more than dropping or moving #15 would.", *both)
    assert not _kept(
        "Reviewing #7 would raise the probability by 9 points, less than dropping or moving #15 would.", *both
    )
    assert _kept("The probability would rise from 62 % to 82 % if the end of the sprint were moved.")
    assert not _kept("The probability would rise from 62 % to 80 % if the end of the sprint were moved.")
    assert not _kept("Reviewing #7 and moving the end would raise the probability by 29 points.", PULL)


def test_a_reason_is_told_only_where_code_has_it() -> None:
    assert _kept("There is no forecast because there is too little history.")
    assert not _kept("There is too little history because there is no forecast.")
    assert not _kept("#12 has been idle for 4 days because it has no owner.", ISSUE)
    assert not _kept("#12 has been idle for 4 days because it waits for #15.", ISSUE)


def test_two_numbers_of_a_sentence_are_compared_and_both_must_be_true() -> None:
    assert _kept("60 % of past sprints were closed in time, which is lower than the 62 % probability of this one.")
    assert not _kept("60 % of past sprints were closed in time, which is higher than the 62 % probability of this one.")
    assert not _kept("60 % of past sprints were closed in time, which is lower than the 70 % probability of this one.")


def test_a_sentence_that_is_read_and_does_not_follow_gets_no_second_look() -> None:
    facts = {
        ISSUE: ["o/r#12 is blocked by 1 item", "o/r#12 is blocked by o/r#15"],
        THIRD: ["o/r#15 is blocked by o/r#7"],
    }
    sentence = Sentence("One item is blocked: #12.", (ISSUE,))
    assert check([sentence], facts, today=TODAY).kept == ()


@pytest.mark.parametrize(("percent", "word"), [(66, "likely"), (33, "unlikely")])
def test_likely_and_unlikely_need_the_chance_for_it(percent: int, word: str) -> None:
    def kept(chance: int) -> bool:
        table = [f"the probability that the sprint lands in time is {chance} %"]
        return bool(check([Sentence(f"The sprint is {word} to land in time.", (GOAL,))], {GOAL: []}, table).kept)

    assert kept(percent)
    assert not kept(percent + (-1 if word == "likely" else 1))


def test_another_sprint_is_not_this_one() -> None:
    facts = {GOAL: ["the sprint is 10 % likely to land by Tuesday 12 May, about 1 in 10"]}

    def kept(name: str) -> bool:
        names = {"Sprint 9": (GOAL,)}
        sentence = Sentence(f"{name} is 10 % likely to land by Tuesday, May 12.", (GOAL,))
        return bool(check([sentence], facts, names=names, today=TODAY).kept)

    assert kept("Sprint 9")
    assert not kept("Sprint 1")


# --- the facts themselves


def test_the_facts_say_the_sprint_for_its_name_and_which_item_holds_up_the_others(bench: SimpleNamespace) -> None:
    risk = Risk(
        id="r", kind="blocked_chain", severity=Severity.HIGH, probability=0.5, impact="", evidence=(),
        summary="o/r#7 holds up 2 items: o/r#12, o/r#15; Sprint 9 waits.", item_ids=(PULL, ISSUE, THIRD),
    )  # fmt: skip
    told = sheet.of_risks([risk], (), ("Sprint 9",))["context"][ISSUE]
    assert told[:2] == [
        "o/r#7 holds up 2 items: o/r#12, o/r#15; the sprint waits.",
        "o/r#7: the risk blocked chain is high",
    ]
    action = Recommendation(
        id="a", kind="unblock", summary="", item_ids=(PULL, ISSUE), delta_probability=0.17, interval=None,
        effort=Effort.SMALL, evidence=(),
    )  # fmt: skip
    assert sheet.of_recommendations([action])["context"][PULL][0].startswith("unblocking o/r#12 would raise")
    late = replace(bench.analysis.features, added_since_start=(ISSUE,))
    assert "o/r#12 came in after the start" in sheet.of_features(late)["context"][ISSUE]
