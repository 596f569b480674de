"""One repository read from GitHub in turns that the planner orders: the current sprint first, history last.

A turn is about one list; its pages come from a generator, each with the cursor that it moves, and each is stored
whole. A list that fails can be started again and goes on from what was stored.

Lists that a repository or a token does not offer (404, 403) are remembered and left alone for a while (see `absence`).
Disabled issues (410) leave what was stored as it is; the other lists are still read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from galaxy_desktop.collect import lists, planner, records
from galaxy_desktop.collect.absence import optional
from galaxy_desktop.collect.answers import Answer, GitHubLike, GoneError
from galaxy_desktop.collect.branches import read_branches
from galaxy_desktop.collect.checks import read_checks
from galaxy_desktop.collect.commits import read_commits
from galaxy_desktop.collect.details import read_details
from galaxy_desktop.collect.history import history_of, read_history
from galaxy_desktop.collect.keyset import SinceList
from galaxy_desktop.collect.links import read_links
from galaxy_desktop.collect.newest import NewestList, read_newest, read_newest_history
from galaxy_desktop.collect.planned import read_planned
from galaxy_desktop.collect.projects import read_boards
from galaxy_desktop.collect.reading import Local, Pages, Reading
from galaxy_desktop.collect.reconcile import ENTITY as RECONCILE
from galaxy_desktop.collect.reconcile import Findings, Held, read_in_full
from galaxy_desktop.collect.releases import RELEASES, read_deployments, read_releases
from galaxy_desktop.collect.runs import read_runs
from galaxy_desktop.collect.server_clock import KnowsTheTime
from galaxy_desktop.collect.since import read_since
from galaxy_desktop.collect.timeline import read_timeline
from galaxy_desktop.collect.whole import WholeList, read_whole
from galaxy_desktop.domain.sync import Cursor, Page, Validator
from galaxy_desktop.domain.work import Repository, WorkItem
from galaxy_desktop.errors import BrokenAnswerError

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class Stored(Local, Held, Protocol):
    """What reading must know of what is stored; the store offers it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A part of reading a repository: `stage` is shown to people, `pages` starts it, or starts it again."""

    stage: str
    pages: Callable[[], Pages]
    entity: str = ""


class RepositoryReader:
    """Reads one repository; blocking, for the thread that makes the calls."""

    def __init__(
        self, github: GitHubLike, local: Stored, repository: Repository, clock: Clock, *, asked: bool = False
    ) -> None:
        """`repository` is what is stored of it; its name is brought up to date by the first step.

        With `asked` a person waits for this: what was refused before is tried again.
        """
        # What was fetched when decides which version is newer: that must not depend on who set this computer's clock.
        now = github.now if isinstance(github, KnowsTheTime) else clock
        self._reading = Reading(github, local, repository, now, asked_at=now() if asked else None)
        self._local = local
        self._sources = self._known_sources()
        self.findings = Findings()
        """What a full read found."""
        self.issues_disabled = ""
        """The sentence that says so, once GitHub has."""

    @property
    def repository(self) -> Repository:
        """The repository as it is called now."""
        return self._reading.repository

    @property
    def rows_to_come(self) -> int:
        """About how many rows follow the page that came last, as far as GitHub told."""
        return self._reading.ahead.rows

    def pages(self, entity: str) -> Pages:
        """Read one list, from where it stands; `KeyError` for one that nobody knows."""
        if entity.startswith(planner.SPRINT):
            return self._issue_list(partial(self._items_of_milestone, entity))
        return self._sources[entity]()

    def cursors(self) -> dict[str, Cursor]:
        """Where all lists stand, as stored."""
        known = {name: self._stored(name) for name in planner.entities({})}
        found = {name: cursor for name, cursor in known.items() if cursor is not None}
        for name in planner.entities(found):
            if name not in known and (cursor := self._stored(name)) is not None:
                found[name] = cursor
        return found

    def steps(self, *, full: bool = False) -> Iterator[Step]:
        """All steps in their order, for one repository alone; each is to be finished before the next is taken."""
        read: set[str] = set()
        while True:
            now = self._reading.clock()
            state = planner.RepositoryState(
                id=self.repository.id,
                full_name=self.repository.full_name,
                cursors=self.cursors(),
                read=frozenset(read),
                full_read_due=full,
            )
            turns = planner.plan((state,), {}, frozenset(), now).steps
            if not turns:
                return
            turn = turns[0]
            read.add(turn.entity)
            yield Step(turn.stage, partial(self.pages, turn.entity), turn.entity)

    def _stored(self, entity: str) -> Cursor | None:
        return self._reading.local.cursor(self.repository.id, entity)

    def _known_sources(self) -> dict[str, Callable[[], Pages]]:
        """How each list of the planner's catalog is read."""
        sources: dict[str, Callable[[], Pages]] = {
            "repository": self._repository,
            planner.PLANNED: lambda: read_planned(self._reading, self._local),
            RECONCILE: lambda: self._issue_list(self._in_full),
            **{entity: partial(self._read, read) for entity, read in _READERS.items()},
            history_of(RELEASES.entity): self._past_releases,
        }
        for whole in (lists.MILESTONES, lists.LABELS):
            sources[whole.entity] = partial(self._offered, whole.entity, partial(self._whole, whole))
        for since in (lists.ISSUES, lists.COMMENTS, lists.REVIEW_COMMENTS):
            sources[since.entity] = partial(self._offered, since.entity, partial(self._since, since))
            past = partial(self._since_history, since)
            sources[history_of(since.entity)] = partial(self._offered, since.entity, past)
        for newest in (lists.PULLS, lists.EVENTS, lists.COMMITS, lists.RUNS):
            sources.setdefault(newest.entity, partial(self._offered, newest.entity, partial(self._newest, newest)))
            past = partial(self._newest_history, newest)
            sources[history_of(newest.entity)] = partial(self._offered, newest.entity, past)
        return sources

    def _repository(self) -> Pages:
        """The repository under the name we know, followed to the one it has; its id stays."""
        known = self._reading.repository
        answer = self._reading.github.get(self._reading.path(""), None, self._stored_etag(known))
        if answer.not_modified:
            return
        found, etag = _only(answer), answer.etag
        if found.id != known.id:
            logger.info("Another repository took the name %s; looking for ours by its id.", known.full_name)
            found, etag = _only(self._reading.github.get(f"/repositories/{known.id}")), None
        self._reading = replace(self._reading, repository=found)
        kept = Validator(repository_id=found.id, url=self._own_url(found), etag=etag) if etag else None
        at = self._reading.clock()
        yield Page(repository_id=found.id, records=(found,) if found != known else (), validator=kept, observed_at=at)

    def _own_url(self, repository: Repository) -> str:
        return f"/repos/{repository.full_name}#{self._reading.github.fingerprint}"

    def _stored_etag(self, repository: Repository) -> str | None:
        found = self._reading.local.validator(repository.id, self._own_url(repository))
        return found.etag if found else None

    # The reading is looked up when a list is begun: the first step may have brought another name.

    def _read(self, read: Callable[[Reading], Pages]) -> Pages:
        return read(self._reading)

    def _past_releases(self) -> Pages:
        return optional(self._reading, RELEASES.entity, lambda: read_newest_history(self._reading, RELEASES))

    def _whole(self, what: WholeList) -> Pages:
        return read_whole(self._reading, what)

    def _since(self, what: SinceList) -> Pages:
        return read_since(self._reading, what)

    def _since_history(self, what: SinceList) -> Pages:
        return read_history(self._reading, what)

    def _newest(self, what: NewestList) -> Pages:
        return read_newest(self._reading, what)

    def _newest_history(self, what: NewestList) -> Pages:
        return read_newest_history(self._reading, what)

    def _in_full(self) -> Pages:
        self.findings = Findings()
        return read_in_full(self._reading, self._local, self.findings)

    def _offered(self, entity: str, pages: Callable[[], Pages]) -> Pages:
        """Some lists must be there, or there is nothing to tell; others may be missing."""
        if entity in _OPTIONAL:
            return optional(self._reading, entity, pages)
        return self._issue_list(pages) if entity in _OF_ISSUES else pages()

    def _issue_list(self, pages: Callable[[], Pages]) -> Pages:
        """A list that does not exist where issues are switched off."""
        try:
            yield from pages()
        except GoneError:
            name = self.repository.full_name
            self.issues_disabled = f"Issues are switched off in repository {name}; what was collected before is kept."

    def _items_of_milestone(self, entity: str) -> Pages:
        """All items of one open milestone, once; rows added meanwhile come with the list of changes."""
        if self._reading.cursor(entity).complete:
            return
        number = entity.removeprefix(planner.SPRINT)
        parameters: dict[str, str | int] = {
            "milestone": number, "state": "all", "sort": "created", "direction": "asc",
        }  # fmt: skip
        page, more = 1, True
        while more:
            answer = self._reading.ask("/issues", parameters, page)
            more = answer.more and bool(answer.rows)
            if hint := lists.ISSUES.hint(self._reading, answer.rows):
                yield hint
            yield self._reading.page(
                records=_items(self._reading, answer),
                cursor=self._reading.moved(entity, "", complete=not more, note={}),
            )
            page += 1


_READERS: Mapping[str, Callable[[Reading], Pages]] = {
    "boards": read_boards,
    "branches": read_branches,
    "checks": read_checks,
    "commits": read_commits,
    "deployments": read_deployments,
    "details": read_details,
    "links": read_links,
    "releases": read_releases,
    "runs": read_runs,
    "timeline": read_timeline,
}
"""Readers that know by themselves what may not be offered."""

_OPTIONAL = frozenset({lists.REVIEW_COMMENTS.entity, lists.COMMITS.entity, lists.RUNS.entity})
_OF_ISSUES = frozenset({"milestones", "issues", "comments", "events"})


def resolve(github: GitHubLike, full_name: str) -> Repository:
    """The repository behind a name that a person gave, perhaps an old one; raises what GitHub says instead."""
    return _only(github.get(f"/repos/{full_name}"))


def _only(answer: Answer) -> Repository:
    found = records.converted(answer.rows, records.repository)
    if len(found) != 1:
        raise BrokenAnswerError("GitHub sent no repository where there should be one. The next sync asks again.")
    return found[0]


def _items(reading: Reading, answer: Answer) -> tuple[WorkItem, ...]:
    return records.converted(answer.rows, lambda row: records.item(row, reading.repository, answer.at))
