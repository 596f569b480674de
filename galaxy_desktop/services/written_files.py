"""Files that a command writes where the user said: whole or not at all, and never over what it reads.

A file takes its name when all of it is on the disk, so a full disk or a kill leaves what was there before. A device or
a pipe, such as /dev/stdout, cannot be replaced and is written to.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from galaxy_desktop.errors import WrongUseError

_MODE = 0o666


def check_targets(targets: Iterable[Path | None], inputs: Iterable[Path | None]) -> None:
    """Look, before long work begins, whether files can be written; where None was asked for, nothing is looked at.

    Raises:
        WrongUseError: a target is also read, is named twice, is a folder, or lies in a folder that is not there.
    """
    known = [path for path in inputs if path is not None]
    for target in targets:
        if target is None:
            continue
        if any(_same(target, path) for path in known):
            raise WrongUseError(f"{target} is named twice, so it would be overwritten. Choose another file to write.")
        if target.is_dir():
            raise WrongUseError(f"{target} cannot be written: it is a folder. Name a file in it.")
        if not target.parent.is_dir():
            raise WrongUseError(f"{target} cannot be written: there is no folder {target.parent}. Make it first.")
        known.append(target)


def write_whole(path: Path, text: str) -> None:
    """Write a text in UTF-8 with line feeds; what was there is replaced when all of the new is on the disk.

    Raises:
        WrongUseError: it cannot be written; what was there is untouched.
    """
    try:
        real = path.resolve()  # a link stays a link to what is written
        if real.exists() and not real.is_file():
            real.write_text(text, encoding="utf-8", newline="\n")
        else:
            _replace(real, text.encode())
    except OSError as error:
        raise WrongUseError(f"{path} cannot be written: {error.strerror}. Choose another file.") from error


def _replace(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(path.stat().st_mode & 0o777 if path.exists() else _MODE & ~_umask())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    """What this process takes from the rights of new files; the only way to ask is to set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()
