"""What the window remembers between two starts: its place, its appearance, which profile was open.

A small JSON file beside the database, read before the first paint, when the database is not open yet. It holds
nothing that could not be lost: a file that cannot be read is the same as none.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

FILE = "window.json"
TEXTS = ("theme", "geometry", "profile", "visited")


@dataclass(frozen=True, slots=True)
class Remembered:
    """The values, with what a first start uses."""

    theme: str = "system"
    geometry: str = ""
    profile: str = ""
    visited: str = ""
    """When the program was last closed, as an ISO moment."""

    @property
    def last_visit(self) -> datetime | None:
        """When the program was last closed; `None` when that is not known."""
        try:
            moment = datetime.fromisoformat(self.visited)
        except ValueError:
            return None
        return moment if moment.tzinfo is not None else None


class WindowMemory:
    """Reads once, writes whenever something changed."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self.values = self._read()

    def change(self, **values: Any) -> None:
        """Remember other values."""
        self.put(replace(self.values, **values))

    def put(self, values: Remembered) -> None:
        """Remember these values; a full or read-only disk costs nothing but the memory."""
        if values == self.values:
            return
        self.values = values
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = self._file.with_suffix(".part")
            partial.write_text(json.dumps(asdict(values)), encoding="utf-8")
            partial.replace(self._file)
        except OSError as error:
            logger.info("The window's place could not be remembered: %s", error)

    def _read(self) -> Remembered:
        try:
            stored = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Remembered()
        if not isinstance(stored, dict):
            return Remembered()
        return Remembered(**{k: v for k, v in stored.items() if k in TEXTS and isinstance(v, str)})
