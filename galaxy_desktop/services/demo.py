"""Four synthetic workspaces of three repositories, each made to teach one situation.

Everything comes from a seed and a day: the same scenario on the same day is the same workspace on
every machine, and its dates move with today. The sprints before the running one were worked (`demo_past`), so that what
the forecast would have said of them can be judged; the running one is laid out to teach what its scenario teaches. A demo lives in a folder of its own, marked by a file;
a folder with real data is never written to.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import random
import shutil
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from galaxy_desktop.domain.calendar import is_working
from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.sync import Cursor, Page, SyncStatus
from galaxy_desktop.domain.work import (
    Comment,
    Commit,
    ItemEvent,
    ItemKind,
    Milestone,
    Person,
    Repository,
    RepositoryState,
    Review,
    State,
    WorkflowRun,
    WorkItem,
)
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo_texts as texts
from galaxy_desktop.services.demo_past import SPRINT_DAYS, Job, Past, Team, worked_past
from galaxy_desktop.services.demo_shipping import shipped

MARK = "demo.json"
VERSION = 2
AT_ANY_HOUR = (("quiet_from", ""), ("alerts_on_weekends", "true"))
"""Settings that a demo starts with: it shows what an alert looks like, also to whoever looks at it on a Sunday evening."""
HANDS = 4
"""Of the six people so many work on items at a time; the others help, review and do what no item tells."""
USUAL_SHARE = 0.35
"""Of the items done in the running sprint so many were begun on the day before they were done, the others earlier."""
FIRST_SPRINT = 21


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What one demo looks like; days are working days, shares 0 to 1.

    `past_sprints` two-week sprints precede the current one, worked by the `team` (`past` says which of the pasts that it
    could have had); of `items` in the sprint, `done` are closed; `late` were added after the start; `stale` pull requests wait
    for a review; `red` heads of open pull requests fail; `chain` items block each other across repositories;
    `started` open items beside those are in work.
    """

    name: str
    label: str
    teaches: str
    past_sprints: int
    team: Team
    items: int
    done: int
    elapsed: int
    late: int = 0
    stale: int = 0
    red: int = 0
    chain: int = 0
    ownerless: int = 0
    tense: int = 0
    started: int = 1
    past: int = 0


def _team(rate: float, load: float, growth: float) -> Team:
    return Team(people=HANDS, rate=rate, load=load, growth=growth, focus=0.85)


SCENARIOS: dict[str, Scenario] = {
    s.name: s
    for s in (
        Scenario(name="healthy", label="A healthy sprint", teaches="Work lands steadily and the end is in reach.",
                 past_sprints=5, team=_team(2.7, 0.48, 0.1), items=16, done=13, elapsed=5, past=34),
        Scenario(name="slipping", label="A slipping sprint", teaches="Scope grew, reviews wait, and a build is red.",
                 past_sprints=5, team=_team(2.3, 0.6, 0.25), items=18, done=9, elapsed=5, late=3, stale=1, red=1, ownerless=2, tense=3, past=8),
        Scenario(name="blocked", label="Blocked across repositories", teaches="One unfinished item holds up two repositories.",
                 past_sprints=4, team=_team(2.6, 0.5, 0.1), items=15, done=10, elapsed=4, stale=1, chain=3, tense=1, started=0, late=1, past=1),
        Scenario(name="first-week", label="A first week", teaches="Too little history for a number, and why.",
                 past_sprints=0, team=_team(2.0, 0.7, 0.0), items=9, done=4, elapsed=3, ownerless=2),
    )
}  # fmt: skip


@dataclass(slots=True)
class _Draft:
    """An item before it has a number: numbers follow creation, as on GitHub."""

    repo: int
    kind: ItemKind
    title: str
    body: str
    created: datetime
    closed: datetime | None = None
    sprint: int | None = None
    owner: Person | None = None
    added: datetime | None = None
    stale: bool = False
    red: bool = False
    untouched: bool = False
    comments: list[tuple[datetime, str]] = field(default_factory=list)
    blocked_by: _Draft | None = None
    closes: _Draft | None = None
    begun: datetime | None = None
    reviewed: datetime | None = None
    failed_first: bool = False
    entries: list[tuple[str, int, datetime]] = field(default_factory=list)
    number: int = 0

    @property
    def reference(self) -> str:
        """How another item's text names this one."""
        return f"{texts.OWNER}/{texts.REPOSITORIES[self.repo]}#{self.number}"


class DemoWorkspace:
    """Builds the records of one scenario as seen at `now`."""

    def __init__(self, scenario: Scenario, now: datetime) -> None:
        self.scenario = scenario
        self.now = now
        self.random = random.Random(f"{scenario.name}/{VERSION}")
        self.people = tuple(Person(7_000_001 + i, login) for i, login in enumerate(texts.PEOPLE))
        self.repositories = tuple(
            Repository(id=9_000_001 + i, full_name=f"{texts.OWNER}/{name}", url=f"{texts.HOST}/{texts.OWNER}/{name}")
            for i, name in enumerate(texts.REPOSITORIES)
        )
        today = now.date()
        self.start = _step(_step(today, 0), -scenario.elapsed)  # on a weekend the next working day is the one ahead
        self.end = _step(self.start, SPRINT_DAYS - 1)
        self.drafts: list[_Draft] = []
        self._days: dict[int, date] = {}
        self.past = worked_past(scenario.team, scenario.past_sprints, f"{scenario.name}/{scenario.past}/{VERSION}")
        self._fill_past(self.past)
        self._fill_sprint()
        self._number()

    # --- the plan of the items

    def _fill_past(self, past: Past) -> None:
        """The items of the sprints before, each as it was worked; a pull request that delivers an issue is an item too."""
        for job in past.jobs:
            assert job.begun is not None  # noqa: S101 - tells the type checker: what is done was begun and is done
            assert job.done is not None  # noqa: S101
            draft = self._draft(
                self._at(job.made), self._at(job.done), kind=ItemKind.PULL_REQUEST if job.pull else ItemKind.ISSUE
            )
            draft.owner, draft.begun = self.people[job.owner], self._at(job.begun)
            draft.sprint = None if job.sprint is None else job.sprint - self.scenario.past_sprints
            draft.entries = [
                ("milestoned" if came else "demilestoned", sprint - self.scenario.past_sprints, self._at(at))
                for at, came, sprint in job.entries
            ]
            self.drafts.append(draft)
            if job.pull:
                self._reviewed(draft, job)
            elif job.opened is not None:
                self._delivered(draft, job, job.opened)

    def _delivered(self, issue: _Draft, job: Job, opened: float) -> None:
        """The pull request that closed an issue, in the same repository and by the same hands."""
        pull = self._draft(self._at(opened), issue.closed, repo=issue.repo, kind=ItemKind.PULL_REQUEST)
        pull.owner, pull.closes, pull.title = issue.owner, issue, issue.title
        self._reviewed(pull, job)
        self.drafts.append(pull)

    def _reviewed(self, pull: _Draft, job: Job) -> None:
        pull.reviewed = None if job.reviewed is None else self._at(job.reviewed)
        pull.failed_first = job.failed

    def _at(self, day: float) -> datetime:
        """The moment of a working day of the past, counted from the first day of its first sprint; work is from 9 to 17."""
        whole = math.floor(day)
        if whole not in self._days:
            self._days[whole] = _step(self.start, whole - self.scenario.past_sprints * SPRINT_DAYS)
        return datetime.combine(self._days[whole], time(9), self.now.tzinfo) + timedelta(hours=8.0 * (day - whole))

    def _fill_sprint(self) -> None:
        plan = self.scenario
        created = datetime.combine(_step(self.start, -1), time(10), tzinfo=self.now.tzinfo)
        for n in range(plan.items):
            draft = self._draft(created + timedelta(minutes=17 * n), None, repo=n % len(self.repositories))
            draft.sprint = 0
            if n < plan.done:
                self._finish(draft, n)
            if n >= plan.items - plan.late:
                draft.created = draft.added = self._during(_step(self.start, 1 + n % 2))
            self.drafts.append(draft)
        self._trouble([d for d in self.drafts if d.sprint == 0 and d.closed is None])

    def _finish(self, draft: _Draft, n: int) -> None:
        """Spread the finished items over the elapsed days, the last one yesterday at the latest."""
        day = _step(self.start, (n * self.scenario.elapsed) // max(1, self.scenario.done))
        draft.closed = min(self._during(day), self.now - timedelta(hours=1))
        begun = _step(day, -1 if self.random.random() < USUAL_SHARE else -2)
        draft.begun = max(self._during(begun), datetime.combine(self.start, time(10), self.now.tzinfo))
        draft.begun = min(draft.begun, draft.closed - timedelta(hours=1))

    def _trouble(self, left: list[_Draft]) -> None:
        """Put the scenario's trouble on what is left: the chain on items nobody works on, reviews and builds on late ones."""
        plan = self.scenario
        for n, draft in enumerate(left):
            draft.owner = None if n < plan.ownerless else self.people[n % len(self.people)]
            draft.untouched = not plan.ownerless <= n < plan.ownerless + plan.started
        for n, draft in enumerate(reversed(left[len(left) - plan.stale - plan.red :])):
            draft.kind = ItemKind.PULL_REQUEST
            draft.stale, draft.red = n < plan.stale, n >= plan.stale
        for n, draft in enumerate(left[len(left) - plan.tense :]):
            draft.comments = [(self.now - timedelta(days=1, hours=3 + n), texts.TENSE[n % len(texts.TENSE)])]
        for blocker, blocked in itertools.pairwise(left[: plan.chain]):
            blocked.blocked_by = blocker

    def _draft(
        self, created: datetime, closed: datetime | None, repo: int | None = None, kind: ItemKind = ItemKind.ISSUE
    ) -> _Draft:
        where = self.random.randrange(len(self.repositories)) if repo is None else repo
        name = texts.REPOSITORIES[where]
        title = f"{self.random.choice(texts.VERBS)} {self.random.choice(texts.THINGS[name])}"
        ticks = ["x" if closed or self.random.random() < 0.4 else " " for _ in range(3)]
        body = texts.CRITERIA.format(why=self.random.choice(texts.WHYS), a=ticks[0], b=ticks[1], c=ticks[2])
        if self.random.random() < 0.12:
            body = self.random.choice(texts.BARE)
        draft = _Draft(repo=where, kind=kind, title=title, body=body, created=created, closed=closed)
        draft.owner = self.random.choice(self.people)
        if self.random.random() < 0.5:
            draft.comments.append(
                (created + timedelta(hours=self.random.uniform(2, 20)), self.random.choice(texts.CALM))
            )
        return draft

    def _during(self, day: date) -> datetime:
        """Some moment of the working hours of a local day."""
        return datetime.combine(day, time(9), tzinfo=self.now.tzinfo) + timedelta(minutes=self.random.randrange(8 * 60))

    def _number(self) -> None:
        counters = [0] * len(self.repositories)
        for draft in sorted(self.drafts, key=lambda d: (d.created, d.title)):
            counters[draft.repo] += 1
            draft.number = counters[draft.repo]
        for draft in self.drafts:
            if draft.blocked_by is not None:
                draft.body = f"Blocked by {draft.blocked_by.reference}.\n\n{draft.body}"
            if draft.closes is not None:
                draft.body = f"Closes #{draft.closes.number}.\n\n{draft.body}"

    # --- records

    def pages(self) -> tuple[Page, ...]:
        """One page a repository: everything in it, with cursors that say it was read to the end."""
        out = []
        for index, repository in enumerate(self.repositories):
            records: list[Record] = [repository, *self._milestones(repository)]
            for draft in (d for d in self.drafts if d.repo == index):
                records += self._records(repository, draft)
            records += shipped(repository, index, self._first_days(), self.now)
            status = SyncStatus(
                repository_id=repository.id, state=RepositoryState.SYNCED, sentence="demo data", synced_at=self.now
            )
            cursor = Cursor(repository_id=repository.id, entity="issues", position=self.now.isoformat(), complete=True)
            out.append(Page(repository_id=repository.id, records=tuple(records), cursor=cursor, status=status))
        return tuple(out)

    def _first_days(self) -> list[date]:
        """The first days of all sprints, the oldest first."""
        return [_step(self.start, -back * SPRINT_DAYS) for back in range(self.scenario.past_sprints, -1, -1)]

    def _milestones(self, repository: Repository) -> list[Milestone]:
        out = []
        for back in range(self.scenario.past_sprints, -1, -1):
            first = _step(self.start, -back * SPRINT_DAYS)
            last = _step(first, SPRINT_DAYS - 1)
            number = self.scenario.past_sprints - back + 1
            closed = None if back == 0 else self._at(self.past.closed[number - 1])
            opened = datetime.combine(first, time(9), tzinfo=self.now.tzinfo)
            out.append(Milestone(
                repository_id=repository.id, repository=repository.full_name, id=repository.id * 100 + number,
                number=number, title=self._title(-back), description="",
                state=State.CLOSED if closed else State.OPEN, due_on=last, created_at=opened,
                updated_at=closed or opened, closed_at=closed, url=f"{repository.url}/milestone/{number}",
                observed_at=self.now,
            ))  # fmt: skip
        return out

    def _records(self, repository: Repository, draft: _Draft) -> list[Record]:
        item = self._item(repository, draft)
        base = repository.id * 100_000 + draft.number * 10
        records: list[Record] = [item]
        for n, (at, body) in enumerate(draft.comments):
            moment = min(at, self.now)
            records.append(Comment(
                repository_id=repository.id, repository=repository.full_name, id=base + n, item_number=draft.number,
                author=self.people[(draft.number + n) % len(self.people)], body=body, created_at=moment, updated_at=moment,
                url=f"{item.url}#issuecomment-{base + n}", observed_at=self.now,
            ))  # fmt: skip
        records += self._events(repository, draft, item)
        if draft.kind is ItemKind.PULL_REQUEST:
            records += self._code(repository, draft, item)
        return records

    def _item(self, repository: Repository, draft: _Draft) -> WorkItem:
        pull = draft.kind is ItemKind.PULL_REQUEST
        milestone = None if draft.sprint is None else self.scenario.past_sprints + draft.sprint + 1
        moments = [draft.created, *(at for at, _ in draft.comments)]
        chance = random.Random(f"{repository.id}/{draft.number}/{VERSION}")
        files = chance.sample(texts.FILES[texts.REPOSITORIES[draft.repo]], 2)
        return WorkItem(
            repository_id=repository.id, repository=repository.full_name, number=draft.number, kind=draft.kind,
            title=draft.title, body=draft.body, state=State.CLOSED if draft.closed else State.OPEN,
            state_reason="completed" if draft.closed and not pull else None, author=self.people[draft.number % 6],
            assignees=(draft.owner,) if draft.owner else (), labels=("enhancement",), milestone_number=milestone,
            created_at=draft.created, updated_at=min(max([*moments, draft.closed or draft.created]), self.now),
            closed_at=draft.closed, url=f"{repository.url}/{'pull' if pull else 'issues'}/{draft.number}",
            observed_at=self.now, merged_at=draft.closed if pull else None,
            head_sha=_sha(f"{repository.id}/{draft.number}") if pull else None, base_ref="main" if pull else None,
            additions=chance.randrange(8, 420) if pull else None,
            deletions=chance.randrange(0, 120) if pull else None, files=tuple(sorted(files)) if pull else None,
        )  # fmt: skip

    def _events(self, repository: Repository, draft: _Draft, item: WorkItem) -> list[ItemEvent]:
        happened = [(kind, self._title(sprint), at) for kind, sprint, at in draft.entries]
        if draft.sprint is not None and not draft.entries:
            happened.append(("milestoned", self._title(draft.sprint), draft.added or draft.created))
        if draft.owner is not None and draft.kind is ItemKind.ISSUE and not draft.untouched:
            started = draft.begun or self.now - timedelta(days=0.5)
            happened.append(("assigned", draft.owner.login, max(draft.created, started)))
        if draft.closed is not None:
            happened.append(("closed", "", draft.closed))
        return [
            ItemEvent(
                repository_id=repository.id, repository=repository.full_name,
                id=repository.id * 100_000 + draft.number * 10 + n, item_number=draft.number, kind=kind,
                actor=draft.owner, subject=subject, created_at=at, observed_at=self.now, url=item.url,
            )
            for n, (kind, subject, at) in enumerate(sorted(happened, key=lambda one: one[2]))
        ]  # fmt: skip

    def _title(self, sprint: int) -> str:
        """The title of a sprint, by its place: 0 is the running one, -1 the last."""
        return f"Sprint {FIRST_SPRINT + self.scenario.past_sprints + sprint + 1}"

    def _code(self, repository: Repository, draft: _Draft, item: WorkItem) -> list[Record]:
        """The head commit of a pull request, its workflow run, and a review unless it waits for one."""
        sha = item.head_sha or ""
        at = min(
            draft.created + (timedelta(hours=3) if draft.closed is None else (draft.closed - draft.created) / 2),
            self.now,
        )
        run_id = repository.id * 100_000 + draft.number
        where, name, seen = repository.id, repository.full_name, self.now
        records: list[Record] = [
            Commit(repository_id=where, repository=name, sha=sha, message=draft.title, author=draft.owner, committed_at=at,
                   url=f"{repository.url}/commit/{sha}", observed_at=seen, additions=item.additions, deletions=item.deletions),
            WorkflowRun(repository_id=where, repository=name, id=run_id, name="tests", head_sha=sha, observed_at=seen,
                        head_branch=f"change-{draft.number}", event="pull_request", status="completed",
                        conclusion="failure" if draft.red else "success", started_at=at,
                        finished_at=at + timedelta(minutes=9), url=f"{repository.url}/actions/runs/{run_id}"),
        ]  # fmt: skip
        if draft.failed_first:
            first = _sha(f"{sha}/first")
            records.append(
                WorkflowRun(repository_id=where, repository=name, id=run_id + 50_000, name="tests", head_sha=first,
                            observed_at=seen, head_branch=f"change-{draft.number}", event="pull_request", status="completed",
                            conclusion="failure", started_at=draft.created, finished_at=draft.created + (at - draft.created) / 2,
                            url=f"{repository.url}/actions/runs/{run_id + 50_000}")
            )  # fmt: skip
        if not draft.stale:
            records.append(
                Review(repository_id=where, repository=name, id=run_id, item_number=draft.number, body="",
                       author=self.people[(draft.number + 1) % 6], verdict="changes_requested" if draft.red else "approved",
                       submitted_at=min(draft.reviewed or draft.created + timedelta(hours=8), self.now), observed_at=seen,
                       url=f"{item.url}#pullrequestreview-{run_id}")
            )  # fmt: skip
        return records


def _sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _step(day: date, working: int) -> date:
    """The day `working` working days after (or before) a day; 0 gives the day itself, or the next working one."""
    one = timedelta(days=1 if working >= 0 else -1)
    while not is_working(day):
        day += one if working else timedelta(days=1)
    for _ in range(abs(working)):
        day += one
        while not is_working(day):
            day += one
    return day


def scenario_named(name: str) -> Scenario:
    """The scenario of that name; raises `WrongUseError` that lists the names there are."""
    if name not in SCENARIOS:
        raise WrongUseError(f"There is no demo named {name!r}. The demos are: {', '.join(SCENARIOS)}.")
    return SCENARIOS[name]


def prepare(folder: DataFolder, name: str, now: datetime) -> bool:
    """Make `folder` ready to take the demo: whether it has to be filled (anew).

    A demo of another day or scenario, or one whose filling was interrupted, is removed first; a folder that
    holds anything but a demo is refused.
    """
    scenario_named(name)
    mark = folder.root / MARK
    if mark.exists():
        if mark.read_text(encoding="utf-8") == _mark_text(name, now, filled=True):
            return False
        for old in folder.root.glob("*.sqlite3*"):
            old.unlink()
        shutil.rmtree(folder.vectors, ignore_errors=True)
    elif folder.database.exists():
        raise WrongUseError(f"{folder.root} holds data of your own, so no demo is put there. Name another folder.")
    folder.make()
    mark.write_text(_mark_text(name, now, filled=False), encoding="utf-8")
    return True


def mark_filled(folder: DataFolder, name: str, now: datetime) -> None:
    """Note that the folder holds the whole demo; written last, so that a killed fill starts over."""
    (folder.root / MARK).write_text(_mark_text(name, now, filled=True), encoding="utf-8")


def _mark_text(name: str, now: datetime, *, filled: bool) -> str:
    return json.dumps({"scenario": name, "day": now.date().isoformat(), "version": VERSION, "filled": filled})
