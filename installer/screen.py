"""What a person sees while set-up works: each step, how long it has taken so far, and how it ended.

On a terminal the running step's time ticks in place; elsewhere (a log, a build server) a line a minute is
enough to show that it is alive.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

QUIET_SECONDS = 60


def spell(seconds: float) -> str:
    """A duration as a person writes it: 4 s, 2:05."""
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02d}"


class Screen:
    """Prints to `out`; `clock` counts seconds."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        """Ticks in place only where the output is a terminal."""
        self._out = out
        self._clock = clock
        self._live = out.isatty()
        self._started = 0.0
        self._shown = 0.0
        self._title = ""

    def say(self, text: str) -> None:
        """One line."""
        self._out.write(text + "\n")
        self._out.flush()

    @contextmanager
    def step(self, title: str, why: str = "") -> Iterator[None]:
        """Show a step from its start to its end; an error inside ends its line and goes on up."""
        self._title, self._started, self._shown = title, self._clock(), self._clock()
        self._begin(why)
        try:
            yield
        except BaseException:
            self._end("stopped after")
            raise
        self._end("done in")

    def tick(self) -> None:
        """Called again and again while a step works: bring its time up to date."""
        now = self._clock()
        if self._live:
            self._out.write("\r" + self._line(now))
            self._out.flush()
        elif now - self._shown >= QUIET_SECONDS:
            self._shown = now
            self.say(f"      still working, {spell(now - self._started)} so far")

    def _line(self, now: float) -> str:
        return f"{self._title}: {spell(now - self._started)} "

    def _begin(self, why: str) -> None:
        self.say(self._title if not why else f"{self._title}. {why}")

    def _end(self, word: str) -> None:
        now = self._clock()
        if self._live:
            # Spaces, not an escape code: an old Windows console would print the code.
            self._out.write("\r" + " " * len(self._line(now)) + "\r")
        self.say(f"      {word} {spell(now - self._started)}")
