"""The texts of a workspace, found by meaning: what is stored in SQLite, kept in step with the vector index."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from datetime import datetime

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.paths import DataFolder, models_folder
from galaxy_desktop.retrieve.embed import Embedder, MiniLM
from galaxy_desktop.retrieve.index import Index
from galaxy_desktop.retrieve.texts import texts_of
from galaxy_desktop.services import interpreter
from galaxy_desktop.services.tones import Tones

logger = logging.getLogger(__name__)


class Library:
    """The index of one profile with its embedding model; blocking, for the index thread."""

    def __init__(self, folder: DataFolder, embedder: Embedder | None = None) -> None:
        """Opens nothing yet; `embedder` is for tests, by default MiniLM from the models folder."""
        interpreter.keep_no_large_pieces()
        self._embedder = embedder or MiniLM(models_folder())
        self._index = Index(folder.vectors, self._embedder)
        self._tones = Tones(self._embedder)
        self._stop = threading.Event()

    def update(self, snapshot: Snapshot, sprints: Sequence[Sprint]) -> int:
        """Index what changed since the last time; returns how many texts that were. Ends early after `stop`."""
        changed = self._index.update(texts_of(snapshot, sprints), stop=self._stop)
        self._rest()
        if changed:
            logger.info("%d texts of the index changed", changed)
        return changed

    def search(self, query: str, limit: int) -> tuple[Evidence, ...]:
        """The nearest texts as evidence, best first."""
        return self._index.search(query, limit)

    def vectors(self, item_ids: Collection[str]) -> dict[str, tuple[float, ...]]:
        """The vectors of items by evidence id: an item's first text is stored under its own id."""
        return self._index.vectors(item_ids)

    def tones(self, snapshot: Snapshot, sprints: Sequence[Sprint], now: datetime) -> dict[str, tuple[float, ...]]:
        """Vectors of what people said on items of running sprints lately, by evidence id; ends early after `stop`."""
        found = self._tones.vectors(snapshot, sprints, now, self._stop)
        self._rest()
        return found

    def forget(self, prefixes: Sequence[str]) -> int:
        """Remove the texts whose ids begin so from the index and from the disk; returns how many that were."""
        self._tones.forget()
        return self._index.forget(prefixes)

    def stop(self) -> None:
        """Ask a running update to end after its batch; callable from any thread."""
        self._stop.set()

    def close(self) -> None:
        """Close the index and free the embedding model."""
        self.stop()
        self._index.close()
        self._embedder.close()

    def _rest(self) -> None:
        """Keep no weights while nobody embeds: they are 50 to 90 MB, and a search reads them again in 20 ms."""
        if self._embedder.rest():
            interpreter.give_memory_back()
