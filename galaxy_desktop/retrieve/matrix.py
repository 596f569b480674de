"""The vectors once more, row by row, for questions that ChromaDB answers slowly: those with a filter.

ChromaDB owns the vectors; this is a copy of single rows, in a file that is mapped, not read. In memory
there is one bit a dimension: its sign. A question compares signs with all rows that pass the filter, counts the bits that
differ, and compares the few thousand nearest exactly. So a filter costs nothing: it chooses which rows count.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
NEAR = 2_000
"""So many rows with the most equal signs are compared exactly."""
GROW = 1_024
"""Rows by which the file grows at least."""


class Matrix:
    """Vectors of length 1 by row number, counted from 0, in one file; not safe for several threads at once."""

    def __init__(self, path: Path, width: int) -> None:
        """Open or make the file for vectors of `width` numbers, a multiple of 64 or padded to it in memory.

        Raises:
            OSError, ValueError: the file cannot be read or is of another width.
        """
        self._path = path
        self.width = width
        self._rows: Array | None = None
        size = path.stat().st_size if path.exists() else 0
        if size % (4 * width):
            raise ValueError("the vectors are of another width, or cut off")
        if size:
            self._map(size // (4 * width))
        self._bits = _signs(self._all())

    def __len__(self) -> int:
        return 0 if self._rows is None else len(self._rows)

    def put(self, rows: Sequence[int], vectors: Array) -> None:
        """Write vectors of shape (rows, width), each to its row."""
        if not len(rows):
            return
        highest = max(rows)
        if highest >= len(self):
            self._grow(highest + 1)
        exact = np.asarray(vectors, dtype=np.float32)
        self._all()[list(rows)] = exact
        self._bits[:, list(rows)] = _signs(exact)

    def flush(self) -> None:
        """Hand what was written to the disk."""
        if self._rows is not None:
            self._rows.flush()  # type: ignore[attr-defined]

    def rows(self, rows: Array) -> Array:
        """The vectors of these rows, of shape (rows, width)."""
        return np.asarray(np.take(self._all(), rows, axis=0))

    def nearest(self, vector: Array, among: Array, count: int) -> tuple[Array, Array]:
        """The rows of `among` that are most like a vector, best first, with their likeness (cosine, -1 to 1)."""
        if not len(among) or count < 1:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        near = among if len(among) <= NEAR else self._near(vector, among)
        # Not by BLAS: its threads wait for each other on a busy computer, for longer than this takes.
        likeness = np.einsum("ij,j->i", self.rows(near), np.asarray(vector, dtype=np.float32))
        order = np.lexsort((near, -likeness))[:count]
        return near[order], likeness[order]

    def close(self) -> None:
        """Let go of the file."""
        self._rows = None
        self._bits = self._bits[:, :0]

    def _near(self, vector: Array, among: Array) -> Array:
        """The rows whose signs differ least from the vector's."""
        asked = _signs(np.asarray(vector, dtype=np.float32)[None, :])[:, 0]
        differ = np.zeros(self._bits.shape[1], dtype=np.uint16)
        for own, theirs in zip(self._bits, asked, strict=True):
            differ += np.bitwise_count(own ^ theirs)
        differ = differ[among]
        return among[np.argpartition(differ, NEAR - 1)[:NEAR]]

    def _all(self) -> Array:
        return np.empty((0, self.width), dtype=np.float32) if self._rows is None else self._rows

    def _grow(self, least: int) -> None:
        """Make room for `least` rows: the file is let go, made longer with zeros, and mapped again."""
        count = max(least, len(self) * 5 // 4, len(self) + GROW)
        self.flush()
        self._rows = None
        with self._path.open("ab") as file:
            file.truncate(count * self.width * 4)
        self._map(count)
        words, before = self._bits.shape
        self._bits = np.hstack([self._bits, np.zeros((words, count - before), dtype=np.uint64)])

    def _map(self, count: int) -> None:
        self._rows = np.memmap(self._path, dtype=np.float32, mode="r+", shape=(count, self.width))


def _signs(vectors: Array) -> Array:
    """One bit a number, set where it is above 0, in words of 64 bits: an array of shape (words, vectors)."""
    packed = np.packbits(vectors > 0, axis=1)
    missing = -packed.shape[1] % 8
    if missing:
        packed = np.pad(packed, ((0, 0), (0, missing)))
    return np.ascontiguousarray(np.ascontiguousarray(packed).view(np.uint64).T)
