"""The clones of a running workspace: indexed behind everything else, in short slices, and asked from the Ask page.

A first index of a large clone takes minutes. So a step ends after a few seconds and says whether something is left; what
is embedded stays. It has a thread of its own: questions to the other index do not wait for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from galaxy_desktop.domain.code_found import CodeFound, CodeQuestion, CodeWish
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.settings import Settings

if TYPE_CHECKING:
    from galaxy_desktop.retrieve.embed import Embedder
    from galaxy_desktop.services.code_index import CodeHit, CodeLibrary, Indexed
    from galaxy_desktop.store.database import Store

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
SLICE_S = 15.0
MOST_FOUND = 8


class Slice:
    """A flag that is set when the time of a step is over, or when everything stops.

    The time begins with the first texts that were embedded (`began` is told of progress): reading what is left may take
    longer than a step, and a step that embeds nothing would be done again for ever.
    """

    def __init__(self, stop: StopFlag, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._stop, self._clock, self._seconds = stop, clock, seconds
        self._end: float | None = None

    def began(self, _done: int, _total: int) -> None:
        """Something was embedded."""
        if self._end is None:
            self._end = self._clock() + self._seconds

    def is_set(self) -> bool:
        """Whether to end."""
        return self._stop.is_set() or (self._end is not None and self._clock() >= self._end)


class CodeDesk:
    """The indexes of the clones that the settings name; methods are called on the event loop's thread."""

    def __init__(self, folder: DataFolder, store: Store) -> None:
        """Opens nothing before the first step or question."""
        self._folder = folder
        self._store = store
        self._library: CodeLibrary | None = None
        self._thread: ThreadPoolExecutor | None = None
        self.left = False
        """Whether a step ended before everything was indexed."""
        self.state: tuple[Indexed, ...] = ()
        """How the clones stand since the last step."""

    def wanted(self, settings: Settings) -> bool:
        """Whether there is something to do: a clone is named, or one that was named has left an index."""
        return bool(settings.text("code_folders")) or self._folder.code.exists()

    async def step(self, embedder: Embedder, settings: Settings, now: datetime, stop: StopFlag) -> None:
        """Index for a few seconds; `left` says whether to come again.

        Raises:
            ModelError: the embedding model cannot be used; the words are indexed by then.
        """
        self.left = False
        self.state = await self.run(lambda: self._update(embedder, settings, now, Slice(stop, SLICE_S)))
        for one in self.state:
            if one.problem:
                logger.info("The clone of %s is not indexed: %s", one.repository, one.problem)

    def _update(self, embedder: Embedder, settings: Settings, now: datetime, stop: Slice) -> tuple[Indexed, ...]:
        from galaxy_desktop.services.code_index import sources_of  # noqa: PLC0415 - where a clone is named

        library = self._opened(embedder)
        tracked = {one.full_name.casefold(): one for one in self._store.repositories()}
        named = sources_of(settings.text("code_folders"))
        sources = {
            tracked[name.casefold()].full_name: place for name, place in named.items() if name.casefold() in tracked
        }
        state = library.update(sources, {one.full_name: one.url for one in tracked.values()}, now, stop.began, stop)
        self.left = stop.is_set()
        return state

    async def find(self, question: CodeQuestion, embedder: Embedder) -> tuple[CodeFound, ...]:
        """What the clones say to a question; nothing where none is indexed."""
        if not self._folder.code.exists():
            return ()
        return await self.run(lambda: tuple(_found(one) for one in self._hits(question, embedder)))

    def _hits(self, question: CodeQuestion, embedder: Embedder) -> Sequence[CodeHit]:
        library = self._opened(embedder)
        if question.wish is CodeWish.TESTS:
            return library.tests_for(question.subject, MOST_FOUND)
        if question.wish is CodeWish.SIMILAR:
            return library.similar(question.subject, MOST_FOUND)
        return library.search(question.subject, MOST_FOUND)

    async def forget(self, prefixes: Sequence[str], embedder: Embedder) -> None:
        """Remove the index of each repository whose evidence ids begin so ("commit:o/r@" among them)."""
        names = {one.removeprefix("commit:").removesuffix("@") for one in prefixes if one.startswith("commit:")}
        if names and self._folder.code.exists():
            await self.run(lambda: self._opened(embedder).keep_but(names))

    async def close(self) -> None:
        """Close the indexes and join the thread; may be called twice."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._library is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._library.close)
        await asyncio.to_thread(thread.shutdown)

    def _opened(self, embedder: Embedder) -> CodeLibrary:
        if self._library is None:
            from galaxy_desktop.services.code_index import CodeLibrary  # noqa: PLC0415 - ChromaDB takes seconds

            self._library = CodeLibrary(self._folder.code, embedder)
        return self._library

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do something that takes long on the thread of this desk."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="galaxy-code")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _found(hit: CodeHit) -> CodeFound:
    lines = f"line {hit.first}" if hit.first == hit.last else f"lines {hit.first} to {hit.last}"
    what = f" ({hit.symbol})" if hit.symbol else ""
    return CodeFound(f"{hit.path} of {hit.repository}, {lines}{what}", hit.why, hit.evidence)
