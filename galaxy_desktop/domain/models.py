"""Language models as a person meets them: what there is, whether it fits this computer, and what is being fetched.

The word model alone means the weights. Services fill these records, the window and the command line show them; nobody
here knows llama.cpp, a file or an address of the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The numbers of a model that decide how much memory it needs besides its weights.

    `cache_width` is how many numbers are kept for each token of context, over all layers: layers x heads of keys and
    values x (size of a key + size of a value).
    """

    architecture: str
    layers: int
    cache_width: int
    embedding: int
    vocabulary: int
    context_tokens: int


class Fit(StrEnum):
    """Whether a model fits this computer, in the words that are shown."""

    FITS = "fits"
    SLOW = "slow"
    TOO_LARGE = "does not fit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The memory that a model needs, in bytes, part by part.

    `estimated` says that the shape of the model is not known yet and the cache was guessed from the size of its file.
    """

    weights: int
    cache: int
    buffers: int
    headroom: int
    context_tokens: int
    cache_type: str = "f16"
    estimated: bool = False

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.cache + self.buffers + self.headroom


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The memory of this computer and what this program has of it, in bytes.

    `reclaimable` is what a model that is loaded now would give back.
    """

    total: int
    free: int
    resident: int = 0
    reclaimable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphicsDevice:
    """A graphics processor that llama.cpp can use; bytes of its memory, as they were when somebody looked.

    `shares_memory` says that it has none of its own but uses the computer's.
    """

    name: str
    free: int
    total: int
    shares_memory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FitReport:
    """The badge of one model: the word, a sentence, and the arithmetic behind it, a line each.

    `suggestion` is the name of a smaller model that fits, "" where there is none or none is needed.
    `tokens_per_second` is measured on this computer, or reckoned from a measured one (`measured` is false then).
    """

    fit: Fit
    sentence: str
    arithmetic: tuple[str, ...]
    need: Need
    suggestion: str = ""
    tokens_per_second: float | None = None
    measured: bool = False


class EngineState(StrEnum):
    """What the model in use does."""

    LOADING = "loading"
    READY = "ready"
    FREED = "freed"
    """Nobody wants it just now; the next text loads it."""
    FAILED = "failed"
    STOPPED = "stopped"
    """A person stopped its loading; it stays so until a person asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the model in use stands in the engine.

    `share` (0 to 1) is how much of it is loaded, `None` where that is not known. `place` says where it runs ("the
    processor"), `sentence` why it failed or why it runs there.
    """

    name: str
    state: EngineState
    share: float | None = None
    place: str = ""
    sentence: str = ""


class Presence(StrEnum):
    """How much of a model is on this computer."""

    HERE = "on disk"
    PART = "partly downloaded"
    ABSENT = "not here"
    DAMAGED = "damaged"


class TransferKind(StrEnum):
    """What is being done with the files of a model."""

    DOWNLOAD = "download"
    IMPORT = "import"
    VERIFY = "verify"


class TransferState(StrEnum):
    """Where a download, an import or a check stands."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    """It goes on by itself: the network is off, or the server asked for a pause."""
    PAUSED = "paused"
    """A person paused it; it stays so after a restart."""
    FAILED = "failed"
    DONE = "done"
    CANCELLED = "cancelled"


ACTIVE = (TransferState.QUEUED, TransferState.RUNNING, TransferState.WAITING)
"""States that end by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """News of one download, import or check.

    `done` and `total` are bytes of all files of the model (`total` 0 while that is not known), `speed` is in bytes a
    second over the last seconds, `stage` says in words what is done just now, `sentence` what happened and what to do.
    """

    name: str
    kind: TransferKind
    state: TransferState
    stage: str = ""
    done: int = 0
    total: int = 0
    speed: float | None = None
    seconds_left: float | None = None
    host: str = ""
    sentence: str = ""
    exit_code: int = 0
    """How a command would end that failed like this; 0 for what did not fail."""

    @property
    def active(self) -> bool:
        """Whether it runs, or will run by itself."""
        return self.state in ACTIVE

    @property
    def share(self) -> float | None:
        """How much of it is done (0 to 1), `None` while the whole is not known."""
        return min(1.0, self.done / self.total) if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """One known model as it stands on this computer now.

    `source` is the address it comes from or the file it was imported from, `host` the computer that a download asks
    first, "" where nothing can be downloaded; `package` says that set-up brings it. `bytes` is 0 while it is not known.
    """

    name: str
    title: str
    purpose: str
    note: str
    bytes: int
    license_title: str
    license_url: str
    source: str
    host: str
    sha256: str
    presence: Presence
    bytes_here: int
    own: bool
    package: bool
    in_use: bool
    machine_gb: int
    context_tokens: int
    added_at: str = ""
    fit: FitReport | None = None
    transfer: Transfer | None = None
    standing: Standing | None = None
    """How it stands in the engine, where it is the one in use and was asked for."""

    @property
    def share_here(self) -> float:
        """How much of it is on this computer (0 to 1)."""
        if self.presence is Presence.HERE:
            return 1.0
        return min(1.0, self.bytes_here / self.bytes) if self.bytes else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsOverview:
    """Everything the Models page shows. `disk_free` and `disk_used` (by models) are bytes, `folder` where they lie."""

    models: tuple[ModelFacts, ...]
    folder: str
    disk_free: int
    disk_used: int
    memory: Memory
    network_on: bool
    limit_kb: int = 0

    def named(self, name: str) -> ModelFacts | None:
        """The model of that name."""
        return next((one for one in self.models if one.name == name), None)


def size(amount: float) -> str:
    """A number of bytes in words, in units of a thousand: "4.92 GB", "98 MB", "512 bytes"."""
    if amount >= 9_950_000_000:
        return f"{amount / 1e9:.1f} GB"
    if amount >= 999_500_000:
        return f"{amount / 1e9:.2f} GB"
    if amount >= 999_500:
        return f"{amount / 1e6:.0f} MB"
    if amount >= 1000:
        return f"{amount / 1e3:.0f} kB"
    return f"{amount:.0f} bytes"
