"""What a person asks for on the card of search models: frozen records, carried out by `search_errands`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from galaxy_desktop.domain.search_models import SearchModel, SearchModelsOverview

Told = Callable[[str], None]
"""Told how it went: "" when it worked, else what happened and what to do."""


@dataclass(frozen=True, slots=True)
class ReadSearchModels:
    """Read which search models there are, and how the index stands."""

    answered: Callable[[SearchModelsOverview], None]
    failed: Told


@dataclass(frozen=True, slots=True)
class UseSearchModel:
    """Find texts with this model, after saying what indexing with it costs, and what a provider is sent."""

    model: SearchModel
    answered: Told


@dataclass(frozen=True, slots=True)
class StopMeasuring:
    """End the trial that tells a cost."""

    answered: Told


@dataclass(frozen=True, slots=True)
class CancelIndexing:
    """Go back to the index that answers now."""

    answered: Told


@dataclass(frozen=True, slots=True)
class RemoveSearchModel:
    """Delete the files of a model, after asking."""

    model: SearchModel
    answered: Told


@dataclass(frozen=True, slots=True)
class WithdrawSearchModel:
    """Send a provider nothing for search any more."""

    model: SearchModel
    answered: Told


SearchWish = (
    ReadSearchModels | UseSearchModel | StopMeasuring | CancelIndexing | RemoveSearchModel | WithdrawSearchModel
)
