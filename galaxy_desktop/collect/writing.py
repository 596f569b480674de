"""Changes out to GitHub: which requests a change is, one request with one permit, and looking before one repeats.

A change becomes the requests that cannot overwrite what somebody else does at the same moment: labels and people are
added and taken away one difference at a time, never written as a whole set. Reads ask by name and make sure that the
name still belongs to the repository meant: names are given away anew after a rename, ids are not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote

from galaxy_desktop.collect import records
from galaxy_desktop.collect.answers import PER_PAGE, Answer, GitHubLike, GoneError, Row, server_date
from galaxy_desktop.collect.records import converted, stamp
from galaxy_desktop.collect.write_answers import MovedError, WriteRefusedError
from galaxy_desktop.domain.changes import Change, ChangeKind, Value
from galaxy_desktop.domain.permits import Permit
from galaxy_desktop.domain.work import Comment, Repository, WorkItem
from galaxy_desktop.errors import BrokenAnswerError, NoAccessError, RefusedError

KEPT = timedelta(seconds=60)
"""How long a repository's name is trusted to be still its own."""
MARGIN = timedelta(seconds=10)
"""How far GitHub's clocks may differ among each other when looking for what was made since a moment."""
MOST_PAGES = 10


class WritingGitHub(GitHubLike, Protocol):
    """GitHub as far as writing needs it."""

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """One write, never repeated and never redirected."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


Spend = Callable[[Permit, str], None]
"""Uses up a permit for an act; raises unless the gate gave exactly this permit and it was not used before."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a change; `tail` is the path below the repository."""

    method: str
    tail: str
    body: Mapping[str, Any] = field(default_factory=dict)

    def act(self, repository_id: int) -> str:
        """The request as text, with everything that decides what it does."""
        told = json.dumps(self.body, ensure_ascii=False, sort_keys=True)
        return f"{self.method} /repositories/{repository_id}{self.tail} {told}"


@dataclass(frozen=True, slots=True)
class Place:
    """A repository as GitHub shows it now; `may_push` is `None` where it does not say.

    `ahead` is how far GitHub's clock is ahead of ours.
    """

    repository: Repository
    may_push: bool | None
    asked_at: datetime
    ahead: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An item as GitHub shows it now; `gone` says why it cannot be changed any more."""

    item: WorkItem | None
    locked: bool = False
    gone: str = ""


def steps(change: Change, merged: Value, theirs: Value, *, pull: bool = False) -> tuple[Step, ...]:
    """The requests that bring a field from `theirs` to `merged`, in order."""
    issue = f"/issues/{change.item_number}"
    match change.kind:
        case ChangeKind.NEW_ISSUE:
            return (Step("POST", "/issues", _new_issue(change)),)
        case ChangeKind.COMMENT:
            return (Step("POST", f"{issue}/comments", {"body": change.mine}),)
        case ChangeKind.STATE:
            return (Step("PATCH", issue, _state(str(merged), pull=pull)),)
        case ChangeKind.LABELS:
            new, old = _difference(theirs, merged)
            adding = [Step("POST", f"{issue}/labels", {"labels": new})] if new else []
            return (*adding, *(Step("DELETE", f"{issue}/labels/{quote(name, safe='')}") for name in old))
        case ChangeKind.ASSIGNEES:
            new, old = _difference(theirs, merged)
            both = (("POST", new), ("DELETE", old))
            return tuple(Step(verb, f"{issue}/assignees", {"assignees": logins}) for verb, logins in both if logins)
        case _:
            return (Step("PATCH", issue, {str(change.kind): merged}),)


def _new_issue(change: Change) -> dict[str, Any]:
    body: dict[str, Any] = {"title": change.title, "body": change.mine}
    if change.labels:
        body["labels"] = list(change.labels)
    if change.assignees:
        body["assignees"] = list(change.assignees)
    if change.milestone is not None:
        body["milestone"] = change.milestone
    return body


def _state(wanted: str, *, pull: bool) -> dict[str, str]:
    state, _, reason = wanted.partition(":")
    if state == "open" or pull:
        return {"state": state}
    return {"state": state, "state_reason": reason or "completed"}


def _difference(theirs: Value, merged: Value) -> tuple[list[str], list[str]]:
    """Names to add and names to take away; case does not count."""
    has, wanted = (value if isinstance(value, tuple) else () for value in (theirs, merged))
    has_keys, wanted_keys = ({name.casefold() for name in names} for names in (has, wanted))
    return (
        [name for name in wanted if name.casefold() not in has_keys],
        [name for name in has if name.casefold() not in wanted_keys],
    )


class Writing:
    """One GitHub to write to; blocking, for the thread that makes the calls."""

    def __init__(self, github: WritingGitHub, spend: Spend, clock: Callable[[], datetime]) -> None:
        """`spend` asks the gate; without its agreement nothing is sent."""
        self._github = github
        self._spend = spend
        self._clock = clock
        self._places: dict[int, Place] = {}
        self._login: str | None = None
        self._asked_login = False

    def close(self) -> None:
        """Close the connection."""
        self._github.close()

    # --- looking

    def place(self, repository_id: int, full_name: str) -> Place:
        """The repository of this id, under whatever name it has now.

        Raises:
            RefusedError: the token cannot see it any more.
        """
        known = self._places.get(repository_id)
        if known is None or self._clock() - known.asked_at > KEPT:
            answer = self._named(repository_id, full_name) or self._github.get(f"/repositories/{repository_id}")
            row = _first(answer)
            (found,) = converted([row], records.repository)
            may = (row.get("permissions") or {}).get("push")
            ahead = server_date(answer.headers, answer.at) - answer.at
            known = self._places[repository_id] = Place(found, may, self._clock(), ahead)
        return known

    def found(self, repository_id: int, full_name: str, number: int) -> tuple[Place, Standing]:
        """A repository and an item of it; before an item counts as gone the name is looked up anew."""
        place = self.place(repository_id, full_name)
        standing = self.standing(place, number)
        if standing.gone:
            self._places.pop(repository_id)
            now = self.place(repository_id, place.repository.full_name)
            if now.repository.full_name != place.repository.full_name:
                place, standing = now, self.standing(now, number)
        return place, standing

    def standing(self, place: Place, number: int) -> Standing:
        """An issue or pull request; what was deleted, moved away or hidden is told in `gone`."""
        name = f"{place.repository.full_name}#{number}"
        try:
            answer = self._github.get(f"/repos/{place.repository.full_name}/issues/{number}")
        except (NoAccessError, GoneError):
            return Standing(
                item=None,
                gone=f"GitHub no longer shows {name}: it was deleted, or the token may not see it. Let this change go.",
            )
        row = _first(answer)
        home = str(row.get("repository_url") or "")
        if home and not home.lower().endswith(f"/repos/{place.repository.full_name}".lower()):
            there = f"{'/'.join(home.rsplit('/', 2)[1:])}#{row.get('number')}"
            gone = f"{name} was moved to {there}. Change it there, and let this change go."
            return Standing(item=None, gone=gone)
        (item,) = converted([row], lambda one: records.item(one, place.repository, answer.at))
        return Standing(item=item, locked=bool(row.get("locked")))

    def missing_label(self, place: Place, names: Iterable[str]) -> str:
        """The first of these labels that the repository does not have, or "": GitHub would make it by itself."""
        return next((name for name in names if not self._there(place, f"/labels/{quote(name, safe='')}")), "")

    def missing_person(self, place: Place, logins: Iterable[str]) -> str:
        """The first of these people who cannot be assigned there, or ""."""
        return next((login for login in logins if not self._there(place, f"/assignees/{quote(login, safe='')}")), "")

    def milestone_trouble(self, place: Place, number: int) -> str:
        """Why nothing can be put into this milestone, or ""."""
        try:
            row = _first(self._github.get(f"/repos/{place.repository.full_name}/milestones/{number}"))
        except (NoAccessError, GoneError):
            return f"Milestone {number} of {place.repository.full_name} was deleted. Choose another one."
        closed = row.get("state") == "closed"
        return f"The milestone “{row.get('title')}” was closed meanwhile. Choose an open one." if closed else ""

    def comments_made(self, place: Place, number: int, text: str, since: datetime) -> tuple[Comment, ...]:
        """Comments with this text that the token's owner made since a moment of GitHub's clock, oldest first."""
        tail = f"/issues/{number}/comments"
        rows = self._rows(place, tail, {"since": stamp(since - MARGIN)})
        found = converted(rows, lambda row: records.comment(row, place.repository, self._clock()))
        return tuple(one for one in found if self._mine(one, since) and _settled(one.body) == _settled(text))

    def issues_made(self, place: Place, title: str, text: str, since: datetime) -> tuple[WorkItem, ...]:
        """Issues with this title and text that the token's owner opened since a moment of GitHub's clock."""
        asked = {"state": "all", "sort": "created", "direction": "asc", "since": stamp(since - MARGIN)}
        if login := self.login():
            asked["creator"] = login
        rows = self._rows(place, "/issues", asked)
        found = converted(rows, lambda row: records.item(row, place.repository, self._clock()))
        wanted = (title.strip(), _settled(text))
        alike = (one for one in found if (one.title.strip(), _settled(one.body)) == wanted)
        return tuple(one for one in alike if self._mine(one, since))

    def login(self) -> str | None:
        """Whose token this is; `None` for an app's token, which is nobody's."""
        if not self._asked_login:
            try:
                self._login = str(_first(self._github.get("/user")).get("login") or "") or None
            except NoAccessError:
                self._login = None
            self._asked_login = True
        return self._login

    # --- writing

    def perform(self, place: Place, step: Step, permit: Permit) -> Row | None:
        """Do one step with one permit; the row that GitHub gave back, where it is an issue or a comment.

        Raises:
            WriteRefusedError: a final no.
            BrokenAnswerError: nobody knows whether it happened: look before you repeat.
        """
        self._spend(permit, step.act(place.repository.id))
        try:
            answer = self._github.send(step.method, f"/repos/{place.repository.full_name}{step.tail}", step.body)
        except MovedError:
            self._places.pop(place.repository.id, None)
            raise
        except WriteRefusedError as refused:
            if step.method == "DELETE" and refused.status == 404 and "/labels/" in step.tail:
                return None  # somebody was faster: the label is off, which is what was wanted
            raise
        if "/labels" in step.tail or not answer.rows:
            return None
        return answer.rows[0]

    def made_item(self, place: Place, row: Row) -> WorkItem:
        """The record of an issue that GitHub gave back."""
        (item,) = converted([row], lambda one: records.item(one, place.repository, self._clock()))
        return item

    def made_comment(self, place: Place, row: Row) -> Comment:
        """The record of a comment that GitHub gave back."""
        (comment,) = converted([row], lambda one: records.comment(one, place.repository, self._clock()))
        return comment

    # --- plumbing

    def _named(self, repository_id: int, full_name: str) -> Answer | None:
        """The repository of this name, when it is still the one meant."""
        try:
            answer = self._github.get(f"/repos/{full_name}")
        except NoAccessError:
            return None
        return answer if _first(answer).get("id") == repository_id else None

    def _there(self, place: Place, tail: str) -> bool:
        try:
            self._github.get(f"/repos/{place.repository.full_name}{tail}")
        except NoAccessError:
            return False
        return True

    def _rows(self, place: Place, tail: str, parameters: Mapping[str, str]) -> Iterator[Row]:
        """Every row of a list."""
        for page in range(1, MOST_PAGES + 1):
            asked: dict[str, str | int] = {**parameters, "per_page": PER_PAGE, "page": page}
            answer = self._github.get(f"/repos/{place.repository.full_name}{tail}", asked)
            yield from answer.rows
            if not answer.more:
                return
        raise RefusedError(f"Too much happened in {place.repository.full_name} since this was sent. Look on GitHub.")

    def _mine(self, made: Comment | WorkItem, since: datetime) -> bool:
        """Whether the token's owner made this, not before a moment; whoever made it, where that cannot be known."""
        login = self.login()
        theirs = made.author.login if made.author else ""
        return made.created_at >= since - MARGIN and (login is None or theirs.casefold() == login.casefold())


def _first(answer: Answer) -> Row:
    if not answer.rows:
        raise BrokenAnswerError("GitHub sent an empty answer.")
    return answer.rows[0]


def _settled(text: str) -> str:
    """A text without what may differ from what was sent: ends of lines, and space at the end."""
    return text.replace("\r\n", "\n").rstrip()
