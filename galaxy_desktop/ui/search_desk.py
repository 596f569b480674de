"""What the window needs of the services for search models: a protocol that the desk fulfils, and a fake in the tests too."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from galaxy_desktop.domain.search_models import SearchCost, SearchModelsOverview
from galaxy_desktop.domain.stopping import StopFlag


class SearchModelsDesk(Protocol):
    """`services.embedding_desk.SearchModelsDesk`. Everything may block, so it is called on a worker thread."""

    def overview(self) -> SearchModelsOverview:
        """Every search model, and how the index of the chosen one stands."""

    def cost(self, name: str, stop: StopFlag | None = None) -> SearchCost:
        """What indexing everything with a model costs, by a short trial."""

    def consent_line(self, name: str) -> str:
        """What a person has to agree to before, "" for nothing."""

    def agree(self, name: str) -> None:
        """A person agreed."""

    def withdraw(self, name: str) -> None:
        """A person takes their word back."""

    def setting(self, name: str) -> str:
        """A choice as the setting holds it."""

    def old_setting(self) -> str:
        """The setting under which searches are answered now."""

    def remove(self, name: str) -> str:
        """Delete the files of a model; the answer says what that freed."""


@runtime_checkable
class HasSearchModels(Protocol):
    """A workspace that has a desk for search models: one that is open."""

    @property
    def search_models(self) -> SearchModelsDesk | None:
        """The desk, `None` while the workspace is not open."""
