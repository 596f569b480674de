"""Changes a second that survive a power cut: through the store's one writer, against a transaction for each in sqlite3.

A change is what a move on the board will be: one item in a new version, with its history and its search texts. The
reference writes the same texts into one plain table, as simply as can be, with the same durability. How long the disk
takes to flush decides the ratio, so it is measured beside it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Repository, WorkItem
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from tests.benchmarks.children import profile
from tests.benchmarks.figures import Figure, median, ms, over
from tests.benchmarks.synthetic import SyntheticWorkspace

FIGURES = ("board_writes",)
BAR = 2_000
WRITERS = 4


def measure(*, quick: bool) -> list[Figure]:
    """Write in turn through both, several times."""
    count, times = (60, 1) if quick else (6_000, 3)
    ours, plain, flushes = [], [], []
    with profile() as data, Store.open(DataFolder(data / "store")) as store:
        items = _items(store)
        for round_number in range(times):
            changes = [_change(items[n % len(items)], round_number * count + n) for n in range(count)]
            ours.append(count / _through_store(store, changes))
            plain.append(_one_by_one(data / f"plain{round_number}.sqlite3", changes[: max(count // 4, 20)]))
            flushes.append(_flush(data / f"flush{round_number}"))
    return [
        Figure(
            name="board_writes",
            figure=f"{median(ours):,.0f} durable changes a second",
            reference=f"one transaction each in sqlite3 {median(plain):,.0f} a second (a flush takes {ms(median(flushes))})",
            ratio=over(median(ours), median(plain)),
            bar=f"at least {BAR:,} a second",
            met=median(ours) >= BAR,
        )
    ]


def _items(store: Store) -> list[WorkItem]:
    """A workspace of 300 items on the board."""
    for page in SyntheticWorkspace(300).pages():
        for record in page.records:
            if isinstance(record, Repository):
                store.track(record.full_name).result()
        store.apply(page).result()
    return list(store.snapshot().items)


def _change(item: WorkItem, number: int) -> WorkItem:
    at = item.updated_at + timedelta(seconds=number + 1)
    return replace(item, title=f"{item.title} ({number})", updated_at=at, observed_at=at)


def _through_store(store: Store, changes: list[WorkItem]) -> float:
    """Seconds until all are on the disk; several people move things at once."""

    def move(share: list[WorkItem]) -> None:
        wait([store.apply(Page(repository_id=c.repository_id, records=(c,))) for c in share])

    begun = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as people:
        list(people.map(move, [changes[n::WRITERS] for n in range(WRITERS)]))
    return time.perf_counter() - begun


def _one_by_one(path: Path, changes: list[WorkItem]) -> float:
    """Changes a second with a commit for each."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE item (id TEXT PRIMARY KEY, title TEXT, body TEXT, updated TEXT)")
    begun = time.perf_counter()
    for c in changes:
        connection.execute("BEGIN IMMEDIATE")
        row = (c.evidence_id, c.title, c.body, c.updated_at.isoformat())
        connection.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?)", row)
        connection.execute("COMMIT")
    spent = time.perf_counter() - begun
    connection.close()
    return len(changes) / spent


def _flush(path: Path, times: int = 50) -> float:
    """Seconds that the disk takes to keep 4 kB for good."""
    spent = []
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            begun = time.perf_counter()
            os.fsync(file.fileno())
            spent.append(time.perf_counter() - begun)
    return median(spent)
