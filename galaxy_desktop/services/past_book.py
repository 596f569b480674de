"""The stretches of the past that were replayed, kept in one file beside the database.

They are numbers without names and can be made again, so the file may be deleted at any time, and is when a repository is
forgotten. It is written whole and moved into place; what cannot be read counts as not there.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from galaxy_desktop.domain.past_sprints import Stretch
from galaxy_desktop.errors import StoreError

logger = logging.getLogger(__name__)

FILE = "past.json"
FORMAT = 1
_STRETCHES = TypeAdapter(tuple[Stretch, ...])
_READ: dict[Path, tuple[tuple[int, int], tuple[Stretch, ...]]] = {}
"""The last reading of each file by its size and time, so that an evaluation does not read it anew."""


def read(folder: Path) -> tuple[Stretch, ...]:
    """What was replayed, by key; nothing where there is no file or a damaged one."""
    path = folder / FILE
    try:
        stat = path.stat()
        mark = stat.st_mtime_ns, stat.st_size
        known = _READ.get(path)
        if known is not None and known[0] == mark:
            return known[1]
        said = json.loads(path.read_text(encoding="utf-8"))
        found = _STRETCHES.validate_python(said["stretches"], strict=False) if said.get("format") == FORMAT else ()
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, AttributeError, ValidationError) as error:
        logger.info("The replayed past in %s cannot be used and is made again: %s", path.name, type(error).__name__)
        return ()
    _READ[path] = mark, found
    return found


def write(folder: Path, stretches: Iterable[Stretch]) -> None:
    """Keep these and no others; raises `StoreError` where the file cannot be written."""
    ordered = sorted(stretches, key=lambda one: one.key)
    body = {"format": FORMAT, "stretches": _STRETCHES.dump_python(tuple(ordered), mode="json")}
    new = folder / f"{FILE}.{os.getpid()}.new"
    try:
        new.write_text(json.dumps(body, separators=(",", ":")), encoding="utf-8")
        new.replace(folder / FILE)
    except OSError as error:
        raise StoreError(
            f"{folder / FILE} cannot be written: {error.strerror}. Make room, or free the file."
        ) from error


def forget(folder: Path) -> None:
    """Delete the file; it is made again from what is still stored."""
    _READ.pop(folder / FILE, None)
    (folder / FILE).unlink(missing_ok=True)
