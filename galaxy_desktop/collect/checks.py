"""Check runs and commit statuses of the commits that matter, until each has settled.

Those are the head commits of the open pull requests whose details are wanted, and the newest commits of the default
branch that are younger than 14 days. Nothing tells when a check ends, so a commit is asked again, both of its lists
under their ETags, until all its checks are finished and half an hour passed without news; then it is never asked
again. Commits that are new are asked 25 at once where GraphQL is offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from galaxy_desktop.collect import commits, details, nodes
from galaxy_desktop.collect.absence import is_absent, refused_of_one
from galaxy_desktop.collect.answers import Answer, GoneError, Row, UnaskableError
from galaxy_desktop.collect.batch import in_batches
from galaxy_desktop.collect.graphql import (
    NOTE,
    NotOfferedError,
    in_repository,
    is_offered,
    not_offered,
    rollups_query,
)
from galaxy_desktop.collect.lists import COMMITS
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import check_run, commit_status, converted, moment, stamp
from galaxy_desktop.domain.repository_facts import Check
from galaxy_desktop.domain.sync import Cursor, Page, Validator
from galaxy_desktop.errors import NoAccessError

ENTITY = "checks"
YOUNG = timedelta(days=14)
SETTLING = timedelta(minutes=30)
GIVEN_UP = timedelta(days=3)
"""A check that is still not finished by then was forgotten by whoever runs it."""
BATCH = 25
MOST_BY_REST = 10
"""Commits of each kind without GraphQL, where each costs two requests."""
RUNS, STATUSES = "check-runs", "status"
_ROWS = {RUNS: "check_runs", STATUSES: "statuses"}
SETTLED: list[Any] = []
"""What the note says of a commit that is asked no more; of others the last news and whether a check is running."""


@dataclass(slots=True)
class _State:
    """What the note holds of each commit, and what is not offered; `since` says when each commit was new."""

    reading: Reading
    since: dict[str, str]
    known: dict[str, list[Any]]
    lacking: dict[str, dict[str, Any]]

    def cursor(self) -> Cursor:
        """The cursor with all of this in its note; commits that no longer matter are dropped."""
        known = {sha: state for sha, state in self.known.items() if sha in self.since}
        return self.reading.moved(ENTITY, "", complete=True, note={"commits": known, **self.lacking})

    def answered(self, sha: str, found: Iterable[Check]) -> None:
        """Judge a commit from its checks."""
        checks = list(found)
        news = max([moment(self.since[sha]), *(one.finished_at for one in checks if one.finished_at)])
        self.known[sha] = [stamp(news), int(any(one.conclusion is None for one in checks))]
        self.aged(sha)

    def aged(self, sha: str) -> None:
        """A commit settles when nothing new came for long enough."""
        news, running = self.known[sha]
        if self.reading.clock() - moment(news) > (GIVEN_UP if running else SETTLING):
            self.known[sha] = SETTLED


def read_checks(reading: Reading) -> Pages:
    """The checks of every commit that is new or has not settled."""
    state = _begin(reading)
    new = [sha for sha in state.since if sha not in state.known]
    going = [sha for sha in state.since if state.known.get(sha)]
    if new and is_offered(reading, state.lacking):
        try:
            yield from _by_graphql(state, new)
        except NotOfferedError as refusal:
            state.lacking |= not_offered(reading, refusal, state.lacking)
            yield reading.page(cursor=state.cursor())
    for sha in [*(sha for sha in new if sha not in state.known), *going]:
        yield from _by_rest(state, sha)


def _begin(reading: Reading) -> _State:
    note = note_of(reading.cursor(ENTITY))
    lacking = {key: note[key] for key in (NOTE, RUNS, STATUSES) if isinstance(note.get(key), dict)}
    most = None if is_offered(reading, note) else MOST_BY_REST
    heads = details.heads_of(note_of(reading.cursor(details.ENTITY)))[:most]
    young = stamp(reading.clock() - YOUNG)
    recent = commits.recent_of(note_of(reading.cursor(COMMITS.entity)))
    main = [(sha, when) for sha, when in recent if when >= young][:most]
    return _State(reading, dict([*main, *heads]), dict(note.get("commits", {})), lacking)


def _by_graphql(state: _State, shas: Sequence[str]) -> Pages:
    """Pages of batches; a commit with very many checks, or that GraphQL does not show, is left for REST."""
    reading = state.reading

    def ask(some: Sequence[str]) -> Mapping[str, Any]:
        return in_repository(reading, rollups_query(some), {}, "checks")

    for batch, found in in_batches(shas, BATCH, ask):
        records: list[Check] = []
        for place, sha in enumerate(batch):
            told = _told(reading, sha, found.get(f"c{place}"))
            if told is not None:
                state.answered(sha, told)
                records += told
        if found:
            yield reading.page(records=tuple(records), cursor=state.cursor())


def _told(reading: Reading, sha: str, node: nodes.Node | None) -> list[Check] | None:
    if not node:
        return None
    at = reading.clock()
    try:
        found = converted([node], lambda one: nodes.checks(one, sha, reading.repository, at))
    except nodes.CutOffError:
        return None
    return [check for some in found for check in some]


def _by_rest(state: _State, sha: str) -> Iterator[Page]:
    """One page of both lists of a commit; nothing when neither changed and it has not settled by time alone."""
    reading = state.reading
    answers = [found for what in (RUNS, STATUSES) if (found := _asked(state, sha, what))]
    fresh = [found for found in answers if not found[0].not_modified]
    if answers and not fresh:
        state.aged(sha)
        if not state.known[sha]:
            yield reading.page(cursor=state.cursor())
        return
    if len(fresh) < len(answers):
        # One of two lists changed: the other one's checks are needed too, to judge the whole.
        answers = [found for what in (RUNS, STATUSES) if (found := _asked(state, sha, what, anew=True))]
    records = [check for answer, what, _ in answers for check in _checks(reading, sha, what, answer)]
    state.answered(sha, records)
    yield reading.page(records=tuple(records), cursor=state.cursor())
    for _, _, validator in answers:
        if validator:
            yield reading.page(validator=validator)


_Asked = tuple[Answer, str, Validator | None]


def _asked(state: _State, sha: str, what: str, *, anew: bool = False) -> _Asked | None:
    """One of the two lists of a commit, or `None` where it is not offered or the commit is not there."""
    reading, tail = state.reading, f"/commits/{sha}/{what}"
    if is_absent(reading, state.lacking.get(what) or {}):
        return None
    etag = None if anew or sha not in state.known else reading.etag(tail, {}, 1)
    try:
        answer = reading.ask(tail, {}, 1, etag)
    except (NoAccessError, GoneError) as refusal:
        state.lacking[what] = refused_of_one(reading, sha, refusal, state.lacking.get(what))
        return None
    except UnaskableError:
        return None
    state.lacking.pop(what, None)
    return answer, what, reading.validator(tail, {}, 1, None if answer.not_modified else answer.etag)


def _checks(reading: Reading, sha: str, what: str, answer: Answer) -> tuple[Check, ...]:
    convert = check_run if what == RUNS else commit_status
    rows: list[Row] = [one for row in answer.rows for one in row.get(_ROWS[what]) or ()]
    if answer.more and what == RUNS:
        for page in range(2, (answer.last_page or 2) + 1):
            more = reading.ask(f"/commits/{sha}/{what}", {}, page)
            rows += [one for row in more.rows for one in row.get(_ROWS[what]) or ()]
    return converted(rows, lambda row: convert(row, sha, reading.repository, answer.at))
