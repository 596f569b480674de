"""What the window needs of the desk for providers: a protocol that `services.providers.Providers` and a fake fulfil.

Every method may read the database and the keyring and is called on a worker thread.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from galaxy_desktop.domain.providers import Provider, ProvidersOverview, Purpose, TrialReport
from galaxy_desktop.domain.stopping import StopFlag


class ProvidersDesk(Protocol):
    """The providers of one workspace."""

    def overview(self) -> ProvidersOverview:
        """Every provider as it stands, and the orders in force."""

    def add(self, provider: Provider, key: str = "") -> bool:
        """Keep a provider; whether what was agreed to still holds. Raises a `GalaxyError` with what would be right."""

    def try_out(self, provider: Provider, key: str, stop: StopFlag) -> TrialReport:
        """Ask it for one word."""

    def consent_line(self, name: str, purpose: Purpose) -> str:
        """What a person agrees to."""

    def last_prompt(self, purpose: Purpose) -> str:
        """The last text that a model was asked for this purpose, word for word."""

    def agree(self, name: str, purpose: Purpose) -> None:
        """A person agreed."""

    def withdraw(self, name: str, purpose: Purpose) -> bool:
        """A person takes their word back."""

    def remove(self, name: str) -> None:
        """Remove a provider and its key."""


@runtime_checkable
class HasProviders(Protocol):
    """A workspace that has this desk."""

    @property
    def providers(self) -> ProvidersDesk | None:
        """The desk, `None` while the workspace is not open."""
