"""How long work is asked to stop: a flag that anybody may set and the worker reads.

`threading.Event` is one. Cancelling an asyncio task does not stop a thread, so blocking work looks here instead.
"""

from __future__ import annotations

from typing import Protocol


class StopFlag(Protocol):
    """Something that says whether the work should end now."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...
