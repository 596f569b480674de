"""Search in a hundred thousand rows of text, common words and rare ones, against plain FTS5 with its own ranking."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from galaxy_desktop.domain.work import Comment, Repository, WorkItem
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from tests.benchmarks.children import profile
from tests.benchmarks.figures import Figure, ms, over, percentile
from tests.benchmarks.synthetic import RARE_EVERY, SyntheticWorkspace

FIGURES = ("text_search",)
ITEMS = 50_000
"""With one comment each: a hundred thousand rows."""
BAR_S = 0.2
COMMON = (
    "booking",
    "test",
    "error",
    "login page",
    "works for a new account",
    "slow connection",
    "fix checkout",
    "merge",
)


def measure(*, quick: bool) -> list[Figure]:
    """Fill both, then ask both the same questions."""
    items, times = (400, 1) if quick else (ITEMS, 5)
    questions = [*COMMON, *(f"rare{RARE_EVERY * n}" for n in range(1, 5)), "nowhere", "boo"] * times
    workspace = SyntheticWorkspace(items)
    with profile() as data, Store.open(DataFolder(data / "store")) as store:
        _fill(store, workspace)
        plain = _plain(data / "plain.sqlite3", workspace)
        ours = _p95(lambda words: store.search_text(words, 20), questions)
        theirs = _p95(lambda words: _ask(plain, words), questions)
        plain.close()
    return [
        Figure(
            name="text_search",
            figure=f"p95 {ms(ours)} in {2 * items:,} rows",
            reference=f"plain FTS5 with its ranking p95 {ms(theirs)}",
            ratio=over(ours, theirs),
            bar=f"p95 {ms(BAR_S)}",
            met=ours <= BAR_S,
        )
    ]


def _fill(store: Store, workspace: SyntheticWorkspace) -> None:
    for page in workspace.pages():
        for record in page.records:
            if isinstance(record, Repository):
                store.track(record.full_name).result()
        store.apply(page).result()


def _plain(path: Path, workspace: SyntheticWorkspace) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIRTUAL TABLE text USING fts5(title, body)")
    rows = (
        (r.title if isinstance(r, WorkItem) else "", r.body)
        for r in workspace.records
        if isinstance(r, WorkItem | Comment)
    )
    connection.executemany("INSERT INTO text VALUES (?, ?)", rows)
    connection.commit()
    return connection


def _ask(connection: sqlite3.Connection, words: str) -> object:
    expression = " AND ".join(f'"{word}"' for word in words.split())
    query = "SELECT title, body FROM text WHERE text MATCH ? ORDER BY rank LIMIT 20"
    return connection.execute(query, (expression,)).fetchall()


def _p95(ask: Callable[[str], object], questions: list[str]) -> float:
    times = []
    for words in questions:
        begun = time.perf_counter()
        ask(words)
        times.append(time.perf_counter() - begun)
    return percentile(times, 0.95)
