"""Numbers, days and names as they are shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.calendar import days_in_words
from galaxy_desktop.domain.findings import Completion, NoForecast
from galaxy_desktop.ui import words
from tests.ui.samples import forecast, recommendations

TODAY = date(2026, 5, 6)


def plain(text: str) -> str:
    """The text with ordinary spaces."""
    return text.replace(words.SPACE, " ")


@pytest.mark.parametrize(
    ("share", "said"), [(0.62, "62 %"), (0.05, "5 % or less"), (0.95, "95 % or more"), (0.5, "50 %")]
)
def test_a_probability_is_never_shown_as_certain(share: float, said: str) -> None:
    assert plain(words.probability(share)) == said


@given(st.floats(0.0, 1.0))
def test_no_probability_claims_0_or_100_percent(share: float) -> None:
    assert plain(words.probability(share)) not in ("0 %", "100 %")


def test_odds_are_those_of_the_explanation() -> None:
    assert words.odds(0.62) == "about 5 in 8"


@pytest.mark.parametrize("reason", list(NoForecast))
def test_without_a_number_the_reason_takes_its_place(reason: NoForecast) -> None:
    chance, _ = words.chance(forecast(None, reason))
    assert chance == words.WHY_NONE[reason]
    assert "%" not in chance


def test_a_closed_sprint_never_shows_a_probability() -> None:
    assert words.chance(forecast(None, NoForecast.CLOSED)) == ("Closed", "")


def test_dates_are_announced_where_they_are_all_there_is() -> None:
    shown = forecast(None, NoForecast.NO_END)
    assert isinstance(shown.completion, Completion)
    assert words.chance(shown)[1] == "likely dates inside"


def test_a_sprint_called_after_a_day_keeps_its_name() -> None:
    text = "2026-05-15 was due 2026-05-08."
    assert words.with_days(text, date(2026, 5, 6), "2026-05-15") == "2026-05-15 was due Fri 8 May."
    assert days_in_words(text, date(2026, 5, 6), "2026-05-15") == "2026-05-15 was due Friday 8 May."
    assert days_in_words("version 2026-99-99 of 1-2026-05-08", date(2026, 5, 6)) == "version 2026-99-99 of 1-2026-05-08"


@pytest.mark.parametrize(("delta", "said"), [(0.09, "+9 pts"), (0.01, "+1 pt"), (-0.04, "−4 pts"), (0.001, "±0 pts")])
def test_a_change_carries_its_sign(delta: float, said: str) -> None:
    assert plain(words.points(delta)) == said


def test_a_gain_has_its_give_or_take() -> None:
    assert plain(words.gain(recommendations()[0])) == "+9 pts (±2)"


def test_an_action_without_a_number_says_so() -> None:
    assert words.gain(recommendations()[-1]) == "No number"


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (9, "in 9 days"), (-7, "7 days ago")],
)
def test_days_are_told_from_today(days: int, said: str) -> None:
    assert plain(words.away(TODAY + timedelta(days=days), TODAY)) == said


def test_the_year_is_said_only_when_it_is_another_one() -> None:
    assert words.day(date(2026, 5, 8), TODAY) == "Fri 8 May"
    assert words.day(date(2027, 1, 1), TODAY) == "Fri 1 Jan 2027"


def test_a_day_beyond_the_simulation_is_not_named() -> None:
    assert words.completion_day(TODAY + timedelta(days=3 * 365), TODAY) == "after 3 years"
    assert words.completion_day(TODAY + timedelta(days=365), TODAY) == "6 May 2027"


@pytest.mark.parametrize(
    ("day", "closed", "said"),
    [
        (None, False, "no due date"),
        (date(2026, 5, 8), False, "due Fri 8 May, in 2 days"),
        (date(2026, 4, 29), False, "was due Wed 29 Apr, 7 days ago"),
        (date(2026, 5, 8), True, "was due Fri 8 May"),
    ],
)
def test_a_due_day_is_told_with_its_distance(day: date | None, closed: bool, said: str) -> None:
    assert plain(words.due(day, TODAY, closed=closed)) == said


def test_a_moment_is_told_by_the_users_clock() -> None:
    now = datetime(2026, 5, 6, 12, tzinfo=ZoneInfo("America/New_York"))
    assert words.clock(datetime(2026, 5, 6, 13, 14, tzinfo=UTC), now) == "09:14"
    assert words.clock(datetime(2026, 5, 6, 2, 0, tzinfo=UTC), now) == "Tue 5 May 22:00"


@pytest.mark.parametrize(("seconds", "said"), [(0.42, "0.4 s"), (12.2, "12 s"), (185, "3 min 05 s")])
def test_a_duration_is_told_in_the_unit_that_fits(seconds: float, said: str) -> None:
    assert plain(words.duration(seconds)) == said


@pytest.mark.parametrize(
    ("evidence_id", "said"),
    [
        ("issue:acme/api#12", "api#12"),
        ("external:issue:payco/gateway#3", "gateway#3"),
        ("commit:acme/web@1f3a9c2d4e", "web@1f3a9c2"),
        ("milestone:acme/api#3", "milestone api#3"),
        ("feature:sprint-1/review_wait", "review wait"),
    ],
)
def test_evidence_has_a_short_readable_name(evidence_id: str, said: str) -> None:
    assert words.reference(evidence_id) == said


def test_an_endless_word_may_go_on_in_the_next_line_and_nothing_else_changes() -> None:
    address = "https://github.com/acme/api/commit/" + "f" * 40
    broken = words.breakable(f"see {address} now")
    assert broken.replace(words.BREAK, "") == f"see {address} now"
    assert max(len(part) for part in broken.replace(words.BREAK, " ").split()) == 24
    assert words.breakable("only short words") == "only short words"


def test_counts_agree_with_their_nouns() -> None:
    assert plain(words.count(1, "item")) == "1 item"
    assert plain(words.count(1200, "item")) == "1,200 items"


def test_things_are_listed_as_people_do() -> None:
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"


def test_a_stored_sentence_is_read_with_the_days_of_the_window() -> None:
    said = "Sprint 4 is overdue since 2026-04-30: 2 open, moved to 2027-01-04 (v2026-05-01, 2026-13-01)"
    read = words.with_days(said, date(2026, 5, 6))
    assert read == "Sprint 4 is overdue since Thu 30 Apr: 2 open, moved to Mon 4 Jan 2027 (v2026-05-01, 2026-13-01)"


def test_a_long_formula_is_read_sentence_by_sentence() -> None:
    formula = (
        "P = 0.84 x 0.9413 (runs land by 2026-11-26) + 0.5 = 0.82. Each run draws days (2.51 items a day). One more."
    )
    assert words.in_lines(formula).count("\n") == 2
    assert words.in_lines(formula).replace("\n", " ") == formula
