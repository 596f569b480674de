"""Texts into vectors: all-MiniLM-L6-v2 on a thread of its own, from the models folder, never from the network.

Importing torch takes a second, so it happens in that thread with the first request. Half of the cores are used: the
window and the language model need the others. The weights that ship are computed by `retrieve.bert`; what is of
another kind, by sentence-transformers, which costs 190 MB more.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from galaxy_desktop.errors import ModelError
from galaxy_desktop.retrieve import bert

logger = logging.getLogger(__name__)

Vectors = list[list[float]]
NAME = "all-minilm-l6-v2"
DIMENSIONS = 384
BATCH = 8
"""Texts encoded at once: larger batches are no faster on a processor and keep 150 MB more in memory."""
MARK = bert.WEIGHTS


class Embedder(Protocol):
    """Something that turns texts into vectors of length 1; calls block, and may come from any thread."""

    @property
    def name(self) -> str:
        """The name of the weights: vectors of different weights must never meet in one index."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in the same order; raises `ModelError` when the weights cannot be used."""
        ...

    def rest(self) -> bool:
        """Give back the memory that nobody needs until the next call; whether there was any."""
        ...

    def close(self) -> None:
        """Finish what runs and join the thread."""
        ...


class MiniLM:
    """The embedder that ships with the program; `models_folder` holds its folder."""

    def __init__(self, models_folder: Path) -> None:
        self._path = models_folder / NAME
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedder")
        self._model: Callable[[list[str]], Vectors] | None = None
        self._closed = threading.Event()

    @property
    def name(self) -> str:
        """The name in the catalog of models."""
        return NAME

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts; the first call loads the weights."""
        if self._closed.is_set():
            raise ModelError("The search model was shut down.")
        return self._thread.submit(self._encode, list(texts)).result()

    def rest(self) -> bool:
        """Forget the weights; the next call reads them again, which takes 20 ms."""
        return not self._closed.is_set() and self._thread.submit(self._forget).result()

    def close(self) -> None:
        """Finish the batch at hand, join the thread, forget the weights."""
        self._closed.set()
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._model = None

    def _forget(self) -> bool:
        loaded, self._model = self._model is not None, None
        return loaded

    def _encode(self, texts: list[str]) -> Vectors:
        if self._model is None:
            self._model = self._load()
        return self._model(texts)

    def _load(self) -> Callable[[list[str]], Vectors]:
        if not (self._path / MARK).is_file():
            raise ModelError(
                "The search model is not on this computer. Run the set-up again; search by words works without it."
            )
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        torch: Any = importlib.import_module("torch")
        torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))
        try:
            shape = bert.shape_of(self._path)
            return by_library(self._path) if shape is None else by_hand(self._path, shape)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            logger.info("the search model could not be loaded: %s", error)
            raise ModelError(
                "The search model is damaged. Run the set-up again; search by words works without it."
            ) from error


def by_hand(folder: Path, shape: bert.Shape) -> Callable[[list[str]], Vectors]:
    """The function that encodes with weights of the kind that ships; raises what `bert.Bert` raises."""
    return partial(bert.Bert(folder, shape).encode, batch=BATCH)


def by_library(folder: Path) -> Callable[[list[str]], Vectors]:
    """The function that encodes with any weights that sentence-transformers can read; raises what that raises."""
    importlib.import_module("transformers.utils.logging").disable_progress_bar()
    library: Any = importlib.import_module("sentence_transformers")
    model = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    def encode(texts: list[str]) -> Vectors:
        vectors = model.encode(
            texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        rows: Vectors = vectors.tolist()
        return rows

    return encode
