"""What the rest of the program knows about a language model: text in, text out, and it can be stopped.

Every engine (llama.cpp here, a remote one later, the fakes of the tests) has this small face. An engine sets no
number and decides nothing: what it writes is checked by `ground` before anybody sees it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from galaxy_desktop.domain.inference import Priority, Stage, StopReason
from galaxy_desktop.domain.stopping import StopFlag

Schema = Mapping[str, Any]
OnToken = Callable[[str], None]
OnStage = Callable[[Stage], None]
Parameters = Mapping[str, int | float | str | bool]
"""What a generation was made with, beside prompt and model: enough to make it again. Plain JSON values."""

GREEDY_SEED = 0
"""The most likely token is always taken: nothing is drawn, so every seed gives the same text."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model reads: the part that stays the same comes first, so that its evaluation can be reused.

    `system` stays the same from run to run, the first `stable` characters of `user` from question to question.
    `version` is that of the prompt's file, for the record.
    """

    system: str
    user: str
    stable: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class Generation:
    """What the model wrote; `complete` is false when it ran into the limit of tokens.

    `tokens_in` counts the whole prompt, `tokens_reused` the beginning of it that was still in memory or was read from
    a saved session. `model` names the weights by their content, not by their file: equal names, equal weights.
    """

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float
    complete: bool = True
    tokens_reused: int = 0
    seed: int = GREEDY_SEED
    parameters: Parameters = field(default_factory=lambda: MappingProxyType({}))
    model: str = ""
    stop_reason: StopReason = StopReason.ENDED
    queued_s: float = 0.0
    """Seconds spent waiting for others, with the time of interruptions; not part of `seconds`."""

    @property
    def tokens_evaluated(self) -> int:
        """Tokens of the prompt that really had to be read."""
        return self.tokens_in - self.tokens_reused


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
        on_stage: OnStage | None = None,
        priority: Priority = Priority.BACKGROUND,
    ) -> Generation:
        """Write; raises `CancelledByUserError` soon after `stop` is set, `ModelError` when it cannot.

        `on_token` and `on_stage` are called from a thread of the engine: they must be quick and must not raise.
        """
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
        self._stood: float | None = None
        self._stop = stop

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return self._now() >= self._until

    @property
    def left(self) -> float:
        """Seconds left, never less than 0."""
        return max(0.0, self._until - self._now())

    def stand_still(self) -> None:
        """Let no time pass until `go_on`: somebody else has what the time is for."""
        if self._stood is None:
            self._stood = self._clock()

    def go_on(self) -> None:
        """Let time pass again."""
        if self._stood is not None:
            self._until += self._clock() - self._stood
            self._stood = None

    def _now(self) -> float:
        stood = self._stood
        return self._clock() if stood is None else stood

    def is_set(self) -> bool:
        """Whether somebody asked to stop or the time is up."""
        return self._stop.is_set() or self.passed
