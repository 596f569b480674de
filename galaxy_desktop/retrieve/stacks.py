"""Words, vectors and filters of all texts, under one row number each: what a question looks into.

A folder holds the words (`shelf`) and a copy of the vectors (`matrix`); the columns of filters are in memory. The words
of a text are written first, so it is found by them at once; its vector follows. A row is written down as embedded only
after its vector is on the disk, so whatever a kill leaves behind is told from what is whole, and done again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_desktop.retrieve.chroma import batches
from galaxy_desktop.retrieve.columns import Columns, Wanted
from galaxy_desktop.retrieve.fusion import BY_LENGTH, SATURATION, TITLE_COUNTS, rarity
from galaxy_desktop.retrieve.matrix import Matrix
from galaxy_desktop.retrieve.shelf import Narrow, Shelf
from galaxy_desktop.retrieve.texts import Text

Array = np.ndarray[Any, Any]
WORDS, VECTORS = "words.sqlite3", "vectors.f32"
YEARS_NAMED = 8
REMEMBERED = 4_096
RAREST = 5
COPIED = 500


class Stacks:
    """The searchable texts of one folder; not safe for several threads at once.

    Methods raise `sqlite3.DatabaseError`, `OSError` or `ValueError` where the files turn out to be damaged.
    """

    def __init__(self, folder: Path) -> None:
        """Open or make the files; how wide the vectors are is known with the first of them."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._matrix: Matrix | None = None
        self._frequency: dict[str, float] = {}
        self.shelf = Shelf(folder / WORDS)
        try:
            self.columns = Columns()
            self.columns.put(self.shelf.columns())
            if self.shelf.width:
                self._matrix = Matrix(folder / VECTORS, self.shelf.width)
            rows = 0 if self._matrix is None else len(self._matrix)
            if self.columns.embedded[rows:].any():
                raise ValueError("vectors are missing")
        except BaseException:
            self.close()
            raise

    @property
    def matrix(self) -> Matrix:
        """The vectors, once there are any.

        Raises:
            LookupError: none was written yet.
        """
        if self._matrix is None:
            raise LookupError("no vector was written yet")
        return self._matrix

    def close(self) -> None:
        """Close the files; may be called twice."""
        self.shelf.close()
        if self._matrix is not None:
            self._matrix.close()

    def __len__(self) -> int:
        return int(self.columns.there.sum())

    # --- writing

    def put(self, keyed: Sequence[tuple[str, Text]]) -> dict[str, int]:
        """Write texts, each with the key of its group, in one transaction; returns the row of each by its id."""
        known = self.shelf.known(dict.fromkeys(key for key, _ in keyed))
        fresh = [text.id for _, text in keyed if text.id not in known]
        row_of = {one: row for one, (row, _, _) in known.items()}
        row_of.update(zip(fresh, islice(self.columns.free(), len(fresh)), strict=True))
        with self.shelf.transaction():
            for key, text in keyed:
                self.shelf.put(key, text, row_of[text.id])
        rows = [row_of[text.id] for _, text in keyed]
        self.columns.put(self.shelf.columns(rows))
        self._frequency.clear()
        return {text.id: row_of[text.id] for _, text in keyed}

    def put_vectors(self, rows: Sequence[int], vectors: Sequence[Sequence[float]] | Sequence[Array] | Array) -> None:
        """Write the vectors of rows that hold texts."""
        if not len(rows):
            return
        if self._matrix is None:
            self._matrix = Matrix(self._folder / VECTORS, len(vectors[0]))
            self.shelf.width = len(vectors[0])
        self.matrix.put(rows, np.asarray(vectors, dtype=np.float32))
        self.matrix.flush()
        with self.shelf.transaction():
            self.shelf.embedded(rows)
        self.columns.embedded[list(rows)] = True

    def remove(self, rows: Sequence[int], keys: Iterable[str] = ()) -> None:
        """Take texts out, and the stamps of these groups."""
        with self.shelf.transaction():
            self.shelf.remove(rows)
            self.shelf.unstamp(keys)
        self.columns.remove(rows)
        self._frequency.clear()

    def stamp(self, stamps: Sequence[tuple[str, str]]) -> None:
        """Note that these groups are indexed as a whole."""
        with self.shelf.transaction():
            self.shelf.stamp(stamps)

    def copy_to(self, other: Stacks, without: Collection[str]) -> None:
        """Write every text into other stacks, but those with these ids, with vectors and stamps."""
        key_of, ids = self.shelf.keys(), self.shelf.ids()
        for some in batches([one for one in ids if one not in without], COPIED):
            texts = self.shelf.texts([ids[one] for one in some])
            rows = other.put([(key_of[text.id], text) for text in texts.values()])
            embedded = [row for row in texts if self.columns.embedded[row]]
            if embedded:
                other.put_vectors([rows[texts[row].id] for row in embedded], self.matrix.rows(np.asarray(embedded)))
        broken = {key_of[one] for one in without if one in key_of}
        other.stamp([(key, stamp) for key, stamp in self.shelf.stamps().items() if key not in broken])

    def vectors(self, ids: Collection[str]) -> dict[str, tuple[float, ...]]:
        """The vectors of texts by id; texts without one are left out."""
        row_of = self.shelf.rows_of(sorted(ids))
        embedded = {one: row for one, row in row_of.items() if self.columns.embedded[row]}
        if not embedded:
            return {}
        found = self.matrix.rows(np.asarray(list(embedded.values()))).tolist()
        return {one: tuple(vector) for one, vector in zip(embedded, found, strict=True)}

    def embedded_but(self, there: Collection[str]) -> Iterator[tuple[list[str], Array, list[str]]]:
        """Ids, vectors and digests of embedded texts that are not among these, in batches."""
        missing = [one for one in self.shelf.digests() if one[0] not in there and self.columns.embedded[one[1]]]
        for some in batches(missing, COPIED):
            ids, rows, digests = (list(column) for column in zip(*some, strict=True))
            yield ids, self.matrix.rows(np.asarray(rows)), digests

    # --- looking

    def nearest(self, vector: Array, mask: Array, count: int) -> dict[int, float]:
        """The rows that pass a mask and are most like a vector, with their likeness."""
        among = np.flatnonzero(mask & self.columns.embedded)
        if not len(among):
            return {}
        rows, likeness = self.matrix.nearest(vector, among, count)
        return dict(zip(rows.tolist(), likeness.tolist(), strict=True))

    def holding(self, terms: Sequence[str], mask: Array, wanted: Wanted, count: int) -> list[int]:
        """Rows that pass a mask and hold words of a question, at most `count`, roughly the best first."""
        hits = self.shelf.match(terms, self._narrow(wanted), least=count // 4)
        self._remember(hits.frequency)
        found = np.asarray(hits.rows, dtype=np.int64)
        kept: list[int] = found[mask[found]][:count].tolist() if len(found) else []
        return kept

    def rarities(self, terms: Iterable[str]) -> dict[str, float]:
        """How much each term tells, by how few texts hold it; terms that no text holds are left out."""
        rows = len(self)
        found = {}
        for term in terms:
            if term not in self._frequency:
                self._remember({term: self.shelf.frequency(term)})
            if self._frequency[term]:
                found[term] = rarity(rows, self._frequency[term])
        return found

    def worth(
        self, units: Sequence[Sequence[int]], rarities: Mapping[str, float], times: Mapping[str, float]
    ) -> tuple[Array, Array]:
        """BM25 of units, each some rows read as one text with one title; and the weight of their five rarest terms.

        `times` says how much the question says a term; a term in a title counts more than one in a body.
        """
        spoken = self.shelf.spoken([row for rows in units for row in rows])
        said = [_joined([spoken[row] for row in rows if row in spoken]) for rows in units]
        lengths = np.array([float(self.columns.length[list(rows)].sum()) for rows in units])
        usual = SATURATION * (1 - BY_LENGTH + BY_LENGTH * lengths / max(float(lengths.mean()), 1.0))
        total, rarest, shared = np.zeros(len(units)), np.zeros(len(units)), np.zeros(len(units))
        for term, weight in sorted(rarities.items(), key=lambda pair: (-pair[1], pair[0])):
            needle = f" {term} "
            counts = np.array([TITLE_COUNTS * title.count(needle) + body.count(needle) for title, body in said])
            total += weight * times[term] * counts * (SATURATION + 1) / (counts + usual)
            new = (counts > 0) & (shared < RAREST)
            rarest[new] += weight
            shared[new] += 1
        return total, rarest

    def _remember(self, frequency: Mapping[str, float]) -> None:
        if len(self._frequency) > REMEMBERED:
            self._frequency.clear()
        self._frequency.update(frequency)

    def _narrow(self, wanted: Wanted) -> Narrow:
        """The filter in the words of the shelf, as far as they go."""
        years: tuple[int, ...] = ()
        until = min((one for one in (wanted.until, wanted.as_of) if one is not None), default=None)
        if wanted.since is not None and until is not None and until.year - wanted.since.year < YEARS_NAMED:
            years = tuple(range(wanted.since.year - 1, until.year + 2))
        return Narrow(tuple(sorted(wanted.repositories or ())), tuple(sorted(wanted.kinds or ())), years)


def _joined(spoken: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The words of several rows of one thing: their title once, and all of their bodies."""
    return (spoken[0][0], " ".join(body for _, body in spoken)) if spoken else ("", "")
