"""The owner of the vectors: one ChromaDB collection, in the process, in a folder that can be thrown away.

It holds ids, vectors and, of each text, the digest of what was embedded; what the texts say is on the shelf. So a vector
is used again whenever the text is the same, and nothing is embedded twice.
"""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from galaxy_desktop.errors import StoreError

PROBE = 10
LOOK_UP = 500
"""More ids at once are more than SQLite takes in one question."""
Row = TypeVar("Row")


class Vectors:
    """One collection; not safe for several threads at once."""

    def __init__(self, folder: Path, model: str) -> None:
        """Open or make it for the vectors of one model.

        Raises:
            Exception: one of `failures()`, for a folder that cannot be read.
        """
        chroma: Any = importlib.import_module("chromadb")
        settings = importlib.import_module("chromadb.config").Settings(anonymized_telemetry=False)
        self._client: Any = chroma.PersistentClient(path=str(folder), settings=settings)
        self._collection: Any = self._client.get_or_create_collection(
            f"texts-{model}", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        self._probe()

    def __len__(self) -> int:
        return int(self._collection.count())

    def ids(self) -> list[str]:
        """The id of every vector."""
        found: list[str] = self._collection.get(include=[])["ids"]
        return found

    def put(self, ids: Sequence[str], vectors: Sequence[Sequence[float]], digests: Sequence[str]) -> None:
        """Write vectors with the digests of their texts."""
        metadatas = [{"digest": digest} for digest in digests]
        self._collection.upsert(ids=list(ids), embeddings=list(vectors), metadatas=metadatas)

    def get(self, ids: Collection[str]) -> dict[str, tuple[str, Sequence[float]]]:
        """The digest and the vector of those that are there."""
        found = {}
        for batch in batches(sorted(ids), LOOK_UP):
            rows = self._collection.get(ids=list(batch), include=["embeddings", "metadatas"])
            told = zip(rows["ids"], rows["metadatas"], rows["embeddings"], strict=True)
            found.update({one: (str((about or {}).get("digest", "")), vector) for one, about, vector in told})
        return found

    def remove(self, ids: Sequence[str]) -> None:
        """Take vectors out."""
        for batch in batches(ids, LOOK_UP):
            self._collection.delete(ids=list(batch))

    def nearest(self, vector: Sequence[float], count: int) -> list[str]:
        """The ids of the nearest vectors as ChromaDB itself finds them, nearest first."""
        rows = self._collection.query(query_embeddings=[vector], n_results=count, include=[])
        found: list[str] = rows["ids"][0]
        return found

    def close(self) -> None:
        """Close the database; may be called twice."""
        client, self._client, self._collection = self._client, None, None
        if client is not None:
            client.close()

    def _probe(self) -> None:
        """Make sure that the vectors are there: without their files ChromaDB quietly finds next to nothing."""
        known = self._collection.get(limit=PROBE, include=["embeddings"])
        if len(known["ids"]) and len(self.nearest(known["embeddings"][0], len(known["ids"]))) < len(known["ids"]):
            raise StoreError("The search index has lost its vectors.")


def damage() -> tuple[type[Exception], ...]:
    """What ChromaDB raises in the middle of work when its files are not what they should be."""
    errors: Any = importlib.import_module("chromadb.errors")
    return (errors.InternalError, errors.NotFoundError, sqlite3.DatabaseError)


def failures() -> tuple[type[Exception], ...]:
    """What opening a damaged folder raises besides: ChromaDB stumbles over its own half-made objects."""
    return (*damage(), AttributeError, KeyError, ValueError, OSError, StoreError)


def batches(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    """The rows in pieces of at most `size`."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
