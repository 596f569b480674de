"""Blocking calls out of the graph: threads of our own, and nobody waits for one that does not come back.

LangGraph would run synchronous work in the event loop's default pool, which under qasync belongs to Qt. A call that
ignores its stop flag is left behind after its patience: the run ends without it.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Answer = TypeVar("Answer")
WORKERS = 2
LOOK_S = 0.1


class TooSlowError(Exception):
    """A call was left behind because it did not come back in time."""


class Lane:
    """Two threads for one run of the graph."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="graph")
        self._running: set[asyncio.Future[Any]] = set()

    async def run(
        self,
        work: Callable[[], Answer],
        patience_s: float | None = None,
        more_s: Callable[[], float] = lambda: 0.0,
    ) -> Answer:
        """Do blocking work in a thread; raises `TooSlowError` when it takes longer than the patience.

        `more_s` is asked at the end of the patience: work that had to make way for other work gets more of it.
        """
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        try:
            done, _ = await asyncio.wait({future}, timeout=patience_s)
            while not done and (left_s := more_s()) > 0:
                done, _ = await asyncio.wait({future}, timeout=max(left_s, LOOK_S))
        except asyncio.CancelledError:
            future.add_done_callback(_look_away)
            raise
        if not done:
            future.add_done_callback(_look_away)
            raise TooSlowError
        return future.result()

    async def call(self, work: Callable[[], Answer | Awaitable[Answer]]) -> Answer:
        """Do work that may be a plain function or a coroutine function."""
        if inspect.iscoroutinefunction(work):
            answer: Answer = await work()
            return answer
        done = await self.run(work)
        return await done if inspect.isawaitable(done) else done

    async def close(self, patience_s: float) -> None:
        """Wait for what still runs, not longer than the patience, and let the threads go."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=patience_s)
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_away(future: asyncio.Future[Any]) -> None:
    """Take the error of a call that nobody waits for any more, so that asyncio does not complain about it."""
    if not future.cancelled():
        future.exception()
