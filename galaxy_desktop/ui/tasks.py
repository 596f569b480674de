"""Tasks that the window starts: each has an owner, a name, a cancel and a reader of its error.

A bare `create_task` loses its error under qasync; here every failure is read once it happens: cancelled
work is silent, a foreseen failure is shown as its sentence, anything else is logged as a bug and said so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from galaxy_desktop.errors import CancelledByUserError, GalaxyError

log = logging.getLogger(__name__)

Complaint = Callable[[str], None]


class TaskOwner:
    """Starts named tasks; a second task of a name that still runs is not started."""

    def __init__(self, complain: Complaint) -> None:
        self._complain = complain
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._stopped = False

    @property
    def names(self) -> tuple[str, ...]:
        """The tasks under way, in the order they were started."""
        return tuple(self._running)

    def start(self, name: str, work: Coroutine[Any, Any, Any], *, replace: bool = False) -> bool:
        """Run `work` under this name; with `replace`, one of that name that still runs is cancelled first.

        Says whether it was started: after `stop` nothing is.
        """
        earlier = self._running.get(name)
        if self._stopped or (earlier is not None and not replace):
            work.close()
            return False
        if earlier is not None:
            earlier.cancel()
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running[name] = task
        task.add_done_callback(lambda done: self._read(name, done))
        return True

    def cancel(self, name: str) -> None:
        """Ask the task of that name to stop; nothing happens when none runs."""
        task = self._running.get(name)
        if task is not None:
            task.cancel()

    async def rest(self) -> None:
        """Wait until nothing runs; what a task starts when it ends is waited for too."""
        while self._running:
            await asyncio.wait(self._running.values())

    async def stop(self) -> None:
        """Cancel everything, and wait until it has ended."""
        self._stopped = True
        tasks = [t for t in self._running.values() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _read(self, name: str, task: asyncio.Task[Any]) -> None:
        if self._running.get(name) is task:
            del self._running[name]
        if task.cancelled():
            return
        error = task.exception()
        if error is None or isinstance(error, CancelledByUserError):
            return
        if isinstance(error, GalaxyError):
            self._complain(str(error))
            return
        log.error("The task %r failed", name, exc_info=error)
        self._complain(f"Something went wrong in “{name}”. It was written to the log; you can go on working.")
