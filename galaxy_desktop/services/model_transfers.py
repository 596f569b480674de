"""The queue of downloads, imports and checks: one thread, one at a time, each of them paused or ended by its name.

One at a time, because two downloads share one line and two hashes share one disk. The thread starts with the first job
and ends with the last one, so a program that transfers nothing has none.

What a person decides holds at once and for good. A pause is written down before the connection is closed, so it is
still one after a restart; a cancel deletes what came. A download that was running when the program ended goes on with
the next start; one for which the network is switched off waits until it is on again. Whatever ends a download is said
in a sentence, never only logged.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from galaxy_desktop.domain.models import Transfer, TransferKind, TransferState
from galaxy_desktop.errors import CancelledByUserError, GalaxyError, ModelError, NetworkOffError
from galaxy_desktop.reason.catalog import Catalog, Entry
from galaxy_desktop.reason.downloads import Answer, Means, News
from galaxy_desktop.reason.folder_lock import alone_with, is_held
from galaxy_desktop.reason.model_files import ModelDownload, Taking, forget_begun, take_in, verify
from galaxy_desktop.reason.pace import LOOK_S, Pace, Speed, seconds_left
from galaxy_desktop.services.model_intents import Intent, Intents

logger = logging.getLogger(__name__)

TELL_EVERY_S = 0.25
IMPORTS = "import"
"""The lock of all imports: they share the list of own models."""
BUG = "It stopped because of a fault of the program; the log has the details. What came is kept; try again."
NETWORK_OFF = "The network is switched off. The download goes on when it is switched on again."
INTERRUPTED = "It goes on with the next start of the window, or when it is resumed."
ELSEWHERE = "Another Galaxy Desktop is downloading it just now."


class ClosableTransport(Protocol):
    """A way to servers whose reading can be ended from another thread."""

    def ask(self, url: str, headers: Mapping[str, str]) -> Answer:
        """The answer to a request."""
        ...

    def end_now(self) -> None:
        """End the read that is under way."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What transfers need of the program, asked anew each time so that Settings hold at once.

    `limit` is in bytes a second (0 for none), `mirrors` are base addresses, `connect` makes a transport for one run.
    """

    folder: Path
    catalog: Callable[[], Catalog]
    connect: Callable[[], ClosableTransport]
    limit: Callable[[], int]
    mirrors: Callable[[], tuple[str, ...]]
    now: Callable[[], datetime]
    seconds: Callable[[], float] = time.monotonic
    free: Callable[[Path], int] | None = None


@dataclass(eq=False)
class _Job:
    """One transfer: what is to be done, the flag that ends it, and why it was ended."""

    name: str
    kind: TransferKind
    source: Path | None = None
    link: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    why: TransferState | None = None
    transport: ClosableTransport | None = None


class Transfers:
    """The queue; every method may be called on any thread, and none of them waits for a transfer."""

    def __init__(self, around: Surroundings, publish: Callable[[Transfer], None]) -> None:
        """`publish` hears of every step, on the thread of the transfer or of whoever asked for something."""
        self._around = around
        self._publish = publish
        self._lock = threading.RLock()
        self._queue: list[_Job] = []
        self._running: _Job | None = None
        self._waiting: dict[str, _Job] = {}
        self._known: dict[str, Transfer] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    # --- what is known

    def of(self, name: str) -> Transfer | None:
        """The last news of a model's transfer in this run of the program, else what an earlier run left behind."""
        with self._lock:
            known = self._known.get(name)
        return known or self._left_behind(name)

    def _left_behind(self, name: str) -> Transfer | None:
        folder = self._around.folder
        intent = Intents(folder).read(name)
        if intent is None:
            return None
        left = Transfer(name=name, kind=TransferKind.DOWNLOAD, state=intent.state, sentence=intent.sentence)
        if intent.state is not TransferState.RUNNING:
            return left
        if is_held(folder, name):
            return replace(left, sentence=ELSEWHERE)
        return replace(left, state=TransferState.PAUSED, sentence=INTERRUPTED)

    # --- what a person asks for

    def download(self, name: str) -> None:
        """Fetch a model, or go on with it; raises `StoreError` when nothing can be written."""
        self._start(_Job(name, TransferKind.DOWNLOAD))

    def take_in(self, source: Path, *, link: bool = False) -> None:
        """Make a file a model; its news go under the file's name."""
        self._start(_Job(source.name, TransferKind.IMPORT, source=source, link=link))

    def verify(self, name: str) -> None:
        """Read the files of a model again."""
        self._start(_Job(name, TransferKind.VERIFY))

    def pause(self, name: str) -> None:
        """Stop a download and keep what came, until it is resumed; holds over restarts.

        Raises:
            ModelError: another program is downloading it.
            StoreError: the decision cannot be written down.
        """
        with self._lock:
            known = self.of(name)
            if known is not None and known.kind is not TransferKind.DOWNLOAD:
                self._end(name, TransferState.CANCELLED)  # what is quickly begun again has no pause
                return
            if not self._is_running(name) and is_held(self._around.folder, name):
                raise ModelError(f"{ELSEWHERE} Pause it there.")
            self._keep(name, TransferState.PAUSED)
            self._end(name, TransferState.PAUSED)
            self._tell(self._standing(name, TransferState.PAUSED))

    def cancel(self, name: str) -> None:
        """End a transfer for good; of a download everything that came is deleted.

        Raises:
            ModelError: another program is downloading it.
        """
        with self._lock:
            if not self._end(name, TransferState.CANCELLED):
                self._forget(name)
            # Where it runs, its thread deletes what came as soon as it has let go of it.
            self._tell(self._standing(name, TransferState.CANCELLED, done=0))

    def network_switched(self, *, on: bool) -> None:
        """The network was switched: go on with what waited for it."""
        if on:
            with self._lock:
                waiting, self._waiting = list(self._waiting.values()), {}
            for job in waiting:
                self._start(job)

    def recall(self) -> None:
        """Go on with the downloads that were running when the program ended."""
        catalog = self._around.catalog()
        wanted = [(intent.asked_at, entry.name) for entry, intent in self._intents(catalog)]
        for _, name in sorted(wanted):
            if not is_held(catalog.folder, name):
                self._start(_Job(name, TransferKind.DOWNLOAD))

    @staticmethod
    def _intents(catalog: Catalog) -> list[tuple[Entry, Intent]]:
        kept = [(entry, Intents(catalog.folder).read(entry.name)) for entry in catalog.entries]
        return [(entry, intent) for entry, intent in kept if intent and intent.state is TransferState.RUNNING]

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits for its turn."""
        with self._lock:
            return self._running is not None or bool(self._queue)

    def wait_for(self, name: str) -> None:
        """Wait until the job of that name has let go of its files; for one that was asked to end."""
        while self._is_running(name):
            time.sleep(LOOK_S)

    def wait(self) -> None:
        """Wait until nothing runs any more; for commands and tests."""
        while (thread := self._thread) is not None and thread.is_alive():
            thread.join(0.1)

    def close(self) -> None:
        """End what runs, keeping it for the next start, and join the thread; blocking."""
        with self._lock:
            self._closed = True
            self._queue.clear()
            running, thread = self._running, self._thread
            if running is not None:
                _interrupt(running)
        if thread is not None:
            thread.join()

    # --- the queue

    def _start(self, job: _Job) -> None:
        """Queue a job; one of that name that waits or runs already is left alone."""
        if job.kind is TransferKind.DOWNLOAD:
            self._keep(job.name, TransferState.RUNNING)
        with self._lock:
            known = [*self._queue, *([self._running] if self._running else [])]
            if self._closed or any(one.name == job.name and one.why is None for one in known):
                return
            fresh = _anew(job)
            self._waiting.pop(job.name, None)
            self._queue.append(fresh)
            self._tell(self._standing(job.name, TransferState.QUEUED, kind=job.kind))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="galaxy-models", daemon=False)
                self._thread.start()

    def _is_running(self, name: str) -> bool:
        running = self._running
        return running is not None and running.name == name

    def _end(self, name: str, why: TransferState) -> bool:
        """Take a job out of the queue, or ask it to end; whether it runs and will end by itself now."""
        with self._lock:
            self._waiting.pop(name, None)
            self._queue = [one for one in self._queue if one.name != name]
            running = self._running
            if running is not None and running.name == name:
                running.why = why
                _interrupt(running)
                return True
        return False

    def _work(self) -> None:
        """The thread: one job after the other until there is none."""
        while True:
            with self._lock:
                self._running = self._queue.pop(0) if self._queue else None
                if self._running is None:
                    self._thread = None
                    return
                job = self._running
            ended = self._carry_out(job)
            with self._lock:
                self._running = None
                again = any(one.name == job.name for one in self._queue)
                if not again:
                    self._tell(ended)

    def _carry_out(self, job: _Job) -> Transfer:
        """Do one job; how it ended."""
        try:
            if job.kind is TransferKind.DOWNLOAD:
                return self._download(job)
            return self._take_in(job) if job.kind is TransferKind.IMPORT else self._verify(job)
        except CancelledByUserError:
            return self._ended_by_a_person(job)
        except GalaxyError as error:
            return self._gave_up(job, error)
        except Exception:
            logger.exception("The %s of %s failed", job.kind, job.name)
            return self._failed(job, BUG)

    def _gave_up(self, job: _Job, error: GalaxyError) -> Transfer:
        """What a foreseen failure means: a connection that a person ended broke off for that reason and no other."""
        if job.stop.is_set():
            return self._ended_by_a_person(job)
        if isinstance(error, NetworkOffError):
            with self._lock:
                self._waiting[job.name] = job
            return replace(self._standing(job.name, TransferState.WAITING, NETWORK_OFF), exit_code=error.exit_code)
        return self._failed(job, str(error), error.exit_code)

    def _download(self, job: _Job) -> Transfer:
        catalog = self._around.catalog()
        entry = catalog.find(job.name)
        with self._lock:
            if job.stop.is_set():
                raise CancelledByUserError("Stopped.")
            self._keep(job.name, TransferState.RUNNING)
        with alone_with(catalog.folder, job.name):
            job.transport = transport = self._around.connect()
            try:
                pace = Pace(self._around.limit, job.stop)
                means = Means(transport=transport, pace=pace, stop=job.stop, told=self._teller(job))
                if self._around.free is not None:
                    means = replace(means, free=self._around.free)
                found = ModelDownload(catalog, entry, self._around.mirrors(), means).run()
            finally:
                job.transport = None
                transport.close()
            Intents(catalog.folder).forget(job.name)
        said = f"{found.title} is on this computer now, checked."
        return self._standing(job.name, TransferState.DONE, said, done=found.bytes, total=found.bytes)

    def _take_in(self, job: _Job) -> Transfer:
        catalog = self._around.catalog()
        if job.source is None:
            raise ModelError("There is no file to import. Choose one.")
        taking = Taking(stop=job.stop, told=self._teller(job), today=self._around.now().date().isoformat())
        if self._around.free is not None:
            taking = replace(taking, free=self._around.free)
        with alone_with(catalog.folder, IMPORTS):
            entry = take_in(job.source, catalog, taking, link=job.link)
        Intents(catalog.folder).forget(entry.name)
        with self._lock:
            self._known.pop(entry.name, None)
        said = f"{job.source.name} is here now, as {entry.title} ({entry.name})."
        return self._standing(job.name, TransferState.DONE, said, done=entry.bytes, total=entry.bytes)

    def _verify(self, job: _Job) -> Transfer:
        catalog = self._around.catalog()
        entry = catalog.find(job.name)
        if not any(catalog.path_of(entry.name, file).is_file() for file in entry.files):
            raise ModelError(f"{entry.title} is not on this computer, so there is nothing to check.")
        with alone_with(catalog.folder, job.name):
            wrong = verify(catalog, job.name, job.stop, self._teller(job))
        if wrong:
            again = "Type: python3 installer setup" if entry.package else "Download or import it again."
            return self._failed(job, f"{' '.join(wrong)} {again}")
        said = f"{entry.title} is undamaged: its SHA-256 is the one expected."
        return self._standing(job.name, TransferState.DONE, said, done=entry.bytes, total=entry.bytes)

    # --- ends

    def _ended_by_a_person(self, job: _Job) -> Transfer:
        if job.why is TransferState.CANCELLED and job.kind is TransferKind.DOWNLOAD:
            try:
                self._forget(job.name)
            except (GalaxyError, OSError) as error:
                return self._standing(job.name, TransferState.FAILED, f"What came could not be deleted: {error}")
            return self._standing(job.name, TransferState.CANCELLED)
        paused = job.kind is TransferKind.DOWNLOAD
        return self._standing(job.name, TransferState.PAUSED if paused else TransferState.CANCELLED)

    def _failed(self, job: _Job, sentence: str, exit_code: int = 1) -> Transfer:
        # Where another program is at work on it, what is written down is how it goes there.
        if job.kind is TransferKind.DOWNLOAD and not is_held(self._around.folder, job.name):
            self._keep(job.name, TransferState.FAILED, sentence)
        return replace(self._standing(job.name, TransferState.FAILED, sentence), exit_code=exit_code)

    def _forget(self, name: str) -> None:
        """Delete what came of a download, and that it was wanted."""
        catalog = self._around.catalog()
        known = next((entry for entry in catalog.entries if entry.name == name), None)
        if known is None:
            return
        with alone_with(catalog.folder, name):
            Intents(catalog.folder).forget(name)
            forget_begun(catalog, known)

    def _keep(self, name: str, state: TransferState, sentence: str = "") -> None:
        intents = Intents(self._around.folder)
        before = intents.read(name)
        if before is None and state is TransferState.PAUSED and self.of(name) is None:
            return  # there is nothing to pause
        asked_at = before.asked_at if before else self._around.now().isoformat()
        intents.keep(name, Intent(state, asked_at, sentence))

    # --- news

    def _standing(
        self, name: str, state: TransferState, sentence: str = "", *, kind: TransferKind | None = None, done: int = 0,
        total: int = 0,
    ) -> Transfer:  # fmt: skip
        with self._lock:
            before = self._known.get(name)
        base = before or Transfer(name=name, kind=kind or TransferKind.DOWNLOAD, state=state)
        return replace(
            base,
            kind=kind or base.kind,
            state=state,
            stage="",
            sentence=sentence,
            exit_code=0,
            speed=None,
            seconds_left=None,
            done=done or base.done,
            total=total or base.total,
        )

    def _tell(self, transfer: Transfer) -> None:
        with self._lock:
            self._known[transfer.name] = transfer
        self._publish(transfer)

    def _teller(self, job: _Job) -> Callable[[News], None]:
        """Tells of progress a few times a second, and of every change of what is done."""
        last, speeds = [("", -TELL_EVERY_S)], {"": Speed(self._around.seconds)}

        def tell(news: News) -> None:
            at = self._around.seconds()
            stage, told_at = last[0]
            if news.stage not in speeds:  # what was read from the disk or waited for says nothing about the line
                speeds.clear()
                speeds[news.stage] = Speed(self._around.seconds)
            if job.stop.is_set() or (stage == news.stage and at - told_at < TELL_EVERY_S and news.done < news.total):
                return
            last[0] = (news.stage, at)
            pace = speeds[news.stage].at(news.done)
            self._tell(
                Transfer(
                    name=job.name,
                    kind=job.kind,
                    state=TransferState.WAITING if news.sentence else TransferState.RUNNING,
                    stage=news.stage,
                    done=news.done,
                    total=news.total,
                    speed=None if news.sentence else pace,
                    seconds_left=None if news.sentence else seconds_left(news.done, news.total, pace),
                    host=news.host,
                    sentence=news.sentence,
                )
            )

        return tell


def _anew(job: _Job) -> _Job:
    """The same job with a flag of its own: the old one was raised."""
    return _Job(job.name, job.kind, source=job.source, link=job.link)


def _interrupt(job: _Job) -> None:
    job.stop.set()
    transport = job.transport
    if transport is not None:
        transport.end_now()
