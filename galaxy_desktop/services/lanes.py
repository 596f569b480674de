"""Serial lanes: scarce things are used by one job at a time, and every job has an owner.

`TaskOwner` starts named tasks, reads their errors and cancels them at the end; a bare `create_task` anywhere
else is a bug. `Lane` runs coroutines one after the other. `CallThread` is an executor of its own for blocking
calls: one daemon thread, so that a call that hangs (a stalled server, a name lookup) can be abandoned at a
timeout or a cancel and holds up neither the caller nor the end of the program. Waits look at the stop flag,
so that a cancel takes effect well within a second.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import BrokenAnswerError, CancelledByUserError, GalaxyError

logger = logging.getLogger(__name__)

T = TypeVar("T")
LOOK_S = 0.2
"""How often a wait looks at the stop flag."""

ErrorReader = Callable[[str, BaseException], None]


def log_error(name: str, error: BaseException) -> None:
    """The default reader of errors: foreseen ones as a sentence, bugs with their traceback."""
    if isinstance(error, GalaxyError):
        logger.info("%s: %s", name, error)
    else:
        logger.error("%s failed", name, exc_info=error)


class TaskOwner:
    """Starts tasks, knows them by name, reads their errors, and ends them."""

    def __init__(self, on_error: ErrorReader = log_error) -> None:
        """`on_error` hears of every task that failed, never of one that was cancelled."""
        self._on_error = on_error
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tasks that run now."""
        return tuple(sorted(task.get_name() for task in self._tasks))

    def start(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start a task; its error goes to the reader also when nobody awaits it."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def close(self) -> None:
        """Cancel what runs and wait until it has ended."""
        while self._tasks:
            running = tuple(self._tasks)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            self._tasks.difference_update(running)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, CancelledByUserError):
            self._on_error(task.get_name(), error)


class Lane:
    """Jobs of one scarce thing, one after the other in the order asked."""

    def __init__(self, name: str) -> None:
        """`name` is for people who read the log."""
        self.name = name
        self._turn = asyncio.Lock()
        self.waiting = 0

    async def run(self, job: Callable[[], Awaitable[T]]) -> T:
        """Run a job when those before it are done; cancelling the caller cancels the job."""
        self.waiting += 1
        try:
            async with self._turn:
                return await job()
        finally:
            self.waiting -= 1


class CallThread:
    """A serial executor for blocking calls, on one daemon thread that starts with the first call."""

    def __init__(self, name: str) -> None:
        """`name` is the thread's."""
        self._name = name
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] | None = None
        self._thread: threading.Thread | None = None

    async def run(self, call: Callable[[], T], *, within: float, stop: StopFlag | None = None, sentence: str = "") -> T:
        """The result of a blocking call.

        Raises:
            BrokenAnswerError: it took longer than `within` seconds; the thread is left to itself.
            CancelledByUserError: the stop flag was set meanwhile; likewise.
        """
        future = self._submit(call)
        waiting = asyncio.wrap_future(future)
        deadline = time.monotonic() + within
        try:
            while not waiting.done():
                await asyncio.wait((waiting,), timeout=min(LOOK_S, max(0.0, deadline - time.monotonic())))
                if waiting.done():
                    break
                raise_if_stopped(stop)
                if time.monotonic() >= deadline:
                    raise BrokenAnswerError(sentence or f"{self._name} did not answer within {within:.0f} s.")
        except BaseException:
            waiting.cancel()
            if not future.cancel():
                self._abandon()
            raise
        return waiting.result()

    def close(self) -> None:
        """End the thread after its last call; a later `run` starts a new one."""
        thread = self._thread
        self._abandon()
        if thread is not None:
            thread.join(timeout=1.0)

    def _submit(self, call: Callable[[], T]) -> Future[T]:
        if self._calls is None:
            self._calls = queue.SimpleQueue()
            self._thread = threading.Thread(target=_work, args=(self._calls,), name=self._name, daemon=True)
            self._thread.start()
        future: Future[T] = Future()
        self._calls.put((future, call))
        return future

    def _abandon(self) -> None:
        """Let go of the thread; it ends by itself when its call does."""
        if self._calls is not None:
            self._calls.put(None)
        self._calls = self._thread = None


def _work(calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]) -> None:
    while (asked := calls.get()) is not None:
        future, call = asked
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - the caller gets it, whatever it is
            future.set_exception(error)


def raise_if_stopped(stop: StopFlag | None) -> None:
    """End quietly when a person asked to."""
    if stop is not None and stop.is_set():
        raise CancelledByUserError("Stopped.")


async def pause(seconds: float, stop: StopFlag | None = None) -> None:
    """Wait without blocking, for as long as nobody asks to stop."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        raise_if_stopped(stop)
        await asyncio.sleep(min(LOOK_S, left))
    raise_if_stopped(stop)
