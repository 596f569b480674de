"""What a person wanted of a download, kept beside its bytes: a pause outlives a restart, and so does "go on".

One small file a model, `download.json` in its folder. It is written when a person decides and when a download fails,
never for progress: how far it is, the part file says itself.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from galaxy_desktop.domain.models import TransferState
from galaxy_desktop.errors import StoreError

logger = logging.getLogger(__name__)

FILE = "download.json"
KEPT = (TransferState.RUNNING, TransferState.PAUSED, TransferState.FAILED)


@dataclass(frozen=True, slots=True)
class Intent:
    """A download that was asked for: whether it should run, and since when (ISO); `sentence` says why it failed."""

    state: TransferState
    asked_at: str
    sentence: str = ""


class Intents:
    """The intents of one models folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> Intent | None:
        """What was wanted of a model, `None` for nothing."""
        try:
            held = json.loads((self._folder / name / FILE).read_text(encoding="utf-8"))
            found = Intent(TransferState(held["state"]), str(held["asked_at"]), str(held["sentence"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            logger.info("What was wanted of %s cannot be read: %s", name, error)
            return None
        return found if found.state in KEPT else None

    def keep(self, name: str, intent: Intent) -> None:
        """Remember this; raises `StoreError` when it cannot be written."""
        path = self._folder / name / FILE
        held = {"state": str(intent.state), "asked_at": intent.asked_at, "sentence": intent.sentence}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"{FILE}.new")
            fresh.write_text(json.dumps(held), encoding="utf-8")
            fresh.replace(path)
        except OSError as error:
            raise StoreError(
                f"The folder {path.parent} cannot be written ({error.strerror or error}). Check who may write there, "
                "and whether the disk is full."
            ) from error

    def forget(self, name: str) -> None:
        """Nothing is wanted any more."""
        for file in (FILE, f"{FILE}.new"):
            (self._folder / name / file).unlink(missing_ok=True)
