"""Steady teams whose truth is known: they work, plan and close in records as GitHub has them, and their dice can be thrown again.

A team of a few people takes items one by one from the sprint's list, some of its time for work that is in no sprint. How
long an item takes is lognormal, in working days; what is left over moves to the next milestone, and some items are
added on the way. Nothing about a team changes: what the forecast cannot know is chance alone.

`Team.play` gives the records of all sprints (`Played.snapshot`), and with each look at a sprint the probability with which
it lands: the team goes on from there many times, with the work in hand as old as it is and with fresh dice for all else.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import exp, log
from statistics import NormalDist

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import ItemEvent, ItemKind, Milestone, Person, Repository, State, WorkItem

REPO = "steady/team"
FIRST_DAY = date(2026, 1, 1)
"""A Thursday, so that sprints that begin on the first day of a week of the team have a weekend in their planning."""
LENGTH = 10
"""Working days of a sprint."""
SHARES = (0.0, 0.3, 0.5, 0.8)
PLANNED = 0.12
"""The first look comes when the planning is over."""
OF_DAY = 0.3
"""Looks are taken before noon."""
NORMAL = NormalDist()


def moment(day: float) -> datetime:
    """The moment of a working day: work is done from 9 to 17 o'clock."""
    whole = int(day)
    start = FIRST_DAY.weekday()
    calendar = FIRST_DAY + timedelta(days=7 * ((whole + start) // 5) + (whole + start) % 5 - start)
    return datetime.combine(calendar, time(9), UTC) + timedelta(hours=8.0 * (day - whole))


@dataclass
class Job:
    """An item of work: in which sprint it is, since when somebody works on it, and how many working days that takes."""

    number: int
    made: float
    sprint: int | None
    entries: list[tuple[float, str, int]] = field(default_factory=list)
    owner: int | None = None
    begun: float | None = None
    takes: float = 0.0
    done: float | None = None


@dataclass(frozen=True)
class Character:
    """What makes a team: `load` is the part of its capacity that it plans, `growth` items added for each one done."""

    people: int = 4
    usual_days: float = 2.0
    spread: float = 0.6
    focus: float = 0.8
    load: float = 0.8
    growth: float = 0.1

    @classmethod
    def drawn(cls, seed: int) -> Character:
        """One of many teams."""
        dice = random.Random(seed)
        return cls(
            people=dice.choice((3, 4, 5, 6)),
            usual_days=dice.uniform(0.8, 2.5),
            spread=dice.uniform(0.4, 0.9),
            focus=dice.choice((0.7, 0.85, 1.0)),
            load=dice.uniform(0.45, 0.95),
            growth=dice.choice((0.0, 0.1, 0.2, 0.3)),
        )

    @property
    def capacity(self) -> float:
        """Items of sprints that the team does in a sprint, on average."""
        return self.people * LENGTH / (self.usual_days * exp(self.spread**2 / 2.0)) * self.focus

    @property
    def added_a_day(self) -> float:
        """Items added on a working day after planning, on average."""
        return self.growth * self.capacity / LENGTH


class Team:
    """A team at work, half an hour after half an hour; everything it does comes from its seed."""

    STEP = 1.0 / 16.0

    def __init__(self, seed: int, character: Character | None = None) -> None:
        """A team before its first sprint."""
        self.character = character or Character.drawn(seed)
        self.dice = random.Random(f"steady/{seed}")
        self.now = 0.0
        self.jobs: list[Job] = []
        self.hands: list[Job | None] = [None] * self.character.people
        self.closed: dict[int, float] = {}
        self.sprint = -1

    def work_until(self, end: float) -> None:
        """Go on to a working day."""
        while self.now < end - 1e-9:
            if abs(self.now - round(self.now / LENGTH) * LENGTH) < 1e-9 and round(self.now / LENGTH) > self.sprint:
                self._plan()
            self._grow()
            for hand in range(len(self.hands)):
                self._work(hand)
            if self.sprint not in self.closed and not self.left():
                self.closed[self.sprint] = self.now
            self.now += self.STEP

    def left(self, sprint: int | None = None) -> list[Job]:
        """What is open in a sprint."""
        number = self.sprint if sprint is None else sprint
        return [job for job in self.jobs if job.sprint == number and job.done is None]

    def chance(self, throws: int, seed: int) -> float:
        """How often the running sprint lands from here on, with the dice thrown anew."""
        end, landed = (self.sprint + 1) * LENGTH, 0
        running = [job for job in self.jobs if job.done is None]
        for throw in range(throws):
            twin = Team.__new__(Team)
            twin.character, twin.sprint, twin.now = self.character, self.sprint, self.now
            twin.dice = random.Random(f"again/{seed}/{throw}")
            twin.jobs = [copy.copy(job) for job in running]
            known = {job.number: job for job in twin.jobs}
            twin.hands = [known.get(job.number) if job is not None and job.done is None else None for job in self.hands]
            for job in twin.jobs:
                if job.begun is not None:
                    job.takes = twin._takes(self.now - job.begun)
            twin.closed = {}
            while twin.now < end - 1e-9 and twin.sprint not in twin.closed:
                twin.work_until(min(twin.now + 1.0, end))
            landed += twin.sprint in twin.closed
        return landed / throws

    def _takes(self, already: float = 0.0) -> float:
        """Working days that an item takes, given that it took so many already."""
        mean, spread = log(self.character.usual_days), self.character.spread
        gone = NORMAL.cdf((log(already) - mean) / spread) if already > 0.0 else 0.0
        level = min(max(gone + (1.0 - gone) * self.dice.random(), 1e-9), 1.0 - 1e-9)
        return max(exp(mean + spread * NORMAL.inv_cdf(level)), already)

    def _plan(self) -> None:
        left = self.left() if self.sprint >= 0 else []
        if self.sprint >= 0 and self.sprint not in self.closed:
            self.closed[self.sprint] = self.now
        self.sprint += 1
        for job in left:
            job.entries += [(self.now, "demilestoned", self.sprint - 1), (self.now, "milestoned", self.sprint)]
            job.sprint = self.sprint
        size = round(self.character.capacity * self.character.load * self.dice.uniform(0.85, 1.15))
        for _ in range(max(size, 3) - len(left)):
            self._new(self.sprint)

    def _grow(self) -> None:
        running = self.sprint not in self.closed and self.now - self.sprint * LENGTH >= 2.0
        if running and self.dice.random() < self.character.added_a_day * self.STEP:
            self._new(self.sprint)

    def _new(self, sprint: int | None) -> Job:
        job = Job(len(self.jobs) + 1 if not self.jobs else self.jobs[-1].number + 1, self.now, sprint)
        if sprint is not None:
            job.entries.append((self.now, "milestoned", sprint))
        self.jobs.append(job)
        return job

    def _work(self, hand: int) -> None:
        job = self.hands[hand]
        if job is not None and job.begun is not None and job.begun + job.takes <= self.now:
            job.done, job = self.now, None
        if job is None:
            waiting = next((j for j in self.left() if j.begun is None), None)
            planned = waiting is not None and self.dice.random() < self.character.focus
            job = waiting if planned and waiting is not None else self._new(None)
            job.owner, job.begun, job.takes = hand, self.now, self._takes()
        self.hands[hand] = job


@dataclass(frozen=True)
class Look:
    """A sprint at a share of its time: when, and the probability with which it lands from there."""

    sprint: int
    share: float
    at: datetime
    chance: float
    landed: bool


@dataclass(frozen=True)
class Played:
    """All that a team did, and the looks at its last sprints."""

    snapshot: Snapshot
    looks: tuple[Look, ...]


def play(
    seed: int, *, sprints: int = 8, looked_at: int = 2, throws: int = 100, character: Character | None = None
) -> Played:
    """Let a team work and look at its last sprints; a look at which nothing was left is left out."""
    team = Team(seed, character)
    looks: list[tuple[int, float, float, float]] = []
    for sprint in range(sprints):
        for share in SHARES if sprint >= sprints - looked_at else ():
            at = sprint * LENGTH + int(max(share, PLANNED) * LENGTH) + OF_DAY
            team.work_until(at)
            if team.left():
                looks.append((sprint, share, team.now, team.chance(throws, seed) if throws else 0.0))
        team.work_until((sprint + 1) * LENGTH)
    team._plan()
    # What is left moves on at this very moment: the records are those of just after it, or it would be in no sprint at all.
    team.now += Team.STEP
    landed = {sprint for sprint, at in team.closed.items() if at < (sprint + 1) * LENGTH - 1e-9}
    return Played(
        _records(team),
        tuple(Look(sprint, share, moment(at - 1e-6), chance, sprint in landed) for sprint, share, at, chance in looks),
    )


def _records(team: Team) -> Snapshot:
    people = [Person(10 + n, f"hand{n}") for n in range(team.character.people)]
    now = moment(team.now)
    events: list[ItemEvent] = []
    items = []
    for job in team.jobs:
        if job.made >= team.now:
            continue
        said = [(at, kind, f"Sprint {sprint}") for at, kind, sprint in job.entries if at < team.now]
        if job.begun is not None and job.owner is not None:
            said.append((job.begun, "assigned", people[job.owner].login))
        if job.done is not None:
            said.append((job.done, "closed", ""))
        events += [_event(len(events) + n, job, one, people[0], now) for n, one in enumerate(said, 1)]
        items.append(_item(job, people, now))
    milestones = tuple(_milestone(team, sprint, now) for sprint in range(team.sprint))
    return Snapshot(
        repositories=(Repository(id=1, full_name=REPO, url=f"https://github.com/{REPO}"),),
        milestones=milestones,
        milestone_versions=milestones,
        items=tuple(items),
        events=tuple(sorted(events, key=lambda e: (e.created_at, e.id))),
        history_complete=True,
    )


def _event(number: int, job: Job, said: tuple[float, str, str], actor: Person, now: datetime) -> ItemEvent:
    at, kind, subject = said
    return ItemEvent(
        repository_id=1, repository=REPO, id=number, item_number=job.number, kind=kind, actor=actor, subject=subject,
        created_at=moment(at), observed_at=now,
    )  # fmt: skip


def _item(job: Job, people: list[Person], now: datetime) -> WorkItem:
    done = moment(job.done) if job.done is not None else None
    last = max((at for at, _, _ in job.entries), default=job.made)
    return WorkItem(
        repository_id=1, repository=REPO, number=job.number, kind=ItemKind.ISSUE, title=f"Work {job.number}", body="",
        state=State.OPEN if done is None else State.CLOSED, state_reason=None if done is None else "completed",
        author=people[0], assignees=(people[job.owner],) if job.owner is not None else (), labels=(),
        milestone_number=None if job.sprint is None else job.sprint + 1, created_at=moment(job.made),
        updated_at=done or moment(max(last, job.begun or 0.0)), closed_at=done, url=f"https://github.com/{REPO}/issues/{job.number}",
        observed_at=now,
    )  # fmt: skip


def _milestone(team: Team, sprint: int, now: datetime) -> Milestone:
    made = moment(sprint * LENGTH)
    due = moment((sprint + 1) * LENGTH - 0.5)
    closed = moment(team.closed[sprint])
    return Milestone(
        repository_id=1, repository=REPO, id=100 + sprint, number=sprint + 1, title=f"Sprint {sprint}", description="",
        state=State.CLOSED, due_on=due.date(), created_at=made, updated_at=closed, closed_at=closed,
        url=f"https://github.com/{REPO}/milestone/{sprint + 1}", observed_at=now,
    )  # fmt: skip
