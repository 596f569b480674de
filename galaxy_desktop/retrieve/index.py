"""The index of texts: their words in SQLite, their vectors in ChromaDB; a cache that can be thrown away at any time.

Everything in it comes from the store. Bringing it up to date compares stamps of groups, then digests of texts, and
embeds what changed; ids are the texts' own, so a batch that survived a kill is written once more and nothing doubles.
Words are written first: a text is found by them before it is embedded, and where no model is installed.

A generation is one folder. ChromaDB owns the vectors in it, `stacks` holds words, filters and a copy of the vectors that
answers questions. Each can be filled from the other: stacks that cannot be read are begun anew and take the vectors from
ChromaDB, a ChromaDB that cannot be read is put aside and takes them from the stacks. Forgetting begins a new generation.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import ModelError, StoreError
from galaxy_desktop.retrieve import chroma
from galaxy_desktop.retrieve.embed import Embedder
from galaxy_desktop.retrieve.filling import Filling
from galaxy_desktop.retrieve.texts import Group

if TYPE_CHECKING:
    from galaxy_desktop.retrieve.columns import Wanted
    from galaxy_desktop.retrieve.question import Found, Rerank
    from galaxy_desktop.retrieve.related import Like
    from galaxy_desktop.retrieve.stacks import Stacks

logger = logging.getLogger(__name__)

BATCH = 64
GENERATION = "generation-"
STACKS = "stacks-"
NEVER = threading.Event()

T = TypeVar("T")
Progress = Callable[[int, int], None]
Encode = Callable[[Sequence[str]], list[list[float]]]


class Index:
    """Searchable texts in `folder`; one index a folder and process, safe to call from several threads."""

    def __init__(
        self, folder: Path, embedder: Embedder, rerank: Rerank | None = None, ask: Encode | None = None
    ) -> None:
        """Opens nothing yet.

        Args:
            folder: where its files are.
            embedder: turns texts into vectors.
            rerank: reads the best answers once more, where such a model is installed.
            ask: turns a question into a vector where that is another way than that of texts; what it raises is for whoever
                searches. By default `embedder` does, and a question is answered by words alone when it cannot.
        """
        self._folder = folder
        self._embedder = embedder
        self._ask = ask
        self._epoch = 0
        """Another one whenever rows may hold other texts than before."""
        self._rerank = rerank
        self._lock = threading.RLock()
        self._vectors: chroma.Vectors | None = None
        self._stacks: Stacks | None = None
        self._closed = False

    def update(self, groups: Iterable[Group], *, stop: StopFlag = NEVER, progress: Progress | None = None) -> int:
        """Make the index hold exactly these groups of texts; returns how many texts were written or removed.

        Only what changed is embedded, texts of the same length together, because a batch costs what its longest text
        costs. Stopped or killed between two batches it can be called again.

        Raises:
            ModelError: the model cannot be used; the words are indexed by then.
        """
        held, written = list(groups), 0
        while True:
            filling = self.begin(held)
            going_on = True
            while going_on and not stop.is_set():
                done, going_on = filling.done, self.go_on(filling)
                if progress is not None and filling.done > done:
                    progress(filling.done, filling.total)
            written += len(filling.changed) + filling.removed
            if stop.is_set() or not self.is_stale(filling):
                return written

    def begin(self, groups: Iterable[Group]) -> Filling:
        """What has to be done so that the index holds exactly these groups of texts; nothing is written yet."""
        wanted = {group.key: group for group in groups}
        stamps, held, epoch = self._look(lambda stacks: (stacks.shelf.stamps(), stacks.shelf.groups(), self._epoch))
        changed = [group for key, group in wanted.items() if stamps.get(key) != group.stamp]
        return Filling(changed, [key for key in held if key not in wanted], epoch)

    def go_on(self, filling: Filling, count: int = BATCH) -> bool:
        """Do the next piece, which is at most `count` vectors; whether something is left.

        A filling that was begun before the index was rebuilt (texts were forgotten, a file was damaged) ends: its rows
        are not those of the texts any more. Begin another one.

        Raises:
            ModelError: the model cannot be used; all words are indexed by then, and what was embedded stays.
        """
        if self.is_stale(filling):
            return False
        if filling.gone:
            keys, filling.gone = filling.gone[: chroma.LOOK_UP], filling.gone[chroma.LOOK_UP :]
            filling.removed += self._remove_groups(keys)
        elif filling.unread:
            filling.removed += self._remove(
                self._look(lambda stacks: {} if self.is_stale(filling) else filling.write_words(stacks))
            )
        elif some := filling.next_texts(count):
            self._embed(some, filling)
        if not filling.left and (filling.changed or filling.removed):
            self._drop_unknown_vectors()
        return filling.left

    def is_stale(self, filling: Filling) -> bool:
        """Whether the index was rebuilt since."""
        return filling.epoch != self._epoch

    def search(
        self, query: str, limit: int = 10, wanted: Wanted | None = None, now: datetime | None = None
    ) -> tuple[Found, ...]:
        """The texts that answer a question best, best first, each piece of evidence once.

        Raises:
            ModelError: questions have a way of their own to their vector, and it is closed.
        """
        import numpy as np  # noqa: PLC0415 - not before the first question

        from galaxy_desktop.retrieve.columns import Wanted as Everything  # noqa: PLC0415 - likewise
        from galaxy_desktop.retrieve.question import Question, answers  # noqa: PLC0415 - likewise

        if not query.strip() or limit < 1 or not self.count():
            return ()
        vector = self._vector_of(query)
        near = None if vector is None else np.asarray(vector, dtype=np.float32)
        asked = Question(query, near, wanted or Everything(), limit, now)
        return self._look(lambda stacks: answers(stacks, asked, self._rerank))

    def related(self, like: Like, limit: int = 10, wanted: Wanted | None = None) -> list[tuple[str, float]]:
        """The items most like an item, by evidence id, with what they are worth; best first.

        Raises:
            ModelError: the model cannot be used.
        """
        import numpy as np  # noqa: PLC0415 - not before the first question

        from galaxy_desktop.retrieve import fusion  # noqa: PLC0415 - likewise
        from galaxy_desktop.retrieve.columns import Wanted as Everything  # noqa: PLC0415
        from galaxy_desktop.retrieve.related import candidates  # noqa: PLC0415

        if not self.count():
            return []
        vectors = np.asarray((self._ask or self._embedder.encode)(like.forms()), dtype=np.float32)
        found = self._look(lambda stacks: candidates(stacks, like, vectors, wanted or Everything()))
        return found.ordered(fusion.weights("related"), limit)

    def vectors(self, ids: Collection[str]) -> dict[str, tuple[float, ...]]:
        """The stored vectors of these texts, by id; texts that are not embedded yet are left out."""
        return self._look(lambda stacks: stacks.vectors(ids))

    def forget(self, prefixes: Sequence[str]) -> int:
        """Remove every text whose id begins so, and make sure that no file holds its words any more.

        Databases keep what they deleted in logs and free pages. So the texts that stay are copied, vectors and all, into
        a new generation, and the old one is removed from the disk. Killed in between, the next update fills what is
        missing and the next opening removes what is old. Returns how many texts went.
        """
        from galaxy_desktop.retrieve.stacks import Stacks  # noqa: PLC0415 - numpy

        with self._lock:
            ids = self._look(lambda stacks: stacks.shelf.ids())
            going = [one for one in ids if one.startswith(tuple(prefixes))] if prefixes else []
            if not going:
                return 0
            old = self._open_stacks()
            self._stacks = None
            self._epoch += 1
            try:
                self._shut()
                _next_generation(self._folder)
                self._stacks = Stacks(self._stacks_folder())
                old.copy_to(self._stacks, frozenset(going))
            finally:
                old.close()
            self._remove_old(damaged=True)
            self._open_vectors()
            return len(going)

    @property
    def width(self) -> int:
        """How many numbers its vectors have, 0 before there was one."""
        return self._look(lambda stacks: stacks.shelf.width)

    def count(self) -> int:
        """How many texts the index holds."""
        return self._look(len)

    def close(self) -> None:
        """Close the databases; may be called twice. The embedder belongs to whoever made it."""
        with self._lock:
            self._closed = True
            self._shut()

    # --- writing

    def _embed(self, some: Sequence[str], filling: Filling) -> None:
        """Write the vectors of some texts: those that ChromaDB has of the same words, and for the rest new ones."""
        texts = [filling.text(one) for one in some]
        known = self._own(lambda vectors: vectors.get(some) if len(vectors) else {})
        fresh = [text for text in texts if known.get(text.id, ("", ()))[0] != text.digest]
        made = dict(zip((text.id for text in fresh), self._embedder.encode([t.whole for t in fresh]), strict=True))
        if fresh:
            rows = [text.id for text in fresh], [made[text.id] for text in fresh], [text.digest for text in fresh]
            self._own(lambda vectors: vectors.put(*rows))
        every = [made[text.id] if text.id in made else known[text.id][1] for text in texts]
        self._look(lambda stacks: None if self.is_stale(filling) else filling.embedded(stacks, some, every))

    def _remove_groups(self, keys: Sequence[str]) -> int:
        known = self._look(lambda stacks: stacks.shelf.known(keys))
        removed = self._remove({one: row for one, (row, _, _) in known.items()})
        self._look(lambda stacks: stacks.remove([], keys))
        return removed

    def _remove(self, row_of: Mapping[str, int]) -> int:
        """Take texts out by id and row; returns how many."""
        if row_of:
            self._own(lambda vectors: vectors.remove(list(row_of)))
            self._look(lambda stacks: stacks.remove(list(row_of.values())))
        return len(row_of)

    def _drop_unknown_vectors(self) -> None:
        """Take out vectors of texts that are no longer there; a kill or a rebuilt shelf may have left some."""
        known, there = self._look(lambda stacks: (stacks.shelf.ids(), int(stacks.columns.embedded.sum())))
        if self._own(len) > there:
            self._own(lambda vectors: vectors.remove([one for one in vectors.ids() if one not in known]))

    def _vector_of(self, query: str) -> list[float] | None:
        if self._ask is not None:
            return self._ask([query])[0]
        try:
            return self._embedder.encode([query])[0]
        except ModelError as error:
            logger.info("searching by words alone: %s", error)
            return None

    # --- opening, and what to do about damage

    def _look(self, work: Callable[[Stacks], T]) -> T:
        """Run one operation on the stacks; stacks that turn out to be damaged are begun anew."""
        with self._lock:
            try:
                return work(self._open_stacks())
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                    raise StoreError(
                        "The search index cannot be written: the disk is full. Free some space."
                    ) from error
                self._begin_stacks_anew(error)
                return work(self._open_stacks())

    def _own(self, work: Callable[[chroma.Vectors], T]) -> T:
        """Run one operation on ChromaDB; one that turns out to be damaged is put aside and filled from the stacks."""
        with self._lock:
            vectors = self._open_vectors()
            try:
                return work(vectors)
            except chroma.damage() as error:
                self._put_aside(error)
                return work(self._open_vectors())

    def _open_stacks(self) -> Stacks:
        if self._closed:
            raise StoreError("The search index is closed.")
        if self._stacks is None:
            from galaxy_desktop.retrieve.stacks import Stacks  # noqa: PLC0415 - numpy

            self._folder.mkdir(parents=True, exist_ok=True)
            self._leave_older_form()
            self._remove_old()
            try:
                self._stacks = Stacks(self._stacks_folder())
            except (sqlite3.DatabaseError, OSError, ValueError) as error:
                self._begin_stacks_anew(error)
                self._stacks = Stacks(self._stacks_folder())
        return self._stacks

    def _stacks_folder(self) -> Path:
        return self._folder / _generation(self._folder) / f"{STACKS}{self._embedder.name}"

    def _leave_older_form(self) -> None:
        """Begin a new generation where the newest one is of a program that kept the texts in ChromaDB."""
        newest = self._folder / _generation(self._folder)
        if (newest / "chroma.sqlite3").exists() and not any(newest.glob(f"{STACKS}*")):
            _next_generation(self._folder)

    def _begin_stacks_anew(self, error: Exception) -> None:
        """Remove damaged stacks; the next update writes the words again and takes the vectors from ChromaDB."""
        if self._stacks is not None:
            self._stacks.close()
            self._stacks = None
        self._epoch += 1
        shutil.rmtree(self._stacks_folder(), ignore_errors=True)
        logger.info("the words of the search index were damaged and are written anew: %s", error)

    def _open_vectors(self) -> chroma.Vectors:
        """Open ChromaDB; a damaged one is put aside, and one that lacks vectors gets them from the stacks."""
        stacks = self._open_stacks()
        if self._vectors is None:
            try:
                self._vectors = self._connect()
            except chroma.failures() as error:
                self._put_aside(error)
                stacks = self._open_stacks()
                self._vectors = self._connect()
            if len(self._vectors) < int(stacks.columns.embedded.sum()):
                there = set(self._vectors.ids())
                for ids, rows, digests in stacks.embedded_but(there):
                    self._vectors.put(ids, rows.tolist(), digests)
        return self._vectors

    def _connect(self) -> chroma.Vectors:
        return chroma.Vectors(self._folder / _generation(self._folder), self._embedder.name)

    def _put_aside(self, error: Exception) -> None:
        """Rename the damaged generation; the next one has a new path, since ChromaDB remembers broken ones by path.

        The stacks are whole and move on: their words need not be read again, nor their texts be embedded.
        """
        self._shut()
        current = _generation(self._folder)
        stacks = self._stacks_folder()
        _next_generation(self._folder, current)
        if stacks.exists():
            stacks.rename(self._stacks_folder())
        damaged = self._folder / current
        if damaged.exists():
            damaged.rename(self._folder / f"damaged-{current}")
        logger.info("the search index was damaged and is built anew: %s", error)

    def _remove_old(self, *, damaged: bool = False) -> None:
        """Remove generations that a newer one replaced; with `damaged` also those that were put aside."""
        current = _generation(self._folder)
        for path in [*self._folder.glob(f"{GENERATION}*"), *(self._folder.glob("damaged-*") if damaged else ())]:
            if path.name != current:
                shutil.rmtree(path, ignore_errors=True)

    def _shut(self) -> None:
        vectors, self._vectors = self._vectors, None
        stacks, self._stacks = self._stacks, None
        if vectors is not None:
            vectors.close()
        if stacks is not None:
            stacks.close()


def _generation(folder: Path) -> str:
    """The newest generation's name."""
    return f"{GENERATION}{max((_number(path.name) for path in folder.glob(f'{GENERATION}*')), default=1)}"


def _number(name: str) -> int:
    number = name.removeprefix(GENERATION)
    return int(number) if number.isdecimal() else 0


def _next_generation(folder: Path, after: str = "") -> None:
    number = _number(after or _generation(folder))
    (folder / f"{GENERATION}{number + 1}").mkdir()
