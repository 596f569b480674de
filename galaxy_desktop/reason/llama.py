"""The local model: one thread owns llama.cpp, from loading the weights to freeing them.

llama.cpp is neither reentrant nor glad to be called from many threads, and it needs every core it can get; so
requests queue for one lane. The caller blocks (it is a worker itself) and looks every twentieth of a second whether
somebody wants it to stop. A stop reaches llama.cpp at any stage: in the queue, while weights load, while the prompt
is evaluated, and between two tokens.

The weights load with the first request, not before: facts mode and the first window never pay for them.
"""

from __future__ import annotations

import codecs
import importlib
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason.engine import Generation, OnToken, Prompt, Schema
from galaxy_desktop.reason.native import AbortFlag, Weights, looks_like_weights

logger = logging.getLogger(__name__)

CONTEXT_TOKENS = 4096
LOOK_S = 0.05
HEADROOM = 1.15
HEADROOM_BYTES = 150_000_000
NEVER = threading.Event()


@dataclass(eq=False)
class _Request:
    """One call that waits for the lane, and the promise of its answer."""

    work: Callable[[Weights], Any]
    answer: Future[Any] = field(default_factory=Future)


class LlamaEngine:
    """Generates text with the weights in one GGUF file; safe to call from any thread."""

    def __init__(
        self,
        path: Path,
        name: str,
        *,
        context_tokens: int = CONTEXT_TOKENS,
        threads: int | None = None,
        free_memory: Callable[[], int] | None = None,
    ) -> None:
        self._path = path
        self._name = name
        self._context_tokens = context_tokens
        self._threads = threads
        self._free_memory = free_memory or _free_memory
        self._abort = AbortFlag()
        self._lock = threading.Lock()
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._running: _Request | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self.load_seconds: float | None = None

    @property
    def name(self) -> str:
        """The model's name in the catalog."""
        return self._name

    def generate(
        self,
        prompt: Prompt,
        *,
        schema: Schema | None = None,
        max_tokens: int = 256,
        stop: StopFlag = NEVER,
        on_token: OnToken | None = None,
    ) -> Generation:
        """Write an answer to the prompt, constrained to the JSON texts of `schema` when one is given."""
        written: Generation = self._ask(lambda weights: _generate(weights, prompt, schema, max_tokens, on_token), stop)
        return written

    def count_tokens(self, text: str) -> int:
        """How many tokens the text costs; loads the weights when they are not in memory yet."""
        counted: int = self._ask(lambda weights: len(weights.tokens(text)), NEVER)
        return counted

    def close(self) -> None:
        """Abort what runs, refuse what waits, free the weights and join the thread; may be called twice."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
            self._abort.set()
        if thread is not None:
            self._requests.put(None)
            thread.join()

    def _ask(self, work: Callable[[Weights], Any], stop: StopFlag) -> Any:
        """Queue a request, and wait for its answer or for somebody to stop it."""
        request = _Request(work)
        self._enqueue(request)
        while not stop.is_set():
            try:
                return request.answer.result(timeout=LOOK_S)
            except NotYetError:
                if request.answer.done():
                    raise
        self._drop(request)
        raise CancelledByUserError

    def _enqueue(self, request: _Request) -> None:
        with self._lock:
            if self._closed:
                raise ModelError("The model was shut down.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._own, name=f"model-{self._name}", daemon=False)
                self._thread.start()
            self._requests.put(request)

    def _drop(self, request: _Request) -> None:
        """Withdraw a request that waits; abort it and wait for its end when it runs."""
        if request.answer.cancel():
            return
        with self._lock:
            if self._running is request:
                self._abort.set()
        request.answer.exception()

    def _own(self) -> None:
        """The thread: load at the first request, answer one after the other, free at the end."""
        weights: Weights | None = None
        while (request := self._requests.get()) is not None:
            if not self._begin(request):
                continue
            try:
                weights = weights or self._load()
                request.answer.set_result(request.work(weights))
            except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the one who asked
                request.answer.set_exception(error)
            finally:
                with self._lock:
                    self._running = None
        if weights is not None:
            weights.close()

    def _begin(self, request: _Request) -> bool:
        """Take a request up, unless it was withdrawn or the engine is closing."""
        with self._lock:
            if not request.answer.set_running_or_notify_cancel():
                return False
            if self._closed:
                request.answer.set_exception(CancelledByUserError())
                return False
            self._running = request
            self._abort.clear()
            return True

    def _load(self) -> Weights:
        """Load the weights, after the checks that can explain themselves in a sentence."""
        begun = time.monotonic()
        self._check_file()
        weights = Weights(
            self._path, context_tokens=self._context_tokens, threads=self._threads or _spare_cores(), abort=self._abort
        )
        self.load_seconds = time.monotonic() - begun
        logger.info("loaded %s in %.1f s", self._name, self.load_seconds)
        return weights

    def _check_file(self) -> None:
        if not self._path.is_file():
            raise ModelError(f"The model {self._name} is not on this computer. Fetch it in Settings.")
        if not looks_like_weights(self._path):
            raise ModelError(f"The file {self._path.name} is not a GGUF model. Fetch it again.")
        needed = int(self._path.stat().st_size * HEADROOM) + HEADROOM_BYTES
        free = self._free_memory()
        if free < needed:
            raise ModelError(
                f"The model {self._name} needs {needed / 1e9:.1f} GB of free memory and {free / 1e9:.1f} GB are free. "
                "Close other programs or choose a smaller model."
            )


def _generate(
    weights: Weights, prompt: Prompt, schema: Schema | None, max_tokens: int, on_token: OnToken | None
) -> Generation:
    begun = time.monotonic()
    tokens = weights.prompt_tokens(prompt)
    if len(tokens) + max_tokens > weights.context_tokens:
        raise ModelError(
            f"The text for the model is too long: {len(tokens)} tokens, and it can read "
            f"{weights.context_tokens - max_tokens} of them."
        )
    reused = weights.read(tokens)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text, written = "", 0
    with closing(weights.write(max_tokens, schema)) as pieces:
        for piece in pieces:
            written += 1
            fresh = decoder.decode(piece)
            text += fresh
            if fresh and on_token is not None:
                on_token(fresh)
    return Generation(text, len(tokens), written, time.monotonic() - begun, written < max_tokens, reused)


def _spare_cores() -> int:
    """All real cores but one.

    llama.cpp's threads wait for each other at every layer: as soon as one of them shares its core with somebody else,
    all are slow. Measured on two busy cores: 12 tokens a second with two threads, 84 with one.
    """
    psutil: Any = importlib.import_module("psutil")
    return max(1, int(psutil.cpu_count(logical=False) or (os.cpu_count() or 2) // 2) - 1)


def _free_memory() -> int:
    psutil: Any = importlib.import_module("psutil")
    return int(psutil.virtual_memory().available)
