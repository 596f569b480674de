"""Boards of GitHub Projects (v2): iterations, and which items are in them, across repositories.

Boards are known through GraphQL only. A repository is looked at once, and then once a week: which boards are linked to
it, and which hold one of the 50 items that changed last. One without boards costs nothing in between.

A known board is watched cheaply: its REST description under an ETag (a 304 is free); where that is not offered, one
GraphQL point for the times of the last change of all of them, at most every ten minutes. Only when a board moved is it
read, 100 items a question, and handed on as one record, because what left it is told by nothing but its absence. A
board that several repositories share is read by the first of them: the others see in the store that it is known. Items
of repositories that are not here are left out: one that was forgotten must not come back with the board of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from galaxy_desktop.collect import board_nodes
from galaxy_desktop.collect.absence import absence, is_absent
from galaxy_desktop.collect.answers import GoneError, NotPermittedError
from galaxy_desktop.collect.board_nodes import Node
from galaxy_desktop.collect.graphql import (
    BOARD_FIELDS,
    BOARD_ITEMS,
    BOARD_STAMPS,
    BOARDS,
    AsksGraphQL,
    NotOfferedError,
    TooMuchError,
    ask,
    in_repository,
)
from galaxy_desktop.collect.marks import BOARDS as ENTITY
from galaxy_desktop.collect.marks import KnowsBoards, KnowsRepositories
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted, moment, stamp
from galaxy_desktop.collect.single import ask_one
from galaxy_desktop.domain.projects import Board, BoardItem
from galaxy_desktop.domain.sync import Cursor, Validator
from galaxy_desktop.errors import BrokenAnswerError, NoAccessError

LOOK_AGAIN = timedelta(days=7)
PAUSE = timedelta(minutes=10)
REST = "rest"
MOST_PAGES = 500
SIZES = (100, 50, 20)
"""How many items a question asks for, fewer where GitHub does not get it done."""
NO_PERMISSION = (
    "The token may not read GitHub Projects. Add the organization permission Projects: read to a fine-grained token,"
    " or the scope read:project to a classic one."
)


@dataclass(slots=True)
class _State:
    """What the note holds: the boards of this repository, when they were looked for, what is planned on each."""

    reading: Reading
    boards: dict[str, dict[str, Any]]
    looked: str
    asked: str

    def cursor(self, *, complete: bool = True) -> Cursor:
        """The cursor with all of this in its note."""
        planned = sorted({number for one in self.boards.values() for number in one.get("planned", [])})
        note: dict[str, Any] = {"looked": self.looked, "asked": self.asked}
        if self.boards:
            note |= {"boards": self.boards, "planned": planned}
        return self.reading.moved(ENTITY, "", complete=complete, note=note)


def read_boards(reading: Reading) -> Pages:
    """Every board of this repository that moved, each as one record."""
    note = note_of(reading.cursor(ENTITY))
    github = reading.github
    if is_absent(reading, note) or not isinstance(github, AsksGraphQL) or not github.signed_in:
        return
    try:
        yield from _boards(reading, note)
    except NotOfferedError:
        refused = {**note, **absence(reading, NotPermittedError(NO_PERMISSION), note)}
        yield reading.page(cursor=reading.moved(ENTITY, "", complete=True, note=refused))


def _boards(reading: Reading, note: Mapping[str, Any]) -> Pages:
    boards = {key: dict(one) for key, one in note.get("boards", {}).items()}
    state = _State(reading, boards, note.get("looked", ""), note.get("asked", ""))
    if _is_old(reading, state.looked, LOOK_AGAIN) or note.get("token"):
        _look(state)
        yield reading.page(cursor=state.cursor(complete=not state.boards))
    else:
        yield from _watch(state)
    for board_id in state.boards:
        yield from _read(state, board_id)


def _is_old(reading: Reading, when: str, span: timedelta) -> bool:
    return not when or reading.clock() - moment(when) >= span


def _look(state: _State) -> None:
    """Which boards there are, and when each changed last.

    Raises:
        NotOfferedError: the token may see none of those that there are.
    """
    reading = state.reading
    found = in_repository(reading, BOARDS, {}, "boards")
    linked = (found.get("projectsV2") or {}).get("nodes")
    if linked is None or (linked and not any(linked)):
        raise NotOfferedError(NO_PERMISSION)
    used = [
        entry.get("project")
        for issue in (found.get("issues") or {}).get("nodes") or ()
        for entry in ((issue or {}).get("projectItems") or {}).get("nodes") or ()
        if entry
    ]
    known = {str(node["id"]): node for node in [*linked, *used] if node}
    before = state.boards
    state.boards = {key: {**before.get(key, {}), **_description(node)} for key, node in known.items()}
    state.looked = state.asked = stamp(reading.clock())


def _description(node: Node) -> dict[str, Any]:
    """What must be known of a board to watch it."""
    owner = node.get("owner") or {}
    kind = {"Organization": "orgs", "User": "users"}.get(str(owner.get("__typename")), "")
    path = f"/{kind}/{owner.get('login')}/projectsV2/{node['number']}" if kind and owner.get("login") else ""
    return {"path": path, "seen": stamp(moment(node["updatedAt"])), "closed": int(bool(node["closed"]))}


def _watch(state: _State) -> Pages:
    """Whether the open boards moved, for free where that is possible."""
    reading = state.reading
    opened = {key: one for key, one in state.boards.items() if not one["closed"]}
    left = []
    for key, one in opened.items():
        if not one["path"] or is_absent(reading, one.get(REST) or {}):
            left.append(key)
            continue
        try:
            seen, validator = _described(reading, one["path"])
        except (NoAccessError, GoneError) as refusal:
            # Of this board alone: that one was deleted or may not be seen says nothing of the others.
            one[REST] = absence(reading, refusal, one.get(REST))
            yield reading.page(cursor=state.cursor(complete=False))
            left.append(key)
            continue
        one.pop(REST, None)
        if seen:
            one["seen"] = max(one["seen"], seen)
        if validator:
            yield reading.page(cursor=state.cursor(complete=one["seen"] == one.get("read")), validator=validator)
    if left and _is_old(reading, state.asked, PAUSE):
        found = ask(reading, BOARD_STAMPS, {"ids": left}, "boards").get("nodes") or ()
        for node in found:
            if node and node["id"] in state.boards:
                state.boards[node["id"]] |= _description(node)
        state.asked = stamp(reading.clock())
        yield reading.page(cursor=state.cursor())


def _described(reading: Reading, path: str) -> tuple[str, Validator | None]:
    """When a board changed last by its REST description, "" when it did not; and the ETag to keep."""
    answer, validator = ask_one(reading, path)
    if answer.not_modified or not answer.rows:
        return "", None
    return converted(answer.rows, lambda row: stamp(moment(row["updated_at"])))[0], validator


def _read(state: _State, board_id: str) -> Pages:
    """The whole board in one record, when it moved and no other repository of ours has read this state of it."""
    reading, one = state.reading, state.boards[board_id]
    if one.get("read") == one["seen"]:
        return
    records: tuple[Board, ...] = ()
    never_read = "read" not in one
    if not (one["closed"] and never_read) and not _is_stored(reading, board_id, one):
        try:
            found = _whole(reading, board_id)
        except NotOfferedError:
            # Deleted, or hidden from this token alone: the next look in a week finds out.
            one["closed"] = 1
        else:
            records = (found,)
            one["seen"] = max(one["seen"], stamp(found.updated_at))
            one["closed"] = int(found.closed)
            one["planned"] = board_nodes.planned(found, reading.repository.id, reading.clock().date())
    one["read"] = one["seen"]
    yield reading.page(records=records, cursor=state.cursor())


def _is_stored(reading: Reading, board_id: str, one: Mapping[str, Any]) -> bool:
    """Whether another repository of ours has read this state of a board, and with our items: we may be new here."""
    local, ours = reading.local, reading.repository.id
    if "read" not in one and isinstance(local, KnowsRepositories) and not local.board_holds(board_id, ours):
        return False
    at = local.board_updated_at(board_id) if isinstance(local, KnowsBoards) else None
    return at is not None and stamp(at) >= one["seen"]


def _whole(reading: Reading, board_id: str) -> Board:
    """A board with all its items of repositories that are here.

    Raises:
        NotOfferedError: it may not be seen any more.
    """
    project = ask(reading, BOARD_FIELDS, {"id": board_id}, "boards").get("node")
    if not project:
        raise NotOfferedError(NO_PERMISSION)
    (fields,) = converted([project], board_nodes.fields_of)
    asked = {"id": board_id, "iteration": fields.iteration, "status": fields.status, "points": fields.points}
    here = reading.local.repository_ids() if isinstance(reading.local, KnowsRepositories) else None
    items: dict[str, BoardItem] = {}
    after = None
    for _ in range(MOST_PAGES):
        connection = _items(reading, {**asked, "after": after})
        nodes = [node for node in connection.get("nodes") or () if node]
        kept = (found for found in converted(nodes, board_nodes.item) if here is None or found.repository_id in here)
        items |= {found.id: found for found in kept}
        turn = connection.get("pageInfo") or {}
        if not turn.get("hasNextPage"):
            break
        after = turn.get("endCursor")
    at = reading.clock()
    return converted([project], lambda node: board_nodes.board(node, fields, items.values(), at))[0]


def _items(reading: Reading, asked: Mapping[str, Any]) -> Node:
    """One page of a board's items, a smaller one where GitHub does not get it done."""
    for size in SIZES:
        try:
            answer = ask(reading, BOARD_ITEMS, {**asked, "first": size}, "boards").get("node") or {}
        except TooMuchError:
            if size == SIZES[-1]:
                raise
            continue
        if isinstance(answer.get("items"), Mapping):
            return dict(answer["items"])
    raise BrokenAnswerError("GitHub sent a board without its items. The next sync asks again.")
