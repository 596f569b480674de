"""What the window needs of the services for models: a protocol that the desk fulfils, and a fake in the tests too."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

from galaxy_desktop.domain.models import ModelFacts, ModelsOverview


class ModelsDesk(Protocol):
    """Models of this computer: `services.models.ModelsDesk`. Everything may block, so it is called on a worker thread."""

    def overview(self) -> ModelsOverview:
        """Every model with its badge and its state."""

    def download(self, name: str) -> None:
        """Fetch a model, or go on with it."""

    def add_address(self, url: str, sha256: str = "", name: str = "") -> str:
        """Put a GGUF at an address onto the list; its name."""

    def pause(self, name: str) -> None:
        """Stop a download and keep what came, also over restarts."""

    def cancel(self, name: str) -> None:
        """End a download, an import or a check; what came of it is deleted."""

    def verify(self, name: str) -> None:
        """Read the files of a model again."""

    def take_in(self, source: Path, *, link: bool = False) -> None:
        """Import a file."""

    def check_use(self, name: str, *, anyway: bool = False) -> ModelFacts:
        """The model, if the prose may be written with it; raises `ModelError`."""

    def remove(self, name: str, *, confirmed: bool = False) -> str:
        """Delete a model; the answer says what that freed."""

    def stop_loading(self) -> None:
        """End the loading of the model in use; at once, on the event loop's thread."""

    def recall(self) -> None:
        """Go on with the downloads that were running when the program ended."""


@runtime_checkable
class HasModels(Protocol):
    """A workspace that has a desk for models: one that is open."""

    @property
    def models(self) -> ModelsDesk | None:
        """The desk, `None` while the workspace is not open."""
