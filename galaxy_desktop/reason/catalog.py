"""The catalog of weights: which files are known, which of them lie on this computer, and what they need.

`models/manifest.toml` names the models that the program knows; `own_models` those that a person added. Set-up and
downloads verify every hash before a file gets its final name, so here a file of the right size is a file that was
checked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISREG
from typing import Any
from urllib.parse import quote

from galaxy_desktop import paths
from galaxy_desktop.domain.models import Shape
from galaxy_desktop.errors import ModelError
from galaxy_desktop.settings import DEFAULT_MIRROR

PROSE = "prose"
PART = ".part"
DAMAGED = ".damaged"


@dataclass(frozen=True, slots=True)
class File:
    """One file of a model: its path below the model's folder, and what it must be.

    Of a person's own model `bytes` is 0 and `sha256` "" until the file was seen.
    """

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One known model.

    `url` is the address of a person's own model, `source` what is shown as its origin; `package` says that set-up
    takes the files out of a package, so that nothing is downloaded.
    """

    name: str
    title: str
    purpose: str
    note: str
    license_title: str
    context_tokens: int
    memory_bytes: int
    machine_gb: int
    files: tuple[File, ...]
    license_url: str = ""
    repository: str = ""
    revision: str = ""
    package: bool = False
    shape: Shape | None = None
    own: bool = False
    url: str = ""
    source: str = ""
    added_at: str = ""

    @property
    def bytes(self) -> int:
        """Size on disk."""
        return sum(file.bytes for file in self.files)

    def addresses(self, file: File, mirrors: Sequence[str] = ()) -> tuple[str, ...]:
        """Where a file can be downloaded, in the order to try; none where set-up brings it or nobody offers it."""
        if self.own:
            return (self.url,) if self.url else ()
        if self.package or not self.repository:
            return ()
        path = f"{self.repository}/resolve/{self.revision or 'main'}/{file.path}"
        return tuple(f"{base.rstrip('/')}/{quote(path)}" for base in mirrors or (DEFAULT_MIRROR,))


class Catalog:
    """The known models, and the folder where those of this computer lie."""

    def __init__(self, entries: Sequence[Entry], folder: Path) -> None:
        self._entries = {entry.name: entry for entry in entries}
        self._folder = folder

    @classmethod
    def read(cls, manifest: Path | None = None, folder: Path | None = None) -> Catalog:
        """The catalog of this installation; raises `ModelError` when the list itself cannot be read."""
        from galaxy_desktop.reason.own_models import OwnModels  # noqa: PLC0415 - it makes entries of this module

        named = manifest or paths.manifest_file()
        try:
            listed = tomllib.loads(named.read_text(encoding="utf-8"))["model"]
            entries = [_entry(one) for one in listed]
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"The list of models {named.name} cannot be read: {error}. Reinstall the program."
            ) from error
        where = folder or paths.models_folder()
        known = {entry.name for entry in entries}
        return cls([*entries, *(one for one in OwnModels(where).read() if one.name not in known)], where)

    @property
    def folder(self) -> Path:
        """Where the models lie."""
        return self._folder

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
            raise ModelError(f"There is no model called {name!r}. Choose another one on the Models page.") from None

    def folder_of(self, name: str) -> Path:
        """Where the files of a model lie, or would lie."""
        return self._folder / self.find(name).name

    def path_of(self, name: str, file: File) -> Path:
        """Where one file of a model lies, or would lie."""
        return self.folder_of(name) / file.path

    def is_present(self, name: str) -> bool:
        """Whether every file of the model is on this computer with its full size."""
        folder = self.folder_of(name)
        return all(_has_size(folder / file.path, file.bytes) for file in self.find(name).files)

    def bytes_here(self, name: str) -> int:
        """How many bytes of the model are on this computer, begun downloads included."""
        entry, folder = self.find(name), self.folder_of(name)
        found = 0
        for file in entry.files:
            whole = folder / file.path
            found += _size(whole) or _size(whole.with_name(whole.name + PART))
        return found

    def is_damaged(self, name: str) -> bool:
        """Whether a file of the model was put aside as damaged, or has a wrong size."""
        folder = self.folder_of(name)
        for file in self.find(name).files:
            path = folder / file.path
            if file.bytes and _size(path) not in (0, file.bytes):
                return True
            if not _size(path) and path.with_name(path.name + DAMAGED).is_file():
                return True
        return False

    def present(self) -> tuple[Entry, ...]:
        """The models on this computer."""
        return tuple(entry for entry in self.entries if self.is_present(entry.name))

    def weights(self, name: str) -> Path:
        """The GGUF file of a model that writes prose; raises `ModelError` when it is not on this computer."""
        entry = self.find(name)
        if entry.purpose != PROSE:
            raise ModelError(f"{entry.title} does not write prose. Choose another model on the Models page.")
        if not self.is_present(name):
            raise ModelError(f"The model {entry.title} is not on this computer. Fetch it on the Models page.")
        return self.folder_of(name) / entry.files[0].path


def _has_size(path: Path, size: int) -> bool:
    return size > 0 and _size(path) == size


def _size(path: Path) -> int:
    """The size of a file, 0 where there is none; another program may take it away at any moment."""
    try:
        stat = path.stat()
    except OSError:
        return 0
    return stat.st_size if S_ISREG(stat.st_mode) else 0


def _entry(listed: Mapping[str, Any]) -> Entry:
    context = int(listed["context_tokens"])
    entry = Entry(
        name=listed["name"],
        title=listed["title"],
        purpose=listed["purpose"],
        note=listed.get("note", ""),
        license_title=listed.get("license_title", ""),
        context_tokens=context,
        memory_bytes=int(listed["memory_bytes"]),
        machine_gb=int(listed["machine_gb"]),
        files=tuple(File(file["path"], int(file["bytes"]), file["sha256"]) for file in listed["files"]),
        license_url=listed.get("license_url", ""),
        repository=listed.get("repository", ""),
        revision=listed.get("revision", ""),
        package="package" in listed,
        shape=Shape(**listed["shape"], context_tokens=context) if "shape" in listed else None,
    )
    return replace(entry, source=f"{DEFAULT_MIRROR}/{entry.repository}" if entry.repository else "")
