"""What a person asks for about providers of language models: frozen records, carried out by `providers_errands`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from galaxy_desktop.domain.providers import Provider, ProvidersOverview, Purpose

Told = Callable[[str], None]
"""Told how it went: "" when it worked, else what happened and what to do."""


@dataclass(frozen=True, slots=True)
class ReadProviders:
    """Read how every provider stands."""

    answered: Callable[[ProvidersOverview], None]
    failed: Told


@dataclass(frozen=True, slots=True)
class EditProvider:
    """Add a provider, or change one; asks for what is needed. `provider` is `None` for a new one."""

    provider: Provider | None
    has_key: bool
    answered: Told


@dataclass(frozen=True, slots=True)
class TryProvider:
    """Ask a provider for one word; what it said comes back as (whether it works, sentence)."""

    provider: Provider
    key: str
    tried: Callable[[bool, str], None]


@dataclass(frozen=True, slots=True)
class UseProvider:
    """Read what a purpose sends, agree to it, and ask this provider first from then on."""

    name: str
    purpose: Purpose
    answered: Told


@dataclass(frozen=True, slots=True)
class WithdrawProvider:
    """Send a provider nothing for a purpose any more; at once and without a question."""

    name: str
    purpose: Purpose
    answered: Told


@dataclass(frozen=True, slots=True)
class OrderProviders:
    """Ask in another order."""

    purpose: Purpose
    names: tuple[str, ...]
    answered: Told


@dataclass(frozen=True, slots=True)
class RemoveProvider:
    """Remove a provider with its key, after asking."""

    provider: Provider
    answered: Told


ProvidersWish = (
    ReadProviders | EditProvider | TryProvider | UseProvider | WithdrawProvider | OrderProviders | RemoveProvider
)
