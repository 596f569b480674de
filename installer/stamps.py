"""What set-up has finished in this environment, so that it does nothing twice and goes on where it stopped.

Each step is stamped with a digest of everything it depends on. When that changes (another Python, a new
version of a package, a moved folder) the stamp no longer fits and the step is done again.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


def digest(*parts: object) -> str:
    """A short digest of what a step depends on."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class Stamps:
    """The stamps of one environment, kept in a small JSON file inside it."""

    def __init__(self, path: Path) -> None:
        """Read what is there; a file that cannot be read means nothing was done."""
        self._path = path
        self._done = self._read()

    def fits(self, step: str, key: str) -> bool:
        """Whether this step was finished for exactly this input."""
        return self._done.get(step) == key

    def mark(self, step: str, key: str) -> None:
        """Remember that the step is finished; a kill in between leaves the old file or the new one."""
        self._done[step] = key
        part = self._path.with_name(self._path.name + ".part")
        part.write_text(json.dumps(self._done, indent=1) + "\n", encoding="utf-8")
        part.replace(self._path)

    def forget(self) -> None:
        """Start over: the environment is made anew."""
        self._done = {}

    def _read(self) -> dict[str, str]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
