"""What only a single pull request tells: its size, its files, its reviews and its commits.

It is asked for few: pull requests of open milestones, the 30 open ones that changed last within 30 days of the
newest change, and up to 30 that were closed within 14 days of it (by GitHub's clock, so that any number of syncs of
the same data asks for the same ones). Both lists are asked under their ETags, and the cursor's note remembers their
candidates and which version of each was asked: a quiet repository costs 304s only.

Where GraphQL is offered, 24 pull requests are one question. Elsewhere, and for one with more files, reviews or commits
than fit into such an answer, each costs four requests. GitHub lists 250 commits of a pull request at most, and the
record says how many there are. A token that may not read commits is asked without them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from galaxy_desktop.collect import nodes
from galaxy_desktop.collect.absence import is_absent, refused_of_one
from galaxy_desktop.collect.answers import PER_PAGE, Answer, GoneError, Row, server_date
from galaxy_desktop.collect.batch import in_batches
from galaxy_desktop.collect.graphql import (
    NOTE,
    NotOfferedError,
    in_repository,
    is_offered,
    not_offered,
    pulls_query,
)
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted, item, moment, pull_commit, review_of, stamp, updated
from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.repository_facts import PullCommits
from galaxy_desktop.domain.sync import Cursor, Page, Validator
from galaxy_desktop.domain.work import WorkItem
from galaxy_desktop.errors import NoAccessError

ENTITY = "details"
TAIL = "/pulls"
PARAMETERS = {"state": "open", "sort": "updated", "direction": "desc"}
CLOSED = {"state": "closed", "sort": "updated", "direction": "desc"}
NEWEST = 30
RECENT = timedelta(days=30)
RECENTLY_CLOSED = timedelta(days=14)
MOST_PAGES = 5
BATCH = 24
"""Six lists of each are asked: 144 lists are one point of GitHub's quota, 150 would be two."""
FACTS = 2
"""What is asked of a version, counted up with every kind of fact that comes to it: the commits were the second."""
_LACKING = ("files", "reviews", "commits")
"""Lists of a pull request that may not be offered."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listed pull request: `version` is when it changed, `planned` whether an open milestone has it."""

    number: int
    version: str
    planned: bool
    sha: str

    @property
    def plain(self) -> list[Any]:
        """As it is kept in a note."""
        return [self.number, self.version, int(self.planned), self.sha]


@dataclass(slots=True)
class _State:
    """What the note holds: candidates by page of the open list, those closed, versions asked, what is lacking."""

    reading: Reading
    pages: dict[str, list[list[Any]]]
    closed: list[list[Any]]
    versions: dict[str, str]
    lacking: dict[str, dict[str, Any]]
    validators: list[Validator] = field(default_factory=list)
    unsettled: set[int] = field(default_factory=set)

    def asked(self, one: Candidate) -> None:
        """Remember that this version was asked; one of the running second may still change and is asked again."""
        if one.number in self.unsettled:
            self.versions.pop(str(one.number), None)
        else:
            self.versions[str(one.number)] = one.version

    def wanted(self) -> list[Candidate]:
        """Whose details are worth having, the newest change first within each list."""
        return [*_wanted_open(self.pages), *_wanted_closed(self.closed)]

    def due(self) -> list[Candidate]:
        """Those of them that were not asked in the version that they have."""
        return [one for one in self.wanted() if self.versions.get(str(one.number)) != one.version]

    def offered(self, what: str) -> bool:
        """Whether a list of a pull request was not refused to this token within the last week."""
        return not is_absent(self.reading, self.lacking.get(what) or {})

    def cursor(self, *, complete: bool) -> Cursor:
        """The cursor with all of this in its note."""
        numbers = {str(one.number) for one in self.wanted()}
        versions = {number: version for number, version in self.versions.items() if number in numbers}
        note = {"pages": self.pages, "closed": self.closed, "asked": versions, "facts": FACTS, **self.lacking}
        return self.reading.moved(ENTITY, "", complete=complete, note=note)


def read_details(reading: Reading) -> Pages:
    """One page of records for every batch of pull requests whose details are due."""
    state = _read_lists(reading)
    due = state.due()
    if not due and not state.validators:
        return
    yield from _details(state, due)
    yield reading.page(cursor=state.cursor(complete=True))
    for validator in state.validators:
        yield reading.page(validator=validator)


def heads_of(note: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Head commit and time of the last change of the open pull requests whose details are wanted."""
    return tuple((one.sha, one.version) for one in _wanted_open(note.get("pages", {})) if one.sha)


def _read_lists(reading: Reading) -> _State:
    """Both lists, each page under its ETag; of pages that did not change the note knows the candidates."""
    note = note_of(reading.cursor(ENTITY))
    lacking = {key: note[key] for key in (NOTE, *_LACKING) if isinstance(note.get(key), dict)}
    # An earlier program asked for less of a version: each is asked once more.
    asked = dict(note.get("asked", {})) if note.get("facts") == FACTS else {}
    state = _State(reading, dict(note.get("pages", {})), note.get("closed", []), asked, lacking)
    page, more = 1, True
    while more:
        known = str(page) in state.pages
        answer = reading.ask(TAIL, PARAMETERS, page, reading.etag(TAIL, PARAMETERS, page) if known else None)
        if answer.not_modified:
            more = str(page + 1) in state.pages
        else:
            more = answer.more and bool(answer.rows)
            state.pages[str(page)] = _candidates(answer.rows)
            _note_unsettled(state, answer)
            _keep_validator(state, PARAMETERS, page, answer)
            if not more:
                state.pages = {number: rows for number, rows in state.pages.items() if int(number) <= page}
        page += 1
    answer = reading.ask(TAIL, CLOSED, 1, reading.etag(TAIL, CLOSED, 1) if "closed" in note else None)
    if not answer.not_modified:
        state.closed = _candidates(answer.rows)
        _note_unsettled(state, answer)
        _keep_validator(state, CLOSED, 1, answer)
    return state


def _note_unsettled(state: _State, answer: Answer) -> None:
    """Moments have whole seconds: what changed in the second of the answer may change again unseen."""
    second = stamp(server_date(answer.headers, answer.at))
    state.unsettled.update(int(row["number"]) for row in answer.rows if updated(row) >= second)


def _keep_validator(state: _State, parameters: Mapping[str, str], page: int, answer: Answer) -> None:
    if any(int(row["number"]) in state.unsettled for row in answer.rows):
        return
    found = state.reading.validator(TAIL, parameters, page, answer.etag)
    if found:
        state.validators.append(found)


def _candidates(rows: Sequence[Row]) -> list[list[Any]]:
    """What is kept of a page: its newest rows, and all that are planned."""
    found = converted(
        rows,
        lambda row: Candidate(
            number=row["number"],
            version=updated(row),
            planned=(row.get("milestone") or {}).get("state") == "open",
            sha=(row.get("head") or {}).get("sha") or "",
        ),
    )
    return [one.plain for rank, one in enumerate(found) if rank < NEWEST or one.planned]


def _listed(plain: Sequence[Sequence[Any]]) -> list[Candidate]:
    return [Candidate(number, version, bool(planned), sha) for number, version, planned, sha in plain]


def _wanted_open(pages: Mapping[str, Sequence[Sequence[Any]]]) -> list[Candidate]:
    found = [one for page in sorted(pages, key=int) for one in _listed(pages[page])]
    recent = [one for one in found if one.version >= _since(found, RECENT)][:NEWEST]
    return _once(recent + [one for one in found if one.planned])


def _wanted_closed(plain: Sequence[Sequence[Any]]) -> list[Candidate]:
    found = _listed(plain)
    since = _since(found, RECENTLY_CLOSED)
    return _once([one for one in found if one.planned or one.version >= since])[:NEWEST]


def _since(found: Sequence[Candidate], span: timedelta) -> str:
    """A stamp some time before the newest change."""
    return stamp(moment(max(one.version for one in found)) - span) if found else ""


def _once(found: Sequence[Candidate]) -> list[Candidate]:
    """Each number once, in its first place: a row that moves while paging is met twice."""
    return list({one.number: one for one in reversed(found)}.values())[::-1]


def _details(state: _State, due: Sequence[Candidate]) -> Pages:
    """GraphQL first; what it does not answer is asked one by one."""
    rest = list(due)
    if due and is_offered(state.reading, state.lacking):
        rest = []
        try:
            for batch, found in in_batches(due, BATCH, lambda some: _ask(state, some)):
                left = yield from _batch(state, batch, found)
                rest += left
        except NotOfferedError as refusal:
            state.lacking |= not_offered(state.reading, refusal, state.lacking)
            rest = state.due()
    for one in rest:
        state.asked(one)
        yield _page_of(state, one.number)


def _ask(state: _State, batch: Sequence[Candidate]) -> Mapping[str, Any]:
    question = pulls_query((one.number for one in batch), commits=state.offered("commits"))
    return in_repository(state.reading, question, {}, "pull requests")


def _batch(
    state: _State, batch: Sequence[Candidate], found: Mapping[str, Any]
) -> Generator[Page, None, list[Candidate]]:
    """A page with the answered ones; returns those to be asked one by one."""
    reading, records = state.reading, list[Record]()
    left: list[Candidate] = []
    for one in batch:
        told = _told(reading, found.get(f"n{one.number}"))
        if told is None:
            left.append(one)
            continue
        records += told
        state.asked(one)
    if records:
        yield reading.page(records=tuple(records), cursor=state.cursor(complete=False))
    return left


def _told(reading: Reading, node: nodes.Node | None) -> list[Record] | None:
    """The pull request, its reviews and its commits, or `None` when the answer does not hold all of it."""
    repo, at = reading.repository, reading.clock()
    if node is None:
        return None
    try:
        pulls = converted([node], lambda one: nodes.pull(one, repo, at))
        return [
            *pulls,
            *(review for some in converted([node], lambda one: nodes.reviews(one, repo, at)) for review in some),
            *(converted([node], lambda one: nodes.commits(one, repo, at)) if "commits" in node else ()),
        ]
    except nodes.CutOffError:
        return None


def _page_of(state: _State, number: int) -> Page:
    """The pull request with its files, reviews and commits; nothing when it cannot be read, and gone when GitHub says so."""
    reading = state.reading
    records: tuple[Record, ...] = ()
    gone: tuple[str, ...] = ()
    try:
        answer = reading.github.get(reading.path(f"{TAIL}/{number}"))
    except GoneError:
        gone = (f"pr:{reading.repository.full_name}#{number}",)
    except NoAccessError:
        records = ()
    else:
        records = (
            *_items(state, number, answer),
            *_reviews(state, number, answer),
            *_commits(state, number, answer),
        )
    return reading.page(records=records, gone=gone, cursor=state.cursor(complete=False))


def _items(state: _State, number: int, answer: Answer) -> tuple[WorkItem, ...]:
    files = _offered(state, number, "files")
    names = tuple(row["filename"] for row in files) if files is not None else None
    found = converted(answer.rows, lambda row: item(row, state.reading.repository, answer.at))
    return tuple(replace(one, files=names) for one in found)


def _reviews(state: _State, number: int, answer: Answer) -> tuple[Record, ...]:
    rows = _offered(state, number, "reviews") or []
    return converted(rows, lambda row: review_of(number, row, state.reading.repository, answer.at))


def _commits(state: _State, number: int, answer: Answer) -> tuple[Record, ...]:
    """Its commits; nothing where they are not offered, because no commits at all would say something else."""
    rows = _offered(state, number, "commits")
    if rows is None:
        return ()
    repo, found = state.reading.repository, converted(rows, pull_commit)

    def whole(row: Row) -> PullCommits:
        return PullCommits(
            repository_id=repo.id,
            repository=repo.full_name,
            item_number=number,
            commits=found,
            total=max(len(found), row.get("commits") or 0),
            observed_at=answer.at,
        )

    return converted(answer.rows, whole)


def _offered(state: _State, number: int, what: str) -> list[Any] | None:
    """All rows of a list of one pull request, or `None` where GitHub refuses it; refused of several in a row, it is not offered."""
    if not state.offered(what):
        return None
    try:
        rows = list(_rows(state.reading, f"{TAIL}/{number}/{what}"))
    except NoAccessError as refusal:
        state.lacking[what] = refused_of_one(state.reading, number, refusal, state.lacking.get(what))
        return None
    state.lacking.pop(what, None)
    return rows


def _rows(reading: Reading, tail: str) -> Iterator[Row]:
    for page in range(1, MOST_PAGES + 1):
        answer = reading.ask(tail, {}, page)
        yield from answer.rows
        if len(answer.rows) < PER_PAGE:
            return
