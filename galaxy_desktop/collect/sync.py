"""One repository read from GitHub in steps: the current sprint first, history after.

Each step is a generator of pages; a page carries its cursor and is stored whole. A step that fails can be
started again and goes on from what was stored. The order makes the sprint usable early: the repository, its
milestones, the items of open milestones (only until the history is complete: after that, a change of any
item shows in the list of changes), then everything else.

Lists that a repository or a token does not offer (404, 403) are remembered and asked again after a week.
Disabled issues (410) leave what was stored as it is; the other lists are still read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from galaxy_desktop.collect import lists, records
from galaxy_desktop.collect.answers import PER_PAGE, Answer, GitHubLike, GoneError, Parameters
from galaxy_desktop.collect.details import read_details
from galaxy_desktop.collect.newest import NewestList, read_newest
from galaxy_desktop.collect.reading import Local, Pages, Reading, note_of
from galaxy_desktop.collect.since import SinceList, read_since
from galaxy_desktop.collect.whole import kept_of, read_whole
from galaxy_desktop.domain.sync import Page, Validator
from galaxy_desktop.domain.work import Repository, WorkItem
from galaxy_desktop.errors import BrokenAnswerError, NoAccessError

logger = logging.getLogger(__name__)

ASK_AGAIN = timedelta(days=7)
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Step:
    """A part of reading a repository: `stage` is shown to people, `pages` starts it, or starts it again."""

    stage: str
    pages: Callable[[], Pages]


class _Counted:
    """Passes questions on, and keeps how many rows the last answer promises on later pages."""

    def __init__(self, github: GitHubLike) -> None:
        self._github = github
        self.fingerprint = github.fingerprint
        self.rows_to_come = 0

    def get(self, path: str, parameters: Parameters | None = None, etag: str | None = None) -> Answer:
        """The answer of the GitHub behind."""
        answer = self._github.get(path, parameters, etag)
        page = int((parameters or {}).get("page", 1))
        self.rows_to_come = max(0, (answer.last_page or page) - page) * PER_PAGE
        return answer


class RepositoryReader:
    """Reads one repository; blocking, for the thread that makes the calls."""

    def __init__(self, github: GitHubLike, local: Local, repository: Repository, clock: Clock) -> None:
        """`repository` is what is stored of it; its name is brought up to date by the first step."""
        self._counted = _Counted(github)
        self._reading = Reading(self._counted, local, repository, clock)
        self.issues_disabled = ""
        """The sentence that says so, once GitHub has."""

    @property
    def repository(self) -> Repository:
        """The repository as it is called now."""
        return self._reading.repository

    @property
    def rows_to_come(self) -> int:
        """About how many rows follow the page that came last, as far as GitHub told."""
        return self._counted.rows_to_come

    def steps(self) -> Iterator[Step]:
        """The steps in their order; each is to be finished before the next is taken."""
        yield Step("repository", self._repository)
        yield Step("milestones", lambda: self._issue_list(lambda: read_whole(self._reading, lists.MILESTONES)))
        if not self._reading.cursor(lists.ISSUES.entity).complete:
            for number in kept_of(self._reading.cursor(lists.MILESTONES.entity)):
                yield Step("current sprint", partial(self._sprint, number))
        yield Step("labels", lambda: read_whole(self._reading, lists.LABELS))
        yield Step("issues", lambda: self._since(lists.ISSUES))
        yield Step("comments", lambda: self._since(lists.COMMENTS))
        yield Step("pull requests", lambda: read_newest(self._reading, lists.PULLS))
        yield Step("events", lambda: self._issue_list(lambda: read_newest(self._reading, lists.EVENTS)))
        yield Step("reviews", lambda: read_details(self._reading))
        yield Step("review comments", lambda: self._optional("review_comments", self._review_comments))
        yield Step("commits", lambda: self._optional(lists.COMMITS.entity, lambda: self._newest(lists.COMMITS)))
        yield Step("workflow runs", lambda: self._optional(lists.RUNS.entity, lambda: self._newest(lists.RUNS)))

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
        yield Page(repository_id=found.id, records=(found,) if found != known else (), validator=kept)

    def _own_url(self, repository: Repository) -> str:
        return f"/repos/{repository.full_name}#{self._reading.github.fingerprint}"

    def _stored_etag(self, repository: Repository) -> str | None:
        found = self._reading.local.validator(repository.id, self._own_url(repository))
        return found.etag if found else None

    def _since(self, what: SinceList) -> Pages:
        return self._issue_list(lambda: read_since(self._reading, what))

    def _newest(self, what: NewestList) -> Pages:
        return read_newest(self._reading, what)

    def _review_comments(self) -> Pages:
        return read_since(self._reading, lists.REVIEW_COMMENTS)

    def _issue_list(self, pages: Callable[[], Pages]) -> Pages:
        """A list that does not exist where issues are switched off."""
        try:
            yield from pages()
        except GoneError:
            name = self.repository.full_name
            self.issues_disabled = f"Issues are switched off in repository {name}; what was collected before is kept."

    def _sprint(self, number: int) -> Pages:
        return self._issue_list(lambda: self._items_of_milestone(number))

    def _items_of_milestone(self, number: int) -> Pages:
        """All items of one open milestone, once; rows added meanwhile come with the list of changes."""
        entity = f"sprint:{number}"
        if self._reading.cursor(entity).complete:
            return
        parameters: dict[str, str | int] = {"milestone": number, "state": "all", "sort": "created", "direction": "asc"}
        page, more = 1, True
        while more:
            answer = self._reading.ask("/issues", parameters, page)
            more = answer.more and bool(answer.rows)
            yield self._reading.page(
                records=_items(self._reading, answer),
                cursor=self._reading.moved(entity, "", complete=not more, note={}),
            )
            page += 1

    def _optional(self, entity: str, pages: Callable[[], Pages]) -> Pages:
        """A list that a repository or a token may not offer: remembered, never an error."""
        cursor = self._reading.cursor(entity)
        note = note_of(cursor)
        now = self._reading.clock()
        absent_since = note.get("absent") if note.get("token") == self._reading.github.fingerprint else None
        if absent_since and now - records.moment(absent_since) < ASK_AGAIN:
            return
        try:
            yield from pages()
        except (NoAccessError, GoneError):
            absent = {"absent": records.stamp(now), "token": self._reading.github.fingerprint}
            kept = self._reading.moved(entity, cursor.position, complete=cursor.complete, note=absent)
            yield self._reading.page(cursor=kept)


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
