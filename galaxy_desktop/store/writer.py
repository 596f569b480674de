"""The one lane that writes: work from any thread, committed in groups, durable when its future is done.

A commit costs a wait for the disk, whatever it holds. So the thread takes everything that has queued up since the
last commit, runs each piece in a savepoint of its own (one that fails takes nothing else with it), commits once,
and only then says done. One writer a process means that no write ever waits for another one's lock.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from galaxy_desktop.errors import StoreError
from galaxy_desktop.store.engine import in_sentences

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_IN_A_GROUP = 256
"""So that a flood of writes still answers its first callers soon."""


@dataclass(frozen=True, slots=True)
class _Work:
    run: Callable[[Connection], Any]
    future: Future[Any]


class Writer:
    """Owns the writing connection and its thread."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        with in_sentences(path):
            self._connection = engine.connect()
        # A daemon, so that a program that dies without close() still ends.
        self._thread = threading.Thread(target=self._live, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, run: Callable[[Connection], T]) -> Future[T]:
        """Queue a piece of work; the future has its value once it is on the disk."""
        work = _Work(run, Future())
        with self._lock:
            if self._closed:
                raise StoreError("The database is closed: the program is shutting down.")
            self._queue.put(work)
        return work.future

    def close(self) -> None:
        """Finish what is queued, stop the thread, close the connection; calling it again does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        self._connection.close()
        self._engine.dispose()

    def _live(self) -> None:
        more = True
        while more:
            group, more = self._next_group()
            if group:
                self._commit(group)

    def _next_group(self) -> tuple[list[_Work], bool]:
        """Everything queued, at least one piece; false beside it when the end was reached."""
        group: list[_Work] = []
        while len(group) < MOST_IN_A_GROUP:
            try:
                work = self._queue.get(block=not group)
            except queue.Empty:
                break
            if work is None:
                return group, False
            if work.future.set_running_or_notify_cancel():
                group.append(work)
        return group, True

    def _commit(self, group: list[_Work]) -> None:
        outcomes: list[tuple[_Work, Any, BaseException | None]] = []
        try:
            with in_sentences(self._path), self._connection.begin():
                for work in group:
                    value, error = self._attempt(work)
                    outcomes.append((work, value, error))
        except Exception as failure:  # noqa: BLE001 - every caller of the group gets it through its future
            outcomes = [(work, None, failure) for work in group]
            if self._in_transaction():
                # A COMMIT that failed leaves SQLite inside its transaction, while SQLAlchemy thinks it is over.
                self._driver().rollback()
        for work, value, error in outcomes:
            if error is None:
                work.future.set_result(value)
            else:
                work.future.set_exception(error)

    def _attempt(self, work: _Work) -> tuple[Any, BaseException | None]:
        """Run one piece in its savepoint; its failure is its own unless SQLite has given up the whole group."""
        self._connection.exec_driver_sql("SAVEPOINT piece")
        try:
            with in_sentences(self._path):
                value = work.run(self._connection)
        except Exception as error:
            if not self._in_transaction():
                raise
            self._connection.exec_driver_sql("ROLLBACK TO piece")
            self._connection.exec_driver_sql("RELEASE piece")
            return None, error
        self._connection.exec_driver_sql("RELEASE piece")
        return value, None

    def _in_transaction(self) -> bool:
        """False after errors such as a full disk, on which SQLite rolls everything back by itself."""
        return bool(self._driver().in_transaction)

    def _driver(self) -> Any:
        return self._connection.connection.driver_connection
