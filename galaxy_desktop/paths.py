"""Where things live on this machine: one data folder a profile, one folder of weights for all profiles.

`GALAXY_DATA_DIR` and `GALAXY_MODELS_DIR` move them, for tests and for people with small system disks.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from galaxy_desktop.errors import StoreError

NAME = "galaxy-desktop"
MAIN = "main"
"""The profile with the user's own repositories."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The files of one profile; nothing is created before somebody writes."""

    root: Path

    @property
    def database(self) -> Path:
        """The SQLite file with everything collected and concluded."""
        return self.root / "galaxy.sqlite3"

    @property
    def checkpoints(self) -> Path:
        """LangGraph's own SQLite file: its writer must not share ours."""
        return self.root / "checkpoints.sqlite3"

    @property
    def sessions(self) -> Path:
        """Prompts that the language model has read, in its own form; they hold quotes and can be deleted."""
        return self.root / "sessions"

    @property
    def vectors(self) -> Path:
        """ChromaDB's folder; it can be deleted and is rebuilt from the database."""
        return self.root / "vectors"

    @property
    def code(self) -> Path:
        """The indexes of local clones; they can be deleted and are rebuilt from the clones."""
        return self.root / "code"

    @property
    def search_models(self) -> Path:
        """The index of a search model that was chosen instead of the usual one; it can be deleted and is rebuilt."""
        return self.root / "search-models"

    @property
    def backups(self) -> Path:
        """Copies of the database made before migrations."""
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.root / "logs"

    def make(self) -> DataFolder:
        """Create the folder, readable by its owner only, and return it; a `StoreError` when that cannot be done."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreError(
                f"The data folder {self.root} cannot be made ({error.strerror}). Name another one with --data-dir."
            ) from error
        return self


def default_root() -> Path:
    """The user's data folder of this program."""
    named = os.environ.get("GALAXY_DATA_DIR")
    return Path(named) if named else Path(platformdirs.user_data_dir(NAME, appauthor=False))


def data_folder(named: str | Path | None = None) -> DataFolder:
    """The folder a person named on the command line, or the profile "main" of the user's data folder."""
    return DataFolder(Path(named).expanduser() if named else default_root() / MAIN)


def demo_folder(scenario: str) -> DataFolder:
    """The profile of a demo workspace: apart from the user's own data."""
    return DataFolder(default_root() / f"demo-{scenario}")


def models_folder() -> Path:
    """Where the weights live, shared by all profiles."""
    named = os.environ.get("GALAXY_MODELS_DIR")
    return Path(named) if named else Path(platformdirs.user_data_dir(NAME, appauthor=False)) / "models"


def resources_folder() -> Path:
    """The read-only files shipped with the program: schema, prompts, icons, priors."""
    return Path(__file__).resolve().parent.parent / "resources"


def manifest_file() -> Path:
    """The catalog of known weights."""
    return Path(__file__).resolve().parent.parent / "models" / "manifest.toml"
