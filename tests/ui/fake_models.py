"""A hand-written desk for models: it remembers what was asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from galaxy_desktop.domain.models import (
    Fit,
    FitReport,
    Memory,
    ModelFacts,
    ModelsOverview,
    Need,
    Presence,
    Transfer,
    TransferKind,
    TransferState,
)
from galaxy_desktop.errors import GalaxyError

GB = 1_000_000_000
NEED = Need(weights=4 * GB, cache=GB // 2, buffers=GB // 4, headroom=GB // 4, context_tokens=4096)


def a_fit(fit: Fit = Fit.FITS, sentence: str = "It needs 5.00 GB of memory; 9.00 GB are free.") -> FitReport:
    return FitReport(
        fit=fit, sentence=sentence, arithmetic=("weights 4.00 GB: the file", "= 5.00 GB needed"), need=NEED
    )


def a_transfer(state: TransferState = TransferState.RUNNING, **more: object) -> Transfer:
    given: dict[str, object] = {
        "name": "large",
        "kind": TransferKind.DOWNLOAD,
        "state": state,
        "stage": "downloading",
        "done": 2 * GB,
        "total": 4 * GB,
        "speed": 10_000_000.0,
        "seconds_left": 200.0,
        "host": "models.example",
        **more,
    }
    return Transfer(**given)  # type: ignore[arg-type]


def a_model(name: str = "large", presence: Presence = Presence.ABSENT, **more: object) -> ModelFacts:
    here = {Presence.HERE: 4 * GB, Presence.PART: 2 * GB}.get(presence, 0)
    given: dict[str, object] = {
        "title": f"{name.capitalize()} model",
        "purpose": "prose",
        "note": "A model.",
        "bytes": 4 * GB,
        "license_title": "MIT",
        "license_url": "",
        "source": "https://models.example/large",
        "host": "models.example",
        "sha256": "ab" * 32,
        "bytes_here": here,
        "own": False,
        "package": False,
        "in_use": False,
        "machine_gb": 8,
        "context_tokens": 4096,
        "fit": a_fit(),
        **more,
    }
    return ModelFacts(name=name, presence=presence, **given)  # type: ignore[arg-type]


USED = a_model("small", Presence.HERE, in_use=True, package=True, host="")
VECTORS = a_model("vectors", Presence.HERE, in_use=True, purpose="embeddings", fit=None, package=True, host="")


@dataclass
class FakeModels:
    """Answers with what it was given; `wrong` is raised by everything but a reading."""

    models: tuple[ModelFacts, ...] = (USED, VECTORS, a_model())
    network_on: bool = True
    asked: list[tuple[object, ...]] = field(default_factory=list)
    wrong: GalaxyError | None = None
    unreadable: GalaxyError | None = None

    def overview(self) -> ModelsOverview:
        if self.unreadable is not None:
            raise self.unreadable
        return ModelsOverview(
            models=self.models,
            folder="/models",
            disk_free=100 * GB,
            disk_used=4 * GB,
            memory=Memory(total=16 * GB, free=9 * GB, resident=GB // 2),
            network_on=self.network_on,
        )

    def _note(self, *asked: object) -> None:
        self.asked.append(asked)
        if self.wrong is not None:
            raise self.wrong

    def download(self, name: str) -> None:
        self._note("download", name)

    def add_address(self, url: str, sha256: str = "", name: str = "") -> str:
        self._note("add", url, sha256)
        self.models = (*self.models, a_model("added", own=True, bytes=0, fit=None))
        return "added"

    def pause(self, name: str) -> None:
        self._note("pause", name)

    def cancel(self, name: str) -> None:
        self._note("cancel", name)

    def verify(self, name: str) -> None:
        self._note("verify", name)

    def take_in(self, source: Path, *, link: bool = False) -> None:
        self._note("import", source)

    def check_use(self, name: str, *, anyway: bool = False) -> ModelFacts:
        self._note("use", name, anyway)
        return self.models[0]

    def remove(self, name: str, *, confirmed: bool = False) -> str:
        self._note("remove", name, confirmed)
        return "It was removed."

    def stop_loading(self) -> None:
        self._note("stop loading")

    def recall(self) -> None:
        self._note("recall")

    def now(self, name: str, **more: object) -> None:
        """Let a model stand otherwise."""
        self.models = tuple(replace(one, **more) if one.name == name else one for one in self.models)  # type: ignore[arg-type]
