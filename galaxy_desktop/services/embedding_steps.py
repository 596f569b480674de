"""One index brought up to date in steps of about a second, so that whatever else waits gets its turn in between.

What has to be done is found out once, and remembered over the steps; a step of its own finds it out anew after texts
changed. How many texts are embedded at once is learned: a small model takes hundreds in a third of a second, a large one
a single text. So a question that comes in between waits for one small piece at most.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.retrieve.filling import Filling
from galaxy_desktop.retrieve.index import Index
from galaxy_desktop.retrieve.texts import Group

logger = logging.getLogger(__name__)

STEP_S = 1.0
PIECE_S = 0.4
MOST, FIRST = 256, 4
Clock = Callable[[], float]


class Pace:
    """How many texts make a piece of about `PIECE_S` seconds; at most doubled from one to the next."""

    def __init__(self, most: Callable[[], int] = lambda: MOST) -> None:
        """`most` is asked each time: a provider says by its refusals how many it takes."""
        self._most = most
        self._count = FIRST

    @property
    def count(self) -> int:
        """The texts of the next piece."""
        return max(1, min(self._count, self._most()))

    def took(self, texts: int, seconds: float) -> None:
        """So many texts took so long."""
        wanted = round(texts * PIECE_S / max(seconds, 1e-3))
        self._count = max(1, min(wanted, 2 * self._count, MOST))


class Steps:
    """The filling of one index; for one thread at a time, except `texts_changed`."""

    def __init__(self, index: Index, most: Callable[[], int] = lambda: MOST, clock: Clock = time.monotonic) -> None:
        """Looks at nothing yet."""
        self._index = index
        self._clock = clock
        self._pace = Pace(most)
        self._filling: Filling | None = None
        self._again = True
        self._worked_s = 0.0
        self.written = 0
        """How many texts were written or removed since this was asked last (`take_written`)."""

    @property
    def left(self) -> bool:
        """Whether there may be something to do."""
        return self._again or self._filling is not None

    @property
    def done(self) -> int:
        """How many of `total` texts have their vector."""
        return self._filling.done if self._filling is not None else 0

    @property
    def total(self) -> int:
        """How many texts needed a vector, 0 while that is not known."""
        return self._filling.total if self._filling is not None else 0

    @property
    def seconds_left(self) -> float | None:
        """How much work is left at the speed so far, `None` while that is not known."""
        filling = self._filling
        if filling is None or not filling.letters_done:
            return None
        return self._worked_s * (filling.letters - filling.letters_done) / filling.letters_done

    def texts_changed(self) -> None:
        """Find out anew what has to be done, with the next step; what is embedded by then stays."""
        self._again = True

    def take_written(self) -> int:
        """How many texts were written or removed since the last time."""
        written, self.written = self.written, 0
        return written

    def step(self, groups: Callable[[], Iterable[Group]], stop: StopFlag) -> bool:
        """Work for about a second, or find out what is to be done; whether something is left.

        Raises:
            ModelError: the model cannot be used; what was embedded stays, and the next step goes on.
        """
        if self._again or self._filling is None or self._index.is_stale(self._filling):
            self._again, self._worked_s = False, 0.0
            self._filling = self._index.begin(groups())
            if self._filling.left:
                return True
        end = self._clock() + STEP_S
        while not stop.is_set():
            if not self._piece(self._filling):
                if not self._index.is_stale(self._filling):
                    self._filling = None
                return self.left
            if self._clock() >= end:
                return True
        return True

    def _piece(self, filling: Filling) -> bool:
        before, done, began = len(filling.changed) + filling.removed, filling.done, self._clock()
        going_on = self._index.go_on(filling, self._pace.count)
        self.written += len(filling.changed) + filling.removed - before
        took = self._clock() - began
        if filling.total and filling.done > done:
            self._pace.took(filling.done - done, took)
            self._worked_s += took
        return going_on
