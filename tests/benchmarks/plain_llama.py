"""What llama.cpp does without us: the loop of its own `llama-bench`, over the same bindings.

llama-cpp-python builds no `llama-bench`, so its two loops are spelled out here: a prompt is evaluated `at_once` tokens
at a time; then single tokens are, each followed by a wait, without choosing any of them. Nothing else happens: no
text, no grammar, no stopping, no cache shared with other texts. Where a `llama-bench` was built (`LLAMA_BENCH` names
it), `llama_bench` asks the real one for the same figures.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any


class PlainLlama:
    """One model in one context, with llama-bench's own defaults beside threads and batch."""

    def __init__(self, path: Path, *, threads: int, at_once: int, tokens: int, repacked: bool) -> None:
        import llama_cpp

        self._llama: Any = llama_cpp
        self._at_once = at_once
        model = llama_cpp.llama_model_default_params()
        model.n_gpu_layers, model.load_mode, model.use_extra_bufts = 0, llama_cpp.LLAMA_LOAD_MODE_MMAP, repacked
        begun = time.perf_counter()
        self._model: Any = llama_cpp.llama_model_load_from_file(os.fsencode(path), model)
        self.load_s = time.perf_counter() - begun
        context = llama_cpp.llama_context_default_params()
        context.n_ctx = tokens
        context.n_batch = context.n_ubatch = at_once
        context.n_threads = context.n_threads_batch = threads
        self._context: Any = llama_cpp.llama_init_from_model(self._model, context)
        self._words = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self._model))
        self.read(at_once)

    def read(self, tokens: int) -> float:
        """Seconds to evaluate a prompt of so many tokens, from an empty context."""
        self._llama.llama_memory_clear(self._llama.llama_get_memory(self._context), False)
        begun = time.perf_counter()
        for start in range(0, tokens, self._at_once):
            self._decode(min(self._at_once, tokens - start))
        self._llama.llama_synchronize(self._context)
        return time.perf_counter() - begun

    def write(self, tokens: int) -> float:
        """Seconds to evaluate so many single tokens behind what is there."""
        begun = time.perf_counter()
        for _ in range(tokens):
            self._decode(1)
            self._llama.llama_synchronize(self._context)
        return time.perf_counter() - begun

    def close(self) -> None:
        """Free it."""
        self._llama.llama_free(self._context)
        self._llama.llama_model_free(self._model)

    def _decode(self, count: int) -> None:
        tokens = (ctypes.c_int32 * count)(*((n * 7919) % self._words for n in range(count)))
        if self._llama.llama_decode(self._context, self._llama.llama_batch_get_one(tokens, count)):
            raise RuntimeError("llama.cpp could not evaluate")


def llama_bench(path: Path, *, threads: int, at_once: int, read: int, write: int) -> tuple[float, float] | None:
    """Tokens a second (reading, writing behind what was read) of the real llama-bench; `None` where there is none."""
    program = os.environ.get("LLAMA_BENCH", "")
    if not program:
        return None
    words = [
        program, "-m", str(path), "-t", str(threads), "-b", str(at_once), "-ub", str(at_once), "-p", str(read),
        "-n", "0", "-r", "3", "-o", "json", "-nopo", "1", "-ngl", "0",
    ]  # fmt: skip
    reading = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)[0]
    words[words.index("-p") + 1], words[words.index("-n") + 1] = "0", str(write)
    done = subprocess.run([*words, "-d", str(read)], capture_output=True, text=True, check=True)
    return max(reading["samples_ts"]), max(json.loads(done.stdout)[0]["samples_ts"])
