"""A desk for models over a folder of its own and a loopback server; nothing of this computer is touched."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from galaxy_desktop.domain.models import Memory, Shape, Transfer, TransferState
from galaxy_desktop.domain.traffic import OpenGate
from galaxy_desktop.errors import NetworkOffError
from galaxy_desktop.reason.catalog import Catalog, Entry, File
from galaxy_desktop.reason.own_models import OwnModels
from galaxy_desktop.services.models import ModelsDesk
from galaxy_desktop.settings import Settings
from tests.reason.gguf_files import whole
from tests.services.model_server import ModelServer

GB = 1_000_000_000
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
CONTENT = whole() + random.Random(9).randbytes(300_000)
SHA = hashlib.sha256(CONTENT).hexdigest()
PATH = "/org/repo/resolve/main/m.gguf"
SHAPE = Shape(
    architecture="llama", layers=32, cache_width=65_536, embedding=4096, vocabulary=128_256, context_tokens=8192
)


def entry(name: str = "tiny", size: int = len(CONTENT), **more: object) -> Entry:
    """A model of the catalog whose file the server has."""
    given: dict[str, object] = {
        "title": f"{name.capitalize()} model",
        "purpose": "prose",
        "note": "",
        "license_title": "MIT",
        "context_tokens": 2048,
        "memory_bytes": 1,
        "machine_gb": 8,
        "files": (File("m.gguf", size, SHA),),
        "repository": "org/repo",
        "revision": "main",
        **more,
    }
    return Entry(name=name, **given)  # type: ignore[arg-type]


HUGE = entry("huge", 40 * GB, shape=SHAPE)
PACKAGED = entry("packaged", package=True)


class Door(OpenGate):
    """Counts what passes; can be closed."""

    def __init__(self) -> None:
        self.on = True
        self.passed: list[str] = []

    def pass_out(self, host: str, port: int, purpose: str) -> None:
        if not self.on:
            raise NetworkOffError("The network is switched off.")
        self.passed.append(purpose)


class ModelsWorld:
    """The desk, its surroundings, and everything it said."""

    def __init__(self, folder: Path, *entries: Entry) -> None:
        self.folder = folder
        self.entries = entries or (entry(), HUGE, PACKAGED)
        self.server = ModelServer({PATH: CONTENT})
        self.door = Door()
        self.told: list[Transfer] = []
        self.settings: dict[str, str] = {"model_mirrors": self.server.url, "model": "none"}
        self.memory = Memory(total=16 * GB, free=9 * GB, resident=GB)
        self.free = 10**12
        self.speeds: Mapping[str, float] = {}
        self.heard: Callable[[Transfer], None] = lambda transfer: None
        self.desk = self.restart()

    def catalog(self) -> Catalog:
        """The catalog as it is read now."""
        return Catalog([*self.entries, *OwnModels(self.folder).read()], self.folder)

    def restart(self) -> ModelsDesk:
        """The program, started anew."""
        if hasattr(self, "desk"):
            self.desk.close()
        self.desk = ModelsDesk(
            lambda: Settings.from_text(self.settings),
            self.door,
            self._hear,
            lambda: NOW,
            catalog=self.catalog,
            memory=lambda: self.memory,
            speeds=lambda catalog: self.speeds,
            free=lambda folder: self.free,
        )
        return self.desk

    def _hear(self, transfer: Transfer) -> None:
        self.told.append(transfer)
        self.heard(transfer)

    def rest(self) -> None:
        """Wait until nothing runs."""
        self.desk.transfers.wait()

    def until(self, state: TransferState) -> threading.Event:
        """Set once news of this state came."""
        seen = threading.Event()
        before = self.heard

        def hear(transfer: Transfer) -> None:
            before(transfer)
            if transfer.state is state:
                seen.set()

        self.heard = hear
        return seen

    @property
    def target(self) -> Path:
        """Where the small model goes."""
        return self.folder / "tiny" / "m.gguf"

    @property
    def last(self) -> Transfer:
        """The last news."""
        return self.told[-1]

    def put(self, content: bytes = CONTENT, name: str = "tiny") -> Path:
        """Have a model on disk."""
        path = self.folder / name / "m.gguf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def close(self) -> None:
        """End everything."""
        self.server.go_on.set()
        self.desk.close()
        self.server.close()
