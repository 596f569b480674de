"""The file of a download that is not whole yet, and the little that must be known of it to go on after a restart.

`NAME.part` holds the bytes that came, in order, and nothing else: its length is how far the download is, whatever
happened to the program. `NAME.part.json` beside it says where they came from and how to recognize that file again. It
is written before the first byte of a connection, so after a kill at any moment the bytes in the part file are of the
file that the sidecar names.

The hash is computed while bytes arrive. After a restart the bytes that are there are read once again, because the
state of a hash cannot be stored; within one run it goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError
from galaxy_desktop.reason.catalog import PART

CHUNK = 1 << 20
SYNC_EVERY = 64_000_000
"""So many bytes are the most that a power cut takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the bytes of a part file came from.

    `etag` and `modified` recognize the file at that address, `total` is its length (0 when it was not said), `sha256`
    is what the server promised of the whole.
    """

    url: str = ""
    etag: str = ""
    modified: str = ""
    total: int = 0
    sha256: str = ""

    @property
    def validator(self) -> str:
        """What an `If-Range` asks for: a strong tag, else the date; "" when there is neither."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified


class PartFile:
    """The part file of one target; for one thread at a time."""

    def __init__(self, target: Path) -> None:
        """Touches nothing."""
        self.target = target
        self.path = target.with_name(target.name + PART)
        self._sidecar = target.with_name(target.name + PART + ".json")
        self._digest = hashlib.sha256()
        self._hashed = 0
        self._file: BinaryIO | None = None
        self._unsynced = 0

    @property
    def have(self) -> int:
        """How many bytes are there."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def origin(self) -> Origin | None:
        """Where they came from, `None` when nobody knows (any more)."""
        try:
            held = json.loads(self._sidecar.read_text(encoding="utf-8"))
            return Origin(**{name: type(value)(held[name]) for name, value in asdict(Origin()).items()})
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def begin(self, origin: Origin, at: int) -> None:
        """Open it for the bytes from `at` on; what lies behind is cut off."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if at == 0:
            self.path.unlink(missing_ok=True)  # so that no moment exists in which old bytes have a new origin
        fresh = self._sidecar.with_name(self._sidecar.name + ".new")
        fresh.write_text(json.dumps(asdict(origin)), encoding="utf-8")
        fresh.replace(self._sidecar)
        self._file = self.path.open("r+b" if self.path.exists() else "wb")
        self._file.truncate(at)
        self._file.seek(at)
        if self._hashed != at:
            self._digest, self._hashed = hashlib.sha256(), 0

    def write(self, piece: bytes) -> None:
        """Add bytes at the end; after each call a kill loses nothing of them."""
        if self._file is None:
            raise RuntimeError("the part file is not open")
        self._file.write(piece)
        self._file.flush()
        self._digest.update(piece)
        self._hashed += len(piece)
        self._unsynced += len(piece)
        if self._unsynced >= SYNC_EVERY:
            self.sync()

    def sync(self) -> None:
        """Have the bytes on the disk, so that they outlive a power cut too."""
        if self._file is not None:
            os.fsync(self._file.fileno())
        self._unsynced = 0

    def close(self) -> None:
        """Close the file; the bytes stay."""
        if self._file is not None:
            file, self._file = self._file, None
            file.close()

    def catch_up(self, stop: StopFlag, told: Callable[[int], None] = lambda done: None) -> None:
        """Read what was there before this run into the hash; raises `CancelledByUserError` when `stop` is set."""
        if self._hashed == self.have:
            return
        self._digest, self._hashed = hashlib.sha256(), 0
        with self.path.open("rb") as file:
            while piece := file.read(CHUNK):
                self._digest.update(piece)
                self._hashed += len(piece)
                told(self._hashed)
                if stop.is_set():
                    raise CancelledByUserError("Stopped.")

    @property
    def sha256(self) -> str:
        """The hash of what is there; right after `catch_up`, or when all of it was written in this run."""
        return self._digest.hexdigest()

    def finish(self) -> None:
        """Give the file its name, durably; whoever calls has checked it."""
        self.close()
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        self.path.replace(self.target)
        self._sidecar.unlink(missing_ok=True)
        _sync_folder(self.target.parent)

    def forget(self) -> None:
        """Delete it and what is known of it."""
        self.close()
        self.path.unlink(missing_ok=True)
        self._sidecar.unlink(missing_ok=True)
        self._sidecar.with_name(self._sidecar.name + ".new").unlink(missing_ok=True)
        self._digest, self._hashed = hashlib.sha256(), 0


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk too; Windows cannot and need not."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
