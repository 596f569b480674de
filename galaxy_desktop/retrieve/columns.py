"""What a filter asks about every text, in arrays: kind, repository, times. A mask of 100,000 rows takes half a millisecond."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from galaxy_desktop.retrieve.parts import Kind

Array = np.ndarray[Any, Any]
ROOM = 1_024


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which texts count; `None` asks nothing. No filter and no order knows people.

    `since` and `until` bound when a text was said: from the one on, before the other. With `as_of` only what was known at
    that moment counts: said by then, and not known to have been changed afterwards. Quotes are other people's words and
    count only when asked for.
    """

    repositories: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    quotes: bool = False
    without_item: str = ""


class Names:
    """Strings as small numbers, in the order of their first use."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._names: list[str] = []

    def __len__(self) -> int:
        return len(self._names)

    def code(self, name: str) -> int:
        """The number of a name, a new one where it has none."""
        code = self._codes.setdefault(name, len(self._names))
        if code == len(self._names):
            self._names.append(name)
        return code

    def find(self, name: str) -> int:
        """The number of a name, -1 for one that was never used."""
        return self._codes.get(name, -1)

    def name(self, code: int) -> str:
        """The name of a number."""
        return self._names[code]


class Columns:
    """One entry a row in every array; rows that hold no text are not `there`."""

    def __init__(self) -> None:
        self.items, self.kinds, self.repositories, self.parts = Names(), Names(), Names(), Names()
        self.there = np.zeros(0, dtype=bool)
        self.embedded = np.zeros(0, dtype=bool)
        self.item = np.zeros(0, dtype=np.int32)
        self.kind = np.zeros(0, dtype=np.int16)
        self.repository = np.zeros(0, dtype=np.int32)
        self.part = np.zeros(0, dtype=np.int8)
        self.length = np.zeros(0, dtype=np.int32)
        self.said_at = np.zeros(0, dtype=np.float64)
        self.changed_at = np.zeros(0, dtype=np.float64)
        self._rows_of: dict[int, set[int]] = {}

    def put(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Take in rows as `Shelf.columns` gives them."""
        for row, item, kind, part, repository, said_at, changed_at, length, embedded in rows:
            if row >= len(self.there):
                self._grow(row + 1)
            self.remove([row])
            code = self.items.code(item)
            self.there[row], self.embedded[row] = True, bool(embedded)
            self.item[row], self.kind[row] = code, self.kinds.code(kind)
            self.repository[row], self.part[row] = self.repositories.code(repository), self.parts.code(part)
            self.said_at[row], self.changed_at[row], self.length[row] = said_at, changed_at, length
            self._rows_of.setdefault(code, set()).add(row)

    def remove(self, rows: Iterable[int]) -> None:
        """Rows that hold no text any more."""
        for row in rows:
            if row < len(self.there) and self.there[row]:
                self.there[row] = self.embedded[row] = False
                self._rows_of[int(self.item[row])].discard(row)

    def mask(self, wanted: Wanted) -> Array:
        """Which rows count, as an array of truth values."""
        mask = self.there.copy()
        if wanted.repositories is not None:
            mask &= _among(self.repository, self.repositories, wanted.repositories)
        if wanted.kinds is not None:
            mask &= _among(self.kind, self.kinds, wanted.kinds)
        if not wanted.quotes:
            mask &= self.part != self.parts.find(Kind.QUOTE)
        if wanted.since is not None:
            mask &= self.said_at >= wanted.since.timestamp()
        if wanted.until is not None:
            mask &= self.said_at < wanted.until.timestamp()
        if wanted.as_of is not None:
            moment = wanted.as_of.timestamp()
            mask &= (self.said_at <= moment) & (self.changed_at <= moment)
        if wanted.without_item:
            mask &= self.item != self.items.find(wanted.without_item)
        return mask

    def rows_of(self, item: int) -> list[int]:
        """The rows of an item by its code, in order."""
        return sorted(self._rows_of.get(item, ()))

    def free(self) -> Iterable[int]:
        """Rows that can be written to, without end; row 0 is never used, since SQLite counts from 1."""
        holes = np.flatnonzero(~self.there[1:]) + 1
        yield from holes.tolist()
        row = max(len(self.there), 1)
        while True:
            yield row
            row += 1

    def _grow(self, least: int) -> None:
        count = max(least, len(self.there) * 5 // 4, len(self.there) + ROOM)
        for name in ("there", "embedded", "item", "kind", "repository", "part", "length", "said_at", "changed_at"):
            before = getattr(self, name)
            after = np.zeros(count, dtype=before.dtype)
            after[: len(before)] = before
            setattr(self, name, after)


def _among(codes: Array, names: Names, chosen: Collection[str]) -> Array:
    table = np.zeros(len(names) + 1, dtype=bool)
    for name in chosen:
        table[names.find(name)] = True
    table[-1] = False
    return table[codes]
