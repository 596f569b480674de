"""Settings that name something on this disk are looked at before they are kept: clones and search models."""

from __future__ import annotations

from pathlib import Path

from galaxy_desktop.domain.code_folders import code_folders_of
from galaxy_desktop.domain.search_models import provider_in
from galaxy_desktop.errors import RefusedError

LOOKED_AT = ("code_folders", "search_model")


def look_at(name: str, text: str, before: str) -> None:
    """See whether what a setting names is there; what was named `before` is believed, for it may be on a drive that comes later.

    Raises:
        RefusedError: a newly named folder is no clone of its repository, or a search model is not in the models folder
            or a provider that has to be chosen where its cost is told.
    """
    if name == "code_folders":
        from galaxy_desktop.retrieve.clone import open_clone  # noqa: PLC0415 - where a clone is named

        known = code_folders_of(before).items()
        for repository, folder in code_folders_of(text).items():
            if (repository, folder) not in known:
                open_clone(Path(folder).expanduser(), repository).close()
    elif name == "search_model":
        from galaxy_desktop.paths import models_folder  # noqa: PLC0415 - where one is chosen
        from galaxy_desktop.retrieve.embedding_models import chosen, is_usual  # noqa: PLC0415 - likewise

        named = provider_in(text)
        if named is not None and not named[1]:
            raise RefusedError(
                f"Choose {named[0]} on the Models page, or with galaxy-desktop search-model use {text}: there you see what it "
                "is sent and what it costs."
            )
        if named is None and not is_usual(text):
            chosen(models_folder(), text)
