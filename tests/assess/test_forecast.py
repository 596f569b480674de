"""The forecast as a user sees it: when there is a number, when there is none, and what is said then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from galaxy_desktop.assess import forecast
from galaxy_desktop.assess.forecast import elapsed_share, linear_burn, simulate
from galaxy_desktop.domain.facts import DayCount, TeamRhythm
from galaxy_desktop.domain.findings import NoForecast

GOLDEN = 0.1147


def test_a_sprint_with_a_pace_and_an_end_gets_a_probability_and_dates(make: Any) -> None:
    found = simulate(make.inputs(5))
    assert found.why_none is None
    assert found.probability is not None
    assert 0.5 < found.probability <= 0.95
    assert found.completion is not None
    assert found.completion.p50 <= make.today + timedelta(days=9)


def test_the_same_inputs_give_the_same_record(make: Any) -> None:
    assert simulate(make.inputs(5)) == simulate(make.inputs(5))


def test_another_seed_gives_nearly_the_same_number(make: Any) -> None:
    one, other = (simulate(make.inputs(8, seed=seed, runs=10_000)).raw_share for seed in (1, 2))
    assert one != other
    assert one == pytest.approx(other, abs=0.03)


def test_a_stored_number_of_this_engine_is_still_what_it_computes(make: Any) -> None:
    """Changing the engine without changing its name would rewrite history: then raise ENGINE and this number."""
    items = tuple(
        make.open(
            n,
            age_days=None if n % 2 else 3.0 * n,
            red=n == 4,
            blocked_by=("issue:o/r#2",) if n > 9 else (),
            owners=("a",) if n < 9 else ("b",),
            waiting_for_review_days=2.0 if n > 8 else None,
        )
        for n in range(1, 12)
    )
    rhythm = TeamRhythm(team=("a", "b"), hands=1.6, at_once=2.0, reviews_a_day=0.8, green_days=(0.4, 3.0))
    found = simulate(make.inputs(open=items, runs=10_000, added=1, added_days=4, rhythm=rhythm))
    assert (forecast.ENGINE, found.probability) == ("galaxy-forecast/5", GOLDEN)


def test_more_items_than_anybody_could_do_leave_five_percent_and_not_zero(make: Any) -> None:
    days = make.days(done=20)
    found = simulate(make.inputs(2_000, days=days, sprint_days=days))
    assert (found.raw_share, found.probability) == (0.0, 0.05)


def test_next_to_nothing_left_is_shown_as_at_most_95_percent(make: Any) -> None:
    found = simulate(make.inputs(1, days=make.days(done=40), sprint_days=make.days(done=40)))
    assert found.raw_share == 1.0
    assert found.probability == 0.95


def test_dates_never_run_backwards(make: Any) -> None:
    days = simulate(make.inputs(30)).completion
    assert days is not None
    assert days.p50 <= days.p70 <= days.p85 <= days.p95


def test_a_closed_sprint_never_shows_a_probability(make: Any) -> None:
    found = simulate(make.inputs(3, closed=True))
    assert (found.probability, found.why_none, found.completion) == (None, NoForecast.CLOSED, None)


def test_when_all_is_done_there_is_nothing_to_forecast(make: Any) -> None:
    found = simulate(make.inputs(0))
    assert (found.probability, found.why_none, found.completion) == (None, NoForecast.ALL_DONE, None)


def test_an_empty_sprint_says_that_it_is_empty(make: Any) -> None:
    found = simulate(make.inputs(0, done=0))
    assert found.why_none is NoForecast.TOO_LITTLE_HISTORY
    assert "no items yet" in found.missing


def test_without_an_end_there_are_dates_but_no_probability(make: Any) -> None:
    found = simulate(make.inputs(3, due_on=None, planned_days=None))
    assert (found.probability, found.why_none) == (None, NoForecast.NO_END)
    assert found.completion is not None


def test_after_the_end_there_are_dates_but_no_probability(make: Any) -> None:
    found = simulate(make.inputs(3, due_on=make.today - timedelta(days=1)))
    assert (found.probability, found.why_none, found.raw_share) == (None, NoForecast.END_PASSED, None)
    assert found.completion is not None
    assert found.completion.p50 >= make.today


def test_the_due_day_itself_still_counts(make: Any) -> None:
    found = simulate(make.inputs(1, due_on=make.today))
    assert found.why_none is None
    assert found.raw_share is not None
    assert found.raw_share > 0.3


def test_four_active_days_are_too_few_for_a_number(make: Any) -> None:
    days = tuple(replace(d, done=5 if n in (40, 41, 42, 43) else 0) for n, d in enumerate(make.days()))
    found = simulate(make.inputs(3, days=days))
    assert (found.probability, found.completion, found.n_active_days) == (None, None, 4)
    assert "5 days with a completed item (so far 4)" in found.missing


def test_nine_completions_are_too_few_for_a_number(make: Any) -> None:
    days = tuple(replace(d, done=1 if n >= 81 else 0) for n, d in enumerate(make.days()))
    found = simulate(make.inputs(3, days=days))
    assert (found.n_completed, found.why_none) == (9, NoForecast.TOO_LITTLE_HISTORY)
    assert "10 completed items in the last 60 days (so far 9)" in found.missing
    assert "around 2026-05-07" in found.missing


def test_ten_completions_on_five_days_are_enough(make: Any) -> None:
    days = tuple(replace(d, done=2 if n >= 85 else 0) for n, d in enumerate(make.days()))
    assert simulate(make.inputs(3, days=days)).probability is not None


def test_what_was_done_more_than_60_days_ago_does_not_count_as_recent(make: Any) -> None:
    days = tuple(replace(d, done=9 if n < 29 else 0) for n, d in enumerate(make.days()))
    assert simulate(make.inputs(3, days=days)).n_completed == 0


def test_with_no_completion_at_all_nobody_guesses_when_there_will_be_enough(make: Any) -> None:
    found = simulate(make.inputs(3, days=make.days(done=0, noise=0)))
    assert "nobody can say when" in found.missing


def test_an_overdue_sprint_without_history_says_both(make: Any) -> None:
    found = simulate(make.inputs(2, due_on=make.today - timedelta(days=3), days=()))
    assert (found.why_none, found.completion) == (NoForecast.END_PASSED, None)
    assert found.missing


def test_an_overdue_sprint_in_a_busy_repository_that_rarely_uses_milestones_gets_dates(make: Any) -> None:
    """Forty completions in two months, none of them in a milestone: slow, but not "never"."""
    days = make.days(done=1, noise=1)
    found = simulate(make.inputs(2, due_on=make.today - timedelta(days=12), days=days, sprint_days=(), runs=10_000))
    assert found.completion is not None
    assert make.today + timedelta(days=20) < found.completion.p50 < make.today + timedelta(days=400)


def test_a_busier_sprint_history_brings_the_dates_forward(make: Any) -> None:
    few = tuple(replace(d, done=min(d.done, 1) if n % 7 == 0 else 0) for n, d in enumerate(make.days()))
    rare, usual = (simulate(make.inputs(4, sprint_days=days)).raw_share for days in (few, make.days()))
    assert rare < usual


def test_the_formula_speaks_of_one_as_of_one(make: Any) -> None:
    rhythm = replace(make.inputs(1).rhythm, at_once=1.0, reviews_a_day=1.0)
    said = simulate(make.inputs(1, rhythm=rhythm)).formula
    assert "1 item is open" in said
    assert "1 item in work for each pair of hands" in said
    assert "1 review a working day" in said


def test_the_formula_holds_the_numbers_it_was_made_with(make: Any) -> None:
    found = simulate(make.inputs(5))
    weight, share = (found.n_completed / (found.n_completed + 20)), found.raw_share
    assert f"P = {weight:.2f} x {share:.4f}" in found.formula
    assert f"{found.probability:.4f}" in found.formula


def test_the_weight_of_the_simulation_grows_with_completions(make: Any) -> None:
    """N completions make the simulation count n / (n + 20)."""
    days = tuple(replace(d, done=2 if n >= 82 and d.working else 0) for n, d in enumerate(make.days()))
    found = simulate(make.inputs(3, days=days))
    assert f"weight = {found.n_completed} / ({found.n_completed} + 20)" in found.formula


@pytest.mark.parametrize(
    ("done", "left_days", "planned", "expected"),
    [(10, 9, 20.0, 1.0), (5, 1, 4.0, 0.6667), (0, 6, 14.0, 0.0), (3, 30, 14.0, 1.0)],
)
def test_linear_burn_is_done_over_what_should_be_done(
    make: Any, done: int, left_days: int, planned: float, expected: float
) -> None:
    inputs = make.inputs(10, done=done, planned_days=planned, due_on=make.today + timedelta(days=left_days))
    assert linear_burn(inputs) == expected


def test_without_a_start_there_is_no_linear_burn(make: Any) -> None:
    assert linear_burn(make.inputs(3, planned_days=None)) is None


def test_elapsed_time_counts_whole_days_before_today(make: Any) -> None:
    assert elapsed_share(make.inputs(3, planned_days=14.0, due_on=make.today + timedelta(days=6))) == 0.5


def test_the_base_rate_is_the_share_of_past_sprints_on_time(make: Any) -> None:
    assert simulate(make.inputs(3, past_sprints=4, past_sprints_on_time=3)).baselines["base_rate"] == 0.75
    assert simulate(make.inputs(3)).baselines["base_rate"] is None


def test_the_fan_starts_today_reaches_the_end_and_never_falls(make: Any) -> None:
    found = simulate(make.inputs(6))
    days = [p.day for p in found.fan]
    assert days[0] == make.today
    assert make.today + timedelta(days=9) in days
    assert days == sorted(set(days))
    middles = [p.middle for p in found.fan]
    assert middles == sorted(middles)
    assert middles[-1] <= 16
    assert all(p.low <= p.middle <= p.high for p in found.fan)


def test_a_fan_over_years_has_at_most_120_points(make: Any) -> None:
    assert len(simulate(make.inputs(300)).fan) <= 120


def test_done_by_the_end_lies_between_what_is_done_and_all(make: Any) -> None:
    found = simulate(make.inputs(6)).done_by_end
    assert found is not None
    assert 10 <= found[0] <= found[1] <= found[2] <= 16


def test_slow_work_is_not_forecast_beyond_three_years(make: Any) -> None:
    days = make.days(done=1, noise=1)
    found = simulate(make.inputs(1_500, days=days, sprint_days=days)).completion
    assert found is not None
    assert found.p95 <= make.today + timedelta(days=3 * 365)


def test_holidays_push_the_dates_back(make: Any) -> None:
    off = frozenset(make.today + timedelta(days=n) for n in range(8))
    usual, later = (simulate(make.inputs(5, holidays=h)).completion for h in (frozenset(), off))
    assert usual is not None
    assert later is not None
    assert later.p50 > usual.p50


def test_time_of_day_matters_on_the_last_day(make: Any) -> None:
    early, late = (
        simulate(make.inputs(1, due_on=make.today, as_of=make.now.replace(hour=hour))).raw_share for hour in (1, 22)
    )
    assert early > late


def test_a_day_without_completions_is_not_missing_data_but_days_before_the_first_event_are(make: Any) -> None:
    """Five idle weeks before the repository existed must not slow the forecast down."""
    young = tuple(
        DayCount(day=d.day, done=0, added=0, working=d.working) if n < 45 else d for n, d in enumerate(make.days())
    )
    inputs = make.inputs(6, days=young, sprint_days=young)
    shortened = replace(inputs, days=young[45:], sprint_days=young[45:])
    assert simulate(inputs).raw_share == simulate(shortened).raw_share


def test_a_due_day_is_compared_as_a_day(make: Any) -> None:
    assert simulate(make.inputs(2, due_on=date(2026, 5, 6))).why_none is None
    assert simulate(make.inputs(2, due_on=date(2026, 5, 5))).why_none is NoForecast.END_PASSED
