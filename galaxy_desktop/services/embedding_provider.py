"""A provider as a search model: every batch asks anew whether it may be asked, and counts on the meter of its day."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Protocol

from galaxy_desktop.domain.providers import Provider
from galaxy_desktop.domain.search_models import mark_of, provider_in
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason.provider_trouble import ProviderError
from galaxy_desktop.reason.remote_vectors import MOST_TEXTS, WrongVectorsError
from galaxy_desktop.services.engines import Encoded

AGAIN_S = 60.0
"""What may pass by itself is tried again after so long, or as much later as the provider asks for."""
CHANGED = "Choose it again on the Models page: there you see what indexing with it costs."


class Asks(Protocol):
    """What is needed of `Engines`."""

    def encode(self, name: str, texts: Sequence[str], stop: StopFlag, *, width: int = 0, soon: bool = False) -> Encoded:
        """Vectors of texts, if they may be asked for now."""
        ...

    def provider(self, name: str) -> Provider | None:
        """A provider by its name."""
        ...


class ProviderEmbedder:
    """The face of an embedder over one provider; `failed` says in a sentence why it is not used any more."""

    def __init__(self, setting: str, asks: Asks) -> None:
        """`setting` is the provider as the setting holds it.

        Raises:
            ModelError: there is no such provider, or it is another one than was chosen.
        """
        named = provider_in(setting)
        if named is None:
            raise ModelError(f"{setting} names no provider.")
        self._provider, self._mark = named
        self._asks = asks
        self._stop = threading.Event()
        self.width = 0
        """That of the vectors there are already, 0 for none."""
        self.failed = ""
        self.most = MOST_TEXTS
        provider = self._check(asks.provider(self._provider))
        self.title = f"{provider.name} ({provider.model})"

    @property
    def name(self) -> str:
        """The provider's name with the mark of its address and model."""
        return f"{re.sub(r'[^A-Za-z0-9.-]', '-', self._provider)}-{self._mark}"

    @property
    def there(self) -> bool:
        """Whether it is the provider that was chosen, still; who may be asked is looked at with each request."""
        provider = self._asks.provider(self._provider)
        return provider is not None and mark_of(provider) == self._mark

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        """Vectors of the texts of an index; raises `ModelError` with why not."""
        return self._encoded(texts, soon=False)

    def ask(self, texts: Sequence[str]) -> list[list[float]]:
        """The same for a question, for which somebody waits."""
        return self._encoded(texts, soon=True)

    def rest(self) -> bool:
        """There is no memory to give back."""
        return False

    def close(self) -> None:
        """End what is being asked."""
        self._stop.set()

    def _encoded(self, texts: Sequence[str], *, soon: bool) -> list[list[float]]:
        self._check(self._asks.provider(self._provider))
        try:
            found = self._asks.encode(self._provider, texts, self._stop, width=self.width, soon=soon)
        except WrongVectorsError as error:
            if self.width and error.rest_s > AGAIN_S:
                self.failed = f"{error} The usual search model answers."
            raise
        except CancelledByUserError as error:
            if self._stop.is_set():
                raise ModelError("The search model was shut down.") from error
            raise ProviderError(f"{self._provider} was changed while it was asked.", 0.0) from error
        self._check(found.provider)
        self.width, self.most = len(found.vectors[0]) if found.vectors else self.width, found.most
        return found.vectors

    def _check(self, provider: Provider | None) -> Provider:
        """The provider, if it is the one that was chosen; raises `ModelError` where it is not."""
        if provider is None:
            raise ModelError(
                f"{self._provider}, which is chosen for search, is no provider any more. The usual one answers."
            )
        if mark_of(provider) != self._mark:
            raise ModelError(
                f"{self._provider} has another address or model than when it was chosen for search. {CHANGED}"
            )
        return provider


def again_in(error: Exception) -> float:
    """In how many seconds to try again after this failure, 0 for one that does not pass by itself."""
    return max(AGAIN_S, error.rest_s) if isinstance(error, ProviderError) else 0.0
