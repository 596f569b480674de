"""Keeping score: sprints are judged by the end they had, weigh the same, and teach with restraint."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.assess.ledger import (
    FEWEST_TO_JUDGE,
    FEWEST_TO_RECALIBRATE,
    last_ended,
    outcome_of,
    recalibration,
    score,
    verdict,
)
from galaxy_desktop.domain.landing import end_of, ended_at, judged_end
from galaxy_desktop.domain.ledger import LedgerEntry, Outcome, Recalibration
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import ItemKind, Milestone, State, WorkItem

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
END = date(2026, 5, 10)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=UTC)


def entry(sprint: str = "s1", p: float | None = 0.7, **more: Any) -> LedgerEntry:
    plain = LedgerEntry(
        sprint_id=sprint, sprint_title=sprint, said_at=at(5), due_on=END, probability=p, why_none="", raw_share=p,
        course=None, weight=None, before_recalibration=p, elapsed=0.5, open=3, done=2,
        baselines={"base_rate": 0.5, "linear_burn": 0.5}, engine="e/1", seed=1, inputs_digest="d",
    )  # fmt: skip
    return replace(plain, **more)


def outcome(sprint: str = "s1", *, landed: bool = True, day: date = END) -> Outcome:
    return Outcome(sprint_id=sprint, landed=landed, due_on=END, ended_on=day, delivered=5, committed=5, why="")


def record(*told: tuple[float, bool]) -> tuple[list[LedgerEntry], dict[str, Outcome]]:
    """One sprint for each pair of what was said and whether it landed."""
    names = [f"s{n}" for n in range(len(told))]
    entries = [entry(name, p) for name, (p, _) in zip(names, told, strict=True)]
    return entries, {name: outcome(name, landed=landed) for name, (_, landed) in zip(names, told, strict=True)}


# --- by which end


def test_a_sprint_is_judged_when_its_end_has_passed_and_not_on_that_day() -> None:
    assert judged_end([(at(1), END)], at(10, 23)) is None
    assert judged_end([(at(1), END)], at(11, 0)) == END


def test_an_end_moved_in_time_is_the_one_that_counts() -> None:
    assert judged_end([(at(1), END), (at(10), date(2026, 5, 15))], NOW) == date(2026, 5, 15)


def test_an_end_moved_after_it_passed_rewrites_nothing() -> None:
    assert judged_end([(at(1), END), (at(12), date(2026, 5, 30))], NOW) == END


def test_days_are_those_of_the_user() -> None:
    auckland = timezone(timedelta(hours=12))
    assert judged_end([(at(1), END)], at(10, 13).astimezone(auckland)) == END


def test_without_an_end_there_is_nothing_to_judge() -> None:
    assert judged_end([(at(1), None)], NOW) is None


def sprint(**more: Any) -> Sprint:
    plain = Sprint(
        id="s1", title="1.0", repositories=("o/r",), milestones=("milestone:o/r#1",), items=(), starts_at=at(1),
        due_on=END, due_history=(END,), state=State.OPEN,
    )  # fmt: skip
    return replace(plain, **more)


def test_a_sprint_closed_early_is_judged_at_once_by_the_end_it_had_then() -> None:
    closed = sprint(state=State.CLOSED, closed_at=at(8))
    assert end_of(closed, [(at(1), END)], at(9)) == END
    assert ended_at(closed, END, at(9)) == at(8)
    assert end_of(closed, [(at(1), END), (at(9), date(2026, 5, 30))], at(9)) == END


def test_a_sprint_that_goes_on_after_its_end_is_judged_at_that_end() -> None:
    assert end_of(sprint(), [(at(1), END)], at(9)) is None
    assert end_of(sprint(), [(at(1), END)], NOW) == END
    assert ended_at(sprint(state=State.CLOSED, closed_at=at(15)), END, NOW) == at(11, 0)


# --- how it came out


def past(*closed: int | None) -> Snapshot:
    """Items of the milestone, each with the day on which it was closed or `None`."""
    base: dict[str, Any] = {"repository_id": 1, "repository": "o/r", "url": "", "observed_at": NOW}
    milestone = Milestone(
        id=1, number=1, title="1.0", description="", state=State.OPEN, due_on=END, created_at=at(1), updated_at=at(1),
        closed_at=None, **base,
    )  # fmt: skip
    items = tuple(
        WorkItem(
            number=n, kind=ItemKind.ISSUE, title="", body="", state=State.CLOSED if day else State.OPEN,
            state_reason=None, author=None, assignees=(), labels=(), milestone_number=1, created_at=at(1),
            updated_at=at(1), closed_at=at(day) if day else None, **base,
        )
        for n, day in enumerate(closed, 1)
    )  # fmt: skip
    return Snapshot(milestones=(milestone,), items=items)


def test_it_landed_when_nothing_was_left() -> None:
    found = outcome_of(sprint(), END, past(3, 9), NOW)
    assert found is not None
    assert (found.landed, found.delivered, found.committed, found.ended_on) == (True, 2, 2, END)
    assert found.why == "2 of 2 items were done when its end passed on 2026-05-10; the end was 2026-05-10"


def test_it_missed_with_one_item_left_and_says_how_it_ended() -> None:
    found = outcome_of(sprint(state=State.CLOSED, closed_at=at(8)), END, past(3, None), NOW)
    assert found is not None
    assert (found.landed, found.delivered, found.committed) == (False, 1, 2)
    assert "1 of 2 items were done when it was closed on 2026-05-08" in found.why


def test_nothing_in_it_is_no_outcome() -> None:
    assert outcome_of(sprint(), END, past(), NOW) is None


# --- scores


def test_every_sprint_weighs_the_same_however_often_it_was_forecast() -> None:
    entries = [entry("a", 0.9)] * 9 + [entry("b", 0.9)]
    found = score(entries, {"a": outcome("a"), "b": outcome("b", landed=False)})
    assert found.brier == pytest.approx((0.1**2 + 0.9**2) / 2)
    assert (found.sprints, found.landed, found.entries) == (2, 1, 10)


def test_brier_and_log_loss_are_the_textbook_ones() -> None:
    entries, outcomes = record((0.8, True), (0.3, False))
    found = score(entries, outcomes)
    assert found.brier == pytest.approx((0.04 + 0.09) / 2)
    assert found.log_loss == pytest.approx((-math.log(0.8) - math.log(0.7)) / 2, abs=1e-6)


def test_skill_compares_with_what_the_alternative_said_at_that_time() -> None:
    entries, outcomes = record((0.9, True), (0.1, False))
    found = score(entries, outcomes).against("base_rate")
    assert found is not None
    assert found.value == pytest.approx(1 - 0.01 / 0.25)
    assert found.sprints == 2


def test_where_the_alternative_had_no_number_nothing_is_compared() -> None:
    entries = [entry("a", baselines={"base_rate": None, "linear_burn": 0.2})]
    found = score(entries, {"a": outcome("a")})
    base, line = found.against("base_rate"), found.against("linear_burn")
    assert base is not None
    assert line is not None
    assert (base.value, base.sprints, line.sprints) == (None, 0, 1)


def test_an_alternative_that_was_never_wrong_is_not_beaten() -> None:
    found = score([entry("a", 0.7, baselines={"base_rate": 1.0})], {"a": outcome("a")}).against("base_rate")
    assert found is not None
    assert found.value == -1.0


def test_the_interval_is_drawn_by_sprint() -> None:
    """Many entries of few sprints must not look like much evidence."""
    pairs = [(0.8, True), (0.8, False), (0.6, True), (0.3, False)]
    entries, outcomes = record(*pairs)
    once, often = score(entries, outcomes).skills[0], score(entries * 50, outcomes).skills[0]
    assert (once.low, once.high, once.value) == (often.low, often.high, often.value)
    assert once.low is not None
    assert once.high is not None
    assert once.low < (once.value or 0) < once.high


def test_what_was_said_of_another_end_is_not_scored_but_counted() -> None:
    entries = [entry("a"), entry("a", due_on=date(2026, 5, 3))]
    found = score(entries, {"a": outcome("a")})
    assert (found.entries, found.other_end) == (1, 1)


def test_a_sprint_without_outcome_or_number_says_nothing() -> None:
    found = score([entry("open"), entry("a", None)], {"a": outcome("a")})
    assert (found.sprints, found.brier, found.log_loss, found.bins) == (0, None, None, ())


def test_bins_count_sprints_and_say_it_in_words() -> None:
    entries, outcomes = record(*[(0.7, n < 9) for n in range(13)])
    (found,) = score([*entries, *entries], outcomes).bins
    assert (found.sprints, found.landed, found.said) == (13, 9, 0.7)
    assert found.words == "When we said about 70 %, it happened 9 times in 13."


told = st.lists(st.tuples(st.floats(0.05, 0.95), st.booleans()), min_size=1, max_size=30)


@given(told)
def test_bins_hold_every_sprint_that_was_said_once(pairs: list[tuple[float, bool]]) -> None:
    found = score(*record(*pairs))
    assert sum(one.sprints for one in found.bins) == len(pairs)
    assert sum(one.landed for one in found.bins) == found.landed
    assert all(one.low <= one.said <= one.high for one in found.bins)


@given(told)
def test_the_order_of_entries_does_not_matter(pairs: list[tuple[float, bool]]) -> None:
    entries, outcomes = record(*pairs)
    assert score(entries, outcomes) == score(entries[::-1], outcomes)


# --- recalibration


@given(told)
def test_recalibration_never_turns_an_order_round_nor_leaves_what_may_be_shown(pairs: list[tuple[float, bool]]) -> None:
    found = recalibration(*record(*pairs), fewest=2)
    corrected = [found.corrected(p / 20) for p in range(1, 20)]
    assert corrected == sorted(corrected)
    assert all(0.05 <= p <= 0.95 for p in corrected)


def test_below_ten_sprints_nothing_is_changed() -> None:
    found = recalibration(*record(*[(0.9, False)] * (FEWEST_TO_RECALIBRATE - 1)))
    assert found.changes_nothing
    assert "9 of 10 ended sprints" in found.formula


def test_sprints_that_all_ended_alike_teach_nothing() -> None:
    assert recalibration(*record(*[(0.9, False)] * 30)).changes_nothing


def test_a_forecast_that_says_too_much_is_pulled_back_but_not_all_the_way() -> None:
    found = recalibration(*record(*[(0.9, n % 2 == 0) for n in range(20)]))
    assert 0.6 < found.corrected(0.9) < 0.85


def test_more_sprints_are_believed_more() -> None:
    few, many = (recalibration(*record(*[(0.9, n % 2 == 0) for n in range(count)])) for count in (10, 200))
    assert abs(many.corrected(0.9) - 0.5) < abs(few.corrected(0.9) - 0.5) < 0.4


def test_a_calibrated_forecast_is_left_nearly_alone() -> None:
    pairs = [(0.2, n % 5 == 0) for n in range(50)] + [(0.8, n % 5 != 0) for n in range(50)]
    found = recalibration(*record(*pairs))
    assert found.corrected(0.8) == pytest.approx(0.8, abs=0.01)
    assert found.slope == pytest.approx(1.0, abs=0.05)
    assert found.intercept == pytest.approx(0.0, abs=0.05)


def test_a_correction_is_learned_from_what_was_said_before_it() -> None:
    entries, outcomes = record(*[(0.9, n % 2 == 0) for n in range(40)])
    corrected = [replace(one, probability=0.5) for one in entries]
    assert recalibration(corrected, outcomes) == recalibration(entries, outcomes)


def test_many_entries_of_one_sprint_do_not_teach_more_than_one() -> None:
    entries, outcomes = record(*[(0.9, n % 2 == 0) for n in range(20)])
    assert recalibration(entries * 7, outcomes) == recalibration(entries, outcomes)


def test_no_correction_passes_probabilities_through() -> None:
    assert [Recalibration().corrected(p) for p in (0.05, 0.333, 0.95)] == [0.05, 0.333, 0.95]


# --- in words


def words(count: int, ours: float, **baselines: float | None) -> tuple[str, bool]:
    """The verdict on sprints that all landed, of which we always said `ours`."""
    entries, outcomes = record(*[(ours, True)] * count)
    return verdict(score([replace(one, baselines=baselines) for one in entries], outcomes))


def test_no_skill_is_said_in_words() -> None:
    said, trusted = words(7, 0.5, base_rate=0.6, linear_burn=0.2)
    assert said.startswith("This forecast is not beating a simple average.")
    assert "over the last 7 sprints" in said
    assert not trusted


def test_a_straight_line_that_is_better_is_named() -> None:
    assert words(7, 0.7, base_rate=0.5, linear_burn=0.9)[0].startswith("This forecast is not beating a straight line.")


def test_as_good_as_the_average_is_not_beating_it() -> None:
    assert not words(7, 0.6, base_rate=0.6)[1]


def test_skill_is_said_with_how_much_and_over_what() -> None:
    assert words(7, 0.9, base_rate=0.5) == (
        "This forecast beats a simple average by 96 % over the last 7 sprints.", True,
    )  # fmt: skip


def test_what_may_be_luck_is_called_so() -> None:
    entries, outcomes = record(*[(0.8, True)] * 5, (0.8, False))
    assert verdict(score([replace(e, baselines={"base_rate": 0.75}) for e in entries], outcomes))[0].endswith("luck.")


def test_too_few_sprints_say_nothing_and_how_many_are_missing() -> None:
    said, trusted = words(FEWEST_TO_JUDGE - 1, 0.5, base_rate=0.9)
    assert said == "Nobody can say yet how good this forecast is: 4 of the 5 sprints needed have ended."
    assert trusted


def test_the_last_sprints_are_those_that_ended_last() -> None:
    entries, outcomes = record(*[(0.5, True)] * 12)
    dated = {name: replace(o, ended_on=END + timedelta(days=n)) for n, (name, o) in enumerate(outcomes.items())}
    assert {one.sprint_id for one in last_ended(entries, dated, 3)} == {"s9", "s10", "s11"}
