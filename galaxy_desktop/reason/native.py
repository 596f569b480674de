"""llama.cpp itself: weights, context and sampler behind four calls, on the thread that made them.

The low-level bindings are used rather than `llama_cpp.Llama`, for three reasons. Loading can be cancelled (the
progress callback answers "no"). Evaluating a prompt can be cancelled between two tensors. And nothing redirects the
process's stdout for a moment, as that class does, while another thread may be printing the answer of a command.

The odd choice: the abort callback is the C library's `strlen`, and the flag is the text it measures: empty means go
on, one letter means stop. llama.cpp asks several hundred times a token; a Python callback would take the interpreter
lock each time, and a busy interpreter would make the model crawl.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import logging
import os
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason.engine import Prompt, Schema

logger = logging.getLogger(__name__)

MAGIC = b"GGUF"
BATCH = 256
ABORTED = 2
LOG_ERROR = 4
PIECE_BYTES = 512


class AbortFlag:
    """A byte that native code reads without asking Python: see the module's story."""

    def __init__(self) -> None:
        self._text = ctypes.create_string_buffer(2)

    @property
    def address(self) -> int:
        """Where the byte lies."""
        return ctypes.addressof(self._text)

    def set(self) -> None:
        """Ask native code to stop."""
        self._text[0] = b"x"

    def clear(self) -> None:
        """Let native code run again."""
        self._text[0] = b"\0"

    def is_set(self) -> bool:
        """Whether native code was asked to stop."""
        return self._text[0] != b"\0"


class Weights:
    """Loaded weights with one context; every call must come from the thread that constructed it."""

    def __init__(self, path: Path, *, context_tokens: int, threads: int, abort: AbortFlag) -> None:
        self._llama: Any = importlib.import_module("llama_cpp")
        self._abort = abort
        self._closing = ExitStack()
        self._cached: list[int] = []
        self._keep: list[Any] = []
        self.context_tokens = context_tokens
        with ExitStack() as undo:
            undo.callback(self.close)
            _start_library(self._llama)
            self._model = self._load(path)
            self._vocabulary = self._llama.llama_model_get_vocab(self._model)
            self._context = self._make_context(threads)
            self._memory = self._llama.llama_get_memory(self._context)
            self._template = self._llama.llama_model_chat_template(self._model, None) or b"chatml"
            undo.pop_all()

    def close(self) -> None:
        """Free everything, in the order llama.cpp wants: context before weights."""
        self._closing.close()

    def _load(self, path: Path) -> Any:
        """Read the weights without mmap: with it llama.cpp keeps a second, repacked copy in memory."""
        parameters = self._llama.llama_model_default_params()
        parameters.n_gpu_layers = 0
        parameters.load_mode = self._llama.LLAMA_LOAD_MODE_NONE
        go_on = self._llama.llama_progress_callback(lambda _share, _data: not self._abort.is_set())
        parameters.progress_callback = go_on
        model = self._llama.llama_model_load_from_file(os.fsencode(path), parameters)
        if not model:
            if self._abort.is_set():
                raise CancelledByUserError
            logger.info("llama.cpp could not load %s: %s", path.name, "; ".join(_complaints))
            raise ModelError(
                f"The model file {path.name} cannot be loaded: it is damaged or incomplete. Fetch it again."
            )
        self._closing.callback(self._llama.llama_model_free, model)
        return model

    def _make_context(self, threads: int) -> Any:
        parameters = self._llama.llama_context_default_params()
        trained = self._llama.llama_model_n_ctx_train(self._model)
        self.context_tokens = min(self.context_tokens, trained) if trained > 0 else self.context_tokens
        parameters.n_ctx = self.context_tokens
        parameters.n_batch = parameters.n_ubatch = BATCH
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.no_perf = True
        measure = ctypes.cast(_c_library().strlen, self._llama.ggml_abort_callback)
        parameters.abort_callback = measure
        parameters.abort_callback_data = self._abort.address
        self._keep.append(measure)
        context = self._llama.llama_init_from_model(self._model, parameters)
        if not context:
            raise ModelError(
                "There is not enough memory for the model's context. Close other programs or choose a smaller model."
            )
        self._closing.callback(self._llama.llama_free, context)
        return context

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of a text; with `special` the marks of the chat template are understood as such."""
        raw = text.encode("utf-8")
        room = len(raw) + 8
        found = (self._llama.llama_token * room)()
        count = self._llama.llama_tokenize(self._vocabulary, raw, len(raw), found, room, special, special)
        return list(found[:count])

    def prompt_tokens(self, prompt: Prompt) -> list[int]:
        """The tokens of a prompt in the model's own chat form.

        Marks of the template inside outside text would end the user's turn early, so they are broken up first.
        """
        parts = [(b"system", prompt.system), (b"user", prompt.user)]
        raw = [(role, _disarmed(text).encode("utf-8")) for role, text in parts]
        messages = (self._llama.llama_chat_message * 2)(*[self._llama.llama_chat_message(r, t) for r, t in raw])
        room = 2 * sum(len(t) for _, t in raw) + 1024
        buffer = ctypes.create_string_buffer(room)
        written = self._llama.llama_chat_apply_template(self._template, messages, 2, True, buffer, room)
        if written < 0:
            written = self._llama.llama_chat_apply_template(b"chatml", messages, 2, True, buffer, room)
        return self.tokens(buffer.raw[:written].decode("utf-8"), special=True)

    def read(self, tokens: Sequence[int]) -> int:
        """Evaluate a prompt, reusing what it shares with the last one; returns how many tokens were reused."""
        shared = _shared(self._cached, tokens)
        reused = min(shared, len(tokens) - 1)
        if not self._llama.llama_memory_seq_rm(self._memory, 0, reused, -1):
            self._llama.llama_memory_clear(self._memory, True)
            reused = 0
        del self._cached[reused:]
        for start in range(reused, len(tokens), BATCH):
            self._decode(tokens[start : start + BATCH])
        return reused

    def write(self, max_tokens: int, schema: Schema | None) -> Generator[bytes, None, None]:
        """Write token after token, most likely first, until the model ends or `max_tokens` are reached."""
        sampler = self._sampler(schema)
        try:
            buffer = ctypes.create_string_buffer(PIECE_BYTES)
            for _ in range(min(max_tokens, self.context_tokens - len(self._cached) - 1)):
                token = self._llama.llama_sampler_sample(sampler, self._context, -1)
                if self._llama.llama_vocab_is_eog(self._vocabulary, token):
                    return
                size = self._llama.llama_token_to_piece(self._vocabulary, token, buffer, PIECE_BYTES, 0, False)
                yield buffer.raw[: max(size, 0)]
                self._decode([token])
        finally:
            self._llama.llama_sampler_free(sampler)

    def _sampler(self, schema: Schema | None) -> Any:
        chain = self._llama.llama_sampler_chain_init(self._llama.llama_sampler_chain_default_params())
        if schema is not None:
            grammar = self._llama.llama_sampler_init_grammar(self._vocabulary, grammar_of(schema).encode(), b"root")
            if not grammar:
                self._llama.llama_sampler_free(chain)
                raise ValueError(f"llama.cpp does not understand this schema: {json.dumps(schema)}")
            self._llama.llama_sampler_chain_add(chain, grammar)
        self._llama.llama_sampler_chain_add(chain, self._llama.llama_sampler_init_greedy())
        return chain

    def _decode(self, tokens: Sequence[int]) -> None:
        array = (self._llama.llama_token * len(tokens))(*tokens)
        answer = self._llama.llama_decode(self._context, self._llama.llama_batch_get_one(array, len(tokens)))
        if answer == 0:
            self._cached.extend(tokens)
            return
        self._llama.llama_memory_clear(self._memory, True)
        self._cached.clear()
        if answer == ABORTED or self._abort.is_set():
            raise CancelledByUserError
        raise ModelError(
            f"The model stopped in the middle (llama.cpp says {answer}). Try again or choose another model."
        )


_complaints: deque[str] = deque(maxlen=20)
"""The last complaints of llama.cpp, which has one log for the whole process."""


@cache
def _start_library(llama: Any) -> Any:
    """Start llama.cpp once, and keep its complaints instead of letting them onto the user's stderr.

    The callback is returned so that the cache keeps it alive: llama.cpp may call it as long as the process lives.
    """

    def hear(level: int, text: bytes, _: object) -> None:
        if level == LOG_ERROR:
            _complaints.append(text.decode("utf-8", "replace").strip())

    callback = llama.llama_log_callback(hear)
    llama.llama_log_set(callback, ctypes.c_void_p(0))
    llama.llama_backend_init()
    return callback


def grammar_of(schema: Schema) -> str:
    """The GBNF grammar that allows exactly the JSON texts of a schema."""
    grammars: Any = importlib.import_module("llama_cpp.llama_grammar")
    return str(grammars.json_schema_to_gbnf(json.dumps(schema)))


def looks_like_weights(path: Path) -> bool:
    """Whether the file begins like a GGUF: anything else would only produce a cryptic complaint."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL("msvcrt" if os.name == "nt" else None)


def _disarmed(text: str) -> str:
    """The text without anything that chat templates use as a mark."""
    return text.replace("<|", "< |").replace("|>", "| >").replace("[INST]", "[ INST]").replace("<s>", "< s>")


def _shared(old: Sequence[int], new: Sequence[int]) -> int:
    length = 0
    for a, b in zip(old, new, strict=False):
        if a != b:
            break
        length += 1
    return length
