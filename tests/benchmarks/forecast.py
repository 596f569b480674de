"""Ten thousand runs of a sprint's forecast against the same game in plain Python: a loop over runs, items and days.

The plain loop plays a simpler game (one blocker an item, no growth that is learnt, no dates, no fan): that favors it.
"""

from __future__ import annotations

import random
import time
from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from galaxy_desktop.assess.forecast import simulate
from galaxy_desktop.domain.facts import DayCount
from galaxy_desktop.domain.findings import ForecastInputs, OpenWork
from tests.benchmarks.figures import Figure, median, ms, over

FIGURES = ("forecast_50", "forecast_200")
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
RUNS = 10_000
BAR_S = 0.5


def measure(*, quick: bool) -> list[Figure]:
    """Forecast a usual sprint and a very large one."""
    runs, times = (500, 2) if quick else (RUNS, 9)
    return [_sprint(size, runs, times) for size in (50, 200)]


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
