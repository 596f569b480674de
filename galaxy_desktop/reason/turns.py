"""Who has the model next: a queue with classes, in which nobody starves; pure, without clocks and threads.

The higher class goes first, within a class the one that came first. Whoever has the model gives it up when somebody of
a higher class comes, and goes on later where it was: it waits at the head of its class.

Nobody starves, because being passed over is counted: after `MOST_PASSED_OVER` times an entry gets a slice of the
model's time all the same, `SLICE_STEPS` long, during which it may not be interrupted. So a person who asks one question
after the other waits a few seconds longer for every fifth answer, and background work still gets done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from galaxy_desktop.domain.inference import Priority

MOST_PASSED_OVER = 4
SLICE_STEPS = 24
"""Tokens written, or pieces of a prompt read."""

Work = TypeVar("Work")


@dataclass(eq=False, slots=True)
class Turn(Generic[Work]):
    """One piece of work in the queue; `number` is its place in the order in which work came."""

    work: Work
    priority: Priority
    number: int
    passed_over: int = 0
    slice_left: int = 0

    def step(self) -> None:
        """One step of the slice was taken."""
        self.slice_left = max(0, self.slice_left - 1)


class Turns(Generic[Work]):
    """The queue; whoever shares it between threads holds a lock around every call."""

    def __init__(self) -> None:
        self._waiting: list[Turn[Work]] = []
        self._count = 0

    def __len__(self) -> int:
        """How much work waits."""
        return len(self._waiting)

    def __iter__(self) -> Iterator[Turn[Work]]:
        """What waits, in no order."""
        return iter(tuple(self._waiting))

    def add(self, work: Work, priority: Priority) -> Turn[Work]:
        """New work, behind that of its class."""
        self._count += 1
        turn = Turn(work, priority, self._count)
        self._waiting.append(turn)
        return turn

    def add_again(self, turn: Turn[Work]) -> None:
        """Work that was interrupted: it keeps its number and so its place in front of what came later."""
        turn.slice_left = 0
        self._waiting.append(turn)

    def take(self, at_least: int = Priority.BACKGROUND) -> Turn[Work] | None:
        """The work whose turn it is, among the classes that may run; `None` when there is none."""
        allowed = [turn for turn in self._waiting if turn.priority >= at_least]
        if not allowed:
            return None
        first = min(allowed, key=_order)
        starved = [turn for turn in allowed if turn.passed_over >= MOST_PASSED_OVER]
        chosen = min(starved, key=lambda turn: turn.number) if starved else first
        if chosen is not first:
            chosen.slice_left = SLICE_STEPS
            chosen.passed_over = 0
        for turn in allowed:
            if turn.priority < chosen.priority:
                turn.passed_over += 1
        self._waiting.remove(chosen)
        return chosen

    def ready(self, at_least: int = Priority.BACKGROUND) -> bool:
        """Whether something waits that may run."""
        return any(turn.priority >= at_least for turn in self._waiting)

    def drop(self, is_over: Callable[[Work], bool]) -> list[Work]:
        """Remove and return the work of which nobody wants the answer any more."""
        over = [turn for turn in self._waiting if is_over(turn.work)]
        self._waiting = [turn for turn in self._waiting if turn not in over]
        return [turn.work for turn in over]

    def interrupts(self, running: Turn[Work], at_least: int = Priority.BACKGROUND) -> bool:
        """Whether the one that runs has to make way: for a higher class, or because its class may not run now."""
        if running.priority < at_least:
            return True
        return running.slice_left == 0 and any(turn.priority > running.priority for turn in self._waiting)


def _order(turn: Turn[Work]) -> tuple[int, int]:
    return -turn.priority, turn.number
