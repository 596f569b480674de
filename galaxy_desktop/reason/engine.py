"""What the rest of the program knows about a language model: text in, text out, and it can be stopped.

Every engine (llama.cpp here, a remote one later, the fakes of the tests) has this small face. An engine sets no
number and decides nothing: what it writes is checked by `ground` before anybody sees it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from galaxy_desktop.domain.stopping import StopFlag

Schema = Mapping[str, Any]
OnToken = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model reads: `system` stays the same from run to run, so that its evaluation can be reused."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Generation:
    """What the model wrote; `complete` is false when it ran into the limit of tokens.

    `tokens_in` counts the whole prompt, `tokens_reused` the beginning of it that was still in memory.
    """

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float
    complete: bool = True
    tokens_reused: int = 0


class Engine(Protocol):
    """A language model behind a small face; calls block, and may come from any thread."""

    @property
    def name(self) -> str:
        """The name under which executions are recorded."""
        ...

    def generate(
        self,
        prompt: Prompt,
        *,
        schema: Schema | None,
        max_tokens: int,
        stop: StopFlag,
        on_token: OnToken | None = None,
    ) -> Generation:
        """Write; raises `CancelledByUserError` soon after `stop` is set, `ModelError` when it cannot."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens the text costs."""
        ...

    def close(self) -> None:
        """Stop what runs, free the weights, join the thread."""
        ...


class Deadline:
    """A stop flag that also rises by itself when the time is up, and can tell afterwards which it was."""

    def __init__(self, seconds: float, stop: StopFlag, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = clock() + seconds
        self._stop = stop

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return self._clock() >= self._until

    @property
    def left(self) -> float:
        """Seconds left, never less than 0."""
        return max(0.0, self._until - self._clock())

    def is_set(self) -> bool:
        """Whether somebody asked to stop or the time is up."""
        return self._stop.is_set() or self.passed
