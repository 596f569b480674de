"""Connections to the database file, and the sentences for what can go wrong with it.

Two engines share the file. The writer's holds one connection with synchronous=FULL, so that a commit that
returned survives a power cut. The readers' pool gives each thread that reads a connection of its own for as long
as it reads; those connections cannot write. Python's sqlite3 does not begin transactions for reads, therefore
it is told to leave transactions alone and SQLAlchemy begins them: deferred for readers (one consistent snapshot),
immediate for the writer (no lock is ever upgraded).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from galaxy_desktop.errors import StoreError

BUSY_SECONDS = 15
"""How long to wait for another process (a command line beside the window) to finish its commit."""

READERS_KEPT = 4

SHARED_PRAGMAS = ("PRAGMA foreign_keys=ON", "PRAGMA temp_store=MEMORY")
WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA journal_size_limit=67108864",
)
READER_PRAGMAS = ("PRAGMA query_only=ON",)


def writing_engine(path: Path) -> Engine:
    """An engine for the one connection that writes."""
    return _engine(path, "BEGIN IMMEDIATE", WRITER_PRAGMAS, poolclass=NullPool)


def reading_engine(path: Path) -> Engine:
    """An engine whose pooled connections only read; no more are open than threads read at the same moment."""
    return _engine(
        path, "BEGIN", READER_PRAGMAS, poolclass=QueuePool, pool_size=READERS_KEPT, max_overflow=-1, pool_use_lifo=True
    )


def _engine(path: Path, begin: str, pragmas: tuple[str, ...], **pool: Any) -> Engine:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
        **pool,
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        try:
            for pragma in (*SHARED_PRAGMAS, *pragmas):
                connection.execute(pragma)
        except sqlite3.Error:
            # The pool has not got hold of it yet and would leave it open.
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def in_sentences(path: Path) -> Iterator[None]:
    """Turn SQLite's foreseen failures into a `StoreError` that says what to do; bugs pass through unchanged."""
    try:
        yield
    except DBAPIError as error:
        sentence = _sentence(error.orig, path)
        if sentence is None:
            raise
        raise StoreError(sentence) from error
    except sqlite3.Error as error:
        sentence = _sentence(error, path)
        if sentence is None:
            raise
        raise StoreError(sentence) from error


def _sentence(error: BaseException | None, path: Path) -> str | None:
    # The low byte is the primary code; the others only say where inside SQLite it arose.
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else _SENTENCES.get(code & 0xFF, "").format(path=path, backups=path.parent) or None


_DAMAGED = (
    "The database {path} is damaged. Move it away and start again (everything is fetched anew), "
    "or put back a copy from the folder {backups}/backups."
)
_NOT_WRITABLE = "The database {path} cannot be opened for writing. Check that you own the folder and may write to it."
_BUSY = "Another Galaxy Desktop is using the database {path}. Wait until it has finished, or close it, and try again."
_SENTENCES: dict[int, str] = {
    sqlite3.SQLITE_FULL: "The disk that holds {path} is full. Free some space; nothing already stored was lost.",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CANTOPEN: _NOT_WRITABLE,
    sqlite3.SQLITE_READONLY: _NOT_WRITABLE,
    sqlite3.SQLITE_PERM: _NOT_WRITABLE,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_IOERR: (
        "The disk that holds {path} could not be read or written. Check the disk and its free space, then try again."
    ),
}
