"""How long work is asked to stop: a flag that anybody may set and the worker reads.

`threading.Event` is one. Cancelling an asyncio task does not stop a thread, so blocking work looks here instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class StopFlag(Protocol):
    """Something that says whether the work should end now."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


@dataclass(frozen=True, slots=True)
class EitherFlag:
    """A stop flag that is set when one of two is."""

    one: StopFlag
    other: StopFlag

    def is_set(self) -> bool:
        """Whether one of them is set."""
        return self.one.is_set() or self.other.is_set()
