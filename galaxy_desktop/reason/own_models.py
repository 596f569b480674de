"""The models that a person added: a GGUF from a file or from an address, kept in a list of their own.

The list is `own.json` in the models folder, beside the weights it names. It is written whole under another name and
then renamed, so that a kill leaves the old list or the new one. A list that cannot be read is no reason to stop: the
program goes on with the models of its own catalog, and the damaged list is put aside before it would be overwritten.

What is read from it is checked like anything from outside: a name becomes a folder and a file name a file, so neither
may lead out of the models folder.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from galaxy_desktop.domain.models import Shape
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason.catalog import DAMAGED, PROSE, Entry, File

logger = logging.getLogger(__name__)

FORMAT = 1
LIST = "own.json"
UNKNOWN_LICENSE = "License unknown"
NOTE = "Added by you; whether you may use it is for you to know."
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
"""Names that Windows keeps for devices."""


class OwnModels:
    """The list of one models folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LIST

    def read(self) -> tuple[Entry, ...]:
        """The models of the list; lines that make no sense are left out, a list that cannot be read is empty."""
        try:
            held = json.loads(self._path.read_text(encoding="utf-8"))
            listed = held["model"] if held["format"] == FORMAT else []
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            logger.info("The list of own models %s cannot be read: %s", self._path, error)
            return ()
        found: dict[str, Entry] = {}
        for one in listed if isinstance(listed, list) else []:
            try:
                entry = _entry(one)
            except (KeyError, TypeError, ValueError) as error:
                logger.info("A line of %s makes no sense: %s", self._path, error)
            else:
                found[entry.name] = entry
        return tuple(found.values())

    def keep(self, entry: Entry) -> None:
        """Add a model, or replace that of the same name; raises `ModelError` when the list cannot be written."""
        self._write([*(one for one in self.read() if one.name != entry.name), entry])

    def remove(self, name: str) -> None:
        """Take a model from the list; nothing happens when it is not on it."""
        held = self.read()
        if any(one.name == name for one in held):
            self._write([one for one in held if one.name != name])

    def _write(self, entries: Sequence[Entry]) -> None:
        text = json.dumps({"format": FORMAT, "model": [_fields(one) for one in entries]}, indent=2) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._put_damaged_aside()
            fresh = self._path.with_name(f"{LIST}.new")
            with fresh.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            raise ModelError(
                f"The list of your models, {self._path}, cannot be written ({error.strerror or error}). "
                "Check who may write there, and whether the disk is full."
            ) from error

    def _put_damaged_aside(self) -> None:
        try:
            json.loads(self._path.read_text(encoding="utf-8"))["model"]
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError, RecursionError):
            self._path.replace(self._path.with_name(LIST + DAMAGED))


def own_entry(
    name: str, title: str, file: File, *, url: str = "", source: str = "", added_at: str = "", shape: Shape | None = None,
    memory_bytes: int = 0,
) -> Entry:  # fmt: skip
    """A model that a person added."""
    return Entry(
        name=name,
        title=title,
        purpose=PROSE,
        note=NOTE,
        license_title=UNKNOWN_LICENSE,
        context_tokens=shape.context_tokens if shape else 0,
        memory_bytes=memory_bytes,
        machine_gb=0,
        files=(file,),
        shape=shape,
        own=True,
        url=url,
        source=source or url,
        added_at=added_at,
    )


def is_name(name: str) -> bool:
    """Whether a name may become a folder on every system."""
    return bool(_NAME.fullmatch(name)) and not _RESERVED.fullmatch(name) and not name.endswith(".")


def name_from(title: str, taken: Sequence[str] = ()) -> str:
    """A name made from a title or a file name: "My Model.Q4.gguf" becomes "my-model.q4"."""
    plain = re.sub(r"[^a-z0-9._]+", "-", title.lower().removesuffix(".gguf"))
    plain = re.sub(r"([.-])\1+", r"\1", plain).strip("-._")[:60].rstrip("-._")
    base = plain if is_name(plain) else f"model-{plain}".rstrip("-._")
    numbered = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)


def file_name_from(name: str) -> str:
    """The name of the one file of a person's own model: never what the outside calls it."""
    return f"{name}.gguf"


def _fields(entry: Entry) -> dict[str, Any]:
    file = entry.files[0]
    return {
        "name": entry.name,
        "title": entry.title,
        "url": entry.url,
        "source": entry.source,
        "added_at": entry.added_at,
        "memory_bytes": entry.memory_bytes,
        "file": asdict(file),
        "shape": asdict(entry.shape) if entry.shape else None,
    }


def _entry(one: dict[str, Any]) -> Entry:
    file = File(str(one["file"]["path"]), _count(one["file"]["bytes"]), str(one["file"]["sha256"]))
    name = str(one["name"])
    if not is_name(name) or file.path != file_name_from(name) or not re.fullmatch(r"([0-9a-f]{64})?", file.sha256):
        raise ValueError(f"{name!r} with the file {file.path!r}")
    shape = one["shape"]
    return own_entry(
        name,
        str(one["title"])[:200],
        file,
        url=str(one["url"]),
        source=str(one["source"]),
        added_at=str(one["added_at"]),
        memory_bytes=_count(one["memory_bytes"]),
        shape=_shape(shape) if shape else None,
    )


def _shape(held: dict[str, Any]) -> Shape:
    numbers = {name: _count(value) for name, value in held.items() if name != "architecture"}
    return Shape(architecture=str(held["architecture"]), **numbers)


def _count(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 62:
        raise ValueError(f"{value!r} is no count")
    return value
