"""Reads `models/manifest.toml` as far as set-up needs it: which files, out of which package, with which hash."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from installer.errors import SetupError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of a model: its path below the model's folder, its size and its SHA-256."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """The PyPI package that carries the files, and the folder inside it."""

    name: str
    version: str
    folder: str

    @property
    def requirement(self) -> str:
        """The package as pip wants to hear it."""
        return f"{self.name}=={self.version}"


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue; without a package it is not set-up's business."""

    name: str
    title: str
    package: Package | None
    files: tuple[WeightFile, ...]


def read(path: Path) -> tuple[Model, ...]:
    """Every model of the catalogue; `SetupError` when it cannot be read."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SetupError(
            f"The catalogue of models, {path}, cannot be read ({error}). Get the project's files again."
        ) from error
    if data.get("format") != FORMAT:
        raise SetupError(f"The catalogue of models, {path}, is of another version. Get the project's files again.")
    return tuple(_model(entry) for entry in data["model"])


def _model(entry: dict[str, Any]) -> Model:
    package = entry.get("package")
    files = tuple(WeightFile(f["path"], f["bytes"], f["sha256"]) for f in entry["files"])
    for file in files:
        _check(entry["name"], file)
    return Model(entry["name"], entry["title"], Package(**package) if package else None, files)


def _check(name: str, file: WeightFile) -> None:
    """Refuse a path that leaves the model's folder and a hash that is none: the catalogue decides what we write."""
    path = PurePosixPath(file.path)
    if path.is_absolute() or ".." in path.parts or "\\" in file.path or not re.fullmatch(r"[0-9a-f]{64}", file.sha256):
        raise SetupError(f"The catalogue of models has a bad file under {name}: {file.path}.")
