"""What a sync notes beside records: each request, and when each list was last read.

Both are written in batches, every few seconds and at the end of a sync: a transaction for each request would cost
more than the request. A kill loses a few seconds of them and nothing else.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from galaxy_desktop.domain.traffic import Exchange
from galaxy_desktop.services.sync_storage import Storage

EVERY_S = 5.0


class SyncLedger:
    """Collects notes of a sync in any thread; writes them on the event loop."""

    def __init__(self, store: Storage, steady: Callable[[], float] = time.monotonic) -> None:
        """`steady` is for tests."""
        self._store = store
        self._steady = steady
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []
        self._marks: dict[int, dict[str, datetime]] = {}
        self._written_at = steady()
        self.entity = ""
        """The list that is being read: requests are counted for it."""

    def observe(self, exchange: Exchange) -> None:
        """Note one request; called in the thread that makes it."""
        with self._lock:
            self._exchanges.append(replace(exchange, entity=self.entity or exchange.entity))

    def mark(self, repository_id: int, entity: str, at: datetime) -> None:
        """Note that a list was read to its end."""
        self._marks.setdefault(repository_id, {})[entity] = at

    async def write_when_due(self) -> None:
        """Write what was noted, when the last time is some seconds ago."""
        if self._steady() - self._written_at >= EVERY_S:
            await self.write()

    async def write(self) -> None:
        """Write what was noted; done when it is on the disk."""
        self._written_at = self._steady()
        with self._lock:
            exchanges, self._exchanges = self._exchanges, []
        marks, self._marks = self._marks, {}
        for repository_id, entities in marks.items():
            await asyncio.wrap_future(self._store.mark_read(repository_id, entities))
        if exchanges:
            await asyncio.wrap_future(self._store.log_exchanges(exchanges))
