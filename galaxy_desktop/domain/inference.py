"""Words for the work of a language model: who goes first, what it does just now, and why it ended.

Services, the window and the engine share them; nobody here knows llama.cpp.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Priority(IntEnum):
    """Who goes first at the model: the higher one interrupts the lower one, which goes on afterwards.

    Not the order of the durable job queue (`work_log.Priority`): that decides what is begun, this who has the model.
    """

    BACKGROUND = 0
    """Prose of sprints, proposals: nobody waits for it."""
    ALERT = 1
    """The words of an alert that is about to be shown."""
    QUESTION = 2
    """A person asked and looks at the screen."""


class StopReason(StrEnum):
    """Why the model wrote no more."""

    ENDED = "ended"
    """It came to an end by itself."""
    LIMIT = "limit"
    """It ran into the number of tokens that were allowed."""


class StageKind(StrEnum):
    """What is being done for one request."""

    QUEUED = "queued"
    """Another request has the model."""
    LOADING = "loading"
    """Weights are being read into memory."""
    MEASURING = "measuring"
    """The number of threads and the batch are being tried out; only on the first load."""
    READING = "reading"
    """The prompt is being evaluated."""
    WRITING = "writing"
    """Tokens are being written."""
    PAUSED = "paused"
    """The request was interrupted and goes on later."""


@dataclass(frozen=True, slots=True)
class Stage:
    """News of one request; `share` (0 to 1) is how much of the stage is done, `None` where that is not known.

    `why` is a sentence for the user where there is something to say: why it is paused, why the GPU is not used.
    """

    kind: StageKind
    share: float | None = None
    why: str = ""
