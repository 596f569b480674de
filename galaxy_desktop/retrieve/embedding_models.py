"""Other embedding models than MiniLM: any folder of sentence-transformers that a person put into the models folder.

Only weights of the safetensors format are read, and only parts that sentence-transformers itself brings: a folder cannot
bring code. A model's name in an index holds a mark of its files, so that vectors of other weights never meet these.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from galaxy_desktop.errors import ModelError, RefusedError
from galaxy_desktop.retrieve.embed import MARK, NAME, MiniLM, Vectors, by_library

logger = logging.getLogger(__name__)

MODULES, CONFIG = "modules.json", "config.json"
OWN_PARTS = "sentence_transformers."
MEGABYTE = 1_000_000
MOST_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """A model in the models folder: how many numbers its vectors have (0 where the folder does not say), and its size."""

    name: str
    folder: Path
    width: int
    megabytes: float


class FolderModel(MiniLM):
    """The embedder in a folder; `failed` says in a sentence why it cannot be used, "" as long as it can."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder.parent)
        self._path = folder
        self._name = f"{re.sub(r'[^A-Za-z0-9.-]', '-', folder.name)[:40].strip('.-') or 'model'}-{_mark(folder)}"
        self.failed = ""
        self.title = folder.name
        self.most = MOST_AT_ONCE

    @property
    def name(self) -> str:
        """The folder's name with a mark of what is in it."""
        return self._name

    def ask(self, texts: Sequence[str]) -> Vectors:
        """Vectors of a question."""
        return self.encode(texts)

    @property
    def there(self) -> bool:
        """Whether the weights are in their place."""
        return (self._path / MARK).is_file() and (self._path / MODULES).is_file()

    def _load(self) -> Callable[[list[str]], Vectors]:
        try:
            if not self.there:
                raise ModelError("it is not in the models folder any more")
            if not all(one.startswith(OWN_PARTS) for one in _parts(self._path)):
                raise ModelError("it is made of parts that sentence-transformers does not bring")
            try:
                return super()._load()
            except ModelError:  # of half precision, say, which the network that is written out does not read
                return by_library(self._path)
        except (ModelError, OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError) as error:
            why = (
                str(error) if isinstance(error, ModelError) and str(error).startswith("it is") else "it cannot be read"
            )
            self.failed = f"The search model {self._path.name} is not used: {why}. The usual one answers."
            raise ModelError(self.failed) from error


def installed_models(models_folder: Path) -> tuple[EmbeddingModel, ...]:
    """The embedding models in a models folder, MiniLM among them, by name."""
    found = []
    for path in sorted(models_folder.glob(f"*/{MODULES}")):
        folder = path.parent
        if (folder / MARK).is_file():
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            found.append(EmbeddingModel(folder.name, folder, _width(folder), round(size / MEGABYTE, 1)))
    return tuple(found)


def chosen(models_folder: Path, name: str) -> EmbeddingModel:
    """The model of this name.

    Raises:
        RefusedError: there is none; the sentence says which there are, and where to put one.
    """
    there = installed_models(models_folder)
    for one in there:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in there) or "none"
    raise RefusedError(
        f"No search model {name} is in {models_folder} (there: {known}). Put a folder of sentence-transformers with "
        f"{MARK} there."
    )


def is_usual(name: str) -> bool:
    """Whether a setting means the model that ships."""
    return name in ("", NAME)


def _parts(folder: Path) -> Iterator[str]:
    for stage in json.loads((folder / MODULES).read_text(encoding="utf-8")):
        yield str(stage["type"])


def _width(folder: Path) -> int:
    try:
        told = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        return int(told.get("hidden_size") or told.get("dim") or 0)
    except (OSError, ValueError, AttributeError, TypeError):
        return 0


def _mark(folder: Path) -> str:
    """A few letters that change when the files of a model do."""
    told = hashlib.sha256()
    for name in (MARK, MODULES, CONFIG):
        path = folder / name
        told.update(f"{name} {path.stat().st_size if path.is_file() else 0}\0".encode())
        if path.is_file():
            with path.open("rb") as file:
                told.update(file.read(65_536))
    return told.hexdigest()[:8]
