"""Folders of local clones by repository, as a person writes them: "owner/name = /path; owner/other = /path/two"."""

from __future__ import annotations

import re

_NAME = re.compile(r"^[\w.-]+/[\w.-]+$")
EXAMPLE = "owner/name = /home/me/name"


def code_folders_of(text: str) -> dict[str, str]:
    """The folders by "owner/name", in the order of writing.

    Raises:
        ValueError: it is not written so, or names a repository twice; the message says what would be right.
    """
    found: dict[str, str] = {}
    for line in text.replace("\n", ";").split(";"):
        if not line.strip():
            continue
        name, equals, folder = (part.strip() for part in line.partition("="))
        if not equals or not folder or not _NAME.match(name):
            raise ValueError(f"write it like {EXAMPLE}, not {line.strip()!r}.")
        if name.casefold() in {known.casefold() for known in found}:
            raise ValueError(f"{name} is named twice; one folder a repository.")
        found[name] = folder
    return found


def written(folders: dict[str, str]) -> str:
    """The folders as the setting keeps them."""
    return "; ".join(f"{name} = {folder}" for name, folder in folders.items())
