"""The whole evaluation of a large workspace; the reference is one look at each of its words.

A poll re-evaluates everything, so this is what stands between an event and its alert. `evaluate` is the thinking
alone, with one sprint running; `evaluate_stored` is all of it from SQLite to SQLite, with several.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from datetime import timedelta

from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import pipeline
from galaxy_desktop.store.database import Store
from tests.benchmarks.children import profile
from tests.benchmarks.figures import Figure, median, ms, over
from tests.benchmarks.synthetic import NOW, SyntheticWorkspace, texts_in

FIGURES = ("evaluate", "evaluate_stored")
ITEMS = 10_000
RUNNING = 6
BAR_S = 5.0
WORD = re.compile(r"\w+")


def measure(*, quick: bool) -> list[Figure]:
    """Evaluate both several times."""
    items, times = (300, 1) if quick else (ITEMS, 5)
    return [_thinking(items, times), _stored(items, times)]


def _thinking(items: int, times: int) -> Figure:
    workspace = SyntheticWorkspace(items)
    snapshot = workspace.snapshot()
    ours, looks = [], []
    for _ in range(times):
        begun = time.perf_counter()
        analysis = pipeline.think(snapshot, (), NOW)
        ours.append(time.perf_counter() - begun)
        looks.append(_look(workspace))
    return _figure("evaluate", f"{items:,} items, {len(analysis.sprints)} sprints shown", ours, looks)


def _stored(items: int, times: int) -> Figure:
    """Each evaluation is of a later moment, as polls are: its forecasts go into the ledger, its alerts are raised once."""
    workspace = SyntheticWorkspace(items, running=RUNNING)
    ours, looks = [], []
    with profile() as data, Store.open(DataFolder(data)) as store:
        for repository in workspace.repositories:
            store.track(repository.full_name).result()
        for page in workspace.pages():
            store.apply(page).result()
        for n in range(times):
            begun = time.perf_counter()
            analysis, _ = pipeline.evaluate(store, NOW + timedelta(minutes=n))
            ours.append(time.perf_counter() - begun)
            looks.append(_look(workspace))
    shown = f"{items:,} items from SQLite to SQLite, {RUNNING} of {len(analysis.sprints)} sprints running"
    return _figure("evaluate_stored", shown, ours, looks)


def _look(workspace: SyntheticWorkspace) -> float:
    begun = time.perf_counter()
    counted = Counter(word for text in texts_in(workspace.records) for word in WORD.findall(text.lower()))
    assert counted
    return time.perf_counter() - begun


def _figure(name: str, shown: str, ours: list[float], looks: list[float]) -> Figure:
    return Figure(
        name=name,
        figure=f"{ms(median(ours))} for {shown}",
        reference=f"counting their words {ms(median(looks))}",
        ratio=over(median(ours), median(looks)),
        bar="under 5 s",
        met=median(ours) < BAR_S,
    )
