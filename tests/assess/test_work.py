"""Pieces of work, shared hands, reviews in turn, days off, and the items that decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from galaxy_desktop.assess.draws import Draws
from galaxy_desktop.assess.forecast import Simulator, simulate
from galaxy_desktop.assess.lanes import lanes_of
from galaxy_desktop.assess.network import network_of
from galaxy_desktop.assess.shared_time import Timed, review_turns, shared
from galaxy_desktop.assess.simulation import simulate_runs
from galaxy_desktop.assess.workdays import workdays_of
from galaxy_desktop.domain.calendar import is_working
from galaxy_desktop.domain.facts import TeamRhythm
from galaxy_desktop.domain.findings import Away, EffortFactor, Forecast, OpenWork

TEAM = tuple("abcd")


def _p85(found: Forecast) -> date:
    assert found.completion is not None
    return found.completion.p85


def _pull(make: Any, number: int, *issues: int, **more: Any) -> OpenWork:
    closes = tuple(f"issue:o/r#{n}" for n in issues)
    found: OpenWork = make.open(number, item_id=f"pr:o/r#{number}", part_of=closes, **more)
    return found


# --- an issue and the pull request that closes it


def test_an_issue_and_its_pull_request_are_one_piece_of_work(make: Any) -> None:
    issues = tuple(make.open(n) for n in range(1, 7))
    pulls = tuple(_pull(make, 10 + n, n) for n in range(1, 7))
    alone, both = (simulate(make.inputs(open=o)) for o in (issues, issues + pulls))
    apart = simulate(make.inputs(open=issues + tuple(replace(p, part_of=()) for p in pulls)))
    assert both.raw_share == alone.raw_share
    assert (apart.raw_share or 0.0) < (both.raw_share or 0.0) - 0.1
    assert "12 items are open, 6 pieces of work" in both.formula


def test_an_issue_is_not_done_before_its_pull_request(make: Any) -> None:
    waiting = _pull(make, 11, 1, age_days=9.0, waiting_for_review_days=9.0)
    held, free = (_p85(simulate(make.inputs(open=(make.open(1),), outside=out))) for out in ((waiting,), ()))
    assert held > free


def test_a_pull_request_that_closes_two_issues_belongs_to_both(make: Any) -> None:
    network = network_of((make.open(1), make.open(2), _pull(make, 3, 1, 2)), ())
    assert network.units == {"issue:o/r#1": ("issue:o/r#1", "pr:o/r#3"), "issue:o/r#2": ("issue:o/r#2", "pr:o/r#3")}


def test_the_history_is_drawn_in_pieces_too(make: Any) -> None:
    days = make.days(done=2, noise=0)
    halves = tuple(replace(d, done=d.done // 2) for d in days)
    doubled = simulate(make.inputs(8, days=days, sprint_days=days))
    pieces = simulate(make.inputs(8, days=days, sprint_days=days, unit_days=halves, unit_sprint_days=halves))
    assert _p85(pieces) > _p85(doubled)
    assert pieces.n_completed == doubled.n_completed


# --- people, reviews


def test_work_in_one_pair_of_hands_holds_the_sprint_up_and_work_spread_out_does_not(make: Any) -> None:
    rhythm = TeamRhythm(team=TEAM, hands=2.0)
    one = tuple(make.open(n, owners=("a",)) for n in range(1, 9))
    spread = tuple(make.open(n, owners=(TEAM[n % 4],)) for n in range(1, 9))
    nobody = tuple(make.open(n) for n in range(1, 9))
    late, usual, plain = (simulate(make.inputs(open=o, rhythm=rhythm)).raw_share for o in (one, spread, nobody))
    assert late is not None
    assert usual is not None
    assert late < usual - 0.2
    assert usual == plain


def test_a_shared_item_counts_half_for_each_of_two_owners(make: Any) -> None:
    network = network_of(tuple(make.open(n, owners=("a", "b")) for n in range(1, 5)), ())
    assert lanes_of(network, 2.0, None).longest == 1
    assert lanes_of(network, 2.0, 3.0).longest == 0
    assert lanes_of(network, None, None).longest == 0


def test_three_times_as_much_in_hand_as_usual_takes_three_times_as_long(make: Any) -> None:
    works = [make.open(n, owners=("a",)) for n in (1, 2, 3)]
    times = {w.item_id: Timed(w.item_id, np.array([2.0])) for w in works}
    assert shared(works, times, 1.0, Draws())["issue:o/r#1"] == pytest.approx([6.0])
    assert shared(works, times, 3.0, Draws())["issue:o/r#1"] == pytest.approx([2.0])
    assert shared(works, times, None, Draws())["issue:o/r#1"] == pytest.approx([2.0])


def test_the_item_that_waited_longest_is_reviewed_first_and_the_last_waits_for_the_rest(make: Any) -> None:
    works = [make.open(n, waiting_for_review_days=float(n)) for n in (1, 2, 3, 4)]
    turns = review_turns(works, 0.5)
    assert [turns[f"issue:o/r#{n}"] for n in (4, 3, 2, 1)] == [0.0, 2.0, 4.0, 6.0]
    assert review_turns(works, None) == {}


def test_large_stuck_work_takes_longer_where_large_work_always_did(make: Any) -> None:
    factors = (EffortFactor(kind="pr", size="large", factor=2.5, seen=40),)
    large, small = (make.inputs(open=(_pull(make, 1, age_days=9.0, lines=n),), effort=factors) for n in (900, 9))
    blocked = make.open(2, blocked_by=("pr:o/r#1",))
    slow, quick = (_p85(simulate(replace(i, open=(*i.open, blocked)))) for i in (large, small))
    assert slow > quick
    assert "large pull requests x 2.50 (40 seen)" in simulate(large).formula


# --- days


def test_dates_never_fall_on_a_weekend_or_holiday(make: Any) -> None:
    holidays = frozenset(make.today + timedelta(days=n) for n in range(5, 12))
    items = tuple(make.open(n, age_days=4.0 * n) for n in range(1, 8))
    inputs = make.inputs(open=items, holidays=holidays)
    days = {inputs.today + timedelta(days=int(n)) for n in simulate_runs(inputs).finish}
    found = simulate(inputs)
    assert found.completion is not None
    days |= {day for o in found.outlooks for day in (o.p50, o.p85)}
    days |= {found.completion.p50, found.completion.p70, found.completion.p85, found.completion.p95}
    assert all(is_working(day, holidays) for day in days)


def test_days_off_of_one_of_four_cost_a_quarter_of_their_number(make: Any) -> None:
    week = tuple(make.today + timedelta(days=n) for n in range(28))
    away = (Away(owner="a", days=week),)
    there, gone = (workdays_of(make.inputs(rhythm=TeamRhythm(team=TEAM), away=a)) for a in ((), away))
    assert int(there.worked[15]) < int(gone.worked[15])
    assert int(np.searchsorted(gone.worked, 28)) == pytest.approx(0.75 * np.searchsorted(there.worked, 28), abs=1)


def test_days_off_of_a_stranger_change_nothing_and_of_everybody_stop_the_work(make: Any) -> None:
    days = tuple(make.today + timedelta(days=n) for n in range(1, 15))
    stranger = make.inputs(rhythm=TeamRhythm(team=TEAM), away=(Away(owner="z", days=days),))
    everybody = replace(stranger, away=tuple(Away(owner=owner, days=days) for owner in TEAM))
    usual = simulate(replace(stranger, away=()))
    assert simulate(stranger).raw_share == usual.raw_share
    assert (simulate(everybody).raw_share or 0.0) < (usual.raw_share or 0.0)


def test_an_item_rests_while_its_owner_is_away(make: Any) -> None:
    away = (Away(owner="a", days=tuple(make.today + timedelta(days=n) for n in range(20))),)
    items = (make.open(1, owners=("a",)), make.open(2, owners=("b",)))
    found = {o.item_id: o for o in simulate(make.inputs(open=items, rhythm=TeamRhythm(team=TEAM), away=away)).outlooks}
    assert found["issue:o/r#1"].p50 >= make.today + timedelta(days=20)
    assert found["issue:o/r#2"].p50 < make.today + timedelta(days=10)


# --- the items that decide


def _outlooks(found: Forecast) -> dict[str, Any]:
    return {o.item_id.rpartition("#")[2]: o for o in found.outlooks}


def test_a_chain_that_decides_has_critical_items_and_edges(make: Any) -> None:
    chain = (
        make.open(1, age_days=30.0),
        make.open(2, blocked_by=("issue:o/r#1",)),
        make.open(3, blocked_by=("issue:o/r#2",)),
    )
    found = simulate(make.inputs(open=(*chain, make.open(4))))
    outlooks = _outlooks(found)
    edges = {(e.source_id[-1], e.target_id[-1]): e.share for e in found.critical_edges}
    assert outlooks["3"].critical > 0.9
    assert outlooks["4"].critical < 0.2
    assert edges["1", "2"] > 0.5
    assert outlooks["1"].p50 <= outlooks["2"].p50 <= outlooks["3"].p50


def test_no_item_is_done_before_what_blocks_it_in_any_run(make: Any) -> None:
    items = tuple(
        make.open(
            n, age_days=None if n % 2 else 5.0, blocked_by=(f"issue:o/r#{n - 1}",) if n > 1 else (), owners=("a",)
        )
        for n in range(1, 9)
    )
    runs = simulate_runs(make.inputs(open=items, rhythm=TeamRhythm(team=TEAM, hands=2.0, at_once=1.0))).items
    assert runs is not None
    order = [runs.finish[runs.ids.index(f"issue:o/r#{n}")] for n in range(1, 9)]
    assert all(np.all(first <= then) for first, then in pairwise(order))


def test_the_last_item_of_a_run_is_never_later_than_the_run(make: Any) -> None:
    inputs = make.inputs(9, rhythm=TeamRhythm(hands=2.0), open=tuple(make.open(n, owners=("a",)) for n in range(1, 10)))
    runs = simulate_runs(inputs)
    assert runs.items is not None
    assert np.all(runs.items.finish.max(axis=0) <= runs.finish[: runs.items.finish.shape[1]])


def test_a_ring_is_said_in_words_and_its_links_have_no_share(make: Any) -> None:
    ring = (make.open(1, blocked_by=("issue:o/r#2",)), make.open(2, blocked_by=("issue:o/r#1",)))
    found = simulate(make.inputs(open=ring))
    assert found.cycles == (
        "o/r#1 and o/r#2 wait for each other: no order of work satisfies that, so they are counted one after the other.",
    )
    assert found.critical_edges == ()


def test_late_items_are_those_not_done_by_the_end(make: Any) -> None:
    found = simulate(make.inputs(open=(make.open(1, age_days=60.0), make.open(2))))
    outlooks = _outlooks(found)
    assert outlooks["1"].late > outlooks["2"].late
    assert all(o.late is None for o in simulate(make.inputs(3, due_on=None)).outlooks)


def test_a_forecaster_that_keeps_its_draws_says_the_same(make: Any) -> None:
    simulator = Simulator()
    for count in (9, 4, 9):
        inputs = make.inputs(count)
        assert simulator.simulate(inputs) == simulate(inputs)
        assert simulator.brief(inputs).probability == simulate(inputs).probability
