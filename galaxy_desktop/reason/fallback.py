"""Several engines as one: the next is asked when one cannot answer, and a sentence says so.

Facts alone come after the last: when nobody can answer, that is a `ModelError` like any other engine's, and the program
goes on without prose. A stop is no failure: nobody else is asked then.

What was heard of an engine that failed in the middle is void; `on_stage` tells so, and the next begins anew.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from galaxy_desktop.domain.inference import Priority, Stage, StageKind
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, GalaxyError, ModelError
from galaxy_desktop.reason.engine import Engine, Generation, OnStage, OnToken, Prompt, Schema
from galaxy_desktop.reason.remote import estimated_tokens

logger = logging.getLogger(__name__)

NOBODY = "No model can be asked, so only facts are shown."
NEVER = threading.Event()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One engine of an order.

    `open` gives the engine, or raises a `GalaxyError` with the sentence why it cannot be asked now; it is called anew for
    every text, since a cap may be reached in the middle of a run. `failed` hears of its errors.
    """

    name: str
    open: Callable[[Prompt, int], Engine]
    failed: Callable[[GalaxyError], None] = lambda _: None


class FallbackEngine:
    """Asks candidates in order; safe to call from any thread. `close` leaves the engines to who owns them."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = tuple(candidates)
        self._lock = threading.Lock()
        self._said: list[str] = []
        self._name = self._candidates[0].name if self._candidates else "nobody"
        self._closed = False

    @property
    def name(self) -> str:
        """The name of the engine that wrote last; before the first text that of the one that is asked first."""
        return self._name

    @property
    def said(self) -> tuple[str, ...]:
        """The sentences about those who could not answer, each once, in order."""
        with self._lock:
            return tuple(dict.fromkeys(self._said))

    def generate(
        self,
        prompt: Prompt,
        *,
        schema: Schema | None = None,
        max_tokens: int = 256,
        stop: StopFlag = NEVER,
        on_token: OnToken | None = None,
        on_stage: OnStage | None = None,
        priority: Priority = Priority.BACKGROUND,
    ) -> Generation:
        """Let the first one write that can.

        Raises:
            CancelledByUserError: `stop` was set.
            ModelError: nobody could; its sentences are those of all of them.
        """
        if self._closed:
            raise ModelError("The model was shut down.")
        errors: list[str] = []
        for number, one in enumerate(self._candidates):
            try:
                engine = one.open(prompt, max_tokens)
                written = engine.generate(
                    prompt, schema=schema, max_tokens=max_tokens, stop=stop, on_token=on_token, on_stage=on_stage,
                    priority=priority,
                )  # fmt: skip
            except CancelledByUserError:
                raise
            except GalaxyError as error:
                one.failed(error)
                if stop.is_set():
                    raise CancelledByUserError from error
                sentence = f"{error} {self._next_words(number)}".strip()
                errors.append(str(error))
                self._tell(sentence, on_stage)
                continue
            with self._lock:
                self._name = engine.name
            return written
        raise ModelError(" ".join(dict.fromkeys([*errors, NOBODY])))

    def count_tokens(self, text: str) -> int:
        """How many tokens the text costs, estimated, since it is not known yet who reads it."""
        return estimated_tokens(text)

    def close(self) -> None:
        """Ask nobody any more."""
        self._closed = True

    def _next_words(self, number: int) -> str:
        left = self._candidates[number + 1 :]
        return f"{left[0].name} is asked instead." if left else ""

    def _tell(self, sentence: str, on_stage: OnStage | None) -> None:
        logger.info("%s", sentence)
        with self._lock:
            self._said.append(sentence)
        if on_stage is not None:
            on_stage(Stage(StageKind.QUEUED, why=sentence))
