"""The catalog of weights: which files are known, which of them lie on this computer, and what they need.

`models/manifest.toml` is the only list; set-up verifies every hash before a file gets its final name, so here a file
of the right size is a file that was checked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galaxy_desktop import paths
from galaxy_desktop.errors import ModelError

PROSE = "prose"


@dataclass(frozen=True, slots=True)
class File:
    """One file of a model: its path below the model's folder, and what it must be."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One known model."""

    name: str
    title: str
    purpose: str
    note: str
    license_title: str
    context_tokens: int
    memory_bytes: int
    machine_gb: int
    files: tuple[File, ...]

    @property
    def bytes(self) -> int:
        """Size on disk."""
        return sum(file.bytes for file in self.files)


class Catalog:
    """The known models, and the folder where those of this computer lie."""

    def __init__(self, entries: Sequence[Entry], folder: Path) -> None:
        self._entries = {entry.name: entry for entry in entries}
        self._folder = folder

    @classmethod
    def read(cls, manifest: Path | None = None, folder: Path | None = None) -> Catalog:
        """The catalog of this installation; raises `ModelError` when the list itself cannot be read."""
        named = manifest or paths.manifest_file()
        try:
            listed = tomllib.loads(named.read_text(encoding="utf-8"))["model"]
            entries = [_entry(one) for one in listed]
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"The list of models {named.name} cannot be read: {error}. Reinstall the program."
            ) from error
        return cls(entries, folder or paths.models_folder())

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All known models, in the order of the list."""
        return tuple(self._entries.values())

    @property
    def prose(self) -> tuple[Entry, ...]:
        """The models that can write prose."""
        return tuple(entry for entry in self.entries if entry.purpose == PROSE)

    def find(self, name: str) -> Entry:
        """The model of that name; raises `ModelError` for an unknown one."""
        try:
            return self._entries[name]
        except KeyError:
            raise ModelError(f"There is no model called {name!r}. Choose another one in Settings.") from None

    def folder_of(self, name: str) -> Path:
        """Where the files of a model lie, or would lie."""
        return self._folder / self.find(name).name

    def is_present(self, name: str) -> bool:
        """Whether every file of the model is on this computer with its full size."""
        folder = self.folder_of(name)
        return all(_has_size(folder / file.path, file.bytes) for file in self.find(name).files)

    def present(self) -> tuple[Entry, ...]:
        """The models on this computer."""
        return tuple(entry for entry in self.entries if self.is_present(entry.name))

    def weights(self, name: str) -> Path:
        """The GGUF file of a model that writes prose; raises `ModelError` when it is not on this computer."""
        entry = self.find(name)
        if entry.purpose != PROSE:
            raise ModelError(f"{entry.title} does not write prose. Choose another model in Settings.")
        if not self.is_present(name):
            raise ModelError(f"The model {entry.title} is not on this computer. Fetch it in Settings.")
        return self.folder_of(name) / entry.files[0].path


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _entry(listed: Mapping[str, Any]) -> Entry:
    return Entry(
        name=listed["name"],
        title=listed["title"],
        purpose=listed["purpose"],
        note=listed.get("note", ""),
        license_title=listed.get("license_title", ""),
        context_tokens=int(listed["context_tokens"]),
        memory_bytes=int(listed["memory_bytes"]),
        machine_gb=int(listed["machine_gb"]),
        files=tuple(File(file["path"], int(file["bytes"]), file["sha256"]) for file in listed["files"]),
    )
