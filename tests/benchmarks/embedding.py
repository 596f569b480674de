"""Texts embedded a second, against sentence-transformers called bare with the same threads, in turns."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Sequence
from typing import Any

from galaxy_desktop.paths import models_folder
from galaxy_desktop.retrieve import bert
from galaxy_desktop.retrieve.embed import NAME, by_hand
from tests.benchmarks.figures import Figure, median, over
from tests.benchmarks.synthetic import SyntheticWorkspace

FIGURES = ("embedding",)
TEXTS, ROUNDS = 192, 5
BAR = 1.1
"""At most a tenth slower."""


def measure(*, quick: bool) -> list[Figure]:
    """The same texts through both, turn and turn about; nothing where the weights are missing."""
    folder = models_folder() / NAME
    if not (folder / bert.WEIGHTS).is_file():
        return []
    texts = _texts(8 if quick else TEXTS)
    torch: Any = importlib.import_module("torch")
    torch.set_num_threads(1)
    shape = bert.shape_of(folder)
    if shape is None:
        return []
    ours = by_hand(folder, shape)
    theirs = _bare(folder)
    mine, other = [], []
    for _ in range(1 if quick else ROUNDS):
        mine.append(_seconds(ours, texts))
        other.append(_seconds(theirs, texts))
    ratio = over(median(mine), median(other))
    return [
        Figure(
            name="embedding",
            figure=f"{len(texts) / median(mine):.1f} texts a second with one thread",
            reference=f"sentence-transformers {len(texts) / median(other):.1f} a second",
            ratio=ratio,
            bar="at most 1.1x the time",
            met=ratio <= BAR,
        )
    ]


def _bare(folder: Any) -> Callable[[list[str]], object]:
    importlib.import_module("transformers.utils.logging").disable_progress_bar()
    library: Any = importlib.import_module("sentence_transformers")
    model = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return lambda texts: model.encode(texts, normalize_embeddings=True, show_progress_bar=False)


def _texts(count: int) -> list[str]:
    """Texts of 20 to 200 words, as items and comments are."""
    words = [word for record in SyntheticWorkspace(400).records for word in str(getattr(record, "body", "")).split()]
    return [" ".join(words[n * 37 : n * 37 + 20 + n * 45 % 180]) for n in range(count)]


def _seconds(encode: Callable[[list[str]], object], texts: Sequence[str]) -> float:
    begun = time.perf_counter()
    encode(list(texts))
    return time.perf_counter() - begun
