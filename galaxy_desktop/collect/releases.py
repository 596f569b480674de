"""Releases and deployments: what was shipped, and whether it arrived.

Both lists come newest first and are asked under the ETag of page 1. A list of deployments says nothing of how they
went: the newest state of those that may have moved is one GraphQL question by their node ids, and elsewhere one
request each for the newest deployment of a few environments. A deployment that is still under way is asked again,
under its ETag, until it ended or is a day old.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from galaxy_desktop.collect.absence import optional
from galaxy_desktop.collect.answers import Answer, GoneError, Row
from galaxy_desktop.collect.graphql import DEPLOYMENTS, NotOfferedError, TooMuchError, ask, is_offered, not_offered
from galaxy_desktop.collect.newest import NewestList, read_newest
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted, deployment, moment, release, stamp
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.errors import NoAccessError

RELEASES = NewestList(
    entity="releases",
    tail="/releases",
    parameters={},
    key=lambda row: stamp(moment(row["created_at"])),
    floor=lambda position, top: position,
    convert=lambda reading, answer, row: release(row, reading.repository, answer.at),
    most_pages=5,
    whole_pages=True,
)
DEPLOYMENTS_ENTITY = "deployments"
DEPLOYMENTS_TAIL = "/deployments"
MOST_ENVIRONMENTS = 5
UNDER_WAY = frozenset({"", "pending", "queued", "in_progress", "waiting"})
GIVEN_UP = timedelta(days=1)
STATES_ASKED = 50


def read_releases(reading: Reading) -> Pages:
    """The releases that are new, and those on the page that changed."""
    return optional(reading, RELEASES.entity, lambda: read_newest(reading, RELEASES))


def read_deployments(reading: Reading) -> Pages:
    """The newest deployments, each with its newest state where that is worth asking."""
    return optional(reading, DEPLOYMENTS_ENTITY, lambda: _deployments(reading))


def _deployments(reading: Reading) -> Pages:
    """One page when the list changed; then the ones that were under way."""
    note = note_of(reading.cursor(DEPLOYMENTS_ENTITY))
    answer = reading.ask(DEPLOYMENTS_TAIL, {}, 1, reading.etag(DEPLOYMENTS_TAIL, {}, 1))
    if not answer.not_modified:
        yield _listed(reading, note, answer)
        return
    for row in note.get("open", []):
        if reading.clock() - moment(row["created_at"]) < GIVEN_UP:
            yield from _again(reading, row)


def _listed(reading: Reading, note: Mapping[str, Any], answer: Answer) -> Page:
    """The page with the states known of its newest deployments; those under way stay in the note."""
    rows = answer.rows[:STATES_ASKED]
    lacking: dict[str, Any] = {}
    states: Mapping[int, str] = {}
    if rows and is_offered(reading, note):
        try:
            states = _states_by_graphql(reading, rows)
        except NotOfferedError as refusal:
            lacking = not_offered(reading, refusal, note)
        except TooMuchError:
            states = {}
    if rows and not states:
        states = dict(_states_by_rest(reading, rows))
    kept = {**({"graphql": note["graphql"]} if "graphql" in note else {}), **lacking}
    under_way = [_core(row) for row in rows if states.get(row.get("id", 0)) in UNDER_WAY]
    told = [row for row in rows if row.get("id") in states]
    return reading.page(
        records=converted(told, lambda row: deployment(row, states[row["id"]], reading.repository, answer.at)),
        cursor=reading.moved(
            DEPLOYMENTS_ENTITY,
            max((str(row.get("created_at") or "") for row in rows), default=""),
            complete=True,
            note={**kept, **({"open": under_way} if under_way else {})},
        ),
        validator=reading.validator(DEPLOYMENTS_TAIL, {}, 1, answer.etag),
    )


def _core(row: Row) -> dict[str, Any]:
    """What is needed to make the record again."""
    return {key: row[key] for key in ("id", "sha", "ref", "environment", "created_at", "updated_at") if key in row}


def _states_by_graphql(reading: Reading, rows: Iterable[Row]) -> dict[int, str]:
    ids = {str(row["node_id"]): row.get("id", 0) for row in rows if row.get("node_id")}
    data = ask(reading, DEPLOYMENTS, {"ids": list(ids)}, "deployments") if ids else {}
    found = zip(ids.values(), data.get("nodes") or (), strict=False)
    return {number: _word((node.get("latestStatus") or {}).get("state")) for number, node in found if node}


def _states_by_rest(reading: Reading, rows: Iterable[Row]) -> Iterator[tuple[int, str]]:
    """The state of the newest deployment of a few environments."""
    newest: dict[str, Row] = {}
    for row in rows:
        newest.setdefault(row.get("environment") or "", row)
    for row in [one for one in newest.values() if one.get("id")][:MOST_ENVIRONMENTS]:
        try:
            answer = reading.ask(_statuses(row), {}, 1)
        except (NoAccessError, GoneError):
            continue
        yield int(row["id"]), _state(answer)


def _statuses(row: Row) -> str:
    return f"{DEPLOYMENTS_TAIL}/{int(row['id'])}/statuses"


def _state(answer: Answer) -> str:
    """The newest status, which comes first; "" where there is none yet."""
    return _word(answer.rows[0].get("state")) if answer.rows else ""


def _word(state: str | None) -> str:
    return (state or "").lower()


def _again(reading: Reading, row: Row) -> Iterator[Page]:
    """One that was under way, under the ETag of its statuses."""
    tail = _statuses(row)
    try:
        answer = reading.ask(tail, {}, 1, reading.etag(tail, {}, 1))
    except (NoAccessError, GoneError):
        return
    if answer.not_modified:
        return
    state = _state(answer)
    cursor = reading.cursor(DEPLOYMENTS_ENTITY)
    note = note_of(cursor)
    if state not in UNDER_WAY:
        note = {**note, "open": [one for one in note.get("open", []) if one["id"] != row["id"]]}
    yield reading.page(
        records=converted([row], lambda one: deployment(one, state, reading.repository, answer.at)),
        cursor=reading.moved(DEPLOYMENTS_ENTITY, cursor.position, complete=True, note=note),
        validator=reading.validator(tail, {}, 1, answer.etag),
    )
