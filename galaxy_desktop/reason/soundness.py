"""Everything that is asked of a weights file before llama.cpp gets to see it in our process.

llama.cpp ends the whole process on some damaged files, and a window must not go down with it. Three gates stand before
it. The header is read without believing it (`gguf`). Numbers that a real model could not have are refused. And the
first time a file is used, a process of its own loads it and evaluates one token (`probe`): whatever happens there is
an answer, not the end. What passed is remembered by size, time and content, so it costs a second once.

The memory that it needs is reckoned before anything is loaded.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from galaxy_desktop.domain.models import size
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason import gguf
from galaxy_desktop.reason.memory_need import need_of
from galaxy_desktop.reason.offload import Offload

logger = logging.getLogger(__name__)

SAMPLES, SAMPLE_BYTES, ENDS_BYTES = 16, 64 * 1024, 2 * 1024 * 1024
MOST_LAYERS, MOST_WIDTH = 512, 1 << 20
LOOK_S = 0.02
PATIENCE_S = 180.0
PASSED_KEPT = 50
DAMAGED = "The model file {name} cannot be loaded: it is damaged or incomplete. Download or import it again."


def check_file(path: Path, name: str, free: int, context_tokens: int, *, held: int = 0) -> gguf.Header:
    """The header of a file that may be loaded.

    Args:
        path: the weights.
        name: the model's name, for the sentence when they are missing.
        free: bytes of memory that are free.
        context_tokens: the context that is wanted.
        held: bytes that will be given back before loading.

    Raises:
        ModelError: it is not there, not a GGUF, damaged, of an unknown kind, or there is not enough memory for it.
    """
    if not path.is_file():
        raise ModelError(f"The model {name} is not on this computer. Open the Models page (M) to fetch it.")
    header = gguf.read_header(path)
    gguf.check_usable(header, path.name)
    _check_numbers(header, path.name)
    need = need_of(path.stat().st_size, header.shape(), context_tokens=context_tokens)
    if need.total > free + held:
        raise ModelError(
            f"There is not enough memory for this model: it needs about {size(need.total)} (weights "
            f"{size(need.weights)}, context {size(need.cache)}, work {size(need.buffers + need.headroom)}) and "
            f"{size(free + held)} are free. Close other programs or choose a smaller model."
        )
    return header


def _check_numbers(header: gguf.Header, name: str) -> None:
    """Refuse numbers that no model has, and on which llama.cpp is known to give up."""
    kind, shape = header.architecture, header.shape()
    small = [key for key, value in header.values.items() if key.endswith("_epsilon") and not _is_small(value)]
    if shape.layers > MOST_LAYERS or shape.embedding > MOST_WIDTH or small or not header.number(f"{kind}.block_count"):
        raise ModelError(DAMAGED.format(name=name))


def _is_small(value: gguf.Value) -> bool:
    return isinstance(value, float) and math.isfinite(value) and 0 <= value < 1


def identity(path: Path) -> str:
    """A name for the content of a weights file: equal names, equal weights.

    Reading gigabytes would take longer than it is worth, so the size, both ends (the first holds the whole header of
    most models) and samples from in between are hashed. A few flipped bits in between may go unseen: that is what the
    full SHA-256 of a download is for.
    """
    stat = path.stat()
    return _identity(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=16)
def _identity(path: Path, length: int, _: int) -> str:
    digest = hashlib.sha256(str(length).encode())
    step = max(1, length // SAMPLES)
    with path.open("rb") as file:
        digest.update(file.read(ENDS_BYTES))
        for at in range(step, length, step):
            file.seek(at)
            digest.update(file.read(SAMPLE_BYTES))
        file.seek(max(0, length - ENDS_BYTES))
        digest.update(file.read(ENDS_BYTES))
    return f"sampled-sha256:{digest.hexdigest()[:40]}"


class Probation:
    """Lets a process of its own try a file before ours does; remembers the ones that passed."""

    def __init__(
        self,
        notes: Path | None,
        run: Callable[[Path, StopFlag], bool] | None = None,
        run_there: Callable[[Path, StopFlag, int], bool] | None = None,
    ) -> None:
        """`notes` is the file where it is remembered; `run` and `run_there` are what tries, for tests."""
        self._notes = notes
        self._run = run or try_outside
        self._run_there = run_there or try_outside
        self._failed_there: set[str] = set()

    def pass_or_raise(self, path: Path, version: str, stop: StopFlag) -> None:
        """Return when the file passed, now or earlier.

        Raises:
            ModelError: the trying process came to an end that ours must not come to.
            CancelledByUserError: somebody asked to stop.
        """
        mark = _mark(path, version)
        if mark in self._read():
            return
        if not self._run(path, stop):
            raise ModelError(DAMAGED.format(name=path.name))
        self._pass(mark)

    def passes_there(self, path: Path, version: str, place: Offload, stop: StopFlag) -> bool:
        """Whether a process of its own could use the file on a graphics processor, now or earlier.

        What failed is not tried again before the program was restarted: by then the driver may be another one. Raises
        `CancelledByUserError` when somebody asked to stop.
        """
        mark = f"{_mark(path, version)} {place.name} {place.layers}"
        if mark in self._failed_there or mark in self._read():
            return mark not in self._failed_there
        if not self._run_there(path, stop, place.layers):
            self._failed_there.add(mark)
            return False
        self._pass(mark)
        return True

    def _pass(self, mark: str) -> None:
        self._write([*self._read(), mark][-PASSED_KEPT:])

    def _read(self) -> list[str]:
        if self._notes is None:
            return []
        try:
            told = json.loads(self._notes.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return []
        return [one for one in told if isinstance(one, str)] if isinstance(told, list) else []

    def _write(self, passed: list[str]) -> None:
        if self._notes is None:
            return
        part = self._notes.with_suffix(".part")
        try:
            self._notes.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(passed, indent=0), encoding="utf-8")
            part.replace(self._notes)
        except OSError as error:
            logger.info("that a model passed is not kept: %s", error.strerror or error)


def _mark(path: Path, version: str) -> str:
    return f"{version} {identity(path)} {path.stat().st_mtime_ns}"


def try_outside(path: Path, stop: StopFlag, gpu_layers: int = 0) -> bool:
    """Whether a process of its own can load the file and evaluate a token; raises when somebody asks to stop."""
    frozen = bool(getattr(sys, "frozen", False))
    words = [sys.executable, *([] if frozen else ["-m", "galaxy_desktop"]), "try-weights", str(path)]
    words += [str(gpu_layers)] if gpu_layers else []
    environment = {**os.environ, "GGML_NO_BACKTRACE": "1"}
    process = subprocess.Popen(  # noqa: S603 - our own program with a path
        words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < until:
            if stop.is_set():
                raise CancelledByUserError
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(LOOK_S) == 0
        return False
    finally:
        process.kill()
        process.wait()
