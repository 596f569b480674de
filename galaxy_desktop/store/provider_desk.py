"""The part of the store behind providers of language models."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import date, datetime

from galaxy_desktop.domain.providers import Consent, Provider, ProviderUse, Purpose
from galaxy_desktop.store import providers
from galaxy_desktop.store.model_desk import ModelDesk


class ProviderDesk(ModelDesk):
    """What `Store` offers for providers."""

    def providers(self) -> tuple[Provider, ...]:
        """Every provider, in the order in which they were added."""
        return self.read(providers.providers)

    def keep_provider(self, provider: Provider, at: datetime) -> Future[bool]:
        """Keep a provider in the place of one with its name; whether what was agreed to still holds."""
        return self.write(lambda c: providers.keep(c, provider, at))

    def remove_provider(self, name: str) -> Future[bool]:
        """Remove a provider and what was agreed to for it; whether there was one."""
        return self.write(lambda c: providers.remove(c, name))

    def provider_consents(self) -> tuple[Consent, ...]:
        """What was agreed to and still holds."""
        return self.read(providers.consents)

    def agree_to_provider(self, given: Consent) -> Future[None]:
        """Keep a person's word."""
        return self.write(lambda c: providers.agree(c, given))

    def withdraw_from_provider(self, name: str, purpose: Purpose) -> Future[bool]:
        """Take a person's word back; whether there was one."""
        return self.write(lambda c: providers.withdraw(c, name, purpose))

    def spend_at_provider(self, use: ProviderUse) -> Future[None]:
        """Add to what a provider used."""
        return self.write(lambda c: providers.spend(c, use))

    def provider_uses(self, since: date) -> tuple[ProviderUse, ...]:
        """What providers used from a day on, the newest day first."""
        return self.read(lambda c: providers.uses(c, since))

    def provider_used(self, name: str, day: date) -> tuple[int, int]:
        """Tokens in and out of a provider on a day."""
        return self.read(lambda c: providers.used(c, name, day))
