"""What a person asks for on the Models page: frozen records, carried out by `models_errands`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from galaxy_desktop.domain.models import ModelFacts, ModelsOverview
from galaxy_desktop.ui.search_wishes import SearchWish

Told = Callable[[str], None]
"""Told how it went: "" when it worked, else what happened and what to do."""


@dataclass(frozen=True, slots=True)
class ReadModels:
    """Read how every model stands."""

    answered: Callable[[ModelsOverview], None]
    failed: Told


@dataclass(frozen=True, slots=True)
class Download:
    """Fetch a model, after saying from where and how much; one that was begun before goes on at once."""

    facts: ModelFacts
    answered: Told


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop a download and keep what came."""

    facts: ModelFacts
    answered: Told


@dataclass(frozen=True, slots=True)
class Cancel:
    """End a download, an import or a check; much that came is deleted only after asking."""

    facts: ModelFacts
    answered: Told


@dataclass(frozen=True, slots=True)
class CancelImport:
    """End an import, by the name of its file."""

    name: str
    answered: Told


@dataclass(frozen=True, slots=True)
class Verify:
    """Read the files of a model again."""

    facts: ModelFacts
    answered: Told


@dataclass(frozen=True, slots=True)
class UseModel:
    """Let this model word the explanations; one that does not fit only after asking."""

    facts: ModelFacts
    answered: Told


@dataclass(frozen=True, slots=True)
class StopLoading:
    """End the loading of the model in use; it is loaded again when a person uses it."""

    facts: ModelFacts
    answered: Told


@dataclass(frozen=True, slots=True)
class RemoveModel:
    """Delete a model, after asking."""

    facts: ModelFacts
    answered: Told


@dataclass(frozen=True, slots=True)
class ImportFile:
    """Choose a file and make it a model."""

    answered: Told


@dataclass(frozen=True, slots=True)
class AddAddress:
    """Name the address of a GGUF file; it stands on the list then, to be downloaded. `added` is told its name."""

    added: Told
    answered: Told


ModelsWish = (
    ReadModels
    | Download
    | Pause
    | Cancel
    | CancelImport
    | Verify
    | UseModel
    | StopLoading
    | RemoveModel
    | ImportFile
    | AddAddress
    | SearchWish
)
