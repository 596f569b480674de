"""A cross-encoder that reads a question with each answer, where one is installed; nothing depends on it.

Such a model is better than the fusion of signs at telling which of ten good answers is the best, and slow: it reads some
forty texts a question. None ships. Who wants one puts a folder of sentence-transformers' CrossEncoder, such as
ms-marco-MiniLM-L-6-v2, into the models folder under the name below.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

NAME = "cross-encoder"
CONFIG = "config.json"
BATCH = 16
LONGEST = 1_200
"""Characters of a text that are read with a question."""
Rerank = Callable[[str, Sequence[str]], Sequence[float]]


class CrossEncoder:
    """The installed cross-encoder, loaded with the first question; not safe for several threads at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._model: Any = None
        self._broken = False

    def __call__(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """How well each text answers, higher is better; in the order given when the model cannot be used."""
        if not self._broken and self._model is None:
            self._load()
        if self._broken or not texts:
            return [-float(n) for n in range(len(texts))]
        pairs = [(query, text[:LONGEST]) for text in texts]
        scores = self._model.predict(pairs, batch_size=BATCH, show_progress_bar=False)
        return [float(one) for one in scores]

    def _load(self) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        try:
            importlib.import_module("transformers.utils.logging").disable_progress_bar()
            library: Any = importlib.import_module("sentence_transformers")
            self._model = library.CrossEncoder(str(self._folder), device="cpu", local_files_only=True, num_labels=1)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError) as error:
            self._broken = True
            logger.info("the cross-encoder in %s cannot be used: %s", self._folder.name, error)


def installed(models_folder: Path) -> Rerank | None:
    """The cross-encoder of a models folder, not loaded yet; `None` where there is none."""
    folder = models_folder / NAME
    return CrossEncoder(folder) if (folder / CONFIG).is_file() else None
