"""The SHA-256 of every downloaded hour, beside the hours: damage of later is noticed before anything is imported.

The file has the form of `sha256sum`, so that `sha256sum -c SHA256SUMS` checks a folder without this program.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from galaxy_desktop.collect.archive.lines import DamagedFileError

NAME = "SHA256SUMS"


def digest(path: Path) -> str:
    """The SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Manifest:
    """The checksums of one folder."""

    def __init__(self, folder: Path) -> None:
        """Reads what is there; lines of another form are left out."""
        self._path = folder / NAME
        self._digests: dict[str, str] = {}
        if self._path.is_file():
            for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
                known, _, name = line.partition("  ")
                if len(known) == 64 and name:
                    self._digests[name] = known

    def get(self, name: str) -> str | None:
        """The checksum of a file, where it is known."""
        return self._digests.get(name)

    def keep(self, name: str, known: str) -> None:
        """Remember a checksum; the file is replaced whole."""
        self._digests[name] = known
        text = "".join(f"{value}  {key}\n" for key, value in sorted(self._digests.items()))
        fresh = self._path.with_name(f"{NAME}.new")
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, self._path)  # noqa: PTH105 - replaces on Windows, too

    def check(self, path: Path) -> str:
        """The checksum of a file; raises `DamagedFileError` when it is not the one remembered."""
        found = digest(path)
        known = self.get(path.name)
        if known is not None and known != found:
            raise DamagedFileError(
                f"{path.name} is not what was downloaded (its SHA-256 differs). Delete it and import these days again."
            )
        return found
