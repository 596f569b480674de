"""A made-up workspace of any size, the same for the same size: three repositories, sprints, texts, comments, events."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import (
    Comment,
    Commit,
    ItemEvent,
    ItemKind,
    Milestone,
    Person,
    Repository,
    State,
    WorkflowRun,
    WorkItem,
)
from galaxy_desktop.services import demo_texts as texts

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
PEOPLE = tuple(Person(n, f"dev{n}") for n in range(1, 9))
SPRINT = timedelta(days=14)
A_SPRINT = 75
"""Items of one sprint: what ten busy people do in two weeks."""
URL = "https://github.example/o"
PAGE_ROWS = 1_000
RARE_EVERY = 97


class SyntheticWorkspace:
    """Items spread evenly over three repositories and as many sprints as it takes; the last ones run."""

    def __init__(self, items: int, seed: int = 1, running: int = 1) -> None:
        """`running` sprints began nine days ago and end two days after each other, the last one first."""
        self._sprints = max(4, items // A_SPRINT)
        self._running = running
        self._dice = random.Random(seed)
        self.repositories = tuple(
            Repository(id=n, full_name=f"o/{name}", url=f"{URL}/{name}") for n, name in enumerate(texts.REPOSITORIES, 1)
        )
        self.records: list[Record] = [*self.repositories]
        for repository in self.repositories:
            self.records += [self._milestone(repository, n) for n in range(1, self._sprints + 1)]
        for n in range(items):
            self.records += self._item(self.repositories[n % 3], n // 3 + 1, n / items)

    def snapshot(self) -> Snapshot:
        """The workspace as the pipeline reads it."""
        milestones = self._of(Milestone)
        return Snapshot(
            repositories=self.repositories,
            milestones=milestones,
            milestone_versions=milestones,
            items=tuple(sorted(self._of(WorkItem), key=lambda i: (i.repository, i.number))),
            comments=self._of(Comment),
            commits=self._of(Commit),
            runs=self._of(WorkflowRun),
            events=self._of(ItemEvent),
        )

    def pages(self) -> Iterator[Page]:
        """The same as pages for the store."""
        for repository in self.repositories:
            own = [r for r in self.records if _home(r) == repository.id]
            for start in range(0, len(own), PAGE_ROWS):
                yield Page(repository_id=repository.id, records=tuple(own[start : start + PAGE_ROWS]))

    def _of(self, kind: type) -> tuple[Record, ...]:
        return tuple(r for r in self.records if isinstance(r, kind))

    def _milestone(self, repository: Repository, number: int) -> Milestone:
        behind = self._sprints - number
        over = behind >= self._running
        begun = NOW - timedelta(days=9) - (SPRINT * behind if over else timedelta())
        due = begun + SPRINT + (timedelta() if over else timedelta(days=2 * behind))
        return Milestone(
            repository_id=repository.id, repository=repository.full_name, id=repository.id * 100_000 + number, number=number,
            title=f"Sprint {number}", description="", state=State.CLOSED if over else State.OPEN,
            due_on=due.date(), created_at=begun, updated_at=begun + SPRINT if over else begun,
            closed_at=begun + SPRINT if over else None, url=f"{repository.url}/milestone/{number}", observed_at=NOW,
        )  # fmt: skip

    def _item(self, repository: Repository, number: int, age: float) -> Iterator[Record]:
        """One item with what happened to it; `age` is 0 for the first and 1 for the last."""
        dice = self._dice
        created = NOW - timedelta(days=9) - SPRINT * (self._sprints * (1 - age) - 1)
        created = min(created, NOW - timedelta(days=1))
        sprint = min(self._sprints, 1 + int(age * self._sprints))
        is_open = sprint > self._sprints - self._running and dice.random() < 0.5
        closed = None if is_open else min(created + timedelta(days=dice.expovariate(0.3)), NOW - timedelta(hours=1))
        kind = ItemKind.PULL_REQUEST if number % 4 == 0 else ItemKind.ISSUE
        pull = kind is ItemKind.PULL_REQUEST
        sha = f"{repository.id:02d}{number:038d}"
        where, name, url = repository.id, repository.full_name, f"{repository.url}/issues/{number}"
        base = (where * 1_000_000 + number) * 10
        yield WorkItem(
            repository_id=where, repository=name, number=number, kind=kind, title=self._title(name, number),
            body=self._body(number), state=State.OPEN if is_open else State.CLOSED,
            state_reason=None if is_open or pull else "completed", author=dice.choice(PEOPLE),
            assignees=(dice.choice(PEOPLE),), labels=("enhancement",), milestone_number=sprint, created_at=created,
            updated_at=closed or created, closed_at=closed, url=url, observed_at=NOW,
            merged_at=closed if pull else None, head_sha=sha if pull else None, base_ref="main" if pull else None,
            additions=dice.randrange(400) if pull else None, deletions=dice.randrange(90) if pull else None,
            files=(f"src/part{dice.randrange(300)}.py",) if pull else None,
        )  # fmt: skip
        yield Comment(
            repository_id=where, repository=name, id=base, item_number=number, author=dice.choice(PEOPLE),
            body=dice.choice(texts.CALM + texts.TENSE), created_at=created, updated_at=created, url=f"{url}#c{base}",
            observed_at=NOW,
        )  # fmt: skip
        happened = [("milestoned", f"Sprint {sprint}", created), ("assigned", "dev1", created + timedelta(hours=6))]
        if closed:
            happened.append(("closed", "", closed))
        for n, (what, subject, at) in enumerate(happened):
            yield ItemEvent(
                repository_id=where, repository=name, id=base + n, item_number=number, kind=what,
                actor=dice.choice(PEOPLE), subject=subject, created_at=at, observed_at=NOW, url=url,
            )  # fmt: skip
        if pull:
            yield from self._code(repository, number, sha, created)

    def _code(self, repository: Repository, number: int, sha: str, at: datetime) -> Iterator[Record]:
        where, name = repository.id, repository.full_name
        yield Commit(
            repository_id=where, repository=name, sha=sha, message=self._title(name, number), author=PEOPLE[0],
            committed_at=at, url=f"{repository.url}/commit/{number}", observed_at=NOW, additions=9, deletions=3,
        )  # fmt: skip
        yield WorkflowRun(
            repository_id=where, repository=name, id=number, name="tests", head_sha=sha, head_branch=f"b{number}",
            event="pull_request", status="completed", conclusion="failure" if number % 9 == 0 else "success",
            started_at=at, finished_at=at + timedelta(minutes=8), url=f"{repository.url}/runs/{number}", observed_at=NOW,
        )  # fmt: skip

    def _title(self, name: str, number: int) -> str:
        thing = self._dice.choice(texts.THINGS[name.partition("/")[2]])
        rare = f" rare{number}" if number % RARE_EVERY == 0 else ""
        return f"{self._dice.choice(texts.VERBS)} {thing}{rare}"

    def _body(self, number: int) -> str:
        ticks = {letter: self._dice.choice(" x") for letter in "abc"}
        text = texts.CRITERIA.format(why=self._dice.choice(texts.WHYS), **ticks)
        return f"Blocked by #{number - 1}.\n\n{text}" if number % 20 == 0 else text


def _home(record: Record) -> int:
    return record.id if isinstance(record, Repository) else record.repository_id


def texts_in(records: Sequence[Record]) -> Iterator[str]:
    """Every text that somebody wrote."""
    for record in records:
        if isinstance(record, WorkItem):
            yield f"{record.title} {record.body}"
        elif isinstance(record, Comment):
            yield record.body
