"""What is recommended, in which order, and what the user's word does to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.findings import Effort, UserVerdict, Verdict
from galaxy_desktop.domain.scenarios import shared_out, without
from galaxy_desktop.domain.work import Person, State
from galaxy_desktop.recommend.candidates import Workbench, drop
from galaxy_desktop.recommend.interval import OtherPasts
from galaxy_desktop.recommend.rank import GOOD_ENOUGH, MOST_SHOWN

ONE, TWO, THREE = (f"issue:o/r#{n}" for n in (1, 2, 3))
WAITING = {"age_days": 6.0, "waiting_for_review_days": 6.0}


def _verdict(make: Any, of: Any, verdict: Verdict, **more: Any) -> UserVerdict:
    return UserVerdict(recommendation_id=of.id, verdict=verdict, reason="", at=make.now, **more)


def test_gains_come_first_and_fall(make: Any) -> None:
    found = make.bench({1: WAITING, 2: {"age_days": 5.0, "red_run": make.red}}).recommend()
    gains = [r.delta_probability for r in found]
    known = [g for g in gains if g is not None]
    assert known == sorted(known, reverse=True)
    assert known[0] > 0
    assert gains[: len(known)] == known


def test_each_gain_lies_inside_its_interval(make: Any) -> None:
    for action in make.bench({1: WAITING, 2: {"blocked_by": (ONE,)}}).recommend():
        if action.delta_probability is not None:
            assert action.interval is not None
            low, high = action.interval
            assert low <= action.delta_probability <= high
            assert low >= 0.0


def test_at_most_eight_are_shown_and_no_two_are_the_same(make: Any) -> None:
    items = tuple(make.item(n, assignees=()) for n in range(1, 16))
    found = make.bench(dict.fromkeys(range(1, 16), WAITING), items=items, young=True).recommend()
    assert len(found) == MOST_SHOWN
    assert len({r.id for r in found}) == MOST_SHOWN


def test_every_recommendation_cites_something(make: Any) -> None:
    found = make.bench({1: WAITING, 2: {"blocked_by": (ONE,)}, 3: {"boxes": 9}}).recommend()
    assert all(r.evidence for r in found)


def test_the_same_state_gives_the_same_recommendations(make: Any) -> None:
    assert make.bench({1: WAITING}).recommend() == make.bench({1: WAITING}).recommend()


def test_no_gain_goes_beyond_what_is_shown(make: Any) -> None:
    """A hopeless sprint is shown with 5 %: nothing adds more than is left up to 95 %."""
    items = tuple(make.item(n) for n in range(1, 120))
    found = make.bench(items=items, left=1).recommend()
    assert all(r.delta_probability is None or r.delta_probability <= 0.9 for r in found)


# --- kinds


def test_a_waiting_pull_request_is_recommended_for_review(make: Any) -> None:
    (action,) = make.bench({1: WAITING}, pace=3).of_kind("review_pull_request")
    assert action.summary == "Review o/r#1: it has been waiting for 6 days."
    assert (action.effort, action.item_ids) == (Effort.SMALL, (ONE,))
    assert action.delta_probability is not None
    assert action.delta_probability > 0.02


def test_a_large_pull_request_is_more_work_to_review(make: Any) -> None:
    (action,) = make.bench({1: {**WAITING, "size_lines": 900}}).of_kind("review_pull_request")
    assert action.effort is Effort.MEDIUM


def test_the_item_that_holds_up_others_is_the_one_to_unblock(make: Any) -> None:
    (action,) = make.bench({2: {"blocked_by": (ONE,)}, 3: {"blocked_by": (ONE, TWO)}}, pace=3).of_kind("unblock")
    assert action.item_ids == (ONE, TWO, THREE)
    assert action.summary == "Finish or cut loose o/r#1 first: o/r#2, o/r#3 wait for it."


def test_a_blocker_elsewhere_is_named_too(make: Any) -> None:
    (action,) = make.bench({2: {"blocked_by": ("external:issue:x/y#4",)}}).of_kind("unblock")
    assert action.summary == "Finish or cut loose x/y#4 first: o/r#2 waits for it."
    assert [e.id for e in action.evidence] == [TWO]


def test_a_red_pull_request_is_to_be_made_green(make: Any) -> None:
    (action,) = make.bench({1: {"age_days": 8.0, "red_run": make.red}}, pace=3).of_kind("fix_build")
    assert action.summary == "Make o/r#1 green: tests: failure."
    assert [e.id for e in action.evidence] == ["check:o/r#5", ONE]


def test_a_long_checklist_can_be_split(make: Any) -> None:
    (action,) = make.bench({1: {"boxes": 9, "ticked": 1, "age_days": 5.9}}, pace=4).of_kind("split")
    assert action.summary == "Split o/r#1 (8 open boxes in its checklist) and move one half to the next sprint."


def test_a_slipping_sprint_may_drop_items_or_get_more_time(make: Any) -> None:
    kinds = {r.kind for r in make.bench().recommend()}
    assert {"drop_or_move", "move_date"} <= kinds


def test_a_sprint_that_will_land_is_not_told_to_drop_anything(make: Any) -> None:
    kinds = {r.kind for r in make.bench({1: {"age_days": 1.0}}, pace=5, left=20).recommend()}
    assert not kinds & {"drop_or_move", "move_date"}


def test_late_additions_are_the_first_to_go(make: Any) -> None:
    actions = make.bench(added=(THREE,)).of_kind("drop_or_move")
    assert any(THREE in r.item_ids for r in actions)


def test_an_item_that_others_wait_for_is_never_dropped(make: Any) -> None:
    actions = make.bench({2: {"blocked_by": (ONE,)}}).of_kind("drop_or_move")
    assert all(ONE not in r.item_ids for r in actions)


def test_a_cut_does_not_stand_beside_the_single_items_in_it(make: Any) -> None:
    """Two cuts side by side of which one holds the other are one decision, not two."""
    (cut,) = make.bench(pace=2, left=5).of_kind("drop_or_move")
    assert len(cut.item_ids) > 1
    assert cut.instead == "On its own, dropping o/r#1 adds 17 points, dropping o/r#2 adds 17 points."


def test_what_stands_inside_a_cut_comes_back_when_the_cut_is_dismissed(make: Any) -> None:
    bench = make.bench(pace=2, left=5)
    (cut,) = bench.of_kind("drop_or_move")
    left = [r for r in bench.recommend(_verdict(make, cut, Verdict.DISMISSED)) if r.kind == "drop_or_move"]
    assert [(len(r.item_ids), r.instead) for r in left] == [(1, ""), (1, "")]


def test_an_action_that_changes_nothing_is_not_shown(make: Any) -> None:
    """With the sprint as good as landed, no build moves the odds."""
    bench = make.bench({1: {"red_run": make.red, "age_days": 0.5}}, pace=5, left=60)
    assert bench.recommend() == ()


def test_every_number_shown_is_a_point_or_more(make: Any) -> None:
    for pace in (1, 2, 3):
        found = make.bench({1: WAITING, 2: {"age_days": 5.0, "red_run": make.red}}, pace=pace).recommend()
        assert all(round(100 * r.delta_probability) >= 1 for r in found if r.delta_probability is not None)


def test_a_gain_that_may_well_be_nothing_is_not_shown(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make.bench({1: WAITING}, pace=3)
    assert bench.of_kind("review_pull_request")
    monkeypatch.setattr(OtherPasts, "interval", lambda _self, _change, gain, *_, **__: (0.0, 3.5 * gain))
    assert not bench.of_kind("review_pull_request")


def test_more_items_and_more_people_are_more_work(make: Any) -> None:
    single = make.bench({1: WAITING}, pace=3).of_kind("drop_or_move")
    assert {r.effort for r in single if len(r.item_ids) == 1} == {Effort.SMALL}
    owners = {n: {"owners": (f"p{n}",)} for n in range(1, 7)}
    bench = make.bench(owners, pace=2)
    work = Workbench(bench.sprint, bench.features, (), bench.inputs(), bench.snapshot, bench.now)
    assert [drop(work, [ONE, TWO, THREE][:n]).effort for n in (1, 3)] == [Effort.SMALL, Effort.MEDIUM]
    first = bench.of_kind("drop_or_move")[0]
    assert first.instead.startswith("Instead, moving 3 of 6 open items (o/r#1, o/r#2, o/r#3) out adds ")


def test_a_day_is_named_as_people_say_it(make: Any) -> None:
    (moved,) = make.bench().of_kind("move_date")
    assert moved.summary.startswith("Move the end from Monday 11 May to Friday 22 May")
    for found in (make.bench(left=-3, pace=3).recommend(), make.bench(left=None, pace=3).recommend()):
        assert "2026-" not in found[0].summary


def test_a_cut_is_as_small_as_it_can_be(make: Any) -> None:
    bench = make.bench(pace=2, left=5)
    (cut,) = [r for r in bench.of_kind("drop_or_move") if len(r.item_ids) > 1]
    assert cut.summary.startswith(f"Move {len(cut.item_ids)} of 6 open items (")
    inputs = bench.inputs()
    enough, too_few = (bench.simulate(without(inputs, ids)).probability for ids in (cut.item_ids, cut.item_ids[:-1]))
    assert too_few < GOOD_ENOUGH <= enough


def test_the_new_end_holds_in_most_runs(make: Any) -> None:
    bench = make.bench()
    (action,) = bench.of_kind("move_date")
    before = bench.simulate(bench.inputs()).probability
    assert before + action.delta_probability >= 0.7
    assert [e.id for e in action.evidence] == ["milestone:o/r#1"]


def test_items_without_an_owner_get_one_recommendation_without_a_gain(make: Any) -> None:
    items = tuple(make.item(n, assignees=()) for n in range(1, 7))
    (action,) = make.bench(items=items).of_kind("reassign")
    assert action.summary == "Find an owner for o/r#1, o/r#2, o/r#3, o/r#4 and 2 more."
    assert (action.delta_probability, action.interval) == (None, None)


def test_work_on_one_pair_of_hands_is_to_be_shared_without_a_name(make: Any) -> None:
    items = (*(make.item(n) for n in range(1, 8)), make.item(8, assignees=(Person(9, "named"),)))
    (action,) = make.bench(items=items).of_kind("reassign")
    assert "one person owns them all" in action.summary
    assert "named" not in str(action)


# --- sprints without a probability


def test_an_overdue_sprint_asks_for_a_decision(make: Any) -> None:
    found = make.bench(left=-3, pace=3).recommend()
    assert found[0].kind == "close_overdue"
    assert "would hold in 85 % of the simulated runs" in found[0].summary
    assert all(r.delta_probability is None for r in found)


def test_an_end_years_away_is_not_suggested(make: Any) -> None:
    old = {n: {"age_days": 900.0} for n in range(1, 7)}
    (action,) = make.bench(old, left=-3).of_kind("close_overdue")
    assert "would hold" not in action.summary


def test_a_sprint_without_an_end_is_to_get_one(make: Any) -> None:
    (action,) = make.bench(left=None, pace=3).of_kind("set_end")
    assert action.summary.startswith("Set a due date for Sprint 0.7: ")


def test_with_little_history_there_is_still_something_to_do(make: Any) -> None:
    found = make.bench({1: WAITING}, young=True).recommend()
    assert [(r.kind, r.delta_probability) for r in found] == [("review_pull_request", None)]


def test_a_closed_or_finished_sprint_needs_nothing(make: Any) -> None:
    done = tuple(make.item(n, done=True) for n in (1, 2))
    assert make.bench(items=done).recommend() == ()
    assert make.bench(state=State.CLOSED).recommend() == ()


# --- verdicts


def test_a_dismissed_action_stays_away(make: Any) -> None:
    bench = make.bench({1: WAITING})
    (action,) = bench.of_kind("review_pull_request")
    assert action.id not in {r.id for r in bench.recommend(_verdict(make, action, Verdict.DISMISSED))}


def test_a_dismissed_action_comes_back_when_its_item_has_changed(make: Any) -> None:
    items = (make.item(1, updated_at=make.now + timedelta(hours=1)), *(make.item(n) for n in range(2, 7)))
    bench = make.bench({1: WAITING}, items=items)
    (action,) = bench.of_kind("review_pull_request")
    assert action.id in {r.id for r in bench.recommend(_verdict(make, action, Verdict.DISMISSED))}


@pytest.mark.parametrize(("hours", "shown"), [(1, False), (-1, True), (0, True)])
def test_a_snoozed_action_comes_back_in_time(make: Any, hours: int, shown: bool) -> None:
    bench = make.bench({1: WAITING})
    (action,) = bench.of_kind("review_pull_request")
    verdict = _verdict(make, action, Verdict.SNOOZED, until=make.now + timedelta(hours=hours))
    assert (action.id in {r.id for r in bench.recommend(verdict)}) is shown


def test_an_accepted_action_stays_under_its_id(make: Any) -> None:
    bench = make.bench({1: WAITING})
    (action,) = bench.of_kind("review_pull_request")
    assert action.id == "action:sprint-11:review_pull_request:issue:o/r#1"
    assert action.id in {r.id for r in bench.recommend(_verdict(make, action, Verdict.ACCEPTED))}


# --- fairness of the comparison


def test_all_actions_are_simulated_with_the_seed_and_the_past_of_the_forecast(make: Any) -> None:
    """Only the redrawn pasts of the intervals differ, and those have fewer runs."""
    bench = make.bench({1: WAITING})
    bench.recommend()
    base = bench.inputs()
    full = [i for i in bench.calls if i.runs == base.runs]
    assert len(full) > 3
    assert all((i.seed, i.days, i.cycle_days) == (base.seed, base.days, base.cycle_days) for i in full)


def test_intervals_rest_on_eight_other_pasts(make: Any) -> None:
    bench = make.bench({1: WAITING})
    bench.recommend()
    pasts = {i.days for i in bench.calls if i.runs == 1_000}
    assert len(pasts) == 8
    assert all(sum(d.working for d in days) == sum(d.working for d in bench.inputs().days) for days in pasts)


def test_sharing_out_the_work_of_one_pair_of_hands_is_simulated_where_hands_are_known(make: Any) -> None:
    items = (*(make.item(n) for n in range(1, 8)), make.item(8, assignees=(Person(9, "c"),)))
    bench = make.bench({8: {"owners": ("c",)}}, items=items, pace=3, rhythm=make.rhythm)
    (action,) = bench.of_kind("reassign")
    assert action.delta_probability is not None
    assert action.delta_probability > 0.0
    low, high = action.interval
    assert low <= action.delta_probability <= high


def test_half_of_the_items_are_shared_out_what_nobody_began_first(make: Any) -> None:
    bench = make.bench({1: {"age_days": 3.0}, 2: {"age_days": 1.0}}, items=tuple(make.item(n) for n in range(1, 5)))
    inputs = bench.inputs()
    owned = {w.item_id for w in shared_out(inputs, [w.item_id for w in inputs.open]).open if w.owners}
    assert owned == {ONE, TWO}
