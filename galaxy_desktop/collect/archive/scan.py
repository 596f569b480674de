"""Finding the few lines of an hour that concern the tracked repositories, without parsing the others.

GitHub writes an event's id, type, actor and repository before everything else, so one look at the beginning of
a line says whose it is: `_HEAD` matches that beginning only where it can mean nothing else (inside a JSON text no
quote stands bare, so `"repo":{"id":` cannot be part of a title). A line that is written otherwise - other order,
spaces, escapes - is parsed whole. Nothing is missed, whatever tool wrote the file; only time is lost.

Every line is looked at: it has to be UTF-8, to end like an object, and to hold the beginning of one event (the
archive is known to have written one event into the middle of another). The content of lines of other people's
repositories is not judged further.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

Event = Mapping[str, Any]

MOST_NAMED = 20
"""How many bad lines are named; the others are counted."""

_HEAD = re.compile(rb'\{"id":"\d+","type":"\w+","actor":\{[^{}]*\},"repo":\{"id":(\d+),"name":"([^"\\]*)"')
_ACTOR = b'","actor":{"id":'
"""Stands once in an event: more of them mean that two events share a line."""
_CLOSING = b"}"[0]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be used, counted from 1."""

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        """As editors and compilers write a place in a file."""
        return f"{self.file}:{self.line}: {self.why}"


@dataclass(slots=True)
class Wanted:
    """Whose events to keep: repositories by id, and by name (in lower case) while their id is not known.

    A name whose first event was found is known by its id from then on, also under its other names. One name may
    lead to several ids: deleted and made anew.
    """

    ids: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    learned: dict[int, str] = field(default_factory=dict)
    _ids: set[bytes] = field(default_factory=set, repr=False)
    _names: set[bytes] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        """Keep ids and names in the form in which lines hold them."""
        self._ids = {str(number).encode() for number in self.ids}
        self._names = {name.encode() for name in self.names}

    def head(self, number: bytes, name: bytes) -> bool:
        """Whether the beginning of a line speaks of a wanted repository."""
        return number in self._ids or name.lower() in self._names

    def event(self, number: int, name: str) -> bool:
        """The same for a parsed event; learns the id of a name."""
        if number in self.ids:
            return True
        if name.lower() not in self.names:
            return False
        self.ids.add(number)
        self._ids.add(str(number).encode())
        self.learned[number] = name
        return True


class Scanner:
    """Looks through the blocks of one file, and counts."""

    def __init__(self, file: str, wanted: Wanted) -> None:
        """`file` is the name under which bad lines are reported."""
        self._file = file
        self._wanted = wanted
        self._number = 0
        self.events = 0
        self.old_events = 0
        self.bad_count = 0
        self.bad: list[BadLine] = []

    def hits(self, block: bytes) -> list[tuple[int, Event]]:
        """The wanted events of a block of whole lines, each with its line's number."""
        found: list[tuple[int, Event]] = []
        match, find, is_head = _HEAD.match, block.find, self._wanted.head
        plain = block.isascii()
        start, size, number, passed = 0, len(block), self._number, 0
        while start < size:
            end = find(b"\n", start)
            if end < 0:
                end = size
            number += 1
            head = match(block, start, end)
            if head is None or is_head(head[1], head[2]) or block[end - 1] != _CLOSING:
                event = self._parsed(number, block[start:end])
                if event is not None:
                    found.append((number, event))
            elif plain or _is_text(block[start:end]):
                passed += 1
            else:
                self.complain(number, "not UTF-8")
            start = end + 1
        if block.count(_ACTOR) > passed + len(found):
            passed -= self._doubled(block)
        self.events += passed
        self._number = number
        return found

    def _doubled(self, block: bytes) -> int:
        """How many lines of a block hold an event inside another one; complains of each."""
        found = 0
        for number, line in enumerate(block.split(b"\n"), self._number + 1):
            head = _HEAD.match(line)
            if head is None or line.count(_ACTOR) < 2 or self._wanted.head(head[1], head[2]):
                continue
            if line.endswith(b"}") and _is_text(line) and not _is_json(line):
                self.complain(number, "not JSON")
                found += 1
        return found

    def complain(self, number: int, why: str) -> None:
        """Count a bad line, and name it while there are few."""
        self.bad_count += 1
        if len(self.bad) < MOST_NAMED:
            self.bad.append(BadLine(self._file, number, why))

    def _parsed(self, number: int, line: bytes) -> Event | None:
        """The event of a line if it is wanted; complains where there is none."""
        line = line.strip()
        if not line:
            return None
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError:
            self.complain(number, _why_not_json(line))
            return None
        if not _is_event(event):
            if isinstance(event, dict) and "repository" in event and "repo" not in event:
                self.old_events += 1
            else:
                self.complain(number, "not an event")
            return None
        self.events += 1
        repo = event["repo"]
        return event if self._wanted.event(repo["id"], repo["name"]) else None


def _is_event(event: object) -> bool:
    if not isinstance(event, dict) or not isinstance(event.get("repo"), dict):
        return False
    repo = event["repo"]
    return (
        isinstance(event.get("type"), str)
        and isinstance(event.get("created_at"), str)
        and isinstance(event.get("payload"), dict)
        and type(repo.get("id")) is int
        and isinstance(repo.get("name"), str)
    )


def _is_text(line: bytes) -> bool:
    if line.isascii():
        return True
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _why_not_json(line: bytes) -> str:
    if not _is_text(line):
        return "not UTF-8"
    return "not JSON" if line.endswith(b"}") else "cut off"
