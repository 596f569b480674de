"""The pasts that an interval comes from: other histories of the same team, the same in every way of counting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from galaxy_desktop.assess.history import pieces_of, pool_of
from galaxy_desktop.domain.facts import DayCount
from galaxy_desktop.domain.findings import Forecast, ForecastInputs
from galaxy_desktop.domain.scenarios import without
from galaxy_desktop.recommend.interval import PASTS, OtherPasts
from tests.recommend.conftest import Make


def _in_pieces(inputs: ForecastInputs) -> ForecastInputs:
    """The same past counted in pieces too: of two items one is part of the other; every day's counts tell which day it is."""
    days = tuple(replace(d, done=4 * n if d.working else 0, added=n % 3) for n, d in enumerate(inputs.days))
    fewer = tuple(replace(d, done=d.done // 2) for d in days)
    return replace(
        inputs, days=days, unit_days=fewer, sprint_days=days, unit_sprint_days=tuple(replace(d, done=d.done // 4) for d in days)
    )  # fmt: skip


def _pasts(inputs: ForecastInputs, make: Make) -> list[ForecastInputs]:
    return [past for past, _ in OtherPasts.of(inputs, make.bench().simulate).pasts]


def _by_day(days: tuple[DayCount, ...]) -> dict[date, int]:
    return {d.day: d.done for d in days}


def test_a_day_that_is_drawn_brings_its_pieces_and_its_items_from_the_same_day(make: Make) -> None:
    inputs = _in_pieces(make.bench().inputs())
    for past in _pasts(inputs, make):
        items, pieces = _by_day(past.days), _by_day(past.unit_days)
        planned = _by_day(past.unit_sprint_days)
        assert all(items[day] == 2 * pieces[day] == 4 * planned[day] for day in items)
        assert _by_day(past.sprint_days) == items


def test_the_simulation_draws_from_other_days_in_each_past(make: Make) -> None:
    inputs = _in_pieces(make.bench().inputs())
    pools = {pool_of(past).done.tobytes() for past in _pasts(inputs, make)}
    assert pool_of(inputs).done.tobytes() not in pools
    assert len(pools) > 5


def test_days_off_keep_their_counts(make: Make) -> None:
    inputs = _in_pieces(make.bench().inputs())
    for past in _pasts(inputs, make):
        before, after = pieces_of(inputs)[0], pieces_of(past)[0]
        assert [d for d in before if not d.working] == [d for d in after if not d.working]


def test_an_uneven_past_makes_the_interval_wider_also_where_work_is_counted_in_pieces(make: Make) -> None:
    bench = make.bench(left=7)
    inputs = replace(bench.inputs(), cycle_days=(1.0,) * 10)
    even = replace(inputs, days=tuple(replace(d, done=1 if d.working else 0) for d in inputs.days))
    bursts = replace(
        inputs, days=tuple(replace(d, done=3 if d.working and n // 7 % 3 == 0 else 0) for n, d in enumerate(inputs.days))
    )  # fmt: skip
    assert _reach(bursts, bench.simulate) > _reach(even, bench.simulate) + 0.02


def _reach(inputs: ForecastInputs, simulate: Callable[[ForecastInputs], Forecast]) -> float:
    counted = replace(inputs, unit_days=inputs.days, unit_sprint_days=inputs.days)
    gone = [work.item_id for work in counted.open[:2]]
    pasts = OtherPasts.of(counted, simulate)
    assert len(pasts.pasts) == PASTS
    low, high = pasts.interval(lambda one: without(one, gone), 0.2, simulate, certain=False)
    return high - low
