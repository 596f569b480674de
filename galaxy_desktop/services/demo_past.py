"""The past of a demo team, worked and not scripted: people take items, work on them, have them reviewed, and sometimes run late.

A past in which everything is done at an even pace until nothing is left, days before the end, is none that a team could
have had: real work slows down over its last pieces, because one person cannot do two halves of an item at once. So a
forecast that knows how teams work looked far too pessimistic in hindsight, in the very place where a new user first
sees it judged. Here six people work through ten days of a sprint at a time, hour by hour:

- a sprint is planned to a share of what the team usually does, and what was left over is moved into it first;
- whoever is free takes the next item of the sprint, or now and then work that is in no sprint; when nothing waits in the
  sprint any more, all of them do;
- how long an item takes is lognormal, on some days a person is not there, and some items come in after the planning;
- part of the work goes through a pull request, opened when most of it is done, reviewed, and merged at its end; some
  builds fail at first.

Time is counted in working days of eight hours since the first day of the first sprint; everything follows from a seed,
so that the same past is seen on every day and weekends only stretch it. Nothing here knows of the forecast.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

SPRINT_DAYS = 10
HOUR = 1.0 / 8.0
COMES_IN = (2.0, 8.0)
"""Between these days of a sprint items come in: before it is planning, and in the last two days nobody adds to it."""
SPREAD = 0.5
"""Standard deviation of the logarithm of how long items take: of twelve items, one takes more than twice the usual time."""
AWAY = 0.03
"""How often a person is not there on a day."""
PLAN_VARIES = 0.12
OUTSIDE_PULLS = 0.3
"""Of the work outside of sprints so much is a pull request without an issue: an upgrade, a small repair."""
REVIEWED_WORK = 0.15
"""So much of the planned work goes through a pull request of its own."""
FAILS_FIRST = 0.2


@dataclass(frozen=True, slots=True)
class Team:
    """How a team works: items it does a day, which part of a sprint it plans, what comes in a day, and its focus.

    `focus` is how often who is free takes an item of the sprint while some wait there.
    """

    people: int
    rate: float
    load: float
    growth: float
    focus: float

    @property
    def usual_days(self) -> float:
        """The median of how long an item takes, in working days."""
        return self.people / self.rate / math.exp(SPREAD**2 / 2.0)


@dataclass(slots=True)
class Job:
    """One piece of work: when it was written down, begun and done, by whom, and in which sprints it was.

    `entries` are (moment, whether it came in, sprint); `opened` is when its pull request was, `reviewed` when that had its
    review, `failed` whether its first build did. `pull` tells work that is a pull request and no issue.
    """

    made: float
    sprint: int | None
    entries: list[tuple[float, bool, int]] = field(default_factory=list)
    owner: int = 0
    begun: float | None = None
    takes: float = 0.0
    done: float | None = None
    pull: bool = False
    opened: float | None = None
    reviewed: float | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """All that was done, and when each sprint was closed, in working days since the first one began."""

    jobs: tuple[Job, ...]
    closed: tuple[float, ...]


def worked_past(team: Team, sprints: int, seed: str) -> Past:
    """Let a team work for so many sprints; what it had not finished outside of them by then is left out."""
    work = _Work(team, random.Random(seed))
    for sprint in range(sprints):
        work.plan(sprint)
        for hour in range(SPRINT_DAYS * 8):
            work.hour(sprint, sprint * SPRINT_DAYS + hour * HOUR)
    if sprints:
        work.finish(sprints)
    return Past(tuple(job for job in work.jobs if job.done is not None), tuple(work.closed))


class _Work:
    """A team at work."""

    def __init__(self, team: Team, dice: random.Random) -> None:
        self.team = team
        self.dice = dice
        self.jobs: list[Job] = []
        self.closed: list[float] = []
        self.hands: list[Job | None] = [None] * team.people
        self.free_from = [0.0] * team.people

    def left(self, sprint: int) -> list[Job]:
        """What is open in a sprint."""
        return [job for job in self.jobs if job.sprint == sprint and job.done is None]

    def plan(self, sprint: int) -> None:
        """Close the last sprint, move what is left of it, and fill the next one."""
        start = float(sprint * SPRINT_DAYS)
        left = self.left(sprint - 1)
        if sprint:
            self.closed.append(start + 0.06 if left else start - 0.03)
        for job in left:
            job.entries += [(start + 0.03, False, sprint - 1), (start + 0.04, True, sprint)]
            job.sprint = sprint
        usual = self.team.rate * SPRINT_DAYS * self.team.load
        size = round(usual * self.dice.uniform(1.0 - PLAN_VARIES, 1.0 + PLAN_VARIES))
        for number in range(max(size - len(left), 3)):
            made = start - self.dice.uniform(0.1, 0.9)
            self.jobs.append(Job(made, sprint, [(start + 0.04 + 0.001 * number, True, sprint)]))

    def hour(self, sprint: int, now: float) -> None:
        """An hour in which items come in, are finished and begun."""
        grows = COMES_IN[0] <= now % SPRINT_DAYS < COMES_IN[1] and self.left(sprint)
        if grows and self.dice.random() < self.team.growth * HOUR:
            self.jobs.append(Job(now, sprint, [(now + 0.01, True, sprint)]))
        for hand in range(self.team.people):
            if now == int(now) and self.dice.random() < AWAY:
                self._away(hand, now)
            self._work(hand, sprint, now)

    def _away(self, hand: int, now: float) -> None:
        """A day on which somebody is not there: what is in these hands takes a day longer."""
        self.free_from[hand] = now + 1.0
        job = self.hands[hand]
        if job is not None:
            job.takes += 1.0

    def _work(self, hand: int, sprint: int, now: float) -> None:
        job = self.hands[hand]
        if job is not None and job.begun is not None and job.begun + job.takes <= now:
            self._done(job, job.begun + job.takes)
            job = self.hands[hand] = None
        if job is None and self.free_from[hand] <= now and now % SPRINT_DAYS > 0.05:
            self.hands[hand] = self._begin(hand, sprint, now)

    def _begin(self, hand: int, sprint: int, now: float) -> Job:
        waiting = next((job for job in self.left(sprint) if job.begun is None), None)
        if waiting is None or self.dice.random() >= self.team.focus:
            waiting = Job(now - self.dice.uniform(0.05, 2.0), None, pull=self.dice.random() < OUTSIDE_PULLS)
            self.jobs.append(waiting)
        waiting.owner, waiting.begun = hand, now + self.dice.uniform(0.02, 0.9 * HOUR)
        waiting.takes = max(self.team.usual_days * math.exp(self.dice.gauss(0.0, SPREAD)), HOUR)
        if now < 1.0:
            waiting.takes *= self.dice.random()  # the team did not begin everything on the day on which its records do
        return waiting

    def _done(self, job: Job, at: float) -> None:
        """Finish a job, and tell what its pull request went through."""
        assert job.begun is not None  # noqa: S101 - tells the type checker: only what was begun is done
        job.done = at
        reviewed = self.dice.random() < REVIEWED_WORK
        if job.pull or reviewed:
            took = at - job.begun
            job.opened = job.begun if job.pull else job.begun + took * self.dice.uniform(0.4, 0.7)
            job.reviewed = job.opened + (at - job.opened) * self.dice.uniform(0.5, 0.95)
            job.failed = self.dice.random() < FAILS_FIRST
        if job.pull:
            job.made = job.begun

    def finish(self, sprints: int) -> None:
        """Close the last sprint: what is left of it is done on the first day after its end."""
        end = float(sprints * SPRINT_DAYS)
        left = self.left(sprints - 1)
        for number, job in enumerate(left):
            if job.begun is None:
                job.begun = end - 1.0 + 0.05 * number
            self._done(job, end + 0.1 + 0.6 * (number + 1) / (len(left) + 1))
        self.closed.append(end + 0.8 if left else end - 0.03)
