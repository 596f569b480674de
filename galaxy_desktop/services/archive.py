"""Years of history before the first poll: hours of GH Archive downloaded, read, and stored like anything polled.

Files are read one after the other in the order of their hours, while the next hour is already being fetched. What
was read for whom is kept by `archive_ledger`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from galaxy_desktop.collect.archive.download import Downloader
from galaxy_desktop.collect.archive.hours import Days, files_in
from galaxy_desktop.collect.raw_http import Route
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import BrokenAnswerError, GalaxyError, OfflineError, RefusedError, WrongUseError
from galaxy_desktop.services import clock as wall
from galaxy_desktop.services.archive_ledger import ArchiveResult, Ledger, Storage
from galaxy_desktop.services.lanes import CallThread, TaskOwner, log_error, pause

__all__ = ["ArchiveProgress", "ArchiveResult", "Days", "Fetching", "import_archive"]

logger = logging.getLogger(__name__)

WAITS_S = (1.0, 4.0, 16.0)
"""The pauses before another try at a download that broke off; they begin anew after a try that brought something."""
_FOREVER_S = 7 * 86_400.0

T = TypeVar("T")
Sleep = Callable[[float, StopFlag | None], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching:
    """From where and into which folder hours are downloaded."""

    url: str
    folder: Path
    route: Route = field(default_factory=Route)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveProgress:
    """How far an import is: "downloading" tells bytes of one file, "reading" that a file is done."""

    stage: str
    file: str
    files_done: int
    files: int
    events_kept: int = 0
    bytes_done: int = 0
    bytes_total: int | None = None
    seconds_left: float | None = None


async def import_archive(
    store: Storage,
    sources: Sequence[Path] | Days,
    *,
    repositories: Sequence[str] = (),
    fetching: Fetching | None = None,
    progress: Callable[[ArchiveProgress], None] = lambda progress: None,
    stop: StopFlag | None = None,
    clock: Callable[[], datetime] = wall.now,
    sleep: Sleep = pause,
) -> ArchiveResult:
    """Import files, folders of files, or days that are downloaded first, for everything tracked.

    Args:
        store: where records go; repeating an import, in any order of files, changes nothing.
        sources: files and folders, or the days to fetch.
        repositories: "owner/name" to be tracked as well.
        fetching: from where and to where; needed for days.
        progress: hears how far it is, on any thread.
        stop: ends the import within a second; what was stored stays.
        clock: tells which hours have ended, and the time left.
        sleep: how to wait before another try.

    Raises:
        WrongUseError: nothing is tracked, or a file is not there.
        OfflineError: the archive cannot be reached and nothing was read.
        RefusedError: the archive says no and nothing was read.
        CancelledByUserError: the flag was set.
    """
    for name in repositories:
        await asyncio.wrap_future(store.track(name))
    if not store.repositories() and not store.wanted():
        raise WrongUseError("No repository is tracked yet. Name one with --repo owner/name.")
    work = _Import(store, progress, stop, clock, sleep)
    try:
        if isinstance(sources, Days):
            if fetching is None:
                raise WrongUseError("Days need an archive to be fetched from.")
            hours = sources.hours(clock())
            await work.read_all(len(hours), work.fetched(hours, fetching))
        else:
            files = files_in(sources)
            await work.read_all(len(files), _as_they_are(files))
        return await work.result()
    finally:
        await work.close()


async def _as_they_are(files: Sequence[Path]) -> AsyncIterator[Path]:
    for path in files:
        yield path


class _Import:
    """One import while it runs: blocking reads on one thread, downloads on another."""

    def __init__(
        self,
        store: Storage,
        progress: Callable[[ArchiveProgress], None],
        stop: StopFlag | None,
        clock: Callable[[], datetime],
        sleep: Sleep,
    ) -> None:
        self._store = store
        self._progress = progress
        self._stop = stop
        self._clock = clock
        self._sleep = sleep
        self._halt = _Halt(stop)
        self._reads = CallThread("archive-reads")
        self._fetches = CallThread("archive-fetches")
        self._tasks = TaskOwner(log_error)
        self._begun = clock()
        self._files = 0
        self._absent: list[str] = []
        self._failed: dict[str, str] = {}
        self._ledger = Ledger(store, self._halt)

    async def close(self) -> None:
        """Let every thread end; safe to call while they are at work."""
        self._halt.set()
        await self._tasks.close()
        self._reads.close()
        self._fetches.close()

    async def read_all(self, count: int, paths: AsyncIterator[Path]) -> None:
        """Read the files in order, and those again that came before a repository's id was known."""
        self._files = count
        async for path in paths:
            await self._read(path)
        while again := await self._off_the_loop(self._ledger.unfinished):
            for path in again:
                await self._read(path)

    async def result(self) -> ArchiveResult:
        """What came of it."""
        return await self._off_the_loop(lambda: self._ledger.result(tuple(self._absent), self._failed))

    async def _read(self, path: Path) -> None:
        sentence = await self._off_the_loop(lambda: self._ledger.read(path))
        if sentence:
            self._failed[path.name] = sentence
        done = self._ledger.seen + len(self._absent)
        left = (self._clock() - self._begun).total_seconds() / max(done, 1) * max(self._files - done, 0)
        self._progress(
            ArchiveProgress(
                stage="reading",
                file=path.name,
                files_done=done,
                files=self._files,
                events_kept=self._ledger.events_kept,
                seconds_left=left,
            )
        )

    async def _off_the_loop(self, call: Callable[[], T]) -> T:
        return await self._reads.run(call, within=_FOREVER_S, stop=self._stop)

    # --- downloads

    async def fetched(self, hours: Sequence[str], fetching: Fetching) -> AsyncIterator[Path]:
        """The files of these hours as they come, one fetched ahead; an archive that cannot be had ends it."""
        downloader = Downloader(fetching.url, fetching.folder, fetching.route, self._halt)
        waiting = list(hours)
        try:
            coming = self._fetch_ahead(downloader, waiting)
            while coming is not None:
                hour, path, error = await coming
                if error is not None:
                    self._failed[hour] = str(error)
                    if not isinstance(error, BrokenAnswerError):
                        if not self._ledger.seen:
                            raise error
                        return
                coming = self._fetch_ahead(downloader, waiting)
                if path is not None:
                    yield path
        finally:
            downloader.close()

    def _fetch_ahead(
        self, downloader: Downloader, waiting: list[str]
    ) -> asyncio.Task[tuple[str, Path | None, GalaxyError | None]] | None:
        if not waiting:
            return None
        hour = waiting.pop(0)
        return self._tasks.start(self._fetch(downloader, hour), name=f"archive {hour}")

    async def _fetch(self, downloader: Downloader, hour: str) -> tuple[str, Path | None, GalaxyError | None]:
        """The hour with its file, or why there is none; neither means that the archive does not have it."""
        try:
            path = await self._tries(downloader, hour)
        except (BrokenAnswerError, OfflineError, RefusedError) as error:
            return hour, None, error
        if path is None:
            self._absent.append(hour)
        return hour, path, None

    async def _tries(self, downloader: Downloader, hour: str) -> Path | None:
        present = await self._on_fetches(lambda: downloader.present(hour))
        if present is not None:
            return present
        arrived, before, waits = [0], 0, iter(WAITS_S)
        while True:
            try:
                return await self._on_fetches(partial(downloader.fetch, hour, partial(self._tell, hour, arrived)))
            except BrokenAnswerError as error:
                if arrived[0] > before:
                    before, waits = arrived[0], iter(WAITS_S)
                wait = next(waits, None)
                if wait is None:
                    raise
                logger.info("%s Another try in %.0f s.", error, wait)
                await self._sleep(wait, self._stop)

    async def _on_fetches(self, call: Callable[[], Path | None]) -> Path | None:
        return await self._fetches.run(call, within=_FOREVER_S, stop=self._stop)

    def _tell(self, hour: str, arrived: list[int], done: int, total: int | None) -> None:
        arrived[0] = max(arrived[0], done)
        self._progress(
            ArchiveProgress(
                stage="downloading",
                file=hour,
                files_done=self._ledger.seen,
                files=self._files,
                bytes_done=done,
                bytes_total=total,
            )
        )


class _Halt:
    """A stop flag that the caller's flag or the end of the import sets."""

    def __init__(self, stop: StopFlag | None) -> None:
        self._stop = stop
        self._ended = threading.Event()

    def set(self) -> None:
        """From now on the work should end."""
        self._ended.set()

    def is_set(self) -> bool:
        """Whether the work should end."""
        return self._ended.is_set() or (self._stop is not None and self._stop.is_set())
