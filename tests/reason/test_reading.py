"""A sentence is read whole or not at all, and what was read is compared by arithmetic and the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.reason import sheet
from galaxy_desktop.reason.compound import SPRINT, Claim
from galaxy_desktop.reason.ground import check
from galaxy_desktop.reason.known import Known, facts_of
from galaxy_desktop.reason.reading import Reader
from galaxy_desktop.reason.references import Reference
from galaxy_desktop.reason.slots import Amount, Days, amount, days, span, spell

TODAY = date(2026, 5, 6)
GOAL, PULL, ISSUE = "milestone:o/r#3", "pr:o/r#7", "issue:o/r#12"


def _resolve(reference: Reference) -> str | None:
    return f"o/r#{reference.number}"


def _claims(text: str, today: date | None = TODAY) -> tuple[Claim, ...]:
    return next(Reader(spell(text), _resolve, today).readings(), ())


def _kinds(text: str) -> list[tuple[str, str]]:
    return [(claim.kind, claim.subject) for claim in _claims(text)]


def _kept(text: str, table: list[str], today: date | None = TODAY) -> bool:
    return bool(check([Sentence(text, (GOAL,))], {GOAL: []}, table, today=today).kept)


# --- who is spoken of


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("#7 blocks #12, which has been idle for 4 days.", [("blocks", "o/r#7"), ("idle", "o/r#12")]),
        ("#7 blocks #12 and has been idle for 4 days.", [("blocks", "o/r#7"), ("idle", "o/r#7")]),
        ("#7 has been idle for 4 days, blocking #12.", [("idle", "o/r#7"), ("blocks", "o/r#7")]),
        ("#7, opened by dana, was merged on 9 March.", [("author", "o/r#7"), ("merged", "o/r#7")]),
        ("#7 and #12 have been idle for 4 days.", [("idle", "o/r#7"), ("idle", "o/r#12")]),
        ("Since 2 May, #7 has been idle.", [("idle", "o/r#7")]),
        ("12 of 20 items are done, but 8 are open.", [("progress", SPRINT), ("open items", SPRINT)]),
        ("The sprint is due tomorrow and has 8 items left.", [("due", SPRINT), ("open items", SPRINT)]),
    ],
)
def test_who_a_part_is_about_follows_from_the_words_before_it(text: str, kinds: list[tuple[str, str]]) -> None:
    assert _kinds(text)[: len(kinds)] == kinds


@pytest.mark.parametrize(
    "text",
    [
        "It has been idle for 4 days.",
        "#7 blocks #12, and it has been idle for 4 days.",
        "#7 has been idle for 4 days because nobody looked.",
        "#7 has been idle for 4 days, so it is late.",
        "#7 has been idle for 4 days and has 12 of 20 items done.",
        "#7 blocks #7.",
        "#7 has been idle for 4 days on purpose.",
        "Reviewing #7 and #12 would raise the probability by 9 points.",
        "8 items are open, half of them late.",
        "",
    ],
)
def test_what_is_not_covered_word_by_word_is_not_read(text: str) -> None:
    assert _claims(text) == ()


def test_facts_of_a_sheet_are_read_by_the_same_grammar(bench: SimpleNamespace) -> None:
    a = bench.analysis
    whole = sheet.merged(sheet.of_sprint(a.sprint, a.done, a.open), sheet.of_features(a.features))
    for more in (sheet.of_forecast(a.forecast), sheet.of_health(a.health), sheet.of_risks(a.risks, ())):
        whole = sheet.merged(whole, more)
    unread = [line for line in whole["table"] if not _claims(line, None)]
    unread += [line for lines in whole["context"].values() for line in lines if not _claims(line, None)]
    assert unread == []


# --- numbers


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 100))
def test_a_share_is_believed_when_it_is_the_rounded_one(done: int, left: int, percent: int) -> None:
    total = done + left
    table = [f"{done} of {total} items are done"]
    exact = Fraction(100 * done, total)
    assert _kept(f"{percent} % of the items are done.", table) is (abs(exact - percent) <= Fraction(1, 2))
    assert _kept(f"More than {percent} % of the items are done.", table) is (exact > percent)
    assert _kept(f"At least {percent} % of the items are open.", table) is (100 - exact >= percent)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_counts_are_compared_by_arithmetic(done: int, left: int, other: int) -> None:
    table = [f"{done} of {done + left} items are done"] if done + left else ["the sprint has 0 items"]
    if not done + left:
        return
    assert _kept(f"{other} items are open.", table) is (other == left)
    assert _kept(f"Fewer than {other} items are open.", table) is (left < other)
    assert _kept(f"No more than {other} items are open.", table) is (left <= other)
    assert _kept("More items are done than open.", table) is (done > left)
    assert _kept("All items are done.", table) is (left == 0)
    assert _kept("None of the items is done.", table) is (done == 0)
    assert _kept("Most of the items are done.", table) is (done > left)


@given(st.integers(1, 60), st.integers(1, 12))
def test_lengths_of_time_are_compared_in_days(length: int, weeks: int) -> None:
    facts = {ISSUE: [f"o/r#12 has been idle for {length} days"]}

    def kept(words: str) -> bool:
        return bool(check([Sentence(f"Issue #12 has been idle for {words}.", (ISSUE,))], facts).kept)

    assert kept(f"{weeks} weeks") is (length == 7 * weeks)
    assert kept(f"more than {weeks} weeks") is (length > 7 * weeks)
    assert kept(f"less than {weeks} weeks") is (length < 7 * weeks)
    assert kept("more than a month") is (length > 31)


@pytest.mark.parametrize(
    ("words", "fact", "fits"),
    [
        ("about 60 %", 62, True),
        ("about 50 %", 62, False),
        ("just over 60 %", 62, True),
        ("just over 50 %", 62, False),
        ("nearly 64 %", 62, True),
        ("nearly 60 %", 62, False),
        ("only 62 %", 62, True),
        ("at most 62 %", 62, True),
        ("under 62 %", 62, False),
    ],
)
def test_a_limit_means_what_it_says(words: str, fact: int, fits: bool) -> None:
    spelled = spell(words)
    found = amount(spelled.text, spelled)
    assert found is not None
    assert found.fits(Fraction(fact)) is fits


def test_a_negative_number_and_a_bare_word_are_no_amount() -> None:
    for words in ("-3 items", "several items"):
        spelled = spell(words)
        assert amount(spelled.text, spelled) is None
    assert span("§c0 items", spell("3 items")) is None


def test_a_month_is_no_number_of_days() -> None:
    spelled = spell("a month")
    assert span(spelled.text, spelled) == Amount(Fraction(28), Fraction(31))


# --- days


@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.integers(0, 60), st.integers(0, 60))
def test_days_ahead_are_counted_from_today(today: date, away: int, said: int) -> None:
    table = [f"the sprint is due {(today + timedelta(days=away)).isoformat()}"]
    assert _kept(f"The sprint is due in {said} days.", table, today) is (said == away)
    assert _kept("The sprint is due tomorrow.", table, today) is (away == 1)
    assert _kept("The sprint is due today.", table, today) is (away == 0)
    assert not _kept("The sprint was due yesterday.", table, today)
    assert not _kept(f"The sprint is due in {away} days.", table, None)


@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.integers(1, 60))
def test_a_passed_end_is_counted_from_today_too(today: date, ago: int) -> None:
    table = [f"the sprint is due {(today - timedelta(days=ago)).isoformat()}", "3 of 4 items are done"]
    assert _kept(f"The sprint was due {ago} days ago.", table, today)
    assert not _kept(f"The sprint was due {ago + 1} days ago.", table, today)
    assert _kept("The sprint was due yesterday.", table, today) is (ago == 1)
    assert _kept("The sprint is overdue.", table, today)
    assert not _kept("The sprint is due tomorrow.", table, today)


@pytest.mark.parametrize(
    ("words", "back", "day"),
    [
        ("Friday", False, date(2026, 5, 8)),
        ("Friday", True, date(2026, 5, 1)),
        ("this Friday", False, date(2026, 5, 8)),
        ("this Monday", False, date(2026, 5, 4)),
        ("next Friday", False, date(2026, 5, 15)),
        ("next Monday", False, date(2026, 5, 11)),
        ("last Saturday", True, date(2026, 5, 2)),
        ("the coming Monday", False, date(2026, 5, 11)),
        ("next Wednesday", False, date(2026, 5, 13)),
        ("the day after tomorrow", False, date(2026, 5, 8)),
        ("3 days ago", True, date(2026, 5, 3)),
        ("in 2 weeks", False, date(2026, 5, 20)),
    ],
)
def test_words_for_days_mean_one_day(words: str, back: bool, day: date) -> None:
    spelled = spell(words)
    assert days(spelled.text, spelled, TODAY, back=back) == Days(spans=((day, day),))


def test_a_weekday_that_is_today_can_be_two_days_and_so_is_none() -> None:
    spelled = spell("Wednesday")
    assert not days(spelled.text, spelled, TODAY).fits(TODAY)


@pytest.mark.parametrize(
    ("words", "day", "fits"),
    [
        ("Wednesday, 13 May", date(2026, 5, 13), True),
        ("Tuesday, 13 May", date(2026, 5, 13), False),
        ("13 May", date(2026, 5, 13), True),
        ("June 2026", date(2026, 6, 13), True),
        ("next month", date(2026, 6, 30), True),
        ("next week", date(2026, 5, 10), False),
        ("this week", date(2026, 5, 10), True),
        ("8 May, 13 May", date(2026, 5, 13), False),
    ],
)
def test_a_day_fits_what_all_its_words_say(words: str, day: date, fits: bool) -> None:
    spelled = spell(words)
    assert days(spelled.text, spelled, TODAY).fits(day) is fits


# --- what follows


def test_facts_in_two_versions_are_not_reckoned_with() -> None:
    table = ["12 of 20 items are done", "13 of 20 items are done", "the sprint is due 2026-05-13"]
    assert not _kept("More items are done than open.", table)
    assert not _kept("All items are done.", table)


def test_nothing_follows_from_a_fact_that_limits_its_number() -> None:
    (claim,) = _claims("about 12 items are done")
    known = Known(facts_of([claim], TODAY), TODAY)
    assert not known.holds(claim)


def test_a_chance_with_a_day_is_none_without_it() -> None:
    table = ["the forecast has a probability of 85 % that the sprint will be done by 2026-05-20"]
    assert _kept("There is an 85 % chance of finishing by 20 May.", table)
    assert not _kept("There is an 85 % chance of finishing on time.", table)
