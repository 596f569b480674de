"""The search at its sizes: 100,000 chunks with filters and a change, and a million rows of words.

Beside each stand, in the same run, what one would write first: a query of ChromaDB with its own filter, and a query of
FTS5 with its own ranking. Texts are made up with words as common as in a language, vectors are made up in clusters as
those of texts are; neither knows what it means, and speed does not depend on that.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_desktop.retrieve.chroma import Vectors
from galaxy_desktop.retrieve.columns import Wanted
from galaxy_desktop.retrieve.embed import DIMENSIONS
from galaxy_desktop.retrieve.index import Index
from galaxy_desktop.retrieve.question import Question, answers
from galaxy_desktop.retrieve.stacks import Stacks
from galaxy_desktop.retrieve.texts import Group, Text
from galaxy_desktop.retrieve.words import words
from tests.benchmarks.children import profile
from tests.benchmarks.figures import Figure, ms, over, percentile

FIGURES = ("search_chunks", "search_filtered", "search_change", "search_million")
CHUNKS, ROWS = 100_000, 1_000_000
QUERY_BAR_S, CHANGE_BAR_S, MILLION_BAR_S = 0.020, 1.0, 0.200
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
CLUSTERS = 400
VOCABULARY = 20_000
SLAB = 2_000
WARM = 10


class MadeUp:
    """An embedder without weights: a text's vector lies near the center of its cluster."""

    name = "made-up"

    def __init__(self) -> None:
        self._centers = np.random.default_rng(1).normal(size=(CLUSTERS, DIMENSIONS)).astype(np.float32)

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        """A vector of length 1 for each text, the same for the same text."""
        return [self._one(text) for text in texts]

    def rest(self) -> bool:
        """There is nothing to forget."""
        return False

    def close(self) -> None:
        """Nothing runs."""

    def _one(self, text: str) -> list[float]:
        draw = np.random.default_rng(abs(hash(text)) % 2**32)
        row = self._centers[draw.integers(CLUSTERS)] + 1.2 * draw.normal(size=DIMENSIONS).astype(np.float32)
        found: list[float] = (row / np.linalg.norm(row)).tolist()
        return found


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of question: how ours and the plain way narrow it down."""

    name: str
    wanted: Wanted
    where: dict[str, Any] | None


def measure(*, quick: bool) -> list[Figure]:
    """The figures of both sizes."""
    with profile() as data:
        return [*_chunks(data, 400 if quick else CHUNKS, quick=quick), _million(data, 2_000 if quick else ROWS)]


def _chunks(data: Path, count: int, *, quick: bool) -> list[Figure]:
    """Questions to an index of chunks, open and narrowed, and a change of one item."""
    embedder, questions = MadeUp(), list(islice(_questions(), 10 if quick else 100))
    index = Index(data / "index", embedder)
    texts = list(_texts(count, 40))
    groups = [Group(text.id, text.digest, partial(tuple[Text, ...], (text,))) for text in texts]
    _fill(index, embedder, texts)
    change = _change(index, groups)
    plain = _plain_chroma(data / "plain", embedder, texts)
    cases = [Case("open", Wanted(), None), *_narrow_cases()]
    found = {}
    for case in cases:
        ours = _times(lambda words, case=case: _ours(index, embedder, words, case.wanted), questions)  # type: ignore[misc]
        few = questions[: max(5, len(questions) // 5)]
        theirs = _times(lambda words, case=case: _theirs(plain._collection, embedder, words, case.where), few)  # type: ignore[misc]
        found[case.name] = percentile(ours, 0.95), percentile(theirs, 0.95)
    known = _times(lambda _: plain.get(plain.ids()), [""], warm=0)[0]
    index.close()
    plain.close()
    worst = max((found[case.name] for case in cases[1:]), key=lambda pair: pair[0])
    told = ", ".join(f"{case.name} {ms(found[case.name][0])}" for case in cases[1:])
    return [
        _figure(
            "search_chunks", f"p95 {ms(found['open'][0])} in {count:,} chunks", "a query of ChromaDB", found["open"]
        ),
        _figure("search_filtered", f"p95 {told}", "ChromaDB with that filter, the slowest of ours", worst),
        Figure(
            name="search_change",
            figure=f"{ms(change)} for one changed item of {count:,} chunks",
            reference=f"asking ChromaDB what it holds {ms(known)}",
            ratio=over(change, known),
            bar=f"under {ms(CHANGE_BAR_S)}",
            met=change < CHANGE_BAR_S,
        ),
    ]


def _figure(name: str, figure: str, reference: str, times: tuple[float, float]) -> Figure:
    ours, theirs = times
    return Figure(
        name=name,
        figure=figure,
        reference=f"{reference} p95 {ms(theirs)}",
        ratio=over(ours, theirs),
        bar=f"p95 {ms(QUERY_BAR_S)}",
        met=ours <= QUERY_BAR_S,
    )


def _narrow_cases() -> list[Case]:
    since, until = BEGIN + timedelta(days=300), BEGIN + timedelta(days=420)
    span = {"$and": [{"said_at": {"$gte": since.timestamp()}}, {"said_at": {"$lt": until.timestamp()}}]}
    return [
        Case("by repository", Wanted(repositories=frozenset({"o/r3"})), {"repository": "o/r3"}),
        Case("by kind", Wanted(kinds=frozenset({"pr"})), {"kind": "pr"}),
        Case("by time", Wanted(since=since, until=until), span),
    ]


def _ours(index: Index, embedder: MadeUp, query: str, wanted: Wanted) -> object:
    vector = np.asarray(embedder.encode([query])[0], dtype=np.float32)
    return index._look(lambda stacks: answers(stacks, Question(query, vector, wanted, 10)))


def _theirs(collection: Any, embedder: MadeUp, query: str, where: dict[str, Any] | None) -> object:
    return collection.query(query_embeddings=embedder.encode([query]), n_results=10, where=where)


def _fill(index: Index, embedder: MadeUp, texts: Sequence[Text]) -> None:
    """Write texts as the index would, without ChromaDB: its filling takes minutes and is measured beside it."""

    def write(stacks: Stacks) -> None:
        for start in range(0, len(texts), SLAB):
            some = texts[start : start + SLAB]
            rows = stacks.put([(text.id, text) for text in some])
            stacks.put_vectors([rows[text.id] for text in some], embedder.encode([text.whole for text in some]))
        stacks.stamp([(text.id, text.digest) for text in texts])

    index._look(write)
    index._own(len)  # ChromaDB takes the vectors over


def _plain_chroma(folder: Path, embedder: MadeUp, texts: Sequence[Text]) -> Vectors:
    """What one writes first: texts with their metadata in one collection."""
    vectors = Vectors(folder, "plain")
    collection = vectors._collection
    for start in range(0, len(texts), SLAB):
        some = texts[start : start + SLAB]
        collection.upsert(
            ids=[text.id for text in some],
            embeddings=embedder.encode([text.whole for text in some]),
            documents=[text.whole for text in some],
            metadatas=[{"repository": t.repository, "kind": t.kind, "said_at": t.said_at.timestamp()} for t in some],
        )
    return vectors


def _change(index: Index, groups: Sequence[Group]) -> float:
    """Seconds to index a change of one item."""
    (before,) = groups[7].texts()
    after = replace(before, body="changed words")
    changed = [*groups[:7], Group(after.id, after.digest, lambda: (after,)), *groups[8:]]
    begun = time.perf_counter()
    index.update(changed)
    return time.perf_counter() - begun


def _million(data: Path, count: int) -> Figure:
    """Words in a million rows: ours, and one FTS5 table asked for its best."""
    stacks = Stacks(data / "million")
    plain = sqlite3.connect(data / "plain.sqlite3")
    plain.execute("CREATE VIRTUAL TABLE text USING fts5(title, body)")
    texts = _texts(count, 12)
    while some := list(islice(texts, SLAB)):
        stacks.put([(text.id, text) for text in some])
        plain.executemany("INSERT INTO text VALUES (?, ?)", [(text.title, text.body) for text in some])
    plain.commit()
    questions = list(islice(_questions(), 60))
    ours = _times(lambda query: answers(stacks, Question(query, None, Wanted(), 20)), questions)
    theirs = _times(lambda query: _ask_plain(plain, query), questions[:30])
    stacks.close()
    plain.close()
    mine, other = percentile(ours, 0.95), percentile(theirs, 0.95)
    return Figure(
        name="search_million",
        figure=f"p95 {ms(mine)} in {count:,} rows of words",
        reference=f"plain FTS5 with its ranking p95 {ms(other)}",
        ratio=over(mine, other),
        bar=f"p95 {ms(MILLION_BAR_S)}",
        met=mine <= MILLION_BAR_S,
    )


def _ask_plain(connection: sqlite3.Connection, query: str) -> object:
    expression = " OR ".join(f'"{word}"' for word in words(query))
    query = "SELECT title, body FROM text WHERE text MATCH ? ORDER BY rank LIMIT 20"
    return connection.execute(query, (expression,)).fetchall()


def _texts(count: int, length: int) -> Iterator[Text]:
    """Made-up texts of so many words in ten repositories over three years."""
    draw = random.Random(4)
    for n in range(count):
        said = BEGIN + timedelta(seconds=n * 90_000_000 // count)
        kind = ("issue", "comment", "pr", "comment")[n % 4]
        repository = f"o/r{draw.randrange(10)}"
        yield Text(
            id=f"{kind}:{repository}#{n}",
            item=f"issue:{repository}#{n // 4}",
            evidence_id=f"{kind}:{repository}#{n}",
            kind=kind,
            repository=repository,
            title=_say(draw, 6),
            body=_say(draw, length),
            url=f"https://github.example/{repository}/issues/{n}",
            said_at=said,
            changed_at=said,
            observed_at=said,
        )


def _questions() -> Iterator[str]:
    """Questions of common and rare words, and of common ones alone."""
    draw = random.Random(9)
    while True:
        yield _say(draw, draw.randrange(1, 7))
        yield " ".join(f"w{draw.randrange(20)}x" for _ in range(draw.randrange(1, 4)))


def _say(draw: random.Random, length: int) -> str:
    """Words as often as in a language: the n-th most common one once where the first is said n times."""
    return " ".join(f"w{int(VOCABULARY ** draw.random()) - 1}x" for _ in range(length))


def _times(ask: Callable[[str], object], questions: Sequence[str], warm: int = WARM) -> list[float]:
    for query in questions[:warm]:
        ask(query)
    found = []
    for query in questions:
        begun = time.perf_counter()
        ask(query)
        found.append(time.perf_counter() - begun)
    return found
