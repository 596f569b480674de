"""Teams with a known way of working: does what the forecast says happen as often as it says?

Each team works off items one by one, four people side by side, some of their time on work outside sprints. Work
takes lognormal days, scope may grow, what is left over moves to the next sprint. After seven sprints the eighth is
looked at half way, and its outcome is known.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from galaxy_desktop.assess.forecast import simulate
from galaxy_desktop.domain.facts import DayCount, TeamRhythm
from galaxy_desktop.domain.findings import Forecast, ForecastInputs, OpenWork

PEOPLE, LENGTH, SPRINTS, LOOK = 4, 10, 8, 5
MONDAY = date(2026, 1, 5)
TEAMS = 120


def _calendar(day: float) -> date:
    """The calendar day of a working day."""
    return MONDAY + timedelta(days=7 * (int(day) // 5) + int(day) % 5)


@dataclass
class Item:
    """An item and when it was begun and done, in working days."""

    name: str
    begun: float | None = None
    done: float | None = None


@dataclass
class Team:
    """A team at work; everything it does comes from its seed.

    With `given_out` every item belongs to one of its people from the start, and nobody else begins it.
    """

    seed: int
    done: Counter[int] = field(default_factory=Counter)
    done_in_sprints: Counter[int] = field(default_factory=Counter)
    added: Counter[int] = field(default_factory=Counter)
    cycles: list[float] = field(default_factory=list)
    on_time: int = 0
    given_out: bool = False
    owner: dict[str, int] = field(default_factory=dict)
    finished: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Give the team its character."""
        self.dice = random.Random(self.seed)
        self.mean, self.spread = math.log(self.dice.uniform(1.2, 3.0)), self.dice.uniform(0.5, 1.0)
        self.focus = self.dice.uniform(0.6, 0.95)
        work = math.exp(self.mean + self.spread**2 / 2)
        self.capacity = PEOPLE * LENGTH / work * self.focus
        self.load, self.growth = self.dice.uniform(0.5, 1.15), self.dice.choice((0.0, 0.0, 0.1, 0.3))
        self.hands: list[tuple[Item | None, float, float] | None] = [None] * PEOPLE
        self.items: list[Item] = []

    def play(self) -> tuple[ForecastInputs, bool] | None:
        """What was known half way through the last sprint and whether it landed; nothing when it was done by then."""
        seen: ForecastInputs | None = None
        for sprint in range(SPRINTS):
            self._plan(sprint)
            grown = 0
            for day in range(sprint * LENGTH, (sprint + 1) * LENGTH):
                if sprint == SPRINTS - 1 and day == sprint * LENGTH + LOOK:
                    seen = self._seen(day, grown)
                grown += self._grow(day, day - sprint * LENGTH)
                for tick in range(10):
                    self._work(day, day + tick / 10)
            landed = all(item.done is not None for item in self.items)
            self.on_time += landed and sprint < SPRINTS - 1
        return (seen, landed) if seen is not None and seen.open else None

    def _plan(self, sprint: int) -> None:
        left = [item for item in self.items if item.done is None]
        count = max(3, round(self.capacity * self.load * self.dice.uniform(0.8, 1.2)))
        new = [Item(f"{sprint}-{n}") for n in range(max(count - len(left), 0))]
        self.added[sprint * LENGTH] += len(new)
        self.items = left + new

    def _grow(self, day: int, since: int) -> int:
        if since < 2 or self.dice.random() >= self.growth * self.capacity / LENGTH:
            return 0
        self.items.append(Item(f"late-{day}"))
        self.added[day] += 1
        return 1

    def _work(self, day: int, now: float) -> None:
        for hand, job in enumerate(self.hands):
            if job is not None and job[1] <= now:
                self._finish(job, day, now)
                self.finished.append((day, hand))
                self.hands[hand] = None
            if self.hands[hand] is None:
                waiting = next((i for i in self.items if i.begun is None and self._may(hand, i)), None)
                item = waiting if waiting is not None and self.dice.random() < self.focus else None
                if item is not None:
                    item.begun = now
                    self.owner[item.name] = hand
                self.hands[hand] = (item, now + self.dice.lognormvariate(self.mean, self.spread), now)

    def _may(self, hand: int, item: Item) -> bool:
        if self.given_out and item.name not in self.owner:
            self.owner[item.name] = self.dice.randrange(PEOPLE)
        return not self.given_out or self.owner[item.name] == hand

    def _rhythm(self, until: int) -> TeamRhythm:
        tops = []
        for end in range(until, max(until - 64, 0), -LENGTH):
            done = Counter(hand for day, hand in self.finished if end - LENGTH <= day < end)
            tops += [max(done.values()) / done.total()] if done.total() >= 4 else []
        hands = 1.0 + (1.0 / max(tops) - 1.0) * len(tops) / (len(tops) + 2) if len(tops) >= 2 else None
        return TeamRhythm(team=tuple("abcd"), hands=hands, at_once=1.0)

    def _finish(self, job: tuple[Item | None, float, float], day: int, now: float) -> None:
        item, _, begun = job
        self.done[day] += 1
        self.cycles.append(max((_calendar(day) - _calendar(begun)).days + now % 1 - begun % 1, 0.1))
        if item is not None:
            item.done = now
            self.done_in_sprints[day] += 1

    def _seen(self, day: int, grown: int) -> ForecastInputs:
        today = _calendar(day)
        start = (day // LENGTH) * LENGTH
        due = _calendar(start + LENGTH - 1)
        opened = tuple(
            OpenWork(item_id=i.name, age_days=self._age(i, today), owners=self._owners(i))
            for i in self.items
            if i.done is None
        )
        return ForecastInputs(
            as_of=datetime.combine(today, time(0, 5), UTC), today=today, due_on=due, closed=False,
            planned_days=float((due - _calendar(start)).days + 1), open=opened, done=len(self.items) - len(opened),
            days=self._days(day, self.done, Counter()), sprint_days=self._days(day, self.done_in_sprints, self.added),
            cycle_days=tuple(sorted(self.cycles)), past_sprints=SPRINTS - 1, past_sprints_on_time=self.on_time,
            seed=self.seed, runs=1_000, added=grown, added_days=LOOK - 2, rhythm=self._rhythm(day),
        )  # fmt: skip

    def _owners(self, item: Item) -> tuple[str, ...]:
        return ("abcd"[self.owner[item.name]],) if item.name in self.owner else ()

    @staticmethod
    def _age(item: Item, today: date) -> float | None:
        return None if item.begun is None else (today - _calendar(item.begun)).days - item.begun % 1

    @staticmethod
    def _days(until: int, done: Counter[int], added: Counter[int]) -> tuple[DayCount, ...]:
        return tuple(
            DayCount(day=_calendar(d), done=done[d], added=added[d]) for d in range(max(until - 64, 0), until)
        )  # fmt: skip


def _judged() -> Iterator[tuple[Forecast, bool]]:
    for seed in range(TEAMS):
        played = Team(seed).play()
        if played is not None:
            yield simulate(played[0]), played[1]


@pytest.fixture(scope="module")
def judged() -> list[tuple[Forecast, bool]]:
    """Forecasts of sprints half way, each with what came of it."""
    return [(forecast, landed) for forecast, landed in _judged() if forecast.probability is not None]


def _brier(pairs: list[tuple[float, bool]]) -> float:
    return sum((p - landed) ** 2 for p, landed in pairs) / len(pairs)


def test_sprints_land_about_as_often_as_was_said(judged: list[tuple[Forecast, bool]]) -> None:
    said = sum(f.probability or 0.0 for f, _ in judged) / len(judged)
    happened = sum(landed for _, landed in judged) / len(judged)
    assert len(judged) > 100
    assert said == pytest.approx(happened, abs=0.08)


def test_sprints_called_likely_land_more_often_than_those_called_unlikely(judged: list[tuple[Forecast, bool]]) -> None:
    likely = [landed for f, landed in judged if (f.probability or 0.0) >= 0.5]
    unlikely = [landed for f, landed in judged if (f.probability or 0.0) < 0.2]
    assert min(len(likely), len(unlikely)) >= 10
    assert sum(likely) / len(likely) > 0.4
    assert sum(unlikely) / len(unlikely) < 0.2


@pytest.mark.parametrize("baseline", ["base_rate", "linear_burn"])
def test_the_forecast_beats_both_baselines(judged: list[tuple[Forecast, bool]], baseline: str) -> None:
    ours = _brier([(f.probability or 0.0, landed) for f, landed in judged])
    theirs = _brier([(f.baselines[baseline] or 0.0, landed) for f, landed in judged])
    assert ours < theirs


def test_knowing_in_whose_hands_work_is_makes_the_forecast_better() -> None:
    """Where every item has its owner from the start, one pair of hands often decides."""
    blind: list[tuple[float, bool]] = []
    seeing: list[tuple[float, bool]] = []
    for seed in range(TEAMS):
        played = Team(seed, given_out=True).play()
        if played is not None:
            inputs, landed = played
            for said, given in ((blind, replace(inputs, rhythm=TeamRhythm())), (seeing, inputs)):
                said.append((simulate(given).raw_share or 0.0, landed))
    assert _brier(seeing) < _brier(blind)
    times = sum(happened for _, happened in seeing)
    assert abs(sum(p for p, _ in seeing) - times) < abs(sum(p for p, _ in blind) - times)
