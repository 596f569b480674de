"""llama.cpp itself: weights and one context behind a dozen calls, on the thread that made them.

The low-level bindings are used rather than `llama_cpp.Llama`, for four reasons. Loading can be cancelled (the
progress callback answers "no"). Evaluating a prompt can be cancelled between two tensors. The cache of keys and values
can hold several texts that share their beginning, so that nothing is read twice. And nothing redirects the process's
stdout for a moment, as that class does, while another thread may be printing the answer of a command.

The odd choice: the abort callback is the C library's `strlen`, and the flag is the text it measures: empty means go
on, one letter means stop. llama.cpp asks several hundred times a token; a Python callback would take the interpreter
lock each time, and a busy interpreter would make the model crawl.
"""

from __future__ import annotations

import ctypes
import importlib
import logging
import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from galaxy_desktop.domain.models import GraphicsDevice
from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason.engine import Prompt

logger = logging.getLogger(__name__)

BATCH = 256
"""The most tokens of a prompt that are evaluated at once; the buffers are made for so many."""
SEQUENCES = 8
"""Texts that may lie in the cache side by side; the last number is kept free for short work."""
SPARE = SEQUENCES - 1
ABORTED, NO_ROOM = 2, 1
OWN_GPU, SHARED_GPU = 1, 2
GRAPHICS = (OWN_GPU, SHARED_GPU)
"""How llama.cpp numbers the kinds of devices."""
LOG_ERROR = 4
PIECE_BYTES = 512
PIECE_OF_FILE = 8 * 1024 * 1024
BOUNDARY_SLACK = 2
"""A text cut in two may have other tokens just before the cut: so many are not counted as its beginning."""


class InterruptedByAbortError(Exception):
    """The abort flag was raised while llama.cpp was evaluating; what was done before it still holds."""


class EvaluationError(ModelError):
    """llama.cpp failed in the middle of a text: the sequence is forgotten, the weights may be in order."""


class NoRoomError(Exception):
    """The cache of keys and values is full."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """How weights are brought into memory; `gpu_layers` of them onto a graphics processor.

    `mapped` maps the file instead of copying it, `repacked` lets llama.cpp lay the weights out anew for this processor.
    Both together keep two copies. Mapped and not repacked loads an 8B in half a second instead of five, reads prompts
    faster here and leaves memory that the system can take back: docs/engine.md has the measurements.
    """

    context_tokens: int
    threads: int = 1
    gpu_layers: int = 0
    mapped: bool = True
    repacked: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The tokens of a prompt, and after how many of them a part ends that other prompts begin with as well."""

    tokens: tuple[int, ...]
    boundaries: tuple[int, ...] = ()


class Weights:
    """Loaded weights with one context; every call must come from the thread that constructed it."""

    def __init__(
        self, path: Path, loading: Loading, *, abort: AbortFlag, on_progress: Callable[[float], None] = lambda _: None
    ) -> None:
        """Load; raises `CancelledByUserError` soon after `abort` is set, `ModelError` with a sentence otherwise."""
        self._llama: Any = importlib.import_module("llama_cpp")
        self._abort = abort
        self._closing = ExitStack()
        self._keep: list[Any] = []
        self.context_tokens = loading.context_tokens
        with ExitStack() as undo:
            undo.callback(self.close)
            _start_library(self._llama)
            self._model = self._load(path, loading, on_progress)
            self.vocabulary = self._llama.llama_model_get_vocab(self._model)
            self.words: int = self._llama.llama_vocab_n_tokens(self.vocabulary)
            self._context = self._make_context(loading.threads)
            self._memory = self._llama.llama_get_memory(self._context)
            self._template = self._llama.llama_model_chat_template(self._model, None) or b"chatml"
            self._batch = self._make_batch()
            undo.pop_all()

    def close(self) -> None:
        """Free everything, in the order llama.cpp wants: context before weights."""
        self._closing.close()

    @property
    def shares(self) -> bool:
        """Whether texts in the cache can share their beginning and be cut anywhere; recurrent models cannot."""
        recurrent = self._llama.llama_model_is_recurrent(self._model)
        return not (recurrent or self._llama.llama_model_is_hybrid(self._model))

    def set_threads(self, writing: int, reading: int) -> None:
        """How many threads write tokens, and how many evaluate prompts."""
        self._llama.llama_set_n_threads(self._context, writing, reading)

    def _load(self, path: Path, loading: Loading, on_progress: Callable[[float], None]) -> Any:
        if loading.mapped:
            self._fetch(path, on_progress)
        parameters = self._llama.llama_model_default_params()
        parameters.n_gpu_layers = loading.gpu_layers
        mode = self._llama.LLAMA_LOAD_MODE_MMAP if loading.mapped else self._llama.LLAMA_LOAD_MODE_NONE
        parameters.load_mode = mode
        parameters.use_extra_bufts = loading.repacked

        def go_on(share: float, _: object) -> bool:
            if not loading.mapped:
                on_progress(share)
            return not self._abort.is_set()

        callback = self._llama.llama_progress_callback(go_on)
        parameters.progress_callback = callback
        model = self._llama.llama_model_load_from_file(os.fsencode(path), parameters)
        if not model:
            if self._abort.is_set():
                raise CancelledByUserError
            logger.info("llama.cpp could not load %s: %s", path.name, "; ".join(_complaints))
            raise ModelError(
                f"The model file {path.name} cannot be loaded: it is damaged or incomplete. Download or import it again."
            )
        self._closing.callback(self._llama.llama_model_free, model)
        return model

    def _fetch(self, path: Path, on_progress: Callable[[float], None]) -> None:
        """Bring the file into the system's cache, from where mapping it takes no time.

        llama.cpp would do so within one call that nobody can cancel and that tells nothing meanwhile.
        """
        piece, done, whole = bytearray(PIECE_OF_FILE), 0, max(1, path.stat().st_size)
        try:
            with path.open("rb", buffering=0) as file:
                while count := file.readinto(piece):
                    if self._abort.is_set():
                        raise CancelledByUserError
                    done += count
                    on_progress(min(1.0, done / whole))
        except OSError as error:
            raise ModelError(
                f"The model file {path.name} cannot be read ({error.strerror or error}). Check the disk, or fetch it again."
            ) from error

    def _make_context(self, threads: int) -> Any:
        parameters = self._llama.llama_context_default_params()
        trained = self._llama.llama_model_n_ctx_train(self._model)
        self.context_tokens = min(self.context_tokens, trained) if trained > 0 else self.context_tokens
        parameters.n_ctx = self.context_tokens
        parameters.n_batch = parameters.n_ubatch = BATCH
        parameters.n_seq_max = SEQUENCES
        parameters.n_outputs_max = SEQUENCES
        parameters.kv_unified = True
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

    def _make_batch(self) -> Any:
        batch = self._llama.llama_batch_init(BATCH, 0, 1)
        self._closing.callback(self._llama.llama_batch_free, batch)
        return batch

    # --- text and tokens

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """The tokens of a text; with `special` the marks of the chat template are understood as such."""
        raw = text.encode("utf-8")
        room = len(raw) + 8
        found = (self._llama.llama_token * room)()
        count = self._llama.llama_tokenize(self.vocabulary, raw, len(raw), found, room, special, special)
        return list(found[:count])

    def reading(self, prompt: Prompt) -> Reading:
        """The tokens of a prompt in the model's own chat form, and where its unchanging parts end.

        Marks of the template inside outside text would end the user's turn early, so they are broken up first.
        """
        system, user = _disarmed(prompt.system), _disarmed(prompt.user)
        stable = _disarmed(prompt.user[: prompt.stable])
        text = self._chat(system, user)
        tokens = self.tokens(text, special=True)
        ends = [at + len(part) for part in (system, stable) if part and (at := text.find(part)) >= 0]
        cuts = (self._boundary(text[:end], tokens) for end in ends)
        return Reading(tuple(tokens), tuple(sorted({cut for cut in cuts if 0 < cut < len(tokens)})))

    def _chat(self, system: str, user: str) -> str:
        raw = [(b"system", system.encode("utf-8")), (b"user", user.encode("utf-8"))]
        messages = (self._llama.llama_chat_message * 2)(*[self._llama.llama_chat_message(r, t) for r, t in raw])
        room = 2 * sum(len(t) for _, t in raw) + 1024
        buffer = ctypes.create_string_buffer(room)
        written = self._llama.llama_chat_apply_template(self._template, messages, 2, True, buffer, room)
        if written < 0:
            written = self._llama.llama_chat_apply_template(b"chatml", messages, 2, True, buffer, room)
        return buffer.raw[:written].decode("utf-8")

    def _boundary(self, beginning: str, tokens: Sequence[int]) -> int:
        """After how many tokens a beginning of the text ends: a number that does not depend on what follows it."""
        cut = len(self.tokens(beginning, special=True)) - BOUNDARY_SLACK
        return cut if cut > 0 and list(tokens[:cut]) == self.tokens(beginning, special=True)[:cut] else 0

    def piece(self, token: int) -> bytes:
        """The bytes that a token stands for."""
        buffer = ctypes.create_string_buffer(PIECE_BYTES)
        size = self._llama.llama_token_to_piece(self.vocabulary, token, buffer, PIECE_BYTES, 0, False)
        return buffer.raw[: max(size, 0)]

    def ends(self, token: int) -> bool:
        """Whether the model says with this token that it has finished."""
        return bool(self._llama.llama_vocab_is_eog(self.vocabulary, token))

    # --- evaluation

    def decode(self, tokens: Sequence[int], sequence: int, position: int, *, last: bool = True) -> None:
        """Evaluate at most `BATCH` tokens as the continuation of a sequence.

        The logits of the last token are reckoned when it is the `last` one for now: for the pieces of a prompt before
        that nobody wants them, and with a large vocabulary they cost as much as some layers.

        Raises:
            InterruptedByAbortError: the flag was raised; `length` tells how much of it was done.
            NoRoomError: nothing was done, the cache is full.
            EvaluationError: llama.cpp failed.
        """
        batch, count = self._batch, len(tokens)
        batch.n_tokens = count
        for n, token in enumerate(tokens):
            batch.token[n] = token
            batch.pos[n] = position + n
            batch.n_seq_id[n] = 1
            batch.seq_id[n][0] = sequence
            batch.logits[n] = last and n == count - 1
        answer = self._llama.llama_decode(self._context, batch)
        if answer == 0:
            return
        if answer == NO_ROOM:
            raise NoRoomError
        if answer == ABORTED or self._abort.is_set():
            raise InterruptedByAbortError
        self.cut(sequence, 0)
        raise EvaluationError(
            f"The model stopped in the middle (llama.cpp says {answer}). Try again or choose another model."
        )

    def logits(self) -> Any:
        """The address of the logits of the last token that was evaluated, `words` numbers of 32 bits."""
        return self._llama.llama_get_logits_ith(self._context, -1)

    def wait(self) -> None:
        """Wait until everything asked for is done; only measurements need it."""
        self._llama.llama_synchronize(self._context)

    # --- the cache of keys and values

    def length(self, sequence: int) -> int:
        """How many tokens of a sequence are in the cache."""
        return int(self._llama.llama_memory_seq_pos_max(self._memory, sequence)) + 1

    def cut(self, sequence: int, start: int) -> bool:
        """Forget a sequence from a position on; `False` when this kind of model can only forget all of it."""
        if self._llama.llama_memory_seq_rm(self._memory, sequence, start, -1):
            return True
        self._llama.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return False

    def share(self, source: int, target: int, start: int, end: int) -> None:
        """Let a sequence have the tokens `start` to `end` of another one, without a copy."""
        self._llama.llama_memory_seq_cp(self._memory, source, target, start, end)

    def clear(self) -> None:
        """Forget all sequences."""
        self._llama.llama_memory_clear(self._memory, False)

    def state(self, sequence: int) -> bytes:
        """What llama.cpp knows of a sequence, to be kept in a file; empty when it does not tell."""
        size = self._llama.llama_state_seq_get_size(self._context, sequence)
        buffer = (ctypes.c_uint8 * size)()
        written = self._llama.llama_state_seq_get_data(self._context, buffer, size, sequence)
        return bytes(memoryview(buffer)[:written])

    def set_state(self, sequence: int, state: bytes) -> bool:
        """Put a kept sequence back; `False` when llama.cpp does not take it."""
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        return bool(self._llama.llama_state_seq_set_data(self._context, buffer, len(state), sequence))


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


def offers_gpu() -> bool:
    """Whether this build of llama.cpp can use a graphics processor (Metal, CUDA, Vulkan)."""
    llama: Any = importlib.import_module("llama_cpp")
    return bool(llama.llama_supports_gpu_offload())


def graphics() -> tuple[GraphicsDevice, ...]:
    """The graphics processors that this build of llama.cpp sees, with their memory now; empty where it has none to use.

    Raises:
        ModelError: this build does not tell; then nobody knows how much would fit there.
    """
    return tuple(one for one, kind in _devices() if kind in GRAPHICS) if offers_gpu() else ()


def _devices() -> list[tuple[GraphicsDevice, int]]:
    """Every device of llama.cpp's, the processor too, with its kind."""
    try:
        ggml, base = _ggml("ggml"), _ggml("ggml-base")
        count, get = ggml.ggml_backend_dev_count, ggml.ggml_backend_dev_get
        kind, memory, told = (getattr(base, f"ggml_backend_dev_{what}") for what in ("type", "memory", "description"))
    except (OSError, AttributeError, RuntimeError, ImportError) as error:
        raise ModelError("This build of llama.cpp does not say what its graphics processor has free.") from error
    get.argtypes, get.restype = [ctypes.c_size_t], ctypes.c_void_p
    count.restype, kind.restype, told.restype = ctypes.c_size_t, ctypes.c_int, ctypes.c_char_p
    kind.argtypes = told.argtypes = [ctypes.c_void_p]
    memory.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(ctypes.c_size_t)]
    memory.restype = None
    found = []
    for number in range(count()):
        device, free, total = get(number), ctypes.c_size_t(), ctypes.c_size_t()
        memory(device, ctypes.byref(free), ctypes.byref(total))
        name = " ".join((told(device) or b"").decode("utf-8", "replace").split())[:80] or "unnamed"
        one = GraphicsDevice(name=name, free=free.value, total=total.value, shares_memory=kind(device) == SHARED_GPU)
        found.append((one, kind(device)))
    return found


def _ggml(name: str) -> Any:
    """One of the libraries under llama.cpp."""
    folder = Path(importlib.import_module("llama_cpp").__file__ or "").parent / "lib"
    return importlib.import_module("llama_cpp._ctypes_extensions").load_shared_library(name, folder)


@cache
def version() -> str:
    """Which llama.cpp this is; what was measured or saved with another one is not used."""
    llama: Any = importlib.import_module("llama_cpp")
    return f"llama.cpp {llama.llama_version().decode()} ({llama.__version__})"


def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL("msvcrt" if os.name == "nt" else None)


def _disarmed(text: str) -> str:
    """The text without anything that chat templates use as a mark."""
    return text.replace("<|", "< |").replace("|>", "| >").replace("[INST]", "[ INST]").replace("<s>", "< s>")
