"""The words of all texts in one SQLite file with FTS5: a cache beside the vectors, to be thrown away like them.

FTS5 ranks by looking at every row that holds a word, which takes a second when half of a million do. So a question
looks rows up by its rare words, as many of them as hit a few thousand rows, and only these are ranked, by all words.
When every word is common, rows with all of them count, in titles before bodies, the newest first: nobody needs the
best of half a million equals. How common a word is need not be counted to the end either: rows come in order, so
the place of the last one looked at says how many there will be.

Marks of repository, kind and year are words too, so a narrow filter finds its rows among the many.
The file is also the ledger of what is indexed: a text's digest, whether its vector is written, a group's stamp.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from galaxy_desktop.retrieve.links import mentioned
from galaxy_desktop.retrieve.parts import Kind
from galaxy_desktop.retrieve.texts import Part, Text
from galaxy_desktop.retrieve.words import without_references, words

SCHEMA = 1
MOST_HITS = 2_000
"""Rows that are looked at for one question."""
MOST_TERMS = 40
LOOK_UP = 500
_TABLES = """
CREATE TABLE texts (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, grouped TEXT NOT NULL, item TEXT NOT NULL, evidence_id TEXT NOT NULL,
    kind TEXT NOT NULL, part TEXT NOT NULL, repository TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL,
    url TEXT NOT NULL, said_at REAL NOT NULL, changed_at REAL NOT NULL, observed_at REAL NOT NULL, parts TEXT NOT NULL,
    digest TEXT NOT NULL, embedded INTEGER NOT NULL, title_words TEXT NOT NULL, body_words TEXT NOT NULL,
    marks TEXT NOT NULL, length INTEGER NOT NULL);
CREATE INDEX texts_grouped ON texts (grouped);
CREATE TABLE stamps (key TEXT PRIMARY KEY, stamp TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE links (row INTEGER NOT NULL, item TEXT NOT NULL, target TEXT NOT NULL, said_at REAL NOT NULL);
CREATE INDEX links_row ON links (row);
CREATE INDEX links_target ON links (target);
CREATE INDEX links_item ON links (item);
CREATE VIRTUAL TABLE words USING fts5(title_words, body_words, marks, content='texts', content_rowid='row',
    tokenize="unicode61 remove_diacritics 0 tokenchars '_:/.->\\@#'");
"""
_ALL = (
    "SELECT row, id, item, evidence_id, kind, part, repository, title, body, url, said_at, changed_at, observed_at, parts "
    "FROM texts WHERE row IN ({})"
)
_INSERT = (
    "INSERT INTO texts (row, id, grouped, item, evidence_id, kind, part, repository, title, body, url, said_at, "
    "changed_at, observed_at, parts, digest, embedded, title_words, body_words, marks, length) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)"
)
_RANKED = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY bm25(words, 3.0, 1.0, 0.0) LIMIT ?"
_NEWEST = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Hits:
    """Rows that hold words of a question, and the terms with how many rows hold each (estimated beyond `MOST_HITS`)."""

    rows: list[int]
    frequency: dict[str, float]


@dataclass(frozen=True, slots=True)
class Narrow:
    """What rows have to be, in the marks' words: any of each list; an empty list asks nothing."""

    repositories: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


class Shelf:
    """One file; not safe to be called from several threads at once: its owner has the lock.

    Every method raises `sqlite3.DatabaseError` when the file turns out to be damaged.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            sqlite3.DatabaseError: it is no database, or one of another program or version.
        """
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._set_up()
        except BaseException:
            self._connection.close()
            raise

    def _set_up(self) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "cache_size=-8192"):
            self._connection.execute(f"PRAGMA {pragma}").fetchall()
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version == 0:
            self._connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version={SCHEMA}; COMMIT;")
        elif version != SCHEMA:
            raise sqlite3.DatabaseError("the file is of another version of the program")
        self._connection.execute("SELECT row, digest, length FROM texts LIMIT 1").fetchall()

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._connection.close()

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM texts").fetchone()[0])

    # --- the ledger

    def stamps(self) -> dict[str, str]:
        """The stamp of every group that is indexed as a whole."""
        return dict(self._connection.execute("SELECT key, stamp FROM stamps"))

    def groups(self) -> set[str]:
        """The key of every group of which something is indexed."""
        return {key for (key,) in self._connection.execute("SELECT DISTINCT grouped FROM texts")}

    def known(self, keys: Iterable[str]) -> dict[str, tuple[int, str, bool]]:
        """Row, digest and whether it is embedded, of every text of these groups, by id."""
        query = "SELECT id, row, digest, embedded FROM texts WHERE grouped = ?"
        rows = (row for key in keys for row in self._connection.execute(query, (key,)))
        return {one: (int(row), str(digest), bool(embedded)) for one, row, digest, embedded in rows}

    @property
    def width(self) -> int:
        """How many numbers a vector has, 0 before there was one."""
        found = self._connection.execute("SELECT value FROM facts WHERE name = 'width'").fetchone()
        return int(found[0]) if found else 0

    @width.setter
    def width(self, value: int) -> None:
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES ('width', ?)", (value,))

    def keys(self) -> dict[str, str]:
        """The key of every text's group by the text's id."""
        return dict(self._connection.execute("SELECT id, grouped FROM texts"))

    def digests(self) -> list[tuple[str, int, str]]:
        """Id, row and digest of every text."""
        return self._connection.execute("SELECT id, row, digest FROM texts").fetchall()

    def rows_of(self, ids: Sequence[str]) -> dict[str, int]:
        """The rows of these texts by id, of those that are there."""
        return {str(one): int(row) for one, row in self._some("SELECT id, row FROM texts WHERE id IN ({})", ids)}

    def ids(self) -> dict[str, int]:
        """Every text's row by its id."""
        return dict(self._connection.execute("SELECT id, row FROM texts"))

    def put(self, key: str, text: Text, row: int) -> None:
        """Write a text of a group to a row, not embedded yet; what was there before is replaced."""
        self.remove([row])
        # The title above a comment is the item's: a comment is found by its own words.
        title = "" if text.kind == "comment" else _spaced(words(text.title))
        body = _spaced(words(without_references(text.body)))
        marks, length = _marks(text), title.count("  ") + body.count("  ")
        parts = json.dumps([[p.start, p.evidence_id, p.url, p.observed_at.timestamp()] for p in text.parts])
        said, changed, seen = (one.timestamp() for one in (text.said_at, text.changed_at, text.observed_at))
        names = (row, text.id, key, text.item, text.evidence_id, text.kind, text.part, text.repository)
        shown = (text.title, text.body, text.url, said, changed, seen, parts, text.digest)
        self._connection.execute(_INSERT, (*names, *shown, title, body, marks, length))
        self._connection.execute(
            "INSERT INTO words (rowid, title_words, body_words, marks) VALUES (?, ?, ?, ?)", (row, title, body, marks)
        )
        if text.part == Kind.PROSE:
            links = [(row, text.item, one, said) for one in mentioned(text.body, text.repository)]
            self._connection.executemany("INSERT INTO links VALUES (?, ?, ?, ?)", links)

    def embedded(self, rows: Iterable[int]) -> None:
        """Note that the vectors of these rows are written."""
        self._connection.executemany("UPDATE texts SET embedded = 1 WHERE row = ?", [(row,) for row in rows])

    def remove(self, rows: Iterable[int]) -> None:
        """Take rows out, with their words and links."""
        for row in rows:
            old = self._connection.execute(
                "SELECT title_words, body_words, marks FROM texts WHERE row = ?", (row,)
            ).fetchone()
            if old is None:
                continue
            self._connection.execute(
                "INSERT INTO words (words, rowid, title_words, body_words, marks) VALUES ('delete', ?, ?, ?, ?)",
                (row, *old),
            )
            self._connection.execute("DELETE FROM texts WHERE row = ?", (row,))
            self._connection.execute("DELETE FROM links WHERE row = ?", (row,))

    def stamp(self, stamps: Iterable[tuple[str, str]]) -> None:
        """Note that these groups are indexed as a whole."""
        self._connection.executemany("INSERT OR REPLACE INTO stamps VALUES (?, ?)", stamps)

    def unstamp(self, keys: Iterable[str]) -> None:
        """Forget that these groups are indexed."""
        self._connection.executemany("DELETE FROM stamps WHERE key = ?", [(key,) for key in keys])

    def transaction(self) -> sqlite3.Connection:
        """Begin a transaction; used in a `with`, which commits it or rolls it back."""
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    # --- reading

    def columns(self, rows: Sequence[int] | None = None) -> list[tuple[Any, ...]]:
        """Row, item, kind, part, repository, said_at, changed_at, length, embedded: of all rows or of these."""
        query = "SELECT row, item, kind, part, repository, said_at, changed_at, length, embedded FROM texts"
        if rows is None:
            return self._connection.execute(query).fetchall()
        return self._some(f"{query} WHERE row IN ({{}})", rows)

    def texts(self, rows: Collection[int]) -> dict[int, Text]:
        """The texts of rows."""
        return {int(values[0]): _text(*values[1:]) for values in self._some(_ALL, list(rows))}

    def spoken(self, rows: Sequence[int]) -> dict[int, tuple[str, str]]:
        """The search words of title and body of rows, each between spaces of its own."""
        found = self._some("SELECT row, title_words, body_words FROM texts WHERE row IN ({})", rows)
        return {int(row): (str(title), str(body)) for row, title, body in found}

    def links_to(self, places: Sequence[str], until: float) -> list[tuple[str, str]]:
        """Item and target of every mention of these places that was made before a moment."""
        found = self._some("SELECT item, target, said_at FROM links WHERE target IN ({})", places)
        return [(item, target) for item, target, said_at in found if said_at < until]

    def links_from(self, items: Sequence[str], until: float) -> list[tuple[str, str]]:
        """Item and target of every mention by these items that was made before a moment."""
        found = self._some("SELECT item, target, said_at FROM links WHERE item IN ({})", items)
        return [(item, target) for item, target, said_at in found if said_at < until]

    def frequency(self, term: str) -> float:
        """How many rows hold a term; estimated when there are more than `MOST_HITS`."""
        query = "SELECT count(*), max(rowid) FROM (SELECT rowid FROM words WHERE words MATCH ? LIMIT ?)"
        count, last = self._connection.execute(query, (_quoted(term), MOST_HITS + 1)).fetchone()
        if count <= MOST_HITS:
            return float(count)
        (highest,) = self._connection.execute("SELECT max(row) FROM texts").fetchone()
        return float(count * highest / max(last, 1))

    def match(self, terms: Collection[str], narrow: Narrow, least: int = 0) -> Hits:
        """Rows that hold the rare ones of these terms, at most `MOST_HITS` or twice as many, best first.

        When these are fewer than `least` or all terms are common, the newest rows with all terms are added, or with any.
        """
        frequency = {term: self.frequency(term) for term in list(dict.fromkeys(terms))[:MOST_TERMS]}
        frequency = {term: times for term, times in frequency.items() if times}
        rare, total = [], 0.0
        for term, times in sorted(frequency.items(), key=lambda pair: (pair[1], pair[0])):
            total += times
            if total > MOST_HITS:
                break
            rare.append(term)
        rows = self._ranked(rare, narrow) if rare else []
        if frequency and len(rare) < len(frequency) and len(rows) <= least:
            rows += self._newest(list(frequency), narrow)
        return Hits(list(dict.fromkeys(rows)), frequency)

    def _ranked(self, terms: Sequence[str], narrow: Narrow) -> list[int]:
        """Rows with any of some rare terms, in FTS5's own order of worth."""
        any_of = " OR ".join(map(_quoted, terms))
        found = self._connection.execute(_RANKED, (_narrowed(f"({any_of})", narrow), MOST_HITS))
        return [int(row) for (row,) in found]

    def _newest(self, terms: Sequence[str], narrow: Narrow) -> list[int]:
        """The newest rows with all terms in the title, then with all anywhere, then with any; each at most a share."""
        all_of, any_of = " AND ".join(map(_quoted, terms)), " OR ".join(map(_quoted, terms))
        rows: list[int] = []
        for expression in (f"(title_words : ({all_of}))", f"({all_of})", f"({any_of})"):
            found = self._connection.execute(_NEWEST, (_narrowed(expression, narrow), MOST_HITS // 4))
            rows += [int(row) for (row,) in found]
            if len(set(rows)) >= MOST_HITS // 4:
                break
        return rows

    def _some(self, query: str, values: Sequence[Any]) -> list[Any]:
        found: list[Any] = []
        for start in range(0, len(values), LOOK_UP):
            some = values[start : start + LOOK_UP]
            found += self._connection.execute(query.format(", ".join("?" * len(some))), list(some)).fetchall()
        return found


def _text(*values: Any) -> Text:
    one, item, evidence_id, kind, part, repository, title, body, url, said_at, changed_at, observed_at, parts = values
    return Text(
        id=one,
        item=item,
        evidence_id=evidence_id,
        kind=kind,
        part=part,
        repository=repository,
        title=title,
        body=body,
        url=url,
        said_at=_moment(said_at),
        changed_at=_moment(changed_at),
        observed_at=_moment(observed_at),
        parts=tuple(Part(start, i, at, _moment(seen)) for start, i, at, seen in json.loads(parts)),
    )


def _marks(text: Text) -> str:
    return f"@{_mark(text.repository)} @{_mark(text.kind)} @{text.said_at.astimezone(UTC).year}"


def _mark(name: str) -> str:
    """A name as one word of the index."""
    return "".join(c if c.isalnum() else "_" for c in name.casefold())


def _narrowed(expression: str, narrow: Narrow) -> str:
    lists = ([_mark(r) for r in narrow.repositories], [_mark(k) for k in narrow.kinds], [str(y) for y in narrow.years])
    for marks in lists:
        if marks:
            any_of = " OR ".join(_quoted(f"@{mark}") for mark in marks)
            expression += f" AND (marks : ({any_of}))"
    return expression


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _spaced(found: Sequence[str]) -> str:
    """Words with spaces of their own on both sides, so that " word " counts each of them once."""
    return f" {'  '.join(found)} " if found else ""


def _moment(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
