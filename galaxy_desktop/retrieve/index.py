"""The vector index: an in-process ChromaDB that can be thrown away at any time.

Everything in it comes from SQLite, so it is treated as a cache. Bringing it up to date compares digests and embeds
what changed; ids are the texts' own, so a batch that survived a kill is written once more and nothing doubles. A
folder that ChromaDB cannot read is put aside and an empty one is begun; the next update fills it.

Filters are applied here, on more results than were asked for: a metadata filter inside ChromaDB costs 100 ms on
100,000 texts, a search 3 ms.
"""

from __future__ import annotations

import importlib
import json
import logging
import shutil
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import StoreError
from galaxy_desktop.retrieve.embed import Embedder
from galaxy_desktop.retrieve.passages import best_passage
from galaxy_desktop.retrieve.texts import Part, Text

logger = logging.getLogger(__name__)

BATCH = 64
LOOK_UP = 500
PROBE = 10
OVERFETCH = 4
MOST_FETCHED = 2_000
MOST_COMPARED = 5_000
"""Up to so many texts that fit a filter are compared one by one, which is exact."""
NEVER = threading.Event()

Row = TypeVar("Row")
Hit = tuple[str, dict[str, Any]]
Progress = Callable[[int, int], None]


class Index:
    """Searchable texts in `folder`; one index a folder and process, safe to call from several threads."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._folder = folder
        self._embedder = embedder
        self._lock = threading.RLock()
        self._client: Any = None
        self._collection: Any = None
        self._closed = False

    def update(self, texts: Iterable[Text], *, stop: StopFlag = NEVER, progress: Progress | None = None) -> int:
        """Make the index hold exactly these texts; returns how many were embedded or removed.

        Only what changed is embedded, texts of the same length together, because a batch costs what its longest text
        costs. Stopped or killed between two batches it can be called again.
        """
        wanted = {text.id: text for text in texts}
        stored = self._stored_digests(wanted)
        gone = [one for one in stored if one not in wanted]
        changed = [text for text in wanted.values() if stored.get(text.id) != text.digest]
        changed.sort(key=lambda text: (len(text.whole), text.id))
        for batch in _batches(gone, LOOK_UP):
            self._do(partial(_delete, batch))
        written = 0
        for texts_now in _batches(changed, BATCH):
            if stop.is_set():
                break
            vectors = self._embedder.encode([text.whole for text in texts_now])
            self._do(partial(_upsert, texts_now, vectors))
            written += len(texts_now)
            if progress is not None:
                progress(written, len(changed))
        return len(gone) + written

    def search(
        self,
        query: str,
        limit: int = 10,
        repositories: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
    ) -> tuple[Evidence, ...]:
        """The nearest texts as evidence, best first, each piece of evidence once; its quote is the best passage."""
        total = int(self._do(lambda collection: collection.count()))
        if not query.strip() or total == 0 or limit <= 0:
            return ()
        vector = self._embedder.encode([query])[0]
        fetch = limit * OVERFETCH
        while True:
            hits = self._nearest(vector, min(fetch, total))
            found = _evidence(hits, query, repositories, kinds)
            if len(found) >= limit or fetch >= min(total, MOST_FETCHED):
                break
            fetch *= OVERFETCH
        if len(found) < limit and fetch < total and (repositories or kinds):
            hits = self._nearest_among(vector, limit * OVERFETCH, _where(repositories, kinds))
            found = _evidence(hits, query, None, None)
        return found[:limit]

    def vectors(self, ids: Collection[str]) -> dict[str, tuple[float, ...]]:
        """The stored vectors of these texts, by id; texts that are not indexed yet are left out."""
        found: dict[str, tuple[float, ...]] = {}
        for batch in _batches(sorted(ids), LOOK_UP):
            rows = self._do(partial(_vectors, batch))
            found.update({i: tuple(map(float, v)) for i, v in zip(rows["ids"], rows["embeddings"], strict=True)})
        return found

    def forget(self, prefixes: Sequence[str]) -> int:
        """Remove every text whose id begins so, and make sure that no file holds its words any more.

        ChromaDB keeps what it deleted in its log and in free pages. So the texts that stay are copied, vectors and all,
        into a new generation, and the old one is removed from the disk. Killed in between, the next update fills what is
        missing and the next opening removes what is old. Returns how many texts went.
        """
        with self._lock:
            stored: list[str] = self._do(lambda collection: collection.get(include=[])["ids"])
            stay = [one for one in stored if not one.startswith(tuple(prefixes))]
            if not prefixes or len(stay) == len(stored):
                return 0
            old, old_client = self._collection, self._client
            self._client = self._collection = None
            _next_generation(self._folder)
            self._connect()
            try:
                for batch in _batches(stay, LOOK_UP):
                    rows = old.get(ids=list(batch), include=["embeddings", "documents", "metadatas"])
                    self._collection.upsert(
                        **{name: rows[name] for name in ("ids", "embeddings", "documents", "metadatas")}
                    )
            finally:
                old_client.close()
            self._remove_old(damaged=True)
            return len(stored) - len(stay)

    def count(self) -> int:
        """How many texts the index holds."""
        return int(self._do(lambda collection: collection.count()))

    def close(self) -> None:
        """Close the database; may be called twice. The embedder belongs to whoever made it."""
        with self._lock:
            self._closed = True
            self._shut()

    def _stored_digests(self, wanted: Collection[str]) -> dict[str, str]:
        """What the index holds: digest by id, empty for texts that are not wanted any more."""
        ids: list[str] = self._do(lambda collection: collection.get(include=[])["ids"])
        stored = dict.fromkeys(ids, "")
        for batch in _batches([one for one in ids if one in wanted], LOOK_UP):
            rows = self._do(partial(_rows, batch))
            stored.update({i: str(m["digest"]) for i, m in zip(rows["ids"], rows["metadatas"], strict=True)})
        return stored

    def _nearest(self, vector: Sequence[float], count: int, where: dict[str, Any] | None = None) -> list[Hit]:
        rows = self._do(
            lambda collection: collection.query(
                query_embeddings=[vector], n_results=count, where=where, include=["metadatas", "documents"]
            )
        )
        return list(zip(rows["documents"][0], rows["metadatas"][0], strict=True))

    def _nearest_among(self, vector: Sequence[float], count: int, where: dict[str, Any]) -> list[Hit]:
        """The nearest of few texts in a crowd, each compared: ChromaDB's filtered walk may miss all of them."""
        rows = self._do(
            lambda collection: collection.get(
                where=where, limit=MOST_COMPARED + 1, include=["embeddings", "metadatas", "documents"]
            )
        )
        if len(rows["ids"]) > MOST_COMPARED:
            return self._nearest(vector, count, where)
        if not rows["ids"]:
            return []
        import numpy as np  # noqa: PLC0415 - ChromaDB has loaded it by now

        among, asked = np.asarray(rows["embeddings"], dtype=float), np.asarray(vector, dtype=float)
        lengths = np.linalg.norm(among, axis=1) * np.linalg.norm(asked)
        likeness = among @ asked / np.where(lengths > 0, lengths, 1.0)
        best = sorted(range(len(rows["ids"])), key=lambda n: (-likeness[n], rows["ids"][n]))[:count]
        return [(rows["documents"][n], rows["metadatas"][n]) for n in best]

    def _do(self, work: Callable[[Any], Any]) -> Any:
        """Run one operation; a database that turns out to be damaged is put aside and the operation done on a new one."""
        with self._lock:
            if self._closed:
                raise StoreError("The search index is closed.")
            if self._collection is None:
                self._open()
            try:
                return work(self._collection)
            except _damage() as error:
                self._put_aside(error)
                self._open()
                return work(self._collection)

    def _open(self) -> None:
        """Open the newest generation; a damaged one is put aside and the next one begun."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._remove_old()
        try:
            self._connect()
        except _failures() as error:
            self._put_aside(error)
            self._connect()

    def _connect(self) -> None:
        chroma: Any = importlib.import_module("chromadb")
        settings = importlib.import_module("chromadb.config").Settings(anonymized_telemetry=False)
        path = self._folder / _generation(self._folder)
        self._client = chroma.PersistentClient(path=str(path), settings=settings)
        self._collection = self._client.get_or_create_collection(
            f"texts-{self._embedder.name}", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        self._probe()

    def _probe(self) -> None:
        """Make sure that the vectors are there: without their files ChromaDB quietly finds next to nothing."""
        known = self._collection.get(limit=PROBE, include=["embeddings"])
        expected = len(known["ids"])
        if not expected:
            return
        found = self._collection.query(query_embeddings=[known["embeddings"][0]], n_results=expected, include=[])
        if len(found["ids"][0]) < expected:
            raise StoreError("The search index has lost its vectors.")

    def _put_aside(self, error: Exception) -> None:
        """Rename the damaged generation; the next one has a new path, since ChromaDB remembers broken ones by path."""
        self._shut()
        current = _generation(self._folder)
        damaged = self._folder / current
        if damaged.exists():
            damaged.rename(self._folder / f"damaged-{current}")
        _next_generation(self._folder, current)
        logger.info("the search index was damaged and is built anew: %s", error)

    def _remove_old(self, *, damaged: bool = False) -> None:
        """Remove generations that a newer one replaced; with `damaged` also those that were put aside."""
        current = _generation(self._folder)
        for path in [*self._folder.glob(f"{GENERATION}*"), *(self._folder.glob("damaged-*") if damaged else ())]:
            if path.name != current:
                shutil.rmtree(path, ignore_errors=True)

    def _shut(self) -> None:
        client, self._client, self._collection = self._client, None, None
        if client is not None:
            client.close()


GENERATION = "generation-"


def _generation(folder: Path) -> str:
    """The name of the newest generation; the first one when there is none."""
    numbers = [int(path.name.removeprefix(GENERATION)) for path in folder.glob(f"{GENERATION}*")]
    return f"{GENERATION}{max(numbers, default=1)}"


def _next_generation(folder: Path, current: str = "") -> None:
    """Begin the generation after `current`, by default after the newest one."""
    number = int((current or _generation(folder)).removeprefix(GENERATION))
    (folder / f"{GENERATION}{number + 1}").mkdir()


def _damage() -> tuple[type[Exception], ...]:
    """What ChromaDB raises in the middle of work when its files are not what they should be."""
    errors: Any = importlib.import_module("chromadb.errors")
    return (errors.InternalError, errors.NotFoundError, sqlite3.DatabaseError)


def _failures() -> tuple[type[Exception], ...]:
    """What opening a damaged folder raises besides: ChromaDB stumbles over its own half-made objects."""
    return (*_damage(), AttributeError, KeyError, ValueError, OSError, StoreError)


def _delete(ids: Sequence[str], collection: Any) -> None:
    collection.delete(ids=list(ids))


def _rows(ids: Sequence[str], collection: Any) -> Any:
    return collection.get(ids=list(ids), include=["metadatas"])


def _vectors(ids: Sequence[str], collection: Any) -> Any:
    return collection.get(ids=list(ids), include=["embeddings"])


def _upsert(texts: Sequence[Text], vectors: Sequence[Sequence[float]], collection: Any) -> None:
    collection.upsert(
        ids=[text.id for text in texts],
        embeddings=list(vectors),
        documents=[text.whole for text in texts],
        metadatas=[_metadata(text) for text in texts],
    )


def _metadata(text: Text) -> dict[str, str | int]:
    parts = [[part.start, part.evidence_id, part.url, part.observed_at.isoformat()] for part in text.parts]
    return {
        "evidence_id": text.evidence_id,
        "kind": text.kind,
        "repository": text.repository,
        "url": text.url,
        "observed_at": text.observed_at.isoformat(),
        "digest": text.digest,
        "title_length": len(text.title),
        "parts": json.dumps(parts),
    }


def _evidence(
    hits: Sequence[Hit], query: str, repositories: Collection[str] | None, kinds: Collection[str] | None
) -> tuple[Evidence, ...]:
    """The hits that pass the filters, as evidence, each id once."""
    found: dict[str, Evidence] = {}
    for document, row in hits:
        if (repositories and row["repository"] not in repositories) or (kinds and row["kind"] not in kinds):
            continue
        one = _cited(document, row, query)
        found.setdefault(one.id, one)
    return tuple(found.values())


def _cited(document: str, row: dict[str, Any], query: str) -> Evidence:
    """The evidence of one hit: of the comment that holds the best passage, where several share a text."""
    in_body = int(row["title_length"]) + 1
    parts = [Part(start, i, url, datetime.fromisoformat(seen)) for start, i, url, seen in json.loads(row["parts"])]
    text = document[in_body:] if str(row["kind"]) == "comment" else document
    quote, start = best_passage(text, query)
    for part in reversed(parts):
        if part.start <= start:
            return Evidence(part.evidence_id, str(row["kind"]), part.url, quote, part.observed_at)
    return Evidence(
        str(row["evidence_id"]), str(row["kind"]), str(row["url"]), quote, datetime.fromisoformat(row["observed_at"])
    )


def _where(repositories: Collection[str] | None, kinds: Collection[str] | None) -> dict[str, Any]:
    """The filter in ChromaDB's words, for the rare case that the wanted texts are far from the query."""
    wanted = [("repository", repositories), ("kind", kinds)]
    clauses = [{name: {"$in": sorted(values)}} for name, values in wanted if values]
    return clauses[0] if len(clauses) == 1 else {"$and": clauses}


def _batches(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
