"""The whole evaluation of a large workspace; the reference is one look at each of its words.

A poll re-evaluates everything, so this is what stands between an event and its alert.
"""

from __future__ import annotations

import re
import time
from collections import Counter

from galaxy_desktop.services import pipeline
from tests.benchmarks.figures import Figure, median, ms, over
from tests.benchmarks.synthetic import NOW, SyntheticWorkspace, texts_in

FIGURES = ("evaluate",)
ITEMS = 10_000
BAR_S = 5.0
WORD = re.compile(r"\w+")


def measure(*, quick: bool) -> list[Figure]:
    """Evaluate it several times."""
    items, times = (300, 1) if quick else (ITEMS, 5)
    workspace = SyntheticWorkspace(items)
    snapshot = workspace.snapshot()
    ours, looks = [], []
    for _ in range(times):
        begun = time.perf_counter()
        analysis = pipeline.think(snapshot, (), NOW)
        between = time.perf_counter()
        counted = Counter(word for text in texts_in(workspace.records) for word in WORD.findall(text.lower()))
        ours.append(between - begun)
        looks.append(time.perf_counter() - between)
    assert counted
    return [
        Figure(
            name="evaluate",
            figure=f"{ms(median(ours))} for {items:,} items, {len(analysis.sprints)} sprints shown",
            reference=f"counting their words {ms(median(looks))}",
            ratio=over(median(ours), median(looks)),
            bar="under 5 s",
            met=median(ours) < BAR_S,
        )
    ]
