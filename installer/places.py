"""Where set-up puts things: the environment in the project, everything that should outlive it in the data folder.

The data folder is worked out here without `platformdirs`, which is not installed yet when this runs; a test
holds the answer equal to `galaxy_desktop.paths`.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = "galaxy-desktop"


@dataclass(frozen=True, slots=True)
class Places:
    """The project's folder and the user's data and models folders."""

    root: Path
    data: Path
    models: Path
    windows: bool = False

    @property
    def venv(self) -> Path:
        """The environment of this checkout."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self.venv / "Scripts" / "python.exe" if self.windows else self.venv / "bin" / "python"

    @property
    def program(self) -> Path:
        """The program's starter in the environment."""
        name = "Scripts/galaxy-desktop.exe" if self.windows else "bin/galaxy-desktop"
        return self.venv / name

    @property
    def stamps(self) -> Path:
        """What has been done in this environment; it goes when the environment goes."""
        return self.venv / "galaxy-setup.json"

    @property
    def logs(self) -> Path:
        """Log files of set-up."""
        return self.data / "logs"

    @property
    def wheels(self) -> Path:
        """Packages built on this computer, for this Python and platform: a second checkout uses them again."""
        tag = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
        return self.data / "wheels" / tag.replace(".", "_")

    @property
    def pyproject(self) -> Path:
        """The project's declaration: what has to be installed."""
        return self.root / "pyproject.toml"

    @property
    def constraints(self) -> Path:
        """The exact versions that were tested together."""
        return self.root / "installer" / "constraints.txt"

    @property
    def manifest(self) -> Path:
        """The catalogue of weights."""
        return self.root / "models" / "manifest.toml"


def user_data(platform: str, environment: Mapping[str, str], home: Path) -> Path:
    """The folder `platformdirs.user_data_dir` would name on this platform."""
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / NAME
    shared = environment.get("XDG_DATA_HOME", "")
    if shared.startswith("/"):
        return Path(shared) / NAME
    if platform == "darwin":
        return home / "Library" / "Application Support" / NAME
    return home / ".local" / "share" / NAME


def find(root: Path | None = None, environment: Mapping[str, str] | None = None) -> Places:
    """The places of this checkout for this user; `GALAXY_DATA_DIR` and `GALAXY_MODELS_DIR` move the user's."""
    environment = os.environ if environment is None else environment
    usual = user_data(sys.platform, environment, Path.home())
    data, models = environment.get("GALAXY_DATA_DIR"), environment.get("GALAXY_MODELS_DIR")
    return Places(
        root=root or Path(__file__).resolve().parent.parent,
        data=Path(data) if data else usual,
        models=Path(models) if models else usual / "models",
        windows=sys.platform == "win32",
    )
