"""Commits of the default branch, with how much each changed.

The REST list says nothing of additions and deletions: that would be one request a commit. So its page 1, under its
ETag, only tells whether something moved, and which commit is at the top; the history from there is read through
GraphQL, 100 commits a question, changes included. It starts 30 days before the newest commit known, because a merged
branch brings older ones. Where GraphQL is not offered the REST list is walked instead.

The newest commits stay in the cursor's note: their checks are asked (see `checks`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from galaxy_desktop.collect import nodes
from galaxy_desktop.collect.absence import optional
from galaxy_desktop.collect.answers import Row
from galaxy_desktop.collect.graphql import (
    HISTORY,
    NOTE,
    NotOfferedError,
    TooMuchError,
    in_repository,
    is_offered,
    not_offered,
)
from galaxy_desktop.collect.lists import COMMITS
from galaxy_desktop.collect.newest import read_newest
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import committed, converted, stamp
from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Commit

MOST_RECENT = 30
SIZES = (100, 50, 20)
"""How many commits a question asks for, smaller where GitHub does not get it done."""
_OURS = ("recent", NOTE)


def read_commits(reading: Reading) -> Pages:
    """Every commit that is new on the default branch."""
    return optional(reading, COMMITS.entity, lambda: _commits(reading))


def recent_of(note: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Hash and time of the newest commits, from the note of the cursor "commits"."""
    return tuple((sha, when) for sha, when in note.get("recent", []))


def _commits(reading: Reading) -> Pages:
    note = note_of(reading.cursor(COMMITS.entity))
    if is_offered(reading, note) and "top" not in note:
        try:
            yield from _by_graphql(reading)
        except NotOfferedError as refusal:
            yield _kept(reading, not_offered(reading, refusal, note_of(reading.cursor(COMMITS.entity))))
        except TooMuchError:
            yield _kept(reading, {})
        else:
            return
    for page in read_newest(reading, COMMITS):
        yield _noted(reading, page)


def _kept(reading: Reading, more: Mapping[str, Any]) -> Page:
    """The cursor where it is, without a walk in progress and with more in its note."""
    cursor = reading.cursor(COMMITS.entity)
    note = {key: value for key, value in note_of(cursor).items() if key in _OURS}
    moved = reading.moved(COMMITS.entity, cursor.position, complete=cursor.complete, note={**note, **more})
    return reading.page(cursor=moved)


def _noted(reading: Reading, page: Page) -> Page:
    """A page of the REST walk with what we keep in the note."""
    cursor = page.cursor
    if cursor is None or cursor.entity != COMMITS.entity:
        return page
    before = note_of(reading.cursor(COMMITS.entity))
    ours = {key: before[key] for key in _OURS if key in before}
    recent = _recent(recent_of(before), page.records)
    note = {**ours, **note_of(cursor), **({"recent": recent} if recent else {})}
    return replace(page, cursor=reading.moved(cursor.entity, cursor.position, complete=cursor.complete, note=note))


def _recent(known: Iterable[tuple[str, str]], records: Iterable[Record]) -> list[list[str]]:
    found = dict(known) | {one.sha: stamp(one.committed_at) for one in records if isinstance(one, Commit)}
    newest = sorted(found.items(), key=lambda one: (one[1], one[0]), reverse=True)[:MOST_RECENT]
    return [list(one) for one in newest]


def _by_graphql(reading: Reading) -> Pages:
    """The history from the commit at the top, page by page; goes on where it was cut off."""
    cursor = reading.cursor(COMMITS.entity)
    walk = note_of(cursor).get("walk")
    if walk:
        yield from _walk(reading, walk)
        cursor = reading.cursor(COMMITS.entity)
    etag = reading.etag(COMMITS.tail, COMMITS.parameters, 1) if cursor.complete else None
    answer = reading.ask(COMMITS.tail, COMMITS.parameters, 1, etag)
    if answer.not_modified:
        return
    if not answer.rows:
        empty = reading.moved(COMMITS.entity, cursor.position, complete=True, note=_ours(reading))
        kept = reading.validator(COMMITS.tail, COMMITS.parameters, 1, answer.etag)
        yield reading.page(cursor=empty, validator=kept)
        return
    top = max(_stamps(answer.rows))
    since = COMMITS.floor(cursor.position, top)
    yield from _walk(reading, {"head": answer.rows[0]["sha"], "top": top, "since": since, "after": None}, answer.etag)


def _stamps(rows: Iterable[Row]) -> tuple[str, ...]:
    return converted(rows, committed)


def _ours(reading: Reading) -> dict[str, Any]:
    note = note_of(reading.cursor(COMMITS.entity))
    return {key: note[key] for key in _OURS if key in note}


def _walk(reading: Reading, walk: dict[str, Any], etag: str | None = None) -> Pages:
    """One page a question; the position and the ETag move with the last one."""
    cursor = reading.cursor(COMMITS.entity)
    more = True
    while more:
        history = _history(reading, walk)
        convert = partial(nodes.commit, repo=reading.repository, at=reading.clock())
        records = converted([node for node in history.get("nodes") or () if node], convert)
        turn = history.get("pageInfo") or {}
        more = bool(turn.get("hasNextPage"))
        walk = {**walk, "after": turn.get("endCursor")}
        note = _ours(reading)
        note["recent"] = _recent(recent_of(note), records)
        yield reading.page(
            records=records,
            cursor=reading.moved(
                COMMITS.entity,
                cursor.position if more else max(cursor.position, walk["top"]),
                complete=cursor.complete or not more,
                note={**note, "walk": walk} if more else note,
            ),
            validator=None if more else reading.validator(COMMITS.tail, COMMITS.parameters, 1, etag),
        )


def _history(reading: Reading, walk: Mapping[str, Any]) -> Mapping[str, Any]:
    """One page of the history.

    Raises:
        NotOfferedError: GraphQL does not show it.
        TooMuchError: GitHub does not get even a few commits done.
    """
    asked = {"head": walk["head"], "since": walk["since"] or None, "after": walk["after"]}
    for size in SIZES:
        try:
            found = in_repository(reading, HISTORY, {**asked, "first": size}, "commits")
        except TooMuchError:
            continue
        commit = found.get("object")
        if not commit or "history" not in commit:
            raise NotOfferedError("GraphQL does not show this commit.")
        return dict(commit["history"])
    raise TooMuchError("GitHub does not get the history done.")
