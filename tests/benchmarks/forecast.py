"""Ten thousand runs of a sprint's forecast against the same game in plain Python: a loop over runs, items and days.

The plain loop plays a simpler game (one blocker an item, no growth that is learnt, no dates, no fan): that favors it.
The large sprint is played in three repositories with 60 dependencies, once with everything in work and once with nothing
begun; "what if" asks a forecaster that has answered once before, against a whole forecast in the same run.
"""

from __future__ import annotations

import random
import time
from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from galaxy_desktop.assess.forecast import Simulator, simulate
from galaxy_desktop.assess.what_if import Slip, what_if
from galaxy_desktop.domain.facts import DayCount, TeamRhythm
from galaxy_desktop.domain.findings import ForecastInputs, OpenWork
from tests.benchmarks.figures import Figure, median, ms, over

FIGURES = ("forecast_50", "forecast_200", "forecast_200_begun", "forecast_200_new", "what_if_200")
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
RUNS = 10_000
BAR_S = 0.5
LARGE_BAR_S = 1.0
WHAT_IF_BAR_S = 0.3
EDGES = 60


def measure(*, quick: bool) -> list[Figure]:
    """Forecast a usual sprint and a very large one."""
    runs, times = (500, 2) if quick else (RUNS, 9)
    large = [_large(runs, times, begun=begun) for begun in (True, False)]
    return [*(_sprint(size, runs, times) for size in (50, 200)), *large, _what_if(runs, times)]


def _sprint(size: int, runs: int, times: int) -> Figure:
    simulate(inputs(size, runs, seed=0))
    ours = median([_seconds(lambda seed=seed: simulate(inputs(size, runs, seed))) for seed in range(1, times + 1)])
    plain = median([_seconds(lambda seed=seed: plain_runs(inputs(size, runs, seed))) for seed in range(1, 4)])
    return Figure(
        name=f"forecast_{size}",
        figure=f"{ms(ours)} for {runs:,} runs of {size} open items",
        reference=f"plain Python loop {ms(plain)}",
        ratio=over(ours, plain),
        bar=f"under {ms(BAR_S)}",
        met=ours < BAR_S,
    )


def _large(runs: int, times: int, *, begun: bool) -> Figure:
    """200 items of three repositories with 60 dependencies."""
    simulate(chained(runs, 0, begun=begun))
    ours = median(
        [_seconds(lambda seed=seed: simulate(chained(runs, seed, begun=begun))) for seed in range(1, times + 1)]
    )
    plain = median([_seconds(lambda seed=seed: plain_runs(chained(runs, seed, begun=begun))) for seed in range(1, 4)])
    return Figure(
        name=f"forecast_200_{'begun' if begun else 'new'}",
        figure=f"{ms(ours)} for {runs:,} runs of 200 items, 3 repositories, {EDGES} dependencies",
        reference=f"plain Python loop {ms(plain)}",
        ratio=over(ours, plain),
        bar=f"under {ms(LARGE_BAR_S)}",
        met=ours < LARGE_BAR_S,
    )


def _what_if(runs: int, times: int) -> Figure:
    """One item of that sprint slips by two days."""
    asked: list[float] = []
    whole: list[float] = []
    for seed in range(1, times + 1):
        given = chained(runs, seed, begun=True)
        simulator = Simulator()
        whole.append(_seconds(lambda given=given, simulator=simulator: simulator.simulate(given)))
        slip = Slip(given.open[seed].item_id, 2)
        asked.append(_seconds(lambda given=given, slip=slip, s=simulator: what_if(given, slip, s.simulate)))
    return Figure(
        name="what_if_200",
        figure=f"{ms(median(asked))} for the answer to one question about that sprint",
        reference=f"its first forecast {ms(median(whole))}",
        ratio=over(median(asked), median(whole)),
        bar=f"under {ms(WHAT_IF_BAR_S)}",
        met=median(asked) < WHAT_IF_BAR_S,
    )


def chained(runs: int, seed: int, *, begun: bool) -> ForecastInputs:
    """200 items of three repositories, every third or so held up by an earlier one, shared by nine people."""
    dice = random.Random(200)
    names = [f"{'pr' if n % 4 == 0 else 'issue'}:o/r{n % 3}#{n}" for n in range(1, 201)]
    held = set(dice.sample(range(1, 200), EDGES))
    items = tuple(
        OpenWork(
            item_id=name,
            age_days=dice.uniform(0, 20) if begun else None,
            blocked_by=(names[dice.randrange(n)],) if n in held else (),
            waiting_for_review_days=dice.uniform(0.5, 6) if begun and n % 4 == 3 else None,
            red=begun and n % 12 == 3,
            lines=dice.choice((20, 200, 900)) if n % 4 == 3 else None,
            owners=(f"p{dice.randrange(9)}",) if n % 5 else (),
        )
        for n, name in enumerate(names)
    )
    rhythm = TeamRhythm(
        team=tuple(f"p{n}" for n in range(9)), hands=3.0, at_once=2.0, reviews_a_day=4.0, green_days=(0.1, 0.4, 2.0)
    )
    return replace(inputs(200, runs, seed), open=items, rhythm=rhythm)


def inputs(size: int, runs: int, seed: int) -> ForecastInputs:
    """A sprint with `size` open items of all kinds, 90 days of history and two weeks to go."""
    dice = random.Random(size)
    days = tuple(_day(back, dice) for back in range(89, -1, -1))
    items = tuple(
        OpenWork(
            item_id=f"issue:o/r#{n}",
            age_days=dice.uniform(0, 12) if n % 3 == 0 else None,
            blocked_by=(f"issue:o/r#{n - 1}",) if n % 10 == 0 else (),
            waiting_for_review_days=dice.uniform(0, 5) if n % 7 == 0 else None,
        )
        for n in range(1, size + 1)
    )
    return ForecastInputs(
        as_of=NOW, today=NOW.date(), due_on=NOW.date() + timedelta(days=14), closed=False, planned_days=21.0, open=items,
        done=size // 2, days=days, sprint_days=days, cycle_days=tuple(sorted(dice.expovariate(0.3) for _ in range(120))),
        past_sprints=5, past_sprints_on_time=3, seed=seed, runs=runs, added=4, added_days=6,
    )  # fmt: skip


def _day(back: int, dice: random.Random) -> DayCount:
    day = NOW.date() - timedelta(days=back)
    working = day.weekday() < 5
    return DayCount(day=day, done=dice.randrange(8) if working else 0, added=dice.randrange(3), working=working)


def plain_runs(given: ForecastInputs) -> list[int]:
    """For each run the days until capacity has reached every item, and every item is ready."""
    dice = random.Random(given.seed)
    past = [(day.done, day.added) for day in given.days if day.working]
    finished = []
    for _ in range(given.runs):
        left, days = len(given.open), 0
        while left > 0 and days < 730:
            done, added = dice.choice(past)
            left += (added if days < 10 else 0) - done
            days += 1
        finished.append(max(days, _last_ready(given, dice)))
    return sorted(finished)


def _last_ready(given: ForecastInputs, dice: random.Random) -> int:
    """The day on which the last item is ready in one run: its remaining time given its age, after its blocker."""
    ready: dict[str, float] = {}
    for work in given.open:
        age = work.age_days or 0.0
        longer = given.cycle_days[bisect_right(given.cycle_days, age) :]
        days = dice.choice(longer) - age if longer else dice.expovariate(0.1)
        if work.waiting_for_review_days:
            days += work.waiting_for_review_days * (dice.random() ** (-2 / 3) - 1)
        ready[work.item_id] = days + max((ready.get(b, 0.0) for b in work.blocked_by), default=0.0)
    return int(max(ready.values()))


def _seconds(work: object) -> float:
    begun = time.perf_counter()
    assert callable(work)
    work()
    return time.perf_counter() - begun
