"""One program at a time at the files of a model: the operating system drops the lock when its holder ends, however.

Two windows, or a window and a command in a terminal, share one folder of models. Whoever writes takes the lock of the
model first; who does not get it says so instead of waiting.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from galaxy_desktop.errors import ModelError

FOLDER = ".locks"
TRIES, BETWEEN_S = 5, 0.01
"""Whoever only looks whether a lock is held has it for a moment."""

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def alone_with(models: Path, name: str) -> Iterator[None]:
    """Hold the lock of a model.

    Raises:
        ModelError: somebody else holds it, or the folder cannot be written.
    """
    path = models / FOLDER / f"{name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("wb")
    except OSError as error:
        raise ModelError(
            f"The folder {models} cannot be written ({error.strerror or error}). Check who may write there."
        ) from error
    with file:
        for _ in range(TRIES):
            if _take(file):
                break
            time.sleep(BETWEEN_S)
        else:
            raise ModelError(f"Another Galaxy Desktop is at work on {name}. Wait for it, or end it first.")
        yield


def is_held(models: Path, name: str) -> bool:
    """Whether somebody holds the lock of a model now."""
    path = models / FOLDER / f"{name}.lock"
    if not path.exists():
        return False
    with path.open("rb+") as file:
        return not _take(file)
