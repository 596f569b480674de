"""The promises that hold for every sprint, tried on sprints that nobody would think of.

"Never lowers" is proved run by run: with common random numbers no single run may land later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.assess.forecast import simulate
from galaxy_desktop.assess.health import health
from galaxy_desktop.assess.history import focus_levels, growth_levels
from galaxy_desktop.assess.prior import prior_probability
from galaxy_desktop.assess.simulation import simulate_runs
from galaxy_desktop.domain.facts import TeamRhythm
from galaxy_desktop.domain.findings import Away, EffortFactor, ForecastInputs
from galaxy_desktop.domain.scenarios import changed
from galaxy_desktop.domain.work import ItemKind

PEOPLE = ("a", "b", "c")
FACTORS = (
    EffortFactor(kind="issue", size="", factor=1.5, seen=30),
    EffortFactor(kind="issue", size="large", factor=1.8, seen=12),
)

often = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
ages = st.one_of(st.none(), st.floats(0, 400))


@st.composite
def sprints(draw: st.DrawFn, make: Any) -> ForecastInputs:
    """Sprints of 2 to 8 open items that block each other any way they like, rings and outsiders included."""
    count = draw(st.integers(2, 8))
    names = [f"issue:o/r#{n}" for n in range(1, count + 1)] + ["external:issue:x/y#1"]
    pulls = draw(st.integers(0, count // 2))
    names += [f"pr:o/r#{n}" for n in range(count - pulls + 1, count + 1)]
    issues = [f"issue:o/r#{n}" for n in range(1, count - pulls + 1)]
    items = tuple(
        make.open(
            n,
            **({"item_id": f"pr:o/r#{n}"} if n > count - pulls else {}),
            age_days=draw(ages),
            blocked_by=tuple(draw(st.lists(st.sampled_from(names), max_size=2, unique=True))),
            waiting_for_review_days=draw(st.one_of(st.none(), st.floats(0, 60))),
            red=draw(st.booleans()),
            lines=draw(st.sampled_from((None, 5, 5_000))),
            boxes=draw(st.sampled_from((0, 9))),
            owners=tuple(sorted(draw(st.sets(st.sampled_from(PEOPLE), max_size=2)))),
            part_of=tuple(draw(st.lists(st.sampled_from(issues), max_size=2, unique=True)))
            if n > count - pulls
            else (),
        )
        for n in range(1, count + 1)
    )
    pace, added = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    left = draw(st.integers(0, 40))
    return make.inputs(
        open=items,
        outside=(_outsider(make),),
        done=draw(st.integers(0, 9)),
        days=make.days(done=pace, added=added),
        sprint_days=make.days(done=draw(st.integers(0, pace)), added=added, noise=0),
        due_on=make.today + timedelta(days=left),
        planned_days=draw(st.one_of(st.none(), st.floats(1, 60))),
        cycle_days=tuple(sorted(draw(st.lists(st.floats(0, 90), max_size=15)))),
        seed=draw(st.integers(0, 2**31 - 1)),
        open_sprints=draw(st.integers(1, 3)),
        added=draw(st.integers(0, 5)),
        added_days=draw(st.integers(0, 20)),
        runs=300,
        effort=draw(st.sampled_from(((), FACTORS))),
        rhythm=TeamRhythm(
            team=PEOPLE,
            hands=draw(st.sampled_from((None, 1.4, 3.0))),
            at_once=draw(st.sampled_from((None, 1.0, 2.5))),
            reviews_a_day=draw(st.sampled_from((None, 0.4, 2.0))),
            green_days=draw(st.sampled_from(((), (0.1, 6.0)))),
        ),
        away=draw(
            st.sampled_from(((), (Away(owner="a", days=tuple(make.today + timedelta(days=n) for n in range(9))),)))
        ),
    )


def _outsider(make: Any) -> Any:
    return replace(make.open(99), item_id="external:issue:x/y#1")


def _no_worse(before: ForecastInputs, after: ForecastInputs) -> None:
    """No run lands later, and the number shown is not lower."""
    assert np.all(simulate_runs(after).finish <= simulate_runs(before).finish)
    one, other = simulate(before).probability, simulate(after).probability
    assert one is not None
    assert other is not None
    assert other >= one


@often
@given(data=st.data())
def test_removing_any_open_item_never_lowers_the_probability(make: Any, data: st.DataObject) -> None:
    before = data.draw(sprints(make))
    gone = data.draw(st.sampled_from(before.open))
    _no_worse(before, replace(before, open=tuple(w for w in before.open if w is not gone)))


@often
@given(data=st.data())
def test_finishing_any_item_never_lowers_the_probability(make: Any, data: st.DataObject) -> None:
    before = data.draw(sprints(make))
    gone = data.draw(st.sampled_from(before.open))
    _no_worse(before, replace(before, open=tuple(w for w in before.open if w is not gone), done=before.done + 1))


@often
@given(data=st.data())
def test_an_item_that_slips_never_makes_a_run_land_sooner(make: Any, data: st.DataObject) -> None:
    after = data.draw(sprints(make))
    chosen, days = data.draw(st.sampled_from(after.open)).item_id, data.draw(st.integers(1, 9))
    _no_worse(changed(after, chosen, lambda work: replace(work, slip_days=days)), after)


@often
@given(data=st.data())
def test_clearing_any_blocker_never_lowers_the_probability(make: Any, data: st.DataObject) -> None:
    before = data.draw(sprints(make))
    chosen = data.draw(st.integers(0, len(before.open) - 1))
    freed = tuple(replace(w, blocked_by=w.blocked_by[1:]) if n == chosen else w for n, w in enumerate(before.open))
    _no_worse(before, replace(before, open=freed))


@often
@given(data=st.data())
def test_a_review_or_a_green_build_never_lowers_the_probability(make: Any, data: st.DataObject) -> None:
    before = data.draw(sprints(make))
    chosen = data.draw(st.integers(0, len(before.open) - 1))
    better = tuple(
        replace(w, red=False, waiting_for_review_days=None) if n == chosen else w for n, w in enumerate(before.open)
    )
    _no_worse(before, replace(before, open=better))


@often
@given(data=st.data())
def test_splitting_an_item_never_lowers_the_probability(make: Any, data: st.DataObject) -> None:
    before = data.draw(sprints(make))
    chosen = data.draw(st.integers(0, len(before.open) - 1))
    _no_worse(
        before,
        replace(
            before, open=tuple(replace(w, remaining_share=0.5) if n == chosen else w for n, w in enumerate(before.open))
        ),
    )


@often
@given(data=st.data())
def test_moving_the_end_later_never_lowers_the_probability(make: Any, data: st.DataObject) -> None:
    before = data.draw(sprints(make))
    more = data.draw(st.integers(1, 60))
    due = before.due_on + timedelta(days=more) if before.due_on else None
    longer = None if before.planned_days is None else before.planned_days + more
    for planned in (longer, before.planned_days):
        one, other = (
            simulate(before).probability,
            simulate(replace(before, due_on=due, planned_days=planned)).probability,
        )
        assert one is not None
        assert other is not None
        assert other >= one


@often
@given(data=st.data())
def test_the_order_of_items_does_not_matter(make: Any, data: st.DataObject) -> None:
    before = data.draw(sprints(make))
    shuffled = replace(before, open=tuple(data.draw(st.permutations(before.open))))
    assert simulate(before) == simulate(shuffled)


@often
@given(data=st.data())
def test_a_probability_stays_between_5_and_95_percent_and_dates_in_order(make: Any, data: st.DataObject) -> None:
    found = simulate(data.draw(sprints(make)))
    assert found.probability is not None
    assert 0.05 <= found.probability <= 0.95
    days = found.completion
    assert days is not None
    assert days.p50 <= days.p70 <= days.p85 <= days.p95


@often
@given(data=st.data())
def test_the_dates_agree_with_the_probability(make: Any, data: st.DataObject) -> None:
    """The share of runs that land by the end says on which side of it each date lies."""
    inputs = data.draw(sprints(make))
    found = simulate(inputs)
    assert found.completion is not None
    assert found.raw_share is not None
    assert inputs.due_on is not None
    for level, day in zip(
        (0.5, 0.7, 0.85, 0.95),
        (found.completion.p50, found.completion.p70, found.completion.p85, found.completion.p95),
        strict=True,
    ):
        assert (day <= inputs.due_on) == (found.raw_share >= level)


@settings(deadline=None, max_examples=60)
@given(
    counts=st.tuples(st.integers(1, 40), st.integers(0, 60)),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted),
    record=st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted).map(tuple),
)
def test_the_prior_falls_with_work_left_and_with_time_gone(
    counts: tuple[int, int], shares: list[float], record: Any
) -> None:
    left, done = counts
    early, late = shares
    p = prior_probability(left, left + done, early, record)
    assert prior_probability(left + 1, left + 1 + done, early, record) <= p + 1e-12
    assert prior_probability(left, left + done, late, record) <= p + 1e-12
    assert 0.0 < p < 1.0


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.01, 5), st.integers(0, 30))
def test_shares_and_growth_rise_with_what_was_seen(seen: int, others: int, usual: float, days: int) -> None:
    assert np.all(focus_levels(seen + 1, seen + 1 + others) >= focus_levels(seen, seen + others) - 1e-6)
    assert np.all(growth_levels(seen + 1, days, usual) >= growth_levels(seen, days, usual) - 1e-6)


@st.composite
def worlds(draw: st.DrawFn, make: Any) -> Any:
    """Workspaces whose open items are in every kind of trouble."""
    numbers = range(1, 6)
    facts = {
        n: {
            "started_at": make.now,
            "age_days": draw(ages),
            "idle_days": draw(st.floats(0, 40)),
            "blocked_by": tuple(
                f"issue:o/r#{b}" for b in draw(st.lists(st.sampled_from(numbers), max_size=2, unique=True)) if b != n
            ),
            "waiting_for_review_days": draw(st.one_of(st.none(), st.floats(0, 60))),
            "mood": draw(st.one_of(st.none(), st.floats(-1, 1))),
        }
        for n in numbers
    }
    items = tuple(make.item(n, done=n > 5, kind=draw(st.sampled_from(ItemKind))) for n in range(1, 9))
    added = tuple(i.evidence_id for i in items if draw(st.booleans()))
    due = draw(st.one_of(st.none(), st.integers(-10, 30)))
    return make.world(
        items,
        facts,
        added=added,
        due_on=None if due is None else make.today + timedelta(days=due),
        comments=(make.comment(),) if draw(st.booleans()) else (),
        runs=(make.run(),) if draw(st.booleans()) else (),
    )


@often
@given(data=st.data())
def test_removing_any_open_item_never_lowers_health(make: Any, data: st.DataObject) -> None:
    world = data.draw(worlds(make))
    gone = data.draw(st.sampled_from([f.item_id for f in world.features.items]))
    after = world.without(gone)
    before_score, after_score = (health(w.sprint, w.features, w.forecast(), w.snapshot).score for w in (world, after))
    assert after_score >= before_score


@often
@given(data=st.data(), shown=st.floats(0.05, 0.95), higher=st.floats(0.05, 0.95))
def test_health_never_moves_against_the_forecast(make: Any, data: st.DataObject, shown: float, higher: float) -> None:
    world = data.draw(worlds(make))
    low, high = sorted((shown, higher))
    some = replace(world.forecast(), why_none=None)
    scores = [
        health(world.sprint, world.features, replace(some, probability=p), world.snapshot).score for p in (low, high)
    ]
    assert scores[0] <= scores[1]


@often
@given(data=st.data())
def test_parts_of_health_add_up_and_each_cites_something(make: Any, data: st.DataObject) -> None:
    world = data.draw(worlds(make))
    found = health(world.sprint, world.features, world.forecast(), world.snapshot)
    assert sum(part.weight for part in found.parts) == 1.0 or abs(sum(p.weight for p in found.parts) - 1.0) < 1e-9
    assert all(part.evidence and 0.0 <= part.score <= 100.0 and part.formula for part in found.parts)
    assert found.score <= round(sum(p.weight * p.score for p in found.parts), 1)
